/* What the map counts, its tokens, and its cursor. */
#include "show/state_map.h"

#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "tcp/edge.h"

const struct state_map_edge_info state_map_edges[MAP_EDGES] = {
#define X(from, to, label) [MAP_##from##_##to] = {STATE_##from, STATE_##to, label},
	STATE_MAP_EDGES(X)
#undef X
};

void state_map_init(struct state_map *m)
{
	memset(m, 0, sizeof(*m));
	m->selected = STATE_ESTABLISHED;
}

/* ---- where a transition belongs ---- */

/* The drawn edge between two states, counted from 1; 0: there is none. */
static const uint8_t drawn[STATE_COUNT][STATE_COUNT] = {
#define X(from, to, label) [STATE_##from][STATE_##to] = MAP_##from##_##to + 1,
	STATE_MAP_EDGES(X)
#undef X
};

static enum edge_cause cause_of(const struct edge *usual, uint8_t edge_cause)
{
	return edge_cause ? (enum edge_cause)(edge_cause - 1) : (enum edge_cause)usual->cause;
}

static bool is_reset(enum edge_cause cause)
{
	return cause == ON_RESET || cause == ON_ABORT;
}

/* Of the states with an edge to CLOSED, only LAST_ACK has none that the kernel takes when it gives up. */
static bool is_drawn_end(enum tcp_state from, enum edge_cause cause)
{
	return drawn[from][STATE_CLOSED] && !is_reset(cause) && !(from == STATE_LAST_ACK && cause == ON_TIMEOUT);
}

int state_map_place(enum tcp_state from, enum tcp_state to, uint8_t edge_cause, enum certainty certainty, enum state_map_edge edges[2],
		    enum state_map_end *end)
{
	const struct edge *usual;
	enum edge_cause cause;

	if ((unsigned)from >= STATE_COUNT || (unsigned)to >= STATE_COUNT)
		return -1;
	/* A FIN in SYN_RECV: RFC 9293 section 3.10.7.4 enters ESTABLISHED and CLOSE_WAIT for the same segment; tcp_fin() goes there at once. */
	if (from == STATE_SYN_RECV && to == STATE_CLOSE_WAIT) {
		edges[0] = MAP_SYN_RECV_ESTABLISHED;
		edges[1] = MAP_ESTABLISHED_CLOSE_WAIT;
		return 2;
	}
	if (to == STATE_CLOSED) {
		usual = edge_find(from, to);
		if (!usual)
			return -1;
		cause = cause_of(usual, edge_cause);
		if (!is_drawn_end(from, cause)) {
			*end = !is_reset(cause) ? MAP_END_OTHER : certainty == CERTAINTY_AMBIGUOUS ? MAP_END_UNSURE : MAP_END_RESET;
			return 0;
		}
	}
	if (!drawn[from][to])
		return -1;
	edges[0] = (enum state_map_edge)(drawn[from][to] - 1);
	return 1;
}

/* ---- counting ---- */

static unsigned end_counter(enum tcp_state state, enum state_map_end end)
{
	return MAP_EDGES + (unsigned)state * MAP_END_KINDS + (unsigned)end;
}

static void count(struct state_map *m, unsigned counter, int64_t t_ns)
{
	const int64_t number = t_ns / MAP_BIN_NS;
	const size_t index = (size_t)((uint64_t)number % MAP_BINS);

	if (m->bins[index].number != number) {
		memset(&m->bins[index], 0, sizeof(m->bins[index]));
		m->bins[index].number = number;
	}
	m->bins[index].counts[counter]++;
}

/* Of `bins` bins, the last of which is `last`. */
static uint32_t sum(const struct state_map *m, unsigned counter, int64_t last, unsigned bins)
{
	uint32_t total = 0;

	for (unsigned i = 0; i < bins; i++) {
		const int64_t number = last - i;
		const size_t index = (size_t)((uint64_t)number % MAP_BINS);

		if (m->bins[index].number == number)
			total += m->bins[index].counts[counter];
	}
	return total;
}

static uint32_t sum_of_state(const struct state_map *m, enum tcp_state state, bool in, int64_t last, unsigned bins)
{
	uint32_t total = 0;

	for (unsigned i = 0; i < MAP_EDGES; i++)
		if ((in ? state_map_edges[i].to : state_map_edges[i].from) == state)
			total += sum(m, i, last, bins);
	for (unsigned s = 0; s < STATE_COUNT; s++)
		for (unsigned end = 0; end < MAP_END_KINDS; end++)
			if (in ? state == STATE_CLOSED : s == (unsigned)state)
				total += sum(m, end_counter((enum tcp_state)s, (enum state_map_end)end), last, bins);
	return total;
}

