/* Walks, told as events. */
#include "life.h"

#include <assert.h>

#include "base/clock.h"
#include "evidence.h"

/* A kernel delays an acknowledgement by at most this (TCP_DELACK_MAX, include/net/tcp.h). */
#define DELAYED_ACK_NS (200 * NS_PER_MS)

const struct whole *scene_whole_before(const struct scene *scene, int64_t ns, unsigned nth)
{
	unsigned i = 0;

	while (i < SCENE_WHOLES && scene->whole[i].end_ns > ns)
		i++;
	i += nth;
	return i < SCENE_WHOLES && scene->whole[i].begin_ns ? &scene->whole[i] : NULL;
}

static struct life life_base(const struct scene *scene, int64_t t1_ns, struct verdict *v)
{
	return (struct life){
		.scene = scene,
		.verdict = v,
		.base = {.t_ns = scene->now_ns, .netns = scene->netns},
		.t1_ns = t1_ns,
		.when = CERTAINTY_OBSERVED,
	};
}

struct life life_of(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v)
{
	struct life l = life_base(scene, t1_ns, v);

	l.base.conn = c->id;
	/* The owner of a socket is told whichever namespace was looked at last. */
	l.base.netns = model_netns(scene->model, c);
	l.base.cookie = c->cookie;
	l.base.tuple = connection_tuple(c);
	l.base.opener = c->opener;
	l.base.opener_by = c->opener_by;
	l.base.closer = c->closer;
	l.base.closer_by = c->closer_by;
	l.state = c->state;
	l.t0_ns = scene->sights[c->slot].seen_ns;
	return l;
}

struct life life_new(const struct scene *scene, const struct tuple *tuple, uint64_t cookie, int64_t t1_ns, struct verdict *v)
{
	struct life l = life_base(scene, t1_ns, v);

	l.base.conn = v->next_conn++;
	l.base.cookie = cookie;
	l.base.tuple = *tuple;
	l.t0_ns = scene->whole[0].begin_ns;
	l.when = CERTAINTY_INFERRED;
	return l;
}

struct life life_unseen(const struct scene *scene, const struct tuple *tuple, uint64_t cookie, const struct observation *end, struct verdict *v)
{
	struct life l = life_new(scene, tuple, cookie, end->t1_ns, v);
	/* A sweep under way while it died, or after it, says nothing: it may have been there before and be gone by its turn. */
	const struct whole *before = scene_whole_before(scene, evidence_alive_until_ns(end), 0);

	l.t0_ns = before ? before->begin_ns : 0;
	return l;
}

struct event *life_add(struct life *l, enum event_kind kind)
{
	struct event *e;

	assert(l->verdict->count < VERDICT_MAX);
	e = &l->verdict->events[l->verdict->count++];
	*e = l->base;
	e->kind = (uint8_t)kind;
	e->t0_ns = l->t0_ns;
	e->t1_ns = l->t1_ns;
	e->when = l->when;
	return e;
}

static void set_seq(struct event *e, uint64_t seq)
{
	e->has_seq = true;
	e->seq = (uint32_t)seq;
	e->numbers = CERTAINTY_INFERRED;
}

static void set_ack(struct event *e, uint64_t ack)
{
	e->has_ack = true;
	e->ack = (uint32_t)ack;
	e->numbers = CERTAINTY_INFERRED;
}

/*
 * Sequence numbers relative to the first, of what this step sends: they follow from the bytes, the SYN and the FIN, each counting one (RFC 9293 section 3.4). The counts
 * were read later than the step: they are its own only for a direction that was shut by then.
 */
static void number(struct event *e, const struct facts *known)
{
	const struct edge *edge = edge_find(e->from, e->to);
	bool bytes = known && (known->knows & KNOWS_BYTES);
	bool fin_received = STATE_BIT(e->to) & (STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_TIME_WAIT));
	bool fin_was_sent = e->from == STATE_FIN_WAIT1 || e->from == STATE_FIN_WAIT2;
	bool fin_sent = fin_was_sent || e->to == STATE_FIN_WAIT1 || e->to == STATE_LAST_ACK;
	/* A FIN behind data that waits to be sent has no number yet that the counts would tell. */
	bool all_sent = bytes && !((known->knows & KNOWS_QUEUES) && known->wqueue > 1);

	if (!edge || !edge->send)
		return;
	if (e->to == STATE_SYN_SENT || e->to == STATE_SYN_RECV)
		set_seq(e, 0);
	if (e->to == STATE_SYN_RECV || e->to == STATE_ESTABLISHED)
		set_ack(e, 1);
	if (e->to == STATE_ESTABLISHED)
		set_seq(e, 1);
	if (fin_sent && all_sent)
		set_seq(e, 1 + known->bytes_sent + fin_was_sent);
	if (fin_received && bytes)
		set_ack(e, 1 + known->bytes_received + 1);
}

static void side_of_state(struct life *l)
{
	struct side_evidence closer = evidence_closer(l->state);

	if (closer.side && evidence_is_own_peer(&l->base.tuple))
		closer = (struct side_evidence){SIDE_BOTH, EVIDENCE_PEER};
	if (closer.side && l->base.closer != SIDE_BOTH && (l->state != STATE_TIME_WAIT || !l->base.closer)) {
		l->base.closer = closer.side;
		l->base.closer_by = closer.by;
	}
}

static struct event *step(struct life *l, enum tcp_state to, enum certainty certainty, const struct facts *known)
{
	enum tcp_state from = l->state;
	struct event *e;

