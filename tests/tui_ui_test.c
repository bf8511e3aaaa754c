/* What keys, clicks and events do to the screens: no terminal, but everything up to it. */
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
#include "tui_scene.h"

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

static void test_escape_only_goes_back(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(keys(t, "Esc Esc Esc"), " 1 List "));
	assert_false(t->ui.quit);
	assert_true(shows(keys(t, "F1"), "- Help -"));
	assert_true(shows(keys(t, "Esc"), " 1 List "));
	assert_true(shows(keys(t, "Enter F1"), "- Help -"));
	assert_true(shows(keys(t, "Esc"), "- Ladder "));
	assert_true(shows(keys(t, "1"), " 1 List "));
	assert_true(shows(keys(t, "? ?"), " 1 List ")); /* the key for help leaves it too */
	keys(t, "q");
	assert_true(t->ui.quit);
}

/* A newcomer presses nothing and sees a handshake; the cursor points at it. */
static void test_following_draws_what_opens(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	assert_true(shows(play(t, 1000), "Nothing opens or closes at the moment."));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "synfin --demo"));
	assert_false(ui_moves(&t->ui));
	scene_curl(&t->scene, 100);
	play(t, 100);
	assert_true(ui_moves(&t->ui));
	assert_true(shows(play(t, 3000), "ACK      seq=1 ack=1"));
	assert_false(ui_moves(&t->ui));
	assert_int_equal(t->ui.panel.conn, 100);
	assert_int_equal(t->ui.list.cursor, 100);
	assert_int_equal(t->ui.panel.moment.whole, t->ui.panel.ladder.count);
}

/* What was followed before there was a filter is let go of: what is drawn, and opened by Enter, is of what the list shows. */
static void test_following_keeps_to_a_new_filter(void **state)
{
	struct stage *t = *state;
	struct filter_error error;

	scene_office(&t->scene);
	play(t, 1000);
	scene_curl(&t->scene, 100);
	play(t, 3000);
	assert_int_equal(t->ui.panel.conn, 100);
	assert_true(ui_set_filter(&t->ui, "state close-wait", &error));
	play(t, 200);
	assert_true(t->ui.following);
	assert_int_equal(t->ui.panel.conn, 0);
	keys(t, "Enter");
	assert_int_not_equal(t->ui.ladder.conn, 0);
	assert_int_equal(model_find(t->scene.model, t->ui.ladder.conn)->state, STATE_CLOSE_WAIT);
}

static void test_demo_is_not_offered_to_itself(void **state)
{
	struct stage *t = *state;

	t->ui.demo = true;
	scene_swept(&t->scene);
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "--demo"));
}

static void test_first_look(void **state)
{
	struct stage *t = *state;

	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "Looking at what is there"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "No TCP sockets here"));
	scene_swept(&t->scene);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "No TCP sockets here"));
}

static void test_cursor_ends_following_and_f_resumes(void **state)
{
	struct stage *t = *state;
	uint64_t conns[UI_WATCHED_MAX];

	scene_office(&t->scene);
	play(t, 1000);
	assert_int_equal(ui_watched(&t->ui, conns), 0); /* nobody has chosen one: nothing is looked at all the time */
	assert_true(shows(keys(t, "j j"), "at the cursor"));
	assert_int_equal(t->ui.panel.conn, t->ui.list.cursor);
	assert_int_equal(ui_watched(&t->ui, conns), 1);
	assert_int_equal(conns[0], t->ui.list.cursor);
	scene_curl(&t->scene, 100);
	play(t, 5000);
	assert_int_not_equal(t->ui.panel.conn, 100);
	assert_true(shows(keys(t, "F"), "following"));
	scene_step(&t->scene, 100, STATE_FIN_WAIT1);
	play(t, 2000);
	assert_int_equal(t->ui.panel.conn, 100);
}

