/*
 * Units' names (of systemd, or of containers), each kept once however many connections have it. A unit is known by its index; 0: none.
 */
#ifndef TRACK_UNITS_H
#define TRACK_UNITS_H

#include <stdint.h>

#include "base/map.h"
#include "tcp/observation.h"

#define UNITS_MAX 65535u

struct unit {
	uint32_t users; /* 0: free */
	char name[UNIT_ROOM];
};

struct units {
	struct unit *units; /* index 0 is none */
	uint32_t count, room;
	struct map by_name;
	uint64_t seed;
};

void units_init(struct units *u, uint64_t seed);
void units_fini(struct units *u);
/* The index of a name, in use once more; 0 for an empty one, or when there are too many. */
uint16_t units_use(struct units *u, const char *name);
/* Used once less; forgotten with its last user. */
void units_release(struct units *u, uint16_t index);
/* NULL for 0. Valid until the next units_use. */
const char *units_name(const struct units *u, uint16_t index);

#endif
