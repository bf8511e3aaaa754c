/* How connections open, and how they fail to: each by hand, on real sockets, and told by `synfin events --json` to the word. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "sockets.h"
#include "tcp/flags.h"
#include "wire.h"
#include "witness.h"

#define HERE "127.0.0.1"
#define FULL_SYN_ACK (FLAG_SYN | FLAG_ACK)

/* On a machine so busy that the SYN was repeated before, the kernel may have given up by itself. */
#define GIVEN_UP "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED @(inferred by close\nclose aborted inferred|ambiguous by timeout\n" \
	"close ambiguous ambiguous)\nby local:edge -:-\n"

static int listen_here(void)
{
	int fd = sockets_listen(HERE, 0, 5);

	witness_know_listener(fd);
	return fd;
}

/* The ends of a socket that is not connected yet. */
static struct tuple ends_to(int fd, const struct endpoint *remote)
{
	struct tuple t = sockets_tuple(fd);

	t.remote = *remote;
	return t;
}

/* Begins to connect to a listener: the client's ends. */
static struct tuple begin(int *client, int listener)
{
	struct endpoint there = sockets_tuple(listener).local;

	*client = sockets_connect_begin(HERE, there.port);
	return ends_to(*client, &there);
}

static void read_all(int fd, size_t len)
{
	char bytes[64];

	assert_int_equal(recv(fd, bytes, len, MSG_WAITALL), len);
}

/* A listener that accepts nothing: the handshake is the kernel's, and the socket is nobody's. */
static void test_established_but_not_accepted(void **state)
{
	int listener = listen_here(), client = sockets_connect(HERE, sockets_port(listener)), server;
	struct tuple t = sockets_tuple(client), mirrored = tuple_mirrored(&t);

	(void)state;
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
	               "by local:@(counted|edge) -:-\n");
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "by remote:@(counted|edge) -:-\n");
	assert_true(witness_lacks(&mirrored, "inode") && witness_lacks(&mirrored, "uid") && witness_lacks(&mirrored, "pid"));
	server = sockets_accept(listener);
	witness_await_key(&mirrored, "inode", NULL);
	close(client);
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
	               "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=1)\n"
	               "FIN_WAIT1>FIN_WAIT2 *FIN_WAIT2>TIME_WAIT @(observed|ambiguous)?( seq=2 ack=2)\nby local:@(counted|edge) local:edge\n");
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\nESTABLISHED>CLOSE_WAIT *\n"
	               "CLOSE_WAIT>LAST_ACK * seq=1 ack=2\nLAST_ACK>CLOSED inferred by segment\nclose graceful inferred\n"
	               "by remote:@(counted|edge) remote:*\n");
}

/* The SYN is lost until nobody listens any more: its repetition is refused. */
static void test_refused(void **state)
{
	int listener = sockets_listen(HERE, 0, 5), client;
	struct tuple t;

	(void)state;
	witness_know_listener(listener);
	sockets_deafen(listener);
	t = begin(&client, listener);
	witness_await(&t, STATE_SYN_SENT);
	close(listener);
	/* The socket leaves the kernel's table with the RST, and is held on; nobody can tell yet what ended it. */
	witness_await(&t, STATE_CLOSED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED ambiguous by reset\nclose ambiguous ambiguous\nby local:edge -:-\n");
	/* Its notice has counted the RST. */
	close(client);
	witness_await_key(&t, "cause", "refused");
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED ambiguous by reset\nclose ambiguous ambiguous\n"
	               "cause refused\nby local:edge -:-\n");
}

/* connect() itself reports the refusal, and the kernel clears the socket: nothing is left to call it by. */
static void test_refused_unseen(void **state)
{
	int listener = listen_here(), client = sockets_make(HERE);
	uint16_t port = sockets_port(listener);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	(void)state;
	close(listener);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(client);
}

