/* The kernel of the simulated host: see walk_kernel.h. */
#include "walk_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"
#include "tcp/flags.h"

#define TIME_WAIT_MS 60000
#define FIRST_PORT 33000u

/* ---- chance ---- */

static uint64_t draw(struct walk_host *h)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random * 0x2545f4914f6cdd1du;
}

uint32_t walk_below(struct walk_host *h, uint32_t n)
{
	return (uint32_t)(draw(h) >> 33) % n;
}

bool walk_chance(struct walk_host *h, double p)
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
uint32_t walk_place_of(const struct walk_host *h, const struct tuple *t)
{
	bool server = t->local.port == 80;
	uint32_t port = (server ? t->remote.port : t->local.port) - FIRST_PORT;

	if (port >= h->config.ports)
		abort();
	return server ? h->config.ports + port : port;
}

void walk_make_tuples(struct walk_host *h)
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

struct life *walk_life_at(struct walk_host *h, uint32_t place)
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

bool walk_is_alive(const struct life *l)
{
	return l && l->state != STATE_CLOSED;
}

/* What has come to it. */
static void tell_counts(const struct life *l, struct tcp_numbers *n)
{
	n->segs_in = l->segs_in;
	n->data_segs_in = l->data_segs_in;
	n->bytes_received = l->bytes_in;
}

