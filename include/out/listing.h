/*
 * The table of `synfin list`: one connection a row. Two passes over the same rows, so that a table of a million keeps none of them:
 * listing_measure for each, listing_fit, then listing_add_head and listing_add_row for each.
 *
 * What does not fit the width drops columns, the least important first; then addresses and names are cut with an ellipsis, addresses at their front. Where that is not enough
 * PROGRAM goes too, and then LOCAL; STATE and PEER stay. Widths are columns of the terminal, not bytes.
 */
#ifndef OUT_LISTING_H
#define OUT_LISTING_H

#include <stdbool.h>

#include "base/message.h"
#include "base/text.h"
#include "show/canvas.h"
#include "track/event.h"

/* X(enumerator, heading, right-aligned, rank: the lower, the longer it stays; 0: until others have been cut; least width when cut, 0: never cut) */
#define LISTING_COLUMNS(X)                                              \
	X(STATE, NC_("column", "STATE"), false, 0, 0)                   \
	X(AGE, NC_("column", "AGE"), true, 1, 0)                        \
	X(LOCAL, NC_("column", "LOCAL"), false, 0, 12)                  \
	X(PEER, NC_("column", "PEER"), false, 0, 12)                    \
	X(RECVQ, NC_("column", "RECVQ"), true, 3, 0)                    \
	X(SENDQ, NC_("column", "SENDQ"), true, 4, 0)                    \
	X(TIMER, NC_("column", "TIMER"), false, 6, 0)                   \
	X(OPENER, NC_("column", "OPENER"), false, 8, 0)                 \
	X(RTT, NC_("column", "RTT"), true, 9, 0)                        \
	X(SENT, NC_("column", "SENT"), true, 10, 0)                     \
	X(RECEIVED, NC_("column", "RECEIVED"), true, 11, 0)             \
	X(UID, NC_("column", "UID"), true, 7, 0)                        \
	X(PID, NC_("column", "PID"), true, 2, 0)                        \
	X(FD, NC_("column", "FD"), true, 5, 0)                          \
	X(NETNS, NC_("column", "NETNS"), false, 2, 0)                   \
	X(UNIT, NC_("column", "UNIT"), false, 8, 0)                     \
	X(PROGRAM, NC_("column", "PROGRAM"), false, 0, 8)

enum listing_column {
#define X(name, heading, right, rank, least) LISTING_##name,
	LISTING_COLUMNS(X)
#undef X
	LISTING_COLUMN_COUNT,
};

struct listing {
	const struct glyphs *glyphs;
	bool color;
	unsigned widths[LISTING_COLUMN_COUNT]; /* 0: dropped */
	uint64_t netns;                      /* that of the first row; 0: there was none */
	bool several;                        /* namespaces: NETNS has something to tell */
	bool units;                          /* UNIT has something to tell */
	struct text cell;                    /* reused */
};

void listing_init(struct listing *t, const struct glyphs *glyphs, bool color);
void listing_fini(struct listing *t);
/* Rows are CONNECTION events (track/model.h: model_row). */
void listing_measure(struct listing *t, const struct event *row);
/* Settles the widths for so many columns; 0: no limit. */
void listing_fit(struct listing *t, unsigned columns);
void listing_add_head(struct listing *t, struct text *out);
void listing_add_row(struct listing *t, const struct event *row, struct text *out);

#endif
