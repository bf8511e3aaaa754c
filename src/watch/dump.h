/*
 * Dumps: every TCP socket of a namespace (in some states), once through the kernel's tables.
 *
 * The kernel fills the first buffer of a dump while the request is being sent and each further one during the receive before the one
 * that fetches it (net/netlink/af_netlink.c, netlink_dump). So a sample's [t0, t1] is the time of that earlier call.
 */
#ifndef WATCH_DUMP_H
#define WATCH_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/observation.h"
#include "watch/netlink.h"
#include "watch/watch.h"

/* Every state that a TCP socket which is in the tables can have; bound but inactive ones are dear and no connections. */
#define DUMP_ALL_STATES ((1u << STATE_COUNT) - 2)

/* What to do with a dump as it comes in. */
struct dump_sink {
	void (*sample)(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns);
	/* Between two receives; false stops the dump. May be NULL. */
	bool (*between)(void *context);
	void *context;
};

struct dump_result {
	uint8_t why_not;   /* enum sweep_why_not: WHOLE, FAILED, TRUNCATED or STOPPED */
	int32_t error;     /* -errno or 0 */
	uint32_t sockets;  /* handed to the sink */
};

/* What two dumps that share out the sockets came to, as if they were one. */
struct dump_result dump_result_join(const struct dump_result *one, const struct dump_result *other);

/* A dump's own needs: the port, what the kernel turned out to refuse, the buffer. */
struct dumper {
	struct netlink_port port;
	bool by_family; /* TCPDIAG_GETSOCK is refused here: two requests */
	char *buffer;
};

/* Takes `fd` over (-1: opens its own). 0 or -errno; a dumper that failed to open tries again at each dump. */
int dumper_init(struct dumper *d, int fd);
void dumper_fini(struct dumper *d);

/* All sockets in `states` (STATE_BIT mask), both families, one walk where the kernel has it. Repeats a dump that failed before its first socket for
 * a passing reason, a few times at most. The sink may get a socket more than once. */
struct dump_result dumper_dump(struct dumper *d, unsigned states, bool numbers, const struct dump_sink *sink);

/* The same for what a filter lets through: by the first of its codes that the kernel takes, or all those in its states. */
struct dump_result dumper_dump_filtered(struct dumper *d, const struct watch_filter *filter, bool numbers, const struct dump_sink *sink);

/* The LISTEN sockets on a port of one family, over any port: does not walk the connections. */
struct dump_result dump_listeners(struct netlink_port *port, uint16_t family, uint16_t local_port, bool numbers, const struct dump_sink *sink);

#endif
