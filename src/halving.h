/* Two dumps that share out all sockets: for a plan that may use two cores. */
#ifndef HALVING_H
#define HALVING_H

#include "track/filter.h"
#include "watch/watch.h"

struct halving {
	struct filter_code codes[2];
	struct watch_filter halves[2];
};

/*
 * The ports decide, and both ends of a connection fall into one half. Whoever connects to us or from us has a port of the ephemeral range, as a rule, and half of those
 * are beyond its middle: so the halves are about as large, whatever the host is there for.
 */
void halving_open(struct halving *h);
void halving_close(struct halving *h);

#endif
