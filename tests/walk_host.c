/* The simulated host: see walk_host.h. */
#include "walk_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"
#include "tcp/flags.h"

#define TIME_WAIT_MS 60000
#define PIECE_MAX 64u
#define FIRST_PORT 33000u

const char *walk_step_name(enum step_kind kind)
{
	static const char *const names[STEP_KINDS] = {
#define X(name, what) [STEP_##name] = #name,
		STEPS(X)
#undef X
	};

	return names[kind];
}

/* ---- chance ---- */

static uint64_t draw(struct walk_host *h)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random * 0x2545f4914f6cdd1du;
}

static uint32_t below(struct walk_host *h, uint32_t n)
{
	return (uint32_t)(draw(h) >> 33) % n;
}

static bool chance(struct walk_host *h, double p)
{
	return (double)(draw(h) >> 11) / (double)(1ull << 53) < p;
}

/* ---- places ---- */

uint32_t walk_namespace(const struct walk_host *h, uint32_t place)
{
	return place / h->places_each;
}

static const struct tuple *tuple_at(const struct walk_host *h, uint32_t place)
{
	return &h->tuples[place % h->places_each];
}

static bool is_listener(const struct walk_host *h, uint32_t place)
{
	return place % h->places_each >= 2 * h->config.ports;
}

/* Its client is the peer. */
static bool is_server(const struct walk_host *h, uint32_t place)
{
	return place % h->places_each >= h->config.ports && !is_listener(h, place);
}

/* Within its namespace. A listener is never asked for by name. */
static uint32_t place_of(const struct walk_host *h, const struct tuple *t)
{
	bool server = t->local.port == 80;
	uint32_t port = (server ? t->remote.port : t->local.port) - FIRST_PORT;

	if (port >= h->config.ports)
		abort();
	return server ? h->config.ports + port : port;
}

static void make_tuples(struct walk_host *h)
{
	uint32_t ports = h->config.ports;

	h->places_each = 2 * ports + LISTENERS;
	h->place_count = h->places_each * h->config.namespaces;
	h->tuples = memory_get_zeroed(h->places_each, sizeof(*h->tuples));
	for (uint32_t i = 0; i < ports; i++) {
		char client[32];
		struct tuple t;

		snprintf(client, sizeof(client), "10.0.0.1:%u", FIRST_PORT + i);
		h->tuples[i] = world_tuple(client, "10.0.0.3:80");
		t = world_tuple(client, "10.0.0.2:80");
		h->tuples[ports + i] = tuple_mirrored(&t);
	}
	for (uint32_t i = 2 * ports; i < h->places_each; i++)
		h->tuples[i] = world_tuple("0.0.0.0:80", "0.0.0.0:0");
}

void walk_host_init(struct walk_host *h, const struct walk_config *config)
{
	memset(h, 0, sizeof(*h));
	h->config = *config;
	make_tuples(h);
	h->at_place = memory_get_zeroed(h->place_count, sizeof(*h->at_place));
	h->next_inode = 1000;
	h->stream = batch_new();
	for (unsigned i = 0; i < NAMESPACES_MAX; i++)
		h->next_cookie[i] = 1;
	world_start(&h->world);
	h->world.quiet = true;
}

void walk_host_fini(struct walk_host *h)
{
	world_end(&h->world);
	batch_free(h->stream);
	for (unsigned i = 0; i < NAMESPACES_MAX; i++)
		free(h->by_cookie[i]);
	free(h->notices);
	free(h->lives);
	free(h->at_place);
	free(h->tuples);
}

/* ---- cookies ---- */

static uint64_t index_cookie(struct walk_host *h, uint32_t netns, uint64_t cookie, uint32_t life, uint32_t *older)
{
	uint64_t room = h->cookie_room[netns];

	if (cookie >= room) {
		h->cookie_room[netns] = cookie + cookie / 2 + 4096;
		h->by_cookie[netns] = memory_resize(h->by_cookie[netns], h->cookie_room[netns], sizeof(uint32_t));
		memset(h->by_cookie[netns] + room, 0, (h->cookie_room[netns] - room) * sizeof(uint32_t));
	}
	*older = h->by_cookie[netns][cookie];
	h->by_cookie[netns][cookie] = life + 1;
	return cookie;
}

