/* watch: what comes out of the threads, in which order, at which pace; and that they end. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/inet_diag.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lab/private_net.h"
#include "sockets.h"
#include "watch/watch.h"
#include "watch_liar.h"

#define PATIENCE_NS (30 * NS_PER_SECOND)
#define CROWD 3000
/* As watch.c has it. */
#define QUEUE_ROOM 32
#define FOREVER_NS (INT64_MAX / 2)

enum { WENT_WELL, WENT_WRONG, COULD_NOT_TRY };

static const struct watch_plan usual_plan = {
	.interval_ns = 20 * NS_PER_MS,
	.fast_interval_ns = 20 * NS_PER_MS,
	.budget = 1,
	.numbers = true,
};

static struct watch *start(const struct watch_plan *plan, struct watch_sockets sockets)
{
	const char *where = NULL;
	struct watch *w = NULL;

	assert_int_equal(watch_start(plan, sockets, &w, &where), 0);
	return w;
}

/* Takes observations until `wanted` has accepted one. */
typedef bool wanted_call(void *context, const struct observation *o);

static void await_in(struct watch *w, wanted_call *wanted, void *context)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	bool done = false;

	while (!done) {
		struct pollfd ready = {.fd = queue_fd(watch_batches(w)), .events = POLLIN};
		struct batch *b;

		assert_true(clock_now_ns() < deadline_ns);
		poll(&ready, 1, 100);
		while ((b = queue_take(watch_batches(w)))) {
			assert_int_equal(b->netns, watch_netns(w));
			for (uint32_t i = 0; i < b->count; i++)
				done = wanted(context, &b->observations[i]) || done;
			batch_free(b);
		}
	}
}

/* ---- sweeps ---- */

struct sweeps {
	struct tuple tuple;
	bool inside, found_in_this;
	uint64_t number;
	unsigned samples, whole;
};

/* Two whole sweeps that hold the tuple, each in order. */
static bool want_whole_sweeps(void *context, const struct observation *o)
{
	struct sweeps *s = context;

	assert_true(o->t0_ns <= o->t1_ns);
	switch (o->kind) {
	case OBSERVED_SWEEP_BEGIN:
		assert_false(s->inside);
		assert_int_equal(o->sweep.number, s->number + 1);
		s->number++;
		s->inside = true;
		s->found_in_this = false;
		s->samples = 0;
		break;
	case OBSERVED_SAMPLE:
		assert_true(s->inside);
		s->samples++;
		if (tuple_equal(&o->sample.tuple, &s->tuple) && o->sample.state == STATE_ESTABLISHED)
			s->found_in_this = true;
		break;
	case OBSERVED_SWEEP_END:
		assert_true(s->inside);
		assert_int_equal(o->sweep.number, s->number);
		assert_int_equal(o->sweep.why_not, SWEEP_WHOLE);
		assert_int_equal(o->sweep.error, 0);
		assert_int_equal(o->sweep.sockets, s->samples);
		assert_true(o->sweep.interval_ns >= usual_plan.interval_ns);
		assert_true(s->found_in_this);
		s->inside = false;
		s->whole++;
		break;
	default:
		fail_msg("nothing else was asked for: %d", o->kind);
	}
	return s->whole == 2;
}

static void test_sweeps_come_whole_and_in_order(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 16), client = sockets_connect("127.0.0.1", sockets_port(listener));
	struct sweeps s = {.tuple = sockets_tuple(client)};
	struct watch *w = start(&usual_plan, WATCH_SOCKETS_OWN);

	(void)state;
	assert_true(watch_netns(w) != 0);
	await_in(w, want_whole_sweeps, &s);
	watch_stop(w);
	close(client);
	close(listener);
}

static bool want_sweep_end(void *context, const struct observation *o)
{
	unsigned *count = context;

	*count += o->kind == OBSERVED_SWEEP_END;
	return o->kind == OBSERVED_SWEEP_END;
}

static bool is_absent_mark(const struct observation *o)
{
	return o->kind == OBSERVED_ABSENT;
}

static bool want_absent(void *context, const struct observation *o)
{
	unsigned *sweeps = context;

	*sweeps += o->kind == OBSERVED_SWEEP_END;
	return is_absent_mark(o);
}

