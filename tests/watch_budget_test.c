/* budget: over time the thread stays inside, and no kind of work is starved. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/budget.h"

#define RATE 0.05
#define USED (0.9 * RATE) /* some is left for what is not put off */
#define MINUTE (60 * NS_PER_SECOND)

/* Work of each kind that wants to be done all the time, in pieces of these costs. Returns what each got in `span_ns`. */
static void run(struct budget *b, const int64_t costs_ns[BUDGET_ACCOUNTS], int64_t *now_ns, int64_t span_ns, int64_t used_ns[BUDGET_ACCOUNTS])
{
	int64_t end_ns = *now_ns + span_ns;

	for (int i = 0; i < BUDGET_ACCOUNTS; i++)
		used_ns[i] = 0;
	for (; *now_ns < end_ns; *now_ns += NS_PER_MS)
		for (int i = 0; i < BUDGET_ACCOUNTS; i++)
			if (costs_ns[i] && budget_allows(b, i, *now_ns)) {
				budget_spend(b, i, costs_ns[i], *now_ns);
				used_ns[i] += costs_ns[i];
			}
}

static void test_first_work_is_done_at_once(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, RATE, 1000);
	for (int i = 0; i < BUDGET_ACCOUNTS; i++) {
		assert_true(budget_allows(&b, i, 1000));
		assert_int_equal(budget_when(&b, i, 1000), 1000);
	}
}

static void test_one_kind_may_use_it_all(void **state)
{
	const int64_t costs_ns[BUDGET_ACCOUNTS] = {[BUDGET_SWEEPS] = 20 * NS_PER_MS};
	int64_t now_ns = 0, used_ns[BUDGET_ACCOUNTS];
	struct budget b;

	(void)state;
	budget_init(&b, RATE, now_ns);
	run(&b, costs_ns, &now_ns, MINUTE, used_ns);
	/* But for what was saved at the beginning and one piece. */
	assert_in_range(used_ns[BUDGET_SWEEPS], 0.95 * USED * MINUTE, USED * (MINUTE + 4 * NS_PER_SECOND) + 20 * NS_PER_MS);
}

static void test_all_kinds_stay_inside_together(void **state)
{
	const int64_t costs_ns[BUDGET_ACCOUNTS] = {20 * NS_PER_MS, NS_PER_MS, 2 * NS_PER_MS};
	int64_t now_ns = 0, used_ns[BUDGET_ACCOUNTS], all_ns = 0;
	struct budget b;

	(void)state;
	budget_init(&b, RATE, now_ns);
	run(&b, costs_ns, &now_ns, MINUTE, used_ns);
	for (int i = 0; i < BUDGET_ACCOUNTS; i++) {
		/* Nobody is starved: the smallest share is a fifth. */
		assert_true(used_ns[i] > 0.15 * USED * MINUTE);
		all_ns += used_ns[i];
	}
	/* Ten seconds' worth are a present for the first search of owners. */
	assert_in_range(all_ns, 0.95 * USED * MINUTE, USED * (MINUTE + 14 * NS_PER_SECOND) + 23 * NS_PER_MS);
	run(&b, costs_ns, &now_ns, MINUTE, used_ns);
	assert_in_range(used_ns[0] + used_ns[1] + used_ns[2], 0.95 * USED * MINUTE, 1.05 * USED * MINUTE);
}

/* A sweep of a million sockets costs more than the budget of half a minute: owners and look-ups go on all the same. */
static void test_a_huge_sweep_starves_nobody(void **state)
{
	const int64_t costs_ns[BUDGET_ACCOUNTS] = {[BUDGET_SWEEPS] = 1700 * NS_PER_MS, [BUDGET_OWNERS] = 2 * NS_PER_MS};
	int64_t now_ns = 0, used_ns[BUDGET_ACCOUNTS];
	struct budget b;

	(void)state;
	budget_init(&b, RATE, now_ns);
	run(&b, costs_ns, &now_ns, 30 * NS_PER_SECOND, used_ns);
	assert_int_equal(used_ns[BUDGET_SWEEPS], costs_ns[BUDGET_SWEEPS]);
	assert_true(used_ns[BUDGET_OWNERS] > 0.15 * USED * 30 * NS_PER_SECOND);
	assert_true(budget_allows(&b, BUDGET_LOOKUPS, now_ns));
}

static void test_when_is_worth_waiting_for(void **state)
{
	int64_t now_ns = 0;
	unsigned waits = 0;
	struct budget b;

	(void)state;
	budget_init(&b, RATE, now_ns);
	budget_spend(&b, BUDGET_SWEEPS, 2 * NS_PER_SECOND, now_ns);
	for (; !budget_allows(&b, BUDGET_SWEEPS, now_ns); waits++) {
		int64_t when_ns = budget_when(&b, BUDGET_SWEEPS, now_ns);

		assert_true(when_ns > now_ns);
		now_ns = when_ns;
	}
	assert_in_range(now_ns, 34 * NS_PER_SECOND, 46 * NS_PER_SECOND);
	assert_true(waits < 20);
}

static void test_rates_are_clamped(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, 0, 0);
	assert_true(b.rate > 0);
	budget_init(&b, -1, 0);
	assert_true(b.rate > 0);
	budget_init(&b, 7, 0);
	assert_true(b.rate <= 1);
	budget_set_rate(&b, 0.0 / 0.0, 0);
	assert_true(b.rate > 0);
}

static void test_intervals_stretch_with_cost(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, RATE, 0);
	assert_int_equal(budget_interval(&b, 0), 0);
	/* 15 ms of CPU at three quarters of 4.5 %. */
	assert_in_range(budget_interval(&b, 15 * NS_PER_MS), 444 * NS_PER_MS, 445 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_work_is_done_at_once),
		cmocka_unit_test(test_one_kind_may_use_it_all),
		cmocka_unit_test(test_all_kinds_stay_inside_together),
		cmocka_unit_test(test_a_huge_sweep_starves_nobody),
		cmocka_unit_test(test_when_is_worth_waiting_for),
		cmocka_unit_test(test_rates_are_clamped),
		cmocka_unit_test(test_intervals_stretch_with_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
