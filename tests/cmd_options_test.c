/* The command line: what is taken, what is refused and in which words, and that help and man page tell of every option. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "options.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "tui/action.h"

#define WORDS_MAX 8

static struct options options;
static struct text error;

/* Parses one command line, its words parted by single spaces. */
static int parse(const char *line)
{
	static char copy[200];
	char *argv[WORDS_MAX + 2] = { (char[]){ "synfin" } };
	int argc = 1;

	snprintf(copy, sizeof copy, "%s", line);
	for (char *word = copy; word && *line; argc++) {
		char *space = strchr(word, ' ');

		assert_true(argc <= WORDS_MAX);
		argv[argc] = word;
		if (space)
			*space++ = '\0';
		word = space;
	}
	text_clear(&error);
	options_fini(&options); /* of the line before */
	options_init(&options);
	return options_parse(&options, argc, argv, &error);
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(options.command, COMMAND_SCREEN);
	assert_int_equal(options.interval_ns, NS_PER_SECOND);
	assert_true(options.budget > 0.0499 && options.budget < 0.0501);
	assert_int_equal(options.shed_rate, 50000);
	assert_true(options.owners && options.animate && options.mouse);
	assert_false(options.json || options.demo || options.ascii);
	assert_int_equal(options.color, COLOR_AUTO);
	assert_int_equal(options.for_ns, 0);
	assert_int_equal(options.count, 0);
	assert_string_equal(options.theme, "dark");
}

static void every_option_is_taken(void **state)
{
	(void)state;
	assert_int_equal(parse("--demo --json --no-owners --ascii --no-animation --no-mouse list"), 0);
	assert_int_equal(options.command, COMMAND_LIST);
	assert_true(options.demo && options.json && options.ascii);
	assert_false(options.owners || options.animate || options.mouse);
	assert_int_equal(parse("events --for 1.5s --count=7 --interval 250ms --budget 2.5%"), 0);
	assert_int_equal(options.command, COMMAND_EVENTS);
	assert_int_equal(options.for_ns, 1500 * NS_PER_MS);
	assert_int_equal(options.count, 7);
	assert_int_equal(options.interval_ns, 250 * NS_PER_MS);
	assert_true(options.budget > 0.0249 && options.budget < 0.0251);
	assert_int_equal(parse("--shed 500"), 0);
	assert_int_equal(options.shed_rate, 500);
	assert_int_equal(parse("--shed 0"), 0);
	assert_int_equal(options.shed_rate, 0);
	assert_int_equal(parse("--shed never"), 0);
	assert_int_equal(options.shed_rate, 0);
	assert_int_equal(parse("--color never --theme light --lang ko"), 0);
	assert_int_equal(options.color, COLOR_NEVER);
	assert_string_equal(options.theme, "light");
	assert_string_equal(options.language, "ko");
	assert_int_equal(parse("--themes --color always --lang ko"), 0);
	assert_int_equal(options.command, COMMAND_THEMES);
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_int_equal(parse("--theme nord"), 0);
	assert_int_equal(options.command, COMMAND_SCREEN);
	assert_int_equal(parse("--help"), 0);
	assert_int_equal(options.command, COMMAND_HELP);
	assert_int_equal(parse("list -V"), 0);
	assert_int_equal(options.command, COMMAND_VERSION);
}

static void words_and_options_come_in_any_order(void **state)
{
	(void)state;
	setenv("POSIXLY_CORRECT", "1", 1);
	for (unsigned strict = 0; strict < 2; strict++) {
		assert_int_equal(parse("list --json"), 0);
		assert_int_equal(options.command, COMMAND_LIST);
		assert_true(options.json);
		assert_int_equal(parse("--json list"), 0);
		assert_int_equal(options.command, COMMAND_LIST);
		assert_int_equal(parse("list --json --"), 0);
		assert_int_equal(parse("-- list"), 0);
		assert_int_equal(options.command, COMMAND_SCREEN);
		assert_string_equal(text_string(&options.filter), "list");
		assert_int_equal(parse("events state close-wait --json dport = :443"), 0);
		assert_int_equal(options.command, COMMAND_EVENTS);
		assert_true(options.json);
		assert_string_equal(text_string(&options.filter), "state close-wait dport = :443");
		unsetenv("POSIXLY_CORRECT");
	}
	assert_int_equal(parse("list --inter 2s"), 0);
	assert_int_equal(options.interval_ns, 2 * NS_PER_SECOND);
	assert_int_equal(parse("--interval 2s --interval 3s"), 0);
	assert_int_equal(options.interval_ns, 3 * NS_PER_SECOND);
}

