/*
 * Which rows of a ladder are in sight.
 *
 * The newest are, as a rule. A selected row above them draws the window up to itself; then the last line says how much is below.
 */
#include "base/message.h"
#include "base/utf8.h"
#include "ladder_columns.h"
#include "show/ladder.h"

#define LINES_WITH_TAILS 7 /* with fewer, countdowns give way to rows */

unsigned ladder_drawn(const struct ladder *l, struct ladder_moment moment)
{
	if (moment.whole >= l->count)
		return l->count;
	return moment.whole + (moment.progress > 0);
}

/* What was there when synfin began to look is said on the line of the first states, where there is room. */
static bool begins_with_note(const struct ladder *l, unsigned lane)
{
	return l->count > 0 && l->rows[0].part == PART_NOTE && !l->rows[0].certainty && utf8_columns(_(l->rows[0].note)) <= lane;
}

static unsigned countdowns(const struct ladder *l, unsigned drawn, const struct ladder_style *style)
{
	if (!style->countdown || drawn < l->count)
		return 0;
	return (style->countdown[0].words[0] != '\0') + (style->countdown[1].words[0] != '\0');
}

/* The rows that are in sight below the top, in so many lines. */
static void choose_rows(struct ladder_window *w, unsigned drawn, unsigned lines, unsigned note, unsigned selected)
{
	unsigned room;

	w->whole_top = w->top = true;
	w->first = note;
	w->end = drawn > note ? drawn : note;
	if (drawn + 1 <= lines + note)
		return;
	w->whole_top = false;
	w->top = lines > 1;
	room = lines - w->top;
	w->first = drawn - room;
	if (!selected || selected > w->first)
		return;
	w->first = selected - 1 > note ? selected - 1 : note;
	w->whole_top = w->top && w->first == note;
	if (room > 1)
		room--;
	w->end = w->first + room;
	w->below = drawn - w->end;
}

struct ladder_window ladder_window(const struct ladder *l, unsigned rows, unsigned columns, struct ladder_moment moment,
				   const struct ladder_style *style, const struct glyphs *g)
{
	const struct words_clock clock = words_clock_of(l, style, g);
	const struct ladder_columns at = columns_choose(l, style, &clock, columns);
	const unsigned note = begins_with_note(l, at.lane), drawn = ladder_drawn(l, moment);
	struct ladder_window w = {0};
	unsigned lines = rows;

	if (rows == 0)
		return w;
	w.heading = !style->compact && rows >= l->count + 2u - note;
	lines -= w.heading;
	w.tails = countdowns(l, drawn, style);
	if (drawn + 1 + w.tails > lines + note && lines < LINES_WITH_TAILS)
		w.tails = 0;
	choose_rows(&w, drawn, lines - w.tails, note, style->selected);
	w.line = w.heading + w.top;
	return w;
}
