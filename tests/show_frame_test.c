/*
 * The frame and its parts: amounts, bars, sparklines, paragraphs, the top line that gives up what matters least, keys
 * that can be clicked.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "scene.h"
#include "show/amount.h"
#include "show/frame.h"
#include "show/gauge.h"
#include "show/paragraph.h"

static void assert_picture(const struct canvas *c, const char *wanted)
{
	struct text t = {0};

	canvas_to_text(c, &t);
	assert_string_equal(text_string(&t), wanted);
	text_fini(&t);
}

static bool line_has(const struct canvas *c, const char *words)
{
	struct text t = {0};
	bool has;

	canvas_to_text(c, &t);
	has = strstr(text_string(&t), words) != NULL;
	text_fini(&t);
	return has;
}

static void test_amounts(void **state)
{
	char out[AMOUNT_ROOM];

	(void)state;
	assert_string_equal(amount_grouped(0, out), "0");
	assert_string_equal(amount_grouped(999, out), "999");
	assert_string_equal(amount_grouped(1000, out), "1,000");
	assert_string_equal(amount_grouped(UINT64_MAX, out), "18,446,744,073,709,551,615");
	assert_string_equal(amount_short(99999, out), "99999");
	assert_string_equal(amount_short(100000, out), "100k");
	assert_string_equal(amount_short(1999999, out), "1.9M");
	assert_string_equal(amount_short(UINT64_MAX, out), "18E");
	assert_string_equal(amount_bytes(999, out), "999 B");
	assert_string_equal(amount_bytes(1234, out), "1.2 kB");
	assert_string_equal(amount_bytes(999999, out), "999.9 kB");
	assert_string_equal(amount_bytes(48100000, out), "48.1 MB");
	assert_string_equal(amount_age(-5, out), "0:00:00");
	assert_string_equal(amount_age(41 * NS_PER_SECOND, out), "0:00:41");
	assert_string_equal(amount_age((9 * 3600 + 59 * 60 + 59) * NS_PER_SECOND, out), "9:59:59");
	assert_string_equal(amount_age(10 * 3600 * NS_PER_SECOND, out), "10h00m");
	assert_string_equal(amount_age(76 * 3600 * NS_PER_SECOND, out), "3d04h");
	assert_string_equal(amount_age(412ll * 86400 * NS_PER_SECOND, out), "412d");
	assert_string_equal(amount_span(29 * NS_PER_US, out), "29us");
	assert_string_equal(amount_span(11800 * NS_PER_US, out), "11.8ms");
	assert_string_equal(amount_span(50 * NS_PER_MS, out), "50ms");
	assert_string_equal(amount_span(NS_PER_SECOND, out), "1s");
	assert_string_equal(amount_span(1500 * NS_PER_MS, out), "1.5s");
	for (int64_t ns = 1; ns > 0 && ns < 36000 * NS_PER_SECOND; ns = ns * 3 + 1)
		assert_true(strlen(amount_span(ns, out)) <= 8 && strlen(amount_age(ns, out)) <= 7);
}

static void test_bars(void **state)
{
	struct canvas c;
	struct area a;

	(void)state;
	canvas_init(&c, 6, 6, &glyphs_unicode);
	a = area_all(&c);
	gauge_bar(a, 0, 0, 4, ROLE_GAUGE, 100, 100);
	gauge_bar(a, 1, 0, 4, ROLE_GAUGE, 50, 100);
	gauge_bar(a, 2, 0, 4, ROLE_GAUGE, 1, 1000000);
	gauge_bar(a, 3, 0, 4, ROLE_GAUGE, 0, 100);
	gauge_bar(a, 4, 0, 4, ROLE_GAUGE, 41, 64);
	gauge_bar(a, 5, 0, 4, ROLE_GAUGE, UINT64_MAX, 1);
	assert_picture(&c, "████\n██\n▏\n\n██▋\n████\n");
	canvas_fini(&c);
}

static void test_sparks(void **state)
{
	const uint32_t values[] = {0, 1, 4, 8, 100};
	struct canvas c;

	(void)state;
	canvas_init(&c, 2, 8, &glyphs_unicode);
	gauge_spark(area_all(&c), 0, 0, ROLE_GAUGE, values, 5, 8);
	gauge_spark(area_all(&c), 1, 0, ROLE_GAUGE, values, 1, 0);
	assert_picture(&c, "▁▂▅██\n▁\n");
	assert_int_equal(c.cells[0].role, ROLE_DIM);
	assert_int_equal(c.cells[1].role, ROLE_GAUGE);
	canvas_fini(&c);
}

static void test_paragraphs(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 4, 10, &glyphs_unicode);
	assert_int_equal(paragraph_paint(area_all(&c), ROLE_TEXT, 0, "one two three four"), 2);
	assert_picture(&c, "one two\nthree four\n\n\n");
	canvas_fini(&c);
}

static void test_paragraph_breaks(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 3, 8, &glyphs_unicode);
	assert_int_equal(paragraph_paint(area_all(&c), ROLE_TEXT, 0, "ends now abcdefghijkl"), 3);
	assert_picture(&c, "ends now\nabcdefgh\nijkl\n");
	canvas_clear(&c);
	assert_int_equal(paragraph_paint(area_all(&c), ROLE_TEXT, 0, "연결이 열려 있습니다"), 3); /* eight columns hold four syllables */
	assert_picture(&c, "연결이\n열려\n있습니다\n");
	assert_int_equal(paragraph_rows("", 8), 0);
	assert_int_equal(paragraph_rows("word", 0), 0);
	assert_int_equal(paragraph_rows("가나다", 1), 3); /* nothing fits, and still it ends */
	canvas_fini(&c);
}

