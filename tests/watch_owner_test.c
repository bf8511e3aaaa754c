/* owner: all holders of a socket are found, likely ones first, and what cannot be found is not searched for again and again. */
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

/* Ends of a child that tries something in a process of its own. */
enum { WENT_WELL, WENT_WRONG, COULD_NOT_TRY };

/* The inodes that tests look for; the host has others. */
static uint32_t cared_for[16];
static unsigned cared_count;

static void bench_care(uint32_t inode)
{
	cared_for[cared_count++ % 16] = inode;
}

static bool bench_cares(uint32_t inode)
{
	for (unsigned i = 0; i < 16; i++)
		if (cared_for[i] == inode)
			return true;
	return false;
}

struct told {
	uint32_t inode, count; /* count 0: nothing was told */
	struct holder holders[8];
};

struct bench {
	struct queue *queue;
	struct outlet out;
	struct owner owner;
	struct told told[TOLD_MAX];
	unsigned told_count;
	unsigned begun, stopped, whole, readings;
	uint32_t done, total; /* of the search that ended last */
	unsigned troubles;
	int error;
	uint64_t hidden;
};

static void bench_open(struct bench *b, const char *path)
{
	memset(b, 0, sizeof(*b));
	/* Nobody takes from it while a slice is told, however many sockets the host has. */
	b->queue = queue_new(65536);
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

static void bench_note_stand(struct bench *b, const struct observation *o)
{
	b->begun += o->owners.state == OWNERS_BEGUN;
	b->readings += o->owners.state == OWNERS_READING;
	b->stopped += o->owners.state == OWNERS_STOPPED;
	b->whole += o->owners.state == OWNERS_WHOLE;
	b->done = o->owners.done;
	b->total = o->owners.total;
}

static void bench_note(struct bench *b, const struct observation *o)
{
	struct told *t = &b->told[b->told_count];

	if (o->kind == OBSERVED_TROUBLE) {
		b->troubles++;
		b->error = o->trouble.error;
		b->hidden = o->trouble.hidden;
	}
	if (o->kind == OBSERVED_OWNERS)
		bench_note_stand(b, o);
	/* The sockets of the rest of the host are not ours to remember. */
	if (o->kind != OBSERVED_OWNER || b->told_count == TOLD_MAX || !bench_cares(o->owner.inode))
		return;
	*t = (struct told){.inode = o->owner.inode, .count = o->owner.count};
	for (uint32_t i = 0; i < o->owner.count && i < 8; i++)
		t->holders[i] = observation_holders(o)[i];
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

/* Works in slices of that much CPU time until a search is over, and none waits that an earlier one did not look for. Returns the number of slices. */
static unsigned bench_run_sliced(struct bench *b, int64_t slice_ns)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	unsigned slices = 0;

	do {
		b->owner.not_before_ns = 0;
		owner_turn(&b->owner, slice_ns, &b->out);
		bench_take(b);
		slices++;
	} while ((b->owner.phase != OWNER_RESTS || b->owner.wait_count > 0) && b->error == 0 && clock_now_ns() < deadline_ns);
	return slices;
}

static void bench_run(struct bench *b)
{
	bench_run_sliced(b, 2 * NS_PER_MS);
}

/* The whole search that comes later, at once. */
static void bench_run_whole(struct bench *b)
{
	unsigned before = b->whole;

	assert_int_not_equal(owner_due(&b->owner), INT64_MAX);
	b->owner.whole_due_ns = 0;
	bench_run(b);
	assert_int_equal(b->whole, before + 1);
}

static void look_for(struct bench *b, uint32_t inode, uint32_t hint)
{
	bench_care(inode);
	owner_look_for(&b->owner, &(struct owner_ask){.inode = inode, .hint = hint});
}

/* What was told last of an inode. */
static const struct told *last_told(const struct bench *b, uint32_t inode)
{
	static const struct told nothing;

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
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	prctl(PR_GET_NAME, comm);
	look_for(&b, inode, 0);
	assert_int_not_equal(owner_due(&b.owner), INT64_MAX);
	bench_run(&b);
	t = last_told(&b, inode);
	assert_int_equal(times_told(&b, inode), 1);
	assert_int_equal(t->count, 1);
	assert_int_equal(t->holders[0].pid, getpid());
	assert_int_equal(t->holders[0].fd, fd);
	assert_int_equal(t->holders[0].start_ticks, start_ticks_of(getpid()));
	assert_string_equal(t->holders[0].comm, comm);
	/* The first search is whole, and nothing was asked for that it did not find: nothing more to do. */
	assert_int_equal(b.whole, 1);
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
	look_for(&b, inode, 0);
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
	look_for(&b, inode, 0);
	bench_run(&b);
	t = last_told(&b, inode);
	assert_int_equal(t->count, 4);
	/* In the order of pid and fd; the child is younger. */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(t->holders[i].pid, i < 2 ? getpid() : child);
		assert_int_equal(t->holders[i].fd, i % 2 ? copy : fd);
	}
	/* A process has ended: that is noticed, and everything is searched again some time later. */
	end_holder(child);
	close(copy);
	owner_glance(&b.owner);
	bench_run_whole(&b);
	t = last_told(&b, inode);
	assert_int_equal(t->count, 1);
	assert_int_equal(t->holders[0].fd, fd);
	bench_close(&b);
	close(fd);
}

