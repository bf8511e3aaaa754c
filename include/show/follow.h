/*
 * Following: which connection the live ladder draws when nobody has chosen one.
 *
 * Whatever opens or closes next is drawn to its end, and stays for FOLLOW_STAY_NS, less when many wait. Others wait
 * meanwhile, a few; when too many come the one that has waited longest makes room and is only counted; so is, when
 * newer ones wait, one that has had its last step FOLLOW_LATE_NS ago: what is drawn is never old. Of a local pair only
 * one end is drawn, the opener's: its ladder shows both.
 */
#ifndef SHOW_FOLLOW_H
#define SHOW_FOLLOW_H

#include "track/model.h"

#define FOLLOW_WAITING_MAX 8
#define FOLLOW_DRAWN_MAX 16
#define FOLLOW_STAY_NS 1500000000LL
#define FOLLOW_LATE_NS 3000000000LL

struct follow {
	uint64_t conn;         /* drawn now, or last; 0: none yet */
	int64_t since_ns;      /* its steps from then on are to be played; those before are known already */
	int64_t rests_since_ns; /* when its drawing came to its end; 0: it moves */
	unsigned waiting;
	struct {
		uint64_t conn;
		int64_t since_ns;
	} queue[FOLLOW_WAITING_MAX];
	unsigned drawn_count;  /* a ring of those drawn lately, and the last step drawn */
	struct {
		uint64_t conn;
		int64_t last_ns;
	} drawn[FOLLOW_DRAWN_MAX];
	uint64_t not_drawn;
};

/* Call for each event, after it was applied. */
void follow_event(struct follow *f, const struct model *m, const struct event *e);
/* `moves`: the drawing has not come to its end. True when f->conn is another now. */
bool follow_turn(struct follow *f, const struct model *m, bool moves, int64_t now_ns);
/* When follow_turn has something to do though nothing moves; INT64_MAX: when something happens. */
int64_t follow_due(const struct follow *f);

#endif
