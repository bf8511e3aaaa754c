/*
 * The event loop: see base/loop.h. Owns the epoll object, the table of watched descriptors, the timers, and the flags
 * that the signal handler sets.
 *
 * A turn: wait, then signals, then descriptors, then timers. Callbacks may add and remove anything: a descriptor's
 * events carry the number of the watch they were meant for, so that one removed (and perhaps made anew under the same
 * number) in the same turn gets none of them.
 */
#include "config.h"

#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

#define EVENTS_PER_TURN 32
/* After a wait that failed. */
#define WAIT_FAILED_MS 20

struct watcher {
	loop_fd_call *call; /* NULL: not watched */
	void *context;
	uint32_t number; /* of this watch; travels in epoll's data beside the fd */
};

struct timer {
	int id;
	uint32_t turn; /* in which it was made */
	int64_t when_ns;
	loop_timer_call *call;
	void *context;
};

struct handled_signal {
	int signal;
	bool was_blocked;
	struct sigaction before;
	loop_signal_call *call;
	void *context;
};

#define BUSY_TURNS_MAX 30 /* after which signals are let in: see loop_let_signals_in() */

struct loop {
	int epoll_fd;
	bool stopped;
	int result;
	uint32_t turn, watch_number;
	int timer_id;
	struct watcher *watchers; /* by fd */
	size_t watcher_room;
	struct timer *timers;
	size_t timer_count, timer_room;
	struct handled_signal *signals;
	size_t signal_count;
	sigset_t wait_mask; /* of epoll_pwait: the handled signals come through */
	unsigned busy_turns;    /* in a row in which something was ready */
};

static volatile sig_atomic_t signal_came[NSIG];

static void loop_note_signal(int signal)
{
	signal_came[signal] = 1;
}

struct loop *loop_new(void)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct loop *l;

	if (epoll_fd < 0)
		return NULL;
	l = memory_get_zeroed(1, sizeof(*l));
	l->epoll_fd = epoll_fd;
	pthread_sigmask(SIG_SETMASK, NULL, &l->wait_mask);
	return l;
}

void loop_give_signals_back(struct loop *l)
{
	for (size_t i = 0; i < l->signal_count; i++) {
		struct handled_signal *h = &l->signals[i];
		sigset_t set;

		sigaction(h->signal, &h->before, NULL);
		signal_came[h->signal] = 0;
		if (h->was_blocked)
			continue;
		sigemptyset(&set);
		sigaddset(&set, h->signal);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	}
	l->signal_count = 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_give_signals_back(l);
	close(l->epoll_fd);
	free(l->signals);
	free(l->timers);
	free(l->watchers);
	free(l);
}

int loop_add_fd(struct loop *l, int fd, uint32_t epoll_events, loop_fd_call *call, void *context)
{
	struct epoll_event event = {.events = epoll_events};
	int failed;

	if (fd < 0)
		return -EBADF;
	if (++l->watch_number == 0)
		l->watch_number = 1;
	event.data.u64 = (uint64_t)l->watch_number << 32 | (uint32_t)fd;
	failed = epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	if (failed && errno == EEXIST)
		failed = epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &event);
	if (failed)
		return -errno;
	if ((size_t)fd >= l->watcher_room) {
		size_t room = (size_t)fd + 16;

		l->watchers = memory_resize(l->watchers, room, sizeof(*l->watchers));
		memset(l->watchers + l->watcher_room, 0, (room - l->watcher_room) * sizeof(*l->watchers));
		l->watcher_room = room;
	}
	l->watchers[fd] = (struct watcher){.call = call, .context = context, .number = l->watch_number};
	return 0;
}

void loop_remove_fd(struct loop *l, int fd)
{
	if (fd < 0 || (size_t)fd >= l->watcher_room || !l->watchers[fd].call)
		return;
	/* Fails if it was closed before: then the kernel has forgotten it already. */
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	l->watchers[fd] = (struct watcher){0};
}

static bool loop_has_timer(const struct loop *l, int id)
{
	for (size_t i = 0; i < l->timer_count; i++)
		if (l->timers[i].id == id)
			return true;
	return false;
}

int loop_at(struct loop *l, int64_t when_ns, loop_timer_call *call, void *context)
{
	if (l->timer_count == l->timer_room) {
		l->timer_room = l->timer_room ? l->timer_room * 2 : 8;
		l->timers = memory_resize(l->timers, l->timer_room, sizeof(*l->timers));
	}
	do
		l->timer_id = l->timer_id == INT_MAX ? 1 : l->timer_id + 1;
	while (loop_has_timer(l, l->timer_id));
	l->timers[l->timer_count++] = (struct timer){
		.id = l->timer_id, .turn = l->turn, .when_ns = when_ns, .call = call, .context = context,
	};
	return l->timer_id;
}

/* Those behind it move up: timers of the same time run in the order they were made. */
static void loop_drop_timer(struct loop *l, size_t index)
{
	l->timer_count--;
	memmove(&l->timers[index], &l->timers[index + 1], (l->timer_count - index) * sizeof(*l->timers));
}

void loop_cancel_timer(struct loop *l, int id)
{
	for (size_t i = 0; i < l->timer_count; i++)
		if (l->timers[i].id == id) {
			loop_drop_timer(l, i);
			return;
		}
}

/* A shell starts a background job with these ignored, nohup does so with SIGHUP: it is not for us to undo. */
static bool stays_ignored(int signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGHUP || signal == SIGTSTP || signal == SIGTTIN ||
	       signal == SIGTTOU;
}