/* Later searches end when they have found what was asked for; who else has it is told by the whole one that follows. */
static void test_other_holders_are_found_later(void **state)
{
	static struct bench b;
	uint32_t inode, other;
	int fd = new_socket(&inode), other_fd;
	pid_t child;

	(void)state;
	bench_open(&b, "/proc");
	look_for(&b, inode, 0);
	bench_run(&b);
	other_fd = new_socket(&other);
	child = start_holder();
	look_for(&b, other, (uint32_t)child);
	bench_run(&b);
	assert_int_equal(b.stopped, 1);
	assert_int_equal(last_told(&b, other)->count, 1);
	assert_int_equal(last_told(&b, other)->holders[0].pid, child);
	assert_true(owner_due(&b.owner) > clock_now_ns());
	bench_run_whole(&b);
	assert_int_equal(last_told(&b, other)->count, 2);
	/* And of the one that nobody has asked for again. */
	assert_int_equal(last_told(&b, inode)->count, 2);
	end_holder(child);
	bench_close(&b);
	close(fd);
	close(other_fd);
}

/* connect(AF_UNSPEC) and connect(): the socket stays, and so do its holders, but the connection is another. Who asks again gets an answer. */
static void test_asking_again_is_answered_again(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	for (unsigned times = 1; times <= 3; times++) {
		look_for(&b, inode, 0);
		bench_run(&b);
		assert_int_equal(times_told(&b, inode), times);
		assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	}
	bench_close(&b);
	close(fd);
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
	look_for(&b, inode, 0);
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
	uint32_t inode, other;
	int fd = new_socket(&inode), other_fd, ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	send_descriptor(ends[0], fd);
	bench_open(&b, "/proc");
	look_for(&b, inode, 0);
	bench_run(&b);
	assert_int_equal(times_told(&b, inode), 0);
	assert_int_equal(b.whole, 1);
	/* One more search a little later, and then it is left alone. */
	bench_run_whole(&b);
	assert_int_equal(times_told(&b, inode), 0);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	/* It has come out again: the whole search that follows another's finds it. */
	fd = receive_descriptor(ends[1]);
	other_fd = new_socket(&other);
	look_for(&b, other, (uint32_t)getpid());
	bench_run(&b);
	bench_run_whole(&b);
	assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	bench_close(&b);
	close(fd);
	close(other_fd);
	close(ends[0]);
	close(ends[1]);
}

static void test_more_than_can_wait(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	bench_care(inode);
	for (uint32_t i = 0; i < 3 * OWNER_WAITS_MAX; i++)
		owner_look_for(&b.owner, &(struct owner_ask){.inode = 2000000000 + i});
	owner_look_for(&b.owner, &(struct owner_ask){.inode = inode});
	assert_int_equal(b.owner.wait_count, OWNER_WAITS_MAX);
	bench_run(&b);
	assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	assert_int_equal(b.owner.wait_count, 0);
	bench_close(&b);
	close(fd);
}

