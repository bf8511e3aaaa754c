/*
 * Painting a ladder.
 *
 * First the columns are chosen for the width at hand (ladder_columns.h). Then the lines are chosen for the height (ladder_window.c): a heading where all
 * else has room, the states at the top, and the newest rows. Each row is painted by itself, from the states that hold at its height.
 *
 *     time         delta      LOCAL                                     REMOTE         how
 *     41.002113            SYN_SENT ├──── SYN      seq=0 ───────────────►│ LISTEN ?     exact
 */
#include "show/ladder.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/gauge.h"
#include "ladder_arrow.h"
#include "ladder_columns.h"
#include "ladder_words.h"

enum { LOCAL, REMOTE };

struct picture {
	const struct ladder *l;
	struct area area;
	const struct ladder_style *style;
	const struct glyphs *g;
	struct ladder_moment moment;
	struct ladder_columns at;
	struct words_clock clock;
	uint8_t state[2];         /* at the height being painted */
	bool deduced;             /* the remote one, there */
	char told[WORDS_ROOM];    /* the last time that was told: what is the same is not told again */
	unsigned newest_label[2]; /* the row that brought the present state; UINT_MAX: the top */
};

/* ---- lines ---- */

static bool is_dead(enum tcp_state state)
{
	return state == STATE_CLOSED || state == STATE_NONE;
}

static void paint_label(struct picture *p, int y, unsigned side, enum tcp_state state, bool deduced, bool newest)
{
	const char *name = p->at.tight && deduced ? words_state_tight(state) : words_state(state, p->at.brief);
	unsigned flags = newest ? CELL_BOLD : 0, width = utf8_columns(name);
	int x = p->at.label[side];

	if (x < 0 || !*name)
		return;
	if (side == LOCAL)
		x += (int)(p->at.label_width[LOCAL] - width);
	area_text(p->area, y, x, role_of_state(state), flags, name);
	if (deduced)
		area_text(p->area, y, x + (int)width, ROLE_DIM, 0, p->at.tight ? "?" : " ?");
}

/* A lifeline in the colour of its state. Where there is no connection yet, or no longer, and where time is left out, it is broken. */
static void paint_lifeline(struct picture *p, int y, unsigned side, enum tcp_state before, enum tcp_state after, const char *glyph)
{
	if (side == REMOTE && p->l->alone)
		return;
	if (is_dead(before) && is_dead(after))
		glyph = p->g->vertical_gap;
	area_text(p->area, y, p->at.line[side], role_of_state(after), 0, glyph);
}

static void paint_heading(struct picture *p, int y)
{
	const struct ladder_columns *c = &p->at;

	if (c->time >= 0)
		area_field(p->area, y, c->time, c->time_width, false, ROLE_HEADING, 0, _("time"));
	if (c->delta >= 0)
		area_field(p->area, y, c->delta, LADDER_DELTA_COLUMNS, true, ROLE_HEADING, 0, _("delta"));
	if (c->label[LOCAL] >= 0)
		area_field(p->area, y, c->label[LOCAL], c->label_width[LOCAL], true, ROLE_HEADING, 0, _("LOCAL"));
	if (c->label[REMOTE] >= 0)
		area_field(p->area, y, c->label[REMOTE], c->label_width[REMOTE], false, ROLE_HEADING, 0, p->l->alone ? "" : _("REMOTE"));
	if (c->how >= 0)
		area_field(p->area, y, c->how, c->how_width, false, ROLE_HEADING, 0, _("how"));
}

/* The states that hold here, with a word between the lifelines. */
static void paint_states(struct picture *p, int y, bool newest, const char *word)
{
	unsigned width = utf8_columns(word);

	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		paint_lifeline(p, y, side, p->state[side], p->state[side], p->g->vertical);
		paint_label(p, y, side, p->state[side], side == REMOTE && p->deduced, newest && p->newest_label[side] == UINT_MAX);
	}
	if (width && width <= p->at.lane)
		area_text(p->area, y, p->at.line[LOCAL] + 1 + (int)(p->at.lane - width) / 2, ROLE_DIM, 0, word);
}

static void paint_margins(struct picture *p, int y, const struct ladder_row *row)
{
	const struct ladder_columns *c = &p->at;
	const enum role how = row->certainty == CERTAINTY_AMBIGUOUS || row->unanswered ? ROLE_WARNING : ROLE_DIM;
	char time[WORDS_ROOM], delta[WORDS_ROOM];
	bool told;

	if (!row->certainty)
		return;
	if (c->how >= 0)
		area_field(p->area, y, c->how, c->how_width, false, how, 0, words_how(row));
	if (row->same_step)
		return;
	words_time(&p->clock, row, time);
	words_delta(row, p->g, delta);
	told = strcmp(time, p->told) == 0;
	memcpy(p->told, time, sizeof(time));
	if (c->time >= 0 && !told)
		area_field(p->area, y, c->time, c->time_width, false, ROLE_TEXT, 0, time);
	if (c->delta >= 0 && *delta)
		area_field(p->area, y, c->delta, LADDER_DELTA_COLUMNS, true, ROLE_DIM, 0, delta);
	else if (c->delta >= 0 && !told && row->t0_ns && row->t0_ns != row->t1_ns)
		area_field(p->area, y, c->delta, LADDER_DELTA_COLUMNS, true, ROLE_DIM, 0, _("(between)"));
}

