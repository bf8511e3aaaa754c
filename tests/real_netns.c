/*
 * Several network namespaces with equal addresses and ports in each, and synfin watching them: in a pid and mount namespace of our own, so that no other namespace of
 * the host is seen, and no name of the host's touched.
 */
#include "config.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lab/private_net.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"

/* The leak detector of a sanitized build reads /proc of a process of its own, which it does not find in our pid namespace. synfin itself is another program, and
 * its leaks are looked for. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define SERVER_PORT 7000
#define CLIENT_PORT 6000
#define PATIENCE_MS 30000
#define NOBODY 65534
#define CROWD 20

/* A process in a network namespace of its own, with a listener and both ends of a connection. */
struct place {
	pid_t pid;
	int control;
	uint64_t netns;
	struct stat file;
};

static struct place blue, second;

/* ---- in the place ---- */

static void bind_to_loopback(int fd, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};

	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		_exit(1);
}

static void play(int control)
{
	int listener, client, server;
	uint64_t netns = 0;
	socklen_t len = sizeof netns;
	char command;

	if (private_net_enter() != 0)
		_exit(1);
	listener = sockets_listen("127.0.0.1", SERVER_PORT, 5);
	client = sockets_make("127.0.0.1");
	bind_to_loopback(client, CLIENT_PORT);
	sockets_connect_fd(client, "127.0.0.1", SERVER_PORT);
	server = sockets_accept(listener);
	if (getsockopt(listener, SOL_SOCKET, SO_NETNS_COOKIE, &netns, &len) < 0 || write(control, &netns, sizeof netns) != sizeof netns)
		_exit(1);
	while (read(control, &command, 1) == 1 && command == 'c') {
		close(client);
		close(server);
		if (write(control, "c", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void place_open(struct place *p)
{
	int pair[2];
	char path[64];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fflush(NULL);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		play(pair[1]);
	}
	close(pair[1]);
	p->control = pair[0];
	assert_int_equal(read(p->control, &p->netns, sizeof p->netns), sizeof p->netns);
	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)p->pid);
	assert_int_equal(stat(path, &p->file), 0);
}

static void place_close_connection(struct place *p)
{
	char done;

	assert_int_equal(write(p->control, "c", 1), 1);
	assert_int_equal(read(p->control, &done, 1), 1);
}

static void place_end(struct place *p)
{
	assert_int_equal(write(p->control, "q", 1), 1);
	close(p->control);
	assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
}

static void place_name(const struct place *p, const char *name)
{
	char from[64], to[128];
	int fd;

	snprintf(from, sizeof from, "/proc/%d/ns/net", (int)p->pid);
	snprintf(to, sizeof to, "/run/netns/%s", name);
	fd = open(to, O_CREAT | O_RDONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(mount(from, to, NULL, MS_BIND, NULL), 0);
}

/* ---- what synfin tells ---- */

static const char *member(const struct told *t, const char *name)
{
	return json_string_value(json_object_get(t->object, name));
}

static bool is_of(const struct told *t, const struct place *p)
{
	const char *netns = member(t, "netns");

	return netns && strtoull(netns, NULL, 16) == p->netns;
}

static unsigned count_of(const struct stream *s, const char *ev, const struct place *p, enum tcp_state state)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->count; i++)
		count += told_is(&s->lines[i], ev) && is_of(&s->lines[i], p) && (!state || s->lines[i].to == state);
	return count;
}

static void run_list(struct stream *s, const char *option, const char *value)
{
	const char *args[] = {"list", "--json", option, value, NULL};
	struct program synfin;

	program_start(&synfin, 0, args);
	assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(s, program_output(&synfin));
	assert_string_equal(s->bad_why, "");
	program_fini(&synfin);
}

static void assert_is_whole(const struct stream *s, const struct place *p, const char *name)
{
	assert_int_equal(count_of(s, "connection", p, STATE_LISTEN), 1);
	assert_int_equal(count_of(s, "connection", p, STATE_ESTABLISHED), 2);
	for (size_t i = 0; i < s->count; i++)
		if (is_of(&s->lines[i], p))
			assert_string_equal(member(&s->lines[i], "netns_name"), name);
}

static void by_inode(const struct place *p, char name[40])
{
	snprintf(name, 40, "net:[%llu]", (unsigned long long)p->file.st_ino);
}

/* ---- the tests ---- */

static void test_all_are_listed_and_named(void **state)
{
	struct stream s;
	char name[40];

	(void)state;
	run_list(&s, "--all-netns", NULL);
	by_inode(&second, name);
	assert_is_whole(&s, &blue, "blue");
	assert_is_whole(&s, &second, name);
	assert_int_equal(s.count, 6);
	stream_fini(&s);
}

