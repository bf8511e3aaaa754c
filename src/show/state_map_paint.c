/* The picture of the map: lines, boxes, words, tokens, and what the selected state means. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/text.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/gauge.h"
#include "show/paragraph.h"
#include "state_map_paint.h"

#define WINDOW_SECONDS (MAP_WINDOW_BINS * MAP_BIN_NS / 1000000000LL)
/* One opening in a quiet time is no mountain. */
#define SPARK_LEAST 4

const char *state_map_rate(uint32_t count, char out[AMOUNT_ROOM])
{
	const uint32_t tenths = (uint32_t)(((uint64_t)count * 10 + WINDOW_SECONDS / 2) / WINDOW_SECONDS);

	if (tenths < 100 && tenths % 10)
		snprintf(out, AMOUNT_ROOM, "%" PRIu32 ".%" PRIu32 "/s", tenths / 10, tenths % 10);
	else if (tenths < 100000)
		snprintf(out, AMOUNT_ROOM, "%" PRIu32 "/s", (tenths + 5) / 10);
	else
		snprintf(out, AMOUNT_ROOM, "%" PRIu32 "k/s", (tenths + 5000) / 10000);
	return out;
}

/* ---- lines ---- */

enum way { UP = 1, DOWN = 2, BACK = 4, ON = 8 };

static enum way way_to(struct map_point from, struct map_point to)
{
	if (from.row != to.row)
		return to.row < from.row ? UP : DOWN;
	return to.column < from.column ? BACK : ON;
}

static enum way reversed(enum way way)
{
	return way == UP ? DOWN : way == DOWN ? UP : way == BACK ? ON : BACK;
}

static const char *head(const struct glyphs *g, enum way way)
{
	return way == UP ? g->head_up : way == DOWN ? g->head_down : way == BACK ? g->head_left : g->head_right;
}

/* A piece of line with these two ends. */
static const char *piece(const struct glyphs *g, unsigned ends)
{
	switch (ends) {
	case UP | DOWN:
		return g->vertical;
	case BACK | ON:
		return g->horizontal;
	case DOWN | ON:
		return g->corner_tl;
	case DOWN | BACK:
		return g->corner_tr;
	case UP | ON:
		return g->corner_bl;
	default:
		return g->corner_br;
	}
}

static void paint_route(const struct map_painting *p, enum state_map_edge edge)
{
	const struct map_route *r = &p->map->layout.routes[edge];
	const enum role role = state_map_taken(p->map, edge, p->now_ns) ? ROLE_ARROW : ROLE_RULE;
	const unsigned length = state_map_route_length(r);
	struct map_point before = r->leaves;

	for (unsigned i = 0; i < length; i++) {
		const struct map_point at = state_map_route_cell(r, i);
		const enum way came = way_to(before, at);
		const char *glyph = i + 1 == length ? head(p->glyphs, came) : piece(p->glyphs, reversed(came) | way_to(at, state_map_route_cell(r, i + 1)));

		area_text(p->area, at.row, at.column, role, 0, glyph);
		before = at;
	}
}

/* Where a line leaves its box. */
static void paint_tee(const struct map_painting *p, enum state_map_edge edge, enum role role, unsigned flags)
{
	const struct map_route *r = &p->map->layout.routes[edge];
	const enum way way = way_to(r->leaves, r->points[0]);
	const struct glyphs *g = p->glyphs;

	area_text(p->area, r->leaves.row, r->leaves.column, role, flags, way == UP ? g->tee_b : way == DOWN ? g->tee_t : way == BACK ? g->tee_r : g->tee_l);
}

/* ---- boxes ---- */

static bool is_busy(const struct map_painting *p, enum tcp_state state)
{
	return model_population(p->model, state) > 0 || state_map_entered(p->map, state, p->now_ns) > 0 || state_map_left(p->map, state, p->now_ns) > 0;
}

static void paint_border(const struct map_painting *p, enum tcp_state state, struct area box)
{
	const enum role role = is_busy(p, state) ? role_of_state(state) : ROLE_RULE;
	const unsigned flags = state_map_is_selected(p, state) ? CELL_BOLD : 0;
	const int last = (int)box.rows - 1, right = (int)box.columns - 1;
	const struct glyphs *g = p->glyphs;

	area_repeat(box, 0, 0, box.columns, role, g->horizontal);
	area_repeat(box, last, 0, box.columns, role, g->horizontal);
	for (int row = 1; row < last; row++) {
		area_text(box, row, 0, role, flags, g->vertical);
		area_text(box, row, right, role, flags, g->vertical);
	}
	area_text(box, 0, 0, role, flags, g->corner_tl);
	area_text(box, 0, right, role, flags, g->corner_tr);
	area_text(box, last, 0, role, flags, g->corner_bl);
	area_text(box, last, right, role, flags, g->corner_br);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		if (state_map_edges[e].from == state)
			paint_tee(p, (enum state_map_edge)e, role, flags);
}

