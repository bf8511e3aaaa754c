#include "config.h"

#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab/actor.h"
#include "lab/private_net.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			fail(#condition, __LINE__); \
	} while (0)

_Noreturn static void fail(const char *what, int line)
{
	fprintf(stderr, "tests/sockets.c:%d: %s: %s\n", line, what, strerror(errno));
	exit(99);
}

void sockets_enter_namespace(void)
{
	int error = private_net_enter();

	if (!error)
		return;
	printf("1..0 # SKIP no network namespace of our own: %s\n", strerror(-error));
	exit(0);
}

static bool write_sysctl(const char *path, long value)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return false;
	fprintf(f, "%ld", value);
	return fclose(f) == 0;
}

/* Negative: the host's table is used. */
static long read_sysctl(const char *path)
{
	FILE *f = fopen(path, "re");
	long value = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%ld", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

bool sockets_enter_table(unsigned buckets)
{
	sockets_enter_namespace();
	return write_sysctl("/proc/sys/net/ipv4/tcp_child_ehash_entries", buckets) && private_net_enter() == 0 &&
	       read_sysctl("/proc/sys/net/ipv4/tcp_ehash_entries") == (long)buckets;
}

bool sockets_allow(unsigned count)
{
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (limit.rlim_cur >= count)
		return true;
	limit.rlim_cur = count;
	if (limit.rlim_max < count)
		limit.rlim_max = count;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static socklen_t make_address(struct sockaddr_storage *out, const char *text, uint16_t port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		return sizeof *four;
	}
	CHECK(inet_pton(AF_INET6, text, &six->sin6_addr) == 1);
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	return sizeof *six;
}

int sockets_make(const char *address)
{
	struct sockaddr_storage a;
	int fd;

	make_address(&a, address, 0);
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	return fd;
}

int sockets_listen(const char *address, uint16_t port, int backlog)
{
	struct sockaddr_storage a;
	socklen_t len = make_address(&a, address, port);
	int fd = sockets_make(address), yes = 1;

	CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
	CHECK(bind(fd, (struct sockaddr *)&a, len) == 0);
	CHECK(listen(fd, backlog) == 0);
	return fd;
}

uint16_t sockets_port(int fd)
{
	return sockets_tuple(fd).local.port;
}

int sockets_connect(const char *address, uint16_t port)
{
	struct sockaddr_storage a;
	socklen_t len = make_address(&a, address, port);
	int fd = sockets_make(address);

	CHECK(connect(fd, (struct sockaddr *)&a, len) == 0);
	return fd;
}

void sockets_connect_fd(int fd, const char *address, uint16_t port)
{
	struct sockaddr_storage a;
	socklen_t len = make_address(&a, address, port);
	int flags = fcntl(fd, F_GETFL);

	CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
	CHECK(connect(fd, (struct sockaddr *)&a, len) == 0 || errno == EINPROGRESS);
	CHECK(fcntl(fd, F_SETFL, flags) == 0);
}

int sockets_connect_begin(const char *address, uint16_t port)
{
	int fd = sockets_make(address);

	sockets_connect_fd(fd, address, port);
	return fd;
}

int sockets_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

void sockets_reset(int fd)
{
	struct linger none = {.l_onoff = 1, .l_linger = 0};

	CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
	CHECK(close(fd) == 0);
}

uid_t sockets_disown(int fd)
{
	const uid_t nobody = 65534;

	if (geteuid() != 0)
		return geteuid();
	CHECK(fchown(fd, nobody, (gid_t)-1) == 0);
	return nobody;
}

void sockets_deafen(int fd)
{
	errno = -actor_deafen(fd);
	CHECK(errno == 0);
}

void sockets_undeafen(int fd)
{
	errno = -actor_undeafen(fd);
	CHECK(errno == 0);
}

void sockets_deafen_to(int fd, uint8_t mask, uint8_t flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the packet begins with the TCP header */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, flags, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};

	CHECK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0);
}

static void read_address(const struct sockaddr_storage *a, struct endpoint *e)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;

	if (a->ss_family == AF_INET)
		endpoint_set_v4(e, &four->sin_addr, ntohs(four->sin_port));
	else
		endpoint_set_v6(e, &six->sin6_addr, ntohs(six->sin6_port));
}

struct tuple sockets_tuple(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof a;
	struct tuple t = {0};

	CHECK(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	t.family = a.ss_family;
	read_address(&a, &t.local);
	len = sizeof a;
	if (getpeername(fd, (struct sockaddr *)&a, &len) == 0)
		read_address(&a, &t.remote);
	return t;
}

/* ---- sock_diag ---- */

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

int sockets_diag_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	CHECK(fd >= 0);
	return fd;
}

