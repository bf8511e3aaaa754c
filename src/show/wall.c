/* Which connections have lanes, who waits for one, and what became of each opening and closing. */
#include "show/wall.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "show/list.h"
#include "wall_queue.h"

/* Steps that a lane may be behind before they merge; fewer when others wait for it. */
#define BEHIND_MAX 8
#define BEHIND_MAX_FULL 4

static void hand_over(uint32_t from[WALL_ACTS], uint32_t to[WALL_ACTS])
{
	for (unsigned i = 0; i < WALL_ACTS; i++) {
		to[i] += from[i];
		from[i] = 0;
	}
}

uint64_t wall_pending(const struct wall *w)
{
	uint64_t sum = 0;

	for (unsigned act = 0; act < WALL_ACTS; act++) {
		for (uint32_t i = 0; i < w->count; i++)
			sum += w->lanes[i].acts[act];
		for (uint32_t i = 0; i < w->waiting; i++)
			sum += w->queue[i].acts[act];
	}
	return sum;
}

/* ---- events ---- */

/* The act that an event completes; WALL_ACTS: none. How a connection ended is told by its CLOSE, which follows its last step. */
static enum wall_act act_of(const struct connection *c, const struct event *e)
{
	const struct step *last = c->history && c->history->count ? &c->history->steps[c->history->count - 1] : NULL;

	if (e->kind == EVENT_OPEN)
		return e->to == STATE_LISTEN ? WALL_ACTS : WALL_ORDERLY;
	if (e->kind == EVENT_TRANSITION)
		return e->to == STATE_TIME_WAIT && e->from != STATE_TIME_WAIT ? WALL_ORDERLY : WALL_ACTS;
	if (e->kind != EVENT_CLOSE || !last || last->to != STATE_CLOSED || last->from == STATE_TIME_WAIT || last->from == STATE_LISTEN)
		return WALL_ACTS;
	if (e->cause == CAUSE_REFUSED)
		return WALL_REFUSED;
	return e->cause == CAUSE_RESET || e->cause == CAUSE_ABORTED ? WALL_RESET : WALL_ORDERLY;
}

/* A closing is worth a lane from its first step on. */
static bool begins_closing(const struct event *e)
{
	return e->kind == EVENT_TRANSITION && e->from != STATE_LISTEN && (e->to == STATE_FIN_WAIT1 || e->to == STATE_CLOSE_WAIT);
}

static struct wall_lane *find_lane(struct wall *w, uint64_t conn, uint64_t peer)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn && wall_is_same(w->lanes[i].conn, w->lanes[i].peer, conn, peer))
			return &w->lanes[i];
	return NULL;
}

static void hear_in_lane(struct wall_lane *lane, uint64_t conn, uint64_t peer, enum wall_act act)
{
	lane->stale = true;
	if (conn != lane->conn)
		lane->peer = conn;
	else if (peer)
		lane->peer = peer;
	if (act < WALL_ACTS)
		lane->acts[act]++;
}

/* Of the program and the port that serves. */
static uint8_t group_of(const struct model *m, const struct connection *c)
{
	struct {
		char comm[COMM_ROOM];
		uint16_t port;
	} key = {.port = c->opener == SIDE_REMOTE ? c->ports[0] : c->ports[1]};
	struct holder h;

	if (model_holder(m, c, 0, &h))
		memcpy(key.comm, h.comm, strnlen(h.comm, COMM_ROOM));
	return (uint8_t)(map_hash(&key, sizeof(key), 0) % WALL_GROUPS);
}

static uint8_t rank_of(const struct wall *w, const struct connection *c, uint64_t peer, int64_t now_ns)
{
	if (w->chosen && (c->id == w->chosen || peer == w->chosen))
		return WALL_CHOSEN;
	return list_warns(c, now_ns) ? WALL_WARNS : WALL_SAMPLE;
}

static void hear_in_queue(struct wall *w, const struct model *m, const struct connection *c, uint64_t peer, enum wall_act act, int64_t t_ns)
{
	struct wall_waiting newcomer = {.conn = c->id, .peer = peer, .since_ns = t_ns, .rank = rank_of(w, c, peer, t_ns)};
	struct wall_waiting *waiting = wall_queue_find(w, c->id, peer);

	if (act < WALL_ACTS)
		(waiting ? waiting : &newcomer)->acts[act]++;
	if (!waiting) {
		newcomer.group = group_of(m, c);
		wall_queue_add(w, &newcomer);
		return;
	}
	if (waiting->conn != c->id)
		waiting->peer = c->id;
	else if (peer)
		waiting->peer = peer;
	if (newcomer.rank > waiting->rank)
		waiting->rank = newcomer.rank;
}

