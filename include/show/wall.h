/*
 * The Wall: small ladders side by side, each of a connection that opens or closes right now.
 *
 * What is counted is the *act*: an opening, or a closing, of one socket (as in the model's statistics: a connection within the host has two of
 * each). An act is taken by the lane of its connection, or it waits for one, until it is *drawn* (its lane has come to its end with it) or *not drawn*
 * (nobody had a place for it). So at any time: acts heard = drawn + not drawn + those in lanes + those that wait; and none is in two of these.
 *
 * A lane has a place, and keeps it: it is never moved while it is seen, and when it is over, and WALL_STAY_NS have passed, the place is free for
 * another. One that is under the cursor stays. A lane whose connection is half open or half closed stays as long as nobody waits for its place. Of a
 * local pair there is one lane, the opener's: its ladder shows both ends.
 *
 * Connections wait in one queue, WALL_QUEUE for each lane. From half of it on the lanes play twice as fast, when it is full four times. What a
 * lane itself is behind counts as well; when that is too much, its steps merge. First comes the connection that the person has chosen, then those
 * that warn, then a fair sample: of the programs and ports that have the fewest lanes, the newest. When the queue is full, the oldest of those
 * that are most makes room. What a filter does not let through has no lane; its acts are counted apart.
 *
 * Pure state: time comes in, wall_turn() brings it up to the model, the picture only reads.
 */
#ifndef SHOW_WALL_H
#define SHOW_WALL_H

#include "show/ladder.h"
#include "show/player.h"

#define WALL_COLUMNS_MAX 12
#define WALL_ROWS_MAX 12
#define WALL_LANES_MAX (WALL_COLUMNS_MAX * WALL_ROWS_MAX)
#define WALL_QUEUE 8
#define WALL_WAITING_MAX 256
#define WALL_GROUPS 64
#define WALL_STAY_NS 1500000000LL
/* Who has waited so long is no longer what happens now. */
#define WALL_LATE_NS 3000000000LL
#define WALL_NOWHERE UINT32_MAX
/* Rates are means of so many seconds: lanes come to their ends in bursts. */
#define WALL_RATE_SECONDS 3

enum wall_act { WALL_ORDERLY /* opened, or closed by FINs or nobody knows how */, WALL_RESET, WALL_REFUSED, WALL_ACTS };

enum wall_rank { WALL_SAMPLE, WALL_WARNS, WALL_CHOSEN };

/* What became of acts. */
struct wall_tally {
	uint64_t drawn, not_drawn[WALL_ACTS], outside; /* outside: of the filter; neither drawn nor missed */
};

struct wall_lane {
	uint64_t conn, peer;      /* 0: the place is free; 0: no other end of ours */
	uint32_t acts[WALL_ACTS]; /* to be drawn here */
	uint8_t group;
	bool stale;               /* to be laid out again */
	bool over;                /* nothing more is to be expected soon: it is open, or closed */
	bool warns;
	int64_t begun_ns, rests_since_ns; /* rests: all is drawn; 0: it moves */
	uint64_t joined;          /* bit i: row i of the layout is drawn in one step with the row before it */
	uint8_t origin[LADDER_ROWS_MAX]; /* in the layout, of each row */
	uint16_t known;           /* rows that are older than this lane */
	struct ladder ladder;
	struct player player;
	struct ladder_moment moment;

	/* for the words round it */
	struct tuple tuple;
	char near[COMM_ROOM], far[COMM_ROOM]; /* programs; "": not known */
	bool remote_opened, live, at_least;
	uint8_t state, cause;
	int64_t since_ns;         /* that state was entered; 0: not known */
};

struct wall_waiting {
	uint64_t conn, peer;
	int64_t since_ns;         /* its steps from then on are to be played */
	uint32_t acts[WALL_ACTS];
	uint8_t group, rank;
};

