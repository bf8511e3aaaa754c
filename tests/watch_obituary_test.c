/* obituary and outlet: every death is told or counted. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "sockets.h"
#include "watch/obituary.h"
#include "watch_message.h"

#define PATIENCE_NS (20 * NS_PER_SECOND)
#define QUICK_COUNT 200
#define LOST_COUNT 300
#define HELD_MAX 100 /* more than a buffer of 4 KiB holds */
#define UNHEARD_COUNT 20
#define PARTED_COUNT 5000 /* more than one drain takes, and fewer than the buffer holds */
#define ENDS_MAX 8192

/* One for each family, open till the end: a listener that is closed has a notice too, which could come in the next test. */
static int listeners[2];
static const char *const addresses[2] = {"127.0.0.1", "::1"};

/* A listener to notices with its way out, and what came. */
struct bench {
	struct queue *queue;
	struct outlet out;
	struct obituary obituary;
	uint64_t lost, troubles;
	unsigned end_count;
	unsigned unheard; /* ends of which it was not said yet that there were no more */
	struct sample ends[ENDS_MAX];
};

static void bench_open(struct bench *b, int buffer_bytes, size_t queue_room)
{
	memset(b, 0, sizeof(*b));
	b->queue = queue_new(queue_room);
	assert_non_null(b->queue);
	outlet_init(&b->out, b->queue, 5, false);
	obituary_init(&b->obituary, -1, buffer_bytes, &b->out);
	obituary_listen(&b->obituary, true);
	assert_true(b->obituary.listening);
}

static void drop_batch(void *batch)
{
	batch_free(batch);
}

static void bench_close(struct bench *b)
{
	obituary_fini(&b->obituary);
	outlet_fini(&b->out);
	queue_free(b->queue, drop_batch);
}

static void bench_take(struct bench *b)
{
	struct batch *batch;

	while ((batch = queue_take(b->queue))) {
		assert_int_equal(batch->netns, 5);
		for (uint32_t i = 0; i < batch->count; i++) {
			const struct observation *o = &batch->observations[i];

			assert_true(o->t0_ns <= o->t1_ns);
			b->troubles += o->kind == OBSERVED_TROUBLE;
			if (o->kind == OBSERVED_LOSS)
				b->lost += o->loss.lost;
			if (o->kind == OBSERVED_HEARD)
				b->unheard = 0;
			if (o->kind != OBSERVED_END)
				continue;
			b->unheard++;
			assert_int_equal(o->sample.state, STATE_CLOSED);
			assert_true(b->end_count < ENDS_MAX);
			b->ends[b->end_count++] = o->sample;
		}
		batch_free(batch);
	}
}

/* Drains until so many deaths are told or counted; more is an error. */
static void bench_await(struct bench *b, uint64_t deaths)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	while (b->end_count + b->lost < deaths) {
		struct pollfd ready = {.fd = obituary_fd(&b->obituary), .events = POLLIN};
		bool lost;

		assert_true(clock_now_ns() < deadline_ns);
		poll(&ready, 1, 50);
		obituary_drain(&b->obituary, &lost);
		outlet_flush(&b->out);
		bench_take(b);
	}
	assert_int_equal(b->end_count + b->lost, deaths);
	assert_int_equal(b->unheard, 0);
}

/* Opens a connection of one family and closes it in good order. */
static void live_quickly(unsigned family, struct tuple *client_tuple)
{
	int client = sockets_connect(addresses[family], sockets_port(listeners[family])), server = sockets_accept(listeners[family]);
	char byte;

	if (client_tuple)
		*client_tuple = sockets_tuple(client);
	close(client);
	assert_int_equal(recv(server, &byte, 1, 0), 0);
	close(server);
}

static unsigned count_of(const struct bench *b, const struct tuple *t)
{
	unsigned count = 0;

	for (unsigned i = 0; i < b->end_count; i++)
		count += tuple_equal(&b->ends[i].tuple, t);
	return count;
}

static void test_all_quick_deaths_are_told(void **state)
{
	static struct tuple tuples[QUICK_COUNT];
	static struct bench b;

	(void)state;
	bench_open(&b, OBITUARY_BUFFER_BYTES, 64);
	for (unsigned i = 0; i < QUICK_COUNT; i++)
		live_quickly(i % 2, &tuples[i]);
	bench_await(&b, 2 * QUICK_COUNT);
	assert_int_equal(b.lost, 0);
	assert_int_equal(b.troubles, 0);
	for (unsigned i = 0; i < QUICK_COUNT; i++) {
		struct tuple mirrored = tuple_mirrored(&tuples[i]);

		assert_int_equal(count_of(&b, &tuples[i]), 1);
		assert_int_equal(count_of(&b, &mirrored), 1);
	}
	for (unsigned i = 0; i < b.end_count; i++) {
		assert_true(b.ends[i].cookie != 0);
		assert_int_equal(b.ends[i].inode, 0);
		assert_true(b.ends[i].has & SAMPLE_HAS_SENT);
	}
	bench_close(&b);
}

