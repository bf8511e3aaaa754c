/*
 * The thread that looks: full and masked sweeps at the pace of the plan, exact look-ups, owners; all inside the CPU budget.
 *
 * What leaves it is in the order in which the kernel told it: an answer to a look-up that was made in the middle of a sweep waits until the samples
 * that the kernel had gathered before are out.
 */
#ifndef WATCH_SWEEPER_H
#define WATCH_SWEEPER_H

#include "watch/budget.h"
#include "watch/cgroup.h"
#include "watch/dump.h"
#include "watch/lookup.h"
#include "watch/mailbox.h"
#include "watch/outlet.h"
#include "watch/owner.h"

/* The last sweep of a kind. */
struct sweeper_pace {
	int64_t began_ns; /* 0: there was none */
	int64_t cost_ns;
};

struct sweeper {
	struct mailbox *box;
	struct outlet out;
	struct watch_plan *plan;
	struct dumper dumper;
	struct netlink_port lookup_port;
	struct owner owner;
	struct cgroups cgroups;
	struct budget budget;
	uint64_t sweep_number;
	struct sweeper_pace full, masked;
	bool sweep_now, sweep_after_loss;
	int64_t watched_ns;             /* when the watched connections were last looked up */
	struct lookup_answer held[LOOKUP_CHUNK];
	unsigned held_count;
	int64_t lookups_cost_ns;        /* made during the sweep at hand */
	const char *proc;               /* directory of tcp and tcp6, to read where sock_diag is refused; NULL: it tells of another namespace, or of none */
	int64_t diag_again_ns;          /* until when sock_diag is not asked again; 0: it answers */
	int64_t diag_pause_ns;          /* the last pause */
	int diag_error;                 /* why it is refused */
	int dump_error, lookup_error, told_error;
	void (*swept)(void *context);   /* called after each sweep; NULL: nobody */
	void *context;
};

/* Takes over the two sockets (-1: opens its own). Returns 0, or -errno if the dump socket cannot be had now (the thread will try again). */
int sweeper_init(struct sweeper *s, struct mailbox *box, struct queue *queue, const struct watch_plan *plan, int dump_fd, int lookup_fd);
void sweeper_fini(struct sweeper *s);
/* Works until mailbox_stop. */
void sweeper_run(struct sweeper *s);

#endif
