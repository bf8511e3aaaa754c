/*
 * A random mix of connections that open and end in every way, beside `synfin events --json` and the kernel's own tracepoint of TCP states. What is told must be
 * a true reading of what was traced: no state that was not passed, none left out, each in the time that is told for it, and every life told or counted.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
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
#include "program.h"
#include "sockets.h"
#include "stream.h"
#include "tcp/edge.h"
#include "tracepoint.h"

#define PORT 7173
#define CLOSED_PORT 7174
#define FIRST_CLIENT_PORT 20000
#define CONNECTIONS 300
#define SPAN_MS 4000
#define LIFE_MAX_MS 400
#define CLOCKS_DIFFER_NS (2 * NS_PER_MS)

#define KINDS(X)                                                                                                    \
	X(CLIENT_FIRST) X(SERVER_FIRST) X(BOTH_AT_ONCE) X(CLIENT_RESETS) X(SERVER_RESETS) X(UNREAD_BY_SERVER) X(HALF_CLOSED) \
	X(RESET_BUT_HELD) X(REFUSED)
enum kind {
#define X(name) name,
	KINDS(X)
#undef X
	KIND_COUNT,
};
static const char *const kind_names[] = {
#define X(name) #name,
	KINDS(X)
#undef X
};

struct connection {
	enum kind kind;
	int64_t open_ns, half_ns, close_ns, release_ns; /* when it is to be opened, half closed, closed, and what is held of it let go */
	int client, server;
	unsigned step;
};

/* Ours alone, by our pid: the tracepoint tells of all namespaces, and this test may run in several. */
static char here[INET_ADDRSTRLEN];
static struct connection connections[CONNECTIONS];
static int listener;
static struct program synfin;
static struct stream stream;
static struct traced *traced;
static size_t traced_count;
static unsigned seed;

static uint32_t draw(uint32_t below)
{
	static uint64_t random;

	if (!random)
		random = seed * 0x9e3779b97f4a7c15u + 1;
	random = random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random >> 33) % below;
}

/* ---- the driver ---- */

static void plan(void)
{
	int64_t start_ns = clock_now_ns() + 10 * NS_PER_MS;

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &connections[i];

		c->kind = draw(KIND_COUNT);
		c->open_ns = start_ns + draw(SPAN_MS) * NS_PER_MS;
		/* A third live for a moment only. */
		c->half_ns = c->open_ns + (draw(3) ? draw(LIFE_MAX_MS) * NS_PER_MS : 0);
		c->close_ns = c->half_ns + (draw(3) ? draw(LIFE_MAX_MS) * NS_PER_MS : 0);
		c->release_ns = c->close_ns + draw(2 * LIFE_MAX_MS) * NS_PER_MS;
	}
}