static void test_listeners_and_the_departed_are_not_watched(void **state)
{
	struct stage *t = *state;
	uint64_t conns[UI_WATCHED_MAX];

	scene_was_there(&t->scene, 1, STATE_LISTEN, "0.0.0.0:22", "0.0.0.0:0", 5000);
	scene_curl(&t->scene, 100);
	play(t, 1000);
	keys(t, "End");
	assert_int_equal(t->ui.list.cursor, 1);
	assert_int_equal(ui_watched(&t->ui, conns), 0);
	keys(t, "Home");
	assert_int_equal(ui_watched(&t->ui, conns), 2); /* with its other end */
	scene_close(&t->scene, 100, CAUSE_RESET);
	scene_close(&t->scene, 101, CAUSE_RESET);
	assert_int_equal(ui_watched(&t->ui, conns), 0);
}

/* The Ladder screen goes on with the drawing where the panel was. */
static void test_enter_takes_the_drawing_along(void **state)
{
	struct stage *t = *state;
	struct ladder_moment before;

	scene_office(&t->scene);
	play(t, 1000);
	scene_curl(&t->scene, 100);
	play(t, 500);
	before = t->ui.panel.moment;
	assert_true(before.whole < t->ui.panel.ladder.count);
	assert_true(shows(keys(t, "Enter"), "- Ladder  curl[4821] 127.0.0.1:49310 > 127.0.0.1:7779 nginx[811]"));
	assert_int_equal(t->ui.ladder.moment.whole, before.whole);
	assert_true(ui_moves(&t->ui));
	assert_true(shows(play(t, 4000), "event 3 of 3"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "ESTABLISHED for"));
}

static void test_pause_and_steps(void **state)
{
	struct stage *t = *state;
	unsigned rows;

	scene_curl(&t->scene, 100);
	scene_swept(&t->scene);
	play(t, 6000);
	keys(t, "Enter");
	rows = t->ui.ladder.ladder.count;
	assert_int_equal(t->ui.ladder.moment.whole, rows);
	assert_true(shows(keys(t, "["), "paused"));
	assert_int_equal(t->ui.ladder.moment.whole, rows - 1);
	play(t, 5000);
	assert_int_equal(t->ui.ladder.moment.whole, rows - 1);
	assert_false(ui_moves(&t->ui));
	keys(t, "[ [ [ [ [ [ [ [ [ [");
	assert_int_equal(t->ui.ladder.moment.whole, 0);
	keys(t, "]");
	assert_int_equal(t->ui.ladder.moment.whole, 1);
	keys(t, "Space");
	assert_true(ui_moves(&t->ui));
	play(t, 300);
	keys(t, "0");
	assert_int_equal(t->ui.ladder.moment.whole, rows);
	assert_false(t->ui.paused);
}

static void test_speed(void **state)
{
	struct stage *t = *state;

	scene_swept(&t->scene);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "compressed time"));
	assert_true(shows(keys(t, ","), "real time"));
	assert_true(shows(keys(t, ","), "1/2"));
	assert_true(shows(keys(t, ". ."), "compressed time"));
	assert_true(shows(keys(t, ", , , 0"), "compressed time"));
}

static void test_pause_holds_the_list(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(keys(t, "Space"), " paused "));
	scene_curl(&t->scene, 100);
	assert_true(shows(play(t, 5000), "paused, 2 new"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "7779"));
	keys(t, "Space");
	assert_true(shows(play(t, 200), "7779"));
}

