/*
 * By what a socket is known, and what its numbers say of its life (DESIGN.md, facts 1 to 3 and 15): cookies, inodes, users and counted bytes, as the kernel has them; and
 * what `synfin list` makes of them.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"
#include "raw_diag.h"
#include "sockets.h"
#include "stream.h"

#define HERE "127.0.0.1"

static int diag, notices, listener;

static uint32_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

static void say(int from, int to, size_t len)
{
	char bytes[256] = {0};

	assert_int_equal(send(from, bytes, len, 0), len);
	assert_int_equal(recv(to, bytes, len, MSG_WAITALL), len);
}

/* ---- fact 1: the cookie ---- */

/* Once it was seen: as a request, as a connection, and in TIME_WAIT. */
static void test_a_cookie_that_was_seen_stays(void **state)
{
	int client = sockets_make(HERE), server;
	struct tuple t;
	uint64_t cookie;

	(void)state;
	sockets_deafen(client);
	sockets_connect_fd(client, HERE, sockets_port(listener));
	t = sockets_tuple(client);
	t.remote = sockets_tuple(listener).local;
	t = tuple_mirrored(&t);
	cookie = raw_await(diag, &t, STATE_SYN_RECV).cookie;
	sockets_undeafen(client);
	server = sockets_accept(listener);
	assert_int_equal(raw_await(diag, &t, STATE_ESTABLISHED).cookie, cookie);
	assert_int_equal(raw_cookie(server), cookie);
	close(server);
	raw_await(diag, &t, STATE_FIN_WAIT2);
	close(client);
	assert_int_equal(raw_await(diag, &t, STATE_TIME_WAIT).cookie, cookie);
	raw_notice_await(notices, cookie);
}

/* Nobody has looked before: the notice gets one, and the remnant another. */
static void test_a_cookie_is_made_when_it_is_looked_at(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	struct raw_socket s, remnant;

	(void)state;
	close(p.client);
	close(p.server);
	do {
		assert_int_equal(poll(&(struct pollfd){.fd = notices, .events = POLLIN}, 1, 20000), 1);
		assert_int_equal(raw_notice(notices, &s), 0);
	} while (!tuple_equal(&s.tuple, &p.t));
	remnant = raw_await(diag, &p.t, STATE_TIME_WAIT);
	assert_int_not_equal(s.cookie, 0);
	assert_int_not_equal(remnant.cookie, 0);
	assert_int_not_equal(remnant.cookie, s.cookie);
}

/* The older of two that is looked at later has the greater one. (Each processor has a store of its own, in order.) */
static void test_cookies_are_in_no_order_of_time(void **state)
{
	cpu_set_t all, one;
	struct sockets_pair older, newer;
	uint64_t cookie;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	older = sockets_open_pair(HERE, listener);
	newer = sockets_open_pair(HERE, listener);
	cookie = raw_cookie(newer.client);
	assert_true(raw_cookie(older.client) > cookie);
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	sockets_reset(older.client);
	sockets_reset(newer.client);
	close(older.server);
	close(newer.server);
}

/* ---- fact 2: one socket, one connection after the other ---- */

static void test_a_socket_that_connects_again_is_the_same(void **state)
{
	int client = sockets_connect(HERE, sockets_port(listener)), servers[2] = {sockets_accept(listener)};
	struct tuple first = sockets_tuple(client), second;
	struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct raw_socket before, after;

	(void)state;
	assert_int_equal(raw_look_up(diag, &first, 0, &before), 0);
	assert_int_equal(connect(client, &unspec, sizeof unspec), 0);
	/* Another port, whatever the kernel would have chosen. */
	assert_int_equal(bind(client, (struct sockaddr *)&from, sizeof from), 0);
	sockets_connect_fd(client, HERE, sockets_port(listener));
	servers[1] = sockets_accept(listener);
	second = sockets_tuple(client);
	assert_false(tuple_equal(&first, &second));
	assert_int_equal(raw_look_up(diag, &second, 0, &after), 0);
	assert_int_equal(after.cookie, before.cookie);
	assert_int_equal(after.inode, before.inode);
	assert_int_equal(after.inode, inode_of(client));
	assert_int_equal(raw_look_up(diag, &first, 0, &after), -ENOENT);
	sockets_reset(client);
	close(servers[0]);
	close(servers[1]);
}

/* ---- fact 3: inodes and users ---- */

