/*
 * Filters: which connections a person wants to see. The grammar is that of ss(8), and predicates of our own (synfin(1), FILTER).
 *
 * A filter is read once into a tree and never changes after that. It is asked about rows; what of it the kernel can judge becomes bytecode of
 * INET_DIAG_REQ_BYTECODE. Nothing here does I/O or reads a clock: whoever has a filter read looks names up (struct filter_names), and now_ns comes in.
 *
 * ss lets the kernel judge, by that bytecode, and what comes through it judges once more by itself. Where the two differ (an address that is negated, against a
 * socket of the other family; a port beyond 65535) it shows only what both let through. So there are two judges here too, and the same sockets.
 */
#ifndef TRACK_FILTER_H
#define TRACK_FILTER_H

#include "base/text.h"
#include "track/model.h"

struct filter;

struct filter_address {
	uint16_t family;    /* AF_INET or AF_INET6 */
	uint8_t bytes[16];  /* network order */
};

#define FILTER_ADDRESSES_MAX 64

/* Looks names up for whoever reads a filter. A function that is NULL knows no name. */
struct filter_names {
	/* The port of a TCP service, in host order; -1: there is none of that name. */
	int (*service)(void *context, const char *name);
	/* The addresses of a host, of one family or of both (AF_UNSPEC). Returns how many were stored, up to FILTER_ADDRESSES_MAX. */
	unsigned (*host)(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX]);
	/* The index of a network interface; 0: there is none of that name. */
	uint32_t (*device)(void *context, const char *name);
	bool (*user)(void *context, const char *name, uint32_t *uid);
	/* The id of a cgroup, by a path. */
	bool (*cgroup)(void *context, const char *path, uint64_t *id);
	void *context;
	uint16_t port_low, port_high; /* the host's range of ephemeral ports */
	bool kernel;                  /* the kernel will judge too: what only it knows may be asked for */
};

/* What can be wrong with a filter. */
enum filter_problem {
	FILTER_FINE,
	FILTER_NO_WORD,         /* of the language */
	FILTER_NOT_PARTED,      /* an operator or parenthesis without spaces around it */
	FILTER_NOTHING_BEFORE,  /* an operator */
	FILTER_NOTHING_BEHIND,  /* an operator, a keyword */
	FILTER_NOT_CLOSED,
	FILTER_NOT_OPENED,
	FILTER_EMPTY,           /* parentheses */
	FILTER_QUOTE_OPEN,      /* it is not closed */
	FILTER_QUOTE_NOT_PARTED, /* no space behind the one that closes */
	FILTER_NO_OPERATOR,     /* of this predicate */
	FILTER_NO_VALUE,
	FILTER_NO_STATE,
	FILTER_NO_ADDRESS,
	FILTER_NO_PORT,
	FILTER_NO_DEVICE,
	FILTER_NO_MARK,
	FILTER_NO_CGROUP,
	FILTER_NO_USER,
	FILTER_NO_NUMBER,
	FILTER_NO_DURATION,
	FILTER_NO_SIDE,
	FILTER_FOR_KERNEL,      /* only the kernel knows this, and it is not asked here */
	FILTER_MIXED,           /* what only the kernel knows, in one choice with what only we know */
	FILTER_TOO_DEEP,
	FILTER_TOO_LONG,
};

#define FILTER_QUOTE_ROOM 80

struct filter_error {
	uint8_t problem;                /* enum filter_problem */
	size_t at, length;              /* the place: bytes of the text */
	char quote[FILTER_QUOTE_ROOM];  /* what stands there, clean */
	const char *about;              /* the keyword it belongs to, or what may have been meant; NULL. Not owned */
};

/* Reads a filter; the empty one takes every row. NULL, and *error, if there is a mistake in it. */
struct filter *filter_parse(const char *text, const struct filter_names *names, struct filter_error *error);
void filter_free(struct filter *f);
/*
 * Adds an argument of a command line to the text of a filter. One whose words would part, and of which none is a word of the language, is one value behind a predicate of our
 * own: it goes into quotes (comm = 'tmux: server', as a shell hands it over, has lost its own).
 */
void filter_add_argument(struct text *filter, const char *argument);
/* Whether a filter can begin with this word, or with one so like it that it must have been meant. */
bool filter_begins(const char *word);

