/* The NDJSON reader: what the writer wrote comes back and writes the same; what a stranger wrote is skipped, cleaned or refused with its line. */
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

#include "out/json_read.h"
#include "out_samples.h"
#include "tcp/edge.h"

static struct json_reader *reader;
static struct event event;
static struct json_header header;

static int set_up(void **state)
{
	(void)state;
	reader = calloc(1, sizeof *reader);
	return !reader;
}

static int tear_down(void **state)
{
	(void)state;
	free(reader);
	return 0;
}

static int read_line(const char *line)
{
	return json_read_line(reader, line, strlen(line), &event, &header);
}

static void written_read_and_written_again_is_the_same(void **state)
{
	struct text first = {0}, second = {0};
	struct event e;

	(void)state;
	for (unsigned i = 0; sample_event(i, &e); i++) {
		text_clear(&first);
		text_clear(&second);
		json_add_event(&first, &e);
		if (read_line(first.bytes) != JSON_LINE_EVENT)
			fail_msg("%s: %s", reader->error, first.bytes);
		json_add_event(&second, &event);
		assert_string_equal(second.bytes, first.bytes);
		assert_int_equal(event.kind, e.kind);
		assert_int_equal(event.facts.knows & ~(unsigned)KNOWS_HOLDERS, e.facts.knows & ~(unsigned)KNOWS_HOLDERS);
		assert_int_equal(event.tuple.family, e.tuple.family);
		assert_true(tuple_equal(&event.tuple, &e.tuple));
	}
	text_fini(&first);
	text_fini(&second);
}

static void comes_back(const struct event *e)
{
	struct text line = {0};

	json_add_event(&line, e);
	if (read_line(line.bytes) != JSON_LINE_EVENT)
		fail_msg("%s: %s", reader->error, line.bytes);
	text_fini(&line);
}

static void every_edge_comes_back_with_every_cause(void **state)
{
	struct event e = sample_bare(EVENT_TRANSITION);

	(void)state;
	for (const struct edge *edge = edge_table; edge < edge_table + edge_count; edge++)
		for (unsigned cause = 0; cause <= EDGE_CAUSE_COUNT; cause++) {
			e.from = edge->from;
			e.to = edge->to;
			e.edge_cause = (uint8_t)cause;
			comes_back(&e);
			assert_int_equal(event.from, edge->from);
			assert_int_equal(event.to, edge->to);
			assert_int_equal(event.edge_cause, cause);
		}
}

static void every_word_comes_back(void **state)
{
#define X(name, json) + 1
	const unsigned most = 0 EVIDENCES(X) CAUSES(X); /* more than any one of them has */
	const unsigned certainties = 0 CERTAINTIES(X), sides = 0 SIDES(X), evidences = 0 EVIDENCES(X), causes = 0 CAUSES(X), marks = 0 MARKS(X);
#undef X

	(void)state;
	for (unsigned i = 0; i < most; i++) {
		struct event e = sample_full(EVENT_CLOSE);

		e.certainty = (uint8_t)(i % certainties);
		e.when = (uint8_t)((i + 1) % certainties);
		e.numbers = (uint8_t)((i + 2) % certainties);
		e.opener = (uint8_t)(i % sides);
		e.closer = (uint8_t)((i + 1) % sides);
		e.opener_by = (uint8_t)(i % evidences);
		e.closer_by = (uint8_t)((i + 1) % evidences);
		e.cause = (uint8_t)(i % causes);
		e.mark = (uint8_t)(i % marks);
		e.facts.timer = (uint8_t)(i % TIMER_COUNT);
		comes_back(&e);
		assert_int_equal(event.certainty, e.certainty);
		assert_int_equal(event.when, e.when);
		assert_int_equal(event.numbers, e.numbers);
		assert_int_equal(event.opener, e.opener);
		assert_int_equal(event.closer, e.closer);
		assert_int_equal(event.opener_by, e.opener_by);
		assert_int_equal(event.closer_by, e.closer_by);
		assert_int_equal(event.cause, e.cause);
		assert_int_equal(event.mark, e.mark);
		assert_int_equal(event.facts.timer, e.facts.timer);
	}
}

