/*
 * The state map: RFC 9293's figure 5, alive. How many sockets are in each state, how often each edge is taken, and a token on its way for each
 * transition.
 *
 * struct state_map is fed by events and time, whether it is seen or not, so that its rates are right at once. What it costs is an increment an event.
 * It is laid out for a size (state_map_layout.c: places of boxes, routes of edges, room for words), then painted (state_map_paint.c); layout knows no
 * numbers, painting decides no places. A screen too small for the diagram gets a table.
 */
#ifndef SHOW_STATE_MAP_H
#define SHOW_STATE_MAP_H

#include "show/canvas.h"
#include "show/tempo.h"
#include "track/model.h"

/*
 * The edges that are drawn. X(from, to, label: what came or was called / what is sent). Other ends in CLOSED (resets, time-outs) are rates of their
 * state: they can come anywhere.
 */
#define STATE_MAP_EDGES(X)                                  \
	X(CLOSED, SYN_SENT, N_("active open / SYN"))            \
	X(CLOSED, LISTEN, N_("passive open"))                   \
	X(LISTEN, SYN_RECV, "SYN / SYN+ACK")                    \
	X(SYN_SENT, ESTABLISHED, "SYN+ACK / ACK")               \
	X(SYN_RECV, ESTABLISHED, N_("ACK of SYN"))              \
	X(ESTABLISHED, CLOSE_WAIT, "FIN / ACK")                 \
	X(ESTABLISHED, FIN_WAIT1, "close / FIN")                \
	X(FIN_WAIT1, FIN_WAIT2, N_("ACK of FIN"))               \
	X(FIN_WAIT2, TIME_WAIT, "FIN / ACK")                    \
	X(CLOSE_WAIT, LAST_ACK, "close / FIN")                  \
	X(LAST_ACK, CLOSED, N_("ACK of FIN"))                   \
	X(TIME_WAIT, CLOSED, N_("60 s timer"))                  \
	X(FIN_WAIT1, CLOSING, "FIN / ACK")                      \
	X(FIN_WAIT1, TIME_WAIT, "FIN+ACK / ACK")                \
	X(CLOSING, TIME_WAIT, N_("ACK of FIN"))                 \
	X(SYN_SENT, SYN_RECV, "SYN / SYN+ACK")                  \
	X(SYN_RECV, FIN_WAIT1, "close / FIN")                   \
	X(SYN_SENT, CLOSED, N_("close, timeout"))               \
	X(LISTEN, CLOSED, "close")
enum state_map_edge {
#define X(from, to, label) MAP_##from##_##to,
	STATE_MAP_EDGES(X)
#undef X
	MAP_EDGES,
};

/* How a connection ended where no edge is drawn. */
enum state_map_end {
	MAP_END_RESET,  /* a RST came or was sent */
	MAP_END_UNSURE, /* or so it seems: two stories fit */
	MAP_END_OTHER,  /* given up, timed out */
	MAP_END_KINDS,
};

struct state_map_edge_info {
	uint8_t from, to;  /* enum tcp_state */
	const char *label; /* message id */
};
extern const struct state_map_edge_info state_map_edges[MAP_EDGES];

/*
 * Where a transition belongs: one edge, or two when TCP takes them in one step, in `edges`; returns how many. 0: it is an end, of the kind *end. -1: TCP
 * has no such transition. edge_cause: as in struct event.
 */
int state_map_place(enum tcp_state from, enum tcp_state to, uint8_t edge_cause, enum certainty certainty, enum state_map_edge edges[2],
		    enum state_map_end *end);

/* ---- layout ---- */

#define MAP_LEAST_ROWS 20
#define MAP_LEAST_COLUMNS 80
#define MAP_MOST_ROWS 56
#define MAP_MOST_COLUMNS 176
#define MAP_POINTS 4
#define MAP_RATE_COLUMNS 6 /* room for a rate beside words: "1234/s" */

struct map_point {
	int16_t row, column;
};

/* Where a box stands; its border belongs to it. */
struct map_box {
	uint16_t row, column, rows, columns; /* columns 0: it has no place */
	uint16_t tag, tag_columns; /* on its lower border, free of edges: for the rate of ends */
};

/* From the cell beside the box it leaves to the cell beside the box it enters, straight from point to point. */
struct map_route {
	struct map_point points[MAP_POINTS];
	uint8_t count;
	struct map_point leaves; /* the cell of the border it leaves by */
};

/* Room for the words of an edge: in one row, or words in the first and the rate in the second. */
struct map_label {
	struct {
		uint16_t row, column, columns;
	} at[2];
	uint8_t rows;    /* 0: there is no room at all */
	bool right;      /* it ends at its line, and so is right-aligned */
	bool centred;
};

