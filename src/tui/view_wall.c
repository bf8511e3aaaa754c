/* The Wall screen: many small ladders, each of what opens or closes right now. */
#include <stdio.h>

#include "base/memory.h"
#include "base/message.h"
#include "show/amount.h"
#include "show/paragraph.h"
#include "ui.h"

#define HEAD_ROWS 1 /* the rule */
#define FOOT_ROWS 1 /* what is not drawn */

/* Rows for lanes, of a screen that has the top and the bottom line as well. */
static unsigned lane_rows(const struct ui *ui)
{
	const unsigned others = 2 + HEAD_ROWS + FOOT_ROWS;

	return ui->rows > others ? ui->rows - others : 0;
}

static struct wall_grid grid_of(const struct ui *ui)
{
	return wall_grid_of(lane_rows(ui), ui->columns);
}

/* ---- state ---- */

static struct wall *wall_of(struct ui *ui, int64_t now_ns)
{
	if (!ui->wall) {
		ui->wall = memory_get_zeroed(1, sizeof(*ui->wall));
		wall_init(ui->wall, ui->animate);
		wall_pause(ui->wall, ui->paused, now_ns);
	}
	return ui->wall;
}

static void update(struct ui *ui, int64_t now_ns)
{
	const struct wall_grid grid = grid_of(ui);
	struct wall *w = wall_of(ui, now_ns);

	wall_resize(w, grid.columns * grid.rows, grid.brief);
	wall_turn(w, ui->model, &ui->tempo, now_ns);
	w->chosen = wall_lane_at_cursor(w) ? wall_lane_at_cursor(w)->conn : ui->following ? 0 : ui->list.cursor;
}

static bool moves(const struct ui *ui)
{
	return wall_moves(ui->wall);
}

static int64_t wake_ns(const struct ui *ui)
{
	return wall_due(ui->wall);
}

static unsigned watched(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX])
{
	const struct wall_lane *lane = wall_lane_at_cursor(ui->wall);

	return lane ? ui_watch_pair(ui, lane->conn, conns, 0) : 0;
}

static uint64_t chosen(const struct ui *ui)
{
	const struct wall_lane *lane = wall_lane_at_cursor(ui->wall);

	return lane ? lane->conn : 0;
}

/* ---- actions ---- */

/* The lane that has begun last; the first one that comes to mind when none is chosen. */
static const struct wall_lane *newest_lane(const struct wall *w)
{
	const struct wall_lane *newest = NULL;

	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn && (!newest || w->lanes[i].begun_ns > newest->begun_ns))
			newest = &w->lanes[i];
	return newest;
}

/* Its ladder goes on where the lane is. */
static void open_lane(struct ui *ui, const struct wall_lane *lane, int64_t now_ns)
{
	if (!lane)
		return;
	ui_open_ladder(ui, lane->conn, now_ns);
	if (lane->player.whole >= lane->ladder.count)
		return;
	ui->ladder.player = lane->player;
	ui->ladder.player.waiting = 0;
	ui->ladder.player.whole = lane->origin[lane->player.whole];
}

static void step(struct ui *ui, int direction, int64_t now_ns)
{
	ui_set_paused(ui, true, now_ns);
	wall_step(ui->wall, direction, now_ns);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	struct wall *w = wall_of(ui, now_ns);

	switch (action) {
	case ACTION_UP:
		wall_move(w, grid_of(ui), -1, 0);
		return true;
	case ACTION_DOWN:
		wall_move(w, grid_of(ui), 1, 0);
		return true;
	case ACTION_LEFT:
		wall_move(w, grid_of(ui), 0, -1);
		return true;
	case ACTION_RIGHT:
		wall_move(w, grid_of(ui), 0, 1);
		return true;
	case ACTION_OPEN:
		open_lane(ui, wall_lane_at_cursor(w) ? wall_lane_at_cursor(w) : newest_lane(w), now_ns);
		return true;
	case ACTION_FOLLOW:
		w->cursor = WALL_NOWHERE;
		return true;
	case ACTION_BACK:
		if (w->cursor == WALL_NOWHERE)
			return false;
		w->cursor = WALL_NOWHERE;
		return true;
	case ACTION_STEP:
	case ACTION_STEP_BACK:
		step(ui, action == ACTION_STEP ? 1 : -1, now_ns);
		return true;
	case ACTION_LIVE:
		wall_live(w);
		return false;
	default:
		return false;
	}
}

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const unsigned above = 1 + HEAD_ROWS;
	struct wall *w = wall_of(ui, now_ns);
	uint32_t lane;

	if (row < above)
		return;
	lane = wall_lane_at(grid_of(ui), lane_rows(ui), ui->columns, row - above, column);
	if (lane >= w->count || !w->lanes[lane].conn)
		return;
	if (lane == w->cursor)
		open_lane(ui, &w->lanes[lane], now_ns);
	w->cursor = lane;
}

