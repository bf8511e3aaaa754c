/*
 * The table of connections: slots in chunks that never move, and the indexes by id, cookie and tuple.
 * Private to the model, which alone changes it.
 */
#ifndef TRACK_TABLE_H
#define TRACK_TABLE_H

#include "base/slotmap.h"
#include "track/model.h"

#define TABLE_CHUNK 4096u

struct table {
	struct connection **chunks;
	uint32_t slots;      /* 0 … slots-1 have been used */
	uint32_t chunk_room;
	uint32_t free_slot;  /* head of the free slots, linked through pair_slot; MAP_NONE: none */
	struct slotmap by_id, by_cookie, by_tuple;
	struct map by_remnant_cookie; /* few */
	uint64_t seed;
	uint64_t newest_id;         /* the largest that was ever added */
	struct connection *newest;  /* the one added last; its slot may have come round since */
};

/* The table may not be moved afterwards. */
void table_init(struct table *t, uint64_t seed);
void table_fini(struct table *t);
/* Makes room for so many connections in all. */
void table_reserve(struct table *t, uint32_t count);

/* Asks for the memory that looking for such a connection, and adding it as the one after `ahead` others, will take. */
void table_foresee(const struct table *t, uint64_t cookie, const struct tuple *tuple, uint32_t ahead);
/* A zeroed connection with slot, id, cookie and tuple set, and indexed. */
struct connection *table_add(struct table *t, uint64_t id, uint64_t cookie, uint16_t netns, const struct tuple *tuple);
void table_remove(struct table *t, struct connection *c);
/* Gives c a second cookie, under which its remnant is found too; or its first, if it has none. */
void table_add_cookie(struct table *t, struct connection *c, uint64_t cookie);

/* NULL for a slot that is free or never was used. */
struct connection *table_at(const struct table *t, uint32_t slot);
/* Asks for the memory of a slot ahead. */
void table_prefetch(const struct table *t, uint32_t slot);
struct connection *table_find(const struct table *t, uint64_t id);
/* Live ones before departed ones. */
struct connection *table_find_cookie(const struct table *t, uint16_t netns, uint64_t cookie);
/* Whether the slot holds the live connection with this cookie, as its first. */
bool table_slot_has_cookie(const struct table *t, uint32_t slot, uint16_t netns, uint64_t cookie);
/* The first that `accept` takes. */
typedef bool table_accept(void *context, const struct connection *c);
struct connection *table_find_tuple(const struct table *t, uint16_t netns, const struct tuple *tuple, table_accept *accept, void *context);

#endif