static void paint_name(const struct map_painting *p, enum tcp_state state, struct area area, int row, int column)
{
	const bool selected = state_map_is_selected(p, state);
	const unsigned flags = selected ? CELL_BOLD | CELL_ON_CURSOR : 0;

	area_text(area, row, column, selected ? ROLE_CURSOR : ROLE_TEXT, flags, selected ? ">" : " ");
	area_textf(area, row, column + 1, role_of_state(state), flags, "%s ", state_name(state));
}

/* What was reset, and what else ended here without an edge. */
static void paint_tag(const struct map_painting *p, enum tcp_state state)
{
	const struct map_box *b = &p->map->layout.boxes[state];
	uint32_t counts[MAP_END_KINDS], all = 0;
	char amount[AMOUNT_ROOM], text[64];
	const char *word;
	unsigned width;

	for (unsigned i = 0; i < MAP_END_KINDS; i++)
		all += counts[i] = state_map_ended(p->map, state, (enum state_map_end)i, p->now_ns);
	if (!all)
		return;
	word = counts[MAP_END_RESET] == all ? "RST" : counts[MAP_END_OTHER] == all ? _("timeout") : counts[MAP_END_OTHER] ? _("ended") : "RST?";
	state_map_rate(all, amount);
	width = utf8_columns(word) + 1 + utf8_columns(amount);
	if (width > b->tag_columns)
		word = "";
	snprintf(text, sizeof(text), "%s%s%s%s%s", width + 2 <= b->tag_columns ? " " : "", word, *word ? " " : "", amount,
		 width + 2 <= b->tag_columns ? " " : "");
	width = utf8_columns(text);
	if (width <= b->tag_columns)
		area_text(p->area, b->row + b->rows - 1, b->tag + (b->tag_columns - (int)width) / 2, ROLE_WARNING, 0, text);
}

/* "net +9/min" right in the row, as far as there is room; what grows is marked. */
static void paint_net(const struct map_painting *p, struct area inner, unsigned from, unsigned flags)
{
	int64_t per_minute;
	char texts[3][64];
	bool grows;

	if (!state_map_net(p->map, p->model, STATE_CLOSE_WAIT, p->now_ns, &per_minute, &grows) || per_minute == 0)
		return;
	snprintf(texts[0], sizeof(texts[0]), _("%snet %+lld/min"), grows ? "! " : "", (long long)per_minute);
	snprintf(texts[1], sizeof(texts[1]), _("%s%+lld/min"), grows ? "!" : "", (long long)per_minute);
	snprintf(texts[2], sizeof(texts[2]), "%s", grows ? "!" : "");
	for (unsigned i = 0; i < 3; i++) {
		const unsigned width = utf8_columns(texts[i]);

		if (from + width > inner.columns)
			continue;
		area_text(inner, 0, (int)(inner.columns - width), grows ? ROLE_WARNING : ROLE_DIM, flags, texts[i]);
		return;
	}
}

void state_map_paint_spark(const struct map_painting *p, struct area row, int at, unsigned seconds, enum tcp_state state, bool in, unsigned flags)
{
	uint32_t values[MAP_HISTORY_SECONDS], most = SPARK_LEAST;

	state_map_history(p->map, state, in, p->now_ns, values, seconds);
	for (unsigned i = 0; i < seconds; i++)
		most = values[i] > most ? values[i] : most;
	gauge_spark(row, 0, at, role_of_state(state), values, seconds, most);
	area_tint(row, 0, at, seconds, ROLE_COUNT, flags);
}

