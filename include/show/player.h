/*
 * Plays a ladder: which rows are drawn whole, and how far the next has come. Pure: time comes in. State is never late,
 * only drawings are: rows that are added to the ladder meanwhile are played in turn, and player_behind() says how many
 * wait. With more than 4 rows, or other ladders, waiting it plays twice as fast, with more than 8 four times. A row
 * whose Δt is not known takes about half a second in compressed time.
 */
#ifndef SHOW_PLAYER_H
#define SHOW_PLAYER_H

#include "show/ladder.h"
#include "show/tempo.h"

struct player {
	uint64_t conn;
	uint16_t whole;      /* rows drawn whole */
	int64_t started_ns;  /* when row `whole` began to be drawn; 0: not begun */
	int64_t paused_ns;   /* when the pause began; 0: it runs */
	uint8_t waiting;     /* other ladders that are to be drawn after this one; the caller sets it */
	bool animate;        /* false (--no-animation): steps appear at once, unless it is paused */
	bool fresh;          /* row `whole` came while nothing was played: the time before it has passed already */
};

/* Starts with a connection, `whole` of its rows already drawn (UINT16_MAX: all, nothing is played). */
void player_start(struct player *p, uint64_t conn, uint16_t whole, bool animate);
/* Advances to now. The moment to paint. */
struct ladder_moment player_advance(struct player *p, const struct ladder *l, const struct tempo *tempo, int64_t now_ns);
/* Whether anything still moves: a frame is wanted soon. */
bool player_moves(const struct player *p, const struct ladder *l);
unsigned player_behind(const struct player *p, const struct ladder *l);
void player_pause(struct player *p, bool pause, int64_t now_ns);
/* One row on (the one on its way is completed) or back (the one on its way is taken back); pauses. */
void player_step(struct player *p, const struct ladder *l, int direction, int64_t now_ns);
/* So many rows drawn whole, none on its way; whether it is paused stays as it is. */
void player_seek(struct player *p, const struct ladder *l, unsigned whole);
/* To the end: everything drawn, running. */
void player_live(struct player *p, const struct ladder *l);

#endif
