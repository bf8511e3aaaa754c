/*
 * Painting a ladder.
 *
 * First the columns are chosen for the width at hand (struct columns): what does not fit is left out, the least needed first, and the lane of the
 * arrows gets what remains. Then the lines are chosen for the height: a heading where all else has room, the states at the top, and the newest rows. Each
 * row is painted by itself, from the states that hold at its height.
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
#include "ladder_arrow.h"
#include "ladder_words.h"

#define LANE_MAX 46
#define STATE_COLUMNS 11
#define BRIEF_COLUMNS 8
#define DELTA_COLUMNS 9
#define TIGHT_LANE_MIN 6
#define TIGHT_GAP_LANE_MIN 12 /* with one so wide, the names stand off the lifelines */
#define GAP 2 /* between columns of text */

enum { LOCAL, REMOTE };

/* Where things stand in a line. -1: left out. */
struct columns {
	int time, delta, how;
	int label[2];             /* state labels; the local ones end at the lifeline, the remote ones begin there */
	int line[2];              /* lifelines */
	unsigned time_width, how_width, label_width[2], lane;
	bool brief;               /* short names of states */
	bool tight;               /* which touch the lifelines, if need be */
};

struct picture {
	const struct ladder *l;
	struct area area;
	const struct glyphs *g;
	struct ladder_moment moment;
	struct columns at;
	struct words_clock clock;
	uint8_t state[2];         /* at the height being painted */
	bool deduced;             /* the remote one, there */
	char told[WORDS_ROOM];    /* the last time that was told: what is the same is not told again */
	unsigned newest_label[2]; /* the row that brought the present state; UINT_MAX: the top */
};

/* ---- columns ---- */

struct choice {
	bool time, delta, how;
	unsigned lane_min;
};

/* Puts the columns of a choice side by side in `width`; false if the lane gets less than it must have. */
static bool try_columns(struct columns *c, const struct choice *choice, unsigned width, bool center)
{
	unsigned x = choice->time || choice->delta ? 1 : 0, fixed, spare;

	fixed = x + (choice->time ? c->time_width + GAP : 0) + (choice->delta ? DELTA_COLUMNS + GAP : 0) + c->label_width[LOCAL] + 1 + 2 + 1 +
	        c->label_width[REMOTE] + (choice->how ? GAP + c->how_width : 0);
	if (width < fixed + choice->lane_min)
		return false;
	c->lane = width - fixed < LANE_MAX ? width - fixed : LANE_MAX;
	spare = width - fixed - c->lane;
	x += center ? spare / 2 : 0;
	c->time = choice->time ? (int)x : -1;
	x += choice->time ? c->time_width + GAP : 0;
	c->delta = choice->delta ? (int)x : -1;
	x += choice->delta ? DELTA_COLUMNS + GAP : 0;
	c->label[LOCAL] = (int)x;
	x += c->label_width[LOCAL] + 1;
	c->line[LOCAL] = (int)x;
	x += 1 + c->lane;
	c->line[REMOTE] = (int)x;
	x += 2;
	c->label[REMOTE] = (int)x;
	x += c->label_width[REMOTE] + GAP;
	c->how = choice->how ? (int)x : -1;
	return true;
}

/* Short names close to the lifelines; where there is no room for both ends, of the local one. Narrower still: lines and arrows alone. */
static void tight_columns(struct columns *c, unsigned width)
{
	const bool both = width >= 2 * BRIEF_COLUMNS + 2 + TIGHT_LANE_MIN, one = both || width >= BRIEF_COLUMNS + 2 + TIGHT_LANE_MIN;
	const unsigned gap = width >= 2 * BRIEF_COLUMNS + 2 + TIGHT_GAP_LANE_MIN ? 1 : 0;
	const unsigned left = one ? BRIEF_COLUMNS + gap : 0, right = both ? BRIEF_COLUMNS + gap : 0;

	c->brief = c->tight = true;
	c->time = c->delta = c->how = -1;
	c->label_width[LOCAL] = c->label_width[REMOTE] = BRIEF_COLUMNS;
	c->label[LOCAL] = one ? 0 : -1;
	c->line[LOCAL] = (int)left;
	c->lane = width > left + right + 2 ? width - left - right - 2 : 0;
	c->line[REMOTE] = (int)(left + 1 + c->lane);
	c->label[REMOTE] = both ? c->line[REMOTE] + 1 + (int)gap : -1;
}

/* Whether a state of the peer has a question mark after it. */
static bool has_deduced(const struct ladder *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->rows[i].remote.deduced)
			return true;
	return l->first_deduced;
}

static struct columns choose_columns(const struct ladder *l, const struct ladder_style *style, const struct words_clock *clock, unsigned width)
{
	static const struct choice full[] = {{true, true, true, 26}, {true, true, false, 26}, {true, false, false, 22}};
	static const struct choice compact[] = {{false, false, true, 24}};
	static const struct choice bare = {.lane_min = 12}, least = {.lane_min = 6};
	const struct choice *choices = style->compact ? compact : full;
	unsigned count = style->compact ? 1 : 3, question = has_deduced(l) ? 2 : 0;
	struct columns c = {
		.time_width = clock->wall ? WORDS_WALL_COLUMNS : WORDS_TIME_COLUMNS,
		.how_width = words_how_columns(),
		.label_width = {STATE_COLUMNS, STATE_COLUMNS + question},
	};