/* "in ▁▂▅▂▁ 7/s" */
static void paint_flow(const struct map_painting *p, struct area inner, int row, enum tcp_state state, bool in, unsigned flags)
{
	const uint32_t count = in ? state_map_entered(p->map, state, p->now_ns) : state_map_left(p->map, state, p->now_ns);
	const unsigned words = inner.rows > 2 && utf8_columns(_("out")) > utf8_columns(_("in")) ? utf8_columns(_("out")) : utf8_columns(_("in"));
	const unsigned around = words + 1 + 1 + MAP_RATE_COLUMNS;
	unsigned seconds = inner.columns > around ? inner.columns - around : 0;
	const struct area line = area_part(inner, (unsigned)row, 0, 1, inner.columns);
	char amount[AMOUNT_ROOM];

	if (seconds > MAP_HISTORY_SECONDS)
		seconds = MAP_HISTORY_SECONDS;
	area_text(inner, row, 0, ROLE_DIM, flags, in ? _("in") : _("out"));
	state_map_paint_spark(p, line, (int)(inner.columns - MAP_RATE_COLUMNS - 1 - seconds), seconds, state, in, flags);
	area_field(inner, row, (int)inner.columns - MAP_RATE_COLUMNS, MAP_RATE_COLUMNS, true, count ? ROLE_TEXT : ROLE_DIM, flags, state_map_rate(count, amount));
}

/* The population, and with more room a bar of it, and what comes and goes. */
static void paint_inside(const struct map_painting *p, enum tcp_state state, struct area inner, unsigned flags)
{
	const uint32_t population = model_population(p->model, state);
	char amount[AMOUNT_ROOM];
	unsigned width;
	int row = 1;

	if (utf8_columns(amount_grouped(population, amount)) > inner.columns)
		amount_short(population, amount);
	width = area_text(inner, 0, 0, population ? ROLE_TEXT : ROLE_DIM, flags | (population ? CELL_BOLD : 0), amount);
	if (state == STATE_CLOSE_WAIT)
		paint_net(p, inner, width + 1, flags);
	if (inner.rows >= 5)
		gauge_bar(inner, row++, 0, inner.columns, role_of_state(state), population, p->largest);
	if (inner.rows >= 4)
		row++;
	if (inner.rows >= 2)
		paint_flow(p, inner, row++, state, true, flags);
	if (inner.rows >= 3)
		paint_flow(p, inner, row, state, false, flags);
}

/* Nothing is in it; but all comes from there and goes there. */
static void paint_closed(const struct map_painting *p, struct area inner, unsigned flags)
{
	char opened[AMOUNT_ROOM], ended[AMOUNT_ROOM];

	area_textf(inner, 0, 0, ROLE_DIM, flags, "+%s", state_map_rate(state_map_left(p->map, STATE_CLOSED, p->now_ns), opened));
	snprintf(opened, sizeof(opened), "-%.20s", state_map_rate(state_map_entered(p->map, STATE_CLOSED, p->now_ns), ended));
	area_field(inner, 0, (int)(inner.columns - utf8_columns(opened)), utf8_columns(opened), true, ROLE_DIM, flags, opened);
}

static void paint_box(const struct map_painting *p, enum tcp_state state)
{
	const struct map_box *b = &p->map->layout.boxes[state];
	const struct area box = area_part(p->area, b->row, b->column, b->rows, b->columns);
	const struct area inside = area_part(box, 1, 1, b->rows > 2 ? b->rows - 2u : 0, b->columns > 2 ? b->columns - 2u : 0);
	const struct area inner = area_part(inside, 0, 1, inside.rows, inside.columns > 2 ? inside.columns - 2 : 0);
	const unsigned flags = state_map_is_selected(p, state) ? CELL_ON_CURSOR : 0;

	if (b->rows == 1) {
		paint_name(p, state, p->area, b->row, b->column + 2);
		return;
	}
	paint_border(p, state, box);
	paint_name(p, state, p->area, b->row, b->column + 1);
	if (flags)
		area_fill(inside, ROLE_CURSOR, flags);
	if (state == STATE_CLOSED)
		paint_closed(p, inner, flags);
	else
		paint_inside(p, state, inner, flags);
	paint_tag(p, state);
}

/* ---- words on edges ---- */

static void paint_label(const struct map_painting *p, enum state_map_edge edge)
{
	const struct map_label *l = &p->map->layout.labels[edge];
	const uint32_t count = state_map_taken(p->map, edge, p->now_ns);
	const bool missed = p->map->missed_ns[edge] && p->now_ns - p->map->missed_ns[edge] < MAP_MISSED_NS;
	char words[MAP_WORDS_ROOM], amount[AMOUNT_ROOM], marked[AMOUNT_ROOM + 8];

	snprintf(marked, sizeof(marked), "%s%s", missed ? p->glyphs->more : "", state_map_rate(count, amount));
	for (unsigned i = 0; i < l->rows; i++) {
		const unsigned columns = l->at[i].columns, figures = i + 1 == l->rows ? utf8_columns(marked) : 0;
		const unsigned left = columns > figures + (l->rows == 1) ? columns - figures - (l->rows == 1) : 0;
		const bool worded = i == 0 && state_map_words(_(state_map_edges[edge].label), left, words);
		const unsigned width = (worded ? utf8_columns(words) : 0) + (worded && figures ? 1 : 0) + figures;
		int at = l->at[i].column;

		if (width > columns)
			continue;
		at += l->right ? (int)(columns - width) : l->centred ? (int)(columns - width) / 2 : 0;
		if (worded)
			at += (int)area_text(p->area, l->at[i].row, at, count ? ROLE_TEXT : ROLE_DIM, 0, words) + 1;
		if (figures)
			area_text(p->area, l->at[i].row, at, count ? ROLE_FLAG : ROLE_DIM, 0, marked);
	}
}

