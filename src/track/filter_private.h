/*
 * The tree of a filter, for those who read, ask and compile it.
 *
 * Nodes stand in one array and name each other by index; 0 is none. A group asks its members in order, and is settled by the first that settles it.
 */
#ifndef FILTER_PRIVATE_H
#define FILTER_PRIVATE_H

#include "filter_lex.h"
#include "track/filter.h"

/* Members nest so deep at most, so that recursion over the tree is bounded. */
#define FILTER_DEPTH_MAX 256u

enum filter_kind {
	FILTER_GROUP,
	FILTER_STATES,
	FILTER_HOST,      /* an address, a port, or both, of one end */
	FILTER_PORT,      /* a port compared: GE or LE */
	FILTER_DEVICE,
	FILTER_AUTOBOUND, /* these three are for the kernel; but where ss judges alone this one is not */
	FILTER_MARK,
	FILTER_CGROUP,
	FILTER_PID,
	FILTER_COMM,
	FILTER_HOLDER_NAME,
	FILTER_HOLDER_PID,
	FILTER_USER,
	FILTER_AGE,
	FILTER_RECVQ,
	FILTER_SENDQ,
	FILTER_OPENER,
	FILTER_CLOSER,
	FILTER_UNIT,
};

/* Who judges: see track/filter.h. Of a filter with `dev` in it ss makes no bytecode at all: then it judges alone. */
enum filter_judge {
	JUDGE_KERNEL,
	JUDGE_SS,
};
#define JUDGE_BIT(judge) (1u << (judge))

/* The beginning of an address. */
struct filter_prefix {
	uint16_t family; /* AF_UNSPEC: any address is right */
	uint8_t bits;
	uint8_t bytes[16];
};

#define FILTER_ANY_PORT (-1)

struct filter_node {
	uint8_t kind;        /* enum filter_kind */
	uint8_t op;          /* enum filter_word: EQ to LIKE */
	bool negated;
	bool any;            /* GROUP: one member is enough; else all are needed */
	bool remote;         /* HOST, PORT: of the remote end */
	uint8_t left_to;     /* JUDGE_BIT: this judge has been asked elsewhere */
	uint16_t depth;      /* GROUP: how deep its members nest */
	uint32_t next;       /* the next member of its group; 0: it is the last */
	uint32_t at, length; /* its place in the text */
	union {
		uint32_t first;  /* GROUP */
		uint32_t states; /* STATES: STATE_BIT mask */
		struct {
			uint32_t prefix, count; /* of the filter's prefixes; 0: any address */
			int32_t port;           /* FILTER_ANY_PORT, or as typed: it can be beyond what ports are */
		} end;           /* HOST, PORT */
		struct {
			uint32_t value, mask;
		} mark;
		uint64_t number; /* DEVICE, CGROUP, PID, HOLDER_PID, USER, RECVQ, SENDQ; OPENER, CLOSER: enum side */
		int64_t age_ns;
		size_t text;     /* COMM, HOLDER_NAME, UNIT: where it begins in the filter's strings */
	};
};

struct filter {
	struct filter_node *nodes;
	uint32_t count, room;
	uint32_t root;                /* 0: everything is let through */
	struct filter_prefix *prefixes;
	uint32_t prefix_count;
	struct text strings;
	uint16_t port_low, port_high; /* ephemeral ports */
	uint16_t family;              /* AF_*: of the sockets that may be let through; AF_UNSPEC: of both that TCP has */
	uint8_t judges;               /* 1 << enum filter_judge: who have to be asked */
	bool needs_kernel, asks_owners, asks_age;
};

/* ---- values (filter_value.c): what stands behind an operator ---- */

struct filter_reading {
	struct filter *filter;
	const struct filter_names *names;
	const char *value;       /* the word */
	struct filter_node *node; /* to be filled; its op is set */
};

/* Fills the node of this predicate, which may change its op. FILTER_FINE, or what is wrong with the value. */
enum filter_problem filter_read_value(enum filter_word predicate, struct filter_reading *r);
/* The states that a word stands for, in *mask. */
bool filter_read_states(const char *word, uint32_t *mask);
/* The name of a state or set of states that was probably meant; NULL if none is near. */
const char *filter_state_near(const char *typed);
/* Word number `index` that can be the value of this predicate, the likeliest first; NULL: there are no more, or no such words. */
const char *filter_value_word(enum filter_word predicate, unsigned index);
/* Whether it is an operator of this predicate. */
bool filter_word_takes(enum filter_word predicate, enum filter_word op);

/* What ss takes for no choice of states at all. */
#define FILTER_STATES_ALL ((1u << STATE_COUNT) - 1)
#define FILTER_STATES_USUAL \
	(FILTER_STATES_ALL & ~(STATE_BIT(STATE_LISTEN) | STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_TIME_WAIT) | STATE_BIT(STATE_SYN_RECV)))

#endif
