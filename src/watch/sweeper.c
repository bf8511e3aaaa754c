/* The thread that looks: see watch/sweeper.h. */
#include "config.h"

#include "watch/sweeper.h"

#include <assert.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "watch/proc_net.h"
#include "watch/sockstat.h"
#include "watch/sweeper_private.h"
#include "watch/twin.h"

/* Work that is due within this is done now: one wakeup instead of two. */
#define COALESCE_NS NS_PER_MS
/* Longer no answer is kept back for the rest of a round. */
#define GATHER_NS (50 * NS_PER_MS)
#define OWNER_SLICE_NS (2 * NS_PER_MS)
/* Masked sweeps may use half of what sweeps may use, and are made only while they come at least twice as often as full ones then do. */
#define MASKED_SHARE 2

/* How long sock_diag is left alone after it was refused: not at all at first, for that may pass; then longer each time. */
#define DIAG_PAUSE_FIRST_NS NS_PER_SECOND
#define DIAG_PAUSE_MAX_NS (30 * NS_PER_SECOND)

#define PASSING_STATES                                                                                                      \
	(STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK))

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void sweeper_init(struct sweeper *s, struct mailbox *box, struct queue *queue, const struct watch_plan *plan, struct hosts *hosts)
{
	uint64_t seed = 0;

	*s = (struct sweeper){.box = box, .plan = plan_copy(plan), .hosts = hosts};
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)clock_now_ns();
	outlet_init(&s->out, queue, hosts->all[0]->netns, true);
	owner_init(&s->owner, "/proc", seed);
	cgroups_init(&s->cgroups, NULL, seed);
	budget_init(&s->budget, plan->budget, clock_now_ns());
}

void sweeper_fini(struct sweeper *s)
{
	cgroups_fini(&s->cgroups);
	owner_fini(&s->owner);
	outlet_fini(&s->out);
	census_fini(&s->census);
	plan_free(s->plan);
}

bool sweeper_is_stopping(const struct sweeper *s)
{
	return atomic_load(&s->box->stopping) || atomic_load(&s->box->finishing);
}

/* ---- pace ---- */

static bool sweeper_is_fast(const struct sweeper *s, int64_t now_ns)
{
	return now_ns < s->plan->fast_until_ns;
}

/* The shortest that the budget allows between full sweeps. */
static int64_t sweeper_least_interval(const struct sweeper *s)
{
	return budget_interval(&s->budget, s->full.cost_ns + s->folding_ns);
}

/* Full sweeps are cheap enough to be made at the fast interval. */
static bool sweeper_full_is_cheap(const struct sweeper *s)
{
	return s->full.began_ns && sweeper_least_interval(s) <= s->plan->fast_interval_ns;
}

static int64_t sweeper_full_interval(const struct sweeper *s, int64_t now_ns)
{
	if (sweeper_is_fast(s, now_ns) && sweeper_full_is_cheap(s))
		return s->plan->fast_interval_ns;
	return later(s->plan->interval_ns, sweeper_least_interval(s));
}

static int64_t sweeper_masked_interval(const struct sweeper *s)
{
	return later(s->plan->fast_interval_ns, MASKED_SHARE * budget_interval(&s->budget, s->masked.cost_ns));
}

static int64_t sweeper_full_due(struct sweeper *s, int64_t now_ns)
{
	int64_t due_ns = INT64_MAX;

	if (s->sweep_now)
		return now_ns;
	if (s->sweep_after_loss)
		due_ns = now_ns;
	else if (s->plan->interval_ns > 0 || (sweeper_is_fast(s, now_ns) && sweeper_full_is_cheap(s)))
		due_ns = s->full.began_ns ? s->full.began_ns + sweeper_full_interval(s, now_ns) : now_ns;
	return due_ns == INT64_MAX ? due_ns : later(due_ns, budget_when(&s->budget, BUDGET_SWEEPS, now_ns));
}

