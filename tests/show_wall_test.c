/* The Wall: who gets a lane, who waits, what merges, what is only counted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "scene.h"
#include "show/wall.h"

struct bench {
	struct scene scene;
	struct wall wall;
	struct tempo tempo;
	bool away, outside; /* nobody looks; a filter lets nothing through */
};

static void hear(void *context, const struct event *e)
{
	struct bench *b = context;

	if (b->away)
		wall_miss(&b->wall);
	else
		wall_event(&b->wall, b->scene.model, e, !b->outside);
}

static int start(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	scene_start(&b.scene);
	wall_init(&b.wall, true);
	wall_resize(&b.wall, 3, false);
	b.scene.sink = hear;
	b.scene.context = &b;
	*state = &b;
	return 0;
}

static int stop(void **state)
{
	struct bench *b = *state;

	wall_fini(&b->wall);
	scene_end(&b->scene);
	return 0;
}

static void turn(struct bench *b)
{
	wall_turn(&b->wall, b->scene.model, &b->tempo, b->scene.now_ns);
}

static void play(struct bench *b, int64_t ms)
{
	for (int64_t passed = 0; passed < ms; passed += 40) {
		turn(b);
		scene_pass_ms(&b->scene, 40);
	}
	turn(b);
}

static void open_to(struct bench *b, uint64_t conn, unsigned port)
{
	char local[32], remote[32];

	snprintf(local, sizeof(local), "10.0.0.1:%u", (unsigned)(1000 + conn));
	snprintf(remote, sizeof(remote), "10.9.9.9:%u", port);
	scene_open(&b->scene, conn, STATE_SYN_SENT, local, remote, SIDE_LOCAL);
}

static void open_one(struct bench *b, uint64_t conn)
{
	open_to(b, conn, 443);
	scene_step(&b->scene, conn, STATE_ESTABLISHED);
}

static uint64_t not_drawn(const struct bench *b)
{
	return wall_tally_not_drawn(&b->wall.total);
}

/* Where the connection is drawn, or WALL_NOWHERE. */
static uint32_t place_of(const struct bench *b, uint64_t conn)
{
	for (uint32_t i = 0; i < b->wall.count; i++)
		if (b->wall.lanes[i].conn == conn)
			return i;
	return WALL_NOWHERE;
}

static void test_a_lane_stays_and_then_its_place_is_free(void **state)
{
	struct bench *b = *state;
	int64_t ended_ns;

	open_one(b, 1);
	open_one(b, 2);
	turn(b);
	assert_true(wall_moves(&b->wall));
	assert_int_equal(place_of(b, 1) + place_of(b, 2), 1);
	while (wall_moves(&b->wall))
		play(b, 40);
	ended_ns = b->scene.now_ns;
	assert_int_equal(wall_due(&b->wall), b->wall.lanes[0].rests_since_ns + WALL_STAY_NS);
	play(b, 1400);
	assert_int_not_equal(place_of(b, 1), WALL_NOWHERE);
	play(b, 200);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	assert_true(b->scene.now_ns >= ended_ns + WALL_STAY_NS);
	assert_int_equal(wall_due(&b->wall), INT64_MAX);
	assert_int_equal(b->wall.total.drawn, 2);
	assert_int_equal(not_drawn(b), 0);
}

/* What comes meanwhile takes a free place, and nobody moves. */
static void test_places_are_kept_and_used_again(void **state)
{
	struct bench *b = *state;

	open_one(b, 1);
	turn(b);
	scene_pass_ms(&b->scene, 10);
	open_to(b, 2, 80); /* is not over: it waits for an answer */
	turn(b);
	assert_int_equal(place_of(b, 1), 0);
	assert_int_equal(place_of(b, 2), 1);
	play(b, 5000);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	assert_int_equal(place_of(b, 2), 1); /* nobody needs its place */
	open_one(b, 3);
	turn(b);
	assert_int_equal(place_of(b, 3), 0);
	assert_int_equal(place_of(b, 2), 1);
	open_one(b, 4);
	open_one(b, 5);
	turn(b);
	assert_int_equal(place_of(b, 2), WALL_NOWHERE); /* now somebody does */
	assert_int_equal(b->wall.total.drawn, 2);
}

