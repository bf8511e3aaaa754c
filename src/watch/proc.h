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

/* A process of the walk. */
struct proc_entry {
	uint32_t pid; /* 0: nobody any more */
	uint32_t fds; /* how many descriptors it had when they were read last, and one; 0: not known */
};

struct proc_walk {
	int root_fd, load_fd;
	struct proc_entry *entries; /* in the order of the walk */
	uint32_t count, room, at;
	uint32_t listed;       /* entries from there on were put off */
	uint32_t processes;    /* when it began */
	bool puts_off;
	uint32_t steps;        /* since the clock was looked at */
	uint64_t refused;      /* processes that may not be read, so far in this walk */
	int error;             /* -errno: the walk is not whole, for want of something of ours */
	struct proc_directory fds; /* of process entries[at] while open */
};

enum proc_step {
	PROC_SOCKET, /* another one: in *out */
	PROC_LEFT,   /* there are no more of process out->pid */
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
/*
 * Begins a walk: the processes in `first` before all, then the newest first. puts_off: those that have as many descriptors as when they were read
 * last come after all others. 0 or -errno.
 */
int proc_walk_begin(struct proc_walk *w, const uint32_t *first, unsigned first_count, bool puts_off);
/* This process comes next, even if it was read in this walk before. */
void proc_walk_hurry(struct proc_walk *w, uint32_t pid);
/* The next socket; stops when the thread's CPU time has passed until_cpu_ns. */
enum proc_step proc_walk_next(struct proc_walk *w, int64_t until_cpu_ns, struct proc_socket *out);

/* Fills pid, start_ticks and comm. 0 or -errno when the process is gone. */
int proc_identify(const struct proc_walk *w, uint32_t pid, struct holder *out);
/* Something that is another number after a process or thread has begun or ended; 0: it cannot be told. One read. */
uint64_t proc_stir(struct proc_walk *w);

#endif
