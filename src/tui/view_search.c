/* Searching: a line to type in at the bottom, while the cursor goes to the first row that has it; and going on from there. */
#include <string.h>

#include "base/message.h"
#include "base/utf8.h"
#include "ui.h"

static bool is_open(const struct ui *ui)
{
	return ui_top(ui) == &view_search;
}

/* Where a search begins: at the cursor if it is in sight, else at the first row that is. */
static uint32_t here(const struct ui *ui)
{
	const struct list *l = &ui->list;

	return l->cursor && !ui->following ? l->cursor_row : l->top;
}

void ui_open_search(struct ui *ui)
{
	struct search_line *s = &ui->typing.search;

	s->origin.conn = ui->list.cursor;
	s->origin.row = here(ui);
	s->origin.top = ui->list.top;
	s->origin.following = ui->following;
	s->missing = false;
	memcpy(s->former, s->search.text, sizeof(s->former));
	prompt_set(&s->line, "");
	ui_push(ui, &view_search);
}

/* Back to where one was, as far as that is still there. */
static void go_back(struct ui *ui, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;

	ui->following = s->origin.following;
	if (ui->following || !s->origin.conn)
		list_point(&ui->list, s->origin.conn);
	else
		list_move_to(&ui->list, ui->model, s->origin.row, now_ns);
	ui->list.top = s->origin.top;
}

static void tell_missing(struct ui *ui, int64_t now_ns)
{
	const char *text = ui->typing.search.search.text;

	if (ui->list.grouping)
		ui_noticef(ui, now_ns, _("'%s' is in no row that is shown; closed groups are not searched."), text);
	else
		ui_noticef(ui, now_ns, _("'%s' is in no row."), text);
}


void ui_search_turn(struct ui *ui, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;

	if (is_open(ui) || s->search.on)
		list_hold(&ui->list, ui->model, now_ns);
	if (!s->search.on)
		return;
	switch (search_turn(&s->search, &ui->list, ui->model, now_ns)) {
	case SEARCH_GOES_ON:
		break;
	case SEARCH_FOUND:
		ui->following = false;
		list_move_to(&ui->list, ui->model, s->search.next, now_ns);
		if (s->search.around && !is_open(ui))
			ui_tell(ui, s->search.backward ? _("Searched on from the end.") : _("Searched on from the top."), now_ns);
		break;
	case SEARCH_NOT_FOUND:
		s->missing = true;
		if (is_open(ui))
			go_back(ui, now_ns);
		else
			tell_missing(ui, now_ns);
		break;
	}
}

void ui_search_again(struct ui *ui, bool backward, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;
	const uint32_t row = here(ui);

	if (!s->search.text[0] && s->line.history_count > 0)
		search_set(&s->search, s->line.history[0]);
	if (!s->search.text[0]) {
		ui_notice(ui, _("Nothing has been searched for yet: / searches."), now_ns);
		return;
	}
	s->missing = false;
	search_begin(&s->search, &ui->list, backward ? row - 1 : row + 1, backward);
	if (!s->search.on)
		ui_notice(ui, _("There is no row to be searched."), now_ns);
	ui_search_turn(ui, now_ns);
}

bool ui_search_end(struct ui *ui)
{
	struct search *s = &ui->typing.search.search;

	if (!s->text[0])
		return false;
	search_set(s, "");
	return true;
}

/* ---- the line ---- */

static void look_for(struct ui *ui, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;

	search_set(&s->search, s->line.text);
	search_begin(&s->search, &ui->list, s->origin.row, false);
	s->missing = false;
	if (!s->search.on)
		go_back(ui, now_ns);
}

static void keep(struct ui *ui, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;

	ui_search_turn(ui, now_ns); /* what was typed ahead is for the row that is found */
	prompt_remember(&s->line);
	ui_pop(ui);
	if (s->missing)
		tell_missing(ui, now_ns);
}

static bool typed(struct ui *ui, unsigned key, bool pasted, int64_t now_ns)
{
	struct search_line *s = &ui->typing.search;
	enum prompt_answer answer = PROMPT_EDITED;

	if (pasted)
		prompt_insert(&s->line, key);
	else
		answer = prompt_key(&s->line, key);
	switch (answer) {
	case PROMPT_EDITED:
		look_for(ui, now_ns);
		return true;
	case PROMPT_MOVED:
		return true;
	case PROMPT_ENTERED:
		keep(ui, now_ns);
		return true;
	case PROMPT_LEFT:
		ui_pop(ui);
		search_set(&s->search, s->former);
		go_back(ui, now_ns);
		return true;
	case PROMPT_PASSED:
		break;
	}
	return false;
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	(void)now_ns;
	/* F3 once more: the next one, and the line stays. */
	if (action != ACTION_SEARCH)
		return false;
	if (ui->typing.search.search.text[0])
		ui_search_again(ui, false, now_ns);
	return true;
}

static const char *told(const struct ui *ui)
{
	const struct search_line *s = &ui->typing.search;
	const char *unit;

	if (!s->line.len)
		return _("state, address, port, program, pid or unit");
	if (s->search.on)
		return _("searching");
	if (s->missing)
		return _("in no row");
	unit = search_unit(&s->search, &ui->list, ui->model, model_find(ui->model, ui->list.cursor));
	if (unit)
		return unit;
	return s->search.around ? _("from the top again") : "";
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct search_line *s = &ui->typing.search;
	const struct area line = area_part(area, area.rows - 1, 0, 1, area.columns);
	const unsigned label = utf8_columns(_(" Search: ")), wanted = utf8_columns(told(ui));
	const unsigned taken = wanted && label + s->line.len + wanted + 4 < area.columns ? wanted + 2 : 0;

	(void)now_ns;
	area_fill(line, ROLE_BAR, 0);
	prompt_paint(&s->line, area_part(line, 0, 0, 1, area.columns - taken), _(" Search: "), ROLE_BAR);
	if (taken)
		area_text(line, 0, (int)(area.columns - taken + 1), s->missing && s->line.len ? ROLE_WARNING : ROLE_BAR,
			  s->missing && s->line.len ? CELL_BOLD | CELL_REVERSE : 0, told(ui));
}

const struct view view_search = {
	.name = "search",
	.overlay = true,
	.own_bottom = true,
	.paint = paint,
	.typed = typed,
	.act = act,
};
