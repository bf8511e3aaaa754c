/*
 * Room for the words of the map's edges: each takes the best free place along its route, the usual edges first. A place is good when it holds words and
 * rate in one row; words close together are better than two rows, and a rate alone is better than nothing.
 */
#include "state_map_labels.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/utf8.h"

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* ---- what is taken ---- */

/* A cell for each of the picture; those outside of it are taken. */
struct ground {
	int top, left, rows, columns;
	bool taken[MAP_MOST_ROWS][MAP_MOST_COLUMNS];
};

static bool is_taken(const struct ground *g, int row, int column)
{
	row -= g->top;
	column -= g->left;
	return row < 0 || column < 0 || row >= g->rows || column >= g->columns || g->taken[row][column];
}

static void take(struct ground *g, int row, int column, unsigned columns)
{
	for (unsigned i = 0; i < columns; i++)
		if (row >= g->top && row - g->top < g->rows && column + (int)i >= g->left && column + (int)i - g->left < g->columns)
			g->taken[row - g->top][column + (int)i - g->left] = true;
}

static void take_all(struct ground *g, const struct state_map_layout *l)
{
	for (unsigned s = 0; s < STATE_COUNT; s++)
		for (unsigned row = 0; row < l->boxes[s].rows; row++)
			take(g, (int)(l->boxes[s].row + row), l->boxes[s].column, l->boxes[s].columns);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		for (unsigned i = 0; i < state_map_route_length(&l->routes[e]); i++) {
			const struct map_point p = state_map_route_cell(&l->routes[e], i);

			take(g, p.row, p.column, 1);
		}
}

/* ---- words ---- */

/* The blanks round a slash go when there is little room. */
bool state_map_words(const char *label, unsigned columns, char out[MAP_WORDS_ROOM])
{
	unsigned to = 0;

	snprintf(out, MAP_WORDS_ROOM, "%s", label);
	if (utf8_columns(out) <= columns)
		return true;
	for (unsigned i = 0; out[i]; i++)
		if (!(out[i] == ' ' && (out[i + 1] == '/' || (i > 0 && out[i - 1] == '/'))))
			out[to++] = out[i];
	out[to] = '\0';
	return utf8_columns(out) <= columns;
}

/* What a place can hold, best last. */
enum worth { NOTHING, RATE, BOTH_BRIEFLY_IN_TWO, BOTH_IN_TWO, BOTH_BRIEFLY, BOTH };

struct wanted {
	unsigned words, brief;
};

static enum worth worth_of_row(const struct wanted *w, unsigned columns)
{
	if (columns >= w->words + 1 + MAP_RATE_COLUMNS)
		return BOTH;
	if (columns >= w->brief + 1 + MAP_RATE_COLUMNS)
		return BOTH_BRIEFLY;
	return columns >= MAP_RATE_COLUMNS ? RATE : NOTHING;
}

static enum worth worth_of_two(const struct wanted *w, unsigned words, unsigned rate)
{
	if (rate < MAP_RATE_COLUMNS || words < w->brief)
		return NOTHING;
	return words >= w->words ? BOTH_IN_TWO : BOTH_BRIEFLY_IN_TWO;
}

static unsigned columns_for(const struct wanted *w, enum worth worth)
{
	switch (worth) {
	case BOTH:
		return w->words + 1 + MAP_RATE_COLUMNS;
	case BOTH_BRIEFLY:
		return w->brief + 1 + MAP_RATE_COLUMNS;
	case BOTH_IN_TWO:
		return w->words > MAP_RATE_COLUMNS ? w->words : MAP_RATE_COLUMNS;
	case BOTH_BRIEFLY_IN_TWO:
		return w->brief > MAP_RATE_COLUMNS ? w->brief : MAP_RATE_COLUMNS;
	default:
		return MAP_RATE_COLUMNS;
	}
}

/* Free cells from `column` on in that direction, a blank between them and what comes then; at most `most`. */
static unsigned free_run(const struct ground *g, int row, int column, int direction, unsigned most)
{
	unsigned n = 0;

	while (n < most + 1 && !is_taken(g, row, column + (int)n * direction))
		n++;
	/* At the edge of the picture no blank is needed, but there runs a rail. */
	return n > most ? most : n > 0 ? n - 1 : 0;
}

struct search {
	const struct ground *ground;
	struct wanted wanted;
	enum worth best;
	struct map_label label;
};

static void put_slot(struct map_label *label, unsigned index, int row, int column, unsigned columns)
{
	label->at[index].row = (uint16_t)row;
	label->at[index].column = (uint16_t)column;
	label->at[index].columns = (uint16_t)columns;
}