	if (style->tight) {
		tight_columns(&c, width);
		return c;
	}
	for (unsigned i = 0; i < count; i++)
		if ((style->show_how || !choices[i].how) && try_columns(&c, &choices[i], width, style->compact))
			return c;
	if (try_columns(&c, &bare, width, style->compact))
		return c;
	c.brief = true;
	c.label_width[LOCAL] = BRIEF_COLUMNS;
	c.label_width[REMOTE] = BRIEF_COLUMNS + question;
	if (try_columns(&c, &least, width, style->compact))
		return c;
	tight_columns(&c, width);
	return c;
}

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
	const struct columns *c = &p->at;

	if (c->time >= 0)
		area_field(p->area, y, c->time, c->time_width, false, ROLE_HEADING, 0, _("time"));
	if (c->delta >= 0)
		area_field(p->area, y, c->delta, DELTA_COLUMNS, true, ROLE_HEADING, 0, _("delta"));
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
	const struct columns *c = &p->at;
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
		area_field(p->area, y, c->delta, DELTA_COLUMNS, true, ROLE_DIM, 0, delta);
	else if (c->delta >= 0 && !told && row->t0_ns && row->t0_ns != row->t1_ns)
		area_field(p->area, y, c->delta, DELTA_COLUMNS, true, ROLE_DIM, 0, _("(between)"));
}

/* A remark between the lifelines; when they are too close, it goes on to the right of them. */
static void paint_remark(struct picture *p, int y, const struct ladder_row *row, enum role role, const char *words)
{
	const struct columns *c = &p->at;
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
		arrow_paint(area_part(p->area, (unsigned)y, (unsigned)p->at.line[LOCAL] + 1, 1, p->at.lane), row, progress_of(p, index),
		            crossed_from_local(p->l, index));
}

/* ---- the whole ---- */

/* What was there when synfin began to look is said on the line of the first states, where there is room. */
static bool begins_with_note(const struct picture *p)
{
	const struct ladder *l = p->l;

	return l->count > 0 && l->rows[0].part == PART_NOTE && !l->rows[0].certainty && utf8_columns(_(l->rows[0].note)) <= p->at.lane;
}

static unsigned rows_drawn(const struct ladder *l, struct ladder_moment moment)
{
	if (moment.whole >= l->count)
		return l->count;
	return moment.whole + (moment.progress > 0);
}

static void find_newest_labels(struct picture *p, unsigned drawn)
{
	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		p->newest_label[side] = UINT_MAX;
		for (unsigned i = 0; i < drawn; i++)
			if (end_of(&p->l->rows[i], side)->state && has_entered(p, i, side))
				p->newest_label[side] = i;
	}
}

/* The first line, or in its place what is hidden above; nothing where there is but one line. Returns the row to go on with. */
static unsigned paint_top(struct picture *p, int *y, unsigned lines, unsigned drawn)
{
	unsigned first = begins_with_note(p) ? 1 : 0, hidden = lines < 2 ? drawn - 1 : drawn + 1 - lines;
	char words[WORDS_ROOM];

	if (drawn + 1 <= lines + first) {
		paint_states(p, (*y)++, true, first ? _(p->l->rows[0].note) : "");
		return first;
	}
	for (unsigned i = 0; i < hidden; i++)
		pass_row(p, i);
	snprintf(words, sizeof(words), _("%u more above"), hidden);
	if (lines > 1)
		paint_states(p, (*y)++, false, words);
	return hidden;
}

void ladder_paint(const struct ladder *l, struct area area, struct ladder_moment moment, const struct ladder_style *style)
{
	struct picture p = {.l = l, .area = area, .g = area.canvas->glyphs, .moment = moment, .deduced = l->first_deduced};
	unsigned drawn = rows_drawn(l, moment), i;
	int y = 0;

	if (area.rows == 0 || area.columns == 0)
		return;
	p.state[LOCAL] = l->first_local;
	p.state[REMOTE] = l->first_remote;
	p.clock = words_clock_of(l, style, p.g);
	p.at = choose_columns(l, style, &p.clock, area.columns);
	find_newest_labels(&p, drawn);
	if (!style->compact && area.rows >= l->count + 2u - begins_with_note(&p))
		paint_heading(&p, y++);
	i = paint_top(&p, &y, area.rows - (unsigned)y, drawn);
	for (; i < drawn; i++)
		paint_row(&p, y++, i);
	if (drawn == l->count && (unsigned)y < area.rows && !(is_dead(p.state[LOCAL]) && is_dead(p.state[REMOTE])))
		for (unsigned side = LOCAL; side <= REMOTE; side++)
			paint_lifeline(&p, y, side, p.state[side], p.state[side], p.g->vertical);
}

unsigned ladder_height(const struct ladder *l)
{
	return l->count + 3u;
}
