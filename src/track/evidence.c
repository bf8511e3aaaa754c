/* Evidence for opener and closer, and the facts a sample carries. */
#include "evidence.h"

#include "base/clock.h"
#include "passed.h"
#include "tcp/edge.h"

bool evidence_excess(const struct sample *s, int64_t *excess)
{
	const struct tcp_numbers *n = &s->numbers;

	if ((s->has & (SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT)) != (SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT))
		return false;
	*excess = (int64_t)(n->bytes_acked - (n->bytes_sent - n->bytes_retrans));
	return true;
}

/* Without numbers. */
#define NOTICE_DELAY_NS (200 * NS_PER_MS)

int64_t evidence_quiet_ns(const struct sample *s)
{
	const struct tcp_numbers *n = &s->numbers;
	uint32_t ms = n->last_ack_recv_ms;

	if (n->last_data_recv_ms < ms)
		ms = n->last_data_recv_ms;
	if (n->last_data_sent_ms < ms)
		ms = n->last_data_sent_ms;
	return ms * NS_PER_MS;
}

int64_t evidence_alive_until_ns(const struct observation *end)
{
	if (!(end->sample.has & SAMPLE_HAS_NUMBERS))
		return end->t0_ns - NOTICE_DELAY_NS;
	return end->t0_ns - evidence_quiet_ns(&end->sample) - EVIDENCE_TICK_NS;
}

int64_t evidence_last_activity_ns(const struct observation *end)
{
	return end->t1_ns - evidence_quiet_ns(&end->sample) + EVIDENCE_TICK_NS;
}

/* By the count: only when all that was sent is acknowledged, or nothing but our FIN is not. */
static enum side opener_by_count(const struct sample *s)
{
	int64_t excess, fin_acked = s->state == STATE_FIN_WAIT2;
	bool fin_in_flight = s->state == STATE_FIN_WAIT1 || s->state == STATE_LAST_ACK || s->state == STATE_CLOSING;

	if (!state_is_synchronized(s->state) || !evidence_excess(s, &excess))
		return SIDE_UNKNOWN;
	/* The kernel reads the state before it locks the socket for the numbers: with no segment of ours on its way, they may count the FIN already. */
	if (fin_in_flight ? s->wqueue > 1 || s->numbers.unacked != 1 : s->numbers.unacked > 0)
		return SIDE_UNKNOWN;
	excess -= fin_acked;
	return excess == 1 ? SIDE_LOCAL : excess == 0 ? SIDE_REMOTE : SIDE_UNKNOWN;
}

struct peer_search {
	const struct scene *scene;
	const struct connection *found;
};

/* An end with good evidence of its own, that lives or ended after the last whole sweep. */
static bool is_good_peer(void *context, const struct connection *c)
{
	const struct peer_search *search = context;

	return c->opener && (c->opener_by == EVIDENCE_EDGE || c->opener_by == EVIDENCE_COUNTED) &&
	       (c->live || c->since1_ns >= search->scene->whole[0].begin_ns);
}

static enum side other_side(enum side side)
{
	return side == SIDE_LOCAL ? SIDE_REMOTE : side == SIDE_REMOTE ? SIDE_LOCAL : side;
}

static bool is_ephemeral(const struct scene *scene, uint16_t port)
{
	return scene->config->port_low && port >= scene->config->port_low && port <= scene->config->port_high;
}

struct side_evidence evidence_opener_by_place(const struct scene *scene, const struct tuple *tuple)
{
	struct tuple mirrored = tuple_mirrored(tuple);
	struct peer_search search = {.scene = scene};
	const struct connection *peer;
	enum side opener = scene->config->passing ? passed_opener(scene->passed, scene->netns, tuple) : SIDE_UNKNOWN;
	bool here, there;

	mirrored.ifindex = 0;
	peer = opener ? NULL : model_find_tuple(scene->model, scene->netns, &mirrored, is_good_peer, &search);
	if (peer)
		opener = other_side((enum side)peer->opener);
	if (opener)
		return (struct side_evidence){(uint8_t)opener, EVIDENCE_PEER};
	if (model_find_listener(scene->model, scene->netns, &tuple->local))
		return (struct side_evidence){SIDE_REMOTE, EVIDENCE_LISTENER};
	here = is_ephemeral(scene, tuple->local.port);
	there = is_ephemeral(scene, tuple->remote.port);
	if (here != there)
		return (struct side_evidence){here ? SIDE_LOCAL : SIDE_REMOTE, EVIDENCE_PORT_RANGE};
	return (struct side_evidence){SIDE_UNKNOWN, EVIDENCE_NONE};
}

