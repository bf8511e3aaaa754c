/*
 * Who is in the demo's crowd, and which connections it makes when.
 *
 * A *life* is one connection: two scripts (lab/actor.h), one for each end. Lives come round in rounds: every round holds all of them once, in an
 * order that only the seed decides, so the processes agree on it without talking to each other.
 */
#ifndef LAB_CROWD_H
#define LAB_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "lab/actor.h"

/* The processes, by the names they wear in /proc. */
#define CROWD_MEMBERS(X) X(WEB, "web") X(SHOP, "shop") X(DB, "db") X(LEAKY, "leaky") X(CURL, "curl") X(CLIENT, "client")
enum crowd_member {
#define X(name, comm) CROWD_##name,
	CROWD_MEMBERS(X)
#undef X
	CROWD_MEMBER_COUNT
};

/* Where they can be reached. `closed` is bound but does not listen: it refuses. `firewall` listens but is deaf. */
#define CROWD_PLACES(X) X(HTTP) X(HTTPS) X(HTTPS6) X(MAPPED) X(SHOP) X(DB) X(LEAKY) X(CLOSED) X(FIREWALL)
enum crowd_place {
#define X(name) PLACE_##name,
	CROWD_PLACES(X)
#undef X
	PLACE_COUNT
};

struct life {
	const char *name;      /* for tests and reading */
	uint8_t member, place; /* who connects, and where to */
	struct step client[16], server[12];
};

extern const struct life crowd_lives[];
extern const unsigned crowd_life_count;

#define CROWD_PACE_MS 650      /* between the beginnings of two lives */
#define CROWD_FIRST_MS 250     /* from the start to the first */
#define CROWD_LEAK_BOUND 12    /* sockets that the leaky one keeps, at most */

/* The life that begins as number `turn` (0, 1, …): an index into crowd_lives. */
unsigned crowd_life_at(uint64_t seed, uint64_t turn);

/* What a member inherits. Bound before the processes part, so that all know the ports. */
struct crowd {
	bool private;      /* addresses and well-known ports of our own */
	uint64_t seed;
	int64_t start_ns;  /* of clock_now_ns() */
	int fds[PLACE_COUNT];
	struct sockaddr_storage addresses[PLACE_COUNT]; /* AF_UNSPEC: not to be had */
};

/* Adds the addresses (when private) and opens the listening sockets. A place that cannot be had (no IPv6) has fd -1 and its lives are left
 * out. 0, or -errno when not even IPv4 works. */
int crowd_open(struct crowd *c);
void crowd_close(struct crowd *c);
const char *crowd_member_comm(enum crowd_member member);
/* Plays one member on the loop: serves its places, begins its lives in time. Closes the places of others. `c` must outlive the loop; what is
 * allocated here lives as long as the member's process. */
void crowd_play(struct crowd *c, enum crowd_member member, struct loop *loop);

#endif