static void test_a_closing_goes_on_in_its_lane(void **state)
{
	struct bench *b = *state;
	uint16_t rows;

	open_one(b, 1);
	play(b, 2500);
	rows = b->wall.lanes[0].ladder.count;
	scene_step(&b->scene, 1, STATE_FIN_WAIT1);
	play(b, 2000);
	assert_int_equal(place_of(b, 1), 0);
	assert_true(b->wall.lanes[0].ladder.count > rows);
	scene_step(&b->scene, 1, STATE_FIN_WAIT2);
	scene_step(&b->scene, 1, STATE_TIME_WAIT);
	play(b, 2000);
	assert_int_equal(b->wall.total.drawn, 2);
	play(b, 2000);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	scene_close(&b->scene, 1, CAUSE_GRACEFUL); /* the end of a TIME_WAIT is no news */
	turn(b);
	assert_int_equal(wall_pending(&b->wall), 0);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
}

/* Of a connection seen before, only the closing is played. */
static void test_a_closing_alone(void **state)
{
	struct bench *b = *state;

	scene_was_there(&b->scene, 1, STATE_ESTABLISHED, "10.0.0.1:1001", "10.9.9.9:443", 60000);
	turn(b);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	scene_step(&b->scene, 1, STATE_CLOSE_WAIT);
	turn(b);
	assert_int_equal(place_of(b, 1), 0);
	assert_int_equal(b->wall.lanes[0].known, 0);
	assert_int_equal(b->wall.lanes[0].ladder.rows[0].part, PART_FIN);
	assert_int_equal(wall_pending(&b->wall), 0); /* it has not closed yet */
	play(b, 2000);
	scene_step(&b->scene, 1, STATE_LAST_ACK);
	scene_close(&b->scene, 1, CAUSE_GRACEFUL);
	play(b, 4000);
	assert_int_equal(b->wall.total.drawn, 1);
}

static void test_of_a_pair_one_lane_is_drawn(void **state)
{
	struct bench *b = *state;

	/* the listening side is told first: the opener's end is taken all the same */
	scene_open(&b->scene, 1, STATE_SYN_RECV, "127.0.0.1:80", "127.0.0.1:4000", SIDE_REMOTE);
	scene_open(&b->scene, 2, STATE_SYN_SENT, "127.0.0.1:4000", "127.0.0.1:80", SIDE_LOCAL);
	turn(b);
	assert_int_equal(place_of(b, 2), 0);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	scene_step(&b->scene, 1, STATE_ESTABLISHED);
	scene_step(&b->scene, 2, STATE_ESTABLISHED);
	play(b, 2000);
	assert_int_equal(b->wall.waiting, 0);
	assert_int_equal(b->wall.total.drawn, 2); /* both sockets */
	assert_int_equal(b->wall.lanes[0].peer, 1);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
}

static void fill_lanes(struct bench *b)
{
	for (unsigned i = 0; i < b->wall.count; i++)
		open_one(b, 1000 + i);
	turn(b);
	assert_int_equal(b->wall.waiting, 0);
}

/* From half of the queue on twice as fast, when it is full four times. */
static void test_the_queue_makes_haste(void **state)
{
	struct bench *b = *state;

	fill_lanes(b);
	for (unsigned i = 1; i <= 3 * WALL_QUEUE / 2; i++)
		open_to(b, i, 443);
	turn(b);
	assert_int_equal(b->wall.lanes[0].player.waiting, WALL_QUEUE / 2);
	for (unsigned i = 1; i <= 3 * WALL_QUEUE / 2; i++)
		open_to(b, 100 + i, 443);
	turn(b);
	assert_int_equal(b->wall.lanes[0].player.waiting, WALL_QUEUE);
	assert_int_equal(b->wall.waiting, 3 * WALL_QUEUE);
	assert_int_equal(not_drawn(b), 0);
	open_to(b, 200, 443);
	assert_int_equal(b->wall.waiting, 3 * WALL_QUEUE);
	assert_int_equal(not_drawn(b), 1);
	for (unsigned i = 0; i < 3 * WALL_QUEUE; i++)
		assert_int_not_equal(b->wall.queue[i].conn, 1); /* the oldest made room */
}

static void test_more_is_counted_by_its_kind(void **state)
{
	struct bench *b = *state;

	fill_lanes(b);
	for (unsigned i = 1; i <= 300; i++)
		open_to(b, i, 443);
	for (unsigned i = 1; i <= 10; i++)
		scene_close(&b->scene, i, CAUSE_REFUSED);
	for (unsigned i = 11; i <= 15; i++)
		scene_close(&b->scene, i, i % 2 ? CAUSE_RESET : CAUSE_ABORTED);
	wall_resize(&b->wall, 0, false);
	assert_int_equal(wall_pending(&b->wall), 0);
	assert_int_equal(b->wall.total.not_drawn[WALL_REFUSED], 10);
	assert_int_equal(b->wall.total.not_drawn[WALL_RESET], 5);
	assert_int_equal(b->wall.total.not_drawn[WALL_ORDERLY], 303);
}