bool evidence_is_own_peer(const struct tuple *tuple)
{
	return tuple->remote.port && endpoint_equal(&tuple->local, &tuple->remote);
}

struct side_evidence evidence_opener(const struct scene *scene, const struct sample *s)
{
	enum side counted;

	if (s->state == STATE_LISTEN)
		return (struct side_evidence){SIDE_UNKNOWN, EVIDENCE_NONE};
	if (evidence_is_own_peer(&s->tuple))
		return (struct side_evidence){SIDE_BOTH, EVIDENCE_PEER};
	if (s->state == STATE_SYN_SENT)
		return (struct side_evidence){SIDE_LOCAL, EVIDENCE_EDGE};
	/* A request socket, which only a listener makes. A full one is of TCP Fast Open, or both sides opened: its earlier state tells. */
	if (s->state == STATE_SYN_RECV && !s->inode)
		return (struct side_evidence){SIDE_REMOTE, EVIDENCE_EDGE};
	counted = opener_by_count(s);
	if (counted)
		return (struct side_evidence){(uint8_t)counted, EVIDENCE_COUNTED};
	return evidence_opener_by_place(scene, &s->tuple);
}

struct side_evidence evidence_closer(enum tcp_state state)
{
	switch (state) {
	case STATE_FIN_WAIT1:
	case STATE_FIN_WAIT2:
	case STATE_TIME_WAIT:
		return (struct side_evidence){SIDE_LOCAL, EVIDENCE_EDGE};
	case STATE_CLOSE_WAIT:
	case STATE_LAST_ACK:
		return (struct side_evidence){SIDE_REMOTE, EVIDENCE_EDGE};
	case STATE_CLOSING:
		return (struct side_evidence){SIDE_BOTH, EVIDENCE_EDGE};
	default:
		return (struct side_evidence){SIDE_UNKNOWN, EVIDENCE_NONE};
	}
}

/* bytes_received counts the peer's FIN as one (tcp_rcv_nxt_update): in these states it has come. */
static bool has_peers_fin(enum tcp_state state)
{
	return STATE_BIT(state) & (STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_TIME_WAIT));
}

struct facts evidence_facts(const struct sample *s, enum tcp_state state)
{
	const struct tcp_numbers *n = &s->numbers;
	bool remnant = s->timer == 3;
	struct facts f = {0};

	if (s->inode) {
		f.knows |= KNOWS_INODE | KNOWS_UID;
		f.inode = s->inode;
		f.uid = s->uid;
	}
	if (s->has & SAMPLE_MPTCP)
		f.knows |= KNOWS_MPTCP;
	if (s->state != STATE_CLOSED) {
		f.knows |= KNOWS_TIMER | (remnant ? 0 : KNOWS_QUEUES) | (s->has & SAMPLE_NO_LIMIT ? KNOWS_NO_LIMIT : 0);
		f.rqueue = s->rqueue;
		f.wqueue = s->wqueue;
		f.timer = s->timer;
		f.timer_expires_ms = s->expires_ms;
		f.retransmits = s->retransmits;
	}
	if (!(s->has & SAMPLE_HAS_NUMBERS) || s->state == STATE_LISTEN)
		return f;
	f.knows |= KNOWS_RETRANS | (n->rtt_us ? KNOWS_RTT : 0);
	f.rtt_us = n->rtt_us;
	f.total_retrans = n->total_retrans;
	/* A socket that has ended tells what it was at the end, and that is of no use to anybody. */
	if (state != STATE_CLOSED && n->cwnd) {
		f.knows |= KNOWS_CWND;
		f.cwnd = n->cwnd < UINT16_MAX ? (uint16_t)n->cwnd : UINT16_MAX;
	}
	if (s->has & SAMPLE_HAS_SENT) {
		f.knows |= KNOWS_BYTES;
		f.bytes_sent = n->bytes_sent - n->bytes_retrans;
		f.bytes_received = n->bytes_received - (has_peers_fin(state) && n->bytes_received);
	}
	return f;
}

#define CHILD_NS (150 * NS_PER_MS)

bool evidence_is_child(const struct scene *scene, const struct connection *c, int64_t t0_ns, int64_t t1_ns)
{
	bool request = c->live && c->state == STATE_SYN_RECV && !(c->facts.knows & KNOWS_INODE) && !connection_remnant_cookie(c);
	int64_t seen_ns = request ? scene->sights[c->slot].seen_ns : 0;

	return request && t1_ns - seen_ns < CHILD_NS && seen_ns - t0_ns < CHILD_NS;
}