/* Who reads /proc reads it all. */
static bool sweeper_reads_proc(const struct sweeper *s)
{
	for (unsigned i = 0; i < s->hosts->count; i++)
		if (s->hosts->all[i]->diag_again_ns)
			return true;
	return false;
}

static int64_t sweeper_masked_due(struct sweeper *s, int64_t now_ns)
{
	int64_t interval_ns = sweeper_masked_interval(s);

	/* It would list what the filter leaves out. */
	if (s->plan->filter || sweeper_reads_proc(s) || !sweeper_is_fast(s, now_ns) || !s->full.began_ns || sweeper_full_is_cheap(s) ||
	    interval_ns > sweeper_full_interval(s, now_ns) / 2)
		return INT64_MAX;
	return later(later(s->full.began_ns, s->masked.began_ns) + interval_ns, budget_when(&s->budget, BUDGET_SWEEPS, now_ns));
}

static int64_t sweeper_watched_due(struct sweeper *s, int64_t now_ns)
{
	if (s->plan->watched_count == 0)
		return INT64_MAX;
	return later(s->watched_ns + s->plan->fast_interval_ns, budget_when(&s->budget, BUDGET_LOOKUPS, now_ns));
}

static int64_t sweeper_owner_due(struct sweeper *s, int64_t now_ns)
{
	int64_t due_ns = s->plan->owners ? owner_due(&s->owner) : INT64_MAX;

	return due_ns == INT64_MAX ? due_ns : later(due_ns, budget_when(&s->budget, BUDGET_OWNERS, now_ns));
}

/* ---- sweeps ---- */

static void sweeper_sample(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct sweeper *s = context;

	cgroups_tell(&s->cgroups, sample->cgroup, &s->out);
	outlet_add_raw(&s->out, OBSERVED_SAMPLE, t0_ns, t1_ns)->sample = *sample;
}

/* The kernel has the next buffer of the dump ready, and nothing after that: answers from now on come after it. */
static bool sweeper_between(void *context)
{
	struct sweeper *s = context;

	sweeper_tell_held(s);
	sweeper_look_up_asked(s);
	outlet_set_netns(&s->out, s->host->netns);
	return !sweeper_is_stopping(s);
}

/* There is no sock_diag here, or not for us. */
static bool sweeper_is_refused(const struct dump_result *result)
{
	if (result->why_not != SWEEP_FAILED || result->sockets > 0)
		return false;
	switch (result->error) {
	case -ENOENT:
	case -EPERM:
	case -EACCES:
	case -ENOSYS:
	case -EOPNOTSUPP:
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT: return true;
	default: return false;
	}
}

/* /proc cannot judge in the kernel's place. */
static bool sweeper_needs_diag(const struct sweeper *s)
{
	return s->plan->filter && s->plan->filter->needed;
}

static void sweeper_note_refusal(struct host *host, int error)
{
	int64_t longer_ns = host->diag_pause_ns ? 2 * host->diag_pause_ns : DIAG_PAUSE_FIRST_NS;

	host->diag_pause_ns = host->diag_again_ns ? sooner(longer_ns, DIAG_PAUSE_MAX_NS) : 0;
	host->diag_again_ns = clock_now_ns() + host->diag_pause_ns;
	host->diag_error = error;
}

/* Listeners first, for who opened a connection can depend on them; then both halves side by side. */
static struct dump_result sweeper_dump_halves(struct sweeper *s, struct host *host, const struct dump_sink *sink)
{
	const struct twin_use use = {.queue = s->out.queue, .netns = host->netns, .stopping = &s->box->stopping};
	struct dump_result listeners = dumper_dump(&host->dumper, STATE_BIT(STATE_LISTEN), s->plan->numbers, sink), others;

	assert(((s->plan->halves[0].states & s->plan->halves[1].states) | STATE_BIT(STATE_LISTEN)) == DUMP_ALL_STATES);
	if (listeners.why_not != SWEEP_WHOLE)
		return listeners;
	outlet_flush(&s->out);
	others = twin_dump(&host->dumper, s->plan->halves, s->plan->numbers, sink, &use);
	return dump_result_join(&listeners, &others);
}