/* The text of a filter as it may be shown: clean, and with a space for each tab, which is no more than that in a filter. Heap. */
char *filter_displayed(const char *text, size_t len);
/* What is wrong, in a sentence without a full stop. */
void filter_error_tell(const struct filter_error *e, struct text *out);
/* The text of the filter, and below it the place marked with a caret: two lines, indented by two columns and no wider than `columns` (0: no limit). */
void filter_error_show(const struct filter_error *e, const char *text, unsigned columns, struct text *out);

/* ---- for whoever types one (filter_complete.c) ---- */

#define FILTER_CANDIDATES_MAX 40

struct filter_candidates {
	size_t from, to; /* the word at the place: bytes of the text. A candidate takes its place. None: a space parts it from what stands before */
	unsigned count;
	const char *words[FILTER_CANDIDATES_MAX]; /* not owned */
};

/* The words that can stand at this byte of a text and begin as what stands there already, the likeliest first. */
void filter_complete(const char *text, size_t at, struct filter_candidates *out);

/* ---- for ss(8) (filter_ss.c) ---- */

/*
 * Adds the arguments with which ss lists what the filter lets through, quoted for a shell. False if it cannot be asked for all of that; then it lists more, of which
 * that is a part.
 */
bool filter_ss(const struct filter *f, struct text *out);

/* ---- what it is like ---- */

/* It speaks of processes (pid, comm, holder). */
bool filter_asks_owners(const struct filter *f);
/* What it lets through can change as time goes by (age). */
bool filter_asks_age(const struct filter *f);
/* It has something that the kernel alone can judge: rows that did not come through its bytecode cannot be asked about. */
bool filter_needs_kernel(const struct filter *f);

/* What a filter looks at. Points into the model or the event: valid as long as they are left alone. */
struct filter_row {
	struct tuple tuple;
	const struct facts *facts;
	int64_t since0_ns, since1_ns; /* as facts->knows says */
	uint8_t state, opener, closer;
	bool holders_former;
	const char *unit;             /* NULL: not known */
	const struct holder *holders; /* these two, or the next two */
	uint32_t holder_count;
	const struct model *model;
	const struct connection *connection;
};

struct filter_row filter_row_of(const struct model *m, const struct connection *c);
/* Of a CONNECTION event. */
struct filter_row filter_row_of_event(const struct event *row);
/*
 * Whether the filter lets a row through. Allocates nothing. What is not known fits no predicate, whatever its operator; a negation with `not` turns the
 * answer round.
 */
bool filter_matches(const struct filter *f, const struct filter_row *row, int64_t now_ns);
/* The states that a row it lets through can be in: STATE_BIT mask. */
uint32_t filter_states(const struct filter *f);

/* ---- for the kernel (filter_code.c) ---- */

/* Which instructions the kernel may be asked to know. */
enum filter_ops {
	FILTER_OPS_ALL,
	FILTER_OPS_FIRST, /* those that it always had; what needs others is left to us */
};

/* INET_DIAG_REQ_BYTECODE: see linux/inet_diag.h. */
struct filter_code {
	unsigned char *bytes; /* heap */
	size_t length;        /* 0: the kernel can decide nothing of it */
};

/* What of the filter the kernel can judge. It lets everything through that the filter lets through, and perhaps more. */
void filter_compile(const struct filter *f, enum filter_ops ops, struct filter_code *out);
void filter_code_fini(struct filter_code *code);

/* ---- for a stream of events (filter_stream.c) ---- */

/*
 * An event belongs to a filtered stream when its connection fits before it or after it: so whoever asks for a state sees it entered and left. Keeps for each slot of the
 * model how its connection was when it was last told.
 */
struct filter_stream {
	const struct filter *filter;
	struct filter_past *past;
	uint32_t slots;
};

void filter_stream_init(struct filter_stream *s, const struct filter *f);
void filter_stream_fini(struct filter_stream *s);
/* A connection as it is now, at the beginning of the stream. True if it fits. */
bool filter_stream_row(struct filter_stream *s, const struct model *m, const struct connection *c, int64_t now_ns);
/* An event that the model has taken. True if it belongs to the stream; events that are of no connection do. */
bool filter_stream_event(struct filter_stream *s, const struct model *m, const struct event *e);

#endif
