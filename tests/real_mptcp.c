/* MPTCP (RFC 8684): its subflows are TCP connections, told as such and named as what they are. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sockets.h"
#include "witness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define OPENED "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
#define TAKEN "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"

static int listener;

static bool is_named(const struct tuple *t)
{
	return witness_count(t, "open") + witness_count(t, "connection") > 0 && !witness_lacks(t, "mptcp");
}

static int listen_mptcp(struct sockaddr_in *at)
{
	socklen_t len = sizeof *at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof *at) < 0 || listen(fd, 5) < 0 || getsockname(fd, (struct sockaddr *)at, &len) < 0)
		return -1;
	return fd;
}

static void test_subflows_are_named(void **state)
{
	struct sockaddr_in at;
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP), server;
	int own = listen_mptcp(&at);
	struct tuple t, mirrored, listening;

	(void)state;
	assert_true(client >= 0 && own >= 0);
	witness_know_listener(own);
	listening = sockets_tuple(own);
	endpoint_set_v4(&listening.remote, &(struct in_addr){0}, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof at), 0);
	server = sockets_accept(own);
	t = sockets_tuple(client);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	assert_true(is_named(&t));
	assert_true(is_named(&mirrored));
	assert_true(is_named(&listening));
	close(client);
	close(server);
	/* Which of them closes first is for MPTCP to say. */
	while (witness_is_in(&t, STATE_ESTABLISHED) || witness_is_in(&mirrored, STATE_ESTABLISHED))
		witness_await_sweeps(0);
	witness_expect(&t, 0, OPENED "ESTABLISHED>*by local:@(counted|edge) *");
	witness_expect(&mirrored, 0, TAKEN "ESTABLISHED>*by remote:@(counted|edge) *");
}

/* The program has closed, and its subflow is still there: named, it is no leak. */
static void test_a_subflow_outlives_its_close(void **state)
{
	struct sockaddr_in at;
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP), server;
	int own = listen_mptcp(&at);
	struct tuple t, mirrored;

	(void)state;
	assert_true(client >= 0 && own >= 0);
	witness_know_listener(own);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof at), 0);
	server = sockets_accept(own);
	t = sockets_tuple(client);
	mirrored = tuple_mirrored(&t);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	witness_await_key(&t, "inode", NULL);
	close(client);
	witness_await_sweeps(2);
	assert_true(witness_is_in(&t, STATE_ESTABLISHED));
	assert_true(is_named(&t));
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_await(&mirrored, STATE_CLOSED);
	witness_know(&t);
	/* What MPTCP lets go looks like a socket that was thrown away, and was not. */
	witness_expect(&mirrored, 0, TAKEN "*close @(graceful|ambiguous) @(inferred|ambiguous)\nby remote:@(counted|edge) *");
}

/* A plain connection is not called so. */
static void test_plain_tcp_is_not(void **state)
{
	int client = sockets_connect("127.0.0.1", sockets_port(listener)), server = sockets_accept(listener);
	struct tuple t = sockets_tuple(client), mirrored = tuple_mirrored(&t);

	(void)state;
	witness_know_listener(listener);
	witness_await(&t, STATE_ESTABLISHED);
	witness_await(&mirrored, STATE_ESTABLISHED);
	assert_true(witness_lacks(&t, "mptcp"));
	assert_true(witness_lacks(&mirrored, "mptcp"));
	close(client);
	close(server);
	witness_await(&t, STATE_TIME_WAIT);
	witness_know(&t);
	witness_know(&mirrored);
}

static int start(void **state)
{
	listener = sockets_listen("127.0.0.1", 0, 5);
	return witness_start(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subflows_are_named),
		cmocka_unit_test(test_a_subflow_outlives_its_close),
		cmocka_unit_test(test_plain_tcp_is_not),
		cmocka_unit_test(witness_check_all),
	};
	int fd;

	sockets_enter_namespace();
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	if (fd < 0) {
		printf("1..0 # SKIP no MPTCP in this kernel: %s\n", strerror(errno));
		return 0;
	}
	close(fd);
	return cmocka_run_group_tests(tests, start, witness_stop);
}
