/* The second dump: see watch/twin.h. */
#include "config.h"

#include "watch/twin.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static void twin_sample(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct twin *t = context;
	struct observation *unit;
	char name[UNIT_ROOM];

	if (cgroups_see(&t->cgroups, sample->cgroup, name)) {
		unit = outlet_add(&t->out, OBSERVED_UNIT, 0, 0);
		unit->unit.cgroup = sample->cgroup;
		memcpy(unit->unit.name, name, sizeof(name));
	}
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

int twin_start(struct twin *t, struct queue *queue, uint64_t netns, const struct watch_filter *filter, bool numbers, const atomic_bool *stopping)
{
	uint64_t seed = 0;
	int error;

	*t = (struct twin){.filter = filter, .numbers = numbers, .stopping = stopping};
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)clock_now_ns();
	cgroups_init(&t->cgroups, NULL, seed);
	outlet_init(&t->out, queue, netns, true);
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

struct dump_result twin_join(struct twin *t)
{
	pthread_join(t->thread, NULL);
	twin_fini(t);
	return t->result;
}