	l->state = (uint8_t)to;
	/* A state that is only thought likely is no evidence. */
	if (certainty != CERTAINTY_AMBIGUOUS)
		side_of_state(l);
	e = life_add(l, EVENT_TRANSITION);
	e->from = (uint8_t)from;
	e->to = (uint8_t)to;
	e->certainty = (uint8_t)certainty;
	number(e, known);
	return e;
}

/* The states to avoid between FIN_WAIT1 and TIME_WAIT, when the other end tells which way it went; false when two stories fit. The FINs that crossed can
 * have been lost and sent again: whether this end passed CLOSING, the other one's CLOSING does not tell. */
static bool way_to_time_wait(struct life *l, unsigned *avoid)
{
	const struct connection *c = model_find(l->scene->model, l->base.conn);
	const struct connection *peer = c ? model_pair(l->scene->model, c) : NULL;
	const struct history *h = peer ? peer->history : NULL;
	int64_t closing_began_ns = 0;

	for (int i = 0; h && i < h->count; i++) {
		/* It closed before our FIN came to it, as we did before its own came. */
		if ((h->steps[i].to == STATE_FIN_WAIT1 || h->steps[i].to == STATE_CLOSING) && h->steps[i].certainty != CERTAINTY_AMBIGUOUS) {
			l->base.closer = SIDE_BOTH;
			l->base.closer_by = EVIDENCE_PEER;
			*avoid |= STATE_BIT(STATE_FIN_WAIT2);
			return false;
		}
		if (h->steps[i].to == STATE_CLOSE_WAIT)
			closing_began_ns = h->steps[i].t1_ns;
		/* It waited longer than any acknowledgement does, so our FIN was acknowledged before its own came. */
		if (h->steps[i].to == STATE_LAST_ACK && closing_began_ns && h->steps[i].t0_ns - closing_began_ns > DELAYED_ACK_NS) {
			*avoid |= STATE_BIT(STATE_CLOSING);
			return true;
		}
	}
	return false;
}

bool life_walk(struct life *l, enum tcp_state to, enum certainty certainty, uint8_t edge_cause, const struct facts *facts)
{
	unsigned avoid = l->avoid;
	struct edge_path path;
	bool two_ways = false;

	/* An end is one edge: the cheapest path to CLOSED would be the long way of a graceful close. */
	if (to == STATE_CLOSED && edge_find(l->state, to))
		path = (struct edge_path){.length = 1, .states = {l->state, STATE_CLOSED}};
	else if (!edge_path(l->state, to, avoid, &path))
		return false;
	for (int i = 0; i + 2 <= path.length; i++)
		if (path.states[i] == STATE_FIN_WAIT1 && to == STATE_TIME_WAIT)
			two_ways = !way_to_time_wait(l, &avoid);
	if (avoid && !edge_path(l->state, to, avoid, &path))
		return false;
	for (int i = 1; i <= path.length; i++) {
		bool last = i == path.length, guess = certainty == CERTAINTY_AMBIGUOUS;
		bool open_question = (two_ways && (path.states[i - 1] == STATE_FIN_WAIT1 || path.states[i - 1] == STATE_FIN_WAIT2)) ||
			((STATE_BIT(path.states[i - 1]) | STATE_BIT(path.states[i])) & l->doubt);
		struct event *e = step(l, path.states[i], open_question || guess ? CERTAINTY_AMBIGUOUS : last ? certainty : CERTAINTY_INFERRED, facts);

		if (last) {
			e->edge_cause = edge_cause;
			if (facts)
				e->facts = *facts;
		}
	}
	return true;
}

void life_open(struct life *l, enum tcp_state found, const struct facts *facts)
{
	/* A full socket in SYN_RECV with evidence that this side opened: both did. */
	bool passive = l->base.opener == SIDE_REMOTE || (found == STATE_SYN_RECV && l->base.opener != SIDE_LOCAL);
	enum tcp_state first = found == STATE_LISTEN ? STATE_LISTEN : passive ? STATE_SYN_RECV : STATE_SYN_SENT;
	enum side opener = l->base.opener;
	enum evidence by = l->base.opener_by;
	struct event *e;

	if (l->base.opener == SIDE_BOTH)
		first = STATE_SYN_SENT;
	e = life_add(l, EVENT_OPEN);
	e->from = first == STATE_SYN_RECV ? STATE_LISTEN : STATE_CLOSED;
	e->to = (uint8_t)first;
	e->certainty = first == found ? CERTAINTY_OBSERVED : opener == SIDE_UNKNOWN ? CERTAINTY_AMBIGUOUS : CERTAINTY_INFERRED;
	e->opener = (uint8_t)opener;
	e->opener_by = (uint8_t)by;
	number(e, NULL);
	if (first == found && facts)
		e->facts = *facts;
	l->state = (uint8_t)first;
	/* SYNs that cross lead there (RFC 9293, section 3.5). */
	if (opener == SIDE_BOTH && found != STATE_SYN_SENT && found != STATE_SYN_RECV)
		life_walk(l, STATE_SYN_RECV, CERTAINTY_INFERRED, 0, NULL);
}

void life_close(struct life *l, enum cause cause, enum certainty certainty, const struct facts *facts)
{
	struct event *e = life_add(l, EVENT_CLOSE);

	e->from = e->to = STATE_CLOSED;
	e->certainty = (uint8_t)certainty;
	e->cause = (uint8_t)cause;
	if (facts)
		e->facts = *facts;
}
