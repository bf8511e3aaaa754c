/*
 * The model: the fold of all events so far. model_apply() is its only writer; live watch, replay and remote streams
 * share it.
 *
 * It owns the connections: live ones, and the last MODEL_DEPARTED_MAX that ended, so that their ladders can still be
 * drawn. Others keep ids, never pointers across turns: a pointer is valid until the next model_apply. Memory is bounded
 * by live connections plus fixed history.
 */
#ifndef TRACK_MODEL_H
#define TRACK_MODEL_H

#include "base/map.h"
#include "track/event.h"

#define MODEL_DEPARTED_MAX 2048
#define HISTORY_STEPS_MAX 32
#define SERIES_SECONDS 120

/* One transition of a connection's life. */
struct step {
	int64_t t_ns, t0_ns, t1_ns;
	uint32_t seq, ack;
	uint64_t bytes_sent, bytes_received; /* as known when the step was taken; for the data row between two steps */
	uint8_t from, to;                    /* enum tcp_state */
	uint8_t certainty, when, numbers;    /* enum certainty */
	uint8_t edge_cause;                  /* enum edge_cause + 1; 0: the usual */
	bool bytes_known, has_seq, has_ack;
};

/* Bounded: when full, the steps after the first two move up and `dropped` counts. */
struct history {
	uint64_t remnant_cookie; /* under which its remnant is found, when that has a cookie of its own; 0: none */
	uint16_t count, room, dropped;
	struct step steps[];
};

/* Ends that do not fit beside the rest: IPv6 addresses, and the interface that a socket is bound to. */
struct far_ends {
	uint8_t addresses[2][16]; /* local, remote; as in struct endpoint */
	uint32_t ifindex;
};

/*
 * There may be millions of these, most of them idle, so each is two cache lines and what few have stands elsewhere: read
 * the ends with connection_tuple() and the second cookie with connection_remnant_cookie().
 */
struct connection {
	uint64_t id, cookie;
	int64_t since0_ns, since1_ns; /* the present state was entered in here (KNOWS_SINCE, KNOWS_ATLEAST in facts) */
	int64_t updated_ns;        /* when facts were true */
	struct history *history;   /* NULL until something happened */
	union {
		uint8_t near[2][4];         /* IPv4, also mapped: local, remote */
		struct far_ends *far;      /* is_far; owned */
	} ends;
	struct facts facts;
	uint32_t slot, pair_slot;  /* pair_slot: MAP_NONE or the other end's */
	uint32_t holders;          /* index of its first holder or MAP_NONE: see model_holder() */
	uint16_t ports[2];         /* local, remote */
	uint16_t netns;            /* index for model_netns() */
	uint16_t unit;             /* index for model_unit() */
	unsigned state : 4;        /* enum tcp_state */
	unsigned opener : 2, closer : 2;       /* enum side */
	unsigned opener_by : 4, closer_by : 4; /* enum evidence */
	unsigned cause : 4;        /* enum cause */
	unsigned family : 2;       /* 0: not known, 1: AF_INET, 2: AF_INET6 */
	bool is_far : 1;
	bool live : 1;             /* false: departed */
	bool owner_hidden : 1;
	bool holders_former : 1;
	bool warned : 1;           /* an illegal sequence was marked */
	bool counted_close : 1;    /* its close is in the statistics */
};

/* Its two ends. */
struct tuple connection_tuple(const struct connection *c);
/* Whether these are its ends, as tuple_equal() compares. Quick where they are not. */
bool connection_has_tuple(const struct connection *c, const struct tuple *t);

static inline uint64_t connection_remnant_cookie(const struct connection *c)
{
	return c->history ? c->history->remnant_cookie : 0;
}

/* The cookie that its socket has now. */
static inline uint64_t connection_present_cookie(const struct connection *c)
{
	return connection_remnant_cookie(c) ? connection_remnant_cookie(c) : c->cookie;
}

/* The steps of its life that were seen. */
static inline unsigned connection_steps(const struct connection *c)
{
	return c->history ? c->history->count : 0;
}

/* It was opened not before this; 0: it was there before we looked. */
int64_t connection_opened_ns(const struct connection *c);
/* Both ends had closed by then: what is left of it in TIME_WAIT is nobody's peer. INT64_MAX: they have not. */
int64_t connection_over_ns(const struct connection *c);

/* Whether what the other end has received can have been sent by c, and the other way round, a FIN more or less; true where it is not known. */
bool connection_counts_fit(const struct connection *c, const struct facts *other);
/* Whether each has received what the other has sent, a FIN more or less; false where it is not known. */
bool connection_counts_agree(const struct connection *c, const struct facts *other);

