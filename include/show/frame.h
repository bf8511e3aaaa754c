/*
 * The frame round every screen: the top line, the histogram of states, the sparklines, the rule with the tabs, the
 * bottom line with the keys. Each part gives up what matters least when there is little room. What can be clicked is
 * noted while it is painted.
 */
#ifndef SHOW_FRAME_H
#define SHOW_FRAME_H

#include "show/canvas.h"
#include "track/model.h"

/* What the top line says that is not in the model. */
struct frame_facts {
	const char *host, *namespace_name; /* clean */
	int64_t fast_interval_ns;
	bool notices;
	bool privileged;       /* root: every process may be seen, as a rule */
	uint32_t rows_hidden;  /* connections whose owner may not be seen */
};

/* A key and what it does here. `action` is the caller's own number, handed back in a hot spot. */
struct frame_key {
	const char *key, *label;
	uint8_t action;
	bool active; /* tabs: this one is open */
};

#define HOT_SPOTS_MAX 48
struct hot_spots {
	unsigned count;
	struct hot_spot {
		unsigned row, column, width; /* on the canvas */
		uint8_t action;
	} at[HOT_SPOTS_MAX];
};
/* Returns whether there is one, and its action. */
bool hot_spots_find(const struct hot_spots *spots, unsigned row, unsigned column, uint8_t *action);

/* One row each, in row 0 of the area. */
void frame_top(struct area area, const struct model *m, const struct frame_facts *facts, int64_t now_ns);
void frame_bottom(struct area area, const struct frame_key *keys, unsigned count, struct hot_spots *spots);
/* In the place of the bottom line: something to be told in passing. */
void frame_notice(struct area area, const char *text);
/* Screens in order, on a line that divides. Returns the column after them. */
unsigned frame_tabs(struct area area, const struct frame_key *tabs, unsigned count, struct hot_spots *spots);
/*
 * A line that divides, with a title. `aside` (may be NULL) stands right, as far as there is room. Returns the column
 * after the title.
 */
unsigned frame_rule(struct area area, const char *title, enum role aside_role, const char *aside);
/* Right on a rule already painted; not over what stands left of `from`. Cut if need be. */
void frame_aside(struct area area, unsigned from, enum role role, const char *aside);

/* Three rows when there are that many and they are wide enough, else one. */
unsigned frame_histogram_rows(unsigned rows, unsigned columns);
void frame_histogram(struct area area, const struct model *m);
/* opens/s, closes/s, resets/s of the last minute, in row 0. */
void frame_sparklines(struct area area, const struct model *m, int64_t now_ns);

/*
 * A box on what is there already: a border with a title, and the area inside, empty. It is as large as asked for (`rows` and `columns` inside), if there
 * is so much room, and stands in the middle.
 */
struct area frame_box(struct area area, unsigned rows, unsigned columns, const char *title);

/* The screen is too small for anything else. */
#define FRAME_LEAST_ROWS 10
#define FRAME_LEAST_COLUMNS 40
void frame_too_small(struct area area);

#endif
