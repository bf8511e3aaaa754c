/* The help page: columns of whole groups, lines that fit, words that are looked for, what is clicked; and coverage in words. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "scene.h"
#include "show/help.h"

static const struct help_entry entries[] = {
	{.group = "Moving", .keys = "j Down", .name = "down", .label = "Lower", .text = "one line down", .action = 1},
	{.group = "Moving", .keys = "k Up", .name = "up", .label = "Upper", .text = "one line up", .action = 2},
	{.group = "List", .keys = "s", .name = "sort", .label = "Sort", .text = "sort by the next column there is, and at the end begin anew", .action = 3},
	{.group = "Marks", .keys = "!", .text = "look here"},
};
#define COUNT (sizeof(entries) / sizeof(entries[0]))

static const char *picture(struct help_page *page, const char *words, unsigned rows, unsigned columns, unsigned top)
{
	static struct text t;
	struct canvas c;

	canvas_init(&c, rows, columns, &glyphs_ascii);
	help_lay_out(page, entries, COUNT, words, columns);
	help_paint(page, area_all(&c), top);
	text_clear(&t);
	canvas_to_text(&c, &t);
	canvas_fini(&c);
	return text_string(&t);
}

static void test_one_column(void **state)
{
	static struct help_page page;

	(void)state;
	assert_string_equal(picture(&page, "", 11, 44, 0), " Moving\n  j Down   one line down\n  k Up     one line up\n\n List\n"
							   "  s        sort by the next column there\n           is, and at the end begin anew\n\n Marks\n"
							   "  !        look here\n\n");
	assert_int_equal(page.rows, 10);
	assert_string_equal(picture(&page, "", 2, 44, 4), " List\n  s        sort by the next column there\n");
}

static void test_columns_hold_whole_groups(void **state)
{
	static struct help_page page;

	(void)state;
	assert_string_equal(picture(&page, "", 7, 100, 0), " Moving                                            List\n"
							   "  j Down   one line down                            s        sort by the next column there is, and\n"
							   "  k Up     one line up                                       at the end begin anew\n"
							   "\n                                                   Marks\n"
							   "                                                    !        look here\n\n");
	for (unsigned columns = 1; columns < 300; columns++) {
		help_lay_out(&page, entries, COUNT, "", columns);
		for (unsigned i = 0; i < page.columns; i++)
			if (page.starts[i] < page.starts[i + 1])
				assert_true(page.lines[page.starts[i]].entry && !page.lines[page.starts[i]].text); /* a heading */
	}
}

static void test_words(void **state)
{
	static struct help_page page;

	(void)state;
	assert_string_equal(picture(&page, "line", 5, 44, 0), " Moving\n  j Down   one line down\n  k Up     one line up\n\n\n");
	assert_string_equal(picture(&page, "  LINE   up ", 3, 44, 0), " Moving\n  k Up     one line up\n\n"); /* all of them, in any case */
	help_lay_out(&page, entries, COUNT, "upper", 44); /* the label */
	assert_int_equal(page.entries, 1);
	help_lay_out(&page, entries, COUNT, "list", 44); /* the group */
	assert_int_equal(page.entries, 1);
	help_lay_out(&page, entries, COUNT, "k", 44); /* a key, and "marks", "look" */
	assert_int_equal(page.entries, 2);
	help_lay_out(&page, entries, COUNT, "nothing of that", 44);
	assert_int_equal(page.entries, 0);
	assert_int_equal(page.rows, 0);
}

static void test_what_was_looked_for_stands_out(void **state)
{
	static struct help_page page;
	struct canvas c;

	(void)state;
	canvas_init(&c, 3, 44, &glyphs_ascii);
	help_lay_out(&page, entries, COUNT, "UP", 44);
	help_paint(&page, area_all(&c), 0);
	assert_int_equal(c.cells[44 + 2 + 2].flags, CELL_BOLD | CELL_UNDERLINE);  /* k Up */
	assert_int_equal(c.cells[44 + 20].flags, CELL_BOLD | CELL_UNDERLINE);     /* one line up */
	assert_int_equal(c.cells[44 + 19].flags, 0);
	canvas_fini(&c);
}

static void test_clicks(void **state)
{
	static struct help_page page;

	(void)state;
	help_lay_out(&page, entries, COUNT, "", 44);
	assert_int_equal(help_action_at(&page, 0, 5), 0); /* a heading */
	assert_int_equal(help_action_at(&page, 1, 5), 1);
	assert_int_equal(help_action_at(&page, 2, 43), 2);
	assert_int_equal(help_action_at(&page, 3, 5), 0);
	assert_int_equal(help_action_at(&page, 6, 5), 3); /* its second line */
	assert_int_equal(help_action_at(&page, 9, 5), 0); /* a mark */
	assert_int_equal(help_action_at(&page, 10, 5), 0);
	assert_int_equal(help_action_at(&page, 5000, 5000), 0);
	help_lay_out(&page, entries, COUNT, "", 100);
	assert_int_equal(help_action_at(&page, 1, 20), 1);
	assert_int_equal(help_action_at(&page, 1, 60), 3);
}

