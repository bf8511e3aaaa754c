/* Keys and actions: names, the one table, a Korean keyboard in Hangul mode. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "tui/keymap_private.h"

static unsigned named(const char *name)
{
	return key_from_name(name, strlen(name));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(named("q"), 'q');
	assert_int_equal(named("G"), 'G');
	assert_int_equal(named("?"), '?');
	assert_int_equal(named("Space"), ' ');
	assert_int_equal(named("Enter"), 13);
	assert_int_equal(named("Esc"), 27);
	assert_int_equal(named("Ctrl-L"), 12);
	assert_int_equal(named("F1"), NAMED_KEY_F1);
	assert_int_equal(named("F12"), NAMED_KEY_F12);
	assert_int_equal(named("PgUp"), NAMED_KEY_PAGE_UP);
	assert_int_equal(named("가"), 0xac00);
	assert_int_equal(named(""), KEY_CODE_NONE);
	assert_int_equal(named("F13"), KEY_CODE_NONE);
	assert_int_equal(named("qq"), KEY_CODE_NONE);
	assert_int_equal(named("\xff"), KEY_CODE_NONE);
}

/* Every key in the table is understood, and no two actions want the same. */
static void test_every_key_has_one_action(void **state)
{
	struct keymap k;

	(void)state;
	keymap_init(&k);
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);
		const char *keys = info->keys;

		assert_true(*info->name && *info->label && *info->help && *info->group);
		while (*keys) {
			const size_t len = strcspn(keys, " ");
			const unsigned key = key_from_name(keys, len);

			assert_int_not_equal(key, KEY_CODE_NONE);
			assert_int_equal(keymap_action(&k, key), i);
			keys += len + (keys[len] == ' ');
		}
	}
	assert_int_equal(keymap_action(&k, KEY_CODE_NONE), ACTION_NONE);
	assert_int_equal(keymap_action(&k, 'x'), ACTION_NONE);
}

/* Digits are screens (0 is live), Esc only goes back. */
static void test_fixed_meanings(void **state)
{
	char first[KEY_NAME_ROOM];
	struct keymap k;

	(void)state;
	keymap_init(&k);
	assert_int_equal(keymap_action(&k, '1'), ACTION_LIST);
	assert_int_equal(keymap_action(&k, '0'), ACTION_LIVE);
	assert_int_equal(keymap_action(&k, 27), ACTION_BACK);
	assert_int_equal(keymap_action(&k, 'q'), ACTION_QUIT);
	assert_string_equal(keymap_first(&k, ACTION_HELP, first), "F1");
	assert_string_equal(keymap_first(&k, ACTION_PAUSE, first), "Space");
}

static void assert_latin(const char *hangul, const char *wanted)
{
	char latin[KEY_LATIN_MAX + 1] = "";
	unsigned rune, count;

	utf8_decode(hangul, strlen(hangul), &rune);
	count = key_latin(rune, latin);
	latin[count] = '\0';
	assert_string_equal(latin, wanted);
}

static void test_hangul(void **state)
{
	char latin[KEY_LATIN_MAX];

	(void)state;
	assert_latin("ㅂ", "q");
	assert_latin("ㅓ", "j");
	assert_latin("ㅏ", "k");
	assert_latin("ㅃ", "Q");
	assert_latin("ㅘ", "hk");
	assert_latin("ㄳ", "rt");
	assert_latin("ㅣ", "l");
	assert_latin("버", "qj");
	assert_latin("한", "gks");
	assert_latin("글", "rmf");
	assert_latin("값", "rkqt");
	assert_latin("뷁", "qnpfr");
	assert_latin("힣", "glg");
	assert_latin("가", "rk");
	assert_int_equal(key_latin('q', latin), 0);
	assert_int_equal(key_latin(0x3130, latin), 0);
	assert_int_equal(key_latin(0x3164, latin), 0);
	assert_int_equal(key_latin(0xabff, latin), 0);
	assert_int_equal(key_latin(0xd7a4, latin), 0);
	for (unsigned rune = 0; rune < 0x30000; rune++)
		assert_true(key_latin(rune, latin) <= KEY_LATIN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_every_key_has_one_action),
		cmocka_unit_test(test_fixed_meanings),
		cmocka_unit_test(test_hangul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
