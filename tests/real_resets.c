/* How connections end before their time: resets from either end, by the program, by the kernel and from outside; and sockets that are held open after. */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "sockets.h"
#include "tcp/flags.h"
#include "wire.h"
#include "witness.h"

#define HERE "127.0.0.1"
#define OPENED "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
#define TAKEN "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"

static int listener;

/* Of which both ends are told. */
static struct sockets_pair open_pair(void)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);

	witness_await(&p.t, STATE_ESTABLISHED);
	witness_await(&p.mirrored, STATE_ESTABLISHED);
	return p;
}

static void say(int from, int to, const char *what, size_t len)
{
	char bytes[256];

	assert_int_equal(send(from, what, len, MSG_NOSIGNAL), len);
	assert_int_equal(recv(to, bytes, len, MSG_WAITALL), len);
}

static void test_reset_by_the_client(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	sockets_reset(p.client);
	witness_await(&p.t, STATE_CLOSED);
	close(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\nby local:@(counted|edge) local:scrubbed\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby remote:@(counted|edge) remote:peer\n");
}

static void test_reset_by_the_server(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	say(p.client, p.server, "question", 8);
	sockets_reset(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	witness_await(&p.t, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\n"
	               "by remote:@(counted|edge) local:scrubbed\n");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby local:@(counted|edge) remote:peer\n");
}

/* A close with bytes unread sends an RST (RFC 2525, section 2.17). */
static void test_closed_with_bytes_unread(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	assert_int_equal(send(p.client, "question", 8, 0), 8);
	witness_await_number(&p.mirrored, "rqueue", 8);
	close(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	witness_await(&p.t, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\n"
	               "by remote:@(counted|edge) local:unread\n");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby local:@(counted|edge) remote:peer\n");
}

/* What was unread when the peer's RST came is unread still when it is closed. */
static void test_reset_with_bytes_unread(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	assert_int_equal(send(p.server, "answer", 6, 0), 6);
	sockets_reset(p.server);
	close(p.client);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await(&p.t, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\nby remote:@(counted|edge) local:scrubbed\n");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby local:@(counted|edge) remote:peer\n");
}

/* The server closes first, and what the client says then is answered with an RST, which leaves nothing of either (RFC 9293, section 3.6.1). */
static void test_spoken_to_after_closing(void **state)
{
	enum { COUNT = 5 };

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		struct sockets_pair p = open_pair();

		close(p.server);
		assert_int_equal(send(p.client, "hello?", 6, MSG_NOSIGNAL), 6);
		close(p.client);
		witness_await(&p.mirrored, STATE_CLOSED);
		witness_await(&p.t, STATE_CLOSED);
		witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>FIN_WAIT1 inferred?( seq=1)\nFIN_WAIT1>FIN_WAIT2 @(inferred|observed)\n"
		               "FIN_WAIT2>CLOSED ambiguous by reset\nclose ambiguous ambiguous\nby remote:@(counted|edge) local:@(counted|edge)\n");
		witness_know(&p.t);
	}
}

/* Reset, and held open for long: its close is told when it leaves the kernel's table, and its notice neither dates nor repeats it. */
static void test_reset_but_held_open(void **state)
{
	struct sockets_pair p = open_pair();
	const char *tale = TAKEN "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby remote:@(counted|edge) remote:peer\n";

	(void)state;
	sockets_reset(p.client);
	witness_await(&p.t, STATE_CLOSED);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, tale);
	close(p.server);
	witness_await_sweeps(2);
	witness_expect(&p.mirrored, 0, tale);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\nby local:@(counted|edge) local:scrubbed\n");
}

/* Reset while the peer, whose FIN we have, waits for ours. */
static void test_reset_in_close_wait(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	say(p.server, p.client, "answer", 6);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	sockets_reset(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	witness_await(&p.t, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>CLOSED inferred by abort\nclose aborted inferred\n"
	               "by remote:@(counted|edge) remote:edge\n");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED inferred by reset\n"
	               "close reset inferred\nby local:@(counted|edge) local:edge\n");
}

/* Nobody answers any more, and the program said how long it would wait (RFC 9293, section 3.8.3). */
static void test_timed_out(void **state)
{
	struct sockets_pair p = open_pair();
	int limit_ms = 600;

	(void)state;
	say(p.client, p.server, "question", 8); /* a round trip is measured */
	say(p.server, p.client, "answer", 6);
	assert_int_equal(setsockopt(p.client, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms), 0);
	sockets_deafen(p.server);
	assert_int_equal(send(p.client, "anybody?", 8, 0), 8);
	witness_await(&p.t, STATE_CLOSED);
	close(p.client);
	witness_await_key(&p.t, "cause", "timed_out");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED ambiguous by reset\nclose ambiguous ambiguous\ncause timed_out\n"
	               "by local:@(counted|edge) -:-\n");
	sockets_undeafen(p.server);
	sockets_reset(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\n"
	               "by remote:@(counted|edge) local:scrubbed\n");
}

