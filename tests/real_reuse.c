/* Sockets, ends and cookies that come round again: what is one connection, and what is another. */
#include "config.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "raw_diag.h"
#include "sockets.h"
#include "tcp/flags.h"
#include "witness.h"

#define HERE "127.0.0.1"
#define OPENED "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
#define TAKEN "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"

static int listener;

/* connect(AF_UNSPEC) dissolves a connection, and the socket connects again: cookie and inode stay, and it is another connection. */
static void test_same_socket_connects_again(void **state)
{
	int client = sockets_connect(HERE, sockets_port(listener)), servers[2] = {sockets_accept(listener)};
	struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	struct tuple first = sockets_tuple(client), second, mirrored;
	struct stat st;

	(void)state;
	witness_await(&first, STATE_ESTABLISHED);
	mirrored = tuple_mirrored(&first);
	witness_await(&mirrored, STATE_ESTABLISHED);
	assert_int_equal(connect(client, &unspec, sizeof unspec), 0);
	sockets_connect_fd(client, HERE, sockets_port(listener));
	servers[1] = sockets_accept(listener);
	second = sockets_tuple(client);
	witness_await(&second, STATE_ESTABLISHED);
	if (!tuple_equal(&first, &second))
		witness_await(&first, STATE_CLOSED);
	close(servers[0]);
	witness_await(&mirrored, STATE_CLOSED);
	/* Who dissolved it, the program or the peer, the kernel no longer knows. */
	witness_expect(&first, 0, OPENED "ESTABLISHED>CLOSED ambiguous\nclose replaced ambiguous\nby local:@(counted|edge) -:-\n");
	witness_expect(&second, 0, OPENED "by local:@(counted|edge) -:-\n");
	assert_string_equal(witness_word(&first, "cookie"), witness_word(&second, "cookie"));
	assert_int_equal(fstat(client, &st), 0);
	witness_await_number(&first, "inode", (int64_t)st.st_ino);
	witness_await_number(&second, "inode", (int64_t)st.st_ino);
	witness_know(&mirrored);
	close(client);
	close(servers[1]);
	witness_await(&second, STATE_TIME_WAIT);
	mirrored = tuple_mirrored(&second);
	witness_await(&mirrored, STATE_CLOSED);
	witness_know(&mirrored);
	witness_expect(&second, 0, OPENED "ESTABLISHED>FIN_WAIT1 *TIME_WAIT *by local:@(counted|edge) local:edge\n");
}

/* A server with an IPv6 socket that serves IPv4: the two ends sit in different families, and tell of each other all the same. */
static void test_mapped_pair(void **state)
{
	int six = sockets_listen("::ffff:127.0.0.1", 0, 5), client, server;
	struct tuple t, mirrored;

	(void)state;
	witness_know_listener(six);
	client = sockets_connect(HERE, sockets_port(six));
	server = sockets_accept(six);
	t = sockets_tuple(client);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	assert_true(strncmp(witness_word(&mirrored, "local"), "[::ffff:127.0.0.1]:", 19) == 0);
	sockets_reset(server);
	witness_await(&mirrored, STATE_CLOSED);
	close(client);
	witness_await(&t, STATE_CLOSED);
	/* It is the pair that tells who did it. */
	witness_expect(&t, 0, OPENED "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby local:@(counted|edge) remote:peer\n");
	witness_expect(&mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\n"
	               "by remote:@(counted|edge) local:scrubbed\n");
}

/* A connection that nobody looked at while it lived has one cookie in its notice and another in TIME_WAIT. */
static void test_time_wait_with_another_cookie(void **state)
{
	int diag = sockets_diag_open(), client, server;
	struct tuple t, mirrored;
	char cookie[20];

	(void)state;
	witness_pause();
	client = sockets_connect(HERE, sockets_port(listener));
	server = sockets_accept(listener);
	t = sockets_tuple(client);
	mirrored = tuple_mirrored(&t);
	close(client);
	close(server);
	witness_resume();
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	witness_await_sweeps(2);
	assert_int_equal(witness_lives(&t), 1);
	/* That of the notice, and that of the entry. */
	assert_int_equal(witness_cookies(&t), 2);
	snprintf(cookie, sizeof cookie, "%jx", (uintmax_t)raw_await(diag, &t, STATE_TIME_WAIT).cookie);
	assert_string_equal(witness_word(&t, "cookie"), cookie);
	close(diag);
	witness_expect(&t, 0, "CLOSED>SYN_SENT inferred seq=0\nSYN_SENT>ESTABLISHED inferred seq=1 ack=1\n"
	               "ESTABLISHED>FIN_WAIT1 *TIME_WAIT *by local:* local:*\n");
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV inferred seq=0 ack=1\nSYN_RECV>ESTABLISHED inferred\n"
	               "ESTABLISHED>CLOSE_WAIT * ack=2\n"
	               "CLOSE_WAIT>LAST_ACK * seq=1 ack=2\nLAST_ACK>CLOSED inferred by segment\nclose graceful inferred\n"
	               "by remote:* remote:*\n");
}

/* The server's end waits in TIME_WAIT; the client connects from the same port again, and its SYN takes the entry over (RFC 6191). */
static void test_time_wait_taken_over_by_a_syn(void **state)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sockets_port(listener)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int client = sockets_connect(HERE, sockets_port(listener)), server = sockets_accept(listener), yes = 1;
	struct tuple t = sockets_tuple(client), mirrored = tuple_mirrored(&t);

	(void)state;
	witness_await(&mirrored, STATE_ESTABLISHED);
	close(server);
	witness_await(&t, STATE_CLOSE_WAIT);
	close(client);
	witness_await(&t, STATE_CLOSED);
	witness_await(&mirrored, STATE_TIME_WAIT);
	witness_await_key(&mirrored, "timer", "time_wait");
	from.sin_port = htons(t.local.port);
	client = sockets_make(HERE);
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
	assert_int_equal(bind(client, (struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
	server = sockets_accept(listener);
	witness_await_life(&mirrored, 1);
	witness_await(&mirrored, STATE_ESTABLISHED);
	witness_await_life(&t, 1);
	witness_await(&t, STATE_ESTABLISHED);
	witness_expect(&mirrored, 0, TAKEN "ESTABLISHED>FIN_WAIT1 *\nFIN_WAIT1>FIN_WAIT2 *\nFIN_WAIT2>TIME_WAIT *\n"
	               "TIME_WAIT>CLOSED inferred by @(connect|segment)\n"
	               "close graceful inferred\nby remote:@(counted|edge) local:edge\n");
	sockets_reset(client);
	close(server);
	witness_await(&t, STATE_CLOSED);
	witness_await(&mirrored, STATE_CLOSED);
	witness_expect(&mirrored, 1, TAKEN "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby remote:@(counted|edge) remote:peer\n");
	witness_expect(&t, 1, OPENED "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\nby local:@(counted|edge) local:scrubbed\n");
	witness_know(&t);
}

static int start(void **state)
{
	int error = witness_start(state);

	if (error)
		return error;
	listener = sockets_listen(HERE, 0, 20);
	return 0;
}

static void test_listener_is_told(void **state)
{
	(void)state;
	witness_know_listener(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listener_is_told),
		cmocka_unit_test(test_same_socket_connects_again),
		cmocka_unit_test(test_mapped_pair),
		cmocka_unit_test(test_time_wait_with_another_cookie),
		cmocka_unit_test(test_time_wait_taken_over_by_a_syn),
		cmocka_unit_test(witness_check_all),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, start, witness_stop);
}
