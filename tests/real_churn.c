/*
 * 2,000 loopback connections that live 0 to 50 ms, opened 500 a second, half of them closed first by the client and half by the server;
 * `synfin events --json` runs meanwhile as an ordinary user. Nothing may be missing, told twice, or taken for something else.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/map.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"
#include "tcp/edge.h"

#define CONNECTIONS 2000
#define PACE_NS (NS_PER_SECOND / 500)
#define LIFE_MAX_MS 50
#define CLOCKS_DIFFER_NS (NS_PER_MS)

/* One end of one connection, in the order in which they were opened; its mirror is the other of the pair (2n, 2n + 1). */
struct life {
	struct tuple tuple;
	int fd;
	bool first;           /* it closes first: TIME_WAIT is its end */
	int64_t opened_ns[2]; /* it was opened in here */
	int64_t closed_ns[2]; /* it was closed in here */
	uint64_t conn;        /* as the stream calls it */
	unsigned opens, closes, time_waits;
	int64_t guessed_ns;   /* when it was told that which end closed first is not known; 0: it is known */
};

static struct life lives[2 * CONNECTIONS];
static struct program synfin;
static struct stream stream;
static unsigned stray_opens;

static void sleep_until(int64_t ns)
{
	int64_t monotonic_ns = clock_to_monotonic_ns(ns);
	struct timespec until = {monotonic_ns / NS_PER_SECOND, monotonic_ns % NS_PER_SECOND};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		;
}

struct family {
	const char *listen_on, *connect_to;
	int listener;
	uint16_t port;
};

static struct family families[] = {
	{"127.0.0.1", "127.0.0.1", -1, 0},
	{"::1", "::1", -1, 0},
	{"::ffff:127.0.0.2", "127.0.0.2", -1, 0},
};
#define FAMILIES (sizeof families / sizeof families[0])

static void open_pair(struct life *client, struct life *server, const struct family *f)
{
	client->opened_ns[0] = server->opened_ns[0] = clock_now_ns();
	client->fd = sockets_connect(f->connect_to, f->port);
	server->fd = sockets_accept(f->listener);
	client->opened_ns[1] = server->opened_ns[1] = clock_now_ns();
	client->tuple = sockets_tuple(client->fd);
	server->tuple = sockets_tuple(server->fd);
	if (!tuple_mirrors(&client->tuple, &server->tuple))
		abort();
}

static void close_pair(struct life *first, struct life *second)
{
	first->first = true;
	first->closed_ns[0] = second->closed_ns[0] = clock_now_ns();
	close(first->fd);
	close(second->fd);
	first->closed_ns[1] = second->closed_ns[1] = clock_now_ns();
}

/* When connection n is opened, and when it is closed. The order of closings is another than that of openings. */
static int64_t open_at(int64_t start_ns, unsigned n)
{
	return start_ns + n * PACE_NS;
}
static int64_t close_at(int64_t start_ns, unsigned n)
{
	return open_at(start_ns, n) + (n * 7919 % (LIFE_MAX_MS + 1)) * NS_PER_MS;
}

static void churn(void)
{
	int64_t start_ns = clock_now_ns();
	unsigned opened = 0, closed = 0, oldest = 0;

	while (closed < CONNECTIONS) {
		int64_t now_ns = clock_now_ns();

		if (opened < CONNECTIONS && open_at(start_ns, opened) <= now_ns) {
			open_pair(&lives[2 * opened], &lives[2 * opened + 1], &families[opened % FAMILIES]);
			opened++;
		}
		for (unsigned n = oldest; n < opened; n++) {
			struct life *client = &lives[2 * n], *server = client + 1;

			if (client->fd < 0 || close_at(start_ns, n) > now_ns)
				continue;
			if (n % 2)
				close_pair(client, server);
			else
				close_pair(server, client);
			client->fd = server->fd = -1;
			closed++;
		}
		while (oldest < opened && lives[2 * oldest].fd < 0)
			oldest++;
		sleep_until(now_ns + NS_PER_MS / 2);
	}
}

/* Lines of `open` by their tuple, and lives by the conn that was found for them. */
static struct map by_tuple, by_conn;

static uint32_t tuple_hash(const struct tuple *t)
{
	return map_hash(&t->local, sizeof t->local, 1) ^ map_hash(&t->remote, sizeof t->remote, 2);
}

static bool is_conn(const void *context, uint32_t value)
{
	return lives[value].conn == *(const uint64_t *)context;
}

static struct life *life_of(uint64_t conn)
{
	uint32_t value = map_find(&by_conn, map_hash_u64(conn, 3), is_conn, &conn);

	return value == MAP_NONE ? NULL : &lives[value];
}

struct search {
	const struct life *life;
	struct told *best;
};

/* Ports come round again, and what is told lies in intervals that may overlap: each life, in the order of their time, takes the one that ends first of those
 * that hold its opening and are not taken. */
