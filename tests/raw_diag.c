#include "config.h"

#include "raw_diag.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sockets.h"

#define PATIENCE_NS (20 * NS_PER_SECOND)
#define PATIENCE_MS 20000
#define CODE_MAX 512

/* ---- asking ---- */

static size_t put_code(char *bytes, size_t at, const struct raw_request *r)
{
	struct nlattr head = {.nla_len = (uint16_t)(sizeof head + r->code_len), .nla_type = INET_DIAG_REQ_BYTECODE};

	assert_true(r->code_len <= CODE_MAX);
	if (!r->code_len)
		return at;
	memcpy(bytes + at, &head, sizeof head);
	memcpy(bytes + at + sizeof head, r->code, r->code_len);
	return at + NLA_ALIGN(head.nla_len);
}

void raw_send(int fd, const struct raw_request *r)
{
	struct inet_diag_req_v2 by_family = {
		.sdiag_family = r->family, .sdiag_protocol = r->protocol, .idiag_states = r->states, .idiag_ext = 1 << (INET_DIAG_INFO - 1), .id = r->id,
	};
	struct inet_diag_req both = {.idiag_states = r->states, .idiag_ext = 1 << (INET_DIAG_INFO - 1), .id = r->id};
	_Alignas(struct nlmsghdr) char bytes[sizeof(struct nlmsghdr) + sizeof by_family + sizeof both + sizeof(struct nlattr) + CODE_MAX] = {0};
	struct nlmsghdr *head = (struct nlmsghdr *)bytes;
	bool old = r->type == TCPDIAG_GETSOCK;
	size_t body = old ? sizeof both : sizeof by_family;

	memcpy(NLMSG_DATA(head), old ? (void *)&both : (void *)&by_family, body);
	*head = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)put_code(bytes, NLMSG_SPACE(body), r),
		.nlmsg_type = r->type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (r->dump ? NLM_F_DUMP : 0)),
		.nlmsg_seq = r->sequence,
	};
	assert_int_equal(send(fd, bytes, head->nlmsg_len, 0), head->nlmsg_len);
}

/* ---- reading ---- */

static void read_socket(struct nlmsghdr *head, size_t len, struct raw_socket *s)
{
	const struct inet_diag_msg *m = NLMSG_DATA(head);
	size_t left = len - NLMSG_LENGTH(sizeof *m);
	const char *at = (const char *)(m + 1);

	*s = (struct raw_socket){
		.tuple = sockets_diag_tuple(m), .cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0],
		.inode = m->idiag_inode, .uid = m->idiag_uid, .rqueue = m->idiag_rqueue, .wqueue = m->idiag_wqueue,
		.state = m->idiag_state, .timer = m->idiag_timer,
	};
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *attribute = (const void *)at;
		size_t step = NLA_ALIGN(attribute->nla_len);

		if (attribute->nla_type == INET_DIAG_INFO) {
			s->info_len = attribute->nla_len - sizeof *attribute;
			memcpy(&s->info, attribute + 1, s->info_len < sizeof s->info ? s->info_len : sizeof s->info);
		}
		if (step < sizeof *attribute || step > left)
			return;
		at += step;
		left -= step;
	}
}

/* The whole messages of a datagram. */
static void read_datagram(struct raw_answer *a, char *bytes, size_t len, bool *over)
{
	unsigned left = (unsigned)len;

	for (struct nlmsghdr *h = (void *)bytes; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
			a->end = h->nlmsg_type;
			memcpy(&a->error, NLMSG_DATA(h), sizeof a->error);
			a->end_len = h->nlmsg_len < sizeof a->end_bytes ? h->nlmsg_len : sizeof a->end_bytes;
			memcpy(a->end_bytes, h, a->end_len);
			*over = true;
			return;
		}
		a->sockets = realloc(a->sockets, (a->count + 1) * sizeof *a->sockets);
		assert_non_null(a->sockets);
		read_socket(h, h->nlmsg_len, &a->sockets[a->count++]);
		*over = !(h->nlmsg_flags & NLM_F_MULTI);
	}
}

static size_t receive(int fd, char *bytes, size_t room, bool *cut)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct iovec part = {.iov_base = bytes, .iov_len = room};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
	n = recvmsg(fd, &message, 0);
	assert_true(n > 0);
	*cut = message.msg_flags & MSG_TRUNC;
	return (size_t)n;
}

struct raw_answer raw_ask(int fd, const struct raw_request *r)
{
	static _Alignas(struct nlmsghdr) char bytes[RAW_ROOM];
	struct raw_answer a = {0};
	bool over = false;

