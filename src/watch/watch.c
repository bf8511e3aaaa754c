/* The watch: two threads, the queue between them and the main thread, the mailbox the other way. See watch/watch.h. */
#include "config.h"

#include "watch/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "watch/fence.h"
#include "watch/hosts.h"
#include "watch/mailbox.h"
#include "watch/netlink.h"
#include "watch/shed.h"
#include "watch/snmp.h"
#include "watch/sockstat.h"
#include "watch/sweeper.h"

/* Batches that wait for the main thread: 16,384 observations, some 3 MB. */
#define QUEUE_ROOM 32
#define LISTEN_AGAIN_MS 1000
#define STUCK_PAUSE_MS 20
/* Notices that come one after the other are gathered so long: each wakeup costs the program that closes. */
#define GATHER_MS 5
#define GATHER_FROM 2u
/* Between looks at the fence, while notices go on being drained; and for room for the last ones. */
#define LAST_PAUSE_MS 5

struct watch {
	struct mailbox box;
	struct queue *queue;
	struct sweeper sweeper;
	struct hosts hosts;
	struct shed shed;
	bool shed_told;   /* that it is deaf */
	uint64_t shed_opened_told; /* while it is: how many were opened, as last told */
	bool own_netns;   /* what is watched is what /proc tells of */
	pthread_t sweep_thread, notice_thread;
	uint64_t netns;
	struct pollfd *ready; /* of the thread for notices */
};

int watch_open_sockets(struct watch_sockets *sockets)
{
	int dump = netlink_open(0), lookup = netlink_open(0), notices = netlink_open(OBITUARY_BUFFER_BYTES);

	if (notices >= 0 && netlink_listen_to_ends(notices, true) < 0) {
		close(notices);
		notices = -1;
	}
	*sockets = (struct watch_sockets){
		.dump = dump < 0 ? -1 : dump,
		.lookup = lookup < 0 ? -1 : lookup,
		.notices = notices < 0 ? -1 : notices,
	};
	return dump < 0 ? dump : 0;
}