struct model;

struct model *model_new(uint64_t seed);
void model_free(struct model *m);

/*
 * Applies one event. Anything may come (a recording can be damaged): what does not fit is ignored, and never asserts.
 * O(1).
 */
void model_apply(struct model *m, const struct event *e);

/* There will be about so many connections: makes room at once for what would else grow step by step. A hint. */
void model_expect(struct model *m, uint32_t connections);

/* A socket with this cookie and these ends will be looked for soon, as the one after `ahead` others: asks for the memory that takes. A hint. */
void model_foresee(const struct model *m, uint64_t cookie, const struct tuple *tuple, uint32_t ahead);

/* Grows with each event that changed something. */
uint64_t model_version(const struct model *m);

/* Look-ups. NULL if there is none. */
const struct connection *model_find(const struct model *m, uint64_t conn);
const struct connection *model_find_cookie(const struct model *m, uint64_t netns, uint64_t cookie); /* departed ones too */
/* Whether the slot holds the live connection with this cookie (a remnant's second one apart): saves a look-up where that is likely. */
bool model_slot_has_cookie(const struct model *m, uint32_t slot, uint64_t netns, uint64_t cookie);
/* The first connection with this tuple that `match` accepts (NULL: live ones only). */
typedef bool model_match(void *context, const struct connection *c);
const struct connection *model_find_tuple(const struct model *m, uint64_t netns, const struct tuple *t, model_match *match, void *context);
/*
 * A live LISTEN socket that a connection to this local end would have come from: same port, same address or the
 * wildcard.
 */
const struct connection *model_find_listener(const struct model *m, uint64_t netns, const struct endpoint *local);
/* The other end, when it is ours too. */
const struct connection *model_pair(const struct model *m, const struct connection *c);

/* Slots: 0 … model_slots()-1. NULL for a free slot; departed ones are returned too (look at ->live). */
uint32_t model_slots(const struct model *m);
const struct connection *model_at(const struct model *m, uint32_t slot);
/* That slot will be looked at soon: asks for the memory. A hint. */
void model_prefetch(const struct model *m, uint32_t slot);
/* The departed, newest first: index 0 … ; NULL past the end. */
const struct connection *model_departed(const struct model *m, uint32_t index);
/* The same one after the other: *place is 0 at first, and is moved on. */
const struct connection *model_departed_next(const struct model *m, uint32_t *place);

/* Holder number `index` of a connection (or former holder); false past the end. Valid until the next model_apply. */
bool model_holder(const struct model *m, const struct connection *c, uint32_t index, struct holder *out);

uint64_t model_netns(const struct model *m, const struct connection *c); /* cookie; 0 unknown */
const char *model_netns_name(const struct model *m, const struct connection *c); /* NULL: not known. Valid until the next model_apply */
/* The same by its cookie. */
const char *model_name_of_netns(const struct model *m, uint64_t netns);

/* The systemd unit or container whose process made the socket; NULL: not known. Valid until the next model_apply. */
const char *model_unit(const struct model *m, const struct connection *c);

/* Live sockets by state, and in all (LISTEN included). */
uint32_t model_population(const struct model *m, enum tcp_state state);
uint32_t model_live(const struct model *m);
/* Of these, whose owner may not be seen. */
uint32_t model_owners_hidden(const struct model *m);
const struct coverage *model_coverage(const struct model *m);

/*
 * Per-second statistics. A connection closes when it enters TIME_WAIT or CLOSED, whichever comes first; listeners do
 * not count. What happened in the second `ago` seconds before the second of now_ns (0: that second itself).
 */
struct second {
	uint32_t opens, closes, resets; /* resets: closes by RST either way, refused ones included */
};
struct second model_second(const struct model *m, int64_t now_ns, unsigned ago);
/* Totals since the start. */
struct totals {
	uint64_t opens, closes, resets, refused, graceful;
};
const struct totals *model_totals(const struct model *m);

/* The model told as events: KEYFRAME_BEGIN, a CONNECTION for each live connection, KEYFRAME_END. */
void model_tell(const struct model *m, int64_t now_ns, event_sink *sink, void *context);
/*
 * The CONNECTION event of one. `holders`: room for holder_room, filled and pointed to by the event (at most 64 are
 * told).
 */
#define MODEL_TELL_HOLDERS 64
struct event model_row(const struct model *m, const struct connection *c, int64_t now_ns, struct holder holders[MODEL_TELL_HOLDERS]);

#endif