static bool sweeper_may_halve(const struct sweeper *s, const struct host *host, unsigned states)
{
	return s->plan->halves && !s->plan->filter && states == DUMP_ALL_STATES && host->dumper.port.own;
}

static struct dump_result sweeper_ask_diag(struct sweeper *s, struct host *host, unsigned states, const struct dump_sink *sink)
{
	const struct watch_filter *filter = states == DUMP_ALL_STATES ? s->plan->filter : NULL;
	struct dump_result listeners = {0}, result;

	if (sweeper_may_halve(s, host, states)) {
		result = sweeper_dump_halves(s, host, sink);
		/* What the kernel does not do in halves it may do in one. */
		if (result.why_not == SWEEP_WHOLE || result.why_not == SWEEP_STOPPED)
			return result;
		listeners.sockets = result.sockets;
	}
	if (!filter) {
		result = dumper_dump(&host->dumper, states, s->plan->numbers, sink);
		/* With some told it is no refusal any more, for which all would be told from elsewhere. */
		if (result.why_not != SWEEP_WHOLE)
			result.sockets += listeners.sockets;
		return result;
	}
	/* Who opened a connection can depend on what listens. */
	if (!filter->needed && !(filter->codes[0].length == 0 && filter->states & STATE_BIT(STATE_LISTEN)))
		listeners = dumper_dump(&host->dumper, STATE_BIT(STATE_LISTEN), s->plan->numbers, sink);
	if (listeners.why_not != SWEEP_WHOLE)
		return listeners;
	result = dumper_dump_filtered(&host->dumper, filter, s->plan->numbers, sink);
	result.sockets += listeners.sockets;
	return result;
}

/* From sock_diag; from /proc while that is refused, and *source is SOURCE_PROC then. */
static struct dump_result sweeper_dump_host(struct sweeper *s, struct host *host, unsigned states, const struct dump_sink *sink, enum source *source)
{
	struct dump_result result, read;

	*source = SOURCE_DIAG;
	if (clock_now_ns() >= host->diag_again_ns) {
		result = sweeper_ask_diag(s, host, states, sink);
		host->dump_error = result.error;
		if (!host->proc || !sweeper_is_refused(&result) || sweeper_needs_diag(s)) {
			host->diag_again_ns = host->diag_pause_ns = 0;
			return result;
		}
		sweeper_note_refusal(host, result.error);
	}
	host->dump_error = host->diag_error;
	read = proc_net_dump(host->proc, states, sink);
	if (read.why_not == SWEEP_FAILED)
		return (struct dump_result){.why_not = SWEEP_FAILED, .error = host->diag_error};
	*source = SOURCE_PROC;
	return read;
}

/* What a sweep of one host came to. */
struct sweeper_sum {
	int64_t began_ns, cost_ns;
	enum source source;
	bool more; /* other hosts follow */
};

static void sweeper_add_end(struct sweeper *s, unsigned states, const struct dump_result *result, const struct sweeper_sum *sum)
{
	int64_t now_ns = clock_now_ns();
	bool masked = states != DUMP_ALL_STATES;
	struct observation *seen;

	outlet_set_netns(&s->out, s->host->netns);
	seen = outlet_add(&s->out, OBSERVED_SWEEP_END, sum->began_ns, now_ns);
	seen->sweep = (struct sweep){
		.number = s->sweep_number,
		.states = states,
		.why_not = result->why_not != SWEEP_WHOLE ? result->why_not : masked ? SWEEP_MASKED : s->plan->filter ? SWEEP_FILTERED : SWEEP_WHOLE,
		.source = (uint8_t)sum->source,
		.error = result->error,
		.sockets = result->sockets,
		.cost_ns = sum->cost_ns,
		.interval_ns = masked ? sweeper_masked_interval(s) : sweeper_full_interval(s, now_ns),
		.more = sum->more,
	};
}

