/* Events as lines for a person: golden for every kind, with everything known and with next to nothing. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "golden.h"
#include "out/text_event.h"
#include "out_samples.h"

static void tell_all(const char *name, const struct glyphs *glyphs, bool color)
{
	struct text_event style = { .glyphs = glyphs, .color = color };
	struct json_header h = sample_header();
	struct text out = {0};
	struct event e;

	text_event_header(&style, &out, &h);
	for (unsigned i = 0; sample_event(i, &e); i++)
		text_event_add(&style, &out, &e);
	golden_check(name, text_string(&out));
	text_fini(&out);
}

static void every_kind(void **state)
{
	(void)state;
	tell_all("out_text_event.txt", &glyphs_unicode, false);
}

static void every_kind_in_ascii_and_colour(void **state)
{
	(void)state;
	tell_all("out_text_event_ascii_color.txt", &glyphs_ascii, true);
}

static void only_what_happens_is_told(void **state)
{
	struct text_event style = { .glyphs = &glyphs_ascii };
	struct text out = {0};
	struct event e;

	(void)state;
	for (unsigned i = 0; sample_event(i, &e); i++) {
		bool told;

		text_clear(&out);
		told = text_event_add(&style, &out, &e);
		assert_int_equal(told, (e.kind != EVENT_UPDATE || e.holder_count) && e.kind != EVENT_CONNECTION && e.kind != EVENT_KEYFRAME_END);
		assert_int_equal(told, out.len > 0);
	}
	text_fini(&out);
}

static void a_new_day_is_told_once(void **state)
{
	struct text_event style = { .glyphs = &glyphs_ascii };
	struct json_header h = sample_header();
	struct event e = sample_bare(EVENT_OPEN);
	struct text out = {0};

	(void)state;
	text_event_header(&style, &out, &h);
	text_clear(&out);
	text_event_add(&style, &out, &e);
	assert_null(strchr(out.bytes, '#'));
	e.t_ns += 86400 * NS_PER_SECOND;
	text_event_add(&style, &out, &e);
	assert_non_null(strstr(out.bytes, "\n# 2026-11-21 +0000\n"));
	text_clear(&out);
	text_event_add(&style, &out, &e);
	assert_null(strchr(out.bytes, '#'));
	text_fini(&out);
}

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	message_init("en", "");
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(every_kind_in_ascii_and_colour),
		cmocka_unit_test(only_what_happens_is_told),
		cmocka_unit_test(a_new_day_is_told_once),
	};
	return cmocka_run_group_tests_name("out/text_event", tests, set_up, NULL);
}
