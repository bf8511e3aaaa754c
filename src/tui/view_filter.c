/*
 * The filter's line: typed with what can come next shown above it, and below it what is wrong, under the place. The list shows what fits as soon as what is typed
 * is a whole filter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/utf8.h"
#include "key.h"
#include "ui.h"

/* After the last key: by then a person is no longer in the middle of a word. */
#define SETTLED_NS (150 * NS_PER_MS)
#define LIST_ROWS_MOST 8

static void find_candidates(struct filter_line *f)
{
	filter_complete(f->line.text, f->line.at, &f->candidates);
	f->choosing = false;
	f->chosen = 0;
}

void ui_open_filter(struct ui *ui, int64_t now_ns)
{
	struct filter_line *f = &ui->typing.filter;
	const char *text = ui->filter_text ? ui->filter_text : "";

	if (strlen(text) >= PROMPT_ROOM) {
		ui_notice(ui, _("The filter is too long to be changed here."), now_ns);
		return;
	}
	free(f->former);
	free(f->former_before);
	f->former = memory_copy_string(text);
	f->former_chosen = ui->state_chosen;
	f->former_before = ui->filter_before ? memory_copy_string(ui->filter_before) : NULL;
	prompt_set(&f->line, text);
	f->edited_ns = 0;
	f->wrong = f->loud = f->no_owners = false;
	find_candidates(f);
	ui_push(ui, &view_filter);
}

/* ---- what is typed, taken ---- */

static void apply(struct ui *ui, int64_t now_ns)
{
	struct filter_line *f = &ui->typing.filter;

	f->edited_ns = 0;
	f->wrong = !ui_set_filter(ui, f->line.text, &f->error);
	f->no_owners = f->wrong && f->error.problem == FILTER_FINE;
	list_update(&ui->list, ui->model, now_ns);
}

static void edited(struct filter_line *f, int64_t now_ns)
{
	f->edited_ns = now_ns;
	f->loud = f->wrong = f->parted = false;
}

static void keep(struct ui *ui, int64_t now_ns)
{
	struct filter_line *f = &ui->typing.filter;

	apply(ui, now_ns);
	f->loud = f->wrong;
	if (f->wrong)
		return;
	prompt_remember(&f->line);
	ui_pop(ui);
}

static void leave(struct ui *ui)
{
	struct filter_error ignored;

	struct filter_line *f = &ui->typing.filter;

	ui_set_filter(ui, f->former, &ignored);
	/* If it was a state chosen on the map, it is one again. */
	if (f->former_chosen) {
		free(ui->filter_before);
		ui->filter_before = f->former_before;
		ui->state_chosen = true;
		f->former_before = NULL;
	}
	ui_pop(ui);
}

/* ---- completion ---- */

static void put_candidate(struct filter_line *f)
{
	struct filter_candidates *c = &f->candidates;
	const char *word = c->words[f->chosen];

	if (c->from == c->to && c->from > 0 && !strchr(" \t", f->line.text[c->from - 1])) { /* right behind a sign */
		if (!prompt_insert(&f->line, ' '))
			return;
		c->from = c->to = f->line.at;
	}
	if (prompt_replace(&f->line, c->from, c->to, word))
		c->to = c->from + strlen(word);
}

/* Tab puts the next candidate in, Shift-Tab the one before; of a single one no choice is left. */
static void complete(struct filter_line *f, int direction, int64_t now_ns)
{
	const unsigned count = f->candidates.count;

	if (!count)
		return;
	if (f->choosing)
		f->chosen = (f->chosen + count + (unsigned)direction) % count;
	else
		f->chosen = direction < 0 ? count - 1 : 0;
	f->choosing = true;
	put_candidate(f);
	if (count == 1) {
		if (f->line.text[f->line.at] != ' ')
			prompt_insert(&f->line, ' ');
		else
			f->line.at++;
		find_candidates(f);
	}
	edited(f, now_ns);
	f->parted = count == 1;
}

static bool typed(struct ui *ui, unsigned key, bool pasted, int64_t now_ns)
{
	struct filter_line *f = &ui->typing.filter;
	enum prompt_answer answer = PROMPT_EDITED;

	if (!pasted && (key == KEY_CODE_TAB || key == NAMED_KEY_BACK_TAB)) {
		complete(f, key == KEY_CODE_TAB ? 1 : -1, now_ns);
		return true;
	}
	if (key == ' ' && f->parted) { /* it is there already */
		f->parted = false;
		return true;
	}
	if (pasted && !prompt_insert(&f->line, key))
		ui_notice(ui, _("The line is full: the rest is left out."), now_ns);
	else if (pasted)
		answer = PROMPT_EDITED;
	else
		answer = prompt_key(&f->line, key);
	switch (answer) {
	case PROMPT_EDITED:
		edited(f, now_ns);
		find_candidates(f);
		return true;
	case PROMPT_MOVED:
		find_candidates(f);
		return true;
	case PROMPT_ENTERED:
		keep(ui, now_ns);
		return true;
	case PROMPT_LEFT:
		leave(ui);
		return true;
	case PROMPT_PASSED:
		break;
	}
	return false;
}

static void update(struct ui *ui, int64_t now_ns)
{
	const struct filter_line *f = &ui->typing.filter;

	if (f->edited_ns && now_ns >= f->edited_ns + SETTLED_NS)
		apply(ui, now_ns);
}

static int64_t wake_ns(const struct ui *ui)
{
	const struct filter_line *f = &ui->typing.filter;

	return f->edited_ns ? f->edited_ns + SETTLED_NS : INT64_MAX;
}

/* ---- the picture ---- */

