/* What happened, from what was seen. */
#include "infer.h"

#include "base/clock.h"
#include "evidence.h"
#include "life.h"

static void use_opener(struct life *l, struct side_evidence e)
{
	/* A better kind of evidence comes earlier in the list. */
	if (e.side && (!l->base.opener || e.by < l->base.opener_by)) {
		l->base.opener = e.side;
		l->base.opener_by = e.by;
	}
}

/* The first to close stays the first. */
static void use_closer(struct life *l, struct side_evidence e)
{
	if (e.side && evidence_is_own_peer(&l->base.tuple))
		e = (struct side_evidence){SIDE_BOTH, EVIDENCE_PEER};
	if (e.side && !l->base.closer) {
		l->base.closer = e.side;
		l->base.closer_by = e.by;
	}
}

static void close_at(struct life *l, const struct ending *ending, const struct facts *facts)
{
	if (!life_walk(l, STATE_CLOSED, ending->certainty, ending->edge_cause, NULL))
		return;
	life_close(l, ending->cause, ending->certainty, facts);
}

/* ---- samples ---- */

/* When the present state began, for a socket that was there before we looked. All bounds are the kernel's own clocks. */
static void bound_age(struct event *row, const struct sample *s, int64_t t_ns)
{
	const struct tcp_numbers *n = &s->numbers;

	row->facts.knows |= KNOWS_SINCE | KNOWS_ATLEAST;
	row->since1_ns = t_ns;
	if (s->state == STATE_TIME_WAIT && s->timer == 3 && s->expires_ms <= TIME_WAIT_NS / NS_PER_MS) {
		row->since0_ns = row->since1_ns = t_ns - TIME_WAIT_NS + s->expires_ms * NS_PER_MS;
		row->facts.knows &= ~(uint32_t)KNOWS_ATLEAST;
	} else if (s->state == STATE_CLOSE_WAIT && (s->has & SAMPLE_HAS_NUMBERS)) {
		/* The FIN came with or before the last acknowledgement, and not before the last data. */
		row->since0_ns = t_ns - n->last_data_recv_ms * NS_PER_MS;
		row->since1_ns = t_ns - n->last_ack_recv_ms * NS_PER_MS;
	} else if (s->state == STATE_ESTABLISHED && (s->has & SAMPLE_HAS_NUMBERS)) {
		uint32_t quiet_ms = n->last_data_recv_ms > n->last_data_sent_ms ? n->last_data_recv_ms : n->last_data_sent_ms;

		row->since1_ns = t_ns - quiet_ms * NS_PER_MS;
	}
}

void infer_row(const struct scene *scene, const struct observation *o, struct verdict *v)
{
	const struct sample *s = &o->sample;
	struct life l = life_new(scene, &s->tuple, s->cookie, o->t1_ns, v);
	struct event *row;

	use_opener(&l, evidence_opener(scene, s));
	use_closer(&l, evidence_closer(s->state));
	row = life_add(&l, EVENT_CONNECTION);
	row->to = s->state;
	row->certainty = row->when = CERTAINTY_OBSERVED;
	row->facts = evidence_facts(s, s->state);
	bound_age(row, s, o->t1_ns);
}

/* A dump can miss a socket (fact 7 of a dump: it is no snapshot). What it has heard or sent since tells that it was there before. */
static void bound_opening(struct life *l, const struct observation *o)
{
	const struct tcp_numbers *n = &o->sample.numbers;
	uint32_t quiet_ms = n->last_ack_recv_ms;
	int64_t there_ns;
	const struct whole *before;

	if (!(o->sample.has & SAMPLE_HAS_NUMBERS) || !state_is_synchronized(o->sample.state))
		return;
	if (n->last_data_recv_ms > quiet_ms)
		quiet_ms = n->last_data_recv_ms;
	if (n->last_data_sent_ms > quiet_ms)
		quiet_ms = n->last_data_sent_ms;
	there_ns = o->t0_ns - quiet_ms * NS_PER_MS - EVIDENCE_TICK_NS;
	if (there_ns >= l->t0_ns)
		return;
	before = scene_whole_before(l->scene, there_ns, 0);
	l->t0_ns = before ? before->begin_ns : 0;
}