/* What nobody has accepted is reset when the listener closes. */
static void test_listener_closed_with_a_full_queue(void **state)
{
	enum { COUNT = 3 };
	int other = sockets_listen(HERE, 0, COUNT - 1), clients[COUNT];
	struct tuple t[COUNT], mirrored[COUNT];

	(void)state;
	witness_know_listener(other);
	for (unsigned i = 0; i < COUNT; i++) {
		clients[i] = sockets_connect(HERE, sockets_port(other));
		t[i] = sockets_tuple(clients[i]);
		mirrored[i] = tuple_mirrored(&t[i]);
		witness_await(&mirrored[i], STATE_ESTABLISHED);
		witness_await(&t[i], STATE_ESTABLISHED);
	}
	close(other);
	for (unsigned i = 0; i < COUNT; i++) {
		witness_await(&mirrored[i], STATE_CLOSED);
		close(clients[i]);
		witness_await(&t[i], STATE_CLOSED);
		witness_expect(&mirrored[i], 0, TAKEN "ESTABLISHED>CLOSED inferred by abort\nclose aborted inferred\n"
		               "by remote:@(counted|edge) local:scrubbed\n");
		witness_expect(&t[i], 0, OPENED "ESTABLISHED>CLOSED inferred by reset\nclose reset inferred\nby local:@(counted|edge) remote:peer\n");
	}
}

/* ---- SOCK_DESTROY in each state ---- */

static void destroy(const struct tuple *t)
{
	int diag = sockets_diag_open();

	assert_int_equal(sockets_destroy(diag, t), 0);
	close(diag);
}

static void test_destroyed_in_established(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	destroy(&p.t);
	witness_await(&p.t, STATE_CLOSED);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	close(p.server);
	witness_await_sweeps(1);
	/* Each looks as if the other had reset it. */
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>CLOSED ambiguous by reset\nclose @(reset|ambiguous) ambiguous\n"
	               "?(cause reset\n)by local:@(counted|edge) -:-\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSED ambiguous by reset\nclose @(reset|ambiguous) ambiguous\n"
	               "?(cause reset\n)by remote:@(counted|edge) -:-\n");
}

static void test_destroyed_in_syn_sent_and_syn_recv(void **state)
{
	int other = sockets_listen(HERE, 0, 5), client = sockets_make(HERE);
	struct tuple t, mirrored;

	(void)state;
	witness_know_listener(other);
	sockets_deafen(client);
	sockets_connect_fd(client, HERE, sockets_port(other));
	t = sockets_tuple(client);
	t.remote = sockets_tuple(other).local;
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_SYN_SENT);
	witness_await(&mirrored, STATE_SYN_RECV);
	/* A SYN sent again in between makes another request socket. */
	witness_know(&mirrored);
	destroy(&mirrored);
	destroy(&t);
	witness_await(&t, STATE_CLOSED);
	witness_await(&mirrored, STATE_CLOSED);
	close(client);
	witness_await_sweeps(1);
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>CLOSED ambiguous by reset\nclose ambiguous ambiguous\n"
	               "by remote:edge -:-\n");
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED ambiguous by reset\nclose ambiguous ambiguous\n*by local:edge -:-\n");
}

static void test_destroyed_while_closing(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	say(p.client, p.server, "question", 8);
	say(p.server, p.client, "answer", 6);
	sockets_deafen(p.server);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	witness_await(&p.t, STATE_FIN_WAIT1);
	destroy(&p.t);
	witness_await(&p.t, STATE_CLOSED);
	close(p.client);
	sockets_undeafen(p.server);
	sockets_reset(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await_sweeps(1);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 observed seq=9\nFIN_WAIT1>CLOSED ambiguous*\n"
	               "close @(reset|ambiguous) ambiguous\n*by local:@(counted|edge) local:edge\n");
	witness_know(&p.mirrored);
}

static void test_destroyed_after_the_peers_fin(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	destroy(&p.mirrored);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await(&p.t, STATE_CLOSED);
	close(p.server);
	witness_await_sweeps(1);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>CLOSED ambiguous*\n"
	               "close @(reset|ambiguous) ambiguous\n*by remote:@(counted|edge) remote:edge\n");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED *close * ambiguous\n*by local:@(counted|edge) local:edge\n");
}

static void test_destroyed_in_fin_wait2(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	destroy(&p.t);
	witness_await(&p.t, STATE_CLOSED);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	close(p.server);
	witness_await_sweeps(1);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED ambiguous by reset\nclose @(reset|ambiguous) ambiguous\n?(cause reset\n)by local:@(counted|edge) local:edge\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>CLOSED *\n"
	               "close @(reset|ambiguous) *\n*by remote:@(counted|edge) remote:edge\n");
}

static void test_destroyed_in_last_ack(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	sockets_deafen(p.client);
	assert_int_equal(shutdown(p.server, SHUT_WR), 0);
	witness_await(&p.mirrored, STATE_LAST_ACK);
	destroy(&p.mirrored);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.server);
	sockets_reset(p.client);
	witness_await(&p.t, STATE_CLOSED);
	witness_await_sweeps(1);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>LAST_ACK observed?( seq=1) ack=2\nLAST_ACK>CLOSED ambiguous*\n"
	               "close @(reset|ambiguous) ambiguous\n*by remote:@(counted|edge) remote:edge\n");
	witness_know(&p.t);
}

