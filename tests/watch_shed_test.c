/* shed: when it goes deaf, and when it hears again, by counts and times made up. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/shed.h"
#include "watch/snmp.h"

#define START_NS (1000 * NS_PER_SECOND)

/* Ends at a steady rate, told every 10 ms, from t0 on for so long. When it was too much, or INT64_MAX. */
static int64_t run(struct shed *s, uint64_t rate, int64_t t0_ns, int64_t for_ns)
{
	for (int64_t t_ns = t0_ns; t_ns < t0_ns + for_ns; t_ns += 10 * NS_PER_MS)
		if (shed_count(s, rate / 100, t_ns))
			return t_ns;
	return INT64_MAX;
}

static void a_rate_below_the_limit_is_heard_for_ever(void **state)
{
	struct shed s = {.limit = 50000};

	(void)state;
	assert_int_equal(run(&s, 49000, START_NS, 100 * NS_PER_SECOND), INT64_MAX);
}

static void more_than_the_limit_is_shed_within_a_second(void **state)
{
	struct shed s = {.limit = 50000};

	(void)state;
	assert_in_range(run(&s, 60000, START_NS, 100 * NS_PER_SECOND), START_NS + 1, START_NS + NS_PER_SECOND);
	s = (struct shed){.limit = 50000};
	/* A burst of less than a second's worth is none. */
	assert_int_equal(run(&s, 200000, START_NS, 200 * NS_PER_MS), INT64_MAX);
}

/* The thread that counts can be kept from it for seconds: then the ends of all of them come at once. */
static void ends_that_come_late_are_of_all_the_time_meanwhile(void **state)
{
	struct shed s = {.limit = 50000};

	(void)state;
	assert_int_equal(run(&s, 40000, START_NS, 10 * NS_PER_SECOND), INT64_MAX);
	assert_false(shed_count(&s, 5 * 40000, START_NS + 15 * NS_PER_SECOND));
	assert_int_equal(run(&s, 40000, START_NS + 15 * NS_PER_SECOND, 10 * NS_PER_SECOND), INT64_MAX);
	assert_true(shed_count(&s, 5 * 60000, START_NS + 30 * NS_PER_SECOND));
}

static void never_means_never(void **state)
{
	struct shed s = {0};

	(void)state;
	assert_int_equal(run(&s, 100000000, START_NS, 10 * NS_PER_SECOND), INT64_MAX);
}

static void it_hears_again_at_half_the_rate(void **state)
{
	struct shed s = {.limit = 1000};
	uint64_t opened = 77;
	int64_t now_ns = START_NS;

	(void)state;
	shed_begin(&s, opened, now_ns);
	assert_true(s.deaf);
	assert_false(shed_is_over(&s, opened, now_ns + NS_PER_MS));
	/* 600 a second is less than the limit, but it would come back at once. */
	for (int i = 0; i < 100; i++) {
		now_ns += NS_PER_SECOND;
		opened += 600;
		assert_false(shed_is_over(&s, opened, now_ns));
	}
	now_ns += NS_PER_SECOND;
	opened += 400;
	assert_true(shed_is_over(&s, opened, now_ns));
	assert_false(s.deaf);
	assert_int_equal(shed_opened(&s), 100 * 600 + 400);
	assert_int_equal(run(&s, 900, now_ns, 100 * NS_PER_SECOND), INT64_MAX);
}

/* Of another namespace there is no count: a look now and then, which must cost next to nothing. */
static void without_a_count_it_probes_seldom(void **state)
{
	struct shed s = {.limit = 1000};
	int64_t now_ns = START_NS, heard_ns = 0, end_ns = START_NS + 3600 * NS_PER_SECOND;
	unsigned probes = 0;

	(void)state;
	shed_begin(&s, SHED_NOT_COUNTED, now_ns);
	while (now_ns < end_ns) {
		int64_t over_ns;

		now_ns = s.look_ns;
		assert_true(shed_is_over(&s, SHED_NOT_COUNTED, now_ns));
		over_ns = run(&s, 5000, now_ns, 10 * NS_PER_SECOND);
		assert_true(over_ns < INT64_MAX);
		heard_ns += over_ns - now_ns;
		now_ns = over_ns;
		shed_begin(&s, SHED_NOT_COUNTED, now_ns);
		probes++;
	}
	assert_in_range(probes, 55, 70);
	assert_true(heard_ns < (end_ns - START_NS) / 100);
	assert_true(shed_opened(&s) == SHED_NOT_COUNTED);
	/* When it is quiet again a probe stays. */
	assert_true(shed_is_over(&s, SHED_NOT_COUNTED, s.look_ns));
	assert_int_equal(run(&s, 800, now_ns + 60 * NS_PER_SECOND, 100 * NS_PER_SECOND), INT64_MAX);
}

static void no_limit_any_more_is_over_at_once(void **state)
{
	struct shed s = {.limit = 1000};

	(void)state;
	shed_begin(&s, 5, START_NS);
	s.limit = 0;
	assert_true(shed_is_over(&s, 1000000, START_NS + NS_PER_MS));
}

static void the_kernel_counts(void **state)
{
	uint64_t opens = snmp_tcp_opens();

	(void)state;
	assert_true(opens != UINT64_MAX);
	assert_true(snmp_tcp_opens() >= opens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_below_the_limit_is_heard_for_ever),
		cmocka_unit_test(more_than_the_limit_is_shed_within_a_second),
		cmocka_unit_test(ends_that_come_late_are_of_all_the_time_meanwhile),
		cmocka_unit_test(never_means_never),
		cmocka_unit_test(it_hears_again_at_half_the_rate),
		cmocka_unit_test(without_a_count_it_probes_seldom),
		cmocka_unit_test(no_limit_any_more_is_over_at_once),
		cmocka_unit_test(the_kernel_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
