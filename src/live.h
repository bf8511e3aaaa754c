/*
 * The live source, wired: watch threads → queue → tracker → model, driven by the event loop. Shared by all commands.
 *
 * Takes batches in slices of a few milliseconds so that keys and frames are never late, passes the tracker's wishes for exact look-ups to the watch, and
 * keeps the plan: fast sweeps for 2 s after a change, the connections that a view asks for.
 */
#ifndef LIVE_H
#define LIVE_H

#include "base/loop.h"
#include "track/model.h"
#include "watch/watch.h"

struct live;

struct live_config {
	struct watch_plan plan;        /* fast_until_ns and watched are managed by live */
	struct watch_sockets sockets;
	event_sink *sink;              /* each event, after it was applied; may be NULL */
	bool passing;                  /* as in struct tracker_config */
	void (*turn)(void *context);   /* after each slice of batches, and whenever else the model may have changed; may be NULL */
	void *context;                 /* of both */
};

/* 0, or -errno with `where` naming what failed. Takes over config->sockets in every case. */
int live_start(struct live **out, struct loop *loop, const struct live_config *config, const char **where);
void live_stop(struct live *l);
const struct model *live_model(const struct live *l);
/* The first sweep has ended (whole or not). */
bool live_ready(const struct live *l);
/* Holders were looked for everywhere at least once, or cannot be. */
bool live_owners_known(const struct live *l);
/* SO_NETNS_COOKIE of the namespace watched; 0: not known. */
uint64_t live_netns(const struct live *l);

/* As screen_config.watch_connections wants it (context: the live). */
void live_watch_connections(void *live, const uint64_t *conns, unsigned count);
/* While paused the model stands still: batches wait in the queue, and then the watch threads do. For readers that are slower than the host. */
void live_pause(struct live *l, bool pause);
/* Asks for the last words: all that the kernel has noticed until now is taken in, and what waits for an answer gets it. Bounded by nothing but the caller's patience. */
void live_finish(struct live *l);
/* They are said. */
bool live_is_finished(const struct live *l);
/* Ends the watch threads; the model stays as it is until live_stop. In the middle of the last words: what still waits is told with what is known, and notices
 * that nobody takes any more are counted as lost. */
void live_end_watch(struct live *l);

#endif