static void test_the_refusal_unseen_was_counted(void **state)
{
	(void)state;
	assert_true(witness_coverage("unsampled_ends") >= 1);
}

/* No answer ever: the kernel gives up after one repetition. */
static void test_connecting_in_vain(void **state)
{
	int listener = listen_here(), client = sockets_make(HERE), once = 1;
	struct endpoint there = sockets_tuple(listener).local;
	struct tuple t;

	(void)state;
	sockets_deafen(listener);
	assert_int_equal(setsockopt(client, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof once), 0);
	sockets_connect_fd(client, HERE, there.port);
	t = ends_to(client, &there);
	witness_await(&t, STATE_SYN_SENT);
	witness_await(&t, STATE_CLOSED);
	close(client);
	witness_await_key(&t, "cause", "timed_out");
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED ambiguous by reset\nclose ambiguous ambiguous\n"
	               "cause timed_out\nby local:edge -:-\n");
}

/* The program does not wait for the answer. */
static void test_given_up_by_the_program(void **state)
{
	int listener = listen_here(), client;
	struct tuple t;

	(void)state;
	sockets_deafen(listener);
	t = begin(&client, listener);
	witness_await(&t, STATE_SYN_SENT);
	close(client);
	witness_await(&t, STATE_CLOSED);
	witness_expect(&t, 0, GIVEN_UP);
}

/* With SO_LINGER 0 the kernel clears the socket first, as it does when a connection is refused: which of them it was, cannot be told. */
static void test_given_up_without_linger(void **state)
{
	int listener = listen_here(), client;
	struct tuple t;

	(void)state;
	sockets_deafen(listener);
	t = begin(&client, listener);
	witness_await(&t, STATE_SYN_SENT);
	sockets_reset(client);
	witness_await(&t, STATE_CLOSED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>CLOSED ambiguous by @(reset|timeout)\nclose @(refused|ambiguous) ambiguous\n"
	               "by local:edge -:-\n");
}

/* TCP_DEFER_ACCEPT: the kernel lets the final ACK wait for data. */
static void test_deferred_accept(void **state)
{
	int listener = listen_here(), seconds = 30, client, server;
	struct tuple t, mirrored;

	(void)state;
	assert_int_equal(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds), 0);
	t = begin(&client, listener);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_SYN_RECV);
	assert_true(witness_lacks(&mirrored, "inode") && witness_lacks(&mirrored, "uid"));
	assert_int_equal(send(client, "data", 4, 0), 4);
	server = sockets_accept(listener);
	read_all(server, 4);
	witness_await(&mirrored, STATE_ESTABLISHED);
	assert_int_equal(witness_cookies(&mirrored), 1);
	close(client);
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "ESTABLISHED>CLOSE_WAIT *by remote:edge remote:*\n");
	witness_expect(&t, 0, "CLOSED>SYN_SENT @(observed|inferred) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
	               "ESTABLISHED>FIN_WAIT1 @(inferred|observed)?( seq=5)\n*by local:* local:edge\n");
}

/* The wire holds the last ACK. The SYN+ACK repeated, which it answers with another, finds the way open. */
static void test_last_ack_held_up(void **state)
{
	int listener = listen_here(), client, server;
	struct tuple t, mirrored;

	(void)state;
	sockets_deafen_to(listener, FLAG_SYN | FLAG_ACK, FLAG_ACK);
	t = begin(&client, listener);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_SYN_RECV);
	sockets_undeafen(listener);
	witness_await(&mirrored, STATE_ESTABLISHED);
	server = sockets_accept(listener);
	assert_int_equal(witness_cookies(&mirrored), 1);
	close(server);
	close(client);
	witness_await(&mirrored, STATE_TIME_WAIT);
	witness_await(&t, STATE_CLOSED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT @(observed|inferred) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
	               "ESTABLISHED>CLOSE_WAIT *close graceful inferred\n*");
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "ESTABLISHED>FIN_WAIT1 *by remote:edge local:edge\n");
}

