/* How many TCP sockets there are, for nothing: the kernel's own counters. */
#ifndef WATCH_SOCKSTAT_H
#define WATCH_SOCKSTAT_H

#include <stdint.h>

/* About how many, TIME_WAIT entries included, the network namespace of the calling thread has (/proc/thread-self/net/sockstat and sockstat6); 0 if that cannot be
 * read. Listeners count, request sockets do not. */
uint32_t sockstat_tcp_sockets(void);

#endif
