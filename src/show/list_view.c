/* The picture of the list: column heads and the rows in sight. */
#include "show/list.h"

#include <stdio.h>

#include "base/message.h"

static const bool right_aligned[LIST_COLUMN_COUNT] = {
#define X(name, heading, least, rank, right) [LIST_##name] = right,
	LIST_COLUMNS(X)
#undef X
};

static void paint_heads(const struct list *l, struct area area, const struct list_layout *layout)
{
	if (l->warnings_first) /* the mark of warnings: they lead */
		area_text(area, 0, 1, ROLE_HEADING, CELL_BOLD, "!");
	for (unsigned i = 0; i < layout->count; i++) {
		const enum list_column column = layout->shown[i].column;
		const bool sorted = column == l->sort;
		char text[64];

		snprintf(text, sizeof(text), "%s%s", _(list_heading(column)), !sorted ? "" : l->inverted ? " ^" : " v");
		area_field(area, 0, (int)layout->shown[i].at, layout->shown[i].width, right_aligned[column], ROLE_HEADING, sorted ? CELL_BOLD : 0, text);
	}
}

static void paint_mark(const struct list *l, struct area area, int row, const struct connection *c, unsigned flags, int64_t now_ns)
{
	const char mark[2] = {list_mark(c, now_ns), '\0'};
	const bool marked = list_is_marked(l, c->id);
	const enum role role = marked && mark[0] != '!' ? ROLE_TITLE : mark[0] == '!' ? ROLE_WARNING : !c->live ? ROLE_GONE : mark[0] == '+' ? ROLE_NEW : role_of_state(c->state);

	area_text(area, row, 1, role, marked ? flags | CELL_BOLD : flags, marked ? "*" : mark);
}

/* Between the addresses: who opened. */
static void paint_direction(struct area area, int row, unsigned at, const struct connection *c, unsigned flags)
{
	const struct glyphs *glyphs = area.canvas->glyphs;
	const enum role role = c->live ? ROLE_DIM : ROLE_GONE;

	if (c->opener == SIDE_LOCAL)
		area_text(area, row, (int)at, role, flags, glyphs->head_right);
	else if (c->opener == SIDE_REMOTE)
		area_text(area, row, (int)at, role, flags, glyphs->head_left);
}

static void paint_row(const struct list *l, const struct model *m, struct area area, int row, uint32_t index, const struct list_layout *layout,
		      int64_t now_ns)
{
	const struct connection *c = list_at(l, m, index);
	const struct list_group *group = list_group_at(l, index);
	const bool on_cursor = group ? l->on_group && index == l->cursor_row : l->cursor && list_conn(l, m, index) == l->cursor;
	const unsigned flags = on_cursor ? CELL_ON_CURSOR : 0;
	const bool local_shown = layout->count > 2 && layout->shown[2].column == LIST_LOCAL;

	if (on_cursor) {
		area_fill(area_part(area, (unsigned)row, 0, 1, area.columns), ROLE_CURSOR, CELL_ON_CURSOR);
		area_text(area, row, 0, ROLE_CURSOR, flags | CELL_BOLD, ">");
	}
	if (group) {
		list_group_paint(l, m, area, row, group, layout, flags);
		return;
	}
	if (!c) {
		area_text(area, row, LIST_MARK_COLUMNS, ROLE_GONE, flags, "-");
		return;
	}
	paint_mark(l, area, row, c, flags, now_ns);
	for (unsigned i = 0; i < layout->count; i++) {
		const enum list_column column = layout->shown[i].column;
		struct list_cell cell;

		list_cell(m, c, column, layout->shown[i].width, area.canvas->glyphs, now_ns, &cell);
		if (l->names)
			list_cell_names(l->names, c, column, layout->shown[i].width, area.canvas->glyphs, &cell);
		if (column == LIST_STATE && now_ns - list_last_step_ns(c) < LIST_FLASH_NS)
			cell.role = c->live ? ROLE_FLASH : ROLE_GONE;
		if (column == LIST_PEER && local_shown)
			paint_direction(area, row, layout->shown[i].at - 2, c, flags);
		area_field(area, row, (int)layout->shown[i].at, layout->shown[i].width, right_aligned[column], cell.role, flags, cell.text);
	}
}

void list_paint(const struct list *l, const struct model *m, struct area area, int64_t now_ns)
{
	struct list_layout layout;

	list_lay_out(l, area.columns, area.canvas->glyphs, &layout);
	paint_heads(l, area, &layout);
	for (uint32_t i = 0; i + 1 < area.rows && l->top + i < l->count; i++)
		paint_row(l, m, area, (int)i + 1, l->top + i, &layout, now_ns);
}
