/*
 * Telling a life: the events of a walk through the state machine, for one connection. What infer.c decides, this puts into words.
 */
#ifndef TRACK_LIFE_H
#define TRACK_LIFE_H

#include "scene.h"
#include "tcp/edge.h"

/* A connection while its events are being made. */
struct life {
	const struct scene *scene;
	struct verdict *verdict;
	struct event base;      /* tuple, cookie, netns, conn, opener, closer, t: in every event */
	uint8_t state;          /* enum tcp_state reached so far */
	int64_t t0_ns, t1_ns;   /* what follows happened in here */
	uint8_t when;           /* enum certainty of that interval */
	unsigned avoid, doubt;  /* masks of STATE_BIT(): it did not pass these; it may not have */
};

/* A known connection; what follows happened since it was last seen. */
struct life life_of(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v);
/* A new one, with a new id. What follows happened since the last whole sweep. */
struct life life_new(const struct scene *scene, const struct tuple *tuple, uint64_t cookie, int64_t t1_ns, struct verdict *v);

/* One that is known only from its destroy notice. What follows happened since the last whole sweep that was over before it can have died: the notice is
 * read some time after that, and a sweep in between would not have seen it. */
struct life life_unseen(const struct scene *scene, const struct tuple *tuple, uint64_t cookie, const struct observation *end, struct verdict *v);

/* A walk to `to`. Edges before the last are INFERRED, or AMBIGUOUS like the last; the last has `certainty` and edge_cause (enum edge_cause + 1; 0: the usual) and carries `facts` (may be
 * NULL). A step from or to a state in doubt is AMBIGUOUS. The part between FIN_WAIT1 and TIME_WAIT is AMBIGUOUS unless the other end tells. False if TCP has no such path: then nothing is said. */
bool life_walk(struct life *l, enum tcp_state to, enum certainty certainty, uint8_t edge_cause, const struct facts *facts);
/* The first event of a new connection: `open` with the first state that fits its opener, or that it was found in. */
void life_open(struct life *l, enum tcp_state found, const struct facts *facts);
/* `close`, after the walk to CLOSED. */
void life_close(struct life *l, enum cause cause, enum certainty certainty, const struct facts *facts);
/* An event of another kind, with the base filled in; for the caller to complete. */
struct event *life_add(struct life *l, enum event_kind kind);

#endif
