/* The picture of the Wall: places on a grid, a card in each. */
#include "show/wall.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/aside.h"

/* A lane needs so much for both ends with their states; on a large screen it gets more, and arrows with numbers. */
#define LANE_COLUMNS 25
#define LANE_COLUMNS_LARGE 32
#define LARGE_COLUMNS 128
#define LANE_ROWS_LEAST 6
#define LANE_ROWS 8
#define LANE_ROWS_LARGE 9
#define LARGE_ROWS 36
#define BOX_COLUMNS 29 /* from here on a card has sides */

/* ---- the grid ---- */

static unsigned between(unsigned least, unsigned n, unsigned most)
{
	return n < least ? least : n > most ? most : n;
}

struct wall_grid wall_grid_of(unsigned rows, unsigned columns)
{
	struct wall_grid grid;

	if (columns < LARGE_COLUMNS)
		grid.columns = between(2, columns / LANE_COLUMNS, LARGE_COLUMNS / LANE_COLUMNS_LARGE);
	else
		grid.columns = between(1, columns / LANE_COLUMNS_LARGE, WALL_COLUMNS_MAX);
	if (rows < 3 * LANE_ROWS)
		grid.rows = between(1, rows / LANE_ROWS_LEAST, 3);
	else if (rows < LARGE_ROWS)
		grid.rows = 3;
	else
		grid.rows = between(3, rows / LANE_ROWS_LARGE, WALL_ROWS_MAX);
	grid.brief = columns / grid.columns < LANE_COLUMNS_LARGE || rows / grid.rows < LANE_ROWS_LARGE;
	return grid;
}

struct area wall_place(struct area area, struct wall_grid grid, uint32_t lane)
{
	const unsigned column = lane % grid.columns, row = lane / grid.columns;
	const unsigned width = area.columns / grid.columns, left = (area.columns - width * grid.columns) / 2 + column * width;
	const unsigned top = row * area.rows / grid.rows, bottom = (row + 1) * area.rows / grid.rows;

	return area_part(area, top, left, bottom - top, width);
}

uint32_t wall_lane_at(struct wall_grid grid, unsigned rows, unsigned columns, unsigned row, unsigned column)
{
	const struct area all = {.rows = rows, .columns = columns};

	for (uint32_t i = 0; i < grid.columns * grid.rows; i++) {
		const struct area place = wall_place(all, grid, i);

		if (row >= place.row && row < place.row + place.rows && column >= place.column && column < place.column + place.columns)
			return i;
	}
	return WALL_NOWHERE;
}

/* How far lane `to` is from `from` in that direction; negative: it is not there. What is aside of the way is farther. */
static int distance(struct wall_grid grid, uint32_t from, uint32_t to, int down, int right)
{
	const int rows = (int)(to / grid.columns) - (int)(from / grid.columns), columns = (int)(to % grid.columns) - (int)(from % grid.columns);
	const int along = rows * down + columns * right, aside = down ? columns : rows;

	return along <= 0 ? -1 : along + abs(aside) * WALL_LANES_MAX;
}

void wall_move(struct wall *w, struct wall_grid grid, int down, int right)
{
	uint32_t best = WALL_NOWHERE;
	int best_distance = 0;

	for (uint32_t i = 0; i < w->count; i++) {
		const int far = w->cursor == WALL_NOWHERE ? (int)i : distance(grid, w->cursor, i, down, right);

		if (!w->lanes[i].conn || far < 0 || (best != WALL_NOWHERE && far >= best_distance))
			continue;
		best = i;
		best_distance = far;
	}
	if (best != WALL_NOWHERE)
		w->cursor = best;
}

/* ---- a card ---- */

struct card {
	const struct wall_lane *lane;
	bool cursor, box;
	enum role frame;
};

static void paint_title(struct area area, const struct card *card)
{
	const struct wall_lane *lane = card->lane;
	const bool rests = lane->rests_since_ns != 0;
	char title[WALL_WORDS_ROOM];
	unsigned room = area.columns > 4 ? area.columns - 4 : 0, width;

	wall_lane_title(lane, area.canvas->glyphs, room, title);
	width = utf8_columns(title);
	width = width < room ? width : room;
	area_text(area, 0, 1, ROLE_RULE, 0, " ");
	area_field(area, 0, 2, width, false, card->cursor ? ROLE_TAB_ACTIVE : rests && lane->over ? ROLE_TEXT : ROLE_TITLE,
		   card->cursor || !rests ? CELL_BOLD : 0, title);
	area_text(area, 0, 2 + (int)width, ROLE_RULE, 0, " ");
}

static void paint_foot(struct area area, const struct card *card, int64_t now_ns)
{
	const int y = (int)area.rows - 1;
	enum role role = ROLE_DIM;
	const char *verdict = wall_lane_verdict(card->lane, &role);
	char elapsed[WALL_WORDS_ROOM];
	unsigned width = utf8_columns(verdict) + (card->lane->warns ? 2 : 0);

	wall_lane_elapsed(card->lane, area.canvas->glyphs, now_ns, elapsed);
	if (*verdict && width + 4 <= area.columns)
		area_textf(area, y, (int)(area.columns - width) - 3, card->lane->warns ? ROLE_WARNING : role, CELL_BOLD, " %s%s ",
			   card->lane->warns ? "! " : "", verdict);
	if (*elapsed && utf8_columns(elapsed) + 3 + (*verdict ? width + 4 : 1) <= area.columns)
		area_textf(area, y, 1, ROLE_DIM, 0, " %s ", elapsed);
}

