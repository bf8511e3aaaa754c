/* Who holds a socket: several processes after fork, and nobody any more. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sockets.h"
#include "witness.h"

#define OPENED "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"

static int listener;

/* A child that holds all that we hold, until the pipe is closed. */
static pid_t fork_holder(int *let_go)
{
	int ends[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	*let_go = ends[1];
	return child;
}

/* A socket lives until the last of its holders lets go. */
static void test_held_by_two_processes(void **state)
{
	int client = sockets_make("127.0.0.1"), server, let_go;
	pid_t child = fork_holder(&let_go); /* before it connects, so that both hold it when it is first seen */
	struct tuple t, mirrored;

	(void)state;
	witness_know_listener(listener);
	sockets_connect_fd(client, "127.0.0.1", sockets_port(listener));
	server = sockets_accept(listener);
	t = sockets_tuple(client);
	mirrored = tuple_mirrored(&t);
	witness_await_holders(&t, getpid(), child, false);
	witness_await_holders(&mirrored, getpid(), 0, false);
	close(client);
	witness_await_sweeps(2);
	assert_true(witness_is_in(&t, STATE_ESTABLISHED));
	close(let_go);
	assert_int_equal(waitpid(child, NULL, 0), child);
	witness_await(&t, STATE_FIN_WAIT2);
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	/* They are remembered when the socket is none of theirs any more. */
	assert_false(witness_lacks(&t, "former"));
	witness_expect(&t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>TIME_WAIT observed?( seq=2 ack=2)\n"
	               "by local:@(counted|edge) local:edge\n");
	witness_know(&mirrored);
}

/* Half closed, and let go while the peer still has its half open. */
static void test_let_go_in_fin_wait2(void **state)
{
	int client = sockets_connect("127.0.0.1", sockets_port(listener)), server = sockets_accept(listener);
	struct tuple t = sockets_tuple(client), mirrored = tuple_mirrored(&t);

	(void)state;
	witness_await_holders(&t, getpid(), 0, false);
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	witness_await(&t, STATE_FIN_WAIT2);
	witness_await(&mirrored, STATE_CLOSE_WAIT);
	close(client);
	witness_await_key(&t, "timer", "time_wait");
	assert_false(witness_lacks(&t, "former"));
	assert_true(witness_is_in(&t, STATE_FIN_WAIT2));
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	witness_expect(&t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>TIME_WAIT observed?( seq=2 ack=2)\n"
	               "by local:@(counted|edge) local:edge\n");
	witness_know(&mirrored);
}

static int start(void **state)
{
	listener = sockets_listen("127.0.0.1", 0, 5);
	return witness_start_as_self(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held_by_two_processes),
		cmocka_unit_test(test_let_go_in_fin_wait2),
		cmocka_unit_test(witness_check_all),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, start, witness_stop);
}