static void open_one(struct connection *c)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(FIRST_CLIENT_PORT + (c - connections)))};
	struct linger none = {.l_onoff = 1, .l_linger = 0};

	inet_pton(AF_INET, here, &at.sin_addr);
	c->client = sockets_make(here);
	/* Bound, its port is known from the first state on. */
	assert_int_equal(bind(c->client, (struct sockaddr *)&at, sizeof at), 0);
	at.sin_port = htons(c->kind == REFUSED ? CLOSED_PORT : PORT);
	c->server = -1;
	if (c->kind == REFUSED) {
		assert_int_equal(connect(c->client, (struct sockaddr *)&at, sizeof at), -1);
		assert_int_equal(errno, ECONNREFUSED);
		return;
	}
	assert_int_equal(connect(c->client, (struct sockaddr *)&at, sizeof at), 0);
	c->server = sockets_accept(listener);
	assert_int_equal(send(c->client, "hello", 5, 0), 5);
	if (c->kind == CLIENT_RESETS || c->kind == RESET_BUT_HELD)
		setsockopt(c->client, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	if (c->kind == SERVER_RESETS)
		setsockopt(c->server, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

static void read_all(int fd)
{
	char bytes[16];

	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
}

static void let_go(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void half_close(struct connection *c)
{
	if (c->kind != UNREAD_BY_SERVER && c->server >= 0)
		read_all(c->server);
	if (c->kind == HALF_CLOSED)
		shutdown(c->client, SHUT_WR);
}

static void close_one(struct connection *c)
{
	bool server_first = c->kind == SERVER_FIRST || c->kind == SERVER_RESETS || c->kind == UNREAD_BY_SERVER;

	if (c->kind == BOTH_AT_ONCE) {
		shutdown(c->client, SHUT_WR);
		shutdown(c->server, SHUT_WR);
	}
	if (c->kind == HALF_CLOSED)
		let_go(&c->server);
	else if (server_first)
		let_go(&c->server);
	else
		let_go(&c->client);
}

static void drive(void)
{
	unsigned done = 0;

	plan();
	while (done < CONNECTIONS) {
		int64_t now_ns = clock_now_ns();

		for (unsigned i = 0; i < CONNECTIONS; i++) {
			struct connection *c = &connections[i];
			const int64_t due_ns[] = {c->open_ns, c->half_ns, c->close_ns, c->release_ns};

			if (c->step == 4 || due_ns[c->step] > now_ns)
				continue;
			switch (c->step++) {
			case 0:
				open_one(c);
				break;
			case 1:
				half_close(c);
				break;
			case 2:
				close_one(c);
				break;
			case 3:
				let_go(&c->client);
				let_go(&c->server);
				done++;
				break;
			}
		}
		poll(NULL, 0, 1);
	}
}

/* ---- what was traced, and what was told, of one end ---- */

static struct tuple tuple_of(unsigned index, bool server)
{
	struct in_addr address;
	struct tuple t = {.family = AF_INET};

	inet_pton(AF_INET, here, &address);
	endpoint_set_v4(&t.local, &address, (uint16_t)(FIRST_CLIENT_PORT + index));
	endpoint_set_v4(&t.remote, &address, connections[index].kind == REFUSED ? CLOSED_PORT : PORT);
	return server ? tuple_mirrored(&t) : t;
}

#define EDGES_MAX 16

struct account {
	unsigned count;
	const struct traced *traced[EDGES_MAX];
	const struct told *told[EDGES_MAX];
};

static struct account trace_of(const struct tuple *t)
{
	struct account a = {0};

	for (size_t i = 0; i < traced_count && a.count < EDGES_MAX; i++)
		if (tuple_equal(&traced[i].tuple, t))
			a.traced[a.count++] = &traced[i];
	return a;
}

static struct account tale_of(const struct tuple *t, unsigned *lives)
{
	struct account a = {0};

	*lives = 0;
	for (size_t i = 0; i < stream.count && a.count < EDGES_MAX; i++) {
		const struct told *line = &stream.lines[i];

		if (!line->has_tuple || !tuple_equal(&line->tuple, t))
			continue;
		*lives += told_is(line, "open");
		if (told_is(line, "open") || told_is(line, "transition"))
			a.told[a.count++] = line;
	}
	return a;
}

_Noreturn static void fail_end(unsigned index, bool server, const char *why)
{
	struct tuple t = tuple_of(index, server);
	struct account trace = trace_of(&t);
	int64_t zero_ns = trace.count ? trace.traced[0]->t_ns : 0;

	print_message("# seed %u: connection %u, %s, %s end: %s\n", seed, index, kind_names[connections[index].kind], server ? "server" : "client", why);
	for (unsigned i = 0; i < trace.count; i++)
		print_message("#   traced %s>%s at %jd\n", state_name(trace.traced[i]->from), state_name(trace.traced[i]->to),
			      (intmax_t)(trace.traced[i]->t_ns - zero_ns) / 1000);
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if (line->has_tuple && tuple_equal(&line->tuple, &t))
			print_message("#   told %s %s>%s %s [%jd, %jd] %s\n", line->ev, state_name(line->from), state_name(line->to), line->certainty,
				      (intmax_t)(line->t0_ns - zero_ns) / 1000, (intmax_t)(line->t1_ns - zero_ns) / 1000, line->cause ? line->cause : "");
	}
	fail_msg("%s", why);
	abort();
}

/* The kernel ends the socket where a remnant begins, and traces nothing of that: TIME_WAIT may have begun later, after an orphan's FIN_WAIT2. */
static bool is_traced(const struct account *trace, const struct told *line, unsigned *from, int64_t *t_ns)
{
	enum tcp_state to = line->to == STATE_TIME_WAIT ? STATE_CLOSED : line->to;

	for (unsigned i = *from; i < trace->count; i++) {
		if (trace->traced[i]->to != to)
			continue;
		*t_ns = trace->traced[i]->t_ns;
		*from = i + 1;
		return true;
	}
	return false;
}

/* Whether a told edge lies beyond what is traced: the request socket's, and the remnant's end. */
static bool is_untraceable(const struct told *line)
{
	return line->to == STATE_SYN_RECV || line->from == STATE_TIME_WAIT;
}

/* Every state told for sure was passed, in this order, and in its time. */
static void check_told(unsigned index, bool server, const struct account *trace, const struct account *tale)
{
	unsigned at = 0;

	for (unsigned i = 0; i < tale->count; i++) {
		const struct told *line = tale->told[i];
		int64_t t_ns;

		if (!edge_find(line->from, line->to))
			fail_end(index, server, "an edge is not legal");
		if (strcmp(line->certainty, "ambiguous") == 0 || is_untraceable(line))
			continue;
		if (!is_traced(trace, line, &at, &t_ns))
			fail_end(index, server, "a state is told that was not passed");
		if ((t_ns < line->t0_ns - CLOCKS_DIFFER_NS && line->to != STATE_TIME_WAIT) || t_ns > line->t1_ns + CLOCKS_DIFFER_NS)
			fail_end(index, server, "an edge is told for another time");
	}
}

/* Every edge traced is told, unless the tale says that it does not know the way. */
static void check_traced(unsigned index, bool server, const struct account *trace, const struct account *tale)
{
	unsigned at = 0;

	for (unsigned i = 0; i < tale->count; i++)
		if (strcmp(tale->told[i]->certainty, "ambiguous") == 0)
			return;
	for (unsigned i = 0; i < trace->count; i++) {
		enum tcp_state to = trace->traced[i]->to;
		unsigned j = at;

		while (j < tale->count && tale->told[j]->to != to && !(to == STATE_CLOSED && tale->told[j]->to == STATE_TIME_WAIT))
			j++;
		if (j == tale->count)
			fail_end(index, server, "a state was passed that is not told");
		at = j + 1;
	}
}

/* ---- the tests ---- */

/* What must come of each end before all is told. */
static bool is_told_to_end(const char *output, void *unused)
{
	unsigned ends = 0, wanted = 0;
	char remote[64];

	(void)unused;
	snprintf(remote, sizeof remote, "\"remote\":\"%s:", here);
	for (const char *at = output; (at = strstr(at, remote)); at++) {
		const char *begin = at;

		while (begin > output && begin[-1] != '\n')
			begin--;
		ends += strstr(begin, "\"to\":\"TIME_WAIT\"") && strstr(begin, "\"to\":\"TIME_WAIT\"") < at;
		ends += strstr(begin, "\"ev\":\"close\"") && strstr(begin, "\"ev\":\"close\"") < at && !strstr(begin, "\"from\":\"TIME_WAIT\"");
	}
	for (unsigned i = 0; i < CONNECTIONS; i++)
		wanted += connections[i].kind == REFUSED ? 0 : 2;
	return ends >= wanted;
}

static int run_scenario(void **state)
{
	static const char *const args[] = {"events", "--json", NULL};

	(void)state;
	seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)(clock_now_ns() / NS_PER_MS);
	listener = sockets_listen(here, PORT, 64);
	program_start(&synfin, 65534, args);
	if (!program_wait(&synfin, program_is_watching, NULL, 20000)) {
		fprintf(stderr, "no keyframe; it printed: %s\n%s", program_output(&synfin), program_errors(&synfin));
		return -1;
	}
	drive();
	/* Some ends are known only by a scrubbed notice, and never told: so not all may come. */
	program_wait(&synfin, is_told_to_end, NULL, 3000);
	traced = tracepoint_read(&traced_count);
	return traced ? 0 : -1;
}

static int end_scenario(void **state)
{
	(void)state;
	tracepoint_stop();
	stream_fini(&stream);
	program_fini(&synfin);
	free(traced);
	return 0;
}

static void test_stream_is_whole(void **state)
{
	(void)state;
	print_message("# seed %u\n", seed);
	assert_int_equal(program_end(&synfin, SIGTERM, 20000), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
}

/* Of the driver: each kind happened, and the kernel says so. */
static void test_the_driver_did_it_all(void **state)
{
	unsigned of_kind[KIND_COUNT] = {0};

	(void)state;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct tuple t = tuple_of(i, false);
		struct account trace = trace_of(&t);

		if (trace.count < 2 || trace.traced[trace.count - 1]->to != STATE_CLOSED)
			fail_end(i, false, "the trace is not whole");
		of_kind[connections[i].kind]++;
	}
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		assert_int_not_equal(of_kind[kind], 0);
}

static void test_what_is_told_was_traced(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONNECTIONS; i++)
		for (int server = 0; server < 2; server++) {
			struct tuple t = tuple_of(i, server);
			struct account trace = trace_of(&t), tale;
			unsigned lives;

			tale = tale_of(&t, &lives);
			if (lives > 1)
				fail_end(i, server, "told twice");
			check_told(i, server, &trace, &tale);
		}
}

