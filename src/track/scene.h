/*
 * What inference may look at, and what it answers. It writes nothing: the tracker applies the verdict.
 */
#ifndef TRACK_SCENE_H
#define TRACK_SCENE_H

#include "track/model.h"
#include "track/tracker.h"

/* The tracker's note on a live connection, by slot. */
struct sight {
	int64_t seen_ns; /* the present state was true at some moment not before this */
	uint32_t sweep;  /* the last full sweep that listed it (struct sweeps) */
	uint32_t segs_in, data_segs_in; /* when it was last seen; 0: not counted */
	uint8_t missed;  /* whole sweeps in a row that did not */
	uint8_t search;  /* the last search that found its holders, or that is not to be blamed for not finding them */
	bool unfound : 1; /* one that was whole did not */
	bool asked : 1;   /* an exact look-up is under way */
	bool noticed : 1; /* its destroy notice has come */
	bool strange : 1; /* first seen as a remnant: its notice has another cookie */
	bool unseen : 1;  /* known from its notice alone: its remnant may have another cookie */
	bool settled : 1; /* a later sample found nothing better than what is known */
};

/* A full sweep that was whole. */
struct whole {
	int64_t begin_ns, end_ns; /* 0: there was none */
};
#define SCENE_WHOLES 16

/* What is known of the watching of one namespace: a sweep of it says nothing of another. */
struct sweeps {
	uint64_t netns;
	uint32_t number;  /* the one under way, or the last; no two of any namespaces have the same */
	int64_t begin_ns; /* of that one */
	struct whole whole[SCENE_WHOLES]; /* the last ones, newest first */
	int32_t errors[SOURCE_COUNT];     /* -errno of its sources that do not work now */
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
