/* The List screen: totals above, the rows, and the live ladder in the lower third. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/paragraph.h"
#include "ui.h"

#define SPARKLINE_LEAST_ROWS 16
#define PANEL_LEAST_SCREEN 22
#define PANEL_MOST_ROWS 22
#define TAIL_PLAYED_NS (2 * NS_PER_SECOND) /* of the newest connection what happened since then is played */

/* Where things are, in rows below the top line. `heads` is the row of the column heads; `listed` rows follow it. */
struct list_places {
	unsigned histogram, histogram_rows, sparklines, sparkline_rows, tabs, heads, listed, panel, panel_rows;
};

static struct list_places places(const struct ui *ui)
{
	struct list_places p = {0};
	const unsigned rows = ui->rows > 2 ? ui->rows - 2 : 0;

	p.histogram_rows = frame_histogram_rows(ui->rows, ui->columns);
	p.sparklines = p.histogram_rows;
	p.sparkline_rows = ui->rows >= SPARKLINE_LEAST_ROWS;
	p.tabs = p.sparklines + p.sparkline_rows;
	p.heads = p.tabs + 1;
	if (!ui->panel_hidden && ui->rows >= PANEL_LEAST_SCREEN) {
		p.panel_rows = ui->rows / 3 + 1; /* its rule, and at 30 rows a whole life */
		if (p.panel_rows > PANEL_MOST_ROWS)
			p.panel_rows = PANEL_MOST_ROWS;
	}
	p.panel = rows - p.panel_rows;
	p.listed = p.panel > p.heads + 1 ? p.panel - p.heads - 1 : 0;
	return p;
}

bool ui_panel_shown(const struct ui *ui)
{
	return ui_base(ui) == &view_list && places(ui).panel_rows > 0;
}

/* ---- state ---- */

static void update_panel(struct ui *ui, int64_t now_ns)
{
	const struct model *m = ui->model;
	const uint64_t chosen = ui->list.tail ? ui->list.tailed : ui->list.cursor;
	bool another = false;

	if (ui->following) {
		if (!ui->paused)
			another = follow_turn(&ui->follow, m, ladder_view_moves(&ui->panel), now_ns);
		if (another || ui->follow.conn != ui->panel.conn)
			ladder_view_show(&ui->panel, m, ui->follow.conn, ui->follow.since_ns, now_ns);
		ui->panel.player.waiting = (uint8_t)ui->follow.waiting;
		list_point(&ui->list, ui->panel.conn);
	} else if (chosen != ui->panel.conn) {
		ladder_view_show(&ui->panel, m, chosen, ui->list.tail ? now_ns - TAIL_PLAYED_NS : LADDER_VIEW_ALL, now_ns);
		player_pause(&ui->panel.player, ui->paused, now_ns);
	} else {
		ui->panel.player.waiting = 0;
	}
	ladder_view_update(&ui->panel, m, &ui->tempo, now_ns);
}

static void update(struct ui *ui, int64_t now_ns)
{
	const struct list_places p = places(ui);

	list_resize(&ui->list, p.listed);
	ui_search_turn(ui, now_ns);
	list_update(&ui->list, ui->model, now_ns);
	if (p.panel_rows > 0)
		update_panel(ui, now_ns);
}

static bool moves(const struct ui *ui)
{
	return ui_panel_shown(ui) && ladder_view_moves(&ui->panel);
}

static int64_t wake_ns(const struct ui *ui)
{
	int64_t wake = ui->list.wake_ns, due = list_due(&ui->list, ui->model);

	if (ui->typing.search.search.on)
		return 0;
	if (due < wake)
		wake = due;
	if (ui->following && !ui->paused && ui_panel_shown(ui) && follow_due(&ui->follow) < wake)
		wake = follow_due(&ui->follow);
	return wake;
}

/*
 * What is followed passes on its own and is swept quickly meanwhile; only what a person has chosen is looked at all
 * the time.
 */
static unsigned watched(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX])
{
	return ui->following ? 0 : ui_watch_pair(ui, ui->list.cursor, conns, 0);
}

static uint64_t chosen(const struct ui *ui)
{
	return ui->list.cursor;
}

static struct ladder_view *panel(struct ui *ui)
{
	return ui_panel_shown(ui) ? &ui->panel : NULL;
}

/* ---- actions ---- */

static void move_by(struct ui *ui, int64_t rows, int64_t now_ns)
{
	ui->following = false;
	list_move(&ui->list, ui->model, rows, now_ns);
}

static void move_to(struct ui *ui, uint32_t row, int64_t now_ns)
{
	ui->following = false;
	list_move_to(&ui->list, ui->model, row, now_ns);
}