static void list(struct program *p, struct stream *rows)
{
	static const char *const args[] = {"list", "--json", NULL};

	program_start(p, 0, args);
	assert_int_equal(program_end(p, 0, 20000), 0);
	stream_read(rows, program_output(p));
	assert_string_equal(rows->bad_why, "");
}

static const json_t *row_of(const struct stream *rows, const struct tuple *t, enum tcp_state in)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->lines[i].has_tuple && tuple_equal(&rows->lines[i].tuple, t) && rows->lines[i].to == in)
			return rows->lines[i].object;
	fail_msg("no row in %s", state_name(in));
	return NULL;
}

static const char *word(const json_t *row, const char *key)
{
	const char *value = json_string_value(json_object_get(row, key));

	return value ? value : "-";
}

/* A socket of another user, in a state where the kernel no longer knows, or does not know yet, whose it is. */
struct nobodys {
	struct tuple tuple;
	uint8_t state;
};

static void check_nobodys(const struct nobodys *all, unsigned count)
{
	static const char *const unknown[] = {"inode", "uid", "pid", "comm", "fd", "holders"};
	struct program p;
	struct stream rows;

	list(&p, &rows);
	for (unsigned i = 0; i < count; i++) {
		const json_t *row = row_of(&rows, &all[i].tuple, all[i].state);
		struct raw_socket s = raw_await(diag, &all[i].tuple, all[i].state);

		assert_int_equal(s.inode, 0);
		/* A full socket that no program has may still have its user: kernels differ. */
		if (s.info_len == 0)
			assert_int_equal(s.uid, 0);
		for (unsigned j = 0; j < sizeof unknown / sizeof *unknown; j++)
			if (json_object_get(row, unknown[j]))
				fail_msg("%s of a socket in %s", unknown[j], state_name(all[i].state));
	}
	stream_fini(&rows);
	program_fini(&p);
}

static struct sockets_pair open_others_pair(void)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	uid_t user = sockets_disown(p.client);
	struct raw_socket s;

	assert_int_equal(raw_look_up(diag, &p.t, 0, &s), 0);
	assert_int_equal(s.uid, user);
	assert_int_equal(s.inode, inode_of(p.client));
	return p;
}

/* Unknown it is, and not root's. */
static void test_whose_it_is_is_unknown(void **state)
{
	int own = sockets_listen(HERE, 0, 5), deaf = sockets_make(HERE), waiting;
	struct sockets_pair sending = open_others_pair(), orphan = open_others_pair(), over = open_others_pair();
	struct nobodys all[] = {
		{.state = STATE_SYN_RECV}, {.state = STATE_ESTABLISHED}, {sending.t, STATE_FIN_WAIT1}, {orphan.t, STATE_FIN_WAIT2}, {over.t, STATE_TIME_WAIT},
	};

	(void)state;
	sockets_disown(own);
	waiting = sockets_connect(HERE, sockets_port(own));
	all[1].tuple = sockets_tuple(waiting);
	all[1].tuple = tuple_mirrored(&all[1].tuple);
	sockets_deafen(deaf);
	sockets_connect_fd(deaf, HERE, sockets_port(own));
	all[0].tuple = sockets_tuple(deaf);
	all[0].tuple.remote = sockets_tuple(own).local;
	all[0].tuple = tuple_mirrored(&all[0].tuple);
	sockets_deafen(sending.server);
	close(sending.client);
	close(orphan.client);
	close(over.client);
	raw_await(diag, &over.t, STATE_FIN_WAIT2);
	close(over.server);
	for (unsigned i = 0; i < 5; i++)
		raw_await(diag, &all[i].tuple, all[i].state);
	check_nobodys(all, 5);
	sockets_reset(waiting);
	sockets_reset(deaf);
	sockets_reset(sending.server);
	sockets_reset(orphan.server);
	close(own);
}