static const struct frame_facts facts = {.host = "web01", .namespace_name = "host", .fast_interval_ns = 50 * NS_PER_MS, .notices = true};

static void paint_top(struct canvas *c, const struct scene *s, unsigned columns)
{
	canvas_resize(c, 1, columns);
	frame_top(area_all(c), s->model, &facts, s->now_ns);
}

static void test_top_line(void **state)
{
	struct scene s;
	struct canvas c;

	(void)state;
	scene_start(&s);
	scene_office(&s);
	canvas_init(&c, 1, 1, &glyphs_unicode);
	paint_top(&c, &s, 100);
	assert_picture(&c, " synfin   web01   net:host   dump 1s/50ms + notices   sockets 18   +0/s -0/s   lost 0      12:09:41\n");
	paint_top(&c, &s, 40);
	assert_picture(&c, " synfin  web01  sockets 18     12:09:41\n");
	paint_top(&c, &s, 3); /* nothing fits, nothing breaks */
	canvas_fini(&c);
	scene_end(&s);
}

/* What was not seen is said first of all, in the role of warnings. */
static void test_coverage(void **state)
{
	struct scene s;
	struct canvas c;

	(void)state;
	scene_start(&s);
	canvas_init(&c, 1, 1, &glyphs_unicode);
	s.coverage.notices_lost = 1234;
	scene_swept(&s);
	paint_top(&c, &s, 40);
	assert_true(line_has(&c, "lost 1234"));
	s.coverage.errors[SOURCE_DIAG] = -1;
	s.coverage.errors[SOURCE_OBITUARY] = -1;
	scene_swept(&s);
	paint_top(&c, &s, 120);
	assert_true(line_has(&c, "no dump: Operation not permitted"));
	assert_true(line_has(&c, "lost 1234"));
	assert_false(line_has(&c, "+ notices"));
	assert_false(line_has(&c, "/proc"));
	s.coverage.swept_by = SOURCE_PROC;
	s.coverage.interval_ns = NS_PER_SECOND;
	scene_swept(&s);
	paint_top(&c, &s, 200);
	assert_true(line_has(&c, "no sock_diag: Operation not permitted"));
	assert_true(line_has(&c, "/proc 1s"));
	s.coverage.errors[SOURCE_OBITUARY] = 0;
	scene_swept(&s);
	paint_top(&c, &s, 200);
	assert_true(line_has(&c, "/proc 1s + notices"));
	s.coverage.shedding = true;
	scene_swept(&s);
	paint_top(&c, &s, 200);
	assert_true(line_has(&c, "too many ends: notices shed"));
	assert_false(line_has(&c, "+ notices"));
	s.coverage.shedding = false;
	s.coverage.swept_by = SOURCE_DIAG;
	s.coverage.errors[SOURCE_DIAG] = 0;
	scene_swept(&s);
	scene_pass_ms(&s, 9000);
	paint_top(&c, &s, 120);
	assert_true(line_has(&c, "picture 0:00:09 old"));
	canvas_fini(&c);
	scene_end(&s);
}

/* Whose programs cannot be told: root sees all as a rule, others their own. */
static void test_hidden(void **state)
{
	struct frame_facts told = facts;
	struct scene s;
	struct canvas c;

	(void)state;
	scene_start(&s);
	canvas_init(&c, 1, 120, &glyphs_unicode);
	s.coverage.owners_hidden = 3;
	scene_swept(&s);
	told.privileged = true;
	frame_top(area_all(&c), s.model, &told, s.now_ns);
	assert_true(line_has(&c, "processes hidden: 3"));
	assert_false(line_has(&c, "own programs only"));
	told.privileged = false;
	canvas_clear(&c);
	frame_top(area_all(&c), s.model, &told, s.now_ns);
	assert_true(line_has(&c, "own programs only"));
	s.coverage.owners_hidden = 0;
	scene_swept(&s);
	canvas_clear(&c);
	frame_top(area_all(&c), s.model, &told, s.now_ns);
	assert_false(line_has(&c, "own programs only"));
	told.privileged = true;
	told.rows_hidden = 7;
	canvas_clear(&c);
	frame_top(area_all(&c), s.model, &told, s.now_ns);
	assert_true(line_has(&c, "programs hidden: 7"));
	s.coverage.owner_scan_done = 40;
	s.coverage.owner_scan_total = 100;
	scene_swept(&s);
	canvas_clear(&c);
	frame_top(area_all(&c), s.model, &told, s.now_ns);
	assert_true(line_has(&c, "programs 40%"));
	canvas_fini(&c);
	scene_end(&s);
}