struct state_map_layout {
	bool diagram; /* false: there is no room; a table */
	uint16_t rows, columns;    /* laid out for */
	uint16_t left, wide;       /* of that, the columns that are used */
	const char *language;
	uint16_t explained, explained_rows; /* the rows for what the selected state means */
	uint16_t listed, pitch;    /* states in the table, and rows for each; its heads are in row 0 */
	struct map_box boxes[STATE_COUNT];
	struct map_route routes[MAP_EDGES];
	struct map_label labels[MAP_EDGES];
};

void state_map_lay_out(struct state_map_layout *l, unsigned rows, unsigned columns);
/* Cells of a route, and one of them. */
unsigned state_map_route_length(const struct map_route *r);
struct map_point state_map_route_cell(const struct map_route *r, unsigned index);
/* The nearest box in that direction (-1, 0, 1 each), or `from` if there is none. */
enum tcp_state state_map_next(const struct state_map_layout *l, enum tcp_state from, int rows, int columns);
/* The words of a label that fit in so many columns, of at most as many as it wants: all, without blanks round the slash, or none. */
#define MAP_WORDS_ROOM 64
bool state_map_words(const char *label, unsigned columns, char out[MAP_WORDS_ROOM]);

/* ---- state ---- */

#define MAP_BIN_NS 250000000LL
#define MAP_BINS 128
#define MAP_WINDOW_BINS 16  /* rates are of the last 4 seconds */
#define MAP_COUNTERS (MAP_EDGES + STATE_COUNT * MAP_END_KINDS)
#define MAP_TOKENS_MAX 72
#define MAP_FLIGHT_NS 600000000LL
#define MAP_MISSED_NS 1000000000LL /* so long an edge says that not all were drawn */
#define MAP_SAMPLE_NS 5000000000LL
#define MAP_SAMPLES 13      /* a minute, and its beginning */

struct state_map {
	struct {
		int64_t number; /* of the bin since 1970 */
		uint32_t counts[MAP_COUNTERS];
	} bins[MAP_BINS];
	struct {
		int64_t t_ns;
		uint32_t population[STATE_COUNT];
	} samples[MAP_SAMPLES];
	unsigned sample_count, sample_next;

	struct map_token {
		uint64_t conn;
		int64_t starts_ns, ends_ns;
		uint8_t edge;
	} tokens[MAP_TOKENS_MAX];
	unsigned token_count;
	int64_t missed_ns[MAP_EDGES]; /* when a token was last not drawn */
	int64_t flight_ns;            /* 0: no tokens */
	int64_t paused_ns;            /* when time was stopped for them; 0: it runs */

	uint8_t selected;             /* enum tcp_state */
	uint16_t top;                 /* of the table, if it is longer than the screen */
	struct state_map_layout layout;
};

void state_map_init(struct state_map *m);
/* Call for each event, after it was applied. `seen`: tokens are to be drawn. */
void state_map_event(struct state_map *m, const struct model *model, const struct event *e, bool seen);
/* Brings it up to now, for a screen of this size. animate: false, there are no tokens. */
void state_map_update(struct state_map *m, const struct model *model, const struct tempo *tempo, bool animate, unsigned rows, unsigned columns,
		      int64_t now_ns);
void state_map_pause(struct state_map *m, bool pause, int64_t now_ns);
/* Whether a token is on its way. */
bool state_map_moves(const struct state_map *m);
/* Moves the cursor: see state_map_next(); in the table rows only. */
void state_map_move(struct state_map *m, int rows, int columns);
/* The state at this cell of the picture, or STATE_NONE. */
enum tcp_state state_map_at(const struct state_map *m, unsigned row, unsigned column);

/* Transitions in the window that ends now. */
uint32_t state_map_taken(const struct state_map *m, enum state_map_edge edge, int64_t now_ns);
uint32_t state_map_ended(const struct state_map *m, enum tcp_state state, enum state_map_end end, int64_t now_ns);
/* The same of all edges into a state and out of it, ends included. */
uint32_t state_map_entered(const struct state_map *m, enum tcp_state state, int64_t now_ns);
uint32_t state_map_left(const struct state_map *m, enum tcp_state state, int64_t now_ns);
/* Into (or out of) a state in each of the last `count` seconds, oldest first; the present one, which is not over, left out. */
#define MAP_HISTORY_SECONDS (MAP_BINS * MAP_BIN_NS / 1000000000LL - 2)
void state_map_history(const struct state_map *m, enum tcp_state state, bool in, int64_t now_ns, uint32_t *values, unsigned count);
/*
 * How its population changed in the last minute, per minute; false: it was not looked at for long enough. `grows`: for half a minute at least it has
 * become more, and at no look less.
 */
bool state_map_net(const struct state_map *m, const struct model *model, enum tcp_state state, int64_t now_ns, int64_t *per_minute, bool *grows);

void state_map_paint(const struct state_map *m, const struct model *model, struct area area, int64_t now_ns);

#endif
