/*
 * A hash map of 4-byte cells: see base/slotmap.h.
 *
 * A cell holds, from its lowest bit: the value, a tag of the hash's lowest bits, and the distance from home; the fewer bits the value needs, the more has
 * the tag.
 *
 * Invariant: going round from its home, an entry is reached before any free cell and before any cell that is nearer to
 * its own home. A distance too large for its bits is stored as `far`, which stands for itself and all above; then the
 * hash is asked for.
 */
#include "config.h"

#include "base/slotmap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FREE UINT32_MAX
#define ROOM_LEAST 32u
#define ROOM_MOST UINT32_MAX
/* Up to this many cells the room doubles; above it grows by a quarter, for memory is dear then. */
#define DOUBLES_BELOW 65536u
#define VALUE_BITS_LEAST 20u
#define TOUCH_AHEAD 16u
/* Enough for nearly all; what is left of a cell is tag. */
#define DISTANCE_BITS_MOST 6u

void slotmap_init(struct slotmap *m, slotmap_hash *hash, slotmap_touch *touch, const void *context)
{
	*m = (struct slotmap){.value_bits = VALUE_BITS_LEAST, .hash = hash, .touch = touch, .context = context};
}

void slotmap_fini(struct slotmap *m)
{
	free(m->cells);
	m->cells = NULL;
	m->room = m->count = 0;
}

static inline unsigned tag_bits(const struct slotmap *m)
{
	return m->value_bits < 32 - DISTANCE_BITS_MOST ? 32 - DISTANCE_BITS_MOST - m->value_bits : 0;
}

static inline unsigned entry_bits(const struct slotmap *m)
{
	return m->value_bits + tag_bits(m);
}

static inline uint32_t cell_value(const struct slotmap *m, uint32_t cell)
{
	return cell & ((1u << m->value_bits) - 1);
}

/* Tag and value: what does not change when a cell is moved. */
static inline uint32_t cell_entry(const struct slotmap *m, uint32_t cell)
{
	return cell & ((1u << entry_bits(m)) - 1);
}

static inline uint32_t cell_distance(const struct slotmap *m, uint32_t cell)
{
	return cell >> entry_bits(m);
}

/* The largest distance that is stored; one more would make a cell with entry bits all set look free. */
static inline uint32_t far_distance(const struct slotmap *m)
{
	return (UINT32_MAX >> entry_bits(m)) - 1;
}

/* The home is made of the hash's upper bits. */
static inline uint32_t make_entry(const struct slotmap *m, uint32_t hash, uint32_t value)
{
	return (hash & ((1u << tag_bits(m)) - 1)) << m->value_bits | value;
}

/* Of the room's cells the one that the hash falls on; a larger hash never has a smaller home. */
static inline uint32_t home_of(const struct slotmap *m, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * m->room >> 32);
}

static inline uint32_t next_place(const struct slotmap *m, uint32_t at)
{
	return at + 1 == m->room ? 0 : at + 1;
}

static inline uint32_t make_cell(const struct slotmap *m, uint32_t distance, uint32_t entry)
{
	const uint32_t far = far_distance(m);

	return (distance < far ? distance : far) << entry_bits(m) | entry;
}

/* The true distance of what stands at a place. */
static uint32_t true_distance(const struct slotmap *m, uint32_t at)
{
	const uint32_t distance = cell_distance(m, m->cells[at]);
	uint32_t home;

	if (distance < far_distance(m))
		return distance;
	home = home_of(m, m->hash(m->context, cell_value(m, m->cells[at])));
	return at >= home ? at - home : at + m->room - home;
}

/* There is a free cell. */
static void put(struct slotmap *m, uint32_t hash, uint32_t value)
{
	uint32_t at = home_of(m, hash), distance = 0, entry = make_entry(m, hash, value);

	for (; m->cells[at] != FREE; at = next_place(m, at), distance++) {
		uint32_t there = true_distance(m, at), moved;

		if (there >= distance)
			continue;
		moved = cell_entry(m, m->cells[at]);
		m->cells[at] = make_cell(m, distance, entry);
		entry = moved;
		distance = there;
	}
	m->cells[at] = make_cell(m, distance, entry);
}

