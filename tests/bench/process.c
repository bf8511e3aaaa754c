/* Programs that are measured: see process.h. */
#include "config.h"

#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define STOP_PATIENCE_MS 15000
#define SETTLE_STEPS 3
#define SETTLE_STEPS_MAX 90
#define GROWTH_LEAST 65536.0
#define CALM_CPU 0.25

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- starting ---- */

static void become(uid_t user)
{
	if (user == USER_SAME || geteuid() != 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0)
		fail("becoming another user");
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the change of user has cleared it */
}

_Noreturn static void exec(const char *const argv[], uid_t user)
{
	/* Opened before: another user may have no way to it through the directories. */
	int fd = strchr(argv[0], '/') ? open(argv[0], O_RDONLY | O_CLOEXEC) : -1;
	char *args[PROCESS_ARGS_MAX + 1] = {0};

	for (unsigned i = 0; argv[i] && i < PROCESS_ARGS_MAX; i++)
		args[i] = strdup(argv[i]);
	become(user);
	if (fd >= 0)
		fexecve(fd, args, environ);
	else
		execvp(args[0], args);
	fail(argv[0]);
}

static pid_t fork_child(void)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

static void send_to_null(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, fd) < 0)
		fail("/dev/null");
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

struct cost process_run(const char *const argv[])
{
	int64_t began_ns = clock_now_ns();
	struct rusage usage;
	struct cost cost;
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		send_to_null(STDIN_FILENO);
		send_to_null(STDOUT_FILENO);
		exec(argv, USER_SAME);
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			fail("wait4");
	cost.wall_s = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
	cost.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s %s: status 0x%x\n", argv[0], argv[1] ? argv[1] : "", (unsigned)status);
		exit(1);
	}
	return cost;
}

void process_start(struct process *p, const char *const argv[], uid_t user)
{
	int in[2], out[2];

	*p = (struct process){.in = -1};
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		fail("pipe");
	p->pid = fork_child();
	if (p->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		exec(argv, user);
	}
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = out[0];
	fcntl(p->out, F_SETPIPE_SZ, 1 << 20); /* less, if it is not allowed */
}

void process_start_quiet(struct process *p, const char *const argv[])
{
	*p = (struct process){.in = -1, .out = -1};
	p->pid = fork_child();
	if (p->pid)
		return;
	send_to_null(STDIN_FILENO);
	send_to_null(STDOUT_FILENO);
	exec(argv, USER_SAME);
}

/* In the child: the terminal becomes its own. */
static void enter_terminal(const char *name)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
		fail(name);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
}

void process_start_terminal(struct process *p, const char *const argv[])
{
	const struct winsize size = {.ws_row = 30, .ws_col = 100};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	const char *name;

	*p = (struct process){.in = master, .out = master};
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || ioctl(master, TIOCSWINSZ, &size) < 0)
		fail("a terminal");
	name = ptsname(master);
	p->pid = fork_child();
	if (p->pid == 0) {
		enter_terminal(name);
		exec(argv, USER_SAME);
	}
}

void process_stop(struct process *p)
{
	int64_t until_ns = clock_now_ns() + STOP_PATIENCE_MS * NS_PER_MS;
	bool killed = false;

	kill(p->pid, SIGTERM);
	while (waitpid(p->pid, NULL, WNOHANG) == 0) {
		/* It may want to write its last words. */
		process_drain(p, 5);
		if (!killed && clock_now_ns() > until_ns) {
			kill(p->pid, SIGKILL);
			killed = true;
		}
	}
	if (p->in >= 0)
		close(p->in);
	if (p->out >= 0 && p->out != p->in)
		close(p->out);
}

/* ---- what it says ---- */

void process_tell(struct process *p, const char *line)
{
	size_t len = strlen(line);

	if (write(p->in, line, len) != (ssize_t)len || write(p->in, "\n", 1) != 1)
		fail("writing to a program");
}

/* Waits until something can be read; false when the time is over or nothing ever will be. */
static bool await(const struct process *p, int64_t until_ns)
{
	struct pollfd ready = {.fd = p->out, .events = POLLIN};
	int64_t left_ns = until_ns - clock_now_ns();
	struct timespec timeout = {.tv_sec = left_ns / NS_PER_SECOND, .tv_nsec = left_ns % NS_PER_SECOND};

	return left_ns > 0 && ppoll(&ready, 1, &timeout, NULL) > 0;
}

