/*
 * The TCP state machine as data: one table of legal edges, each with what causes it and what is sent with it.
 * RFC 9293 section 3.3.2 and figure 5, plus what Linux really does (net/ipv4/tcp_input.c, tcp.c, tcp_minisocks.c). One end's view.
 */
#ifndef TCP_EDGE_H
#define TCP_EDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/state.h"

/* What makes a socket change its state. X(enumerator, word of the event format) */
#define EDGE_CAUSES(X)                                                                                       \
	X(CONNECT, "connect") /* connect() */                                                                \
	X(LISTEN, "listen")   /* listen() */                                                                 \
	X(CLOSE, "close")     /* close() or shutdown() */                                                    \
	X(SEGMENT, "segment") /* a segment came; edge.on has its flags */                                    \
	X(RESET, "reset")     /* a segment with RST came */                                                  \
	X(ABORT, "abort")     /* the program threw it away: SO_LINGER 0, close with unread data, SOCK_DESTROY */ \
	X(TIMEOUT, "timeout") /* the kernel gave up, or a timer ran out */
enum edge_cause {
#define X(name, json) ON_##name,
	EDGE_CAUSES(X)
#undef X
	EDGE_CAUSE_COUNT,
};

/* "connect"; NULL for a number that is no cause. */
const char *edge_cause_word(unsigned cause);

struct edge {
	uint8_t from, to;     /* enum tcp_state */
	uint8_t cause;        /* enum edge_cause */
	uint16_t on, send;    /* flags of the segment that came, and of the one sent; 0: none */
	uint8_t usual;        /* cost in a path: 1 usual, more: rarer */
};

/* The whole table, for display and tests. */
extern const struct edge edge_table[];
extern const size_t edge_count;

/* The usual edge from → to (lowest cost; first in the table), or NULL when TCP has none. */
const struct edge *edge_find(enum tcp_state from, enum tcp_state to);
/* The same, by cause. */
const struct edge *edge_find_by(enum tcp_state from, enum tcp_state to, enum edge_cause cause);

/* A path: states[0] = from … states[length] = to. */
#define EDGE_PATH_MAX 8
struct edge_path {
	uint8_t length; /* number of edges */
	uint8_t states[EDGE_PATH_MAX + 1];
};

/* Masks of STATE_BIT() that a path may not step through (its ends are free). */
#define EDGE_AVOID_NONE 0u
/* The cheapest legal path from → to that avoids those states; false if there is none. from == to: length 0. */
bool edge_path(enum tcp_state from, enum tcp_state to, unsigned avoid, struct edge_path *path);

#endif