/* They are made when somebody first looks. */
static void need_cookie(struct walk_host *h, struct life *l)
{
	uint32_t netns = walk_namespace(h, l->place);

	if (!l->cookie)
		l->cookie = index_cookie(h, netns, h->next_cookie[netns]++, (uint32_t)(l - h->lives), &l->older);
}

static void need_remnant_cookie(struct walk_host *h, struct life *l)
{
	uint32_t netns = walk_namespace(h, l->place);

	if (!l->remnant_cookie)
		l->remnant_cookie = index_cookie(h, netns, h->next_cookie[netns]++, (uint32_t)(l - h->lives), &l->remnant_older);
}

struct life *walk_host_find(const struct walk_host *h, uint64_t netns, uint64_t cookie, const struct tuple *t)
{
	uint32_t at;

	if (netns < 1 || netns > h->config.namespaces || cookie >= h->cookie_room[netns - 1])
		return NULL;
	for (at = h->by_cookie[netns - 1][cookie]; at; at = h->lives[at - 1].cookie == cookie ? h->lives[at - 1].older : h->lives[at - 1].remnant_older)
		if (tuple_equal(tuple_at(h, h->lives[at - 1].place), t))
			return &h->lives[at - 1];
	return NULL;
}

/* ---- the kernel ---- */