static const struct lookup nowhere = {
	.tuple = {
		.local = {.address = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = 1},
		.remote = {.address = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = 2},
		.family = AF_INET,
	},
	.conn = 4,
	.why = LOOKUP_ABSENT,
};

/* ---- halves ---- */

#define HALVES_PAIRS 400

struct halves {
	unsigned seen[2 * HALVES_PAIRS]; /* how often each of the tuples was */
	struct tuple tuples[2 * HALVES_PAIRS];
	unsigned samples, listeners;
};

static bool want_each_once(void *context, const struct observation *o)
{
	struct halves *h = context;

	if (o->kind == OBSERVED_SAMPLE) {
		h->samples++;
		h->listeners += o->sample.state == STATE_LISTEN;
		for (size_t i = 0; i < sizeof(h->seen) / sizeof(*h->seen); i++)
			h->seen[i] += tuple_equal(&o->sample.tuple, &h->tuples[i]);
	}
	if (o->kind != OBSERVED_SWEEP_END)
		return false;
	assert_int_equal(o->sweep.why_not, SWEEP_WHOLE);
	assert_int_equal(o->sweep.sockets, h->samples);
	return true;
}

/* What was told before the refusal is told again. */
static bool want_all_seen(void *context, const struct observation *o)
{
	struct halves *h = context;

	if (o->kind == OBSERVED_SAMPLE)
		for (size_t i = 0; i < sizeof(h->seen) / sizeof(*h->seen); i++)
			h->seen[i] += tuple_equal(&o->sample.tuple, &h->tuples[i]);
	if (o->kind != OBSERVED_SWEEP_END)
		return false;
	assert_int_equal(o->sweep.why_not, SWEEP_WHOLE);
	/* The half that was not refused had been listed by then. */
	for (size_t i = 0; i < sizeof(h->seen) / sizeof(*h->seen); i++)
		assert_int_equal(h->seen[i], h->tuples[i].remote.port <= 40000 ? 2 : 1);
	return true;
}

/* What two dumps share out comes as one sweep, with each socket in it once; also when the kernel refuses them. */
static void test_halves(void **state)
{
	/* By the peer's port. The last has a jump into the middle of an instruction. */
	static const struct inet_diag_bc_op low[2] = {{.code = INET_DIAG_BC_D_LE, .yes = 8, .no = 12}, {.no = 40000}};
	static const struct inet_diag_bc_op high[2] = {{.code = INET_DIAG_BC_D_GE, .yes = 8, .no = 12}, {.no = 40001}};
	static const struct inet_diag_bc_op bad[2] = {{.code = INET_DIAG_BC_D_GE, .yes = 8, .no = 9}, {.no = 40001}};
	const uint32_t states = (STATE_BIT(STATE_COUNT) - 2) & ~STATE_BIT(STATE_LISTEN);
	const struct watch_filter taken[2] = {{.states = states, .codes = {{low, sizeof(low)}}, .needed = true}, {.states = states, .codes = {{high, sizeof(high)}}, .needed = true}};
	const struct watch_filter refused[2] = {{.states = states, .codes = {{low, sizeof(low)}}, .needed = true}, {.states = states, .codes = {{bad, sizeof(bad)}}, .needed = true}};
	int listener = sockets_listen("127.0.0.1", 0, 16), clients[HALVES_PAIRS], servers[HALVES_PAIRS];

	(void)state;
	for (unsigned i = 0; i < HALVES_PAIRS; i++) {
		clients[i] = sockets_connect("127.0.0.1", sockets_port(listener));
		servers[i] = sockets_accept(listener);
	}
	for (int kind = 0; kind < 2; kind++) {
		struct watch_plan plan = usual_plan;
		static struct halves h;
		struct watch *w;

		memset(&h, 0, sizeof(h));
		for (unsigned i = 0; i < HALVES_PAIRS; i++) {
			h.tuples[2 * i] = sockets_tuple(clients[i]);
			h.tuples[2 * i + 1] = sockets_tuple(servers[i]);
		}
		plan.interval_ns = FOREVER_NS;
		plan.halves = kind == 0 ? taken : refused;
		w = start(&plan, WATCH_SOCKETS_OWN);
		if (kind == 0) {
			await_in(w, want_each_once, &h);
			assert_int_equal(h.listeners, 1);
			for (size_t i = 0; i < sizeof(h.seen) / sizeof(*h.seen); i++)
				assert_int_equal(h.seen[i], 1);
		} else {
			await_in(w, want_all_seen, &h);
		}
		watch_stop(w);
	}
	for (unsigned i = 0; i < HALVES_PAIRS; i++) {
		close(clients[i]);
		close(servers[i]);
	}
	close(listener);
}

