/* The Map screen: the state diagram, alive. */
#include <stdio.h>

#include "base/message.h"
#include "ui.h"

#define MAP_AT 2 /* rows above it: the top line and the tabs */

static void update(struct ui *ui, int64_t now_ns)
{
	state_map_update(&ui->map, ui->model, &ui->tempo, ui->animate, ui->rows > MAP_AT + 1 ? ui->rows - MAP_AT - 1 : 0, ui->columns, now_ns);
}

static bool moves(const struct ui *ui)
{
	return state_map_moves(&ui->map);
}

/* As ss(8) calls them. */
static const char *const filter_words[STATE_COUNT] = {
	[STATE_ESTABLISHED] = "established", [STATE_SYN_SENT] = "syn-sent", [STATE_SYN_RECV] = "syn-recv", [STATE_FIN_WAIT1] = "fin-wait-1",
	[STATE_FIN_WAIT2] = "fin-wait-2", [STATE_TIME_WAIT] = "time-wait", [STATE_CLOSE_WAIT] = "close-wait", [STATE_LAST_ACK] = "last-ack",
	[STATE_LISTEN] = "listening", [STATE_CLOSING] = "closing",
};

static void list_state(struct ui *ui, int64_t now_ns)
{
	const enum tcp_state state = (enum tcp_state)ui->map.selected;
	char told[UI_NOTICE_ROOM];

	if (!filter_words[state]) {
		ui_notice(ui, _("Nothing is left of what is CLOSED: there is no list of it."), now_ns);
		return;
	}
	if (!ui_list_state(ui, filter_words[state]))
		return;
	snprintf(told, sizeof(told), ui->filter_before ? _("%s only; Esc brings your filter back") : _("%s only; Esc shows all states again"), state_name(state));
	ui_tell(ui, told, now_ns);
}

static void move_far(struct ui *ui, int rows)
{
	for (unsigned i = 0; i < STATE_COUNT; i++)
		state_map_move(&ui->map, rows, 0);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	update(ui, now_ns); /* a key can come before the first picture */
	switch (action) {
	case ACTION_UP:
		state_map_move(&ui->map, -1, 0);
		return true;
	case ACTION_DOWN:
		state_map_move(&ui->map, 1, 0);
		return true;
	case ACTION_LEFT:
		state_map_move(&ui->map, 0, -1);
		return true;
	case ACTION_RIGHT:
		state_map_move(&ui->map, 0, 1);
		return true;
	case ACTION_TOP:
		move_far(ui, -1);
		return true;
	case ACTION_BOTTOM:
		move_far(ui, 1);
		return true;
	case ACTION_OPEN:
		list_state(ui, now_ns);
		return true;
	default:
		return false;
	}
}

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const enum tcp_state state = row >= MAP_AT ? state_map_at(&ui->map, row - MAP_AT, column) : STATE_NONE;

	if (state == STATE_NONE)
		return;
	if (state == (enum tcp_state)ui->map.selected)
		list_state(ui, now_ns);
	ui->map.selected = (uint8_t)state;
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const unsigned tabs = ui_paint_tabs(ui, area);
	char tempo[24];

	if (ui->paused)
		frame_aside(area, tabs, ROLE_WARNING, _("paused"));
	else if (ui->animate && ui->tempo.kind == TEMPO_SLOWED)
		frame_aside(area, tabs, ROLE_DIM, ladder_view_tempo(&ui->tempo, tempo));
	else if (ui->list.filter)
		frame_aside(area, tabs, ROLE_DIM, _("all sockets, whatever the filter"));
	state_map_paint(&ui->map, ui->model, area_part(area, 1, 0, area.rows, area.columns), now_ns);
}

const struct view view_map = {
	.name = "map",
	.tab = ACTION_MAP,
	.keys = {ACTION_OPEN, ACTION_PAUSE, ACTION_SLOWER, ACTION_FASTER, ACTION_LIST},
	.enter = N_("Sockets"),
	.update = update,
	.paint = paint,
	.act = act,
	.click = click,
	.moves = moves,
};
