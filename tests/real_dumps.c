/*
 * What sock_diag answers, and what our dumper makes of it: which requests there are, what they list, and how they fail
 * (DESIGN.md, facts 5, 6, 8 and 9). On a private host that has a socket in most states.
 */
#include "config.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "raw_diag.h"
#include "seen.h"
#include "sockets.h"
#include "watch/dump.h"
#include "watch_liar.h"

#define HERE "127.0.0.1"
#define CROWD 100
#define ALL_STATES (STATE_BIT(STATE_COUNT) - 2)
/* Nobody speaks it (IANA: for experiments). */
#define PROTOCOL_OF_NOBODY 254

struct pair {
	int client, server;
	struct tuple t, mirrored;
};

static int diag, listeners[3];

static struct pair open_pair(unsigned listener)
{
	static const char *const called[] = {HERE, "::1", HERE};
	struct pair p = {.client = sockets_connect(called[listener], sockets_port(listeners[listener]))};

	p.server = sockets_accept(listeners[listener]);
	p.t = sockets_tuple(p.client);
	p.mirrored = sockets_tuple(p.server);
	return p;
}

static void close_pair(const struct pair *p)
{
	sockets_reset(p->client);
	sockets_reset(p->server);
}

/* ---- sets of sockets ---- */

static bool is_in(const struct raw_socket *s, const void *states)
{
	return STATE_BIT(s->state) & *(const uint32_t *)states;
}

/* `part` is what `belongs` says of `whole`, each socket once. */
static void check_part(const struct raw_answer *whole, const struct raw_answer *part, bool (*belongs)(const struct raw_socket *s, const void *context),
		       const void *context)
{
	size_t belonging = 0;

	for (size_t i = 0; i < whole->count; i++) {
		if (!belongs(&whole->sockets[i], context))
			continue;
		belonging++;
		assert_non_null(raw_find_cookie(part, whole->sockets[i].cookie));
	}
	assert_int_equal(part->count, belonging);
	assert_int_equal(part->end, NLMSG_DONE);
	assert_int_equal(part->error, 0);
}

static struct raw_answer dump_family(uint8_t family, uint8_t protocol)
{
	const struct raw_request r = {.type = SOCK_DIAG_BY_FAMILY, .family = family, .protocol = protocol, .states = ALL_STATES, .dump = true};

	return raw_ask(diag, &r);
}

/* ---- fact 5: requests ---- */

static void test_no_family_is_refused(void **state)
{
	struct raw_answer a = dump_family(0, IPPROTO_TCP);

	(void)state;
	assert_int_equal(a.count, 0);
	assert_int_equal(a.end, NLMSG_ERROR);
	assert_int_equal(a.error, -ENOENT);
	raw_answer_fini(&a);
}

static bool is_of_family(const struct raw_socket *s, const void *family)
{
	return s->tuple.family == *(const uint8_t *)family;
}

/* And the new one lists one family only. */
static void test_the_old_request_lists_both_families(void **state)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	struct raw_answer both = raw_dump(diag, ALL_STATES);
	size_t sum = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct raw_answer one = dump_family(families[i], IPPROTO_TCP);

		assert_true(one.count > 0);
		check_part(&both, &one, is_of_family, &families[i]);
		sum += one.count;
		raw_answer_fini(&one);
	}
	assert_int_equal(both.count, sum);
	raw_answer_fini(&both);
}

/* Ours makes one request, and another where that is refused (watch_liar_test). */
static void test_our_dump_is_all_of_it_in_one_request(void **state)
{
	struct raw_answer both = raw_dump(diag, ALL_STATES);
	static struct seen seen;
	struct dumper d;
	uint32_t sequence;

	(void)state;
	assert_int_equal(dumper_init(&d, -1), 0);
	sequence = d.port.sequence;
	assert_int_equal(seen_dump(&d, DUMP_ALL_STATES, &seen).why_not, SWEEP_WHOLE);
	assert_int_equal(d.port.sequence, sequence + 1);
	assert_false(d.by_family);
	dumper_fini(&d);
	assert_int_equal(seen.count, both.count);
	for (unsigned i = 0; i < seen.count; i++) {
		const struct raw_socket *s = raw_find_cookie(&both, seen.samples[i].cookie);

		assert_true(s && tuple_equal(&s->tuple, &seen.samples[i].tuple));
		assert_true(s && s->state == seen.samples[i].state && s->inode == seen.samples[i].inode);
	}
	raw_answer_fini(&both);
}

static void test_listeners_alone(void **state)
{
	static const uint32_t listen_bit = STATE_BIT(STATE_LISTEN);
	struct raw_answer all = raw_dump(diag, ALL_STATES), listening = raw_dump(diag, listen_bit);

	(void)state;
	assert_true(listening.count >= 3);
	check_part(&all, &listening, is_in, &listen_bit);
	raw_answer_fini(&all);
	raw_answer_fini(&listening);
}

