/* What can come next in a filter, and a filter as ss(8) has it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "filter_draw.h"
#include "track/filter.h"

/* ---- completion ---- */

/* The candidates at the '|' of a text, parted by spaces, and where they go. */
static const char *at(const char *text, size_t *from, size_t *to)
{
	static char words[1024];
	struct filter_candidates c;
	char whole[256];
	size_t place = strcspn(text, "|");

	snprintf(whole, sizeof(whole), "%.*s%s", (int)place, text, text + place + 1);
	filter_complete(whole, place, &c);
	words[0] = '\0';
	for (unsigned i = 0; i < c.count; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s", i ? " " : "", c.words[i]);
	*from = c.from;
	*to = c.to;
	return words;
}

static void expect(const char *text, const char *words)
{
	size_t from, to;

	assert_string_equal(at(text, &from, &to), words);
}

static void test_completion(void **state)
{
	size_t from, to;

	(void)state;
	expect("|", "state dport sport dst src comm pid dev exclude user age recvq sendq opener closer holder unit not (");
	expect("d|", "dport dst dev");
	expect("DP|", "dport");
	expect("zz|", "");
	expect("dport |", "= != > < >= <=");
	expect("comm |", "= != ~");
	expect("age |", "> < >= <=");
	expect("dport = |", "");
	expect("state |", "established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listening closing all connected "
	                  "synchronized bucket big");
	expect("state CLOSE_|", "close-wait");
	expect("state fin|", "fin-wait-1 fin-wait-2");
	expect("exclude t|", "time-wait");
	expect("opener = |", "local remote both");
	expect("closer != r|", "remote");
	expect("state estab |", "and or");
	expect("( dport = :443 |", "and or )");
	expect("( dport = :443 ) |", "and or");
	expect("dport = :443 and not |", "state dport sport dst src comm pid dev exclude user age recvq sendq opener closer holder unit not (");
	expect("dport = :443 or s|", "state sport src sendq");
	expect("dport = :443 and (|", "state dport sport dst src comm pid dev exclude user age recvq sendq opener closer holder unit not (");
	expect("( dport = :443 )|", "and or");
	expect("opener =|", "local remote both");
	expect("age >|", "> >="); /* it may become longer */
	expect("comm = \"st|", "");
	expect("comm = 'a st|ate b' and x", "");
	expect("comm = 'a b'|", "and or");
	expect("( comm 'a b' |", "and or )");
	expect("src 'a a|", "and"); /* ss knows no quotes */
	expect("pid = 1 &|", "state dport sport dst src comm pid dev exclude user age recvq sendq opener closer holder unit not (");
	assert_string_equal(at("dport = :443 and st| and pid = 1", &from, &to), "state");
	assert_int_equal(from, 17);
	assert_int_equal(to, 19);
	at("sta|te close", &from, &to);
	assert_int_equal(from, 0);
	assert_int_equal(to, 5);
	at("dport = :443  |", &from, &to);
	assert_int_equal(from, to);
}

/* Whatever is typed, candidates stand within it, and each one of them can be put in. */
static void test_completion_of_anything(void **state)
{
	static const char *const hosts[] = {"10.0.0.1", "[::1]", NULL}, *const ports[] = {"80", "443", NULL};
	struct filter_draw draw = {.random = 7, .hosts = hosts, .ports = ports, .ours = true};

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct text text = {0};
		struct filter_candidates c;
		size_t place;

		filter_draw(&draw, &text);
		if (i % 2)
			filter_draw_damage(&draw, &text);
		place = filter_draw_number(&draw, strlen(text_string(&text)) + 1);
		filter_complete(text_string(&text), place, &c);
		assert_true(c.from <= place && place <= c.to && c.to <= strlen(text_string(&text)));
		assert_true(c.count <= FILTER_CANDIDATES_MAX);
		for (unsigned k = 0; k < c.count; k++)
			assert_true(strlen(c.words[k]) >= place - c.from);
		text_fini(&text);
	}
}

/* ---- arguments ---- */

/* The filter of these arguments, which end in NULL. */
static void expect_filter(const char *const *arguments, const char *filter)
{
	struct text text = {0};

	for (; *arguments; arguments++)
		filter_add_argument(&text, *arguments);
	assert_string_equal(text_string(&text), filter);
	text_fini(&text);
}
#define EXPECT_FILTER(filter, ...) expect_filter((const char *const[]){__VA_ARGS__, NULL}, filter)

