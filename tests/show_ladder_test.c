/*
 * ladders: lives told to a model as events, laid out and painted at fixed times, and compared with golden pictures (tests/golden/ladder_*).
 * Each picture is followed by the grid of its roles where colour matters.
 */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "golden.h"
#include "show/ladder.h"
#include "tcp/edge.h"

/* 2026-11-20 12:00:41 UTC: times below are seconds after the full minute. */
#define MINUTE (1795176000 * NS_PER_SECOND)
#define AT(seconds) (MINUTE + (int64_t)((seconds)*1e6 + 0.5) * NS_PER_US)

enum { CLIENT = 1, SERVER = 2 };

/* One event of a life. From STATE_NONE: what was there when we began to look. */
struct life_step {
	uint8_t conn, from, to, certainty;
	double t0, t1;       /* t0 == t1: exact; t0 0: no lower bound */
	uint8_t edge_cause;  /* enum edge_cause + 1, or 0 */
	int64_t sent, received; /* -1: not known */
};

static struct tuple tuple_of(unsigned conn)
{
	struct tuple t = {.family = AF_INET};
	const uint8_t here[4] = {10, 0, 0, 5}, there[4] = {93, 184, 216, 34};

	endpoint_set_v4(&t.local, here, 41812);
	endpoint_set_v4(&t.remote, there, 443);
	return conn == SERVER ? tuple_mirrored(&t) : t;
}

static struct event event_of(const struct life_step *s)
{
	struct event e = {
		.kind = EVENT_TRANSITION,
		.from = s->from,
		.to = s->to,
		.certainty = s->certainty,
		.when = s->t0 == s->t1 ? CERTAINTY_EXACT : CERTAINTY_OBSERVED,
		.t_ns = AT(s->t1),
		.t0_ns = s->t0 > 0 ? AT(s->t0) : 0,
		.t1_ns = AT(s->t1),
		.conn = s->conn,
		.cookie = s->conn * 100u,
		.tuple = tuple_of(s->conn),
		.edge_cause = s->edge_cause,
	};

	if (s->sent >= 0) {
		e.facts.knows = KNOWS_BYTES;
		e.facts.bytes_sent = (uint64_t)s->sent;
		e.facts.bytes_received = (uint64_t)s->received;
	}
	return e;
}

static bool is_first(const struct model *m, const struct life_step *s)
{
	return !model_find(m, s->conn);
}

/* Tells the model a life. A transition to CLOSED is followed by its close. */
static void tell(struct model *m, const struct life_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct event e = event_of(&steps[i]);

		if (is_first(m, &steps[i]))
			e.kind = steps[i].from == STATE_NONE ? EVENT_CONNECTION : EVENT_OPEN;
		model_apply(m, &e);
		if (e.kind == EVENT_TRANSITION && e.to == STATE_CLOSED) {
			e.kind = EVENT_CLOSE;
			e.facts.knows = 0;
			model_apply(m, &e);
		}
	}
}
#define TELL(m, steps) tell((m), (steps), sizeof(steps) / sizeof(*(steps)))

struct paint {
	unsigned rows, columns;
	bool ascii, roles;
	struct ladder_style style;
	struct ladder_moment moment; /* whole 0 and progress 0: all rows */
};

static void add_picture(struct text *out, const struct ladder *l, const struct paint *p)
{
	struct ladder_moment moment = p->moment;
	struct canvas c;

	if (!moment.whole && moment.progress <= 0)
		moment.whole = l->count;
	canvas_init(&c, p->rows ? p->rows : ladder_height(l), p->columns, p->ascii ? &glyphs_ascii : &glyphs_unicode);
	ladder_paint(l, area_all(&c), moment, &p->style);
	canvas_to_text(&c, out);
	if (p->roles)
		canvas_roles_to_text(&c, out);
	canvas_fini(&c);
}

static const struct ladder_style full = {.show_how = true}, compact = {.show_how = true, .compact = true}, wall = {.show_how = true, .absolute_time = true};

