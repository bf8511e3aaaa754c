/*
 * The real synfin with a kernel that fails: each of its netlink calls passes through a supervisor of ours (seccomp user notification), which lets it
 * through, or answers a dump as a kernel in trouble would.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>

#include "program.h"

#define FAULTS(X)                                                                             \
	X(NONE, "none")                                                                       \
	X(MODULE_MISSING, "NLMSG_DONE that carries ENOENT, as without the inet_diag module")  \
	X(BUSY, "NLMSG_ERROR with EBUSY")                                                     \
	X(INTERRUPTED, "NLM_F_DUMP_INTR in the middle")                                       \
	X(TRUNCATED, "messages cut short (MSG_TRUNC)")                                        \
	X(EINTR, "recvmsg: EINTR, each second call")                                          \
	X(ENOBUFS, "recvmsg: ENOBUFS")                                                        \
	X(SEND_FAILS, "sendto: ENOMEM")
enum fault_kind {
#define X(name, what) FAULT_##name,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

struct fault;

/* Starts synfin under supervision. NULL where the system has no seccomp user notification for us. */
struct fault *fault_start(struct program *p, enum fault_kind kind, const char *const args[]);
/* From now on. Exact look-ups and destroy notices always pass. */
void fault_set(struct fault *f, enum fault_kind kind);
/* Dumps asked for since fault_set: they were all harmed, but for kind NONE. */
unsigned fault_dumps(struct fault *f);
/* Ends the supervision; the program must have ended. */
void fault_stop(struct fault *f);

const char *fault_what(enum fault_kind kind);

#endif
