/*
 * What was told of a host that is looked at once, and not kept: enough to tell no socket twice, though a dump may list one twice (it is no snapshot), and to know who
 * opened a connection from its other end. 16 bytes each.
 *
 * The ends stand in it as 61 bits of a seeded hash. That two of a million connections are taken for the ends of one happens in one list of some millions, and all that
 * comes of it is a wrong guess at who opened one that has no better evidence.
 */
#ifndef TRACK_PASSED_H
#define TRACK_PASSED_H

#include "track/event.h"

struct passed_one {
	uint64_t cookie; /* never 0; 0: a free cell */
	uint64_t ends;   /* of both ends, whichever is local; the lowest bits: see passed.c */
};

struct passed {
	struct passed_one *cells;
	uint32_t room, count;
	uint64_t seed;
};

void passed_init(struct passed *p, uint64_t seed);
void passed_fini(struct passed *p);
/* There will be about so many. A hint. */
void passed_reserve(struct passed *p, uint32_t count);
/* These ends will be asked about soon. A hint. */
void passed_prefetch(const struct passed *p, uint64_t netns, const struct tuple *t);
/* Notes a socket; the cookie is not 0. False if it was noted before. *one: the note, valid until the next call. */
bool passed_add(struct passed *p, uint64_t netns, const struct tuple *t, uint64_t cookie, struct passed_one **one);
/* Who opened it, as far as the evidence of that socket itself goes; at first SIDE_UNKNOWN. */
void passed_set_opener(struct passed_one *one, enum side opener);
/* Who opened the connection with these ends, as its other end knows, seen from this one; SIDE_UNKNOWN: that does not know, or was not told of. */
enum side passed_opener(const struct passed *p, uint64_t netns, const struct tuple *t);

#endif
