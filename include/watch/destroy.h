/*
 * Destroying a socket as `ss -K` does: SOCK_DESTROY. All else here only looks.
 *
 * It is the very socket that was asked for, or none: it is looked up exactly first, and the request carries its cookie, so that the kernel (net/core/sock_diag.c,
 * sock_diag_check_cookie) refuses one that took its place in between.
 */
#ifndef WATCH_DESTROY_H
#define WATCH_DESTROY_H

#include "tcp/observation.h"

/* A socket for it, in our own network namespace or in another; to be closed. The descriptor or -errno. */
int destroy_open(void);
int destroy_open_in(int netns_fd);

/*
 * Destroys the socket with this tuple and cookie in the namespace of `fd`. 0; or -ENOENT: it is not there (any more); -ENODATA: its cookie is not known, so it
 * cannot be told from another; -EXDEV: it is in another namespace; -EPERM: CAP_NET_ADMIN is missing in the user namespace that owns that network namespace;
 * -EOPNOTSUPP: the kernel was built without CONFIG_INET_DIAG_DESTROY; else what went wrong in asking.
 */
int destroy_socket(int fd, const struct lookup *which);
/* What of that is known without asking the kernel: 0, -ENODATA or -EXDEV. */
int destroy_reaches(int fd, const struct lookup *which);

#endif
