/*
 * What inference may look at, and what it answers. It writes nothing: the tracker applies the verdict.
 */
#ifndef TRACK_SCENE_H
#define TRACK_SCENE_H

#include "track/model.h"
#include "track/tracker.h"

/* Segments are counted in few bits, of a million notes; that just so many came in between that the count looks the same does not happen to what stands still. */
#define SIGHT_SEGS_BITS 17
#define SIGHT_DATA_SEGS_BITS 6
/* Sweeps have numbers of so many bits. What one misses twice is gone, so that it does not see a number come round again. */
#define SWEEP_NUMBER_BITS 24

/* The tracker's note on a live connection, by slot. */
struct sight {
	int64_t seen_ns; /* the present state was true at some moment not before this */
	uint64_t sweep : SWEEP_NUMBER_BITS; /* the last full sweep that listed it (struct sweeps) */
	uint64_t segs_in : SIGHT_SEGS_BITS, data_segs_in : SIGHT_DATA_SEGS_BITS; /* when it was last seen */
	uint64_t counted : 1; /* those two were */
	uint64_t missed : 2;  /* whole sweeps in a row that did not list it; counted up to 2 */
	uint64_t search : 8;  /* the last search that found its holders, or that is not to be blamed for not finding them */
	uint64_t unfound : 1; /* one that was whole did not */
	uint64_t asked : 1;   /* an exact look-up is under way */
	uint64_t noticed : 1; /* its destroy notice has come */
	uint64_t strange : 1; /* first seen as a remnant: its notice has another cookie */
	uint64_t unseen : 1;  /* known from its notice alone: its remnant may have another cookie */
	uint64_t settled : 1; /* a later sample found nothing better than what is known */
};
_Static_assert(sizeof(struct sight) == 16, "a million of them");

/* A full sweep that was whole. */
struct whole {
	int64_t begin_ns, end_ns; /* 0: there was none */
};
#define SCENE_WHOLES 16

/* What is known of the watching of one namespace: a sweep of it says nothing of another. */
struct sweeps {
	uint64_t netns;
	uint32_t number;  /* the one under way, or the last; no two that are compared have the same; never 0 */
	int64_t begin_ns; /* of that one */
	struct whole whole[SCENE_WHOLES]; /* the last ones, newest first */
	int32_t errors[SOURCE_COUNT];     /* -errno of its sources that do not work now */
	uint64_t lost;    /* so many notices had come of all when some of this one were last lost; 0: none were */
};

struct passed;

struct scene {
	const struct model *model;
	const struct tracker_config *config;
	const struct sight *sights;
	uint64_t netns;
	int64_t now_ns;
	const struct whole *whole; /* of this namespace: SCENE_WHOLES, newest first */
	int64_t start_ns;      /* when this tracker began to observe */
	const struct passed *passed; /* told and not kept; empty unless config->passing */
};

/* The last whole sweep that was over at `ns` (nth 0), or the nth one before it; NULL if there is none, or it is not remembered. */
const struct whole *scene_whole_before(const struct scene *scene, int64_t ns, unsigned nth);

/* The events of one observation, in order. A life that was never seen is the longest: open, seven transitions, close. */
#define VERDICT_MAX 24
struct verdict {
	uint64_t next_conn;  /* id for the next new connection */
	uint32_t count;
	struct event events[VERDICT_MAX];
};

#endif
