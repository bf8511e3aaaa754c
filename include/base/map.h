/*
 * A hash map from keys that live elsewhere to 32-bit values (slots of a table). It stores hash and value only; the
 * caller compares keys. Open addressing with linear probing; removal shifts back, so there are no tombstones and
 * lookups never decay. Several entries may have equal keys: map_find returns the first that the caller accepts. 8
 * bytes an entry, load at most 7/8. Value MAP_NONE means "not there" and cannot be stored.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_NONE UINT32_MAX

struct map_entry {
	uint32_t hash, value;
};

struct map {
	struct map_entry *entries; /* value MAP_NONE: free */
	uint32_t mask, count;
};

/* Whether the thing in `value` has the key looked for. */
typedef bool map_match(const void *context, uint32_t value);

void map_fini(struct map *m);
void map_clear(struct map *m);
uint32_t map_find(const struct map *m, uint32_t hash, map_match *match, const void *context);
void map_add(struct map *m, uint32_t hash, uint32_t value);
/* Removes the entry with exactly this hash and value; false if there is none. Shrinks when far too large. */
bool map_remove(struct map *m, uint32_t hash, uint32_t value);

/* A seeded hash of bytes: strangers choose ports and addresses, so they must not be able to choose collisions. */
uint32_t map_hash(const void *bytes, size_t len, uint64_t seed);
/* The same, with all its bits: for what stands in place of the bytes. */
uint64_t map_hash_wide(const void *bytes, size_t len, uint64_t seed);
uint32_t map_hash_u64(uint64_t key, uint64_t seed);

#endif
