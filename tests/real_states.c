/*
 * Connections driven by hand, both ends on this host, each held about a second in each state; `synfin events --json` runs meanwhile.
 *
 * A socket made deaf (tests/sockets.h) loses what the other end sends, which holds that one in SYN_SENT, SYN_RECV, FIN_WAIT1, LAST_ACK or CLOSING until
 * the kernel's retransmission finds it hearing again. What is true comes from exact look-ups of our own, about every millisecond.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"
#include "tcp/edge.h"

#define HOLD_MS 1000
#define PATIENCE_NS (30 * NS_PER_SECOND)
/* The two programs fix their clocks' offset to UTC each by itself; and the stream has microseconds. */
#define CLOCKS_DIFFER_NS (NS_PER_MS)

enum closing { CLIENT_FIRST, SERVER_FIRST, BOTH_AT_ONCE };

/* The end went from one state to the next somewhere in [lo, hi]. */
struct truth {
	uint8_t from, to;
	int64_t lo_ns, hi_ns;
};

#define TRUTHS_MAX 16

struct end {
	struct tuple tuple;
	uint8_t state;
	int64_t known_ns; /* when `state` was last known to be true */
	struct truth truths[TRUTHS_MAX];
	unsigned truth_count;
};

struct lane {
	const char *name, *listen_on, *connect_to;
	enum closing closing;
	int listener, client, server;
	struct end ends[2]; /* client, server */
};

static struct lane lanes[] = {
	{.name = "IPv4, client closes first", .listen_on = "127.0.0.1", .connect_to = "127.0.0.1", .closing = CLIENT_FIRST},
	{.name = "IPv6, server closes first", .listen_on = "::1", .connect_to = "::1", .closing = SERVER_FIRST},
	{.name = "IPv4 to a mapped IPv6 socket", .listen_on = "::ffff:127.0.0.1", .connect_to = "127.0.0.1", .closing = CLIENT_FIRST},
	{.name = "both close at once", .listen_on = "127.0.0.1", .connect_to = "127.0.0.1", .closing = BOTH_AT_ONCE},
};
#define LANES (sizeof lanes / sizeof lanes[0])

static int diag;
static struct program synfin;
static struct stream stream;
static size_t lines_before_close; /* of the fds that were held in TIME_WAIT */

static void look_at(struct end *e)
{
	int64_t before_ns = clock_now_ns();
	enum tcp_state state = sockets_diag_state(diag, &e->tuple);

	if (state != e->state) {
		assert_true(e->truth_count < TRUTHS_MAX);
		e->truths[e->truth_count++] = (struct truth){e->state, (uint8_t)state, e->known_ns, clock_now_ns()};
	}
	e->state = (uint8_t)state;
	e->known_ns = before_ns;
}

static void look(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		look_at(&lanes[i].ends[0]);
		look_at(&lanes[i].ends[1]);
	}
	nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
}

static void hold(unsigned ms)
{
	int64_t end_ns = clock_now_ns() + ms * NS_PER_MS;

	do
		look();
	while (clock_now_ns() < end_ns);
}

/* Which end closes first, and which one after it. */
static struct end *first_end(struct lane *l)
{
	return &l->ends[l->closing == SERVER_FIRST];
}
static struct end *second_end(struct lane *l)
{
	return &l->ends[l->closing != SERVER_FIRST];
}
static int first_fd(const struct lane *l)
{
	return l->closing == SERVER_FIRST ? l->server : l->client;
}
static int second_fd(const struct lane *l)
{
	return l->closing == SERVER_FIRST ? l->client : l->server;
}

/* Looks on until the ends of all lanes are in these states; for lanes that close at once, in the other two. */
static void reach(enum tcp_state first, enum tcp_state second, enum tcp_state first_at_once, enum tcp_state second_at_once)
{
	int64_t deadline = clock_now_ns() + PATIENCE_NS;
	bool there;

	do {
		look();
		there = true;
		for (unsigned i = 0; i < LANES; i++) {
			bool at_once = lanes[i].closing == BOTH_AT_ONCE;

			there = there && first_end(&lanes[i])->state == (at_once ? first_at_once : first) &&
				second_end(&lanes[i])->state == (at_once ? second_at_once : second);
		}
		assert_true(clock_now_ns() < deadline);
	} while (!there);
}