/* Opens or closes the group at the cursor; the person goes on from there, so the order stands still again. */
static void fold(struct ui *ui, bool open, int64_t now_ns)
{
	if (list_fold(&ui->list, open)) {
		list_update(&ui->list, ui->model, now_ns);
		list_hold(&ui->list, ui->model, now_ns);
	}
}

/* To the left closes a group; from what is in it to the group itself. */
static void fold_or_leave(struct ui *ui, int64_t now_ns)
{
	if (ui->list.on_group)
		fold(ui, false, now_ns);
	else if (list_move_to_group(&ui->list, ui->model, now_ns))
		ui->following = false;
}

static void open_cursor(struct ui *ui, int64_t now_ns)
{
	const struct list_group *group = list_group_at(&ui->list, ui->list.cursor_row);
	uint64_t conn = ui->list.cursor;

	if (ui->list.on_group) {
		fold(ui, group && !group->open, now_ns);
		return;
	}
	if (!conn && ui->list.top < ui->list.count)
		conn = list_conn(&ui->list, ui->model, ui->list.top);
	ui_open_ladder(ui, conn, now_ns);
}

/* And on to the next one, so that the same key marks several. */
static void mark(struct ui *ui, int64_t now_ns)
{
	char text[UI_NOTICE_ROOM];

	if (list_mark_toggle(&ui->list)) {
		if (!ui->following)
			move_by(ui, 1, now_ns);
	} else if (ui->list.cursor) {
		snprintf(text, sizeof(text), _("no more than %u connections can be marked"), LIST_MARKS_MAX);
		ui_notice(ui, text, now_ns);
	}
}

/* The two kinds of it in turn: what opens or closes next is drawn to its end; or the cursor stays on the newest connection, whatever comes of the others. */
static void follow(struct ui *ui)
{
	const bool newest = ui->following;

	ui->following = !newest;
	ui->follow = (struct follow){.conn = ui->panel.conn};
	ui->list.top = 0;
	ui->list.held_until_ns = 0;
	list_tail(&ui->list, newest);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	const int64_t page = ui->list.height > 1 ? ui->list.height - 1 : 1;

	if (ui->list.built_ns == 0) /* keys came faster than frames: they are for what was asked for before */
		list_update(&ui->list, ui->model, now_ns);
	switch (action) {
	case ACTION_UP:
		move_by(ui, -1, now_ns);
		return true;
	case ACTION_DOWN:
		move_by(ui, 1, now_ns);
		return true;
	case ACTION_PAGE_UP:
		move_by(ui, -page, now_ns);
		return true;
	case ACTION_PAGE_DOWN:
		move_by(ui, page, now_ns);
		return true;
	case ACTION_TOP:
		move_to(ui, 0, now_ns);
		return true;
	case ACTION_BOTTOM:
		move_to(ui, UINT32_MAX, now_ns);
		return true;
	case ACTION_OPEN:
		open_cursor(ui, now_ns);
		return true;
	case ACTION_LEFT:
	case ACTION_FOLD:
		fold_or_leave(ui, now_ns);
		return true;
	case ACTION_RIGHT:
	case ACTION_UNFOLD:
		fold(ui, true, now_ns);
		return true;
	case ACTION_BACK:
		if (ui_search_end(ui))
			return true;
		if (!ui_leave_state(ui))
			return false;
		ui_tell(ui, ui->list.filter ? _("your filter again") : _("all states again"), now_ns);
		return true;
	case ACTION_SORT:
	case ACTION_GROUP:
		ui_choose(ui, action == ACTION_GROUP);
		return true;
	case ACTION_MARK:
		mark(ui, now_ns);
		return true;
	case ACTION_UNMARK:
		list_mark_clear(&ui->list);
		return true;
	case ACTION_INVERT:
		list_sort(&ui->list, ui->list.sort, !ui->list.inverted);
		return true;
	case ACTION_PANEL:
		ui->panel_hidden = !ui->panel_hidden;
		return true;
	case ACTION_FOLLOW:
		follow(ui);
		return true;
	default:
		return typing_act_list(ui, action, now_ns);
	}
}

static void click_head(struct ui *ui, unsigned column)
{
	struct list_layout layout;

	list_lay_out(&ui->list, ui->columns, ui->glyphs ? ui->glyphs : &glyphs_ascii, &layout);
	for (unsigned i = 0; i < layout.count; i++)
		if (column >= layout.shown[i].at && column < layout.shown[i].at + layout.shown[i].width)
			list_sort(&ui->list, layout.shown[i].column, layout.shown[i].column == ui->list.sort && !ui->list.inverted);
}

