/* player: rows in turn, hurry, pause, step, live; no clock but the one told. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "show/player.h"

#define T0 (1000 * NS_PER_SECOND)
#define AT(ms) (T0 + (ms) * NS_PER_MS)

static const struct tempo compressed = {.kind = TEMPO_COMPRESSED};

/* Rows of 29 µs: 239 ms each. */
static void make_rows(struct ladder *l, unsigned count)
{
	*l = (struct ladder){.conn = 7, .count = (uint16_t)count};
	for (unsigned i = 0; i < count; i++)
		l->rows[i] = (struct ladder_row){.part = PART_OPEN, .delta_ns = 29 * NS_PER_US};
}

static void test_plays_in_turn(void **state)
{
	struct ladder_moment now;
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 3);
	player_start(&p, 7, 0, true);
	assert_true(player_moves(&p, &l));
	assert_int_equal(player_behind(&p, &l), 3);
	now = player_advance(&p, &l, &compressed, T0);
	assert_int_equal(now.whole, 0);
	assert_true(now.progress == 0);
	assert_int_equal(player_behind(&p, &l), 2);
	now = player_advance(&p, &l, &compressed, AT(90));
	assert_int_equal(now.whole, 0);
	assert_true(now.progress > 0.4 && now.progress < 0.6);
	now = player_advance(&p, &l, &compressed, AT(200));
	assert_int_equal(now.whole, 0);
	assert_true(now.progress == 1); /* it has landed, and stands to be read */
	now = player_advance(&p, &l, &compressed, AT(240));
	assert_int_equal(now.whole, 1);
	assert_true(now.progress < 0.1);
	now = player_advance(&p, &l, &compressed, AT(2 * 239 + 10));
	assert_int_equal(now.whole, 2);
	now = player_advance(&p, &l, &compressed, AT(3 * 239));
	assert_int_equal(now.whole, 3);
	assert_true(now.progress == 0);
	assert_false(player_moves(&p, &l));
	assert_int_equal(player_behind(&p, &l), 0);
}

static void test_late_frame_catches_up(void **state)
{
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 3);
	player_start(&p, 7, 0, true);
	player_advance(&p, &l, &compressed, T0);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(60000)).whole, 3);
}

static void test_hurries(void **state)
{
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 6);
	player_start(&p, 7, 0, true);
	player_advance(&p, &l, &compressed, T0); /* 5 wait: twice as fast */
	assert_int_equal(player_advance(&p, &l, &compressed, AT(119)).whole, 0);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(120)).whole, 1);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(120 + 200)).whole, 1); /* 4 wait: as always */
	make_rows(&l, 10);
	player_start(&p, 7, 0, true);
	player_advance(&p, &l, &compressed, T0); /* 9 wait: four times */
	assert_int_equal(player_advance(&p, &l, &compressed, AT(60)).whole, 1);
}

static void test_new_rows_are_played(void **state)
{
	struct ladder_moment now;
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 2);
	player_start(&p, 7, UINT16_MAX, true);
	now = player_advance(&p, &l, &compressed, T0);
	assert_int_equal(now.whole, 2);
	assert_false(player_moves(&p, &l));
	make_rows(&l, 3);
	assert_true(player_moves(&p, &l));
	now = player_advance(&p, &l, &compressed, AT(5000));
	assert_int_equal(now.whole, 2);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(5238)).whole, 2);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(5239)).whole, 3);
	make_rows(&l, 1); /* rows merged */
	assert_int_equal(player_advance(&p, &l, &compressed, AT(5300)).whole, 1);
}

/* A step whose length is unknown takes about half a second; the step after the data does not wait a second time. */
static void test_unknown_and_data(void **state)
{
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 3);
	l.rows[0].delta_ns = -1;
	l.rows[1] = (struct ladder_row){.part = PART_DATA, .delta_ns = 41 * NS_PER_SECOND};
	l.rows[2].delta_ns = 41 * NS_PER_SECOND;
	player_start(&p, 7, 0, true);
	player_advance(&p, &l, &compressed, T0);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(494)).whole, 0);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(495)).whole, 1);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(495 + 1141)).whole, 1);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(495 + 1142)).whole, 2);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(495 + 1142 + 495)).whole, 3);
}

/* In true time the wait before a row that has just come is over already. */
static void test_true_time(void **state)
{
	const struct tempo live = {.kind = TEMPO_LIVE};
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 2);
	l.rows[0].delta_ns = 41 * NS_PER_SECOND;
	l.rows[1].delta_ns = 300 * NS_PER_MS;
	player_start(&p, 7, 0, true);
	assert_int_equal(player_advance(&p, &l, &live, T0).whole, 0);
	assert_int_equal(player_advance(&p, &l, &live, AT(2)).whole, 1);
	assert_int_equal(player_advance(&p, &l, &live, AT(301)).whole, 1);
	assert_int_equal(player_advance(&p, &l, &live, AT(302)).whole, 2);
}

