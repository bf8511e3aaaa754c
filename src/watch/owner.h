/*
 * Owners: which processes hold which sockets, from /proc, in slices.
 *
 * Knows only the inodes that somebody waits for, and what is found in the search at hand. A search reads every process's descriptors once, the likely
 * ones first. The first one tells all holders as it finds them. Those after it begin when an inode is asked for, and are over as soon as all that were
 * asked for were found; but behind them, at a low pace and only while something may have changed, follow whole ones, which tell all holders again: a
 * socket can have several, and they come and go without a word.
 *
 * Whoever keeps what was found (track/tracker_owner.c) takes out of OBSERVED_OWNERS what nobody was found to hold.
 */
#ifndef WATCH_OWNER_H
#define WATCH_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "watch/outlet.h"
#include "watch/proc.h"

#define OWNER_HOT 16
/* Inodes that wait for an answer; when there are more, a whole search answers all. */
#define OWNER_WAITS_MAX 4096u

enum owner_phase { OWNER_RESTS, OWNER_WALKS, OWNER_TELLS };

struct owner {
	char path[64];                /* "/proc" */
	uint64_t seed;
	struct owner_wait *waits;     /* OWNER_WAITS_MAX */
	uint32_t wait_count;
	struct map by_inode;          /* places in waits */

	struct proc_walk walk;
	bool open;
	uint8_t phase;                /* enum owner_phase */
	bool is_whole;                /* the search at hand does not end early */
	uint32_t searches, whole_searches; /* begun; over */
	int64_t began_ns, progress_ns;
	int64_t cost_ns, slice_cpu_ns; /* CPU time of this search; the thread's when this slice began */
	uint32_t hurried;             /* processes that were moved ahead in this search */
	int64_t not_before_ns;        /* for any search */
	int64_t whole_due_ns;         /* INT64_MAX: no whole search is due */
	int64_t was_due_ns;           /* the same when this search began */
	int64_t whole_ended_ns, whole_cost_ns;
	uint64_t stir;                /* proc_stir() when the last search began */

	struct owner_find *finds;     /* of this search */
	uint32_t find_count, find_room;
	uint32_t process_first;       /* the first find of the process at hand */
	uint32_t told;                /* finds before it were told of at the end */
	struct holder *processes;     /* that hold sockets; of this search */
	uint32_t process_count, process_room;
	uint32_t hot[OWNER_HOT];      /* processes that had new sockets lately, latest first */
	unsigned hot_count;

	int told_error;
	uint64_t told_hidden;
};

/* `path`: where procfs is mounted. */
void owner_init(struct owner *o, const char *path, uint64_t seed);
void owner_fini(struct owner *o);

/* These holders are wanted: they are told, or the end of a search that began from now on tells that there are none in sight. */
void owner_look_for(struct owner *o, const struct owner_ask *ask);
/* Looks whether processes have come or gone since the last whole search: then another follows. Cheap. */
void owner_glance(struct owner *o);

/* When there is work for owner_turn; INT64_MAX: none. */
int64_t owner_due(const struct owner *o);
/*
 * Works for about slice_ns of CPU time and tells what it found: OBSERVED_OWNER and OBSERVED_OWNERS, and OBSERVED_TROUBLE when /proc cannot be read or the
 * number of processes that may not be read has changed.
 */
void owner_turn(struct owner *o, int64_t slice_ns, struct outlet *out);

#endif
