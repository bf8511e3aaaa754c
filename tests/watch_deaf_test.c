/* watch: notices shed and listened to again, by the thread itself; where the kernel's count of opened sockets can be had, and where it cannot. */
#include "config.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "raw_diag.h"
#include "sockets.h"
#include "watch/watch.h"

#define PATIENCE_NS (30 * NS_PER_SECOND)
#define LIMIT 20

struct heard {
	unsigned ends, losses;
	bool deaf, again, counted;
	uint64_t opened;
	int64_t deaf_ns; /* since when, at the earliest */
	struct tuple unheard, wanted; /* whose end must not come; whose end is waited for */
	bool wanted_came;
};

static void hear(struct heard *h, const struct observation *o)
{
	switch (o->kind) {
	case OBSERVED_END:
		h->ends++;
		assert_false(tuple_equal(&o->sample.tuple, &h->unheard));
		h->wanted_came |= tuple_equal(&o->sample.tuple, &h->wanted);
		break;
	case OBSERVED_LOSS:
		h->losses++;
		break;
	case OBSERVED_SHED:
		assert_true(o->t0_ns <= o->t1_ns);
		assert_true(o->shed.deaf != h->deaf || (o->shed.deaf && o->shed.opened >= h->opened));
		h->deaf = o->shed.deaf;
		h->deaf_ns = o->t0_ns;
		h->again |= !o->shed.deaf;
		h->counted = o->shed.counted;
		h->opened = o->shed.opened;
		break;
	default:
		break;
	}
}

static void take(struct watch *w, struct heard *h, int wait_ms)
{
	struct batch *b;

	poll(&(struct pollfd){.fd = queue_fd(watch_batches(w)), .events = POLLIN}, 1, wait_ms);
	while ((b = queue_take(watch_batches(w)))) {
		for (uint32_t i = 0; i < b->count; i++)
			hear(h, &b->observations[i]);
		batch_free(b);
	}
}

static void await(struct watch *w, struct heard *h, const bool *flag)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	while (!*flag) {
		assert_true(clock_now_ns() < deadline_ns);
		take(w, h, 100);
	}
}

/* One connection that opens and closes: the tuple of the end that closes last, which is then gone. */
static struct tuple live_and_die(int listener)
{
	int client = sockets_connect("127.0.0.1", sockets_port(listener)), server = sockets_accept(listener);
	struct tuple tuple = sockets_tuple(server);

	close(client);
	close(server);
	return tuple;
}

/* The same, and its notice has been sent to whoever listens: the kernel does that later, from a queue. */
static struct tuple die_unheard(int listener)
{
	int client = sockets_connect("127.0.0.1", sockets_port(listener)), server = sockets_accept(listener), notices = raw_notices_open(0);
	struct tuple tuple = sockets_tuple(server);
	uint64_t cookie = raw_cookie(server);

	close(client);
	close(server);
	raw_notice_await(notices, cookie);
	close(notices);
	return tuple;
}

static void goes_deaf_and_hears_again(struct watch_sockets sockets, bool counts)
{
	struct watch_plan plan = {.fast_interval_ns = NS_PER_SECOND, .budget = 1, .notices = true, .shed_rate = LIMIT};
	int listener = sockets_listen("127.0.0.1", 0, 64);
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	const char *where = NULL;
	struct tuple unheard;
	struct heard h = {0};
	struct watch *w = NULL;

	assert_int_equal(watch_start(&plan, sockets, &w, &where), 0);
	while (!h.deaf) {
		assert_true(clock_now_ns() < deadline_ns);
		for (unsigned i = 0; i < LIMIT; i++)
			live_and_die(listener);
		take(w, &h, 10);
	}
	/* All that came until then. */
	assert_true(h.ends > LIMIT);
	unheard = die_unheard(listener);
	/* After a second it looks whether it is over; a host as slow as that proves nothing here. */
	if (clock_now_ns() < h.deaf_ns + NS_PER_SECOND)
		h.unheard = unheard;
	plan.shed_rate = 0;
	watch_set_plan(w, &plan);
	await(w, &h, &h.again);
	assert_false(h.deaf);
	assert_int_equal(h.counted, counts);
	if (counts)
		assert_true(h.opened >= 2);
	h.wanted = live_and_die(listener);
	await(w, &h, &h.wanted_came);
	assert_int_equal(h.losses, 0);
	watch_stop(w);
	close(listener);
}

static void in_our_own_namespace(void **state)
{
	(void)state;
	goes_deaf_and_hears_again(WATCH_SOCKETS_OWN, true);
}

static void through_sockets_that_were_handed_over(void **state)
{
	struct watch_sockets sockets;

	(void)state;
	assert_int_equal(watch_open_sockets(&sockets), 0);
	assert_true(sockets.notices >= 0);
	goes_deaf_and_hears_again(sockets, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_our_own_namespace),
		cmocka_unit_test(through_sockets_that_were_handed_over),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
