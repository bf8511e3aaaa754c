/*
 * A fence against notices that are still under way. The kernel does not send a destroy notice where a socket dies: it leaves that to a queue of work of the CPU at hand
 * (sock_diag_broadcast_destroy, net/core/sock_diag.c), in the order in which the sockets died. So the notices of sockets that we let die on each CPU come after
 * those of all that died there before.
 *
 * Ours are UDP sockets, whose notices go to a group of their own: nobody who watches TCP hears of them.
 */
#ifndef WATCH_FENCE_H
#define WATCH_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fence {
	int fd;             /* netlink; below 0: there is no fence */
	uint64_t *cookies;  /* of the sockets whose notices have not come yet */
	unsigned count;
	int64_t until_ns;   /* when to wait no longer */
};

/* Lets a socket die on each CPU that we may run on. Where something is refused there is no fence, or one with a gap. */
void fence_raise(struct fence *f);
/* Whether it has not been reached yet, nor given up; waits wait_ms at most for that to change. */
bool fence_stands(struct fence *f, int wait_ms);
void fence_fini(struct fence *f);

#endif
