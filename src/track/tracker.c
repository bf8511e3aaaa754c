/*
 * The tracker: takes observations apart, keeps the stale from the fresh, asks infer.c what happened, applies and tells it.
 *
 * Two threads observe, so what comes here is not in order: a dump's batch may tell of a moment before a notice that is already here. A sample is
 * stale when it says of a connection what it was before it came to be what we know.
 */
#include "track/tracker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"
#include "tracker_private.h"

struct tracker *tracker_new(struct model *m, const struct tracker_config *config, event_sink *sink, void *context)
{
	struct tracker *t = memory_get_zeroed(1, sizeof(*t));

	t->model = m;
	t->config = *config;
	t->sink = sink;
	t->context = context;
	t->verdict.next_conn = 1;
	t->wants = memory_get_zeroed(WANTS_MAX, sizeof(*t->wants));
	t->scene.model = m;
	t->scene.config = &t->config;
	t->scene.passed = &t->passed;
	pendings_init(&t->pendings, config->seed);
	passed_init(&t->passed, config->seed);
	tracker_enter(t, 0);
	tracker_owners_init(t);
	return t;
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	free(t->sights);
	free(t->wants);
	tracker_owners_fini(t);
	tracker_units_fini(t);
	pendings_fini(&t->pendings);
	passed_fini(&t->passed);
	for (uint32_t i = 0; i < t->sweeps_count; i++)
		free(t->sweeps[i]);
	free(t->sweeps);
	free(t);
}

int64_t tracker_last_change(const struct tracker *t)
{
	return t->change_ns;
}

bool tracker_ready(const struct tracker *t)
{
	return t->ready;
}

/* ---- telling ---- */

struct sight *tracker_sight(struct tracker *t, const struct connection *c)
{
	return &t->sights[c->slot];
}

/* Slots come round again: a new connection begins with a clean note. */
static void note_new(struct tracker *t, const struct event *e)
{
	const struct connection *c = model_find(t->model, e->conn);

	if (!c)
		return;
	if (c->slot >= t->sight_room) {
		uint32_t room = t->sight_room + t->sight_room / 2 + 1024;

		if (room <= c->slot)
			room = c->slot + 1024;
		t->sights = memory_resize(t->sights, room, sizeof(*t->sights));
		t->sight_room = room;
		t->scene.sights = t->sights;
	}
	t->sights[c->slot] = (struct sight){.seen_ns = e->t1_ns};
}

static void tell(struct tracker *t, const struct event *e)
{
	const struct connection *c = e->conn ? model_find(t->model, e->conn) : NULL;
	bool new = e->kind == EVENT_OPEN || (e->kind == EVENT_CONNECTION && !c);
	bool was_indexed = tracker_owners_before(t, e, c);

	model_apply(t->model, e);
	if (new)
		note_new(t, e);
	if (e->conn)
		tracker_owners_after(t, model_find(t->model, e->conn), was_indexed);
	if (e->kind == EVENT_OPEN || e->kind == EVENT_TRANSITION || e->kind == EVENT_CLOSE)
		t->change_ns = e->t_ns;
	if (e->kind == EVENT_MARK && e->mark == MARK_ILLEGAL)
		t->coverage.illegal++;
	if (t->sink)
		t->sink(t->context, e);
}

void tracker_tell(struct tracker *t)
{
	for (uint32_t i = 0; i < t->verdict.count; i++)
		tell(t, &t->verdict.events[i]);
	t->verdict.count = 0;
}

void tracker_tell_coverage(struct tracker *t)
{
	struct event e = {.kind = EVENT_COVERAGE, .t_ns = t->scene.now_ns, .coverage = &t->coverage};

	tell(t, &e);
}

struct pending *tracker_pending(struct tracker *t, const struct connection *c)
{
	struct tuple tuple;

	if (!t->pendings.count)
		return NULL;
	tuple = connection_tuple(c);
	return pendings_find(&t->pendings, t->scene.netns, &tuple);
}

/* ---- wishes ---- */

bool tracker_ask(struct tracker *t, const struct connection *c, const struct tuple *tuple, enum lookup_why why)
{
	struct lookup *l;

	if (t->want_count == WANTS_MAX)
		return false;
	l = &t->wants[(t->want_first + t->want_count++) % WANTS_MAX];
	*l = (struct lookup){.tuple = tuple ? *tuple : connection_tuple(c), .netns = t->scene.netns, .why = (uint8_t)why};
	if (c)
		l->conn = c->id;
	/* A remnant that was only guessed at may have another cookie than its notice had. */
	if (c && why != LOOKUP_REMNANT && !(tracker_sight(t, c)->unseen && !connection_remnant_cookie(c)))
		l->cookie = connection_present_cookie(c);
	return true;
}

