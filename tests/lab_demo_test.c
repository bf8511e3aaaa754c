/* The demo's crowd, for real: that it shows every kind, in a namespace of its own or beside us, and that nothing of it stays. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lab/crowd.h"
#include "lab/demo.h"
#include "lab/private_net.h"
#include "sockets.h"

/* Much more than any of it takes; only a failure waits so long. */
#define PATIENCE_NS (40 * NS_PER_SECOND)

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
}

static int open_sockets(struct demo_sockets *s)
{
	s->dump = sockets_diag_open();
	s->notices = sockets_diag_open();
	return 0;
}

static unsigned open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static pid_t parent_of(pid_t pid, char comm[32])
{
	char path[64], line[512];
	pid_t parent = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(line, sizeof line, f) || sscanf(line, "%*d (%31[^)]) %*c %d", comm, &parent) != 2)
		parent = 0;
	fclose(f);
	return parent;
}

/* Calls for each process whose parent is `parent`; returns how many. */
static unsigned children_of(pid_t parent, void (*call)(pid_t pid, const char *comm, void *context), void *context)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	unsigned count = 0;

	while ((e = readdir(d))) {
		pid_t pid = atoi(e->d_name);
		char comm[32];

		if (pid <= 0 || parent_of(pid, comm) != parent)
			continue;
		count++;
		if (call)
			call(pid, comm, context);
	}
	closedir(d);
	return count;
}

static void take_pid(pid_t pid, const char *comm, void *context)
{
	if (strcmp(comm, "synfin-demo") == 0)
		*(pid_t *)context = pid;
}

static void take_member(pid_t pid, const char *comm, void *context)
{
	unsigned *found = context;

	(void)pid;
	for (unsigned i = 0; i < CROWD_MEMBER_COUNT; i++)
		if (strcmp(comm, crowd_member_comm(i)) == 0)
			*found |= 1U << i;
}

static void test_each_round_holds_each_life(void **state)
{
	(void)state;
	assert_string_equal(crowd_lives[crowd_life_at(5, 0)].name, "slow page");
	for (uint64_t round = 0; round < 50; round++) {
		uint64_t held = 0;

		for (unsigned i = 0; i < crowd_life_count; i++) {
			unsigned life = crowd_life_at(5, round * crowd_life_count + i);

			assert_int_equal(life, crowd_life_at(5, round * crowd_life_count + i));
			assert_true(life < crowd_life_count);
			held |= 1ULL << life;
		}
		assert_int_equal(held, (1ULL << crowd_life_count) - 1);
	}
	/* So a kind comes round within two rounds at the latest, and on average in 13 s. */
	assert_true(crowd_life_count * CROWD_PACE_MS <= 15000);
}

static void test_another_seed_is_another_order(void **state)
{
	unsigned same = 0;

	(void)state;
	for (unsigned i = 0; i < 10 * crowd_life_count; i++)
		same += crowd_life_at(1, i) == crowd_life_at(2, i);
	assert_true(same < 5 * crowd_life_count);
}

#define SAW_V6 (1U << 16)
#define SAW_MAPPED (1U << 17)

static unsigned look(int diag, unsigned *leaked)
{
	size_t count;
	struct sockets_seen *seen = sockets_diag_dump(diag, &count);
	unsigned saw = 0;

	*leaked = 0;
	for (size_t i = 0; i < count; i++) {
		const struct tuple *t = &seen[i].tuple;

		saw |= STATE_BIT(seen[i].state);
		if (seen[i].state == STATE_LISTEN)
			continue;
		if (t->family == AF_INET6)
			saw |= endpoint_is_v4(&t->local) ? SAW_MAPPED : SAW_V6;
		if (seen[i].state == STATE_CLOSE_WAIT && t->local.port == 9000)
			(*leaked)++;
	}
	free(seen);
	return saw;
}

