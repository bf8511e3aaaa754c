/* Two dumps side by side: see watch/twin.h. */
#include "config.h"

#include "watch/twin.h"

#include <pthread.h>
#include <sys/random.h>

#include "base/clock.h"
#include "watch/cgroup.h"

/* The second dump. */
struct twin {
	pthread_t thread;
	struct dumper dumper;
	struct outlet out;
	struct cgroups cgroups;
	const struct watch_filter *filter;
	const atomic_bool *stopping;
	bool numbers;
	struct dump_result result;
};

static void twin_sample(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct twin *t = context;

	cgroups_tell(&t->cgroups, sample->cgroup, &t->out);
	outlet_add_raw(&t->out, OBSERVED_SAMPLE, t0_ns, t1_ns)->sample = *sample;
}

static bool twin_between(void *context)
{
	const struct twin *t = context;

	return !atomic_load(t->stopping);
}

static void *twin_run(void *context)
{
	struct twin *t = context;
	const struct dump_sink sink = {.sample = twin_sample, .between = twin_between, .context = t};

	t->result = dumper_dump_filtered(&t->dumper, t->filter, t->numbers, &sink);
	outlet_flush(&t->out);
	return NULL;
}

static void twin_fini(struct twin *t)
{
	cgroups_fini(&t->cgroups);
	outlet_fini(&t->out);
	dumper_fini(&t->dumper);
}

/* 0; or -errno, and nothing was begun. */
static int twin_start(struct twin *t, const struct watch_filter *filter, bool numbers, const struct twin_use *use)
{
	uint64_t seed = 0;
	int error;

	*t = (struct twin){.filter = filter, .numbers = numbers, .stopping = use->stopping};
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)clock_now_ns();
	cgroups_init(&t->cgroups, NULL, seed);
	outlet_init(&t->out, use->queue, use->netns, true);
	error = dumper_init(&t->dumper, -1);
	if (error == 0)
		error = -pthread_create(&t->thread, NULL, twin_run, t);
	if (error < 0) {
		twin_fini(t);
		return error;
	}
	pthread_setname_np(t->thread, "synfin-sweeps-2");
	return 0;
}

/* All it saw is in the queue then. */
static struct dump_result twin_join(struct twin *t)
{
	pthread_join(t->thread, NULL);
	twin_fini(t);
	return t->result;
}

struct dump_result twin_dump(struct dumper *d, const struct watch_filter halves[2], bool numbers, const struct dump_sink *sink, const struct twin_use *use)
{
	struct dump_result here, there;
	struct twin twin;

	if (twin_start(&twin, &halves[1], numbers, use) < 0)
		return dumper_dump(d, halves[0].states | halves[1].states, numbers, sink);
	here = dumper_dump_filtered(d, &halves[0], numbers, sink);
	there = twin_join(&twin);
	return dump_result_join(&here, &there);
}
