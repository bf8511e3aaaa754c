/*
 * Who holds which connection: lists of (process, fd), with the processes interned, for one process often holds ten thousand sockets.
 * A list is the index of its first entry, MAP_NONE when empty.
 */
#ifndef TRACK_HOLDERS_H
#define TRACK_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "tcp/observation.h"

struct process {
	uint32_t pid, users; /* users 0: free */
	uint64_t start_ticks;
	char comm[COMM_ROOM];
};

struct held {
	uint32_t process, next; /* next also links free entries */
	int32_t fd;
};

struct holders {
	struct process *processes;
	struct held *entries;
	uint32_t process_count, process_room, entry_count, entry_room;
	uint32_t free_process, free_entry; /* MAP_NONE: none */
	struct map by_process;
	uint64_t seed;
};

void holders_init(struct holders *h, uint64_t seed);
void holders_fini(struct holders *h);
/* A new list of these; the old one of the caller is to be released. */
uint32_t holders_add(struct holders *h, const struct holder *list, uint32_t count);
void holders_release(struct holders *h, uint32_t first);
/* Entry number `index` of a list; false past its end. O(index). */
bool holders_get(const struct holders *h, uint32_t first, uint32_t index, struct holder *out);

#endif
