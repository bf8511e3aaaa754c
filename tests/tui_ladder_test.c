/* What keys and clicks do on the Ladder screen: no terminal, but everything up to it. */
#include "config.h"

#include <fcntl.h>
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

static bool shows(const char *picture, const char *words)
{
	return strstr(picture, words) != NULL;
}

/* The Ladder screen of a connection that was opened and closed, with all of it drawn. */
static const struct ladder_view *open_ladder(struct stage *t)
{
	scene_swept(&t->scene);
	scene_curl(&t->scene, 100);
	stage_play_ms(t, 3000, ROWS, COLUMNS);
	scene_step(&t->scene, 100, STATE_FIN_WAIT1);
	scene_step(&t->scene, 101, STATE_CLOSE_WAIT);
	scene_step(&t->scene, 101, STATE_LAST_ACK);
	scene_step(&t->scene, 100, STATE_FIN_WAIT2);
	scene_step(&t->scene, 100, STATE_TIME_WAIT);
	scene_close(&t->scene, 101, CAUSE_GRACEFUL);
	stage_play_ms(t, 9000, ROWS, COLUMNS);
	ui_open_ladder(&t->ui, 100, t->scene.now_ns);
	stage_paint(t, ROWS, COLUMNS);
	assert_int_equal(t->ui.ladder.moment.whole, t->ui.ladder.ladder.count);
	return &t->ui.ladder;
}

/* ---- time ---- */

static void test_scrubbing(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);
	const unsigned all = v->ladder.count;

	assert_true(all > 6);
	keys(t, "PgUp");
	assert_int_equal(v->moment.whole, all - 5);
	assert_true(t->ui.paused);
	keys(t, "PgDn");
	assert_int_equal(v->moment.whole, all);
	keys(t, "PgDn");
	assert_int_equal(v->moment.whole, all);
	keys(t, "g");
	assert_int_equal(v->moment.whole, 0);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "event 0 of"));
	keys(t, "] ]");
	assert_int_equal(v->moment.whole, 2);
	keys(t, "End");
	assert_int_equal(v->moment.whole, all);
	assert_true(t->ui.paused);
	keys(t, "Home 0");
	assert_int_equal(v->moment.whole, all);
	assert_false(t->ui.paused);
	keys(t, "G"); /* live, it stays live */
	assert_false(t->ui.paused);
}

/* ---- the selection ---- */

static void test_selecting(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);
	const unsigned all = v->ladder.count;

	assert_int_equal(v->selected, 0);
	keys(t, "Up");
	assert_int_equal(v->selected, all);
	keys(t, "k k");
	assert_int_equal(v->selected, all - 2);
	keys(t, "Down");
	assert_int_equal(v->selected, all - 1);
	keys(t, "j j j j");
	assert_int_equal(v->selected, all);
	for (unsigned i = 0; i < 2 * all; i++)
		keys(t, "Up");
	assert_int_equal(v->selected, 1);
	keys(t, "["); /* time has gone elsewhere */
	assert_int_equal(v->selected, 0);
	assert_int_equal(ladder_view_subject(v), all - 1);
	keys(t, "Up g");
	assert_int_equal(v->selected, 0);
	assert_int_equal(ladder_view_subject(v), 0);
	assert_true(shows(keys(t, "e"), "before the first arrow"));
	keys(t, "Up"); /* there is none */
	assert_int_equal(v->selected, 0);
}

/* What is explained is highlighted, so the first key moves on from there. */
static void test_selecting_while_explaining(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);

	assert_true(shows(keys(t, "e"), "The last ACK"));
	assert_true(shows(keys(t, "Up"), "The peer closes too"));
	assert_int_equal(v->selected, v->ladder.count - 1);
	assert_true(shows(keys(t, "e"), "\n>"));
	assert_true(shows(keys(t, "Enter"), "The peer closes too"));
	keys(t, "e");
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "The peer closes too"));
}