static void test_one_by_name_pid_and_path(void **state)
{
	char pid[16], path[64], name[40];
	struct stream s;

	(void)state;
	snprintf(pid, sizeof pid, "%d", (int)second.pid);
	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)second.pid);
	by_inode(&second, name);
	run_list(&s, "-N", "blue");
	assert_is_whole(&s, &blue, "blue");
	assert_int_equal(s.count, 3);
	stream_fini(&s);
	run_list(&s, "-N", pid);
	assert_is_whole(&s, &second, name);
	assert_int_equal(s.count, 3);
	stream_fini(&s);
	run_list(&s, "--netns", path);
	assert_is_whole(&s, &second, name);
	assert_int_equal(s.count, 3);
	stream_fini(&s);
}

static void test_own_alone_without(void **state)
{
	struct stream s;

	(void)state;
	run_list(&s, NULL, NULL);
	assert_int_equal(s.count, 0);
	stream_fini(&s);
}

static void refused(uid_t uid, const char *option, const char *value, const char *reason)
{
	const char *args[] = {"list", option, value, NULL};
	struct program synfin;
	const char *errors;

	program_start(&synfin, uid, args);
	assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 1);
	assert_string_equal(program_output(&synfin), "");
	errors = program_errors(&synfin);
	if (!strstr(errors, reason) || strchr(errors, '\n') != errors + strlen(errors) - 1)
		fail_msg("%s %s: %s", option, value ? value : "", errors);
	program_fini(&synfin);
}

static void test_what_cannot_be_watched_is_said_in_a_line(void **state)
{
	(void)state;
	refused(0, "-N", "nosuch", "'nosuch'");
	refused(0, "-N", "4194304", "'4194304'");
	refused(0, "-N", "/proc/self/ns/mnt", "no network namespace");
	refused(0, "-N", "/dev/null", "no network namespace");
	refused(NOBODY, "-N", "blue", "CAP_SYS_ADMIN");
	refused(NOBODY, "--all-netns", NULL, "CAP_SYS_ADMIN");
}

static bool counts_others(const char *output, void *unused)
{
	(void)unused;
	return strstr(output, "\"netns_watched\":1,\"netns_unwatched\":2") != NULL;
}

static void test_others_are_counted(void **state)
{
	static const char *const args[] = {"events", "--json", NULL};
	struct program synfin;

	(void)state;
	program_start(&synfin, 0, args);
	assert_true(program_wait(&synfin, counts_others, NULL, PATIENCE_MS));
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	program_fini(&synfin);
}

/* A word in a line about a namespace. */
struct awaited {
	const struct place *place;
	const char *ev, *part;
	enum tcp_state state;
	unsigned count;
};

static bool is_told(const char *output, void *context)
{
	const struct awaited *a = context;
	unsigned count = 0;
	struct stream s;

	stream_read(&s, output);
	for (size_t i = 0; i < s.count; i++) {
		const struct told *t = &s.lines[i];
		const char *part = member(t, "part");

		count += told_is(t, a->ev) && is_of(t, a->place) && (!a->state || t->to == a->state) && (!a->part || (part && !strcmp(part, a->part)));
	}
	stream_fini(&s);
	return count >= a->count;
}

static void await(struct program *synfin, const struct place *place, const char *ev, const char *part, enum tcp_state state, unsigned count)
{
	struct awaited a = {place, ev, part, state, count};

	if (!program_wait(synfin, is_told, &a, PATIENCE_MS))
		fail_msg("no %s of %llx: %s", ev, (unsigned long long)place->netns, program_output(synfin));
}

static unsigned sockets_of(pid_t pid)
{
	char path[64], target[64];
	struct dirent *entry;
	unsigned count = 0;
	DIR *fds;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	fds = opendir(path);
	assert_non_null(fds);
	while ((entry = readdir(fds))) {
		ssize_t len = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);

		count += len > 7 && !memcmp(target, "socket:", 7);
	}
	closedir(fds);
	return count;
}

/* After its end nothing is told of a namespace, and all that was there is closed. */
static void assert_is_over(const struct stream *s, const struct place *p)
{
	int live = 0;
	bool over = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct told *t = &s->lines[i];
		const char *part = member(t, "part");

		if (!is_of(t, p))
			continue;
		assert_false(over);
		live += told_is(t, "open") || told_is(t, "connection");
		live -= told_is(t, "close");
		over = told_is(t, "netns") && part && !strcmp(part, "end");
		if (told_is(t, "close") && t->cause && !strcmp(t->cause, "netns_gone"))
			assert_string_equal(t->certainty, "ambiguous");
	}
	assert_true(over);
	assert_int_equal(live, 0);
}

