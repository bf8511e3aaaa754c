/*
 * The two ends of a connection.
 *
 * Addresses are kept as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that the two ends of one loopback connection match although one socket is
 * AF_INET and the other an AF_INET6 socket that serves IPv4 too. `family` remembers which the socket is. Ports in host order.
 */
#ifndef TCP_ENDPOINT_H
#define TCP_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct endpoint {
	uint8_t address[16]; /* network order */
	uint16_t port;
};

struct tuple {
	struct endpoint local, remote;
	uint16_t family;   /* AF_INET or AF_INET6: the socket's own */
	uint16_t reserved; /* 0 */
	uint32_t ifindex;  /* the interface it is bound to, or that a link-local address belongs to; 0: none */
};

/* "[fe80::1%123456]:65535" and a NUL. */
#define ENDPOINT_TEXT_ROOM 72
/* "10.0.0.5:443", "[::1]:80", mapped ones as "[::ffff:10.0.0.5]:443" when family is AF_INET6; unspecified address as 0.0.0.0 or [::];
 * scope "%ifindex" only on link-local addresses. Returns the length. */
size_t endpoint_format(const struct endpoint *e, uint16_t family, uint32_t ifindex, char out[ENDPOINT_TEXT_ROOM]);
size_t tuple_format_local(const struct tuple *t, char out[ENDPOINT_TEXT_ROOM]);
size_t tuple_format_remote(const struct tuple *t, char out[ENDPOINT_TEXT_ROOM]);
/* ":443" of "10.0.0.5:443", and of what was shortened to that. */
const char *endpoint_text_port(const char *text);
/* Reads what endpoint_format writes; stores the family and ifindex too. 0 or -EINVAL. */
int endpoint_parse(const char *text, struct endpoint *e, uint16_t *family, uint32_t *ifindex);

/* Inline, as is connection_tuple's work: once for each socket of each sweep. */
static inline void endpoint_set_v6(struct endpoint *e, const void *sixteen_bytes, uint16_t port)
{
	memcpy(e->address, sixteen_bytes, sizeof(e->address));
	e->port = port;
}

static inline void endpoint_set_v4(struct endpoint *e, const void *four_bytes, uint16_t port)
{
	static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(e->address, mapped_prefix, sizeof(mapped_prefix));
	memcpy(e->address + sizeof(mapped_prefix), four_bytes, 4);
	e->port = port;
}

bool endpoint_is_v4(const struct endpoint *e); /* IPv4 or v4-mapped */
bool endpoint_is_unspecified(const struct endpoint *e);
bool endpoint_is_loopback(const struct endpoint *e);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* Same addresses and ports (family does not matter; ifindex only when both have one). */
bool tuple_equal(const struct tuple *a, const struct tuple *b);
/* The same connection seen from the other end (ifindex does not matter). */
bool tuple_mirrors(const struct tuple *a, const struct tuple *b);
struct tuple tuple_mirrored(const struct tuple *t);

#endif