static void tell_new(const struct scene *scene, const struct observation *o, struct verdict *v)
{
	const struct sample *s = &o->sample;
	struct life l = life_new(scene, &s->tuple, s->cookie, o->t1_ns, v);
	struct facts facts = evidence_facts(s, s->state);

	use_opener(&l, evidence_opener(scene, s));
	bound_opening(&l, o);
	life_open(&l, s->state, &facts);
	life_walk(&l, s->state, CERTAINTY_OBSERVED, 0, &facts);
}

/* What a person would see change. Timers that only run down are not a change. */
static bool facts_differ(const struct facts *a, const struct facts *b)
{
	const uint32_t compared = KNOWS_INODE | KNOWS_QUEUES | KNOWS_TIMER;

	return ((a->knows ^ b->knows) & compared) || (b->knows & ~a->knows & KNOWS_MPTCP) ||
	       a->inode != b->inode || a->rqueue != b->rqueue || a->wqueue != b->wqueue ||
	       a->timer != b->timer || a->retransmits != b->retransmits ||
	       ((b->knows & KNOWS_BYTES) && (a->bytes_sent != b->bytes_sent || a->bytes_received != b->bytes_received)) ||
	       ((b->knows & KNOWS_RETRANS) && a->total_retrans != b->total_retrans);
}

/* The state as it is, without a way that leads there. */
static void tell_row(struct life *l, const struct sample *s, const struct facts *facts)
{
	struct event *e = life_add(l, EVENT_CONNECTION);

	e->to = s->state;
	e->certainty = CERTAINTY_OBSERVED;
	e->facts = *facts;
	e->facts.knows |= KNOWS_SINCE;
	e->since0_ns = l->t0_ns;
	e->since1_ns = l->t1_ns;
}

static void tell_illegal(struct life *l, const struct sample *s, const struct facts *facts)
{
	struct event *e = life_add(l, EVENT_MARK);

	e->mark = MARK_ILLEGAL;
	e->from = l->state;
	e->to = s->state;
	e->certainty = CERTAINTY_OBSERVED;
	tell_row(l, s, facts);
}

/* A TIME_WAIT entry that only a notice made us think of: one that was seen has a timer. */
static bool is_guess(const struct connection *c)
{
	return c->state == STATE_TIME_WAIT && c->facts.timer != 3;
}

/* It was the orphan's FIN_WAIT2 after all. */
static bool refutes_guess(const struct connection *c, const struct sample *s)
{
	return is_guess(c) && s->state == STATE_FIN_WAIT2 && s->timer == 3;
}

/* Its holders let go when the inode goes. */
static bool holders_leave(const struct connection *c, const struct sample *s)
{
	return !s->inode && c->holders != MAP_NONE && !c->holders_former;
}

bool infer_is_as_known(const struct connection *c, const struct sample *s)
{
	struct facts facts = evidence_facts(s, s->state);

	return c->state == s->state && !facts_differ(&c->facts, &facts);
}

/*
 * A full socket in SYN_RECV (TCP Fast Open, crossing SYNs) can be closed before its handshake is over. Its end measures the first round trip: without one it
 * has not passed ESTABLISHED, and with one it may not have.
 */
static void question_establishment(struct life *l, const struct connection *c, const struct sample *s)
{
	bool full = (c->facts.knows & KNOWS_INODE) || c->opener == SIDE_BOTH;

	if (c->state != STATE_SYN_RECV || !full || s->state == STATE_ESTABLISHED)
		return;
	if ((s->has & SAMPLE_HAS_NUMBERS) && !s->numbers.rtt_us)
		l->avoid |= STATE_BIT(STATE_ESTABLISHED);
	else
		l->doubt |= STATE_BIT(STATE_ESTABLISHED);
}

/* The counts of a remnant are those of its notice: it takes no more data. */
static void keep_counts(const struct scene *scene, const struct connection *c, const struct sample *s, struct facts *facts)
{
	if (s->timer != TIMER_TIME_WAIT || c->facts.timer != TIMER_TIME_WAIT || !scene->sights[c->slot].noticed || !(c->facts.knows & KNOWS_BYTES))
		return;
	facts->knows |= KNOWS_BYTES;
	facts->bytes_sent = c->facts.bytes_sent;
	facts->bytes_received = c->facts.bytes_received;
}