/* Without an interval only what was asked for is done. */
static void test_only_when_asked(void **state)
{
	struct watch_plan plan = usual_plan;
	unsigned sweeps = 0;
	struct watch *w;

	(void)state;
	plan.interval_ns = 0;
	w = start(&plan, WATCH_SOCKETS_OWN);
	for (unsigned i = 1; i <= 3; i++) {
		assert_true(watch_look_up(w, &nowhere));
		await_in(w, want_absent, &sweeps);
		assert_int_equal(sweeps, i - 1);
		watch_sweep_now(w);
		await_in(w, want_sweep_end, &sweeps);
		assert_int_equal(sweeps, i);
	}
	/* The plan is replaced: now they come by themselves. */
	watch_set_plan(w, &usual_plan);
	await_in(w, want_sweep_end, &sweeps);
	watch_stop(w);
}

static bool want_masked(void *context, const struct observation *o)
{
	unsigned *full = context;

	if (o->kind != OBSERVED_SWEEP_END)
		return false;
	assert_int_equal(o->sweep.error, 0);
	if (o->sweep.why_not == SWEEP_WHOLE) {
		++*full;
		return false;
	}
	assert_int_equal(o->sweep.why_not, SWEEP_MASKED);
	assert_int_equal(o->sweep.states, STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) |
	                                      STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK));
	return true;
}

/* Too many sockets to dump them all at the fast interval: the passing states only. */
static void test_masked_sweeps(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, CROWD);
	int *fds = memory_resize(NULL, 2 * CROWD, sizeof(*fds));
	struct watch_plan plan = usual_plan;
	unsigned full = 0;
	struct watch *w;

	(void)state;
	for (unsigned i = 0; i < CROWD; i++) {
		fds[2 * i] = sockets_connect("127.0.0.1", sockets_port(listener));
		fds[2 * i + 1] = sockets_accept(listener);
	}
	plan.interval_ns = NS_PER_SECOND;
	/* So short that even a fast machine and a whole core cannot do it. */
	plan.fast_interval_ns = NS_PER_MS / 2;
	plan.fast_until_ns = FOREVER_NS;
	w = start(&plan, WATCH_SOCKETS_OWN);
	await_in(w, want_masked, &full);
	assert_true(full >= 1);
	watch_stop(w);
	for (unsigned i = 0; i < 2 * CROWD; i++)
		close(fds[i]);
	close(listener);
	free(fds);
}

/* ---- look-ups ---- */

struct lookups {
	uint64_t conn;
	unsigned found, absent;
	struct tuple tuple;
};

static bool want_watched(void *context, const struct observation *o)
{
	struct lookups *l = context;

	if (o->kind != OBSERVED_LOOKUP)
		return false;
	assert_true(tuple_equal(&o->sample.tuple, &l->tuple));
	assert_int_equal(o->sample.state, STATE_ESTABLISHED);
	return ++l->found == 4;
}

static void test_watched_connections(void **state)
{
	int listener = sockets_listen("::1", 0, 16), client = sockets_connect("::1", sockets_port(listener));
	struct lookup watched = {.tuple = sockets_tuple(client), .conn = 31, .why = LOOKUP_WATCHED};
	struct lookups l = {.tuple = watched.tuple};
	struct watch_plan plan = usual_plan;
	struct watch *w;

	(void)state;
	plan.interval_ns = 0;
	plan.watched_count = 1;
	plan.watched = &watched;
	w = start(&plan, WATCH_SOCKETS_OWN);
	/* The plan was copied. */
	memset(&watched, 0, sizeof(watched));
	await_in(w, want_watched, &l);
	watch_stop(w);
	close(client);
	close(listener);
}

