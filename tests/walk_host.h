/*
 * A simulated host for walks through the tracker: sockets that take any edge TCP has, and what synfin gets to see of them: dumps in pieces while they
 * change, exact look-ups, destroy notices, owners; late, twice, out of order, or not at all, as on a real one.
 *
 * A host does what a script says, step by step. Each step carries its own randomness, and one that fits nothing does nothing: so any part of a script is a
 * script, and a failing one can be cut down.
 *
 * A place is where a socket can be: a tuple in a namespace. It has one life after the other.
 */
#ifndef TESTS_WALK_HOST_H
#define TESTS_WALK_HOST_H

#include "track_world.h"

#define LOG_MAX 12
#define LISTENERS 4 /* with one tuple, in each namespace: SO_REUSEPORT */
#define NAMESPACES_MAX 3

struct life {
	uint32_t place;
	uint8_t state;           /* enum tcp_state */
	bool full;               /* a full socket, whose end is told by a notice */
	bool held;               /* it has ended, and its program holds it open: the notice is still to come */
	bool synced, fin_acked, scrubbed, accepted, orphan;
	bool omitted;            /* by the last whole dump; never by two in a row */
	bool ever_omitted;
	bool late;               /* its notice came when it was let go, long after its end */
	bool assassinated;       /* its TIME_WAIT entry, by a RST (RFC 1337) */
	bool seen;               /* it was in something that was handed to the tracker, with its tuple */
	bool uncertain;          /* its notice is lost, or may be taken for a late one */
	uint64_t cookie, remnant_cookie;
	uint32_t older, remnant_older; /* the life that had the cookie before, + 1 */
	uint32_t inode, rqueue;
	uint32_t segs_in, data_segs_in, bytes_in; /* bytes_in counts the peer's FIN */
	int64_t changed_ns, active_ns, remnant_ns;
	uint8_t cause;           /* enum cause: why it ended */
	unsigned logged;
	struct { uint8_t state; int64_t t_ns; } log[LOG_MAX];
	uint64_t conn;           /* what it was told as; 0: not told */
};

struct walk_notice {
	struct sample sample;
	uint32_t life;
	int64_t made_ns, due_ns;
};

/* What a script is made of. X(name, what happens) */
#define STEPS(X)                                                                                      \
	X(OPEN, "a socket begins to open, at a place that is free")                                   \
	X(CHANGE, "the socket there takes an edge")                                                   \
	X(POKE, "it gets data, or is accepted")                                                       \
	X(RECONNECT, "it is disconnected and connects again from another place")                      \
	X(LISTEN, "a listener opens, or closes")                                                      \
	X(PASS, "time passes")                                                                        \
	X(SWEEP, "a sweep begins")                                                                    \
	X(PIECE, "the kernel fills the next buffer of it")                                            \
	X(ANSWER, "look-ups are made")                                                                \
	X(HOLD, "the watcher is held up: nothing is looked at, and what comes waits")                     \
	X(DELIVER, "what sweeps and look-ups saw comes to the tracker")                               \
	X(OWNER, "the holders of an inode are found")
enum step_kind {
#define X(name, what) STEP_##name,
	STEPS(X)
#undef X
	STEP_KINDS
};

struct walk_step {
	uint8_t kind;   /* enum step_kind */
	uint32_t place; /* PASS, HOLD: microseconds */
	uint32_t random;
};

enum sweep_kind { WALK_WHOLE, WALK_CUT, WALK_MASKED };

struct walk_config {
	uint32_t ports;          /* of clients, and of servers' clients, in each namespace */
	uint32_t namespaces;
	double lose, omit, unanswered;
};

struct walk_host {
	struct world world;
	struct walk_config config;
	struct tuple *tuples;      /* by place within a namespace */
	uint32_t places_each;      /* in a namespace */
	uint32_t place_count;      /* in all */
	struct life *lives;
	uint32_t life_count, life_room;
	uint32_t *at_place;        /* the life that has it now, + 1 */
	struct walk_notice *notices;
	uint32_t notice_count, notice_room;
	uint32_t lost[NAMESPACES_MAX]; /* notices, since that was last told */
	uint32_t *by_cookie[NAMESPACES_MAX]; /* the last life with it, + 1 */
	uint64_t next_cookie[NAMESPACES_MAX], cookie_room[NAMESPACES_MAX];
	uint32_t next_inode;
	struct batch *stream;      /* of the thread that sweeps and looks up: in order */
	int64_t stream_ns;         /* when it was last known what is in it */
	int64_t empty_ns;          /* no notice waited then */
	int64_t held_until_ns;     /* the watcher is held up; 0: it is not */
	struct {
		bool on, exact;
		uint8_t kind;      /* enum sweep_kind */
		uint32_t begin, at, end, cut;
		int64_t before_ns;
	} sweep;
	uint64_t random;           /* of the present step */
	uint64_t observations;
	bool tell;
};

void walk_host_init(struct walk_host *h, const struct walk_config *config);
void walk_host_fini(struct walk_host *h);

void walk_host_step(struct walk_host *h, const struct walk_step *s);
/* Everything that is on its way arrives; no time for anything to change. */
void walk_host_settle(struct walk_host *h);
/* A whole sweep of each namespace while nothing changes, and all look-ups answered. */
void walk_host_sweep_quietly(struct walk_host *h);
/* The holder of each socket that has an inode is found: its pid is the inode's number + 1. */
void walk_host_find_owners(struct walk_host *h);

uint32_t walk_namespace(const struct walk_host *h, uint32_t place);
/* The life that the cookie and the tuple are of; NULL: nobody's. */
struct life *walk_host_find(const struct walk_host *h, uint64_t netns, uint64_t cookie, const struct tuple *t);

const char *walk_step_name(enum step_kind kind);

#endif
