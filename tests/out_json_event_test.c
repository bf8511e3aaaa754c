/* The NDJSON writer against jansson: every kind of event, every field, and nothing that is not known. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "out/json_event.h"
#include "out_samples.h"
#include "tcp/edge.h"

/* The one line of an event, parsed. */
static json_t *parsed(const struct event *e)
{
	struct text t = {0};
	json_error_t error;
	json_t *object;

	json_add_event(&t, e);
	assert_true(t.len > 1);
	assert_ptr_equal(strchr(t.bytes, '\n'), t.bytes + t.len - 1);
	object = json_loadb(t.bytes, t.len, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		fail_msg("%s: %s", error.text, t.bytes);
	text_fini(&t);
	return object;
}

static void has_string(json_t *object, const char *name, const char *value)
{
	const char *is = json_string_value(json_object_get(object, name));

	if (!is)
		fail_msg("no '%s'", name);
	assert_string_equal(is, value);
}

static void has_number(json_t *object, const char *name, json_int_t value)
{
	json_t *is = json_object_get(object, name);

	if (!json_is_integer(is))
		fail_msg("no '%s'", name);
	assert_int_equal(json_integer_value(is), value);
}

static void every_field_of_a_connection(void **state)
{
	struct event e = sample_full(EVENT_TRANSITION);
	json_t *o = parsed(&e), *holder;

	(void)state;
	has_number(o, "v", 1);
	has_string(o, "ev", "transition");
	has_string(o, "t", "2026-11-20T12:00:01.250313Z");
	has_number(o, "conn", 812);
	has_string(o, "from", "SYN_SENT");
	has_string(o, "to", "ESTABLISHED");
	assert_null(json_object_get(o, "state"));
	has_string(o, "certainty", "inferred");
	has_string(o, "when", "observed");
	has_string(o, "numbers", "exact");
	has_number(o, "seq", 0);
	has_number(o, "ack", 4294967295);
	has_string(o, "edge", "segment");
	has_string(o, "t0", "2026-11-20T12:00:01.200313Z");
	has_string(o, "t1", "2026-11-20T12:00:01.250313Z");
	has_string(o, "local", "127.0.0.1:49310");
	has_string(o, "remote", "127.0.0.1:7779");
	has_number(o, "ifindex", 3);
	has_string(o, "opener", "local");
	has_string(o, "opener_by", "edge");
	has_string(o, "closer", "both");
	has_string(o, "closer_by", "remnant");
	has_string(o, "cookie", "25b");
	has_string(o, "netns", "ffffffffffffffff");
	assert_true(json_is_true(json_object_get(o, "owner_hidden")));
	assert_true(json_is_true(json_object_get(o, "former")));
	has_string(o, "unit", "user@1000.service/app \"x\".scope");
	has_number(o, "pid", 412);
	has_string(o, "comm", "curl");
	has_number(o, "fd", 5);
	has_number(o, "pid_start", 77213);
	assert_int_equal(json_array_size(json_object_get(o, "holders")), 3);
	holder = json_array_get(json_object_get(o, "holders"), 1);
	has_number(holder, "pid", 413);
	has_string(holder, "comm", "say \"hi\"\\ 안녕");
	holder = json_array_get(json_object_get(o, "holders"), 2);
	has_string(holder, "comm", "{\"pid\":1}");
	has_number(holder, "fd", 1048575);
	assert_null(json_object_get(holder, "pid_start"));
	has_number(o, "inode", 31337);
	has_number(o, "uid", 0);
	has_number(o, "rqueue", 0);
	has_number(o, "wqueue", 517);
	has_string(o, "timer", "retransmit");
	has_number(o, "timer_ms", 201);
	has_number(o, "retransmits", 2);
	has_number(o, "bytes_sent", 1200);
	has_number(o, "bytes_received", (json_int_t)FACTS_BYTES_MAX);
	has_number(o, "rtt_us", 11800);
	has_number(o, "retrans", 4);
	has_number(o, "cwnd", 10);
	assert_true(json_is_true(json_object_get(o, "mptcp")));
	has_string(o, "since0", "2026-11-20T11:59:59.250313Z");
	has_string(o, "since1", "2026-11-20T12:00:00.250313Z");
	assert_true(json_is_true(json_object_get(o, "at_least")));
	has_string(o, "opened0", "2026-11-20T11:59:57.250313Z");
	has_string(o, "opened1", "2026-11-20T11:59:58.250313Z");
	json_decref(o);
}

static void what_is_not_known_is_absent(void **state)
{
	static const char *const there[] = { "v", "ev", "t", "conn", "state", "certainty", "when", "t1", "local" };
	struct event e = sample_bare(EVENT_OPEN);
	json_t *o = parsed(&e);

	(void)state;
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		assert_non_null(json_object_get(o, there[i]));
	assert_int_equal(json_object_size(o), sizeof there / sizeof *there);
	json_decref(o);
}

static void a_listener_has_no_peer_and_says_so(void **state)
{
	struct event e = sample_bare(EVENT_OPEN);
	json_t *o;

	(void)state;
	e.to = STATE_LISTEN;
	o = parsed(&e);
	has_string(o, "remote", "0.0.0.0:0");
	json_decref(o);
}

static void one_holder_stands_in_the_line_alone(void **state)
{
	struct event e = sample_full(EVENT_UPDATE);
	json_t *o;

	(void)state;
	e.holder_count = 1;
	e.holders_former = false;
	o = parsed(&e);
	has_number(o, "pid", 412);
	assert_null(json_object_get(o, "holders"));
	assert_null(json_object_get(o, "former"));
	json_decref(o);
}

static void coverage_and_keyframes(void **state)
{
	struct event e = sample_full(EVENT_COVERAGE);
	json_t *o = parsed(&e), *error;

	(void)state;
	has_string(o, "ev", "coverage");
	has_number(o, "sweeps", 12);
	has_number(o, "notices_lost", 1234567890123);
	has_number(o, "illegal", 9);
	has_string(o, "last_whole", "2026-11-20T12:00:00.250313Z");
	has_number(o, "interval_us", 1500000);
	assert_int_equal(json_array_size(json_object_get(o, "errors")), 2);
	error = json_array_get(json_object_get(o, "errors"), 0);
	has_string(error, "source", "diag");
	has_number(error, "errno", 93);
#ifdef HAVE_STRERRORNAME_NP
	has_string(error, "error", "EPROTONOSUPPORT");
#endif
	json_decref(o);

	e = sample_full(EVENT_KEYFRAME_END);
	o = parsed(&e);
	has_string(o, "ev", "keyframe");
	has_string(o, "part", "end");
	has_number(o, "count", 12481);
	json_decref(o);
}

static void every_sample_parses(void **state)
{
	struct event e;
	unsigned count = 0;

	(void)state;
	for (; sample_event(count, &e); count++)
		json_decref(parsed(&e));
	assert_true(count > EVENT_COVERAGE);
}

/* Names as a hostile program would choose them, after the sanitizer, which lets quotes, backslashes and any visible rune through. */
static void hostile_names_stay_inside_their_string(void **state)
{
	static const char *const names[] = { "\"", "\\", "\",\"uid\":0,\"x\":\"", "a\\u0000", "</script>", "한글🦈fin", "" };
	struct event e = sample_full(EVENT_OPEN);
	struct holder h = *e.holders;

	(void)state;
	e.holders = &h;
	e.holder_count = 1;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *o;

		strcpy(h.comm, names[i]);
		o = parsed(&e);
		if (*names[i])
			has_string(o, "comm", names[i]);
		else
			assert_null(json_object_get(o, "comm"));
		has_number(o, "uid", 0);
		json_decref(o);
	}
}