static bool want_all_answers(void *context, const struct observation *o)
{
	struct lookups *l = context;

	if (o->kind == OBSERVED_LOOKUP || o->kind == OBSERVED_ABSENT) {
		/* One and the other, in turn. */
		assert_int_equal(o->kind == OBSERVED_LOOKUP, (l->found + l->absent) % 2);
		if (o->kind == OBSERVED_ABSENT)
			assert_int_equal(o->asked.conn, l->conn + l->found + l->absent);
		l->found += o->kind == OBSERVED_LOOKUP;
		l->absent += o->kind == OBSERVED_ABSENT;
	}
	return l->found + l->absent == 1000;
}

static void test_lookups_are_answered_in_order(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 16), client = sockets_connect("127.0.0.1", sockets_port(listener));
	struct lookup present = {.tuple = sockets_tuple(client), .why = LOOKUP_ABSENT}, absent = nowhere;
	struct lookups l = {.conn = 1};
	struct watch *w = start(&usual_plan, WATCH_SOCKETS_OWN);

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		struct lookup *asked = i % 2 ? &present : &absent;

		asked->conn = l.conn + i;
		assert_true(watch_look_up(w, asked));
	}
	await_in(w, want_all_answers, &l);
	assert_int_equal(l.found, 500);
	watch_stop(w);
	close(client);
	close(listener);
}

/* ---- notices and owners ---- */

static bool want_end(void *context, const struct observation *o)
{
	const struct tuple *t = context;

	return o->kind == OBSERVED_END && tuple_equal(&o->sample.tuple, t);
}

static void test_notices(void **state)
{
	struct watch_plan plan = usual_plan;
	int listener = sockets_listen("127.0.0.1", 0, 64), other = sockets_listen("127.0.0.1", 0, 1), client, server;
	struct tuple tuple;
	struct watch *w;

	(void)state;
	plan.interval_ns = 0;
	w = start(&plan, WATCH_SOCKETS_OWN);
	/* Switched on by a later plan; those that end before it listens are not heard. */
	plan.notices = true;
	watch_set_plan(w, &plan);
	for (unsigned i = 0; queue_length(watch_batches(w)) == 0; i++) {
		assert_true(i < 1000);
		sockets_reset(sockets_connect("127.0.0.1", sockets_port(listener)));
		poll(&(struct pollfd){.fd = queue_fd(watch_batches(w)), .events = POLLIN}, 1, 10);
	}
	client = sockets_connect("127.0.0.1", sockets_port(other));
	server = sockets_accept(other);
	tuple = sockets_tuple(client);
	close(client);
	close(server);
	await_in(w, want_end, &tuple);
	watch_stop(w);
	close(listener);
	close(other);
}

/* A life right after the start has to be heard of, for no sweep may see it. */
static void test_notices_from_the_start(void **state)
{
	struct watch_plan plan = usual_plan;
	int listener = sockets_listen("127.0.0.1", 0, 64), client;
	struct tuple tuple;
	struct watch *w;

	(void)state;
	plan.notices = true;
	for (unsigned i = 0; i < 20; i++) {
		w = start(&plan, WATCH_SOCKETS_OWN);
		client = sockets_connect("127.0.0.1", sockets_port(listener));
		tuple = sockets_tuple(client);
		close(client);
		close(sockets_accept(listener));
		await_in(w, want_end, &tuple);
		watch_stop(w);
	}
	close(listener);
}

struct owners {
	uint32_t inode;
};

static bool want_sampled(void *context, const struct observation *o)
{
	struct owners *w = context;

	return o->kind == OBSERVED_SAMPLE && o->sample.inode == w->inode;
}

static bool want_owner(void *context, const struct observation *o)
{
	struct owners *w = context;

	if (o->kind != OBSERVED_OWNER || o->owner.inode != w->inode)
		return false;
	assert_int_equal(observation_holders(o)->pid, getpid());
	return true;
}

static void test_owners(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 16);
	struct watch_plan plan = usual_plan;
	struct owners owners;
	struct stat st;
	struct watch *w;

	(void)state;
	assert_int_equal(fstat(listener, &st), 0);
	owners = (struct owners){.inode = (uint32_t)st.st_ino};
	plan.owners = true;
	w = start(&plan, WATCH_SOCKETS_OWN);
	await_in(w, want_sampled, &owners);
	watch_look_for_owners(w, &(struct owner_ask){.inode = owners.inode}, 1);
	await_in(w, want_owner, &owners);
	watch_stop(w);
	close(listener);
}

