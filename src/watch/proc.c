/* Walks over /proc: see watch/proc.h. */
#include "config.h"

#include "watch/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* proc(5), loadavg: "0.00 0.00 0.00 running/all newest". */
uint64_t proc_stir(struct proc_walk *w)
{
	unsigned all, newest;
	char text[80];
	ssize_t n;

	if (w->load_fd < 0)
		w->load_fd = openat(w->root_fd, "loadavg", O_RDONLY | O_CLOEXEC);
	n = w->load_fd < 0 ? -1 : pread(w->load_fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return sscanf(text, "%*s %*s %*s %*u/%u %u", &all, &newest) == 2 ? (uint64_t)all << 32 | newest : 0;
}

/* ---- the walk ---- */

int proc_walk_init(struct proc_walk *w, const char *path)
{
	*w = (struct proc_walk){.root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .load_fd = -1, .fds.fd = -1};
	return w->root_fd < 0 ? -errno : 0;
}

void proc_walk_fini(struct proc_walk *w)
{
	directory_close(&w->fds);
	if (w->load_fd >= 0)
		close(w->load_fd);
	close(w->root_fd);
	free(w->entries);
}

static void walk_make_room(struct proc_walk *w)
{
	if (w->count < w->room)
		return;
	w->room = w->room ? w->room * 2 : 256;
	w->entries = memory_resize(w->entries, w->room, sizeof(*w->entries));
}

static void walk_add(struct proc_walk *w, struct proc_entry entry)
{
	walk_make_room(w);
	w->entries[w->count++] = entry;
}

/* Of one process the entry that knows more comes first. */
static int newer_first(const void *a, const void *b)
{
	const struct proc_entry *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? 1 : -1;
	return (x->fds < y->fds) - (x->fds > y->fds);
}

/* What the walk before this one knew of the processes that are still there. Both lists have the newest first. */
static void walk_remember(struct proc_walk *w, uint32_t from, const struct proc_entry *before, uint32_t before_count)
{
	uint32_t at = 0;

	for (uint32_t i = from; i < w->count; i++) {
		while (at < before_count && before[at].pid > w->entries[i].pid)
			at++;
		if (at < before_count && before[at].pid == w->entries[i].pid)
			w->entries[i].fds = before[at].fds;
	}
}

static int walk_list(struct proc_walk *w)
{
	const char *name;
	uint32_t pid;
	int more = directory_open(&w->fds, w->root_fd, ".");

	if (more < 0)
		return more;
	while ((more = directory_next_number(&w->fds, &pid, &name)) > 0)
		walk_add(w, (struct proc_entry){.pid = pid});
	directory_close(&w->fds);
	return more;
}

static void walk_move_to(struct proc_walk *w, uint32_t from, uint32_t to)
{
	struct proc_entry moved = w->entries[from];

	memmove(w->entries + to + 1, w->entries + to, (from - to) * sizeof(moved));
	w->entries[to] = moved;
}

int proc_walk_begin(struct proc_walk *w, const uint32_t *first, unsigned first_count, bool puts_off)
{
	struct proc_entry *before = w->entries;
	uint32_t before_count = w->count, ahead = 0;

	directory_close(&w->fds);
	w->entries = NULL;
	w->count = w->room = w->at = 0;
	w->refused = 0;
	w->puts_off = puts_off;
	w->error = walk_list(w);
	w->listed = w->processes = w->count;
	if (before_count > 0)
		qsort(before, before_count, sizeof(*before), newer_first);
	/* /proc lists the oldest first; what was opened just now is likely to be held by a young process. */
	if (w->count > 0)
		qsort(w->entries, w->count, sizeof(*w->entries), newer_first);
	walk_remember(w, 0, before, before_count);
	free(before);
	for (unsigned i = 0; i < first_count; i++)
		for (uint32_t at = ahead; at < w->count; at++)
			if (w->entries[at].pid == first[i]) {
				w->entries[at].fds = 0; /* not to be put off */
				walk_move_to(w, at, ahead++);
				break;
			}
	return w->error;
}

void proc_walk_hurry(struct proc_walk *w, uint32_t pid)
{
	uint32_t to = w->at + (w->fds.fd >= 0);

	/* Next already. */
	if (to < w->count && w->entries[to].pid == pid)
		return;
	walk_add(w, (struct proc_entry){.pid = pid});
	if (to <= w->listed)
		w->listed++;
	walk_move_to(w, w->count - 1, to < w->count ? to : w->count - 1);
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
	int error = stat_read(w->root_fd, w->entries[w->at].pid, text, &stat);

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

/*
 * It has as many descriptors as it had (fs/proc/fd.c, proc_fd_getattr; kernels before 6.2 tell 0 for everybody): it may have closed some and opened
 * others, but it is less likely than the rest to hold what is new.
 */
static bool walk_puts_off(struct proc_walk *w, const char *path)
{
	struct proc_entry *e = &w->entries[w->at];
	struct stat st;

	if (!w->puts_off || w->at >= w->listed || e->fds < 2 || fstatat(w->root_fd, path, &st, 0) < 0 || st.st_size + 1 != (off_t)e->fds)
		return false;
	walk_add(w, *e);
	w->entries[w->at].pid = 0;
	return true;
}

/* Opens the descriptors of the process at hand, or goes on to the next. */
static void walk_enter(struct proc_walk *w)
{
	struct stat st;
	char path[32];
	int error;

	snprintf(path, sizeof(path), "%u/fd", w->entries[w->at].pid);
	if (w->entries[w->at].pid == 0 || walk_puts_off(w, path)) {
		w->at++;
		return;
	}
	error = directory_open(&w->fds, w->root_fd, path);
	if (error == 0) {
		w->entries[w->at].fds = fstat(w->fds.fd, &st) == 0 ? (uint32_t)st.st_size + 1 : 0;
		return;
	}
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

static bool walk_time_is_up(struct proc_walk *w, int64_t until_cpu_ns)
{
	if (++w->steps < CLOCK_EVERY)
		return false;
	w->steps = 0;
	return clock_thread_cpu_ns() >= until_cpu_ns;
}

enum proc_step proc_walk_next(struct proc_walk *w, int64_t until_cpu_ns, struct proc_socket *out)
{
	while (w->at < w->count) {
		const char *name;
		uint32_t fd;
		int64_t inode;
		bool refused;

		if (walk_time_is_up(w, until_cpu_ns))
			return PROC_PAUSE;
		if (w->fds.fd < 0) {
			walk_enter(w);
			continue;
		}
		inode = directory_next_number(&w->fds, &fd, &name) > 0 ? walk_read_socket(w, name) : -ENODATA;
		refused = inode < 0 && error_is_refusal((int)inode);
		if (refused)
			walk_count_refused(w);
		if (inode > 0) {
			*out = (struct proc_socket){.pid = w->entries[w->at].pid, .inode = (uint32_t)inode, .fd = (int32_t)fd};
			return PROC_SOCKET;
		}
		if (inode == -ENODATA || refused) {
			*out = (struct proc_socket){.pid = w->entries[w->at].pid};
			walk_leave(w);
			return PROC_LEFT;
		}
	}
	return PROC_END;
}
