/*
 * Destroying real sockets in a network namespace of our own: in each kind of state, as root and as an ordinary user, and never one that took the place of the one
 * that was named.
 */
#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab/private_net.h"
#include "sockets.h"
#include "watch/destroy.h"

#define HERE "127.0.0.1"
#define NOBODY 65534

static int diag, port_fd;

static struct lookup named(int fd)
{
	struct lookup which = {.tuple = sockets_tuple(fd)};
	socklen_t len = sizeof which.cookie;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &which.cookie, &len), 0);
	/* A listener's other end, as sock_diag has it. */
	if (which.tuple.family == AF_INET && which.tuple.remote.port == 0)
		endpoint_set_v4(&which.tuple.remote, "\0\0\0\0", 0);
	return which;
}

struct pair {
	int listener, client, server;
};

static struct pair open_pair(const char *address)
{
	struct pair p = {.listener = sockets_listen(address, 0, 5)};

	p.client = sockets_connect(address, sockets_port(p.listener));
	p.server = sockets_accept(p.listener);
	return p;
}

static void close_pair(struct pair *p)
{
	close(p->listener);
	close(p->client);
	close(p->server);
}

static void expect_error(int fd, int error)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, error);
}

static void test_established(void **state)
{
	static const char *const addresses[] = {HERE, "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct pair p = open_pair(addresses[i]);
		const struct lookup which = named(p.client);

		assert_int_equal(destroy_socket(port_fd, &which), 0);
		expect_error(p.client, ECONNABORTED);
		expect_error(p.server, ECONNRESET);
		assert_int_equal(sockets_diag_state(diag, &which.tuple), STATE_NONE);
		assert_int_equal(destroy_socket(port_fd, &which), -ENOENT);
		close_pair(&p);
	}
}

/* An IPv6 socket that serves IPv4 is looked for as the kernel has it. */
static void test_mapped(void **state)
{
	struct pair p = {.listener = sockets_listen("::ffff:127.0.0.1", 0, 5)};
	struct lookup which;

	(void)state;
	p.client = sockets_connect(HERE, sockets_port(p.listener));
	p.server = sockets_accept(p.listener);
	which = named(p.server);
	assert_int_equal(destroy_socket(port_fd, &which), 0);
	expect_error(p.server, ECONNABORTED);
	close_pair(&p);
}

static void test_time_wait(void **state)
{
	struct pair p = open_pair(HERE);
	const struct lookup which = named(p.client);

	(void)state;
	close(p.client);
	close(p.server);
	close(p.listener);
	assert_int_equal(sockets_diag_state(diag, &which.tuple), STATE_TIME_WAIT);
	assert_int_equal(destroy_socket(port_fd, &which), 0);
	assert_int_equal(sockets_diag_state(diag, &which.tuple), STATE_NONE);
}

static void test_listener(void **state)
{
	int listener = sockets_listen(HERE, 0, 5), other = sockets_listen("::1", sockets_port(listener), 5);
	const struct lookup which = named(listener), left = named(other);

	(void)state;
	assert_int_equal(destroy_socket(port_fd, &which), 0);
	assert_int_equal(sockets_diag_state(diag, &which.tuple), STATE_NONE);
	assert_int_equal(sockets_diag_state(diag, &left.tuple), STATE_LISTEN);
	close(listener);
	close(other);
}