/* A selected row is always in sight; without one, the newest is. */
static void test_selection_stays_in_sight(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);

	assert_false(shows(stage_paint(t, 12, 40), "SYN+ACK"));
	for (unsigned i = 0; i < v->ladder.count; i++) {
		stage_keys(t, "Up", 12, 40);
		assert_true(shows(stage_paint(t, 12, 40), "\n>"));
	}
	assert_true(shows(stage_paint(t, 12, 40), "more below"));
	assert_true(shows(stage_paint(t, 12, 40), "SYN_SENT +"));
	assert_true(shows(stage_keys(t, "0", 12, 40), "TIME_W"));
	assert_false(shows(stage_paint(t, 12, 40), "more below"));
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

static void test_clicking(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);
	const unsigned row = row_of(stage_paint(t, ROWS, COLUMNS), "SYN+ACK");

	ui_click(&t->ui, row, 50, t->scene.now_ns);
	assert_int_equal(v->selected, 2);
	assert_false(v->choices.explain);
	ui_click(&t->ui, row, 50, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "agrees"));
	ui_click(&t->ui, row + 1, 50, t->scene.now_ns);
	assert_int_equal(v->selected, 3);
	for (unsigned i = 0; i < ROWS; i++)
		ui_click(&t->ui, i, 90, t->scene.now_ns);
	stage_paint(t, ROWS, COLUMNS);
	ui_wheel(&t->ui, 2, t->scene.now_ns);
	assert_true(v->selected <= v->ladder.count);
}

/* ---- panels ---- */

static void test_panels(void **state)
{
	struct stage *t = *state;
	const struct ladder_view *v = open_ladder(t);

	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Details -")); /* there is room */
	assert_false(shows(keys(t, "i"), "- Details -"));
	assert_true(shows(keys(t, "i"), "- Details -"));
	assert_true(shows(keys(t, "e"), "RFC 9293 sec. 3.6"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Details -"));
	assert_true(shows(keys(t, "i"), "- Details -")); /* in place of the other */
	assert_false(v->choices.explain);
	assert_true(shows(keys(t, "e"), "RFC 9293 sec. 3.6"));
	assert_true(shows(stage_paint(t, 40, 160), "opened by")); /* side by side */
	assert_true(shows(stage_paint(t, 40, 160), "RFC 9293 sec. 3.6"));
	keys(t, "Esc");
	ui_open_ladder(&t->ui, 101, t->scene.now_ns); /* what was chosen holds for another one */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "RFC 9293"));
}

static void test_numbers_are_honest(void **state)
{
	struct stage *t = *state;

	open_ladder(t);
	assert_true(shows(keys(t, "r"), "relative to each side's SYN"));
	assert_false(t->ui.ladder.choices.absolute_numbers);
	t->ui.ladder.ladder.isn_known[0] = true; /* as a recording can have it */
	t->ui.ladder.ladder.isn[0] = 4000000000u;
	assert_true(shows(keys(t, "r"), "seq=4000000000"));
	assert_true(shows(stage_paint(t, 60, 200), "ack=4000000001"));
	assert_false(shows(keys(t, "r"), "seq=4000000000"));
}

static void test_clock_has_a_key(void **state)
{
	struct stage *t = *state;

	open_ladder(t);
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "12:09:42"));
	assert_true(shows(keys(t, "c"), "12:09:4"));
	assert_false(shows(keys(t, "F2"), " 12:09:41.2"));
}

/* A timer wakes the screen once a second, and only while it is in sight. */
static void test_timers_wake(void **state)
{
	struct stage *t = *state;
	struct event e = {.kind = EVENT_UPDATE, .conn = 100, .facts = {.knows = KNOWS_TIMER, .timer = TIMER_TIME_WAIT, .timer_expires_ms = 41300}};

	open_ladder(t);
	assert_true(ui_wake_ns(&t->ui) == INT64_MAX);
	e.t_ns = t->scene.now_ns;
	scene_tell(&t->scene, &e);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "forgotten in 42s"));
	assert_int_equal(ui_wake_ns(&t->ui) - t->scene.now_ns, 300 * NS_PER_MS);
	scene_pass_ms(&t->scene, 300);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "forgotten in 41s"));
	assert_false(shows(keys(t, "["), "forgotten in")); /* of the present state, which is not drawn now */
	assert_true(ui_wake_ns(&t->ui) == INT64_MAX);
	assert_true(shows(keys(t, "0"), "forgotten in"));
	scene_pass_ms(&t->scene, 60000);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "forgotten any moment"));
	assert_true(ui_wake_ns(&t->ui) == INT64_MAX);
}

