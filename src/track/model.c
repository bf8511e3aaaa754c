/*
 * model_apply(): the fold. A function for each kind of event, and below them the few places where a connection is made, changes its state, and departs.
 *
 * Events may come from a recording or from far away, so nothing here trusts them: what does not fit is ignored.
 */
#include "track/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "connection.h"
#include "model_private.h"

struct model *model_new(uint64_t seed)
{
	struct model *m = memory_get_zeroed(1, sizeof(*m));

	table_init(&m->table, seed);
	holders_init(&m->holders, seed);
	units_init(&m->units, seed);
	m->netns_count = 1;
	m->netns = memory_get_zeroed(1, sizeof(*m->netns));
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	table_fini(&m->table);
	holders_fini(&m->holders);
	units_fini(&m->units);
	for (uint16_t i = 0; i < m->netns_count; i++)
		free(m->netns[i].name);
	free(m->netns);
	free(m);
}

void model_expect(struct model *m, uint32_t connections)
{
	table_reserve(&m->table, connections);
}

/* Namespaces are few, and most sockets are in the first. */
uint16_t model_netns_index(const struct model *m, uint64_t netns)
{
	for (uint16_t i = 1; netns && i < m->netns_count; i++)
		if (m->netns[i].cookie == netns)
			return i;
	return 0;
}

static bool is_mentioned(const struct model *m, uint16_t netns)
{
	for (uint32_t slot = 0; slot < m->table.slots; slot++) {
		const struct connection *c = table_at(&m->table, slot);

		if (c && c->netns == netns)
			return true;
	}
	return false;
}

/* One that is gone, and that no connection is remembered of; 0: none. */
static uint16_t find_disused_netns(const struct model *m)
{
	for (uint16_t i = 1; i < m->netns_count; i++)
		if (m->netns[i].gone && !is_mentioned(m, i))
			return i;
	return 0;
}

static uint16_t intern_netns(struct model *m, uint64_t netns)
{
	uint16_t index = model_netns_index(m, netns);

	if (index || !netns)
		return index;
	if (m->netns_count < MODEL_NETNS_MAX) {
		m->netns = memory_resize(m->netns, m->netns_count + 1u, sizeof(*m->netns));
		index = m->netns_count++;
		m->netns[index].name = NULL;
	} else {
		index = find_disused_netns(m);
	}
	if (!index)
		return 0;
	free(m->netns[index].name);
	m->netns[index] = (struct model_netns){.cookie = netns};
	return index;
}

static void set_netns_name(struct model *m, uint64_t netns, const char *name)
{
	uint16_t index = intern_netns(m, netns);
	struct model_netns *n = &m->netns[index];
	size_t len = strlen(name);

	if (!index)
		return;
	n->name = memory_resize(n->name, len + 1, 1);
	memcpy(n->name, name, len + 1);
}

/* ---- changes to one connection ---- */

static void set_state(struct model *m, struct connection *c, enum tcp_state state)
{
	m->population[c->state]--;
	m->population[state]++;
	c->state = (uint8_t)state;
}

static void set_live(struct model *m, struct connection *c, bool live)
{
	if (c->live == live)
		return;
	c->live = live;
	m->live += live ? 1 : UINT32_MAX;
	m->population[c->state] += live ? 1 : UINT32_MAX;
	m->owners_hidden += !c->owner_hidden ? 0 : live ? 1 : UINT32_MAX;
}

static void set_owner_hidden(struct model *m, struct connection *c, bool hidden)
{
	if (c->live && c->owner_hidden != hidden)
		m->owners_hidden += hidden ? 1 : UINT32_MAX;
	c->owner_hidden = hidden;
}

