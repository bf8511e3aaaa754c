/*
 * Random walks of a simulated host through the tracker, judged by an oracle that knows the truth.
 *
 * The host has many sockets on few ports. They take any legal edge, are dumped in pieces while they change, are missed or listed twice; their notices are
 * late, out of order or lost; look-ups are answered late or not at all. Whatever is shown, then: every edge told is legal; what is called observed was so;
 * no life is told twice or merged with another; and when the host holds still, the model is the host.
 *
 * A walk is named by its seed; a failing one prints it, and `track_walk_test SEED` walks it again, telling everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"
#include "tcp/flags.h"
#include "track_world.h"

#define PORTS 60
#define LOG_MAX 12
#define NOTICES_MAX 4096
#define LIVES_MAX 40000

struct life {
	uint16_t port;           /* of the client's side: the tuple */
	bool passive;            /* it was opened by the peer */
	uint64_t cookie, remnant_cookie;
	uint8_t state;
	bool full, held, synced, fin_acked, scrubbed;
	bool omitted;            /* by the last dump; never by two in a row */
	bool visible;            /* something of it was shown that tells its tuple */
	bool uncertain;          /* its notice may be taken for a late one, or never come */
	int64_t changed_ns, remnant_ns;
	unsigned logged;
	struct { uint8_t state; int64_t t_ns; } log[LOG_MAX];
};

struct notice {
	struct sample sample;
	int64_t due_ns;
};

struct host {
	struct world world;
	uint64_t random;
	double lose, omit, unanswered;
	struct life *lives;
	uint32_t life_count;
	uint32_t at_port[2][PORTS];  /* the life that has the tuple now, + 1 */
	struct notice notices[NOTICES_MAX];
	unsigned notice_count;
	uint64_t next_cookie;
	unsigned told[2][PORTS];     /* lives told by tuple */
	uint64_t newest;
	const char *wrong;
	bool tell;
};

