/*
 * Searching the list for a text: the next row that has it in what is printed of it. A search goes in slices, so that no frame waits for 200,000 rows; the order
 * behind the rows that stand in order already is made on the way.
 *
 * Letters of ASCII are the same in both cases. What is compared is the whole text of a cell, also where the column is too narrow for it.
 */
#ifndef SHOW_SEARCH_H
#define SHOW_SEARCH_H

#include "show/list.h"

#define SEARCH_ROOM 256

struct search {
	char text[SEARCH_ROOM]; /* what is looked for, ASCII in lower case; empty: nothing */
	bool may_be_address, may_be_number; /* else no row need be asked for those */
	bool on;                /* a search is under way */
	bool backward, around;  /* around: it has come round the end */
	uint32_t next, left;    /* the row to look at, and how many there still are */
};

enum search_answer {
	SEARCH_GOES_ON,
	SEARCH_FOUND,     /* in row `next`, which stands in order with those around it */
	SEARCH_NOT_FOUND,
};

void search_set(struct search *s, const char *text);
/* Begins with row `from` (past the end, or UINT32_MAX before the first: round it), and goes once over all rows. */
void search_begin(struct search *s, const struct list *l, uint32_t from, bool backward);
/* One slice. May put rows in order (list_sort_some), but leaves cursor and top alone. */
enum search_answer search_turn(struct search *s, struct list *l, const struct model *m, int64_t now_ns);
/* Whether the row of this connection has it. */
bool search_fits(const struct search *s, const struct list *l, const struct model *m, const struct connection *c);
/* Its unit, if that alone has it: no cell shows why the row fits. Else NULL. */
const char *search_unit(const struct search *s, const struct list *l, const struct model *m, const struct connection *c);
/* Marks what is looked for in rows that list_paint() has painted in this area. */
void search_paint(const struct search *s, const struct list *l, struct area area);

#endif
