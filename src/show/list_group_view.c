/*
 * The row of a group: whether it is open, its name, how many connections it has, how many are in which state, what waits in their queues, below the heads
 * of the columns for that, and to the right of these how large a part of all it is. States that have no room are left out, the last first.
 */
#include "show/list.h"

#include <stdio.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/gauge.h"

#define NAME_AT (LIST_MARK_COLUMNS + 2)
#define NAME_COLUMNS 18
#define COUNT_COLUMNS 5 /* at least */
#define BAR_MOST 30
#define BAR_LEAST 8
#define STATES_LEAST 10

static const char *const short_names[STATE_COUNT] = {
	[STATE_LISTEN] = "LISTEN",       [STATE_SYN_SENT] = "SYN_S",  [STATE_SYN_RECV] = "SYN_R",  [STATE_ESTABLISHED] = "ESTAB",
	[STATE_FIN_WAIT1] = "FIN_W1",    [STATE_FIN_WAIT2] = "FIN_W2", [STATE_CLOSE_WAIT] = "CLOSE_W", [STATE_CLOSING] = "CLOSING",
	[STATE_LAST_ACK] = "LAST_A",     [STATE_TIME_WAIT] = "TIME_W", [STATE_CLOSED] = "CLOSED",
};

const char *list_state_short(enum tcp_state state)
{
	return state < STATE_COUNT && short_names[state] ? short_names[state] : "?";
}

/* The states that there are, the most frequent first: they are the last to have no room. Returns how many. */
static unsigned order_states(const struct list_group *group, enum tcp_state order[STATE_COUNT])
{
	unsigned count = 0;

	for (unsigned i = 0; i <= STATE_LIFE_COUNT; i++) {
		const enum tcp_state state = i < STATE_LIFE_COUNT ? state_life_order[i] : STATE_CLOSED;
		unsigned at = count;

		if (group->states[state] == 0)
			continue;
		for (; at > 0 && group->states[order[at - 1]] < group->states[state]; at--)
			order[at] = order[at - 1];
		order[at] = state;
		count++;
	}
	return count;
}

static unsigned paint_state(struct area area, unsigned at, enum tcp_state state, uint32_t count, bool in_short, unsigned flags, bool painted)
{
	const char *name = in_short ? list_state_short(state) : state_name(state);
	char amount[AMOUNT_ROOM];

	amount_grouped(count, amount);
	if (painted) {
		area_text(area, 0, (int)at, state == STATE_CLOSED ? ROLE_GONE : role_of_state(state), flags, name);
		area_text(area, 0, (int)(at + utf8_columns(name)) + 1, ROLE_TEXT, flags, amount);
	}
	return utf8_columns(name) + 1 + utf8_columns(amount);
}

/* In row 0, two columns between two. What does not fit is an ellipsis. Returns the columns that all of it takes. */
static unsigned paint_states(struct area area, const struct list_group *group, bool in_short, unsigned flags, bool painted)
{
	const unsigned mark = utf8_columns(area.canvas->glyphs->ellipsis);
	enum tcp_state order[STATE_COUNT];
	const unsigned count = order_states(group, order);
	unsigned at = 0;

	for (unsigned i = 0; i < count; i++) {
		const uint32_t population = group->states[order[i]];
		const unsigned wanted = paint_state(area, at, order[i], population, in_short, flags, false) + (i + 1 < count ? 2 + mark : 0);

		if (painted && at + wanted > area.columns) {
			area_text(area, 0, (int)at, ROLE_DIM, flags, area.canvas->glyphs->ellipsis);
			return at;
		}
		at += paint_state(area, at, order[i], population, in_short, flags, painted) + 2;
	}
	return at > 2 ? at - 2 : 0;
}

static void paint_queue(struct area area, int row, unsigned at, unsigned width, uint64_t bytes, unsigned flags)
{
	char amount[AMOUNT_ROOM];

	area_field(area, row, (int)at, width, true, bytes ? ROLE_TEXT : ROLE_DIM, flags, amount_short(bytes, amount));
}

/* The queues in their columns; `states` ends where these begin, and the bar begins behind them. */
static void paint_queues(struct area area, int row, const struct list_group *group, const struct list_layout *layout, unsigned flags, unsigned *states_end,
			 unsigned *bar_at)
{
	*states_end = area.columns;
	*bar_at = 0;
	for (unsigned i = layout->count; i-- > 0;) {
		const enum list_column column = layout->shown[i].column;

		if (column != LIST_RECVQ && column != LIST_SENDQ)
			continue;
		if (!*bar_at)
			*bar_at = layout->shown[i].at + layout->shown[i].width + 2;
		*states_end = layout->shown[i].at - 2;
		paint_queue(area, row, layout->shown[i].at, layout->shown[i].width, column == LIST_RECVQ ? group->rqueue : group->wqueue, flags);
	}
}

static void paint_bar(const struct list *l, struct area area, int row, const struct list_group *group, unsigned at, unsigned flags)
{
	const unsigned room = area.columns > at + 1 ? area.columns - at - 1 : 0, width = room < BAR_MOST ? room : BAR_MOST;

	if (!at || room < BAR_LEAST)
		return;
	gauge_bar(area, row, (int)at, width, ROLE_GAUGE, group->count, l->connections);
	area_tint(area, row, (int)at, width, ROLE_COUNT, flags);
}

/* Short enough that the states have room; but addresses may be long. */
static unsigned name_columns(const struct list *l, unsigned columns)
{
	const unsigned wanted = l->grouping == LIST_BY_PEER && l->peer_wanted > NAME_COLUMNS ? l->peer_wanted : NAME_COLUMNS;

	return wanted < columns / 3 ? wanted : columns / 3;
}

void list_group_paint(const struct list *l, const struct model *m, struct area area, int row, const struct list_group *group,
		      const struct list_layout *layout, unsigned flags)
{
	const struct glyphs *glyphs = area.canvas->glyphs;
	const unsigned name_width = name_columns(l, area.columns);
	char name[LIST_GROUP_NAME_ROOM], amount[AMOUNT_ROOM];
	unsigned at = NAME_AT + name_width + 1, count_columns = utf8_columns(amount_grouped(l->connections, amount)), states_end, bar_at;
	struct area states;

	if (count_columns < COUNT_COLUMNS)
		count_columns = COUNT_COLUMNS;
	paint_queues(area, row, group, layout, flags, &states_end, &bar_at);
	paint_bar(l, area, row, group, bar_at, flags);
	if (group->warned > 0)
		area_text(area, row, 1, ROLE_WARNING, flags | CELL_BOLD, "!");
	area_text(area, row, LIST_MARK_COLUMNS, ROLE_TITLE, flags, group->open ? glyphs->fold_open : glyphs->fold_closed);
	area_field(area, row, NAME_AT, name_width, false, ROLE_TITLE, flags | CELL_BOLD, list_group_name(l, m, group, name));
	area_field(area, row, (int)at, count_columns, true, ROLE_TEXT, flags | CELL_BOLD, amount_grouped(group->count, amount));
	at += count_columns + 2;
	if (l->grouping == LIST_BY_STATE || at + STATES_LEAST > states_end)
		return;
	states = area_part(area, (unsigned)row, at, 1, states_end - at);
	paint_states(states, group, paint_states(states, group, false, flags, false) > states.columns, flags, true);
}
