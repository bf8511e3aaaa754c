/*
 * No phantom deaths: the watch and the tracker on a host whose dumps lie (DESIGN.md, fact 7).
 *
 * A dump resumes by its position in a bucket of the kernel's hash table. In a table of 64 buckets, full of connections that come and go, and read slowly, it
 * lists sockets twice and misses others that lived all along. Beside that, thousands of connections are held and nothing of them may change: each is told once,
 * and none dies.
 *
 * The table is the private namespace's own, and gone with this program.
 *
 * `soak` makes a few dumps, for `make check`; `soak DUMPS` makes so many, and then the raw dumps must have misbehaved, or it has proved nothing.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sockets.h"
#include "track/tracker.h"
#include "watch/watch.h"

#define HELD 2000 /* connections: twice as many sockets */
#define CHURNERS 2
#define CHURN_A_SECOND 1500 /* by each of them */
#define BUCKETS 64
#define SLOW_NS (100 * NS_PER_US)
#define SHORT_DUMPS 60
#define DUMPS_A_SECOND_LEAST 4 /* on a machine that is busy with other things */
#define PROGRESS_NS (10 * NS_PER_SECOND)

/* What the kernel really answered: counted by the thread that reads it. */
static struct {
	uint16_t held[2][65536];         /* 1 + which, by the client's port; [1]: the server's end */
	uint8_t listed[2 * HELD];        /* in the dump that is being read */
	atomic_uint dumps, misses, duplicates;
} raw;

/* What was told of those that are held. */
static struct {
	uint64_t conn[2 * HELD];
	unsigned told, twice, changes, closes;
} told;

static uint16_t server_port;

/* 0: it is none of them. Connections that come and go have other ports of the server's side. */
static unsigned held_by_ports(uint16_t local, uint16_t remote)
{
	if (local == server_port)
		return raw.held[1][remote];
	return remote == server_port ? raw.held[0][local] : 0;
}

/* ---- the slow reader, and what it reads ---- */

static void count_socket(const struct inet_diag_msg *m)
{
	unsigned held = held_by_ports(ntohs(m->id.idiag_sport), ntohs(m->id.idiag_dport));

	if (held && m->idiag_state == STATE_ESTABLISHED && raw.listed[held - 1]++)
		atomic_fetch_add(&raw.duplicates, 1);
}

static void count_dump(void)
{
	unsigned missing = 0;

	for (unsigned i = 0; i < 2 * HELD; i++)
		missing += !raw.listed[i];
	/* One that lists none of them was asked for other states: it has missed nothing. */
	if (missing < 2 * HELD)
		atomic_fetch_add(&raw.misses, missing);
	memset(raw.listed, 0, sizeof raw.listed);
	atomic_fetch_add(&raw.dumps, 1);
}

static void count_datagram(void *bytes, size_t len)
{
	unsigned left = (unsigned)len;

	for (struct nlmsghdr *h = bytes; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			count_dump();
		else if (h->nlmsg_flags & NLM_F_MULTI)
			count_socket(NLMSG_DATA(h));
	}
}

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

/* The linker puts it between libwatch and libc: each piece of a dump waits a little, while the table changes. */
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t n;
	int error;

	nanosleep(&(struct timespec){.tv_nsec = SLOW_NS}, NULL);
	n = __real_recvmsg(fd, message, flags);
	error = errno;
	if (n > 0 && !(message->msg_flags & MSG_TRUNC))
		count_datagram(message->msg_iov->iov_base, (size_t)n);
	errno = error;
	return n;
}

/* ---- the host ---- */

static void hold(int listener)
{
	for (unsigned i = 0; i < HELD; i++) {
		uint16_t port = sockets_port(sockets_connect("127.0.0.1", server_port));

		sockets_accept(listener);
		raw.held[0][port] = (uint16_t)(1 + 2 * i);
		raw.held[1][port] = (uint16_t)(2 + 2 * i);
	}
}

/* Connects, accepts and resets, so that no port is used up by TIME_WAIT entries. It ends with the program. */
static pid_t start_churn(void)
{
	pid_t pid = fork();
	int listener;
	uint16_t port;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	listener = sockets_listen("127.0.0.1", 0, 64);
	port = sockets_port(listener);
	for (;;) {
		int64_t began_ns = clock_now_ns(), left_ns;

		for (int i = 0; i < CHURN_A_SECOND / 100; i++) {
			int client = sockets_connect("127.0.0.1", port), server = sockets_accept(listener);

			sockets_reset(client);
			sockets_reset(server);
		}
		left_ns = began_ns + NS_PER_SECOND / 100 - clock_now_ns();
		if (left_ns > 0)
			nanosleep(&(struct timespec){.tv_nsec = left_ns}, NULL);
	}
}

/* ---- what is told ---- */

static void hear(void *context, const struct event *e)
{
	unsigned held = e->kind == EVENT_COVERAGE ? 0 : held_by_ports(e->tuple.local.port, e->tuple.remote.port);

	(void)context;
	if (!held)
		return;
	switch (e->kind) {
	case EVENT_OPEN:
	case EVENT_CONNECTION:
		told.twice += told.conn[held - 1] && told.conn[held - 1] != e->conn;
		told.told += !told.conn[held - 1];
		told.conn[held - 1] = e->conn;
		break;
	case EVENT_TRANSITION:
		/* One that the first dumps missed opens by a way to its state. */
		told.changes += e->from == STATE_ESTABLISHED;
		break;
	case EVENT_CLOSE:
		told.closes++;
		break;
	default:
		break;
	}
}

