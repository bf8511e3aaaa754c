/* Slots and indexes. An id of 0 marks a free slot. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void table_init(struct table *t, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	t->free_slot = MAP_NONE;
	t->seed = seed;
}

static struct connection *slot_of(const struct table *t, uint32_t slot)
{
	return &t->chunks[slot / TABLE_CHUNK][slot % TABLE_CHUNK];
}

void table_fini(struct table *t)
{
	for (uint32_t slot = 0; slot < t->slots; slot++)
		free(slot_of(t, slot)->history);
	for (uint32_t slot = 0; slot < t->slots; slot += TABLE_CHUNK)
		free(t->chunks[slot / TABLE_CHUNK]);
	free(t->chunks);
	map_fini(&t->by_id);
	map_fini(&t->by_cookie);
	map_fini(&t->by_tuple);
}

struct connection *table_at(const struct table *t, uint32_t slot)
{
	struct connection *c;

	if (slot >= t->slots)
		return NULL;
	c = slot_of(t, slot);
	return c->id ? c : NULL;
}

static uint32_t hash_cookie(const struct table *t, uint64_t cookie)
{
	return map_hash_u64(cookie, t->seed);
}

/* Addresses and ports of both ends lie side by side, without padding. */
static uint32_t hash_tuple(const struct table *t, const struct tuple *tuple)
{
	_Static_assert(offsetof(struct tuple, family) == 2 * sizeof(struct endpoint), "endpoints are contiguous");
	return map_hash(tuple, offsetof(struct tuple, family), t->seed);
}

static uint32_t take_slot(struct table *t)
{
	uint32_t slot = t->free_slot;

	if (slot != MAP_NONE) {
		t->free_slot = slot_of(t, slot)->pair_slot;
		return slot;
	}
	slot = t->slots;
	if (slot % TABLE_CHUNK == 0) {
		uint32_t chunk = slot / TABLE_CHUNK;

		if (chunk == t->chunk_room) {
			t->chunk_room = t->chunk_room ? t->chunk_room * 2 : 16;
			t->chunks = memory_resize(t->chunks, t->chunk_room, sizeof(*t->chunks));
		}
		t->chunks[chunk] = memory_get_zeroed(TABLE_CHUNK, sizeof(struct connection));
	}
	t->slots++;
	return slot;
}

struct connection *table_add(struct table *t, uint64_t id, uint64_t cookie, uint16_t netns, const struct tuple *tuple)
{
	uint32_t slot = take_slot(t);
	struct connection *c = slot_of(t, slot);

	memset(c, 0, sizeof(*c));
	c->id = id;
	c->cookie = cookie;
	c->netns = netns;
	c->tuple = *tuple;
	c->slot = slot;
	c->pair_slot = c->holders = MAP_NONE;
	map_add(&t->by_id, map_hash_u64(id, t->seed), slot);
	map_add(&t->by_tuple, hash_tuple(t, tuple), slot);
	if (cookie)
		map_add(&t->by_cookie, hash_cookie(t, cookie), slot);
	return c;
}

void table_add_cookie(struct table *t, struct connection *c, uint64_t cookie)
{
	if (!cookie || cookie == c->cookie || cookie == c->remnant_cookie)
		return;
	if (!c->cookie) {
		c->cookie = cookie;
	} else {
		if (c->remnant_cookie)
			map_remove(&t->by_cookie, hash_cookie(t, c->remnant_cookie), c->slot);
		c->remnant_cookie = cookie;
	}
	map_add(&t->by_cookie, hash_cookie(t, cookie), c->slot);
}

void table_remove(struct table *t, struct connection *c)
{
	uint32_t slot = c->slot;

	map_remove(&t->by_id, map_hash_u64(c->id, t->seed), slot);
	map_remove(&t->by_tuple, hash_tuple(t, &c->tuple), slot);
	if (c->cookie)
		map_remove(&t->by_cookie, hash_cookie(t, c->cookie), slot);
	if (c->remnant_cookie)
		map_remove(&t->by_cookie, hash_cookie(t, c->remnant_cookie), slot);
	free(c->history);
	memset(c, 0, sizeof(*c));
	c->pair_slot = t->free_slot;
	t->free_slot = slot;
}

struct key {
	const struct table *table;
	uint64_t number; /* id or cookie */
	uint16_t netns;
	bool live;
	const struct tuple *tuple;
	table_accept *accept;
	void *context;
};

static bool has_id(const void *context, uint32_t slot)
{
	const struct key *key = context;

	return slot_of(key->table, slot)->id == key->number;
}

static bool has_cookie(const void *context, uint32_t slot)
{
	const struct key *key = context;
	const struct connection *c = slot_of(key->table, slot);

	return (c->cookie == key->number || c->remnant_cookie == key->number) && c->netns == key->netns && c->live == key->live;
}

static bool has_tuple(const void *context, uint32_t slot)
{
	const struct key *key = context;
	const struct connection *c = slot_of(key->table, slot);

	return c->netns == key->netns && tuple_equal(&c->tuple, key->tuple) && (!key->accept || key->accept(key->context, c));
}

static struct connection *found(const struct table *t, uint32_t slot)
{
	return slot == MAP_NONE ? NULL : slot_of(t, slot);
}

struct connection *table_find(const struct table *t, uint64_t id)
{
	struct key key = {.table = t, .number = id};

	return found(t, map_find(&t->by_id, map_hash_u64(id, t->seed), has_id, &key));
}

struct connection *table_find_cookie(const struct table *t, uint16_t netns, uint64_t cookie)
{
	struct key key = {.table = t, .number = cookie, .netns = netns, .live = true};
	uint32_t hash = hash_cookie(t, cookie);
	uint32_t slot = map_find(&t->by_cookie, hash, has_cookie, &key);

	if (slot == MAP_NONE) {
		key.live = false;
		slot = map_find(&t->by_cookie, hash, has_cookie, &key);
	}
	return found(t, slot);
}

struct connection *table_find_tuple(const struct table *t, uint16_t netns, const struct tuple *tuple, table_accept *accept, void *context)
{
	struct key key = {.table = t, .netns = netns, .tuple = tuple, .accept = accept, .context = context};

	return found(t, map_find(&t->by_tuple, hash_tuple(t, tuple), has_tuple, &key));
}
