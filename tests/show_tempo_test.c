/* tempo: the formula and the notches. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "show/tempo.h"

static void test_compressed(void **state)
{
	const struct tempo t = {.kind = TEMPO_COMPRESSED};
	int64_t before = 0;

	(void)state;
	assert_int_equal(tempo_shown_ms(&t, 29 * NS_PER_US), 239);
	assert_int_equal(tempo_shown_ms(&t, 11789 * NS_PER_US), 611);
	assert_int_equal(tempo_shown_ms(&t, 41 * NS_PER_SECOND), 1142);
	assert_int_equal(tempo_shown_ms(&t, 0), 150);
	assert_int_equal(tempo_shown_ms(&t, -1), 150);
	assert_int_equal(tempo_shown_ms(&t, INT64_MAX), 1500);
	for (int64_t ns = 1; ns < INT64_MAX / 2; ns *= 2) {
		assert_true(tempo_shown_ms(&t, ns) >= before);
		before = tempo_shown_ms(&t, ns);
	}
}

static void test_true_and_slowed(void **state)
{
	const struct tempo live = {.kind = TEMPO_LIVE}, slowed = {.kind = TEMPO_SLOWED, .slowed_by = 200};

	(void)state;
	assert_int_equal(tempo_shown_ms(&live, 11789 * NS_PER_US), 11);
	assert_int_equal(tempo_shown_ms(&live, -1), 0);
	assert_int_equal(tempo_shown_ms(&slowed, 29 * NS_PER_US), 5);
	assert_int_equal(tempo_shown_ms(&slowed, 11789 * NS_PER_US), 2357);
	assert_true(tempo_shown_ms(&slowed, INT64_MAX) > 0);
}

static void test_notches(void **state)
{
	static const uint16_t slowed_by[] = {2, 5, 10, 20, 50, 100, 200, 500, 1000};
	struct tempo t = {.kind = TEMPO_COMPRESSED};

	(void)state;
	tempo_faster(&t);
	assert_int_equal(t.kind, TEMPO_COMPRESSED);
	tempo_slower(&t);
	assert_int_equal(t.kind, TEMPO_LIVE);
	for (unsigned i = 0; i < 9; i++) {
		tempo_slower(&t);
		assert_int_equal(t.kind, TEMPO_SLOWED);
		assert_int_equal(t.slowed_by, slowed_by[i]);
	}
	tempo_slower(&t);
	assert_int_equal(t.slowed_by, 1000);
	for (unsigned i = 8; i-- > 0;) {
		tempo_faster(&t);
		assert_int_equal(t.slowed_by, slowed_by[i]);
	}
	tempo_faster(&t);
	assert_int_equal(t.kind, TEMPO_LIVE);
	tempo_faster(&t);
	assert_int_equal(t.kind, TEMPO_COMPRESSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_true_and_slowed),
		cmocka_unit_test(test_notches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