/* ---- a kernel that fails ---- */

static void send_dump(struct liar *l, const struct nlmsghdr *request, uint16_t last, int error)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};

	message_socket(&m, request->nlmsg_type, request->nlmsg_seq, &socket);
	message_control(&m, last, request->nlmsg_seq, error);
	liar_send(l, &m);
}

static void answer_badly_at_first(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	send_dump(l, request, NLMSG_DONE, number >= 2 && number <= 3 ? -EIO : 0);
}

struct failing {
	unsigned whole, failed, troubles, healed;
};

static bool want_recovery(void *context, const struct observation *o)
{
	struct failing *f = context;

	if (o->kind == OBSERVED_SWEEP_END) {
		f->whole += o->sweep.why_not == SWEEP_WHOLE;
		f->failed += o->sweep.why_not == SWEEP_FAILED && o->sweep.error == -EIO;
	}
	if (o->kind == OBSERVED_TROUBLE) {
		assert_int_equal(o->trouble.source, SOURCE_DIAG);
		f->troubles += o->trouble.error == -EIO;
		f->healed += o->trouble.error == 0;
	}
	return f->healed > 0;
}

static void test_a_failing_source_says_so_and_recovers(void **state)
{
	struct watch_sockets sockets = WATCH_SOCKETS_OWN;
	struct failing f = {0};
	struct watch *w;
	struct liar l;

	(void)state;
	liar_start(&l, answer_badly_at_first);
	sockets.dump = l.fd;
	w = start(&usual_plan, sockets);
	await_in(w, want_recovery, &f);
	/* Sweeps 2 and 3 failed; trouble was told once, and once that it is over. */
	assert_int_equal(f.failed, 2);
	assert_int_equal(f.troubles, 1);
	assert_int_equal(f.healed, 1);
	assert_true(f.whole >= 2);
	watch_stop(w);
	liar_join(&l);
}

static void answer_lookup_badly(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	message_control(&m, NLMSG_ERROR, request->nlmsg_seq, -EACCES);
	liar_send(l, &m);
}

struct refused {
	bool unanswered, trouble;
};

static bool want_refusal(void *context, const struct observation *o)
{
	struct refused *r = context;

	assert_int_not_equal(o->kind, OBSERVED_ABSENT);
	assert_int_not_equal(o->kind, OBSERVED_LOOKUP);
	if (o->kind == OBSERVED_UNANSWERED) {
		assert_int_equal(o->asked.conn, nowhere.conn);
		assert_true(tuple_equal(&o->asked.tuple, &nowhere.tuple));
		r->unanswered = true;
	}
	r->trouble |= o->kind == OBSERVED_TROUBLE && o->trouble.source == SOURCE_DIAG && o->trouble.error == -EACCES;
	return r->unanswered && r->trouble;
}

static void test_a_lookup_that_fails_is_told_to_who_asked(void **state)
{
	struct watch_sockets sockets = WATCH_SOCKETS_OWN;
	struct refused r = {0};
	struct watch *w;
	struct liar l;

	(void)state;
	liar_start(&l, answer_lookup_badly);
	sockets.lookup = l.fd;
	w = start(&usual_plan, sockets);
	assert_true(watch_look_up(w, &nowhere));
	await_in(w, want_refusal, &r);
	watch_stop(w);
	liar_join(&l);
}

/* A dump that never ends. */
static void answer_endlessly(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};

	(void)number;
	for (unsigned i = 0; i < 20; i++)
		message_socket(&m, request->nlmsg_type, request->nlmsg_seq, &socket);
	while (liar_send(l, &m))
		;
}

struct middle {
	bool inside;
	unsigned answered;
};

static bool want_answer_in_the_middle(void *context, const struct observation *o)
{
	struct middle *m = context;

	m->inside = m->inside || o->kind == OBSERVED_SAMPLE;
	assert_int_not_equal(o->kind, OBSERVED_SWEEP_END);
	m->answered += m->inside && is_absent_mark(o);
	return m->answered == 3;
}

