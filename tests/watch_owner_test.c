/* owner: all holders of a socket are found, and what cannot be found is told and remembered. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "watch/owner.h"

#define PATIENCE_NS (30 * NS_PER_SECOND)
#define NOBODY 65534
#define TOLD_MAX 64
#define TOLD_NOTHING 255

/* Ends of a child that tries something in a process of its own. */
enum { WENT_WELL, WENT_WRONG, COULD_NOT_TRY };

struct told {
	uint32_t inode, count;
	uint8_t state;
	struct holder holders[8];
};

struct bench {
	struct queue *queue;
	struct outlet out;
	struct owner owner;
	struct told told[TOLD_MAX];
	unsigned told_count;
	unsigned troubles;
	int error;
	uint64_t hidden;
};

static void bench_open(struct bench *b, const char *path)
{
	memset(b, 0, sizeof(*b));
	b->queue = queue_new(64);
	outlet_init(&b->out, b->queue, 1, true);
	owner_init(&b->owner, path, 42);
}

static void drop_batch(void *batch)
{
	batch_free(batch);
}

static void bench_close(struct bench *b)
{
	owner_fini(&b->owner);
	outlet_fini(&b->out);
	queue_free(b->queue, drop_batch);
}

static void bench_note(struct bench *b, const struct observation *o)
{
	struct told *t = &b->told[b->told_count];

	if (o->kind == OBSERVED_TROUBLE) {
		b->troubles++;
		b->error = o->trouble.error;
		b->hidden = o->trouble.hidden;
	}
	if (o->kind != OBSERVED_OWNER || b->told_count == TOLD_MAX)
		return;
	*t = (struct told){.inode = o->owner.inode, .count = o->owner.count, .state = o->owner.state};
	for (uint32_t i = 0; i < o->owner.count && i < 8; i++)
		t->holders[i] = o->owner.holders[i];
	b->told_count++;
}

static void bench_take(struct bench *b)
{
	struct batch *batch;

	outlet_flush(&b->out);
	while ((batch = queue_take(b->queue))) {
		for (uint32_t i = 0; i < batch->count; i++)
			bench_note(b, &batch->observations[i]);
		batch_free(batch);
	}
}

/* Works in slices of that much CPU time until nothing is left to do, not even later. Returns the number of slices. */
static unsigned bench_run_sliced(struct bench *b, int64_t slice_ns)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	unsigned slices = 0;

	while (owner_due(&b->owner) != INT64_MAX && clock_now_ns() < deadline_ns) {
		if (clock_now_ns() < owner_due(&b->owner)) {
			nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
			continue;
		}
		owner_turn(&b->owner, slice_ns, &b->out);
		bench_take(b);
		slices++;
	}
	return slices;
}

static void bench_run(struct bench *b)
{
	bench_run_sliced(b, 2 * NS_PER_MS);
}

/* What was told last of an inode; state TOLD_NOTHING: nothing. */
static const struct told *last_told(const struct bench *b, uint32_t inode)
{
	static const struct told nothing = {.state = TOLD_NOTHING};

	for (unsigned i = b->told_count; i-- > 0;)
		if (b->told[i].inode == inode)
			return &b->told[i];
	return &nothing;
}

static unsigned times_told(const struct bench *b, uint32_t inode)
{
	unsigned times = 0;

	for (unsigned i = 0; i < b->told_count; i++)
		times += b->told[i].inode == inode;
	return times;
}

static int new_socket(uint32_t *inode)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	*inode = (uint32_t)st.st_ino;
	return fd;
}

/* Field 22, for a comm without spaces and parentheses. */
static uint64_t start_ticks_of(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks), 1);
	fclose(f);
	return ticks;
}