static void test_what_was_traced_is_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONNECTIONS; i++)
		for (int server = 0; server < 2; server++) {
			struct tuple t = tuple_of(i, server);
			struct account trace = trace_of(&t), tale;
			unsigned lives;

			tale = tale_of(&t, &lives);
			if (lives)
				check_traced(i, server, &trace, &tale);
		}
}

/* The kernel clears what throws its connection away, or is refused; of one that was never seen before, that leaves nothing to tell. */
static bool may_be_nameless(const struct connection *c, bool server)
{
	return server ? c->kind == SERVER_RESETS : c->kind == CLIENT_RESETS || c->kind == RESET_BUT_HELD || c->kind == REFUSED;
}

static void test_every_life_is_told_or_counted(void **state)
{
	uint64_t untold = 0, counted = 0;

	(void)state;
	for (unsigned i = 0; i < CONNECTIONS; i++)
		for (int server = 0; server < (connections[i].kind == REFUSED ? 1 : 2); server++) {
			struct tuple t = tuple_of(i, server);
			unsigned lives;

			tale_of(&t, &lives);
			if (!lives && !may_be_nameless(&connections[i], server))
				fail_end(i, server, "it is not told");
			untold += !lives;
		}
	for (size_t i = 0; i < stream.count; i++)
		if (told_is(&stream.lines[i], "coverage"))
			counted = (uint64_t)json_integer_value(json_object_get(stream.lines[i].object, "unsampled_ends"));
	assert_true(untold > 0);
	assert_true(untold <= counted);
}

