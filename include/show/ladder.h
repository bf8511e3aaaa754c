/*
 * The ladder: one connection's opening and closing as a sequence diagram.
 *
 * First a ladder is *laid out* from the model: rows, each a segment on the wire with the state changes it belongs to at
 * either lifeline. Then it is *painted*, whole or up to an animation's moment. Layout knows no cells, painting no
 * connections.
 *
 * One side opens, one closes, and each side sends at most one SYN, one FIN, one acknowledgement of each, and a RST: so
 * a segment is named by its sender and its part, and what both ends of a local pair know of it merges into one row.
 */
#ifndef SHOW_LADDER_H
#define SHOW_LADDER_H

#include "show/canvas.h"
#include "track/model.h"

enum ladder_part {
	PART_OPEN, /* SYN, SYN+ACK */
	PART_OPEN_ACK,
	PART_DATA,
	PART_FIN,
	PART_FIN_ACK,
	PART_RESET,
	PART_NOTE,  /* no segment: timer, removal */
	PART_AGAIN, /* sent again, `repeats` times; what it was is in flags or note */
};

struct ladder_end {
	uint8_t state;      /* enum tcp_state entered with this row; STATE_NONE: unchanged */
	uint8_t certainty;  /* enum certainty */
	bool deduced;       /* the peer's state, not seen: "?" */
};

/* Segments that cross on the wire: the arrow that left first is drawn round the other one. */
enum ladder_crossing {
	CROSSING_NONE,
	CROSSING_LEAVES,  /* first half of an arrow, which will arrive in a later row */
	CROSSING_OVER,    /* an arrow that another one passes behind */
	CROSSING_ARRIVES, /* second half; the row has no segment of its own */
};

struct ladder_row {
	uint8_t part;             /* enum ladder_part */
	uint8_t crossing;         /* enum ladder_crossing */
	bool from_local;          /* the arrow goes left to right */
	bool same_step;           /* sent in answer, in the same step of its sender as the row before */
	bool unanswered;          /* it or its answer is lost: it has been sent again, and still nothing came */
	uint32_t repeats;         /* PART_AGAIN */
	uint16_t flags;           /* of the segment */
	uint8_t certainty, when, numbers;
	bool has_seq, has_ack;
	uint32_t seq, ack;        /* relative; see ladder_absolute() */
	int64_t t_ns, t0_ns, t1_ns; /* t0 == t1: a moment; t0 0: no lower bound */
	int64_t delta_ns;         /* since the row before (PART_DATA: from the opening to the closing); -1: not known */
	bool delta_about;         /* good to a tenth only, for the times are intervals */
	struct ladder_end local, remote;
	uint64_t sent, received;  /* PART_DATA, when bytes_known */
	bool bytes_known, at_least; /* at_least: counted before the end */
	const char *note;         /* PART_NOTE, PART_RESET, PART_AGAIN: marked message id or NULL */
	uint8_t merged;           /* steps after it that are drawn in one with it, as PART_NOTE; the layout makes none */
};

#define LADDER_ROWS_MAX 64
struct ladder {
	uint64_t conn, peer;       /* peer: conn id of the other end when it is ours too; 0: deduced */
	uint8_t first_local, first_remote; /* enum tcp_state at the top of the lifelines */
	bool remote_deduced;       /* the peer is not ours */
	bool first_deduced;        /* first_remote was not seen: "?" */
	bool alone;                /* a LISTEN socket: it has no peer */
	uint8_t local_state, remote_state; /* now */
	bool isn_known[2];         /* of the local, the remote end: */
	uint32_t isn[2];           /* the number of its SYN, as it was on the wire */
	uint16_t count;
	struct ladder_row rows[LADDER_ROWS_MAX];
};

/* Lays out the whole life of a connection as known now. peer: the other end or NULL. */
void ladder_lay_out(struct ladder *l, const struct model *m, const struct connection *c);

/* The row with the numbers that were on the wire, as far as they are known. */
struct ladder_row ladder_absolute(const struct ladder *l, const struct ladder_row *row);

/* How a row is shown at one moment of the animation. */
struct ladder_moment {
	uint16_t whole;      /* rows drawn whole */
	double progress;     /* of row `whole`, 0 … 1; its packet is on its way */
};

/* What stands under the last row at a lifeline: a timer that runs down. */
struct ladder_countdown {
	char words[80];       /* "gone in 41s"; "": there is none */
	char brief[32];       /* where there is little room */
	uint64_t left, of;    /* for a bar; of 0: none */
};

struct ladder_style {
	bool absolute_time;   /* wall clock, else seconds with delta */
	bool absolute_numbers; /* where they are known */
	bool show_how;        /* the column exact / seen / inferred */
	bool compact;         /* no time columns: the small form below the list */
	bool tight;           /* short names close to the lifelines, in the same columns for all ladders: the Wall */
	int32_t utc_offset_s; /* of the wall clock shown: seconds east of UTC */
	uint16_t selected;    /* row + 1: stays in sight, on the ground of the cursor; 0: none, and the newest stays in sight */
	const struct ladder_countdown *countdown; /* of the local and the remote end; NULL: none */
};

/*
 * Paints at most area.rows rows. Never fails for small areas: columns are dropped by priority.
 */
void ladder_paint(const struct ladder *l, struct area area, struct ladder_moment moment, const struct ladder_style *style);
/* The rows needed to paint the whole ladder, heading included. */
unsigned ladder_height(const struct ladder *l);

/* Which rows stand where, when it is painted in so many lines and columns. */
struct ladder_window {
	bool heading, top;      /* a line of heads; one of the states that hold at the top, or of how much is hidden above */
	bool whole_top;         /* the top is the beginning */
	unsigned line;          /* of the first row */
	unsigned first, end;    /* rows [first, end) */
	unsigned below;         /* rows hidden below */
	unsigned tails;         /* lines under the last row for countdowns */
};
struct ladder_window ladder_window(const struct ladder *l, unsigned rows, unsigned columns, struct ladder_moment moment,
				   const struct ladder_style *style, const struct glyphs *g);
/* So many rows are drawn, whole or in part. */
unsigned ladder_drawn(const struct ladder *l, struct ladder_moment moment);

#endif
