/* A hash map of 8-byte entries: see base/map.h. Invariant: no free place lies between an entry's home and its place. */
#include "config.h"

#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ROOM_LEAST 16u
#define ROOM_MOST (UINT64_C(1) << 31)

static uint64_t map_room(const struct map *m)
{
	return m->entries ? (uint64_t)m->mask + 1 : 0;
}

/* Puts an entry into the first free place from its home on. */
static void map_put(struct map *m, struct map_entry entry)
{
	uint32_t at = entry.hash & m->mask;

	while (m->entries[at].value != MAP_NONE)
		at = (at + 1) & m->mask;
	m->entries[at] = entry;
}

static void map_set_room(struct map *m, uint64_t room)
{
	struct map_entry *old = m->entries;
	uint64_t old_room = map_room(m);

	if (room > ROOM_MOST)
		memory_exhausted();
	m->entries = memory_resize(NULL, room, sizeof(*m->entries));
	/* All bits set is MAP_NONE: every place is free. */
	memset(m->entries, 0xff, room * sizeof(*m->entries));
	m->mask = (uint32_t)(room - 1);
	for (uint64_t i = 0; i < old_room; i++)
		if (old[i].value != MAP_NONE)
			map_put(m, old[i]);
	free(old);
}

void map_fini(struct map *m)
{
	free(m->entries);
	*m = (struct map){0};
}

void map_clear(struct map *m)
{
	if (m->entries)
		memset(m->entries, 0xff, map_room(m) * sizeof(*m->entries));
	m->count = 0;
}

uint32_t map_find(const struct map *m, uint32_t hash, map_match *match, const void *context)
{
	if (!m->entries)
		return MAP_NONE;
	for (uint32_t at = hash & m->mask; m->entries[at].value != MAP_NONE; at = (at + 1) & m->mask)
		if (m->entries[at].hash == hash && match(context, m->entries[at].value))
			return m->entries[at].value;
	return MAP_NONE;
}

void map_add(struct map *m, uint32_t hash, uint32_t value)
{
	uint64_t room = map_room(m);

	assert(value != MAP_NONE);
	/* At least one place stays free, so that every search ends. */
	if ((uint64_t)m->count + 1 > room / 8 * 7)
		map_set_room(m, room ? room * 2 : ROOM_LEAST);
	map_put(m, (struct map_entry){.hash = hash, .value = value});
	m->count++;
}

/* Frees the place `hole`, and moves up those behind it that a search would no longer reach. */
static void map_close_gap(struct map *m, uint32_t hole)
{
	uint32_t at = hole;

	for (;;) {
		uint32_t home;

		at = (at + 1) & m->mask;
		if (m->entries[at].value == MAP_NONE)
			break;
		home = m->entries[at].hash & m->mask;
		/* It may move if its home is not after the hole, going round. */
		if (((at - home) & m->mask) >= ((at - hole) & m->mask)) {
			m->entries[hole] = m->entries[at];
			hole = at;
		}
	}
	m->entries[hole] = (struct map_entry){.hash = 0, .value = MAP_NONE};
}

bool map_remove(struct map *m, uint32_t hash, uint32_t value)
{
	if (!m->entries || value == MAP_NONE)
		return false;
	for (uint32_t at = hash & m->mask; m->entries[at].value != MAP_NONE; at = (at + 1) & m->mask) {
		if (m->entries[at].hash != hash || m->entries[at].value != value)
			continue;
		map_close_gap(m, at);
		m->count--;
		/* From an eighth full to half full: far from growing again, so the cost stays constant on average. */
		if (map_room(m) > ROOM_LEAST && m->count < map_room(m) / 8)
			map_set_room(m, map_room(m) / 4 > ROOM_LEAST ? map_room(m) / 4 : ROOM_LEAST);
		return true;
	}
	return false;
}

/* SipHash-1-3 (Aumasson and Bernstein), its key spread from the seed: without the seed nobody can make keys collide
 * on purpose. */

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline struct sip sip_start(uint64_t seed)
{
	uint64_t low = seed, high = rotate(seed, 32) * UINT64_C(0x9e3779b97f4a7c15);

	return (struct sip){
		.v0 = low ^ UINT64_C(0x736f6d6570736575),
		.v1 = high ^ UINT64_C(0x646f72616e646f6d),
		.v2 = low ^ UINT64_C(0x6c7967656e657261),
		.v3 = high ^ UINT64_C(0x7465646279746573),
	};
}

static inline void sip_take(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

static inline uint64_t sip_end(struct sip *s)
{
	s->v2 ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint32_t fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

uint64_t map_hash_wide(const void *bytes, size_t len, uint64_t seed)
{
	struct sip s = sip_start(seed);
	const char *from = bytes;
	uint64_t word, last = (uint64_t)len << 56;

	for (size_t left = len; left >= sizeof(word); left -= sizeof(word), from += sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		sip_take(&s, word);
	}
	for (size_t i = 0; i < len % sizeof(word); i++)
		last |= (uint64_t)(unsigned char)from[i] << 8 * i;
	sip_take(&s, last);
	return sip_end(&s);
}

uint32_t map_hash(const void *bytes, size_t len, uint64_t seed)
{
	return fold(map_hash_wide(bytes, len, seed));
}

uint32_t map_hash_u64(uint64_t key, uint64_t seed)
{
	struct sip s = sip_start(seed);

	sip_take(&s, key);
	return fold(sip_end(&s));
}
