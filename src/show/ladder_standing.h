/* The sentences under a ladder: the state that the near end is in, what it means, and who can end it. */
#ifndef SHOW_LADDER_STANDING_H
#define SHOW_LADDER_STANDING_H

#include "show/ladder_view.h"

void standing_say(const struct ladder_view *v, int64_t now_ns, const struct glyphs *glyphs, struct text *out);
/* Somebody should look at it. */
bool standing_is_trouble(const struct ladder_view *v, int64_t now_ns);

/* What the lines and marks of a ladder mean, in row 0, as far as there is room. */
void legend_paint(struct area area);

#endif