/* In a box: digits and first letters go to a line, the key that opened it to the next; nothing changes until Enter. */
static void test_sorting(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "AGE v"));
	assert_true(shows(keys(t, "s"), "- Sort by -"));
	assert_true(shows(keys(t, "L"), "> 4   LOCAL"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "LOCAL v "));
	assert_true(shows(keys(t, "Esc"), "AGE v"));
	assert_true(shows(keys(t, "s L Enter"), "LOCAL v"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Sort by -"));
	assert_true(shows(keys(t, "I"), "LOCAL ^"));
	assert_true(shows(keys(t, "F6 F6"), "> 5   PEER"));
	assert_true(shows(keys(t, "6"), "> 6   RECVQ"));
	keys(t, "r I Enter"); /* it was inverted, and is turned round */
	assert_int_equal(t->ui.list.sort, LIST_RTT);
	assert_false(t->ui.list.inverted);
	assert_true(shows(keys(t, "s Home Enter"), "AGE v"));
	assert_true(t->ui.list.warnings_first);
	for (unsigned i = 0; i < LIST_COLUMN_COUNT; i++)
		keys(t, "s s Enter");
	assert_true(t->ui.list.sort < LIST_COLUMN_COUNT);
}

static void test_sorting_keeps_the_cursors_connection(void **state)
{
	struct stage *t = *state;
	uint64_t conn;

	scene_office(&t->scene);
	play(t, 1000);
	keys(t, "j j j j");
	conn = t->ui.list.cursor;
	keys(t, "s S Enter");
	assert_int_equal(t->ui.list.cursor, conn);
	keys(t, "I");
	assert_int_equal(t->ui.list.cursor, conn);
	keys(t, "s s s s s Enter");
	assert_int_equal(t->ui.list.cursor, conn);
}

static void test_grouping(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	stage_keys(t, "v", 20, COLUMNS);
	stage_play_ms(t, 1000, 20, COLUMNS);
	assert_true(shows(stage_keys(t, "t", 20, COLUMNS), "- Group by -"));
	assert_true(shows(stage_keys(t, "p Enter", 20, COLUMNS), "+ java "));
	assert_true(shows(stage_paint(t, 20, COLUMNS), "by program: 5 groups"));
	assert_true(shows(stage_keys(t, "j Enter", 20, COLUMNS), "- java "));
	assert_true(shows(stage_paint(t, 20, COLUMNS), "10.0.0.9:51703"));
	stage_keys(t, "j", 20, COLUMNS);
	assert_int_not_equal(t->ui.list.cursor, 0);
	assert_true(shows(stage_keys(t, "Enter", 20, COLUMNS), "- Ladder "));
	assert_true(shows(stage_keys(t, "Esc Left", 20, COLUMNS), "- java "));
	assert_true(t->ui.list.on_group);
	assert_true(shows(stage_keys(t, "-", 20, COLUMNS), "+ java "));
	assert_true(shows(stage_keys(t, "+", 20, COLUMNS), "- java "));
	assert_true(shows(stage_keys(t, "Left", 20, COLUMNS), "+ java "));
	assert_true(shows(stage_keys(t, "Right", 20, COLUMNS), "- java "));
	assert_false(shows(stage_keys(t, "t 1 Enter", 20, COLUMNS), "- java "));
	assert_int_equal(t->ui.list.count, 18);
}

/* Keys that come faster than frames are for what was asked for before. */
static void test_keys_without_a_frame_between(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(keys(t, "t p Enter j j j Right"), "by program"));
	assert_int_equal(t->ui.list.cursor_row, 2);
	assert_non_null(list_group_at(&t->ui.list, 2));
	assert_true(list_group_at(&t->ui.list, 2)->open);
}

static void test_marking(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(keys(t, "j m m"), "2 marked"));
	assert_int_equal(t->ui.list.cursor_row, 2);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), " * LISTEN "));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), " * CLOSE_WAIT "));
	assert_true(shows(keys(t, "k m"), "1 marked"));
	assert_false(shows(keys(t, "M"), "marked"));
}

