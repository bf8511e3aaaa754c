#include "config.h"

#include "watch_liar.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *liar_run(void *context)
{
	struct liar *l = context;
	_Alignas(8) char request[4096];

	while (recv(l->own_fd, request, sizeof(request), 0) > 0)
		l->answer(l, (const void *)request, atomic_fetch_add(&l->requests, 1) + 1);
	close(l->own_fd);
	return NULL;
}

void liar_start(struct liar *l, liar_answer *answer)
{
	int ends[2];

	memset(l, 0, sizeof(*l));
	/* Keeps datagrams apart, and knows no addresses: the sender's port reads as 0, the kernel's. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		abort();
	l->fd = ends[0];
	l->own_fd = ends[1];
	l->answer = answer;
	if (pthread_create(&l->thread, NULL, liar_run, l) != 0)
		abort();
}

void liar_join(struct liar *l)
{
	pthread_join(l->thread, NULL);
}

bool liar_send_bytes(struct liar *l, const void *bytes, size_t len)
{
	return send(l->own_fd, bytes, len, MSG_NOSIGNAL) >= 0;
}

bool liar_send(struct liar *l, const struct message *m)
{
	return liar_send_bytes(l, m->bytes, m->len);
}

void liar_hang_up(struct liar *l)
{
	shutdown(l->own_fd, SHUT_WR);
}