/* On its way through a Unix socket it is nobody's descriptor: it has its inode and user, and no holder in sight. */
static void test_an_inode_without_a_holder(void **state)
{
	struct sockets_pair p = open_others_pair();
	uint32_t inode = inode_of(p.client);
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec part = {.iov_base = (char[1]){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct program synfin;
	struct stream rows;
	const json_t *row;
	int way[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, way), 0);
	memcpy(CMSG_DATA(&control.head), &p.client, sizeof p.client);
	assert_int_equal(sendmsg(way[0], &message, 0), 1);
	close(p.client);
	list(&synfin, &rows);
	row = row_of(&rows, &p.t, STATE_ESTABLISHED);
	assert_int_equal(json_integer_value(json_object_get(row, "inode")), inode);
	assert_int_not_equal(json_integer_value(json_object_get(row, "uid")), 0);
	assert_true(json_is_true(json_object_get(row, "owner_hidden")));
	assert_null(json_object_get(row, "pid"));
	/* The other end is ours, and root's synfin sees it. */
	row = row_of(&rows, &p.mirrored, STATE_ESTABLISHED);
	assert_int_equal(json_integer_value(json_object_get(row, "pid")), geteuid() == 0 ? getpid() : 0);
	stream_fini(&rows);
	program_fini(&synfin);
	close(way[0]);
	close(way[1]);
	close(p.server);
}

/* ---- fact 15: counted bytes ---- */

static void check_counted(const struct tuple *t, enum tcp_state in, uint64_t sent, uint64_t acked, uint64_t received)
{
	struct raw_socket s;

	do
		s = raw_await(diag, t, in);
	while (s.wqueue > 0); /* not acknowledged yet */
	assert_int_equal(s.info.tcpi_bytes_retrans, 0);
	assert_int_equal(s.info.tcpi_bytes_sent, sent);
	assert_int_equal(s.info.tcpi_bytes_acked, acked);
	assert_int_equal(s.info.tcpi_bytes_received, received);
}

/* Our SYN is counted if it was acknowledged, our FIN if it was, and the peer's FIN; its SYN is not. A program that comes late reads who opened from that. */
static void test_syn_and_fin_are_counted(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	struct program synfin;
	struct stream rows;

	(void)state;
	check_counted(&p.t, STATE_ESTABLISHED, 0, 1, 0);
	check_counted(&p.mirrored, STATE_ESTABLISHED, 0, 0, 0);
	say(p.client, p.server, 100);
	say(p.server, p.client, 30);
	check_counted(&p.t, STATE_ESTABLISHED, 100, 101, 30);
	check_counted(&p.mirrored, STATE_ESTABLISHED, 30, 30, 100);
	list(&synfin, &rows);
	assert_string_equal(word(row_of(&rows, &p.t, STATE_ESTABLISHED), "opener"), "local");
	assert_string_equal(word(row_of(&rows, &p.t, STATE_ESTABLISHED), "opener_by"), "counted");
	assert_string_equal(word(row_of(&rows, &p.mirrored, STATE_ESTABLISHED), "opener"), "remote");
	assert_string_equal(word(row_of(&rows, &p.mirrored, STATE_ESTABLISHED), "opener_by"), "counted");
	stream_fini(&rows);
	program_fini(&synfin);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	check_counted(&p.t, STATE_FIN_WAIT2, 100, 102, 30);
	check_counted(&p.mirrored, STATE_CLOSE_WAIT, 30, 30, 101);
	sockets_reset(p.client);
	close(p.server);
}

/* An opener that was reset, and a passive end whose FIN was acknowledged: in their notices both have one more acknowledged than sent. */
static void test_one_too_many_has_two_stories(void **state)
{
	struct sockets_pair reset = sockets_open_pair(HERE, listener), passive = sockets_open_pair(HERE, listener);
	uint64_t cookies[] = {raw_cookie(reset.client), raw_cookie(passive.server)};
	char byte;

	(void)state;
	say(reset.client, reset.server, 10);
	sockets_reset(reset.server);
	assert_int_equal(recv(reset.client, &byte, 1, 0), -1);
	close(reset.client);
	close(passive.client);
	assert_int_equal(recv(passive.server, &byte, 1, 0), 0);
	close(passive.server);
	for (unsigned i = 0; i < 2; i++) {
		struct raw_socket s = raw_notice_await(notices, cookies[i]);

		assert_int_equal(s.info.tcpi_bytes_acked - s.info.tcpi_bytes_sent, 1);
	}
}

static int open_host(void **state)
{
	(void)state;
	diag = sockets_diag_open();
	notices = raw_notices_open(8 << 20);
	listener = sockets_listen(HERE, 0, 16);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cookie_that_was_seen_stays),
		cmocka_unit_test(test_a_cookie_is_made_when_it_is_looked_at),
		cmocka_unit_test(test_cookies_are_in_no_order_of_time),
		cmocka_unit_test(test_a_socket_that_connects_again_is_the_same),
		cmocka_unit_test(test_whose_it_is_is_unknown),
		cmocka_unit_test(test_an_inode_without_a_holder),
		cmocka_unit_test(test_syn_and_fin_are_counted),
		cmocka_unit_test(test_one_too_many_has_two_stories),
	};

	sockets_enter_table(1024);
	return cmocka_run_group_tests(tests, open_host, NULL);
}
