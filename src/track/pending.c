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
	free(p->found);
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

	if (!p->ring) {
		p->ring = memory_get_zeroed(PENDING_MAX, sizeof(*p->ring));
		p->found = memory_get_zeroed(PENDING_MAX, sizeof(*p->found));
	}
	p->ring[index] = *entry;
	p->ring[index].waiting = true;
	p->count++;
	map_add(&p->by_tuple, hash(p, &entry->end.sample.tuple), index);
	if (entry->remnant)
		pendings_note_found(p, &p->ring[index]);
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

/* A place that was settled and taken again by one of which nothing was found is not it any more. */
static bool is_found(const struct pending *entry)
{
	return entry->waiting && (entry->remnant || entry->answer.remnant);
}

static void drop_stale(struct pendings *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->found_count; i++)
		if (is_found(&p->ring[p->found[i]]))
			p->found[kept++] = p->found[i];
	p->found_count = kept;
}

void pendings_note_found(struct pendings *p, const struct pending *entry)
{
	if (p->found_count == PENDING_MAX)
		drop_stale(p);
	if (p->found_count < PENDING_MAX)
		p->found[p->found_count++] = (uint16_t)(entry - p->ring);
}

void pendings_found(struct pendings *p, void (*look)(void *context, struct pending *entry), void *context)
{
	for (uint32_t i = 0; i < p->found_count; i++)
		if (is_found(&p->ring[p->found[i]]))
			look(context, &p->ring[p->found[i]]);
	drop_stale(p);
}
