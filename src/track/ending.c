/*
 * The judgement, in the order of what decides: a listener; a notice that was scrubbed; a handshake that never ended; FINs both ways; and what is left,
 * which is an end by reset or for want of an answer.
 *
 * The kernel scrubs a notice after SO_LINGER 0, connect(AF_UNSPEC) and a failed connect() (tcp_disconnect): the destination's port and the counts are cleared.
 */
#include "ending.h"

#include "base/clock.h"
#include "evidence.h"
#include "tcp/edge.h"

/* A refused connect() fails before the first SYN is repeated (RFC 6298: the first timeout is 1 s). */
#define FIRST_REPEAT_NS (900 * NS_PER_MS)

static const unsigned active_states =
	STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_FIN_WAIT2) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_TIME_WAIT);
static const unsigned passive_states = STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_LAST_ACK);

static struct ending closed(enum edge_cause edge_cause, enum certainty certainty, enum cause cause)
{
	return (struct ending){
		.to = STATE_CLOSED,
		.edge_cause = (uint8_t)(edge_cause + 1),
		.certainty = (uint8_t)certainty,
		.cause = (uint8_t)cause,
	};
}

/* The other end is ours, and threw the connection away. */
static struct ending reset_by_peer(void)
{
	struct ending e = closed(ON_RESET, CERTAINTY_INFERRED, CAUSE_RESET);

	e.closer = SIDE_REMOTE;
	e.closer_by = EVIDENCE_PEER;
	return e;
}

/* This end threw it away. */
static struct ending aborted(enum evidence by)
{
	struct ending e = closed(ON_ABORT, CERTAINTY_INFERRED, CAUSE_ABORTED);

	e.closer = SIDE_LOCAL;
	e.closer_by = (uint8_t)by;
	return e;
}

static bool is_scrubbed(const struct sample *notice)
{
	return !notice->tuple.remote.port;
}

/* No round trip was ever measured and nothing of ours was acknowledged: the SYN had no answer that opened anything. */
static bool never_opened(const struct ending_case *c)
{
	const struct tcp_numbers *n = &c->notice->numbers;

	if (c->state == STATE_SYN_SENT || (c->state == STATE_NONE && c->opener != SIDE_REMOTE))
		return (c->notice->has & SAMPLE_HAS_NUMBERS) && !n->bytes_acked && !n->bytes_received && !n->rtt_us;
	return false;
}

/* Whether our FIN was acknowledged: 1 yes, 0 no, -1 the numbers do not tell. */
static int fin_acked(const struct ending_case *c)
{
	int64_t excess;

	if (STATE_BIT(c->state) & (STATE_BIT(STATE_FIN_WAIT2) | STATE_BIT(STATE_TIME_WAIT)))
		return 1;
	if (!c->noticed || !evidence_excess(c->notice, &excess))
		return -1;
	if (excess != 1)
		return excess > 1;
	if (c->opener == SIDE_LOCAL || c->opener == SIDE_BOTH)
		return 0;
	return c->opener == SIDE_REMOTE ? 1 : -1;
}

/* A program that does not wait for the answer closes, and with that goes the socket; one that the kernel gives up is gone before it is closed. */
static struct ending judge_opening(const struct ending_case *c)
{
	const struct tcp_numbers *n = &c->notice->numbers;
	struct ending e;

	if (n->segs_in)
		e = closed(ON_RESET, CERTAINTY_INFERRED, CAUSE_REFUSED);
	else if (n->total_retrans)
		e = closed(ON_TIMEOUT, CERTAINTY_AMBIGUOUS, c->late ? CAUSE_TIMED_OUT : CAUSE_AMBIGUOUS);
	else if (c->late)
		e = closed(ON_ABORT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	else
		e = closed(ON_CLOSE, CERTAINTY_INFERRED, CAUSE_ABORTED);
	e.via = STATE_SYN_SENT;
	return e;
}

static struct ending passive(enum certainty certainty, enum evidence by)
{
	struct ending e = closed(ON_SEGMENT, certainty, CAUSE_GRACEFUL);

