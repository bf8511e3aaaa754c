/* The lives, and how they are told and painted. */
#include "ladder_lives.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "tcp/edge.h"

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

/* A server far away, seen by samples 50 ms apart. */
static const struct life_step remote_deduced[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 82.1, 82.3, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_OBSERVED, 82.1, 82.3, 0, 1200, 49254},
	{CLIENT, STATE_FIN_WAIT2, STATE_TIME_WAIT, CERTAINTY_OBSERVED, 82.3, 82.35, 0, 1200, 49254},
};

/* We are the server of somebody far away, who closes first; our program closes at once. */
static const struct life_step passive_open[] = {
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_INFERRED, 41.0, 42.0, 0, -1, -1},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 42.0, 0, 0, 0},
	{SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_INFERRED, 47.0, 48.0, 0, -1, -1},
	{SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_OBSERVED, 47.0, 48.0, 0, 1900000, 812},
	{SERVER, STATE_LAST_ACK, STATE_CLOSED, CERTAINTY_INFERRED, 48.0, 48.05, 0, 1900000, 812},
};

/* Nothing was seen of it but its end. */
static const struct life_step notice_alone[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_AMBIGUOUS, 0, 41.25, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT2, STATE_TIME_WAIT, CERTAINTY_AMBIGUOUS, 0, 41.25, 0, 78, 615},
};

static const struct life_step close_wait[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_EXACT, 41.002113, 41.002113, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_EXACT, 41.013902, 41.013902, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 82.1, 82.3, 0, 1200, 49254},
};

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

/* One end was seen from its beginning, the other not. */
static const struct life_step server_found_late[] = {
	{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{SERVER, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.1, 41.15, 0, 0, 0},
	{SERVER, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 44.0, 44.05, 0, -1, -1},
	{SERVER, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_OBSERVED, 44.0, 44.05, 0, 7, 9},
	{CLIENT, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 44.0, 44.05, 0, 9, 7},
};
static const struct life_step client_found_late[] = {
	{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.05, 41.1, 0, 0, 0},
	{CLIENT, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.1, 41.15, 0, 0, 0},
	{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_INFERRED, 44.0, 44.05, 0, -1, -1},
	{CLIENT, STATE_FIN_WAIT1, STATE_FIN_WAIT2, CERTAINTY_OBSERVED, 44.0, 44.05, 0, 7, 9},
	{SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 44.0, 44.05, 0, 9, 7},
};

#define LIFE(name, conn) {#name, conn, name, sizeof(name) / sizeof(*(name))}
const struct life lives[] = {
	LIFE(graceful_pair, CLIENT),
	LIFE(remote_deduced, CLIENT),
	LIFE(passive_open, SERVER),
	LIFE(notice_alone, CLIENT),
	LIFE(close_wait, CLIENT),
	LIFE(reset_by_peer, CLIENT),
	LIFE(aborted, CLIENT),
	LIFE(refused, CLIENT),
	LIFE(ended_somehow, CLIENT),
	LIFE(gave_up, CLIENT),
	LIFE(three_segments, CLIENT),
	LIFE(simultaneous_close, CLIENT),
	LIFE(simultaneous_open, SERVER),
	LIFE(crossed_deduced, CLIENT),
	LIFE(open_before, CLIENT),
	LIFE(open_before_closing, CLIENT),
	LIFE(listener, SERVER),
	LIFE(new_listener, SERVER),
	LIFE(server_found_late, CLIENT),
	LIFE(client_found_late, CLIENT),
	{"graceful_pair_server", SERVER, graceful_pair, sizeof(graceful_pair) / sizeof(*graceful_pair)},
	{0},
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
		.t_ns = LIFE_AT(s->t1),
		.t0_ns = s->t0 > 0 ? LIFE_AT(s->t0) : 0,
		.t1_ns = LIFE_AT(s->t1),
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

void life_tell(struct model *m, const struct life_step *steps, size_t count)
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
void life_ladder(const char *name, struct ladder *l)
{
	const struct life *life = lives;
	struct model *m = model_new(1);

	while (strcmp(life->name, name) != 0) {
		life++;
		assert(life->name);
	}
	life_tell(m, life->steps, life->count);
	ladder_lay_out(l, m, model_find(m, life->conn));
	model_free(m);
}

void life_paint(const struct ladder *l, const struct life_picture *p, struct text *out)
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
