/*
 * /proc/net/tcp and tcp6: what there is to look at where sock_diag is missing or forbidden.
 *
 * It is much less: no cookies, no tcp_info, no interface, no limit of a listener's queue. And it is no snapshot either: a page is filled at a time.
 */
#ifndef WATCH_PROC_NET_H
#define WATCH_PROC_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/dump.h"

/* The files of the calling thread's network namespace. */
#define PROC_NET_DIRECTORY "/proc/thread-self/net"

/* Whether the file can be read here. */
bool proc_net_is_there(const char *directory);

/*
 * All sockets in `states` (STATE_BIT mask) of both files in `directory`, as a dump gives them, but with cookie 0 and without numbers. No tcp6: a kernel
 * without IPv6. A line that cannot be read makes the result SWEEP_TRUNCATED (-EBADMSG), and the others come all the same. SWEEP_FAILED with the -errno of what
 * could not be opened or read.
 */
struct dump_result proc_net_dump(const char *directory, unsigned states, const struct dump_sink *sink);

/* One line without its end, of tcp6 if `six`. 0, or -EBADMSG for one that the kernel does not write. */
int proc_net_parse(const char *line, bool six, struct sample *out);

#endif
