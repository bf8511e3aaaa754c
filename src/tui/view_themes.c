/* The picker of themes: at the side, so that the rest of the screen shows what the one under the cursor looks like. */
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/paragraph.h"
#include "ui.h"

/* Inside the box. */
#define WIDE_COLUMNS 32
#define NARROW_COLUMNS 20
#define WIDE_FROM 80 /* columns of the screen */
#define HELP_FROM 60
#define LEAST_LISTED 3
#define ABOUT_ROWS 3  /* a rule, and what is to be said of the one under the cursor; mistakes may take more */
#define SAMPLE_ROWS 4

/* ---- state ---- */

static void load(struct ui *ui)
{
	struct theme_picker *p = &ui->picker;

	themes_fini(&p->all);
	themes_load(&p->all);
	p->before = ui->theme;
	snprintf(p->before_name, sizeof(p->before_name), "%s", ui->theme_name);
	p->cursor = p->top = 0;
	for (unsigned i = 0; i < p->all.count; i++)
		if (strcmp(p->all.at[i].name, ui->theme_name) == 0)
			p->cursor = i;
}

static void wear(struct ui *ui, const struct theme *theme, const char *name)
{
	ui->theme = *theme;
	ui->retheme = true;
	snprintf(ui->theme_name, sizeof(ui->theme_name), "%s", name);
}

/* One with mistakes has no looks: the screen stays as it is. */
static void move_to(struct ui *ui, int64_t at)
{
	struct theme_picker *p = &ui->picker;

	p->cursor = at < 0 ? 0 : at < p->all.count ? (unsigned)at : p->all.count - 1;
	if (!p->all.at[p->cursor].mistakes.len)
		wear(ui, &p->all.at[p->cursor].theme, p->all.at[p->cursor].name);
}

static void keep(struct ui *ui, int64_t now_ns)
{
	char text[UI_NOTICE_ROOM];

	if (ui->picker.all.at[ui->picker.cursor].mistakes.len) {
		ui_notice(ui, _("a theme with mistakes cannot be chosen"), now_ns);
		return;
	}
	snprintf(text, sizeof(text), _("theme %s until you quit; from the start: synfin --theme %s"), ui->theme_name, ui->theme_name);
	ui_notice(ui, text, now_ns);
	ui_pop(ui);
}

static void dropped(struct ui *ui)
{
	wear(ui, &ui->picker.before, ui->picker.before_name);
}

static void restore(struct ui *ui)
{
	dropped(ui);
	ui_pop(ui);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	const int64_t cursor = ui->picker.cursor, page = ui->picker.height > 1 ? ui->picker.height - 1 : 1;

	switch (action) {
	case ACTION_UP:
		move_to(ui, cursor - 1);
		return true;
	case ACTION_DOWN:
		move_to(ui, cursor + 1);
		return true;
	case ACTION_PAGE_UP:
		move_to(ui, cursor - page);
		return true;
	case ACTION_PAGE_DOWN:
		move_to(ui, cursor + page);
		return true;
	case ACTION_TOP:
		move_to(ui, 0);
		return true;
	case ACTION_BOTTOM:
		move_to(ui, INT64_MAX);
		return true;
	case ACTION_OPEN:
		keep(ui, now_ns);
		return true;
	case ACTION_BACK:
	case ACTION_THEMES: /* the same key leaves again */
		restore(ui);
		return true;
	default:
		return false;
	}
}

/* Once tries it on, once more keeps it. */
static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const struct theme_picker *p = &ui->picker;
	const unsigned at = p->top + row - p->row;

	if (row < p->row || row >= p->row + p->height || column < p->column || column >= p->column + p->width || at >= p->all.count)
		return;
	if (at == p->cursor)
		keep(ui, now_ns);
	else
		move_to(ui, at);
}

/* ---- picture ---- */