#define CABLE "cable"

/* A cable from here into the place's namespace: gone with either of them, and with nothing else. */
static void lay_cable(const struct place *p)
{
	char command[128];

	snprintf(command, sizeof command, "ip link add %s type veth peer name far netns %d", CABLE, (int)p->pid);
	assert_int_equal(system(command), 0);
	assert_int_not_equal(if_nametoindex(CABLE), 0);
}

static void await_the_namespaces_end(void)
{
	for (unsigned ms = 0; if_nametoindex(CABLE); ms++) {
		assert_true(ms < PATIENCE_MS);
		nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
	}
}

static void test_they_come_change_and_go(void **state)
{
	static const char *const args[] = {"events", "--all-netns", "--json", "--interval", "100ms", NULL};
	struct program synfin;
	struct place third;
	struct stream s;
	unsigned sockets;

	(void)state;
	program_start(&synfin, 0, args);
	assert_true(program_wait(&synfin, program_is_watching, NULL, PATIENCE_MS));
	sockets = sockets_of(synfin.pid);

	place_open(&third);
	lay_cable(&third);
	await(&synfin, &third, "netns", "begin", STATE_NONE, 1);
	await(&synfin, &third, "connection", NULL, STATE_ESTABLISHED, 2);
	/* Its TIME_WAIT is found by a look-up in its namespace: in each other one a socket with these ends is open still. */
	place_close_connection(&third);
	await(&synfin, &third, "transition", NULL, STATE_TIME_WAIT, 1);
	await(&synfin, &third, "close", NULL, STATE_NONE, 1);
	place_end(&third);
	await(&synfin, &third, "netns", "end", STATE_NONE, 1);
	/* What holds a namespace is closed, and so it goes. */
	assert_int_equal(sockets_of(synfin.pid), sockets);
	await_the_namespaces_end();

	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	assert_string_equal(program_errors(&synfin), "");
	stream_read(&s, program_output(&synfin));
	assert_string_equal(s.bad_why, "");
	assert_is_over(&s, &third);
	assert_int_equal(count_of(&s, "transition", &blue, STATE_NONE) + count_of(&s, "close", &blue, STATE_NONE), 0);
	assert_int_equal(count_of(&s, "transition", &second, STATE_NONE) + count_of(&s, "close", &second, STATE_NONE), 0);
	stream_fini(&s);
	program_fini(&synfin);
}

static unsigned long wakeups_of(pid_t pid)
{
	unsigned long total = 0, count;
	char path[300], line[128];
	struct dirent *entry;
	DIR *threads;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	threads = opendir(path);
	assert_non_null(threads);
	while ((entry = readdir(threads))) {
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, entry->d_name);
		f = *entry->d_name == '.' ? NULL : fopen(path, "re");
		while (f && fgets(line, sizeof line, f))
			if (sscanf(line, "voluntary_ctxt_switches: %lu", &count) == 1)
				total += count;
		if (f)
			fclose(f);
	}
	closedir(threads);
	return total;
}

/* Some hundred processes, one after the other, for as long as synfin runs: each is a reason to look for namespaces again. */
static void make_news(void)
{
	if (fork() != 0)
		return;
	for (unsigned i = 0; i < 100; i++) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	_exit(0);
}

static void exec_unable_to_read_proc(void *context)
{
	const char *builddir = getenv("top_builddir");
	char path[4096];

	(void)context;
	make_news();
	snprintf(path, sizeof path, "%s/src/synfin", builddir ? builddir : ".");
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	execlp("strace", "strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=getdents64", "-e", "inject=getdents64:error=ENOMEM:when=15+", path,
	       "events", "--json", "--all-netns", "--interval", "50ms", "--budget", "100%", "--for", "1s", (char *)NULL);
	_exit(127);
}

/* A directory that cannot be read to its end looks as if there were nothing more in it. */
static void test_none_is_gone_because_proc_cannot_be_read(void **state)
{
	struct program synfin;
	struct stream s;

	(void)state;
	if (system("strace -f -qq -o /dev/null -e trace=none true") != 0)
		skip();
	program_start_by(&synfin, exec_unable_to_read_proc, NULL);
	assert_int_equal(program_end(&synfin, 0, PATIENCE_MS), 0);
	stream_read(&s, program_output(&synfin));
	assert_true(s.count > 6);
	for (size_t i = 0; i < s.count; i++)
		assert_false(told_is(&s.lines[i], "transition") || told_is(&s.lines[i], "close"));
	assert_non_null(strstr(program_output(&synfin), "\"netns_unwatched\":1"));
	stream_fini(&s);
	program_fini(&synfin);
}