/* Paints the ladder of a connection at the usual widths, in both glyph sets. */
static void check_widths(const char *name, const struct model *m, unsigned conn)
{
	const struct paint paints[] = {
		{.columns = 100, .style = full, .roles = true}, {.columns = 80, .style = full},
		{.columns = 80, .style = full, .ascii = true},  {.columns = 40, .style = full},
		{.columns = 200, .style = wall},                {.columns = 100, .style = compact},
	};
	struct text picture = {0};
	struct ladder l;

	ladder_lay_out(&l, m, model_find(m, conn));
	for (size_t i = 0; i < sizeof(paints) / sizeof(*paints); i++) {
		text_addf(&picture, "%u columns%s%s\n", paints[i].columns, paints[i].ascii ? ", ASCII" : "", paints[i].style.compact ? ", compact" : "");
		add_picture(&picture, &l, &paints[i]);
	}
	golden_check(name, text_string(&picture));
	text_fini(&picture);
}

/* A life of curl, both ends ours, with the exact source. */
static const struct life_step graceful_pair[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.002113, 41.002113, 0, 0, 0},
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_EXACT, 41.002131, 41.002131, 0, -1, -1},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.002142, 41.002142, 0, 0, 0},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.002149, 41.002149, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_EXACT, 43.5, 43.5, 0, 1200, 48100},
	{SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_EXACT, 43.500012, 43.500012, 0, 48100, 1200},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_EXACT, 43.540023, 43.540023, 0, 1200, 48100},
	{SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_EXACT, 44.1, 44.1, 0, 48100, 1200},
	{CLIENT, STATE_FIN_WAIT2, STATE_TIME_WAIT, CERTAINTY_EXACT, 44.100009, 44.100009, 0, -1, -1},
	{SERVER, STATE_LAST_ACK, STATE_CLOSED, CERTAINTY_EXACT, 44.100015, 44.100015, 0, -1, -1},
	{CLIENT, STATE_TIME_WAIT, STATE_CLOSED, CERTAINTY_EXACT, 104.100009, 104.100009, 0, -1, -1},
};

static void test_graceful_pair(void **state)
{
	struct model *m = model_new(1);

	(void)state;
	TELL(m, graceful_pair);
	check_widths("ladder_graceful_pair", m, CLIENT);
	check_widths("ladder_graceful_pair_server", m, SERVER);
	model_free(m);
}

/* A server far away, seen by samples 50 ms apart. */
static const struct life_step remote_deduced[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 82.1, 82.3, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_OBSERVED, 82.1, 82.3, 0, 1200, 49254},
	{CLIENT, STATE_FIN_WAIT2, STATE_TIME_WAIT, CERTAINTY_OBSERVED, 82.3, 82.35, 0, 1200, 49254},
};

static void test_remote_deduced(void **state)
{
	struct model *m = model_new(1);

	(void)state;
	TELL(m, remote_deduced);
	check_widths("ladder_remote_deduced", m, CLIENT);
	model_free(m);
}

/* We are the server of somebody far away, who closes first; our program closes at once. */
static const struct life_step passive_open[] = {
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_INFERRED, 41.0, 42.0, 0, -1, -1},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 42.0, 0, 0, 0},
	{SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_INFERRED, 47.0, 48.0, 0, -1, -1},
	{SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_OBSERVED, 47.0, 48.0, 0, 1900000, 812},
	{SERVER, STATE_LAST_ACK, STATE_CLOSED, CERTAINTY_INFERRED, 48.0, 48.05, 0, 1900000, 812},
};

static void test_passive_open(void **state)
{
	struct model *m = model_new(1);

	(void)state;
	TELL(m, passive_open);
	check_widths("ladder_passive_open", m, SERVER);
	model_free(m);
}

/* Nothing was seen of it but its end. */
static const struct life_step notice_alone[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_AMBIGUOUS, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT2, STATE_TIME_WAIT, CERTAINTY_AMBIGUOUS, 0, 41.25, 0, 78, 615},
};

