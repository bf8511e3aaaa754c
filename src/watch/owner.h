/*
 * Owners: which processes hold the socket of an inode, from /proc, in slices.
 *
 * Knows each inode that was seen lately. A pass reads every process's descriptors once; it begins only when an inode has no answer yet, and tells
 * an inode's holders as soon as some are found, all of them at its end, and again when a later pass finds others. Inodes that nobody was found to hold
 * are remembered as such: later passes notice if that changes, but only one more is made for their sake.
 */
#ifndef WATCH_OWNER_H
#define WATCH_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "watch/outlet.h"
#include "watch/proc.h"

#define OWNER_HOT 16

struct owner {
	char path[64];                /* "/proc" */
	struct owner_entry *entries;  /* slots; free ones are linked */
	uint32_t entry_count, entry_room, free_slot;
	struct map by_inode;
	uint64_t seed;
	uint32_t generation;          /* counts whole sweeps */
	uint32_t waiting;             /* entries without an answer */

	struct proc_walk walk;
	bool open, walking;
	uint32_t pass;                /* number of the pass that goes on or was last */
	int64_t pass_began_ns, pass_cost_ns, not_before_ns, retry_ns; /* retry_ns 0: no pass for the hidden ones is due */
	struct owner_find *finds;     /* of this pass */
	uint32_t find_count, find_room;
	uint32_t *dirty;              /* slots that wait and had finds in this slice */
	uint32_t dirty_count, dirty_room;
	uint32_t hot[OWNER_HOT];      /* processes that had new sockets lately, latest first */
	unsigned hot_count;
	struct holder *cache;         /* processes identified in this slice */
	uint32_t cache_count, cache_room;

	int told_error;
	uint64_t told_hidden;
};

/* `path`: where procfs is mounted. */
void owner_init(struct owner *o, const char *path, uint64_t seed);
void owner_fini(struct owner *o);

/* A socket with this inode (not 0) is there, and this is its connection (any number that stands for it). A socket that connects again keeps its inode:
 * with another connection its holders are looked for and told again. */
void owner_see(struct owner *o, uint32_t inode, uint32_t connection);
/* Its holders are to be looked for and told again. */
void owner_refresh(struct owner *o, uint32_t inode);
/* A whole sweep has ended: forgets inodes that neither it nor the one before it saw. */
void owner_sweep_ended(struct owner *o);

/* When there is work for owner_turn; INT64_MAX: none. */
int64_t owner_due(const struct owner *o);
/* Works for about slice_ns of CPU time and tells what it found: OBSERVED_OWNER, and OBSERVED_TROUBLE when /proc cannot be read or the number of
 * processes that may not be read has changed. */
void owner_turn(struct owner *o, int64_t slice_ns, struct outlet *out);

#endif