static void test_lookups_in_the_middle_of_a_sweep(void **state)
{
	struct watch_sockets sockets = WATCH_SOCKETS_OWN;
	struct middle m = {0};
	struct watch *w;
	struct liar l;

	(void)state;
	liar_start(&l, answer_endlessly);
	sockets.dump = l.fd;
	w = start(&usual_plan, sockets);
	while (!queue_length(watch_batches(w)))
		poll(&(struct pollfd){.fd = queue_fd(watch_batches(w)), .events = POLLIN}, 1, 100);
	for (unsigned i = 0; i < 3; i++)
		assert_true(watch_look_up(w, &nowhere));
	await_in(w, want_answer_in_the_middle, &m);
	/* And it is stopped in the middle of it. */
	watch_stop(w);
	liar_join(&l);
}

/* Nobody takes anything, so the sweep waits for room. */
static struct watch *start_endless(struct liar *l, const struct watch_plan *plan)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	struct watch_sockets sockets = WATCH_SOCKETS_OWN;
	struct watch *w;

	liar_start(l, answer_endlessly);
	sockets.dump = l->fd;
	w = start(plan, sockets);
	while (queue_length(watch_batches(w)) < QUEUE_ROOM) {
		assert_true(clock_now_ns() < deadline_ns);
		nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
	}
	return w;
}

static void test_stops_with_a_full_queue(void **state)
{
	struct liar l;

	(void)state;
	watch_stop(start_endless(&l, &usual_plan));
	liar_join(&l);
}

/* ---- last words ---- */

#define LAST_PAIRS 30

struct last_words {
	struct sockets_pair pairs[LAST_PAIRS];
	unsigned ends, answers;
	bool noticed, looked; /* nothing more comes from these */
};

/* Never closed: its own end is not to be among those that are counted. */
static int last_listener(void)
{
	static int listener = -1;

	if (listener < 0)
		listener = sockets_listen("127.0.0.1", 0, LAST_PAIRS);
	return listener;
}

static void live_and_die(struct last_words *l)
{
	for (unsigned i = 0; i < LAST_PAIRS; i++)
		l->pairs[i] = sockets_open_pair("127.0.0.1", last_listener());
	for (unsigned i = 0; i < LAST_PAIRS; i++) {
		close(l->pairs[i].client);
		close(l->pairs[i].server);
	}
}

static bool want_last_words(void *context, const struct observation *o)
{
	struct last_words *l = context;

	assert_false(l->looked);
	assert_int_not_equal(o->kind, OBSERVED_LOSS);
	assert_false(l->noticed && o->kind == OBSERVED_END);
	for (unsigned i = 0; i < LAST_PAIRS && o->kind == OBSERVED_END; i++)
		l->ends += tuple_equal(&l->pairs[i].t, &o->sample.tuple) || tuple_equal(&l->pairs[i].mirrored, &o->sample.tuple);
	l->answers += is_absent_mark(o);
	if (o->kind == OBSERVED_OVER) {
		l->noticed |= o->over.source == SOURCE_OBITUARY;
		l->looked |= o->over.source == SOURCE_DIAG;
	}
	return o->kind == OBSERVED_OVER;
}

static void hear_last_words(struct watch *w, struct last_words *l)
{
	await_in(w, want_last_words, l);
	assert_true(l->noticed && !l->looked);
	assert_int_equal(l->ends, 2 * LAST_PAIRS);
	for (unsigned answers = 100; answers <= 200; answers += 100) {
		l->looked = false;
		for (unsigned i = 0; i < 100; i++)
			assert_true(watch_look_up(w, &nowhere));
		watch_await_answers(w);
		await_in(w, want_last_words, l);
		assert_true(l->looked);
		assert_int_equal(l->answers, answers);
	}
	assert_int_equal(watch_stop(w), 0);
}

/* Whose notices the kernel has not even sent when they are asked for. */
static void test_last_words(void **state)
{
	struct watch_plan plan = usual_plan;

	(void)state;
	plan.notices = true;
	for (unsigned i = 0; i < 20; i++) {
		struct last_words l = {0};
		struct watch *w = start(&plan, WATCH_SOCKETS_OWN);

		live_and_die(&l);
		watch_finish(w);
		hear_last_words(w, &l);
	}
}

