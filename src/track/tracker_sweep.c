/*
 * What a sweep did not list.
 *
 * A dump is not a snapshot: under churn it can miss a socket that lived all along, and nothing flags it. So absence from one whole sweep only makes us ask for
 * that socket by name; two whole sweeps in a row, or the answer that it is not there, end it. A sweep that failed, was cut short, asked for some states only or
 * was filtered ends nothing.
 */
#include <string.h>

#include "tracker_private.h"

/* Whole sweeps in a row. */
#define MISSED_ENOUGH 2

void tracker_sweep_begun(struct tracker *t, const struct observation *o)
{
	t->last_sweep = t->last_sweep + 1 < 1u << SWEEP_NUMBER_BITS ? t->last_sweep + 1 : 1;
	t->here->number = t->last_sweep;
	t->here->begin_ns = o->t0_ns;
	t->next_slot = 0;
	if (o->sweep.sockets && t->config.passing) {
		passed_reserve(&t->passed, o->sweep.sockets);
	} else if (o->sweep.sockets) {
		model_expect(t->model, o->sweep.sockets);
		tracker_owners_expect(t, o->sweep.sockets);
	}
}

/* A listener cannot be asked for by name: with SO_REUSEPORT another one answers (inet_lookup). */
static void missing(struct tracker *t, const struct connection *c, bool whole, int64_t t1_ns)
{
	struct sight *sight = tracker_sight(t, c);

	if (whole && sight->missed < MISSED_ENOUGH)
		sight->missed++;
	if (sight->missed == MISSED_ENOUGH) {
		struct pending *p = tracker_pending(t, c);

		if (!p)
			tracker_vanish(t, c, t1_ns);
		return;
	}
	if (c->state != STATE_LISTEN && !sight->asked)
		sight->asked = tracker_ask(t, c, NULL, LOOKUP_ABSENT);
}

static void find_missing(struct tracker *t, uint32_t states, bool whole, int64_t t1_ns)
{
	uint32_t population = 0;

	for (int state = 1; state < STATE_COUNT; state++)
		population += states & STATE_BIT(state) ? model_population(t->model, state) : 0;
	if (!population)
		return;
	for (uint32_t slot = 0; slot < model_slots(t->model); slot++) {
		const struct connection *c = model_at(t->model, slot);

		if (!c || !c->live || !(states & STATE_BIT(c->state)) || model_netns(t->model, c) != t->scene.netns)
			continue;
		if (t->sights[slot].sweep != t->here->number && t->sights[slot].seen_ns < t->here->begin_ns)
			missing(t, c, whole, t1_ns);
	}
}

static void note_whole(struct sweeps *s, int64_t end_ns)
{
	memmove(&s->whole[1], &s->whole[0], sizeof(s->whole) - sizeof(s->whole[0]));
	s->whole[0] = (struct whole){s->begin_ns, end_ns};
}

void tracker_sweep_ended(struct tracker *t, const struct observation *o)
{
	const struct sweep *s = &o->sweep;

	t->coverage.sweeps++;
	t->coverage.swept_by = s->source == SOURCE_PROC ? SOURCE_PROC : SOURCE_DIAG;
	/* What is the matter with sock_diag stays told while /proc stands in for it. */
	tracker_note_error(t, SOURCE_PROC, 0);
	tracker_note_error(t, t->coverage.swept_by, s->error);
	if (s->why_not == SWEEP_WHOLE) {
		find_missing(t, ~0u, true, o->t1_ns);
		note_whole(t->here, o->t1_ns);
		t->coverage.last_whole_ns = tracker_last_whole_ns(t);
		t->coverage.interval_ns = s->interval_ns;
		tracker_shed_account(t, false);
		tracker_owners_swept(t);
	} else if (s->why_not == SWEEP_MASKED) {
		find_missing(t, s->states, false, o->t1_ns);
	} else if (s->why_not == SWEEP_FILTERED) {
		t->coverage.interval_ns = s->interval_ns;
		tracker_owners_swept(t);
	} else if (s->why_not != SWEEP_STOPPED) {
		t->coverage.sweeps_not_whole++;
	}
	t->ready |= !s->more;
	tracker_tell_coverage(t);
}
