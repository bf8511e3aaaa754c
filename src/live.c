/*
 * The live source: see live.h.
 *
 * The queue's descriptor stays readable while batches wait, so a slice that ends early is taken up again in the loop's next turn, after keys, signals and
 * timers have had theirs.
 */
#include "config.h"

#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "port_range.h"
#include "track/tracker.h"

#define SLICE_NS (5 * NS_PER_MS)
#define FAST_AFTER_CHANGE_NS (2 * NS_PER_SECOND)
#define PLAN_PAUSE_NS (500 * NS_PER_MS)
/* Behind a backlog the watch threads waited for room: what was asked of them is answered a little later. */
#define AFTER_BACKLOG_NS (250 * NS_PER_MS)
#define WATCHED_MAX 64
#define LOOKUPS_MAX (2 * WATCHED_MAX)
#define ASKS_AT_ONCE 1024 /* as many as the tracker keeps */

struct live {
	struct loop *loop;
	struct live_config config; /* its plan is the one in force */
	struct watch *watch;       /* NULL after live_end_watch */
	struct model *model;
	struct tracker *tracker;
	bool paused;
	bool finishing, finished;  /* live_finish was called; all that came of it was taken */
	bool asked;                /* look-ups, since when the answers were last awaited */
	bool backlog;              /* batches wait: what the tracker waits for may be in them */
	int64_t patient_until_ns;  /* because there was a backlog until lately */
	int tracker_timer, plan_timer;
	int64_t tracker_due_ns;    /* what tracker_timer is set for */
	int64_t planned_ns;        /* when the plan was last replaced */
	unsigned watched_count;
	uint64_t watched_conns[WATCHED_MAX];
	struct lookup watched[LOOKUPS_MAX];   /* of the plan in force: they and their peers */
};

static void run_tracker_timer(void *context);
static void run_plan_timer(void *context);

static void ask_owners(struct live *l)
{
	struct owner_ask asks[ASKS_AT_ONCE];
	unsigned count = 0;

	while (count < ASKS_AT_ONCE && tracker_want_owner(l->tracker, &asks[count]))
		count++;
	if (count && l->watch && l->config.plan.owners)
		watch_look_for_owners(l->watch, asks, count);
}

static void ask_lookups(struct live *l, int64_t now_ns)
{
	struct lookup lookup;

	while (tracker_want(l->tracker, &lookup))
		if (l->watch && watch_look_up(l->watch, &lookup))
			l->asked = true;
		else
			tracker_lookup_dropped(l->tracker, &lookup, now_ns);
}

/* The tracker gives up waiting only while all that was answered has been taken. */
static void set_tracker_timer(struct live *l)
{
	int64_t due_ns = l->paused || l->backlog ? INT64_MAX : tracker_due(l->tracker);

	if (due_ns < l->patient_until_ns)
		due_ns = l->patient_until_ns;
	if (l->tracker_timer && l->tracker_due_ns == due_ns)
		return;
	loop_cancel_timer(l->loop, l->tracker_timer);
	l->tracker_timer = due_ns == INT64_MAX ? 0 : loop_at(l->loop, due_ns, run_tracker_timer, l);
	l->tracker_due_ns = due_ns;
}

static size_t add_watched(const struct live *l, struct lookup *lookup, const struct connection *c)
{
	if (!c || !c->live || c->state == STATE_LISTEN)
		return 0;
	/* Zeroed whole, padding too: plans are compared byte by byte. */
	memset(lookup, 0, sizeof *lookup);
	lookup->tuple = connection_tuple(c);
	lookup->cookie = connection_present_cookie(c);
	lookup->conn = c->id;
	lookup->netns = model_netns(l->model, c);
	lookup->why = LOOKUP_WATCHED;
	return 1;
}

/* What is to be looked up exactly, as the model has it now. Returns how many. */
static size_t find_watched(const struct live *l, struct lookup lookups[LOOKUPS_MAX])
{
	size_t count = 0;

	for (unsigned i = 0; i < l->watched_count; i++) {
		const struct connection *c = model_find(l->model, l->watched_conns[i]);

		count += add_watched(l, &lookups[count], c);
		if (c)
			count += add_watched(l, &lookups[count], model_pair(l->model, c));
	}
	return count;
}