void wall_event(struct wall *w, const struct model *m, const struct event *e, bool fits)
{
	const struct connection *c = e->conn ? model_find(m, e->conn) : NULL;
	const struct connection *pair = c ? model_pair(m, c) : NULL;
	const uint64_t peer = pair ? pair->id : 0;
	struct wall_lane *lane;
	enum wall_act act;

	if (!c)
		return;
	act = act_of(c, e);
	if ((lane = find_lane(w, c->id, peer)) != NULL)
		hear_in_lane(lane, c->id, peer, act);
	else if (!fits && act < WALL_ACTS)
		wall_tally_take_outside(w);
	else if (fits && (act < WALL_ACTS || begins_closing(e)))
		hear_in_queue(w, m, c, peer, act, e->t_ns);
}

/* ---- lanes ---- */

static void clear_lane(struct wall *w, struct wall_lane *lane)
{
	wall_tally_take_not_drawn(w, lane->acts);
	lane->conn = 0;
}

static bool is_drawn(const struct wall_lane *lane)
{
	return lane->player.whole >= lane->ladder.count;
}

static void merge_if_behind(struct wall *w, struct wall_lane *lane, const struct model *m)
{
	const unsigned behind = player_behind(&lane->player, &lane->ladder);

	if (w->paused_ns == 0 && behind > (w->waiting == wall_queue_room(w) ? BEHIND_MAX_FULL : BEHIND_MAX))
		wall_lane_merge(lane, m, w->brief);
}

static void turn_lane(struct wall *w, struct wall_lane *lane, const struct model *m, const struct tempo *tempo, int64_t now_ns)
{
	const struct connection *c;

	if (lane->stale)
		wall_lane_lay_out(lane, m, w->brief);
	merge_if_behind(w, lane, m);
	lane->player.waiting = (uint8_t)wall_queue_pressure(w);
	lane->moment = player_advance(&lane->player, &lane->ladder, tempo, now_ns);
	if (!is_drawn(lane)) {
		lane->rests_since_ns = 0;
		return;
	}
	wall_tally_take_drawn(w, lane->acts);
	if (!lane->rests_since_ns)
		lane->rests_since_ns = now_ns;
	c = lane->over ? NULL : model_find(m, lane->conn);
	lane->warns = c && list_warns(c, now_ns);
}

static bool has_stayed(const struct wall_lane *lane, int64_t now_ns)
{
	return lane->rests_since_ns && now_ns >= lane->rests_since_ns + WALL_STAY_NS;
}

/* A place for the next: a free one, else that of the one which has stood still longest and is of no more than passing interest. */
static uint32_t find_place(const struct wall *w, int64_t now_ns)
{
	uint32_t best = WALL_NOWHERE;

	for (uint32_t i = 0; i < w->count; i++) {
		const struct wall_lane *lane = &w->lanes[i];

		if (!lane->conn)
			return i;
		if (i == w->cursor || !has_stayed(lane, now_ns))
			continue;
		if (best == WALL_NOWHERE || lane->rests_since_ns < w->lanes[best].rests_since_ns)
			best = i;
	}
	return best;
}

/* Gives who waited a lane, or what it has to draw to the lane of its other end. NULL: it is forgotten. */
static struct wall_lane *begin_lane(struct wall *w, const struct model *m, struct wall_waiting *entry, int64_t now_ns)
{
	const struct connection *c = model_find(m, entry->conn);
	const struct connection *pair = c ? model_pair(m, c) : NULL;
	struct wall_lane *lane;

	if (!c) {
		wall_tally_take_not_drawn(w, entry->acts);
		return NULL;
	}
	lane = find_lane(w, c->id, pair ? pair->id : 0);
	if (!lane) {
		lane = &w->lanes[find_place(w, now_ns)];
		clear_lane(w, lane);
		wall_lane_begin(lane, m, pair && c->opener == SIDE_REMOTE ? pair : c, w->animate, w->brief, entry->since_ns);
		lane->group = entry->group;
		lane->begun_ns = now_ns;
	} else {
		lane->stale = true;
	}
	hand_over(entry->acts, lane->acts);
	return lane;
}

static void free_places(struct wall *w, int64_t now_ns)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn && w->lanes[i].over && i != w->cursor && has_stayed(&w->lanes[i], now_ns))
			clear_lane(w, &w->lanes[i]);
}

