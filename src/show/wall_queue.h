/* Parts of the Wall: its counters (wall_tally.c), and those who wait for a lane (wall_queue.c). */
#ifndef SHOW_WALL_QUEUE_H
#define SHOW_WALL_QUEUE_H

#include "show/wall.h"

/* Count acts as drawn or not, and leave none. */
void wall_tally_take_drawn(struct wall *w, uint32_t acts[WALL_ACTS]);
void wall_tally_take_not_drawn(struct wall *w, uint32_t acts[WALL_ACTS]);
void wall_tally_take_outside(struct wall *w);
/* Another second may have begun. */
void wall_tally_roll(struct wall *w, int64_t now_ns);

/* Whether one of these two connections, each other's ends (0: none), is one of those two. */
static inline bool wall_is_same(uint64_t conn, uint64_t peer, uint64_t other, uint64_t other_peer)
{
	return conn == other || peer == other || (other_peer && conn == other_peer);
}

/* So many may wait. */
uint32_t wall_queue_room(const struct wall *w);
/* How full it is, of WALL_QUEUE. */
unsigned wall_queue_pressure(const struct wall *w);
struct wall_waiting *wall_queue_find(struct wall *w, uint64_t conn, uint64_t peer);
/* Somebody may have to make room for the newcomer, or it for them: then that one is not drawn. */
void wall_queue_add(struct wall *w, struct wall_waiting *newcomer);
/* Takes out the one to be served first; the queue is not empty. */
struct wall_waiting wall_queue_take(struct wall *w);
/* What is not drawn: all but `kept`, the oldest first; those who have waited too long. */
void wall_queue_shorten(struct wall *w, uint32_t kept);
void wall_queue_drop_late(struct wall *w, int64_t now_ns);

#endif