bool tracker_want(struct tracker *t, struct lookup *out)
{
	if (!t->want_count)
		return false;
	*out = t->wants[t->want_first];
	t->want_first = (t->want_first + 1) % WANTS_MAX;
	t->want_count--;
	return true;
}

/* ---- samples ---- */

static bool has_cookie(void *context, const struct connection *c)
{
	const struct sample *s = context;

	return c->cookie == s->cookie || connection_remnant_cookie(c) == s->cookie;
}

const struct connection *tracker_find(const struct tracker *t, const struct sample *s)
{
	const struct connection *c = model_find_cookie(t->model, t->scene.netns, s->cookie), *same;
	struct sample wanted = *s;

	if (!c || c->live || connection_has_tuple(c, &s->tuple))
		return c;
	same = model_find_tuple(t->model, t->scene.netns, &s->tuple, has_cookie, &wanted);
	return same ? same : c;
}

bool tracker_is_stale(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct edge_path path;

	if (!connection_has_tuple(c, &o->sample.tuple))
		return false;
	if (!c->live)
		return o->t0_ns <= c->since1_ns;
	if (o->t1_ns < tracker_sight(t, c)->seen_ns)
		return true;
	/* The socket itself, whose notice has come: only a remnant is left of it now. */
	if (tracker_sight(t, c)->noticed && o->sample.cookie == c->cookie && !sample_is_remnant(&o->sample) && o->t0_ns <= c->since1_ns)
		return true;
	if (c->state == o->sample.state || o->t0_ns > c->since1_ns || edge_path(c->state, o->sample.state, EDGE_AVOID_NONE, &path))
		return false;
	/* Wholly before, it can contradict only a guess, which time has overtaken. */
	return o->t1_ns <= c->since1_ns || edge_path(o->sample.state, c->state, EDGE_AVOID_NONE, &path);
}

struct ended_search {
	int64_t after_ns;
};

static bool ended_after(void *context, const struct connection *c)
{
	const struct ended_search *search = context;

	/* What was replaced has left nothing. */
	return !c->live && c->cause != CAUSE_REPLACED && c->since1_ns >= search->after_ns;
}

/* What nobody knows by a cookie, of a connection whose end we were told of after the dump had read it. */
static bool is_outlived(struct tracker *t, const struct observation *o)
{
	struct ended_search search = {o->t0_ns};

	return (sample_is_remnant(&o->sample) || !o->sample.cookie) && model_find_tuple(t->model, t->scene.netns, &o->sample.tuple, ended_after, &search);
}

/* ---- who is who ---- */

struct same_search {
	const struct sample *sample;
};

/*
 * Whether c may be what the sample is of, though no cookie says so: where one of them was seen in /proc/net/tcp, which has none. Listeners that share an
 * address are told apart by their inodes; else an inode tells only where both have one, and no connection jumps from state to state against the rules.
 */
static bool may_be_same(void *context, const struct connection *c)
{
	const struct sample *s = ((const struct same_search *)context)->sample;
	uint32_t inode = c->facts.knows & KNOWS_INODE ? c->facts.inode : 0;
	struct edge_path path;

	if (!c->live || (s->cookie && c->cookie))
		return false;
	if (s->state == STATE_LISTEN || c->state == STATE_LISTEN)
		return c->state == s->state && inode == s->inode;
	if (inode && s->inode && inode != s->inode)
		return false;
	/* A TIME_WAIT entry that a notice made us think of can turn out to be an orphan's FIN_WAIT2. */
	return (c->state == STATE_TIME_WAIT && sample_is_remnant(s)) || edge_path((enum tcp_state)c->state, (enum tcp_state)s->state, EDGE_AVOID_NONE, &path);
}

const struct connection *tracker_find_by_tuple(struct tracker *t, const struct sample *s)
{
	struct same_search search = {s};
	const struct connection *next = model_at(t->model, t->next_slot);

	if (next && model_netns(t->model, next) == t->scene.netns && connection_has_tuple(next, &s->tuple) && may_be_same(&search, next))
		return next;
	return model_find_tuple(t->model, t->scene.netns, &s->tuple, may_be_same, &search);
}

