#include "config.h"

#include "lab/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/message.h"
#include "lab/crowd.h"
#include "lab/private_net.h"

/*
 * synfin ── control (socketpair) ── host ── one process for each member of the crowd
 *
 * The host enters the namespace, opens the netlink sockets there, sends them back with its report and then only waits: for the end of
 * file on the control socket, which comes when synfin ends in whatever way, and for a SIGTERM, which the kernel sends when it dies.
 * The members get SIGKILL when the host dies.
 */

#define CROWD_SEED 0x53594e46494e /* always the same order: a person who looks twice finds it again */
#define START_TIMEOUT_MS 10000
#define STOP_TIMEOUT_MS 3000

struct demo {
	pid_t host;
	int control;
	bool private;
};

/* What the host says about its start; the netlink sockets that are there come with it, in the order of struct demo_sockets. */
struct report {
	int32_t error;
	uint8_t has[DEMO_SOCKETS];
};

union control_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(DEMO_SOCKETS * sizeof(int))];
};

static int send_report(int control, struct report *r, const int *fds, unsigned count)
{
	union control_room room = {0};
	struct iovec part = {.iov_base = r, .iov_len = sizeof *r};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count) {
		struct cmsghdr *header;

		message.msg_control = room.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	return sendmsg(control, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int receive_report(int control, struct report *r, struct demo_sockets *sockets)
{
	int *const places[] = {&sockets->dump, &sockets->lookup, &sockets->notices, &sockets->destroy};
	union control_room room = {0};
	struct iovec part = {.iov_base = r, .iov_len = sizeof *r};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
	struct pollfd wait = {.fd = control, .events = POLLIN};
	struct cmsghdr *header;
	unsigned count = 0, next = 0;
	int fds[DEMO_SOCKETS];
	ssize_t got;

	do
		got = poll(&wait, 1, START_TIMEOUT_MS);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got < 0 ? -errno : -ETIMEDOUT;
	got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
	if (got != sizeof *r)
		return got < 0 ? -errno : -ECHILD; /* it died without a word */
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		count = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	}
	for (unsigned i = 0; i < DEMO_SOCKETS; i++)
		*places[i] = r->has[i] && next < count ? fds[next++] : -1;
	return r->error;
}

/* ---- in the host ---- */

/* Nothing of the caller's stays here: not its terminal, its files, its signals, nor its process group, so that Ctrl-C passes by. */
static int leave_caller(int control)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* Out of the way of 0, 1 and 2, which the caller may have closed. */
	control = fcntl(control, F_DUPFD_CLOEXEC, 3);
	setpgid(0, 0);
	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigaction(SIGQUIT, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigaction(SIGHUP, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 0; fd <= 2; fd++)
		if (null >= 0)
			dup2(null, fd);
		else
			close(fd);
	if (control > 3)
		syscall(SYS_close_range, 3U, (unsigned)control - 1, 0U);
	syscall(SYS_close_range, (unsigned)control + 1, ~0U, 0U);
	return control;
}

_Noreturn static void run_member(struct crowd *crowd, enum crowd_member member, pid_t host)
{
	struct loop *loop;

	prctl(PR_SET_NAME, crowd_member_comm(member));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != host)
		_exit(1);
	loop = loop_new();
	if (!loop)
		_exit(1);
	crowd_play(crowd, member, loop);
	_exit(loop_run(loop));
}

static void on_control(void *loop, uint32_t events)
{
	(void)events; /* nothing is ever sent: it is the end of file */
	loop_stop(loop, 0);
}

static void on_term(void *loop, int signal)
{
	(void)signal;
	loop_stop(loop, 0);
}

