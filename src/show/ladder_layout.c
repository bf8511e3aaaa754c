/*
 * The layout of a ladder: the traces of both ends merged into rows, then what follows from them: the peer's states where it is not ours, sequence
 * numbers, the data between opening and closing, and the time between rows.
 *
 * A segment is in both traces: sent in one, received in the other. The merge takes from the heads of both; a segment that stands at both heads makes
 * one row. Where each end sent before it received the other's, the segments crossed on the wire: one arrow leaves in one row and arrives in a later
 * one, so that each lifeline keeps its own order.
 */
#include "show/ladder.h"

#include <string.h>

#include "base/clock.h"
#include "ladder_again.h"
#include "ladder_layout.h"
#include "ladder_numbers.h"
#include "ladder_trace.h"
#include "tcp/flags.h"

/* Places that are left for the data, and for what each end sent again. */
#define ROWS_SPARE 5

enum { LOCAL, REMOTE };

struct merge {
	struct ladder *l;
	struct trace traces[2];
	const struct connection *ends[2]; /* ends[REMOTE] NULL: the peer is not ours */
	bool crossing;                    /* an arrow has left and not arrived */
};

/* ---- merging ---- */

static struct trace_item *head(struct merge *m, unsigned end)
{
	struct trace *t = &m->traces[end];

	for (unsigned i = 0; i < t->count; i++)
		if (!t->items[i].done)
			return &t->items[i];
	return NULL;
}

/* The same segment in the other end's trace. *free_way: nothing stands before it there that changes that end's state. */
static struct trace_item *partner(struct merge *m, unsigned end, const struct trace_item *item, bool *free_way)
{
	struct trace *other = &m->traces[!end];

	*free_way = true;
	for (unsigned i = 0; i < other->count && item->part != PART_NOTE; i++) {
		struct trace_item *it = &other->items[i];

		if (it->done)
			continue;
		if (it->part == item->part && it->sent != item->sent && !it->crosses)
			return it;
		if (it->state != STATE_NONE)
			*free_way = false;
	}
	return NULL;
}

static struct ladder_row *add_row(struct ladder *l)
{
	struct ladder_row *row;

	if (l->count == LADDER_ROWS_MAX - ROWS_SPARE)
		l->count--;
	row = &l->rows[l->count++];
	*row = (struct ladder_row){.delta_ns = -1};
	return row;
}

/* An answer is as certain as its step only when the step itself was reported; else it is what TCP must have sent. */
static uint8_t certainty_of(const struct trace_item *item)
{
	uint8_t certainty = item->step->certainty;

	return item->companion && certainty == CERTAINTY_OBSERVED ? CERTAINTY_INFERRED : certainty;
}

/* Whether the step tells better than the row knows yet when it happened. */
static bool tells_better(const struct ladder_row *row, const struct trace_item *item)
{
	const struct step *s = item->step;

	if (!row->certainty)
		return true;
	if (row->same_step != item->companion)
		return row->same_step;
	if (row->when != s->when)
		return s->when < row->when;
	return row->t0_ns == 0 || (s->t0_ns != 0 && s->t1_ns - s->t0_ns < row->t1_ns - row->t0_ns);
}

/* Adds to the row what one end knows of it. */
static void attach(struct ladder_row *row, unsigned end, struct trace_item *item)
{
	struct ladder_end *at = end == LOCAL ? &row->local : &row->remote;
	const struct step *s = item->step;

	item->done = true;
	if (item->note && (!row->note || item->sent))
		row->note = item->note;
	if (item->sent || !row->flags)
		row->flags = item->flags;
	if (!s)
		return;
	at->state = item->state;
	at->certainty = s->certainty;
	if (item->sent && s->numbers) {
		row->numbers = s->numbers;
		row->seq = s->seq;
		row->ack = s->ack;
		row->has_seq = s->has_seq;
		row->has_ack = s->has_ack && (item->flags & FLAG_ACK);
	}
	if (tells_better(row, item)) {
		row->t_ns = s->t_ns;
		row->t0_ns = s->t0_ns;
		row->t1_ns = s->t1_ns;
		row->when = s->when;
		row->same_step = item->companion;
	}
	if (!row->certainty || certainty_of(item) < row->certainty)
		row->certainty = certainty_of(item);
}