static void paint_frame(struct area area, const struct card *card)
{
	const struct glyphs *g = area.canvas->glyphs;
	const int right = (int)area.columns - 1, bottom = (int)area.rows - 1;
	const unsigned flags = card->cursor ? CELL_BOLD : 0;

	area_repeat(area, 0, 0, area.columns, card->frame, g->horizontal);
	area_repeat(area, bottom, 0, area.columns, card->frame, g->horizontal);
	for (int y = 1; card->box && y < bottom; y++) {
		area_text(area, y, 0, card->frame, flags, g->vertical);
		area_text(area, y, right, card->frame, flags, g->vertical);
	}
	if (!card->box)
		return;
	area_text(area, 0, 0, card->frame, flags, g->corner_tl);
	area_text(area, 0, right, card->frame, flags, g->corner_tr);
	area_text(area, bottom, 0, card->frame, flags, g->corner_bl);
	area_text(area, bottom, right, card->frame, flags, g->corner_br);
}

static void paint_card(struct area area, const struct card *card, int64_t now_ns)
{
	const struct ladder_style style = {.compact = true, .tight = true};
	const unsigned side = card->box ? 2 : 0; /* its border, and a gap */

	if (area.rows < 3 || area.columns <= 2 * side)
		return;
	paint_frame(area, card);
	paint_title(area, card);
	paint_foot(area, card, now_ns);
	ladder_paint(&card->lane->ladder, area_part(area, 1, side, area.rows - 2, area.columns - 2 * side), card->lane->moment, &style);
}

void wall_paint(const struct wall *w, struct area area, struct wall_grid grid, int64_t now_ns)
{
	const bool box = area.columns / grid.columns >= BOX_COLUMNS;

	for (uint32_t i = 0; i < w->count && i < grid.columns * grid.rows; i++) {
		struct area place = wall_place(area, grid, i);
		struct card card = {.lane = &w->lanes[i], .box = box, .cursor = i == w->cursor};

		if (!w->lanes[i].conn)
			continue;
		card.frame = card.cursor ? ROLE_TITLE : w->lanes[i].warns ? ROLE_WARNING : ROLE_RULE;
		paint_card(area_part(place, 0, 0, place.rows, place.columns - 1), &card, now_ns); /* a gap to the next */
	}
}

/* ---- what is not drawn ---- */

static unsigned say(struct area area, unsigned at, const char *words, uint64_t count, bool warns)
{
	char amount[AMOUNT_ROOM];
	const char *number = amount_grouped(count, amount);

	if (at + utf8_columns(words) + 1 + utf8_columns(number) > area.columns)
		return at;
	at += area_text(area, 0, (int)at, ROLE_DIM, 0, words) + 1;
	return at + area_text(area, 0, (int)at, count && warns ? ROLE_WARNING : count ? ROLE_TEXT : ROLE_DIM, 0, number) + 2;
}

void wall_paint_tally(const struct wall *w, struct area area)
{
	const struct wall_tally rates = wall_rates(w);
	const uint64_t rate = wall_tally_not_drawn(&rates), all = wall_tally_not_drawn(&w->total);
	char amount[AMOUNT_ROOM], right[ASIDE_PART_ROOM * 2];
	unsigned at = 1, width;

	if (!all) {
		if (w->total.drawn)
			at += area_text(area, 0, 1, ROLE_DIM, 0, w->total.outside ? _("all that fitted the filter as it opened or closed is drawn") : _("all that opens and closes is drawn")) + 2;
		if (w->total.outside)
			say(area, at, _("outside the filter"), rates.outside, false);
		return;
	}
	at += area_textf(area, 0, (int)at, rate ? ROLE_TEXT : ROLE_DIM, rate ? CELL_BOLD : 0, _("not drawn %s/s"), amount_grouped(rate, amount)) + 2;
	at = say(area, at, _("opened+closed"), rates.not_drawn[WALL_ORDERLY], false);
	at = say(area, at, _("reset"), rates.not_drawn[WALL_RESET], true);
	at = say(area, at, _("refused"), rates.not_drawn[WALL_REFUSED], true);
	if (w->total.outside)
		at = say(area, at, _("outside the filter"), rates.outside, false);
	snprintf(right, sizeof(right), _("all counted, none animated: %s so far"), amount_grouped(all, amount));
	width = utf8_columns(right);
	if (at + width + 1 > area.columns) {
		snprintf(right, sizeof(right), _("%s so far"), amount_grouped(all, amount));
		width = utf8_columns(right);
	}
	if (at + width + 1 <= area.columns)
		area_text(area, 0, (int)(area.columns - width) - 1, ROLE_DIM, 0, right);
}
