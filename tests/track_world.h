/*
 * A world for the tracker's tests: sweeps, look-ups and notices written as a script, and what the tracker tells written as lines:
 *
 *     open 1 CLOSED>SYN_SENT inferred opener=local/port_range
 *     step 1 SYN_SENT>ESTABLISHED observed
 *     close 1 graceful
 *     update 2 nginx[412]
 */
#ifndef TESTS_TRACK_WORLD_H
#define TESTS_TRACK_WORLD_H

#include "base/text.h"
#include "track/tracker.h"

struct world {
	struct model *model;
	struct tracker *tracker;
	struct text told;        /* lines since the last world_told() */
	int64_t now_ns;
	struct batch *batch;
	uint64_t sweeps;
	uint64_t illegal_edges;  /* transitions that edge_find() does not know */
	uint64_t opens, closes;
	bool quiet;              /* keep no lines */
	bool unheard;            /* notices wait that the watcher has not read */
};

void world_start(struct world *w);
/* A tracker that passes on (struct tracker_config) what it sees. */
void world_start_passing(struct world *w);
void world_end(struct world *w);
/* Lets time pass, and the tracker have its turn. */
void world_pass_ms(struct world *w, int64_t ms);

/* "127.0.0.1:40000" and so on. */
struct tuple world_tuple(const char *local, const char *remote);
/* A full socket in this state: inode 1000 + cookie, numbers as an opener's unless `passive`. */
struct sample world_socket(uint64_t cookie, const struct tuple *tuple, enum tcp_state state, bool passive);
/* A TIME_WAIT or FIN_WAIT2 remnant that has `left_ms` to live. */
struct sample world_remnant(uint64_t cookie, const struct tuple *tuple, enum tcp_state state, uint32_t left_ms);
/* The destroy notice of a socket, to which one segment came after world_socket(): excess is what bytes_acked has over the bytes sent. */
struct sample world_notice(uint64_t cookie, const struct tuple *tuple, int excess);

void world_sweep_begin(struct world *w);
void world_see(struct world *w, const struct sample *s);
void world_sweep_end(struct world *w, enum sweep_why_not why_not, uint32_t states, int error);
/* A whole sweep of these (terminated by NULL). */
void world_sweep(struct world *w, ...);
/* Notices are not listened to from now on; or are again, and so many sockets were opened meanwhile (UINT64_MAX: nobody counted). */
void world_shed(struct world *w, bool deaf, uint64_t opened);
void world_notify(struct world *w, const struct sample *notice);
/* All that waited are read. */
void world_heard(struct world *w);
/* One that is read only now: the socket died in the last window_ms. */
void world_notify_late(struct world *w, const struct sample *notice, int64_t window_ms);
/* Answers every look-up the tracker wants: with the first of these (NULL-terminated) that has its tuple, else ENOENT. Returns how many were wanted. */
unsigned world_answer(struct world *w, ...);
/* Throws the wishes away, as when they cannot be made. */
void world_drop_lookups(struct world *w);
/* One holder, with fd 5. */
void world_owner(struct world *w, uint32_t inode, uint32_t pid, const char *comm);
/* A search for holders begins, stops, ends. */
void world_owners(struct world *w, enum owners_state state);
void world_unit(struct world *w, uint64_t cgroup, const char *name);

/* News of the namespace that w->batch->netns has. */
void world_netns(struct world *w, enum netns_news news, const char *name);

/* The lines told since the last call. */
const char *world_told(struct world *w);

#endif
