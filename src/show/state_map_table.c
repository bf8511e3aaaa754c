/* The map where the diagram has no room: a row for each state, with as much beside it as the screen is wide. */
#include "base/message.h"
#include "base/text.h"
#include "base/utf8.h"
#include "show/gauge.h"
#include "state_map_paint.h"

#define NAME_AT 2
#define NAME_COLUMNS 11
#define FIGURE_COLUMNS 7
#define WIDE_TABLE 60      /* columns: it tells of resets too */
#define SPARKS_LEAST 100   /* columns: it has room for sparklines */
#define FIGURES_MOST 3

/* The columns of the table: sockets, a bar, then figures from `end` on, the first two of them behind a sparkline. */
struct columns {
	unsigned sockets, bar, end, figures, spark;
};

static struct columns columns_of(unsigned columns)
{
	struct columns c = {.sockets = columns >= WIDE_TABLE ? 9 : 7, .figures = columns >= WIDE_TABLE ? 3 : 2};

	c.bar = NAME_AT + NAME_COLUMNS + 1 + c.sockets + 1;
	if (columns >= SPARKS_LEAST)
		c.spark = columns / 8;
	if (c.spark > MAP_HISTORY_SECONDS)
		c.spark = MAP_HISTORY_SECONDS;
	c.end = columns - c.figures * FIGURE_COLUMNS - 2 * c.spark - 1;
	return c;
}

/* Where a figure begins. */
static int figure_at(const struct columns *c, unsigned figure)
{
	return (int)(c->end + figure * FIGURE_COLUMNS + (figure < 2 ? figure + 1 : 2) * c->spark);
}

static void paint_heads(struct area area, const struct columns *c)
{
	const char *const heads[FIGURES_MOST] = {_("IN"), _("OUT"), "RST"};

	area_text(area, 0, NAME_AT, ROLE_HEADING, 0, _("STATE"));
	area_field(area, 0, NAME_AT + NAME_COLUMNS + 1, c->sockets, true, ROLE_HEADING, 0, _("SOCKETS"));
	for (unsigned i = 0; i < c->figures; i++)
		area_field(area, 0, figure_at(c, i), FIGURE_COLUMNS, true, ROLE_HEADING, 0, heads[i]);
}

static void paint_figures(const struct map_painting *p, struct area row, enum tcp_state state, const struct columns *c, unsigned flags)
{
	const uint32_t counts[FIGURES_MOST] = {
		state_map_entered(p->map, state, p->now_ns), state_map_left(p->map, state, p->now_ns),
		state_map_ended(p->map, state, MAP_END_RESET, p->now_ns) + state_map_ended(p->map, state, MAP_END_UNSURE, p->now_ns),
	};
	char amount[AMOUNT_ROOM];

	for (unsigned i = 0; i < c->figures; i++) {
		if (i < 2 && c->spark > 2)
			state_map_paint_spark(p, row, figure_at(c, i) - (int)c->spark + 2, c->spark - 2, state, i == 0, flags);
		area_field(row, 0, figure_at(c, i), FIGURE_COLUMNS, true, !counts[i] ? ROLE_DIM : i == 2 ? ROLE_WARNING : ROLE_FLAG, flags,
			   state_map_rate(counts[i], amount));
	}
}

static void paint_row(const struct map_painting *p, struct area row, enum tcp_state state, const struct columns *c)
{
	const uint32_t population = model_population(p->model, state);
	const unsigned flags = state_map_is_selected(p, state) ? CELL_ON_CURSOR : 0;
	char amount[AMOUNT_ROOM];
	int64_t per_minute;
	bool grows;

	if (flags) {
		area_fill(row, ROLE_CURSOR, flags);
		area_text(row, 0, 0, ROLE_CURSOR, flags | CELL_BOLD, ">");
	}
	if (state == STATE_CLOSE_WAIT && state_map_net(p->map, p->model, state, p->now_ns, &per_minute, &grows) && grows)
		area_text(row, 0, 1, ROLE_WARNING, flags, "!");
	area_text(row, 0, NAME_AT, role_of_state(state), flags, state_name(state));
	if (utf8_columns(amount_grouped(population, amount)) > c->sockets)
		amount_short(population, amount);
	area_field(row, 0, NAME_AT + NAME_COLUMNS + 1, c->sockets, true, population ? ROLE_TEXT : ROLE_DIM, flags, amount);
	if (c->end > c->bar) {
		gauge_bar(row, 0, (int)c->bar, c->end - c->bar, role_of_state(state), population, p->largest);
		area_tint(row, 0, (int)c->bar, c->end - c->bar, ROLE_COUNT, flags);
	}
	paint_figures(p, row, state, c, flags);
}

void state_map_paint_table(const struct map_painting *p)
{
	const struct state_map_layout *l = &p->map->layout;
	const struct area area = area_part(p->area, 0, l->left, p->area.rows, l->wide);
	const struct columns c = columns_of(area.columns);
	struct text what = {0};

	paint_heads(area, &c);
	for (unsigned i = 0; i < l->listed; i++) {
		const enum tcp_state state = state_life_order[p->map->top + i];
		const unsigned row = 1 + i * l->pitch;

		paint_row(p, area_part(area, row, 0, 1, area.columns), state, &c);
		if (l->pitch == 1)
			continue;
		text_clear(&what);
		state_map_say_briefly(_(state_what(state)), area.columns - NAME_AT - 1, p->glyphs->ellipsis, &what);
		area_text(area, (int)row + 1, NAME_AT, ROLE_DIM, 0, text_string(&what));
	}
	text_fini(&what);
}