/* ---- export ---- */

/* A directory of its own, which is left again. */
static void enter_directory(char path[64], int *back)
{
	strcpy(path, "/tmp/synfin-test-XXXXXX");
	assert_non_null(mkdtemp(path));
	*back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(*back >= 0);
	assert_int_equal(chdir(path), 0);
}

static void leave_directory(int back)
{
	assert_int_equal(fchdir(back), 0);
	close(back);
}

static size_t size_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0644u, 0);
	return (size_t)st.st_size;
}

static void test_export(void **state)
{
	static const char *const names[] = {
		"synfin-curl-49310-7779.txt", "synfin-curl-49310-7779.mmd", "synfin-curl-49310-7779.svg", "synfin-curl-49310-7779-2.svg",
		"synfin-curl-49310-7779-3.svg",
	};
	struct stage *t = *state;
	const char *picture;
	char path[64];
	int back;

	open_ladder(t);
	enter_directory(path, &back);
	assert_true(shows(keys(t, "w"), "Export the ladder"));
	assert_false(shows(keys(t, "w"), "Export the ladder"));
	assert_true(shows(keys(t, "w Esc"), "- Ladder "));
	picture = keys(t, "w Enter");
	assert_true(shows(picture, path));
	assert_true(shows(picture, names[0]));
	assert_false(shows(picture, "Export the ladder"));
	keys(t, "w Down Enter w Down Enter");
	assert_true(size_of(names[0]) > 100 && size_of(names[1]) > 100 && size_of(names[2]) > 1000);
	assert_int_equal(symlink("nowhere", names[3]), 0);
	assert_true(shows(keys(t, "w Enter"), names[4])); /* nothing is overwritten, and no link followed */
	assert_true(size_of(names[4]) == size_of(names[2]));
	assert_int_equal(access("nowhere", F_OK), -1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(unlink(names[i]), 0);
	assert_int_equal(rmdir(path), 0);
	assert_true(shows(keys(t, "w Enter"), "cannot write synfin-curl-49310-7779.svg: "));
	leave_directory(back);
}

static void test_export_by_mouse(void **state)
{
	struct stage *t = *state;
	char path[64];
	unsigned row;
	int back;

	open_ladder(t);
	enter_directory(path, &back);
	row = row_of(keys(t, "w"), "Mermaid");
	ui_click(&t->ui, row, 40, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "synfin-curl-49310-7779.mmd"));
	ui_click(&t->ui, row, 40, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "written: "));
	assert_int_equal(unlink("synfin-curl-49310-7779.mmd"), 0);
	leave_directory(back);
	assert_int_equal(rmdir(path), 0);
}

/* ---- any size ---- */

static void test_every_size(void **state)
{
	static const char *const ways[] = {"Esc", "e", "Up Up Up", "i", "e i", "g", "] ]", "w", "Esc 0 Space"};
	struct stage *t = *state;

	open_ladder(t);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		ui_open_ladder(&t->ui, 100 + i % 2, t->scene.now_ns);
		keys(t, ways[i]);
		for (unsigned rows = 1; rows < 64; rows += rows < 28 ? 1 : 9)
			for (unsigned columns = 1; columns < 220; columns += columns < 50 ? 3 : 17)
				stage_paint(t, rows, columns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_scrubbing),
		TEST(test_selecting),
		TEST(test_selecting_while_explaining),
		TEST(test_selection_stays_in_sight),
		TEST(test_clicking),
		TEST(test_panels),
		TEST(test_numbers_are_honest),
		TEST(test_clock_has_a_key),
		TEST(test_timers_wake),
		TEST(test_export),
		TEST(test_export_by_mouse),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