/* A remark between the lifelines; when they are too close, it goes on to the right of them. */
static void paint_remark(struct picture *p, int y, const struct ladder_row *row, enum role role, const char *words)
{
	const struct ladder_columns *c = &p->at;
	unsigned width = utf8_columns(words), room = c->lane;
	int x = c->line[LOCAL] + 1;

	if (width + 2 <= room) {
		area_text(p->area, y, x + (int)(room - width) / 2, role, 0, words);
		return;
	}
	if (!row->remote.state && c->label[REMOTE] >= 0)
		room = (unsigned)(c->label[REMOTE] - x) + c->label_width[REMOTE];
	area_field(p->area, y, x + 1, room > 1 ? room - 1 : 0, false, role, 0, words);
}

static void paint_data(struct picture *p, int y, const struct ladder_row *row)
{
	char words[WORDS_ROOM];

	words_data(row, p->g, p->at.lane > 2 ? p->at.lane - 2 : 0, words);
	paint_remark(p, y, row, ROLE_TEXT, words);
}

/* Steps that are drawn in one: how many they are. */
static void paint_merged(struct picture *p, int y, const struct ladder_row *row)
{
	const char *mark = p->g->unicode ? "»" : ">>";
	char words[WORDS_ROOM];
	unsigned width;

	snprintf(words, sizeof(words), _("%s %u steps"), mark, row->merged + 1u);
	width = utf8_columns(words);
	if (width + 2 > p->at.lane) {
		snprintf(words, sizeof(words), "%s %u", mark, row->merged + 1u);
		width = utf8_columns(words);
	}
	if (width <= p->at.lane)
		area_text(p->area, y, p->at.line[LOCAL] + 1 + (int)(p->at.lane - width) / 2, ROLE_FLAG, 0, words);
}

/* The direction of the arrow that has left above row `index` and not arrived there. */
static bool crossed_from_local(const struct ladder *l, unsigned index)
{
	while (index-- > 0)
		if (l->rows[index].crossing == CROSSING_LEAVES)
			return l->rows[index].from_local;
	return false;
}

static bool is_segment(const struct ladder_row *row)
{
	return row->part != PART_DATA && row->part != PART_NOTE;
}

/* How far row `index` has come: 1 is whole. */
static double progress_of(const struct picture *p, unsigned index)
{
	return index < p->moment.whole ? 1 : p->moment.progress;
}

/* Whether the row's state has been entered on that side yet: the sender's as the packet leaves, the receiver's as it comes. */
static bool has_entered(const struct picture *p, unsigned index, unsigned side)
{
	const struct ladder_row *row = &p->l->rows[index];
	bool sender = is_segment(row) && row->crossing != CROSSING_ARRIVES && row->from_local == (side == LOCAL);

	return sender || !is_segment(row) || progress_of(p, index) >= 1;
}

static const struct ladder_end *end_of(const struct ladder_row *row, unsigned side)
{
	return side == LOCAL ? &row->local : &row->remote;
}

static void pass_row(struct picture *p, unsigned index)
{
	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		const struct ladder_end *end = end_of(&p->l->rows[index], side);

		if (!end->state || !has_entered(p, index, side))
			continue;
		p->state[side] = end->state;
		if (side == REMOTE)
			p->deduced = end->deduced;
	}
}

static const char *lifeline_glyph(const struct picture *p, const struct ladder_row *row, unsigned side)
{
	if (row->part == PART_DATA)
		return p->g->vertical_gap;
	if (!is_segment(row) || row->crossing == CROSSING_ARRIVES || row->from_local != (side == LOCAL))
		return p->g->vertical;
	return side == LOCAL ? p->g->tee_l : p->g->tee_r;
}

static void paint_row(struct picture *p, int y, unsigned index)
{
	const struct ladder_row *row = &p->l->rows[index];
	const struct ladder_row absolute = p->style->absolute_numbers ? ladder_absolute(p->l, row) : *row;
	uint8_t old[2] = {p->state[LOCAL], p->state[REMOTE]};

	pass_row(p, index);
	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		const struct ladder_end *end = end_of(row, side);

		paint_lifeline(p, y, side, old[side], p->state[side], lifeline_glyph(p, row, side));
		if (end->state && has_entered(p, index, side))
			paint_label(p, y, side, end->state, end->deduced, p->newest_label[side] == index);
	}
	paint_margins(p, y, row);
	if (row->part == PART_DATA)
		paint_data(p, y, row);
	else if (row->merged)
		paint_merged(p, y, row);
	else if (row->part == PART_NOTE)
		paint_remark(p, y, row, ROLE_DIM, row->note ? _(row->note) : "");
	else
		arrow_paint(area_part(p->area, (unsigned)y, (unsigned)p->at.line[LOCAL] + 1, 1, p->at.lane), &absolute, progress_of(p, index),
		            crossed_from_local(p->l, index));
}

