/*
 * Holders that change on real processes: forks, a program executed, a descriptor closed, an exit; and the unit of a cgroup. In a process namespace of
 * its own, so that the rest of the host neither delays nor disturbs.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"
#include "sockets.h"

/* The leak detector of a sanitized build reads /proc of a process of its own, which it does not find in our pid namespace. synfin itself is another program, and
 * its leaks are looked for. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

#define PATIENCE_MS 60000

static const char *const events[] = {"events", "--json", NULL};

/* The last line of the socket that listens on a port has all of these (NULL-terminated), and none of `without`. */
struct wanted {
	uint16_t port;
	const char *with[4];
	const char *without;
};

static bool is_told(const char *output, void *context)
{
	const struct wanted *w = context;
	char local[32], line[4096];
	const char *last = NULL;
	size_t len;

	snprintf(local, sizeof local, "\"local\":\"127.0.0.1:%u\"", w->port);
	for (const char *at = output; (at = strstr(at, local)); at++)
		last = at;
	if (!last)
		return false;
	while (last > output && last[-1] != '\n')
		last--;
	len = strcspn(last, "\n");
	if (len >= sizeof line)
		return false;
	memcpy(line, last, len);
	line[len] = '\0';
	for (unsigned i = 0; i < 4 && w->with[i]; i++)
		if (!strstr(line, w->with[i]))
			return false;
	return !w->without || !strstr(line, w->without);
}

static void await(struct program *p, const struct wanted *w)
{
	struct wanted wanted = *w;

	if (!program_wait(p, is_told, &wanted, PATIENCE_MS))
		fail_msg("not told: port %u, %s\n%s%s", w->port, w->with[0], program_output(p), program_errors(p));
}

static const char *pid_text(char room[32], pid_t pid)
{
	snprintf(room, 32, "\"pid\":%d,", pid);
	return room;
}

/* A process that has all our descriptors, and waits. */
static pid_t start_child(bool executes)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (executes)
		execlp("sleep", "sleep", "600", NULL);
	for (;;)
		pause();
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void holders_follow_forks_and_exits(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 1);
	uint16_t port = sockets_port(listener);
	char own[32], other[32];
	struct program synfin;
	pid_t child;

	(void)state;
	program_start(&synfin, 0, events);
	fcntl(listener, F_SETFD, 0);
	pid_text(own, getpid());
	await(&synfin, &(struct wanted){port, {own}, "\"holders\""});
	child = start_child(false);
	pid_text(other, child);
	await(&synfin, &(struct wanted){port, {"\"holders\":[", own, other}, NULL});
	end_child(child);
	await(&synfin, &(struct wanted){port, {own}, "\"holders\""});
	/* Another program has it: that is what people look for. */
	child = start_child(true);
	pid_text(other, child);
	await(&synfin, &(struct wanted){port, {"\"holders\":[", "\"comm\":\"sleep\"", other}, NULL});
	close(listener);
	await(&synfin, &(struct wanted){port, {other, "\"comm\":\"sleep\""}, own});
	end_child(child);
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	program_fini(&synfin);
}

/* A socket that comes later is told at once, without a whole search. */
static void new_sockets_are_told_soon(void **state)
{
	int first = sockets_listen("127.0.0.1", 0, 1), second;
	char own[32];
	struct program synfin;

	(void)state;
	pid_text(own, getpid());
	program_start(&synfin, 0, events);
	await(&synfin, &(struct wanted){sockets_port(first), {own}, NULL});
	second = sockets_listen("127.0.0.1", 0, 1);
	await(&synfin, &(struct wanted){sockets_port(second), {own}, NULL});
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	program_fini(&synfin);
	close(first);
	close(second);
}

static void list_as(uid_t uid, const struct wanted *w)
{
	static const char *const args[] = {"list", "--json", NULL};
	struct wanted wanted = *w;
	struct program synfin;

	program_start(&synfin, uid, args);
	assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 0);
	if (!is_told(program_output(&synfin), &wanted))
		fail_msg("not told as %u: %s\n%s", uid, w->with[0], program_output(&synfin));
	program_fini(&synfin);
}