static void test_what_waits_is_seen_without_reading_it(void **state)
{
	static struct bench b;
	struct pollfd ready = {.events = POLLIN};
	int64_t now_ns;

	(void)state;
	bench_open(&b, OBITUARY_BUFFER_BYTES, 64);
	assert_true(obituary_glance(&b.obituary, &now_ns));
	live_quickly(0, NULL);
	ready.fd = obituary_fd(&b.obituary);
	assert_int_equal(poll(&ready, 1, (int)(PATIENCE_NS / NS_PER_MS)), 1);
	assert_false(obituary_glance(&b.obituary, &now_ns));
	bench_await(&b, 2);
	assert_true(obituary_glance(&b.obituary, &now_ns));
	obituary_listen(&b.obituary, false);
	assert_true(obituary_glance(&b.obituary, &now_ns));
	bench_close(&b);
}

/* The Drops column of our line in /proc/net/netlink. */
static unsigned long drops_told_by_proc(int fd)
{
	unsigned long drops, inode;
	FILE *f = fopen("/proc/self/net/netlink", "re");
	struct stat st;
	char line[256];

	assert_non_null(f);
	assert_int_equal(fstat(fd, &st), 0);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &drops, &inode) == 2 && inode == st.st_ino) {
			fclose(f);
			return drops;
		}
	fclose(f);
	fail_msg("our socket is not in /proc/self/net/netlink");
	return 0;
}

/* The kernel makes notices in a workqueue, which can be late: all have been made when so many are dropped that the others fit. */
static void await_drops(int fd, unsigned long drops)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	while (drops_told_by_proc(fd) < drops) {
		assert_true(clock_now_ns() < deadline_ns);
		poll(NULL, 0, 5);
	}
}

static void test_losses_are_counted_exactly(void **state)
{
	static struct bench b;

	(void)state;
	bench_open(&b, 4096, 64);
	/* Twice, so that what was counted is not counted again. */
	for (unsigned round = 1; round <= 2; round++) {
		for (unsigned i = 0; i < LOST_COUNT; i++)
			live_quickly(0, NULL);
		await_drops(obituary_fd(&b.obituary), (2 * LOST_COUNT - HELD_MAX) * round);
		bench_await(&b, 2 * LOST_COUNT * round);
		assert_int_equal(b.lost, drops_told_by_proc(obituary_fd(&b.obituary)));
	}
	bench_close(&b);
}

static void fill_outlet(struct outlet *out)
{
	unsigned added = 0;

	while (outlet_add(out, OBSERVED_SAMPLE, 1, 1))
		added++;
	/* One batch in the queue, the backlog, and the one being filled. */
	assert_int_equal(added, (1 + OUTLET_BACKLOG + 1) * BATCH_ROOM);
	assert_true(outlet_is_stuck(out));
}

/* Nobody takes anything for long: what there is no room for is counted, and told when there is room again. */
static void test_no_room_is_a_loss(void **state)
{
	static struct bench b;
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	bool lost;

	(void)state;
	bench_open(&b, OBITUARY_BUFFER_BYTES, 1);
	fill_outlet(&b.out);
	for (unsigned i = 0; i < 3; i++)
		live_quickly(0, NULL);
	for (unsigned received = 0; received < 6;) {
		assert_true(clock_now_ns() < deadline_ns);
		received += obituary_drain(&b.obituary, &lost);
	}
	assert_true(lost);
	for (unsigned i = 0; i < OUTLET_BACKLOG + 2; i++) {
		outlet_flush(&b.out);
		bench_take(&b);
	}
	bench_await(&b, 6);
	assert_int_equal(b.end_count, 0);
	assert_int_equal(b.lost, 6);
	bench_close(&b);
}

static void test_impatient_outlet_keeps_the_order(void **state)
{
	struct queue *queue = queue_new(1);
	struct outlet out;
	struct batch *batch;
	int64_t expected = 0, given = 0;

	(void)state;
	outlet_init(&out, queue, 9, false);
	for (unsigned round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < 1 + round % 50; i++, given++)
			assert_non_null(outlet_add(&out, OBSERVED_SAMPLE, given, given));
		outlet_flush(&out);
		if (round % 3)
			continue;
		while ((batch = queue_take(queue))) {
			for (uint32_t i = 0; i < batch->count; i++)
				assert_int_equal(batch->observations[i].t0_ns, expected++);
			batch_free(batch);
			outlet_flush(&out);
		}
	}
	assert_true(expected > 20000);
	outlet_fini(&out);
	queue_free(queue, drop_batch);
}

/* Connections that end before anybody listens on the bench; another listener makes sure that their notices went out. */
static void die_unheard(struct tuple *first)
{
	static struct bench witness;

	bench_open(&witness, OBITUARY_BUFFER_BYTES, 64);
	live_quickly(0, first);
	for (unsigned i = 1; i < UNHEARD_COUNT; i++)
		live_quickly(0, NULL);
	bench_await(&witness, 2 * UNHEARD_COUNT);
	bench_close(&witness);
}

