/* dump and lookup on real sockets, held in every state by hand. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sockets.h"
#include "watch/dump.h"
#include "watch/lookup.h"
#include "watch_message.h"

#define PATIENCE_NS (20 * NS_PER_SECOND)
#define SEEN_MAX 4096

struct seen {
	unsigned count;
	struct sample samples[SEEN_MAX];
};

static void see(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct seen *seen = context;

	assert_true(t0_ns <= t1_ns);
	assert_true(seen->count < SEEN_MAX);
	seen->samples[seen->count++] = *sample;
}

static struct dump_result dump_in(unsigned states, struct seen *seen)
{
	const struct dump_sink sink = {.sample = see, .context = seen};
	struct dump_result result;
	struct dumper d;

	seen->count = 0;
	assert_int_equal(dumper_init(&d, -1), 0);
	result = dumper_dump(&d, states, true, &sink);
	dumper_fini(&d);
	return result;
}

static const struct sample *find(const struct seen *seen, const struct tuple *t)
{
	for (unsigned i = 0; i < seen->count; i++)
		if (tuple_equal(&seen->samples[i].tuple, t))
			return &seen->samples[i];
	return NULL;
}

static uint32_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

/* Dumps until the socket is there in that state. */
static struct sample await(const struct tuple *t, enum tcp_state state)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	static struct seen seen;

	for (;;) {
		const struct sample *s;

		assert_int_equal(dump_in(DUMP_ALL_STATES, &seen).why_not, SWEEP_WHOLE);
		s = find(&seen, t);
		if (s && s->state == state)
			return *s;
		assert_true(clock_now_ns() < deadline_ns);
		nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
	}
}

static struct lookup_answer look_up(const struct tuple *t, uint64_t cookie)
{
	struct lookup asked = {.tuple = *t, .cookie = cookie, .conn = 7};
	struct lookup_answer answer;
	struct netlink_port port;

	assert_int_equal(netlink_port_init(&port, -1), 0);
	assert_int_equal(lookup_make(&port, &asked, 1, true, &answer), 0);
	netlink_port_fini(&port);
	assert_true(answer.t0_ns <= answer.t1_ns);
	return answer;
}

static void check_found(const struct tuple *t, uint64_t cookie, enum tcp_state state)
{
	struct lookup_answer a = look_up(t, cookie);

	assert_int_equal(a.error, 0);
	assert_int_equal(a.sample.state, state);
	assert_true(tuple_equal(&a.sample.tuple, t));
	assert_int_equal(a.asked.conn, 7);
	if (cookie)
		assert_int_equal(a.sample.cookie, cookie);
}

static void check_absent(const struct tuple *t, uint64_t cookie)
{
	assert_int_equal(look_up(t, cookie).error, -ENOENT);
}

/* As sock_diag shows it: the other end is the unspecified address of the family. */
static struct tuple listener_tuple(int fd)
{
	static const uint8_t any[4];
	struct tuple t = sockets_tuple(fd);

	if (t.family == AF_INET)
		endpoint_set_v4(&t.remote, any, 0);
	return t;
}

/* ---- each state ---- */

struct pair {
	int listener, client, server;
	struct tuple client_tuple, server_tuple;
};

static struct pair open_pair(const char *listen_address, const char *connect_address)
{
	struct pair p = {.listener = sockets_listen(listen_address, 0, 16)};

	p.client = sockets_connect(connect_address, sockets_port(p.listener));
	p.server = sockets_accept(p.listener);
	p.client_tuple = sockets_tuple(p.client);
	p.server_tuple = sockets_tuple(p.server);
	return p;
}