static void enter(struct walk_host *h, struct life *l, enum tcp_state from, enum tcp_state state)
{
	l->state = (uint8_t)state;
	l->changed_ns = l->active_ns = h->world.now_ns;
	if (l->logged == LOG_MAX)
		abort();
	l->log[l->logged].state = (uint8_t)state;
	l->log[l->logged++].t_ns = h->world.now_ns;
	if (h->tell) {
		char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

		tuple_format_local(tuple_at(h, l->place), local);
		tuple_format_remote(tuple_at(h, l->place), remote);
		printf("# %10.3f truth: life %u at %u (%s > %s, cookie %llu) %s>%s\n", (double)(h->world.now_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS,
		       (unsigned)(l - h->lives), l->place, local, remote, (unsigned long long)l->cookie, state_name(from), state_name(state));
	}
}

/* A TIME_WAIT entry goes by itself. */
static void expire(struct walk_host *h, struct life *l)
{
	int64_t now_ns = h->world.now_ns, end_ns = l->remnant_ns + TIME_WAIT_MS * NS_PER_MS;

	if (l->state != STATE_TIME_WAIT || now_ns < end_ns)
		return;
	l->cause = CAUSE_GRACEFUL;
	h->world.now_ns = end_ns;
	enter(h, l, STATE_TIME_WAIT, STATE_CLOSED);
	h->world.now_ns = now_ns;
}

static struct life *life_at(struct walk_host *h, uint32_t place)
{
	struct life *l = h->at_place[place] ? &h->lives[h->at_place[place] - 1] : NULL;

	if (l)
		expire(h, l);
	return l;
}

static struct life *be_born(struct walk_host *h, uint32_t place, enum tcp_state from, enum tcp_state state)
{
	struct life *l;

	if (h->life_count == h->life_room) {
		h->life_room += h->life_room / 2 + 1024;
		h->lives = memory_resize(h->lives, h->life_room, sizeof(*h->lives));
	}
	l = &h->lives[h->life_count++];
	memset(l, 0, sizeof(*l));
	l->place = place;
	h->at_place[place] = h->life_count;
	enter(h, l, from, state);
	return l;
}

static bool is_alive(const struct life *l)
{
	return l && l->state != STATE_CLOSED;
}

static void notify(struct walk_host *h, struct life *l)
{
	const struct tuple *t = tuple_at(h, l->place);
	struct walk_notice *n;

	l->full = l->held = false;
	need_cookie(h, l);
	if (chance(h, h->config.lose)) {
		l->uncertain = true;
		return;
	}
	if (h->notice_count == h->notice_room) {
		h->notice_room += h->notice_room / 2 + 256;
		h->notices = memory_resize(h->notices, h->notice_room, sizeof(*h->notices));
	}
	n = &h->notices[h->notice_count++];
	n->life = (uint32_t)(l - h->lives);
	n->sample = world_notice(l->cookie, t, (l->synced && !is_server(h, l->place)) + l->fin_acked);
	n->sample.numbers.rtt_us = l->synced ? 30 : 0;
	n->sample.numbers.segs_in = l->synced ? 5 : l->cause == CAUSE_REFUSED;
	n->sample.numbers.total_retrans = n->sample.numbers.retransmits = l->cause == CAUSE_TIMED_OUT ? 6 : 0;
	if (!l->synced)
		n->sample.numbers.bytes_sent = n->sample.numbers.bytes_acked = n->sample.numbers.bytes_received = 0;
	n->made_ns = h->world.now_ns;
	n->due_ns = h->world.now_ns + below(h, 3000) * NS_PER_US;
	n->sample.numbers.last_ack_recv_ms = n->sample.numbers.last_data_recv_ms = n->sample.numbers.last_data_sent_ms =
		(uint32_t)((h->world.now_ns - (l->remnant_ns ? l->remnant_ns : l->active_ns)) / NS_PER_MS);
	if (l->scrubbed)
		n->sample.tuple.remote = (struct endpoint){.port = 0};
}

/*
 * Nobody connects from the same port within a second after a request that failed, or was answered; and a new SYN may take a TIME_WAIT entry over after a second.
 */
static bool make_room(struct walk_host *h, uint32_t place)
{
	struct life *l = life_at(h, place);

	if (!l)
		return true;
	if (is_server(h, place) && h->world.now_ns - l->log[l->logged > 1].t_ns < 1500 * NS_PER_MS)
		return false;
	if (l->state == STATE_CLOSED)
		return true;
	if (l->state != STATE_TIME_WAIT || l->full || h->world.now_ns - l->remnant_ns < 1100 * NS_PER_MS)
		return false;
	l->cause = CAUSE_GRACEFUL;
	enter(h, l, STATE_TIME_WAIT, STATE_CLOSED);
	return true;
}

static void open_life(struct walk_host *h, uint32_t place)
{
	struct life *l;

	if (is_listener(h, place) || !make_room(h, place))
		return;
	if (is_server(h, place)) {
		be_born(h, place, STATE_LISTEN, STATE_SYN_RECV);
		return;
	}
	l = be_born(h, place, STATE_CLOSED, STATE_SYN_SENT);
	l->full = l->accepted = true;
	l->inode = h->next_inode++;
}

static void change_listener(struct walk_host *h, uint32_t place)
{
	struct life *l = life_at(h, place);

	if (!is_listener(h, place))
		return;
	if (is_alive(l)) {
		l->cause = CAUSE_LISTENER_CLOSED;
		enter(h, l, STATE_LISTEN, STATE_CLOSED);
		l->scrubbed = true;
		notify(h, l);
		return;
	}
	l = be_born(h, place, STATE_CLOSED, STATE_LISTEN);
	l->full = l->accepted = true;
	l->inode = h->next_inode++;
}

static void leave_remnant(struct walk_host *h, struct life *l)
{
	l->remnant_ns = h->world.now_ns;
	l->remnant_cookie = l->cookie;
	if (chance(h, 0.1) && l->state == STATE_TIME_WAIT)
		l->held = true;
	else
		notify(h, l);
	l->full = false;
}

static enum cause cause_of(const struct edge *e)
{
	switch (e->cause) {
	case ON_RESET: return e->from == STATE_SYN_SENT ? CAUSE_REFUSED : e->from == STATE_TIME_WAIT ? CAUSE_GRACEFUL : CAUSE_RESET;
	case ON_TIMEOUT: return e->from == STATE_TIME_WAIT ? CAUSE_GRACEFUL : CAUSE_TIMED_OUT;
	case ON_SEGMENT: return CAUSE_GRACEFUL;
	default: return CAUSE_ABORTED;
	}
}

static void take_edge(struct walk_host *h, struct life *l, const struct edge *e)
{
	bool full = l->full;

	if (e->on == FLAG_ACK && (e->from == STATE_FIN_WAIT1 || e->from == STATE_CLOSING || e->from == STATE_LAST_ACK))
		l->fin_acked = true;
	if (e->from == STATE_FIN_WAIT1 && e->to == STATE_TIME_WAIT)
		l->fin_acked = true;
	l->scrubbed = e->to == STATE_CLOSED && ((e->cause == ON_ABORT && e->from != STATE_TIME_WAIT && chance(h, 0.5)) ||
	                                        (e->from == STATE_SYN_SENT && e->cause == ON_RESET && chance(h, 0.5)));
	if (e->to == STATE_CLOSED)
		l->cause = (uint8_t)cause_of(e);
	enter(h, l, e->from, e->to);
	/* closed, or merely shut down */
	if ((e->to == STATE_FIN_WAIT1 || e->to == STATE_LAST_ACK) && chance(h, 0.8))
		l->orphan = true;
	if (state_is_synchronized(e->to)) {
		l->synced = true;
		l->full = full || e->to == STATE_ESTABLISHED || e->to == STATE_CLOSE_WAIT || e->to == STATE_FIN_WAIT1;
	}
	if (!l->full || (l->remnant_ns && e->to != STATE_CLOSED))
		return;
	if (e->to == STATE_TIME_WAIT || (e->to == STATE_FIN_WAIT2 && chance(h, 0.3))) {
		leave_remnant(h, l);
	} else if (e->to == STATE_CLOSED) {
		l->full = false;
		if (e->cause == ON_RESET && !l->scrubbed && chance(h, 0.2))
			l->held = true;
		else
			notify(h, l);
	}
}

/* Before its time, by a RST (RFC 1337); a new SYN is open_life's. */
static void leave_time_wait(struct walk_host *h, struct life *l)
{
	l->assassinated = chance(h, 0.02);
	if (l->assassinated)
		take_edge(h, l, edge_find_by(STATE_TIME_WAIT, STATE_CLOSED, ON_RESET));
}

static void change(struct walk_host *h, uint32_t place)
{
	struct life *l = life_at(h, place);
	const struct edge *choices[16];
	unsigned count = 0;

	if (!l || is_listener(h, place))
		return;
	if (l->held && chance(h, 0.2)) {
		/* Never sampled, it may look as if it had ended long ago. */
		l->uncertain |= !l->seen;
		l->late = true;
		notify(h, l);
		return;
	}
	if (l->state == STATE_CLOSED)
		return;
	if (l->state == STATE_TIME_WAIT) {
		leave_time_wait(h, l);
		return;
	}
	for (size_t i = 0; i < edge_count; i++)
		for (unsigned weight = 0; edge_table[i].from == l->state && weight * edge_table[i].usual < 3 && count < 16; weight++)
			choices[count++] = &edge_table[i];
	take_edge(h, l, choices[below(h, count)]);
}

static void poke(struct walk_host *h, uint32_t place)
{
	struct life *l = life_at(h, place);

	if (!l || !l->full || is_listener(h, place))
		return;
	if (is_server(h, place) && !l->accepted && state_is_synchronized(l->state)) {
		l->accepted = true;
		l->inode = h->next_inode++;
	} else if (l->state == STATE_ESTABLISHED || l->state == STATE_CLOSE_WAIT) {
		l->rqueue = below(h, 5);
		l->active_ns = h->world.now_ns;
	}
}

/* With this very socket. */
static bool was_there_before(const struct walk_host *h, const struct life *l, uint32_t place)
{
	for (; l->place != place; l = &h->lives[l->older - 1])
		if (!l->older)
			return false;
	return true;
}

/*
 * connect(AF_UNSPEC), bind() and connect(): cookie and inode stay. The old connection gets no notice, for the socket lives on. That it was connected to the same
 * place twice, nobody could tell from outside.
 */
static void reconnect(struct walk_host *h, uint32_t place)
{
	uint32_t other = place - place % h->places_each + below(h, h->config.ports), old = h->at_place[place];
	struct life *l;

	if (!old || is_server(h, place) || is_listener(h, place))
		return;
	l = &h->lives[old - 1];
	if (!l->full || l->orphan || (l->state != STATE_ESTABLISHED && l->state != STATE_CLOSE_WAIT))
		return;
	if (was_there_before(h, l, other) || !make_room(h, other))
		return;
	l->cause = CAUSE_ABORTED;
	enter(h, l, (enum tcp_state)l->state, STATE_CLOSED);
	l->full = false;
	need_cookie(h, l);
	l = be_born(h, other, STATE_CLOSED, STATE_SYN_SENT);
	l->full = l->accepted = true;
	l->inode = h->lives[old - 1].inode;
	l->cookie = index_cookie(h, walk_namespace(h, place), h->lives[old - 1].cookie, h->life_count - 1, &l->older);
}

/* ---- what a dump or look-up shows of it now ---- */

static bool look(struct walk_host *h, struct life *l, struct sample *s)
{
	const struct tuple *t = tuple_at(h, l->place);
	int64_t age_ms;
	bool remnant = l->remnant_ns && (l->state == STATE_TIME_WAIT || l->state == STATE_FIN_WAIT2);

	if (l->state == STATE_CLOSED)
		return false;
	if (remnant) {
		need_remnant_cookie(h, l);
		age_ms = (h->world.now_ns - l->remnant_ns) / NS_PER_MS;
		/* An orphan's FIN_WAIT2 is let live longer here. */
		*s = world_remnant(l->remnant_cookie, t, l->state, age_ms < TIME_WAIT_MS ? (uint32_t)(TIME_WAIT_MS - age_ms) : 0);
		return true;
	}
	need_cookie(h, l);
	*s = world_socket(l->cookie, t, l->state, is_server(h, l->place));
	s->inode = l->full && l->accepted && !l->orphan ? l->inode : 0;
	s->rqueue = l->rqueue;
	s->numbers.last_ack_recv_ms = s->numbers.last_data_recv_ms = s->numbers.last_data_sent_ms =
		(uint32_t)((h->world.now_ns - l->active_ns) / NS_PER_MS);
	return true;
}

/* ---- the stream of the thread that looks ---- */

static void deliver(struct walk_host *h)
{
	struct batch *b = h->stream;

	if (!b->count)
		return;
	h->world.now_ns += NS_PER_US;
	h->observations += b->count;
	tracker_observe(h->world.tracker, b, h->world.now_ns);
	for (uint32_t i = 0; i < b->count; i++)
		if (b->observations[i].kind == OBSERVED_OWNER)
			free(b->observations[i].owner.holders);
	b->count = 0;
}

static struct observation *add(struct walk_host *h, uint32_t netns, enum observation_kind kind, int64_t t0_ns)
{
	struct observation *o;

	if (h->stream->netns != netns + 1)
		deliver(h);
	h->stream->netns = netns + 1;
	o = batch_add(h->stream, kind, t0_ns, h->world.now_ns);
	if (o)
		return o;
	deliver(h);
	return batch_add(h->stream, kind, t0_ns, h->world.now_ns);
}

static void begin_sweep(struct walk_host *h, uint32_t netns, enum sweep_kind kind, bool exact)
{
	if (h->sweep.on)
		return;
	h->sweep.on = true;
	h->sweep.exact = exact;
	h->sweep.kind = (uint8_t)kind;
	h->sweep.begin = h->sweep.at = netns * h->places_each;
	h->sweep.end = h->sweep.begin + h->places_each;
	h->sweep.cut = kind == WALK_CUT ? h->sweep.begin + below(h, h->places_each) : UINT32_MAX;
	h->sweep.before_ns = h->world.now_ns;
	add(h, netns, OBSERVED_SWEEP_BEGIN, h->world.now_ns);
}

#define PASSING (STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK))

static void end_sweep(struct walk_host *h)
{
	static const uint8_t cuts[] = {SWEEP_FAILED, SWEEP_TRUNCATED, SWEEP_STOPPED};
	struct observation *o = add(h, walk_namespace(h, h->sweep.begin), OBSERVED_SWEEP_END, h->world.now_ns);

	h->sweep.on = false;
	o->sweep.number = ++h->world.sweeps;
	o->sweep.states = h->sweep.kind == WALK_MASKED ? PASSING : ~0u;
	o->sweep.why_not = h->sweep.kind == WALK_MASKED ? SWEEP_MASKED : h->sweep.kind == WALK_CUT ? cuts[below(h, 3)] : SWEEP_WHOLE;
	o->sweep.error = o->sweep.why_not == SWEEP_FAILED ? -16 : 0;
}

static void list(struct walk_host *h, uint32_t place)
{
	struct life *l = life_at(h, place);
	bool whole = h->sweep.kind == WALK_WHOLE, omit;
	struct sample s;

	if (!l)
		return;
	omit = !h->sweep.exact && !(whole && l->omitted) && chance(h, h->config.omit);
	if (whole)
		l->omitted = omit;
	l->ever_omitted |= omit;
	if (omit || !look(h, l, &s) || (h->sweep.kind == WALK_MASKED && !(PASSING & STATE_BIT(s.state))))
		return;
	l->seen = true;
	for (int times = !h->sweep.exact && chance(h, h->config.omit) ? 2 : 1; times > 0; times--)
		add(h, walk_namespace(h, place), OBSERVED_SAMPLE, h->sweep.before_ns)->sample = s;
}

/* One buffer of the dump; the next is filled while this one is on its way. */
static void next_piece(struct walk_host *h, uint32_t size)
{
	if (!h->sweep.on)
		return;
	deliver(h);
	for (; size > 0 && h->sweep.at < h->sweep.end && h->sweep.at < h->sweep.cut; size--)
		list(h, h->sweep.at++);
	h->sweep.before_ns = h->world.now_ns;
	if (h->sweep.at == h->sweep.end || h->sweep.at == h->sweep.cut)
		end_sweep(h);
}

static void answer_one(struct walk_host *h, const struct lookup *wanted)
{
	uint32_t netns = (uint32_t)wanted->netns - 1, place = netns * h->places_each + place_of(h, &wanted->tuple);
	struct life *l = life_at(h, place);
	struct observation *o;
	struct sample s;
	bool found = l && look(h, l, &s) && (!wanted->cookie || wanted->cookie == s.cookie);

	o = add(h, netns, found ? OBSERVED_LOOKUP : OBSERVED_ABSENT, h->world.now_ns);
	if (found) {
		o->sample = s;
		l->seen = true;
	} else {
		o->asked = *wanted;
	}
}

static void answer_lookups(struct walk_host *h, bool all)
{
	struct lookup wanted;

	while (tracker_want(h->world.tracker, &wanted)) {
		if (all || !chance(h, h->config.unanswered))
			answer_one(h, &wanted);
		else if (chance(h, 0.5))
			tracker_lookup_dropped(h->world.tracker, &wanted, h->world.now_ns);
		else if (chance(h, 0.5))
			add(h, (uint32_t)wanted.netns - 1, OBSERVED_UNANSWERED, h->world.now_ns)->asked = wanted;
	}
}

static void find_owner(struct walk_host *h, uint32_t place, uint32_t pid)
{
	struct life *l = life_at(h, place);
	struct observation *o;

	if (!l || !l->inode)
		return;
	o = add(h, walk_namespace(h, place), OBSERVED_OWNER, h->world.now_ns);
	o->owner.inode = l->inode;
	o->owner.state = pid ? OWNER_FOUND : OWNER_HIDDEN;
	o->owner.count = pid ? 1 : 0;
	o->owner.holders = memory_get_zeroed(1, sizeof(struct holder));
	o->owner.holders[0].pid = pid;
	o->owner.holders[0].fd = 3;
}

/* ---- notices ---- */

/* It came since it was made. */
static void hand_over(struct walk_host *h, uint32_t netns, const struct walk_notice *n)
{
	struct batch *b = h->world.batch;

	h->world.now_ns += NS_PER_US;
	h->observations++;
	b->netns = netns + 1;
	batch_add(b, OBSERVED_END, n->made_ns, h->world.now_ns)->sample = n->sample;
	tracker_observe(h->world.tracker, b, h->world.now_ns);
	b->count = 0;
}

static void deliver_notices(struct walk_host *h, bool all)
{
	for (uint32_t i = 0; i < h->notice_count;) {
		struct walk_notice n = h->notices[i];
		struct life *l = &h->lives[n.life];

		if (!all && n.due_ns > h->world.now_ns) {
			i++;
			continue;
		}
		h->notices[i] = h->notices[--h->notice_count];
		l->seen |= n.sample.tuple.remote.port != 0;
		hand_over(h, walk_namespace(h, l->place), &n);
	}
}

/* ---- steps ---- */

static void pass(struct walk_host *h, int64_t ns)
{
	h->world.now_ns += ns;
	world_pass_ms(&h->world, 0);
}

void walk_host_step(struct walk_host *h, const struct walk_step *s)
{
	h->random = s->random * 0x9e3779b97f4a7c15u + 1;
	switch (s->kind) {
	case STEP_OPEN: open_life(h, s->place); break;
	case STEP_CHANGE: change(h, s->place); break;
	case STEP_POKE: poke(h, s->place); break;
	case STEP_RECONNECT: reconnect(h, s->place); break;
	case STEP_LISTEN: change_listener(h, s->place); break;
	case STEP_PASS: pass(h, s->place * NS_PER_US); break;
	case STEP_SWEEP: begin_sweep(h, walk_namespace(h, s->place), (enum sweep_kind)(chance(h, 0.75) ? WALK_WHOLE : below(h, 3)), false); break;
	case STEP_PIECE: next_piece(h, 1 + below(h, PIECE_MAX)); break;
	case STEP_ANSWER: answer_lookups(h, false); break;
	case STEP_DELIVER: deliver(h); break;
	case STEP_OWNER: find_owner(h, s->place, below(h, 4)); break;
	default: abort();
	}
	deliver_notices(h, false);
}

void walk_host_settle(struct walk_host *h)
{
	h->random = 1;
	while (h->sweep.on)
		next_piece(h, PIECE_MAX);
	deliver(h);
	deliver_notices(h, true);
}

void walk_host_sweep_quietly(struct walk_host *h)
{
	pass(h, NS_PER_SECOND);
	answer_lookups(h, true);
	deliver(h);
	for (uint32_t netns = 0; netns < h->config.namespaces; netns++) {
		begin_sweep(h, netns, WALK_WHOLE, true);
		walk_host_settle(h);
		answer_lookups(h, true);
		deliver(h);
	}
}

void walk_host_find_owners(struct walk_host *h)
{
	for (uint32_t place = 0; place < h->place_count; place++) {
		struct life *l = life_at(h, place);

		if (is_alive(l) && l->full && l->accepted && !l->orphan)
			find_owner(h, place, l->inode + 1);
	}
	deliver(h);
}