/* A flood to one port does not drown what is rare. */
static void test_a_fair_sample(void **state)
{
	struct bench *b = *state;
	unsigned rare = 0;

	fill_lanes(b);
	open_to(b, 1, 22);
	for (unsigned i = 2; i <= 500; i++)
		open_to(b, i, 443);
	open_to(b, 501, 5432);
	for (unsigned i = 0; i < b->wall.waiting; i++)
		rare += b->wall.queue[i].conn == 1 || b->wall.queue[i].conn == 501;
	assert_int_equal(rare, 2);
	play(b, 2800); /* the lanes, which all went to port 443, come to their ends */
	assert_int_not_equal(place_of(b, 501), WALL_NOWHERE);
	assert_int_not_equal(place_of(b, 1), WALL_NOWHERE);
}

static void test_programs_share_too(void **state)
{
	struct bench *b = *state;

	fill_lanes(b);
	for (unsigned i = 1; i <= 3 * WALL_QUEUE; i++)
		open_to(b, i, 443);
	scene_was_there(&b->scene, 500, STATE_ESTABLISHED, "10.0.0.1:900", "10.9.9.9:443", 60000);
	scene_holder(&b->scene, 500, 77, 3, "backup");
	scene_step(&b->scene, 500, STATE_FIN_WAIT1);
	for (unsigned i = 101; i <= 130; i++)
		open_to(b, i, 443);
	assert_int_equal(b->wall.waiting, 3 * WALL_QUEUE);
	assert_int_equal(b->wall.queue[0].conn, 500); /* all others have been replaced by newer ones */
}

static void test_chosen_and_warnings_come_first(void **state)
{
	struct bench *b = *state;
	uint64_t kept;

	scene_was_there(&b->scene, 1, STATE_CLOSE_WAIT, "10.0.0.1:80", "10.0.0.9:4000", 3600000);
	scene_was_there(&b->scene, 2, STATE_ESTABLISHED, "10.0.0.1:80", "10.0.0.9:4001", 3600000);
	fill_lanes(b);
	b->wall.chosen = 2;
	scene_step(&b->scene, 2, STATE_CLOSE_WAIT);
	for (unsigned i = 10; i < 200; i++)
		open_to(b, i, i);
	scene_tell(&b->scene, &(struct event){.kind = EVENT_MARK, .mark = MARK_ILLEGAL, .conn = 150, .t_ns = b->scene.now_ns});
	scene_step(&b->scene, 150, STATE_ESTABLISHED);
	scene_step(&b->scene, 150, STATE_FIN_WAIT1);
	for (unsigned i = 200; i < 300; i++)
		open_to(b, i, i);
	b->wall.cursor = 0; /* keeps its lane */
	kept = b->wall.lanes[0].conn;
	play(b, 2800);
	assert_int_not_equal(place_of(b, 2), WALL_NOWHERE);
	assert_int_not_equal(place_of(b, 150), WALL_NOWHERE);
	assert_int_equal(place_of(b, kept), 0);
}

/* A connection that is many steps behind is drawn in fewer. */
static void test_steps_merge(void **state)
{
	struct bench *b = *state;
	const struct ladder *l = &b->wall.lanes[0].ladder;
	unsigned merged = 0;

	fill_lanes(b);
	for (unsigned i = 1; i <= 3 * WALL_QUEUE; i++)
		open_one(b, i);
	turn(b);
	scene_step(&b->scene, 1000, STATE_FIN_WAIT1);
	scene_step(&b->scene, 1000, STATE_FIN_WAIT2);
	scene_step(&b->scene, 1000, STATE_TIME_WAIT);
	turn(b);
	l = &b->wall.lanes[place_of(b, 1000)].ladder;
	for (unsigned i = 0; i < l->count; i++)
		merged += l->rows[i].merged;
	assert_true(merged >= 3);
	assert_true(l->count < 7);
	assert_int_equal(l->rows[0].merged, 0); /* it has begun */
	assert_int_equal(l->rows[l->count - 1].local.state, STATE_TIME_WAIT);
	play(b, 1500);
	l = &b->wall.lanes[place_of(b, 1000)].ladder;
	assert_int_equal(b->wall.lanes[place_of(b, 1000)].player.whole, l->count);
}