/* The same two ends, another socket: it was not the one that was named. */
static void test_replaced(void **state)
{
	struct pair p = open_pair(HERE);
	const struct lookup gone = named(p.client);
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(gone.tuple.local.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int client = sockets_make(HERE), yes = 1;
	struct lookup present;

	(void)state;
	sockets_reset(p.client);
	assert_int_equal(sockets_diag_state(diag, &gone.tuple), STATE_NONE);
	close(p.server);
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
	assert_int_equal(bind(client, (struct sockaddr *)&local, sizeof local), 0);
	sockets_connect_fd(client, HERE, gone.tuple.remote.port);
	p.server = sockets_accept(p.listener);
	present = named(client);
	assert_true(tuple_equal(&present.tuple, &gone.tuple));
	assert_true(present.cookie != gone.cookie);
	assert_int_equal(destroy_socket(port_fd, &gone), -ENOENT);
	expect_error(client, EAGAIN);
	assert_int_equal(sockets_diag_state(diag, &gone.tuple), STATE_ESTABLISHED);
	assert_int_equal(send(client, "x", 1, MSG_NOSIGNAL), 1);
	p.client = client;
	close_pair(&p);
}

/* In the place of a connection that is gone the kernel may answer with the listener of its port. */
static void test_listener_does_not_stand_in(void **state)
{
	struct pair p = open_pair(HERE);
	const struct lookup which = named(p.server);
	const struct tuple listener = named(p.listener).tuple;

	(void)state;
	sockets_reset(p.server);
	assert_int_equal(destroy_socket(port_fd, &which), -ENOENT);
	assert_int_equal(sockets_diag_state(diag, &listener), STATE_LISTEN);
	close(p.client);
	close(p.listener);
}

static void test_what_cannot_be_told_apart(void **state)
{
	struct pair p = open_pair(HERE);
	struct lookup which = named(p.client);

	(void)state;
	which.cookie = 0;
	assert_int_equal(destroy_socket(port_fd, &which), -ENODATA);
	which = named(p.client);
	which.netns = 0x7fffffff;
	assert_int_equal(destroy_socket(port_fd, &which), -EXDEV);
	expect_error(p.client, EAGAIN);
	close_pair(&p);
}

/* ---- privilege ---- */

/* What `run` answers in a process of its own. */
static int in_child(int (*run)(const struct lookup *which), const struct lookup *which)
{
	int status = -1, pipe_fds[2], result = -ECHILD;
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	if (child == 0) {
		result = run(which);
		_exit(write(pipe_fds[1], &result, sizeof result) != sizeof result);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &result, sizeof result), sizeof result);
	close(pipe_fds[0]);
	waitpid(child, &status, 0);
	return result;
}

/* From root to somebody else; within a user namespace, to the same without a capability. */
static int without_privilege(const struct lookup *which)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	int fd;

	if (geteuid() == 0 ? setgid(NOBODY) || setuid(NOBODY) : syscall(SYS_capset, &head, none))
		return -EINVAL;
	fd = destroy_open();
	return fd < 0 ? fd : destroy_socket(fd, which);
}

static void test_ordinary_user(void **state)
{
	struct pair p = open_pair(HERE);
	const struct lookup which = named(p.client);

	(void)state;
	assert_int_equal(in_child(without_privilege, &which), -EPERM);
	expect_error(p.client, EAGAIN);
	assert_int_equal(sockets_diag_state(diag, &which.tuple), STATE_ESTABLISHED);
	close_pair(&p);
}

/* In a network namespace that an ordinary user has made, everything is allowed to that user. */
static int in_own_namespace(const struct lookup *unused)
{
	struct pair p;
	struct lookup which;
	int fd;

	(void)unused;
	if (geteuid() == 0 && (setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1)))
		return -EINVAL;
	if (private_net_enter()) /* where user namespaces are refused there is no such thing */
		return 0;
	p = open_pair(HERE);
	which = named(p.client);
	fd = destroy_open();
	return fd < 0 ? fd : destroy_socket(fd, &which);
}

static void test_ordinary_user_at_home(void **state)
{
	(void)state;
	assert_int_equal(in_child(in_own_namespace, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_established),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_time_wait),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_listener_does_not_stand_in),
		cmocka_unit_test(test_what_cannot_be_told_apart),
		cmocka_unit_test(test_ordinary_user),
		cmocka_unit_test(test_ordinary_user_at_home),
	};
	struct pair p;
	struct lookup which;

	sockets_enter_namespace();
	diag = sockets_diag_open();
	port_fd = destroy_open();
	p = open_pair(HERE);
	which = (struct lookup){.tuple = sockets_tuple(p.client)};
	if (sockets_destroy(diag, &which.tuple) == -EOPNOTSUPP) {
		printf("1..0 # SKIP this kernel has no CONFIG_INET_DIAG_DESTROY\n");
		return 0;
	}
	close_pair(&p);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