static void test_histogram(void **state)
{
	struct scene s;
	struct canvas c;

	(void)state;
	scene_start(&s);
	scene_office(&s);
	scene_was_there(&s, 70, STATE_CLOSING, "10.0.0.5:80", "10.0.0.9:1", 10);
	canvas_init(&c, 3, 100, &glyphs_unicode);
	frame_histogram(area_all(&c), s.model);
	assert_picture(&c, " LISTEN           3 ███▋          ESTABLISHED     10 ████████████  CLOSE_WAIT       4 ████▊\n"
			   " SYN_SENT         0               FIN_WAIT1        0               LAST_ACK         0\n"
			   " SYN_RECV         0               FIN_WAIT2        0               TIME_WAIT        1 █▎ CLOSING 1\n");
	assert_int_equal(c.cells[1].role, ROLE_STATE_LISTEN);
	canvas_resize(&c, 1, 40);
	frame_histogram(area_all(&c), s.model);
	assert_picture(&c, " LISTEN 3  ESTABLISHED 10  CLOSE_WAIT 4\n");
	canvas_fini(&c);
	scene_end(&s);
}

static void test_sparklines_end_with_the_last_second(void **state)
{
	struct scene s;
	struct canvas c;

	(void)state;
	scene_start(&s);
	canvas_init(&c, 1, 100, &glyphs_ascii);
	scene_open(&s, 1, STATE_SYN_SENT, "10.0.0.5:80", "10.0.0.9:1", SIDE_LOCAL);
	frame_sparklines(area_all(&c), s.model, s.now_ns);
	assert_true(line_has(&c, " 0 ")); /* this second is not over */
	scene_pass_ms(&s, 1000);
	canvas_clear(&c);
	frame_sparklines(area_all(&c), s.model, s.now_ns);
	assert_true(line_has(&c, ". 1     closes/s"));
	canvas_fini(&c);
	scene_end(&s);
}

static const struct frame_key keys[] = {
	{"Enter", "Ladder", 1, false}, {"s", "Sort", 2, false}, {"Space", "Pause", 3, false}, {"F1", "Help", 4, false}, {"q", "Quit", 5, false},
};

static void test_bottom_line(void **state)
{
	struct hot_spots spots = {0};
	struct canvas c;
	uint8_t action = 0;

	(void)state;
	canvas_init(&c, 2, 60, &glyphs_unicode);
	frame_bottom(area_part(area_all(&c), 1, 0, 1, 60), keys, 5, &spots);
	assert_picture(&c, "\n Enter Ladder  s Sort  Space Pause  F1 Help  q Quit\n");
	assert_true(hot_spots_find(&spots, 1, 1, &action) && action == 1);
	assert_true(hot_spots_find(&spots, 1, 12, &action) && action == 1);
	assert_false(hot_spots_find(&spots, 1, 13, &action));
	assert_false(hot_spots_find(&spots, 0, 1, &action));
	assert_true(hot_spots_find(&spots, 1, 45, &action) && action == 5);
	canvas_resize(&c, 1, 32);
	spots.count = 0;
	frame_bottom(area_all(&c), keys, 5, &spots);
	assert_picture(&c, " Enter Ladder  F1 Help  q Quit\n"); /* help and quit stay */
	assert_int_equal(spots.count, 3);
	canvas_fini(&c);
}

static void test_rules(void **state)
{
	const struct frame_key tabs[] = {{"1", "List", 7, true}, {"2", "Wall", 8, false}};
	struct hot_spots spots = {0};
	struct canvas c;
	uint8_t action = 0;

	(void)state;
	canvas_init(&c, 1, 30, &glyphs_unicode);
	frame_tabs(area_all(&c), tabs, 2, &spots);
	frame_aside(area_all(&c), 18, ROLE_DIM, "1-9/9");
	assert_picture(&c, "─ 1 List  2 Wall ───── 1-9/9 ─\n");
	assert_true(hot_spots_find(&spots, 0, 10, &action) && action == 8);
	frame_rule(area_all(&c), "a title that is much too long for it", ROLE_DIM, "aside");
	assert_picture(&c, "─ a title that is much too … ─\n");
	frame_rule(area_all(&c), "title", ROLE_DIM, "an aside that has to be cut");
	assert_picture(&c, "─ title ─ an aside that has… ─\n");
	canvas_fini(&c);
}

static void test_too_small(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 3, 40, &glyphs_ascii);
	frame_too_small(area_all(&c));
	assert_picture(&c, "\nsynfin needs 40x10; here is 40x3\n\n");
	for (unsigned rows = 0; rows < 4; rows++)
		for (unsigned columns = 0; columns < 40; columns++) {
			canvas_resize(&c, rows, columns);
			frame_too_small(area_all(&c));
		}
	canvas_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_sparks),
		cmocka_unit_test(test_paragraphs),
		cmocka_unit_test(test_paragraph_breaks),
		cmocka_unit_test(test_top_line),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_sparklines_end_with_the_last_second),
		cmocka_unit_test(test_bottom_line),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_too_small),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