uint32_t state_map_taken(const struct state_map *m, enum state_map_edge edge, int64_t now_ns)
{
	return sum(m, edge, now_ns / MAP_BIN_NS, MAP_WINDOW_BINS);
}

uint32_t state_map_ended(const struct state_map *m, enum tcp_state state, enum state_map_end end, int64_t now_ns)
{
	return sum(m, end_counter(state, end), now_ns / MAP_BIN_NS, MAP_WINDOW_BINS);
}

uint32_t state_map_entered(const struct state_map *m, enum tcp_state state, int64_t now_ns)
{
	return sum_of_state(m, state, true, now_ns / MAP_BIN_NS, MAP_WINDOW_BINS);
}

uint32_t state_map_left(const struct state_map *m, enum tcp_state state, int64_t now_ns)
{
	return sum_of_state(m, state, false, now_ns / MAP_BIN_NS, MAP_WINDOW_BINS);
}

void state_map_history(const struct state_map *m, enum tcp_state state, bool in, int64_t now_ns, uint32_t *values, unsigned count)
{
	const int64_t bins = NS_PER_SECOND / MAP_BIN_NS, second = now_ns / NS_PER_SECOND;

	for (unsigned i = 0; i < count; i++)
		values[i] = sum_of_state(m, state, in, (second - count + i + 1) * bins - 1, (unsigned)bins);
}

/* ---- populations ---- */

static void sample(struct state_map *m, const struct model *model, int64_t now_ns)
{
	const unsigned last = (m->sample_next + MAP_SAMPLES - 1) % MAP_SAMPLES;

	if (m->sample_count > 0 && now_ns - m->samples[last].t_ns < MAP_SAMPLE_NS)
		return;
	if (!model_coverage(model)->sweeps) /* nothing is known yet: what comes now is no growth */
		return;
	m->samples[m->sample_next].t_ns = now_ns;
	for (unsigned s = 0; s < STATE_COUNT; s++)
		m->samples[m->sample_next].population[s] = model_population(model, (enum tcp_state)s);
	m->sample_next = (m->sample_next + 1) % MAP_SAMPLES;
	if (m->sample_count < MAP_SAMPLES)
		m->sample_count++;
}

#define NET_LEAST_NS (10 * NS_PER_SECOND)
#define GROWTH_LEAST_NS (30 * NS_PER_SECOND) /* before that it is a coming, and may go */
#define MINUTE_NS (60 * NS_PER_SECOND)

bool state_map_net(const struct state_map *m, const struct model *model, enum tcp_state state, int64_t now_ns, int64_t *per_minute, bool *grows)
{
	const uint32_t now = model_population(model, state);
	int64_t since_ns = 0, first = 0, before = 0;
	bool less = false;

	for (unsigned i = 0; i < m->sample_count; i++) {
		const unsigned at = (m->sample_next + MAP_SAMPLES - m->sample_count + i) % MAP_SAMPLES;

		if (now_ns - m->samples[at].t_ns > MINUTE_NS + MAP_SAMPLE_NS)
			continue;
		if (!since_ns) {
			since_ns = m->samples[at].t_ns;
			first = before = m->samples[at].population[state];
		}
		less |= m->samples[at].population[state] < before;
		before = m->samples[at].population[state];
	}
	if (!since_ns || now_ns - since_ns < NET_LEAST_NS)
		return false;
	*per_minute = now - first;
	if (now_ns - since_ns < MINUTE_NS)
		*per_minute = (now - first) * MINUTE_NS / (now_ns - since_ns);
	*grows = !less && now >= before && now > first && now_ns - since_ns >= GROWTH_LEAST_NS;
	return true;
}

/* ---- tokens ---- */

#define SPACING 6        /* of a flight: so close two tokens of an edge follow each other */
#define LATENESS 4       /* flights that a token may wait to start: the last of five, when a whole life is told at once */

static void miss(struct state_map *m, enum state_map_edge edge, int64_t now_ns)
{
	m->missed_ns[edge] = now_ns;
}

static void drop_landed(struct state_map *m, int64_t now_ns)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < m->token_count; i++)
		if (m->tokens[i].ends_ns > now_ns)
			m->tokens[kept++] = m->tokens[i];
	m->token_count = kept;
}

/* Behind the one before it on its edge, and not before its connection has come so far. */
static void send_token(struct state_map *m, uint64_t conn, enum state_map_edge edge, int64_t now_ns)
{
	int64_t starts_ns = now_ns;

	drop_landed(m, now_ns);
	for (unsigned i = 0; i < m->token_count; i++) {
		const struct map_token *t = &m->tokens[i];

		if (t->conn == conn && t->ends_ns > starts_ns)
			starts_ns = t->ends_ns;
		if (t->edge == edge && t->starts_ns + m->flight_ns / SPACING > starts_ns)
			starts_ns = t->starts_ns + m->flight_ns / SPACING;
	}
	if (m->token_count == MAP_TOKENS_MAX || starts_ns - now_ns > LATENESS * m->flight_ns) {
		miss(m, edge, now_ns);
		return;
	}
	m->tokens[m->token_count++] = (struct map_token){conn, starts_ns, starts_ns + m->flight_ns, (uint8_t)edge};
}