static void test_everybodys(void **state)
{
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	bench_open(&b, "/proc");
	look_for(&b, inode, 0);
	bench_run(&b);
	close(fd);
	fd = new_socket(&inode);
	bench_care(inode);
	owner_look_for(&b.owner, &(struct owner_ask){0});
	bench_run_whole(&b);
	assert_int_equal(last_told(&b, inode)->holders[0].fd, fd);
	bench_close(&b);
	close(fd);
}

static void test_proc_that_is_missing(void **state)
{
	char directory[] = "/tmp/watch_owner_test.XXXXXX", path[sizeof(directory) + 8];
	static struct bench b;
	uint32_t inode;
	int fd = new_socket(&inode);

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/proc", directory);
	bench_open(&b, path);
	look_for(&b, inode, 0);
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
	b.error = 0;
	bench_run(&b);
	assert_int_equal(last_told(&b, inode)->count, 1);
	assert_int_equal(b.error, 0);
	bench_close(&b);
	unlink(path);
	rmdir(directory);
	close(fd);
}

/* ---- a made-up /proc ---- */

#define MADE_FIRST 100

/* Makes a file with all its directories. */
static void make_file(const char *root, const char *path, const char *content, bool is_link)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	if (is_link) {
		assert_int_equal(symlink(content, full), 0);
		return;
	}
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void make_socket(const char *root, unsigned pid, unsigned fd, unsigned inode)
{
	char path[64], target[64];

	snprintf(path, sizeof(path), "%u/fd/%u", pid, fd);
	snprintf(target, sizeof(target), "socket:[%u]", inode);
	make_file(root, path, target, true);
}

static void make_process(const char *root, unsigned pid)
{
	char path[64], stat[128];

	snprintf(path, sizeof(path), "%u/stat", pid);
	snprintf(stat, sizeof(stat), "%u (made) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %u 0", pid, pid * 10);
	make_file(root, path, stat, false);
	make_socket(root, pid, 3, 1000 + pid);
}

static void make_load(const char *root, unsigned newest)
{
	char text[64];

	snprintf(text, sizeof(text), "0.00 0.01 0.05 1/321 %u\n", newest);
	make_file(root, "loadavg", text, false);
}

static void remove_tree(const char *root)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

/* Twenty processes with a socket each; everything was read once. */
static void bench_open_made(struct bench *b, char *root)
{
	assert_non_null(mkdtemp(root));
	for (unsigned pid = MADE_FIRST; pid < MADE_FIRST + 20; pid++)
		make_process(root, pid);
	make_load(root, 119);
	bench_open(b, root);
	look_for(b, 1100, 0);
	bench_run(b);
	assert_int_equal(last_told(b, 1100)->holders[0].pid, MADE_FIRST);
	assert_int_equal(last_told(b, 1100)->holders[0].start_ticks, 10 * MADE_FIRST);
	assert_string_equal(last_told(b, 1100)->holders[0].comm, "made");
	assert_int_equal(b->total, 20);
	assert_int_equal(b->whole, 1);
}

static void test_a_hint_is_followed_first(void **state)
{
	char root[] = "/tmp/watch_owner_test.XXXXXX";
	static struct bench b;

	(void)state;
	bench_open_made(&b, root);
	make_socket(root, 105, 4, 5000);
	look_for(&b, 5000, 105);
	bench_run(&b);
	assert_int_equal(last_told(&b, 5000)->holders[0].pid, 105);
	assert_int_equal(b.stopped, 1);
	assert_int_equal(b.done, 1);
	/* Without one, it is likely because it had something new lately. */
	make_socket(root, 105, 5, 5001);
	look_for(&b, 5001, 0);
	bench_run(&b);
	assert_int_equal(last_told(&b, 5001)->holders[0].fd, 5);
	assert_int_equal(b.stopped, 2);
	assert_int_equal(b.done, 1);
	/* A wrong one only costs a little. */
	make_socket(root, 110, 4, 5002);
	look_for(&b, 5002, 119);
	bench_run(&b);
	assert_int_equal(last_told(&b, 5002)->holders[0].pid, 110);
	bench_close(&b);
	remove_tree(root);
}

