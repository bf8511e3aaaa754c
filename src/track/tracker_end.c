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
/* Hardly anybody connects from the same port again so soon. */
#define SOON_NS (150 * NS_PER_MS)

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

/* The other side goes on too, without a word if it is an orphan in FIN_WAIT2 or is still held open; and a sweep may be long in coming. */
static void ask_for_mate(struct tracker *t, const struct connection *c)
{
	const struct connection *mate = model_pair(t->model, c);

	if (mate && mate->live && mate->state != STATE_TIME_WAIT && model_netns(t->model, mate) == t->scene.netns && !tracker_pending(t, mate))
		tracker_ask(t, mate, NULL, LOOKUP_MATE);
}

static void tell_end(struct tracker *t, const struct connection *c, const struct observation *end, enum remnant remnant,
                     const struct observation *remnant_sample)
{
	uint64_t conn = c ? c->id : t->verdict.next_conn;
	bool unseen = !c;

	infer_end(&t->scene, c, end, remnant, remnant_sample, &t->verdict);
	tracker_units_name(t, &end->sample);
	tracker_tell(t);
	c = model_find(t->model, conn);
	if (c)
		ask_for_mate(t, c);
	if (!c || !c->live)
		return;
	tracker_sight(t, c)->noticed = true;
	tracker_sight(t, c)->unseen |= unseen;
	/* The state is the remnant's, which can have been looked at before the notice came. */
	if (remnant_sample)
		tracker_sight(t, c)->seen_ns = remnant_sample->t0_ns;
	/* No sweep so far can have missed what is left of it: the one under way may have listed the socket itself. */
	tracker_sight(t, c)->missed = 0;
	tracker_sight(t, c)->sweep = t->here->number;
}

static void refine(struct tracker *t, const struct connection *c, const struct observation *o)
{
	tracker_sight(t, c)->noticed = true;
	infer_late_notice(&t->scene, c, o, &t->verdict);
	tracker_tell(t);
}

/* No other notice on its tuple came with it: so the remnant that was seen is its own. */
static void leave_remnant(struct tracker *t, const struct pending *p)
{
	const struct connection *c = model_find(t->model, p->remnant);

	if (c)
		refine(t, c, &p->end);
	else
		t->coverage.late_notices++;
}

void tracker_settle(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *remnant_sample)
{
	const struct connection *c = p->conn ? model_find(t->model, p->conn) : NULL;
	uint64_t netns = t->scene.netns;

	pendings_settle(&t->pendings, p);
	if (p->conn && (!c || !c->live))
		return;
	tracker_enter(t, p->netns);
	if (p->remnant)
		leave_remnant(t, p);
	else if (p->vanished)
		tracker_vanish(t, c, p->end.t1_ns);
	else
		tell_end(t, c, &p->end, remnant, remnant_sample);
	tracker_enter(t, netns);
}

static void wait_for(struct tracker *t, const struct connection *c, const struct observation *end, bool vanished, const struct connection *remnant)
{
	struct pending entry = {.end = *end, .netns = t->scene.netns, .vanished = vanished, .nth = t->notices, .remnant = remnant ? remnant->id : 0};

	if (pendings_full(&t->pendings))
		tracker_give_up(t, pendings_first(&t->pendings));
	entry.conn = c ? c->id : 0;
	entry.deadline_ns = t->scene.now_ns + (vanished ? PENDING_NOTICE_NS : PENDING_ANSWER_NS);
	pendings_add(&t->pendings, &entry);
}

/* ---- destroy notices ---- */

static uint64_t *scrubbed_at(struct tracker *t, const struct tuple *tuple)
{
	return &t->scrubbed[(tuple->local.port + t->scene.netns * 31) % SCRUBBED_PORTS];
}

/* A stranger that was quiet since before the last but one whole sweep would have been seen, were it not closed before. On a busy host the notice alone can come
 * so late; but not by seconds. */
static bool is_late(const struct tracker *t, const struct observation *o)
{
	const struct whole *before = scene_whole_before(&t->scene, o->t0_ns, 1);

	return (o->sample.has & SAMPLE_HAS_NUMBERS) && before && evidence_quiet_ns(&o->sample) > LATE_NS &&
	       evidence_last_activity_ns(o) < before->begin_ns;
}

static const struct step *step_to(const struct connection *c, enum tcp_state to)
{
	for (int i = 0; c->history && i < c->history->count; i++)
		if (c->history->steps[i].to == to)
			return &c->history->steps[i];
	return NULL;
}