static struct dump_result sweeper_dump(struct sweeper *s, unsigned states, struct sweeper_sum *sum)
{
	const struct dump_sink sink = {.sample = sweeper_sample, .between = sweeper_between, .context = s};
	struct observation *seen;
	struct dump_result result;

	/* What failed before counts until a sweep goes well; what fails in the middle of this one, until the next. */
	s->host->lookup_error = 0;
	outlet_set_netns(&s->out, s->host->netns);
	seen = outlet_add(&s->out, OBSERVED_SWEEP_BEGIN, sum->began_ns, sum->began_ns);
	seen->sweep.number = ++s->sweep_number;
	seen->sweep.states = states;
	/* The kernel's count is of our own namespace. */
	if (s->sweep_number == 1 && s->host->dumper.port.own && !s->plan->filter)
		seen->sweep.sockets = sockstat_tcp_sockets();
	result = sweeper_dump_host(s, s->host, states, &sink, &sum->source);
	sweeper_tell_held(s);
	return result;
}

/* Sweeps a host; what it costs is added to that of the round. */
static void sweeper_sweep_host(struct sweeper *s, unsigned states, struct sweeper_pace *pace, int64_t *round_cost_ns, bool more)
{
	int64_t cpu_ns = clock_thread_cpu_ns();
	struct sweeper_sum sum = {.began_ns = clock_now_ns(), .more = more};
	struct dump_result result;

	s->lookups_cost_ns = 0;
	result = sweeper_dump(s, states, &sum);
	sum.cost_ns = clock_thread_cpu_ns() - cpu_ns - s->lookups_cost_ns;
	*round_cost_ns += sum.cost_ns;
	if (!more || *round_cost_ns > pace->cost_ns)
		pace->cost_ns = *round_cost_ns;
	budget_spend(&s->budget, BUDGET_SWEEPS, sum.cost_ns, clock_now_ns());
	sweeper_add_end(s, states, &result, &sum);
	sweeper_tell_heard(s, s->host);
	sweeper_tell_trouble_of(s, s->host);
	/* What is quickly gone through wakes the main thread once. */
	if (!more || clock_now_ns() - s->flushed_ns > GATHER_NS) {
		outlet_flush(&s->out);
		s->flushed_ns = clock_now_ns();
	}
}

/* All hosts in a row, so that many of them wake us as seldom as one. */
static void sweeper_sweep(struct sweeper *s, unsigned states, struct sweeper_pace *pace)
{
	int64_t round_cost_ns = 0;

	pace->began_ns = s->flushed_ns = clock_now_ns();
	for (unsigned i = 0; i < s->hosts->count && !sweeper_is_stopping(s); i++) {
		s->host = s->hosts->all[i];
		sweeper_sweep_host(s, states, pace, &round_cost_ns, i + 1 < s->hosts->count);
	}
	if (s->plan->owners && states == DUMP_ALL_STATES)
		owner_glance(&s->owner);
}

/* Others of our own namespace's can be counted when it has been looked at. */
static void sweeper_take_census(struct sweeper *s, bool swept)
{
	int64_t cpu_ns = clock_thread_cpu_ns();

	if (swept != (s->plan->scope == WATCH_OWN) || sweeper_is_stopping(s))
		return;
	if (census_take(&s->census, s->plan, s->hosts, &s->out, clock_now_ns()))
		s->hosts_changed(s->context);
	budget_spend(&s->budget, BUDGET_OWNERS, clock_thread_cpu_ns() - cpu_ns, clock_now_ns());
}

/* Draws what taking in has cost since the last time. Returns it. */
static int64_t sweeper_spend_folding(struct sweeper *s, enum budget_account account)
{
	int64_t cost_ns = atomic_exchange(&s->box->folding_ns[account], 0);

	budget_spend(&s->budget, account, cost_ns, clock_now_ns());
	return cost_ns;
}