/* Facts of an event replace what changes from sighting to sighting; totals and the round trip stay as last known. */
static void take_facts(struct connection *c, const struct event *e)
{
	const uint32_t momentary = KNOWS_INODE | KNOWS_UID | KNOWS_QUEUES | KNOWS_TIMER | KNOWS_NO_LIMIT;
	const uint32_t lasting = KNOWS_BYTES | KNOWS_MAYBE_FIN | KNOWS_RTT | KNOWS_RETRANS | KNOWS_CWND | KNOWS_MPTCP;
	const struct facts *new = &e->facts;
	struct facts *f = &c->facts;

	if (!(new->knows & (momentary | lasting)))
		return;
	f->knows = (uint16_t)((f->knows & ~momentary) | (new->knows & (momentary | lasting)));
	if ((new->knows & KNOWS_BYTES) && !(new->knows & KNOWS_MAYBE_FIN))
		f->knows &= (uint16_t)~KNOWS_MAYBE_FIN;
	f->inode = new->inode;
	f->uid = new->uid;
	f->rqueue = new->rqueue;
	f->wqueue = new->wqueue;
	f->timer = new->timer;
	f->timer_expires_ms = new->timer_expires_ms;
	f->retransmits = new->retransmits;
	if (new->knows & KNOWS_BYTES) {
		f->bytes_sent = new->bytes_sent;
		f->bytes_received = new->bytes_received;
	}
	if (new->knows & KNOWS_RTT)
		f->rtt_us = new->rtt_us;
	if (new->knows & KNOWS_RETRANS)
		f->total_retrans = new->total_retrans;
	if (new->knows & KNOWS_CWND)
		f->cwnd = new->cwnd;
	c->updated_ns = e->t_ns;
}

static void take_holders(struct model *m, struct connection *c, const struct event *e)
{
	if (e->holder_count) {
		uint32_t old = c->holders;

		c->holders = holders_add(&m->holders, e->holders, e->holder_count);
		holders_release(&m->holders, old);
		c->facts.knows |= KNOWS_HOLDERS;
		set_owner_hidden(m, c, false);
		c->holders_former = e->holders_former;
	} else if (e->holders_former) {
		c->holders_former = true;
	} else if (e->owner_hidden) {
		set_owner_hidden(m, c, true);
		c->holders_former = c->holders != MAP_NONE;
	}
}

static void take_unit(struct model *m, struct connection *c, const struct event *e)
{
	uint16_t old = c->unit;

	if (!e->unit)
		return;
	c->unit = units_use(&m->units, e->unit);
	units_release(&m->units, old);
}

/* Who opened and who closed; a side that is known is not forgotten. */
static void take_sides(struct connection *c, const struct event *e)
{
	if (e->opener) {
		c->opener = e->opener;
		c->opener_by = e->opener_by;
	}
	if (e->closer) {
		c->closer = e->closer;
		c->closer_by = e->closer_by;
	}
}

static void add_step(struct connection *c, const struct event *e)
{
	struct step *s = connection_add_step(c);

	s->t_ns = e->t_ns;
	s->t0_ns = e->t0_ns;
	s->t1_ns = e->t1_ns;
	s->has_seq = e->has_seq;
	s->has_ack = e->has_ack;
	s->seq = e->seq;
	s->ack = e->ack;
	s->from = e->from;
	s->to = e->to;
	s->certainty = e->certainty;
	s->when = e->when;
	s->numbers = e->numbers;
	s->edge_cause = e->edge_cause;
	s->bytes_known = e->facts.knows & KNOWS_BYTES;
	s->bytes_sent = e->facts.bytes_sent;
	s->bytes_received = e->facts.bytes_received;
}

static void enter_state(struct connection *c, const struct event *e)
{
	c->since0_ns = e->t0_ns;
	c->since1_ns = e->t1_ns;
	c->facts.knows = (c->facts.knows | KNOWS_SINCE) & ~(uint32_t)KNOWS_ATLEAST;
}

/* ---- pairs ---- */

struct pair_search {
	const struct connection *one;
	int64_t opened0_ns; /* INT64_MAX: it is not known to close */
	const struct connection *best;
	bool best_agrees;   /* its counts do, and are known */
};

/*
 * The other end of a connection that was opened after opened0_ns: alive, or, if this one closes too, gone so lately that it can have been its peer (ports come
 * round again within a second on loopback). Of several the one whose counts agree, or else the oldest, for ends are told in the order of their lives. Looks at all, so
 * it never accepts.
 */