static void paint_tokens(const struct map_painting *p)
{
	const int64_t now_ns = p->map->paused_ns ? p->map->paused_ns : p->now_ns;

	for (unsigned i = 0; i < p->map->token_count; i++) {
		const struct map_token *t = &p->map->tokens[i];
		const struct map_route *r = &p->map->layout.routes[t->edge];
		struct map_point at;

		if (now_ns < t->starts_ns || now_ns >= t->ends_ns)
			continue;
		at = state_map_route_cell(r, (unsigned)((int64_t)state_map_route_length(r) * (now_ns - t->starts_ns) / (t->ends_ns - t->starts_ns)));
		area_text(p->area, at.row, at.column, ROLE_PACKET, CELL_BOLD, p->glyphs->packet);
	}
}

/* ---- the explanation ---- */

void state_map_say_briefly(const char *text, unsigned columns, const char *ellipsis, struct text *out)
{
	const size_t fits = utf8_fit(text, columns, NULL);

	if (text[fits]) {
		for (size_t i = fits; i-- > 1;) {
			if (text[i] != ' ' || !strchr(".;:", text[i - 1]))
				continue;
			text_add_bytes(out, text, i - 1);
			text_add_char(out, '.');
			return;
		}
	}
	text_add_padded(out, text, utf8_columns(text) < columns ? utf8_columns(text) : columns, 0, ellipsis);
}

static void paint_explanation(const struct map_painting *p)
{
	const struct state_map_layout *l = &p->map->layout;
	const enum tcp_state state = (enum tcp_state)p->map->selected;
	const unsigned name = l->explained_rows > 1 && l->wide >= MAP_LEAST_COLUMNS ? utf8_columns(state_name(state)) + 2 : 0;
	const struct area area = area_part(p->area, l->explained, l->left + 1u + name, l->explained_rows, l->wide - 2u - name);
	struct text whole = {0}, brief = {0};

	text_addf(&whole, "%s %s", _(state_what(state)), _(state_end(state)));
	if (name)
		area_text(p->area, l->explained, l->left + 1, role_of_state(state), CELL_BOLD, state_name(state));
	if (paragraph_rows(text_string(&whole), area.columns) > area.rows) {
		text_clear(&whole);
		text_add(&whole, _(state_what(state)));
	}
	if (paragraph_rows(text_string(&whole), area.columns) > area.rows) {
		state_map_say_briefly(text_string(&whole), area.columns, p->glyphs->ellipsis, &brief);
		area_text(area, 0, 0, ROLE_DIM, 0, text_string(&brief));
	} else {
		paragraph_paint(area, ROLE_DIM, 0, text_string(&whole));
	}
	text_fini(&whole);
	text_fini(&brief);
}

/* ---- the whole ---- */

static void paint_diagram(const struct map_painting *p)
{
	for (unsigned e = 0; e < MAP_EDGES; e++)
		paint_route(p, (enum state_map_edge)e);
	for (unsigned s = 0; s < STATE_COUNT; s++)
		if (p->map->layout.boxes[s].columns)
			paint_box(p, (enum tcp_state)s);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		paint_label(p, (enum state_map_edge)e);
	paint_tokens(p);
}

void state_map_paint(const struct state_map *m, const struct model *model, struct area area, int64_t now_ns)
{
	struct map_painting p = {.map = m, .model = model, .glyphs = area.canvas->glyphs, .area = area, .now_ns = now_ns};

	for (unsigned i = 0; i < STATE_LIFE_COUNT; i++)
		if (model_population(model, state_life_order[i]) > p.largest)
			p.largest = model_population(model, state_life_order[i]);
	if (m->layout.diagram)
		paint_diagram(&p);
	else
		state_map_paint_table(&p);
	if (m->layout.explained_rows)
		paint_explanation(&p);
}
