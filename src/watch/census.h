/*
 * Which namespaces to watch, as the plan's scope says: looked at again when processes have come or gone, and now and then. New ones are taken in; one without
 * processes is let go, and how many are not watched is counted.
 */
#ifndef WATCH_CENSUS_H
#define WATCH_CENSUS_H

#include "watch/hosts.h"
#include "watch/netns.h"

struct census {
	struct netns_list list;
	int64_t taken_ns, cost_ns; /* the last; 0: none yet */
	unsigned long processes, last_pid; /* as /proc/loadavg had them */
	bool doubts;               /* one was absent for the first time: look again soon */
	bool told;                 /* the host that there was at first has been told of */
	uint32_t watched, unwatched; /* as told */
};

void census_fini(struct census *c);
/* Looks, if it is time to, and brings the list of hosts up to date; tells what is new into `out`. True: the list has changed. */
bool census_take(struct census *c, const struct watch_plan *plan, struct hosts *hosts, struct outlet *out, int64_t now_ns);

#endif