void watch_close_sockets(const struct watch_sockets *sockets)
{
	const int fds[] = {sockets->dump, sockets->lookup, sockets->notices};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* ---- the thread for notices ---- */

static int notices_shed_timeout_ms(const struct watch *w)
{
	int64_t left_ns = w->shed.look_ns - clock_now_ns();

	return left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0;
}

/* What /proc counts is of our own namespace, which has to be all that is watched. */
static uint64_t notices_opened(const struct watch *w)
{
	return w->own_netns && w->hosts.count == 1 ? snmp_tcp_opens() : SHED_NOT_COUNTED;
}

/* Once per change, and while deaf whenever it was counted; what there is no room for is told at the next turn. Under the lock of the hosts. */
static void notices_tell_shed(struct watch *w)
{
	const uint64_t opened = shed_opened(&w->shed);
	int64_t now_ns = clock_now_ns();
	struct observation *seen;

	if (w->shed.deaf == w->shed_told && (!w->shed.deaf || opened == w->shed_opened_told))
		return;
	outlet_set_netns(&w->hosts.notices_out, w->netns);
	seen = outlet_add(&w->hosts.notices_out, OBSERVED_SHED, w->shed.since_ns, now_ns);
	if (!seen)
		return;
	seen->shed.deaf = w->shed.deaf;
	if (opened != SHED_NOT_COUNTED) {
		seen->shed.counted = true;
		seen->shed.opened = opened;
	}
	w->shed_told = w->shed.deaf;
	w->shed_opened_told = opened;
}

static void notices_part(struct watch *w, bool *lost)
{
	for (unsigned i = 0; i < w->hosts.count; i++) {
		outlet_set_netns(&w->hosts.notices_out, w->hosts.all[i]->netns);
		obituary_part(&w->hosts.all[i]->obituary, lost);
	}
}

/* Under the lock of the hosts. To end listening for good is up to notices_finish. */
static void notices_listen(struct watch *w)
{
	if (atomic_load(&w->box.finishing))
		return;
	for (unsigned i = 0; i < w->hosts.count; i++) {
		outlet_set_netns(&w->hosts.notices_out, w->hosts.all[i]->netns);
		obituary_listen(&w->hosts.all[i]->obituary, atomic_load(&w->box.notices) && !w->shed.deaf);
	}
}

/* Whether to be deaf for a while, or no longer. Under the lock of the hosts. *lost: what ended meanwhile is to be seen missing. */
static void notices_shed(struct watch *w, uint64_t ends, bool *lost)
{
	int64_t now_ns = clock_now_ns();

	w->shed.limit = atomic_load(&w->box.shed_rate);
	if (shed_count(&w->shed, ends, now_ns)) {
		notices_part(w, lost);
		/* After that, so that nothing is counted that was heard. */
		shed_begin(&w->shed, notices_opened(w), clock_now_ns());
	} else if (w->shed.deaf && (now_ns >= w->shed.look_ns || !w->shed.limit) && shed_is_over(&w->shed, notices_opened(w), now_ns)) {
		notices_listen(w);
		*lost = true;
	}
	notices_tell_shed(w);
}

static void notices_wait(struct watch *w, bool gather)
{
	unsigned count = 1;
	int timeout_ms = -1;
	bool deaf = false;
	eventfd_t ignored;
	int n;

	pthread_mutex_lock(&w->hosts.lock);
	w->ready = memory_resize(w->ready, 1u + w->hosts.count, sizeof(*w->ready));
	w->ready[0] = (struct pollfd){.fd = w->box.notices_wake_fd, .events = POLLIN};
	for (unsigned i = 0; i < w->hosts.count && !gather; i++) {
		deaf |= !w->hosts.all[i]->obituary.listening;
		w->ready[count++] = (struct pollfd){.fd = obituary_fd(&w->hosts.all[i]->obituary), .events = POLLIN};
	}
	if (gather)
		timeout_ms = GATHER_MS;
	else if (outlet_is_stuck(&w->hosts.notices_out))
		timeout_ms = STUCK_PAUSE_MS;
	else if (w->shed.deaf)
		timeout_ms = notices_shed_timeout_ms(w);
	else if (atomic_load(&w->box.notices) && deaf)
		timeout_ms = LISTEN_AGAIN_MS;
	pthread_mutex_unlock(&w->hosts.lock);
	n = poll(w->ready, count, timeout_ms);
	if (n < 0)
		netlink_wait_failed();
	else if (n > 0 && w->ready[0].revents)
		eventfd_read(w->box.notices_wake_fd, &ignored);
}

/* How many notices came; *lost is set when some did not. */
static unsigned notices_take(struct watch *w, bool *lost)
{
	uint64_t ends = 0;
	unsigned count = 0;

	pthread_mutex_lock(&w->hosts.lock);
	notices_listen(w);
	for (unsigned i = 0; i < w->hosts.count; i++) {
		struct host *host = w->hosts.all[i];
		uint32_t drops = host->obituary.drops;
		bool lost_here = false;
		unsigned came;

		outlet_set_netns(&w->hosts.notices_out, host->netns);
		came = obituary_drain(&host->obituary, &lost_here);
		ends += came + (host->obituary.listening ? host->obituary.drops - drops : 0);
		count += came;
		*lost |= lost_here;
	}
	notices_shed(w, ends, lost);
	outlet_flush(&w->hosts.notices_out);
	pthread_mutex_unlock(&w->hosts.lock);
	return count;
}

/* ---- its last words ---- */

static bool notices_heard(struct watch *w)
{
	bool heard = false;

	pthread_mutex_lock(&w->hosts.lock);
	for (unsigned i = 0; i < w->hosts.count; i++)
		heard |= w->hosts.all[i]->obituary.listening;
	pthread_mutex_unlock(&w->hosts.lock);
	return heard;
}

/* Until the kernel has sent the notices of what has died so far. */
static void notices_await_sent(struct watch *w)
{
	struct fence fence;
	bool lost = false;

	fence_raise(&fence);
	while (fence_stands(&fence, LAST_PAUSE_MS) && !atomic_load(&w->box.stopping))
		notices_take(w, &lost);
	fence_fini(&fence);
}

static void notices_hush(struct watch *w)
{
	pthread_mutex_lock(&w->hosts.lock);
	for (unsigned i = 0; i < w->hosts.count; i++)
		obituary_hush(&w->hosts.all[i]->obituary);
	pthread_mutex_unlock(&w->hosts.lock);
}

/* Waits for room for all that was taken. False: the watch ends before. */
static bool notices_hand_over(struct watch *w)
{
	bool stuck = true;

	while (!atomic_load(&w->box.stopping)) {
		pthread_mutex_lock(&w->hosts.lock);
		outlet_flush(&w->hosts.notices_out);
		stuck = outlet_is_stuck(&w->hosts.notices_out);
		pthread_mutex_unlock(&w->hosts.lock);
		if (!stuck)
			return true;
		nanosleep(&(struct timespec){.tv_nsec = LAST_PAUSE_MS * NS_PER_MS}, NULL);
	}
	return false;
}

/* Takes what has come in the first namespace whose notices have not been taken to the last. False: there is none. */
static bool notices_part_one(struct watch *w)
{
	bool found = false, lost = false;

	pthread_mutex_lock(&w->hosts.lock);
	for (unsigned i = 0; i < w->hosts.count && !found; i++) {
		struct host *host = w->hosts.all[i];

		found = host->obituary.listening;
		outlet_set_netns(&w->hosts.notices_out, host->netns);
		obituary_part(&host->obituary, &lost);
	}
	pthread_mutex_unlock(&w->hosts.lock);
	return found;
}

static void notices_tell_over(struct watch *w)
{
	struct observation *seen = NULL;

	/* The other thread can have filled the outlet again. */
	while (!seen && notices_hand_over(w)) {
		int64_t now_ns = clock_now_ns();

		pthread_mutex_lock(&w->hosts.lock);
		shed_note_opened(&w->shed, notices_opened(w));
		notices_tell_shed(w);
		outlet_set_netns(&w->hosts.notices_out, w->netns);
		seen = outlet_add(&w->hosts.notices_out, OBSERVED_OVER, now_ns, now_ns);
		if (seen)
			seen->over.source = SOURCE_OBITUARY;
		pthread_mutex_unlock(&w->hosts.lock);
	}
	notices_hand_over(w);
}

/* A socket's buffer of notices is a fraction of what the outlet takes: with room for all before each, nothing is lost here. */
static void notices_finish(struct watch *w)
{
	if (notices_heard(w))
		notices_await_sent(w);
	notices_hush(w);
	while (notices_hand_over(w))
		if (!notices_part_one(w)) {
			notices_tell_over(w);
			return;
		}
}

static void *notices_run(void *context)
{
	struct watch *w = context;

	while (!atomic_load(&w->box.stopping) && !atomic_load(&w->box.finishing)) {
		bool lost = false;
		unsigned count = notices_take(w, &lost);

		if (lost)
			mailbox_ask_sweep(&w->box, true);
		notices_wait(w, count >= GATHER_FROM);
	}
	if (!atomic_load(&w->box.stopping))
		notices_finish(w);
	return NULL;
}

/*
 * A sweep that is over bounds lives that only their notice tells of: if no notice was waiting then, they had not ended. And what a look-up found is not the work of a
 * later life, if no notice of that is on its way.
 */
static bool heard(void *context, struct host *host, int64_t *now_ns)
{
	struct watch *w = context;
	bool all;

	pthread_mutex_lock(&w->hosts.lock);
	all = obituary_glance(&host->obituary, now_ns) && !outlet_is_stuck(&w->hosts.notices_out);
	/* Then it is told when they have been read. */
	host->obituary.unheard |= !all;
	pthread_mutex_unlock(&w->hosts.lock);
	return all && atomic_load(&w->box.notices);
}

/* Before a namespace's first sweep, so that no life falls in between. */
static void listen_early(struct watch *w)
{
	pthread_mutex_lock(&w->hosts.lock);
	notices_listen(w);
	pthread_mutex_unlock(&w->hosts.lock);
}

/* The list of hosts has changed; and while the thread sleeps on a socket that was closed, its namespace stays. */
static void hosts_changed(void *context)
{
	struct watch *w = context;

	listen_early(w);
	eventfd_write(w->box.notices_wake_fd, 1);
}

static void *sweeps_run(void *context)
{
	struct watch *w = context;

	sweeper_run(&w->sweeper);
	return NULL;
}

/* ---- start and end ---- */

/*
 * Signals stay with the main thread: the new ones inherit a mask that blocks all. But for those of a fault: blocked, the kernel would end the program at
 * once, and whoever has to give the terminal back would not be asked.
 */
static int watch_start_threads(struct watch *w)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	sigset_t all, before;
	int error;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&w->sweep_thread, NULL, sweeps_run, w);
	if (error == 0) {
		error = pthread_create(&w->notice_thread, NULL, notices_run, w);
		if (error != 0) {
			mailbox_stop(&w->box);
			queue_close(w->queue);
			pthread_join(w->sweep_thread, NULL);
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0) {
		pthread_setname_np(w->sweep_thread, "synfin-sweeps");
		pthread_setname_np(w->notice_thread, "synfin-notices");
	}
	return -error;
}

