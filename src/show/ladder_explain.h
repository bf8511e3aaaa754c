/* What an arrow of a ladder means: why it is sent, what it changes, where that is written, and how sure we are of it. */
#ifndef SHOW_LADDER_EXPLAIN_H
#define SHOW_LADDER_EXPLAIN_H

#include "base/text.h"
#include "show/ladder.h"
#include "show/ladder_info.h"

struct explanation {
	const char *title, *text; /* message ids */
	const char *source;       /* "RFC 9293 §3.5": the same in every language */
	uint8_t from[2], to[2];   /* enum tcp_state, of the local and the remote end; the same: unchanged */
	bool deduced;             /* the remote one */
};

/* `row` is one of the ladder's. */
struct explanation explain_row(const struct ladder *l, unsigned row);
/* Where that is written. */
void explain_source(const struct ladder *l, unsigned row, const struct glyphs *g, struct text *out);
/* How it is known that it happened, when, and the numbers; and by what evidence who opened or closed. A message, to be shown as it is. */
void explain_how(const struct ladder *l, unsigned row, const struct ladder_info *info, const struct glyphs *g, struct text *out);

/* All of it but the title. Returns the rows that it wants; what does not fit is left out from the end. */
unsigned explain_paint(const struct ladder *l, unsigned row, const struct ladder_info *info, struct area area);
unsigned explain_rows(const struct ladder *l, unsigned row, const struct ladder_info *info, const struct glyphs *g, unsigned columns);

#endif