	raw_send(fd, r);
	while (!over) {
		bool cut;
		size_t len = receive(fd, bytes, r->room ? r->room : RAW_ROOM, &cut);

		a.cut += cut;
		read_datagram(&a, bytes, len, &over);
	}
	return a;
}

void raw_answer_fini(struct raw_answer *a)
{
	free(a->sockets);
	a->sockets = NULL;
}

struct raw_answer raw_dump(int fd, uint32_t states)
{
	const struct raw_request r = {.type = TCPDIAG_GETSOCK, .states = states, .dump = true};

	return raw_ask(fd, &r);
}

const struct raw_socket *raw_find(const struct raw_answer *a, const struct tuple *t)
{
	for (size_t i = 0; i < a->count; i++)
		if (tuple_equal(&a->sockets[i].tuple, t))
			return &a->sockets[i];
	return NULL;
}

const struct raw_socket *raw_find_cookie(const struct raw_answer *a, uint64_t cookie)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->sockets[i].cookie == cookie)
			return &a->sockets[i];
	return NULL;
}

int raw_look_up(int fd, const struct tuple *t, uint64_t cookie, struct raw_socket *s)
{
	struct raw_request r = {.type = SOCK_DIAG_BY_FAMILY, .family = (uint8_t)t->family, .protocol = IPPROTO_TCP, .states = ~0u};
	struct raw_answer a;
	bool found;

	r.id = sockets_diag_identity(t);
	if (cookie) {
		r.id.idiag_cookie[0] = (uint32_t)cookie;
		r.id.idiag_cookie[1] = (uint32_t)(cookie >> 32);
	}
	a = raw_ask(fd, &r);
	found = a.count == 1 && tuple_equal(&a.sockets[0].tuple, t);
	if (found)
		*s = a.sockets[0];
	raw_answer_fini(&a);
	return found ? 0 : a.error ? a.error : -ENOENT;
}

struct raw_socket raw_await(int fd, const struct tuple *t, uint8_t state)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	struct raw_socket s;

	while (raw_look_up(fd, t, 0, &s) < 0 || s.state != state) {
		assert_true(clock_now_ns() < deadline_ns);
		poll(NULL, 0, 1);
	}
	return s;
}

uint64_t raw_cookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof cookie;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len), 0);
	return cookie;
}

/* ---- destroy notices ---- */

int raw_notices_open(int buffer_bytes)
{
	static const int groups[] = {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY};
	struct sockaddr_nl any_port = {.nl_family = AF_NETLINK};
	int fd = sockets_diag_open(), half = buffer_bytes / 2; /* the kernel doubles it */

	assert_int_equal(bind(fd, (struct sockaddr *)&any_port, sizeof any_port), 0);
	if (buffer_bytes && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half) < 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof half), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]), 0);
	return fd;
}

int raw_notice(int fd, struct raw_socket *s)
{
	_Alignas(struct nlmsghdr) char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	assert_true(n >= (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)));
	read_socket((struct nlmsghdr *)bytes, (size_t)n, s);
	return 0;
}

struct raw_socket raw_notice_await(int fd, uint64_t cookie)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct raw_socket s;

	do {
		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		assert_int_equal(raw_notice(fd, &s), 0);
	} while (s.cookie != cookie);
	return s;
}

/* The file is no snapshot: while netlink sockets come and go on the host, a line can be missing. */
static bool find_drops(ino_t own, bool other, unsigned long *drops)
{
	FILE *f = fopen("/proc/self/net/netlink", "re");
	unsigned long dropped, inode;
	unsigned protocol, groups, found = 0;
	char line[256];

	assert_non_null(f);
	setvbuf(f, NULL, _IOFBF, RAW_ROOM);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%*s %u %*s %x %*s %*s %*s %*s %lu %lu", &protocol, &groups, &dropped, &inode) != 4)
			continue;
		if (other ? protocol != NETLINK_SOCK_DIAG || !groups || inode == own : inode != own)
			continue;
		*drops = dropped;
		found++;
	}
	fclose(f);
	assert_true(found <= 1);
	return found == 1;
}

static unsigned long read_drops(int fd, bool other)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;
	unsigned long drops = 0;
	struct stat own;

	assert_int_equal(fstat(fd, &own), 0);
	while (!find_drops(own.st_ino, other, &drops))
		assert_true(clock_now_ns() < deadline_ns);
	return drops;
}

unsigned long raw_drops(int fd)
{
	return read_drops(fd, false);
}

unsigned long raw_drops_of_other(int fd)
{
	return read_drops(fd, true);
}