static void open_lane(struct lane *l)
{
	l->listener = sockets_listen(l->listen_on, 0, 5);
	l->client = sockets_make(l->connect_to);
	sockets_deafen(l->listener);
	/* The tuple is known with connect(); until then the end is in no state. */
	l->ends[0].known_ns = clock_now_ns();
	sockets_connect_fd(l->client, l->connect_to, sockets_port(l->listener));
	l->ends[0].tuple = sockets_tuple(l->client);
	l->ends[0].tuple.remote = sockets_tuple(l->listener).local;
	l->ends[1].tuple = tuple_mirrored(&l->ends[0].tuple);
	l->ends[1].tuple.family = sockets_tuple(l->listener).family;
	l->ends[1].known_ns = l->ends[0].known_ns;
}

static void reach_by_side(enum tcp_state client, enum tcp_state server)
{
	int64_t deadline = clock_now_ns() + PATIENCE_NS;
	bool there;

	do {
		look();
		there = true;
		for (unsigned i = 0; i < LANES; i++)
			there = there && lanes[i].ends[0].state == client && lanes[i].ends[1].state == server;
		assert_true(clock_now_ns() < deadline);
	} while (!there);
}

static void drive_opening(void)
{
	for (unsigned i = 0; i < LANES; i++)
		open_lane(&lanes[i]);
	reach_by_side(STATE_SYN_SENT, STATE_NONE);
	hold(HOLD_MS - 200); /* the SYN is repeated after a second: let that one through */
	for (unsigned i = 0; i < LANES; i++) {
		sockets_deafen(lanes[i].client);
		sockets_undeafen(lanes[i].listener);
	}
	reach_by_side(STATE_SYN_SENT, STATE_SYN_RECV);
	hold(HOLD_MS - 200);
	for (unsigned i = 0; i < LANES; i++)
		sockets_undeafen(lanes[i].client);
	reach_by_side(STATE_ESTABLISHED, STATE_ESTABLISHED);
}