void state_map_event(struct state_map *m, const struct model *model, const struct event *e, bool seen)
{
	enum state_map_edge edges[2];
	enum state_map_end end;
	int placed;

	sample(m, model, e->t_ns);
	if (e->kind != EVENT_OPEN && e->kind != EVENT_TRANSITION)
		return;
	placed = state_map_place((enum tcp_state)e->from, (enum tcp_state)e->to, e->edge_cause, (enum certainty)e->certainty, edges, &end);
	if (placed == 0)
		count(m, end_counter((enum tcp_state)e->from, end), e->t_ns);
	for (int i = 0; i < placed; i++) {
		count(m, edges[i], e->t_ns);
		if (seen && m->flight_ns && !m->paused_ns)
			send_token(m, e->conn, edges[i], e->t_ns);
	}
}

/* 1/N is felt, not kept: one that takes a thousandfold time is drawn four times as slowly. */
static int64_t flight_ns(const struct tempo *tempo)
{
	int64_t flight = MAP_FLIGHT_NS;

	for (unsigned n = tempo->kind == TEMPO_SLOWED ? tempo->slowed_by : 1; n > 1; n /= 4)
		flight += MAP_FLIGHT_NS / 2;
	return flight;
}

static int place_in_life(enum tcp_state state)
{
	return (int)(state_life_place(state) % STATE_LIFE_COUNT);
}

/* Of a table longer than the screen, the part with the cursor. */
static void scroll(struct state_map *m)
{
	const int at = place_in_life((enum tcp_state)m->selected), listed = m->layout.listed;

	m->selected = (uint8_t)state_life_order[at];
	if (m->top + listed > STATE_LIFE_COUNT)
		m->top = (uint16_t)(STATE_LIFE_COUNT - listed);
	if (at < m->top)
		m->top = (uint16_t)at;
	else if (at >= m->top + listed)
		m->top = (uint16_t)(at + 1 - listed);
}

void state_map_update(struct state_map *m, const struct model *model, const struct tempo *tempo, bool animate, unsigned rows, unsigned columns,
		      int64_t now_ns)
{
	m->flight_ns = animate ? flight_ns(tempo) : 0;
	if (!m->paused_ns)
		drop_landed(m, now_ns);
	sample(m, model, now_ns);
	if (m->layout.rows != rows || m->layout.columns != columns || m->layout.language != message_language())
		state_map_lay_out(&m->layout, rows, columns);
	if (!m->layout.diagram && m->layout.listed > 0)
		scroll(m);
}

void state_map_pause(struct state_map *m, bool pause, int64_t now_ns)
{
	if (pause == (m->paused_ns != 0))
		return;
	for (unsigned i = 0; !pause && i < m->token_count; i++) {
		m->tokens[i].starts_ns += now_ns - m->paused_ns;
		m->tokens[i].ends_ns += now_ns - m->paused_ns;
	}
	m->paused_ns = pause ? now_ns : 0;
}

bool state_map_moves(const struct state_map *m)
{
	return m->token_count > 0 && !m->paused_ns && m->layout.diagram;
}

/* ---- the cursor ---- */

void state_map_move(struct state_map *m, int rows, int columns)
{
	int at;

	if (m->layout.diagram) {
		m->selected = (uint8_t)state_map_next(&m->layout, (enum tcp_state)m->selected, rows, columns);
		return;
	}
	at = place_in_life((enum tcp_state)m->selected) + rows;
	m->selected = (uint8_t)state_life_order[at < 0 ? 0 : at >= STATE_LIFE_COUNT ? STATE_LIFE_COUNT - 1 : at];
}

static bool is_in(const struct map_box *b, unsigned row, unsigned column)
{
	return row >= b->row && row < b->row + (unsigned)b->rows && column >= b->column && column < b->column + (unsigned)b->columns;
}

enum tcp_state state_map_at(const struct state_map *m, unsigned row, unsigned column)
{
	if (!m->layout.diagram)
		return row > 0 && row <= (unsigned)m->layout.listed * m->layout.pitch ? state_life_order[m->top + (row - 1) / m->layout.pitch] : STATE_NONE;
	for (unsigned s = 0; s < STATE_COUNT; s++)
		if (is_in(&m->layout.boxes[s], row, column))
			return (enum tcp_state)s;
	return STATE_NONE;
}
