/* What was sent again: rows that no step of a history tells of, but the counters of the kernel. */
#ifndef SHOW_LADDER_AGAIN_H
#define SHOW_LADDER_AGAIN_H

#include "show/ladder.h"

/* Adds what one end (NULL: not ours) sends again now, for nothing comes, and what it has sent again before: two rows at most. */
void again_add(struct ladder *l, const struct connection *c, bool local);

#endif
