/* The sweeping thread's exact look-ups: see watch/sweeper.h. */
#include "config.h"

#include <errno.h>

#include "base/clock.h"
#include "watch/sweeper_private.h"

/* Look-ups made in a row before other work gets its turn. */
#define LOOKUP_CHUNKS_MAX 8

void sweeper_tell_trouble_of(struct sweeper *s, struct host *host)
{
	int error = host->dump_error ? host->dump_error : host->lookup_error;
	int64_t now_ns = clock_now_ns();
	struct observation *seen;

	if (error == host->told_error)
		return;
	outlet_set_netns(&s->out, host->netns);
	seen = outlet_add(&s->out, OBSERVED_TROUBLE, now_ns, now_ns);
	seen->trouble.source = SOURCE_DIAG;
	seen->trouble.error = error;
	host->told_error = error;
}

static void sweeper_tell_trouble(struct sweeper *s)
{
	for (unsigned i = 0; i < s->hosts->count; i++)
		sweeper_tell_trouble_of(s, s->hosts->all[i]);
}

static enum observation_kind sweeper_answer_kind(const struct lookup_answer *a)
{
	switch (a->error) {
	case 0: return OBSERVED_LOOKUP;
	case -ENOENT: return OBSERVED_ABSENT;
	default: return OBSERVED_UNANSWERED;
	}
}

void sweeper_tell_heard(struct sweeper *s, struct host *host)
{
	int64_t now_ns;

	if (!s->heard(s->context, host, &now_ns))
		return;
	outlet_set_netns(&s->out, host->netns);
	outlet_add(&s->out, OBSERVED_HEARD, now_ns, now_ns);
}

/* The next held answer is of another namespace, or there is none. */
static bool sweeper_is_last_held_of(const struct sweeper *s, unsigned i)
{
	return i + 1 == s->held_count || s->held[i + 1].asked.netns != s->held[i].asked.netns;
}

void sweeper_tell_held(struct sweeper *s)
{
	bool remnants = false;

	for (unsigned i = 0; i < s->held_count; i++) {
		const struct lookup_answer *a = &s->held[i];
		struct host *host = hosts_find(s->hosts, a->asked.netns);
		struct observation *seen;

		/* Of one that was let go nothing more is to be kept; what was asked says of which it was. */
		outlet_set_netns(&s->out, host ? host->netns : 0);
		if (a->error == 0)
			cgroups_tell(&s->cgroups, a->sample.cgroup, &s->out);
		seen = outlet_add(&s->out, sweeper_answer_kind(a), a->t0_ns, a->t1_ns);
		if (a->error == 0)
			seen->sample = a->sample;
		else
			seen->asked = a->asked;
		remnants |= a->asked.why == LOOKUP_REMNANT;
		if (!remnants || !sweeper_is_last_held_of(s, i))
			continue;
		if (host)
			sweeper_tell_heard(s, host);
		remnants = false;
	}
	s->held_count = 0;
}

/* Look-ups in one namespace, answered in `answers`. */
static void sweeper_look_up_in(struct sweeper *s, const struct lookup *asked, unsigned count, struct lookup_answer *answers)
{
	struct host *host = hosts_find(s->hosts, asked->netns);
	int64_t now_ns = clock_now_ns();

	if (host) {
		host->lookup_error = lookup_make(&host->lookup_port, asked, count, s->plan->numbers, answers);
		return;
	}
	/* It was let go meanwhile. */
	for (unsigned i = 0; i < count; i++)
		answers[i] = (struct lookup_answer){.asked = asked[i], .error = -ENONET, .t0_ns = now_ns, .t1_ns = now_ns};
}

static void sweeper_look_up(struct sweeper *s, const struct lookup *asked, unsigned count)
{
	int64_t cpu_ns = clock_thread_cpu_ns();
	unsigned end;

	for (unsigned at = 0; at < count; at = end) {
		for (end = at + 1; end < count && asked[end].netns == asked[at].netns; end++)
			;
		sweeper_look_up_in(s, asked + at, end - at, s->held + at);
	}
	s->held_count = count;
	cpu_ns = clock_thread_cpu_ns() - cpu_ns;
	s->lookups_cost_ns += cpu_ns;
	budget_spend(&s->budget, BUDGET_LOOKUPS, cpu_ns, clock_now_ns());
}

/* What the time left is up for has no later for which it could be put off. */
static bool sweeper_may_look_up(struct sweeper *s)
{
	return atomic_load(&s->box->finishing) || budget_allows(&s->budget, BUDGET_LOOKUPS, clock_now_ns());
}

bool sweeper_look_up_asked(struct sweeper *s)
{
	struct lookup asked[LOOKUP_CHUNK];
	unsigned count;

	if (atomic_load(&s->box->lookups_wait) == 0 || !sweeper_may_look_up(s))
		return false;
	count = mailbox_take_lookups(s->box, asked, LOOKUP_CHUNK);
	if (count > 0)
		sweeper_look_up(s, asked, count);
	return count > 0;
}

void sweeper_serve_asked(struct sweeper *s)
{
	for (unsigned i = 0; i < LOOKUP_CHUNKS_MAX && sweeper_look_up_asked(s); i++)
		sweeper_tell_held(s);
	sweeper_tell_trouble(s);
	outlet_flush(&s->out);
}

static void sweeper_tell_over(struct sweeper *s)
{
	int64_t now_ns = clock_now_ns();

	outlet_add(&s->out, OBSERVED_OVER, now_ns, now_ns)->over.source = SOURCE_DIAG;
	outlet_flush(&s->out);
}

void sweeper_look_last(struct sweeper *s)
{
	/* What was gathered of the sweep that was broken off. */
	outlet_flush(&s->out);
	while (!atomic_load(&s->box->stopping)) {
		/* Asked first: what was put into the mailbox before is found in it then. */
		bool awaited = atomic_exchange(&s->box->answers_awaited, false);

		while (atomic_load(&s->box->lookups_wait) > 0 && !atomic_load(&s->box->stopping))
			sweeper_serve_asked(s);
		if (awaited)
			sweeper_tell_over(s);
		sweeper_wait(s, INT64_MAX);
	}
}

void sweeper_look_up_watched(struct sweeper *s, int64_t now_ns)
{
	const struct watch_plan *plan = s->plan;

	s->watched_ns = now_ns;
	for (size_t at = 0; at < plan->watched_count && !sweeper_is_stopping(s); at += LOOKUP_CHUNK) {
		size_t left = plan->watched_count - at;

		sweeper_look_up(s, plan->watched + at, left < LOOKUP_CHUNK ? (unsigned)left : LOOKUP_CHUNK);
		sweeper_tell_held(s);
	}
	sweeper_tell_trouble(s);
	outlet_flush(&s->out);
}
