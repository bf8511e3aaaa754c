/*
 * Observations: what a source saw, when, and by whom. They come from watch/ and go into track/, in batches.
 *
 * Times are UTC nanoseconds of clock_now_ns(). A sample was true at some moment in [t0_ns, t1_ns].
 */
#ifndef TCP_OBSERVATION_H
#define TCP_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"
#include "tcp/state.h"

/* The numbers of struct tcp_info that synfin uses. */
struct tcp_numbers {
	uint64_t bytes_acked, bytes_received, bytes_sent, bytes_retrans;
	uint32_t rtt_us, cwnd, total_retrans, unacked;
	uint32_t segs_out, segs_in, data_segs_in;
	uint32_t last_data_sent_ms, last_data_recv_ms, last_ack_recv_ms;
	uint8_t retransmits, probes; /* probes: of keepalive or of a closed window, without an answer yet */
};

#define SAMPLE_HAS_NUMBERS 0x01 /* `numbers` was filled (remnants and request sockets have none) */
#define SAMPLE_HAS_SENT 0x02    /* the kernel's tcp_info was long enough for bytes_sent, bytes_retrans and data_segs_in */
#define SAMPLE_SHUT_READ 0x04   /* INET_DIAG_SHUTDOWN: the reading side is shut */
#define SAMPLE_SHUT_WRITE 0x08
#define SAMPLE_NO_LIMIT 0x40 /* of a listener: wqueue, the limit of its queue, is not known */
#define SAMPLE_NEVER_HASHED 0x10 /* CLOSED, asked for by ss's bound-inactive; not a connection */
#define SAMPLE_MPTCP 0x20       /* INET_DIAG_ULP_INFO: a subflow of an MPTCP connection, or its listener (RFC 8684) */

/* What a socket's timer is for, numbered as sock_diag numbers it. X(enumerator, word of the event format) */
#define TIMERS(X) X(NONE, "none") X(RETRANSMIT, "retransmit") X(KEEPALIVE, "keepalive") X(TIME_WAIT, "time_wait") X(PROBE, "probe")
enum timer {
#define X(name, json) TIMER_##name,
	TIMERS(X)
#undef X
	TIMER_COUNT,
};

/* A socket in a dump, in a look-up, or in its destroy notice (then state is CLOSED). */
struct sample {
	struct tuple tuple;
	uint64_t cookie;     /* 0: not known (SOURCE_PROC) */
	uint64_t cgroup;     /* id of the cgroup that made it; 0: not known */
	uint32_t inode;      /* 0: request socket, not accepted, orphan or remnant */
	uint32_t uid;        /* only meaningful while inode != 0 */
	uint32_t rqueue, wqueue;
	uint32_t expires_ms; /* of the timer; 0 when timer is 0 */
	uint8_t state;       /* enum tcp_state */
	uint8_t timer;       /* enum timer */
	uint8_t retransmits;
	uint8_t has;         /* SAMPLE_* */
	struct tcp_numbers numbers;
};

enum observation_kind {
	OBSERVED_SAMPLE,     /* in a dump */
	OBSERVED_LOOKUP,     /* in an exact look-up */
	OBSERVED_ABSENT,     /* an exact look-up answered ENOENT; asked has what was asked for */
	OBSERVED_END,        /* a destroy notice; sample.state is CLOSED */
	OBSERVED_HEARD,      /* no notice was waiting any more: all that had come by t0, and all that were read by t1, are told before this */
	OBSERVED_OWNER,      /* holders of an inode */
	OBSERVED_OWNERS,     /* a search for holders has begun, goes on or is over */
	OBSERVED_UNIT,       /* the name of a cgroup */
	OBSERVED_SWEEP_BEGIN,
	OBSERVED_SWEEP_END,
	OBSERVED_LOSS,       /* notices lost */
	OBSERVED_SHED,       /* so many sockets end that notices are not listened to for a while; how many were opened so far; they are listened to again */
	OBSERVED_TROUBLE,    /* a source has failed or has come back */
	OBSERVED_UNANSWERED, /* an exact look-up that the kernel could not or would not answer: says nothing of the socket; asked has what was asked for */
	OBSERVED_NETNS,      /* a namespace comes to be watched or is let go, or how many there are */
	OBSERVED_OVER,       /* a source was asked for its last words, and these were they: nothing more comes from it unasked */
};

/* Why a look-up was made. Answers carry it back. */
enum lookup_why {
	LOOKUP_REMNANT, /* after a destroy notice: is there a TIME_WAIT or FIN_WAIT2 remnant? by tuple */
	LOOKUP_ABSENT,  /* missing from a sweep: is it gone? by tuple and cookie */
	LOOKUP_WATCHED, /* it is being watched; by tuple and cookie */
	LOOKUP_MATE,    /* its other end has just ended; by tuple and cookie */
};

/* What an exact look-up asks for. cookie 0: any. */
struct lookup {
	struct tuple tuple;
	uint64_t cookie, conn; /* conn: the asker's own number, carried back */
	uint64_t netns;        /* cookie of the namespace to look in; 0: the first that is watched */
	uint8_t why;           /* enum lookup_why */
};

