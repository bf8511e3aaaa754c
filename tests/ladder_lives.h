/*
 * Lives of connections for the tests of ladders, told to a model as events: a client at 10.0.0.5 and a server at 93.184.216.34. Times are seconds
 * after 2026-11-20 12:00:00 UTC.
 */
#ifndef TESTS_LADDER_LIVES_H
#define TESTS_LADDER_LIVES_H

#include "base/clock.h"
#include "show/ladder.h"

#define LIFE_MINUTE (1795176000 * NS_PER_SECOND)
#define LIFE_AT(seconds) (LIFE_MINUTE + (int64_t)((seconds)*1e6 + 0.5) * NS_PER_US)

enum { CLIENT = 1, SERVER = 2 };

/* One event of a life. From STATE_NONE: what was there when we began to look. */
struct life_step {
	uint8_t conn, from, to, certainty;
	double t0, t1;          /* t0 == t1: exact; t0 0: no lower bound */
	uint8_t edge_cause;     /* enum edge_cause + 1, or 0 */
	int64_t sent, received; /* -1: not known */
};

struct life {
	const char *name;
	unsigned conn;          /* whose ladder is looked at */
	const struct life_step *steps;
	size_t count;
};
/* Ended by one without a name. */
extern const struct life lives[];

/* Tells the model these steps; one to CLOSED is followed by its close. */
void life_tell(struct model *m, const struct life_step *steps, size_t count);
/* The ladder of the life called `name`. */
void life_ladder(const char *name, struct ladder *l);

/* How to paint a ladder for comparison. */
struct life_picture {
	unsigned rows, columns;      /* rows 0: as many as it needs */
	bool ascii, roles;
	struct ladder_style style;
	struct ladder_moment moment; /* whole 0 and progress 0: all rows */
};
void life_paint(const struct ladder *l, const struct life_picture *p, struct text *out);

#endif
