/* A system without sock_diag, for this process and those that come of it. */
#ifndef TESTS_NO_DIAG_H
#define TESTS_NO_DIAG_H

/* From now on each socket(AF_NETLINK, ..., NETLINK_SOCK_DIAG) fails with this error (positive). Needs no privilege. 0, or -errno where filters are refused. */
int no_diag(int error);

#endif
