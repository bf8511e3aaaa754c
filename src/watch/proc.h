/*
 * A walk over /proc in steps: every process's descriptors that are sockets.
 *
 * Processes that come late in the walk may be gone by then, new ones are not in it. Processes whose descriptors may not be read are counted
 * (kernel threads and zombies are not: they have none).
 */
#ifndef WATCH_PROC_H
#define WATCH_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/observation.h"

#define PROC_BUFFER_BYTES 16384

struct proc_directory {
	int fd; /* -1: none is open */
	unsigned at, len;
	_Alignas(8) char buffer[PROC_BUFFER_BYTES];
};

struct proc_walk {
	int root_fd;
	uint32_t *pids;        /* in the order of the walk */
	uint32_t count, room, at;
	uint32_t steps;        /* since the clock was looked at */
	uint64_t refused;      /* processes that may not be read, so far in this walk */
	int error;             /* -errno: the walk is not whole, for want of something of ours */
	struct proc_directory fds; /* of process pids[at] while open */
};

enum proc_step {
	PROC_SOCKET, /* another one: in *out */
	PROC_PAUSE,  /* its time is up: go on later */
	PROC_END,    /* every process was looked at (or see error) */
};

struct proc_socket {
	uint32_t pid, inode;
	int32_t fd;
};

/* `path`: "/proc". 0 or -errno; proc_walk_fini is needed only after 0. */
int proc_walk_init(struct proc_walk *w, const char *path);
void proc_walk_fini(struct proc_walk *w);
/* Begins a walk: the processes in `first` before all, then the newest first. 0 or -errno. */
int proc_walk_begin(struct proc_walk *w, const uint32_t *first, unsigned first_count);
/* The next socket; stops when the thread's CPU time has passed until_cpu_ns. */
enum proc_step proc_walk_next(struct proc_walk *w, int64_t until_cpu_ns, struct proc_socket *out);

/* Fills pid, start_ticks and comm. 0 or -errno when the process is gone. */
int proc_identify(const struct proc_walk *w, uint32_t pid, struct holder *out);

#endif