/* The key for following has two kinds of it in turn, and moving the cursor ends both. */
static void test_following_the_newest(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	assert_true(shows(keys(t, "F"), "on the newest"));
	assert_false(t->ui.following);
	for (unsigned i = 0; i < 3; i++) {
		scene_open(&t->scene, 200 + i, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
		play(t, 500);
		assert_int_equal(t->ui.list.cursor, 200 + i);
		assert_int_equal(t->ui.panel.conn, 200 + i);
	}
	assert_true(shows(keys(t, "F"), "following"));
	assert_true(shows(keys(t, "F"), "on the newest"));
	keys(t, "t 2 Enter"); /* among groups the cursor is on that which it is in */
	scene_open(&t->scene, 203, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	play(t, 500);
	assert_true(t->ui.list.on_group);
	assert_int_equal(t->ui.panel.conn, 203);
	assert_true(shows(keys(t, "j"), "at the cursor"));
	keys(t, "t 1 Enter");
	scene_open(&t->scene, 300, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	play(t, 5000);
	assert_int_not_equal(t->ui.list.cursor, 300);
}

static void test_hiding_the_panel(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	assert_true(shows(play(t, 1000), "- Live ladder -"));
	assert_false(shows(keys(t, "v"), "- Live ladder -"));
	scene_curl(&t->scene, 100);
	play(t, 1000);
	assert_int_equal(t->ui.panel.conn, 0);
	assert_false(ui_moves(&t->ui));
	assert_true(shows(keys(t, "v"), "- Live ladder -"));
	assert_false(shows(stage_paint(t, 20, 100), "- Live ladder -")); /* no room */
	assert_true(shows(stage_paint(t, 24, 80), "- Live ladder -"));
}

/* The row on the screen where these words are. */
static unsigned row_of(const char *picture, const char *words)
{
	const char *found = strstr(picture, words);
	unsigned row = 0;

	assert_non_null(found);
	for (; picture < found; picture++)
		row += *picture == '\n';
	return row;
}

static void test_mouse(void **state)
{
	struct stage *t = *state;
	const char *picture;
	unsigned row;

	scene_office(&t->scene);
	picture = play(t, 1000);
	row = row_of(picture, "10.0.0.9:51703");
	ui_click(&t->ui, row, 30, t->scene.now_ns);
	assert_int_equal(t->ui.list.cursor, 13);
	assert_false(t->ui.following);
	ui_click(&t->ui, row, 30, t->scene.now_ns); /* once more opens it */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Ladder  java[2210] 10.0.0.5:8080 < 10.0.0.9:51703"));
	ui_click(&t->ui, ROWS - 1, 2, t->scene.now_ns); /* "Esc Back" */
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, " 1 List "));
	ui_click(&t->ui, row_of(picture, "STATE"), 4, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "STATE v"));
	ui_wheel(&t->ui, 3, t->scene.now_ns);
	ui_wheel(&t->ui, -3, t->scene.now_ns);
	ui_click(&t->ui, ROWS - 1, 84, t->scene.now_ns); /* "F1 Help" */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Help -"));
	ui_click(&t->ui, 500, 500, t->scene.now_ns);
}

static void test_clicks_on_boxes_and_groups(void **state)
{
	struct stage *t = *state;
	const char *picture;

	scene_office(&t->scene);
	play(t, 1000);
	picture = keys(t, "t");
	ui_click(&t->ui, row_of(picture, "2   program"), 50, t->scene.now_ns);
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, "by program"));
	ui_click(&t->ui, row_of(picture, "+ nginx"), 3, t->scene.now_ns); /* its sign opens it at once */
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, "- nginx"));
	ui_click(&t->ui, row_of(picture, "+ java"), 30, t->scene.now_ns); /* elsewhere the second click does */
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, "+ java"));
	ui_click(&t->ui, row_of(picture, "+ java"), 30, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- java"));
	keys(t, "s");
	ui_click(&t->ui, 3, 3, t->scene.now_ns); /* beside the box: it goes */
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "Sort by"));
	keys(t, "t");
	ui_click(&t->ui, ROWS - 1, 2, t->scene.now_ns); /* "Esc Back" */
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "Group by"));
	assert_int_equal(t->ui.list.grouping, LIST_BY_PROGRAM);
}

static void test_hangul_keys(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 1000);
	keys(t, "ㅓ"); /* j */
	assert_int_equal(t->ui.list.cursor_row, 0);
	keys(t, "ㅓ");
	assert_int_equal(t->ui.list.cursor_row, 1);
	keys(t, "ㅏ"); /* k */
	assert_int_equal(t->ui.list.cursor_row, 0);
	keys(t, "버"); /* q, j: q ends it, and nothing after it is done */
	assert_true(t->ui.quit);
	assert_int_equal(t->ui.list.cursor_row, 0);
}

