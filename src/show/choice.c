/* The picture of a box in which one is chosen. */
#include "show/choice.h"

#include "base/utf8.h"
#include "show/frame.h"

#define BEFORE_TEXT 6 /* the cursor, the digit, the mark, and what is between them */
#define DIGITS 9      /* so many have one */

static unsigned width_of(const struct choice *choices, unsigned count, const char *hint)
{
	unsigned widest = utf8_columns(hint);

	for (unsigned i = 0; i < count; i++) {
		const unsigned aside = choices[i].aside ? utf8_columns(choices[i].aside) + 2 : 0, width = BEFORE_TEXT + utf8_columns(choices[i].text) + aside;

		if (width > widest)
			widest = width;
	}
	return widest;
}

static void paint_line(struct area line, const struct choice *choice, unsigned number, bool on_cursor)
{
	const unsigned flags = on_cursor ? CELL_ON_CURSOR : 0, room = line.columns > BEFORE_TEXT ? line.columns - BEFORE_TEXT : 0;

	if (on_cursor) {
		area_fill(line, ROLE_CURSOR, CELL_ON_CURSOR);
		area_text(line, 0, 0, ROLE_CURSOR, flags | CELL_BOLD, ">");
	}
	if (number <= DIGITS)
		area_textf(line, 0, 2, ROLE_HELP_KEY, flags, "%u", number);
	if (choice->present)
		area_text(line, 0, 4, ROLE_GOOD, flags, line.canvas->glyphs->bullet);
	area_field(line, 0, BEFORE_TEXT, room, false, ROLE_TEXT, choice->present ? flags | CELL_BOLD : flags, choice->text);
	if (choice->aside)
		area_text(line, 0, (int)line.columns - (int)utf8_columns(choice->aside), ROLE_DIM, flags, choice->aside);
}

void choice_paint(struct area area, const char *title, const struct choice *choices, unsigned count, unsigned cursor, const char *hint,
		  struct choice_box *box)
{
	const bool hinted = count + 4 <= area.rows;
	struct area inner = frame_box(area, count + (hinted ? 2 : 0), width_of(choices, count, hint), title);
	unsigned shown = inner.rows < count ? inner.rows : count;

	*box = (struct choice_box){.row = inner.row, .column = inner.column, .width = inner.columns, .count = shown};
	if (cursor >= shown)
		box->first = cursor + 1 - shown;
	for (unsigned i = 0; i < shown; i++)
		paint_line(area_part(inner, i, 0, 1, inner.columns), &choices[box->first + i], box->first + i + 1, box->first + i == cursor);
	if (hinted)
		area_field(inner, (int)count + 1, 0, inner.columns, false, ROLE_DIM, 0, hint);
}

unsigned choice_at(const struct choice_box *box, unsigned row, unsigned column, unsigned none)
{
	if (row < box->row || row >= box->row + box->count || column < box->column || column >= box->column + box->width)
		return none;
	return box->first + row - box->row;
}