#define FOLD_COLUMNS 5 /* the sign of an open or closed group is in these */

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const struct list_places p = places(ui);
	const unsigned first = 1 + p.heads + 1; /* the top line, then down to the heads */

	if (row == first - 1) {
		click_head(ui, column);
	} else if (row >= first && row < first + p.listed && ui->list.top + row - first < ui->list.count) {
		const uint32_t index = ui->list.top + row - first;
		const bool again = !ui->following && index == ui->list.cursor_row && (ui->list.cursor || ui->list.on_group);

		move_to(ui, index, now_ns);
		if (again || (ui->list.on_group && column < FOLD_COLUMNS))
			open_cursor(ui, now_ns);
	} else if (row >= 1 + p.panel && p.panel_rows > 0) {
		ui_open_ladder(ui, ui->panel.conn, now_ns);
	}
}

/* ---- picture ---- */

#define RULE_ENDS 8         /* columns of the rule that stay free of words */
#define FILTER_LEAST 8      /* of a filter's text */

/* The filter, cut if need be, and how many it lets through. */
static void paint_filter(const struct ui *ui, struct area area, unsigned tabs, const char *aside, enum role role)
{
	const unsigned room = area.columns > tabs + RULE_ENDS ? area.columns - tabs - RULE_ENDS : 0;
	const unsigned taken = utf8_columns(_("filter: ")) + 2 + utf8_columns(aside), wanted = utf8_columns(ui->filter_text);
	struct text text = {0};

	if (room >= taken + FILTER_LEAST || room >= taken + wanted) {
		text_add(&text, _("filter: "));
		text_add_padded(&text, ui->filter_text, wanted < room - taken ? wanted : room - taken, 0, area.canvas->glyphs->ellipsis);
		text_add(&text, "  ");
	}
	text_add(&text, aside);
	frame_aside(area, tabs, role, text_string(&text));
	text_fini(&text);
}

/* How it is grouped and how many are marked. */
static void say_structure(const struct list *l, struct text *out)
{
	char amount[AMOUNT_ROOM];

	if (l->grouping)
		text_addf(out, _("%s: %s groups"), _(list_grouping_said((enum list_grouping)l->grouping)), amount_grouped(l->groups.count, amount));
	if (l->grouping && l->mark_count > 0)
		text_add(out, "  ");
	if (l->mark_count > 0)
		text_addf(out, _("%s marked"), amount_grouped(l->mark_count, amount));
}

static void paint_aside(const struct list *l, struct area area, unsigned tabs, const char *aside, enum role role)
{
	struct text text = {0};

	say_structure(l, &text);
	if (text.len && *aside)
		text_add(&text, "  ");
	text_add(&text, aside);
	if (utf8_columns(text_string(&text)) + tabs + RULE_ENDS > area.columns) {
		text_clear(&text);
		text_add(&text, aside);
	}
	frame_aside(area, tabs, role, text_string(&text));
	text_fini(&text);
}

static void paint_rule(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct list *l = &ui->list;
	char aside[3 * AMOUNT_ROOM], waiting[48] = "", first[AMOUNT_ROOM], last[AMOUNT_ROOM], all[AMOUNT_ROOM];
	enum role role = ROLE_DIM;
	const unsigned tabs = ui_paint_tabs(ui, area);

	if (list_waiting(l, ui->model) > 0)
		snprintf(waiting, sizeof(waiting), _(", %llu new"), (unsigned long long)list_waiting(l, ui->model));
	if (ui->paused) {
		snprintf(aside, sizeof(aside), _("paused%s"), waiting);
		role = ROLE_WARNING;
	} else if (list_is_held(l, now_ns)) {
		snprintf(aside, sizeof(aside), _("order held%s"), waiting);
		role = ROLE_TITLE;
	} else if (l->filter) {
		snprintf(aside, sizeof(aside), "%s/%s", amount_grouped(l->connections, first), amount_grouped(model_live(ui->model), all));
	} else {
		const uint32_t end = l->top + l->height < l->count ? l->top + l->height : l->count;

		aside[0] = '\0';
		if (l->count > 0)
			snprintf(aside, sizeof(aside), "%s-%s/%s", amount_grouped(l->top + 1, first), amount_grouped(end, last),
				 amount_grouped(l->count, all));
	}
	if (l->filter)
		paint_filter(ui, area, tabs, aside, role);
	else
		paint_aside(l, area, tabs, aside, role);
}