static void the_header(void **state)
{
	struct json_header h = sample_header();
	struct text t = {0};
	json_t *o;

	(void)state;
	strcpy(h.host, "web\"1");
	json_add_header(&t, &h);
	o = json_loads(t.bytes, 0, NULL);
	assert_non_null(o);
	has_string(o, "ev", "header");
	has_string(o, "host", "web\"1");
	has_string(o, "netns", "1");
	has_string(o, "started", "2026-11-20T12:00:01.250313Z");
	assert_int_equal(json_array_size(json_object_get(o, "sources")), 2);
	json_decref(o);

	h = (struct json_header){0};
	text_clear(&t);
	json_add_header(&t, &h);
	assert_string_equal(t.bytes, "{\"v\":1,\"ev\":\"header\",\"sources\":[]}\n");
	text_fini(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_a_connection),
		cmocka_unit_test(what_is_not_known_is_absent),
		cmocka_unit_test(a_listener_has_no_peer_and_says_so),
		cmocka_unit_test(one_holder_stands_in_the_line_alone),
		cmocka_unit_test(coverage_and_keyframes),
		cmocka_unit_test(every_sample_parses),
		cmocka_unit_test(hostile_names_stay_inside_their_string),
		cmocka_unit_test(the_header),
	};
	return cmocka_run_group_tests_name("out/json_event", tests, NULL, NULL);
}
