/*
 * A dump that fails never makes a connection vanish, and is told: `synfin events --json` beside held connections, while dumps fail in every way that
 * tests/fault.h can make, one after the other, and work again in between.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fault.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"

#define PAIRS 20
#define PATIENCE_NS (20 * NS_PER_SECOND)

static struct program synfin;
static struct fault *supervised;
static struct stream stream;
static int clients[PAIRS], servers[PAIRS];
static size_t lines_begin[FAULT_COUNT], lines_end[FAULT_COUNT]; /* of the stream while each fault was on */
static size_t lines_at_last_close;

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	while ((text = strchr(text, '\n'))) {
		lines++;
		text++;
	}
	return lines;
}

static bool wait_for_dumps(unsigned count)
{
	int64_t deadline = clock_now_ns() + PATIENCE_NS;

	while (fault_dumps(supervised) < count) {
		if (clock_now_ns() > deadline)
			return false;
		nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
	}
	return true;
}

/* Four dumps each: two would be enough to call a connection gone that both of them did not hold. */
static int run_faults(void)
{
	for (unsigned kind = FAULT_NONE; kind < FAULT_COUNT; kind++) {
		lines_begin[kind] = count_lines(program_output(&synfin));
		fault_set(supervised, kind);
		if (!wait_for_dumps(4))
			return -1;
		fault_set(supervised, FAULT_NONE);
		if (!wait_for_dumps(3))
			return -1;
		lines_end[kind] = count_lines(program_output(&synfin));
	}
	return 0;
}

static bool has_close(const char *output, void *lines)
{
	for (size_t i = *(size_t *)lines; i > 0 && output; i--) {
		output = strchr(output, '\n');
		output = output ? output + 1 : NULL;
	}
	return output && strstr(output, "\"ev\":\"close\"");
}

static int run_scenario(void **state)
{
	static const char *const args[] = {"events", "--json", "--interval", "100ms", NULL};
	int listener = sockets_listen("127.0.0.1", 0, 64);

	(void)state;
	for (unsigned i = 0; i < PAIRS; i++) {
		clients[i] = sockets_connect("127.0.0.1", sockets_port(listener));
		servers[i] = sockets_accept(listener);
	}
	supervised = fault_start(&synfin, FAULT_NONE, args);
	if (!supervised)
		return 0;
	if (!program_wait(&synfin, program_is_watching, NULL, 10000) || run_faults()) {
		fprintf(stderr, "it printed: %s\n%s", program_output(&synfin), program_errors(&synfin));
		return -1;
	}
	lines_at_last_close = count_lines(program_output(&synfin));
	close(clients[0]);
	close(servers[0]);
	program_wait(&synfin, has_close, &lines_at_last_close, 10000);
	return 0;
}

static int end_scenario(void **state)
{
	(void)state;
	if (!supervised)
		return 0;
	stream_fini(&stream);
	program_fini(&synfin);
	fault_stop(supervised);
	return 0;
}

static void need_supervision(void)
{
	if (!supervised)
		skip(); /* no seccomp user notification here */
}

static void test_ends_cleanly(void **state)
{
	(void)state;
	need_supervision();
	assert_int_equal(program_end(&synfin, SIGTERM, 5000), 0);
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
}

static void test_nothing_vanishes(void **state)
{
	(void)state;
	need_supervision();
	for (size_t i = 0; i < lines_at_last_close; i++) {
		const struct told *t = &stream.lines[i];

		if (told_is(t, "transition") || told_is(t, "close") || told_is(t, "open"))
			fail_msg("line %zu: %s of conn %ju", i + 1, t->ev, (uintmax_t)t->conn);
	}
}

static void test_a_true_end_is_told_after_all_that(void **state)
{
	unsigned closes = 0;

	(void)state;
	need_supervision();
	for (size_t i = lines_at_last_close; i < stream.count; i++)
		closes += told_is(&stream.lines[i], "close");
	assert_int_equal(closes, 1); /* the passive end; the other is in TIME_WAIT */
}

/* The first coverage event from line `begin` on that speaks of trouble, or of none. */
static bool tells_trouble(size_t begin, size_t end, bool trouble)
{
	for (size_t i = begin; i < end; i++) {
		const struct told *t = &stream.lines[i];

		if (told_is(t, "coverage") && (json_array_size(json_object_get(t->object, "errors")) > 0) == trouble)
			return true;
	}
	return false;
}

static void test_each_failure_is_told(void **state)
{
	(void)state;
	need_supervision();
	for (unsigned kind = FAULT_NONE + 1; kind < FAULT_COUNT; kind++) {
		if (kind == FAULT_EINTR)
			continue; /* every second call goes through: a program that tries again has nothing to tell */
		if (!tells_trouble(lines_begin[kind], lines_end[kind], true))
			fail_msg("not told: %s", fault_what(kind));
		if (!tells_trouble(lines_begin[kind], lines_end[kind], false))
			fail_msg("its end not told: %s", fault_what(kind));
	}
}

static bool tells_sweeps_by(size_t begin, size_t end, const char *source)
{
	for (size_t i = begin; i < end; i++) {
		const char *by = json_string_value(json_object_get(stream.lines[i].object, "swept_by"));

		if (told_is(&stream.lines[i], "coverage") && by && strcmp(by, source) == 0)
			return true;
	}
	return false;
}

/* And not for what may pass, such as a kernel that is busy. */
static void test_proc_stands_in_where_sock_diag_is_missing(void **state)
{
	(void)state;
	need_supervision();
	for (unsigned kind = FAULT_NONE; kind < FAULT_COUNT; kind++) {
		if (tells_sweeps_by(lines_begin[kind], lines_end[kind], "proc") != (kind == FAULT_MODULE_MISSING))
			fail_msg("%s", fault_what(kind));
	}
	assert_true(tells_sweeps_by(lines_begin[FAULT_MODULE_MISSING], lines_end[FAULT_MODULE_MISSING], "diag"));
}

/* One shot that could not look must not look like an empty host. */
static void check_list(enum fault_kind kind)
{
	static const char *const args[] = {"list", "--json", NULL};
	struct program list;
	struct fault *f = fault_start(&list, kind, args);
	int status;

	assert_non_null(f);
	status = program_end(&list, 0, 20000);
	if (kind == FAULT_EINTR) {
		assert_int_equal(status, 0);
		assert_non_null(strstr(program_output(&list), "\"ev\":\"connection\""));
	} else if (!strstr(program_output(&list), "\"ev\":\"connection\"")) {
		print_message("# %s: exit %d: %s", fault_what(kind), status, program_errors(&list));
		assert_int_not_equal(status, 0);
		assert_int_not_equal(status, -1);
		assert_int_not_equal(strlen(program_errors(&list)), 0);
	}
	program_fini(&list);
	fault_stop(f);
}

static void test_list_says_that_it_could_not_look(void **state)
{
	(void)state;
	need_supervision();
	for (unsigned kind = FAULT_NONE + 1; kind < FAULT_COUNT; kind++)
		check_list(kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_cleanly), /* first: it reads the stream */
		cmocka_unit_test(test_nothing_vanishes),
		cmocka_unit_test(test_a_true_end_is_told_after_all_that),
		cmocka_unit_test(test_each_failure_is_told),
		cmocka_unit_test(test_proc_stands_in_where_sock_diag_is_missing),
		cmocka_unit_test(test_list_says_that_it_could_not_look),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, run_scenario, end_scenario);
}