static void emit(struct merge *m, unsigned end, struct trace_item *item)
{
	bool free_way;
	struct trace_item *other = partner(m, end, item, &free_way);
	struct ladder_row *row = add_row(m->l);

	row->part = item->part;
	row->from_local = (end == LOCAL) == item->sent;
	row->crossing = m->crossing ? CROSSING_OVER : CROSSING_NONE;
	attach(row, end, item);
	if (!other)
		return;
	if (free_way || m->crossing) {
		attach(row, !end, other);
	} else {
		row->crossing = CROSSING_LEAVES;
		other->crosses = true;
		m->crossing = true;
	}
}

static void emit_arrival(struct merge *m, unsigned end, struct trace_item *item)
{
	struct ladder_row *row = add_row(m->l);

	row->part = item->part;
	row->from_local = (end == LOCAL) == item->sent;
	row->crossing = CROSSING_ARRIVES;
	m->crossing = false;
	attach(row, end, item);
}

/* The step that will tell the time of the item's row: of an answer, the step that it makes at the other end. */
static const struct step *telling_step(struct merge *m, unsigned end, const struct trace_item *item)
{
	bool free_way;
	const struct trace_item *other = item->companion ? partner(m, end, item, &free_way) : NULL;

	return other ? other->step : item->step;
}

/* Of two heads that nothing puts in order: the earlier; where times do not say, in the order of a connection's life. */
static bool local_comes_first(struct merge *m, const struct trace_item *a, const struct trace_item *b)
{
	const struct step *local = telling_step(m, LOCAL, a), *remote = telling_step(m, REMOTE, b);

	if (local && remote) {
		if (local->t1_ns < remote->t0_ns)
			return true;
		if (remote->t1_ns < local->t0_ns)
			return false;
	}
	return a->part <= b->part;
}

static void merge_heads(struct merge *m, struct trace_item *a, struct trace_item *b)
{
	bool free_way, a_waits, b_waits;

	if (!a || !b) {
		emit(m, a ? LOCAL : REMOTE, a ? a : b);
		return;
	}
	if (partner(m, LOCAL, a, &free_way) == b) {
		emit(m, LOCAL, a);
		return;
	}
	a_waits = partner(m, LOCAL, a, &free_way);
	b_waits = partner(m, REMOTE, b, &free_way);
	if (a_waits == b_waits)
		b_waits = local_comes_first(m, a, b);
	if (b_waits)
		emit(m, LOCAL, a);
	else
		emit(m, REMOTE, b);
}

static void merge_traces(struct merge *m)
{
	struct trace_item *a, *b;

	while (a = head(m, LOCAL), b = head(m, REMOTE), a || b) {
		if (a && a->crosses)
			emit_arrival(m, LOCAL, a);
		else if (b && b->crosses)
			emit_arrival(m, REMOTE, b);
		else
			merge_heads(m, a, b);
	}
}

/* ---- making two traces fit each other ---- */

static struct trace_item *find_item(struct trace *t, enum ladder_part part, bool sent)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->items[i].part == part && t->items[i].sent == sent)
			return &t->items[i];
	return NULL;
}

/* A FIN that acknowledged ours at once leaves no acknowledgement for the other end to have sent. */
static void drop_merged_ack(struct trace *closer, struct trace *other)
{
	struct trace_item *fin = find_item(closer, PART_FIN, false), *ack = find_item(other, PART_FIN_ACK, true);

	if (fin && fin->merged_ack && ack)
		ack->done = true;
}

/* Only one end was seen from its beginning: the other one's "open before" says nothing, and an opening without us is left out. */
static void fit_beginnings(struct trace *local, struct trace *remote)
{
	if (!remote->whole && remote->count)
		remote->items[0].done = true;
	if (local->whole || !remote->whole)
		return;
	for (unsigned i = 0; i < remote->count; i++) {
		struct trace_item *item = &remote->items[i];

		if (item->part != PART_OPEN && item->part != PART_OPEN_ACK)
			continue;
		item->done = true;
		if (item->state)
			remote->first = item->state;
	}
}

