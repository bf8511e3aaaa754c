/* The Wall screen: keys, clicks, when it is fed, and whole pictures in both sets of glyphs. */
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
#include "golden.h"
#include "tui_wall_scene.h"

#define ROWS 30
#define COLUMNS 100

static int start(void **state)
{
	static struct stage t;

	stage_start(&t, &glyphs_ascii);
	stage_paint(&t, ROWS, COLUMNS);
	*state = &t;
	return 0;
}

static int stop(void **state)
{
	stage_end(*state);
	return 0;
}

static const char *keys(struct stage *t, const char *names)
{
	return stage_keys(t, names, ROWS, COLUMNS);
}

static const char *play(struct stage *t, int64_t ms)
{
	return stage_play_ms(t, ms, ROWS, COLUMNS);
}

static bool shows(const char *picture, const char *words)
{
	return strstr(picture, words) != NULL;
}

static void test_what_opens_is_drawn(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	assert_true(shows(keys(t, "2"), " 2 Wall "));
	assert_true(shows(play(t, 200), "Nothing opens or closes at the moment."));
	scene_curl(&t->scene, 100);
	assert_true(shows(play(t, 200), "curl:49310 > :7779"));
	assert_true(ui_moves(&t->ui));
	assert_true(shows(play(t, 2000), " OPEN "));
	assert_false(ui_moves(&t->ui));
	assert_true(ui_wake_ns(&t->ui) < t->scene.now_ns + WALL_STAY_NS);
	assert_true(shows(play(t, 2000), "Nothing opens or closes at the moment."));
	assert_int_equal(ui_wake_ns(&t->ui), INT64_MAX);
}

/* Who has never looked at it pays nothing, and who looks elsewhere finds no old stories. */
static void test_it_is_fed_while_it_is_seen(void **state)
{
	struct stage *t = *state;

	scene_curl(&t->scene, 100);
	play(t, 3000);
	assert_null(t->ui.wall);
	keys(t, "2");
	assert_int_equal(wall_pending(t->ui.wall), 0);
	wall_scene_open_many(t, 1, 1);
	play(t, 100);
	assert_int_equal(wall_pending(t->ui.wall), 1);
	keys(t, "1");
	wall_scene_open_many(t, 2, 100);
	assert_int_equal(wall_pending(t->ui.wall), 1);
	assert_true(t->ui.wall->away);
	play(t, 1000);
	assert_false(shows(keys(t, "2"), ":1026 >"));
	assert_true(shows(play(t, 100), ":1025 >"));
	wall_scene_open_many(t, 200, 1);
	assert_true(shows(play(t, 100), ":1224 >"));
}

static void test_cursor_and_enter(void **state)
{
	struct stage *t = *state;
	uint64_t conns[UI_WATCHED_MAX];
	const char *picture;

	keys(t, "2");
	wall_scene_open_many(t, 1, 7);
	play(t, 1000);
	assert_int_equal(ui_watched(&t->ui, conns), 0);
	keys(t, "Down Right");
	assert_int_equal(t->ui.wall->cursor, 1);
	assert_int_equal(ui_watched(&t->ui, conns), 1);
	assert_int_equal(conns[0], t->ui.wall->lanes[1].conn);
	keys(t, "j");
	assert_int_equal(t->ui.wall->cursor, 5);
	keys(t, "k Left");
	assert_int_equal(t->ui.wall->cursor, 0);
	picture = keys(t, "Enter");
	assert_true(shows(picture, "- Ladder  10.0.0.5:1031 > 10.0.0.9:5432"));
	assert_true(shows(keys(t, "Esc"), " 2 Wall "));
	assert_int_equal(t->ui.wall->cursor, 0);
	keys(t, "Esc"); /* back to no cursor, and no further */
	assert_int_equal(t->ui.wall->cursor, WALL_NOWHERE);
	assert_true(shows(keys(t, "Esc"), " 2 Wall "));
	keys(t, "Down F");
	assert_int_equal(t->ui.wall->cursor, WALL_NOWHERE);
}

