/*
 * Ends: destroy notices, sockets that are no longer there, and those that wait for what decides them.
 *
 * A notice comes when the last reference to a socket goes. For one that was reset, or shut down both ways, and is still held open, that is long after: it
 * then neither dates the close nor repeats it. Nothing comes when remnants and request sockets end.
 */
#include "base/clock.h"
#include "evidence.h"
#include "tracker_private.h"

#define LATE_NS (2 * NS_PER_SECOND)
/* Enough for half a second of hard churn, and cheap at each notice of a stranger. */
#define DEPARTED_LOOKED_AT 256

/* Remnants: what is left of a socket whose notice has come, or comes when its last holder lets go. */
static bool leaves_no_notice(const struct connection *c)
{
	return c->state == STATE_TIME_WAIT || (c->state == STATE_FIN_WAIT2 && c->facts.timer == 3);
}

void tracker_vanish(struct tracker *t, const struct connection *c, int64_t t1_ns)
{
	infer_vanished(&t->scene, c, t1_ns, &t->verdict);
	tracker_tell(t);
}

static void tell_end(struct tracker *t, const struct connection *c, const struct observation *end, enum remnant remnant,
                     const struct observation *remnant_sample)
{
	uint64_t conn = c ? c->id : t->verdict.next_conn;

	infer_end(&t->scene, c, end, remnant, remnant_sample, &t->verdict);
	tracker_tell(t);
	c = model_find(t->model, conn);
	if (c && c->live)
		tracker_sight(t, c)->noticed = true;
}

void tracker_settle(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *remnant_sample)
{
	const struct connection *c = p->conn ? model_find(t->model, p->conn) : NULL;
	uint64_t netns = t->scene.netns;

	pendings_settle(&t->pendings, p);
	if (p->conn && (!c || !c->live))
		return;
	t->scene.netns = p->netns;
	if (p->vanished)
		tracker_vanish(t, c, p->end.t1_ns);
	else
		tell_end(t, c, &p->end, remnant, remnant_sample);
	t->scene.netns = netns;
}

static void wait_for(struct tracker *t, const struct connection *c, const struct observation *end, bool vanished)
{
	struct pending entry = {.end = *end, .netns = t->scene.netns, .vanished = vanished};

	if (pendings_full(&t->pendings))
		tracker_settle(t, pendings_first(&t->pendings), REMNANT_UNASKED, NULL);
	entry.conn = c ? c->id : 0;
	entry.deadline_ns = t->scene.now_ns + PENDING_NS;
	pendings_add(&t->pendings, &entry);
}

/* ---- destroy notices ---- */

/* When the connection last heard or sent anything: not after this. */
static int64_t last_activity_ns(const struct observation *o)
{
	return o->t1_ns - evidence_quiet_ns(&o->sample);
}

/* A stranger that was quiet since before the last but one whole sweep would have been seen, were it not closed before. On a busy host the notice alone can come
 * so late; but not by seconds. */
static bool is_late(const struct tracker *t, const struct observation *o)
{
	const struct whole *before = scene_whole_before(&t->scene, o->t0_ns, 1);

	return (o->sample.has & SAMPLE_HAS_NUMBERS) && before && evidence_quiet_ns(&o->sample) > LATE_NS &&
	       last_activity_ns(o) < before->begin_ns;
}

static const struct step *step_to(const struct connection *c, enum tcp_state to)
{
	for (int i = 0; c->history && i < c->history->count; i++)
		if (c->history->steps[i].to == to)
			return &c->history->steps[i];
	return NULL;
}

/* Its full socket was never looked at, so the notice of that one has another cookie. */
static bool seen_only_as_remnant(const struct connection *c)
{
	const struct step *entered = step_to(c, STATE_TIME_WAIT);

	if (c->remnant_cookie)
		return false;
	if (!entered)
		return leaves_no_notice(c) && (!c->history || !c->history->count);
	if (c->history->dropped || (c->history->steps[0].from != STATE_CLOSED && c->history->steps[0].from != STATE_LISTEN))
		return false;
	for (const struct step *step = c->history->steps; step < entered; step++)
		if (step->certainty == CERTAINTY_OBSERVED)
			return false;
	return true;
}

/* The TIME_WAIT entry that was seen before its own notice came. Any other one on this tuple belongs to an earlier connection. */
static bool is_own_remnant(struct tracker *t, const struct connection *c, const struct observation *o)
{
	int64_t apart_ns = last_activity_ns(o) - c->since1_ns;

	if (!leaves_no_notice(c) || tracker_sight(t, c)->noticed || !seen_only_as_remnant(c))
		return false;
	return apart_ns < 500 * NS_PER_MS && c->since0_ns - last_activity_ns(o) < 500 * NS_PER_MS;
}