int loop_on_signal(struct loop *l, int signal, loop_signal_call *call, void *context)
{
	struct sigaction action = {.sa_handler = loop_note_signal, .sa_flags = SA_RESTART};
	struct handled_signal h = {.signal = signal, .call = call, .context = context};
	sigset_t set, mask;

	for (size_t i = 0; i < l->signal_count; i++)
		if (l->signals[i].signal == signal) {
			l->signals[i].call = call;
			l->signals[i].context = context;
			return 0;
		}
	if (sigaction(signal, NULL, &h.before))
		return -errno;
	if (h.before.sa_handler == SIG_IGN && stays_ignored(signal))
		return 0;
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_BLOCK, &set, &mask);
	h.was_blocked = sigismember(&mask, signal) == 1;
	sigfillset(&action.sa_mask);
	if (sigaction(signal, &action, NULL)) {
		int error = errno;

		pthread_sigmask(SIG_SETMASK, &mask, NULL);
		return -error;
	}
	sigdelset(&l->wait_mask, signal);
	l->signals = memory_resize(l->signals, l->signal_count + 1, sizeof(*l->signals));
	l->signals[l->signal_count++] = h;
	return 0;
}

/* Milliseconds until the earliest timer, rounded up so that nothing is woken too early; -1: no timer. */
static int loop_wait_ms(const struct loop *l)
{
	int64_t earliest = INT64_MAX, now;

	for (size_t i = 0; i < l->timer_count; i++)
		if (l->timers[i].when_ns < earliest)
			earliest = l->timers[i].when_ns;
	if (earliest == INT64_MAX)
		return -1;
	now = clock_now_ns();
	if (earliest <= now)
		return 0;
	if ((earliest - now) / NS_PER_MS >= INT_MAX)
		return INT_MAX;
	return (int)((earliest - now + NS_PER_MS - 1) / NS_PER_MS);
}

static void loop_deliver_signals(struct loop *l)
{
	/* A callback may add signals, which moves the array. */
	for (size_t i = 0; i < l->signal_count && !l->stopped; i++) {
		struct handled_signal h = l->signals[i];

		if (!signal_came[h.signal])
			continue;
		signal_came[h.signal] = 0;
		h.call(h.context, h.signal);
	}
}

static void loop_deliver_events(struct loop *l, const struct epoll_event *events, int count)
{
	for (int i = 0; i < count && !l->stopped; i++) {
		uint32_t fd = (uint32_t)events[i].data.u64, number = (uint32_t)(events[i].data.u64 >> 32);

		if (fd < l->watcher_room && l->watchers[fd].call && l->watchers[fd].number == number)
			l->watchers[fd].call(l->watchers[fd].context, events[i].events);
	}
}

/* Those due, earliest first; those made meanwhile wait for the next turn, so that a timer that sets itself for now
 * starves nobody. */
static void loop_run_timers(struct loop *l)
{
	int64_t now;

	if (l->timer_count == 0)
		return;
	now = clock_now_ns();
	while (!l->stopped) {
		struct timer due = {.when_ns = INT64_MAX};
		size_t index = 0;

		for (size_t i = 0; i < l->timer_count; i++) {
			const struct timer *t = &l->timers[i];

			if (t->when_ns > now || t->turn == l->turn || t->when_ns >= due.when_ns)
				continue;
			due = *t;
			index = i;
		}
		if (!due.call)
			return;
		loop_drop_timer(l, index);
		due.call(due.context);
	}
}

/* epoll_pwait() lets signals in only while it waits: with a descriptor that is always ready they would wait for ever. */
static void loop_let_signals_in(const struct loop *l)
{
	sigset_t usual;

	pthread_sigmask(SIG_SETMASK, &l->wait_mask, &usual);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
}

/* Until something comes, the earliest timer is due or a signal. A kernel without memory refuses; then it is asked again in a moment, lest the loop spin. */
static int loop_wait(struct loop *l, struct epoll_event events[EVENTS_PER_TURN])
{
	const int timeout_ms = loop_wait_ms(l);
	const int count = epoll_pwait(l->epoll_fd, events, EVENTS_PER_TURN, timeout_ms, &l->wait_mask);
	struct timespec pause = {.tv_nsec = WAIT_FAILED_MS * NS_PER_MS};

	l->busy_turns = count > 0 ? l->busy_turns + 1 : 0;
	if (l->busy_turns > BUSY_TURNS_MAX) {
		l->busy_turns = 0;
		loop_let_signals_in(l);
	}
	if (count >= 0 || errno == EINTR)
		return count;
	assert(errno != EBADF && errno != EINVAL);
	if (timeout_ms >= 0 && timeout_ms < WAIT_FAILED_MS)
		pause.tv_nsec = timeout_ms * NS_PER_MS;
	ppoll(NULL, 0, &pause, &l->wait_mask);
	return 0;
}

int loop_run(struct loop *l)
{
	struct epoll_event events[EVENTS_PER_TURN];

	while (!l->stopped) {
		const int count = loop_wait(l, events);

		l->turn++;
		loop_deliver_signals(l);
		loop_deliver_events(l, events, count);
		loop_run_timers(l);
	}
	l->stopped = false;
	return l->result;
}

void loop_stop(struct loop *l, int result)
{
	l->stopped = true;
	l->result = result;
}