static void tell_known(const struct scene *scene, const struct connection *c, const struct observation *o, struct verdict *v)
{
	const struct sample *s = &o->sample;
	struct life l = life_of(scene, c, o->t1_ns, v);
	struct facts facts = evidence_facts(s, s->state);
	struct event *e;

	use_opener(&l, evidence_opener(scene, s));
	if (c->state == STATE_SYN_SENT && s->state == STATE_SYN_RECV) {
		l.base.opener = SIDE_BOTH;
		l.base.opener_by = EVIDENCE_EDGE;
	}
	if (s->cookie && s->cookie != c->cookie && s->cookie != connection_remnant_cookie(c))
		l.base.cookie = s->cookie;
	question_establishment(&l, c, s);
	keep_counts(scene, c, s, &facts);
	if (c->state != s->state) {
		if (refutes_guess(c, s))
			tell_row(&l, s, &facts);
		else if (!life_walk(&l, s->state, CERTAINTY_OBSERVED, 0, &facts))
			tell_illegal(&l, s, &facts);
		v->events[v->count - 1].holders_former = holders_leave(c, s);
		return;
	}
	use_closer(&l, evidence_closer(s->state));
	if (!facts_differ(&c->facts, &facts) && l.base.opener_by == c->opener_by && l.base.closer == c->closer && l.base.cookie == c->cookie)
		return;
	e = life_add(&l, EVENT_UPDATE);
	e->to = c->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->facts = facts;
	e->holders_former = holders_leave(c, s);
}

/* We called it gone, and it is not. */
static void tell_revived(const struct scene *scene, const struct connection *c, const struct observation *o, struct verdict *v)
{
	struct life l = life_of(scene, c, o->t1_ns, v);
	struct facts facts = evidence_facts(&o->sample, o->sample.state);

	tell_illegal(&l, &o->sample, &facts);
}

/*
 * The TIME_WAIT entry that the notice of c made us expect. A socket nobody looked at before has one cookie in its notice and another in its remnant, so it is
 * known by its tuple, and by its age: the entry of an earlier or later connection on this tuple began at another time.
 */
static bool is_expected_remnant(const struct scene *scene, const struct connection *c, const struct observation *o)
{
	const struct sample *s = &o->sample;
	/* A dump can be long in coming to it. */
	const int64_t age_ns = TIME_WAIT_NS - s->expires_ms * NS_PER_MS, began0_ns = o->t0_ns - age_ns, began1_ns = o->t1_ns - age_ns;

	if (s->timer != 3 || !is_guess(c) || connection_remnant_cookie(c) || !scene->sights[c->slot].unseen)
		return false;
	if (s->state != STATE_TIME_WAIT)
		return refutes_guess(c, s);
	return began1_ns > c->since0_ns - EVIDENCE_TICK_NS && began0_ns < c->since1_ns + EVIDENCE_TICK_NS;
}

void infer_sample(const struct scene *scene, const struct connection *c, const struct observation *o, bool preexisting, struct verdict *v)
{
	const struct sample *s = &o->sample;
	const struct connection *replaced = NULL;

	/* connect(AF_UNSPEC) and a new connect() keep the cookie: another tuple is another connection, and so is one that begins again. */
	if (c && (!connection_has_tuple(c, &s->tuple) || (c->live && s->state == STATE_SYN_SENT && c->state != STATE_SYN_SENT))) {
		if (c->live) {
			infer_replaced(scene, c, o->t1_ns, v);
			replaced = c;
		}
		c = NULL;
	}
	if (c && c->live) {
		tell_known(scene, c, o, v);
		return;
	}
	/* Gone is gone: the same socket with the same ends has connected again. But a remnant is what we called closed too early. */
	if (c && s->timer == 3) {
		tell_revived(scene, c, o, v);
		return;
	}
	c = model_find_tuple(scene->model, scene->netns, &s->tuple, NULL, NULL);
	if (c && (is_expected_remnant(scene, c, o) || (s->state != STATE_SYN_RECV && evidence_is_child(scene, c, o->t1_ns, o->t1_ns)))) {
		tell_known(scene, c, o, v);
		return;
	}
	if (c && c != replaced && s->state != STATE_LISTEN)
		infer_replaced(scene, c, o->t1_ns, v);
	if (preexisting)
		infer_row(scene, o, v);
	else
		tell_new(scene, o, v);
}

