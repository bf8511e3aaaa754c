/*
 * The kernel's own account of TCP states: its tracepoint sock:inet_sock_set_state, through a tracefs instance of our own. Needs root.
 */
#ifndef TESTS_TRACEPOINT_H
#define TESTS_TRACEPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"
#include "tcp/state.h"

/* One change of state of an IPv4 socket. Its ports are 0 while it has none. */
struct traced {
	struct tuple tuple;
	uint8_t from, to;  /* enum tcp_state */
	int64_t t_ns;      /* of clock_now_ns() */
};

/* Begins to record what happens to sockets with one of two ports at either end. NULL, or why it cannot. */
const char *tracepoint_start(uint16_t port, uint16_t other_port);
/* All that was recorded so far, in its order: heap, the caller's. NULL if some was lost. */
struct traced *tracepoint_read(size_t *count);
/* Removes what tracepoint_start made. */
void tracepoint_stop(void);

#endif