/* Replaces the plan if it is no longer what it should be, but not too often: each time a thread is woken. */
static void keep_plan(struct live *l, int64_t now_ns)
{
	struct watch_plan *plan = &l->config.plan;
	struct lookup watched[LOOKUPS_MAX];
	size_t count = find_watched(l, watched);
	int64_t changed_ns = tracker_last_change(l->tracker), fast_until_ns = changed_ns ? changed_ns + FAST_AFTER_CHANGE_NS : 0;
	bool fast_again = fast_until_ns > now_ns && fast_until_ns - plan->fast_until_ns >= PLAN_PAUSE_NS;
	bool others = count != plan->watched_count || memcmp(watched, l->watched, count * sizeof *watched);

	if (!l->watch || l->plan_timer || (!fast_again && !others))
		return;
	if (now_ns - l->planned_ns < PLAN_PAUSE_NS) {
		l->plan_timer = loop_at(l->loop, l->planned_ns + PLAN_PAUSE_NS, run_plan_timer, l);
		return;
	}
	memcpy(l->watched, watched, count * sizeof *watched);
	plan->watched = l->watched;
	plan->watched_count = count;
	plan->fast_until_ns = fast_until_ns;
	watch_set_plan(l->watch, plan);
	l->planned_ns = now_ns;
}

static void run_plan_timer(void *context)
{
	struct live *l = context;

	l->plan_timer = 0;
	keep_plan(l, clock_now_ns());
}

/* What follows whenever the tracker has had something to say. */
static void finish_turn(struct live *l)
{
	int64_t now_ns = clock_now_ns();

	ask_lookups(l, now_ns);
	ask_owners(l);
	set_tracker_timer(l);
	keep_plan(l, now_ns);
	if (l->config.turn)
		l->config.turn(l->config.context);
}

static void note_backlog(struct live *l, bool backlog)
{
	if (l->backlog && !backlog)
		l->patient_until_ns = clock_now_ns() + AFTER_BACKLOG_NS;
	l->backlog = backlog;
}

static void run_tracker_timer(void *context)
{
	struct live *l = context;

	l->tracker_timer = 0;
	note_backlog(l, queue_length(watch_batches(l->watch)) > 0);
	if (!l->backlog)
		tracker_turn(l->tracker, clock_now_ns());
	finish_turn(l);
}

static void take_batch(struct live *l, const struct batch *b, int64_t now_ns)
{
	int64_t cpu_ns = clock_thread_cpu_ns();

	tracker_observe(l->tracker, b, now_ns);
	watch_charge(l->watch, b, clock_thread_cpu_ns() - cpu_ns);
}

/* NULL: it is not over. */
static const struct observation *find_last_word(const struct batch *b)
{
	for (uint32_t i = b->count; i-- > 0;)
		if (b->observations[i].kind == OBSERVED_OVER)
			return &b->observations[i];
	return NULL;
}

/* The last notices leave look-ups to be made, and so can their answers; the last ones nothing. */
static void heed_last_words(struct live *l, const struct batch *b, int64_t now_ns)
{
	const struct observation *last = l->finishing ? find_last_word(b) : NULL;

	if (!last)
		return;
	if (last->over.source == SOURCE_OBITUARY || l->asked) {
		l->asked = false;
		watch_await_answers(l->watch);
		return;
	}
	tracker_finish(l->tracker, now_ns);
	l->finished = true;
}

static void take_batches(void *context, uint32_t epoll_events)
{
	struct live *l = context;
	int64_t began_ns = clock_now_ns(), now_ns = began_ns;
	struct batch *b;

	(void)epoll_events;
	while (now_ns - began_ns < SLICE_NS && (b = queue_take(watch_batches(l->watch)))) {
		now_ns = clock_now_ns();
		take_batch(l, b, now_ns);
		ask_lookups(l, now_ns);
		heed_last_words(l, b, now_ns);
		batch_free(b);
		now_ns = clock_now_ns();
	}
	note_backlog(l, queue_length(watch_batches(l->watch)) > 0);
	finish_turn(l);
}