void infer_replaced(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v)
{
	struct life l = life_of(scene, c, t1_ns, v);
	struct ending ending = {.certainty = CERTAINTY_AMBIGUOUS, .cause = CAUSE_REPLACED};

	/* By something that was seen before we were told of c, but is younger all the same. */
	if (l.t0_ns > t1_ns)
		l.t0_ns = c->since0_ns < t1_ns ? c->since0_ns : t1_ns;

	/* A TIME_WAIT entry is taken over by a new SYN; there the end itself is no riddle. */
	if (c->state == STATE_TIME_WAIT) {
		ending.edge_cause = ON_CONNECT + 1;
		ending.certainty = is_guess(c) ? CERTAINTY_AMBIGUOUS : CERTAINTY_INFERRED;
		ending.cause = CAUSE_GRACEFUL;
	}
	close_at(&l, &ending, NULL);
}

void infer_let_go(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v)
{
	struct life l = life_of(scene, c, t1_ns, v);

	close_at(&l, &(struct ending){.certainty = CERTAINTY_AMBIGUOUS, .cause = CAUSE_NETNS_GONE}, NULL);
}

/* ---- ends ---- */

struct mate_search {
	int64_t alive_ns, last_ns;
	struct facts facts; /* of the stranger */
	const struct connection *found;
	unsigned count;
};

/* One that was there when the stranger was last heard of, and is not known to be the other end of another. Looks at all, so it never accepts. */
static bool consider_mate(void *context, const struct connection *c)
{
	struct mate_search *search = context;
	int64_t over_ns = connection_over_ns(c);

	/* Of one that is over the counts are final. */
	if (c->pair_slot != MAP_NONE || over_ns < search->alive_ns || connection_opened_ns(c) > search->last_ns ||
	    (over_ns != INT64_MAX && !connection_counts_fit(c, &search->facts)))
		return false;
	search->found = c;
	search->count++;
	return false;
}

/* The other end, when it is ours too. Where the port came round so fast that it may be one of several, it is none. */
static const struct connection *mate_of(const struct scene *scene, const struct connection *c, const struct observation *end)
{
	struct mate_search search = {evidence_alive_until_ns(end), evidence_last_activity_ns(end), evidence_facts(&end->sample, STATE_CLOSED), NULL, 0};
	struct tuple mirrored = tuple_mirrored(&end->sample.tuple);

	if (c)
		return model_pair(scene->model, c);
	mirrored.ifindex = 0;
	model_find_tuple(scene->model, scene->netns, &mirrored, consider_mate, &search);
	return search.count == 1 ? search.found : NULL;
}

/* How it ended, if it did and that is more than a guess. */
static uint8_t sure_cause(const struct connection *mate)
{
	const struct history *h = mate && !mate->live ? mate->history : NULL;

	return h && h->count && h->steps[h->count - 1].certainty != CERTAINTY_AMBIGUOUS ? mate->cause : CAUSE_UNKNOWN;
}

/* It is in TIME_WAIT, and not only thought to be: our FIN has come to it. */
static bool has_our_fin(const struct connection *mate)
{
	return mate && mate->live && mate->state == STATE_TIME_WAIT && !is_guess(mate);
}

/* The opener of a life known from its notice alone: an excess of two is SYN and FIN of ours, none is neither. */
static struct side_evidence opener_from_notice(const struct scene *scene, const struct sample *s)
{
	int64_t excess;

	if (evidence_is_own_peer(&s->tuple))
		return (struct side_evidence){SIDE_BOTH, EVIDENCE_PEER};
	if (evidence_excess(s, &excess) && excess == 2)
		return (struct side_evidence){SIDE_LOCAL, EVIDENCE_COUNTED};
	if (evidence_excess(s, &excess) && excess == 0 && s->numbers.rtt_us && !s->numbers.unacked)
		return (struct side_evidence){SIDE_REMOTE, EVIDENCE_COUNTED};
	return evidence_opener_by_place(scene, &s->tuple);
}

/* What came since it was last seen, or since it began, by the segments that are counted. */
static void count_segments(const struct scene *scene, const struct connection *c, const struct sample *notice, struct ending_case *ending)
{
	const struct sight *sight = c ? &scene->sights[c->slot] : NULL;
	const struct tcp_numbers *n = &notice->numbers;

	if (!(notice->has & SAMPLE_HAS_SENT))
		return;
	if (!c) {
		ending->lone_fin = n->bytes_received == 1 && n->data_segs_in == 0;
	} else if (sight->counted && (c->facts.knows & KNOWS_BYTES)) {
		ending->no_segment = (n->segs_in - sight->segs_in) % (1u << SIGHT_SEGS_BITS) == 0;
		ending->lone_fin = n->bytes_received == c->facts.bytes_received + 1 && (n->data_segs_in - sight->data_segs_in) % (1u << SIGHT_DATA_SEGS_BITS) == 0;
	}
}

