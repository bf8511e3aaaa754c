/* A ring with an index. */
#include "pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void pendings_init(struct pendings *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->seed = seed;
}

void pendings_fini(struct pendings *p)
{
	free(p->ring);
	map_fini(&p->by_tuple);
}

static uint32_t hash(const struct pendings *p, const struct tuple *tuple)
{
	return map_hash(tuple, offsetof(struct tuple, family), p->seed);
}

static void drop_settled(struct pendings *p)
{
	while (p->count && !p->ring[p->first].waiting) {
		p->first = (p->first + 1) % PENDING_MAX;
		p->count--;
	}
}

bool pendings_full(const struct pendings *p)
{
	return p->count == PENDING_MAX;
}

/* Settling drops what is settled from the front, so the first always waits. */
struct pending *pendings_first(const struct pendings *p)
{
	return p->count ? &p->ring[p->first] : NULL;
}

void pendings_add(struct pendings *p, const struct pending *entry)
{
	uint32_t index = (p->first + p->count) % PENDING_MAX;

	if (!p->ring)
		p->ring = memory_get_zeroed(PENDING_MAX, sizeof(*p->ring));
	p->ring[index] = *entry;
	p->ring[index].waiting = true;
	p->count++;
	map_add(&p->by_tuple, hash(p, &entry->end.sample.tuple), index);
}

struct wanted {
	const struct pendings *pendings;
	const struct tuple *tuple;
	uint64_t netns;
};

static bool is_wanted(const void *context, uint32_t index)
{
	const struct wanted *w = context;
	const struct pending *entry = &w->pendings->ring[index];

	return entry->waiting && entry->netns == w->netns && tuple_equal(&entry->end.sample.tuple, w->tuple);
}

struct pending *pendings_find(struct pendings *p, uint64_t netns, const struct tuple *tuple)
{
	struct wanted w = {p, tuple, netns};
	uint32_t index;

	if (!p->count)
		return NULL;
	index = map_find(&p->by_tuple, hash(p, tuple), is_wanted, &w);
	return index == MAP_NONE ? NULL : &p->ring[index];
}

void pendings_settle(struct pendings *p, struct pending *entry)
{
	entry->waiting = false;
	map_remove(&p->by_tuple, hash(p, &entry->end.sample.tuple), (uint32_t)(entry - p->ring));
	drop_settled(p);
}