/* After events have passed it by: what is over is gone, the rest is drawn as it is now. */
static void catch_up(struct wall *w, const struct model *m)
{
	w->away = false;
	wall_queue_shorten(w, 0);
	for (uint32_t i = 0; i < w->count; i++) {
		struct wall_lane *lane = &w->lanes[i];

		if (!lane->conn)
			continue;
		wall_lane_lay_out(lane, m, w->brief);
		lane->player.whole = lane->ladder.count;
		lane->player.started_ns = 0;
		if (lane->over && i != w->cursor)
			clear_lane(w, lane);
	}
}

static void serve(struct wall *w, const struct model *m, const struct tempo *tempo, int64_t now_ns)
{
	while (w->waiting && find_place(w, now_ns) != WALL_NOWHERE) {
		struct wall_waiting entry = wall_queue_take(w);
		struct wall_lane *lane = begin_lane(w, m, &entry, now_ns);

		if (lane)
			turn_lane(w, lane, m, tempo, now_ns);
	}
}

void wall_turn(struct wall *w, const struct model *m, const struct tempo *tempo, int64_t now_ns)
{
	wall_tally_roll(w, now_ns);
	w->admitted = 0;
	if (w->away)
		catch_up(w, m);
	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn)
			turn_lane(w, &w->lanes[i], m, tempo, now_ns);
	if (w->paused_ns)
		return;
	free_places(w, now_ns);
	serve(w, m, tempo, now_ns);
	wall_queue_drop_late(w, now_ns);
}

bool wall_moves(const struct wall *w)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn && player_moves(&w->lanes[i].player, &w->lanes[i].ladder))
			return true;
	return false;
}

int64_t wall_due(const struct wall *w)
{
	int64_t due_ns = INT64_MAX;

	for (uint32_t i = 0; i < w->count && !w->paused_ns; i++) {
		const struct wall_lane *lane = &w->lanes[i];

		if (!lane->conn || !lane->rests_since_ns || i == w->cursor || !(lane->over || w->waiting))
			continue;
		if (lane->rests_since_ns + WALL_STAY_NS < due_ns)
			due_ns = lane->rests_since_ns + WALL_STAY_NS;
	}
	return due_ns;
}

/* ---- what a person does ---- */

void wall_pause(struct wall *w, bool pause, int64_t now_ns)
{
	for (uint32_t i = 0; i < w->count; i++) {
		player_pause(&w->lanes[i].player, pause, now_ns);
		if (!pause && w->paused_ns && w->lanes[i].rests_since_ns)
			w->lanes[i].rests_since_ns += now_ns - w->paused_ns;
	}
	w->paused_ns = pause ? now_ns : 0;
}

void wall_step(struct wall *w, int direction, int64_t now_ns)
{
	wall_pause(w, true, now_ns);
	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn && (w->cursor == WALL_NOWHERE || w->cursor == i))
			player_step(&w->lanes[i].player, &w->lanes[i].ladder, direction, now_ns);
}

void wall_live(struct wall *w)
{
	w->paused_ns = 0;
	wall_queue_shorten(w, 0);
	for (uint32_t i = 0; i < w->count; i++)
		player_live(&w->lanes[i].player, &w->lanes[i].ladder);
}

const struct wall_lane *wall_lane_at_cursor(const struct wall *w)
{
	return w->cursor < w->count && w->lanes[w->cursor].conn ? &w->lanes[w->cursor] : NULL;
}

void wall_miss(struct wall *w)
{
	w->away = true;
}

/* ---- life ---- */

void wall_init(struct wall *w, bool animate)
{
	memset(w, 0, sizeof(*w));
	w->animate = animate;
	w->cursor = WALL_NOWHERE;
}

void wall_fini(struct wall *w)
{
	free(w->lanes);
}

void wall_resize(struct wall *w, uint32_t count, bool brief)
{
	if (w->brief != brief)
		for (uint32_t i = 0; i < w->count; i++)
			w->lanes[i].stale = w->lanes[i].conn != 0;
	w->brief = brief;
	if (count == w->count)
		return;
	if (count && w->cursor < w->count && w->cursor >= count) {
		clear_lane(w, &w->lanes[count - 1]);
		w->lanes[count - 1] = w->lanes[w->cursor];
		memset(&w->lanes[w->cursor], 0, sizeof(w->lanes[0]));
		w->cursor = count - 1;
	}
	for (uint32_t i = count; i < w->count; i++)
		clear_lane(w, &w->lanes[i]);
	w->lanes = memory_resize(w->lanes, count + !count, sizeof(*w->lanes));
	if (count > w->count)
		memset(&w->lanes[w->count], 0, (count - w->count) * sizeof(*w->lanes));
	w->count = count;
	if (w->cursor >= count)
		w->cursor = WALL_NOWHERE;
	wall_queue_shorten(w, wall_queue_room(w));
}