static bool alive_between(const struct observation *o, int64_t t0_ns, int64_t t1_ns)
{
	return evidence_alive_until_ns(o) <= t1_ns && evidence_last_activity_ns(o) >= t0_ns;
}

/* When a TIME_WAIT entry began, by its timer; a repeated FIN starts that again. */
static int64_t began_ns(const struct connection *c)
{
	return c->updated_ns + c->facts.timer_expires_ms * NS_PER_MS - TIME_WAIT_NS;
}

struct remnant_search {
	const struct tracker *tracker;
	const struct observation *notice;
};

/*
 * Whether c is what the notice tells the end of: a connection first seen as a remnant, for those have another cookie than their notice, and no notice came of it
 * yet. A socket that enters TIME_WAIT, or leaves an orphan in FIN_WAIT2, hears something for the last time then.
 */
static bool is_remnant_of(void *context, const struct connection *c)
{
	const struct remnant_search *search = context;
	const struct sight *sight = &search->tracker->sights[c->slot];
	const struct step *entered;

	if (!sight->strange || sight->noticed)
		return false;
	if (c->state == STATE_TIME_WAIT && alive_between(search->notice, began_ns(c), began_ns(c)))
		return true;
	entered = step_to(c, STATE_TIME_WAIT);
	if (!entered)
		return c->live && alive_between(search->notice, c->since0_ns, c->since1_ns);
	return alive_between(search->notice, entered->t0_ns, entered->t1_ns);
}

/* On a busy host the notice can be so late that even the TIME_WAIT entry it belongs to is gone, for the port has come round. */
static const struct connection *find_remnant(const struct tracker *t, const struct observation *o)
{
	struct remnant_search search = {t, o};
	struct ending_case ending_case = infer_ending_case(&t->scene, NULL, o);

	if (!ending_can_leave_remnant(&ending_case))
		return NULL;
	return model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, is_remnant_of, &search);
}

static void decide(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct ending_case ending_case = infer_ending_case(&t->scene, c, o);
	/* A child that the kernel threw away has the cookie of the one it kept: so it is asked whether that lives. */
	bool just_born = o->sample.tuple.remote.port && (!c || c->state == STATE_SYN_RECV);

	if (c)
		tracker_sight(t, c)->noticed = true;
	if (just_born || ending_wants_remnant(&ending_case)) {
		if (tracker_ask(t, c, &o->sample.tuple, LOOKUP_REMNANT)) {
			wait_for(t, c, o, false, NULL);
			return;
		}
		t->coverage.lookups_dropped++;
		tracker_tell_coverage(t);
	}
	tell_end(t, c, o, REMNANT_UNASKED, NULL);
}

/*
 * Whether a stranger's late notice is of the connection that had this tuple before c. When c is a socket that can still send a notice, that would have come
 * first, had it died before the stranger; so c is the younger, unless the stranger was heard of after c was seen.
 */
static bool is_older(struct tracker *t, const struct observation *o, const struct connection *c)
{
	const struct sight *sight = tracker_sight(t, c);
	int64_t seen_ns;

	if (!(o->sample.has & SAMPLE_HAS_NUMBERS))
		return false;
	/* When exactly it was seen is not known: not before seen_ns, and the first time not after since1_ns. It is not called gone for a doubt. */
	seen_ns = sight->seen_ns > c->since1_ns ? sight->seen_ns : c->since1_ns;
	/* A request socket can end without a word, and the stranger have come after it. */
	if (c->state == STATE_SYN_RECV && o->t0_ns >= seen_ns)
		return false;
	if (!sight->noticed && !leaves_no_notice(c))
		return evidence_alive_until_ns(o) <= seen_ns;
	/* So it is with a remnant that was seen before the notice of its socket came, unless it was there before the stranger ended. */
	if (!sight->noticed && evidence_alive_until_ns(o) <= (c->state == STATE_TIME_WAIT ? began_ns(c) : c->since1_ns))
		return true;
	return evidence_last_activity_ns(o) < sight->seen_ns;
}

static void replace(struct tracker *t, const struct connection *c, const struct observation *o)
{
	infer_replaced(&t->scene, c, o->t1_ns, &t->verdict);
	tracker_tell(t);
}

/* Nobody can be asked about its remnant any more. If it left one, that is gone too. */
static void older_ended(struct tracker *t, const struct observation *o)
{
	uint64_t conn = t->verdict.next_conn;
	const struct connection *c;

	tell_end(t, NULL, o, REMNANT_OVERTAKEN, NULL);
	c = model_find(t->model, conn);
	if (c && c->live)
		replace(t, c, o);
}