static void notify(struct walk_host *h, struct life *l)
{
	const struct tuple *t = tuple_at(h, l->place);
	struct walk_notice *n;

	l->full = l->held = false;
	need_cookie(h, l);
	if (walk_chance(h, h->config.lose)) {
		l->uncertain = true;
		h->lost[walk_namespace(h, l->place)]++;
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
	tell_counts(l, &n->sample.numbers);
	n->sample.numbers.total_retrans = n->sample.numbers.retransmits = l->cause == CAUSE_TIMED_OUT ? 6 : 0;
	if (!l->synced)
		n->sample.numbers.bytes_sent = n->sample.numbers.bytes_acked = 0;
	n->made_ns = h->world.now_ns;
	n->due_ns = h->world.now_ns + walk_below(h, 3000) * NS_PER_US;
	n->sample.numbers.last_ack_recv_ms = n->sample.numbers.last_data_recv_ms = n->sample.numbers.last_data_sent_ms =
		(uint32_t)((h->world.now_ns - (l->remnant_ns ? l->remnant_ns : l->active_ns)) / NS_PER_MS);
	if (l->scrubbed)
		n->sample.tuple.remote = (struct endpoint){.port = 0};
}

/*
 * Nobody connects from the same port within a second after a request that failed, or was answered, or at once after an end; and a new SYN may take a
 * TIME_WAIT entry over after a second.
 */
static bool make_room(struct walk_host *h, uint32_t place)
{
	struct life *l = walk_life_at(h, place);

	if (!l)
		return true;
	if (is_server(h, place) && (h->world.now_ns - l->log[l->logged > 1].t_ns < 1500 * NS_PER_MS || h->world.now_ns - l->changed_ns < 200 * NS_PER_MS))
		return false;
	if (l->state == STATE_CLOSED)
		return true;
	if (l->state != STATE_TIME_WAIT || l->full || h->world.now_ns - l->remnant_ns < 1100 * NS_PER_MS)
		return false;
	l->cause = CAUSE_GRACEFUL;
	enter(h, l, STATE_TIME_WAIT, STATE_CLOSED);
	return true;
}

void walk_open(struct walk_host *h, uint32_t place)
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

void walk_change_listener(struct walk_host *h, uint32_t place)
{
	struct life *l = walk_life_at(h, place);

	if (!is_listener(h, place))
		return;
	if (walk_is_alive(l)) {
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
	/* Of one whose notice is yet to come while older ones are read late, nobody could tell that what it left, or took away, is not theirs. */
	if (walk_chance(h, 0.1) && l->state == STATE_TIME_WAIT && !h->held_until_ns)
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
	l->scrubbed = e->to == STATE_CLOSED && ((e->cause == ON_ABORT && e->from != STATE_TIME_WAIT && walk_chance(h, 0.5)) ||
	                                        (e->from == STATE_SYN_SENT && e->cause == ON_RESET && walk_chance(h, 0.5)));
	if (e->to == STATE_CLOSED)
		l->cause = (uint8_t)cause_of(e);
	l->segs_in += e->on || e->cause == ON_RESET;
	l->bytes_in += e->on & FLAG_FIN ? 1 : 0;
	enter(h, l, e->from, e->to);
	/* closed, or merely shut down */
	if ((e->to == STATE_FIN_WAIT1 || e->to == STATE_LAST_ACK) && walk_chance(h, 0.8))
		l->orphan = true;
	if (state_is_synchronized(e->to)) {
		l->synced = true;
		l->full = full || e->to == STATE_ESTABLISHED || e->to == STATE_CLOSE_WAIT || e->to == STATE_FIN_WAIT1;
	}
	if (!l->full || (l->remnant_ns && e->to != STATE_CLOSED))
		return;
	if (e->to == STATE_TIME_WAIT || (e->to == STATE_FIN_WAIT2 && walk_chance(h, 0.3))) {
		leave_remnant(h, l);
	} else if (e->to == STATE_CLOSED) {
		l->full = false;
		if (e->cause == ON_RESET && !l->scrubbed && walk_chance(h, 0.2) && !h->held_until_ns)
			l->held = true; /* see leave_remnant */
		else
			notify(h, l);
	}
}

/* Before its time, by a RST (RFC 1337); a new SYN is open_life's. */
static void leave_time_wait(struct walk_host *h, struct life *l)
{
	l->assassinated = walk_chance(h, 0.02);
	if (l->assassinated)
		take_edge(h, l, edge_find_by(STATE_TIME_WAIT, STATE_CLOSED, ON_RESET));
}

void walk_change(struct walk_host *h, uint32_t place)
{
	struct life *l = walk_life_at(h, place);
	const struct edge *choices[16];
	unsigned count = 0;

	if (!l || is_listener(h, place))
		return;
	if (l->held && walk_chance(h, 0.2)) {
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
	/* What was half closed is let go. */
	if (l->state == STATE_FIN_WAIT2 && l->full && !l->remnant_ns && walk_chance(h, 0.2)) {
		leave_remnant(h, l);
		return;
	}
	for (size_t i = 0; i < edge_count; i++)
		for (unsigned weight = 0; edge_table[i].from == l->state && weight * edge_table[i].usual < 3 && count < 16; weight++)
			choices[count++] = &edge_table[i];
	take_edge(h, l, choices[walk_below(h, count)]);
}

void walk_poke(struct walk_host *h, uint32_t place)
{
	struct life *l = walk_life_at(h, place);

	if (!l || !l->full || is_listener(h, place))
		return;
	if (is_server(h, place) && !l->accepted && state_is_synchronized(l->state)) {
		l->accepted = true;
		l->inode = h->next_inode++;
	} else if (l->state == STATE_ESTABLISHED || l->state == STATE_CLOSE_WAIT) {
		l->rqueue = walk_below(h, 5);
		l->active_ns = h->world.now_ns;
		if (l->state == STATE_CLOSE_WAIT)
			return;
		l->segs_in++;
		l->data_segs_in++;
		l->bytes_in += 1 + walk_below(h, 3);
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
void walk_reconnect(struct walk_host *h, uint32_t place)
{
	uint32_t other = place - place % h->places_each + walk_below(h, h->config.ports), old = h->at_place[place];
	struct life *l;

	/* It leaves no notice either: see leave_remnant. */
	if (!old || is_server(h, place) || is_listener(h, place) || h->held_until_ns)
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

bool walk_look(struct walk_host *h, struct life *l, struct sample *s)
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
	tell_counts(l, &s->numbers);
	s->numbers.last_ack_recv_ms = s->numbers.last_data_recv_ms = s->numbers.last_data_sent_ms =
		(uint32_t)((h->world.now_ns - l->active_ns) / NS_PER_MS);
	return true;
}