static void other_users_processes_are_hidden(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 1);
	char own[32];

	(void)state;
	pid_text(own, getpid());
	list_as(0, &(struct wanted){sockets_port(listener), {own}, "owner_hidden"});
	list_as(65534, &(struct wanted){sockets_port(listener), {"\"owner_hidden\":true"}, "\"pid\""});
	close(listener);
}

/* A process of another user that listens, and that the kernel lets others look at as it lets them at any program. */
static pid_t start_other(uid_t uid, uint16_t *port)
{
	int listener = sockets_listen("127.0.0.1", 0, 1), ready[2];
	char byte;
	pid_t pid;

	*port = sockets_port(listener);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresuid(uid, uid, uid) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(listener);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* What root may do beyond its own files; the bounding set is what exec leaves it. */
static void list_without(void *context)
{
	static const char *const args[] = {"list", "--json", NULL};
	const int *capability = context;

	for (; *capability >= 0; capability++)
		if (prctl(PR_CAPBSET_DROP, *capability) < 0)
			_exit(98);
	program_exec(args);
}

/* DESIGN.md, fact 21: it takes both, also for uid 0. */
static void root_needs_two_capabilities(void **state)
{
	int both[] = {CAP_DAC_OVERRIDE, -1}, no_ptrace[] = {CAP_DAC_OVERRIDE, CAP_SYS_PTRACE, -1}, no_search[] = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, -1};
	struct {
		int *without;
		bool seen;
	} cases[] = {{both, true}, {no_ptrace, false}, {no_search, false}};
	char other[32];
	uint16_t port;
	pid_t pid = start_other(65533, &port);

	(void)state;
	pid_text(other, pid);
	for (unsigned i = 0; i < 3; i++) {
		struct wanted w = {port, {cases[i].seen ? other : "\"owner_hidden\":true"}, cases[i].seen ? "owner_hidden" : "\"pid\""};
		struct program synfin;

		program_start_by(&synfin, list_without, cases[i].without);
		assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 0);
		if (!is_told(program_output(&synfin), &w))
			fail_msg("case %u: %s", i, program_output(&synfin));
		program_fini(&synfin);
	}
	end_child(pid);
}

static bool has_words(const char *output, void *words)
{
	return strstr(output, words);
}

/* Each process whose descriptors may not be read: here the test itself, and those that it has started. */
static void hidden_processes_are_counted(void **state)
{
	enum { OTHERS = 3 };
	int listener = sockets_listen("127.0.0.1", 0, 1); /* whose holders are looked for */
	struct program synfin;
	pid_t others[OTHERS];
	char words[40];

	(void)state;
	for (unsigned i = 0; i < OTHERS; i++)
		others[i] = start_child(false);
	snprintf(words, sizeof words, "\"owners_hidden\":%d,", OTHERS + 1);
	program_start(&synfin, 65534, events);
	if (!program_wait(&synfin, has_words, words, PATIENCE_MS))
		fail_msg("not told: %s\n%s", words, program_output(&synfin));
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	program_fini(&synfin);
	/* From root nothing is hidden. */
	program_start(&synfin, 0, events);
	await(&synfin, &(struct wanted){sockets_port(listener), {"\"holders\":["}, NULL});
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	assert_non_null(strstr(program_output(&synfin), "\"owners_hidden\":0,"));
	program_fini(&synfin);
	for (unsigned i = 0; i < OTHERS; i++)
		end_child(others[i]);
	close(listener);
}

/* ---- a socket that nobody holds ---- */

