/*
 * Network namespaces: which there are, what they are called, and sockets opened in one that is not ours.
 *
 * A namespace is known by its file in nsfs. The inode number comes round again, but not while somebody holds the namespace, as a netlink socket in it does.
 */
#ifndef WATCH_NETNS_H
#define WATCH_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/watch.h"

struct netns_found {
	struct netns_id id;
	uint32_t pid;               /* the lowest of its processes */
	char name[NETNS_NAME_ROOM]; /* see netns_name_all */
};

/* Starts as {0}; netns_list_fini frees it. */
struct netns_list {
	struct netns_found *found;
	unsigned count, room;
};

void netns_list_fini(struct netns_list *l);
/* The namespaces of all processes that may be looked at (ptrace(2) access is needed), without names. Replaces what was in the list. 0; or -errno: it
 * lacks some, nobody knows which. */
int netns_find(struct netns_list *l);
/* NULL if it is not in the list. */
struct netns_found *netns_list_find(const struct netns_list *l, const struct netns_id *id);
/* Names those that have none yet: the first process's "host", that of ip-netns(8), the container's as "docker:3f2a9c0d11ee", else "net:[4026532345]". */
void netns_name_all(struct netns_list *l);

bool netns_id_equal(const struct netns_id *a, const struct netns_id *b);
/* Whose namespace a path leads to. 0 or -errno. */
int netns_id_of(const char *path, struct netns_id *id);

/* The container that a line of /proc/PID/cgroup tells of, as "docker:3f2a9c0d11ee", "lxc:web"; false if of none. */
bool netns_container(const char *cgroup, char name[NETNS_NAME_ROOM]);

#endif