/* Nothing has happened yet: say what will, and how to see something at once. */
static void paint_idle(const struct ui *ui, struct area area)
{
	const struct area inner = area_part(area, area.rows > 4 ? 1 : 0, 3, area.rows, area.columns > 6 ? area.columns - 6 : 0);
	unsigned rows;

	if (model_coverage(ui->model)->sweeps == 0) {
		paragraph_paint(inner, ROLE_DIM, 0, _("Looking at what is there."));
		return;
	}
	if (!ui->following) {
		paragraph_paint(inner, ROLE_DIM, 0,
				ui->list.on_group ? _("A group is at the cursor. Enter opens and closes it.") : _("There is no connection at the cursor."));
		return;
	}
	rows = paragraph_paint(inner, ROLE_TEXT, 0, ui->list.filter ? _("Nothing that fits the filter opens or closes at the moment.") :
			       _("Nothing opens or closes at the moment. The next connection that does will be drawn here, step by step."));
	if (!ui->demo)
		paragraph_paint(area_part(inner, rows + 1, 0, inner.rows, inner.columns), ROLE_DIM, 0,
				_("To see something at once: synfin --demo"));
}

/* How late what is drawn is: what happens now has to wait for it. */
static int64_t lag_ns(const struct ui *ui, int64_t now_ns)
{
	int64_t lag = ladder_view_lag_ns(&ui->panel, now_ns);

	if (ui->following && ui->follow.waiting > 0 && now_ns - ui->follow.queue[0].since_ns > lag)
		lag = now_ns - ui->follow.queue[0].since_ns;
	return lag;
}

static void say_panel(const struct ui *ui, struct aside *aside, int64_t now_ns)
{
	const unsigned behind = ui->panel.conn ? player_behind(&ui->panel.player, &ui->panel.ladder) : 0;
	const int64_t lag = lag_ns(ui, now_ns);
	char tempo[24], span[AMOUNT_ROOM];

	if (ui->paused)
		aside_add(aside, 1, "%s", _("paused"));
	else
		aside_add(aside, 4, "%s", ui->following ? _("following") : ui->list.tail ? _("on the newest") : _("at the cursor"));
	aside_add(aside, ui->tempo.kind == TEMPO_COMPRESSED ? 5 : 3, "%s", ladder_view_tempo(&ui->tempo, tempo));
	if (lag >= NS_PER_SECOND && !ui->paused)
		aside_add(aside, 2, _("%s behind"), amount_span(lag - lag % NS_PER_SECOND, span));
	else if (behind > 1)
		aside_add(aside, 2, _("%u steps behind"), behind);
	if (ui->following && ui->follow.not_drawn)
		aside_add(aside, 3, _("+%llu not drawn"), (unsigned long long)ui->follow.not_drawn);
}

static void paint_panel(const struct ui *ui, struct area area, int64_t now_ns)
{
	struct aside aside = {0};

	say_panel(ui, &aside, now_ns);
	ui_paint_ladder_rule(area, ui->panel.conn ? "" : _("Live ladder"), ui->panel.conn ? &ui->panel : NULL, &aside,
			     ui->paused ? ROLE_WARNING : ROLE_DIM);
	area = area_part(area, 1, 0, area.rows, area.columns);
	if (ui->panel.conn)
		ladder_view_paint(&ui->panel, area);
	else
		paint_idle(ui, area);
}

static const char *why_empty(const struct ui *ui)
{
	if (!model_coverage(ui->model)->sweeps || ui->list.built_ns == 0)
		return _("Looking at what is there.");
	return model_live(ui->model) ? _("No socket fits the filter.") : _("No TCP sockets here.");
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct list_places p = places(ui);

	frame_histogram(area_part(area, p.histogram, 0, p.histogram_rows, area.columns), ui->model);
	if (p.sparkline_rows)
		frame_sparklines(area_part(area, p.sparklines, 0, 1, area.columns), ui->model, now_ns);
	paint_rule(ui, area_part(area, p.tabs, 0, 1, area.columns), now_ns);
	list_paint(&ui->list, ui->model, area_part(area, p.heads, 0, p.listed + 1, area.columns), now_ns);
	search_paint(&ui->typing.search.search, &ui->list, area_part(area, p.heads, 0, p.listed + 1, area.columns));
	if (ui->list.count == 0 && p.listed > 0)
		area_text(area, (int)p.heads + 1, 3, ROLE_DIM, 0, why_empty(ui));
	if (p.panel_rows > 0)
		paint_panel(ui, area_part(area, p.panel, 0, p.panel_rows, area.columns), now_ns);
}

const struct view view_list = {
	.name = "list",
	.tab = ACTION_LIST,
	.keys = {ACTION_OPEN, ACTION_SEARCH, ACTION_FILTER, ACTION_SORT, ACTION_GROUP, ACTION_PAUSE, ACTION_FOLLOW, ACTION_MARK, ACTION_COPY, ACTION_SS, ACTION_DESTROY},
	.update = update,
	.paint = paint,
	.act = act,
	.click = click,
	.moves = moves,
	.wake_ns = wake_ns,
	.watched = watched,
	.ladder = panel,
	.chosen = chosen,
};
