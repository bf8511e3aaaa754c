/*
 * Drawing an arrow.
 *
 * The text of all arrows begins in the same column, whichever way they point, so that flags and numbers stand in columns. Narrow lanes shorten first
 * the line before the text, then the text (words_segment). An arrow that crosses another bends down near its far end, and comes out again below.
 */
#include "ladder_arrow.h"

#include "base/utf8.h"
#include "ladder_words.h"
#include "tcp/flags.h"

#define BEND_COLUMNS 4 /* from the far lifeline to the bend of a crossing arrow */
#define BEND_LANE_MIN 12
#define TAIL_COLUMNS 3 /* of the packet's bright tail */

struct arrow {
	struct area passed;       /* what the packet has passed of the lane */
	int shift;                /* column of the lane at which that begins */
	const struct glyphs *g;
	const struct ladder_row *row;
	int from, to;             /* columns that the arrow takes: [from, to) */
	int text, text_columns;   /* where its text stands, without the spaces around it */
	int bend;                 /* column of the bend, its own or that of the arrow it crosses; -1: none */
	char words[WORDS_ROOM];
	unsigned flags_bytes;
};

static bool is_inferred(const struct ladder_row *row)
{
	return row->certainty >= CERTAINTY_INFERRED;
}

static enum role role_of(const struct ladder_row *row)
{
	if (row->unanswered)
		return ROLE_ARROW_LOST;
	return is_inferred(row) ? ROLE_ARROW_INFERRED : ROLE_ARROW;
}

static int bend_column(int columns, bool from_local)
{
	if (columns < BEND_LANE_MIN)
		return -1;
	return from_local ? columns - BEND_COLUMNS : BEND_COLUMNS - 1;
}

/* Chooses the text, and where it stands, for a lane of `columns`. */
static void place_text(struct arrow *a, int columns)
{
	int lead = columns >= 28 ? 4 : columns >= 16 ? 2 : columns >= 11 ? 1 : 0;
	int gap = lead ? 1 : 0, end = columns - 2 - gap;

	a->text = lead ? lead + gap : 1;
	if (a->bend >= 0 && a->bend < columns / 2)
		a->text = a->text > a->bend + 2 ? a->text : a->bend + 2;
	else if (a->bend >= 0)
		end = a->bend - 1 - gap;
	else if (!lead)
		end = columns - 1;
	a->words[0] = '\0';
	if (a->row->crossing != CROSSING_ARRIVES && end > a->text)
		words_segment(a->row, (unsigned)(end - a->text), a->words, &a->flags_bytes);
	a->text_columns = (int)utf8_columns(a->words);
}

/* The columns the arrow takes, from its sender to where it ends. */
static void place_ends(struct arrow *a, int columns)
{
	const struct ladder_row *row = a->row;
	bool first_half = row->crossing == CROSSING_LEAVES, second_half = row->crossing == CROSSING_ARRIVES;
	int reach = columns * 2 / 3;

	a->from = 0;
	a->to = columns;
	if (row->unanswered && row->from_local)
		a->to = a->text + a->text_columns + 3 > reach ? a->text + a->text_columns + 3 : reach;
	else if (row->unanswered)
		a->from = columns - reach < a->text - 3 ? columns - reach : a->text - 3;
	if (a->from < 0)
		a->from = 0;
	if (a->to > columns)
		a->to = columns;
	if (a->bend < 0 || !(first_half || second_half))
		return;
	if (first_half == row->from_local)
		a->to = a->bend + 1;
	else
		a->from = a->bend;
}

static void put(struct arrow *a, int column, enum role role, unsigned flags, const char *s)
{
	area_text(a->passed, 0, column - a->shift, role, flags, s);
}

/* In dashes, so that one stands before the text. */
static void paint_line(struct arrow *a)
{
	const struct ladder_row *row = a->row;
	enum role role = role_of(row);

	for (int i = a->from; i < a->to; i++)
		put(a, i, role, 0, !is_inferred(row) ? a->g->horizontal : (i + a->text) % 2 ? a->g->gap : a->g->dash);
}

/* What stands at the end: a head, a cross where it was lost, a bend where it goes on below. */
static void paint_end(struct arrow *a)
{
	const struct ladder_row *row = a->row;
	enum role role = role_of(row);
	int last = row->from_local ? a->to - 1 : a->from;

	if (row->crossing == CROSSING_LEAVES)
		put(a, last, role, 0, a->bend < 0 ? a->g->horizontal : row->from_local ? a->g->corner_tr : a->g->corner_tl);
	else if (row->unanswered)
		put(a, last, role, CELL_BOLD, a->g->lost);
	else
		put(a, last, role, 0, row->from_local ? a->g->head_right : a->g->head_left);
	if (row->crossing == CROSSING_ARRIVES && a->bend >= 0)
		put(a, a->bend, role, 0, row->from_local ? a->g->corner_bl : a->g->corner_br);
	if (row->crossing == CROSSING_OVER && a->bend >= 0)
		put(a, a->bend, role, 0, a->g->cross);
}

static void paint_words(struct arrow *a)
{
	const struct ladder_row *row = a->row;
	bool reset = row->flags & FLAG_RST, tight = a->text == 1;
	char flags[WORDS_ROOM];

	if (!*a->words)
		return;
	for (unsigned i = 0; i < a->flags_bytes; i++)
		flags[i] = a->words[i];
	flags[a->flags_bytes] = '\0';
	for (int i = -1; i <= a->text_columns && !tight; i++)
		put(a, a->text + i, ROLE_TEXT, 0, " ");
	put(a, a->text, row->numbers == CERTAINTY_INFERRED ? ROLE_DIM : ROLE_TEXT, 0, a->words);
	put(a, a->text, reset ? ROLE_WARNING : ROLE_FLAG, is_inferred(row) ? 0 : CELL_BOLD, flags);
}

/* Limits painting to what the packet has passed. Returns the packet's column. */
static int follow_packet(struct arrow *a, double progress)
{
	int length = a->to - a->from, passed = (int)(progress * length);

	if (passed >= length)
		passed = length - 1;
	a->shift = a->row->from_local ? a->from : a->to - passed;
	a->passed = area_part(a->passed, 0, (unsigned)a->shift, 1, (unsigned)passed);
	return a->row->from_local ? a->from + passed : a->to - passed - 1;
}

void arrow_paint(struct area lane, const struct ladder_row *row, double progress, bool crossed_from_local)
{
	struct arrow a = {.passed = lane, .g = lane.canvas->glyphs, .row = row, .bend = -1};
	int columns = (int)lane.columns, packet = -1;

	if (columns < 2)
		return;
	if (row->crossing)
		a.bend = bend_column(columns, row->crossing == CROSSING_OVER ? crossed_from_local : row->from_local);
	place_text(&a, columns);
	place_ends(&a, columns);
	if (progress < 1) {
		/* what is coming can be read before it has passed */
		area_text(lane, 0, a.text, ROLE_DIM, 0, a.words);
		packet = follow_packet(&a, progress);
	}
	paint_line(&a);
	paint_words(&a);
	paint_end(&a);
	if (packet < 0)
		return;
	area_tint(a.passed, 0, (row->from_local ? packet - TAIL_COLUMNS : packet + 1) - a.shift, TAIL_COLUMNS, ROLE_PACKET, 0);
	area_text(lane, 0, packet, ROLE_PACKET, CELL_BOLD, a.g->packet);
}