static void trace_events(void *context)
{
	char path[4096], log[64];
	const char *builddir = getenv("top_builddir");

	snprintf(log, sizeof log, "/proc/self/fd/%d", *(int *)context);
	snprintf(path, sizeof path, "%s/src/synfin", builddir ? builddir : ".");
	/* LeakSanitizer wants to trace the program itself. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	execlp("strace", "strace", "-f", "-qq", "--seccomp-bpf", "-o", log, "-e", "trace=openat", "-e", "signal=none", path, "events", "--json", "--interval",
	       "50ms", "--budget", "100%", "--for", "1s", NULL);
	_exit(127);
}

static unsigned count_words(const char *text, const char *word)
{
	unsigned count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

/* Its descriptor is on its way through a Unix socket: it has an inode, and no process has it. */
static void put_under_way(int way[2], int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec part = {.iov_base = (char[1]){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, way), 0);
	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	assert_int_equal(sendmsg(way[0], &message, 0), 1);
	close(fd);
}

/* That is remembered: it is not looked for again with each of the sweeps. */
static void nobody_is_looked_for_once(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 1), log = memfd_create("strace", 0), way[2];
	struct wanted w = {sockets_port(listener), {"\"owner_hidden\":true"}, "\"pid\""};
	const char *sweeps;
	struct program synfin;
	char *traced;
	off_t len;

	(void)state;
	put_under_way(way, listener);
	program_start_by(&synfin, trace_events, &log);
	assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 0);
	assert_true(is_told(program_output(&synfin), &w));
	len = lseek(log, 0, SEEK_END);
	traced = calloc(1, (size_t)len + 1);
	assert_true(traced && pread(log, traced, (size_t)len, 0) == len);
	sweeps = strrchr(program_output(&synfin), '{');
	sweeps = sweeps ? strstr(sweeps, "\"sweeps\":") : NULL;
	assert_non_null(sweeps);
	assert_true(strtoul(sweeps + strlen("\"sweeps\":"), NULL, 10) >= 10);
	/* When it began, and once more a little later. */
	assert_in_range(count_words(traced, "\"1/fd\""), 1, 4);
	free(traced);
	program_fini(&synfin);
	close(log);
	close(way[0]);
	close(way[1]);
}

/* ---- units ---- */

static bool make_cgroup(char *path, size_t room)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, room, "%s/cgroup.procs", mounts[i]);
		if (access(path, F_OK) < 0)
			continue;
		/* A version 1 hierarchy has such a file too, in its subdirectories only. */
		snprintf(path, room, "%s/synfin-test-%d.service", mounts[i], getpid());
		return mkdir(path, 0755) == 0;
	}
	return false;
}

static void a_unit_is_told_to_everybody(void **state)
{
	char path[96], procs[128], unit[64];
	int port[2], listener;
	uint16_t number;
	pid_t child;

	(void)state;
	if (!make_cgroup(path, sizeof path)) {
		print_message("no cgroup can be made here\n");
		skip();
	}
	assert_int_equal(pipe2(port, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		FILE *f;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
		f = fopen(procs, "we");
		if (!f || fputs("0", f) < 0 || fclose(f) != 0)
			_exit(1);
		listener = sockets_listen("127.0.0.1", 0, 1);
		number = sockets_port(listener);
		if (write(port[1], &number, sizeof number) != sizeof number)
			_exit(1);
		for (;;)
			pause();
	}
	close(port[1]);
	assert_int_equal(read(port[0], &number, sizeof number), sizeof number);
	snprintf(unit, sizeof unit, "\"unit\":\"synfin-test-%d.service\"", getpid());
	list_as(0, &(struct wanted){number, {unit}, NULL});
	/* The process is hidden from this one, and its unit is not. */
	list_as(65534, &(struct wanted){number, {unit, "\"owner_hidden\":true"}, NULL});
	end_child(child);
	close(port[0]);
	assert_int_equal(rmdir(path), 0);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holders_follow_forks_and_exits),
		cmocka_unit_test(new_sockets_are_told_soon),
		cmocka_unit_test(other_users_processes_are_hidden),
		cmocka_unit_test(root_needs_two_capabilities),
		cmocka_unit_test(hidden_processes_are_counted),
		cmocka_unit_test(nobody_is_looked_for_once),
		cmocka_unit_test(a_unit_is_told_to_everybody),
	};

	return cmocka_run_group_tests_name("owners of real sockets", tests, NULL, NULL);
}

int main(void)
{
	int status;
	pid_t pid;

	sockets_enter_namespace();
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) {
		printf("1..0 # SKIP no process namespace of our own: %s\n", strerror(errno));
		return 0;
	}
	pid = fork();
	if (pid == 0) {
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", "/proc", "proc", 0, NULL) < 0) {
			printf("1..0 # SKIP /proc cannot be mounted: %s\n", strerror(errno));
			return 0;
		}
		return run_group();
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