/* Of a host that is too large to be looked at to the end, and whose reader has fallen behind. */
static void test_last_words_wait_for_no_sweep(void **state)
{
	struct watch_plan plan = usual_plan;
	struct last_words words = {0};
	struct watch *w;
	struct liar l;

	(void)state;
	plan.notices = true;
	w = start_endless(&l, &plan);
	live_and_die(&words);
	watch_finish(w);
	hear_last_words(w, &words);
	liar_join(&l);
}

/* All of them had come: this listener heard them, and the kernel tells all who listen in one go. */
static void await_notices(int notices, unsigned count)
{
	char notice[2048];

	while (count > 0) {
		assert_int_equal(poll(&(struct pollfd){.fd = notices, .events = POLLIN}, 1, (int)(PATIENCE_NS / NS_PER_MS)), 1);
		count -= recv(notices, notice, sizeof(notice), 0) > 0;
	}
}

/* What died in the tests before was told in the last of them. */
static void test_last_words_that_nobody_hears_are_counted(void **state)
{
	struct watch_sockets others;
	struct watch_plan plan = usual_plan;
	struct last_words words = {0};
	struct watch *w;
	struct liar l;

	(void)state;
	plan.notices = true;
	assert_int_equal(watch_open_sockets(&others), 0);
	w = start_endless(&l, &plan);
	live_and_die(&words);
	await_notices(others.notices, 2 * LAST_PAIRS);
	watch_finish(w);
	assert_int_equal(watch_stop(w), 2 * LAST_PAIRS);
	/* Nobody was asked for anything: */
	w = start(&plan, WATCH_SOCKETS_OWN);
	live_and_die(&words);
	assert_int_equal(watch_stop(w), 0);
	watch_close_sockets(&others);
	liar_join(&l);
}

/* ---- threads ---- */

static bool blocks_signals(const char *task)
{
	unsigned long long blocked = 0;
	char path[300], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%s/status", task);
	f = fopen(path, "re");
	if (!f)
		return true;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
			break;
	fclose(f);
	return blocked & 1ull << (SIGINT - 1) && blocked & 1ull << (SIGTERM - 1) && blocked & 1ull << (SIGCHLD - 1) &&
	       blocked & 1ull << (SIGWINCH - 1);
}

static void test_threads_block_signals(void **state)
{
	struct watch *w = start(&usual_plan, WATCH_SOCKETS_OWN);
	DIR *tasks = opendir("/proc/self/task");
	unsigned others = 0;
	struct dirent *e;
	sigset_t now;

	(void)state;
	assert_non_null(tasks);
	while ((e = readdir(tasks))) {
		if (e->d_name[0] == '.' || atoi(e->d_name) == getpid())
			continue;
		assert_true(blocks_signals(e->d_name));
		others++;
	}
	closedir(tasks);
	assert_true(others >= 2);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &now), 0);
	assert_false(sigismember(&now, SIGINT));
	watch_stop(w);
}

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static void test_nothing_is_left_open(void **state)
{
	struct watch_plan plan = usual_plan;
	unsigned before = open_descriptors(), ends = 0;

	(void)state;
	plan.owners = plan.notices = true;
	for (unsigned i = 0; i < 5; i++) {
		struct watch *w = start(&plan, WATCH_SOCKETS_OWN);

		await_in(w, want_sweep_end, &ends);
		watch_stop(w);
	}
	watch_stop(NULL);
	assert_int_equal(open_descriptors(), before);
}

/* ---- sockets from another namespace ---- */

struct elsewhere {
	struct tuple tuple;
	bool sampled, ended;
	int fd;
};

static bool want_sample_and_end(void *context, const struct observation *o)
{
	struct elsewhere *e = context;

	if (o->kind == OBSERVED_SAMPLE && tuple_equal(&o->sample.tuple, &e->tuple) && !e->sampled) {
		e->sampled = true;
		/* The sockets were there before the thread was told to listen. */
		close(e->fd);
	}
	e->ended = e->ended || (o->kind == OBSERVED_END && tuple_equal(&o->sample.tuple, &e->tuple));
	return e->sampled && e->ended;
}

