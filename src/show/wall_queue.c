/* Who waits for a lane of the Wall, who makes room, and who is first. */
#include "wall_queue.h"

#include <string.h>

uint32_t wall_queue_room(const struct wall *w)
{
	const uint32_t wanted = WALL_QUEUE * w->count;

	return wanted < WALL_WAITING_MAX ? wanted : WALL_WAITING_MAX;
}

static void take_out(struct wall *w, uint32_t index)
{
	w->waiting_in[w->queue[index].group]--;
	w->waiting--;
	memmove(&w->queue[index], &w->queue[index + 1], (w->waiting - index) * sizeof(w->queue[0]));
}

static void give_up(struct wall *w, uint32_t index)
{
	wall_tally_take_not_drawn(w, w->queue[index].acts);
	take_out(w, index);
}

/*
 * Who makes room for a newcomer in the full queue: the oldest, of the largest group among those of the lowest rank. WALL_NOWHERE: the newcomer itself.
 * In its own group it counts as one more, so that groups of one size take turns.
 */
static uint32_t who_makes_room(const struct wall *w, const struct wall_waiting *newcomer)
{
	uint32_t worst = WALL_NOWHERE, size, worst_size = 0;

	for (uint32_t i = 0; i < w->waiting; i++) {
		const struct wall_waiting *entry = &w->queue[i];

		if (entry->rank > newcomer->rank || (worst != WALL_NOWHERE && entry->rank > w->queue[worst].rank))
			continue;
		size = w->waiting_in[entry->group] + (entry->group == newcomer->group);
		if (worst != WALL_NOWHERE && entry->rank == w->queue[worst].rank && size <= worst_size)
			continue;
		worst = i;
		worst_size = size;
	}
	return worst;
}

void wall_queue_add(struct wall *w, struct wall_waiting *newcomer)
{
	if (w->waiting >= wall_queue_room(w)) {
		/* Who comes after as many as there is room for will hardly be seen: it is not worth a search, unless it is rare. */
		const bool common = w->admitted >= wall_queue_room(w) && newcomer->rank == WALL_SAMPLE && w->waiting_in[newcomer->group];
		const uint32_t other = common ? WALL_NOWHERE : who_makes_room(w, newcomer);

		if (other == WALL_NOWHERE) {
			wall_tally_take_not_drawn(w, newcomer->acts);
			return;
		}
		w->admitted++;
		give_up(w, other);
	}
	w->waiting_in[newcomer->group]++;
	w->queue[w->waiting++] = *newcomer;
}

struct wall_waiting *wall_queue_find(struct wall *w, uint64_t conn, uint64_t peer)
{
	for (uint32_t i = 0; i < w->waiting; i++)
		if (wall_is_same(w->queue[i].conn, w->queue[i].peer, conn, peer))
			return &w->queue[i];
	return NULL;
}

/* The first by rank; of equals, the newest of those whose group has the fewest lanes. */
static uint32_t find_first(const struct wall *w)
{
	uint16_t lanes_of[WALL_GROUPS] = {0};
	uint32_t best = 0;

	for (uint32_t i = 0; i < w->count; i++)
		if (w->lanes[i].conn)
			lanes_of[w->lanes[i].group]++;
	for (uint32_t i = 1; i < w->waiting; i++) {
		const struct wall_waiting *a = &w->queue[i], *b = &w->queue[best];

		if (a->rank != b->rank ? a->rank > b->rank : lanes_of[a->group] <= lanes_of[b->group])
			best = i;
	}
	return best;
}

struct wall_waiting wall_queue_take(struct wall *w)
{
	const uint32_t index = find_first(w);
	const struct wall_waiting first = w->queue[index];

	take_out(w, index);
	return first;
}

void wall_queue_drop_late(struct wall *w, int64_t now_ns)
{
	uint32_t i = 0;

	while (i < w->waiting)
		if (w->queue[i].rank < WALL_CHOSEN && now_ns - w->queue[i].since_ns > WALL_LATE_NS)
			give_up(w, i);
		else
			i++;
}

void wall_queue_shorten(struct wall *w, uint32_t kept)
{
	while (w->waiting > kept)
		give_up(w, 0);
}

unsigned wall_queue_pressure(const struct wall *w)
{
	return w->count ? (WALL_QUEUE * w->waiting + wall_queue_room(w) - 1) / wall_queue_room(w) : 0;
}
