/* What the tracker keeps beside the model. For tracker*.c only. */
#ifndef TRACK_TRACKER_PRIVATE_H
#define TRACK_TRACKER_PRIVATE_H

#include "infer.h"
#include "pending.h"

#define WANTS_MAX 4096u

/* What is known of a namespace's watching: a sweep of one says nothing of another. */
struct past {
	uint64_t netns;
	struct whole whole[SCENE_WHOLES];
	int32_t errors[SOURCE_COUNT];
};

struct tracker {
	struct model *model;
	struct tracker_config config;
	event_sink *sink;
	void *context;

	struct sight *sights;       /* by slot of the model */
	uint32_t sight_room;
	uint32_t next_slot;         /* a dump goes the way of the one before: so this is whose sample comes next */
	struct map by_inode;        /* slots; some are stale until tracker_sweep.c clears up */
	struct pendings pendings;
	struct lookup *wants;       /* ring of WANTS_MAX */
	uint32_t want_first, want_count;

	struct verdict verdict;
	struct scene scene;
	struct past *pasts;         /* of the namespaces watched; tracker_enter() finds the one at hand */
	uint32_t past_count, past; /* past: at hand */
	struct coverage coverage;
	uint32_t sweep;             /* the one under way, or the last */
	int64_t sweep_begin_ns;
	int64_t change_ns;
	bool ready;
};

/* Applies the verdict and hands it on; notes what is new. */
void tracker_tell(struct tracker *t);
void tracker_tell_coverage(struct tracker *t);
/* What is noted on a live connection. */
struct sight *tracker_sight(struct tracker *t, const struct connection *c);
/* What is observed, told and looked for from now on is of this namespace. */
void tracker_enter(struct tracker *t, uint64_t netns);
/* What waits on the ends of a connection, which may be another's; or NULL. */
struct pending *tracker_pending(struct tracker *t, const struct connection *c);
/* False if the ring of wishes is full. `tuple`: what is asked for; NULL: that of c. */
bool tracker_ask(struct tracker *t, const struct connection *c, const struct tuple *tuple, enum lookup_why why);

/* tracker_end.c: ends, and those that wait. */
void tracker_end_seen(struct tracker *t, const struct observation *o);
void tracker_absent(struct tracker *t, const struct observation *o);
/* A connection is gone for good. */
void tracker_vanish(struct tracker *t, const struct connection *c, int64_t t1_ns);
void tracker_settle(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *remnant_sample);

/* tracker_sweep.c: what a sweep did not list. */
void tracker_sweep_begun(struct tracker *t, const struct observation *o);
void tracker_sweep_ended(struct tracker *t, const struct observation *o);

/* tracker_netns.c: namespaces come and go. */
void tracker_netns_seen(struct tracker *t, const struct observation *o);
/* Notes and tells whether a source works in the namespace at hand. */
void tracker_note_error(struct tracker *t, enum source source, int32_t error);
/* Begin of the oldest of the namespaces' last whole sweeps; 0: there was none. */
int64_t tracker_last_whole_ns(const struct tracker *t);

#endif