/* ---- what follows: the peer's states ---- */

/* What the peer did when the peer is not ours: as little as the segments prove. */
struct deduction {
	uint8_t state;
	bool our_fin, our_fin_acked;
};

static uint8_t peer_on_ours(const struct deduction *d, const struct ladder_row *row)
{
	switch ((enum ladder_part)row->part) {
	case PART_OPEN_ACK:
		return row->flags & FLAG_SYN ? d->state : STATE_ESTABLISHED;
	case PART_FIN_ACK:
		if (d->our_fin && !d->our_fin_acked)
			return STATE_CLOSING;
		return d->our_fin_acked ? STATE_CLOSED : STATE_FIN_WAIT2;
	case PART_RESET:
		return STATE_CLOSED;
	default: /* whether a SYN or a FIN of ours came there, its answer will show */
		return d->state;
	}
}

static uint8_t peer_on_its_own(const struct deduction *d, const struct ladder_row *row)
{
	switch ((enum ladder_part)row->part) {
	case PART_OPEN:
		return row->flags & FLAG_ACK ? STATE_SYN_RECV : STATE_SYN_SENT;
	case PART_OPEN_ACK:
		return row->flags & FLAG_SYN ? STATE_SYN_RECV : STATE_ESTABLISHED;
	case PART_FIN:
		return d->our_fin_acked ? STATE_LAST_ACK : STATE_FIN_WAIT1;
	case PART_FIN_ACK:
		return d->state == STATE_FIN_WAIT1 || d->state == STATE_FIN_WAIT2 || d->state == STATE_CLOSING ? STATE_TIME_WAIT : STATE_CLOSE_WAIT;
	case PART_RESET:
		return STATE_CLOSED;
	default:
		return d->state;
	}
}

/* The state of a peer at the top of its lifeline, where ours is in l->first_local. */
static uint8_t peer_at_first(const struct ladder *l)
{
	const struct ladder_row *answer = l->count > 1 ? &l->rows[1] : NULL;
	bool listened = !answer || answer->part == PART_NOTE || (answer->part == PART_OPEN && answer->flags & FLAG_ACK);

	switch ((enum tcp_state)l->first_local) {
	case STATE_CLOSED:
		return listened ? STATE_LISTEN : STATE_CLOSED;
	case STATE_LISTEN:
		return STATE_CLOSED;
	case STATE_ESTABLISHED:
		return STATE_ESTABLISHED;
	case STATE_FIN_WAIT2:
		return STATE_CLOSE_WAIT;
	case STATE_CLOSE_WAIT:
	case STATE_LAST_ACK:
		return STATE_FIN_WAIT2;
	default:
		return STATE_NONE;
	}
}

/* Fills in the peer's states up to row `end`. */
static void deduce_peer(struct ladder *l, unsigned end)
{
	struct deduction d = {0};

	d.state = l->first_remote = peer_at_first(l);
	l->first_deduced = true;
	d.our_fin = l->first_local == STATE_FIN_WAIT1 || l->first_local == STATE_FIN_WAIT2 || l->first_local == STATE_LAST_ACK;
	d.our_fin_acked = l->first_local == STATE_FIN_WAIT2;
	for (unsigned i = 0; i < end; i++) {
		struct ladder_row *row = &l->rows[i];
		bool fin = row->part == PART_FIN;
		uint8_t state;

		if (row->part == PART_NOTE)
			continue;
		/* a FIN of the peer that makes us TIME_WAIT acknowledges ours, in this segment or before */
		if (!row->from_local && (row->part == PART_FIN_ACK || (fin && row->local.state == STATE_TIME_WAIT)))
			d.our_fin_acked = true;
		state = row->from_local ? peer_on_ours(&d, row) : peer_on_its_own(&d, row);
		d.our_fin |= row->from_local && fin;
		if (state != d.state)
			row->remote = (struct ladder_end){.state = state, .certainty = CERTAINTY_INFERRED, .deduced = true};
		d.state = state;
	}
	l->remote_state = d.state;
}

