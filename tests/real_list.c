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
#include "ss.h"
#include "stream.h"

#define PAIRS 5200
#define PAIRS_EACH 400

static struct ss_rows by_synfin, at_once, by_ss;

static void run_synfin(const char *const *args, struct ss_rows *rows)
{
	struct program synfin;
	struct stream stream;

	program_start(&synfin, 65534, args);
	assert_int_equal(program_end(&synfin, 0, 20000), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
	for (size_t i = 0; i < stream.count; i++)
		if (told_is(&stream.lines[i], "connection"))
			ss_rows_add(rows, stream.lines[i].to, &stream.lines[i].tuple);
	stream_fini(&stream);
	program_fini(&synfin);
	ss_rows_sort(rows);
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
static bool is_settled(const struct ss_rows *r)
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
		ss_rows_clear(&by_ss);
		assert_int_equal(ss_list(&by_ss, ""), 0);
		if (is_settled(&by_ss))
			break;
	}
	run_synfin((const char *const[]){"list", "--json", NULL}, &by_synfin);
	/* Without owners to wait for: rows are told while two dumps run side by side. */
	run_synfin((const char *const[]){"list", "--json", "--no-owners", NULL}, &at_once);
	return 0;
}

static int end_scenario(void **state)
{
	(void)state;
	ss_rows_clear(&by_ss);
	ss_rows_clear(&by_synfin);
	ss_rows_clear(&at_once);
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

static void test_same_sockets(void **state)
{
	(void)state;
	assert_int_equal(ss_rows_differ(&by_ss, &by_synfin), 0);
	assert_int_equal(ss_rows_differ(&by_ss, &at_once), 0);
}

/* A standard output that takes nothing: a device that is full, or a reader who went away. */
_Noreturn static void list_into(void *context)
{
	const int *fd = context;

	dup2(*fd, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	program_exec((const char *const[]){"list", "--json", "--no-owners", NULL});
}

/* It is no failure of the kernel's, however little of the dump had been taken by then. */
static void test_nobody_takes_the_rows(void **state)
{
	struct program synfin;
	int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(full >= 0);
	program_start_by(&synfin, list_into, &full);
	assert_int_equal(program_end(&synfin, 0, 20000), 1);
	assert_string_equal(program_errors(&synfin), "synfin: cannot write to standard output: No space left on device\n");
	program_fini(&synfin);
	close(full);

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	program_start_by(&synfin, list_into, &ends[1]);
	assert_int_equal(program_end(&synfin, 0, 20000), 0);
	assert_string_equal(program_errors(&synfin), "");
	program_fini(&synfin);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_enough),
		cmocka_unit_test(test_same_sockets),
		cmocka_unit_test(test_nobody_takes_the_rows),
	};

	if (system("command -v ss >/dev/null") != 0) {
		puts("1..0 # SKIP no ss(8) to compare with");
		return 0;
	}
	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