/* The old cells are read as they were written: with as many bits of value as there were. */
static void rebuild(struct slotmap *m, uint32_t room, uint8_t value_bits)
{
	uint32_t *old = m->cells, old_room = m->room;
	const uint32_t values = (1u << m->value_bits) - 1;

	m->cells = memory_resize(NULL, room, sizeof(*m->cells));
	memset(m->cells, 0xff, (size_t)room * sizeof(*m->cells));
	m->room = room;
	m->value_bits = value_bits;
	for (uint32_t i = 0; i < old_room; i++) {
		if (m->touch && i + TOUCH_AHEAD < old_room && old[i + TOUCH_AHEAD] != FREE)
			m->touch(m->context, old[i + TOUCH_AHEAD] & values);
		if (old[i] != FREE)
			put(m, m->hash(m->context, old[i] & values), old[i] & values);
	}
	free(old);
}

static void set_room(struct slotmap *m, uint32_t room)
{
	rebuild(m, room, m->value_bits);
}

/* Seven eighths full at most, so that a search is short and ends. */
static uint32_t most_entries(uint32_t room)
{
	return room / 8 * 7;
}

static uint32_t larger_room(uint32_t room)
{
	uint64_t larger = room < DOUBLES_BELOW ? (uint64_t)room * 2 : (uint64_t)room + room / 4;

	if (larger < ROOM_LEAST)
		return ROOM_LEAST;
	if (larger > ROOM_MOST)
		memory_exhausted();
	return (uint32_t)larger;
}

void slotmap_reserve(struct slotmap *m, uint32_t count)
{
	uint64_t room = (uint64_t)count / 4 * 5 + ROOM_LEAST;

	if (count > most_entries(m->room) && room < ROOM_MOST)
		set_room(m, (uint32_t)room);
}

/* Room for larger values, which tags and, at last, distances make. */
static void widen(struct slotmap *m, uint32_t value)
{
	uint8_t bits = m->value_bits;

	while (bits < 31 && value >> bits)
		bits++;
	rebuild(m, m->room, bits);
}

uint32_t slotmap_find(const struct slotmap *m, uint32_t hash, map_match *match, const void *context)
{
	const uint32_t far = far_distance(m), tag = make_entry(m, hash, 0);
	uint32_t at, distance = 0;

	if (!m->count)
		return MAP_NONE;
	for (at = home_of(m, hash); m->cells[at] != FREE; at = next_place(m, at), distance += distance < far) {
		uint32_t there = cell_distance(m, m->cells[at]);

		if (there < distance)
			break;
		if (there == distance && cell_entry(m, m->cells[at]) - cell_value(m, m->cells[at]) == tag &&
		    match(context, cell_value(m, m->cells[at])))
			return cell_value(m, m->cells[at]);
	}
	return MAP_NONE;
}

void slotmap_prefetch(const struct slotmap *m, uint32_t hash)
{
	if (m->count)
		__builtin_prefetch(&m->cells[home_of(m, hash)]);
}

void slotmap_add(struct slotmap *m, uint32_t hash, uint32_t value)
{
	assert(value < (1u << 31));
	if (m->count + 1 > most_entries(m->room))
		set_room(m, larger_room(m->room));
	if (value >> m->value_bits)
		widen(m, value);
	put(m, hash, value);
	m->count++;
}

/* Frees a place: those behind it that are away from home move up. */
static void close_gap(struct slotmap *m, uint32_t hole)
{
	for (uint32_t at = next_place(m, hole); m->cells[at] != FREE; at = next_place(m, at)) {
		const uint32_t distance = true_distance(m, at);

		if (distance == 0)
			break;
		m->cells[hole] = make_cell(m, distance - 1, cell_entry(m, m->cells[at]));
		hole = at;
	}
	m->cells[hole] = FREE;
}

bool slotmap_remove(struct slotmap *m, uint32_t hash, uint32_t value)
{
	const uint32_t far = far_distance(m);
	uint32_t at, distance = 0;

	if (!m->count)
		return false;
	for (at = home_of(m, hash); m->cells[at] != FREE; at = next_place(m, at), distance += distance < far) {
		uint32_t there = cell_distance(m, m->cells[at]);

		if (there < distance)
			return false;
		if (there == distance && cell_value(m, m->cells[at]) == value)
			break;
	}
	if (m->cells[at] == FREE)
		return false;
	close_gap(m, at);
	m->count--;
	/* From a quarter full to half full: far from growing again. */
	if (m->room > DOUBLES_BELOW && m->count < m->room / 4)
		set_room(m, m->room / 2);
	return true;
}