/* What has the tuple, or had it until now, is younger than the stranger that the notice is of. */
static bool tuple_is_taken(struct tracker *t, const struct observation *o)
{
	const struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->sample.tuple);
	const struct connection *c;

	if (p && !p->vanished)
		return (o->sample.has & SAMPLE_HAS_NUMBERS) && evidence_last_activity_ns(o) < evidence_alive_until_ns(&p->end);
	c = model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, NULL, NULL);
	return c && is_older(t, o, c);
}

/* What had the tuple before is over. */
static void vacate_tuple(struct tracker *t, const struct observation *o)
{
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->sample.tuple);
	const struct connection *c;

	if (p)
		tracker_settle(t, p, REMNANT_OVERTAKEN, NULL);
	c = model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, NULL, NULL);
	if (c)
		replace(t, c, o);
}

/*
 * Notices come in the order in which the sockets died, and many at once when nobody could read them for a while. Of those on one tuple only the last can be of the
 * socket that left the remnant c.
 */
static void await_later(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->sample.tuple);

	if (p && p->remnant) {
		struct observation older = p->end;

		pendings_settle(&t->pendings, p);
		t->coverage.unsampled_ends++;
		older_ended(t, &older);
	} else if (p) {
		tracker_settle(t, p, REMNANT_OVERTAKEN, NULL);
	}
	wait_for(t, NULL, o, false, c);
}

static void known_ended(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct pending *p = tracker_pending(t, c);

	if (p && p->vanished && p->conn == c->id)
		pendings_settle(&t->pendings, p);
	if (leaves_no_notice(c))
		refine(t, c, o);
	else if (!tracker_sight(t, c)->noticed)
		decide(t, c, o);
}

static void stranger_ended(struct tracker *t, const struct observation *o)
{
	const struct connection *c = find_remnant(t, o);

	/* Never connected, or scrubbed: there is nothing to call it by. */
	if (!o->sample.tuple.remote.port) {
		t->coverage.unsampled_ends++;
		return;
	}
	if (c) {
		await_later(t, c, o);
		return;
	}
	if (is_late(t, o)) {
		t->coverage.late_notices++;
		tracker_tell_coverage(t);
		return;
	}
	c = model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, NULL, NULL);
	if (c && evidence_is_child(&t->scene, c, evidence_alive_until_ns(o), evidence_last_activity_ns(o))) {
		known_ended(t, c, o);
		return;
	}
	t->coverage.unsampled_ends++;
	if (tuple_is_taken(t, o)) {
		older_ended(t, o);
		return;
	}
	vacate_tuple(t, o);
	decide(t, NULL, o);
}

/* connect(AF_UNSPEC) and a new connect() keep the cookie: another tuple is another connection. A scrubbed notice has none. */
static bool has_connected_again(const struct connection *c, const struct observation *o)
{
	return o->sample.tuple.remote.port && !connection_has_tuple(c, &o->sample.tuple);
}

void tracker_end_seen(struct tracker *t, const struct observation *o)
{
	const struct connection *c = tracker_find(t, &o->sample);
	const struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->sample.tuple);

	t->notices++;
	if (!o->sample.tuple.remote.port)
		*scrubbed_at(t, &o->sample.tuple) = t->notices;
	if (p && !p->vanished && p->end.sample.cookie == o->sample.cookie)
		return;
	if (!c && t->cookieless) {
		c = tracker_find_by_tuple(t, &o->sample);
		if (c && is_older(t, o, c))
			c = NULL;
	}
	if (c && has_connected_again(c, o)) {
		if (c->live)
			replace(t, c, o);
		c = NULL;
	}
	if (!c)
		stranger_ended(t, o);
	else if (c->live)
		known_ended(t, c, o);
	else
		refine(t, c, o);
}

/* ---- what was found of it ---- */

void tracker_note_answer(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *o)
{
	bool found = o->kind != OBSERVED_ABSENT;

	/* Of several the first is the nearest. */
	if (p->answer.remnant != REMNANT_UNASKED)
		return;
	p->answer.remnant = (uint8_t)remnant;
	p->answer.t0_ns = o->t0_ns;
	p->answer.t1_ns = o->t1_ns;
	p->answer.cookie = found ? o->sample.cookie : 0;
	p->answer.expires_ms = found ? o->sample.expires_ms : 0;
	pendings_note_found(&t->pendings, p);
}

