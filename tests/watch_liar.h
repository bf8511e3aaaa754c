/*
 * A kernel that lies, fails and falls silent: a thread at the other end of a socket that is given to watch/ as if it were netlink's.
 */
#ifndef TESTS_WATCH_LIAR_H
#define TESTS_WATCH_LIAR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "watch_message.h"

struct liar;

/* Called (in the liar's thread) for each request. number: 1 for the first. */
typedef void liar_answer(struct liar *l, const struct nlmsghdr *request, unsigned number);

struct liar {
	int fd;                /* what watch/ gets: it closes it */
	int own_fd;
	liar_answer *answer;
	atomic_uint requests;  /* so far */
	pthread_t thread;
};

void liar_start(struct liar *l, liar_answer *answer);
/* Ends when the other end was closed. */
void liar_join(struct liar *l);

/* ---- for answers ---- */
/* False: nobody is there any more. */
bool liar_send(struct liar *l, const struct message *m);
bool liar_send_bytes(struct liar *l, const void *bytes, size_t len);
/* Shuts the connection: whoever reads gets the end of file. */
void liar_hang_up(struct liar *l);

#endif
