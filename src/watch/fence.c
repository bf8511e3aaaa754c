/* A fence against notices that are still under way: see watch/fence.h. */
#include "config.h"

#include "watch/fence.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "watch/netlink.h"

/* On an idle host it takes 0.1 ms, on one that is overloaded until its kworkers have their turn; a kernel that sends no notices of UDP sockets (no udp_diag) makes us wait
 * in vain. */
#define PATIENCE_NS (250 * NS_PER_MS)
/* Many others' may come between. */
#define BUFFER_BYTES (1 << 20)

static bool fence_listen(struct fence *f)
{
	const int group = SKNLGRP_INET_UDP_DESTROY;

	f->fd = netlink_open(BUFFER_BYTES);
	return f->fd >= 0 && setsockopt(f->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) == 0;
}

static void fence_let_die(struct fence *f)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*f->cookies);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &f->cookies[f->count], &len) == 0)
		f->count++;
	close(fd);
}

static void fence_let_die_everywhere(struct fence *f)
{
	cpu_set_t ours, one;

	if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
		return;
	f->cookies = memory_get_zeroed((size_t)CPU_COUNT(&ours), sizeof(*f->cookies));
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &ours))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one) == 0)
			fence_let_die(f);
	}
	sched_setaffinity(0, sizeof(ours), &ours);
}

void fence_raise(struct fence *f)
{
	*f = (struct fence){.fd = -1};
	if (fence_listen(f))
		fence_let_die_everywhere(f);
	f->until_ns = clock_now_ns() + PATIENCE_NS;
}

static void fence_strike(struct fence *f, uint64_t cookie)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->cookies[i] == cookie) {
			f->cookies[i] = f->cookies[--f->count];
			return;
		}
}

static void fence_read(struct fence *f, const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const void *)bytes;
	int left = (int)len;

	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left)) {
		struct inet_diag_msg m;

		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(head) < sizeof(m))
			continue;
		memcpy(&m, mnl_nlmsg_get_payload(head), sizeof(m));
		fence_strike(f, (uint64_t)m.id.idiag_cookie[1] << 32 | m.id.idiag_cookie[0]);
	}
}

bool fence_stands(struct fence *f, int wait_ms)
{
	_Alignas(NLMSG_ALIGNTO) char bytes[NETLINK_RECEIVE_ROOM];
	ssize_t n = 0;

	if (f->count > 0 && clock_now_ns() < f->until_ns)
		n = netlink_wait(f->fd, wait_ms);
	if (n < 0 && n != -ETIMEDOUT)
		netlink_wait_failed();
	while (n == 0 && f->count > 0) {
		n = netlink_receive(f->fd, bytes, sizeof(bytes));
		if (n > 0)
			fence_read(f, bytes, (size_t)n);
		n = n > 0 ? 0 : n;
	}
	return f->count > 0 && clock_now_ns() < f->until_ns;
}

void fence_fini(struct fence *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->cookies);
}