/* The client gives up while its handshake is half done: the SYN+ACK, sent again, is answered with an RST. Nothing is noticed when a request socket goes. */
static void test_half_open_in_vain(void **state)
{
	int listener = listen_here(), client = sockets_make(HERE);
	struct endpoint there = sockets_tuple(listener).local;
	struct tuple t, mirrored;

	(void)state;
	sockets_deafen(client);
	sockets_connect_fd(client, HERE, there.port);
	t = ends_to(client, &there);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_SYN_SENT);
	witness_await(&mirrored, STATE_SYN_RECV);
	close(client);
	witness_await(&t, STATE_CLOSED);
	witness_await(&mirrored, STATE_CLOSED);
	witness_expect(&t, 0, GIVEN_UP);
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>CLOSED ambiguous by reset\nclose ambiguous ambiguous\n"
	               "by remote:edge -:-\n");
}

/* The accept queue is full: a SYN is not answered, and an ACK that ends a handshake is not heard. */
static void test_full_backlog(void **state)
{
	enum { LIMIT = 2, ACCEPTABLE = LIMIT + 1, COUNT = ACCEPTABLE + 2 };
	int listener = sockets_listen(HERE, 0, LIMIT), clients[COUNT];
	struct tuple t[COUNT], mirrored[COUNT], listening;

	(void)state;
	witness_know_listener(listener);
	for (unsigned i = 0; i < COUNT; i++) {
		if (i == ACCEPTABLE - 1)
			sockets_deafen_to(listener, FULL_SYN_ACK, FLAG_ACK);
		t[i] = begin(&clients[i], listener);
		mirrored[i] = tuple_mirrored(&t[i]);
		witness_know(&t[i]);
		witness_know(&mirrored[i]);
		/* Two handshakes are held up, whose last ACKs come both at once. */
		witness_await(&mirrored[i], i < ACCEPTABLE - 1 ? STATE_ESTABLISHED : STATE_SYN_RECV);
		if (i == ACCEPTABLE)
			break;
	}
	sockets_undeafen(listener);
	while (!witness_is_in(&mirrored[LIMIT], STATE_ESTABLISHED) && !witness_is_in(&mirrored[LIMIT + 1], STATE_ESTABLISHED))
		witness_await_sweeps(0);
	t[COUNT - 1] = begin(&clients[COUNT - 1], listener);
	mirrored[COUNT - 1] = tuple_mirrored(&t[COUNT - 1]);
	witness_know(&mirrored[COUNT - 1]);
	witness_await(&t[COUNT - 1], STATE_SYN_SENT);
	listening = sockets_tuple(listener);
	endpoint_set_v4(&listening.remote, &(struct in_addr){0}, 0);
	witness_await_number(&listening, "wqueue", LIMIT);
	witness_await_number(&listening, "rqueue", ACCEPTABLE);
	for (unsigned i = 0; i < COUNT; i++)
		close(sockets_accept(listener));
	for (unsigned i = 0; i < COUNT; i++) {
		witness_await(&t[i], STATE_CLOSE_WAIT);
		close(clients[i]);
		witness_await(&t[i], STATE_CLOSED);
	}
	for (unsigned i = LIMIT; i < LIMIT + 2; i++) {
		witness_expect(&mirrored[i], 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED *\n"
		               "ESTABLISHED>FIN_WAIT1 *by remote:edge local:edge\n");
		assert_int_equal(witness_cookies(&mirrored[i]), 1);
	}
	witness_expect(&t[COUNT - 1], 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>ESTABLISHED * seq=1 ack=1\n"
	               "ESTABLISHED>CLOSE_WAIT observed ack=2\n*"
	               "close graceful inferred\nby local:edge remote:edge\n");
	close(listener);
}

