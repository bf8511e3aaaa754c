/*
 * The demo: a small, bounded crowd of real TCP connections, so that a newcomer on an idle host has something to see at once.
 *
 * Processes of ours (web, shop, db, leaky, curl, client) open and close connections of every kind to each other, in a network namespace
 * of their own where the system allows one (as an ordinary user too, by a user namespace), else on loopback ports of this one.
 * They end with this process, however it ends; they never touch the terminal, and Ctrl-C does not reach them.
 */
#ifndef LAB_DEMO_H
#define LAB_DEMO_H

#include <stdbool.h>

struct demo;

/* Netlink sockets: those of struct watch_sockets (watch/watch.h), which lab/ may not know, and one to destroy sockets with. -1: not there. */
struct demo_sockets {
	int dump, lookup, notices, destroy;
};
#define DEMO_SOCKETS 4
#define DEMO_SOCKETS_NONE ((struct demo_sockets){-1, -1, -1, -1})

/* Opens them in the namespace of the calling process (watch_open_sockets, with the members copied). 0 or -errno. */
typedef int demo_open_sockets(struct demo_sockets *sockets);

/*
 * Starts the crowd. `open_sockets` is called in a process forked from this one, inside the crowd's namespace; `sockets` gets what it
 * opened, and they are the caller's (hand them to watch_start). Where there is no namespace to be had, all of them are -1: open your own.
 * Call it before any thread is started and before the terminal is taken. 0, or -errno with `where` naming what failed (a marked message
 * id); nothing is left running then.
 */
int demo_start(struct demo **out, demo_open_sockets *open_sockets, struct demo_sockets *sockets, const char **where);
/* Ends all its processes and waits for them. NULL is fine. */
void demo_stop(struct demo *d);
/* Whether the crowd lives in a namespace of its own; false: on loopback ports of this one, among everything else. */
bool demo_private(const struct demo *d);

#endif
