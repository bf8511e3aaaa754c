/* The rows of a ladder while it is laid out. */
#ifndef SHOW_LADDER_LAYOUT_H
#define SHOW_LADDER_LAYOUT_H

#include "show/ladder.h"

/* The first row of the closing; all of them, if there is none. */
unsigned layout_closing_row(const struct ladder *l);
/* Before row `at`. Where there is no place left it is not added. */
void layout_insert_row(struct ladder *l, unsigned at, const struct ladder_row *row);

#endif
