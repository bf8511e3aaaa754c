/*
 * Following: what is drawn next, what waits, what is only counted, and that no connection is drawn twice as its own
 * mirror.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/message.h"
#include "scene.h"
#include "show/follow.h"

struct bench {
	struct scene scene;
	struct follow follow;
};

static void hear(void *context, const struct event *e)
{
	struct bench *b = context;

	follow_event(&b->follow, b->scene.model, e);
}

static int start(void **state)
{
	static struct bench b;

	scene_start(&b.scene);
	b.follow = (struct follow){0};
	b.scene.sink = hear;
	b.scene.context = &b;
	*state = &b;
	return 0;
}

static int stop(void **state)
{
	struct bench *b = *state;

	scene_end(&b->scene);
	return 0;
}

static bool turn(struct bench *b, bool moves)
{
	return follow_turn(&b->follow, b->scene.model, moves, b->scene.now_ns);
}

static void open_one(struct bench *b, uint64_t conn)
{
	char local[32];

	snprintf(local, sizeof(local), "10.0.0.1:%u", (unsigned)(1000 + conn));
	scene_open(&b->scene, conn, STATE_SYN_SENT, local, "10.9.9.9:443", SIDE_LOCAL);
}

static void test_finished_and_seen_before_the_next(void **state)
{
	struct bench *b = *state;

	assert_false(turn(b, false));
	open_one(b, 1);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 1);
	assert_int_equal(b->follow.since_ns, b->scene.now_ns);
	scene_pass_ms(&b->scene, 10);
	open_one(b, 2);
	assert_false(turn(b, true)); /* it is still being drawn */
	assert_false(turn(b, false));
	assert_int_equal(follow_due(&b->follow), b->scene.now_ns + FOLLOW_STAY_NS);
	scene_pass_ms(&b->scene, 1400);
	assert_false(turn(b, false));
	scene_step(&b->scene, 1, STATE_ESTABLISHED); /* more of it: the rest begins anew */
	assert_false(turn(b, true));
	scene_pass_ms(&b->scene, 200);
	assert_false(turn(b, false));
	scene_pass_ms(&b->scene, 1500);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 2);
	assert_int_equal(b->follow.not_drawn, 0);
}

static void test_closing_is_drawn_again(void **state)
{
	struct bench *b = *state;
	int64_t opened_ns = b->scene.now_ns;

	open_one(b, 1);
	assert_true(turn(b, false));
	assert_false(turn(b, false));
	scene_pass_ms(&b->scene, 5000);
	open_one(b, 2);
	assert_true(turn(b, false));
	assert_false(turn(b, false));
	scene_pass_ms(&b->scene, 5000);
	scene_step(&b->scene, 1, STATE_ESTABLISHED);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 1);
	assert_true(b->follow.since_ns > opened_ns); /* only what is new is played */
}

static void test_mirror_is_not_drawn(void **state)
{
	struct bench *b = *state;

	/* the listening side is told first: the opener's end is taken all the same */
	scene_open(&b->scene, 1, STATE_SYN_RECV, "127.0.0.1:80", "127.0.0.1:4000", SIDE_REMOTE);
	scene_open(&b->scene, 2, STATE_SYN_SENT, "127.0.0.1:4000", "127.0.0.1:80", SIDE_LOCAL);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 2);
	scene_step(&b->scene, 1, STATE_ESTABLISHED);
	scene_step(&b->scene, 2, STATE_ESTABLISHED);
	assert_int_equal(b->follow.waiting, 0);
	assert_false(turn(b, false));
	open_one(b, 3);
	scene_pass_ms(&b->scene, 2000);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 3);
	assert_false(turn(b, false));
	scene_step(&b->scene, 1, STATE_CLOSE_WAIT);
	scene_step(&b->scene, 2, STATE_FIN_WAIT2);
	assert_int_equal(b->follow.waiting, 1);
	scene_pass_ms(&b->scene, 2000);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 2);
}

static void test_newest_wait_and_the_rest_is_counted(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 1; i <= 20; i++)
		open_one(b, i);
	assert_int_equal(b->follow.waiting, FOLLOW_WAITING_MAX);
	assert_int_equal(b->follow.not_drawn, 12);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 13);
}

/* What was over long ago makes way for what is new, and is counted; with nothing new it is drawn. */
static void test_long_over_is_skipped(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 1; i <= 2; i++)
		open_one(b, i);
	scene_pass_ms(&b->scene, 4000);
	open_one(b, 3);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 3);
	assert_int_equal(b->follow.not_drawn, 2);
	open_one(b, 4);
	scene_pass_ms(&b->scene, 4000);
	turn(b, false);
	scene_pass_ms(&b->scene, 4000);
	assert_true(turn(b, false));
	assert_int_equal(b->follow.conn, 4);
}

static void test_what_is_no_news(void **state)
{
	struct bench *b = *state;

	scene_open(&b->scene, 1, STATE_LISTEN, "0.0.0.0:80", "0.0.0.0:0", SIDE_UNKNOWN);
	scene_close(&b->scene, 1, CAUSE_LISTENER_CLOSED);
	scene_was_there(&b->scene, 2, STATE_TIME_WAIT, "10.0.0.1:80", "10.0.0.2:4000", 1000);
	scene_close(&b->scene, 2, CAUSE_GRACEFUL);
	scene_swept(&b->scene);
	assert_int_equal(b->follow.waiting, 0);
}

/* One that the model has forgotten meanwhile is counted as not drawn. */
static void test_forgotten(void **state)
{
	struct bench *b = *state;

	open_one(b, 1);
	scene_close(&b->scene, 1, CAUSE_REFUSED);
	b->scene.sink = NULL;
	for (unsigned i = 0; i < MODEL_DEPARTED_MAX; i++) {
		open_one(b, 2 + i);
		scene_close(&b->scene, 2 + i, CAUSE_REFUSED);
	}
	assert_null(model_find(b->scene.model, 1));
	assert_false(turn(b, false));
	assert_int_equal(b->follow.not_drawn, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_finished_and_seen_before_the_next),
		TEST(test_closing_is_drawn_again),
		TEST(test_mirror_is_not_drawn),
		TEST(test_newest_wait_and_the_rest_is_counted),
		TEST(test_long_over_is_skipped),
		TEST(test_what_is_no_news),
		TEST(test_forgotten),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