	e.via = STATE_LAST_ACK;
	e.closer = SIDE_REMOTE;
	e.closer_by = (uint8_t)by;
	return e;
}

static struct ending judge_scrubbed(const struct ending_case *c)
{
	if (c->mptcp && c->state != STATE_SYN_SENT)
		return c->peer_has_fin ? passive(CERTAINTY_INFERRED, EVIDENCE_PEER) : closed(ON_ABORT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	if (c->state != STATE_SYN_SENT) {
		struct ending e = aborted(EVIDENCE_SCRUBBED);

		/* Nothing comes of request sockets: it had become a full one. */
		if (c->state == STATE_SYN_RECV && c->opener == SIDE_REMOTE)
			e.via = STATE_ESTABLISHED;
		return e;
	}
	/* Most likely; but a close with SO_LINGER 0, or an answer since we looked, leaves the same. */
	if (c->state_age_ns < FIRST_REPEAT_NS)
		return closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_REFUSED);
	/* A repetition can be refused as well. */
	return closed(ON_TIMEOUT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
}

/* It is counted among the bytes, and nowhere else. */
int ending_has_fin(const struct ending_case *c)
{
	const struct sample *s = c->notice;

	if (STATE_BIT(c->state) & (passive_states | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_TIME_WAIT)))
		return 1;
	if (!(s->has & SAMPLE_HAS_NUMBERS))
		return -1;
	if (!s->numbers.bytes_received || c->silent_peer)
		return 0;
	return c->lone_fin ? 1 : -1;
}

static struct ending active(enum tcp_state to, enum certainty certainty, enum evidence by)
{
	return (struct ending){.to = (uint8_t)to, .certainty = (uint8_t)certainty, .closer = by ? SIDE_LOCAL : SIDE_UNKNOWN, .closer_by = (uint8_t)by};
}

/* Our FIN was acknowledged, and who was first is not known: most likely the peer. */
static struct ending passive_perhaps(void)
{
	struct ending e = passive(CERTAINTY_AMBIGUOUS, EVIDENCE_NONE);

	e.closer = SIDE_UNKNOWN;
	return e;
}

/* We closed first, for the peer did not; and what was left of it was not there long: data or a RST that came then ends it, or there was no room for it. */
static struct ending active_and_gone(void)
{
	struct ending e = closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);

	e.via = STATE_FIN_WAIT2;
	e.closer = SIDE_LOCAL;
	e.closer_by = EVIDENCE_COUNTED;
	return e;
}

/* What was acknowledged beside the data is our SYN or our FIN: we opened it and it was reset, or we closed it second. */
static struct ending passive_or_broken(void)
{
	struct ending e = closed(ON_SEGMENT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);

	e.via = STATE_LAST_ACK;
	return e;
}

/* Our FIN was acknowledged, so both sides closed; the question is who did first. The one that did leaves a remnant. */
static struct ending judge_graceful(const struct ending_case *c, int acked)
{
	unsigned state = STATE_BIT(c->state);
	/* Who opened may be guessed by the ports; then what was acknowledged may as well be our SYN. */
	const bool sure = c->opener_by != EVIDENCE_PORT_RANGE;
	int came = ending_has_fin(c);

	if (c->remnant == REMNANT_TIME_WAIT)
		return active(STATE_TIME_WAIT, CERTAINTY_OBSERVED, EVIDENCE_EDGE);
	if (c->remnant == REMNANT_FIN_WAIT2)
		return active(STATE_FIN_WAIT2, CERTAINTY_OBSERVED, EVIDENCE_EDGE);
	if (state & passive_states)
		return passive(CERTAINTY_INFERRED, EVIDENCE_EDGE);
	if (state & active_states) {
		struct ending e;

		if (c->remnant == REMNANT_UNASKED)
			return active(STATE_TIME_WAIT, CERTAINTY_AMBIGUOUS, EVIDENCE_EDGE);
		if (c->peer_cause == CAUSE_ABORTED)
			return reset_by_peer();
		/* No TIME_WAIT after all: reset in FIN_WAIT2, or the kernel had no room for the remnant. */
		e = closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
		e.closer = SIDE_LOCAL;
		e.closer_by = EVIDENCE_EDGE;
		return e;
	}
	if (c->peer_closer == SIDE_LOCAL)
		return passive(CERTAINTY_INFERRED, EVIDENCE_PEER);
	if (came == 0 && acked == 1 && c->remnant == REMNANT_NONE && !sure)
		return passive_or_broken();
	if (came == 0 && acked == 1 && c->remnant == REMNANT_NONE)
		return c->too_late ? active(STATE_TIME_WAIT, CERTAINTY_AMBIGUOUS, EVIDENCE_COUNTED) : active_and_gone();
	/* Also the remnant of one that closed first can be gone by now: a RST from the peer ends it. */
	if (c->remnant == REMNANT_NONE && acked == 1)
		return came == 1 && sure && !c->too_late ? passive(CERTAINTY_INFERRED, EVIDENCE_REMNANT) : passive_perhaps();
	if (c->remnant == REMNANT_NONE)
		return passive_or_broken();
	/* A TIME_WAIT that is not there goes by itself; one that was denied would come back as a stranger. */
	return active(STATE_TIME_WAIT, CERTAINTY_AMBIGUOUS, EVIDENCE_NONE);
}

/* Unread bytes at close() make the kernel send a RST (tcp_close, RFC 2525 section 2.17); the notice still counts them. The peer's FIN is one of them. */
static bool has_unread(const struct ending_case *c)
{
	bool no_fin = c->silent_peer && !(STATE_BIT(c->state) & passive_states);

	return c->notice->rqueue > (no_fin ? 0u : 1u);
}

