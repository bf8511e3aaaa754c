/* A table with open addressing, by the hash of both ends: so the two sockets of a connection are neighbours. Nothing is ever taken out. */
#include "passed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/map.h"
#include "base/memory.h"

#define LEAST_CELLS 1024u

/* Below the hash in `ends`. Of the two ends the smaller one, as it is hashed, is the low one. */
#define LOCAL_IS_LOW 1u
#define OPENED_BY_LOW 2u
#define OPENED_BY_HIGH 4u
#define FLAGS (LOCAL_IS_LOW | OPENED_BY_LOW | OPENED_BY_HIGH)

void passed_init(struct passed *p, uint64_t seed)
{
	*p = (struct passed){.seed = seed};
}

void passed_fini(struct passed *p)
{
	free(p->cells);
	p->cells = NULL;
}

/* Address and port of an IPv4 end. */
static uint64_t word_of_v4(const struct endpoint *e)
{
	uint32_t address;

	memcpy(&address, e->address + sizeof(e->address) - sizeof(address), sizeof(address));
	return (uint64_t)address << 16 | e->port;
}

/* IPv4 in words: that is a third of the bytes to hash, and most of what there is. */
static uint64_t hash_v4(const struct passed *p, uint64_t netns, const struct tuple *t)
{
	const uint64_t local = word_of_v4(&t->local), remote = word_of_v4(&t->remote);
	const bool local_is_low = local <= remote;
	const uint64_t key[] = {local_is_low ? local : remote, local_is_low ? remote : local, netns};

	return (map_hash_wide(key, sizeof(key), p->seed) & ~(uint64_t)FLAGS) | (local_is_low ? LOCAL_IS_LOW : 0);
}

static uint64_t hash_v6(const struct passed *p, uint64_t netns, const struct tuple *t)
{
	const bool local_is_low = memcmp(&t->local, &t->remote, sizeof(t->local)) <= 0;
	struct {
		struct endpoint low, high;
		uint32_t padding;
		uint64_t netns;
	} key;

	_Static_assert(sizeof(key) == 2 * sizeof(struct endpoint) + 12, "no holes that nobody wrote");
	key.low = local_is_low ? t->local : t->remote;
	key.high = local_is_low ? t->remote : t->local;
	key.padding = 0;
	key.netns = netns;
	return (map_hash_wide(&key, sizeof(key), p->seed) & ~(uint64_t)FLAGS) | (local_is_low ? LOCAL_IS_LOW : 0);
}

/* The hash of the ends in this namespace, and LOCAL_IS_LOW. */
static uint64_t hash_ends(const struct passed *p, uint64_t netns, const struct tuple *t)
{
	return t->family == AF_INET || (endpoint_is_v4(&t->local) && endpoint_is_v4(&t->remote)) ? hash_v4(p, netns, t) : hash_v6(p, netns, t);
}

static uint32_t home(const struct passed *p, uint64_t ends)
{
	return (uint32_t)((ends >> 32) * p->room >> 32);
}

static uint32_t next(const struct passed *p, uint32_t at)
{
	return at + 1 < p->room ? at + 1 : 0;
}

/* The same ends, the same way round. */
static bool is_same(uint64_t a, uint64_t b)
{
	return !((a ^ b) & ~(uint64_t)(OPENED_BY_LOW | OPENED_BY_HIGH));
}

static void put(struct passed *p, const struct passed_one *one)
{
	uint32_t at = home(p, one->ends);

	while (p->cells[at].cookie)
		at = next(p, at);
	p->cells[at] = *one;
}

static void widen(struct passed *p, uint32_t room)
{
	struct passed_one *old = p->cells;
	uint32_t old_room = p->room;

	p->cells = memory_get_zeroed(room, sizeof(*p->cells));
	p->room = room;
	for (uint32_t i = 0; i < old_room; i++)
		if (old[i].cookie)
			put(p, &old[i]);
	free(old);
}

/* For so many, a quarter of the cells more; doubled at least, so that growing costs the same on average however it comes. */
static void make_room(struct passed *p, uint64_t count)
{
	uint64_t room = count + count / 3 + 1;

	if (room <= p->room)
		return;
	if (room < 2 * (uint64_t)p->room)
		room = 2 * (uint64_t)p->room;
	if (room < LEAST_CELLS)
		room = LEAST_CELLS;
	if (room > UINT32_MAX)
		memory_exhausted();
	widen(p, (uint32_t)room);
}

void passed_reserve(struct passed *p, uint32_t count)
{
	/* Some come meanwhile. */
	make_room(p, (uint64_t)count + count / 16);
}

void passed_prefetch(const struct passed *p, uint64_t netns, const struct tuple *t)
{
	if (p->cells)
		__builtin_prefetch(&p->cells[home(p, hash_ends(p, netns, t))]);
}

/* Where a note with this cookie stands, or has to. */
static struct passed_one *place(const struct passed *p, uint64_t ends, uint64_t cookie)
{
	uint32_t at = home(p, ends);

	while (p->cells[at].cookie && !(p->cells[at].cookie == cookie && is_same(p->cells[at].ends, ends)))
		at = next(p, at);
	return &p->cells[at];
}

bool passed_add(struct passed *p, uint64_t netns, const struct tuple *t, uint64_t cookie, struct passed_one **one)
{
	const uint64_t ends = hash_ends(p, netns, t);

	make_room(p, (uint64_t)p->count + 1);
	*one = place(p, ends, cookie);
	if ((*one)->cookie)
		return false;
	**one = (struct passed_one){.cookie = cookie, .ends = ends};
	p->count++;
	return true;
}

void passed_set_opener(struct passed_one *one, enum side opener)
{
	bool local_is_low = one->ends & LOCAL_IS_LOW;

	if (opener == SIDE_LOCAL || opener == SIDE_BOTH)
		one->ends |= local_is_low ? OPENED_BY_LOW : OPENED_BY_HIGH;
	if (opener == SIDE_REMOTE || opener == SIDE_BOTH)
		one->ends |= local_is_low ? OPENED_BY_HIGH : OPENED_BY_LOW;
}

enum side passed_opener(const struct passed *p, uint64_t netns, const struct tuple *t)
{
	const uint64_t ends = hash_ends(p, netns, t), own = ends & LOCAL_IS_LOW ? OPENED_BY_LOW : OPENED_BY_HIGH;

	if (!p->cells)
		return SIDE_UNKNOWN;
	for (uint32_t at = home(p, ends); p->cells[at].cookie; at = next(p, at)) {
		const uint64_t other = p->cells[at].ends, opened = other & (OPENED_BY_LOW | OPENED_BY_HIGH);

		/* The same ends, the other way round. */
		if (((other ^ ends) & ~(uint64_t)(OPENED_BY_LOW | OPENED_BY_HIGH)) == LOCAL_IS_LOW && opened)
			return opened == own ? SIDE_LOCAL : opened & own ? SIDE_BOTH : SIDE_REMOTE;
	}
	return SIDE_UNKNOWN;
}