static void test_arguments(void **state)
{
	(void)state;
	EXPECT_FILTER("comm = nginx and age > 2h", "comm", "=", "nginx", "and", "age", ">", "2h");
	/* A value that has lost its quotes to the shell gets them back. */
	EXPECT_FILTER("comm = \"tmux: server\"", "comm", "=", "tmux: server");
	EXPECT_FILTER("comm \"tmux: server\" or pid 1", "comm", "tmux: server", "or pid 1");
	EXPECT_FILTER("state estab and not holder ~ \" a\t b \"", "state estab and not holder ~", " a\t b ");
	EXPECT_FILTER("unit != \"a \\\"b\\\" \\c \\\\ d\"", "unit", "!=", "a \"b\" \\c \\\\ d");
	EXPECT_FILTER("comm = \"a b\" and pid = 5", "comm", "=", "a b\\", "and pid = 5");
	/* What is whole, and what is more of a filter, stays as it is. */
	EXPECT_FILTER("comm = \"a b\"", "comm", "=", "\"a b\"");
	EXPECT_FILTER("comm = 'a b' or pid = 5", "comm", "= 'a b' or", "pid = 5");
	EXPECT_FILTER("comm = a\\ b", "comm", "=", "a\\ b");
	EXPECT_FILTER("comm = a and age > 2h", "comm", "=", "a and age > 2h");
	EXPECT_FILTER("comm = a state listening", "comm", "= a", "state listening");
	EXPECT_FILTER("comm != nginx", "comm", "!= nginx");
	EXPECT_FILTER("comm = nginx x y", "comm = nginx", "x y");
	/* ss's own words take no part in it. */
	EXPECT_FILTER("src = a b", "src", "=", "a b");
	EXPECT_FILTER("state established ( dport = :443 or sport = :443 )", "state", "established", "( dport = :443 or sport = :443 )");
}

/* ---- ss ---- */

static uint32_t find_device(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "eth0") == 0 ? 2 : 0;
}

static unsigned find_host(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	(void)context;
	(void)family;
	if (strcmp(name, "two.example") != 0)
		return 0;
	out[0] = (struct filter_address){.family = 2, .bytes = {10, 0, 0, 1}};
	out[1] = (struct filter_address){.family = 10, .bytes = {[15] = 1}};
	return 2;
}

static const struct filter_names names = {.device = find_device, .host = find_host};

/* `whole`: ss can be asked for just that. */
static void expect_ss(const char *filter, const char *arguments, bool whole)
{
	struct filter_error error;
	struct filter *f = filter_parse(filter, &names, &error);
	struct text said = {0};

	assert_non_null(f);
	assert_int_equal(filter_ss(f, &said), whole);
	assert_string_equal(text_string(&said), arguments);
	text_fini(&said);
	filter_free(f);
}

static void test_ss(void **state)
{
	(void)state;
	expect_ss("", "", true);
	expect_ss("dport = :443", "'dport = :443'", true);
	expect_ss("state close-wait and dport = :443", "state close-wait 'dport = :443'", true);
	expect_ss("dport = :443 and not state time-wait", "exclude time-wait 'dport = :443'", true);
	expect_ss("state estab state syn-sent", "state established state syn-sent", true);
	expect_ss("not ( state estab or dport > :1024 )", "exclude established 'dport <= :1024'", true);
	expect_ss("dst 10.0.0.0/8 or src [fe80::/10]:22", "'( dst 10.0.0.0/8 or src [fe80::/10]:22 )'", true);
	expect_ss("not dst 10.0.0.1:443", "'not dst 10.0.0.1:443'", true);
	expect_ss("sport != :22", "'not sport = :22'", true);
	expect_ss("dst two.example", "'( dst 10.0.0.1 or dst [::1] )'", true);
	expect_ss("dev = eth0 and dport lt :80", "'dev = 2 and dport < :80'", true);
	expect_ss("( sport = :80 or sport = :443 ) and not ( dst 10.0.0.0/8 and dport ge :1000 )",
	          "'( sport = :80 or sport = :443 ) and ( not dst 10.0.0.0/8 or dport < :1000 )'", true);
}

/* More than was asked for, never less. */
static void test_ss_lists_more(void **state)
{
	(void)state;
	expect_ss("comm = nginx", "", false);
	expect_ss("comm = nginx and dport = :443", "'dport = :443'", false);
	expect_ss("not comm = nginx and dport = :443", "'dport = :443'", false);
	expect_ss("comm = nginx or dport = :443", "", false);
	expect_ss("not ( comm = nginx or dport = :443 )", "'not dport = :443'", false);
	expect_ss("not ( comm = nginx and dport = :443 )", "", false);
	expect_ss("state close-wait or dport = :443", "", false);
	expect_ss("state close-wait and age > 2h and src 10.0.0.5", "state close-wait 'src 10.0.0.5'", false);
	expect_ss("sport = :80 and ( pid = 1 or dport = :443 ) and ( dst 10.0.0.1 or dst 10.0.0.2 )", "'sport = :80 and ( dst 10.0.0.1 or dst 10.0.0.2 )'", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_completion_of_anything),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_ss),
		cmocka_unit_test(test_ss_lists_more),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