/* The cause is the true one, or it is said that it is not known. */
static void test_causes_are_true(void **state)
{
	static const char *const graceful[] = {"graceful", "graceful"};
	static const char *const truth[KIND_COUNT][2] = {
		[CLIENT_RESETS] = {"aborted", "reset"}, [SERVER_RESETS] = {"reset", "aborted"}, [UNREAD_BY_SERVER] = {"reset", "aborted"},
		[RESET_BUT_HELD] = {"aborted", "reset"}, [REFUSED] = {"refused", NULL},
	};

	(void)state;
	for (unsigned i = 0; i < CONNECTIONS; i++)
		for (int server = 0; server < 2; server++) {
			const char *const *true_causes = truth[connections[i].kind][0] ? truth[connections[i].kind] : graceful;
			struct tuple t = tuple_of(i, server);

			for (size_t j = 0; j < stream.count; j++) {
				const struct told *line = &stream.lines[j];

				if (line->has_tuple && line->cause && tuple_equal(&line->tuple, &t) && strcmp(line->certainty, "ambiguous") != 0 &&
				    strcmp(line->cause, true_causes[server]) != 0)
					fail_end(i, server, "another cause");
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream_is_whole), /* first: it reads the stream */
		cmocka_unit_test(test_the_driver_did_it_all),
		cmocka_unit_test(test_what_is_told_was_traced),
		cmocka_unit_test(test_what_was_traced_is_told),
		cmocka_unit_test(test_every_life_is_told_or_counted),
		cmocka_unit_test(test_causes_are_true),
	};
	const char *why_not;

	snprintf(here, sizeof here, "127.%u.%u.%u", 64 + (getpid() >> 16) % 64, (getpid() >> 8) % 256, getpid() % 256);
	sockets_enter_namespace();
	why_not = tracepoint_start(PORT, CLOSED_PORT);
	if (why_not) {
		tracepoint_stop();
		printf("1..0 # SKIP no tracepoint sock:inet_sock_set_state: %s\n", why_not);
		return 0;
	}
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