/* Both FINs on their way at once, and no answer to either. */
static void test_destroyed_in_closing(void **state)
{
	int tap = wire_tap();
	struct sockets_pair p = open_pair();
	struct segment fin, mirrored_fin;

	(void)state;
	say(p.client, p.server, "question", 8);
	say(p.server, p.client, "answer", 6);
	wire_hear_only_sent(p.client);
	wire_hear_only_sent(p.server);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	assert_int_equal(shutdown(p.server, SHUT_WR), 0);
	fin = wire_hear(tap, &p.t, FLAG_FIN, FLAG_FIN);
	mirrored_fin = wire_hear(tap, &p.mirrored, FLAG_FIN, FLAG_FIN);
	witness_await(&p.t, STATE_FIN_WAIT1);
	witness_await(&p.mirrored, STATE_FIN_WAIT1);
	wire_send(tap, &fin);
	wire_send(tap, &mirrored_fin);
	witness_await(&p.t, STATE_CLOSING);
	witness_await(&p.mirrored, STATE_CLOSING);
	destroy(&p.t);
	destroy(&p.mirrored);
	witness_await(&p.t, STATE_CLOSED);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.client);
	close(p.server);
	witness_await_sweeps(1);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 observed?( seq=9)\nFIN_WAIT1>CLOSING observed?( seq=10) ack=8\n"
	               "CLOSING>CLOSED *\nclose @(reset|ambiguous) ambiguous\n*by local:@(counted|edge) both:edge\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>FIN_WAIT1 observed?( seq=7)\nFIN_WAIT1>CLOSING observed?( seq=8) ack=10\n"
	               "CLOSING>CLOSED *\nclose @(reset|ambiguous) ambiguous\n*by remote:@(counted|edge) both:edge\n");
	close(tap);
}

static void test_destroyed_remnants(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	close(p.server);
	witness_await(&p.t, STATE_TIME_WAIT);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await_sweeps(1);
	destroy(&p.t);
	witness_await(&p.t, STATE_CLOSED);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>TIME_WAIT observed?( seq=2 ack=2)\n"
	               "TIME_WAIT>CLOSED ambiguous\nclose graceful ambiguous\nby local:@(counted|edge) local:edge\n");
	witness_know(&p.mirrored);
}

/* The orphan's: nobody has the socket, and no notice comes. */
static void test_destroyed_orphan(void **state)
{
	struct sockets_pair p = open_pair();

	(void)state;
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await_key(&p.t, "timer", "time_wait");
	destroy(&p.t);
	witness_await(&p.t, STATE_CLOSED);
	witness_await_sweeps(1);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED ambiguous*\nclose ambiguous ambiguous\nby local:@(counted|edge) local:edge\n");
	assert_true(witness_is_in(&p.mirrored, STATE_CLOSE_WAIT));
	sockets_reset(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_know(&p.mirrored);
}

static void test_destroyed_listener(void **state)
{
	int other = sockets_listen(HERE, 0, 5);
	struct tuple t = sockets_tuple(other);

	(void)state;
	witness_know_listener(other);
	destroy(&t);
	endpoint_set_v4(&t.remote, &(struct in_addr){0}, 0);
	witness_await(&t, STATE_CLOSED);
	close(other);
	witness_await_sweeps(1);
	witness_expect(&t, 0, "CLOSED>LISTEN observed\nLISTEN>CLOSED observed by close\nclose listener_closed observed\nby -:- -:-\n");
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
		cmocka_unit_test(test_reset_by_the_client),
		cmocka_unit_test(test_reset_by_the_server),
		cmocka_unit_test(test_closed_with_bytes_unread),
		cmocka_unit_test(test_reset_with_bytes_unread),
		cmocka_unit_test(test_spoken_to_after_closing),
		cmocka_unit_test(test_reset_but_held_open),
		cmocka_unit_test(test_reset_in_close_wait),
		cmocka_unit_test(test_timed_out),
		cmocka_unit_test(test_listener_closed_with_a_full_queue),
		cmocka_unit_test(test_destroyed_in_established),
		cmocka_unit_test(test_destroyed_in_syn_sent_and_syn_recv),
		cmocka_unit_test(test_destroyed_while_closing),
		cmocka_unit_test(test_destroyed_after_the_peers_fin),
		cmocka_unit_test(test_destroyed_in_fin_wait2),
		cmocka_unit_test(test_destroyed_in_last_ack),
		cmocka_unit_test(test_destroyed_in_closing),
		cmocka_unit_test(test_destroyed_remnants),
		cmocka_unit_test(test_destroyed_orphan),
		cmocka_unit_test(test_destroyed_listener),
		cmocka_unit_test(witness_check_all),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, start, witness_stop);
}
