/* canvas: clipping, wide runes, fields, areas, roles; every picture compared as text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "show/canvas.h"

static void assert_picture(const struct canvas *c, const char *wanted)
{
	struct text t = {0};

	canvas_to_text(c, &t);
	assert_string_equal(text_string(&t), wanted);
	text_fini(&t);
}

/* No half of a wide rune is ever left behind. */
static void assert_no_halves(const struct canvas *c)
{
	for (unsigned r = 0; r < c->rows; r++)
		for (unsigned i = 0; i < c->columns; i++) {
			uint32_t rune = c->cells[r * c->columns + i].rune;
			bool wide = rune >= 0xac00 && rune < 0xd7a4;

			if (rune == 0)
				assert_true(i > 0 && c->cells[r * c->columns + i - 1].rune >= 0xac00);
			if (wide)
				assert_true(i + 1 < c->columns && c->cells[r * c->columns + i + 1].rune == 0);
		}
}

static void test_text_and_clipping(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 3, 5, &glyphs_unicode);
	assert_picture(&c, "\n\n\n");
	assert_int_equal(area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "abcdefgh"), 5);
	assert_int_equal(area_text(area_all(&c), 1, -2, ROLE_TEXT, 0, "abcd"), 4);
	assert_int_equal(area_text(area_all(&c), 2, 4, ROLE_TEXT, 0, "xy"), 1);
	assert_picture(&c, "abcde\ncd\n    x\n");
	area_text(area_all(&c), -1, 0, ROLE_TEXT, 0, "no");
	area_text(area_all(&c), 3, 0, ROLE_TEXT, 0, "no");
	area_text(area_all(&c), 0, 5, ROLE_TEXT, 0, "no");
	area_text(area_all(&c), 0, INT32_MIN, ROLE_TEXT, 0, "no");
	area_text(area_all(&c), INT32_MAX, INT32_MAX, ROLE_TEXT, 0, "no");
	assert_picture(&c, "abcde\ncd\n    x\n");
	canvas_clear(&c);
	assert_picture(&c, "\n\n\n");
	canvas_fini(&c);
}

static void test_nothing_to_paint_on(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 0, 0, &glyphs_ascii);
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "x");
	area_field(area_all(&c), 0, 0, 4, true, ROLE_TEXT, 0, "x");
	area_fill(area_all(&c), ROLE_DIM, 0);
	area_tint(area_all(&c), 0, 0, 3, ROLE_DIM, 0);
	area_repeat(area_all(&c), 0, 0, 9, ROLE_TEXT, "-");
	assert_picture(&c, "");
	canvas_resize(&c, 1, 2);
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "xyz");
	assert_picture(&c, "xy\n");
	canvas_fini(&c);
}

static void test_wide_runes(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 1, 6, &glyphs_unicode);
	assert_int_equal(area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "연결종"), 6);
	assert_picture(&c, "연결종\n");
	/* overwriting either half blanks the other */
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "x");
	assert_picture(&c, "x 결종\n");
	area_text(area_all(&c), 0, 3, ROLE_TEXT, 0, "y");
	assert_picture(&c, "x  y종\n");
	/* a wide rune over the halves of two others */
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "연결종");
	area_text(area_all(&c), 0, 1, ROLE_TEXT, 0, "료");
	assert_picture(&c, " 료 종\n");
	assert_no_halves(&c);
	/* one that would cross the right edge is not begun, one that crosses the left leaves a space */
	canvas_clear(&c);
	assert_int_equal(area_text(area_all(&c), 0, 3, ROLE_TEXT, 0, "연결"), 2);
	assert_picture(&c, "   연\n");
	area_text(area_all(&c), 0, -1, ROLE_TEXT, 0, "연결");
	assert_picture(&c, " 결연\n");
	assert_no_halves(&c);
	canvas_fini(&c);
}

static void test_wide_runes_at_inner_edges(void **state)
{
	struct canvas c;
	struct area part;

	(void)state;
	canvas_init(&c, 1, 8, &glyphs_unicode);
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "연결종료");
	part = area_part(area_all(&c), 0, 3, 1, 3);
	area_text(part, 0, 0, ROLE_TEXT, 0, "abcdef");
	assert_picture(&c, "연 abc료\n");
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "연결종료");
	area_text(part, 0, 0, ROLE_TEXT, 0, "가나");
	assert_picture(&c, "연 가 료\n");
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "연결종료");
	area_fill(part, ROLE_TEXT, 0);
	assert_picture(&c, "연    료\n");
	assert_no_halves(&c);
	canvas_fini(&c);
}

/*
 * Random painting with wide and narrow text never leaves a half, and never writes outside (the sanitizers see to that).
 */
static void test_random_painting(void **state)
{
	static const char *const words[] = {"연결", "a", "종료 b", "xyz", "가", "", "\xff", "e\xcc\x81"};
	uint64_t seed = 42;
	struct canvas c;

	(void)state;
	canvas_init(&c, 4, 11, &glyphs_unicode);
	for (unsigned i = 0; i < 20000; i++) {
		int row, column, r[6];
		struct area part;

		for (unsigned k = 0; k < 6; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			r[k] = (int)(seed >> 33) % 16;
		}
		part = area_part(area_all(&c), (unsigned)r[0], (unsigned)r[1], (unsigned)r[2], (unsigned)r[3]);
		row = r[4] - 3;
		column = r[5] - 3;
		if (i % 3 == 0)
			area_text(part, row, column, ROLE_TEXT, 0, words[i % 8]);
		else if (i % 3 == 1)
			area_field(part, row, column, (unsigned)r[1], i % 2, ROLE_DIM, 0, words[i % 8]);
		else
			area_repeat(part, row, column, (unsigned)r[2], ROLE_RULE, "─");
		assert_no_halves(&c);
	}
	canvas_fini(&c);
}

