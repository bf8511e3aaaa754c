/*
 * What a sweep did not list.
 *
 * A dump is not a snapshot: under churn it can miss a socket that lived all along, and nothing flags it. So absence from one whole sweep only makes us ask for
 * that socket by name; two whole sweeps in a row, or the answer that it is not there, end it. A sweep that failed, was cut short or asked for some states only
 * ends nothing.
 */
#include <string.h>

#include "tracker_private.h"

void tracker_sweep_begun(struct tracker *t, const struct observation *o)
{
	t->sweep++;
	t->sweep_begin_ns = o->t0_ns;
	t->next_slot = 0;
	if (o->sweep.sockets)
		model_expect(t->model, o->sweep.sockets);
}

/* Slots whose connection is gone, or has another inode, would pile up under churn. */
static void clear_up_inodes(struct tracker *t)
{
	struct map kept = {0};

	if (t->by_inode.count < 1024 || t->by_inode.count < 2 * model_live(t->model))
		return;
	for (uint32_t slot = 0; slot < model_slots(t->model); slot++) {
		const struct connection *c = model_at(t->model, slot);

		if (c && c->live && (c->facts.knows & KNOWS_INODE))
			map_add(&kept, map_hash_u64(c->facts.inode, t->config.seed), slot);
	}
	map_fini(&t->by_inode);
	t->by_inode = kept;
}

/* A listener cannot be asked for by name: with SO_REUSEPORT another one answers (inet_lookup). */
static void missing(struct tracker *t, const struct connection *c, bool whole, int64_t t1_ns)
{
	struct sight *sight = tracker_sight(t, c);

	if (whole && sight->missed < UINT8_MAX)
		sight->missed++;
	if (sight->missed >= 2) {
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
		if (t->sights[slot].sweep != t->sweep && t->sights[slot].seen_ns < t->sweep_begin_ns)
			missing(t, c, whole, t1_ns);
	}
}

void tracker_sweep_ended(struct tracker *t, const struct observation *o)
{
	const struct sweep *s = &o->sweep;
	struct whole *whole;

	t->coverage.sweeps++;
	tracker_note_error(t, SOURCE_DIAG, s->error);
	if (s->why_not == SWEEP_WHOLE) {
		find_missing(t, ~0u, true, o->t1_ns);
		whole = t->pasts[t->past].whole;
		memmove(&whole[1], &whole[0], (SCENE_WHOLES - 1) * sizeof(*whole));
		whole[0] = (struct whole){t->sweep_begin_ns, o->t1_ns};
		t->coverage.last_whole_ns = tracker_last_whole_ns(t);
		t->coverage.interval_ns = s->interval_ns;
		clear_up_inodes(t);
	} else if (s->why_not == SWEEP_MASKED) {
		find_missing(t, s->states, false, o->t1_ns);
	} else if (s->why_not != SWEEP_STOPPED) {
		t->coverage.sweeps_not_whole++;
	}
	t->ready |= !s->more;
	tracker_tell_coverage(t);
}
