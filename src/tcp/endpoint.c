/* Addresses and ports: compare, print, read. */
#include "tcp/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t unspecified[16];

bool endpoint_is_v4(const struct endpoint *e)
{
	return !memcmp(e->address, mapped_prefix, sizeof(mapped_prefix));
}

bool endpoint_is_unspecified(const struct endpoint *e)
{
	return !memcmp(e->address, unspecified, sizeof(unspecified)) ||
	       (endpoint_is_v4(e) && !memcmp(e->address + 12, unspecified, 4));
}

bool endpoint_is_loopback(const struct endpoint *e)
{
	static const uint8_t one[16] = {[15] = 1};

	return endpoint_is_v4(e) ? e->address[12] == 127 : !memcmp(e->address, one, sizeof(one));
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(a->address, b->address, sizeof(a->address));
}

bool tuple_equal(const struct tuple *a, const struct tuple *b)
{
	if (a->ifindex && b->ifindex && a->ifindex != b->ifindex)
		return false;
	return endpoint_equal(&a->local, &b->local) && endpoint_equal(&a->remote, &b->remote);
}

bool tuple_mirrors(const struct tuple *a, const struct tuple *b)
{
	return endpoint_equal(&a->local, &b->remote) && endpoint_equal(&a->remote, &b->local);
}

struct tuple tuple_mirrored(const struct tuple *t)
{
	struct tuple m = *t;

	m.local = t->remote;
	m.remote = t->local;
	return m;
}

static bool is_link_local(const struct endpoint *e)
{
	return e->address[0] == 0xfe && (e->address[1] & 0xc0) == 0x80;
}

/* By hand: a list of a million sockets has two million of them. */
static size_t format_v4(const struct endpoint *e, char out[ENDPOINT_TEXT_ROOM])
{
	char *at = out;

	for (int i = 12; i < 16; i++) {
		at = digits_put(at, e->address[i]);
		*at++ = i < 15 ? '.' : ':';
	}
	at = digits_put(at, e->port);
	*at = '\0';
	return (size_t)(at - out);
}

size_t endpoint_format(const struct endpoint *e, uint16_t family, uint32_t ifindex, char out[ENDPOINT_TEXT_ROOM])
{
	char address[INET6_ADDRSTRLEN], scope[16] = "";

	if (family == AF_INET)
		return format_v4(e, out);
	inet_ntop(AF_INET6, e->address, address, sizeof(address));
	if (ifindex && is_link_local(e))
		snprintf(scope, sizeof(scope), "%%%u", ifindex);
	return (size_t)snprintf(out, ENDPOINT_TEXT_ROOM, "[%s%s]:%u", address, scope, e->port);
}

size_t tuple_format_local(const struct tuple *t, char out[ENDPOINT_TEXT_ROOM])
{
	return endpoint_format(&t->local, t->family, t->ifindex, out);
}

size_t tuple_format_remote(const struct tuple *t, char out[ENDPOINT_TEXT_ROOM])
{
	return endpoint_format(&t->remote, t->family, t->ifindex, out);
}

const char *endpoint_text_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon ? colon : text;
}

/* A decimal number that is all of `text`, at most `max`. */
static int parse_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*out = strtoul(text, &end, 10);
	return errno || *end || *out > max ? -EINVAL : 0;
}

static int parse_v4(const char *address, struct endpoint *e, uint16_t port)
{
	uint8_t bytes[4];

	if (inet_pton(AF_INET, address, bytes) != 1)
		return -EINVAL;
	endpoint_set_v4(e, bytes, port);
	return 0;
}

/* "[address]" or "[address%scope]"; the text is taken apart in place. */
static int parse_v6(char *address, size_t len, struct endpoint *e, uint16_t port, uint32_t *ifindex)
{
	unsigned long scope = 0;
	uint8_t bytes[16];
	char *percent;

	if (len < 2 || address[len - 1] != ']')
		return -EINVAL;
	address[len - 1] = '\0';
	percent = strchr(address, '%');
	if (percent) {
		*percent = '\0';
		if (parse_number(percent + 1, UINT32_MAX, &scope))
			return -EINVAL;
	}
	if (inet_pton(AF_INET6, address + 1, bytes) != 1)
		return -EINVAL;
	*ifindex = (uint32_t)scope;
	endpoint_set_v6(e, bytes, port);
	return 0;
}

int endpoint_parse(const char *text, struct endpoint *e, uint16_t *family, uint32_t *ifindex)
{
	char address[ENDPOINT_TEXT_ROOM];
	const char *colon = strrchr(text, ':');
	unsigned long port;
	size_t len;

	if (!colon || (size_t)(colon - text) >= sizeof(address) || parse_number(colon + 1, UINT16_MAX, &port))
		return -EINVAL;
	len = (size_t)(colon - text);
	memcpy(address, text, len);
	address[len] = '\0';
	*ifindex = 0;
	*family = address[0] == '[' ? AF_INET6 : AF_INET;
	if (*family == AF_INET6)
		return parse_v6(address, len, e, (uint16_t)port, ifindex);
	return parse_v4(address, e, (uint16_t)port);
}