/* A socket that connects to itself: its SYN comes to it, and the SYN+ACK that it answers with. */
static void test_self_connect(void **state)
{
	struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof self;
	int fd = sockets_make(HERE);
	struct tuple t;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&self, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&self, &len), 0);
	sockets_deafen(fd);
	sockets_connect_fd(fd, HERE, ntohs(self.sin_port));
	t = ends_to(fd, &(struct endpoint){.port = 0});
	t.remote = t.local;
	witness_await(&t, STATE_SYN_SENT);
	sockets_deafen_to(fd, FULL_SYN_ACK, FULL_SYN_ACK);
	witness_await(&t, STATE_SYN_RECV);
	sockets_undeafen(fd);
	witness_await(&t, STATE_ESTABLISHED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "*by both:edge *");
	close(fd);
	witness_await(&t, STATE_TIME_WAIT);
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "*>TIME_WAIT *by both:edge *\n");
}

/* Two sockets whose SYNs cross on the wire (RFC 9293, figure 7). */
static void test_crossing_syns(void **state)
{
	int tap = wire_tap(), one = sockets_make(HERE), two = sockets_make(HERE);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct segment syn_of_one, syn_of_two;
	struct tuple t, mirrored;

	(void)state;
	assert_int_equal(bind(one, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(bind(two, (struct sockaddr *)&any, sizeof any), 0);
	t = sockets_tuple(one);
	t.remote = sockets_tuple(two).local;
	mirrored = tuple_mirrored(&t);
	sockets_deafen(one);
	sockets_deafen(two);
	sockets_connect_fd(one, HERE, t.remote.port);
	sockets_connect_fd(two, HERE, t.local.port);
	syn_of_one = wire_hear(tap, &t, FULL_SYN_ACK, FLAG_SYN);
	syn_of_two = wire_hear(tap, &mirrored, FULL_SYN_ACK, FLAG_SYN);
	witness_await(&t, STATE_SYN_SENT);
	witness_await(&mirrored, STATE_SYN_SENT);
	sockets_deafen_to(one, FLAG_ACK, FLAG_ACK);
	sockets_deafen_to(two, FLAG_ACK, FLAG_ACK);
	wire_send(tap, &syn_of_one);
	wire_send(tap, &syn_of_two);
	witness_await(&t, STATE_SYN_RECV);
	witness_await(&mirrored, STATE_SYN_RECV);
	sockets_undeafen(one);
	sockets_undeafen(two);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	witness_expect(&t, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"
	               "*by both:edge *");
	witness_expect(&mirrored, 0, "CLOSED>SYN_SENT observed seq=0\nSYN_SENT>SYN_RECV observed seq=0 ack=1\n"
	               "SYN_RECV>ESTABLISHED observed\n*by both:edge *");
	close(one);
	close(two);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	close(tap);
}

/* ---- TCP Fast Open (RFC 7413): data in the SYN, and a full socket before the handshake is over ---- */

static void allow_fast_open(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_fastopen", "we");

	assert_non_null(f);
	assert_true(fputs("3", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int connect_fast(int listener, const char *data, size_t len, struct tuple *t)
{
	int client = sockets_make(HERE);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sockets_port(listener)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct endpoint there = sockets_tuple(listener).local;

	/* Without a cookie yet the data follows; it is not waited for. */
	assert_int_equal(sendto(client, data, len, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to), len);
	*t = ends_to(client, &there);
	return client;
}

/* The cookie is the first connection's. */
static int listen_fast(void)
{
	int listener = listen_here(), queue = 5, client;
	struct tuple t, mirrored;

	allow_fast_open();
	assert_int_equal(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue), 0);
	client = connect_fast(listener, "first", 5, &t);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	sockets_reset(client);
	sockets_reset(sockets_accept(listener));
	witness_know(&t);
	witness_know(&mirrored);
	return listener;
}

/* The server has accepted and read while it still waits for the last ACK. */
static void test_fast_open(void **state)
{
	int listener = listen_fast(), client, server;
	struct tuple t, mirrored;

	(void)state;
	sockets_deafen_to(listener, FULL_SYN_ACK, FLAG_ACK); /* what it makes inherits that */
	client = connect_fast(listener, "hello", 5, &t);
	mirrored = tuple_mirrored(&t);
	server = sockets_accept(listener);
	read_all(server, 5);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_SYN_RECV);
	sockets_undeafen(server);
	sockets_undeafen(listener);
	witness_await(&mirrored, STATE_ESTABLISHED);
	close(client);
	witness_await(&mirrored, STATE_CLOSE_WAIT);
	witness_await(&t, STATE_FIN_WAIT2);
	close(server);
	witness_await(&mirrored, STATE_CLOSED);
	witness_await(&t, STATE_TIME_WAIT);
	witness_expect(&t, 0, "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
	               "ESTABLISHED>FIN_WAIT1 @(inferred?( seq=6)|observed?( seq=6))\n"
	               "FIN_WAIT1>FIN_WAIT2 observed\nFIN_WAIT2>TIME_WAIT observed seq=7 ack=2\nby local:* local:edge\n");
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\nESTABLISHED>CLOSE_WAIT observed ack=7\n"
	               "CLOSE_WAIT>LAST_ACK @(inferred|observed) seq=1 ack=7\nLAST_ACK>CLOSED inferred by segment\n"
	               "close graceful inferred\n"
	               "by remote:* remote:edge\n");
	close(listener);
}

/* And it closes before that. */
static void test_fast_open_closed_in_syn_recv(void **state)
{
	int listener = listen_fast(), client, server;
	struct tuple t, mirrored;

	(void)state;
	sockets_deafen_to(listener, FULL_SYN_ACK, FLAG_ACK);
	client = connect_fast(listener, "hello", 5, &t);
	mirrored = tuple_mirrored(&t);
	server = sockets_accept(listener);
	read_all(server, 5);
	witness_await(&mirrored, STATE_SYN_RECV);
	close(server);
	witness_await(&mirrored, STATE_FIN_WAIT1);
	witness_expect(&mirrored, 0, "LISTEN>SYN_RECV observed seq=0 ack=1\nSYN_RECV>FIN_WAIT1 observed seq=1\nby remote:* local:edge\n");
	sockets_reset(client);
	witness_know(&mirrored);
	witness_know(&t);
	close(listener);
}

/* To its own port: the kernel answers a socket's SYN with its own. */
static void test_connected_to_itself(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = sockets_make(HERE);
	struct tuple t;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	at.sin_port = htons(sockets_port(fd));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	t = sockets_tuple(fd);
	witness_await(&t, STATE_ESTABLISHED);
	close(fd);
	witness_await(&t, STATE_TIME_WAIT);
	witness_expect(&t, 0, "CLOSED>SYN_SENT inferred seq=0\nSYN_SENT>SYN_RECV inferred*\nSYN_RECV>ESTABLISHED observed*\n"
	               "ESTABLISHED>FIN_WAIT1 *TIME_WAIT *by both:peer both:peer\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_established_but_not_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_unseen),
		cmocka_unit_test(test_connecting_in_vain),
		cmocka_unit_test(test_given_up_by_the_program),
		cmocka_unit_test(test_given_up_without_linger),
		cmocka_unit_test(test_deferred_accept),
		cmocka_unit_test(test_last_ack_held_up),
		cmocka_unit_test(test_half_open_in_vain),
		cmocka_unit_test(test_self_connect),
		cmocka_unit_test(test_crossing_syns),
		cmocka_unit_test(test_full_backlog),
		cmocka_unit_test(test_fast_open),
		cmocka_unit_test(test_fast_open_closed_in_syn_recv),
		cmocka_unit_test(test_connected_to_itself),
		cmocka_unit_test(witness_check_all),
		cmocka_unit_test(test_the_refusal_unseen_was_counted),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, witness_start, witness_stop);
}