static void test_notice_alone(void **state)
{
	struct model *m = model_new(1);

	(void)state;
	TELL(m, notice_alone);
	check_widths("ladder_notice_alone", m, CLIENT);
	model_free(m);
}

static const struct life_step close_wait[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.002113, 41.002113, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.013902, 41.013902, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 82.1, 82.3, 0, 1200, 49254},
};

static void test_close_wait(void **state)
{
	struct model *m = model_new(1);

	(void)state;
	TELL(m, close_wait);
	check_widths("ladder_close_wait", m, CLIENT);
	model_free(m);
}

static const struct life_step reset_by_peer[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSED, CERTAINTY_INFERRED, 45.1, 45.15, ON_RESET + 1, 310, 0},
};
static const struct life_step aborted[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSED, CERTAINTY_INFERRED, 45.1, 45.15, ON_ABORT + 1, -1, -1},
};
static const struct life_step refused[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.002113, 41.002113, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_CLOSED, CERTAINTY_EXACT, 41.002161, 41.002161, ON_RESET + 1, -1, -1},
};
static const struct life_step ended_somehow[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSED, CERTAINTY_AMBIGUOUS, 45.1, 45.15, 0, -1, -1},
};
static const struct life_step gave_up[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_CLOSED, CERTAINTY_AMBIGUOUS, 172.0, 172.1, ON_TIMEOUT + 1, -1, -1},
};

static void check_one(const char *name, const struct life_step *steps, size_t count, unsigned conn)
{
	struct model *m = model_new(1);

	tell(m, steps, count);
	check_widths(name, m, conn);
	model_free(m);
}
#define CHECK_ONE(name, steps, conn) check_one((name), (steps), sizeof(steps) / sizeof(*(steps)), (conn))

static void test_early_ends(void **state)
{
	(void)state;
	CHECK_ONE("ladder_reset_by_peer", reset_by_peer, CLIENT);
	CHECK_ONE("ladder_aborted", aborted, CLIENT);
	CHECK_ONE("ladder_refused", refused, CLIENT);
	CHECK_ONE("ladder_ended_somehow", ended_somehow, CLIENT);
	CHECK_ONE("ladder_gave_up", gave_up, CLIENT);
}

/* The server's FIN carries the acknowledgement of the client's. */
static const struct life_step three_segments[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_INFERRED, 41.0, 41.05, 0, -1, -1},
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_INFERRED, 41.0, 41.05, 0, -1, -1},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 41.2, 41.25, 0, 78, 615},
	{CLIENT, STATE_FIN_WAIT1, STATE_TIME_WAIT, CERTAINTY_OBSERVED, 41.2, 41.25, 0, 78, 615},
	{SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_INFERRED, 41.2, 41.25, 0, -1, -1},
	{SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_INFERRED, 41.2, 41.25, 0, 615, 78},
	{SERVER, STATE_LAST_ACK, STATE_CLOSED, CERTAINTY_INFERRED, 41.2, 41.25, 0, 615, 78},
};

static const struct life_step simultaneous_close[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.000001, 41.000001, 0, 0, 0},
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_EXACT, 41.000012, 41.000012, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.000021, 41.000021, 0, 0, 0},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.00003, 41.00003, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_EXACT, 43.5, 43.5, 0, 100, 200},
	{SERVER, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_EXACT, 43.500003, 43.500003, 0, 200, 100},
	{CLIENT, STATE_FIN_WAIT1, STATE_CLOSING, CERTAINTY_EXACT, 43.50001, 43.50001, 0, 100, 200},
	{SERVER, STATE_FIN_WAIT1, STATE_CLOSING, CERTAINTY_EXACT, 43.500012, 43.500012, 0, 200, 100},
	{CLIENT, STATE_CLOSING, STATE_TIME_WAIT, CERTAINTY_EXACT, 43.500022, 43.500022, 0, 100, 200},
	{SERVER, STATE_CLOSING, STATE_TIME_WAIT, CERTAINTY_EXACT, 43.500024, 43.500024, 0, 200, 100},
};