struct ending_case infer_ending_case(const struct scene *scene, const struct connection *c, const struct observation *end)
{
	const struct connection *mate = mate_of(scene, c, end);
	struct ending_case ending = {
		.state = c ? c->state : STATE_NONE,
		.opener = c ? c->opener : SIDE_UNKNOWN,
		.opener_by = c ? c->opener_by : EVIDENCE_NONE,
		.peer_closer = mate && mate->closer_by == EVIDENCE_EDGE ? mate->closer : SIDE_UNKNOWN,
		.peer_cause = sure_cause(mate),
		.peer_has_fin = has_our_fin(mate),
		.silent_peer = c && (c->facts.knows & KNOWS_BYTES) && end->sample.numbers.bytes_received == c->facts.bytes_received,
		.mptcp = c && (c->facts.knows & KNOWS_MPTCP),
		.noticed = true,
		.state_age_ns = c ? end->t1_ns - c->since0_ns : 0,
		.notice = &end->sample,
	};

	count_segments(scene, c, &end->sample, &ending);
	if (!ending.opener) {
		const struct side_evidence opener = opener_from_notice(scene, &end->sample);

		ending.opener = opener.side;
		ending.opener_by = opener.by;
	}
	return ending;
}

static void end_by(struct life *l, const struct ending *ending, const struct facts *facts)
{
	use_closer(l, (struct side_evidence){ending->closer, ending->closer_by});
	/* That it opened is sure, and so is what the counts tell of our FIN; that it came by LAST_ACK only as sure as the end. */
	if (ending->via)
		life_walk(l, ending->via, ending->via == STATE_LAST_ACK ? ending->certainty : CERTAINTY_INFERRED, 0, facts);
	if (ending->to == STATE_CLOSED)
		close_at(l, ending, facts);
	else
		life_walk(l, ending->to, ending->certainty, ending->edge_cause, facts);
}

/* It was let go in FIN_WAIT2, and what is left of it is in FIN_WAIT2 as well. */
static void tell_orphaned(struct life *l, const struct facts *facts)
{
	struct event *e = life_add(l, EVENT_UPDATE);

	e->to = l->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->facts = *facts;
}

/* Only the second end to be told of shows that both closed at once. */
static void tell_mate(const struct scene *scene, const struct connection *c, const struct life *l, struct verdict *v)
{
	const struct connection *mate = c && l->base.closer == SIDE_BOTH && l->base.closer_by == EVIDENCE_PEER ? model_pair(scene->model, c) : NULL;
	struct life other;
	struct event *e;

	if (!mate || !mate->live || mate->closer == SIDE_BOTH)
		return;
	other = life_of(scene, mate, l->t1_ns, v);
	other.base.closer = SIDE_BOTH;
	other.base.closer_by = EVIDENCE_PEER;
	e = life_add(&other, EVENT_UPDATE);
	e->to = mate->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->facts = mate->facts;
	e->facts.knows &= ~(uint16_t)KNOWS_HOLDERS;
}

/* As the notice counts them. Where it does not tell whether the peer's FIN is in them, a graceful end is thought to have taken it in. */
static struct facts last_facts(const struct ending_case *ending_case, const struct ending *ending)
{
	const int has_fin = ending_has_fin(ending_case);
	const bool takes_it_in = has_fin < 0 ? ending->via == STATE_LAST_ACK || ending->to == STATE_TIME_WAIT : has_fin;
	struct facts facts = evidence_facts(ending_case->notice, takes_it_in ? STATE_TIME_WAIT : (enum tcp_state)ending_case->state);

	if (has_fin < 0 && (facts.knows & KNOWS_BYTES))
		facts.knows |= KNOWS_MAYBE_FIN;
	return facts;
}