/*
 * The same is counted of a socket that was reset before it was closed, or that timed out: no segment came for that either. (SOCK_DESTROY cannot be told from close(),
 * but it is this end that throws the connection away there too.)
 */
static struct ending unread(const struct ending_case *c)
{
	const bool unanswered = c->notice->numbers.retransmits || c->notice->numbers.probes;

	if ((c->no_segment && !c->late && !unanswered) || c->peer_cause == CAUSE_RESET)
		return aborted(EVIDENCE_UNREAD);
	return closed(ON_ABORT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
}

/* By its numbers, though we last saw it opening. */
static bool was_open(const struct sample *notice)
{
	return notice->numbers.rtt_us || notice->numbers.bytes_acked || notice->numbers.bytes_received;
}

static struct ending judge_broken(const struct ending_case *c)
{
	struct ending e;

	if (c->peer_cause == CAUSE_ABORTED)
		e = reset_by_peer();
	else if (c->notice->numbers.retransmits > (c->no_segment ? 0u : 1u) && c->peer_cause != CAUSE_RESET)
		e = closed(ON_TIMEOUT, CERTAINTY_AMBIGUOUS, CAUSE_TIMED_OUT);
	else if (has_unread(c))
		e = unread(c);
	else if (c->no_segment)
		e = closed(ON_ABORT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS); /* no RST came: SOCK_DESTROY, or keepalive had no answer */
	else if (c->notice->rqueue && !(STATE_BIT(c->state) & passive_states))
		e = closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS); /* one byte unread, or the peer's FIN */
	else
		e = closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_RESET);
	if ((c->state == STATE_SYN_SENT || c->state == STATE_SYN_RECV) && was_open(c->notice))
		e.via = STATE_ESTABLISHED;
	return e;
}

/* No notice: the socket has left the kernel's table. If it was a full one, somebody still holds it open, or its notice was lost. */
static struct ending judge_vanished(const struct ending_case *c)
{
	switch (c->state) {
	case STATE_LISTEN:
		return closed(ON_CLOSE, CERTAINTY_OBSERVED, CAUSE_LISTENER_CLOSED);
	case STATE_TIME_WAIT:
		if (c->early) {
			/* A RST (RFC 1337), a new SYN, or SOCK_DESTROY; the connection itself was over. */
			struct ending e = closed(ON_TIMEOUT, CERTAINTY_AMBIGUOUS, CAUSE_GRACEFUL);

			e.edge_cause = 0;
			return e;
		}
		return closed(ON_TIMEOUT, c->guessed ? CERTAINTY_AMBIGUOUS : CERTAINTY_OBSERVED, CAUSE_GRACEFUL);
	case STATE_FIN_WAIT2:
		if (c->peer_cause == CAUSE_ABORTED)
			return reset_by_peer();
		if (c->orphan && !c->early)
			return closed(ON_TIMEOUT, CERTAINTY_AMBIGUOUS, CAUSE_TIMED_OUT);
		return closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	case STATE_SYN_SENT:
	case STATE_SYN_RECV:
		return closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	case STATE_LAST_ACK:
		if (c->peer_has_fin)
			return passive(CERTAINTY_INFERRED, EVIDENCE_EDGE);
		return closed(ON_SEGMENT, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	default:
		if (c->peer_cause == CAUSE_ABORTED)
			return reset_by_peer();
		if (c->peer_has_fin)
			return passive(CERTAINTY_INFERRED, EVIDENCE_PEER);
		return closed(ON_RESET, CERTAINTY_AMBIGUOUS, CAUSE_AMBIGUOUS);
	}
}

struct ending ending_judge(const struct ending_case *c)
{
	int acked;

	if (!c->noticed)
		return judge_vanished(c);
	if (c->state == STATE_LISTEN)
		return closed(ON_CLOSE, CERTAINTY_OBSERVED, CAUSE_LISTENER_CLOSED);
	if (is_scrubbed(c->notice))
		return judge_scrubbed(c);
	if (never_opened(c))
		return judge_opening(c);
	acked = fin_acked(c);
	if (acked == 1 || c->remnant == REMNANT_TIME_WAIT || c->remnant == REMNANT_FIN_WAIT2)
		return judge_graceful(c, acked);
	if (acked == 0 || has_unread(c))
		return judge_broken(c);
	return judge_graceful(c, acked);
}

bool ending_can_leave_remnant(const struct ending_case *c)
{
	return c->state != STATE_LISTEN && !is_scrubbed(c->notice) && !never_opened(c) && fin_acked(c) != 0;
}

bool ending_wants_remnant(const struct ending_case *c)
{
	int acked;

	if (!c->noticed || c->remnant != REMNANT_UNASKED || c->state == STATE_LISTEN || is_scrubbed(c->notice) || never_opened(c))
		return false;
	if (STATE_BIT(c->state) & passive_states)
		return false;
	acked = fin_acked(c);
	return acked == 1 || (acked == -1 && !has_unread(c));
}