static void test_mouse(void **state)
{
	struct stage *t = *state;

	keys(t, "2");
	wall_scene_open_many(t, 1, 2);
	play(t, 100);
	ui_click(&t->ui, 4, 30, t->scene.now_ns);
	assert_int_equal(t->ui.wall->cursor, 1);
	ui_click(&t->ui, 4, 80, t->scene.now_ns); /* nobody there */
	assert_int_equal(t->ui.wall->cursor, 1);
	ui_click(&t->ui, 5, 26, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Ladder  10.0.0.5:1025 >"));
	ui_click(&t->ui, ROWS - 1, 2, t->scene.now_ns); /* "Esc Back" */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), " 2 Wall "));
	ui_click(&t->ui, 1, 3, t->scene.now_ns); /* "1 List" */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "STATE"));
	ui_click(&t->ui, 500, 500, t->scene.now_ns);
}

static void test_time_keys(void **state)
{
	struct stage *t = *state;

	keys(t, "2");
	scene_curl(&t->scene, 100);
	play(t, 200);
	assert_true(shows(keys(t, "Space"), "paused"));
	assert_false(ui_moves(&t->ui));
	wall_scene_open_many(t, 1, 3);
	assert_true(shows(play(t, 2000), "queue 3"));
	keys(t, "] ]");
	assert_true(t->ui.wall->lanes[0].player.whole >= 2);
	assert_true(shows(keys(t, "Space ,"), "real time"));
	assert_true(shows(play(t, 100), "queue 0"));
	keys(t, "0");
	assert_false(ui_moves(&t->ui));
	assert_true(shows(play(t, 40), "compressed time"));
}

/* A connection that is opened from the Wall goes on where its lane is. */
static void test_enter_takes_the_drawing_along(void **state)
{
	struct stage *t = *state;

	keys(t, "2");
	scene_curl(&t->scene, 100);
	play(t, 400);
	assert_true(ui_moves(&t->ui));
	keys(t, "Enter");
	assert_int_equal(t->ui.ladder.conn, 100);
	assert_true(ui_moves(&t->ui));
	assert_true(t->ui.ladder.moment.whole < t->ui.ladder.ladder.count);
	keys(t, "Esc");
	play(t, 1400);
	keys(t, "Down Enter"); /* what is drawn is drawn there too */
	assert_int_equal(t->ui.ladder.conn, 100);
	assert_int_equal(t->ui.ladder.moment.whole, t->ui.ladder.ladder.count);
}

static void test_filter(void **state)
{
	struct stage *t = *state;
	struct filter_error error;
	const char *picture;

	scene_office(&t->scene);
	keys(t, "2");
	assert_true(ui_set_filter(&t->ui, "dport = 7779 or sport = 7779", &error));
	scene_curl(&t->scene, 100);
	wall_scene_open_many(t, 1000, 5);
	picture = play(t, 3000);
	assert_true(shows(picture, "curl:49310"));
	assert_false(shows(picture, ":2024"));
	assert_true(shows(picture, "all that fitted the filter as it opened or closed is drawn  outside the filter"));
}

static void test_every_size(void **state)
{
	struct stage *t = *state;

	keys(t, "2");
	for (unsigned rows = 1; rows < 220; rows += rows < 40 ? 1 : 23)
		for (unsigned columns = 1; columns < 520; columns += columns < 50 ? 3 : 41) {
			scene_pass_ms(&t->scene, 40);
			if (columns % 4 == 0)
				wall_scene_open_many(t, 1 + rows * 1000 + columns, 2);
			stage_paint(t, rows, columns);
		}
}

static void test_pictures(void **state)
{
	(void)state;
	wall_scene_check("");
}

/* What wears which role. */
static void test_roles(void **state)
{
	struct text roles = {0};
	struct stage t;

	(void)state;
	stage_start(&t, &glyphs_unicode);
	stage_paint(&t, ROWS, COLUMNS);
	wall_scene_crowded(&t, ROWS, COLUMNS);
	canvas_roles_to_text(&t.canvas, &roles);
	golden_check("tui_wall_crowded_roles.txt", text_string(&roles));
	text_fini(&roles);
	stage_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_what_opens_is_drawn),
		TEST(test_it_is_fed_while_it_is_seen),
		TEST(test_cursor_and_enter),
		TEST(test_mouse),
		TEST(test_time_keys),
		TEST(test_enter_takes_the_drawing_along),
		TEST(test_filter),
		TEST(test_every_size),
#undef TEST
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_roles),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