static void test_late_ones_are_counted(void **state)
{
	struct bench *b = *state;

	fill_lanes(b);
	b->tempo = (struct tempo){.kind = TEMPO_SLOWED, .slowed_by = 1000};
	open_one(b, 5);
	for (unsigned i = 0; i < 3; i++)
		scene_step(&b->scene, 1000 + i, STATE_FIN_WAIT1);
	play(b, 200);
	assert_int_equal(b->wall.waiting, 1);
	wall_pause(&b->wall, true, b->scene.now_ns);
	play(b, 4000);
	assert_int_equal(b->wall.waiting, 1); /* time stands still */
	wall_pause(&b->wall, false, b->scene.now_ns);
	turn(b);
	assert_int_equal(b->wall.waiting, 0);
	assert_int_equal(not_drawn(b), 1);
}

static void test_under_the_cursor_it_stays(void **state)
{
	struct bench *b = *state;

	open_one(b, 1);
	turn(b);
	b->wall.cursor = 0;
	for (unsigned i = 2; i < 40; i++) {
		open_one(b, i);
		play(b, 200);
	}
	assert_int_equal(place_of(b, 1), 0);
	wall_resize(&b->wall, 1, true);
	assert_int_equal(place_of(b, 1), 0);
	wall_resize(&b->wall, 12, false);
	assert_int_equal(place_of(b, 1), 0);
	b->wall.cursor = WALL_NOWHERE;
	play(b, 40);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
}

static void test_cursor_survives_fewer_lanes(void **state)
{
	struct bench *b = *state;
	uint64_t kept;

	fill_lanes(b);
	b->wall.cursor = 2;
	kept = b->wall.lanes[2].conn;
	wall_resize(&b->wall, 1, true);
	assert_int_equal(b->wall.cursor, 0);
	assert_int_equal(b->wall.lanes[0].conn, kept);
	assert_int_equal(not_drawn(b), 2);
}

/* Who has looked elsewhere finds no old stories, but what lasts. */
static void test_away_and_back(void **state)
{
	struct bench *b = *state;

	open_one(b, 1);
	open_to(b, 2, 443);
	turn(b);
	b->away = true;
	scene_step(&b->scene, 2, STATE_ESTABLISHED);
	open_one(b, 3);
	scene_pass_ms(&b->scene, 500);
	b->away = false;
	open_to(b, 4, 80); /* before the first frame after that */
	turn(b);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	assert_int_equal(place_of(b, 2), WALL_NOWHERE);
	assert_int_equal(wall_pending(&b->wall), 0);
	assert_int_equal(not_drawn(b) + b->wall.total.drawn, 3);
	open_to(b, 5, 80);
	turn(b);
	b->away = true;
	scene_tell(&b->scene, &(struct event){.kind = EVENT_UPDATE, .conn = 5, .t_ns = b->scene.now_ns});
	b->away = false;
	turn(b);
	assert_int_not_equal(place_of(b, 5), WALL_NOWHERE);
	assert_false(wall_moves(&b->wall));
}

static void test_outside_the_filter(void **state)
{
	struct bench *b = *state;

	b->outside = true;
	open_one(b, 1);
	scene_close(&b->scene, 1, CAUSE_RESET);
	turn(b);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	assert_int_equal(b->wall.total.outside, 2);
	assert_int_equal(not_drawn(b), 0);
}

static void test_listeners_have_no_lane(void **state)
{
	struct bench *b = *state;

	scene_open(&b->scene, 1, STATE_LISTEN, "0.0.0.0:80", "0.0.0.0:0", SIDE_UNKNOWN);
	scene_close(&b->scene, 1, CAUSE_LISTENER_CLOSED);
	turn(b);
	assert_int_equal(place_of(b, 1), WALL_NOWHERE);
	assert_int_equal(wall_pending(&b->wall) + b->wall.total.drawn + not_drawn(b), 0);
}

static void test_without_animation(void **state)
{
	struct bench *b = *state;

	b->wall.animate = false;
	open_one(b, 1);
	turn(b);
	assert_false(wall_moves(&b->wall));
	assert_int_equal(b->wall.lanes[0].moment.whole, b->wall.lanes[0].ladder.count);
	assert_int_equal(b->wall.total.drawn, 1);
}

