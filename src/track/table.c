/* Slots and indexes. An id of 0 marks a free slot. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "connection.h"

_Static_assert(sizeof(struct connection) == 128, "two cache lines");

static struct connection *slot_of(const struct table *t, uint32_t slot)
{
	return &t->chunks[slot / TABLE_CHUNK][slot % TABLE_CHUNK];
}

static uint32_t hash_id(const struct table *t, uint64_t id)
{
	return map_hash_u64(id, t->seed);
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

/* ---- what the indexes ask ---- */

static uint32_t hash_id_of(const void *table, uint32_t slot)
{
	return hash_id(table, slot_of(table, slot)->id);
}

static uint32_t hash_cookie_of(const void *table, uint32_t slot)
{
	return hash_cookie(table, slot_of(table, slot)->cookie);
}

static uint32_t hash_tuple_of(const void *table, uint32_t slot)
{
	struct tuple tuple = connection_tuple(slot_of(table, slot));

	return hash_tuple(table, &tuple);
}

static void touch(const void *table, uint32_t slot)
{
	const struct connection *c = slot_of(table, slot);

	__builtin_prefetch(c);
	__builtin_prefetch(&c->ports);
}

void table_prefetch(const struct table *t, uint32_t slot)
{
	if (slot < t->slots)
		touch(t, slot);
}

void table_foresee(const struct table *t, uint64_t cookie, const struct tuple *tuple, uint32_t ahead)
{
	struct tuple mirrored = tuple_mirrored(tuple);

	slotmap_prefetch(&t->by_cookie, hash_cookie(t, cookie));
	slotmap_prefetch(&t->by_tuple, hash_tuple(t, tuple));
	slotmap_prefetch(&t->by_tuple, hash_tuple(t, &mirrored));
	slotmap_prefetch(&t->by_id, hash_id(t, t->newest_id + ahead));
}

/* ---- slots ---- */

void table_init(struct table *t, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	t->free_slot = MAP_NONE;
	t->seed = seed;
	slotmap_init(&t->by_id, hash_id_of, touch, t);
	slotmap_init(&t->by_cookie, hash_cookie_of, touch, t);
	slotmap_init(&t->by_tuple, hash_tuple_of, touch, t);
}

void table_fini(struct table *t)
{
	for (uint32_t slot = 0; slot < t->slots; slot++)
		connection_release(slot_of(t, slot));
	for (uint32_t slot = 0; slot < t->slots; slot += TABLE_CHUNK)
		free(t->chunks[slot / TABLE_CHUNK]);
	free(t->chunks);
	slotmap_fini(&t->by_id);
	slotmap_fini(&t->by_cookie);
	slotmap_fini(&t->by_tuple);
	map_fini(&t->by_remnant_cookie);
}

void table_reserve(struct table *t, uint32_t count)
{
	slotmap_reserve(&t->by_id, count);
	slotmap_reserve(&t->by_cookie, count);
	slotmap_reserve(&t->by_tuple, count);
}

struct connection *table_at(const struct table *t, uint32_t slot)
{
	struct connection *c;

	if (slot >= t->slots)
		return NULL;
	c = slot_of(t, slot);
	return c->id ? c : NULL;
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
		t->chunks[chunk] = memory_get_aligned(sizeof(struct connection), TABLE_CHUNK * sizeof(struct connection));
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
	connection_set_tuple(c, tuple);
	c->slot = slot;
	c->pair_slot = c->holders = MAP_NONE;
	t->newest = c;
	if (id > t->newest_id)
		t->newest_id = id;
	slotmap_add(&t->by_id, hash_id(t, id), slot);
	slotmap_add(&t->by_tuple, hash_tuple(t, tuple), slot);
	if (cookie)
		slotmap_add(&t->by_cookie, hash_cookie(t, cookie), slot);
	return c;
}

void table_add_cookie(struct table *t, struct connection *c, uint64_t cookie)
{
	struct history *h;

	if (!cookie || cookie == c->cookie || cookie == connection_remnant_cookie(c))
		return;
	if (!c->cookie) {
		c->cookie = cookie;
		slotmap_add(&t->by_cookie, hash_cookie(t, cookie), c->slot);
		return;
	}
	h = connection_history(c);
	if (h->remnant_cookie)
		map_remove(&t->by_remnant_cookie, hash_cookie(t, h->remnant_cookie), c->slot);
	h->remnant_cookie = cookie;
	map_add(&t->by_remnant_cookie, hash_cookie(t, cookie), c->slot);
}

