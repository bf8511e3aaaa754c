/*
 * Events: what changes the model, and the one format in which synfin tells, records and reads what happened.
 *
 * Enumerations are X-macros of (name, json): the JSON words are part of schema version 1 (doc/events.md) and never translated.
 */
#ifndef TRACK_EVENT_H
#define TRACK_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"
#include "tcp/observation.h"
#include "tcp/state.h"

/* doctor's `finding` and the stream's `header` are written by out/ and are not events of the model. */
#define EVENT_KINDS(X)                \
	X(OPEN, "open")                   \
	X(TRANSITION, "transition")       \
	X(UPDATE, "update")               \
	X(MARK, "mark")                   \
	X(CLOSE, "close")                 \
	X(CONNECTION, "connection")       \
	X(KEYFRAME_BEGIN, "keyframe")     \
	X(KEYFRAME_END, "keyframe")       \
	X(COVERAGE, "coverage")            \
	X(NETNS, "netns")
enum event_kind {
#define X(name, json) EVENT_##name,
	EVENT_KINDS(X)
#undef X
};

/* How sure. Of that it happened, of when, and of the numbers each on its own. */
#define CERTAINTIES(X)            \
	X(NONE, NULL)                 \
	X(EXACT, "exact")             \
	X(OBSERVED, "observed")       \
	X(INFERRED, "inferred")       \
	X(AMBIGUOUS, "ambiguous")
enum certainty {
#define X(name, json) CERTAINTY_##name,
	CERTAINTIES(X)
#undef X
};

#define SIDES(X) X(UNKNOWN, NULL) X(LOCAL, "local") X(REMOTE, "remote") X(BOTH, "both")
enum side {
#define X(name, json) SIDE_##name,
	SIDES(X)
#undef X
};

/* Why we think that a side opened or closed first, best first. */
#define EVIDENCES(X)                  \
	X(NONE, NULL)                     \
	X(EDGE, "edge")                   /* a state that only that side passes was seen */ \
	X(COUNTED, "counted")             /* our SYN or FIN is counted in tcp_info's bytes_acked */ \
	X(PEER, "peer")                   /* the other end is ours too, and its evidence is good */ \
	X(REMNANT, "remnant")             /* it left a TIME_WAIT or FIN_WAIT2 remnant, or none */ \
	X(UNREAD, "unread")               /* it was closed with bytes unread, which sends a RST */ \
	X(SCRUBBED, "scrubbed")           /* the kernel cleared the socket, as it does after SO_LINGER 0 or connect(AF_UNSPEC) */ \
	X(LISTENER, "listener")           /* a socket listens on the local port */ \
	X(PORT_RANGE, "port_range")       /* one port is ephemeral, the other is not */
enum evidence {
#define X(name, json) EVIDENCE_##name,
	EVIDENCES(X)
#undef X
};

/* How a connection ended. */
#define CAUSES(X)                         \
	X(UNKNOWN, NULL)                      \
	X(GRACEFUL, "graceful")               /* FINs both ways */ \
	X(ABORTED, "aborted")                 /* this side reset it */ \
	X(RESET, "reset")                     /* the peer reset it */ \
	X(TIMED_OUT, "timed_out")             \
	X(REFUSED, "refused")                 \
	X(LISTENER_CLOSED, "listener_closed") /* a LISTEN socket was closed */ \
	X(REPLACED, "replaced")               /* its tuple or socket was taken for a new connection */ \
	X(AMBIGUOUS, "ambiguous")             /* two or more of these fit */ \
	X(NETNS_GONE, "netns_gone")           /* its namespace was let go: what became of it is not known */
enum cause {
#define X(name, json) CAUSE_##name,
	CAUSES(X)
#undef X
};

#define MARKS(X) X(NONE, NULL) X(RETRANSMIT, "retransmit") X(RESET_SENT, "reset_sent") X(RESET_RECEIVED, "reset_received") X(ILLEGAL, "illegal")
enum mark {
#define X(name, json) MARK_##name,
	MARKS(X)
#undef X
};

/* Words for the enumerations above; NULL where nothing is to be said. */
const char *event_kind_word(enum event_kind kind);
const char *certainty_word(enum certainty c);
const char *side_word(enum side s);
const char *evidence_word(enum evidence e);
const char *cause_word(enum cause c);
const char *mark_word(enum mark m);