/* On a busy host the notice can be so late that even the TIME_WAIT entry it belongs to is gone, for the port has come round. */
static const struct connection *departed_remnant(const struct tracker *t, const struct observation *o)
{
	const struct connection *c;

	for (uint32_t i = 0; i < DEPARTED_LOOKED_AT && (c = model_departed(t->model, i)); i++) {
		const struct step *entered;

		if (!tuple_equal(&c->tuple, &o->sample.tuple) || model_netns(t->model, c) != t->scene.netns || !seen_only_as_remnant(c))
			continue;
		entered = step_to(c, STATE_TIME_WAIT);
		if (entered && evidence_alive_until_ns(o) <= entered->t1_ns && last_activity_ns(o) >= entered->t0_ns)
			return c;
	}
	return NULL;
}

static void refine(struct tracker *t, const struct connection *c, const struct observation *o)
{
	if (c->live)
		tracker_sight(t, c)->noticed = true;
	infer_late_notice(&t->scene, c, o, &t->verdict);
	tracker_tell(t);
}

static void decide(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct ending_case ending_case = infer_ending_case(&t->scene, c, o);

	if (c)
		tracker_sight(t, c)->noticed = true;
	if (ending_wants_remnant(&ending_case)) {
		if (tracker_ask(t, c, &o->sample.tuple, LOOKUP_REMNANT)) {
			wait_for(t, c, o, false);
			return;
		}
		t->coverage.lookups_dropped++;
		tracker_tell_coverage(t);
	}
	tell_end(t, c, o, REMNANT_UNASKED, NULL);
}

static void stranger_ended(struct tracker *t, const struct observation *o)
{
	const struct connection *c, *departed;

	/* Never connected, or scrubbed: there is nothing to call it by. */
	if (!o->sample.tuple.remote.port) {
		t->coverage.unsampled_ends++;
		return;
	}
	c = model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, NULL, NULL);
	if (c && is_own_remnant(t, c, o)) {
		refine(t, c, o);
		return;
	}
	departed = departed_remnant(t, o);
	if (departed) {
		refine(t, departed, o);
		return;
	}
	if (is_late(t, o)) {
		t->coverage.late_notices++;
		tracker_tell_coverage(t);
		return;
	}
	if (c) {
		infer_replaced(&t->scene, c, o->t1_ns, &t->verdict);
		tracker_tell(t);
	}
	t->coverage.unsampled_ends++;
	decide(t, NULL, o);
}

void tracker_end_seen(struct tracker *t, const struct observation *o)
{
	const struct connection *c = model_find_cookie(t->model, t->scene.netns, o->sample.cookie);
	const struct tuple *tuple = c ? &c->tuple : &o->sample.tuple;
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, tuple);

	if (p && p->vanished && c && p->conn == c->id)
		pendings_settle(&t->pendings, p);
	else if (p && p->end.sample.cookie == o->sample.cookie)
		return;
	else if (p)
		tracker_settle(t, p, REMNANT_UNASKED, NULL);
	c = model_find_cookie(t->model, t->scene.netns, o->sample.cookie);
	if (!c) {
		stranger_ended(t, o);
		return;
	}
	if (!c->live || leaves_no_notice(c))
		refine(t, c, o);
	else if (!tracker_sight(t, c)->noticed)
		decide(t, c, o);
}

/* ---- look-ups that found nothing ---- */

static void remnant_absent(struct tracker *t, const struct observation *o)
{
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->asked.tuple);

	if (p && !p->vanished && p->conn == o->asked.conn && p->end.t1_ns <= o->t1_ns)
		tracker_settle(t, p, REMNANT_NONE, NULL);
}

void tracker_absent(struct tracker *t, const struct observation *o)
{
	const struct connection *c;
	struct sight *sight;

	if (o->asked.why == LOOKUP_REMNANT) {
		remnant_absent(t, o);
		return;
	}
	c = model_find(t->model, o->asked.conn);
	if (!c || !c->live || c->state == STATE_LISTEN)
		return;
	sight = tracker_sight(t, c);
	sight->asked = false;
	if (sight->seen_ns > o->t0_ns || pendings_find(&t->pendings, t->scene.netns, &c->tuple))
		return;
	if (t->config.notices && !leaves_no_notice(c)) {
		struct observation gone = *o;

		gone.sample.tuple = c->tuple;
		gone.sample.cookie = c->cookie;
		wait_for(t, c, &gone, true);
		return;
	}
	tracker_vanish(t, c, o->t1_ns);
}

void tracker_lookup_dropped(struct tracker *t, const struct lookup *lookup, int64_t now_ns)
{
	struct pending *p;

	if (now_ns > t->scene.now_ns)
		t->scene.now_ns = now_ns;
	if (lookup->why != LOOKUP_REMNANT)
		return;
	t->coverage.lookups_dropped++;
	tracker_tell_coverage(t);
	p = pendings_find(&t->pendings, t->scene.netns, &lookup->tuple);
	if (p && !p->vanished)
		tracker_settle(t, p, REMNANT_UNASKED, NULL);
}
