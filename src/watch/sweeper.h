/*
 * The thread that looks: full and masked sweeps at the pace of the plan, exact look-ups, owners; all inside the CPU budget.
 *
 * What leaves it is in the order in which the kernel told it: an answer to a look-up that was made in the middle of a sweep waits until the samples
 * that the kernel had gathered before are out.
 */
#ifndef WATCH_SWEEPER_H
#define WATCH_SWEEPER_H

#include "watch/budget.h"
#include "watch/census.h"
#include "watch/cgroup.h"
#include "watch/dump.h"
#include "watch/hosts.h"
#include "watch/lookup.h"
#include "watch/mailbox.h"
#include "watch/outlet.h"
#include "watch/owner.h"

/* The last round of sweeps of a kind, one of each host. */
struct sweeper_pace {
	int64_t began_ns; /* 0: there was none */
	int64_t cost_ns;
};

struct sweeper {
	struct mailbox *box;
	struct hosts *hosts;            /* not ours, but changed by us alone */
	struct census census;
	struct outlet out;
	struct watch_plan *plan;
	struct owner owner;
	struct cgroups cgroups;
	struct budget budget;
	uint64_t sweep_number;
	struct sweeper_pace full, masked;
	int64_t folding_ns;             /* what taking in the sweeps since the last full one has cost the main thread */
	bool sweep_now, sweep_after_loss;
	int64_t watched_ns;             /* when the watched connections were last looked up */
	struct lookup_answer held[LOOKUP_CHUNK];
	unsigned held_count;
	int64_t flushed_ns;             /* when something of the round was last handed over */
	int64_t lookups_cost_ns;        /* made during the sweep at hand */
	struct host *host;              /* whose sweep is under way, or was the last */
	/* Called after each sweep and each look for remnants: whether all notices that have come are in the queue already, as of *now_ns. */
	bool (*heard)(void *context, struct host *host, int64_t *now_ns);
	void (*hosts_changed)(void *context);
	void *context;
};

/* `hosts` has the first that is to be watched. */
void sweeper_init(struct sweeper *s, struct mailbox *box, struct queue *queue, const struct watch_plan *plan, struct hosts *hosts);
void sweeper_fini(struct sweeper *s);
/* Works until mailbox_stop; after mailbox_finish on look-ups only. */
void sweeper_run(struct sweeper *s);

#endif