static const struct life_step simultaneous_open[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.000001, 41.000001, 0, 0, 0},
	{SERVER, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.000003, 41.000003, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_SYN_RECV, CERTAINTY_EXACT, 41.000012, 41.000012, 0, 0, 0},
	{SERVER, STATE_SYN_SENT, STATE_SYN_RECV, CERTAINTY_EXACT, 41.000014, 41.000014, 0, 0, 0},
	{CLIENT, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.000025, 41.000025, 0, 0, 0},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.000027, 41.000027, 0, 0, 0},
};

/* The client's view when the server is far away, and its FIN crossed ours. */
static const struct life_step crossed_deduced[] = {
	{CLIENT, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 100, 200},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_EXACT, 43.5, 43.5, 0, 100, 200},
	{CLIENT, STATE_FIN_WAIT1, STATE_CLOSING, CERTAINTY_EXACT, 43.50001, 43.50001, 0, 100, 200},
	{CLIENT, STATE_CLOSING, STATE_TIME_WAIT, CERTAINTY_EXACT, 43.500022, 43.500022, 0, 100, 200},
};

static void test_rarer_ways(void **state)
{
	(void)state;
	CHECK_ONE("ladder_three_segments", three_segments, CLIENT);
	CHECK_ONE("ladder_simultaneous_close", simultaneous_close, CLIENT);
	CHECK_ONE("ladder_simultaneous_open", simultaneous_open, SERVER);
	CHECK_ONE("ladder_crossed_deduced", crossed_deduced, CLIENT);
}

static const struct life_step open_before[] = {
	{CLIENT, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 517, 8102},
};
static const struct life_step open_before_closing[] = {
	{CLIENT, STATE_NONE, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 517, 8102},
	{CLIENT, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_OBSERVED, 50.0, 50.05, 0, 517, 8102},
	{CLIENT, STATE_LAST_ACK, STATE_CLOSED, CERTAINTY_INFERRED, 50.05, 50.1, 0, 517, 8102},
};
static const struct life_step listener[] = {
	{SERVER, STATE_NONE, STATE_LISTEN, CERTAINTY_OBSERVED, 41.0, 41.05, 0, -1, -1},
};
static const struct life_step new_listener[] = {
	{SERVER, STATE_CLOSED, STATE_LISTEN, CERTAINTY_OBSERVED, 41.0, 41.05, 0, -1, -1},
	{SERVER, STATE_LISTEN, STATE_CLOSED, CERTAINTY_OBSERVED, 51.0, 51.05, 0, -1, -1},
};

static void test_found(void **state)
{
	(void)state;
	CHECK_ONE("ladder_open_before", open_before, CLIENT);
	CHECK_ONE("ladder_open_before_closing", open_before_closing, CLIENT);
	CHECK_ONE("ladder_listener", listener, SERVER);
	CHECK_ONE("ladder_new_listener", new_listener, SERVER);
}

