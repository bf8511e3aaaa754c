/*
 * sock_diag as the kernel speaks it: any request, and what answers it to the last message, read by nobody's code but this. So that a test can show what the kernel
 * does, beside what synfin makes of it.
 *
 * All of it fails the running cmocka test where the kernel does not speak at all.
 */
#ifndef TESTS_RAW_DIAG_H
#define TESTS_RAW_DIAG_H

#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"

#define RAW_ROOM 65536

struct raw_request {
	uint16_t type;               /* SOCK_DIAG_BY_FAMILY or TCPDIAG_GETSOCK */
	uint8_t family, protocol;    /* of the former */
	uint32_t states;             /* the kernel's own bits */
	bool dump;
	struct inet_diag_sockid id;  /* of a look-up */
	const void *code;            /* INET_DIAG_REQ_BYTECODE */
	size_t code_len;
	size_t room;                 /* for each receive; 0: RAW_ROOM */
	uint32_t sequence;
};

/* A message about a socket, as it stands there. */
struct raw_socket {
	struct tuple tuple;
	uint64_t cookie;
	uint32_t inode, uid, rqueue, wqueue;
	uint8_t state, timer;        /* the kernel's numbers */
	size_t info_len;             /* of INET_DIAG_INFO; 0: it has none */
	struct tcp_info info;
};

struct raw_answer {
	struct raw_socket *sockets;  /* heap: raw_answer_fini */
	size_t count;
	unsigned cut;                /* datagrams that were longer than the room for them */
	uint16_t end;                /* NLMSG_DONE or NLMSG_ERROR; a look-up that finds something has none: 0 */
	int error;                   /* which that carries */
	unsigned char end_bytes[128];
	size_t end_len;
};

void raw_send(int fd, const struct raw_request *r);
/* Sends it and takes the whole answer. */
struct raw_answer raw_ask(int fd, const struct raw_request *r);
void raw_answer_fini(struct raw_answer *a);
/* TCP, both families by TCPDIAG_GETSOCK, in these states. */
struct raw_answer raw_dump(int fd, uint32_t states);
/* NULL: it is not there. */
const struct raw_socket *raw_find(const struct raw_answer *a, const struct tuple *t);
const struct raw_socket *raw_find_cookie(const struct raw_answer *a, uint64_t cookie);

/* One socket by its tuple and cookie (0: any): 0 or -errno. A listener that stands in for it counts as -ENOENT. */
int raw_look_up(int fd, const struct tuple *t, uint64_t cookie, struct raw_socket *s);
/* Looks it up until it is in the state (the kernel's number). */
struct raw_socket raw_await(int fd, const struct tuple *t, uint8_t state);

/* The cookie of a socket that we hold: this makes it, if nobody has looked before. */
uint64_t raw_cookie(int fd);

/* ---- destroy notices ---- */

/* A socket that hears them; its receive buffer as the kernel counts it, 0: the default. */
int raw_notices_open(int buffer_bytes);
/* The next one that waits: 0, or -errno (-EAGAIN: none). */
int raw_notice(int fd, struct raw_socket *s);
/* Waits for that of the cookie, and drops those before it. */
struct raw_socket raw_notice_await(int fd, uint64_t cookie);
/* The Drops column of its line in /proc/net/netlink; and of the one other socket of this namespace that hears notices, which is waited for. */
unsigned long raw_drops(int fd);
unsigned long raw_drops_of_other(int fd);

#endif