/* Failed attempts (refused, or given up) and established connections that were reset, as the namespace of `pid` counts them. */
static void read_failures(pid_t pid, unsigned *attempts, unsigned *resets)
{
	char path[64], line[512];
	FILE *f;

	*attempts = *resets = 0;
	snprintf(path, sizeof path, "/proc/%d/net/snmp", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Tcp: %*d %*d %*d %*d %*u %*u %u %u", attempts, resets) == 2)
			break;
	fclose(f);
}

static void test_every_kind_appears(void **state)
{
	const unsigned all = STATE_BIT(STATE_LISTEN) | STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) |
			     STATE_BIT(STATE_ESTABLISHED) | STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_FIN_WAIT2) |
			     STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING) |
			     STATE_BIT(STATE_TIME_WAIT) | SAW_V6 | SAW_MAPPED;
	const unsigned everybody = (1U << CROWD_MEMBER_COUNT) - 1;
	unsigned saw = 0, members = 0, leaked = 0, attempts = 0, resets = 0, fds = open_fds();
	int64_t deadline = clock_now_ns() + PATIENCE_NS;
	struct demo_sockets s;
	const char *where;
	struct demo *d;
	pid_t host = 0;

	(void)state;
	assert_int_equal(demo_start(&d, open_sockets, &s, &where), 0);
	if (!demo_private(d)) {
		demo_stop(d);
		skip();
	}
	assert_true(s.dump >= 0);
	assert_int_equal(s.lookup, -1);
	assert_true(s.notices >= 0);
	children_of(getpid(), take_pid, &host);
	assert_true(host > 0);
	while (((saw & all) != all || members != everybody || leaked < 2 || attempts < 2 || resets < 2) &&
	       clock_now_ns() < deadline) {
		rest();
		children_of(host, take_member, &members);
		saw |= look(s.dump, &leaked);
		read_failures(host, &attempts, &resets);
	}
	close(s.dump);
	close(s.notices);
	demo_stop(d); /* before anything can fail: it would stay for the other tests */
	assert_int_equal(members, everybody);
	assert_int_equal(saw & all, all);
	assert_true(leaked >= 2 && leaked <= CROWD_LEAK_BOUND);
	assert_true(attempts >= 2); /* refused */
	assert_true(resets >= 2);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(open_fds(), fds);
}

/* Orphans come to us (PR_SET_CHILD_SUBREAPER), so that we see each of them end. */
static void test_ends_with_a_killed_starter(void **state)
{
	int64_t deadline = clock_now_ns() + PATIENCE_NS;
	unsigned ended = 0;
	int ready[2];
	pid_t starter;
	char byte;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	starter = fork();
	if (starter == 0) {
		struct demo_sockets s;
		const char *where;
		struct demo *d;

		if (demo_start(&d, open_sockets, &s, &where) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	kill(starter, SIGKILL);
	while (clock_now_ns() < deadline) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			break;
		if (pid > 0)
			ended++;
		else
			rest();
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	assert_int_equal(errno, ECHILD);
	assert_true(ended >= 2); /* the starter, the host; the members are the host's to bury, unless it was faster */
	assert_int_equal(children_of(getpid(), NULL, NULL), 0);
}

static bool forbid_namespaces(void)
{
	int fd = open("/proc/sys/user/max_net_namespaces", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, "0", 1) == 1;

	close(fd);
	return done;
}

enum outcome { WENT_WELL, WENT_WRONG, COULD_NOT_TRY };

/* In a user namespace that allows no more network namespaces, and a network namespace where nothing else runs. */
static enum outcome run_without_namespaces(void)
{
	int64_t deadline = clock_now_ns() + PATIENCE_NS;
	unsigned saw = 0, leaked;
	struct demo_sockets s;
	const char *where;
	struct demo *d;
	int diag;

	if (unshare(CLONE_NEWUSER) < 0 || private_net_enter() < 0 || !forbid_namespaces())
		return COULD_NOT_TRY;
	if (demo_start(&d, open_sockets, &s, &where) != 0)
		return WENT_WRONG;
	if (demo_private(d) || s.dump != -1 || s.lookup != -1 || s.notices != -1)
		return WENT_WRONG;
	diag = sockets_diag_open();
	while (!(saw & STATE_BIT(STATE_TIME_WAIT)) && clock_now_ns() < deadline) {
		rest();
		saw |= look(diag, &leaked);
	}
	demo_stop(d);
	return saw & STATE_BIT(STATE_ESTABLISHED) && saw & STATE_BIT(STATE_TIME_WAIT) ? WENT_WELL : WENT_WRONG;
}

static void test_without_namespaces(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(run_without_namespaces());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == COULD_NOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), WENT_WELL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_round_holds_each_life),
		cmocka_unit_test(test_another_seed_is_another_order),
		cmocka_unit_test(test_every_kind_appears),
		cmocka_unit_test(test_ends_with_a_killed_starter),
		cmocka_unit_test(test_without_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