void table_remove(struct table *t, struct connection *c)
{
	struct tuple tuple = connection_tuple(c);
	uint32_t slot = c->slot;

	slotmap_remove(&t->by_id, hash_id(t, c->id), slot);
	slotmap_remove(&t->by_tuple, hash_tuple(t, &tuple), slot);
	if (c->cookie)
		slotmap_remove(&t->by_cookie, hash_cookie(t, c->cookie), slot);
	if (connection_remnant_cookie(c))
		map_remove(&t->by_remnant_cookie, hash_cookie(t, connection_remnant_cookie(c)), slot);
	connection_release(c);
	memset(c, 0, sizeof(*c));
	c->pair_slot = t->free_slot;
	t->free_slot = slot;
}

/* ---- look-ups ---- */

struct key {
	const struct table *table;
	uint64_t number; /* id or cookie */
	uint16_t netns;
	uint32_t departed; /* a slot that fits but for that */
	const struct tuple *tuple;
	table_accept *accept;
	void *context;
};

static bool has_id(const void *context, uint32_t slot)
{
	const struct key *key = context;

	return slot_of(key->table, slot)->id == key->number;
}

/* Accepts a live one; notes the first departed one. */
static bool is_live_with(struct key *key, uint32_t slot, uint64_t cookie)
{
	const struct connection *c = slot_of(key->table, slot);

	if (cookie != key->number || c->netns != key->netns)
		return false;
	if (!c->live && key->departed == MAP_NONE)
		key->departed = slot;
	return c->live;
}

static bool has_cookie(const void *context, uint32_t slot)
{
	struct key *key = (struct key *)(uintptr_t)context;

	return is_live_with(key, slot, slot_of(key->table, slot)->cookie);
}

static bool has_remnant_cookie(const void *context, uint32_t slot)
{
	struct key *key = (struct key *)(uintptr_t)context;

	return is_live_with(key, slot, connection_remnant_cookie(slot_of(key->table, slot)));
}

static bool has_tuple(const void *context, uint32_t slot)
{
	const struct key *key = context;
	const struct connection *c = slot_of(key->table, slot);

	return c->netns == key->netns && connection_has_tuple(c, key->tuple) && (!key->accept || key->accept(key->context, c));
}

static struct connection *found(const struct table *t, uint32_t slot)
{
	return slot == MAP_NONE ? NULL : slot_of(t, slot);
}

struct connection *table_find(const struct table *t, uint64_t id)
{
	struct key key = {.table = t, .number = id};

	/* Ids grow, and what is asked for is often new. */
	if (!id || id > t->newest_id)
		return NULL;
	if (t->newest->id == id)
		return t->newest;
	return found(t, slotmap_find(&t->by_id, hash_id(t, id), has_id, &key));
}

struct connection *table_find_cookie(const struct table *t, uint16_t netns, uint64_t cookie)
{
	struct key key = {.table = t, .number = cookie, .netns = netns, .departed = MAP_NONE};
	uint32_t hash = hash_cookie(t, cookie);
	uint32_t slot = slotmap_find(&t->by_cookie, hash, has_cookie, &key);

	if (slot == MAP_NONE)
		slot = map_find(&t->by_remnant_cookie, hash, has_remnant_cookie, &key);
	return found(t, slot == MAP_NONE ? key.departed : slot);
}

bool table_slot_has_cookie(const struct table *t, uint32_t slot, uint16_t netns, uint64_t cookie)
{
	const struct connection *c = slot < t->slots ? slot_of(t, slot) : NULL;

	return c && c->cookie == cookie && c->netns == netns && c->live;
}

struct connection *table_find_tuple(const struct table *t, uint16_t netns, const struct tuple *tuple, table_accept *accept, void *context)
{
	struct key key = {.table = t, .netns = netns, .tuple = tuple, .accept = accept, .context = context};

	return found(t, slotmap_find(&t->by_tuple, hash_tuple(t, tuple), has_tuple, &key));
}
