/*
 * Holders that change on real processes: forks, a program executed, a descriptor closed, an exit; and the unit of a cgroup. In a process namespace of
 * its own, so that the rest of the host neither delays nor disturbs.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
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
