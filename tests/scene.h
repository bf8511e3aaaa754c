/*
 * A host for tests of pictures: a model made from events, and a clock that stands still until told otherwise. No
 * kernel.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "track/model.h"

struct scene {
	struct model *model;
	int64_t now_ns;
	struct coverage coverage;
	event_sink *sink; /* hears of each event after it was applied; may be NULL */
	void *context;
};

/* The scene begins at 2026-11-20 12:09:41.25 UTC; TZ is set to UTC. Nothing is there and no sweep has ended. */
void scene_start(struct scene *s);
void scene_end(struct scene *s);
void scene_pass_ms(struct scene *s, int64_t ms);

/* An event of the model, as it is. */
void scene_tell(struct scene *s, const struct event *e);
/* A sweep has ended: the picture is whole. */
void scene_swept(struct scene *s);
/* A connection that was there before we looked, in its state for at least age_ms. */
void scene_was_there(struct scene *s, uint64_t conn, enum tcp_state state, const char *local, const char *remote, int64_t age_ms);
void scene_open(struct scene *s, uint64_t conn, enum tcp_state to, const char *local, const char *remote, enum side opener);
void scene_step(struct scene *s, uint64_t conn, enum tcp_state to);
void scene_close(struct scene *s, uint64_t conn, enum cause cause);
void scene_holder(struct scene *s, uint64_t conn, uint32_t pid, int32_t fd, const char *comm);
void scene_queues(struct scene *s, uint64_t conn, uint32_t rqueue, uint32_t wqueue);

/* A curl (conn and pid 4821) to an nginx (conn + 1, pid 811) on this host, opened now. */
void scene_curl(struct scene *s, uint64_t conn);
/* A host of ordinary traffic: listeners, a browser, a CLOSE_WAIT leak, a TIME_WAIT. */
void scene_office(struct scene *s);

#endif