/* Those with as many descriptors as before come last. A directory's size stands for their number, on tmpfs it grows with each entry. */
static void test_processes_with_new_descriptors_come_first(void **state)
{
	char root[] = "/dev/shm/watch_owner_test.XXXXXX", path[64];
	static struct bench b;

	(void)state;
	bench_open_made(&b, root);
	/* The oldest, which would come last. */
	make_socket(root, MADE_FIRST, 4, 5000);
	look_for(&b, 5000, 0);
	bench_run(&b);
	assert_int_equal(last_told(&b, 5000)->holders[0].pid, MADE_FIRST);
	assert_int_equal(b.stopped, 1);
	assert_int_equal(b.owner.walk.fds.fd, -1);
	/* Nineteen were put off, and nobody has read them. */
	assert_int_equal(b.owner.walk.count, 20 + 19);
	assert_int_equal(b.owner.walk.at, 20);
	/* One that has closed a descriptor and opened another is found at last. */
	bench_run_whole(&b);
	snprintf(path, sizeof(path), "%s/107/fd/3", root);
	assert_int_equal(unlink(path), 0);
	make_socket(root, 107, 3, 5001);
	look_for(&b, 5001, 0);
	bench_run(&b);
	assert_int_equal(last_told(&b, 5001)->holders[0].pid, 107);
	bench_close(&b);
	remove_tree(root);
}

/* Nothing new, nobody gone: nothing is read. */
static void test_nothing_is_searched_without_reason(void **state)
{
	char root[] = "/tmp/watch_owner_test.XXXXXX";
	static struct bench b;

	(void)state;
	bench_open_made(&b, root);
	owner_glance(&b.owner);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	make_load(root, 120);
	owner_glance(&b.owner);
	assert_int_not_equal(owner_due(&b.owner), INT64_MAX);
	/* But not at once: people start programs all the time. */
	assert_true(owner_due(&b.owner) > clock_now_ns() + NS_PER_SECOND);
	bench_run_whole(&b);
	owner_glance(&b.owner);
	assert_int_equal(owner_due(&b.owner), INT64_MAX);
	bench_close(&b);
	remove_tree(root);
}

/* What is asked for while a search goes on does not wait for the next when it is known where to look. */
static void test_a_long_search_is_interrupted_for_a_hint(void **state)
{
	char root[] = "/tmp/watch_owner_test.XXXXXX";
	static struct bench b;

	(void)state;
	bench_open_made(&b, root);
	b.owner.whole_due_ns = 0;
	while (b.owner.walk.at < 15 || b.owner.phase == OWNER_RESTS) {
		b.owner.not_before_ns = 0;
		owner_turn(&b.owner, 0, &b.out);
	}
	bench_take(&b);
	/* The newest was read long ago in this search. */
	make_socket(root, 119, 4, 5000);
	look_for(&b, 5000, 119);
	while (b.owner.phase == OWNER_WALKS && times_told(&b, 5000) == 0) {
		owner_turn(&b.owner, 0, &b.out);
		bench_take(&b);
	}
	assert_int_equal(last_told(&b, 5000)->count, 1);
	assert_int_equal(last_told(&b, 5000)->holders[0].pid, 119);
	bench_run(&b);
	/* Read twice, held once. */
	bench_care(1119);
	owner_look_for(&b.owner, &(struct owner_ask){0});
	bench_run_whole(&b);
	assert_int_equal(last_told(&b, 1119)->count, 1);
	bench_close(&b);
	remove_tree(root);
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
	const struct told *own;
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
	look_for(&b, hidden_inode, 0);
	look_for(&b, own_inode, 0);
	bench_run(&b);
	own = last_told(&b, own_inode);
	if (times_told(&b, hidden_inode) != 0 || b.whole != 1)
		result = WENT_WRONG;
	if (own->count != 1 || own->holders[0].fd != own_fd)
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
		cmocka_unit_test(test_other_holders_are_found_later),
		cmocka_unit_test(test_asking_again_is_answered_again),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_nobody_holds_it),
		cmocka_unit_test(test_more_than_can_wait),
		cmocka_unit_test(test_everybodys),
		cmocka_unit_test(test_proc_that_is_missing),
		cmocka_unit_test(test_a_hint_is_followed_first),
		cmocka_unit_test(test_processes_with_new_descriptors_come_first),
		cmocka_unit_test(test_nothing_is_searched_without_reason),
		cmocka_unit_test(test_a_long_search_is_interrupted_for_a_hint),
		cmocka_unit_test(test_other_users_are_hidden),
		cmocka_unit_test(test_hidepid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