static void every_source_comes_back(void **state)
{
	struct event e = sample_full(EVENT_COVERAGE);
	struct coverage c = {0};

	(void)state;
	e.coverage = &c;
	c.sweeps = 1;
	for (unsigned source = 0; source < SOURCE_COUNT; source++) {
		c.swept_by = source;
		c.errors[source] = -(int32_t)source - 1;
		comes_back(&e);
		assert_memory_equal(event.coverage->errors, c.errors, sizeof c.errors);
		assert_int_equal(event.coverage->swept_by, source);
	}
}

static void a_listener_without_its_limit_comes_back(void **state)
{
	struct event e = sample_full(EVENT_CONNECTION);

	(void)state;
	e.to = STATE_LISTEN;
	e.facts.knows |= KNOWS_QUEUES | KNOWS_NO_LIMIT;
	comes_back(&e);
	assert_true(event.facts.knows & KNOWS_NO_LIMIT);
	assert_int_equal(event.facts.rqueue, e.facts.rqueue);
	assert_int_equal(event.facts.wqueue, 0);
	e.facts.knows &= ~(uint32_t)KNOWS_NO_LIMIT;
	comes_back(&e);
	assert_false(event.facts.knows & KNOWS_NO_LIMIT);
	assert_int_equal(event.facts.wqueue, e.facts.wqueue);
}

static void the_header_comes_back(void **state)
{
	struct json_header h = sample_header();
	struct text t = {0};

	(void)state;
	json_add_header(&t, &h);
	assert_int_equal(read_line(t.bytes), JSON_LINE_HEADER);
	assert_string_equal(header.host, h.host);
	assert_string_equal(header.kernel, h.kernel);
	assert_string_equal(header.program, h.program);
	assert_int_equal(header.sources, h.sources);
	assert_int_equal(header.netns, h.netns);
	assert_string_equal(header.netns_name, h.netns_name);
	assert_int_equal(header.started_ns, h.started_ns);
	text_fini(&t);
}

static void what_is_not_known_is_skipped(void **state)
{
	(void)state;
	assert_int_equal(read_line("\n"), JSON_LINE_SKIPPED);
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"finding\",\"what\":\"leak\"}\n"), JSON_LINE_SKIPPED);
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"close\",\"t\":\"2026-11-20T12:00:01Z\",\"conn\":7,\"cause\":\"struck by lightning\","
				   "\"colour\":{\"a\":[1]},\"certainty\":\"divine\"}"), JSON_LINE_EVENT);
	assert_int_equal(event.conn, 7);
	assert_int_equal(event.cause, CAUSE_UNKNOWN);
	assert_int_equal(event.certainty, CERTAINTY_NONE);
	assert_int_equal(event.tuple.family, 0);
}

static void foreign_text_is_cleaned(void **state)
{
	(void)state;
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"update\",\"t\":\"2026-11-20T12:00:01Z\",\"conn\":7,\"pid\":1,"
				   "\"comm\":\"\\u001b[31mred\\u202e\\u0000\"}"), -EINVAL);
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"update\",\"t\":\"2026-11-20T12:00:01Z\",\"conn\":7,\"pid\":1,"
				   "\"comm\":\"\\u001b[31mred\\u202e\"}"), JSON_LINE_EVENT);
	assert_int_equal(event.holder_count, 1);
	assert_string_equal(event.holders[0].comm, "?[31mred?");
	assert_int_equal(event.holders[0].fd, -1);
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"header\",\"host\":\"a\\u009bb\"}"), JSON_LINE_HEADER);
	assert_string_equal(header.host, "a?b");
}