static void ask(int diag, uint16_t type, uint8_t family, uint16_t flags, const struct inet_diag_sockid *id)
{
	struct request r = {
		.header = {.nlmsg_len = sizeof r, .nlmsg_type = type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
		.body = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0U},
	};

	if (id)
		r.body.id = *id;
	CHECK(send(diag, &r, sizeof r, 0) == sizeof r);
}

static void put_address(const struct tuple *t, const struct endpoint *e, uint32_t out[4])
{
	if (t->family == AF_INET)
		memcpy(out, e->address + 12, 4);
	else
		memcpy(out, e->address, 16);
}

struct tuple sockets_diag_tuple(const struct inet_diag_msg *m)
{
	struct tuple t = {.family = m->idiag_family};

	if (m->idiag_family == AF_INET) {
		endpoint_set_v4(&t.local, m->id.idiag_src, ntohs(m->id.idiag_sport));
		endpoint_set_v4(&t.remote, m->id.idiag_dst, ntohs(m->id.idiag_dport));
	} else {
		endpoint_set_v6(&t.local, m->id.idiag_src, ntohs(m->id.idiag_sport));
		endpoint_set_v6(&t.remote, m->id.idiag_dst, ntohs(m->id.idiag_dport));
	}
	return t;
}

struct inet_diag_sockid sockets_diag_identity(const struct tuple *t)
{
	struct inet_diag_sockid id = {
		.idiag_sport = htons(t->local.port), .idiag_dport = htons(t->remote.port), .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE},
	};

	put_address(t, &t->local, id.idiag_src);
	put_address(t, &t->remote, id.idiag_dst);
	return id;
}

int sockets_destroy(int diag, const struct tuple *t)
{
	struct inet_diag_sockid id = sockets_diag_identity(t);
	_Alignas(struct nlmsghdr) char answer[8192];
	struct nlmsghdr *header = (struct nlmsghdr *)answer;

	ask(diag, SOCK_DESTROY, (uint8_t)t->family, NLM_F_ACK, &id);
	CHECK(recv(diag, answer, sizeof answer, 0) >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && header->nlmsg_type == NLMSG_ERROR);
	return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
}

enum tcp_state sockets_diag_state(int diag, const struct tuple *t)
{
	struct inet_diag_sockid id = sockets_diag_identity(t);
	_Alignas(struct nlmsghdr) char answer[8192];
	struct nlmsghdr *header = (struct nlmsghdr *)answer;
	const struct inet_diag_msg *m;
	struct tuple seen;

	ask(diag, SOCK_DIAG_BY_FAMILY, (uint8_t)t->family, 0, &id);
	CHECK(recv(diag, answer, sizeof answer, 0) >= (ssize_t)sizeof *header);
	if (header->nlmsg_type == NLMSG_ERROR)
		return STATE_NONE;
	m = NLMSG_DATA(header);
	seen = sockets_diag_tuple(m);
	/* Where there is no connection the kernel answers with the listener. */
	return tuple_equal(&seen, t) ? m->idiag_state : STATE_NONE;
}

static void dump_family(int diag, uint8_t family, struct sockets_seen **seen, size_t *count, size_t *room)
{
	static _Alignas(struct nlmsghdr) char answer[65536];

	ask(diag, SOCK_DIAG_BY_FAMILY, family, NLM_F_DUMP, NULL);
	for (;;) {
		ssize_t got = recv(diag, answer, sizeof answer, 0);
		unsigned left = (unsigned)got;

		CHECK(got > 0);
		for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const struct inet_diag_msg *m = NLMSG_DATA(h);

			if (h->nlmsg_type == NLMSG_DONE)
				return;
			CHECK(h->nlmsg_type == SOCK_DIAG_BY_FAMILY);
			if (*count == *room) {
				*room = *room ? *room * 2 : 1024;
				*seen = realloc(*seen, *room * sizeof **seen);
				CHECK(*seen);
			}
			(*seen)[*count].tuple = sockets_diag_tuple(m);
			(*seen)[(*count)++].state = m->idiag_state;
		}
	}
}

struct sockets_seen *sockets_diag_dump(int diag, size_t *count)
{
	struct sockets_seen *seen = NULL;
	size_t room = 0;

	*count = 0;
	dump_family(diag, AF_INET, &seen, count, &room);
	dump_family(diag, AF_INET6, &seen, count, &room);
	return seen;
}

struct sockets_pair sockets_open_pair(const char *address, int listener)
{
	struct sockets_pair p = {.client = sockets_connect(address, sockets_port(listener))};

	p.server = sockets_accept(listener);
	p.t = sockets_tuple(p.client);
	p.mirrored = tuple_mirrored(&p.t);
	return p;
}
