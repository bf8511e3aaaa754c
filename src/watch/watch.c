/* The watch: two threads, the queue between them and the main thread, the mailbox the other way. See watch/watch.h. */
#include "config.h"

#include "watch/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "watch/mailbox.h"
#include "watch/netlink.h"
#include "watch/obituary.h"
#include "watch/outlet.h"
#include "watch/shed.h"
#include "watch/snmp.h"
#include "watch/sweeper.h"

/* Batches that wait for the main thread: 16,384 observations, some 3 MB. */
#define QUEUE_ROOM 32
#define LISTEN_AGAIN_MS 1000
#define STUCK_PAUSE_MS 20
/* Notices that come one after the other are gathered so long: each wakeup costs the program that closes. */
#define GATHER_MS 5
#define GATHER_FROM 2u

struct watch {
	struct mailbox box;
	struct queue *queue;
	struct sweeper sweeper;
	struct outlet notices_out;
	struct obituary obituary;
	struct shed shed;
	bool shed_told;   /* that it is deaf */
	bool own_netns;   /* what is watched is what /proc tells of */
	pthread_t sweep_thread, notice_thread;
	uint64_t netns;
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

/* ---- the thread for notices ---- */

static int notices_shed_timeout_ms(const struct watch *w)
{
	int64_t left_ns = w->shed.look_ns - clock_now_ns();

	return left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0;
}

static uint64_t notices_opened(const struct watch *w)
{
	return w->own_netns ? snmp_tcp_opens() : SHED_NOT_COUNTED;
}

/* Once per change; what there is no room for is told at the next turn. */
static void notices_tell_shed(struct watch *w)
{
	int64_t now_ns = clock_now_ns();
	struct observation *seen;

	if (w->shed.deaf == w->shed_told)
		return;
	seen = outlet_add(&w->notices_out, OBSERVED_SHED, w->shed.since_ns, now_ns);
	if (!seen)
		return;
	seen->shed.deaf = w->shed.deaf;
	if (!w->shed.deaf && shed_opened(&w->shed) != SHED_NOT_COUNTED) {
		seen->shed.counted = true;
		seen->shed.opened = shed_opened(&w->shed);
	}
	w->shed_told = w->shed.deaf;
}

/* Whether to be deaf for a while, or no longer. */
static void notices_shed(struct watch *w, uint64_t ends)
{
	int64_t now_ns = clock_now_ns();
	bool lost = false;

	w->shed.limit = atomic_load(&w->box.shed_rate);
	if (shed_count(&w->shed, ends, now_ns)) {
		obituary_part(&w->obituary, &lost);
		/* After that, so that nothing is counted that was heard. */
		shed_begin(&w->shed, notices_opened(w), clock_now_ns());
	} else if (w->shed.deaf && (now_ns >= w->shed.look_ns || !w->shed.limit) && shed_is_over(&w->shed, notices_opened(w), now_ns)) {
		obituary_listen(&w->obituary, atomic_load(&w->box.notices));
		lost = true; /* in a way: what ended meanwhile is to be seen missing */
	}
	notices_tell_shed(w);
	if (lost)
		mailbox_ask_sweep(&w->box, true);
}

static void notices_wait(struct watch *w, bool gather)
{
	struct pollfd ready[2] = {
		{.fd = w->box.notices_wake_fd, .events = POLLIN},
		{.fd = gather ? -1 : obituary_fd(&w->obituary), .events = POLLIN},
	};
	int timeout_ms = -1;
	eventfd_t ignored;
	int n;

	if (gather)
		timeout_ms = GATHER_MS;
	else if (outlet_is_stuck(&w->notices_out))
		timeout_ms = STUCK_PAUSE_MS;
	else if (w->shed.deaf)
		timeout_ms = notices_shed_timeout_ms(w);
	else if (atomic_load(&w->box.notices) && !w->obituary.listening)
		timeout_ms = LISTEN_AGAIN_MS;
	n = poll(ready, 2, timeout_ms);
	if (n < 0)
		netlink_wait_failed();
	else if (n > 0 && ready[0].revents)
		eventfd_read(w->box.notices_wake_fd, &ignored);
}

static void *notices_run(void *context)
{
	struct watch *w = context;

	while (!atomic_load(&w->box.stopping)) {
		uint32_t drops;
		bool lost = false;
		unsigned count;

		obituary_listen(&w->obituary, atomic_load(&w->box.notices) && !w->shed.deaf);
		drops = w->obituary.drops;
		count = obituary_drain(&w->obituary, &lost);
		notices_shed(w, count + (w->obituary.listening ? w->obituary.drops - drops : 0));
		outlet_flush(&w->notices_out);
		if (lost)
			mailbox_ask_sweep(&w->box, true);
		notices_wait(w, count >= GATHER_FROM);
	}
	return NULL;
}

/* A sweep that is over bounds lives that only their notice tells of: if no notice was waiting then, they had not ended. */
static void swept(void *context)
{
	struct watch *w = context;

	obituary_glance(&w->obituary);
}

static void *sweeps_run(void *context)
{
	struct watch *w = context;

	sweeper_run(&w->sweeper);
	return NULL;
}

/* ---- start and end ---- */

static void watch_close_sockets(const struct watch_sockets *sockets)
{
	const int fds[] = {sockets->dump, sockets->lookup, sockets->notices};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

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
	obituary_fini(&w->obituary);
	outlet_fini(&w->notices_out);
	sweeper_fini(&w->sweeper);
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
	error = sweeper_init(&w->sweeper, &w->box, w->queue, plan, sockets.dump, sockets.lookup);
	w->netns = w->sweeper.out.netns;
	outlet_init(&w->notices_out, w->queue, w->netns, false);
	obituary_init(&w->obituary, sockets.notices, OBITUARY_BUFFER_BYTES, &w->notices_out);
	w->sweeper.swept = swept;
	w->sweeper.context = w;
	atomic_store(&w->box.notices, plan->notices);
	atomic_store(&w->box.shed_rate, plan->shed_rate);
	w->own_netns = own_netns;
	/* All need the same kind of socket, but for /proc: without one, notices only may do when theirs was brought along. */
	if (error < 0 && sockets.notices < 0 && !w->sweeper.proc) {
		*where = N_("cannot open a socket to the kernel's sock_diag");
	} else {
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

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	mailbox_stop(&w->box);
	queue_close(w->queue);
	pthread_join(w->sweep_thread, NULL);
	pthread_join(w->notice_thread, NULL);
	watch_free(w);
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