/* Beside an upright line, at this row; the second row is the one below. */
static void try_beside(struct search *s, int row, int column, int direction, bool two)
{
	const int at = column + 2 * direction;
	const unsigned most = s->wanted.words + 1 + MAP_RATE_COLUMNS;
	const unsigned first = is_taken(s->ground, row, column + direction) ? 0 : free_run(s->ground, row, at, direction, most);
	const unsigned second = !two || is_taken(s->ground, row + 1, column + direction) ? 0 : free_run(s->ground, row + 1, at, direction, most);
	const enum worth one_row = worth_of_row(&s->wanted, first), two_rows = worth_of_two(&s->wanted, first, second);
	const enum worth worth = two_rows > one_row ? two_rows : one_row;
	const unsigned columns = columns_for(&s->wanted, worth);

	if (worth <= s->best)
		return;
	s->best = worth;
	s->label = (struct map_label){.rows = two_rows > one_row ? 2 : 1, .right = direction < 0};
	for (unsigned i = 0; i < s->label.rows; i++) {
		const unsigned taken = smaller(columns, i ? second : first);

		put_slot(&s->label, i, row + (int)i, direction < 0 ? at - (int)taken + 1 : at, taken);
	}
}

/* The widest that is free in a row, round the middle of [from, to]. */
static unsigned free_middle(const struct ground *g, int row, int from, int to, unsigned most, int *at)
{
	unsigned columns = smaller((unsigned)(to - from + 1), most);

	for (; columns > 0; columns--) {
		bool is_free = true;

		*at = from + (to - from + 1 - (int)columns) / 2;
		for (int c = *at - 1; is_free && c <= *at + (int)columns; c++)
			is_free = !is_taken(g, row, c);
		if (is_free)
			return columns;
	}
	return 0;
}

/* Above or below a level line; or the words above and the rate below. */
static void try_along(struct search *s, int row, int from, int to)
{
	const unsigned most = s->wanted.words + 1 + MAP_RATE_COLUMNS;
	int above_at, below_at;
	const unsigned above = free_middle(s->ground, row - 1, from, to, most, &above_at);
	const unsigned below = free_middle(s->ground, row + 1, from, to, most, &below_at);
	const enum worth worths[] = {worth_of_row(&s->wanted, above), worth_of_row(&s->wanted, below), worth_of_two(&s->wanted, above, below)};

	for (unsigned i = 0; i < 3; i++) {
		if (worths[i] <= s->best)
			continue;
		s->best = worths[i];
		s->label = (struct map_label){.rows = i == 2 ? 2 : 1, .centred = true};
		put_slot(&s->label, 0, i == 1 ? row + 1 : row - 1, i == 1 ? below_at : above_at, i == 1 ? below : above);
		if (i == 2)
			put_slot(&s->label, 1, row + 1, below_at, below);
	}
}

/* Along one stretch of the route. Beside an upright one the middle is tried first, then further and further from it. */
static void try_stretch(struct search *s, struct map_point a, struct map_point b)
{
	const int first = a.row < b.row ? a.row : b.row, last = a.row < b.row ? b.row : a.row, middle = (first + last) / 2;

	if (a.row == b.row && a.column != b.column) {
		try_along(s, a.row, a.column < b.column ? a.column : b.column, a.column < b.column ? b.column : a.column);
		return;
	}
	for (int away = 0; away <= last - first; away++)
		for (int sign = 1; sign >= -1; sign -= 2) {
			const int row = middle + sign * away;

			if (row < first || row > last || (sign < 0 && away == 0))
				continue;
			try_beside(s, row, a.column, 1, row < last);
			try_beside(s, row, a.column, -1, row < last);
		}
}

static void place_label(struct state_map_layout *l, struct ground *g, unsigned edge)
{
	const struct map_route *r = &l->routes[edge];
	const char *label = _(state_map_edges[edge].label);
	struct search s = {.ground = g};
	char brief[MAP_WORDS_ROOM];

	state_map_words(label, 0, brief);
	s.wanted.words = utf8_columns(label);
	s.wanted.brief = utf8_columns(brief);
	if (r->count == 1)
		try_stretch(&s, r->points[0], r->points[0]);
	for (unsigned i = 1; i < r->count; i++)
		try_stretch(&s, r->points[i - 1], r->points[i]);
	l->labels[edge] = s.label;
	for (unsigned i = 0; i < s.label.rows; i++)
		take(g, s.label.at[i].row, s.label.at[i].column, s.label.at[i].columns);
}

void state_map_place_labels(struct state_map_layout *l, unsigned top, unsigned end)
{
	struct ground g = {.top = (int)top, .left = l->left, .rows = (int)(end - top), .columns = l->wide};

	take_all(&g, l);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		place_label(l, &g, e);
}
