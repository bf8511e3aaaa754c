#include "config.h"

#include "seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void see(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct seen *seen = context;

	assert_true(t0_ns <= t1_ns && seen->count < SEEN_MAX);
	seen->samples[seen->count++] = *sample;
}

struct dump_result seen_dump(struct dumper *d, unsigned states, struct seen *seen)
{
	const struct dump_sink sink = {.sample = see, .context = seen};

	seen->count = 0;
	return dumper_dump(d, states, true, &sink);
}

const struct seen *seen_in(unsigned states)
{
	static struct seen seen;
	struct dumper d;

	assert_int_equal(dumper_init(&d, -1), 0);
	assert_int_equal(seen_dump(&d, states, &seen).why_not, SWEEP_WHOLE);
	dumper_fini(&d);
	return &seen;
}

const struct sample *seen_find(const struct seen *seen, const struct tuple *t)
{
	for (unsigned i = 0; i < seen->count; i++)
		if (tuple_equal(&seen->samples[i].tuple, t))
			return &seen->samples[i];
	return NULL;
}

struct sample seen_sample(unsigned states, const struct tuple *t)
{
	const struct sample *s = seen_find(seen_in(states), t);

	if (!s) {
		fail_msg("our dump does not list it");
		abort();
	}
	return *s;
}
