/* queue: order, bounds, closing, and the descriptor, alone and between two threads. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/queue.h"

static int items[100000];

static bool is_readable(const struct queue *q, int timeout_ms)
{
	struct pollfd p = {.fd = queue_fd(q), .events = POLLIN};

	return poll(&p, 1, timeout_ms) == 1;
}

static void test_order_and_bound(void **state)
{
	struct queue *q = queue_new(3);

	(void)state;
	assert_non_null(q);
	assert_null(queue_take(q));
	/* Twice round the ring. */
	for (int round = 0; round < 3; round++) {
		assert_false(is_readable(q, 0));
		assert_true(queue_try_put(q, &items[0]));
		assert_true(queue_put(q, &items[1]));
		assert_true(queue_try_put(q, &items[2]));
		assert_false(queue_try_put(q, &items[3]));
		assert_int_equal(queue_length(q), 3);
		assert_ptr_equal(queue_take(q), &items[0]);
		assert_true(is_readable(q, 0));
		assert_true(queue_try_put(q, &items[3]));
		for (int i = 1; i <= 3; i++) {
			assert_true(is_readable(q, 0));
			assert_ptr_equal(queue_take(q), &items[i]);
		}
		assert_null(queue_take(q));
	}
	queue_free(q, NULL);
}

static unsigned dropped;

static void drop(void *item)
{
	assert_ptr_equal(item, &items[2 + dropped]);
	dropped++;
}

static void test_free_drops_in_order(void **state)
{
	struct queue *q = queue_new(4);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(queue_put(q, &items[i]));
	queue_take(q);
	queue_take(q);
	queue_put(q, &items[4]);
	queue_free(q, drop);
	assert_int_equal(dropped, 3);
	queue_free(NULL, drop);
}

static void test_closed(void **state)
{
	struct queue *q = queue_new(4);

	(void)state;
	assert_true(queue_put(q, &items[0]));
	queue_close(q);
	assert_false(queue_put(q, &items[1]));
	assert_false(queue_try_put(q, &items[1]));
	/* What is in can still be taken. */
	assert_true(is_readable(q, 0));
	assert_ptr_equal(queue_take(q), &items[0]);
	assert_false(is_readable(q, 0));
	queue_free(q, NULL);
}

/* Puts all items; returns how many it got rid of. */
static void *put_all(void *queue)
{
	intptr_t done = 0;

	while (done < 100000 && queue_put(queue, &items[done]))
		done++;
	return (void *)done;
}

static void test_two_threads(void **state)
{
	struct queue *q = queue_new(7);
	pthread_t thread;
	void *done;
	int taken = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_all, q), 0);
	while (taken < 100000) {
		int *item;

		/* No wake-up may be lost: a minute is for ever. */
		assert_true(is_readable(q, 60000));
		while ((item = queue_take(q)))
			assert_ptr_equal(item, &items[taken++]);
	}
	pthread_join(thread, &done);
	assert_int_equal((intptr_t)done, 100000);
	assert_false(is_readable(q, 0));
	queue_free(q, NULL);
}

static void test_closing_wakes_the_putter(void **state)
{
	struct queue *q = queue_new(5);
	pthread_t thread;
	void *done;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_all, q), 0);
	while (queue_length(q) < 5)
		sched_yield();
	queue_close(q);
	pthread_join(thread, &done);
	assert_int_equal((intptr_t)done, 5);
	queue_free(q, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_bound),
		cmocka_unit_test(test_free_drops_in_order),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_closing_wakes_the_putter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
