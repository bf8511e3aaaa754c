/*
 * sock_diag messages made by hand, byte by byte as the kernel lays them out.
 */
#ifndef TESTS_WATCH_MESSAGE_H
#define TESTS_WATCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#define MESSAGE_ROOM 8192

/* Netlink messages one after the other, as in a datagram. */
struct message {
	_Alignas(8) unsigned char bytes[MESSAGE_ROOM];
	size_t len;
	size_t last; /* where the last one began */
};

/* An established IPv4 connection 10.0.0.5:41812 -> 93.184.216.34:443 of cookie 0x100000025b, inode 4711, uid 1000. */
struct inet_diag_msg message_socket_v4(void);

/* Begins another message. */
void message_begin(struct message *m, uint16_t type, uint16_t flags, uint32_t sequence);
void message_add(struct message *m, const void *bytes, size_t len);
void message_add_attribute(struct message *m, uint16_t type, const void *bytes, size_t len);
/* NLMSG_DONE or NLMSG_ERROR with an error in it. */
void message_control(struct message *m, uint16_t type, uint32_t sequence, int32_t error);
/* The socket as an answer or a part of a dump. */
void message_socket(struct message *m, uint16_t type, uint32_t sequence, const struct inet_diag_msg *socket);

#endif