/* Who ends to listen has heard of all who died until then, however many they were; another listener makes sure that their notices went out. */
static void test_parting_tells_all_that_waits(void **state)
{
	static struct bench witness, b;
	bool lost = false;

	(void)state;
	bench_open(&witness, OBITUARY_BUFFER_BYTES, 64);
	bench_open(&b, OBITUARY_BUFFER_BYTES, 64);
	/* A socket that was never connected has a notice too. */
	for (unsigned i = 0; i < PARTED_COUNT; i++)
		close(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	bench_await(&witness, PARTED_COUNT);
	obituary_part(&b.obituary, &lost);
	assert_int_equal(obituary_fd(&b.obituary), -1);
	bench_take(&b);
	assert_false(lost);
	assert_int_equal(b.end_count, PARTED_COUNT);
	bench_close(&b);
	bench_close(&witness);
}

/* Listens, and hears of the dead from now on only. */
static void check_hears_from_now_on(struct bench *b, const struct tuple *unheard)
{
	struct tuple heard, mirrored;
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	obituary_listen(&b->obituary, true);
	assert_true(b->obituary.listening);
	live_quickly(0, &heard);
	mirrored = tuple_mirrored(&heard);
	while (count_of(b, &heard) == 0 || count_of(b, &mirrored) == 0) {
		bool lost;

		assert_true(clock_now_ns() < deadline_ns);
		obituary_drain(&b->obituary, &lost);
		outlet_flush(&b->out);
		bench_take(b);
	}
	assert_int_equal(count_of(b, unheard), 0);
	assert_int_equal(b->troubles, 0);
}

static void test_not_listening_is_deaf(void **state)
{
	static struct bench b;
	struct tuple unheard;

	(void)state;
	bench_open(&b, OBITUARY_BUFFER_BYTES, 64);
	obituary_listen(&b.obituary, false);
	assert_int_equal(obituary_fd(&b.obituary), -1);
	die_unheard(&unheard);
	check_hears_from_now_on(&b, &unheard);
	bench_close(&b);
}

/* A socket that somebody else opened: what came before we were told to listen is not ours to date. */
static void test_a_socket_brought_along(void **state)
{
	int fd = netlink_open(0);
	static struct bench b;
	struct tuple unheard;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(netlink_listen_to_ends(fd, true), 0);
	memset(&b, 0, sizeof(b));
	b.queue = queue_new(64);
	outlet_init(&b.out, b.queue, 5, false);
	obituary_init(&b.obituary, fd, OBITUARY_BUFFER_BYTES, &b.out);
	die_unheard(&unheard);
	check_hears_from_now_on(&b, &unheard);
	bench_close(&b);
}

static void test_no_socket_is_trouble(void **state)
{
	int not_netlink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static struct bench b;

	(void)state;
	memset(&b, 0, sizeof(b));
	b.queue = queue_new(64);
	outlet_init(&b.out, b.queue, 5, false);
	obituary_init(&b.obituary, not_netlink, OBITUARY_BUFFER_BYTES, &b.out);
	/* Once per change, however often it is tried. */
	for (unsigned i = 0; i < 3; i++) {
		obituary_listen(&b.obituary, true);
		assert_false(b.obituary.listening);
	}
	outlet_flush(&b.out);
	bench_take(&b);
	assert_int_equal(b.troubles, 1);
	bench_close(&b);
}

static void test_only_the_kernel_is_believed(void **state)
{
	struct inet_diag_msg lie = message_socket_v4();
	int fd = sockets_diag_open();
	struct message m = {0};
	struct sockaddr_nl victim;
	socklen_t len = sizeof(victim);
	static struct bench b;
	ssize_t sent;

	(void)state;
	bench_open(&b, OBITUARY_BUFFER_BYTES, 64);
	message_socket(&m, SOCK_DIAG_BY_FAMILY, 0, &lie);
	assert_int_equal(getsockname(obituary_fd(&b.obituary), (struct sockaddr *)&victim, &len), 0);
	sent = sendto(fd, m.bytes, m.len, 0, (struct sockaddr *)&victim, len);
	close(fd);
	live_quickly(0, NULL);
	bench_await(&b, 2);
	for (unsigned i = 0; i < b.end_count; i++)
		assert_int_not_equal(b.ends[i].inode, lie.idiag_inode);
	bench_close(&b);
	if (sent != (ssize_t)m.len)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_quick_deaths_are_told),
		cmocka_unit_test(test_what_waits_is_seen_without_reading_it),
		cmocka_unit_test(test_losses_are_counted_exactly),
		cmocka_unit_test(test_no_room_is_a_loss),
		cmocka_unit_test(test_impatient_outlet_keeps_the_order),
		cmocka_unit_test(test_not_listening_is_deaf),
		cmocka_unit_test(test_parting_tells_all_that_waits),
		cmocka_unit_test(test_a_socket_brought_along),
		cmocka_unit_test(test_no_socket_is_trouble),
		cmocka_unit_test(test_only_the_kernel_is_believed),
	};

	sockets_enter_namespace();
	for (unsigned i = 0; i < 2; i++)
		listeners[i] = sockets_listen(addresses[i], 0, 16);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
