/*
 * A network namespace of our own, with loopback up. As root by a network namespace alone; as an ordinary user, or where root may not,
 * inside a user namespace in which the user keeps its own uid.
 */
#ifndef LAB_PRIVATE_NET_H
#define LAB_PRIVATE_NET_H

/* Moves the calling process (which must have one thread) there for good. 0 or -errno. After an error it may be somewhere in between: end it. */
int private_net_enter(void);
/* Gives loopback one more address: IPv4 or IPv6 as text, for this host alone (/32, /128). 0 or -errno. */
int private_net_add_address(const char *address);

#endif