static pid_t start_holder(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void end_holder(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_one_holder(void **state)
{
	static struct bench b;
	const struct told *t;
	char comm[16];
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	prctl(PR_GET_NAME, comm);
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	t = last_told(&b, inode);
	assert_int_equal(times_told(&b, inode), 1);
	assert_int_equal(t->state, OWNER_FOUND);
	assert_int_equal(t->count, 1);
	assert_int_equal(t->holders[0].pid, getpid());
	assert_int_equal(t->holders[0].fd, fd);
	assert_int_equal(t->holders[0].start_ticks, start_ticks_of(getpid()));
	assert_string_equal(t->holders[0].comm, comm);
	/* Known now: nothing to do when it is seen again. */
	owner_see(&b.owner, inode, 1);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	bench_close(&b);
	close(fd);
}

static void test_foreign_names_are_cleaned(void **state)
{
	static struct bench b;
	char before[16];
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	prctl(PR_GET_NAME, before);
	prctl(PR_SET_NAME, ") R 1 (\x1b[31m\xff");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	prctl(PR_SET_NAME, before);
	assert_string_equal(last_told(&b, inode)->holders[0].comm, ") R 1 (?[31m?");
	assert_int_equal(last_told(&b, inode)->holders[0].start_ticks, start_ticks_of(getpid()));
	bench_close(&b);
	close(fd);
}

static void test_all_holders(void **state)
{
	static struct bench b;
	const struct told *t;
	uint32_t inode;
	int fd = new_socket(&inode), copy = dup(fd);
	pid_t child = start_holder();

	(void)state;
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	t = last_told(&b, inode);
	assert_int_equal(t->count, 4);
	/* In the order of pid and fd; the child is younger. */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(t->holders[i].pid, i < 2 ? getpid() : child);
		assert_int_equal(t->holders[i].fd, i % 2 ? copy : fd);
	}
	end_holder(child);
	close(copy);
	/* Asked again: two of them left, one closed. */
	owner_refresh(&b.owner, inode);
	bench_run(&b);
	t = last_told(&b, inode);
	assert_int_equal(times_told(&b, inode), 2);
	assert_int_equal(t->count, 1);
	assert_int_equal(t->holders[0].fd, fd);
	bench_close(&b);
	close(fd);
}

/* connect(AF_UNSPEC) and connect(): the socket stays, and so do its holders, but the connection is another, and nobody knows yet whose it is. */
static void test_a_new_connection_of_a_socket_is_told_again(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 1);
	owner_see(&b.owner, inode, 2);
	assert_int_not_equal(owner_due(&b.owner), INT64_MAX);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 2);
	assert_int_equal(last_told(&b, inode)->count, 1);
	assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	owner_see(&b.owner, inode, 2);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	/* Who asks again gets an answer, though it is the same. */
	owner_refresh(&b.owner, inode);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 3);
	bench_close(&b);
	close(fd);
}

/* A pass for one inode notices what changed for others. */
static void test_changes_are_noticed_in_passing(void **state)
{
	static struct bench b;
	uint32_t inode, other;
	int fd = new_socket(&inode), other_fd, copy;

	(void)state;
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	copy = dup(fd);
	other_fd = new_socket(&other);
	owner_see(&b.owner, other, 1);
	bench_run(&b);
	assert_int_equal(last_told(&b, other)->count, 1);
	assert_int_equal(times_told(&b, inode), 2);
	assert_int_equal(last_told(&b, inode)->count, 2);
	bench_close(&b);
	close(fd);
	close(copy);
	close(other_fd);
}

static void test_slices(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode), crowd[200];

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		crowd[i] = dup(fd);
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	assert_true(bench_run_sliced(&b, 0) > 5);
	assert_int_equal(last_told(&b, inode)->count, 201);
	bench_close(&b);
	for (unsigned i = 0; i < 200; i++)
		close(crowd[i]);
	close(fd);
}

/* Sends our only descriptor of the socket to ourselves: on its way it is open, and nobody's. */
static void send_descriptor(int through, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	assert_int_equal(sendmsg(through, &message, 0), 1);
	close(fd);
}

static int receive_descriptor(int through)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	const struct cmsghdr *head;
	int fd = -1;

	assert_int_equal(recvmsg(through, &message, MSG_CMSG_CLOEXEC), 1);
	head = CMSG_FIRSTHDR(&message);
	if (head)
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	assert_true(fd >= 0);
	return fd;
}

static void test_nobody_holds_it(void **state)
{
	static struct bench b;
	uint32_t inode, other, pass;
	int fd = new_socket(&inode), other_fd, ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	send_descriptor(ends[0], fd);
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 1);
	assert_int_equal(last_told(&b, inode)->state, OWNER_HIDDEN);
	assert_int_equal(last_told(&b, inode)->count, 0);
	/* One more pass a little later, and then it is left alone. */
	pass = b.owner.pass;
	assert_int_equal(pass, 2);
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	assert_int_equal(b.owner.pass, pass);
	/* It has come out again: a pass for something else finds it. */
	fd = receive_descriptor(ends[1]);
	other_fd = new_socket(&other);
	owner_see(&b.owner, other, 1);
	bench_run(&b);
	assert_int_equal(last_told(&b, inode)->state, OWNER_FOUND);
	assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	bench_close(&b);
	close(fd);
	close(other_fd);
	close(ends[0]);
	close(ends[1]);
}