/* Each second one round of all: it wakes a watch thread and the main one, however many there are. */
static void test_many_wake_us_as_seldom_as_one(void **state)
{
	static const char *const args[] = {"events", "--all-netns", "--json", "--no-owners", NULL};
	struct place crowd[CROWD];
	struct program synfin;
	unsigned long before;

	(void)state;
	for (unsigned i = 0; i < CROWD; i++)
		place_open(&crowd[i]);
	program_start(&synfin, 0, args);
	assert_true(program_wait(&synfin, program_is_watching, NULL, PATIENCE_MS));
	/* What is measured is a span of quiet; the first seconds look fast. */
	nanosleep(&(struct timespec){.tv_sec = 3}, NULL);
	before = wakeups_of(synfin.pid);
	nanosleep(&(struct timespec){.tv_sec = 4}, NULL);
	print_message("# %lu wakeups in 4 s with %u namespaces\n", wakeups_of(synfin.pid) - before, CROWD + 3);
	assert_true(wakeups_of(synfin.pid) - before < 4 * CROWD / 2);
	assert_int_equal(program_end(&synfin, SIGTERM, PATIENCE_MS), 0);
	program_fini(&synfin);
	for (unsigned i = 0; i < CROWD; i++)
		place_end(&crowd[i]);
}

/* ---- DESIGN.md, fact 20 ---- */

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof cookie;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len), 0);
	return cookie;
}

/* A netlink socket opened there. */
static int diag_in(const struct place *p)
{
	char path[64];
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, diag;

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)p->pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(own >= 0 && there >= 0);
	assert_int_equal(setns(there, CLONE_NEWNET), 0);
	diag = sockets_diag_open();
	assert_int_equal(setns(own, CLONE_NEWNET), 0);
	close(there);
	close(own);
	return diag;
}

/* Nobody is in it any more, and yet it lives, with what is in it; closed, it goes. */
static void test_a_netlink_socket_pins_its_namespace(void **state)
{
	struct place p;
	int diag, own = sockets_diag_open();

	(void)state;
	place_open(&p);
	lay_cable(&p);
	diag = diag_in(&p);
	/* A namespace's cookie is told by any socket of it. */
	assert_int_equal(cookie_of(diag), p.netns);
	assert_int_not_equal(cookie_of(own), p.netns);
	place_end(&p);
	assert_int_equal(cookie_of(diag), p.netns);
	assert_int_not_equal(if_nametoindex(CABLE), 0);
	close(diag);
	close(own);
	await_the_namespaces_end();
}

/* Its inode number is given to another one; its cookie never. */
static void test_inode_numbers_come_again_and_cookies_do_not(void **state)
{
	enum { TRIES = 500 };
	uint64_t cookies[TRIES];
	ino_t inodes[TRIES];
	bool again = false;

	(void)state;
	for (unsigned i = 0; !again; i++) {
		struct place p;

		if (i == TRIES)
			fail_msg("no inode number came again");
		place_open(&p);
		cookies[i] = p.netns;
		inodes[i] = p.file.st_ino;
		place_end(&p);
		for (unsigned j = 0; j < i; j++) {
			assert_int_not_equal(cookies[j], cookies[i]);
			again = again || inodes[j] == inodes[i];
		}
	}
}

static int open_places(void **state)
{
	(void)state;
	place_open(&blue);
	place_name(&blue, "blue");
	place_open(&second);
	return 0;
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_listed_and_named),
		cmocka_unit_test(test_one_by_name_pid_and_path),
		cmocka_unit_test(test_own_alone_without),
		cmocka_unit_test(test_what_cannot_be_watched_is_said_in_a_line),
		cmocka_unit_test(test_others_are_counted),
		cmocka_unit_test(test_none_is_gone_because_proc_cannot_be_read),
		cmocka_unit_test(test_they_come_change_and_go),
		cmocka_unit_test(test_a_netlink_socket_pins_its_namespace),
		cmocka_unit_test(test_inode_numbers_come_again_and_cookies_do_not),
		cmocka_unit_test(test_many_wake_us_as_seldom_as_one),
	};

	return cmocka_run_group_tests(tests, open_places, NULL);
}

/* Fresh /proc and /run, which only we see. */
static bool settle_in(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("proc", "/proc", "proc", 0, NULL) == 0 &&
	       mount("none", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0 && private_net_enter() == 0;
}

int main(void)
{
	int status;
	pid_t pid;

	if (geteuid() != 0 || unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) {
		printf("1..0 # SKIP needs root to have namespaces: %s\n", strerror(errno));
		return 0;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (settle_in())
			exit(run_group());
		printf("1..0 # SKIP no mounts of our own: %s\n", strerror(errno));
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
