/*
 * The state machine.
 *
 * It reads as RFC 9293's figure 5 does, one line an arrow: from, to, why, what came, what is sent. `usual` is the price of the edge when a path
 * between two sightings is looked for: 1 for the road that nearly every connection takes, more for what is rarer, so that the cheapest path is
 * also the likeliest.
 */
#include "tcp/edge.h"

#include "tcp/flags.h"

#define FROM(from, to, cause, on, send, usual) {STATE_##from, STATE_##to, cause, on, send, usual}
#define FIN_ACK (FLAG_FIN | FLAG_ACK)
#define SYN_ACK (FLAG_SYN | FLAG_ACK)
#define RST_ACK (FLAG_RST | FLAG_ACK)

/* How a synchronized connection ends early: reset by the peer (RFC 9293 section 3.10.7.4), thrown away by the program (3.10.5), given up by the
 * kernel (3.8.3). */
#define EARLY_ENDS(from)                            \
	FROM(from, CLOSED, ON_RESET, FLAG_RST, 0, 4), \
	FROM(from, CLOSED, ON_ABORT, 0, RST_ACK, 5),    \
	FROM(from, CLOSED, ON_TIMEOUT, 0, 0, 6)

const struct edge edge_table[] = {
	/* opening: RFC 9293 section 3.5 */
	FROM(CLOSED, SYN_SENT, ON_CONNECT, 0, FLAG_SYN, 1),
	FROM(CLOSED, LISTEN, ON_LISTEN, 0, 0, 1),
	FROM(LISTEN, SYN_RECV, ON_SEGMENT, FLAG_SYN, SYN_ACK, 1), /* in Linux a new socket; the listener stays LISTEN */
	FROM(SYN_SENT, ESTABLISHED, ON_SEGMENT, SYN_ACK, FLAG_ACK, 1),
	FROM(SYN_SENT, SYN_RECV, ON_SEGMENT, FLAG_SYN, SYN_ACK, 3), /* simultaneous open: figure 7 */
	FROM(SYN_RECV, ESTABLISHED, ON_SEGMENT, FLAG_ACK, 0, 1),
	FROM(SYN_RECV, FIN_WAIT1, ON_CLOSE, 0, FIN_ACK, 3),
	FROM(SYN_RECV, CLOSE_WAIT, ON_SEGMENT, FIN_ACK, FLAG_ACK, 4), /* tcp_fin(): after data in the SYN (RFC 7413) */

	/* openings that fail */
	FROM(SYN_SENT, CLOSED, ON_RESET, RST_ACK, 0, 1),
	FROM(SYN_SENT, CLOSED, ON_TIMEOUT, 0, 0, 2),
	FROM(SYN_SENT, CLOSED, ON_CLOSE, 0, 0, 2),
	FROM(SYN_RECV, CLOSED, ON_RESET, FLAG_RST, 0, 2),
	FROM(SYN_RECV, CLOSED, ON_TIMEOUT, 0, 0, 2),
	FROM(SYN_RECV, CLOSED, ON_ABORT, 0, RST_ACK, 3),
	FROM(LISTEN, CLOSED, ON_CLOSE, 0, 0, 1),

	/* closing first: section 3.6 */
	FROM(ESTABLISHED, FIN_WAIT1, ON_CLOSE, 0, FIN_ACK, 1),
	FROM(FIN_WAIT1, FIN_WAIT2, ON_SEGMENT, FLAG_ACK, 0, 1),
	FROM(FIN_WAIT1, CLOSING, ON_SEGMENT, FIN_ACK, FLAG_ACK, 2),   /* the FINs crossed: figure 13 */
	FROM(FIN_WAIT1, TIME_WAIT, ON_SEGMENT, FIN_ACK, FLAG_ACK, 3), /* the peer's FIN also acknowledges ours */
	FROM(FIN_WAIT2, TIME_WAIT, ON_SEGMENT, FIN_ACK, FLAG_ACK, 1),
	FROM(CLOSING, TIME_WAIT, ON_SEGMENT, FLAG_ACK, 0, 1),
	FROM(TIME_WAIT, CLOSED, ON_TIMEOUT, 0, 0, 1),
	FROM(TIME_WAIT, CLOSED, ON_SEGMENT, FLAG_SYN, 0, 3), /* a new connection takes the entry over: RFC 6191, tcp_timewait_state_process() */
	FROM(TIME_WAIT, CLOSED, ON_CONNECT, 0, 0, 3),        /* the same from our side: tcp_tw_reuse */
	FROM(TIME_WAIT, CLOSED, ON_RESET, FLAG_RST, 0, 4), /* RFC 1337 */
	FROM(TIME_WAIT, CLOSED, ON_ABORT, 0, 0, 5),          /* SOCK_DESTROY */

	/* closing second */
	FROM(ESTABLISHED, CLOSE_WAIT, ON_SEGMENT, FIN_ACK, FLAG_ACK, 1),
	FROM(CLOSE_WAIT, LAST_ACK, ON_CLOSE, 0, FIN_ACK, 1),
	FROM(LAST_ACK, CLOSED, ON_SEGMENT, FLAG_ACK, 0, 1),

	/* tcp_fin_timeout ends a FIN_WAIT2 whose program is gone: tcp_close(), tcp_time_wait() */
	FROM(FIN_WAIT2, CLOSED, ON_TIMEOUT, 0, 0, 3),
	FROM(FIN_WAIT2, CLOSED, ON_RESET, FLAG_RST, 0, 4),
	FROM(FIN_WAIT2, CLOSED, ON_ABORT, 0, RST_ACK, 5),

	EARLY_ENDS(ESTABLISHED),
	EARLY_ENDS(FIN_WAIT1),
	EARLY_ENDS(CLOSING),
	EARLY_ENDS(CLOSE_WAIT),
	EARLY_ENDS(LAST_ACK),
};