static void paint_name(const struct ui *ui, struct area area, unsigned row, const struct theme_entry *entry, bool on_cursor)
{
	const char *yours = area.columns >= WIDE_COLUMNS && entry->own ? _("yours") : "";
	const unsigned flags = on_cursor ? CELL_ON_CURSOR : 0, taken = *yours ? utf8_columns(yours) + 1 : 0;
	const bool was_worn = strcmp(entry->name, ui->picker.before_name) == 0;
	const char *mark = entry->mistakes.len ? "!" : was_worn ? area.canvas->glyphs->bullet : "";

	if (on_cursor) {
		area_fill(area_part(area, row, 0, 1, area.columns), ROLE_CURSOR, CELL_ON_CURSOR);
		area_text(area, (int)row, 0, ROLE_CURSOR, flags | CELL_BOLD, ">");
	}
	area_text(area, (int)row, 1, entry->mistakes.len ? ROLE_WARNING : ROLE_GOOD, flags, mark);
	area_field(area, (int)row, 3, area.columns > 3 + taken ? area.columns - 3 - taken : 0, false,
		   entry->mistakes.len ? ROLE_GONE : on_cursor ? ROLE_CURSOR : ROLE_TEXT, flags, entry->name);
	area_text(area, (int)row, (int)(area.columns - taken) + 1, ROLE_DIM, flags, yours);
}

static const char *about(const struct theme_entry *entry, char mistake[UI_NOTICE_ROOM])
{
	return entry->mistakes.len ? theme_first_mistake(text_string(&entry->mistakes), mistake, UI_NOTICE_ROOM) : entry->theme.description;
}

static unsigned about_rows(const struct theme_entry *entry, unsigned columns)
{
	char mistake[UI_NOTICE_ROOM];
	const unsigned wanted = 1 + paragraph_rows(about(entry, mistake), columns);

	return wanted > ABOUT_ROWS ? wanted : ABOUT_ROWS;
}

static void paint_about(struct area area, const struct theme_entry *entry)
{
	char mistake[UI_NOTICE_ROOM];

	area_repeat(area, 0, 0, area.columns, ROLE_RULE, area.canvas->glyphs->horizontal);
	paragraph_paint(area_part(area, 1, 0, area.rows, area.columns), entry->mistakes.len ? ROLE_WARNING : ROLE_DIM, 0, about(entry, mistake));
}

static void paint_states(struct area area, unsigned row, const enum tcp_state *states, unsigned count)
{
	unsigned at = 0;

	for (unsigned i = 0; i < count; i++)
		at += area_text(area, (int)row, (int)at, role_of_state(states[i]), 0, state_name(states[i])) + 1;
}

static void paint_sample(struct area area)
{
	static const enum tcp_state opening[] = {STATE_SYN_SENT, STATE_ESTABLISHED, STATE_LISTEN}, closing[] = {STATE_FIN_WAIT1, STATE_CLOSE_WAIT, STATE_TIME_WAIT};
	const struct glyphs *g = area.canvas->glyphs;
	unsigned at = 0;

	paint_states(area, 0, opening, 3);
	paint_states(area, 1, closing, 3);
	area_repeat(area, 2, 0, 3, ROLE_ARROW, g->horizontal);
	at = 3 + area_text(area, 2, 3, ROLE_FLAG, CELL_BOLD, "SYN");
	area_repeat(area, 2, (int)at, 2, ROLE_ARROW, g->horizontal);
	at += 2 + area_text(area, 2, (int)at + 2, ROLE_PACKET, CELL_BOLD, g->packet) + 2;
	for (unsigned i = 0; i < 4; i++)
		area_text(area, 2, (int)(at + i), ROLE_ARROW_INFERRED, 0, i % 2 ? g->gap : g->dash);
	at += 4 + area_text(area, 2, (int)at + 4, ROLE_ARROW_INFERRED, 0, g->head_right) + 2;
	area_repeat(area, 2, (int)at, 3, ROLE_ARROW_LOST, g->horizontal);
	area_text(area, 2, (int)at + 3, ROLE_ARROW_LOST, CELL_BOLD, g->lost);
	at = area_text(area, 3, 0, ROLE_NEW, CELL_BOLD, "+") + 1;
	at += area_text(area, 3, (int)at, ROLE_GOOD, 0, g->bars[8]) + 1;
	for (unsigned i = 0; i < 8; i++)
		at += area_text(area, 3, (int)at, ROLE_GAUGE, 0, g->sparks[i]);
	at += 1 + area_text(area, 3, (int)at + 1, ROLE_WARNING, CELL_BOLD, "! LEAK");
	area_text(area, 3, (int)at + 1, ROLE_FLASH, CELL_BOLD, " FIN_WAIT2 ");
}