static bool offer_open(const void *context, uint32_t line)
{
	struct search *search = *(struct search *const *)context;
	struct told *t = &stream.lines[line];
	const struct life *l = search->life;

	if (tuple_equal(&l->tuple, &t->tuple) && !life_of(t->conn) && l->opened_ns[1] >= t->t0_ns - CLOCKS_DIFFER_NS &&
	    l->opened_ns[0] <= t->t1_ns + CLOCKS_DIFFER_NS && (!search->best || t->t1_ns < search->best->t1_ns))
		search->best = t;
	return false;
}

/* For whoever has to find out why: all that is true of this tuple and all that was told of it, in microseconds since the start. */
static void print_tuple(const struct tuple *tuple)
{
	static unsigned printed;
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];
	int64_t start_ns = lives[0].opened_ns[0];

	if (printed++ >= 3)
		return;
	tuple_format_local(tuple, local);
	tuple_format_remote(tuple, remote);
	print_message("# %s %s\n", local, remote);
	for (unsigned i = 0; i < 2 * CONNECTIONS; i++)
		if (tuple_equal(&lives[i].tuple, tuple))
			print_message("#   true: opened [%jd, %jd] closed [%jd, %jd] %s\n", (intmax_t)(lives[i].opened_ns[0] - start_ns) / 1000,
				      (intmax_t)(lives[i].opened_ns[1] - start_ns) / 1000, (intmax_t)(lives[i].closed_ns[0] - start_ns) / 1000,
				      (intmax_t)(lives[i].closed_ns[1] - start_ns) / 1000, lives[i].first ? "first" : "second");
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];

		if (t->has_tuple && tuple_equal(&t->tuple, tuple))
			print_message("#   told at %jd: conn %ju %s %s>%s [%jd, %jd] %s cookie %s %s\n", (intmax_t)(t->t_ns - start_ns) / 1000,
				      (uintmax_t)t->conn, t->ev, state_name(t->from), state_name(t->to), (intmax_t)(t->t0_ns - start_ns) / 1000,
				      (intmax_t)(t->t1_ns - start_ns) / 1000, t->certainty, json_string_value(json_object_get(t->object, "cookie")),
				      t->cause ? t->cause : "");
	}
}

static void find_open(uint32_t index)
{
	struct search search = {.life = &lives[index]}, *context = &search;

	map_find(&by_tuple, tuple_hash(&lives[index].tuple), offer_open, &context);
	if (!search.best)
		return;
	lives[index].opens++;
	lives[index].conn = search.best->conn;
	map_add(&by_conn, map_hash_u64(search.best->conn, 3), index);
}

static void take_stream(void)
{
	for (size_t i = 0; i < stream.count; i++)
		if (told_is(&stream.lines[i], "open"))
			map_add(&by_tuple, tuple_hash(&stream.lines[i].tuple), (uint32_t)i);
	for (unsigned i = 0; i < 2 * CONNECTIONS; i++)
		find_open(i);
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];
		struct life *l = life_of(t->conn);

		if (told_is(t, "open") && !l) {
			stray_opens++;
			print_message("# conn %ju was not opened then, or is told for the second time\n", (uintmax_t)t->conn);
			print_tuple(&t->tuple);
		}
		if (!l)
			continue;
		l->closes += told_is(t, "close");
		if (told_is(t, "transition") && t->from == STATE_ESTABLISHED && strcmp(t->certainty, "ambiguous") == 0)
			l->guessed_ns = t->t_ns;
		l->time_waits += told_is(t, "transition") && t->to == STATE_TIME_WAIT;
	}
}