static void test_fields(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 12, &glyphs_unicode);
	area_text(area_all(&c), 0, 0, ROLE_TEXT, 0, "############");
	area_field(area_all(&c), 0, 2, 6, false, ROLE_TEXT, 0, "abc");
	area_field(area_all(&c), 1, 2, 6, true, ROLE_TEXT, 0, "abc");
	area_field(area_all(&c), 2, 2, 6, false, ROLE_TEXT, 0, "abcdefgh");
	area_field(area_all(&c), 3, 0, 6, false, ROLE_TEXT, 0, "연결종료");
	area_text(area_all(&c), 3, 6, ROLE_TEXT, 0, "|");
	area_field(area_all(&c), 4, 0, 1, false, ROLE_TEXT, 0, "연결");
	area_field(area_all(&c), 5, 0, 0, false, ROLE_TEXT, 0, "x");
	assert_picture(&c, "##abc   ####\n     abc\n  abcde…\n연결… |\n…\n\n");
	canvas_fini(&c);
}

static void test_formatted(void **state)
{
	struct canvas c;
	char blanks[700];

	(void)state;
	memset(blanks, ' ', sizeof(blanks) - 1);
	blanks[sizeof(blanks) - 1] = '\0';
	canvas_init(&c, 2, 710, &glyphs_unicode);
	assert_int_equal(area_textf(area_all(&c), 0, 1, ROLE_TEXT, 0, "%u/%s", 8102u, "연결"), 9);
	assert_int_equal(area_textf(area_all(&c), 1, 0, ROLE_TEXT, 0, "%send", blanks), 702);
	assert_int_equal(c.cells[710 + 701].rune, 'd');
	canvas_fini(&c);
}

static void test_parts(void **state)
{
	struct canvas c;
	struct area a;

	(void)state;
	canvas_init(&c, 4, 8, &glyphs_unicode);
	a = area_part(area_all(&c), 1, 2, 2, 4);
	area_text(a, 0, 0, ROLE_TEXT, 0, "abcdef");
	area_text(a, 1, 3, ROLE_TEXT, 0, "xy");
	area_text(a, 2, 0, ROLE_TEXT, 0, "no");
	assert_picture(&c, "\n  abcd\n     x\n\n");
	a = area_part(a, 1, 1, UINT32_MAX, UINT32_MAX);
	assert_int_equal(a.rows, 1);
	assert_int_equal(a.columns, 3);
	area_repeat(a, 0, 0, 2, ROLE_RULE, "─");
	assert_picture(&c, "\n  abcd\n   ──x\n\n");
	a = area_part(a, 7, 7, 1, 1);
	assert_int_equal(a.rows, 0);
	area_text(a, 0, 0, ROLE_TEXT, 0, "no");
	assert_picture(&c, "\n  abcd\n   ──x\n\n");
	canvas_fini(&c);
}

static void test_roles(void **state)
{
	struct text t = {0};
	struct canvas c;

	(void)state;
	canvas_init(&c, 2, 6, &glyphs_unicode);
	area_text(area_all(&c), 0, 1, ROLE_DIM, 0, "ab");
	area_text(area_all(&c), 1, 0, ROLE_TITLE, CELL_BOLD, "abc");
	area_tint(area_all(&c), 1, 2, 9, ROLE_FLASH, CELL_UNDERLINE);
	area_tint(area_all(&c), 0, -1, 3, ROLE_COUNT, CELL_ON_CURSOR);
	canvas_roles_to_text(&c, &t);
	assert_string_equal(text_string(&t), ".aa\nbbjjjj\na dim\nb title\nj row.flash\n");
	assert_int_equal(c.cells[6].flags, CELL_BOLD);
	assert_int_equal(c.cells[8].flags, CELL_BOLD | CELL_UNDERLINE);
	assert_int_equal(c.cells[1].flags, CELL_ON_CURSOR);
	assert_int_equal(c.cells[2].flags, 0);
	text_fini(&t);
	canvas_fini(&c);
}

static void test_role_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		assert_int_equal(role_from_name(role_name((enum role)i)), i);
	assert_int_equal(role_from_name("no such role"), ROLE_COUNT);
	assert_string_equal(role_name(role_of_state(STATE_CLOSE_WAIT)), "state.close_wait");
	assert_int_equal(role_of_state(STATE_NONE), ROLE_DIM);
	for (unsigned s = STATE_NONE + 1; s < STATE_COUNT; s++)
		assert_true(strncmp(role_name(role_of_state((enum tcp_state)s)), "state.", 6) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_clipping),
		cmocka_unit_test(test_nothing_to_paint_on),
		cmocka_unit_test(test_wide_runes),
		cmocka_unit_test(test_wide_runes_at_inner_edges),
		cmocka_unit_test(test_random_painting),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_formatted),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_role_names),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