/* ---- what follows: numbers ---- */

/* The bytes an end had sent (or received) at its last sighting at or after `from`: final, once that end has sent (received) its FIN there. */
static bool bytes_since(const struct connection *c, const struct trace_item *from, bool sent, uint64_t *bytes)
{
	const struct history *h = c->history;

	if (!h || !from || !from->step)
		return false;
	for (const struct step *s = h->steps + h->count; s-- > from->step;) {
		if (!s->bytes_known)
			continue;
		*bytes = sent ? s->bytes_sent : s->bytes_received;
		return true;
	}
	return false;
}

/* The bytes that the side sent before its FIN. */
static bool bytes_before_fin(struct merge *m, unsigned side, uint64_t *bytes)
{
	for (unsigned i = 0; i < 2; i++) {
		unsigned witness = i == 0 ? side : !side;
		bool sent = witness == side;

		if (m->ends[witness] && bytes_since(m->ends[witness], find_item(&m->traces[witness], PART_FIN, sent), sent, bytes))
			return true;
	}
	return false;
}

static void set_seq(struct ladder_row *row, uint64_t seq)
{
	row->has_seq = true;
	row->seq = (uint32_t)seq;
	row->numbers = CERTAINTY_INFERRED;
}

static void set_ack(struct ladder_row *row, uint64_t ack)
{
	row->has_ack = true;
	row->ack = (uint32_t)ack;
	row->numbers = CERTAINTY_INFERRED;
}

/* Relative numbers: each SYN is 0 and takes one number, so does each FIN, and data lies between. */
static void number_rows(struct merge *m)
{
	bool known[2], fin_sent[2] = {false, false};
	uint64_t bytes[2] = {0, 0};

	for (unsigned side = 0; side < 2; side++)
		known[side] = bytes_before_fin(m, side, &bytes[side]);
	for (unsigned i = 0; i < m->l->count; i++) {
		struct ladder_row *row = &m->l->rows[i];
		unsigned side = row->from_local ? LOCAL : REMOTE;
		bool closing = row->part == PART_FIN || row->part == PART_FIN_ACK;

		if (row->crossing == CROSSING_ARRIVES)
			continue;
		if (!row->numbers && (row->part == PART_OPEN || row->part == PART_OPEN_ACK)) {
			set_seq(row, row->flags & FLAG_SYN ? 0 : 1);
			if (row->flags & FLAG_ACK)
				set_ack(row, 1);
		} else if (!row->numbers && closing) {
			if (known[side] && (row->part == PART_FIN || fin_sent[side]))
				set_seq(row, 1 + bytes[side] + fin_sent[side]);
			if (known[!side] && fin_sent[!side])
				set_ack(row, 2 + bytes[!side]);
		}
		fin_sent[side] |= row->part == PART_FIN;
	}
}

/* ---- what follows: data and times ---- */

/* The time between two moments, as far as it can be told from their intervals. */
static int64_t time_between(int64_t a0, int64_t a1, int64_t b0, int64_t b1, bool *about)
{
	int64_t between = b0 + (b1 - b0) / 2 - (a0 + (a1 - a0) / 2), unsure = ((a1 - a0) + (b1 - b0)) / 2;

	*about = unsure > 0;
	if (!a0 || !b0 || between < 0 || unsure > between / 10)
		return -1;
	return between;
}

static void measure_rows(struct ladder *l)
{
	const struct ladder_row *before = NULL;

	for (unsigned i = 0; i < l->count; i++) {
		struct ladder_row *row = &l->rows[i];

		if (row->part == PART_DATA || !row->certainty)
			continue;
		if (before && !row->same_step)
			row->delta_ns = time_between(before->t0_ns, before->t1_ns, row->t0_ns, row->t1_ns, &row->delta_about);
		before = row;
	}
}

static bool is_closing(const struct ladder_row *row)
{
	return row->part == PART_FIN || row->part == PART_RESET || (row->part == PART_NOTE && row->local.state == STATE_CLOSED);
}

