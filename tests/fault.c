#include "config.h"

#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct fault {
	pthread_t thread;
	struct program *program;
	int listener, pidfd, stop[2];
	atomic_int kind;
	atomic_uint dumps;
	/* The rest is the supervising thread's: of the dump that is being answered. */
	bool dumping;
	enum fault_kind dump_kind; /* a dump that has begun keeps its fault to the end */
	uint32_t dump_seq;
	bool faked;                /* its request was replaced: the answer in the socket is not for synfin */
	unsigned calls;
};

const char *fault_what(enum fault_kind kind)
{
	static const char *const whats[] = {
#define X(name, what) [FAULT_##name] = what,
		FAULTS(X)
#undef X
	};

	return whats[kind];
}

/* ---- what the supervised calls mean ---- */

struct call {
	struct seccomp_notif *asked;
	struct seccomp_notif_resp *answer;
	int socket; /* ours, the same open socket */
	pid_t pid;
};

static bool copy_in(const struct call *c, void *to, uint64_t from, size_t len)
{
	struct iovec local = {to, len}, remote = {(void *)(uintptr_t)from, len};

	return process_vm_readv(c->pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static bool copy_out(const struct call *c, uint64_t to, const void *from, size_t len)
{
	struct iovec local = {(void *)(uintptr_t)from, len}, remote = {(void *)(uintptr_t)to, len};

	return len == 0 || process_vm_writev(c->pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static void let_through(struct call *c)
{
	c->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
}

/* The sock_diag socket that dumps and looks up; not the one of the destroy notices, which is in their groups. */
static bool is_diag(int fd)
{
	struct sockaddr_nl name = {0};
	socklen_t len = sizeof name;
	int domain = 0, protocol = 0;
	socklen_t int_len = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &int_len) < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &int_len) < 0)
		return false;
	return domain == AF_NETLINK && protocol == NETLINK_SOCK_DIAG && getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
	       !name.nl_groups;
}

/* A request that the kernel answers at once and with one message, so that the socket becomes readable in place of the dump. */
static bool send_harmless(int fd, uint32_t seq)
{
	struct {
		struct nlmsghdr header;
		struct sock_diag_req body;
	} r = {.header = {.nlmsg_len = sizeof r, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = seq},
	       .body = {.sdiag_family = AF_UNSPEC}};

	return send(fd, &r, sizeof r, 0) == sizeof r;
}

static void on_send(struct fault *f, struct call *c)
{
	struct nlmsghdr header;

	if (!copy_in(c, &header, c->asked->data.args[1], sizeof header) || (header.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) {
		f->dumping = false;
		let_through(c);
		return;
	}
	f->dumping = true;
	f->dump_kind = (enum fault_kind)atomic_load(&f->kind);
	f->dump_seq = header.nlmsg_seq;
	f->faked = false;
	atomic_fetch_add(&f->dumps, 1);
	if (f->dump_kind == FAULT_SEND_FAILS) {
		c->answer->error = -ENOMEM;
	} else if (f->dump_kind == FAULT_MODULE_MISSING || f->dump_kind == FAULT_BUSY) {
		f->faked = send_harmless(c->socket, header.nlmsg_seq);
		c->answer->val = (int64_t)c->asked->data.args[2];
	} else {
		let_through(c);
	}
}

/* What the kernel would have answered. Returns its length. */
static size_t make_answer(const struct fault *f, void *out)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error; /* NLMSG_DONE has but the int at its front */
	} answer = {.header = {.nlmsg_seq = f->dump_seq}};

	if (f->dump_kind == FAULT_BUSY) {
		answer.header.nlmsg_type = NLMSG_ERROR;
		answer.header.nlmsg_len = sizeof answer;
		answer.error.error = -EBUSY;
		answer.error.msg.nlmsg_len = sizeof answer.header;
	} else {
		answer.header.nlmsg_type = NLMSG_DONE;
		answer.header.nlmsg_flags = NLM_F_MULTI;
		answer.header.nlmsg_len = sizeof answer.header + sizeof(int);
		answer.error.error = -ENOENT;
	}
	memcpy(out, &answer, answer.header.nlmsg_len);
	return answer.header.nlmsg_len;
}

/* Gives `bytes` as what recvmsg has received. */
static void deliver(struct call *c, const void *bytes, size_t len, int flags)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct msghdr message;
	struct iovec part;
	uint64_t at = c->asked->data.args[1];
	size_t fits;

	if (!copy_in(c, &message, at, sizeof message) || !copy_in(c, &part, (uintptr_t)message.msg_iov, sizeof part))
		abort();
	fits = len < part.iov_len ? len : part.iov_len;
	if (fits < len)
		flags |= MSG_TRUNC;
	if (message.msg_name && message.msg_namelen >= sizeof kernel && !copy_out(c, (uintptr_t)message.msg_name, &kernel, sizeof kernel))
		abort();
	message.msg_namelen = message.msg_name ? sizeof kernel : 0;
	message.msg_controllen = 0;
	message.msg_flags = flags;
	if (!copy_out(c, (uintptr_t)part.iov_base, bytes, fits) || !copy_out(c, at, &message, sizeof message))
		abort();
	c->answer->val = (int64_t)(c->asked->data.args[2] & MSG_TRUNC ? len : fits);
}

