/*
 * What may be told of a simulated host, by somebody who knows the truth (walk_host.h). It hears every event as the tracker tells it.
 *
 * A connection is a life, whole and alone: it is recognised by cookie and tuple when it is opened, and from then on every word about it is held against that
 * life. What is called observed happened in [t0, t1]; what is inferred happened, unless it is called ambiguous; a close is told once, and of what is over.
 */
#ifndef TESTS_WALK_JUDGE_H
#define TESTS_WALK_JUDGE_H

#include "walk_host.h"

/* What was told of one connection. */
struct told_conn {
	uint32_t life;
	uint8_t state;
	bool closed;
	bool again;     /* it was told before, and forgotten */
};

struct walk_judge {
	struct walk_host *host;
	struct told_conn *conns;  /* by id */
	uint64_t conn_count, conn_room;
	uint64_t opens, closes;
	uint32_t place;           /* where it was */
	const char *wrong;        /* a predicate of "it"; the first thing that was; NULL: nothing */
};

void walk_judge_init(struct walk_judge *j, struct walk_host *h);
void walk_judge_fini(struct walk_judge *j);
/* An event_sink. */
void walk_judge_event(void *context, const struct event *e);
/* At any time. */
void walk_judge_count(struct walk_judge *j);
/* When the host holds still, and was swept: the model is the host. */
void walk_judge_model(struct walk_judge *j);
/* At the end: each life that was seen was told, once. */
void walk_judge_lives(struct walk_judge *j);

#endif
