/*
 * Destroy notices as the kernel makes them (DESIGN.md, facts 12 to 14): whose death is told, when and with what, and how many fit into a buffer; and what synfin does when
 * some are lost.
 */
#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "program.h"
#include "raw_diag.h"
#include "sockets.h"
#include "stream.h"
#include "watch/watch.h"

#define HERE "127.0.0.1"
#define NOBODY 65534
#define PATIENCE_NS (20 * NS_PER_SECOND)
#define LARGE (16 << 20)
/* What Linux gives a socket that asks for nothing (net.core.rmem_default). */
#define USUAL 212992

static int diag, notices, listener;

/* In good order, the client first; of neither end anything is left but a TIME_WAIT entry. */
static void live_and_die(void)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	char byte;

	close(p.client);
	assert_int_equal(recv(p.server, &byte, 1, 0), 0);
	close(p.server);
}

/* Waits until the notices of all deaths so far have come; is one of a socket with these ends among them? */
static bool was_told(const struct tuple *t)
{
	struct sockets_pair fence = sockets_open_pair(HERE, listener);
	uint64_t cookie = raw_cookie(fence.client);
	struct raw_socket s = {0};
	bool told = false;

	sockets_reset(fence.client);
	while (s.cookie != cookie) {
		assert_int_equal(poll(&(struct pollfd){.fd = notices, .events = POLLIN}, 1, 20000), 1);
		assert_int_equal(raw_notice(notices, &s), 0);
		told = told || tuple_equal(&s.tuple, t);
	}
	sockets_reset(fence.server);
	return told;
}

/* ---- fact 12: what is told, and when ---- */

/* The user and the inode are not told, the numbers are. */
static void check_last_words(const struct raw_socket *s, const struct tuple *t)
{
	assert_true(tuple_equal(&s->tuple, t));
	assert_int_equal(s->state, STATE_CLOSED);
	assert_int_equal(s->inode, 0);
	assert_int_equal(s->uid, 0);
	assert_true(s->info_len > 0);
}

static void test_last_words(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	uint64_t cookies[2];
	struct raw_socket s;
	char bytes[100] = {0};
	uid_t user;

	(void)state;
	user = sockets_disown(p.client);
	assert_int_equal(raw_look_up(diag, &p.t, 0, &s), 0);
	assert_int_equal(s.uid, user);
	assert_int_not_equal(s.inode, 0);
	cookies[0] = s.cookie;
	cookies[1] = raw_cookie(p.server);
	assert_int_equal(send(p.client, bytes, sizeof bytes, 0), sizeof bytes);
	assert_int_equal(recv(p.server, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
	close(p.client);
	assert_int_equal(recv(p.server, bytes, 1, 0), 0);
	close(p.server);
	s = raw_notice_await(notices, cookies[0]);
	check_last_words(&s, &p.t);
	assert_int_equal(s.info.tcpi_bytes_sent, sizeof bytes);
	s = raw_notice_await(notices, cookies[1]);
	check_last_words(&s, &p.mirrored);
	/* The peer's FIN is one. */
	assert_int_equal(s.info.tcpi_bytes_received, sizeof bytes + 1);
	/* The active closer was told of when it entered TIME_WAIT, in which it is still. */
	assert_int_equal(raw_look_up(diag, &p.t, cookies[0], &s), 0);
	assert_int_equal(s.state, STATE_TIME_WAIT);
}

/* However short, and looked at by nobody. */
static void test_a_life_that_nobody_looked_at(void **state)
{
	int client = sockets_connect(HERE, sockets_port(listener)), server = sockets_accept(listener);
	struct tuple t = sockets_tuple(client);
	struct raw_socket s;

	(void)state;
	close(client);
	do {
		assert_int_equal(poll(&(struct pollfd){.fd = notices, .events = POLLIN}, 1, 20000), 1);
		assert_int_equal(raw_notice(notices, &s), 0);
	} while (!tuple_equal(&s.tuple, &t));
	check_last_words(&s, &t);
	assert_true(s.cookie != 0);
	close(server);
}

/* Reset, gone from the kernel's table, and told when its program lets it go. */
static void test_reset_and_held(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	uint64_t cookie = raw_cookie(p.server);
	struct raw_socket s;

	(void)state;
	sockets_reset(p.client);
	assert_int_equal(raw_look_up(diag, &p.mirrored, cookie, &s), -ENOENT);
	assert_false(was_told(&p.mirrored));
	close(p.server);
	s = raw_notice_await(notices, cookie);
	check_last_words(&s, &p.mirrored);
}

/* The same of both ends that were shut; and that of the first one ends no TIME_WAIT. */
static void test_shut_and_held(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	uint64_t cookies[] = {raw_cookie(p.client), raw_cookie(p.server)};
	struct raw_socket s;

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_RDWR), 0);
	assert_int_equal(shutdown(p.server, SHUT_RDWR), 0);
	raw_await(diag, &p.t, STATE_TIME_WAIT);
	assert_int_equal(raw_look_up(diag, &p.mirrored, 0, &s), -ENOENT);
	assert_false(was_told(&p.t));
	assert_false(was_told(&p.mirrored));
	close(p.client);
	close(p.server);
	for (unsigned i = 0; i < 2; i++)
		raw_notice_await(notices, cookies[i]);
	assert_int_equal(raw_look_up(diag, &p.t, cookies[0], &s), 0);
	assert_int_equal(s.state, STATE_TIME_WAIT);
}