/* When nothing moves and nothing happens, nobody is woken but for the clock. */
static void test_calm(void **state)
{
	struct stage *t = *state;

	scene_office(&t->scene);
	play(t, 5000);
	assert_false(ui_moves(&t->ui));
	assert_int_equal(ui_wake_ns(&t->ui), INT64_MAX);
	scene_open(&t->scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	play(t, 200);
	assert_true(ui_wake_ns(&t->ui) < INT64_MAX || ui_moves(&t->ui)); /* the flash will end */
	play(t, 8000);
	assert_false(ui_moves(&t->ui));
	assert_int_equal(ui_wake_ns(&t->ui), INT64_MAX);
}

static void test_notice_passes(void **state)
{
	struct stage *t = *state;

	scene_swept(&t->scene);
	ui_notice(&t->ui, "dark.theme:3: text: no such role", t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "dark.theme:3"));
	assert_true(ui_wake_ns(&t->ui) < INT64_MAX);
	assert_false(shows(play(t, UI_NOTICE_NS / NS_PER_MS + 100), "dark.theme:3"));
}

/* A ladder whose connection the model has forgotten stays as it was. */
static void test_forgotten_connection(void **state)
{
	struct stage *t = *state;

	scene_curl(&t->scene, 100);
	play(t, 3000);
	keys(t, "Enter");
	scene_close(&t->scene, 100, CAUSE_RESET);
	scene_close(&t->scene, 101, CAUSE_ABORTED);
	play(t, 3000);
	for (unsigned i = 0; i < MODEL_DEPARTED_MAX; i++) {
		scene_open(&t->scene, 1000 + i, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
		scene_close(&t->scene, 1000 + i, CAUSE_REFUSED);
	}
	assert_null(model_find(t->scene.model, 100));
	assert_true(shows(play(t, 100), "curl[4821] 127.0.0.1:49310"));
	keys(t, "Esc");
	play(t, 100);
}

/* Every size there is, in every view, with something going on. */
static void test_every_size(void **state)
{
	static const char *const views[] = {"1", "Enter", "Esc F1", "Esc v", "v j", "t p Enter j Right", "s", "Esc t"};
	struct stage *t = *state;

	scene_office(&t->scene);
	scene_curl(&t->scene, 100);
	for (size_t v = 0; v < sizeof(views) / sizeof(views[0]); v++) {
		stage_keys(t, views[v], ROWS, COLUMNS);
		for (unsigned rows = 1; rows < 44; rows += rows < 28 ? 1 : 5)
			for (unsigned columns = 1; columns < 160; columns += columns < 50 ? 3 : 17) {
				const char *picture = stage_paint(t, rows, columns);

				if (rows < FRAME_LEAST_ROWS || columns < FRAME_LEAST_COLUMNS)
					assert_true(columns < 12 || shows(picture, "synfin need"));
				scene_pass_ms(&t->scene, 3);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_escape_only_goes_back),
		TEST(test_following_draws_what_opens),
		TEST(test_following_keeps_to_a_new_filter),
		TEST(test_demo_is_not_offered_to_itself),
		TEST(test_first_look),
		TEST(test_cursor_ends_following_and_f_resumes),
		TEST(test_listeners_and_the_departed_are_not_watched),
		TEST(test_enter_takes_the_drawing_along),
		TEST(test_pause_and_steps),
		TEST(test_speed),
		TEST(test_pause_holds_the_list),
		TEST(test_sorting),
		TEST(test_sorting_keeps_the_cursors_connection),
		TEST(test_grouping),
		TEST(test_keys_without_a_frame_between),
		TEST(test_marking),
		TEST(test_following_the_newest),
		TEST(test_clicks_on_boxes_and_groups),
		TEST(test_hiding_the_panel),
		TEST(test_mouse),
		TEST(test_hangul_keys),
		TEST(test_calm),
		TEST(test_notice_passes),
		TEST(test_forgotten_connection),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
