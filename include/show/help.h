/* The help screen: every key there is, from the table of actions, and what the marks mean. */
#ifndef SHOW_HELP_H
#define SHOW_HELP_H

#include "show/canvas.h"

/* `group`, `text`: message ids. Entries of a group stand together. */
struct help_entry {
	const char *group, *keys, *text;
};

/* Paints from line `top` of the page on. Returns the rows of the whole page at this size. */
unsigned help_paint(struct area area, const struct help_entry *entries, unsigned count, unsigned top);

#endif