/* ---- under the rows ---- */

#define BAR_COLUMNS 10
#define BAR_LEAST 5
#define COUNTDOWN_GAPS 3 /* from the lifelines */

/* A timer that runs down, beside the lifeline whose state it will end: in words, and as a bar where there is room. */
static void paint_countdown(struct picture *p, int y, unsigned side)
{
	const struct ladder_countdown *c = &p->style->countdown[side];
	const unsigned lane = p->at.lane, room = lane > COUNTDOWN_GAPS ? lane - COUNTDOWN_GAPS : 0;
	const char *words = utf8_columns(c->words) <= room ? c->words : c->brief;
	const unsigned width = utf8_columns(words), spare = room > width + 1 ? room - width - 1 : 0;
	const unsigned bar = !c->of || spare < BAR_LEAST ? 0 : spare < BAR_COLUMNS ? spare : BAR_COLUMNS;
	int x = p->at.line[LOCAL] + (side == LOCAL ? 2 : (int)(lane - width - (bar ? bar + 1 : 0)));

	if (width > room)
		return;
	area_text(p->area, y, x, role_of_state(p->state[side]), 0, words);
	x += (int)width + 1;
	if (bar) {
		area_repeat(p->area, y, x, bar, ROLE_RULE, p->g->unicode ? p->g->dash : ".");
		gauge_bar(p->area, y, x, bar, role_of_state(p->state[side]), c->left, c->of);
	}
}

static void paint_tails(struct picture *p, int y, unsigned tails)
{
	const bool dead = is_dead(p->state[LOCAL]) && is_dead(p->state[REMOTE]);

	for (unsigned side = LOCAL; side <= REMOTE && tails; side++) {
		if (!p->style->countdown || !p->style->countdown[side].words[0])
			continue;
		for (unsigned line = LOCAL; line <= REMOTE; line++)
			paint_lifeline(p, y, line, p->state[line], p->state[line], p->g->vertical);
		paint_countdown(p, y++, side);
		tails--;
	}
	for (unsigned side = LOCAL; side <= REMOTE && !dead && (unsigned)y < p->area.rows; side++)
		paint_lifeline(p, y, side, p->state[side], p->state[side], p->g->vertical);
}

/* ---- the whole ---- */

static void find_newest_labels(struct picture *p, unsigned drawn)
{
	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		p->newest_label[side] = UINT_MAX;
		for (unsigned i = 0; i < drawn; i++)
			if (end_of(&p->l->rows[i], side)->state && has_entered(p, i, side))
				p->newest_label[side] = i;
	}
}

/* The line of the first states, or in its place what is hidden above. What was there when synfin began to look is said there too. */
static void paint_top(struct picture *p, const struct ladder_window *w)
{
	char words[WORDS_ROOM];

	if (w->whole_top) {
		paint_states(p, (int)w->line - 1, true, w->first ? _(p->l->rows[0].note) : "");
		return;
	}
	for (unsigned i = 0; i < w->first; i++)
		pass_row(p, i);
	if (!w->top)
		return;
	snprintf(words, sizeof(words), _("%u more above"), w->first);
	paint_states(p, (int)w->line - 1, false, words);
}

void ladder_paint(const struct ladder *l, struct area area, struct ladder_moment moment, const struct ladder_style *style)
{
	const struct ladder_window w = ladder_window(l, area.rows, area.columns, moment, style, area.canvas->glyphs);
	struct picture p = {.l = l, .area = area, .style = style, .g = area.canvas->glyphs, .moment = moment, .deduced = l->first_deduced};
	char words[WORDS_ROOM];
	int y = (int)w.line;

	if (area.rows == 0 || area.columns == 0)
		return;
	p.state[LOCAL] = l->first_local;
	p.state[REMOTE] = l->first_remote;
	p.clock = words_clock_of(l, style, p.g);
	p.at = columns_choose(l, style, &p.clock, area.columns);
	find_newest_labels(&p, ladder_drawn(l, moment));
	if (w.heading)
		paint_heading(&p, 0);
	paint_top(&p, &w);
	for (unsigned i = w.first; i < w.end; i++) {
		paint_row(&p, y, i);
		if (i + 1u == style->selected)
			area_tint(area, y, 0, area.columns, ROLE_COUNT, CELL_ON_CURSOR);
		y++;
	}
	if (w.below) {
		snprintf(words, sizeof(words), _("%u more below"), w.below);
		paint_states(&p, y, false, words);
	} else if (w.end == l->count) {
		paint_tails(&p, y, w.tails);
	}
}

unsigned ladder_height(const struct ladder *l)
{
	return l->count + 3u;
}