/* A later life leaves a notice of its own; but one that is scrubbed does not tell of which, and one that is lost tells nothing, where there was time for a life. */
static bool may_be_taken_away(struct tracker *t, const struct pending *p)
{
	bool soon = p->answer.t1_ns - evidence_alive_until_ns(&p->end) < SOON_NS;

	return *scrubbed_at(t, &p->end.sample.tuple) > p->nth || (t->here->lost >= p->nth && !soon);
}

static void settle_by_answer(struct tracker *t, struct pending *p)
{
	struct observation found = {.kind = OBSERVED_LOOKUP, .t0_ns = p->answer.t0_ns, .t1_ns = p->answer.t1_ns};

	if (p->answer.remnant == REMNANT_NONE) {
		tracker_settle(t, p, may_be_taken_away(t, p) ? REMNANT_GONE : REMNANT_NONE, NULL);
		return;
	}
	found.sample.tuple = p->end.sample.tuple;
	found.sample.cookie = p->answer.cookie;
	found.sample.state = p->answer.remnant == REMNANT_TIME_WAIT ? STATE_TIME_WAIT : STATE_FIN_WAIT2;
	found.sample.timer = TIMER_TIME_WAIT;
	found.sample.expires_ms = p->answer.expires_ms;
	tracker_settle(t, p, (enum remnant)p->answer.remnant, &found);
}

void tracker_note_loss(struct tracker *t)
{
	t->here->lost = t->notices;
}

/* Of what was found a later life's notice can still be on its way. */
void tracker_give_up(struct tracker *t, struct pending *p)
{
	uint64_t netns = t->scene.netns;

	tracker_enter(t, p->netns);
	if (p->vanished || p->remnant || p->answer.remnant == REMNANT_UNASKED)
		tracker_settle(t, p, REMNANT_UNASKED, NULL);
	else if (p->answer.remnant == REMNANT_NONE)
		tracker_settle(t, p, REMNANT_GONE, NULL);
	else
		settle_by_answer(t, p);
	tracker_enter(t, netns);
}

static bool is_confirmed(const struct tracker *t, const struct pending *p, const struct observation *heard)
{
	if (!p->waiting || p->vanished || p->netns != t->scene.netns)
		return false;
	if (p->remnant)
		return p->end.t1_ns <= heard->t1_ns;
	return p->answer.remnant != REMNANT_UNASKED && p->answer.t1_ns <= heard->t0_ns;
}

struct hearing {
	struct tracker *tracker;
	const struct observation *heard;
};

static void confirm(void *context, struct pending *p)
{
	const struct hearing *h = context;

	if (!is_confirmed(h->tracker, p, h->heard))
		return;
	if (p->remnant)
		tracker_settle(h->tracker, p, REMNANT_UNASKED, NULL);
	else
		settle_by_answer(h->tracker, p);
}

void tracker_heard(struct tracker *t, const struct observation *o)
{
	pendings_found(&t->pendings, confirm, &(struct hearing){t, o});
}

/* ---- look-ups that found nothing ---- */

static void remnant_absent(struct tracker *t, const struct observation *o)
{
	struct pending *p = pendings_find(&t->pendings, t->scene.netns, &o->asked.tuple);

	if (p && !p->vanished && !p->remnant && p->conn == o->asked.conn && p->end.t1_ns <= o->t0_ns)
		tracker_note_answer(t, p, REMNANT_NONE, o);
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
	if (sight->seen_ns > o->t0_ns || tracker_pending(t, c))
		return;
	if (t->config.notices && !leaves_no_notice(c)) {
		struct observation gone = *o;

		gone.sample.tuple = connection_tuple(c);
		gone.sample.cookie = c->cookie;
		wait_for(t, c, &gone, true, NULL);
		return;
	}
	tracker_vanish(t, c, o->t1_ns);
}

void tracker_lookup_dropped(struct tracker *t, const struct lookup *lookup, int64_t now_ns)
{
	struct pending *p;

	if (now_ns > t->scene.now_ns)
		t->scene.now_ns = now_ns;
	if (lookup->why != LOOKUP_REMNANT) {
		const struct connection *c = model_find(t->model, lookup->conn);

		if (c && c->live)
			tracker_sight(t, c)->asked = false;
		return;
	}
	t->coverage.lookups_dropped++;
	tracker_tell_coverage(t);
	p = pendings_find(&t->pendings, lookup->netns, &lookup->tuple);
	if (p && !p->vanished)
		tracker_settle(t, p, REMNANT_UNASKED, NULL);
}
