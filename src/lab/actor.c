#include "config.h"

#include "lab/actor.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

struct actor {
	struct loop *loop;
	int fd;                  /* -1 once it is closed or kept */
	const struct step *step; /* NULL: not chosen yet */
	actor_choose *choose;
	struct sockaddr_storage to;
	uint32_t done;           /* bytes of the present step */
	uint8_t first;
	bool ended;              /* the peer's FIN, or an error, was read */
};

int actor_deafen(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &drop};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

int actor_undeafen(int fd)
{
	int unused = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) < 0 ? -errno : 0;
}

/* What became of a step: go on with the next one, wait for the socket or a timer, or the script is over. */
enum turn {
	TURN_NEXT,
	TURN_READABLE,
	TURN_WRITABLE,
	TURN_TIMER,
	TURN_OVER,
};

static enum turn take_connect(struct actor *a)
{
	socklen_t len = a->to.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

	if (connect(a->fd, (const struct sockaddr *)&a->to, len) < 0 && errno != EINPROGRESS)
		return TURN_OVER;
	return TURN_NEXT;
}

static enum turn take_open(struct actor *a)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	int error = 0;

	if (getpeername(a->fd, (struct sockaddr *)&peer, &len) == 0)
		return TURN_NEXT;
	len = sizeof error;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return TURN_OVER;
	return TURN_WRITABLE;
}

static enum turn take_send(struct actor *a)
{
	const uint8_t bytes[4096] = {a->first};

	while (a->done < a->step->number) {
		uint32_t left = a->step->number - a->done;
		ssize_t sent = send(a->fd, bytes, left < sizeof bytes ? left : sizeof bytes, MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EAGAIN ? TURN_WRITABLE : TURN_OVER;
		a->done += (uint32_t)sent;
	}
	return TURN_NEXT;
}

static enum turn take_await(struct actor *a)
{
	uint8_t bytes[4096];

	while (!a->ended && a->done < a->step->number) {
		ssize_t got = recv(a->fd, bytes, sizeof bytes, 0);

		if (got < 0 && errno == EAGAIN)
			return TURN_READABLE;
		if (got < 0)
			return TURN_OVER;
		if (got == 0)
			a->ended = true;
		else
			a->done += (uint32_t)got;
	}
	return TURN_NEXT;
}

static void forget(struct actor *a)
{
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}

static enum turn take_keep(struct actor *a)
{
	static uint32_t kept; /* of this process: that is what a leak is counted by */

	if (kept < a->step->number) {
		kept++;
		a->fd = -1;
	}
	return TURN_OVER;
}

static enum turn take_reset(struct actor *a)
{
	struct linger none = {.l_onoff = 1, .l_linger = 0};

	setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	return TURN_OVER;
}

static enum turn take_step(struct actor *a)
{
	switch ((enum step_kind)a->step->kind) {
	case STEP_CONNECT:
		return take_connect(a);
	case STEP_OPEN:
		return take_open(a);
	case STEP_SEND:
		return take_send(a);
	case STEP_AWAIT:
		return take_await(a);
	case STEP_SLEEP:
		return a->done ? TURN_NEXT : TURN_TIMER;
	case STEP_AGAIN:
		if (!a->ended)
			a->step -= a->step->number + 1;
		return TURN_NEXT;
	case STEP_SHUT:
		return shutdown(a->fd, SHUT_WR) < 0 ? TURN_OVER : TURN_NEXT;
	case STEP_RESET:
		return take_reset(a);
	case STEP_KEEP:
		return take_keep(a);
	case STEP_DEAF:
		return actor_deafen(a->fd) ? TURN_OVER : TURN_NEXT;
	case STEP_HEAR:
		return actor_undeafen(a->fd) ? TURN_OVER : TURN_NEXT;
	case STEP_END:
		break;
	}
	return TURN_OVER;
}

static void play(struct actor *a);

static void on_ready(void *context, uint32_t events)
{
	struct actor *a = context;

	(void)events;
	loop_remove_fd(a->loop, a->fd);
	play(a);
}

static void on_timer(void *context)
{
	struct actor *a = context;

	a->done = 1;
	play(a);
}

static void play(struct actor *a)
{
	for (;;) {
		switch (take_step(a)) {
		case TURN_NEXT:
			a->step++;
			a->done = 0;
			continue;
		case TURN_READABLE:
			if (loop_add_fd(a->loop, a->fd, EPOLLIN, on_ready, a) < 0)
				forget(a);
			return;
		case TURN_WRITABLE:
			if (loop_add_fd(a->loop, a->fd, EPOLLOUT, on_ready, a) < 0)
				forget(a);
			return;
		case TURN_TIMER:
			loop_at(a->loop, clock_now_ns() + a->step->number * NS_PER_MS, on_timer, a);
			return;
		case TURN_OVER:
			forget(a);
			return;
		}
	}
}

static struct actor *actor_new(struct loop *loop, int fd)
{
	struct actor *a = memory_get_zeroed(1, sizeof *a);

	a->loop = loop;
	a->fd = fd;
	return a;
}

void actor_play(struct loop *loop, int fd, const struct step *script, const struct sockaddr_storage *to, uint8_t first)
{
	struct actor *a = actor_new(loop, fd);

	a->step = script;
	a->to = *to;
	a->first = first;
	play(a);
}

static void on_request(void *context, uint32_t events)
{
	struct actor *a = context;
	uint8_t bytes[4096];
	ssize_t got;

	(void)events;
	got = recv(a->fd, bytes, sizeof bytes, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	loop_remove_fd(a->loop, a->fd);
	a->step = got > 0 ? a->choose(bytes[0]) : NULL;
	if (!a->step) {
		forget(a);
		return;
	}
	play(a);
}

void actor_serve(struct loop *loop, int fd, actor_choose *choose)
{
	struct actor *a = actor_new(loop, fd);

	a->choose = choose;
	if (loop_add_fd(loop, fd, EPOLLIN, on_request, a) < 0)
		forget(a);
}