static unsigned count_of(const char *output, const char *what)
{
	unsigned count = 0;

	for (const char *at = output; (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* Nothing more to come: every active end has reached TIME_WAIT, every passive one has left LAST_ACK. */
static bool all_is_told(const char *output, void *unused)
{
	(void)unused;
	return count_of(output, "\"to\":\"TIME_WAIT\"") >= CONNECTIONS && count_of(output, "\"from\":\"LAST_ACK\"") >= CONNECTIONS;
}

/* So few ports that they come round again within the run: on loopback a port in TIME_WAIT is taken again after a second. */
static void narrow_ports(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");

	if (!f || fputs("40000 40399", f) < 0 || fclose(f) != 0) {
		perror("ip_local_port_range");
		exit(99);
	}
}

static int run_scenario(void **state)
{
	static const char *const args[] = {"events", "--json", NULL};

	(void)state;
	narrow_ports();
	for (unsigned i = 0; i < FAMILIES; i++) {
		families[i].listener = sockets_listen(families[i].listen_on, 0, 64);
		families[i].port = sockets_port(families[i].listener);
	}
	program_start(&synfin, 65534, args);
	if (!program_wait(&synfin, program_is_watching, NULL, 10000)) {
		fprintf(stderr, "no keyframe; it printed: %s\n%s", program_output(&synfin), program_errors(&synfin));
		return -1;
	}
	churn();
	program_wait(&synfin, all_is_told, NULL, 10000);
	return 0;
}

static int end_scenario(void **state)
{
	(void)state;
	stream_fini(&stream);
	program_fini(&synfin);
	map_fini(&by_tuple);
	map_fini(&by_conn);
	return 0;
}

static void test_stream_is_whole(void **state)
{
	(void)state;
	assert_int_equal(program_end(&synfin, SIGTERM, 5000), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
	take_stream();
}

static unsigned count_lives(bool (*is)(const struct life *))
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * CONNECTIONS; i++) {
		if (!is(&lives[i]))
			continue;
		if (!count++)
			print_tuple(&lives[i].tuple);
	}
	return count;
}

static bool is_missing(const struct life *l)
{
	return l->opens == 0;
}
static bool is_passive_and_not_closed_once(const struct life *l)
{
	return !l->first && l->closes != 1 && !l->guessed_ns;
}
static bool is_active_and_not_in_time_wait_once(const struct life *l)
{
	return l->first && l->time_waits != 1 && !l->guessed_ns;
}
static bool is_passive_in_time_wait(const struct life *l)
{
	return !l->first && l->time_waits && !l->guessed_ns;
}
/* On a busy host a look-up can be answered so late that nobody can tell any more; but only when the ends have been used again before, or after two seconds. */
static bool is_guessed_without_need(const struct life *l)
{
	if (!l->guessed_ns || l->guessed_ns - l->closed_ns[1] > 2 * NS_PER_SECOND)
		return false;
	for (unsigned i = 0; i < 2 * CONNECTIONS; i++)
		if (tuple_equal(&lives[i].tuple, &l->tuple) && lives[i].opened_ns[0] >= l->closed_ns[0] && lives[i].opened_ns[0] <= l->guessed_ns)
			return false;
	return true;
}
static bool is_active_and_closed_again(const struct life *l)
{
	return l->first && l->closes > 1;
}

/* Of the driver: that some ports did come round. */
static void test_tuples_came_again(void **state)
{
	unsigned again = 0;

	(void)state;
	for (unsigned i = 0; i < 2 * CONNECTIONS; i += 2)
		for (unsigned j = i + 2; j < 2 * CONNECTIONS && again < 20; j += 2)
			again += tuple_equal(&lives[i].tuple, &lives[j].tuple);
	assert_int_equal(again, 20);
}

static void test_every_end_is_opened_once(void **state)
{
	(void)state;
	assert_int_equal(count_lives(is_missing), 0);
	assert_int_equal(stray_opens, 0);
}

static void test_passive_ends_close_once(void **state)
{
	(void)state;
	assert_int_equal(count_lives(is_passive_and_not_closed_once), 0);
	assert_int_equal(count_lives(is_passive_in_time_wait), 0);
}

static void test_active_ends_reach_time_wait_once(void **state)
{
	(void)state;
	assert_int_equal(count_lives(is_active_and_not_in_time_wait_once), 0);
	/* Closed only where a new connection has taken the place of the remnant. */
	assert_int_equal(count_lives(is_active_and_closed_again), 0);
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

static void test_guesses_are_needed(void **state)
{
	(void)state;
	assert_int_equal(count_lives(is_guessed_without_need), 0);
}

/* Each transition begins where the one before it ended, and the tuple stays. */
static void test_lives_hang_together(void **state)
{
	uint8_t *states = test_calloc(2 * CONNECTIONS, 1);

	(void)state;
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];
		struct life *l = life_of(t->conn);

		if (!l)
			continue;
		if (t->has_tuple && !tuple_equal(&t->tuple, &l->tuple))
			fail_msg("line %zu: conn %ju has another tuple", i + 1, (uintmax_t)t->conn);
		if (told_is(t, "transition") && states[l - lives] && t->from != states[l - lives])
			fail_msg("line %zu: from %s, but it was in %s", i + 1, state_name(t->from), state_name(states[l - lives]));
		if (told_is(t, "open") || told_is(t, "transition"))
			states[l - lives] = (uint8_t)t->to;
	}
	test_free(states);
}

/* Closed in [t0, t1]: the edge that ends a life holds the time of its close() calls. */
static void test_ends_hold_their_time(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *t = &stream.lines[i];
		struct life *l = life_of(t->conn);

		if (!l || l->guessed_ns || !told_is(t, "transition") || t->to != (l->first ? STATE_TIME_WAIT : STATE_CLOSED))
			continue;
		if (t->t1_ns < l->closed_ns[0] - CLOCKS_DIFFER_NS || t->t0_ns > l->closed_ns[1] + CLOCKS_DIFFER_NS)
			wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void test_nothing_was_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < stream.count; i++)
		if (told_is(&stream.lines[i], "coverage"))
			assert_int_equal(json_integer_value(json_object_get(stream.lines[i].object, "notices_lost")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream_is_whole), /* first: it reads the stream */
		cmocka_unit_test(test_tuples_came_again),
		cmocka_unit_test(test_every_end_is_opened_once),
		cmocka_unit_test(test_passive_ends_close_once),
		cmocka_unit_test(test_active_ends_reach_time_wait_once),
		cmocka_unit_test(test_guesses_are_needed),
		cmocka_unit_test(test_every_edge_is_legal),
		cmocka_unit_test(test_lives_hang_together),
		cmocka_unit_test(test_ends_hold_their_time),
		cmocka_unit_test(test_nothing_was_lost),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