static void close_pair(struct pair *p)
{
	const int fds[] = {p->listener, p->client, p->server};

	for (size_t i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void check_open_pair(const char *listen_address, const char *connect_address, uint16_t client_family, uint16_t server_family)
{
	struct pair p = open_pair(listen_address, connect_address);
	struct tuple listener = listener_tuple(p.listener);
	struct sample s;

	s = await(&p.client_tuple, STATE_ESTABLISHED);
	assert_int_equal(s.tuple.family, client_family);
	assert_int_equal(s.inode, inode_of(p.client));
	assert_int_equal(s.uid, getuid());
	assert_true(s.has & SAMPLE_HAS_NUMBERS);
	check_found(&p.client_tuple, s.cookie, STATE_ESTABLISHED);
	s = await(&p.server_tuple, STATE_ESTABLISHED);
	assert_int_equal(s.tuple.family, server_family);
	assert_int_equal(s.inode, inode_of(p.server));
	check_found(&p.server_tuple, s.cookie, STATE_ESTABLISHED);
	check_found(&s.tuple, 0, STATE_ESTABLISHED);
	s = await(&listener, STATE_LISTEN);
	assert_int_equal(s.tuple.family, server_family);
	assert_int_equal(s.inode, inode_of(p.listener));
	assert_int_equal(s.wqueue, 16);
	assert_int_equal(s.has & SAMPLE_HAS_NUMBERS, 0);
	check_found(&listener, s.cookie, STATE_LISTEN);
	close_pair(&p);
}

static void test_families(void **state)
{
	(void)state;
	check_open_pair("127.0.0.1", "127.0.0.1", AF_INET, AF_INET);
	check_open_pair("::1", "::1", AF_INET6, AF_INET6);
	/* An IPv6 socket that serves IPv4, called by an IPv4 one and by one of its own kind. */
	check_open_pair("::", "127.0.0.1", AF_INET, AF_INET6);
	check_open_pair("::", "::ffff:127.0.0.1", AF_INET6, AF_INET6);
}

static void test_half_closed(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");
	struct sample s;

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	s = await(&p.client_tuple, STATE_FIN_WAIT2);
	assert_int_equal(s.inode, inode_of(p.client));
	assert_true(s.has & SAMPLE_SHUT_WRITE);
	assert_false(s.has & SAMPLE_SHUT_READ);
	s = await(&p.server_tuple, STATE_CLOSE_WAIT);
	assert_int_equal(s.inode, inode_of(p.server));
	assert_true(s.has & SAMPLE_SHUT_READ);
	check_found(&p.server_tuple, s.cookie, STATE_CLOSE_WAIT);
	close_pair(&p);
}

static void test_remnants(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");
	uint64_t cookie = await(&p.client_tuple, STATE_ESTABLISHED).cookie;
	struct sample s;

	(void)state;
	close(p.client);
	p.client = -1;
	s = await(&p.client_tuple, STATE_FIN_WAIT2);
	assert_int_equal(s.inode, 0);
	close(p.server);
	p.server = -1;
	s = await(&p.client_tuple, STATE_TIME_WAIT);
	/* The cookie that was seen lives on in the remnant. */
	assert_int_equal(s.cookie, cookie);
	assert_int_equal(s.inode, 0);
	assert_int_equal(s.timer, 3);
	assert_in_range(s.expires_ms, 1, 60000);
	assert_int_equal(s.has & SAMPLE_HAS_NUMBERS, 0);
	check_found(&p.client_tuple, cookie, STATE_TIME_WAIT);
	check_found(&p.client_tuple, 0, STATE_TIME_WAIT);
	check_absent(&p.server_tuple, 0);
	close_pair(&p);
}

static void test_openings(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 16), client = sockets_make("127.0.0.1"), caller;
	struct tuple client_tuple, server_tuple;
	struct sample s;

	(void)state;
	/* The SYN+ACK is lost: the server has a request socket only. */
	sockets_deafen(client);
	sockets_connect_fd(client, "127.0.0.1", sockets_port(listener));
	client_tuple = sockets_tuple(client);
	client_tuple.remote = sockets_tuple(listener).local;
	await(&client_tuple, STATE_SYN_SENT);
	server_tuple = tuple_mirrored(&client_tuple);
	s = await(&server_tuple, STATE_SYN_RECV);
	assert_int_equal(s.inode, 0);
	assert_int_equal(s.has & SAMPLE_HAS_NUMBERS, 0);
	check_found(&server_tuple, s.cookie, STATE_SYN_RECV);
	close(client);
	/* The SYN is lost. */
	sockets_deafen(listener);
	caller = sockets_connect_begin("127.0.0.1", sockets_port(listener));
	client_tuple = sockets_tuple(caller);
	client_tuple.remote = sockets_tuple(listener).local;
	s = await(&client_tuple, STATE_SYN_SENT);
	assert_int_equal(s.inode, inode_of(caller));
	check_found(&client_tuple, s.cookie, STATE_SYN_SENT);
	close(caller);
	close(listener);
}

static void test_closings(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");

	(void)state;
	sockets_deafen(p.server);
	close(p.client);
	p.client = -1;
	/* The FIN is lost. */
	assert_int_equal(await(&p.client_tuple, STATE_FIN_WAIT1).inode, 0);
	check_found(&p.client_tuple, 0, STATE_FIN_WAIT1);
	close_pair(&p);
	p = open_pair("127.0.0.1", "127.0.0.1");
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	await(&p.server_tuple, STATE_CLOSE_WAIT);
	/* The second FIN is lost. */
	sockets_deafen(p.client);
	close(p.server);
	p.server = -1;
	await(&p.server_tuple, STATE_LAST_ACK);
	check_found(&p.server_tuple, 0, STATE_LAST_ACK);
	close_pair(&p);
}

static void test_mask(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");
	static struct seen seen;
	struct dump_result result = dump_in(STATE_BIT(STATE_LISTEN), &seen);

	(void)state;
	assert_int_equal(result.why_not, SWEEP_WHOLE);
	assert_int_equal(result.sockets, seen.count);
	assert_true(seen.count > 0);
	for (unsigned i = 0; i < seen.count; i++)
		assert_int_equal(seen.samples[i].state, STATE_LISTEN);
	close_pair(&p);
}

/* ---- look-ups that could mislead ---- */

static void test_cookie_of_another(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");

	(void)state;
	check_absent(&p.client_tuple, await(&p.client_tuple, STATE_ESTABLISHED).cookie + 1000);
	close_pair(&p);
}

/* The kernel answers with the listener. */
static void test_listener_in_place_of_a_connection(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");
	struct tuple gone = p.server_tuple;

	(void)state;
	gone.remote.port ^= 1;
	check_absent(&gone, 0);
	close_pair(&p);
	p = open_pair("::", "127.0.0.1");
	gone = p.server_tuple;
	gone.remote.port ^= 1;
	check_absent(&gone, 0);
	close_pair(&p);
}

/* The kernel's own look-up finds one of them, by the luck of a hash, and says ENOENT to the cookies of the others. */
static void test_listeners_that_share_a_port(void **state)
{
	enum { COUNT = 4 };
	static struct seen seen;
	struct tuple listener = {0};
	unsigned found = 0;
	int fds[COUNT];

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);
		int yes = 1;

		fds[i] = sockets_make("127.0.0.1");
		assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)), 0);
		if (i == 0)
			address.ss_family = AF_INET;
		else
			assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &len), 0);
		assert_int_equal(bind(fds[i], (struct sockaddr *)&address, i == 0 ? sizeof(struct sockaddr_storage) : len), 0);
		assert_int_equal(listen(fds[i], 8), 0);
	}
	listener = listener_tuple(fds[0]);
	assert_int_equal(dump_in(STATE_BIT(STATE_LISTEN), &seen).why_not, SWEEP_WHOLE);
	for (unsigned i = 0; i < seen.count; i++) {
		if (!tuple_equal(&seen.samples[i].tuple, &listener))
			continue;
		check_found(&listener, seen.samples[i].cookie, STATE_LISTEN);
		found++;
	}
	assert_int_equal(found, COUNT);
	check_found(&listener, 0, STATE_LISTEN);
	check_absent(&listener, 999999);
	for (unsigned i = 0; i < COUNT; i++)
		close(fds[i]);
	check_absent(&listener, 0);
}

