/* An end of a connection by its names: see show/names.h. */
#include "show/names.h"

#include <stdio.h>
#include <string.h>

bool names_endpoint(const struct names *names, const struct tuple *t, bool remote, char out[NAMES_ENDPOINT_ROOM])
{
	const struct endpoint *e = remote ? &t->remote : &t->local;
	char number[ENDPOINT_TEXT_ROOM], host[NAMES_HOST_ROOM], *port;
	const char *name;
	bool named = false;

	if (remote)
		tuple_format_remote(t, number);
	else
		tuple_format_local(t, number);
	port = strrchr(number, ':'); /* there always is one */
	*port++ = '\0';
	name = endpoint_is_unspecified(e) ? NULL : names->host(names->context, e, t->ifindex);
	named |= name != NULL;
	snprintf(host, sizeof(host), "%s", name ? name : number);
	name = e->port ? names->service(names->context, e->port) : NULL;
	named |= name != NULL;
	snprintf(out, NAMES_ENDPOINT_ROOM, "%s:%.*s", host, NAMES_SERVICE_ROOM, name ? name : port);
	return named;
}
