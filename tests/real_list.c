/* `synfin list --json` against `ss -Htan`, on 10,000 sockets held still, in every state that can be held: the same set of states and ends. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"
#include "sockets.h"
#include "stream.h"

#define PAIRS 5200
#define PAIRS_EACH 400

/* A socket as both programs tell it. */
struct row {
	uint8_t state;
	struct tuple tuple;
};

struct rows {
	struct row *rows;
	size_t count;
};

static struct rows by_synfin, by_ss;

static void add_row(struct rows *r, enum tcp_state state, const struct tuple *t)
{
	if (r->count % 1024 == 0) {
		r->rows = realloc(r->rows, (r->count + 1024) * sizeof *r->rows);
		if (!r->rows)
			abort();
	}
	r->rows[r->count++] = (struct row){.state = (uint8_t)state, .tuple = *t};
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = memcmp(&x->tuple.local, &y->tuple.local, sizeof x->tuple.local);

	if (!order)
		order = memcmp(&x->tuple.remote, &y->tuple.remote, sizeof x->tuple.remote);
	if (!order)
		order = (int)x->tuple.family - (int)y->tuple.family;
	return order ? order : (int)x->state - (int)y->state;
}

/* ss writes "*:80" for an IPv6 socket that serves both families, and "*" for the port 0. */
static void read_end(const char *text, struct endpoint *e, uint16_t *family)
{
	const char *port = strrchr(text, ':');
	char whole[ENDPOINT_TEXT_ROOM];
	uint32_t ifindex;

	assert_non_null(port);
	snprintf(whole, sizeof whole, "%.*s:%s", (int)(port - text), text, strcmp(port, ":*") == 0 ? "0" : port + 1);
	if (text[0] == '*')
		snprintf(whole, sizeof whole, "[::]:%s", strcmp(port, ":*") == 0 ? "0" : port + 1);
	if (endpoint_parse(whole, e, family, &ifindex))
		fail_msg("ss: %s", text);
}

static void run_ss(void)
{
	char line[512], state[32], local[128], peer[128];
	FILE *f = popen("ss -Htan", "re");

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct tuple t = {0};
		uint16_t family;

		assert_int_equal(sscanf(line, "%31s %*s %*s %127s %127s", state, local, peer), 3);
		read_end(local, &t.local, &t.family);
		read_end(peer, &t.remote, &family);
		assert_int_not_equal(state_from_name(state), STATE_NONE);
		add_row(&by_ss, state_from_name(state), &t);
	}
	pclose(f);
	qsort(by_ss.rows, by_ss.count, sizeof *by_ss.rows, compare_rows);
}

static void run_synfin(void)
{
	static const char *const args[] = {"list", "--json", NULL};
	struct program synfin;
	struct stream stream;

	program_start(&synfin, 65534, args);
	assert_int_equal(program_end(&synfin, 0, 20000), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
	for (size_t i = 0; i < stream.count; i++)
		if (told_is(&stream.lines[i], "connection"))
			add_row(&by_synfin, stream.lines[i].to, &stream.lines[i].tuple);
	stream_fini(&stream);
	program_fini(&synfin);
	qsort(by_synfin.rows, by_synfin.count, sizeof *by_synfin.rows, compare_rows);
}

static void open_pairs(const char *listen_on, const char *connect_to, unsigned count)
{
	int listener = sockets_listen(listen_on, 0, 64), client, server;
	uint16_t port = sockets_port(listener);

	for (unsigned i = 0; i < count; i++) {
		client = sockets_connect(connect_to, port);
		server = sockets_accept(listener);
		if (i % 50 == 7)
			shutdown(client, SHUT_WR); /* FIN_WAIT2 and CLOSE_WAIT */
		if (i % 50 == 8)
			shutdown(server, SHUT_WR);
		if (i % 50 != 9)
			continue;
		close(client); /* TIME_WAIT alone */
		close(server);
	}
}

/* The SYN is not answered; or its answer is not heard; the accept queue is full. */
static void open_half(void)
{
	int deaf = sockets_listen("127.0.0.1", 0, 5), listener = sockets_listen("127.0.0.1", 0, 5), full = sockets_listen("::1", 0, 2), client;

	sockets_deafen(deaf);
	for (unsigned i = 0; i < 10; i++)
		sockets_connect_begin("127.0.0.1", sockets_port(deaf));
	for (unsigned i = 0; i < 3; i++) {
		client = sockets_make("127.0.0.1");
		sockets_deafen(client);
		sockets_connect_fd(client, "127.0.0.1", sockets_port(listener));
	}
	for (unsigned i = 0; i < 6; i++)
		sockets_connect_begin("::1", sockets_port(full));
	sockets_listen("::", 0, 5);
	sockets_listen("0.0.0.0", 0, 5);
}

/* In a process of its own, which holds them until this one ends: no process needs more than the usual 1,024 descriptors. */
static void hold_pairs(const char *listen_on, const char *connect_to)
{
	pid_t parent = getpid();
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		open_pairs(listen_on, connect_to, PAIRS_EACH);
		while (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

/* No FIN waits for its ACK any more: a busy host can let it wait. */
static bool is_settled(const struct rows *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (STATE_BIT(r->rows[i].state) & (STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING)))
			return false;
	return true;
}

static int run_scenario(void **state)
{
	static const char *const listen_on[] = {"127.0.0.1", "127.0.0.1", "127.0.0.1", "::1", "::ffff:127.0.0.2"};
	static const char *const connect_to[] = {"127.0.0.1", "127.0.0.1", "127.0.0.1", "::1", "127.0.0.2"};

	(void)state;
	for (unsigned i = 0; i < PAIRS / PAIRS_EACH; i++)
		hold_pairs(listen_on[i % 5], connect_to[i % 5]);
	open_half();
	for (unsigned tries = 0; tries < 100; tries++) {
		free(by_ss.rows);
		by_ss = (struct rows){0};
		run_ss();
		if (is_settled(&by_ss))
			break;
	}
	run_synfin();
	return 0;
}

static int end_scenario(void **state)
{
	(void)state;
	free(by_ss.rows);
	free(by_synfin.rows);
	return 0;
}

static void test_there_are_enough(void **state)
{
	unsigned states = 0;

	(void)state;
	assert_true(by_ss.count >= 10000);
	for (size_t i = 0; i < by_ss.count; i++)
		states |= STATE_BIT(by_ss.rows[i].state);
	assert_int_equal(states, STATE_BIT(STATE_LISTEN) | STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_ESTABLISHED) |
					 STATE_BIT(STATE_FIN_WAIT2) | STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_TIME_WAIT));
}

static void print_row(const char *who, const struct row *r)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&r->tuple, local);
	tuple_format_remote(&r->tuple, remote);
	print_message("# only %s: %s %s %s\n", who, state_name(r->state), local, remote);
}

static void test_same_sockets(void **state)
{
	unsigned different = 0;
	size_t i = 0, j = 0;

	(void)state;
	while (i < by_ss.count || j < by_synfin.count) {
		int order = i == by_ss.count ? 1 : j == by_synfin.count ? -1 : compare_rows(&by_ss.rows[i], &by_synfin.rows[j]);

		if (order && different++ < 10)
			print_row(order < 0 ? "ss" : "synfin", order < 0 ? &by_ss.rows[i] : &by_synfin.rows[j]);
		i += order <= 0;
		j += order >= 0;
	}
	assert_int_equal(different, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_enough),
		cmocka_unit_test(test_same_sockets),
	};

	if (system("command -v ss >/dev/null") != 0) {
		puts("1..0 # SKIP no ss(8) to compare with");
		return 0;
	}
	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
