/*
 * Real sockets for tests: made and held by hand, and looked at through a netlink socket of our own, so that what synfin says can be held
 * against something that shares no code with it.
 */
#ifndef TESTS_SOCKETS_H
#define TESTS_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "tcp/endpoint.h"
#include "tcp/state.h"

/* Enters a network namespace of our own; where that is refused, says so in TAP and ends the test program as skipped. */
void sockets_enter_namespace(void);
/*
 * The same, in a namespace that has a hash table of its own: so many buckets, a power of two, by net.ipv4.tcp_child_ehash_entries of one that it is made in
 * (tcp_set_hashinfo(), net/ipv4/tcp_ipv4.c). So a dump costs nothing for the host's other sockets. False where that cannot be had (then it is in a namespace all
 * the same).
 */
bool sockets_enter_table(unsigned buckets);
/* Raises RLIMIT_NOFILE to at least `count`; false if the hard limit is lower and may not be raised. */
bool sockets_allow(unsigned count);

/* All of these fail the running program (a line on standard error, exit 99) when the system refuses. */

/* A listening socket: address as text (IPv4, IPv6, or ::ffff:… for an IPv6 socket that serves IPv4); port 0: any. */
int sockets_listen(const char *address, uint16_t port, int backlog);
uint16_t sockets_port(int fd);
/* A connected socket. */
int sockets_connect(const char *address, uint16_t port);
/* Begins to connect, without blocking. */
int sockets_connect_begin(const char *address, uint16_t port);
/* Begins on a socket that was made (and perhaps deafened) before. */
int sockets_make(const char *address);
void sockets_connect_fd(int fd, const char *address, uint16_t port);
int sockets_accept(int listener);
/* Closes with an RST. */
void sockets_reset(int fd);
/* Sees to it that the socket is not root's, and tells whose it is: ours, or nobody's. */
uid_t sockets_disown(int fd);
/* A socket that is deaf drops every segment that comes in: the other end's SYN, ACK or FIN is lost until it hears again. */
void sockets_deafen(int fd);
void sockets_undeafen(int fd);
/* Deaf to some segments only: those whose flags (tcp/flags.h), of those in `mask`, are just `flags`. sockets_undeafen() ends it. */
void sockets_deafen_to(int fd, uint8_t mask, uint8_t flags);

/* The two ends of fd as the kernel knows them now. */
struct tuple sockets_tuple(int fd);
/* An open connection that has both its ends here. */
struct sockets_pair {
	int client, server;
	struct tuple t, mirrored; /* the client's, the server's */
};
/* To this listener, at this address. */
struct sockets_pair sockets_open_pair(const char *address, int listener);

/* A netlink socket of sock_diag, and what it sees: in exact look-ups (STATE_NONE: nothing there), and in a dump. */
int sockets_diag_open(void);
enum tcp_state sockets_diag_state(int diag, const struct tuple *t);
/* SOCK_DESTROY, as `ss -K` does: 0 or -errno. */
int sockets_destroy(int diag, const struct tuple *t);
/* A socket's ends as sock_diag writes them, and how it wants them named (without a cookie). */
struct inet_diag_msg;
struct inet_diag_sockid;
struct tuple sockets_diag_tuple(const struct inet_diag_msg *m);
struct inet_diag_sockid sockets_diag_identity(const struct tuple *t);
struct sockets_seen {
	struct tuple tuple;
	uint8_t state;
};
/* Heap, the caller's. */
struct sockets_seen *sockets_diag_dump(int diag, size_t *count);

#endif
