/*
 * The wire of loopback, IPv4: segments are heard as they pass, and can be sent again later, as if they had been under way all the time. (Deaf sockets,
 * tests/sockets.h, see to it that they do not arrive the first time.)
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"

/* A segment with its Ethernet and IP headers. */
struct segment {
	uint8_t bytes[256];
	size_t len;
};

/* Begins to hear. Fails the program as tests/sockets.h does. */
int wire_tap(void);
/* Waits for the segment that goes from t's local to its remote end with these flags (tcp/flags.h), of those in `mask`; the first that was not heard yet. */
struct segment wire_hear(int tap, const struct tuple *t, uint8_t mask, uint8_t flags);
void wire_send(int tap, const struct segment *s);
/* Makes the socket deaf to all but what wire_send sends. sockets_undeafen() ends it. */
void wire_hear_only_sent(int fd);

#endif