static void test_more_than_there_is_room_for(void **state)
{
	static struct help_entry many[HELP_ENTRIES_MAX];
	static struct help_page page;
	struct canvas c;

	(void)state;
	for (unsigned i = 0; i < HELP_ENTRIES_MAX; i++)
		many[i] = (struct help_entry){.group = i % 2 ? "A" : "B", .keys = "a key of great length", .text = "words without end or sense"};
	canvas_init(&c, 5, 12, &glyphs_ascii);
	for (unsigned columns = 1; columns < 200; columns += 3) {
		canvas_resize(&c, 5, columns);
		help_lay_out(&page, many, HELP_ENTRIES_MAX, "", columns);
		assert_true(page.rows <= HELP_LINES_MAX);
		help_paint(&page, area_all(&c), page.rows - 2);
	}
	canvas_fini(&c);
}

/* ---- coverage ---- */

static const struct coverage_line *line_of(const struct coverage_words *w, const char *begin)
{
	for (unsigned i = 0; i < w->count; i++)
		if (strncmp(w->lines[i].text, begin, strlen(begin)) == 0)
			return &w->lines[i];
	return NULL;
}

static void assert_line(const struct coverage_words *w, const char *begin, const char *figure, enum role role)
{
	const struct coverage_line *line = line_of(w, begin);

	if (!line) {
		fail_msg("nothing is said of '%s'", begin);
		return;
	}
	assert_string_equal(line->figure, figure);
	assert_int_equal(line->role, role);
}

static const struct frame_facts facts = {.fast_interval_ns = 50 * NS_PER_MS, .notices = true, .privileged = true};

static void test_all_is_well(void **state)
{
	struct coverage_words w;
	struct scene s;

	(void)state;
	scene_start(&s);
	coverage_say(&w, s.model, &facts, s.now_ns); /* nothing is known yet */
	assert_null(line_of(&w, "age of the picture"));
	scene_swept(&s);
	scene_pass_ms(&s, 2000);
	coverage_say(&w, s.model, &facts, s.now_ns);
	assert_line(&w, "from one full look", "1s", ROLE_GAUGE);
	assert_line(&w, "while something opens", "50ms", ROLE_GAUGE);
	assert_line(&w, "age of the picture", "0:00:02", ROLE_GAUGE);
	assert_line(&w, "notices:", "yes", ROLE_GOOD);
	assert_line(&w, "lost:", "0", ROLE_DIM);
	assert_line(&w, "network namespaces watched", "1", ROLE_GAUGE);
	scene_pass_ms(&s, 10000);
	coverage_say(&w, s.model, &facts, s.now_ns);
	assert_line(&w, "age of the picture", "0:00:12", ROLE_WARNING);
	scene_end(&s);
}

static void test_what_is_not_seen(void **state)
{
	struct frame_facts poor = {.rows_hidden = 7};
	struct coverage_words w;
	struct scene s;

	(void)state;
	scene_start(&s);
	s.coverage.sweeps_not_whole = 2;
	s.coverage.notices_lost = 12345;
	s.coverage.notices_shed = 3;
	s.coverage.ends_unseen = 4;
	s.coverage.unsampled_ends = 5;
	s.coverage.late_notices = 6;
	s.coverage.lookups_dropped = 8;
	s.coverage.illegal = 9;
	s.coverage.owners_hidden = 10;
	s.coverage.owner_scan_done = 3;
	s.coverage.owner_scan_total = 4;
	s.coverage.netns_watched = 2;
	s.coverage.netns_unwatched = 11;
	scene_swept(&s);
	coverage_say(&w, s.model, &poor, s.now_ns);
	assert_line(&w, "of these not whole", "2", ROLE_WARNING);
	assert_line(&w, "lost:", "12,345", ROLE_WARNING);
	assert_line(&w, "times that notices", "3", ROLE_WARNING);
	assert_line(&w, "came and went", "4", ROLE_WARNING);
	assert_line(&w, "known by their end", "5", ROLE_GAUGE);
	assert_line(&w, "notices that came long", "6", ROLE_GAUGE);
	assert_line(&w, "look-ups", "8", ROLE_WARNING);
	assert_line(&w, "illegal:", "9", ROLE_WARNING);
	assert_line(&w, "processes of others hidden", "10", ROLE_TITLE);
	assert_line(&w, "connections whose program", "7", ROLE_TITLE);
	assert_line(&w, "programs:", "75%", ROLE_GAUGE);
	assert_line(&w, "network namespaces", "2", ROLE_GAUGE);
	assert_line(&w, "others that are not", "11", ROLE_TITLE);
	assert_line(&w, "notices:", "no", ROLE_WARNING);
	s.coverage.shedding = true;
	scene_swept(&s);
	coverage_say(&w, s.model, &facts, s.now_ns);
	assert_line(&w, "too many ends", "no", ROLE_WARNING);
	s.coverage.errors[SOURCE_OBITUARY] = -EPERM;
	s.coverage.errors[SOURCE_DIAG] = -ENOENT;
	s.coverage.swept_by = SOURCE_PROC;
	scene_swept(&s);
	coverage_say(&w, s.model, &facts, s.now_ns);
	assert_line(&w, "no notices: Operation not permitted", "no", ROLE_WARNING);
	assert_line(&w, "no sock_diag: No such file", "no", ROLE_WARNING);
	assert_line(&w, "from one look at /proc/net/tcp", "1s", ROLE_GAUGE);
	assert_true(w.count <= COVERAGE_LINES_MAX);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_column),
		cmocka_unit_test(test_columns_hold_whole_groups),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_what_was_looked_for_stands_out),
		cmocka_unit_test(test_clicks),
		cmocka_unit_test(test_more_than_there_is_room_for),
		cmocka_unit_test(test_all_is_well),
		cmocka_unit_test(test_what_is_not_seen),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