#define COMM_ROOM 32 /* sanitized UTF-8; the kernel's 15 bytes can grow when bad bytes are replaced */

struct holder {
	uint32_t pid;
	int32_t fd;
	uint64_t start_ticks; /* the process's start time (/proc/PID/stat field 22): pids come round again */
	char comm[COMM_ROOM]; /* sanitized */
};

/* How a search for the holders of sockets stands. */
enum owners_state {
	OWNERS_BEGUN,
	OWNERS_READING, /* `done` processes of `total` were read; told only of the first search */
	OWNERS_STOPPED, /* it found all that it was to find, or broke off: what it did not find says nothing */
	OWNERS_WHOLE,   /* every process that may be read was read: a socket that was there when it began, and was not found, has no holder in sight
	                 * (hidden /proc, kernel, io_uring) */
};

/* Whose holders are to be looked for. */
struct owner_ask {
	uint32_t inode; /* 0: everybody's */
	uint32_t hint;  /* a process that is likely to hold it; 0: none is */
};

#define UNIT_ROOM 64 /* sanitized UTF-8 */

enum sweep_why_not {
	SWEEP_WHOLE,
	SWEEP_MASKED,    /* only some states were asked for: absence says nothing */
	SWEEP_FILTERED,  /* only what a filter lets through was asked for: absence says nothing at all */
	SWEEP_FAILED,    /* error is the -errno */
	SWEEP_TRUNCATED,
	SWEEP_STOPPED,   /* asked to stop in the middle */
};

struct sweep {
	uint64_t number;       /* counts sweeps of any kind */
	uint32_t states;       /* STATE_BIT mask asked for */
	uint8_t why_not;       /* enum sweep_why_not */
	uint8_t source;        /* enum source: DIAG, or PROC where sock_diag is refused */
	int32_t error;         /* -errno or 0 */
	uint32_t sockets;      /* samples in it; at its begin: about how many there will be, 0: not known */
	int64_t cost_ns;       /* CPU time of the watch thread */
	int64_t interval_ns;   /* until the next one of this kind, after the budget has spoken */
	bool more;             /* other namespaces follow in the same round */
};

/* X(enumerator, word of the event format) */
#define SOURCES(X) X(DIAG, "diag") X(OBITUARY, "obituary") X(OWNER, "owner") X(PROC, "proc")
enum source {
#define X(name, json) SOURCE_##name,
	SOURCES(X)
#undef X
	SOURCE_COUNT,
};

enum netns_news {
	NETNS_WATCHED, /* from now on; the name is known */
	NETNS_GONE,    /* no process is left in it: it was let go, and nothing more can be said of its sockets */
	NETNS_COUNTED, /* of the host, not of one namespace: the counts */
};

#define NETNS_NAME_ROOM 64

struct observation {
	uint8_t kind;          /* enum observation_kind */
	int64_t t0_ns, t1_ns;
	union {
		struct sample sample;    /* SAMPLE, LOOKUP, END */
		struct lookup asked;     /* ABSENT, UNANSWERED */
		struct {
			uint32_t inode, count;
			union {
				struct holder one;      /* count 1 */
				struct holder *several; /* heap, owned by the batch */
			};
		} owner;                         /* read it with observation_holders() */
		struct {
			uint8_t state;           /* enum owners_state */
			uint32_t done, total;
		} owners;
		struct {
			uint64_t cgroup;         /* as in samples */
			char name[UNIT_ROOM];    /* empty: it has none */
		} unit;
		struct sweep sweep;
		struct {
			bool deaf;               /* from t1 on, or still; false: since t1 they are listened to again */
			bool counted;            /* opened is known */
			uint64_t opened;         /* sockets opened meanwhile, at least */
		} shed;
		struct { uint64_t lost; } loss; /* notices lost since the last LOSS */
		struct {
			uint8_t source;          /* enum source */
			int32_t error;           /* -errno; 0: works again (or works) */
			uint64_t hidden;         /* OWNER: processes whose fds may not be read */
		} trouble;
		struct {
			uint8_t news;                /* enum netns_news */
			char name[NETNS_NAME_ROOM];  /* WATCHED: sanitized; "": none is known */
			uint32_t watched, unwatched; /* COUNTED: namespaces with processes */
		} netns;
		struct { uint8_t source; } over; /* enum source: OBITUARY or DIAG */
	};
};

/* The holders that an OBSERVED_OWNER tells of: owner.count of them. */
static inline const struct holder *observation_holders(const struct observation *o)
{
	return o->owner.count == 1 ? &o->owner.one : o->owner.several;
}

#define BATCH_ROOM 512

/* A batch belongs to whoever holds the pointer: watch/ fills it, the queue carries it, the tracker's caller frees it. */
struct batch {
	uint64_t netns;        /* SO_NETNS_COOKIE of the namespace all this was seen in; 0: unknown */
	uint32_t count;
	struct observation observations[BATCH_ROOM];
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
/* The next free observation, zeroed, with kind and times set; NULL when the batch is full. */
struct observation *batch_add(struct batch *b, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns);
/* The same, but for kind and times left as it is: for a sample that is then written whole. */
struct observation *batch_add_raw(struct batch *b, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns);

#endif