static void a_mistake_is_told_with_its_line(void **state)
{
#define T "\"t\":\"2026-11-20T12:00:01.5Z\""
	static const struct { const char *line, *error; } mistakes[] = {
		{ "{", NULL },
		{ "[1]", "not a JSON object" },
		{ "{\"v\":1}", "not an event of synfin" },
		{ "{\"v\":2,\"ev\":\"open\"}", "schema version 2 is not known here" },
		{ "{\"v\":1,\"ev\":\"mark\",\"conn\":7}", "'t' is missing" },
		{ "{\"v\":1,\"ev\":\"mark\"," T "}", "'conn' is missing" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":-7}", "'conn' is no number that fits" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7.5}", "'conn' is no number that fits" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"uid\":4294967296}", "'uid' is no number that fits" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"cookie\":\"0x5\"}", "'cookie' is no hexadecimal number" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"cookie\":\"11111111111111111\"}", "'cookie' is no hexadecimal number" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"local\":\"nowhere\"}", "'local' is no endpoint" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"local\":\"1.2.3.4:5\",\"remote\":\"1.2.3.4:65536\"}", "'remote' is no endpoint" },
		{ "{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7,\"comm\":5,\"pid\":1}", "'comm' is no string" },
		{ "{\"v\":1,\"ev\":\"transition\"," T ",\"conn\":7,\"from\":\"LISTEN\"}", "'to' is missing" },
		{ "{\"v\":1,\"ev\":\"open\"," T ",\"conn\":7,\"state\":\"OPEN\"}", "'state' is no state" },
		{ "{\"v\":1,\"ev\":\"mark\",\"t\":\"2026-11-20T12:00:01\",\"conn\":7}", "'t' is no time in UTC" },
		{ "{\"v\":1,\"ev\":\"mark\",\"t\":\"2026-13-20T12:00:01Z\",\"conn\":7}", "'t' is no time in UTC" },
		{ "{\"v\":1,\"ev\":\"mark\",\"t\":\"99999-11-20T12:00:01Z\",\"conn\":7}", "'t' is no time in UTC" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		char expected[JSON_ERROR_ROOM];
		int len = snprintf(expected, sizeof expected, "line %zu: %s", i + 1, mistakes[i].error ? mistakes[i].error : "");

		assert_int_equal(read_line(mistakes[i].line), -EINVAL);
		assert_int_equal(reader->line, i + 1);
		if (mistakes[i].error)
			assert_string_equal(reader->error, expected);
		else
			assert_memory_equal(reader->error, expected, (size_t)len);
	}
	assert_int_equal(read_line("{\"v\":1,\"ev\":\"mark\"," T ",\"conn\":7}"), JSON_LINE_EVENT);
	assert_int_equal(event.t_ns, SAMPLE_NS + 249687000);
}

/* Any bytes at all give a line, a skip or an error; never a crash, and no error text that could harm a terminal. */
static void damaged_lines_are_survived(void **state)
{
	struct text t = {0};
	struct event e;
	char *damaged;
	unsigned seed = 1;

	(void)state;
	for (unsigned i = 0; sample_event(i, &e); i++) {
		text_clear(&t);
		json_add_event(&t, &e);
		damaged = malloc(t.len + 1);
		for (unsigned round = 0; round < 200; round++) {
			memcpy(damaged, t.bytes, t.len + 1);
			for (unsigned hits = 0; hits < 3; hits++) {
				seed = seed * 1103515245u + 12345u;
				damaged[(seed >> 8) % t.len] = (char)(seed >> 3);
			}
			if (json_read_line(reader, damaged, (seed >> 4) % (t.len + 1), &event, &header) < 0)
				for (const char *c = reader->error; *c; c++)
					assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
		}
		free(damaged);
	}
	text_fini(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_read_and_written_again_is_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_edge_comes_back_with_every_cause, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_word_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_source_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_listener_without_its_limit_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_header_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_skipped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(foreign_text_is_cleaned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_mistake_is_told_with_its_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_lines_are_survived, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("out/json_read", tests, NULL, NULL);
}
