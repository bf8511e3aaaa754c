/* The help screen: every key there is, from the table of actions, and what the marks mean. */
#ifndef SHOW_HELP_H
#define SHOW_HELP_H

#include "show/canvas.h"

/* `group`, `text`: message ids. Entries of a group stand together. */
struct help_entry {
	const char *group, *keys, *text;
};

/* The rows of the whole page at this width. */
unsigned help_rows(const struct help_entry *entries, unsigned count, unsigned columns);
/* Paints from row `top` of the page on. */
void help_paint(struct area area, const struct help_entry *entries, unsigned count, unsigned top);

#endif
