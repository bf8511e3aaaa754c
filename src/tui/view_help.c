/*
 * The Help screen: first what can be done on the screen that it was called from, then the rest, the marks, and how much
 * is seen. `/` narrows it to the lines that have the words; a click on an action does it.
 */
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "ui.h"

/* ---- what the page has ---- */

static const char *title_of(const struct view *view)
{
	return view->title ? view->title : view->tab != ACTION_NONE ? action_info(view->tab)->label : "";
}

/* On the bottom line of that screen, or of the group that has its name. */
static bool belongs_to(const struct view *view, enum action action)
{
	if (strcmp(action_info(action)->group, title_of(view)) == 0)
		return true;
	for (unsigned i = 0; i < UI_KEYS_MAX && view->keys[i] != ACTION_NONE; i++)
		if (view->keys[i] == action)
			return true;
	return false;
}

static unsigned add(struct ui_help *h, unsigned count, const char *group, enum action action)
{
	const struct action_info *info = action_info(action);
	const char *text = action == ACTION_OPEN && h->from->enter ? h->from->enter : info->help;

	/* What can be done without a key is not among them. */
	if (count < HELP_ENTRIES_MAX && *h->keys[action])
		h->entries[count++] = (struct help_entry){
			.group = group, .keys = h->keys[action], .name = info->name, .label = info->label, .text = text,
			.role = ROLE_HELP_KEY, .action = (uint8_t)action,
		};
	return count;
}

/* In the order of the bottom line, which has the best first. */
static unsigned add_context(struct ui_help *h, unsigned count)
{
	const char *title = title_of(h->from);

	for (unsigned i = 0; i < UI_KEYS_MAX && h->from->keys[i] != ACTION_NONE; i++)
		count = add(h, count, title, h->from->keys[i]);
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
		unsigned k = 0;

		while (k < UI_KEYS_MAX && h->from->keys[k] != ACTION_NONE && h->from->keys[k] != (enum action)i)
			k++;
		if (strcmp(action_info((enum action)i)->group, title) == 0 && (k == UI_KEYS_MAX || h->from->keys[k] == ACTION_NONE))
			count = add(h, count, title, (enum action)i);
	}
	return count;
}

/* The groups in the order in which they begin in the table. */
static unsigned add_rest(struct ui_help *h, unsigned count)
{
	for (unsigned first = ACTION_NONE + 1; first < ACTION_COUNT; first++) {
		const char *group = action_info((enum action)first)->group;
		unsigned before = ACTION_NONE + 1;

		while (strcmp(action_info((enum action)before)->group, group) != 0)
			before++;
		for (unsigned i = first; i < ACTION_COUNT && before == first; i++)
			if (strcmp(action_info((enum action)i)->group, group) == 0 && !belongs_to(h->from, (enum action)i))
				count = add(h, count, group, (enum action)i);
	}
	return count;
}

static unsigned rows_in_sight(const struct ui *ui)
{
	return ui->rows > 3 ? ui->rows - 3 : 1;
}

/* Never past the last row, also when the screen has become larger. */
static void scroll(struct ui *ui, int64_t lines)
{
	const int64_t most = ui->help.page.rows > rows_in_sight(ui) ? ui->help.page.rows - rows_in_sight(ui) : 0;
	const int64_t top = (int64_t)ui->help.top + lines;

	ui->help.top = (unsigned)(top < 0 ? 0 : top > most ? most : top);
}

#define MARKS_MOST 16
#define PROMISE_FROM 60 /* columns */

static void update(struct ui *ui, int64_t now_ns)
{
	struct ui_help *h = &ui->help;
	unsigned count;

	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
		keymap_names(&ui->keymap, (enum action)i, h->keys[i]);
	count = add_rest(h, add_context(h, 0));
	if (count + MARKS_MOST < HELP_ENTRIES_MAX)
		count = help_add_marks(h->entries, count, ui->glyphs ? ui->glyphs : &glyphs_ascii, &h->signs);
	coverage_say(&h->coverage, ui->model, &ui->facts, now_ns);
	count = help_add_coverage(h->entries, count, &h->coverage);
	help_lay_out(&h->page, h->entries, count, h->search.text, ui->columns);
	scroll(ui, 0);
}