static void print_event(const struct host *h, const struct event *e)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&e->tuple, local);
	tuple_format_remote(&e->tuple, remote);
	printf("# %8.3f %-10s %llu %s > %s  %s>%s %s [%.3f %.3f]\n", (double)(h->world.now_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS,
	       event_kind_word(e->kind), (unsigned long long)e->conn, local, remote, state_name(e->from), state_name(e->to),
	       e->certainty ? certainty_word(e->certainty) : "", (double)(e->t0_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS,
	       (double)(e->t1_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS);
}

static uint64_t draw(struct host *h)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random * 0x2545f4914f6cdd1du;
}

static unsigned below(struct host *h, unsigned n)
{
	return (unsigned)(draw(h) >> 33) % n;
}

static bool chance(struct host *h, double p)
{
	return (double)(draw(h) >> 11) / (double)(1ull << 53) < p;
}

static struct tuple tuple_of(const struct life *l)
{
	char client[32];
	struct tuple t;

	snprintf(client, sizeof(client), "10.0.0.1:%u", 40000u + l->port);
	t = world_tuple(client, l->passive ? "10.0.0.2:80" : "10.0.0.3:80");
	return l->passive ? tuple_mirrored(&t) : t;
}

/* ---- the oracle ---- */

static bool was_so(const struct life *l, enum tcp_state state, int64_t t0_ns, int64_t t1_ns)
{
	for (unsigned i = 0; i < l->logged; i++) {
		int64_t until = i + 1 < l->logged ? l->log[i + 1].t_ns : INT64_MAX;

		if (l->log[i].state == state && l->log[i].t_ns <= t1_ns && until >= t0_ns)
			return true;
	}
	return false;
}

static void judge(void *context, const struct event *e)
{
	struct host *h = context;
	bool passive = e->tuple.local.port == 80;
	uint16_t port = (uint16_t)((passive ? e->tuple.remote.port : e->tuple.local.port) - 40000);

	if (h->tell && e->kind != EVENT_COVERAGE && e->kind != EVENT_UPDATE)
		print_event(h, e);
	if (e->kind == EVENT_COVERAGE)
		return;
	/* A row can also put a guess right; ids are given in order, so a new life has a higher one. */
	if (e->kind == EVENT_OPEN || (e->kind == EVENT_CONNECTION && e->conn > h->newest))
		h->told[passive][port]++;
	if (e->conn > h->newest)
		h->newest = e->conn;
	if (e->kind == EVENT_MARK)
		h->wrong = "marked an illegal sequence";
	if (e->kind != EVENT_TRANSITION)
		return;
	if (!edge_find(e->from, e->to))
		h->wrong = "told an edge that TCP does not have";
	if (e->t0_ns > e->t1_ns)
		h->wrong = "told an interval that ends before it begins";
	if (e->certainty != CERTAINTY_OBSERVED)
		return;
	for (uint32_t i = h->life_count; i-- > 0;) {
		const struct life *l = &h->lives[i];

		if (l->passive == passive && l->port == port && was_so(l, e->to, e->t0_ns, e->t1_ns))
			return;
	}
	h->wrong = "called observed what was not so";
}

/* ---- the kernel ---- */

static void print_truth(const struct host *h, const struct life *l, enum tcp_state from)
{
	printf("# %8.3f   truth: %s %u %s>%s\n", (double)(h->world.now_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS, l->passive ? "server" : "client",
	       40000u + l->port, state_name(from), state_name(l->state));
}

static void enter(struct host *h, struct life *l, enum tcp_state state)
{
	l->state = (uint8_t)state;
	l->changed_ns = h->world.now_ns;
	if (l->logged == LOG_MAX)
		abort();
	l->log[l->logged].state = (uint8_t)state;
	l->log[l->logged++].t_ns = h->world.now_ns;
}

static void notify(struct host *h, struct life *l)
{
	struct tuple t = tuple_of(l);
	struct notice *n;

	l->full = l->held = false;
	if (!l->cookie)
		l->cookie = h->next_cookie++;
	if (chance(h, h->lose) || h->notice_count == NOTICES_MAX) {
		l->uncertain = true;
		return;
	}
	n = &h->notices[h->notice_count++];
	n->sample = world_notice(l->cookie, &t, (l->synced && !l->passive) + l->fin_acked);
	n->sample.numbers.rtt_us = l->synced ? 30 : 0;
	n->sample.numbers.segs_in = l->synced ? 5 : 1;
	if (!l->synced) {
		n->sample.numbers.bytes_sent = n->sample.numbers.bytes_acked = n->sample.numbers.bytes_received = 0;
	}
	n->due_ns = h->world.now_ns + below(h, 3000) * NS_PER_US;
	n->sample.numbers.last_ack_recv_ms = n->sample.numbers.last_data_recv_ms = n->sample.numbers.last_data_sent_ms =
		(uint32_t)((h->world.now_ns - (l->remnant_ns ? l->remnant_ns : l->changed_ns)) / NS_PER_MS);
	if (l->scrubbed)
		n->sample.tuple.remote = (struct endpoint){.port = 0};
	else
		l->visible = true;
}

static void open_life(struct host *h)
{
	uint16_t port = (uint16_t)below(h, PORTS);
	bool passive = chance(h, 0.5);
	uint32_t *place = &h->at_port[passive][port];
	struct life *l = *place ? &h->lives[*place - 1] : NULL;

	if (h->life_count == LIVES_MAX)
		return;
	/* Nobody connects from the same port within a second after a request that failed. */
	if (l && l->passive && !l->synced && h->world.now_ns - l->changed_ns < 1500 * NS_PER_MS)
		return;
	if (l && l->state != STATE_CLOSED) {
		/* A new SYN may take a TIME_WAIT entry over after a second. */
		if (l->state != STATE_TIME_WAIT || l->full || h->world.now_ns - l->remnant_ns < 1100 * NS_PER_MS)
			return;
		enter(h, l, STATE_CLOSED);
	}
	l = &h->lives[h->life_count++];
	memset(l, 0, sizeof(*l));
	l->port = port;
	l->passive = passive;
	l->full = !passive;
	enter(h, l, passive ? STATE_SYN_RECV : STATE_SYN_SENT);
	if (h->tell)
		print_truth(h, l, passive ? STATE_LISTEN : STATE_CLOSED);
	*place = h->life_count;
}

static void leave_remnant(struct host *h, struct life *l)
{
	l->remnant_ns = h->world.now_ns;
	l->remnant_cookie = l->cookie;
	if (chance(h, 0.1) && l->state == STATE_TIME_WAIT)
		l->held = true;
	else
		notify(h, l);
	l->full = false;
}

static void take_edge(struct host *h, struct life *l, const struct edge *e)
{
	bool full = l->full;


	if (e->on == FLAG_ACK && (e->from == STATE_FIN_WAIT1 || e->from == STATE_CLOSING || e->from == STATE_LAST_ACK))
		l->fin_acked = true;
	if (e->from == STATE_FIN_WAIT1 && e->to == STATE_TIME_WAIT)
		l->fin_acked = true;
	l->scrubbed = e->to == STATE_CLOSED && ((e->cause == ON_ABORT && e->from != STATE_TIME_WAIT && chance(h, 0.5)) ||
	                                        (e->from == STATE_SYN_SENT && e->cause == ON_RESET && chance(h, 0.5)));
	enter(h, l, e->to);
	if (h->tell)
		print_truth(h, l, e->from);
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

static void change(struct host *h, struct life *l)
{
	const struct edge *choices[16];
	unsigned count = 0;

	if (l->held && chance(h, 0.2)) {
		/* Never sampled, it may look as if it had ended long ago. */
		l->uncertain |= !l->visible;
		notify(h, l);
		return;
	}
	/* The real one lasts 60 s and can be taken over after one. */
	if (l->state == STATE_CLOSED || (l->state == STATE_TIME_WAIT && h->world.now_ns - l->remnant_ns < 1500 * NS_PER_MS))
		return;
	for (size_t i = 0; i < edge_count; i++)
		for (unsigned weight = 0; edge_table[i].from == l->state && weight * edge_table[i].usual < 3 && count < 16; weight++)
			choices[count++] = &edge_table[i];
	/* In TIME_WAIT only the timer; the rest is open_life's. */
	take_edge(h, l, l->state == STATE_TIME_WAIT ? edge_find_by(STATE_TIME_WAIT, STATE_CLOSED, ON_TIMEOUT) : choices[below(h, count)]);
}

/* What a dump or look-up shows of it now. */
static bool look(struct host *h, struct life *l, struct sample *s)
{
	struct tuple t = tuple_of(l);
	bool remnant = l->remnant_ns && (l->state == STATE_TIME_WAIT || l->state == STATE_FIN_WAIT2);
	uint64_t *cookie = remnant ? &l->remnant_cookie : &l->cookie;

	if (l->state == STATE_CLOSED)
		return false;
	if (!*cookie)
		*cookie = h->next_cookie++;
	if (remnant)
		*s = world_remnant(*cookie, &t, l->state, 60000 - (uint32_t)((h->world.now_ns - l->remnant_ns) / NS_PER_MS));
	else
		*s = world_socket(*cookie, &t, l->state, l->passive);
	return true;
}

/* ---- what synfin gets to see ---- */

static void deliver_notices(struct host *h, bool all)
{
	for (unsigned i = 0; i < h->notice_count;) {
		if (!all && h->notices[i].due_ns > h->world.now_ns) {
			i++;
			continue;
		}
		world_notify(&h->world, &h->notices[i].sample);
		h->notices[i] = h->notices[--h->notice_count];
	}
}

static void answer_lookups(struct host *h, bool all)
{
	struct batch *b = h->world.batch;
	struct lookup wanted;

	while (tracker_want(h->world.tracker, &wanted)) {
		bool passive = wanted.tuple.local.port == 80;
		uint16_t port = (uint16_t)((passive ? wanted.tuple.remote.port : wanted.tuple.local.port) - 40000);
		struct observation *o;
		struct sample s;
		uint32_t place;
		bool found;

		if (port >= PORTS) {
			h->wrong = "asked for a tuple that nobody has";
			continue;
		}
		place = h->at_port[passive][port];
		if (!all && chance(h, h->unanswered)) {
			if (chance(h, 0.5))
				tracker_lookup_dropped(h->world.tracker, &wanted, h->world.now_ns);
			continue;
		}
		found = place && look(h, &h->lives[place - 1], &s) && (!wanted.cookie || wanted.cookie == s.cookie);
		o = batch_add(b, found ? OBSERVED_LOOKUP : OBSERVED_ABSENT, h->world.now_ns, h->world.now_ns);
		if (found) {
			o->sample = s;
			h->lives[place - 1].visible = true;
		} else {
			o->asked = wanted;
		}
		tracker_observe(h->world.tracker, b, h->world.now_ns);
		b->count = 0;
	}
}

static void live_a_little(struct host *h, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		uint32_t place = h->at_port[below(h, 2)][below(h, PORTS)];

		world_pass_ms(&h->world, 0);
		h->world.now_ns += below(h, 2000) * NS_PER_US;
		if (!place || chance(h, 0.2))
			open_life(h);
		else
			change(h, &h->lives[place - 1]);
		deliver_notices(h, false);
		answer_lookups(h, false);
	}
}

/* A dump in pieces, with life going on between them; its batches come late, behind notices that are younger. */
static void dump(struct host *h, bool exact)
{
	struct batch *late = batch_new();
	int64_t before_ns;

	late->netns = 1;
	world_sweep_begin(&h->world);
	before_ns = h->world.now_ns;
	for (unsigned i = 0; i < 2 * PORTS; i++) {
		uint32_t place = h->at_port[i % 2][i / 2];
		struct life *l = place ? &h->lives[place - 1] : NULL;
		struct sample s;

		if (l)
			l->omitted = !exact && !l->omitted && chance(h, h->omit);
		if (l && !l->omitted && look(h, l, &s)) {
			l->visible = true;
			for (int times = !exact && chance(h, h->omit) ? 2 : 1; times > 0; times--)
				batch_add(late, OBSERVED_SAMPLE, before_ns, h->world.now_ns)->sample = s;
		}
		if (i % 16 != 15 && i + 1 < 2 * PORTS)
			continue;
		if (!exact)
			live_a_little(h, 3);
		tracker_observe(h->world.tracker, late, h->world.now_ns);
		late->count = 0;
		before_ns = h->world.now_ns;
	}
	world_sweep_end(&h->world, SWEEP_WHOLE, ~0u, 0);
	answer_lookups(h, exact);
	batch_free(late);
}

/* ---- the walk ---- */

static void compare_populations(struct host *h)
{
	unsigned live[STATE_COUNT] = {0};

	for (int passive = 0; passive < 2; passive++)
		for (unsigned port = 0; port < PORTS; port++) {
			uint32_t place = h->at_port[passive][port];
			const struct life *l = place ? &h->lives[place - 1] : NULL;
			struct tuple t;
			const struct connection *c;

			if (!l || l->state == STATE_CLOSED)
				continue;
			live[l->state]++;
			t = tuple_of(l);
			c = model_find_tuple(h->world.model, 1, &t, NULL, NULL);
			if (!c || c->state != l->state)
				h->wrong = "does not show a socket as it is";
		}
	for (int s = 1; s < STATE_COUNT; s++)
		if (model_population(h->world.model, s) != live[s])
			h->wrong = "shows sockets that are not there";
}

static void compare_lives(struct host *h)
{
	unsigned must[2][PORTS] = {{0}}, may[2][PORTS] = {{0}};

	for (uint32_t i = 0; i < h->life_count; i++) {
		const struct life *l = &h->lives[i];

		if (h->tell)
			printf("# life %s %u born %.3f%s%s\n", l->passive ? "server" : "client", 40000u + l->port,
			       (double)(l->log[0].t_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS, l->visible ? " visible" : "", l->uncertain ? " uncertain" : "");
		must[l->passive][l->port] += l->visible && !l->uncertain;
		may[l->passive][l->port] += l->visible;
	}
	for (int passive = 0; passive < 2; passive++)
		for (unsigned port = 0; port < PORTS; port++) {
			if (h->tell && (h->told[passive][port] < must[passive][port] || h->told[passive][port] > may[passive][port]))
				printf("# %s %u: told %u, must %u, may %u\n", passive ? "server" : "client", 40000 + port, h->told[passive][port],
				       must[passive][port], may[passive][port]);
			if (h->told[passive][port] < must[passive][port])
				h->wrong = "merged or lost a life";
			if (h->told[passive][port] > may[passive][port])
				h->wrong = "told a life twice";
		}
}

static const char *walk(uint64_t seed, bool tell)
{
	const struct tracker_config config = {.seed = seed, .port_low = 32768, .port_high = 60999, .notices = true};
	struct host *h = memory_get_zeroed(1, sizeof(*h));
	const char *wrong;

	h->tell = tell;
	h->random = seed * 0x9e3779b97f4a7c15u + 1;
	h->lives = memory_get_zeroed(LIVES_MAX, sizeof(*h->lives));
	h->next_cookie = 1;
	h->omit = seed % 3 ? 0.02 : 0;
	h->lose = seed % 4 == 3 ? 0.05 : 0;
	h->unanswered = seed % 5 ? 0.02 : 0;
	world_start(&h->world);
	tracker_free(h->world.tracker);
	h->world.tracker = tracker_new(h->world.model, &config, judge, h);
	dump(h, true);
	for (unsigned round = 0; round < 60 && !h->wrong; round++) {
		live_a_little(h, 300);
		dump(h, false);
	}
	deliver_notices(h, true);
	for (int i = 0; i < 4 && !h->wrong; i++) {
		world_pass_ms(&h->world, 1000);
		answer_lookups(h, true);
		dump(h, true);
	}
	if (!h->wrong)
		compare_populations(h);
	if (!h->wrong)
		compare_lives(h);
	wrong = h->wrong;
	if (tell)
		printf("# seed %llu: %u lives, %s\n", (unsigned long long)seed, h->life_count, wrong ? wrong : "right");
	world_end(&h->world);
	free(h->lives);
	free(h);
	return wrong;
}

static void random_walks_are_told_truly(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		const char *wrong = walk(seed, false);

		if (wrong)
			fail_msg("seed %llu: it %s", (unsigned long long)seed, wrong);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_walks_are_told_truly)};

	if (argc > 1)
		return walk(strtoull(argv[1], NULL, 10), true) ? 1 : 0;
	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