static int hear_queue(struct live *l)
{
	return loop_add_fd(l->loop, queue_fd(watch_batches(l->watch)), EPOLLIN, take_batches, l);
}

int live_start(struct live **out, struct loop *loop, const struct live_config *config, const char **where)
{
	struct live *l = memory_get_zeroed(1, sizeof *l);
	struct tracker_config tracker = { .notices = config->plan.notices, .passing = config->passing };
	struct port_range range;
	int error;

	l->loop = loop;
	l->config = *config;
	l->config.plan.watched = NULL;
	l->config.plan.watched_count = 0;
	error = watch_start(&l->config.plan, config->sockets, &l->watch, where);
	if (error) {
		free(l);
		return error;
	}
	/* Without randomness a stranger could at most choose collisions. */
	if (getrandom(&tracker.seed, sizeof tracker.seed, GRND_NONBLOCK) < 0)
		tracker.seed = (uint64_t)clock_now_ns();
	if (port_range_read(&range)) {
		tracker.port_low = range.low;
		tracker.port_high = range.high;
	}
	l->model = model_new(tracker.seed);
	l->tracker = tracker_new(l->model, &tracker, config->sink, config->context);
	error = hear_queue(l);
	if (error) {
		*where = N_("listening to the watch threads");
		live_stop(l);
		return error;
	}
	*out = l;
	return 0;
}

void live_finish(struct live *l)
{
	if (!l->watch || l->finishing)
		return;
	l->finishing = true;
	watch_finish(l->watch);
}

bool live_is_finished(const struct live *l)
{
	return l->finished;
}

/* There is no time left for what was not taken, nor for what waits. */
static void break_off_last_words(struct live *l, uint64_t netns, uint64_t left)
{
	struct batch *b = batch_new();
	int64_t now_ns = clock_now_ns();

	b->netns = netns;
	if (left)
		batch_add(b, OBSERVED_LOSS, now_ns, now_ns)->loss.lost = left;
	tracker_observe(l->tracker, b, now_ns);
	tracker_finish(l->tracker, now_ns);
	batch_free(b);
}

void live_end_watch(struct live *l)
{
	uint64_t netns, left;

	if (!l->watch)
		return;
	loop_remove_fd(l->loop, queue_fd(watch_batches(l->watch)));
	loop_cancel_timer(l->loop, l->plan_timer);
	loop_cancel_timer(l->loop, l->tracker_timer);
	l->plan_timer = l->tracker_timer = 0;
	netns = watch_netns(l->watch);
	left = watch_stop(l->watch);
	l->watch = NULL;
	if (l->finishing && !l->finished)
		break_off_last_words(l, netns, left);
}

void live_stop(struct live *l)
{
	if (!l)
		return;
	live_end_watch(l);
	tracker_free(l->tracker);
	model_free(l->model);
	free(l);
}

const struct model *live_model(const struct live *l)
{
	return l->model;
}

bool live_ready(const struct live *l)
{
	return tracker_ready(l->tracker);
}

bool live_owners_known(const struct live *l)
{
	return tracker_owners_known(l->tracker);
}

uint64_t live_netns(const struct live *l)
{
	return l->watch ? watch_netns(l->watch) : 0;
}

void live_watch_connections(void *live, const uint64_t *conns, unsigned count)
{
	struct live *l = live;

	l->watched_count = count < WATCHED_MAX ? count : WATCHED_MAX;
	memcpy(l->watched_conns, conns, l->watched_count * sizeof *conns);
	keep_plan(l, clock_now_ns());
}

void live_pause(struct live *l, bool pause)
{
	if (!l->watch || l->paused == pause)
		return;
	l->paused = pause;
	if (pause)
		loop_remove_fd(l->loop, queue_fd(watch_batches(l->watch)));
	else
		hear_queue(l); /* it was heard before, so epoll has room for it */
	note_backlog(l, pause || queue_length(watch_batches(l->watch)) > 0);
	set_tracker_timer(l);
}
