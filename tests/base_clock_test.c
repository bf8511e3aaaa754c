/* clock: one steady scale, and its text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void test_steady_utc(void **state)
{
	int64_t before = clock_now_ns(), last = before;
	struct timespec utc, monotonic;
	int64_t utc_ns, monotonic_ns;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_now_ns();

		assert_true(now >= last);
		last = now;
	}
	clock_gettime(CLOCK_REALTIME, &utc);
	utc_ns = utc.tv_sec * NS_PER_SECOND + utc.tv_nsec;
	/* The system's clock may be set meanwhile, but hardly by a minute. */
	assert_true(utc_ns - before > -60 * NS_PER_SECOND && utc_ns - before < 60 * NS_PER_SECOND);

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	monotonic_ns = monotonic.tv_sec * NS_PER_SECOND + monotonic.tv_nsec;
	assert_true(clock_to_monotonic_ns(last) <= monotonic_ns);
	assert_true(clock_to_monotonic_ns(clock_now_ns()) >= monotonic_ns);
}

static void test_thread_cpu(void **state)
{
	int64_t start = clock_thread_cpu_ns();

	(void)state;
	/* Ends: work moves it on. */
	while (clock_thread_cpu_ns() < start + NS_PER_MS)
		continue;
	assert_true(clock_thread_cpu_ns() > start);
}

static void check_format(int64_t ns, const char *expected)
{
	char out[CLOCK_RFC3339_ROOM];

	assert_int_equal(clock_format_rfc3339(ns, out), strlen(expected));
	assert_string_equal(out, expected);
}

static void test_format(void **state)
{
	(void)state;
	check_format(0, "1970-01-01T00:00:00.000000Z");
	check_format(999, "1970-01-01T00:00:00.000000Z");
	check_format(-1, "1969-12-31T23:59:59.999999Z");
	check_format(1582979696123456789, "2020-02-29T12:34:56.123456Z");
	check_format(INT64_MAX, "2262-04-11T23:47:16.854775Z");
	check_format(INT64_MIN, "1677-09-21T00:12:43.145224Z");
}

/* Every day that 64 bits of nanoseconds reach, as the C library has it. */
static void test_every_day(void **state)
{
	(void)state;
	for (int64_t second = INT64_MIN / NS_PER_SECOND + 86400; second < INT64_MAX / NS_PER_SECOND - 86400; second += 86399) {
		char out[CLOCK_RFC3339_ROOM], expected[CLOCK_RFC3339_ROOM];
		time_t seconds = (time_t)second;
		struct tm utc;

		gmtime_r(&seconds, &utc);
		assert_int_equal(strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000000Z", &utc), clock_format_rfc3339(second * NS_PER_SECOND, out));
		assert_string_equal(out, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady_utc),
		cmocka_unit_test(test_thread_cpu),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_every_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