/* Nothing to choose from when the only word that fits stands there already. */
static bool has_choice(const struct filter_line *f)
{
	const struct filter_candidates *c = &f->candidates;

	return c->count > 1 || (c->count == 1 && (strlen(c->words[0]) != c->to - c->from || strncmp(c->words[0], f->line.text + c->from, c->to - c->from) != 0));
}

/* The candidates in a box above the line, the word that they are for below their first letters. */
static void paint_candidates(const struct filter_line *f, struct area area, unsigned column)
{
	const struct filter_candidates *c = &f->candidates;
	unsigned rows = c->count, width = 0, first;
	struct area box;

	if (rows > LIST_ROWS_MOST)
		rows = LIST_ROWS_MOST;
	if (rows + 4 > area.rows)
		rows = area.rows > 5 ? area.rows - 4 : 1;
	for (unsigned i = 0; i < c->count; i++)
		if (utf8_columns(c->words[i]) > width)
			width = utf8_columns(c->words[i]);
	column = column > 2 ? column - 2 : 0;
	if (column + width + 4 > area.columns)
		column = area.columns > width + 4 ? area.columns - width - 4 : 0;
	box = frame_box(area_part(area, area.rows - rows - 2, column, rows + 2, width + 4), rows, width, "");
	first = f->chosen >= rows ? f->chosen - rows + 1 : 0;
	for (unsigned row = 0; row < rows; row++) {
		const bool chosen = f->choosing && first + row == f->chosen;

		area_field(box, (int)row, 0, width, false, chosen ? ROLE_TAB_ACTIVE : ROLE_TEXT, chosen ? CELL_BOLD : 0, c->words[first + row]);
	}
	if (c->count > rows) /* there are more */
		area_textf(area_part(area, area.rows - 1, column, 1, width + 3), 0, (int)width + (c->count < 10), ROLE_DIM, 0, "%u", c->count);
}

/* It is only not finished yet: that is nothing to be told while somebody is typing. */
static bool is_unfinished(const struct filter_line *f)
{
	const bool at_cursor = f->error.at == f->candidates.from && f->error.at + f->error.length == f->line.at;

	switch ((enum filter_problem)f->error.problem) {
	case FILTER_NOTHING_BEHIND:
	case FILTER_NOT_CLOSED:
	case FILTER_QUOTE_OPEN:
		return f->line.at == f->line.len;
	case FILTER_NO_WORD:
	case FILTER_NO_STATE:
	case FILTER_NO_SIDE:
		return at_cursor && f->candidates.count > 0;
	default:
		return false;
	}
}

/* The columns of the line that are wrong. */
static void find_place(const struct filter_line *f, unsigned columns, const char *label, unsigned *at, unsigned *end)
{
	const size_t from = f->error.at < f->line.len ? f->error.at : f->line.len, to = from + f->error.length;

	*at = prompt_column(&f->line, columns, label, from);
	*end = prompt_column(&f->line, columns, label, to < f->line.len ? to : f->line.len);
	if (*end <= *at)
		*end = *at + 1;
}

/* What is wrong, in the row below: with a caret under the place where the words fit beside it. */
static void paint_mistake(const struct filter_line *f, struct area area, unsigned at, unsigned end)
{
	const enum role role = f->loud ? ROLE_WARNING : ROLE_DIM;
	const unsigned flags = f->loud ? CELL_BOLD : 0;
	struct text text = {0};
	unsigned width;

	area_fill(area, ROLE_TEXT, 0);
	if (f->no_owners)
		text_addf(&text, _("the filter speaks of processes, which '%s' does not look for"), "--no-owners");
	else
		filter_error_tell(&f->error, &text);
	width = utf8_columns(text_string(&text));
	if (f->no_owners || (end + 1 + width > area.columns && width + 2 > at)) {
		area_field(area, 0, 1, area.columns - 2, false, role, flags, text_string(&text));
	} else {
		area_text(area, 0, (int)at, role, flags, "^");
		area_repeat(area, 0, (int)at + 1, end - at - 1, role, "~");
		area_text(area, 0, end + 1 + width <= area.columns ? (int)end + 1 : (int)(at - width - 1), role, flags, text_string(&text));
	}
	text_fini(&text);
}

static void paint_keys(struct area area)
{
	const struct frame_key keys[] = {
		{.key = "Tab", .label = _("Complete")}, {.key = "Up", .label = _("Earlier")}, {.key = "Enter", .label = _("Keep")}, {.key = "Esc", .label = _("Back")},
	};

	frame_bottom(area, keys, sizeof(keys) / sizeof(keys[0]), NULL);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct filter_line *f = &ui->typing.filter;
	const struct area line = area_part(area, area.rows - 2, 0, 1, area.columns), below = area_part(area, area.rows - 1, 0, 1, area.columns);
	const char *label = _(" Filter: ");
	unsigned at, end;

	(void)now_ns;
	prompt_paint(&f->line, line, label, ROLE_BAR);
	if (f->wrong && (f->loud || !is_unfinished(f))) {
		find_place(f, area.columns, label, &at, &end);
		if (!f->no_owners)
			area_tint(line, 0, (int)at, end - at, ROLE_COUNT, CELL_UNDERLINE);
		paint_mistake(f, below, at, end);
	} else {
		paint_keys(below);
	}
	if (has_choice(f))
		paint_candidates(f, area_part(area, 0, 0, area.rows - 2, area.columns), prompt_column(&f->line, area.columns, label, f->candidates.from));
}

const struct view view_filter = {
	.name = "filter",
	.overlay = true,
	.own_bottom = true,
	.update = update,
	.paint = paint,
	.typed = typed,
	.wake_ns = wake_ns,
};
