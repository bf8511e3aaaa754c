/* A box in which one of a few is chosen: a line for each, the present one marked, a cursor. It scrolls when there is no room for all. */
#ifndef SHOW_CHOICE_H
#define SHOW_CHOICE_H

#include "show/canvas.h"

#define CHOICES_MAX 24

struct choice {
	const char *text;  /* in the reader's language */
	const char *aside; /* right; may be NULL */
	bool present;      /* it is so now */
};

/* Where the lines are, on the canvas. */
struct choice_box {
	unsigned row, column, width;
	unsigned first, count; /* the line of the choices in `row`, and how many are shown */
};

/* `hint` stands below the lines when there is room. */
void choice_paint(struct area area, const char *title, const struct choice *choices, unsigned count, unsigned cursor, const char *hint,
		  struct choice_box *box);
/* The choice at a place on the canvas, or `none` if there is none. */
unsigned choice_at(const struct choice_box *box, unsigned row, unsigned column, unsigned none);

#endif