/* Many in one go, listeners among them. */
static void test_lookups_in_one_go(void **state)
{
	struct pair p[LOOKUP_CHUNK / 4];
	struct lookup asked[LOOKUP_CHUNK] = {0};
	struct lookup_answer answers[LOOKUP_CHUNK];
	struct netlink_port port;

	(void)state;
	for (unsigned i = 0; i < LOOKUP_CHUNK / 4; i++) {
		p[i] = open_pair(i % 2 ? "127.0.0.1" : "::1", i % 2 ? "127.0.0.1" : "::1");
		asked[4 * i].tuple = p[i].client_tuple;
		asked[4 * i + 1].tuple = p[i].server_tuple;
		asked[4 * i + 2].tuple = listener_tuple(p[i].listener);
		asked[4 * i + 3].tuple = p[i].client_tuple;
		asked[4 * i + 3].cookie = 999999;
	}
	assert_int_equal(netlink_port_init(&port, -1), 0);
	for (unsigned round = 0; round < 3; round++) {
		assert_int_equal(lookup_make(&port, asked, LOOKUP_CHUNK, true, answers), 0);
		for (unsigned i = 0; i < LOOKUP_CHUNK; i++)
			assert_int_equal(answers[i].error, i % 4 == 3 ? -ENOENT : 0);
	}
	netlink_port_fini(&port);
	for (unsigned i = 0; i < LOOKUP_CHUNK / 4; i++)
		close_pair(&p[i]);
}

/* ---- when a sample was true ---- */

/* Each time between two receives, one more byte is written to each of many connections, and when. The unread bytes in a sample say in which round the
 * kernel took it; its interval must touch the time of that round. */
#define TIMED_PAIRS 600
#define TIMED_ROUNDS 64

struct timed {
	struct tuple tuples[TIMED_PAIRS]; /* of the reading ends */
	int writers[TIMED_PAIRS], readers[TIMED_PAIRS];
	unsigned rounds;
	int64_t began_ns[TIMED_ROUNDS + 1], ended_ns[TIMED_ROUNDS + 1]; /* of the writing that led to so many bytes */
	unsigned checked, late; /* late: taken when something had been written already */
};

