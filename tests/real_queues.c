/* What the state and the queues of a socket say (DESIGN.md, facts 10 and 11): by the kernel's own messages, and by our dumper. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "raw_diag.h"
#include "seen.h"
#include "sockets.h"

#define HERE "127.0.0.1"
/* include/net/tcp_states.h: the bit by which sockets that are bound but neither listen nor connect are asked for. */
#define BOUND_INACTIVE_BIT (1u << 13)

static int diag, listener;

static void close_pair(const struct sockets_pair *p)
{
	sockets_reset(p->client);
	sockets_reset(p->server);
}

/* ---- fact 10: states ---- */

/* Also of a request socket, which has neither an inode nor numbers. */
static void test_syn_recv_is_bit_three(void **state)
{
	int deaf = sockets_make(HERE);
	const struct seen *seen;
	struct raw_answer a;
	struct tuple t;

	(void)state;
	sockets_deafen(deaf);
	sockets_connect_fd(deaf, HERE, sockets_port(listener));
	t = sockets_tuple(deaf);
	t.remote = sockets_tuple(listener).local;
	t = tuple_mirrored(&t);
	raw_await(diag, &t, STATE_SYN_RECV);
	a = raw_dump(diag, STATE_BIT(STATE_SYN_RECV));
	seen = seen_in(STATE_BIT(STATE_SYN_RECV));
	assert_int_equal(STATE_BIT(STATE_SYN_RECV), 1 << 3);
	assert_int_equal(a.count, 1);
	assert_int_equal(seen->count, 1);
	assert_int_equal(a.sockets[0].state, STATE_SYN_RECV);
	assert_int_equal(a.sockets[0].inode, 0);
	assert_int_equal(a.sockets[0].info_len, 0);
	assert_int_equal(seen->samples[0].state, STATE_SYN_RECV);
	assert_int_equal(seen->samples[0].has & SAMPLE_HAS_NUMBERS, 0);
	raw_answer_fini(&a);
	sockets_reset(deaf);
}

static void test_two_kinds_of_fin_wait2(void **state)
{
	struct sockets_pair held = sockets_open_pair(HERE, listener), orphan = sockets_open_pair(HERE, listener);
	struct raw_socket s;
	struct sample seen;

	(void)state;
	assert_int_equal(shutdown(held.client, SHUT_WR), 0);
	s = raw_await(diag, &held.t, STATE_FIN_WAIT2);
	assert_int_not_equal(s.inode, 0);
	assert_int_not_equal(s.timer, 3);
	assert_true(s.info_len > 0);
	close(orphan.client);
	s = raw_await(diag, &orphan.t, STATE_FIN_WAIT2);
	assert_int_equal(s.inode, 0);
	assert_int_equal(s.timer, 3);
	assert_int_equal(s.info_len, 0);
	seen = seen_sample(STATE_BIT(STATE_FIN_WAIT2), &orphan.t);
	assert_int_equal(seen.state, STATE_FIN_WAIT2);
	assert_int_equal(seen.timer, TIMER_TIME_WAIT);
	assert_int_equal(seen.has & SAMPLE_HAS_NUMBERS, 0);
	close_pair(&held);
	sockets_reset(orphan.server);
}

/* Bound, and neither listening nor connecting: listed as closed where it is asked for, which we do not. */
static void test_bound_but_inactive(void **state)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = sockets_make(HERE);
	struct raw_answer with, without;
	const struct seen *seen;
	const struct raw_socket *s;
	uint64_t cookie;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	cookie = raw_cookie(fd);
	without = raw_dump(diag, DUMP_ALL_STATES);
	with = raw_dump(diag, DUMP_ALL_STATES | BOUND_INACTIVE_BIT);
	assert_null(raw_find_cookie(&without, cookie));
	if (with.count == without.count) {
		print_message("# this kernel does not list them (before Linux 6.8)\n");
		skip();
	}
	s = raw_find_cookie(&with, cookie);
	assert_true(s && s->state == STATE_CLOSED);
	seen = seen_in(DUMP_ALL_STATES);
	for (unsigned i = 0; i < seen->count; i++)
		assert_int_not_equal(seen->samples[i].cookie, cookie);
	raw_answer_fini(&with);
	raw_answer_fini(&without);
	close(fd);
}

