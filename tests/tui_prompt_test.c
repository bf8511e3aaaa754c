/* tui: typing a line. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "tui/key.h"
#include "tui/prompt.h"

static void type(struct prompt *p, const char *keys)
{
	for (; *keys; keys++)
		prompt_key(p, (unsigned char)*keys);
}

static void test_editing(void **state)
{
	struct prompt p = {0};

	(void)state;
	type(&p, "dport = :443");
	assert_string_equal(p.text, "dport = :443");
	assert_int_equal(prompt_key(&p, NAMED_KEY_BACKSPACE), PROMPT_EDITED);
	assert_string_equal(p.text, "dport = :44");
	assert_int_equal(prompt_key(&p, 'W' & 0x1f), PROMPT_EDITED);
	assert_string_equal(p.text, "dport = ");
	assert_int_equal(prompt_key(&p, NAMED_KEY_HOME), PROMPT_MOVED);
	assert_int_equal(prompt_key(&p, NAMED_KEY_DELETE), PROMPT_EDITED);
	type(&p, "s");
	assert_string_equal(p.text, "sport = ");
	prompt_key(&p, NAMED_KEY_RIGHT);
	assert_int_equal(prompt_key(&p, 'K' & 0x1f), PROMPT_EDITED);
	assert_string_equal(p.text, "sp");
	assert_int_equal(prompt_key(&p, 'U' & 0x1f), PROMPT_EDITED);
	assert_int_equal(prompt_key(&p, 'U' & 0x1f), PROMPT_MOVED);
	assert_int_equal(prompt_key(&p, NAMED_KEY_F1), PROMPT_PASSED);
	assert_int_equal(prompt_key(&p, '\t'), PROMPT_PASSED);
	assert_int_equal(prompt_key(&p, NAMED_KEY_BACKSPACE), PROMPT_MOVED);
	assert_int_equal(prompt_key(&p, KEY_CODE_ENTER), PROMPT_ENTERED);
	assert_int_equal(prompt_key(&p, KEY_CODE_ESCAPE), PROMPT_LEFT);
	prompt_fini(&p);
}

/* What is in it is clean, and whole runes go. */
static void test_foreign_text(void **state)
{
	struct prompt p = {0};

	(void)state;
	prompt_insert(&p, 0xd55c);
	prompt_insert(&p, '\n');
	prompt_insert(&p, 0x1b);
	prompt_insert(&p, 0x202e);
	assert_string_equal(p.text, "\xed\x95\x9c ?");
	prompt_key(&p, NAMED_KEY_HOME);
	prompt_key(&p, NAMED_KEY_DELETE);
	assert_string_equal(p.text, " ?");
	for (unsigned i = 0; i < 3 * PROMPT_ROOM; i++)
		prompt_insert(&p, 0xd55c);
	assert_int_equal(strlen(p.text), p.len);
	assert_true(p.len < PROMPT_ROOM && p.len > PROMPT_ROOM - 5);
	prompt_fini(&p);
}

static void test_history(void **state)
{
	struct prompt p = {0};
	char line[8] = "line a";

	(void)state;
	for (unsigned i = 0; i < PROMPT_HISTORY + 5; i++) {
		line[5] = (char)('a' + i % 26);
		prompt_set(&p, line);
		prompt_remember(&p);
		prompt_remember(&p);
	}
	assert_int_equal(p.history_count, PROMPT_HISTORY);
	prompt_set(&p, "half");
	assert_int_equal(prompt_key(&p, NAMED_KEY_UP), PROMPT_EDITED);
	assert_string_equal(p.text, line);
	assert_int_equal(prompt_key(&p, NAMED_KEY_DOWN), PROMPT_EDITED);
	assert_string_equal(p.text, "half");
	assert_int_equal(prompt_key(&p, NAMED_KEY_DOWN), PROMPT_MOVED);
	for (unsigned i = 0; i < 2 * PROMPT_HISTORY; i++)
		prompt_key(&p, NAMED_KEY_UP);
	assert_int_equal(p.shown, PROMPT_HISTORY);
	prompt_fini(&p);
}

/* The cursor is in sight, however long the line and narrow the room. */
static void test_picture(void **state)
{
	struct prompt p = {0};
	struct text t = {0};
	struct canvas c;

	(void)state;
	canvas_init(&c, 1, 12, &glyphs_ascii);
	prompt_set(&p, "0123456789abcdef");
	prompt_paint(&p, area_all(&c), "/ ", ROLE_BAR);
	canvas_to_text(&c, &t);
	assert_string_equal(text_string(&t), "/ 789abcdef\n");
	assert_int_equal(c.cells[11].flags & CELL_REVERSE, CELL_REVERSE);
	prompt_key(&p, NAMED_KEY_HOME);
	prompt_paint(&p, area_all(&c), "/ ", ROLE_BAR);
	text_clear(&t);
	canvas_to_text(&c, &t);
	assert_string_equal(text_string(&t), "/ 0123456789\n");
	assert_int_equal(c.cells[2].flags & CELL_REVERSE, CELL_REVERSE);
	text_fini(&t);
	canvas_fini(&c);
	prompt_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_editing),
		cmocka_unit_test(test_foreign_text),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_picture),
	};

	message_init(NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