void infer_end(const struct scene *scene, const struct connection *c, const struct observation *end, enum remnant remnant,
               const struct observation *remnant_sample, struct verdict *v)
{
	const struct sample *s = &end->sample;
	struct ending_case ending_case = infer_ending_case(scene, c, end);
	struct ending ending;
	struct facts facts = {0}; /* a scrubbed notice has lost its counts */
	struct life l;

	ending_case.remnant = (uint8_t)(remnant == REMNANT_OVERTAKEN ? REMNANT_UNASKED : remnant == REMNANT_GONE ? REMNANT_NONE : remnant);
	ending_case.too_late = remnant == REMNANT_GONE || scene->now_ns - evidence_alive_until_ns(end) >= TIME_WAIT_NS;
	if (remnant == REMNANT_OVERTAKEN)
		ending_case.peer_closer = ending_case.peer_cause = ending_case.peer_has_fin = 0;
	ending = ending_judge(&ending_case);
	l = c ? life_of(scene, c, end->t1_ns, v) : life_unseen(scene, &s->tuple, s->cookie, end, v);
	if (s->tuple.remote.port)
		facts = last_facts(&ending_case, &ending);
	if (!c) {
		use_opener(&l, opener_from_notice(scene, s));
		if (ending.via == STATE_SYN_SENT)
			use_opener(&l, (struct side_evidence){SIDE_LOCAL, EVIDENCE_COUNTED});
		life_open(&l, STATE_NONE, NULL);
	}
	if (remnant_sample) {
		l.t1_ns = remnant_sample->t1_ns;
		if (remnant_sample->sample.cookie && remnant_sample->sample.cookie != l.base.cookie)
			l.base.cookie = remnant_sample->sample.cookie;
		facts.knows |= KNOWS_TIMER;
		facts.timer = remnant_sample->sample.timer;
		facts.timer_expires_ms = remnant_sample->sample.expires_ms;
	}
	/* Never seen alive, it was established all the same unless it failed to open. */
	if (!c && ending.via != STATE_SYN_SENT)
		life_walk(&l, STATE_ESTABLISHED, CERTAINTY_INFERRED, 0, NULL);
	end_by(&l, &ending, &facts);
	if (c && !v->count)
		tell_orphaned(&l, &facts);
	if (c && c->holders != MAP_NONE)
		v->events[v->count - 1].holders_former = true;
	tell_mate(scene, c, &l, v);
}

void infer_vanished(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v)
{
	const struct connection *mate = model_pair(scene->model, c);
	struct ending_case ending_case = {
		.state = c->state,
		.opener = c->opener,
		.peer_cause = sure_cause(mate),
		.peer_has_fin = has_our_fin(mate),
		.guessed = is_guess(c),
		.orphan = c->facts.timer == TIMER_TIME_WAIT,
		.early = c->facts.timer == TIMER_TIME_WAIT && t1_ns + EVIDENCE_TICK_NS < c->updated_ns + c->facts.timer_expires_ms * NS_PER_MS,
	};
	struct ending ending = ending_judge(&ending_case);
	struct life l = life_of(scene, c, t1_ns, v);

	end_by(&l, &ending, NULL);
	if (c->holders != MAP_NONE)
		v->events[v->count - 1].holders_former = true;
}

void infer_late_notice(const struct scene *scene, const struct connection *c, const struct observation *end, struct verdict *v)
{
	struct ending_case ending_case = infer_ending_case(scene, c, end);
	struct life l = life_of(scene, c, end->t1_ns, v);
	struct facts facts = evidence_facts(&end->sample, STATE_TIME_WAIT);
	struct event *e = life_add(&l, EVENT_UPDATE);

	e->to = c->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->facts = facts;
	if (c->live) {
		/* The remnant's timer stays what it is. */
		e->facts.knows = (facts.knows & ~(uint32_t)(KNOWS_QUEUES | KNOWS_INODE | KNOWS_UID)) | (c->facts.knows & KNOWS_TIMER);
		e->facts.timer = c->facts.timer;
		e->facts.timer_expires_ms = c->facts.timer_expires_ms;
		return;
	}
	ending_case.late = true;
	if (c->history && c->history->count)
		ending_case.state = c->history->steps[c->history->count - 1].from;
	if (c->cause == CAUSE_UNKNOWN || c->cause == CAUSE_AMBIGUOUS || c->cause == CAUSE_RESET) {
		struct ending ending = ending_judge(&ending_case);

		if (ending.cause != c->cause) {
			e->cause = ending.cause;
			e->certainty = ending.certainty;
		}
	}
}