static void test_forgets_what_is_gone(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	owner_see(&b.owner, inode, 1);
	bench_run(&b);
	/* Missed by one sweep: still known. */
	owner_sweep_ended(&b.owner);
	owner_sweep_ended(&b.owner);
	owner_see(&b.owner, inode, 1);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	/* Missed by two: forgotten, and looked for when it is seen again. */
	for (unsigned i = 0; i < 3; i++)
		owner_sweep_ended(&b.owner);
	owner_see(&b.owner, inode, 1);
	assert_int_not_equal(owner_due(&b.owner), INT64_MAX);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 2);
	/* A thousand new ones each sweep, for long. */
	for (uint32_t sweep = 0; sweep < 200; sweep++) {
		for (uint32_t i = 1; i <= 1000; i++)
			owner_see(&b.owner, 2000000000 + sweep * 1000 + i, 1);
		owner_sweep_ended(&b.owner);
	}
	assert_true(b.owner.entry_count < 4096);
	bench_close(&b);
	close(fd);
}

static void test_proc_that_is_missing(void **state)
{
	char directory[] = "/tmp/watch_owner_test.XXXXXX", path[sizeof(directory) + 8];
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/proc", directory);
	bench_open(&b, path);
	owner_see(&b.owner, inode, 1);
	for (unsigned tries = 0; tries < 2; tries++) {
		owner_turn(&b.owner, NS_PER_MS, &b.out);
		bench_take(&b);
		assert_true(owner_due(&b.owner) > clock_now_ns());
	}
	assert_int_equal(b.troubles, 1);
	assert_int_equal(b.error, -ENOENT);
	assert_int_equal(b.told_count, 0);
	/* It comes, and the source recovers by itself. */
	assert_int_equal(symlink("/proc", path), 0);
	while (b.told_count == 0 && clock_now_ns() < deadline_ns)
		bench_run(&b);
	assert_int_equal(last_told(&b, inode)->state, OWNER_FOUND);
	assert_int_equal(b.error, 0);
	bench_close(&b);
	unlink(path);
	rmdir(directory);
	close(fd);
}

/* ---- as somebody else ---- */

static void check_child(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == COULD_NOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), WENT_WELL);
}

static bool become_nobody(void)
{
	return geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* One socket that only root's process holds, and one of our own. */
static int look_as_nobody(bool counts_hidden)
{
	static struct bench b;
	const struct told *hidden, *own;
	uint32_t hidden_inode, own_inode;
	int hidden_fd = new_socket(&hidden_inode), own_fd, result = WENT_WELL, lifeline[2];
	char byte;

	if (pipe2(lifeline, O_CLOEXEC) < 0)
		return COULD_NOT_TRY;
	if (fork() == 0) {
		/* Ends with us. We may not signal it, once we are nobody. */
		close(lifeline[1]);
		_exit(read(lifeline[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(hidden_fd);
	if (!become_nobody())
		return COULD_NOT_TRY;
	/* Changing the user makes a process unreadable to itself until it says otherwise. */
	prctl(PR_SET_DUMPABLE, 1);
	own_fd = new_socket(&own_inode);
	bench_open(&b, "/proc");
	owner_see(&b.owner, hidden_inode, 1);
	owner_see(&b.owner, own_inode, 1);
	bench_run(&b);
	hidden = last_told(&b, hidden_inode);
	own = last_told(&b, own_inode);
	if (hidden->state != OWNER_HIDDEN || times_told(&b, hidden_inode) != 1)
		result = WENT_WRONG;
	if (own->state != OWNER_FOUND || own->holders[0].fd != own_fd)
		result = WENT_WRONG;
	if (b.error != 0 || (counts_hidden && b.hidden == 0))
		result = WENT_WRONG;
	bench_close(&b);
	return result;
}

static int run_as_nobody(void)
{
	return look_as_nobody(true);
}

static void test_other_users_are_hidden(void **state)
{
	(void)state;
	check_child(run_as_nobody);
}

/* /proc shows nothing of others, not even that they are there. */
static int run_with_hidepid(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, "hidepid=2") < 0)
		return COULD_NOT_TRY;
	return look_as_nobody(false);
}

static void test_hidepid(void **state)
{
	(void)state;
	check_child(run_with_hidepid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_holder),
		cmocka_unit_test(test_foreign_names_are_cleaned),
		cmocka_unit_test(test_all_holders),
		cmocka_unit_test(test_a_new_connection_of_a_socket_is_told_again),
		cmocka_unit_test(test_changes_are_noticed_in_passing),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_nobody_holds_it),
		cmocka_unit_test(test_forgets_what_is_gone),
		cmocka_unit_test(test_proc_that_is_missing),
		cmocka_unit_test(test_other_users_are_hidden),
		cmocka_unit_test(test_hidepid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
