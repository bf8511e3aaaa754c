/*
 * Ends that wait a moment for what decides them: a destroy notice for the look-up of its remnant, a vanished socket for its notice.
 * They stand in a ring in the order in which they came, and nobody's time is up before that of those ahead. Found by tuple. Bounded: a full ring gives
 * up its oldest.
 */
#ifndef TRACK_PENDING_H
#define TRACK_PENDING_H

#include "base/map.h"
#include "tcp/observation.h"

/* More notices than wait in the kernel at once (watch/obituary.h). */
#define PENDING_MAX 8192u
/* For a notice that may never come: the socket is still held. */
#define PENDING_NOTICE_NS (200 * 1000000LL)
/* For an answer, which always comes; but on a busy host the thread that looks can be kept from it for long, and a guess could be wrong. */
#define PENDING_ANSWER_NS (2 * 1000000000LL)

struct pending {
	struct observation end; /* the notice; only tuple, cookie and times when `vanished` */
	uint64_t conn;          /* 0: a stranger */
	uint64_t remnant;       /* the connection that may be what the stranger has left; 0: none is known */
	uint64_t netns;
	int64_t deadline_ns;
	/* What was found of it. The notice of a later life, which may have left that or taken it away, can still be on its way. */
	struct {
		int64_t t0_ns, t1_ns;
		uint64_t cookie;
		uint32_t expires_ms;
		uint8_t remnant; /* enum remnant; REMNANT_UNASKED, 0: nothing was found out yet */
	} answer;
	uint64_t nth;           /* notice, in the order in which they came; not when `vanished` */
	bool vanished;          /* the socket is gone, and its notice may come yet */
	bool waiting;           /* false: settled, the place in the ring is stale */
};

struct pendings {
	struct pending *ring;   /* PENDING_MAX, allocated with the first */
	uint32_t first, count;
	uint16_t *found;        /* those in the ring of which something was found, and some that are settled; PENDING_MAX */
	uint32_t found_count;
	uint64_t seed;
	struct map by_tuple;
};

void pendings_init(struct pendings *p, uint64_t seed);
void pendings_fini(struct pendings *p);
bool pendings_full(const struct pendings *p);
/* The oldest that still waits, or NULL. */
struct pending *pendings_first(const struct pendings *p);
/* Not when full. `end` is copied. */
void pendings_add(struct pendings *p, const struct pending *entry);
struct pending *pendings_find(struct pendings *p, uint64_t netns, const struct tuple *tuple);
/* Something was found of it: so it is among those that pendings_found() goes through, as are those added with a remnant. */
void pendings_note_found(struct pendings *p, const struct pending *entry);
/* Calls `look` for each of them, which may settle it. */
void pendings_found(struct pendings *p, void (*look)(void *context, struct pending *entry), void *context);
/* It is settled; its contents stay valid until the next pendings_add. */
void pendings_settle(struct pendings *p, struct pending *entry);

#endif
