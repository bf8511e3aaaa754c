/* Interned names of units. */
#include "units.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void units_init(struct units *u, uint64_t seed)
{
	*u = (struct units){.count = 1, .room = 1, .seed = seed};
	u->units = memory_get_zeroed(1, sizeof(*u->units));
}

void units_fini(struct units *u)
{
	free(u->units);
	map_fini(&u->by_name);
}

struct unit_key {
	const struct units *units;
	const char *name;
};

static bool has_name(const void *context, uint32_t index)
{
	const struct unit_key *key = context;

	return !strcmp(key->units->units[index].name, key->name);
}

static uint32_t hash_name(const struct units *u, const char *name)
{
	return map_hash(name, strlen(name), u->seed);
}

/* Units are few: a free place is looked for only when a new one comes. */
static uint32_t free_place(struct units *u)
{
	for (uint32_t i = 1; i < u->count; i++)
		if (!u->units[i].users)
			return i;
	if (u->count > UNITS_MAX)
		return 0;
	if (u->count == u->room) {
		u->room = u->room * 2 + 14;
		u->units = memory_resize(u->units, u->room, sizeof(*u->units));
	}
	return u->count++;
}

uint16_t units_use(struct units *u, const char *name)
{
	struct unit_key key = {u, name};
	uint32_t index;

	if (!*name)
		return 0;
	index = map_find(&u->by_name, hash_name(u, name), has_name, &key);
	if (index == MAP_NONE) {
		index = free_place(u);
		if (!index)
			return 0;
		memset(&u->units[index], 0, sizeof(*u->units));
		memcpy(u->units[index].name, name, strnlen(name, UNIT_ROOM - 1));
		map_add(&u->by_name, hash_name(u, u->units[index].name), index);
	}
	u->units[index].users++;
	return (uint16_t)index;
}

void units_release(struct units *u, uint16_t index)
{
	if (!index || --u->units[index].users)
		return;
	map_remove(&u->by_name, hash_name(u, u->units[index].name), index);
}

const char *units_name(const struct units *u, uint16_t index)
{
	return index ? u->units[index].name : NULL;
}