static int watch_elsewhere(void)
{
	int listener = sockets_listen("127.0.0.1", 0, 16);
	struct elsewhere e = {.fd = sockets_connect("127.0.0.1", sockets_port(listener))};
	struct watch_plan plan = usual_plan;
	struct watch_sockets sockets;
	unsigned sweeps = 0;
	struct watch *w;

	e.tuple = sockets_tuple(e.fd);
	if (watch_open_sockets(&sockets) < 0 || sockets.lookup < 0 || sockets.notices < 0)
		return WENT_WRONG;
	if (unshare(CLONE_NEWNET) < 0)
		return COULD_NOT_TRY;
	plan.notices = true;
	w = start(&plan, sockets);
	await_in(w, want_sweep_end, &sweeps);
	await_in(w, want_sample_and_end, &e);
	watch_stop(w);
	return WENT_WELL;
}

static int64_t process_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * NS_PER_SECOND + t.tv_nsec;
}

struct fresh {
	int64_t since_ns;
	unsigned sweeps; /* begun since then: what waited in the queue before tells nothing of the pace */
	int64_t cost_ns; /* of those: on a host with very many sockets each is dear */
};

static bool want_fresh_sweeps(void *context, const struct observation *o)
{
	struct fresh *f = context;

	if (o->kind == OBSERVED_SWEEP_END && o->t0_ns > f->since_ns) {
		f->sweeps++;
		f->cost_ns += o->sweep.cost_ns;
	}
	return f->sweeps == 25;
}

/* A connection lives in it, and then not even that. */
static int watch_a_deserted_namespace(void)
{
	struct watch_plan plan = usual_plan;
	struct elsewhere e = {0};
	struct watch_sockets sockets;
	struct fresh fresh = {0};
	int64_t cpu_ns, took_ns;
	struct watch *w;
	int listener;

	if (private_net_enter() < 0)
		return COULD_NOT_TRY;
	listener = sockets_listen("127.0.0.1", 0, 16);
	e.fd = sockets_connect("127.0.0.1", sockets_port(listener));
	e.tuple = sockets_tuple(e.fd);
	if (watch_open_sockets(&sockets) < 0 || sockets.lookup < 0 || sockets.notices < 0)
		return WENT_WRONG;
	if (unshare(CLONE_NEWNET) < 0)
		return COULD_NOT_TRY;
	plan.notices = true;
	w = start(&plan, sockets);
	await_in(w, want_sample_and_end, &e);
	close(listener);
	fresh.since_ns = clock_now_ns();
	cpu_ns = process_cpu_ns();
	await_in(w, want_fresh_sweeps, &fresh);
	took_ns = clock_now_ns() - fresh.since_ns;
	/* At their own pace, and beside the sweeps in next to no time: a thread that spins would use all of it. */
	if (took_ns < 20 * usual_plan.interval_ns || process_cpu_ns() - cpu_ns - fresh.cost_ns > took_ns / 2)
		return WENT_WRONG;
	watch_stop(w);
	return WENT_WELL;
}

static void run_elsewhere(int (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == COULD_NOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), WENT_WELL);
}

static void test_sockets_from_another_namespace(void **state)
{
	(void)state;
	run_elsewhere(watch_elsewhere);
}

static void test_a_namespace_that_everybody_left(void **state)
{
	(void)state;
	run_elsewhere(watch_a_deserted_namespace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweeps_come_whole_and_in_order),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_only_when_asked),
		cmocka_unit_test(test_masked_sweeps),
		cmocka_unit_test(test_watched_connections),
		cmocka_unit_test(test_lookups_are_answered_in_order),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_notices_from_the_start),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_a_failing_source_says_so_and_recovers),
		cmocka_unit_test(test_a_lookup_that_fails_is_told_to_who_asked),
		cmocka_unit_test(test_lookups_in_the_middle_of_a_sweep),
		cmocka_unit_test(test_stops_with_a_full_queue),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_last_words_wait_for_no_sweep),
		cmocka_unit_test(test_last_words_that_nobody_hears_are_counted),
		cmocka_unit_test(test_threads_block_signals),
		cmocka_unit_test(test_nothing_is_left_open),
		cmocka_unit_test(test_sockets_from_another_namespace),
		cmocka_unit_test(test_a_namespace_that_everybody_left),
	};

	sockets_enter_namespace();
	if (!sockets_allow(2 * CROWD + 64))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