const size_t edge_count = sizeof(edge_table) / sizeof(*edge_table);

const char *edge_cause_word(unsigned cause)
{
#define X(name, json) json,
	static const char *const words[EDGE_CAUSE_COUNT] = { EDGE_CAUSES(X) };
#undef X
	return cause < EDGE_CAUSE_COUNT ? words[cause] : NULL;
}

const struct edge *edge_find(enum tcp_state from, enum tcp_state to)
{
	const struct edge *best = NULL;

	for (const struct edge *e = edge_table; e < edge_table + edge_count; e++)
		if (e->from == from && e->to == to && (!best || e->usual < best->usual))
			best = e;
	return best;
}

const struct edge *edge_find_by(enum tcp_state from, enum tcp_state to, enum edge_cause cause)
{
	for (const struct edge *e = edge_table; e < edge_table + edge_count; e++)
		if (e->from == from && e->to == to && e->cause == cause)
			return e;
	return NULL;
}

/*
 * Bellman and Ford over a dozen states: relax every edge until nothing gets cheaper. A life passes neither through CLOSED nor through LISTEN (the
 * listener is another socket), so paths may begin and end there but not step over them.
 */
bool edge_path(enum tcp_state from, enum tcp_state to, unsigned avoid, struct edge_path *path)
{
	uint8_t cost[STATE_COUNT] = {0}, before[STATE_COUNT] = {0};
	bool cheaper = true;

	avoid |= STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_LISTEN);
	path->length = 0;
	path->states[0] = (uint8_t)from;
	if (from == to)
		return true;
	while (cheaper) {
		cheaper = false;
		for (const struct edge *e = edge_table; e < edge_table + edge_count; e++) {
			bool reached = e->from == from || (cost[e->from] && !(avoid & STATE_BIT(e->from)));
			uint8_t price = (uint8_t)(cost[e->from] + e->usual);

			if (!reached || e->to == from || (cost[e->to] && cost[e->to] <= price))
				continue;
			cost[e->to] = price;
			before[e->to] = e->from;
			cheaper = true;
		}
	}
	if (!cost[to])
		return false;
	for (unsigned s = to; s != from; s = before[s])
		path->length++;
	for (unsigned s = to, i = path->length; i > 0; s = before[s], i--)
		path->states[i] = (uint8_t)s;
	return true;
}