static void on_receive(struct fault *f, struct call *c)
{
	static _Alignas(struct nlmsghdr) char bytes[1 << 20];
	struct nlmsghdr *header = (struct nlmsghdr *)bytes;
	int flags = (int)c->asked->data.args[2];
	ssize_t got;

	if (!f->dumping || f->dump_kind == FAULT_NONE || f->dump_kind == FAULT_SEND_FAILS || flags & MSG_PEEK) {
		let_through(c);
		return;
	}
	if (f->dump_kind == FAULT_EINTR) {
		if (f->calls++ % 2)
			c->answer->error = -EINTR;
		else
			let_through(c);
		return;
	}
	if (f->dump_kind == FAULT_ENOBUFS) {
		c->answer->error = -ENOBUFS;
		return;
	}
	got = recv(c->socket, bytes, sizeof bytes, MSG_DONTWAIT);
	if (got <= 0) {
		let_through(c);
		return;
	}
	if (f->faked) {
		deliver(c, bytes, make_answer(f, bytes), 0);
	} else if (f->dump_kind == FAULT_TRUNCATED) {
		deliver(c, bytes, (size_t)got / 2, MSG_TRUNC);
	} else {
		header->nlmsg_flags |= NLM_F_DUMP_INTR;
		deliver(c, bytes, (size_t)got, 0);
	}
}

static void answer_one(struct fault *f)
{
	struct seccomp_notif asked = {0};
	struct seccomp_notif_resp answer = {0};
	struct call c = {.asked = &asked, .answer = &answer, .pid = f->program->pid};

	if (ioctl(f->listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return;
	answer.id = asked.id;
	c.socket = (int)syscall(SYS_pidfd_getfd, f->pidfd, (int)asked.data.args[0], 0);
	if (c.socket < 0 || !is_diag(c.socket))
		let_through(&c);
	else if (asked.data.nr == SYS_sendto)
		on_send(f, &c);
	else
		on_receive(f, &c);
	if (c.socket >= 0)
		close(c.socket);
	ioctl(f->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static void *supervise(void *context)
{
	struct fault *f = context;
	struct pollfd waits[] = {{.fd = f->listener, .events = POLLIN}, {.fd = f->stop[0], .events = POLLIN}};

	for (;;) {
		if (poll(waits, 2, -1) < 0)
			continue;
		if (waits[1].revents)
			return NULL;
		if (waits[0].revents & POLLIN)
			answer_one(f);
		else if (waits[0].revents & POLLHUP)
			waits[0].fd = -1; /* the program has ended */
	}
}

/* ---- in the child ---- */

struct start {
	int channel;
	const char *const *args;
};

static int send_fd(int channel, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room = {0};
	char byte = fd >= 0;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = room.bytes;
		message.msg_controllen = sizeof room.bytes;
		CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof fd);
	}
	return (int)sendmsg(channel, &message, 0);
}

static void run_supervised(void *context)
{
	const struct start *s = context;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendto, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvmsg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
	int listener = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	send_fd(s->channel, listener);
	if (listener < 0)
		_exit(77);
	close(listener);
	program_exec(s->args);
}

/* ---- in the test ---- */

static int receive_fd(int channel)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room;
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
	int fd = -1;

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

struct fault *fault_start(struct program *p, enum fault_kind kind, const char *const args[])
{
	struct fault *f = calloc(1, sizeof *f);
	struct start s = {.args = args};
	int channel[2];

	if (!f || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0 || pipe2(f->stop, O_CLOEXEC) < 0)
		abort();
	f->program = p;
	atomic_store(&f->kind, kind);
	s.channel = channel[1];
	program_start_by(p, run_supervised, &s);
	close(channel[1]);
	f->listener = receive_fd(channel[0]);
	close(channel[0]);
	f->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (f->listener >= 0 && f->pidfd >= 0 && pthread_create(&f->thread, NULL, supervise, f) == 0)
		return f;
	program_end(p, 0, 1000);
	free(f);
	return NULL;
}

void fault_set(struct fault *f, enum fault_kind kind)
{
	atomic_store(&f->kind, kind);
	atomic_store(&f->dumps, 0);
}

unsigned fault_dumps(struct fault *f)
{
	return atomic_load(&f->dumps);
}

void fault_stop(struct fault *f)
{
	close(f->stop[1]);
	pthread_join(f->thread, NULL);
	close(f->stop[0]);
	close(f->listener);
	close(f->pidfd);
	free(f);
}