/* Data back and forth gives the kernel a round trip to measure, so that a lost FIN is repeated after 0.2 s and not after 3 s. */
static void talk(const struct lane *l)
{
	char bytes[100] = {0};

	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(send(l->client, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
		assert_int_equal(recv(l->server, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
		assert_int_equal(send(l->server, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
		assert_int_equal(recv(l->client, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
	}
}

static void drive_closing(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		lanes[i].server = sockets_accept(lanes[i].listener);
		talk(&lanes[i]);
	}
	hold(HOLD_MS);
	for (unsigned i = 0; i < LANES; i++) {
		sockets_deafen(second_fd(&lanes[i]));
		if (lanes[i].closing == BOTH_AT_ONCE)
			sockets_deafen(first_fd(&lanes[i]));
		assert_int_equal(shutdown(first_fd(&lanes[i]), SHUT_WR), 0);
		if (lanes[i].closing == BOTH_AT_ONCE)
			assert_int_equal(shutdown(second_fd(&lanes[i]), SHUT_WR), 0);
	}
	reach(STATE_FIN_WAIT1, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT1);
	hold(HOLD_MS);
	for (unsigned i = 0; i < LANES; i++)
		sockets_undeafen(lanes[i].closing == BOTH_AT_ONCE ? first_fd(&lanes[i]) : second_fd(&lanes[i]));
	reach(STATE_FIN_WAIT2, STATE_CLOSE_WAIT, STATE_CLOSING, STATE_FIN_WAIT1);
	hold(HOLD_MS);
	for (unsigned i = 0; i < LANES; i++) {
		if (lanes[i].closing == BOTH_AT_ONCE)
			continue;
		sockets_deafen(first_fd(&lanes[i]));
		assert_int_equal(close(second_fd(&lanes[i])), 0);
	}
	reach(STATE_FIN_WAIT2, STATE_LAST_ACK, STATE_CLOSING, STATE_FIN_WAIT1);
	hold(HOLD_MS);
	for (unsigned i = 0; i < LANES; i++)
		sockets_undeafen(lanes[i].closing == BOTH_AT_ONCE ? second_fd(&lanes[i]) : first_fd(&lanes[i]));
	reach(STATE_TIME_WAIT, STATE_NONE, STATE_TIME_WAIT, STATE_TIME_WAIT);
	hold(HOLD_MS);
}

static unsigned count_of(const char *output, const char *what)
{
	unsigned count = 0;

	for (const char *at = output; (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* Whether it has told of a close as often as there are ends that closed after the other, and of TIME_WAIT for all others. */
static bool all_ends_are_told(const char *output, void *unused)
{
	(void)unused;
	return count_of(output, "\"ev\":\"close\"") >= LANES - 1 && count_of(output, "\"to\":\"TIME_WAIT\"") >= LANES + 1;
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	while ((text = strchr(text, '\n'))) {
		lines++;
		text++;
	}
	return lines;
}

static int run_scenario(void **state)
{
	static const char *const args[] = {"events", "--json", NULL};

	(void)state;
	diag = sockets_diag_open();
	program_start(&synfin, 65534, args);
	if (!program_wait(&synfin, program_is_watching, NULL, 10000)) {
		fprintf(stderr, "no keyframe; it printed: %s\n%s", program_output(&synfin), program_errors(&synfin));
		return -1;
	}
	drive_opening();
	drive_closing();
	program_wait(&synfin, all_ends_are_told, NULL, 20000);
	lines_before_close = count_lines(program_output(&synfin));
	/* The destroy notices of sockets that were held through TIME_WAIT come only now. */
	for (unsigned i = 0; i < LANES; i++)
		close(first_fd(&lanes[i]));
	hold(500);
	return 0;
}

static int end_scenario(void **state)
{
	(void)state;
	stream_fini(&stream);
	program_fini(&synfin);
	return 0;
}

static void test_ends_cleanly(void **state)
{
	(void)state;
	assert_int_equal(program_end(&synfin, SIGTERM, 5000), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
}

static void test_begins_with_header_and_keyframe(void **state)
{
	size_t i = 2;

	(void)state;
	assert_true(stream.count > 2);
	assert_true(told_is(&stream.lines[0], "header"));
	assert_true(told_is(&stream.lines[1], "keyframe"));
	while (i < stream.count && told_is(&stream.lines[i], "connection"))
		i++;
	assert_true(i < stream.count && told_is(&stream.lines[i], "keyframe"));
}

static void test_every_edge_is_legal(void **state)
{
	(void)state;
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];

		if (told_is(t, "transition") && !edge_find(t->from, t->to))
			fail_msg("line %zu: %s to %s", i + 1, state_name(t->from), state_name(t->to));
	}
}

static uint64_t conn_of(const struct end *e)
{
	uint64_t conn = 0;

	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];

		if (!told_is(t, "open") || !tuple_equal(&t->tuple, &e->tuple))
			continue;
		if (conn)
			fail_msg("opened twice: conn %ju and %ju", (uintmax_t)conn, (uintmax_t)t->conn);
		conn = t->conn;
	}
	assert_int_not_equal(conn, 0);
	return conn;
}

/* The next thing told of `conn` that enters a state, from line *i on. */
static const struct told *next_entry(uint64_t conn, size_t *i)
{
	for (; *i < stream.count; (*i)++) {
		const struct told *t = &stream.lines[*i];

		if (t->conn == conn && (told_is(t, "open") || told_is(t, "transition"))) {
			(*i)++;
			return t;
		}
	}
	return NULL;
}

/* STATE_NONE of our look-ups is the end of it. */
static enum tcp_state told_state(uint8_t state)
{
	return state == STATE_NONE ? STATE_CLOSED : state;
}

/* Both ends that close at once may pass through FIN_WAIT2 within the same millisecond, which our looks see at times. */
static bool was_held(const struct end *e, unsigned i)
{
	return i + 1 == e->truth_count || e->truths[i + 1].hi_ns - e->truths[i].lo_ns > HOLD_MS * NS_PER_MS / 2;
}

static void check_end(const struct lane *l, const struct end *e)
{
	const char *side = e == &l->ends[0] ? "client" : "server";
	uint64_t conn = conn_of(e);
	size_t at = 0;

	for (unsigned i = 0; i < e->truth_count; i++) {
		const struct truth *truth = &e->truths[i];
		const struct told *t;

		if (!was_held(e, i))
			continue;
		/* Where two edges lie close together synfin may tell one that we did not see, and the other way round. */
		do
			t = next_entry(conn, &at);
		while (t && t->to != told_state(truth->to) && l->closing == BOTH_AT_ONCE);
		if (!t || t->to != told_state(truth->to))
			fail_msg("%s, %s: %s is missing, or out of order: %s is told", l->name, side, state_name(told_state(truth->to)),
				 t ? state_name(t->to) : "nothing");
		if (t->t0_ns > truth->hi_ns + CLOCKS_DIFFER_NS || t->t1_ns < truth->lo_ns - CLOCKS_DIFFER_NS)
			fail_msg("%s, %s, to %s: told [%jd, %jd], true [%jd, %jd] (µs)", l->name, side, state_name(t->to),
				 (intmax_t)(t->t0_ns - truth->lo_ns) / 1000, (intmax_t)(t->t1_ns - truth->lo_ns) / 1000, (intmax_t)0,
				 (intmax_t)(truth->hi_ns - truth->lo_ns) / 1000);
	}
}

static void test_every_edge_is_told_in_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LANES; i++) {
		check_end(&lanes[i], &lanes[i].ends[0]);
		check_end(&lanes[i], &lanes[i].ends[1]);
	}
}

/* Each held state once, by the driver's own book: so that a driver that goes wrong does not pass for a synfin that is right. */
static void test_the_driver_held_every_state(void **state)
{
	unsigned held = 0;

	(void)state;
	for (unsigned i = 0; i < LANES; i++)
		for (unsigned j = 0; j < 2; j++)
			for (unsigned k = 0; k < lanes[i].ends[j].truth_count; k++)
				held |= STATE_BIT(lanes[i].ends[j].truths[k].to);
	assert_int_equal(held | STATE_BIT(STATE_NONE),
			 STATE_BIT(STATE_NONE) | STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_ESTABLISHED) |
				 STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_FIN_WAIT2) | STATE_BIT(STATE_CLOSE_WAIT) |
				 STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_TIME_WAIT));
}

static void test_second_ends_close_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LANES; i++) {
		uint64_t conn = conn_of(second_end(&lanes[i]));
		unsigned closes = 0;

		if (lanes[i].closing == BOTH_AT_ONCE)
			continue;
		for (size_t j = 0; j < stream.count; j++)
			if (stream.lines[j].conn == conn && told_is(&stream.lines[j], "close")) {
				closes++;
				if (!stream.lines[j].cause || strcmp(stream.lines[j].cause, "graceful"))
					fail_msg("%s: line %zu: cause %s", lanes[i].name, j + 1, stream.lines[j].cause ? stream.lines[j].cause : "unknown");
			}
		assert_int_equal(closes, 1);
	}
}