static bool consider_pair(void *context, const struct connection *c)
{
	struct pair_search *search = context;
	bool over, agrees;

	if (c == search->one || c->pair_slot != MAP_NONE || connection_over_ns(c) < search->opened0_ns)
		return false;
	over = connection_over_ns(c) != INT64_MAX;
	if (over && !connection_counts_fit(c, &search->one->facts))
		return false;
	agrees = over && connection_counts_agree(c, &search->one->facts);
	if (!search->best || (agrees == search->best_agrees ? c->id < search->best->id : agrees)) {
		search->best = c;
		search->best_agrees = agrees;
	}
	return false;
}

static void find_pair(struct model *m, struct connection *c, int64_t opened0_ns)
{
	struct pair_search search = {.one = c, .opened0_ns = opened0_ns};
	struct tuple tuple = connection_tuple(c), mirrored = tuple_mirrored(&tuple);
	struct connection *other;

	if (!tuple.remote.port)
		return;
	mirrored.ifindex = 0;
	table_find_tuple(&m->table, c->netns, &mirrored, consider_pair, &search);
	if (!search.best)
		return;
	other = table_at(&m->table, search.best->slot);
	other->pair_slot = c->slot;
	c->pair_slot = other->slot;
}

/* ---- coming and going ---- */

static struct connection *add_connection(struct model *m, const struct event *e)
{
	struct connection *c = table_add(&m->table, e->conn, e->cookie, intern_netns(m, e->netns), &e->tuple);

	c->state = e->to;
	c->updated_ns = e->t_ns;
	set_live(m, c, true);
	return c;
}

static void evict(struct model *m, struct connection *c)
{
	struct connection *other = table_at(&m->table, c->pair_slot);

	if (other && other->pair_slot == c->slot)
		other->pair_slot = MAP_NONE;
	holders_release(&m->holders, c->holders);
	units_release(&m->units, c->unit);
	table_remove(&m->table, c);
}

/* Keeps c among the departed in place of the oldest of them. A slot in the ring can have been revived meanwhile: then it is not evicted. */
static void depart(struct model *m, struct connection *c)
{
	set_live(m, c, false);
	if (m->departed_count == MODEL_DEPARTED_MAX) {
		struct connection *oldest = table_at(&m->table, m->departed[m->departed_next]);

		if (oldest && !oldest->live)
			evict(m, oldest);
	} else {
		m->departed_count++;
	}
	m->departed[m->departed_next] = c->slot;
	m->departed_next = (m->departed_next + 1) % MODEL_DEPARTED_MAX;
}

static void undepart(struct model *m, struct connection *c)
{
	for (uint32_t i = 0; i < m->departed_count; i++)
		if (m->departed[i] == c->slot)
			m->departed[i] = MAP_NONE;
	set_live(m, c, true);
}

/* ---- the kinds of events ---- */

static bool apply_open(struct model *m, const struct event *e)
{
	struct connection *c;

	if (!e->conn || !e->to || e->to >= STATE_COUNT || table_find(&m->table, e->conn))
		return false;
	c = add_connection(m, e);
	take_facts(c, e);
	take_holders(m, c, e);
	take_unit(m, c, e);
	take_sides(c, e);
	enter_state(c, e);
	add_step(c, e);
	find_pair(m, c, INT64_MAX);
	if (e->to != STATE_LISTEN) {
		series_at(&m->series, e->t_ns)->opens++;
		m->totals.opens++;
	}
	return true;
}

/* A row: of a connection that was there before we looked, or of a keyframe. */
static bool apply_connection(struct model *m, const struct event *e)
{
	struct connection *c;

	if (!e->conn || !e->to || e->to >= STATE_COUNT)
		return false;
	c = table_find(&m->table, e->conn);
	if (!c) {
		c = add_connection(m, e);
		if (e->netns_name && !model_netns_name(m, c))
			set_netns_name(m, e->netns, e->netns_name);
		c->counted_close = e->to == STATE_TIME_WAIT;
		find_pair(m, c, 0);
	} else if (!c->live) {
		undepart(m, c);
	}
	set_state(m, c, e->to);
	table_add_cookie(&m->table, c, e->cookie);
	take_facts(c, e);
	take_holders(m, c, e);
	take_unit(m, c, e);
	take_sides(c, e);
	c->since0_ns = e->since0_ns;
	c->since1_ns = e->since1_ns;
	c->facts.knows = (c->facts.knows & ~(uint32_t)(KNOWS_SINCE | KNOWS_ATLEAST)) | (e->facts.knows & (KNOWS_SINCE | KNOWS_ATLEAST));
	return true;
}