/* A TIME_WAIT entry, an orphan's FIN_WAIT2 and a request socket: their sockets were told of before, or never were. */
static void test_nothing_is_told_of_remnants_and_requests(void **state)
{
	struct sockets_pair over = sockets_open_pair(HERE, listener), orphan = sockets_open_pair(HERE, listener);
	uint64_t cookies[] = {raw_cookie(over.client), raw_cookie(orphan.client)};
	int deaf = sockets_make(HERE);
	struct tuple t, request;
	struct raw_socket s;

	(void)state;
	close(over.client);
	close(over.server);
	close(orphan.client);
	for (unsigned i = 0; i < 2; i++)
		raw_notice_await(notices, cookies[i]);
	raw_await(diag, &over.t, STATE_TIME_WAIT);
	raw_await(diag, &orphan.t, STATE_FIN_WAIT2);
	sockets_deafen(deaf);
	sockets_connect_fd(deaf, HERE, sockets_port(listener));
	t = sockets_tuple(deaf);
	t.remote = sockets_tuple(listener).local;
	request = tuple_mirrored(&t);
	raw_await(diag, &request, STATE_SYN_RECV);
	assert_int_equal(sockets_destroy(diag, &over.t), 0);
	assert_int_equal(sockets_destroy(diag, &orphan.t), 0);
	assert_int_equal(sockets_destroy(diag, &request), 0);
	assert_int_equal(raw_look_up(diag, &over.t, 0, &s), -ENOENT);
	assert_int_equal(raw_look_up(diag, &orphan.t, 0, &s), -ENOENT);
	assert_false(was_told(&over.t));
	assert_false(was_told(&orphan.t));
	assert_false(was_told(&request));
	sockets_reset(deaf);
	sockets_reset(orphan.server);
}

/* ---- fact 13: what is scrubbed ---- */

static const struct endpoint nowhere = {.address = {[10] = 0xff, [11] = 0xff}};

/* The port of the other end is gone (its address may stay), all counters, and our address unless it was bound; the cookie is all to know it by. */
static void check_scrubbed(uint64_t cookie, const struct endpoint *source)
{
	struct raw_socket s = raw_notice_await(notices, cookie);

	assert_int_equal(s.state, STATE_CLOSED);
	assert_int_equal(s.tuple.remote.port, 0);
	assert_memory_equal(s.tuple.local.address, source->address, sizeof source->address);
	assert_int_equal(s.info.tcpi_bytes_sent, 0);
	assert_int_equal(s.info.tcpi_bytes_acked, 0);
	assert_int_equal(s.info.tcpi_bytes_received, 0);
}

/* A socket of an address, connected, that has sent some bytes. */
static int connect_from(const char *address, int *server)
{
	int client = sockets_make(HERE);
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char bytes[8];

	if (address)
		assert_int_equal(bind(client, (struct sockaddr *)&from, sizeof from), 0);
	sockets_connect_fd(client, HERE, sockets_port(listener));
	*server = sockets_accept(listener);
	assert_int_equal(send(client, "question", 8, 0), 8);
	assert_int_equal(recv(*server, bytes, 8, MSG_WAITALL), 8);
	return client;
}

static void test_scrubbed_by_a_reset(void **state)
{
	int server, client = connect_from(NULL, &server);
	uint64_t cookie = raw_cookie(client);
	struct endpoint bound;

	(void)state;
	sockets_reset(client);
	check_scrubbed(cookie, &nowhere);
	close(server);
	/* An address that it was bound to stays. */
	client = connect_from(HERE, &server);
	cookie = raw_cookie(client);
	bound = sockets_tuple(client).local;
	sockets_reset(client);
	check_scrubbed(cookie, &bound);
	close(server);
}

