/*
 * The floor: what a dump of all TCP sockets costs when its bytes are thrown away. The same request that synfin makes (both families in one walk, every
 * state, tcp_info and shutdown), received into 64 KiB; no message is looked at.
 */
#ifndef BENCH_DUMP_FLOOR_H
#define BENCH_DUMP_FLOOR_H

#include <stdint.h>

/* A NETLINK_SOCK_DIAG socket, to be closed with close(2); or -errno. */
int dump_floor_open(void);
/* One dump. The number of bytes thrown away; or -errno. */
int64_t dump_floor(int fd);

#endif