static bool apply_transition(struct model *m, const struct event *e)
{
	struct connection *c = table_find(&m->table, e->conn);
	bool closes;

	if (!c || !c->live || !e->to || e->to >= STATE_COUNT)
		return false;
	closes = (e->to == STATE_TIME_WAIT || e->to == STATE_CLOSED) && c->state != STATE_LISTEN && !c->counted_close;
	set_state(m, c, e->to);
	table_add_cookie(&m->table, c, e->cookie);
	take_facts(c, e);
	take_holders(m, c, e);
	take_unit(m, c, e);
	take_sides(c, e);
	enter_state(c, e);
	add_step(c, e);
	if (c->pair_slot == MAP_NONE && (e->to == STATE_TIME_WAIT || (e->to == STATE_CLOSED && e->from != STATE_TIME_WAIT)))
		find_pair(m, c, connection_opened_ns(c));
	if (closes) {
		c->counted_close = true;
		series_at(&m->series, e->t_ns)->closes++;
		m->totals.closes++;
	}
	return true;
}

static void count_cause(struct model *m, const struct event *e)
{
	bool reset = e->cause == CAUSE_RESET || e->cause == CAUSE_ABORTED || e->cause == CAUSE_REFUSED;

	m->totals.graceful += e->cause == CAUSE_GRACEFUL;
	m->totals.refused += e->cause == CAUSE_REFUSED;
	if (reset) {
		m->totals.resets++;
		series_at(&m->series, e->t_ns)->resets++;
	}
}

static bool apply_update(struct model *m, const struct event *e)
{
	struct connection *c = table_find(&m->table, e->conn);

	if (!c)
		return false;
	table_add_cookie(&m->table, c, e->cookie);
	take_facts(c, e);
	take_holders(m, c, e);
	take_unit(m, c, e);
	take_sides(c, e);
	if (e->cause && e->cause != c->cause) {
		c->cause = e->cause;
		count_cause(m, e);
	}
	return true;
}

static bool apply_close(struct model *m, const struct event *e)
{
	struct connection *c = table_find(&m->table, e->conn);

	if (!c || !c->live)
		return false;
	take_facts(c, e);
	take_holders(m, c, e);
	take_unit(m, c, e);
	take_sides(c, e);
	set_state(m, c, STATE_CLOSED);
	c->cause = e->cause;
	count_cause(m, e);
	depart(m, c);
	return true;
}

static bool apply_mark(struct model *m, const struct event *e)
{
	struct connection *c = table_find(&m->table, e->conn);

	if (!c)
		return false;
	if (e->mark == MARK_ILLEGAL)
		c->warned = true;
	return true;
}

/* Sweeps come and go; only what a person would want to know is a change. */
static bool apply_coverage(struct model *m, const struct event *e)
{
	struct coverage before = m->coverage;

	if (!e->coverage)
		return false;
	m->coverage = *e->coverage;
	before.sweeps = m->coverage.sweeps;
	before.last_whole_ns = m->coverage.last_whole_ns;
	return memcmp(&before, &m->coverage, sizeof(before)) != 0;
}

static bool apply_netns(struct model *m, const struct event *e)
{
	uint16_t index = model_netns_index(m, e->netns);

	if (e->netns_name)
		set_netns_name(m, e->netns, e->netns_name);
	if (index)
		m->netns[index].gone = e->netns_gone;
	return true;
}

void model_apply(struct model *m, const struct event *e)
{
	static bool (*const apply[])(struct model *, const struct event *) = {
		[EVENT_OPEN] = apply_open,     [EVENT_TRANSITION] = apply_transition, [EVENT_UPDATE] = apply_update,     [EVENT_MARK] = apply_mark,
		[EVENT_CLOSE] = apply_close,   [EVENT_CONNECTION] = apply_connection, [EVENT_COVERAGE] = apply_coverage, [EVENT_NETNS] = apply_netns,
	};

	if (e->kind < sizeof(apply) / sizeof(*apply) && apply[e->kind] && apply[e->kind](m, e))
		m->version++;
}
