/*
 * How a connection ended, judged from its last known state and what its destroy notice says. Pure arithmetic; a table of cases in its test.
 */
#ifndef TRACK_ENDING_H
#define TRACK_ENDING_H

#include "tcp/observation.h"
#include "track/event.h"

enum remnant {
	REMNANT_UNASKED,   /* nobody looked, or no answer came */
	REMNANT_OVERTAKEN, /* the port had come round before anybody could look: what is there now, at either end, is of another life */
	REMNANT_NONE,      /* the look-up found none */
	REMNANT_GONE,      /* the same, but a later life can have taken it away */
	REMNANT_FIN_WAIT2, /* an orphan's */
	REMNANT_TIME_WAIT,
};

struct ending_case {
	uint8_t state;           /* enum tcp_state last known; STATE_NONE: never seen alive */
	uint8_t opener;          /* enum side */
	uint8_t remnant;         /* enum remnant */
	uint8_t peer_closer;     /* what the other end of a local pair says about itself: LOCAL when *it* closed first */
	uint8_t peer_cause;      /* how the other end of a local pair ended, when that is sure; CAUSE_UNKNOWN: it did not, or is not ours */
	bool peer_has_fin;       /* the other end of a local pair is in TIME_WAIT, for sure */
	uint8_t opener_by;       /* enum evidence */
	bool silent_peer;        /* the peer has sent nothing since we looked, not even its FIN */
	bool no_segment;         /* nor has any segment come from it: no RST either */
	bool lone_fin;           /* of what came since we looked, or ever, the one byte that is counted is no data: it is the FIN */
	bool guessed;            /* the state was never seen, only thought likely */
	bool too_late;           /* so long after the end that a remnant would be gone too: REMNANT_NONE tells nothing */
	bool orphan;             /* only a remnant was left: of FIN_WAIT2, one that waits no longer than tcp_fin_timeout */
	bool early;              /* a remnant that went before its timer can have run out */
	bool mptcp;              /* a subflow of MPTCP, which scrubs what it lets go however that ended */
	bool late;               /* the socket had left the kernel's table before the notice came */
	bool noticed;            /* false: it is simply no longer there, and `notice` is NULL */
	int64_t state_age_ns;    /* since the state was entered, at most */
	const struct sample *notice;
};

struct ending {
	uint8_t via;             /* walk to this state first; STATE_NONE: straight on */
	uint8_t to;              /* TIME_WAIT, FIN_WAIT2 or CLOSED */
	uint8_t edge_cause;      /* of the last edge: enum edge_cause + 1 */
	uint8_t certainty;       /* of the last edge: INFERRED, OBSERVED or AMBIGUOUS */
	uint8_t closer, closer_by;
	uint8_t cause;           /* enum cause, when `to` is CLOSED */
};

struct ending ending_judge(const struct ending_case *c);

/* Whether the peer's FIN is among the bytes that the notice counts: 1 yes, 0 no, -1 the numbers do not tell. `c` was noticed. */
int ending_has_fin(const struct ending_case *c);
/* Whether it can have left a TIME_WAIT or FIN_WAIT2 remnant at all. `c` was noticed. */
bool ending_can_leave_remnant(const struct ending_case *c);
/* Whether the answer depends on what a look-up of the remnant would say. */
bool ending_wants_remnant(const struct ending_case *c);

#endif
