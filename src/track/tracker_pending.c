/* Samples of a tuple on which an end waits (pending.h). */
#include "base/clock.h"
#include "evidence.h"
#include "tracker_private.h"

/*
 * Whether a remnant is not that of the socket whose notice waits. A socket that was looked at before keeps its cookie as a remnant; one that nobody had looked at has a
 * new one, which nobody else can have.
 */
static bool belongs_to_another(const struct tracker *t, const struct pending *p, const struct observation *o)
{
	const struct connection *c = model_find(t->model, p->conn);
	const struct sample *s = &o->sample;
	/* A look-up can be answered so late that the port has come round. */
	bool younger = s->state == STATE_TIME_WAIT && o->t0_ns - TIME_WAIT_NS + s->expires_ms * NS_PER_MS > p->end.t1_ns + EVIDENCE_TICK_NS;
	struct ending_case ending_case = infer_ending_case(&t->scene, c, &p->end);
	/* Not so the child of a request socket that was: it has its own cookie (evidence_is_child). */
	bool looked_at = c && c->cookie == p->end.sample.cookie;

	return s->cookie && s->cookie != p->end.sample.cookie && (looked_at || younger || model_find_cookie(t->model, t->scene.netns, s->cookie) ||
	       !ending_can_leave_remnant(&ending_case));
}

/*
 * The socket lives on after its notice. Two final ACKs of a handshake on two CPUs make two children of one request, with one cookie; the kernel keeps one and
 * destroys the other (inet_ehash_insert, inet_csk_complete_hashdance).
 */
static void outlives_notice(struct tracker *t, struct pending *p)
{
	const struct connection *c = model_find(t->model, p->conn);

	pendings_settle(&t->pendings, p);
	if (c && c->live)
		tracker_sight(t, c)->noticed = false;
}

/* What is seen was there before the socket that we wait for. */
static bool is_before(struct tracker *t, const struct pending *p, const struct observation *o)
{
	const struct connection *c = model_find(t->model, p->conn), *other = model_find_cookie(t->model, t->scene.netns, o->sample.cookie);

	return (c && c->live && o->t1_ns <= tracker_sight(t, c)->seen_ns) || (other && !other->live && tracker_is_stale(t, other, o));
}

bool tracker_meets_pending(struct tracker *t, const struct observation *o)
{
	const struct sample *s = &o->sample;
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, &s->tuple);

	if (!p)
		return false;
	if (p->vanished) {
		if (s->cookie && s->cookie != p->end.sample.cookie)
			tracker_settle(t, p, REMNANT_UNASKED, NULL);
		else if (o->t0_ns > p->end.t0_ns)
			pendings_settle(&t->pendings, p);
		else
			return true;
		return false;
	}
	/* While notices are still to come, it is not known which of them it is of. */
	if (p->remnant)
		return sample_is_remnant(s) && !tracker_find(t, s);
	/* The look-up that was asked for was made after the notice: what was seen before may be of the life before. */
	if (sample_is_remnant(s) && s->cookie != p->end.sample.cookie && o->t0_ns < p->end.t1_ns)
		return true;
	if (sample_is_remnant(s) && !belongs_to_another(t, p, o)) {
		const enum remnant remnant = s->state == STATE_TIME_WAIT ? REMNANT_TIME_WAIT : REMNANT_FIN_WAIT2;

		if (s->cookie != p->end.sample.cookie) {
			tracker_note_answer(t, p, remnant, o);
			return true;
		}
		tracker_settle(t, p, remnant, o);
		return false;
	}
	if (s->cookie == p->end.sample.cookie && o->t0_ns > p->end.t1_ns) {
		outlives_notice(t, p);
		return false;
	}
	if (s->cookie == p->end.sample.cookie) {
		/* So it was there already: the sweep that lists it does not bound its beginning. */
		if (o->t0_ns < p->end.t0_ns)
			p->end.t0_ns = o->t0_ns;
		return true;
	}
	if (is_before(t, p, o) || (!s->cookie && o->t0_ns <= p->end.t1_ns))
		return true;
	tracker_settle(t, p, REMNANT_UNASKED, NULL);
	return false;
}