static void test_scrubbed_by_disconnecting(void **state)
{
	int server, client = connect_from(NULL, &server);
	uint64_t cookie = raw_cookie(client);
	struct sockaddr unspec = {.sa_family = AF_UNSPEC};

	(void)state;
	assert_int_equal(connect(client, &unspec, sizeof unspec), 0);
	close(client);
	check_scrubbed(cookie, &nowhere);
	close(server);
}

static void test_scrubbed_by_a_refusal(void **state)
{
	int gone = sockets_listen(HERE, 0, 1), client = sockets_make(HERE);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sockets_port(gone)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint64_t cookie = raw_cookie(client);

	(void)state;
	close(gone);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(client);
	check_scrubbed(cookie, &nowhere);
}

/* This sends an RST too, and keeps everything. */
static void test_closed_with_bytes_unread(void **state)
{
	struct sockets_pair p = sockets_open_pair(HERE, listener);
	uint64_t cookie = raw_cookie(p.server);
	struct raw_socket s;
	char byte;

	(void)state;
	assert_int_equal(send(p.client, "question", 8, 0), 8);
	assert_int_equal(raw_await(diag, &p.mirrored, STATE_ESTABLISHED).rqueue, 8);
	close(p.server);
	assert_int_equal(recv(p.client, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	s = raw_notice_await(notices, cookie);
	check_last_words(&s, &p.mirrored);
	assert_int_equal(s.rqueue, 8);
	assert_int_equal(s.info.tcpi_bytes_received, 8);
	close(p.client);
}

/* ---- fact 14: what does not fit ---- */

static void take_all(int fd, unsigned *got, unsigned *overruns)
{
	struct raw_socket s;
	int error;

	while ((error = raw_notice(fd, &s)) != -EAGAIN) {
		*got += error == 0;
		*overruns += error == -ENOBUFS;
	}
}

/* One ENOBUFS, whatever was lost; the Drops column counts it. Another socket with room for all says when all have come. (The first test: nobody died before it.) */
static void test_one_error_stands_for_many_lost(void **state)
{
	enum { LIVES = 300 };
	int usual = raw_notices_open(USUAL), large = raw_notices_open(LARGE);
	unsigned got = 0, overruns = 0, all = 0, large_overruns = 0;
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	(void)state;
	for (unsigned i = 0; i < LIVES; i++)
		live_and_die();
	while (all < 2 * LIVES) {
		assert_true(clock_now_ns() < deadline_ns);
		poll(&(struct pollfd){.fd = large, .events = POLLIN}, 1, 100);
		take_all(large, &all, &large_overruns);
	}
	assert_int_equal(large_overruns, 0);
	assert_int_equal(raw_drops(large), 0);
	/* They are handed to one listener after the other. */
	while (raw_drops(usual) < 2 * LIVES - USUAL / 512)
		assert_true(clock_now_ns() < deadline_ns);
	take_all(usual, &got, &overruns);
	print_message("# %u of %u fit into %u bytes\n", got, 2 * LIVES, USUAL);
	assert_int_equal(overruns, 1);
	assert_in_range(got, 50, 2 * LIVES / 2);
	assert_int_equal(got + raw_drops(usual), 2 * LIVES);
	close(usual);
	close(large);
}

/* While nobody reads, more die than the buffer holds: an ordinary user's, as large as the system allows. */
static void die_until_some_are_lost(void)
{
	enum { AT_ONCE = 100, AT_MOST = 200 };

	for (unsigned i = 0; raw_drops_of_other(notices) < AT_ONCE; i++) {
		if (i == AT_MOST)
			fail_msg("the kernel drops none");
		for (unsigned j = 0; j < AT_ONCE; j++) {
			struct sockets_pair p = sockets_open_pair(HERE, listener);

			sockets_reset(p.client);
			close(p.server);
		}
		was_told(&(struct tuple){0});
	}
}

static const struct told *last_coverage(const struct stream *s)
{
	for (size_t i = s->count; i-- > 0;)
		if (told_is(&s->lines[i], "coverage"))
			return &s->lines[i];
	return NULL;
}

static unsigned long told_lost(const char *output)
{
	const struct told *coverage;
	unsigned long lost = 0;
	struct stream s;

	stream_read(&s, output);
	coverage = last_coverage(&s);
	if (coverage)
		lost = (unsigned long)json_integer_value(json_object_get(coverage->object, "notices_lost"));
	stream_fini(&s);
	return lost;
}

static bool tells_a_loss(const char *output, void *unused)
{
	(void)unused;
	return told_lost(output) > 0;
}

static void test_what_was_lost_is_told_to_the_last(void **state)
{
	static const char *const args[] = {"events", "--json", "--no-owners", NULL};
	struct program synfin;

	(void)state;
	program_start(&synfin, NOBODY, args);
	assert_true(program_wait(&synfin, program_is_watching, NULL, 20000));
	raw_drops_of_other(notices); /* it listens */
	kill(synfin.pid, SIGSTOP);
	assert_int_equal(waitpid(synfin.pid, NULL, WUNTRACED), synfin.pid);
	die_until_some_are_lost();
	kill(synfin.pid, SIGCONT);
	assert_true(program_wait(&synfin, tells_a_loss, NULL, 20000));
	/* The kernel may have been late with some; nobody dies any more. */
	for (int64_t deadline_ns = clock_now_ns() + PATIENCE_NS; told_lost(program_output(&synfin)) != raw_drops_of_other(notices);)
		assert_true(clock_now_ns() < deadline_ns);
	assert_int_equal(program_end(&synfin, SIGTERM, 20000), 0);
	program_fini(&synfin);
}

/* ---- a sweep follows at once ---- */

/* Holds up the thread that hears the notices. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

int __real_recvmmsg(int fd, struct mmsghdr *letters, unsigned count, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *letters, unsigned count, int flags, struct timespec *timeout);

int __wrap_recvmmsg(int fd, struct mmsghdr *letters, unsigned count, int flags, struct timespec *timeout)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return __real_recvmmsg(fd, letters, count, flags, timeout);
}

/* It listens, as the first notice that comes tells. */
static void await_listening(struct watch *w)
{
	while (queue_length(watch_batches(w)) == 0) {
		live_and_die();
		poll(&(struct pollfd){.fd = queue_fd(watch_batches(w)), .events = POLLIN}, 1, 10);
	}
}

/* No sweep is ever due by the plan: the loss alone can have asked for the one that comes. */
static void lose_and_await_a_sweep(struct watch *w)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	bool lost = false, swept = false;
	struct batch *b;

	while (!lost || !swept) {
		assert_true(clock_now_ns() < deadline_ns);
		poll(&(struct pollfd){.fd = queue_fd(watch_batches(w)), .events = POLLIN}, 1, 100);
		while ((b = queue_take(watch_batches(w)))) {
			for (uint32_t i = 0; i < b->count; i++) {
				const struct observation *o = &b->observations[i];

				lost = lost || o->kind == OBSERVED_LOSS;
				swept = swept || (o->kind == OBSERVED_SWEEP_END && o->sweep.why_not == SWEEP_WHOLE);
			}
			batch_free(b);
		}
	}
}

static void watch_and_lose(void)
{
	const struct watch_plan plan = {.fast_interval_ns = NS_PER_SECOND, .budget = 1, .notices = true};
	const char *where;
	struct watch *w;

	assert_int_equal(watch_start(&plan, WATCH_SOCKETS_OWN, &w, &where), 0);
	await_listening(w);
	pthread_mutex_lock(&gate);
	die_until_some_are_lost();
	pthread_mutex_unlock(&gate);
	lose_and_await_a_sweep(w);
	watch_stop(w);
}

/* Without capabilities, so that the buffer stays small. */
static void test_a_sweep_follows_a_loss(void **state)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct full[2], none[2] = {0};

	(void)state;
	assert_int_equal(syscall(SYS_capget, &header, full), 0);
	none[0].permitted = full[0].permitted;
	none[1].permitted = full[1].permitted;
	assert_int_equal(syscall(SYS_capset, &header, none), 0);
	watch_and_lose();
	assert_int_equal(syscall(SYS_capset, &header, full), 0);
}

static int open_host(void **state)
{
	(void)state;
	diag = sockets_diag_open();
	notices = raw_notices_open(LARGE);
	listener = sockets_listen(HERE, 0, 64);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_error_stands_for_many_lost),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_a_life_that_nobody_looked_at),
		cmocka_unit_test(test_reset_and_held),
		cmocka_unit_test(test_shut_and_held),
		cmocka_unit_test(test_nothing_is_told_of_remnants_and_requests),
		cmocka_unit_test(test_scrubbed_by_a_reset),
		cmocka_unit_test(test_scrubbed_by_disconnecting),
		cmocka_unit_test(test_scrubbed_by_a_refusal),
		cmocka_unit_test(test_closed_with_bytes_unread),
		cmocka_unit_test(test_what_was_lost_is_told_to_the_last),
		cmocka_unit_test(test_a_sweep_follows_a_loss),
	};

	sockets_enter_table(1024);
	return cmocka_run_group_tests(tests, open_host, NULL);
}