/* Which of the fields below are known: what is not known is absent, never 0. */
#define KNOWS_INODE 0x0001
#define KNOWS_UID 0x0002
#define KNOWS_QUEUES 0x0004
#define KNOWS_TIMER 0x0008
#define KNOWS_BYTES 0x0010 /* sent and received, without SYN and FIN */
#define KNOWS_RTT 0x0020
#define KNOWS_HOLDERS 0x0040 /* found; else see owner_hidden */
#define KNOWS_SINCE 0x0080   /* since0_ns..since1_ns bound when the present state was entered */
#define KNOWS_OPENED 0x0100  /* opened0_ns..opened1_ns bound when the connection was opened */
#define KNOWS_ATLEAST 0x0200 /* it has been in this state since before since1_ns: the age is "≥" */
#define KNOWS_RETRANS 0x0400
#define KNOWS_MPTCP 0x0800   /* it is a subflow of an MPTCP connection, or its listener; not known: it is not, or is a remnant */
#define KNOWS_CWND 0x2000    /* only together with KNOWS_RETRANS */
#define KNOWS_MAYBE_FIN 0x4000 /* with KNOWS_BYTES: whether the peer's FIN is among what was received is not known; it is one too many or one too few */
#define KNOWS_NO_LIMIT 0x1000 /* of a listener: with KNOWS_QUEUES, but for wqueue, its limit */

/* What is known of a connection beside its history; the same in events, rows and the model. */
struct facts {
	/* Nobody has sent 2^56 bytes: so all of this is 48 bytes, of which there may be millions. */
	uint64_t bytes_sent : 56, timer : 8;
	uint64_t bytes_received : 56, retransmits : 8;
	uint32_t inode, uid, rqueue, wqueue;
	uint32_t rtt_us, total_retrans;
	uint32_t timer_expires_ms; /* at t of the event that carries it */
	uint16_t knows;            /* KNOWS_* */
	uint16_t cwnd;             /* segments that may be under way (tcp_info's snd_cwnd); UINT16_MAX: that or more */
};
#define FACTS_BYTES_MAX ((UINT64_C(1) << 56) - 1)

/* Coverage: how much was seen. Counters run from the start of the watch. */
struct coverage {
	uint64_t sweeps, sweeps_not_whole;
	uint64_t notices_lost;
	uint64_t notices_shed;     /* times that notices were not listened to for a while, because there were too many */
	uint64_t ends_unseen;      /* sockets that came and went meanwhile, at least */
	uint64_t unsampled_ends;   /* connections known only from their destroy notice */
	uint64_t late_notices;     /* notices of connections that ended long before */
	uint64_t owners_hidden;    /* processes whose fds may not be read */
	uint32_t owner_scan_done, owner_scan_total; /* processes that the first search for holders has read, of how many; 0, 0: it does not go on (any more) */
	uint64_t lookups_dropped;  /* exact look-ups that there was no room for */
	uint64_t illegal;          /* sequences that TCP does not allow */
	uint64_t netns_watched;    /* network namespaces; 0: not counted */
	uint64_t netns_unwatched;  /* others that have processes, as far as may be seen */
	int64_t last_whole_ns;     /* begin of the last whole sweep; 0: none yet */
	int64_t interval_ns;       /* of full sweeps, as the budget allows */
	bool shedding;             /* notices are not listened to at present */
	uint32_t swept_by;         /* enum source of the last sweep: DIAG or PROC */
	int32_t errors[SOURCE_COUNT]; /* -errno of a source that does not work now; 0: works */
};

struct event {
	uint8_t kind;              /* enum event_kind */
	uint8_t from, to;          /* enum tcp_state; `to` is the state for OPEN (its first) and CONNECTION (the present one) */
	uint8_t certainty;         /* enum certainty: that it happened */
	uint8_t when;              /* of [t0, t1]: EXACT (a moment), OBSERVED (two samples bracket it), INFERRED (bounded by other means) */
	uint8_t numbers;           /* of the sequence numbers of the step; NONE: not known */
	uint8_t opener, opener_by; /* enum side, enum evidence */
	uint8_t closer, closer_by;
	uint8_t cause;             /* CLOSE; enum cause */
	uint8_t mark;              /* MARK; enum mark */
	bool owner_hidden;
	uint8_t edge_cause;        /* TRANSITION: enum edge_cause + 1 when known better than the usual edge; 0: the usual one */
	int64_t t_ns;              /* when it was learnt; never goes back in a stream */
	int64_t t0_ns, t1_ns;      /* it happened in here; t0 0: no lower bound is known */
	uint64_t conn, cookie, netns; /* cookie and netns 0: not known */
	const char *netns_name;    /* NULL: not known; not owned */
	bool netns_gone;           /* NETNS: it was let go; else it is watched from now on */
	struct tuple tuple;
	bool has_seq, has_ack;
	uint32_t seq, ack;         /* relative, of our own SYN/FIN/ACK in this step */
	struct facts facts;
	int64_t since0_ns, since1_ns, opened0_ns, opened1_ns; /* CONNECTION; with KNOWS_SINCE, KNOWS_OPENED */
	uint32_t holder_count;
	const struct holder *holders; /* the event does not own them: valid while it is being handed round */
	bool holders_former;       /* they held it, and do no longer */
	const struct coverage *coverage; /* COVERAGE */
	const char *unit;          /* the systemd unit or container of its cgroup; NULL: not known, or told before. As holders */
	uint64_t count;            /* KEYFRAME_*: number of connections in it */
};

/* Something that wants to hear of events. Called after model_apply, in order. */
typedef void event_sink(void *context, const struct event *event);

#endif
