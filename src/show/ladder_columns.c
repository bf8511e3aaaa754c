/* Choosing the columns of a ladder: what does not fit is left out, the least needed first; the lane gets what remains. */
#include "ladder_columns.h"

#define LANE_MAX 46
#define STATE_COLUMNS 11
#define BRIEF_COLUMNS 8
#define TIGHT_LANE_MIN 6
#define TIGHT_GAP_LANE_MIN 12 /* with one so wide, the names stand off the lifelines */
#define GAP 2 /* between columns of text */

enum { LOCAL, REMOTE };

struct choice {
	bool time, delta, how;
	unsigned lane_min;
};

/* Puts the columns of a choice side by side in `width`; false if the lane gets less than it must have. */
static bool try_columns(struct ladder_columns *c, const struct choice *choice, unsigned width, bool center)
{
	unsigned x = choice->time || choice->delta ? 1 : 0, fixed, spare;

	fixed = x + (choice->time ? c->time_width + GAP : 0) + (choice->delta ? LADDER_DELTA_COLUMNS + GAP : 0) + c->label_width[LOCAL] + 1 + 2 + 1 +
	        c->label_width[REMOTE] + (choice->how ? GAP + c->how_width : 0);
	if (width < fixed + choice->lane_min)
		return false;
	c->lane = width - fixed < LANE_MAX ? width - fixed : LANE_MAX;
	spare = width - fixed - c->lane;
	x += center ? spare / 2 : 0;
	c->time = choice->time ? (int)x : -1;
	x += choice->time ? c->time_width + GAP : 0;
	c->delta = choice->delta ? (int)x : -1;
	x += choice->delta ? LADDER_DELTA_COLUMNS + GAP : 0;
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
static void tight_columns(struct ladder_columns *c, unsigned width)
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

struct ladder_columns columns_choose(const struct ladder *l, const struct ladder_style *style, const struct words_clock *clock, unsigned width)
{
	static const struct choice full[] = {{true, true, true, 26}, {true, true, false, 26}, {true, false, false, 22}};
	static const struct choice compact[] = {{false, false, true, 24}};
	static const struct choice bare = {.lane_min = 12}, least = {.lane_min = 6};
	const struct choice *choices = style->compact ? compact : full;
	unsigned count = style->compact ? 1 : 3, question = has_deduced(l) ? 2 : 0;
	struct ladder_columns c = {
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
