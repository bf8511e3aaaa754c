/*
 * The way out of a watch thread: observations gathered into batches, batches put into the queue.
 *
 * A patient outlet waits for room in the queue. An impatient one keeps a bounded backlog instead, and then has no room for more.
 */
#ifndef WATCH_OUTLET_H
#define WATCH_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/queue.h"
#include "tcp/observation.h"

#define OUTLET_BACKLOG 64

struct outlet {
	struct queue *queue; /* not ours */
	uint64_t netns;
	bool patient;
	struct batch *open;  /* being filled; may be NULL */
	struct batch *backlog[OUTLET_BACKLOG]; /* before `open`, oldest first */
	unsigned backlog_count;
};

void outlet_init(struct outlet *o, struct queue *queue, uint64_t netns, bool patient);
void outlet_fini(struct outlet *o);
/* What is added from now on was seen in this namespace. */
void outlet_set_netns(struct outlet *o, uint64_t netns);
/* A place for an observation, as batch_add gives it. Valid until the next call. NULL only from an impatient outlet that is full. */
struct observation *outlet_add(struct outlet *o, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns);
/* The same, but only kind and times are set: for a sample that is written whole at once. */
struct observation *outlet_add_raw(struct outlet *o, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns);
/* Puts what was added into the queue. What there is no room for waits in the backlog of an impatient outlet. */
void outlet_flush(struct outlet *o);
/* Takes back the oldest batch that there was no room for; NULL: there is none (any more). */
struct batch *outlet_take_back(struct outlet *o);
/* Something waits for room in the queue. */
bool outlet_is_stuck(const struct outlet *o);

#endif