static void test_a_late_notice_ends_no_time_wait(void **state)
{
	(void)state;
	for (size_t i = lines_before_close; i < stream.count; i++)
		if (told_is(&stream.lines[i], "close") || told_is(&stream.lines[i], "open"))
			fail_msg("line %zu: %s after the sockets in TIME_WAIT were closed", i + 1, stream.lines[i].ev);
}

static void test_sides_are_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LANES; i++) {
		uint64_t client = conn_of(&lanes[i].ends[0]), server = conn_of(&lanes[i].ends[1]), first = conn_of(first_end(&lanes[i]));

		for (size_t j = 0; j < stream.count; j++) {
			const struct told *t = &stream.lines[j];

			if (t->conn == client && t->opener)
				assert_string_equal(t->opener, "local");
			if (t->conn == server && t->opener)
				assert_string_equal(t->opener, "remote");
			if (lanes[i].closing == BOTH_AT_ONCE || (t->conn != client && t->conn != server) || !t->closer)
				continue;
			assert_string_equal(t->closer, t->conn == first ? "local" : "remote");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_cleanly), /* first: it reads the stream */
		cmocka_unit_test(test_the_driver_held_every_state),
		cmocka_unit_test(test_begins_with_header_and_keyframe),
		cmocka_unit_test(test_every_edge_is_legal),
		cmocka_unit_test(test_every_edge_is_told_in_time),
		cmocka_unit_test(test_second_ends_close_once),
		cmocka_unit_test(test_a_late_notice_ends_no_time_wait),
		cmocka_unit_test(test_sides_are_told),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