bool process_lines(struct process *p, int ms, bool (*take)(void *context, const char *line, size_t len), void *context)
{
	const int64_t until_ns = clock_now_ns() + ms * NS_PER_MS;
	bool more = true;

	while (more) {
		const char *line = p->buffer, *end = p->buffer + p->have, *newline;
		ssize_t n;

		for (; more && (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1)
			more = take(context, line, (size_t)(newline - line));
		p->have = (size_t)(end - line);
		memmove(p->buffer, line, p->have);
		if (!more || p->have == sizeof p->buffer || !await(p, until_ns))
			break;
		n = read(p->out, p->buffer + p->have, sizeof p->buffer - p->have);
		if (n <= 0)
			return false;
		p->have += (size_t)n;
	}
	return true;
}

static bool keep_line(void *context, const char *line, size_t len)
{
	struct process *p = context;

	snprintf(p->line, sizeof p->line, "%.*s", (int)len, line);
	return false;
}

const char *process_answer(struct process *p)
{
	p->line[0] = '\0';
	if (process_lines(p, 600000, keep_line, p) && p->line[0])
		return p->line;
	fprintf(stderr, "bench: a program of the bench has ended, or does not answer\n");
	exit(1);
}

void process_run_line(const char *const argv[], char *line, size_t room)
{
	struct process p;
	int status;

	process_start(&p, argv, USER_SAME);
	snprintf(line, room, "%s", process_answer(&p));
	while (process_drain(&p, 1000))
		;
	if (waitpid(p.pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed\n", argv[0]);
		exit(1);
	}
	close(p.in);
	close(p.out);
}

size_t process_drain(struct process *p, int ms)
{
	const int64_t until_ns = clock_now_ns() + ms * NS_PER_MS;
	size_t total = 0;

	if (p->out < 0) {
		nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS}, NULL);
		return 0;
	}
	p->have = 0;
	while (await(p, until_ns)) {
		ssize_t n = read(p->out, p->buffer, sizeof p->buffer);

		/* A terminal whose program has ended answers EIO. */
		if (n <= 0)
			break;
		total += (size_t)n;
	}
	return total;
}

/* ---- what it uses ---- */

/* Adds the number behind `label` at the beginning of a line. */
static void add_number(const char *path, const char *label, uint64_t *sum)
{
	FILE *f = fopen(path, "re");
	const size_t len = strlen(label);
	char line[256];

	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, label, len))
			*sum += strtoull(line + len, NULL, 10);
	fclose(f);
}

struct use process_use(const struct process *p)
{
	uint64_t wakeups = 0, cpu_ns = 0, main_ns = 0, resident_kb = 0;
	const struct dirent *task;
	char path[320];
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%d/task", (int)p->pid);
	tasks = opendir(path);
	while (tasks && (task = readdir(tasks))) {
		if (task->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)p->pid, task->d_name);
		add_number(path, "voluntary_ctxt_switches:", &wakeups);
		snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)p->pid, task->d_name);
		add_number(path, "", &cpu_ns);
	}
	if (tasks)
		closedir(tasks);
	snprintf(path, sizeof path, "/proc/%d/schedstat", (int)p->pid);
	add_number(path, "", &main_ns);
	snprintf(path, sizeof path, "/proc/%d/status", (int)p->pid);
	add_number(path, "VmRSS:", &resident_kb);
	return (struct use){
		.cpu_s = (double)cpu_ns / NS_PER_SECOND, .main_cpu_s = (double)main_ns / NS_PER_SECOND, .wakeups = wakeups,
		.resident_bytes = (double)resident_kb * 1024,
	};
}

void process_settle(struct process *p, int step_ms)
{
	struct use before = process_use(p);
	unsigned calm = 0;

	for (unsigned i = 0; i < SETTLE_STEPS_MAX && calm < SETTLE_STEPS; i++) {
		struct use now;

		process_drain(p, step_ms);
		now = process_use(p);
		calm = now.resident_bytes - before.resident_bytes < GROWTH_LEAST && now.cpu_s - before.cpu_s < CALM_CPU * step_ms / 1000 ? calm + 1 : 0;
		before = now;
	}
}