/* One that died early is not replaced, but it leaves no zombie. */
static void on_child(void *context, int signal)
{
	(void)context;
	(void)signal;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static int start_members(struct crowd *crowd, int control, pid_t members[CROWD_MEMBER_COUNT])
{
	pid_t host = getpid();

	crowd->start_ns = clock_now_ns();
	for (unsigned i = 0; i < CROWD_MEMBER_COUNT; i++) {
		members[i] = fork();
		if (members[i] < 0)
			return -errno;
		if (members[i] == 0) {
			close(control);
			run_member(crowd, i, host);
		}
	}
	return 0;
}

static void end_members(const pid_t members[CROWD_MEMBER_COUNT])
{
	for (unsigned i = 0; i < CROWD_MEMBER_COUNT; i++)
		if (members[i] > 0)
			kill(members[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* Opens the netlink sockets; they stay in fds for the report. */
static void open_netlink(demo_open_sockets *open_sockets, struct report *r, int fds[DEMO_SOCKETS], unsigned *count)
{
	struct demo_sockets sockets = DEMO_SOCKETS_NONE;
	int opened[DEMO_SOCKETS];

	r->error = open_sockets(&sockets);
	opened[0] = sockets.dump;
	opened[1] = sockets.lookup;
	opened[2] = sockets.notices;
	opened[3] = sockets.destroy;
	for (unsigned i = 0; i < DEMO_SOCKETS; i++) {
		r->has[i] = opened[i] >= 0;
		if (opened[i] >= 0)
			fds[(*count)++] = opened[i];
	}
}

static int listen_for_end(struct loop **out, int control)
{
	struct loop *loop = loop_new();
	int error;

	if (!loop)
		return -errno;
	*out = loop;
	error = loop_add_fd(loop, control, EPOLLIN, on_control, loop);
	if (!error)
		error = loop_on_signal(loop, SIGTERM, on_term, loop);
	if (!error)
		error = loop_on_signal(loop, SIGCHLD, on_child, NULL);
	return error;
}

_Noreturn static void run_host(int control, bool private, demo_open_sockets *open_sockets, pid_t parent)
{
	struct crowd crowd = {.private = private, .seed = CROWD_SEED};
	pid_t members[CROWD_MEMBER_COUNT] = {0};
	struct report report = {0};
	struct loop *loop = NULL;
	unsigned count = 0;
	int fds[DEMO_SOCKETS];

	control = leave_caller(control);
	prctl(PR_SET_NAME, "synfin-demo");
	if (private)
		report.error = private_net_enter();
	/* Only now: a change of credentials would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	if (!report.error && private)
		open_netlink(open_sockets, &report, fds, &count);
	if (!report.error)
		report.error = crowd_open(&crowd);
	if (!report.error)
		report.error = start_members(&crowd, control, members);
	crowd_close(&crowd);
	/* After the members have parted: a blocked SIGTERM and an epoll are not for them. */
	if (!report.error)
		report.error = listen_for_end(&loop, control);
	send_report(control, &report, fds, count);
	/* Kept, a netlink socket would hold the namespace after the last process. */
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	if (!report.error)
		loop_run(loop);
	end_members(members);
	_exit(0);
}

/* ---- in the caller ---- */

static int try_start(struct demo *d, demo_open_sockets *open_sockets, struct demo_sockets *sockets)
{
	struct report report;
	pid_t parent = getpid();
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	d->host = fork();
	if (d->host < 0) {
		error = -errno;
		close(pair[0]);
		close(pair[1]);
		return error;
	}
	if (d->host == 0) {
		close(pair[0]);
		run_host(pair[1], d->private, open_sockets, parent);
	}
	close(pair[1]);
	d->control = pair[0];
	return receive_report(d->control, &report, sockets);
}

static void close_sockets(struct demo_sockets *s)
{
	int *const fds[] = {&s->dump, &s->lookup, &s->notices, &s->destroy};

	for (unsigned i = 0; i < DEMO_SOCKETS; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void end_host(struct demo *d)
{
	struct pollfd wait = {.events = POLLIN};

	close(d->control);
	wait.fd = (int)syscall(SYS_pidfd_open, d->host, 0);
	if (wait.fd < 0 || poll(&wait, 1, STOP_TIMEOUT_MS) <= 0)
		kill(-d->host, SIGKILL); /* its process group: the members too */
	if (wait.fd >= 0)
		close(wait.fd);
	while (waitpid(d->host, NULL, 0) < 0 && errno == EINTR)
		;
}

int demo_start(struct demo **out, demo_open_sockets *open_sockets, struct demo_sockets *sockets, const char **where)
{
	struct demo *d = memory_get_zeroed(1, sizeof *d);
	int error = 0;

	for (unsigned attempt = 0; attempt < 2; attempt++) {
		*sockets = DEMO_SOCKETS_NONE;
		d->private = attempt == 0;
		d->control = -1;
		error = try_start(d, open_sockets, sockets);
		if (!error) {
			*out = d;
			return 0;
		}
		close_sockets(sockets);
		if (d->control >= 0)
			end_host(d);
	}
	free(d);
	*where = N_("the processes of the demo");
	return error;
}

void demo_stop(struct demo *d)
{
	if (!d)
		return;
	end_host(d);
	free(d);
}

bool demo_private(const struct demo *d)
{
	return d->private;
}
