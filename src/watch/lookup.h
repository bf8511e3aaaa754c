/*
 * Exact look-ups: one socket by its tuple and cookie, in constant time however many there are.
 *
 * The kernel (net/ipv4/inet_diag.c, inet_diag_find_one_icsk) looks as it would for a segment that comes in. So a tuple that is gone can be answered
 * with the listener of its port, and a listener that shares its port (SO_REUSEPORT) with ENOENT although it is there. The first is taken for what it
 * is, absence; listeners are found by a dump of that port's listeners instead, which walks no connections.
 */
#ifndef WATCH_LOOKUP_H
#define WATCH_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/observation.h"
#include "watch/netlink.h"

/* So many answers fit into the default receive buffer at once. */
#define LOOKUP_CHUNK 32

struct lookup_answer {
	struct lookup asked;
	int error;             /* 0: found; -ENOENT: not there; else: not known */
	struct sample sample;  /* found */
	int64_t t0_ns, t1_ns;  /* it was so at some moment in here */
};

/* Makes up to LOOKUP_CHUNK look-ups in one go; answers[i] belongs to asked[i]. Returns 0, or the first error that left an answer unknown. */
int lookup_make(struct netlink_port *port, const struct lookup *asked, unsigned count, bool numbers, struct lookup_answer *answers);

#endif