void ui_open_help(struct ui *ui, int64_t now_ns)
{
	for (unsigned i = 0; i < ui->depth; i++)
		if (ui->stack[i] == &view_help) { /* below an overlay */
			ui_drop(ui, i + 1);
			return;
		}
	ui->help.from = ui_top(ui);
	ui->help.top = 0;
	prompt_set(&ui->help.search, "");
	ui_push(ui, &view_help);
	update(ui, now_ns);
}

/* ---- actions ---- */

static void narrow(struct ui *ui, const char *words)
{
	prompt_set(&ui->help.search, words);
	ui->help.top = 0;
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	const int64_t page = rows_in_sight(ui) > 1 ? rows_in_sight(ui) - 1 : 1;

	(void)now_ns;
	switch (action) {
	case ACTION_UP:
		scroll(ui, -1);
		return true;
	case ACTION_DOWN:
		scroll(ui, 1);
		return true;
	case ACTION_PAGE_UP:
		scroll(ui, -page);
		return true;
	case ACTION_PAGE_DOWN:
		scroll(ui, page);
		return true;
	case ACTION_TOP:
		scroll(ui, INT32_MIN);
		return true;
	case ACTION_BOTTOM:
		scroll(ui, INT32_MAX);
		return true;
	case ACTION_SEARCH:
		ui_push(ui, &view_help_search);
		return true;
	case ACTION_BACK: /* first from what was looked for */
		if (!ui->help.search.len)
			return false;
		narrow(ui, "");
		return true;
	case ACTION_HELP: /* the same key leaves again */
		ui_pop(ui);
		return true;
	default:
		return false;
	}
}

static void leave(struct ui *ui)
{
	while (ui->depth > 1 && ui_top(ui) != &view_help)
		ui_pop(ui);
	ui_pop(ui);
}

/* Does it where help was called. */
static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const unsigned bottom = ui->rows - 1;
	enum action action;

	if (row < ui->help.row || row >= bottom)
		return;
	action = (enum action)help_action_at(&ui->help.page, ui->help.top + row - ui->help.row, column);
	if (action == ACTION_NONE)
		return;
	leave(ui);
	if (action != ACTION_BACK && action != ACTION_HELP)
		ui_act(ui, action, now_ns);
}

/* ---- picture ---- */

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct ui_help *h = &ui->help;
	char found[64];

	(void)now_ns;
	h->row = area.row + 1;
	snprintf(found, sizeof(found), _("found: %u"), h->page.entries);
	if (h->search.len)
		frame_rule(area, _("Help"), ROLE_TITLE, found);
	else
		frame_rule(area, _("Help"), ROLE_DIM, area.columns >= PROMISE_FROM ? _("every key means the same on every screen") : NULL);
	area = area_part(area, 1, 0, area.rows, area.columns);
	if (h->page.entries == 0)
		area_text(area, 1, 2, ROLE_DIM, 0, _("No line of the help has these words."));
	help_paint(&h->page, area, h->top);
}

const struct view view_help = {
	.name = "help",
	.keys = {ACTION_BACK, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_SEARCH},
	.update = update,
	.paint = paint,
	.act = act,
	.click = click,
};

/* ---- the line with the words that are looked for ---- */

static bool words_typed(struct ui *ui, unsigned key, bool pasted, int64_t now_ns)
{
	struct prompt *p = &ui->help.search;

	(void)now_ns;
	if (pasted) {
		prompt_insert(p, key);
		ui->help.top = 0;
		return true;
	}
	switch (prompt_key(p, key)) {
	case PROMPT_PASSED:
		return false;
	case PROMPT_EDITED:
		ui->help.top = 0;
		return true;
	case PROMPT_ENTERED:
		prompt_remember(p);
		ui_pop(ui);
		return true;
	case PROMPT_LEFT:
		narrow(ui, "");
		ui_pop(ui);
		return true;
	default:
		return true;
	}
}

/* Keys that are not text: those of the page that is below, and those for everywhere. */
static bool words_act(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_SEARCH:
		return true;
	case ACTION_HELP:
		leave(ui);
		return true;
	default:
		return act(ui, action, now_ns);
	}
}

static void words_paint(struct ui *ui, struct area area, int64_t now_ns)
{
	(void)now_ns;
	prompt_paint(&ui->help.search, area_part(area, area.rows - 1, 0, 1, area.columns), _(" Search: "), ROLE_BAR);
}

const struct view view_help_search = {
	.name = "help-search",
	.overlay = true,
	.own_bottom = true,
	.paint = words_paint,
	.typed = words_typed,
	.act = words_act,
	.click = click,
};