static void sweeper_sweep_all(struct sweeper *s)
{
	s->folding_ns = sweeper_spend_folding(s, BUDGET_SWEEPS);
	sweeper_take_census(s, false);
	sweeper_sweep(s, DUMP_ALL_STATES, &s->full);
	sweeper_take_census(s, true);
}

static void sweeper_search_owners(struct sweeper *s)
{
	int64_t cpu_ns = clock_thread_cpu_ns();

	owner_turn(&s->owner, OWNER_SLICE_NS, &s->out);
	outlet_flush(&s->out);
	budget_spend(&s->budget, BUDGET_OWNERS, clock_thread_cpu_ns() - cpu_ns, clock_now_ns());
	sweeper_spend_folding(s, BUDGET_OWNERS);
}

/* ---- the thread ---- */

static void sweeper_take_mail(struct sweeper *s)
{
	struct watch_plan *plan = mailbox_take_plan(s->box);
	struct owner_ask asks[MAILBOX_ASKS];
	unsigned ask_count = mailbox_take_asks(s->box, asks);
	bool now, after_loss;

	if (plan) {
		plan_free(s->plan);
		s->plan = plan;
		budget_set_rate(&s->budget, plan->budget, clock_now_ns());
	}
	for (unsigned i = 0; i < ask_count; i++)
		owner_look_for(&s->owner, &asks[i]);
	mailbox_take_sweep(s->box, &now, &after_loss);
	s->sweep_now |= now;
	s->sweep_after_loss |= after_loss;
}

void sweeper_wait(struct sweeper *s, int64_t due_ns)
{
	struct pollfd wake = {.fd = s->box->sweeper_wake_fd, .events = POLLIN};
	int64_t wait_ns = due_ns == INT64_MAX ? 0 : later(due_ns - clock_now_ns(), 0);
	struct timespec timeout = {.tv_sec = wait_ns / NS_PER_SECOND, .tv_nsec = wait_ns % NS_PER_SECOND};
	eventfd_t ignored;

	switch (ppoll(&wake, 1, due_ns == INT64_MAX ? NULL : &timeout, NULL)) {
	case 0:
		break;
	case -1:
		netlink_wait_failed();
		break;
	default:
		eventfd_read(s->box->sweeper_wake_fd, &ignored);
	}
}

static int64_t sweeper_next_due(struct sweeper *s, int64_t now_ns)
{
	int64_t due_ns = sooner(sweeper_full_due(s, now_ns), sweeper_masked_due(s, now_ns));

	due_ns = sooner(due_ns, sweeper_watched_due(s, now_ns));
	due_ns = sooner(due_ns, sweeper_owner_due(s, now_ns));
	if (atomic_load(&s->box->lookups_wait) > 0)
		due_ns = sooner(due_ns, budget_when(&s->budget, BUDGET_LOOKUPS, now_ns));
	return due_ns;
}

/* One piece of each kind of work that is due, the most urgent first. */
static void sweeper_work(struct sweeper *s)
{
	int64_t now_ns = clock_now_ns(), soon_ns = now_ns + COALESCE_NS;

	if (atomic_load(&s->box->lookups_wait) > 0)
		sweeper_serve_asked(s);
	if (sweeper_watched_due(s, now_ns) <= soon_ns)
		sweeper_look_up_watched(s, now_ns);
	if (sweeper_full_due(s, now_ns) <= soon_ns) {
		s->sweep_now = s->sweep_after_loss = false;
		sweeper_sweep_all(s);
	} else if (sweeper_masked_due(s, now_ns) <= soon_ns) {
		sweeper_sweep(s, PASSING_STATES, &s->masked);
	}
	if (sweeper_owner_due(s, now_ns) <= soon_ns)
		sweeper_search_owners(s);
}

void sweeper_run(struct sweeper *s)
{
	while (!sweeper_is_stopping(s)) {
		sweeper_take_mail(s);
		sweeper_work(s);
		if (!sweeper_is_stopping(s))
			sweeper_wait(s, sweeper_next_due(s, clock_now_ns()));
	}
	sweeper_look_last(s);
}