/* What it is for there it cannot do, but a word it makes. */
static void a_backslash_ends_at_its_word(void **state)
{
	(void)state;
	assert_int_equal(parse("list dst\\ 127.0.0.1"), 0);
	assert_string_equal(text_string(&options.filter), "dst 127.0.0.1");
	assert_int_equal(parse("list dst\\\\ x\\\\\\ y"), 0);
	assert_string_equal(text_string(&options.filter), "dst\\\\ x\\\\ y");
	assert_int_equal(parse("list src \\"), 0);
	assert_string_equal(text_string(&options.filter), "src \\");
	assert_int_equal(parse("list \\ src"), 0);
	assert_string_equal(text_string(&options.filter), "\\ src");
}

static void mistakes_are_told(void **state)
{
	static const struct { const char *line, *told; } mistakes[] = {
		{ "--bogus", "unknown option '--bogus'" },
		{ "--jsn", "unknown option '--jsn'; did you mean '--json'?" },
		{ "--intervall=2s", "unknown option '--intervall'; did you mean '--interval'?" },
		{ "-x", "unknown option '-x'" },
		{ "list -hx", "" },
		{ "list -xh", "unknown option '-x'" },
		{ "--no", "option '--no' can mean more than one, such as '--no-owners'" },
		{ "--json=yes", "option '--json' takes no argument" },
		{ "events --count", "option '--count' needs an argument" },
		{ "lst", "unknown command 'lst'; did you mean 'list'?" },
		{ "event", "unknown command 'event'; did you mean 'events'?" },
		{ "dr", "unknown command 'dr'" },
		{ "doctor", "the command 'doctor' is not in this version" },
		{ "metrics", "the command 'metrics' is not in this version" },
		{ "learn", "the command 'learn' is not in this version" },
		{ "lab", "the command 'lab' is not in this version" },
		{ "explain TIME_WAIT", "the command 'explain' is not in this version" },
		{ "list events", "'events' is one word too many" },
		{ "--interval 5ms", "--interval: '5ms' is not between 10ms and 1h" },
		{ "--interval 61m", "--interval: '61m' is not between 10ms and 1h" },
		{ "--interval 0", "--interval: '0' is not between 10ms and 1h" },
		{ "--interval 1x", "--interval: '1x' is no duration such as 250ms, 1s or 5m" },
		{ "--interval -1s", "--interval: '-1s' is no duration such as 250ms, 1s or 5m" },
		{ "--interval=", "--interval: '' is no duration such as 250ms, 1s or 5m" },
		{ "events --for 0s", "--for: '0s' is no duration such as 500ms, 10s or 5m" },
		{ "events --for ever", "--for: 'ever' is no duration such as 500ms, 10s or 5m" },
		{ "events --count 0", "--count: '0' is no whole number from 1 up" },
		{ "events --count 1.5", "--count: '1.5' is no whole number from 1 up" },
		{ "--budget 101%", "--budget: '101%' is no share of one CPU from 0.1% to 100%" },
		{ "--budget 0", "--budget: '0' is no share of one CPU from 0.1% to 100%" },
		{ "--shed some", "--shed: 'some' is no whole number of ends a second, nor 'never'" },
		{ "--shed -1", "--shed: '-1' is no whole number of ends a second, nor 'never'" },
		{ "--shed 4294967296", "--shed: '4294967296' is no whole number of ends a second, nor 'never'" },
		{ "--color sometimes", "--color: 'sometimes' is neither auto, always nor never" },
		{ "list --for 3s", "'--for' goes with the command 'events' only" },
		{ "--count 3", "'--count' goes with the command 'events' only" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		int expected = *mistakes[i].told ? -EINVAL : 0;

		if (parse(mistakes[i].line) != expected)
			fail_msg("%s: not %d", mistakes[i].line, expected);
		assert_string_equal(text_string(&error), mistakes[i].told);
	}
}

static void the_language_is_found_whatever_else_is_wrong(void **state)
{
	char *const wrong[] = { (char[]){ "synfin" }, (char[]){ "--bogus" }, (char[]){ "lst" }, (char[]){ "--lang=ko" }, NULL };
	char *const last[] = { (char[]){ "synfin" }, (char[]){ "--lang" }, (char[]){ "en" }, (char[]){ "--lan" }, (char[]){ "ko" }, NULL };
	char *const behind[] = { (char[]){ "synfin" }, (char[]){ "--" }, (char[]){ "--lang=ko" }, NULL };

	(void)state;
	assert_string_equal(options_language(4, wrong), "ko");
	assert_string_equal(options_language(5, last), "ko");
	assert_null(options_language(3, behind));
	assert_null(options_language(2, wrong));
}

static void durations(void **state)
{
	static const struct { const char *text; int64_t ns; } good[] = {
		{ "1", NS_PER_SECOND }, { "0", 0 }, { "1s", NS_PER_SECOND }, { "1.5s", 1500 * NS_PER_MS }, { ".5s", 500 * NS_PER_MS },
		{ "250ms", 250 * NS_PER_MS }, { "40us", 40 * NS_PER_US }, { "40µs", 40 * NS_PER_US }, { "2m", 120 * NS_PER_SECOND },
		{ "0.25h", 900 * NS_PER_SECOND }, { "1.000000001s", NS_PER_SECOND + 1 }, { "1.0000000019s", NS_PER_SECOND + 1 },
		{ "0.999999999h", 3599999996400 }, { "0001ms", NS_PER_MS },
	};
	static const char *const bad[] = {
		"", "s", ".", "1.", "1.s", "-1", "+1", " 1", "1 s", "1S", "1ss", "1e3", "0x10", "inf", "nan", "1,5s", "1s2", "9999999999999999999",
		"99999999999h", "1000000000000000000000000000000s",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (quantity_duration(good[i].text, &ns))
			fail_msg("%s is refused", good[i].text);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!quantity_duration(bad[i], &ns))
			fail_msg("%s is taken", bad[i]);
}

static void near_words(void **state)
{
	static const char *const words[] = { "list", "events" };

	(void)state;
	assert_string_equal(suggest_near("lsit", words, 2), "list");
	assert_string_equal(suggest_near("event", words, 2), "events");
	assert_string_equal(suggest_near("evnets", words, 2), "events");
	assert_null(suggest_near("learn", words, 2));
	assert_null(suggest_near("metrics", words, 2));
	assert_null(suggest_near("a-word-far-too-long-to-be-any-of-them", words, 2));
	assert_null(suggest_near("", words, 2));
}

static void help_has_every_option_and_fits_80_columns(void **state)
{
	struct text help = {0};
	char *line, *rest;

	(void)state;
	options_help(&help);
#define X(name, text, letter, argument, help_text)     \
	if (!strstr(text_string(&help), "--" text))    \
		fail_msg("no --%s", text);
	OPTIONS(X)
#undef X
	for (line = strtok_r(help.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (utf8_columns(line) > 80)
			fail_msg("too long: %s", line);
	text_fini(&help);
}

/* doc/synfin.1.scd. */
static const char *man_page(void)
{
	const char *top = getenv("top_srcdir");
	static char page[1 << 18];
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/doc/synfin.1.scd", top ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
	return page;
}

static void the_man_page_has_every_option_and_command(void **state)
{
	const char *page = man_page();

	(void)state;
#define X(name, text, letter, argument, help)         \
	if (!strstr(page, "*--" text "*"))            \
		fail_msg("no *--%s*", text);
	OPTIONS(X)
#undef X
#define X(name, word, help)                           \
	if (*(word) && !strstr(page, "*" word "*"))   \
		fail_msg("no *%s*", word);
	COMMANDS(X)
#undef X
}

static void the_man_page_has_every_key(void **state)
{
	static const char *const keys[] = {
#define X(enumerator, name, keys, group, label, help) keys,
		ACTIONS(X)
#undef X
	};
	const char *page = man_page();

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char copy[64], *rest;

		snprintf(copy, sizeof copy, "%s", keys[i]);
		for (char *key = strtok_r(copy, " ", &rest); key; key = strtok_r(NULL, " ", &rest)) {
			char bold[70];

			snprintf(bold, sizeof bold, "*%s*", key);
			if (!strstr(page, bold))
				fail_msg("no %s", bold);
		}
	}
}

static int set_up(void **state)
{
	(void)state;
	message_init("en", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_fini(&error);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(words_and_options_come_in_any_order),
		cmocka_unit_test(a_backslash_ends_at_its_word),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(the_language_is_found_whatever_else_is_wrong),
		cmocka_unit_test(durations),
		cmocka_unit_test(near_words),
		cmocka_unit_test(help_has_every_option_and_fits_80_columns),
		cmocka_unit_test(the_man_page_has_every_option_and_command),
		cmocka_unit_test(the_man_page_has_every_key),
	};
	return cmocka_run_group_tests_name("cmd/options", tests, set_up, tear_down);
}