static void test_pause_and_steps(void **state)
{
	struct bench *b = *state;
	uint16_t rows;

	open_one(b, 1);
	play(b, 200);
	wall_step(&b->wall, 1, b->scene.now_ns);
	rows = b->wall.lanes[0].player.whole;
	play(b, 5000);
	assert_int_equal(b->wall.lanes[0].player.whole, rows);
	assert_false(wall_moves(&b->wall));
	assert_int_equal(wall_due(&b->wall), INT64_MAX);
	open_one(b, 2);
	play(b, 100);
	assert_int_equal(place_of(b, 2), WALL_NOWHERE);
	wall_step(&b->wall, -1, b->scene.now_ns);
	assert_int_equal(b->wall.lanes[0].player.whole, rows - 1);
	wall_pause(&b->wall, false, b->scene.now_ns);
	play(b, 40);
	assert_int_equal(place_of(b, 2), 1);
	assert_true(wall_moves(&b->wall));
	wall_live(&b->wall);
	assert_false(wall_moves(&b->wall));
}

static void test_rates(void **state)
{
	struct bench *b = *state;
	struct wall_tally rates;

	b->wall.animate = false;
	scene_pass_ms(&b->scene, 750); /* to the full second */
	for (unsigned i = 0; i < 9; i++) {
		open_one(b, 10 + i);
		play(b, 960);
		scene_pass_ms(&b->scene, 40);
	}
	turn(b);
	rates = wall_rates(&b->wall);
	assert_int_equal(rates.drawn, 1);
	assert_int_equal(wall_tally_not_drawn(&rates), 0);
	scene_pass_ms(&b->scene, 60000);
	turn(b);
	rates = wall_rates(&b->wall);
	assert_int_equal(rates.drawn, 0);
}

/* ---- the grid ---- */

static void test_any_size_has_a_grid(void **state)
{
	(void)state;
	for (unsigned rows = 6; rows <= 200; rows++)
		for (unsigned columns = 40; columns <= 500; columns += 3) {
			const struct wall_grid grid = wall_grid_of(rows, columns);
			const struct area all = {.rows = rows, .columns = columns};

			assert_true(grid.columns >= 1 && grid.rows >= 1 && grid.columns * grid.rows <= WALL_LANES_MAX);
			for (uint32_t i = 0; i < grid.columns * grid.rows; i++) {
				const struct area place = wall_place(all, grid, i);

				assert_true(place.rows >= 6 && place.columns >= 20);
				assert_true(place.row + place.rows <= rows && place.column + place.columns <= columns);
				assert_int_equal(wall_lane_at(grid, rows, columns, place.row, place.column), i);
				assert_int_equal(wall_lane_at(grid, rows, columns, place.row + place.rows - 1, place.column + place.columns - 1), i);
			}
		}
	assert_int_equal(wall_grid_of(26, 100).columns * wall_grid_of(26, 100).rows, 12);
}

static void test_the_cursor_goes_from_lane_to_lane(void **state)
{
	struct bench *b = *state;
	const struct wall_grid grid = {.columns = 3, .rows = 2};

	wall_resize(&b->wall, 6, false);
	wall_move(&b->wall, grid, 1, 0);
	assert_int_equal(b->wall.cursor, WALL_NOWHERE);
	fill_lanes(b);
	wall_move(&b->wall, grid, 1, 0);
	assert_int_equal(b->wall.cursor, 0); /* the first key shows where it is */
	wall_move(&b->wall, grid, 0, 1);
	assert_int_equal(b->wall.cursor, 1);
	b->wall.lanes[4].conn = 0; /* an empty place is passed by */
	wall_move(&b->wall, grid, 1, 0);
	assert_int_equal(b->wall.cursor, 3);
	wall_move(&b->wall, grid, 0, 1);
	assert_int_equal(b->wall.cursor, 5);
	wall_move(&b->wall, grid, 0, 1);
	assert_int_equal(b->wall.cursor, 5);
	wall_move(&b->wall, grid, -1, 0);
	assert_int_equal(b->wall.cursor, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_a_lane_stays_and_then_its_place_is_free),
		TEST(test_places_are_kept_and_used_again),
		TEST(test_a_closing_goes_on_in_its_lane),
		TEST(test_a_closing_alone),
		TEST(test_of_a_pair_one_lane_is_drawn),
		TEST(test_the_queue_makes_haste),
		TEST(test_more_is_counted_by_its_kind),
		TEST(test_a_fair_sample),
		TEST(test_programs_share_too),
		TEST(test_chosen_and_warnings_come_first),
		TEST(test_steps_merge),
		TEST(test_late_ones_are_counted),
		TEST(test_under_the_cursor_it_stays),
		TEST(test_cursor_survives_fewer_lanes),
		TEST(test_away_and_back),
		TEST(test_outside_the_filter),
		TEST(test_listeners_have_no_lane),
		TEST(test_without_animation),
		TEST(test_pause_and_steps),
		TEST(test_rates),
		TEST(test_any_size_has_a_grid),
		TEST(test_the_cursor_goes_from_lane_to_lane),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