struct wall {
	bool animate, brief;      /* brief: lanes have no room for a row that tells of data */
	bool away;                /* events have passed it by */
	int64_t paused_ns;        /* 0: it runs */
	uint64_t chosen;          /* connection; 0: none */
	uint32_t count;           /* lanes */
	uint32_t cursor;          /* lane; WALL_NOWHERE */
	struct wall_lane *lanes;
	uint32_t waiting;
	struct wall_waiting queue[WALL_WAITING_MAX]; /* oldest first */
	uint16_t waiting_in[WALL_GROUPS];
	uint32_t admitted;        /* to the full queue since the last turn */
	struct wall_tally total;  /* since the wall was opened */
	struct wall_tally seconds[WALL_RATE_SECONDS + 1]; /* the one that runs, and those before it: by their numbers */
	int64_t second;           /* the number of the one that runs, since 1970 */
	uint32_t seconds_whole;   /* of those before it */
};

void wall_init(struct wall *w, bool animate);
void wall_fini(struct wall *w);
/* So many places. What is in those that go is not drawn, but for the lane under the cursor, which moves. */
void wall_resize(struct wall *w, uint32_t count, bool brief);

/* Call for each event, after it was applied. fits: the filter lets it through. */
void wall_event(struct wall *w, const struct model *m, const struct event *e, bool fits);
/* An event was not handed over, because nobody looks. When the wall is looked at again, what is over is gone, and the rest stands as it is then. */
void wall_miss(struct wall *w);
/* Once for each frame. */
void wall_turn(struct wall *w, const struct model *m, const struct tempo *tempo, int64_t now_ns);
bool wall_moves(const struct wall *w);
/* When wall_turn has something to do though nothing moves; INT64_MAX: when something happens. */
int64_t wall_due(const struct wall *w);

void wall_pause(struct wall *w, bool pause, int64_t now_ns);
/* One step on or back of the lane under the cursor, or of all; the wall is paused. */
void wall_step(struct wall *w, int direction, int64_t now_ns);
/* All is drawn to its end, nobody waits. */
void wall_live(struct wall *w);

/* The lane under the cursor, or NULL. */
const struct wall_lane *wall_lane_at_cursor(const struct wall *w);
/* What of the acts heard is in lanes, and waits. */
uint64_t wall_pending(const struct wall *w);
/* Of a second, each rounded by itself. */
struct wall_tally wall_rates(const struct wall *w);
uint64_t wall_tally_not_drawn(const struct wall_tally *t);

/* ---- one lane (wall_lane.c) ---- */

/* Begins with a connection, of which what was learnt before since_ns is drawn at once. */
void wall_lane_begin(struct wall_lane *lane, const struct model *m, const struct connection *c, bool animate, bool brief, int64_t since_ns);
void wall_lane_lay_out(struct wall_lane *lane, const struct model *m, bool brief);
/* Joins the steps that have not begun to be drawn: the opening to one, the closing to another. */
void wall_lane_merge(struct wall_lane *lane, const struct model *m, bool brief);

#define WALL_WORDS_ROOM 96
/* "curl:41990 ► :443", the fullest form that fits. */
void wall_lane_title(const struct wall_lane *lane, const struct glyphs *g, unsigned columns, char out[WALL_WORDS_ROOM]);
/* How long it took, or lasts: "12.3ms", "<51ms"; "" if that is not known. */
void wall_lane_elapsed(const struct wall_lane *lane, const struct glyphs *g, int64_t now_ns, char out[WALL_WORDS_ROOM]);
/* What has come of it, once it is drawn: OPEN, HALF, RESET… A message, or ""; and its role. */
const char *wall_lane_verdict(const struct wall_lane *lane, enum role *role);

/* ---- the picture (wall_view.c) ---- */

struct wall_grid {
	unsigned columns, rows; /* of lanes */
	bool brief;
};
struct wall_grid wall_grid_of(unsigned rows, unsigned columns);
/* The place of a lane. */
struct area wall_place(struct area area, struct wall_grid grid, uint32_t lane);
/* The lane at a place of an area of that size; WALL_NOWHERE if there is none. */
uint32_t wall_lane_at(struct wall_grid grid, unsigned rows, unsigned columns, unsigned row, unsigned column);
/* Moves the cursor to the next lane in use that way; without a cursor, to the first. */
void wall_move(struct wall *w, struct wall_grid grid, int down, int right);

void wall_paint(const struct wall *w, struct area area, struct wall_grid grid, int64_t now_ns);
/* What was not drawn, in row 0. */
void wall_paint_tally(const struct wall *w, struct area area);

#endif