static void watch_drop_batch(void *batch)
{
	batch_free(batch);
}

static void watch_free(struct watch *w)
{
	sweeper_fini(&w->sweeper);
	hosts_fini(&w->hosts);
	free(w->ready);
	queue_free(w->queue, watch_drop_batch);
	mailbox_fini(&w->box);
	free(w);
}

int watch_start(const struct watch_plan *plan, struct watch_sockets sockets, struct watch **out, const char **where)
{
	struct watch *w = memory_get_zeroed(1, sizeof(*w));
	bool own_netns = sockets.dump < 0 && sockets.notices < 0;
	int error = mailbox_init(&w->box);

	if (error == 0 && !(w->queue = queue_new(QUEUE_ROOM))) {
		error = -errno;
		mailbox_fini(&w->box);
	}
	if (error < 0) {
		*where = N_("cannot make the queue for what is seen");
		watch_close_sockets(&sockets);
		free(w);
		return error;
	}
	hosts_init(&w->hosts, w->queue);
	w->netns = hosts_add(&w->hosts, sockets, &error)->netns;
	sweeper_init(&w->sweeper, &w->box, w->queue, plan, &w->hosts);
	w->sweeper.heard = heard;
	w->sweeper.hosts_changed = hosts_changed;
	w->sweeper.context = w;
	atomic_store(&w->box.notices, plan->notices);
	atomic_store(&w->box.shed_rate, plan->shed_rate);
	w->own_netns = own_netns;
	/* All need the same kind of socket, but for /proc: without one, notices only may do when theirs was brought along. */
	if (error < 0 && sockets.notices < 0 && !w->hosts.all[0]->proc) {
		*where = N_("cannot open a socket to the kernel's sock_diag");
	} else {
		listen_early(w);
		error = watch_start_threads(w);
		*where = N_("cannot start a thread");
	}
	if (error < 0) {
		watch_free(w);
		return error;
	}
	*out = w;
	return 0;
}

