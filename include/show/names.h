/* Names for addresses and ports: whoever has them looks them up; here they are only asked for. */
#ifndef SHOW_NAMES_H
#define SHOW_NAMES_H

#include <stdbool.h>

#include "tcp/endpoint.h"

#define NAMES_HOST_ROOM 128
#define NAMES_SERVICE_ROOM 32
/* "example.com:https" */
#define NAMES_ENDPOINT_ROOM (NAMES_HOST_ROOM + NAMES_SERVICE_ROOM + 2)

struct names {
	/*
	 * The name of an address, and of a TCP port; clean. NULL: there is none, or none has come yet (a later call finds it). They never wait. Valid until the
	 * next call.
	 */
	const char *(*host)(void *context, const struct endpoint *e, uint32_t ifindex);
	const char *(*service)(void *context, uint16_t port);
	void *context;
	const struct names *kept; /* the same, but what has not come is not asked for either: for whoever looks at a great many. NULL: these do that */
};

/* An end of a connection by its names, and by numbers where there are none, as endpoint_format() writes those. False: it has no name at all. */
bool names_endpoint(const struct names *names, const struct tuple *t, bool remote, char out[NAMES_ENDPOINT_ROOM]);

#endif