/* Whether the bytes were still counted when the connection was closing: then no more came after. */
static bool counted_at_end(const struct connection *c)
{
	const unsigned before = STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_ESTABLISHED);
	const struct history *h = c->history;

	for (unsigned i = 0; h && i < h->count; i++)
		if (h->steps[i].bytes_known && !(before & STATE_BIT(h->steps[i].to)))
			return true;
	return false;
}

unsigned layout_closing_row(const struct ladder *l)
{
	unsigned at = 0;

	while (at < l->count && !is_closing(&l->rows[at]))
		at++;
	return at;
}

void layout_insert_row(struct ladder *l, unsigned at, const struct ladder_row *row)
{
	if (l->count == LADDER_ROWS_MAX)
		return;
	memmove(&l->rows[at + 1], &l->rows[at], (l->count - at) * sizeof(l->rows[0]));
	l->rows[at] = *row;
	l->count++;
}

/* Between opening and closing: what was sent, and how long it took. */
static void add_data(struct merge *m)
{
	const struct connection *c = m->ends[LOCAL];
	struct ladder *l = m->l;
	struct ladder_row data = {.part = PART_DATA, .delta_ns = -1};
	bool established = !m->traces[LOCAL].whole && state_is_synchronized(l->first_local);
	const unsigned at = layout_closing_row(l);

	for (unsigned i = 0; i < at; i++)
		established |= l->rows[i].local.state == STATE_ESTABLISHED;
	if (!established)
		return;
	data.bytes_known = c->facts.knows & KNOWS_BYTES;
	data.sent = c->facts.bytes_sent;
	data.received = c->facts.bytes_received;
	data.at_least = at < l->count && !counted_at_end(c);
	data.bytes_known &= !data.at_least || data.sent || data.received;
	if (at > 0 && at < l->count) {
		const struct ladder_row *a = &l->rows[at - 1], *b = &l->rows[at];

		data.t0_ns = a->t1_ns;
		data.t1_ns = b->t0_ns;
		data.delta_ns = time_between(a->t0_ns, a->t1_ns, b->t0_ns, b->t1_ns, &data.delta_about);
	}
	if (!(data.bytes_known && (data.sent | data.received)) && data.delta_ns < NS_PER_SECOND)
		return;
	layout_insert_row(l, at, &data);
}

/* How many rows come before the first of which the peer itself tells. */
static unsigned rows_before_peer(const struct ladder *l)
{
	unsigned i = 0;

	while (i < l->count && !l->rows[i].remote.state)
		i++;
	return i;
}

void ladder_lay_out(struct ladder *l, const struct model *m, const struct connection *c)
{
	const struct connection *peer = model_pair(m, c);
	struct merge merge = {.l = l, .ends = {c, peer}};

	memset(l, 0, sizeof(*l));
	l->conn = c->id;
	l->peer = peer ? peer->id : 0;
	l->remote_deduced = !peer;
	l->local_state = c->state;
	trace_of(&merge.traces[LOCAL], c);
	if (peer) {
		trace_of(&merge.traces[REMOTE], peer);
		fit_beginnings(&merge.traces[LOCAL], &merge.traces[REMOTE]);
		drop_merged_ack(&merge.traces[LOCAL], &merge.traces[REMOTE]);
		drop_merged_ack(&merge.traces[REMOTE], &merge.traces[LOCAL]);
	}
	l->first_local = merge.traces[LOCAL].first;
	l->first_remote = merge.traces[REMOTE].first;
	merge_traces(&merge);
	l->alone = l->first_local == STATE_LISTEN ? !merge.traces[LOCAL].whole : l->count && l->rows[0].local.state == STATE_LISTEN;
	if (!peer && !l->alone)
		deduce_peer(l, l->count);
	else if (peer && merge.traces[LOCAL].whole && !merge.traces[REMOTE].whole)
		deduce_peer(l, rows_before_peer(l));
	if (peer)
		l->remote_state = peer->state;
	number_rows(&merge);
	measure_rows(l);
	add_data(&merge);
	again_add(l, c, true);
	again_add(l, peer, false);
	numbers_settle(l);
}
