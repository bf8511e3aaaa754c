/*
 * A hash map from keys that live elsewhere to 32-bit values (slots of a table), in 4 bytes an entry: for tables of
 * millions. Several entries may have equal keys.
 *
 * A cell holds a value, how far it stands from its home, and a few bits of the hash. Entries with one home stand
 * together, nearer homes first (Robin Hood hashing), so a search looks at hardly any key but the one it looks for. The
 * rest of the hash is not stored: `hash` tells it again when the map grows.
 */
#ifndef BASE_SLOTMAP_H
#define BASE_SLOTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

/* The hash of the key of an entry; it must stay the same while the entry is in the map. */
typedef uint32_t slotmap_hash(const void *context, uint32_t value);
/* A hint that the key of an entry is wanted soon. */
typedef void slotmap_touch(const void *context, uint32_t value);

struct slotmap {
	uint32_t *cells;
	uint32_t room, count;
	uint8_t value_bits;
	slotmap_hash *hash;
	slotmap_touch *touch; /* may be NULL */
	const void *context;  /* of hash and touch */
};

void slotmap_init(struct slotmap *m, slotmap_hash *hash, slotmap_touch *touch, const void *context);
void slotmap_fini(struct slotmap *m);
/* Makes room for so many entries in all, so that adding them moves nothing. A hint: never shrinks. */
void slotmap_reserve(struct slotmap *m, uint32_t count);
/* The first entry with this hash that `match` accepts; MAP_NONE: there is none. Some with other hashes are offered too. */
uint32_t slotmap_find(const struct slotmap *m, uint32_t hash, map_match *match, const void *context);
/* Asks for the memory in which a search for this hash will begin. */
void slotmap_prefetch(const struct slotmap *m, uint32_t hash);
/* value < MAP_NONE; the table must have its key already. */
void slotmap_add(struct slotmap *m, uint32_t hash, uint32_t value);
/* The table must have the keys of all entries still, this one's too. False if there is none with this hash and value. */
bool slotmap_remove(struct slotmap *m, uint32_t hash, uint32_t value);

#endif
