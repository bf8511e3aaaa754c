/* A NETLINK_SOCK_DIAG socket: see watch/netlink.h. */
#include "config.h"

#include "watch/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* What a thread that may not sleep until something comes sleeps instead. */
#define WAIT_FAILED_NS (20 * NS_PER_MS)

/* A socket of a stranger that was left in the middle of a dump of a million sockets still ends: each receive moves the dump on. */
#define RENEW_RECEIVES_MAX 100000

int netlink_open(int buffer_bytes)
{
	/* Bound at once: the kernel multicasts from port 0 and spares the sender, so a socket that has no port yet would hear nothing. (And binding
	 * later would undo its memberships.) */
	struct sockaddr_nl any_port = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&any_port, sizeof(any_port)) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	if (buffer_bytes > 0)
		netlink_grow_buffer(fd, buffer_bytes);
	return fd;
}

void netlink_grow_buffer(int fd, int buffer_bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof(buffer_bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
}

int netlink_listen_to_ends(int fd, bool listen)
{
	static const int groups[] = {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY};
	int option = listen ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (setsockopt(fd, SOL_NETLINK, option, &groups[i], sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

int netlink_drops(int fd, uint32_t *drops)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		return -errno;
	if (len < (SK_MEMINFO_DROPS + 1) * sizeof(*memory))
		return -ENOPROTOOPT;
	*drops = memory[SK_MEMINFO_DROPS];
	return 0;
}

uint64_t netlink_netns_cookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0 || len != sizeof(cookie))
		return 0;
	return cookie;
}

/* Any socket is of a namespace, and tells. */
uint64_t netlink_own_netns(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = netlink_netns_cookie(fd);

	if (fd >= 0)
		close(fd);
	return cookie;
}

int netlink_port_init(struct netlink_port *port, int fd)
{
	*port = (struct netlink_port){
		.fd = fd,
		.own = fd < 0,
		/* A number that a message meant for somebody else is unlikely to carry. */
		.sequence = (uint32_t)(clock_now_ns() / NS_PER_US),
	};
	return fd < 0 ? netlink_port_renew(port) : 0;
}

void netlink_port_fini(struct netlink_port *port)
{
	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
}

int netlink_port_renew(struct netlink_port *port)
{
	char waste[NETLINK_RECEIVE_ROOM];
	int fd;

	if (port->own) {
		fd = netlink_open(0);
		netlink_port_fini(port);
		if (fd < 0)
			return fd;
		port->fd = fd;
		return 0;
	}
	for (unsigned i = 0; i < RENEW_RECEIVES_MAX; i++) {
		ssize_t n = netlink_receive(port->fd, waste, sizeof(waste));

		if (n == -EAGAIN)
			return 0;
		if (n < 0 && n != -EMSGSIZE && n != -ENOBUFS)
			return (int)n;
	}
	return -EBUSY;
}

int netlink_send(int fd, const void *bytes, size_t len)
{
	ssize_t n;

	/* A netlink socket that was never connected speaks to the kernel. */
	do
		n = send(fd, bytes, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

ssize_t netlink_receive(int fd, void *bytes, size_t room)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		struct iovec part = {.iov_base = bytes, .iov_len = room};
		struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1};
		ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* A privileged process can write to anybody's netlink socket. */
		if (from.nl_pid != 0)
			continue;
		if (message.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		/* The kernel sends no empty datagrams: the other end of a pipe-like socket is gone. */
		return n == 0 ? -EPIPE : n;
	}
}

int netlink_wait(int fd, int timeout_ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&readable, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

void netlink_wait_failed(void)
{
	static const struct timespec pause = {.tv_nsec = WAIT_FAILED_NS};

	nanosleep(&pause, NULL);
}