/* A connection whose SYN finds no answer. */
static void test_unanswered(void **state)
{
	static const struct life_step syn[] = {{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0}};
	static const struct life_step fin[] = {
		{CLIENT, STATE_NONE, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
		{CLIENT, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_OBSERVED, 43.0, 43.05, 0, 0, 0},
	};
	static const struct life_step syn_ack[] = {
		{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
		{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	};
	struct event again = {
		.kind = EVENT_UPDATE,
		.t_ns = AT(47.0),
		.conn = CLIENT,
		.facts = {.knows = KNOWS_TIMER, .timer = 1, .retransmits = 3},
	};
	struct model *m = model_new(1);

	(void)state;
	TELL(m, syn);
	model_apply(m, &again);
	check_widths("ladder_unanswered_syn", m, CLIENT);
	model_free(m);

	m = model_new(1);
	TELL(m, fin);
	model_apply(m, &again);
	check_widths("ladder_unanswered_fin", m, CLIENT);
	model_free(m);

	m = model_new(1);
	TELL(m, syn_ack);
	again.conn = SERVER;
	model_apply(m, &again);
	check_widths("ladder_unanswered_syn_ack", m, CLIENT);
	model_free(m);
}

/* Moments of an animation, as the eye sees them one after the other. */
static void check_moments(const char *name, const struct ladder *l, const struct ladder_moment *moments, size_t count, bool roles)
{
	struct text picture = {0};

	for (size_t i = 0; i < count; i++) {
		const struct paint p = {.columns = 80, .style = compact, .moment = moments[i], .ascii = i % 2, .roles = roles};

		text_addf(&picture, "%u whole, the next at %.2f\n", moments[i].whole, moments[i].progress);
		add_picture(&picture, l, &p);
	}
	golden_check(name, text_string(&picture));
	text_fini(&picture);
}

static void test_moments(void **state)
{
	static const struct ladder_moment opening[] = {{0, 0.01}, {0, 0.1}, {0, 0.5}, {0, 0.95}, {0, 1}, {1, 0.02}, {1, 0.5}, {1, 0.97}, {2, 0.5}, {3, 0}};
	static const struct ladder_moment closing[] = {{3, 0.3}, {4, 0.6}, {7, 1}, {8, 0.5}, {8, 1}};
	static const struct ladder_moment crossing[] = {{4, 0.4}, {4, 1}, {5, 0.6}, {6, 0.4}, {6, 0.99}, {7, 0.5}};
	struct model *m = model_new(1);
	struct ladder l;

	(void)state;
	TELL(m, graceful_pair);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	check_moments("ladder_moments_opening", &l, opening, sizeof(opening) / sizeof(*opening), true);
	check_moments("ladder_moments_closing", &l, closing, sizeof(closing) / sizeof(*closing), false);
	model_free(m);
	m = model_new(1);
	TELL(m, simultaneous_close);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	check_moments("ladder_moments_crossing", &l, crossing, sizeof(crossing) / sizeof(*crossing), false);
	model_free(m);
}

static void test_heights(void **state)
{
	static const unsigned heights[] = {13, 12, 11, 8, 5, 4, 3, 2, 1};
	struct model *m = model_new(1);
	struct text picture = {0};
	struct ladder l;

	(void)state;
	TELL(m, graceful_pair);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	for (size_t i = 0; i < sizeof(heights) / sizeof(*heights); i++) {
		struct paint p = {.rows = heights[i], .columns = 80, .style = full};

		text_addf(&picture, "%u rows\n", heights[i]);
		add_picture(&picture, &l, &p);
	}
	text_add(&picture, "6 rows, in the middle of an animation\n");
	add_picture(&picture, &l, &(struct paint){.rows = 6, .columns = 80, .style = full, .moment = {5, 0.5}});
	golden_check("ladder_heights", text_string(&picture));
	text_fini(&picture);
	model_free(m);
}

static void test_narrow(void **state)
{
	static const unsigned widths[] = {120, 99, 90, 79, 70, 66, 60, 50, 45, 39, 34, 30, 27, 24, 16, 9, 4, 3, 2, 1};
	struct model *m = model_new(1);
	struct text picture = {0};
	struct ladder l;

	(void)state;
	TELL(m, remote_deduced);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		text_addf(&picture, "%u columns\n", widths[i]);
		add_picture(&picture, &l, &(struct paint){.columns = widths[i], .style = full});
	}
	golden_check("ladder_narrow", text_string(&picture));
	text_fini(&picture);
	model_free(m);
}

/* Without the column that says how, its place goes to the others. */
static void test_without_how(void **state)
{
	struct model *m = model_new(1);
	struct text picture = {0};
	struct ladder l;

	(void)state;
	TELL(m, remote_deduced);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	add_picture(&picture, &l, &(struct paint){.columns = 100, .style = {.absolute_time = true, .utc_offset_s = 9 * 3600}});
	golden_check("ladder_without_how", text_string(&picture));
	text_fini(&picture);
	model_free(m);
}

/* ---- properties of any ladder ---- */

static uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* A random legal walk of one end, told as events. Returns the number of steps. */
static unsigned walk(struct model *m, uint64_t *seed, unsigned conn, double *t, uint8_t *states, uint8_t *first)
{
	uint8_t state = random_next(seed) % 2 ? STATE_CLOSED : STATE_LISTEN;
	unsigned count = 0, wanted = 1 + (unsigned)random_next(seed) % 10;

	if (random_next(seed) % 4 == 0) {
		struct life_step found = {(uint8_t)conn, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, *t, *t + 0.05, 0, 5, 6};

		tell(m, &found, 1);
		state = STATE_ESTABLISHED;
	}
	*first = state;
	while (count < wanted) {
		const struct edge *e = &edge_table[random_next(seed) % edge_count];
		bool known = random_next(seed) % 2;
		struct life_step s = {(uint8_t)conn, e->from, e->to, (uint8_t)(1 + random_next(seed) % 4), *t, *t + 0.05, 0, -1, -1};

		if (e->from != state || (e->to == STATE_LISTEN))
			continue;
		if (s.certainty == CERTAINTY_EXACT)
			s.t1 = s.t0;
		if (random_next(seed) % 8 == 0)
			s.t0 = 0;
		s.edge_cause = (uint8_t)(e->cause + 1);
		s.sent = s.received = known ? (int64_t)random_next(seed) : -1;
		tell(m, &s, 1);
		states[count++] = state = e->to;
		*t += (double)(random_next(seed) % 1000) / 5000;
		if (state == STATE_CLOSED)
			break;
	}
	return count;
}

/* The lifeline of an end shows its states, all of them and in its own order. */
static void assert_lifeline(const struct ladder *l, bool local, const uint8_t *states, unsigned count)
{
	unsigned next = 0;

	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_end *end = local ? &l->rows[i].local : &l->rows[i].remote;

		if (!end->state || end->deduced)
			continue;
		assert_true(next < count);
		assert_int_equal(end->state, states[next]);
		next++;
	}
	assert_int_equal(next, count);
}

static void paint_everywhere(const struct ladder *l, uint64_t *seed)
{
	struct text picture = {0};

	for (unsigned i = 0; i < 8; i++) {
		struct paint p = {
			.rows = 1 + (unsigned)random_next(seed) % 20,
			.columns = 1 + (unsigned)random_next(seed) % 130,
			.ascii = random_next(seed) % 2,
			.style = {.absolute_time = random_next(seed) % 2, .show_how = random_next(seed) % 2, .compact = random_next(seed) % 2},
			.moment = {(uint16_t)(random_next(seed) % (l->count + 2u)), (double)(random_next(seed) % 101) / 100},
		};

		add_picture(&picture, l, &p);
		text_clear(&picture);
	}
	text_fini(&picture);
}

static void test_any_life(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct model *m = model_new(1);
		uint8_t states[2][16], first[2];
		double t = 10;
		unsigned count[2], both = random_next(&seed) % 2;
		struct ladder l;

		count[0] = walk(m, &seed, CLIENT, &t, states[0], &first[0]);
		if (both) {
			t = 10.01;
			count[1] = walk(m, &seed, SERVER, &t, states[1], &first[1]);
		}
		ladder_lay_out(&l, m, model_find(m, CLIENT));
		assert_int_equal(l.first_local, first[0]);
		assert_lifeline(&l, true, states[0], count[0]);
		assert_int_equal(l.peer != 0, both && model_pair(m, model_find(m, CLIENT)));
		paint_everywhere(&l, &seed);
		model_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graceful_pair), cmocka_unit_test(test_remote_deduced), cmocka_unit_test(test_passive_open),
		cmocka_unit_test(test_notice_alone),  cmocka_unit_test(test_close_wait),     cmocka_unit_test(test_early_ends),
		cmocka_unit_test(test_rarer_ways),    cmocka_unit_test(test_found),          cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_moments),       cmocka_unit_test(test_heights),        cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_without_how),   cmocka_unit_test(test_any_life),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