static void take_batches(struct watch *w, struct tracker *t)
{
	struct pollfd waits = {.fd = queue_fd(watch_batches(w)), .events = POLLIN};
	struct lookup wanted;
	struct batch *b;

	poll(&waits, 1, 20);
	while ((b = queue_take(watch_batches(w)))) {
		tracker_observe(t, b, clock_now_ns());
		batch_free(b);
		while (tracker_want(t, &wanted))
			if (!watch_look_up(w, &wanted))
				tracker_lookup_dropped(t, &wanted, clock_now_ns());
	}
	if (tracker_due(t) <= clock_now_ns() && queue_length(watch_batches(w)) == 0)
		tracker_turn(t, clock_now_ns());
	while (tracker_want(t, &wanted))
		if (!watch_look_up(w, &wanted))
			tracker_lookup_dropped(t, &wanted, clock_now_ns());
}

static void print_progress(const struct model *m)
{
	const struct coverage *c = model_coverage(m);

	printf("# %u dumps: %u times missing, %u times twice; told: %u of %u held, %u twice, %u changes, %u closes; "
	       "%u live, %ju sweeps not whole, %ju look-ups not made, %ju notices lost\n",
	       atomic_load(&raw.dumps), atomic_load(&raw.misses), atomic_load(&raw.duplicates), told.told, 2 * HELD, told.twice, told.changes,
	       told.closes, model_live(m), (uintmax_t)c->sweeps_not_whole, (uintmax_t)c->lookups_dropped, (uintmax_t)c->notices_lost);
	fflush(stdout);
}

/* Until so many dumps are made; false if that takes too long. */
static bool watch_dumps(struct watch *w, struct tracker *t, const struct model *m, unsigned dumps)
{
	int64_t now_ns = clock_now_ns(), progress_ns = now_ns + PROGRESS_NS;
	int64_t deadline_ns = now_ns + (10 + dumps / DUMPS_A_SECOND_LEAST) * NS_PER_SECOND;

	while (atomic_load(&raw.dumps) < dumps) {
		take_batches(w, t);
		now_ns = clock_now_ns();
		if (now_ns > deadline_ns)
			return false;
		if (now_ns > progress_ns) {
			print_progress(m);
			progress_ns = now_ns + PROGRESS_NS;
		}
	}
	/* The last ones that were missed are asked for. */
	for (int64_t end_ns = now_ns + NS_PER_SECOND; clock_now_ns() < end_ns;)
		take_batches(w, t);
	print_progress(m);
	return true;
}

static unsigned count_shown(const struct model *m)
{
	unsigned shown = 0;

	for (unsigned i = 0; i < 2 * HELD; i++) {
		const struct connection *c = told.conn[i] ? model_find(m, told.conn[i]) : NULL;

		shown += c && c->live && c->state == STATE_ESTABLISHED;
	}
	return shown;
}

static int failures, cases;

static void report(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++cases, what);
	failures += !good;
}

static void judge(const struct model *m, bool all_made, bool must_misbehave)
{
	printf("1..%d\n", must_misbehave ? 5 : 4);
	report(all_made, "dumps_are_made");
	report(told.closes == 0 && told.changes == 0, "no_held_connection_changes_or_dies");
	report(told.twice == 0 && told.told == 2 * HELD, "each_held_connection_is_told_once");
	report(count_shown(m) == 2 * HELD, "each_held_connection_is_shown");
	if (must_misbehave)
		report(atomic_load(&raw.misses) > 0 && atomic_load(&raw.duplicates) > 0, "raw_dumps_missed_and_repeated_sockets");
}

int main(int argc, char **argv)
{
	const struct watch_plan plan = {.interval_ns = NS_PER_MS, .fast_interval_ns = NS_PER_MS, .budget = 1, .numbers = true, .notices = true};
	const struct tracker_config config = {.seed = 1, .port_low = 32768, .port_high = 60999, .notices = true};
	unsigned dumps = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : SHORT_DUMPS;
	pid_t churners[CHURNERS];
	struct model *m = model_new(1);
	struct tracker *t = tracker_new(m, &config, hear, NULL);
	const char *where;
	struct watch *w;
	bool all_made;
	int listener;

	if (!sockets_enter_table(BUCKETS)) {
		printf("1..0 # SKIP no small table of our own\n");
		return 0;
	}
	if (!sockets_allow(2 * HELD + 100)) {
		printf("1..0 # SKIP too few files may be open\n");
		return 0;
	}
	listener = sockets_listen("127.0.0.1", 0, 64);
	server_port = sockets_port(listener);
	hold(listener);
	for (int i = 0; i < CHURNERS; i++)
		churners[i] = start_churn();
	if (watch_start(&plan, WATCH_SOCKETS_OWN, &w, &where) < 0) {
		fprintf(stderr, "%s\n", where);
		return 99;
	}
	all_made = watch_dumps(w, t, m, dumps);
	for (int i = 0; i < CHURNERS; i++) {
		kill(churners[i], SIGKILL);
		waitpid(churners[i], NULL, 0);
	}
	watch_stop(w);
	judge(m, all_made, argc > 1);
	tracker_free(t);
	model_free(m);
	return failures ? 1 : 0;
}