/* Of few columns, none for help. */
static void paint_bottom(struct ui *ui, struct area area)
{
	const struct {
		enum action action;
		const char *label;
	} wanted[] = {
		{ACTION_OPEN, N_("Keep")},
		{ACTION_BACK, N_("As before")},
		{area.columns >= HELP_FROM ? ACTION_HELP : ACTION_QUIT, NULL},
		{ACTION_QUIT, NULL},
	};
	char names[4][KEY_NAME_ROOM];
	struct frame_key keys[4];

	for (unsigned i = 0; i < 4; i++)
		keys[i] = (struct frame_key){
			.key = keymap_first(&ui->keymap, wanted[i].action, names[i]),
			.label = _(wanted[i].label ? wanted[i].label : action_info(wanted[i].action)->label),
			.action = (uint8_t)wanted[i].action,
		};
	if (ui->notice[0])
		frame_notice(area, ui->notice);
	else
		frame_bottom(area, keys, area.columns >= HELP_FROM ? 4 : 3, &ui->spots);
}

static void scroll_to_cursor(struct theme_picker *p)
{
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + p->height)
		p->top = p->cursor + 1 - p->height;
	if (p->top + p->height > p->all.count)
		p->top = p->all.count > p->height ? p->all.count - p->height : 0;
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct theme_picker *p = &ui->picker;
	const unsigned columns = area.columns >= WIDE_FROM ? WIDE_COLUMNS : NARROW_COLUMNS;
	const unsigned most = area.rows > 3 ? area.rows - 3 : 0; /* inside the box; the last row of the area is the bottom line */
	const unsigned said = about_rows(&p->all.at[p->cursor], columns), room = most > LEAST_LISTED ? most - LEAST_LISTED : 0;
	const unsigned told = said < room ? said : room;
	const unsigned sample = columns == WIDE_COLUMNS && room >= told + SAMPLE_ROWS ? SAMPLE_ROWS : 0;
	const unsigned below = told + sample;
	struct area box;

	(void)now_ns;
	p->height = p->all.count < most - below ? p->all.count : most - below;
	box = area_part(area, 0, area.columns - columns - 4, p->height + below + 2, columns + 4);
	box = frame_box(box, p->height + below, columns, _("Themes"));
	p->row = box.row;
	p->column = box.column;
	p->width = box.columns;
	scroll_to_cursor(p);
	for (unsigned i = 0; i < p->height; i++)
		paint_name(ui, box, i, &p->all.at[p->top + i], p->top + i == p->cursor);
	if (told > 0)
		paint_about(area_part(box, p->height, 0, told, box.columns), &p->all.at[p->cursor]);
	if (sample > 0)
		paint_sample(area_part(box, p->height + told, 0, SAMPLE_ROWS, box.columns));
	paint_bottom(ui, area_part(area, area.rows - 1, 0, 1, area.columns));
}

void ui_pick_theme(struct ui *ui)
{
	for (unsigned i = 0; i < ui->depth; i++)
		if (ui->stack[i] == &view_themes) { /* below Help */
			ui->depth = i + 1;
			return;
		}
	load(ui);
	ui_push(ui, &view_themes);
}

const struct view view_themes = {
	.name = "themes",
	.title = N_("Themes"),
	.overlay = true,
	.own_bottom = true,
	.keys = {ACTION_UP, ACTION_DOWN, ACTION_BACK},
	.paint = paint,
	.act = act,
	.dropped = dropped,
	.click = click,
};