/* ---- picture ---- */

#define RULE_ENDS 6 /* columns of the rule that stay free of words */

static void paint_rule(struct ui *ui, struct area area)
{
	const unsigned tabs = ui_paint_tabs(ui, area), room = area.columns > tabs + RULE_ENDS ? area.columns - tabs - RULE_ENDS : 0;
	const struct wall_tally rates = wall_rates(ui->wall);
	const struct wall_grid grid = grid_of(ui);
	char tempo[24], drawn[AMOUNT_ROOM], all[AMOUNT_ROOM];
	struct aside aside = {0};
	struct text text = {0};

	if (ui->paused)
		aside_add(&aside, 1, "%s", _("paused"));
	if (ui->list.filter)
		aside_add(&aside, 2, "%s%.40s", _("filter: "), ui->filter_text);
	aside_add(&aside, 6, _("%ux%u lanes"), grid.columns, grid.rows);
	aside_add(&aside, 7, "%s", _("order: newest"));
	aside_add(&aside, ui->tempo.kind == TEMPO_COMPRESSED ? 5 : 3, "%s", ladder_view_tempo(&ui->tempo, tempo));
	aside_add(&aside, 4, _("queue %u"), ui->wall->waiting);
	aside_add(&aside, 2, _("drawn %s/s of %s/s"), amount_grouped(rates.drawn, drawn), amount_grouped(rates.drawn + wall_tally_not_drawn(&rates), all));
	while (aside_columns(&aside) > room && aside_drop(&aside, 0))
		continue;
	aside_say(&aside, &text);
	frame_aside(area, tabs, ui->paused ? ROLE_WARNING : ROLE_DIM, text_string(&text));
	text_fini(&text);
}

static bool is_empty(const struct wall *w)
{
	return newest_lane(w) == NULL;
}

/* Nothing has happened yet: say what will, and how to see something at once. */
static void paint_idle(const struct ui *ui, struct area area)
{
	const struct area inner = area_part(area, area.rows / 3, 3, area.rows, area.columns > 6 ? area.columns - 6 : 0);
	unsigned rows;

	if (model_coverage(ui->model)->sweeps == 0) {
		paragraph_paint(inner, ROLE_DIM, 0, _("Looking at what is there."));
		return;
	}
	rows = paragraph_paint(inner, ROLE_TEXT, 0, ui->list.filter ? _("Nothing that fits the filter opens or closes at the moment.") :
			       _("Nothing opens or closes at the moment. The next connection that does will be drawn here, step by step."));
	if (!ui->demo)
		paragraph_paint(area_part(inner, rows + 1, 0, inner.rows, inner.columns), ROLE_DIM, 0, _("To see something at once: synfin --demo"));
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct area lanes = area_part(area, HEAD_ROWS, 0, lane_rows(ui), area.columns);

	paint_rule(ui, area_part(area, 0, 0, 1, area.columns));
	if (is_empty(ui->wall))
		paint_idle(ui, lanes);
	else
		wall_paint(ui->wall, lanes, grid_of(ui), now_ns);
	wall_paint_tally(ui->wall, area_part(area, area.rows - FOOT_ROWS, 0, 1, area.columns));
}

const struct view view_wall = {
	.name = "wall",
	.tab = ACTION_WALL,
	.keys = {ACTION_OPEN, ACTION_PAUSE, ACTION_SLOWER, ACTION_FASTER, ACTION_FOLLOW},
	.update = update,
	.paint = paint,
	.act = act,
	.click = click,
	.moves = moves,
	.wake_ns = wake_ns,
	.watched = watched,
	.chosen = chosen,
};
