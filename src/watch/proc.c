/* Walks over /proc: see watch/proc.h. */
#include "config.h"

#include "watch/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/memory.h"

/* linux/sched.h; field 9 of /proc/PID/stat. */
#define PROCESS_IS_KERNEL_THREAD 0x00200000u
/* Reading the thread's CPU clock is a system call: not at each descriptor. */
#define CLOCK_EVERY 32u
#define STAT_ROOM 1024

/* What the kernel writes (linux/dirent.h has no such structure for programs). */
struct directory_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t record_length;
	uint8_t type;
	char name[];
};

/* ---- directories ---- */

static void directory_close(struct proc_directory *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static int directory_open(struct proc_directory *d, int at_fd, const char *name)
{
	d->fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->at = d->len = 0;
	return d->fd < 0 ? -errno : 0;
}

/* The next name that is a number. 1, 0 at the end, or -errno. */
static int directory_next_number(struct proc_directory *d, uint32_t *number, const char **name)
{
	for (;;) {
		const struct directory_entry *e;
		char *end;
		unsigned long value;

		if (d->at >= d->len) {
			long n = syscall(SYS_getdents64, d->fd, d->buffer, sizeof(d->buffer));

			if (n <= 0)
				return n < 0 ? -errno : 0;
			d->at = 0;
			d->len = (unsigned)n;
		}
		e = (const void *)(d->buffer + d->at);
		d->at += e->record_length;
		if (e->name[0] < '0' || e->name[0] > '9')
			continue;
		value = strtoul(e->name, &end, 10);
		if (*end || value > INT32_MAX)
			continue;
		*number = (uint32_t)value;
		*name = e->name;
		return 1;
	}
}

/* ---- /proc/PID/stat ---- */

struct process_stat {
	const char *comm;
	size_t comm_len;
	char state;
	unsigned flags;
	uint64_t start_ticks;
};

/* proc(5): "pid (comm) state ppid …"; comm may contain anything, the last ')' ends it. */
static int stat_parse(char *text, size_t len, struct process_stat *out)
{
	const char *open = memchr(text, '(', len), *close = memrchr(text, ')', len);
	unsigned long long start;

	if (!open || !close || close < open)
		return -EBADMSG;
	out->comm = open + 1;
	out->comm_len = (size_t)(close - open - 1);
	/* Fields 3, 9 and 22. */
	if (sscanf(close + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &out->state, &out->flags,
	           &start) != 3)
		return -EBADMSG;
	out->start_ticks = start;
	return 0;
}

static int stat_read(int root_fd, uint32_t pid, char text[STAT_ROOM], struct process_stat *out)
{
	char path[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%u/stat", pid);
	fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, STAT_ROOM - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	text[n] = '\0';
	return stat_parse(text, (size_t)n, out);
}

int proc_identify(const struct proc_walk *w, uint32_t pid, struct holder *out)
{
	char text[STAT_ROOM];
	struct process_stat stat;
	int error = stat_read(w->root_fd, pid, text, &stat);

	if (error < 0)
		return error;
	out->pid = pid;
	out->start_ticks = stat.start_ticks;
	clean_copy(out->comm, sizeof(out->comm), stat.comm, stat.comm_len);
	return 0;
}

/* ---- the walk ---- */

int proc_walk_init(struct proc_walk *w, const char *path)
{
	*w = (struct proc_walk){.root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .fds.fd = -1};
	return w->root_fd < 0 ? -errno : 0;
}

void proc_walk_fini(struct proc_walk *w)
{
	directory_close(&w->fds);
	close(w->root_fd);
	free(w->pids);
}

static void walk_add(struct proc_walk *w, uint32_t pid)
{
	if (w->count == w->room) {
		w->room = w->room ? w->room * 2 : 256;
		w->pids = memory_resize(w->pids, w->room, sizeof(*w->pids));
	}
	w->pids[w->count++] = pid;
}

static bool pid_is_in(uint32_t pid, const uint32_t *pids, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

static int pid_newer_first(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x < y) - (x > y);
}

int proc_walk_begin(struct proc_walk *w, const uint32_t *first, unsigned first_count)
{
	const char *name;
	uint32_t pid;
	int more;

	directory_close(&w->fds);
	w->count = w->at = 0;
	w->refused = 0;
	w->error = directory_open(&w->fds, w->root_fd, ".");
	if (w->error < 0)
		return w->error;
	for (unsigned i = 0; i < first_count; i++)
		walk_add(w, first[i]);
	while ((more = directory_next_number(&w->fds, &pid, &name)) > 0)
		if (!pid_is_in(pid, first, first_count))
			walk_add(w, pid);
	directory_close(&w->fds);
	w->error = more;
	/* /proc lists the oldest first; what was opened just now is likely to be held by a young process. */
	qsort(w->pids + first_count, w->count - first_count, sizeof(*w->pids), pid_newer_first);
	return more;
}

static bool error_is_refusal(int error)
{
	return error == -EACCES || error == -EPERM;
}

/* The descriptors of the process at hand may not be read. */
static void walk_count_refused(struct proc_walk *w)
{
	char text[STAT_ROOM];
	struct process_stat stat;
	int error = stat_read(w->root_fd, w->pids[w->at], text, &stat);

	if (error == -ENOENT || error == -ESRCH)
		return;
	if (error == 0 && (stat.flags & PROCESS_IS_KERNEL_THREAD || stat.state == 'Z' || stat.state == 'X'))
		return;
	w->refused++;
}

static void walk_leave(struct proc_walk *w)
{
	directory_close(&w->fds);
	w->at++;
}

/* Opens the descriptors of the process at hand, or goes on to the next. */
static void walk_enter(struct proc_walk *w)
{
	char path[32];
	int error;

	snprintf(path, sizeof(path), "%u/fd", w->pids[w->at]);
	error = directory_open(&w->fds, w->root_fd, path);
	if (error == 0)
		return;
	if (error_is_refusal(error))
		walk_count_refused(w);
	else if (error != -ENOENT && error != -ESRCH)
		w->error = error;
	walk_leave(w);
}

/* The inode if the descriptor is a socket, 0 if it is not, or -errno. */
static int64_t walk_read_socket(const struct proc_walk *w, const char *name)
{
	static const char prefix[] = "socket:[";
	char target[64];
	ssize_t n = readlinkat(w->fds.fd, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (strncmp(target, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	return (uint32_t)strtoul(target + sizeof(prefix) - 1, NULL, 10);
}

enum proc_step proc_walk_next(struct proc_walk *w, int64_t until_cpu_ns, struct proc_socket *out)
{
	for (;;) {
		const char *name;
		uint32_t fd;
		int64_t inode;

		if (w->at >= w->count)
			return PROC_END;
		if (++w->steps >= CLOCK_EVERY) {
			w->steps = 0;
			if (clock_thread_cpu_ns() >= until_cpu_ns)
				return PROC_PAUSE;
		}
		if (w->fds.fd < 0) {
			walk_enter(w);
			continue;
		}
		if (directory_next_number(&w->fds, &fd, &name) <= 0) {
			walk_leave(w);
			continue;
		}
		inode = walk_read_socket(w, name);
		if (inode < 0 && error_is_refusal((int)inode)) {
			walk_count_refused(w);
			walk_leave(w);
		}
		if (inode <= 0)
			continue;
		*out = (struct proc_socket){.pid = w->pids[w->at], .inode = (uint32_t)inode, .fd = (int32_t)fd};
		return PROC_SOCKET;
	}
}