static void test_pause(void **state)
{
	struct ladder_moment before, after;
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 2);
	player_start(&p, 7, 0, true);
	player_advance(&p, &l, &compressed, T0);
	player_pause(&p, true, AT(60));
	player_pause(&p, true, AT(70)); /* paused already */
	assert_false(player_moves(&p, &l));
	before = player_advance(&p, &l, &compressed, AT(100));
	after = player_advance(&p, &l, &compressed, AT(9000));
	assert_int_equal(before.whole, 0);
	assert_int_equal(after.whole, 0);
	assert_true(before.progress == after.progress && after.progress > 0.3);
	make_rows(&l, 9); /* what comes meanwhile does not move it either */
	assert_int_equal(player_advance(&p, &l, &compressed, AT(9500)).whole, 0);
	make_rows(&l, 2);
	player_pause(&p, false, AT(10000));
	assert_int_equal(player_advance(&p, &l, &compressed, AT(10000 + 178)).whole, 0);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(10000 + 179)).whole, 1);
}

static void test_step(void **state)
{
	struct ladder_moment now;
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 3);
	player_start(&p, 7, UINT16_MAX, true);
	player_step(&p, &l, -1, T0);
	now = player_advance(&p, &l, &compressed, AT(1000));
	assert_int_equal(now.whole, 2);
	assert_true(now.progress == 0);
	player_step(&p, &l, -1, AT(1000));
	player_step(&p, &l, -1, AT(1000));
	player_step(&p, &l, -1, AT(1000));
	assert_int_equal(player_advance(&p, &l, &compressed, AT(1000)).whole, 0);
	player_step(&p, &l, 1, AT(1000));
	assert_int_equal(player_advance(&p, &l, &compressed, AT(2000)).whole, 1);
	player_pause(&p, false, AT(2000));
	player_advance(&p, &l, &compressed, AT(2000));
	assert_true(player_advance(&p, &l, &compressed, AT(2100)).progress > 0);
	player_step(&p, &l, -1, AT(2100)); /* the one on its way is taken back */
	now = player_advance(&p, &l, &compressed, AT(2100));
	assert_int_equal(now.whole, 1);
	assert_true(now.progress == 0);
	player_live(&p, &l);
	assert_int_equal(player_advance(&p, &l, &compressed, AT(2200)).whole, 3);
	make_rows(&l, 4);
	assert_true(player_moves(&p, &l));
	player_step(&p, &l, 1, AT(2300));
	player_step(&p, &l, 1, AT(2300));
	assert_int_equal(player_advance(&p, &l, &compressed, AT(2300)).whole, 4);
}

static void test_without_animation(void **state)
{
	struct player p;
	struct ladder l;

	(void)state;
	make_rows(&l, 3);
	player_start(&p, 7, 0, false);
	assert_false(player_moves(&p, &l));
	assert_int_equal(player_advance(&p, &l, &compressed, T0).whole, 3);
	player_step(&p, &l, -1, T0); /* steps can be gone through all the same */
	assert_int_equal(player_advance(&p, &l, &compressed, T0).whole, 2);
	player_step(&p, &l, -1, T0);
	player_step(&p, &l, 1, T0);
	assert_int_equal(player_advance(&p, &l, &compressed, T0).whole, 2);
	player_pause(&p, false, T0);
	assert_int_equal(player_advance(&p, &l, &compressed, T0).whole, 3);
	l.count = 0;
	assert_int_equal(player_advance(&p, &l, &compressed, T0).whole, 0);
}

/*
 * Other ladders that wait make this one go faster: more than four, twice; more than eight with its own rows, four
 * times.
 */
static void test_hurries_for_others(void **state)
{
	struct player alone, hurried;
	struct ladder l;

	(void)state;
	make_rows(&l, 2);
	player_start(&alone, 7, 0, true);
	player_start(&hurried, 7, 0, true);
	hurried.waiting = 8;
	player_advance(&alone, &l, &compressed, T0);
	player_advance(&hurried, &l, &compressed, T0);
	for (unsigned ms = 1; player_advance(&alone, &l, &compressed, T0 + ms * NS_PER_MS).whole < 1; ms++)
		player_advance(&hurried, &l, &compressed, T0 + ms * NS_PER_MS);
	assert_int_equal(hurried.whole, l.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plays_in_turn),
		cmocka_unit_test(test_late_frame_catches_up),
		cmocka_unit_test(test_hurries),
		cmocka_unit_test(test_new_rows_are_played),
		cmocka_unit_test(test_unknown_and_data),
		cmocka_unit_test(test_true_time),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_without_animation),
		cmocka_unit_test(test_hurries_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
