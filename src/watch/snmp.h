/* How many TCP sockets were ever opened, for nothing: the kernel's own counters. */
#ifndef WATCH_SNMP_H
#define WATCH_SNMP_H

#include <stdint.h>

/* ActiveOpens + PassiveOpens of the network namespace of the calling thread (/proc/thread-self/net/snmp, RFC 4022); UINT64_MAX if that cannot be read.
 * A connection within the namespace has both. */
uint64_t snmp_tcp_opens(void);

#endif
