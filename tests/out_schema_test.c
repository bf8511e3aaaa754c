/* doc/events.schema.json and doc/events.md against the writer: every line is valid, and every field that is written is in both. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_schema.h"
#include "out/json_event.h"
#include "out_samples.h"
#include "tcp/edge.h"

static json_t *schema;
static char *page;

static int set_up(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	size_t room = 1 << 20, len;
	FILE *f;

	(void)state;
	schema = json_schema_load();
	snprintf(path, sizeof path, "%s/doc/events.md", top ? top : ".");
	f = fopen(path, "r");
	page = malloc(room);
	if (!f || !page)
		return 1;
	len = fread(page, 1, room - 1, f);
	page[len] = '\0';
	fclose(f);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(schema);
	free(page);
	return 0;
}

static bool documented(const char *field)
{
	char quoted[64];

	snprintf(quoted, sizeof quoted, "`%s`", field);
	return strstr(page, quoted);
}

/* Every name of a field in the value, at any depth. */
static void check_names(json_t *value)
{
	const char *name;
	json_t *inner;
	size_t i;

	if (json_is_object(value))
		json_object_foreach(value, name, inner) {
			if (!documented(name))
				fail_msg("doc/events.md does not have `%s`", name);
			if (!json_schema_names(schema, name))
				fail_msg("doc/events.schema.json does not have %s", name);
			check_names(inner);
		}
	json_array_foreach(value, i, inner)
		check_names(inner);
}

static void check_line(const struct text *line)
{
	json_t *object = json_loadb(line->bytes, line->len, 0, NULL);
	char why[1000];

	assert_non_null(object);
	if (!json_schema_valid(schema, object, why, sizeof why))
		fail_msg("%s: %s", why, line->bytes);
	check_names(object);
	json_decref(object);
}

static void every_line_is_valid_and_every_field_documented(void **state)
{
	struct json_header h = sample_header();
	struct text line = {0};
	struct event e;

	(void)state;
	json_add_header(&line, &h);
	check_line(&line);
	for (unsigned i = 0; sample_event(i, &e); i++) {
		text_clear(&line);
		json_add_event(&line, &e);
		check_line(&line);
	}
	text_fini(&line);
}

/* The words of the enumerations, in the writer's own order. */
static void every_word_is_valid_and_documented(void **state)
{
#define X(name, json) json,
	static const char *const words[] = { CERTAINTIES(X) SIDES(X) EVIDENCES(X) CAUSES(X) MARKS(X) EVENT_KINDS(X) EDGE_CAUSES(X) TIMERS(X) SOURCES(X) };
#undef X
	struct text line = {0};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i] && !documented(words[i]))
			fail_msg("doc/events.md does not have `%s`", words[i]);
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		struct event e = sample_full(EVENT_CLOSE);

		/* Beyond the end of an enumeration a word is NULL, and nothing is written. */
		e.cause = (uint8_t)(i % (CAUSE_AMBIGUOUS + 1));
		e.opener_by = e.closer_by = (uint8_t)(i % (EVIDENCE_PORT_RANGE + 1));
		e.mark = (uint8_t)(i % (MARK_ILLEGAL + 1));
		e.when = (uint8_t)(i % (CERTAINTY_AMBIGUOUS + 1));
		e.edge_cause = (uint8_t)(i % (EDGE_CAUSE_COUNT + 1));
		e.facts.timer = (uint8_t)(i % TIMER_COUNT);
		text_clear(&line);
		json_add_event(&line, &e);
		check_line(&line);
	}
	text_fini(&line);
}

/* The validator itself: it must be able to say no. */
static void what_is_wrong_is_found(void **state)
{
	static const char *const lines[] = {
		"{\"v\":1}",
		"{\"v\":2,\"ev\":\"keyframe\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"part\":\"begin\",\"count\":1}",
		"{\"v\":1,\"ev\":\"keyframe\",\"t\":\"2026-11-20T12:00:01Z\",\"part\":\"begin\",\"count\":1}",
		"{\"v\":1,\"ev\":\"keyframe\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"part\":\"middle\",\"count\":1}",
		"{\"v\":1,\"ev\":\"keyframe\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"part\":\"begin\",\"count\":-1}",
		"{\"v\":1,\"ev\":\"update\",\"t\":\"2026-11-20T12:00:01.250313Z\"}",
		"{\"v\":1,\"ev\":\"update\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"conn\":1,\"local\":\"1.2.3.4\"}",
		"{\"v\":1,\"ev\":\"update\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"conn\":1,\"holders\":[{\"fd\":1}]}",
		"{\"v\":1,\"ev\":\"mark\",\"t\":\"2026-11-20T12:00:01.250313Z\",\"conn\":1}",
	};
	char why[1000];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		json_t *object = json_loads(lines[i], 0, NULL);

		assert_non_null(object);
		if (json_schema_valid(schema, object, why, sizeof why))
			fail_msg("taken as valid: %s", lines[i]);
		json_decref(object);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_valid_and_every_field_documented),
		cmocka_unit_test(every_word_is_valid_and_documented),
		cmocka_unit_test(what_is_wrong_is_found),
	};
	return cmocka_run_group_tests_name("out/schema", tests, set_up, tear_down);
}
