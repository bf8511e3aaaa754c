/*
 * What the main thread tells the watch threads: the plan, look-ups to make, sockets whose holders are wanted, "now". Everything that is shared but the queue of
 * batches; all of it under one lock, but for the flags that a thread looks at often.
 */
#ifndef WATCH_MAILBOX_H
#define WATCH_MAILBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "watch/budget.h"
#include "watch/watch.h"

#define MAILBOX_LOOKUPS 4096
#define MAILBOX_ASKS 1024

struct mailbox {
	pthread_mutex_t lock;
	struct watch_plan *plan;          /* a new one that was not taken yet, or NULL */
	struct lookup *lookups;           /* ring of MAILBOX_LOOKUPS */
	unsigned lookup_first, lookup_count;
	struct owner_ask asks[MAILBOX_ASKS];
	unsigned ask_count;
	bool sweep_now, sweep_after_loss;

	atomic_bool stopping, notices;
	atomic_bool finishing;            /* last words are wanted */
	atomic_bool answers_awaited;      /* it is to be said when all look-ups are answered */
	atomic_uint shed_rate;            /* of the plan */
	atomic_llong folding_ns[BUDGET_ACCOUNTS]; /* what taking in has cost that was not drawn from these accounts yet */
	atomic_uint lookups_wait;         /* lookup_count, for a look without the lock */
	int sweeper_wake_fd, notices_wake_fd; /* eventfds */
};

/* 0 or -errno. */
int mailbox_init(struct mailbox *m);
void mailbox_fini(struct mailbox *m);

/* ---- from the main thread (and mailbox_ask_sweep from the one for notices) ---- */
void mailbox_stop(struct mailbox *m);
void mailbox_finish(struct mailbox *m);
/* After mailbox_finish, and after the look-ups meant. */
void mailbox_await_answers(struct mailbox *m);
void mailbox_put_plan(struct mailbox *m, const struct watch_plan *plan);
bool mailbox_put_lookup(struct mailbox *m, const struct lookup *lookup);
/* When there is no room for all of them, everybody's holders are asked for. */
void mailbox_put_asks(struct mailbox *m, const struct owner_ask *asks, unsigned count);
/* after_loss: as soon as the budget allows. */
void mailbox_ask_sweep(struct mailbox *m, bool after_loss);

/* ---- for the sweeping thread ---- */
/* The newest plan if there is a new one, to be freed with plan_free. */
struct watch_plan *mailbox_take_plan(struct mailbox *m);
unsigned mailbox_take_lookups(struct mailbox *m, struct lookup *out, unsigned room);
unsigned mailbox_take_asks(struct mailbox *m, struct owner_ask out[MAILBOX_ASKS]);
/* Whether a sweep was asked for since the last call, and how. */
void mailbox_take_sweep(struct mailbox *m, bool *now, bool *after_loss);

/* A copy of a plan, with its watched connections; NULL is fine for plan_free. */
struct watch_plan *plan_copy(const struct watch_plan *plan);
void plan_free(struct watch_plan *plan);

#endif