/* However much of tcp_info this kernel has: what we read of it is what getsockopt() says. */
static void test_numbers_are_the_kernels(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	struct tcp_info info = {0};
	socklen_t len = sizeof info;
	struct sample s;

	(void)state;
	assert_int_equal(send(p.client, "question", 8, 0), 8);
	assert_int_equal(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	s = seen_sample(DUMP_ALL_STATES, &p.t);
	assert_int_equal(s.has & (SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT), SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT);
	assert_int_equal(s.numbers.bytes_sent, 8);
	assert_int_equal(s.numbers.bytes_sent, info.tcpi_bytes_sent);
	assert_int_equal(s.numbers.bytes_acked, info.tcpi_bytes_acked);
	assert_int_equal(s.numbers.rtt_us, info.tcpi_rtt);
	assert_int_equal(s.numbers.cwnd, info.tcpi_snd_cwnd);
	close_pair(&p);
}

/* ---- fact 11: queues ---- */

static void test_a_full_accept_queue_holds_one_more_than_its_limit(void **state)
{
	enum { LIMIT = 2 };
	int own = sockets_listen(HERE, 0, LIMIT), clients[LIMIT + 2];
	struct tuple listening = sockets_tuple(own), late;
	struct raw_socket s;

	(void)state;
	endpoint_set_v4(&listening.remote, &(struct in_addr){0}, 0);
	for (unsigned i = 0; i <= LIMIT; i++) {
		clients[i] = sockets_connect(HERE, sockets_port(own));
		assert_int_equal(raw_look_up(diag, &listening, 0, &s), 0);
		assert_int_equal(s.rqueue, i + 1);
		assert_int_equal(s.wqueue, LIMIT);
		assert_int_equal(seen_sample(STATE_BIT(STATE_LISTEN), &listening).rqueue, i + 1);
	}
	/* Now it is full: rqueue > wqueue. The next SYN is not answered, though the SYN of one that came before was. */
	clients[LIMIT + 1] = sockets_connect_begin(HERE, sockets_port(own));
	late = sockets_tuple(clients[LIMIT + 1]);
	late.remote = listening.local;
	raw_await(diag, &late, STATE_SYN_SENT);
	late = tuple_mirrored(&late);
	assert_int_equal(raw_look_up(diag, &late, 0, &s), -ENOENT);
	close(sockets_accept(own));
	assert_int_equal(raw_look_up(diag, &listening, 0, &s), 0);
	assert_int_equal(s.rqueue, LIMIT);
	for (unsigned i = 0; i < LIMIT + 2; i++)
		sockets_reset(clients[i]);
	close(own);
}

static void check_unread(const struct sockets_pair *p, uint32_t rqueue)
{
	struct raw_socket s = raw_await(diag, &p->mirrored, STATE_CLOSE_WAIT);

	assert_int_equal(s.rqueue, rqueue);
	assert_int_equal(seen_sample(STATE_BIT(STATE_CLOSE_WAIT), &p->mirrored).rqueue, rqueue);
}

/* The peer's FIN counts as one. */
static void test_unread_in_close_wait(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	char bytes[8];

	(void)state;
	assert_int_equal(send(p.client, "data", 4, 0), 4);
	assert_int_equal(raw_await(diag, &p.mirrored, STATE_ESTABLISHED).rqueue, 4);
	assert_int_equal(recv(p.server, bytes, 4, 0), 4);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	check_unread(&p, 1);
	assert_int_equal(recv(p.server, bytes, 4, 0), 0);
	check_unread(&p, 0);
	close_pair(&p);
}

/* A FIN that lies behind unread data is taken by the read that takes the last of them: the program has seen no end of file yet. */
static void test_nothing_unread_is_no_end_of_file_seen(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	char bytes[8];

	(void)state;
	assert_int_equal(send(p.client, "data", 4, MSG_MORE), 4);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	check_unread(&p, 5);
	assert_int_equal(recv(p.server, bytes, 3, 0), 3);
	check_unread(&p, 2);
	assert_int_equal(recv(p.server, bytes, 1, 0), 1);
	check_unread(&p, 0);
	assert_int_equal(recv(p.server, bytes, 1, 0), 0);
	check_unread(&p, 0);
	close_pair(&p);
}

static int open_host(void **state)
{
	(void)state;
	diag = sockets_diag_open();
	listener = sockets_listen(HERE, 0, 16);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syn_recv_is_bit_three),
		cmocka_unit_test(test_two_kinds_of_fin_wait2),
		cmocka_unit_test(test_bound_but_inactive),
		cmocka_unit_test(test_numbers_are_the_kernels),
		cmocka_unit_test(test_a_full_accept_queue_holds_one_more_than_its_limit),
		cmocka_unit_test(test_unread_in_close_wait),
		cmocka_unit_test(test_nothing_unread_is_no_end_of_file_seen),
	};

	sockets_enter_table(1024);
	return cmocka_run_group_tests(tests, open_host, NULL);
}