static const struct connection *find_known(struct tracker *t, const struct sample *s)
{
	const struct connection *c;

	if (s->cookie && model_slot_has_cookie(t->model, t->next_slot, t->scene.netns, s->cookie))
		return model_at(t->model, t->next_slot);
	c = tracker_find(t, s);
	return c || (s->cookie && !t->cookieless) ? c : tracker_find_by_tuple(t, s);
}

static void note_seen(struct tracker *t, struct sight *sight, const struct observation *o)
{
	sight->seen_ns = o->t0_ns;
	sight->counted = o->sample.numbers.segs_in != 0;
	sight->segs_in = o->sample.numbers.segs_in % (1u << SIGHT_SEGS_BITS);
	sight->data_segs_in = o->sample.numbers.data_segs_in % (1u << SIGHT_DATA_SEGS_BITS);
	sight->missed = 0;
	sight->asked = false;
	if (o->kind == OBSERVED_SAMPLE)
		sight->sweep = t->here->number;
}

/*
 * The usual case, by far: it is still there, and as it was. Who opened it may come to be known better as others are seen, so that is asked
 * again until once it was not.
 */
static bool is_as_before(struct tracker *t, const struct connection *c, const struct observation *o)
{
	struct sight *sight = tracker_sight(t, c);

	/* One that was seen without a cookie, and now has one, is told. */
	if (!c->live || !sight->settled || (o->sample.cookie && !c->cookie) || !infer_is_as_known(c, &o->sample) || !connection_has_tuple(c, &o->sample.tuple))
		return false;
	if (t->pendings.count && tracker_pending(t, c))
		return false;
	if (o->t1_ns >= sight->seen_ns)
		note_seen(t, sight, o);
	return true;
}

static void take_sample(struct tracker *t, const struct observation *o)
{
	const struct connection *c;
	struct sight *sight;
	uint64_t first_new, conn;

	if (tracker_pass(t, o))
		return;
	c = find_known(t, &o->sample);
	if (c) {
		t->next_slot = c->slot + 1;
		if (is_as_before(t, c, o))
			return;
	}
	/* A dump does not lock what it lists: this one is dying, and its port may be gone already. Its notice tells, or its absence. */
	if (o->sample.state == STATE_CLOSED) {
		if (c && c->live)
			tracker_sight(t, c)->asked = false;
		return;
	}
	if (t->pendings.count) {
		if (tracker_meets_pending(t, o))
			return;
		c = find_known(t, &o->sample);
	}
	if (c ? tracker_is_stale(t, c, o) : is_outlived(t, o))
		return;
	t->cookieless |= !o->sample.cookie;
	first_new = t->verdict.next_conn;
	infer_sample(&t->scene, c, o, !t->scene.whole[0].begin_ns, &t->verdict);
	/* The last event is of the connection that the socket has now. */
	conn = t->verdict.count ? t->verdict.events[t->verdict.count - 1].conn : 0;
	tracker_units_name(t, &o->sample);
	tracker_tell(t);
	if (conn)
		c = model_find(t->model, conn);
	if (!c || !c->live)
		return;
	t->next_slot = c->slot + 1;
	sight = tracker_sight(t, c);
	if (c->id >= first_new)
		sight->strange = sample_is_remnant(&o->sample);
	sight->settled = !conn;
	note_seen(t, sight, o);
}

/* ---- the rest ---- */

static void take_trouble(struct tracker *t, const struct observation *o)
{
	if (o->trouble.source >= SOURCE_COUNT)
		return;
	if (o->trouble.source == SOURCE_OWNER) {
		t->coverage.errors[SOURCE_OWNER] = o->trouble.error;
		t->coverage.owners_hidden = o->trouble.hidden;
	} else {
		tracker_note_error(t, o->trouble.source, o->trouble.error);
	}
	if (o->trouble.source == SOURCE_OBITUARY)
		tracker_note_loss(t);
	tracker_tell_coverage(t);
}

static void take(struct tracker *t, const struct observation *o)
{
	switch (o->kind) {
	case OBSERVED_SAMPLE:
	case OBSERVED_LOOKUP:
		take_sample(t, o);
		break;
	case OBSERVED_ABSENT:
		tracker_absent(t, o);
		break;
	case OBSERVED_END:
		tracker_end_seen(t, o);
		break;
	case OBSERVED_HEARD:
		tracker_heard(t, o);
		break;
	case OBSERVED_OWNER:
		tracker_owner_found(t, o);
		break;
	case OBSERVED_OWNERS:
		tracker_owners_stand(t, o);
		break;
	case OBSERVED_UNIT:
		tracker_unit_told(t, o);
		break;
	case OBSERVED_SWEEP_BEGIN:
		tracker_sweep_begun(t, o);
		break;
	case OBSERVED_SWEEP_END:
		tracker_sweep_ended(t, o);
		break;
	case OBSERVED_LOSS:
		t->coverage.notices_lost += o->loss.lost;
		tracker_note_loss(t);
		tracker_tell_coverage(t);
		break;
	case OBSERVED_SHED:
		tracker_shed_changed(t, o);
		break;
	case OBSERVED_TROUBLE:
		take_trouble(t, o);
		break;
	case OBSERVED_UNANSWERED:
		tracker_lookup_dropped(t, &o->asked, t->scene.now_ns);
		break;
	case OBSERVED_NETNS:
		tracker_netns_seen(t, o);
		break;
	case OBSERVED_OVER: /* for whoever calls tracker_finish */
		break;
	}
}

