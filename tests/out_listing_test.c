/* The table of `synfin list`: golden at several widths, with every kind of cell; and that no line is ever wider than asked for. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "golden.h"
#include "out/listing.h"
#include "out_samples.h"

#define ROWS 7

static struct holder java = { .pid = 2210, .fd = 1712, .comm = "java" };
static struct holder wide = { .pid = 7, .fd = 3, .comm = "데이터베이스서버" };

/* One row of each kind that looks different. */
static void make_rows(struct event rows[ROWS])
{
	struct event listener;

	rows[0] = sample_bare(EVENT_CONNECTION); /* next to nothing known, and a peer that the kernel forgot */
	rows[1] = sample_full(EVENT_CONNECTION); /* all known, several former holders */
	assert_true(sample_event(2 * (EVENT_COVERAGE + 1), &rows[2])); /* link-local IPv6 */
	assert_true(sample_event(2 * (EVENT_COVERAGE + 1) + 1, &listener));
	rows[3] = listener;
	rows[3].facts = (struct facts){ .knows = KNOWS_QUEUES | KNOWS_HOLDERS, .rqueue = 2, .wqueue = 4096 };
	rows[3].holders = &wide;
	rows[3].holder_count = 1;
	rows[4] = sample_full(EVENT_CONNECTION);
	rows[4].to = STATE_CLOSE_WAIT;
	rows[4].since1_ns = SAMPLE_NS - 8042 * NS_PER_SECOND;
	rows[4].facts.timer = 0;
	rows[4].holders = &java;
	rows[4].holder_count = 1;
	rows[4].holders_former = false;
	rows[5] = rows[4];
	rows[5].to = STATE_TIME_WAIT;
	rows[5].facts = (struct facts){ .knows = KNOWS_TIMER, .timer = 3, .timer_expires_ms = 41999 };
	rows[5].holders_former = true;
	rows[6] = rows[4];
	rows[6].holder_count = 0;
	rows[6].owner_hidden = true;
	rows[6].facts.knows &= ~(unsigned)(KNOWS_ATLEAST | KNOWS_HOLDERS);
	rows[6].since1_ns = SAMPLE_NS - 3 * 86400 * NS_PER_SECOND;
}

static void draw(unsigned columns, const struct glyphs *glyphs, bool color, struct text *out)
{
	struct event rows[ROWS];
	struct listing table;

	make_rows(rows);
	listing_init(&table, glyphs, color);
	for (unsigned i = 0; i < ROWS; i++)
		listing_measure(&table, &rows[i]);
	listing_fit(&table, columns);
	listing_add_head(&table, out);
	for (unsigned i = 0; i < ROWS; i++)
		listing_add_row(&table, &rows[i], out);
	listing_fini(&table);
}

static void golden(const char *name, unsigned columns, const struct glyphs *glyphs, bool color)
{
	struct text out = {0};

	draw(columns, glyphs, color, &out);
	golden_check(name, text_string(&out));
	text_fini(&out);
}

static void without_limit_everything_is_there(void **state)
{
	(void)state;
	golden("out_listing_unlimited.txt", 0, &glyphs_unicode, false);
}

static void at_80_columns(void **state)
{
	(void)state;
	golden("out_listing_80.txt", 80, &glyphs_unicode, false);
}

static void at_60_columns_in_ascii(void **state)
{
	(void)state;
	golden("out_listing_60_ascii.txt", 60, &glyphs_ascii, false);
}

static void in_colour(void **state)
{
	(void)state;
	golden("out_listing_color.txt", 110, &glyphs_unicode, true);
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	/* Below that the columns that stay cannot be cut any more. */
	const unsigned least = 11 + 2 + 12;
	struct text out = {0};

	(void)state;
	for (unsigned columns = least; columns < 240; columns++) {
		char *line, *rest;

		text_clear(&out);
		draw(columns, &glyphs_unicode, false, &out);
		for (line = strtok_r(out.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			if (utf8_columns(line) > columns)
				fail_msg("%u columns in %u: %s", utf8_columns(line), columns, line);
	}
	text_fini(&out);
}

/* The headings that there are in so many columns. */
static void expect_headings(unsigned columns, const char *headings)
{
	struct text out = {0};
	char names[100] = "", *rest;

	draw(columns, &glyphs_unicode, false, &out);
	*strchr(out.bytes, '\n') = '\0';
	for (const char *name = strtok_r(out.bytes, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		snprintf(names + strlen(names), sizeof names - strlen(names), " %s", name);
	assert_string_equal(names + 1, headings);
	text_fini(&out);
}

static void a_narrow_terminal_keeps_what_tells_most(void **state)
{
	(void)state;
	expect_headings(49, "STATE LOCAL PEER PROGRAM");
	expect_headings(48, "STATE LOCAL PEER");
	expect_headings(39, "STATE LOCAL PEER");
	expect_headings(38, "STATE PEER");
	expect_headings(10, "STATE PEER");
}

static void namespaces_are_told_where_there_are_several(void **state)
{
	static const char *const names[] = { "blue", "docker:3f2a9c0d11ee" };
	struct event rows[ROWS];

	(void)state;
	make_rows(rows);
	for (unsigned different = 0; different < 2; different++) {
		struct text out = {0};
		struct listing table;

		listing_init(&table, &glyphs_unicode, false);
		for (unsigned i = 0; i < ROWS; i++) {
			rows[i].netns = 1 + different * (i % 2);
			rows[i].netns_name = names[different * (i % 2)];
			listing_measure(&table, &rows[i]);
		}
		listing_fit(&table, 0);
		listing_add_head(&table, &out);
		for (unsigned i = 0; i < ROWS; i++)
			listing_add_row(&table, &rows[i], &out);
		assert_int_equal(strstr(text_string(&out), "NETNS") != NULL, different);
		assert_int_equal(strstr(text_string(&out), "docker:3f2a9c0d11ee  ") != NULL, different);
		listing_fini(&table);
		text_fini(&out);
	}
}

static int set_up(void **state)
{
	(void)state;
	message_init("en", "");
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limit_everything_is_there),
		cmocka_unit_test(at_80_columns),
		cmocka_unit_test(at_60_columns_in_ascii),
		cmocka_unit_test(in_colour),
		cmocka_unit_test(namespaces_are_told_where_there_are_several),
		cmocka_unit_test(a_narrow_terminal_keeps_what_tells_most),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
	};
	return cmocka_run_group_tests_name("out/listing", tests, set_up, NULL);
}