/* With its cookie a socket is found, or nothing is; also when another has the same ends. */
static void test_a_cookie_that_is_gone(void **state)
{
	struct pair p = open_pair(0);
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(p.t.local.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct raw_socket s;
	uint64_t cookie;

	(void)state;
	assert_int_equal(raw_look_up(diag, &p.t, 0, &s), 0);
	cookie = s.cookie;
	assert_int_equal(raw_look_up(diag, &p.t, cookie, &s), 0);
	assert_int_equal(s.state, STATE_ESTABLISHED);
	close_pair(&p);
	assert_int_equal(raw_look_up(diag, &p.t, cookie, &s), -ENOENT);
	p.client = sockets_make(HERE);
	assert_int_equal(bind(p.client, (struct sockaddr *)&from, sizeof from), 0);
	sockets_connect_fd(p.client, HERE, sockets_port(listeners[0]));
	p.server = sockets_accept(listeners[0]);
	assert_int_equal(raw_look_up(diag, &p.t, 0, &s), 0);
	assert_int_not_equal(s.cookie, cookie);
	assert_int_equal(raw_look_up(diag, &p.t, cookie, &s), -ENOENT);
	close_pair(&p);
}

/* ---- fact 6: what is left out in the kernel ---- */

static void test_states_leave_out_the_others_alone(void **state)
{
	struct raw_answer all = raw_dump(diag, ALL_STATES);
	unsigned found = 0;

	(void)state;
	for (unsigned i = 1; i < STATE_COUNT; i++) {
		const uint32_t masks[] = {STATE_BIT(i), ALL_STATES & ~STATE_BIT(i)};

		for (unsigned j = 0; j < 2; j++) {
			struct raw_answer part = raw_dump(diag, masks[j]);

			check_part(&all, &part, is_in, &masks[j]);
			found += j == 0 && part.count > 0;
			raw_answer_fini(&part);
		}
	}
	/* Of ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT2, TIME_WAIT, CLOSE_WAIT and LISTEN the host has some. */
	assert_true(found >= 7);
	raw_answer_fini(&all);
}

struct split {
	uint16_t port;
	bool above;
};

static bool is_on_side(const struct raw_socket *s, const void *context)
{
	const struct split *split = context;

	return (s->tuple.local.port >= split->port) == split->above;
}

static struct raw_answer dump_side(const struct split *split)
{
	/* Yes goes to the end; no beyond it. */
	const struct inet_diag_bc_op code[] = {
		{.code = split->above ? INET_DIAG_BC_S_GE : INET_DIAG_BC_S_LE, .yes = 8, .no = 12},
		{.no = split->above ? split->port : (uint16_t)(split->port - 1)},
	};
	const struct raw_request r = {.type = TCPDIAG_GETSOCK, .states = ALL_STATES, .dump = true, .code = code, .code_len = sizeof code};

	return raw_ask(diag, &r);
}

/* Two dumps, split by port, are one. */
static void test_bytecode_leaves_out_the_others_alone(void **state)
{
	struct raw_answer all = raw_dump(diag, ALL_STATES);
	struct split split = {0};
	uint16_t lowest = UINT16_MAX, highest = 0;
	size_t sum = 0;

	(void)state;
	for (size_t i = 0; i < all.count; i++) {
		lowest = all.sockets[i].tuple.local.port < lowest ? all.sockets[i].tuple.local.port : lowest;
		highest = all.sockets[i].tuple.local.port > highest ? all.sockets[i].tuple.local.port : highest;
	}
	split.port = (uint16_t)(lowest + (highest - lowest + 1) / 2);
	for (unsigned i = 0; i < 2; i++) {
		struct raw_answer side;

		split.above = i;
		side = dump_side(&split);
		assert_true(side.count > 0);
		check_part(&all, &side, is_on_side, &split);
		sum += side.count;
		raw_answer_fini(&side);
	}
	assert_int_equal(sum, all.count);
	raw_answer_fini(&all);
}

/* ---- fact 8: a dump that could not be made ---- */

static struct raw_answer no_handler;

static void answer_as_the_kernel_did(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct nlmsghdr *head = (struct nlmsghdr *)no_handler.end_bytes;

	(void)number;
	head->nlmsg_seq = request->nlmsg_seq;
	liar_send_bytes(l, no_handler.end_bytes, no_handler.end_len);
}

/* It ends as one does that found nothing, but for the number in it. Our dumper is given those very bytes. */
static void test_a_missing_handler_is_an_empty_dump_with_an_error(void **state)
{
	static struct seen seen;
	struct dump_result result;
	struct dumper d;
	struct liar l;

	(void)state;
	no_handler = dump_family(AF_INET, PROTOCOL_OF_NOBODY);
	assert_int_equal(no_handler.count, 0);
	assert_int_equal(no_handler.end, NLMSG_DONE);
	assert_int_equal(no_handler.error, -ENOENT);
	liar_start(&l, answer_as_the_kernel_did);
	assert_int_equal(dumper_init(&d, l.fd), 0);
	result = seen_dump(&d, DUMP_ALL_STATES, &seen);
	assert_int_equal(result.why_not, SWEEP_FAILED);
	assert_int_equal(result.error, -ENOENT);
	assert_int_equal(seen.count, 0);
	dumper_fini(&d);
	liar_join(&l);
	raw_answer_fini(&no_handler);
}

/* ---- fact 9: what is received ---- */

/* Nothing tells of it but MSG_TRUNC. */
static void test_a_small_buffer_loses_sockets(void **state)
{
	struct raw_request r = {.type = TCPDIAG_GETSOCK, .states = STATE_BIT(STATE_ESTABLISHED), .dump = true, .room = 1024};
	struct raw_answer small = raw_ask(diag, &r), large;

	(void)state;
	assert_int_equal(small.end, NLMSG_DONE);
	assert_int_equal(small.error, 0);
	assert_true(small.count < CROWD);
	assert_true(small.cut > 0);
	r.room = 32768;
	large = raw_ask(diag, &r);
	assert_int_equal(large.cut, 0);
	assert_true(large.count >= 2 * CROWD);
	raw_answer_fini(&small);
	raw_answer_fini(&large);
}

static void test_our_receive_says_that_it_was_too_small(void **state)
{
	const struct raw_request r = {.type = TCPDIAG_GETSOCK, .states = STATE_BIT(STATE_ESTABLISHED), .dump = true};
	int fd = netlink_open(0);
	char bytes[1024];

	(void)state;
	assert_true(fd >= 0);
	raw_send(fd, &r);
	assert_int_equal(netlink_receive(fd, bytes, sizeof bytes), -EMSGSIZE);
	close(fd);
}

/* What was asked before, and read by nobody, is no part of a dump. */
static void test_an_answer_of_before_is_not_taken_in(void **state)
{
	struct pair p = open_pair(0);
	struct raw_request r = {.type = SOCK_DIAG_BY_FAMILY, .family = AF_INET, .protocol = IPPROTO_TCP, .states = ~0u};
	static struct seen seen;
	struct dumper d;

	(void)state;
	assert_int_equal(dumper_init(&d, -1), 0);
	r.id = sockets_diag_identity(&p.t);
	r.sequence = d.port.sequence;
	raw_send(d.port.fd, &r);
	assert_int_equal(seen_dump(&d, STATE_BIT(STATE_LISTEN), &seen).why_not, SWEEP_WHOLE);
	assert_null(seen_find(&seen, &p.t));
	seen_sample(STATE_BIT(STATE_ESTABLISHED), &p.t);
	dumper_fini(&d);
	close_pair(&p);
}

/* ---- the host ---- */

static int open_host(void **state)
{
	static const char *const listening[] = {HERE, "::1", "::ffff:127.0.0.1"};
	struct pair half, over;
	int deaf = sockets_make(HERE);

	(void)state;
	diag = sockets_diag_open();
	for (unsigned i = 0; i < 3; i++)
		listeners[i] = sockets_listen(listening[i], 0, CROWD);
	for (unsigned i = 0; i < CROWD; i++)
		open_pair(i % 3);
	half = open_pair(0);
	shutdown(half.client, SHUT_WR);
	raw_await(diag, &half.t, STATE_FIN_WAIT2);
	over = open_pair(0);
	close(over.client);
	raw_await(diag, &over.t, STATE_FIN_WAIT2);
	close(over.server);
	raw_await(diag, &over.t, STATE_TIME_WAIT);
	/* SYN_SENT, and SYN_RECV at the other end. */
	sockets_deafen(deaf);
	sockets_connect_fd(deaf, HERE, sockets_port(listeners[0]));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_family_is_refused),
		cmocka_unit_test(test_the_old_request_lists_both_families),
		cmocka_unit_test(test_our_dump_is_all_of_it_in_one_request),
		cmocka_unit_test(test_listeners_alone),
		cmocka_unit_test(test_a_cookie_that_is_gone),
		cmocka_unit_test(test_states_leave_out_the_others_alone),
		cmocka_unit_test(test_bytecode_leaves_out_the_others_alone),
		cmocka_unit_test(test_a_missing_handler_is_an_empty_dump_with_an_error),
		cmocka_unit_test(test_a_small_buffer_loses_sockets),
		cmocka_unit_test(test_our_receive_says_that_it_was_too_small),
		cmocka_unit_test(test_an_answer_of_before_is_not_taken_in),
	};

	/* Many dumps are made, which a host with a million sockets would slow down. */
	sockets_enter_table(1024);
	if (!sockets_allow(4 * CROWD + 64))
		return 99;
	return cmocka_run_group_tests(tests, open_host, NULL);
}
