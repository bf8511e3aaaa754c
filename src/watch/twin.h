/*
 * A second dump beside the sweeper's, on another socket and in a thread of its own: what one core of the kernel's work takes, two take in some two thirds of the time.
 *
 * It lists what its filter lets through, and hands it over through an outlet of its own into the same queue.
 */
#ifndef WATCH_TWIN_H
#define WATCH_TWIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "watch/cgroup.h"
#include "watch/dump.h"
#include "watch/outlet.h"

struct twin {
	pthread_t thread;
	struct dumper dumper;
	struct outlet out;
	struct cgroups cgroups;
	const struct watch_filter *filter; /* not ours */
	const atomic_bool *stopping;       /* not ours */
	bool numbers;
	struct dump_result result;
};

/* Begins the dump, in the namespace of the calling thread. 0; or -errno, and nothing was begun. The queue and what `filter` and `stopping` point to must outlive it. */
int twin_start(struct twin *t, struct queue *queue, uint64_t netns, const struct watch_filter *filter, bool numbers, const atomic_bool *stopping);
/* Waits for its end; all it saw is in the queue then. */
struct dump_result twin_join(struct twin *t);

#endif
