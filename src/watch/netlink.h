/*
 * A NETLINK_SOCK_DIAG socket: opening, sending, receiving what the kernel says and nobody else.
 *
 * Invariant: messages are taken from the kernel only (nl_pid 0), never cut short. All calls return 0 (or a length) or -errno.
 */
#ifndef WATCH_NETLINK_H
#define WATCH_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel fills a dump up to what the reader last had room for, 32 KiB at most; what fits a page or less loses sockets unseen. */
#define NETLINK_RECEIVE_ROOM 65536

/* One conversation with the kernel. */
struct netlink_port {
	int fd;            /* -1: none */
	bool own;          /* opened here, so it can be opened again */
	uint32_t sequence; /* of the last request */
};

/* A socket with about `buffer_bytes` of receive buffer (0: the system's default), closed on exec. The descriptor or -errno. */
int netlink_open(int buffer_bytes);
/* Asks for a receive buffer: beyond the limit of the system where we may, else up to it. */
void netlink_grow_buffer(int fd, int buffer_bytes);
/* Joins or leaves both groups of TCP destroy notices. 0 or -errno. */
int netlink_listen_to_ends(int fd, bool listen);
/* Messages that the kernel could not put into this socket since it was opened, modulo 2^32: the Drops column of /proc/net/netlink, which
 * reads the same counter but only shows sockets of one's own namespace. 0 or -errno. */
int netlink_drops(int fd, uint32_t *drops);
/* SO_NETNS_COOKIE; 0 if the kernel cannot tell. */
uint64_t netlink_netns_cookie(int fd);
/* The same of the calling thread's namespace, also where there is no netlink socket to be had. */
uint64_t netlink_own_netns(void);

/* Takes `fd` over, or opens a socket if it is -1. 0 or -errno (then port->fd is -1 and netlink_port_renew may be tried). */
int netlink_port_init(struct netlink_port *port, int fd);
void netlink_port_fini(struct netlink_port *port);
/* Makes the port fit for a new request after a conversation that went wrong: opens it again, or reads what is left in a socket that is not ours.
 * 0 or -errno. */
int netlink_port_renew(struct netlink_port *port);

/* Sends one datagram to the kernel. 0 or -errno. */
int netlink_send(int fd, const void *bytes, size_t len);
/* Receives one datagram of the kernel without waiting. Its length; -EAGAIN when there is none, -EMSGSIZE when it did not fit, else -errno. */
ssize_t netlink_receive(int fd, void *bytes, size_t room);
/* Waits until something can be received. 0, -ETIMEDOUT or -errno. */
int netlink_wait(int fd, int timeout_ms);
/* After a poll() that failed, as it does without memory: sleeps a moment, lest the thread spin. */
void netlink_wait_failed(void);

#endif