static void advance(struct tracker *t, int64_t now_ns)
{
	if (now_ns > t->scene.now_ns)
		t->scene.now_ns = now_ns;
	if (!t->scene.start_ns)
		t->scene.start_ns = now_ns;
}

static struct sweeps *find_sweeps(struct tracker *t, uint64_t netns)
{
	for (uint32_t i = 0; i < t->sweeps_count; i++)
		if (t->sweeps[i]->netns == netns)
			return t->sweeps[i];
	t->sweeps = memory_resize(t->sweeps, t->sweeps_count + 1u, sizeof(struct sweeps *));
	t->sweeps[t->sweeps_count] = memory_get_zeroed(1, sizeof(struct sweeps));
	t->sweeps[t->sweeps_count]->netns = netns;
	return t->sweeps[t->sweeps_count++];
}

void tracker_enter(struct tracker *t, uint64_t netns)
{
	if (!t->here || t->here->netns != netns)
		t->here = find_sweeps(t, netns);
	t->scene.netns = netns;
	t->scene.whole = t->here->whole;
}

/* So many observations ahead: long enough for memory to answer, short enough for it to stay in the cache. */
#define FORESEE_AHEAD 16u

/* Memory answers slowly, and with a million sockets nearly all of it is cold: it is asked some sockets ahead. */
static void foresee(struct tracker *t, const struct observation *o)
{
	if (t->config.passing && o->kind == OBSERVED_SAMPLE)
		passed_prefetch(&t->passed, t->scene.netns, &o->sample.tuple);
	if (t->config.passing || o->kind != OBSERVED_SAMPLE || model_slot_has_cookie(t->model, t->next_slot + FORESEE_AHEAD, t->scene.netns, o->sample.cookie))
		return;
	model_foresee(t->model, o->sample.cookie, &o->sample.tuple, FORESEE_AHEAD);
	if (o->sample.inode)
		tracker_owners_foresee(t, o->sample.inode);
}

/*
 * Two threads tell of a namespace, and the one for notices can be the later: what is said of one that was let go, and is not watched again, is of connections that
 * were told to be gone.
 */
static bool is_too_late(struct tracker *t, bool gone, const struct observation *o)
{
	if (o->kind == OBSERVED_NETNS || !gone)
		return false;
	t->coverage.late_notices += o->kind == OBSERVED_END;
	return true;
}

void tracker_observe(struct tracker *t, const struct batch *b, int64_t now_ns)
{
	bool gone = tracker_is_gone(t, b->netns);

	advance(t, now_ns);
	for (uint32_t i = 0; i < b->count; i++) {
		if (is_too_late(t, gone, &b->observations[i]))
			continue;
		tracker_enter(t, b->netns);
		if (i + FORESEE_AHEAD < b->count)
			foresee(t, &b->observations[i + FORESEE_AHEAD]);
		take(t, &b->observations[i]);
		if (b->observations[i].kind == OBSERVED_NETNS)
			gone = tracker_is_gone(t, b->netns);
	}
}

static void settle_until(struct tracker *t, int64_t deadline_ns)
{
	struct pending *p;

	while ((p = pendings_first(&t->pendings)) && p->deadline_ns <= deadline_ns)
		tracker_give_up(t, p);
}

void tracker_turn(struct tracker *t, int64_t now_ns)
{
	advance(t, now_ns);
	settle_until(t, now_ns);
}

void tracker_finish(struct tracker *t, int64_t now_ns)
{
	advance(t, now_ns);
	settle_until(t, INT64_MAX);
	tracker_shed_account(t, true);
	tracker_tell_coverage(t);
}

int64_t tracker_due(const struct tracker *t)
{
	struct pending *p = pendings_first(&t->pendings);

	return p ? p->deadline_ns : INT64_MAX;
}