static uint64_t watch_count_notices(const struct batch *b)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		const struct observation *o = &b->observations[i];

		count += o->kind == OBSERVED_END ? 1 : o->kind == OBSERVED_LOSS ? o->loss.lost : 0;
	}
	return count;
}

/* What nobody took: in the sockets, on the way to the queue, and in it. The threads have ended. */
static uint64_t watch_count_left(struct watch *w)
{
	uint64_t left = 0;
	struct batch *b;

	while (notices_part_one(w))
		;
	while ((b = queue_take(w->queue)) || (b = outlet_take_back(&w->hosts.notices_out))) {
		left += watch_count_notices(b);
		batch_free(b);
	}
	for (unsigned i = 0; i < w->hosts.count; i++)
		left += w->hosts.all[i]->obituary.lost_untold;
	return left;
}

uint64_t watch_stop(struct watch *w)
{
	uint64_t left = 0;

	if (!w)
		return 0;
	mailbox_stop(&w->box);
	queue_close(w->queue);
	pthread_join(w->sweep_thread, NULL);
	pthread_join(w->notice_thread, NULL);
	if (atomic_load(&w->box.finishing))
		left = watch_count_left(w);
	watch_free(w);
	return left;
}

void watch_finish(struct watch *w)
{
	mailbox_finish(&w->box);
}

void watch_await_answers(struct watch *w)
{
	mailbox_await_answers(&w->box);
}

struct queue *watch_batches(struct watch *w)
{
	return w->queue;
}

void watch_set_plan(struct watch *w, const struct watch_plan *plan)
{
	mailbox_put_plan(&w->box, plan);
}

bool watch_look_up(struct watch *w, const struct lookup *lookup)
{
	return mailbox_put_lookup(&w->box, lookup);
}

void watch_charge(struct watch *w, const struct batch *b, int64_t cost_ns)
{
	switch (b->count ? b->observations[0].kind : OBSERVED_TROUBLE) {
	case OBSERVED_SAMPLE:
	case OBSERVED_SWEEP_BEGIN:
	case OBSERVED_SWEEP_END:
		atomic_fetch_add(&w->box.folding_ns[BUDGET_SWEEPS], cost_ns);
		break;
	case OBSERVED_OWNER:
	case OBSERVED_OWNERS:
		atomic_fetch_add(&w->box.folding_ns[BUDGET_OWNERS], cost_ns);
		break;
	default: /* cannot be put off */
		break;
	}
}

void watch_sweep_now(struct watch *w)
{
	mailbox_ask_sweep(&w->box, false);
}

void watch_look_for_owners(struct watch *w, const struct owner_ask *asks, unsigned count)
{
	mailbox_put_asks(&w->box, asks, count);
}

uint64_t watch_netns(const struct watch *w)
{
	return w->netns;
}

uint32_t watch_count_sockets(void)
{
	return sockstat_tcp_sockets();
}