static void timed_sample(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct timed *t = context;
	unsigned i = 0, round = sample->rqueue;

	while (i < TIMED_PAIRS && !tuple_equal(&sample->tuple, &t->tuples[i]))
		i++;
	if (i == TIMED_PAIRS)
		return;
	assert_true(round <= t->rounds);
	/* It had so many bytes from some time in that round's writing until some time in the next one's. */
	assert_true(t1_ns >= t->began_ns[round]);
	assert_true(round == t->rounds || t0_ns <= t->ended_ns[round + 1]);
	t->checked++;
	t->late += round > 0;
}

static bool timed_between(void *context)
{
	struct timed *t = context;

	assert_true(t->rounds < TIMED_ROUNDS);
	t->began_ns[t->rounds + 1] = clock_now_ns();
	for (unsigned i = 0; i < TIMED_PAIRS; i++)
		assert_int_equal(send(t->writers[i], "x", 1, 0), 1);
	t->rounds++;
	t->ended_ns[t->rounds] = clock_now_ns();
	/* So that a wrong call's time would not do. */
	nanosleep(&(struct timespec){.tv_nsec = 2 * NS_PER_MS}, NULL);
	return true;
}

static void test_interval_of_samples_holds_the_truth(void **state)
{
	struct timed *t = memory_get_zeroed(1, sizeof(*t));
	const struct dump_sink sink = {.sample = timed_sample, .between = timed_between, .context = t};
	int listener = sockets_listen("127.0.0.1", 0, TIMED_PAIRS);
	struct dump_result result;
	struct dumper d;

	(void)state;
	for (unsigned i = 0; i < TIMED_PAIRS; i++) {
		t->writers[i] = sockets_connect("127.0.0.1", sockets_port(listener));
		t->readers[i] = sockets_accept(listener);
		t->tuples[i] = sockets_tuple(t->readers[i]);
	}
	assert_int_equal(dumper_init(&d, -1), 0);
	result = dumper_dump(&d, STATE_BIT(STATE_ESTABLISHED), true, &sink);
	dumper_fini(&d);
	assert_int_equal(result.why_not, SWEEP_WHOLE);
	assert_int_equal(t->checked, TIMED_PAIRS);
	assert_true(t->late > TIMED_PAIRS / 4);
	for (unsigned i = 0; i < TIMED_PAIRS; i++) {
		close(t->writers[i]);
		close(t->readers[i]);
	}
	close(listener);
	free(t);
}

/* ---- somebody else's messages ---- */

/* Writes a lie into our socket, from a port that is not the kernel's. */
static bool forge(int victim_fd, uint32_t sequence)
{
	struct sockaddr_nl victim;
	socklen_t len = sizeof(victim);
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};
	int fd = sockets_diag_open();
	ssize_t sent;

	assert_int_equal(getsockname(victim_fd, (struct sockaddr *)&victim, &len), 0);
	message_socket(&m, TCPDIAG_GETSOCK, sequence, &socket);
	message_control(&m, NLMSG_DONE, sequence, 0);
	sent = sendto(fd, m.bytes, m.len, 0, (struct sockaddr *)&victim, len);
	close(fd);
	return sent == (ssize_t)m.len;
}

static void test_only_the_kernel_is_believed(void **state)
{
	struct pair p = open_pair("127.0.0.1", "127.0.0.1");
	static struct seen seen;
	const struct dump_sink sink = {.sample = see, .context = &seen};
	struct inet_diag_msg lie = message_socket_v4();
	struct dumper d;

	(void)state;
	seen.count = 0;
	assert_int_equal(dumper_init(&d, -1), 0);
	if (!forge(d.port.fd, d.port.sequence + 1)) {
		print_message("may not write to another's netlink socket here\n");
		dumper_fini(&d);
		close_pair(&p);
		skip();
	}
	assert_int_equal(dumper_dump(&d, DUMP_ALL_STATES, true, &sink).why_not, SWEEP_WHOLE);
	dumper_fini(&d);
	assert_non_null(find(&seen, &p.client_tuple));
	for (unsigned i = 0; i < seen.count; i++)
		assert_int_not_equal(seen.samples[i].inode, lie.idiag_inode);
	close_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_remnants),
		cmocka_unit_test(test_openings),
		cmocka_unit_test(test_closings),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_cookie_of_another),
		cmocka_unit_test(test_listener_in_place_of_a_connection),
		cmocka_unit_test(test_listeners_that_share_a_port),
		cmocka_unit_test(test_lookups_in_one_go),
		cmocka_unit_test(test_interval_of_samples_holds_the_truth),
		cmocka_unit_test(test_only_the_kernel_is_believed),
	};

	sockets_enter_namespace();
	if (!sockets_allow(4096))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
