/*
 * From the steps of a history to the segments that made them.
 *
 * A step's edge (tcp/edge.h) says which segment came and which was sent. A step made by a received segment belongs to that segment; its answer
 * follows as a companion.
 */
#include "ladder_trace.h"

#include "base/message.h"
#include "tcp/edge.h"
#include "tcp/flags.h"

/* What to say beside a step that no segment explains, or that a reset made. */
struct remark {
	uint8_t from, cause; /* enum tcp_state (STATE_NONE: any), enum edge_cause */
	const char *text;
};

static const struct remark remarks[] = {
	{STATE_CLOSED, ON_LISTEN, N_("listens for connections")},
	{STATE_LISTEN, ON_CLOSE, N_("no longer listens")},
	{STATE_SYN_SENT, ON_RESET, N_("refused")},
	{STATE_SYN_SENT, ON_TIMEOUT, N_("no answer: given up")},
	{STATE_SYN_SENT, ON_CLOSE, N_("cancelled by the program")},
	{STATE_SYN_RECV, ON_TIMEOUT, N_("no ACK came: given up")},
	{STATE_TIME_WAIT, ON_TIMEOUT, N_("TIME_WAIT is over")},
	{STATE_TIME_WAIT, ON_SEGMENT, N_("a new connection takes its place")},
	{STATE_TIME_WAIT, ON_CONNECT, N_("a new connection takes its place")},
	{STATE_TIME_WAIT, ON_ABORT, N_("removed")},
	{STATE_FIN_WAIT2, ON_TIMEOUT, N_("no FIN came: given up")},
	{STATE_NONE, ON_RESET, N_("reset by the peer")},
	{STATE_NONE, ON_ABORT, N_("reset by this side")},
	{STATE_NONE, ON_TIMEOUT, N_("the peer is silent: given up")},
};

static const char *remark_on(enum tcp_state from, enum edge_cause cause)
{
	for (size_t i = 0; i < sizeof(remarks) / sizeof(*remarks); i++)
		if ((remarks[i].from == from || remarks[i].from == STATE_NONE) && remarks[i].cause == cause)
			return remarks[i].text;
	return NULL;
}

static struct trace_item *add_item(struct trace *t, enum ladder_part part, bool sent, unsigned flags, enum tcp_state state)
{
	struct trace_item *item;

	if (t->count == TRACE_ITEMS_MAX)
		return NULL;
	item = &t->items[t->count++];
	*item = (struct trace_item){.part = (uint8_t)part, .sent = sent, .flags = (uint16_t)flags, .state = (uint8_t)state};
	return item;
}

static void add_note(struct trace *t, const struct step *s, const char *note, enum tcp_state state)
{
	struct trace_item *item = add_item(t, PART_NOTE, false, 0, state);

	if (!item)
		return;
	item->step = s;
	item->note = note;
}

static enum ladder_part part_of(const struct edge *e, bool sent)
{
	unsigned flags = sent ? e->send : e->on;
	bool opening = e->from == STATE_CLOSED || e->from == STATE_LISTEN || e->from == STATE_SYN_SENT || e->from == STATE_SYN_RECV;

	if (flags & FLAG_RST)
		return PART_RESET;
	if (flags & FLAG_FIN)
		return PART_FIN;
	if (sent && e->on & FLAG_FIN)
		return PART_FIN_ACK;
	/* In a simultaneous open the SYN goes out again, with an ACK: that is this side's acknowledgement. */
	if (flags & FLAG_SYN)
		return sent && e->from == STATE_SYN_SENT ? PART_OPEN_ACK : PART_OPEN;
	return opening ? PART_OPEN_ACK : PART_FIN_ACK;
}

static void add_segment(struct trace *t, const struct step *s, const struct edge *e, bool sent)
{
	enum ladder_part part = part_of(e, sent);
	bool companion = sent && e->on;
	struct trace_item *item = add_item(t, part, sent, sent ? e->send : e->on, companion ? STATE_NONE : s->to);

	if (!item)
		return;
	item->step = s;
	item->companion = companion;
	/* Each side's acknowledgement of a simultaneous open is its SYN once more, with an ACK. */
	t->simultaneous |= e->from == STATE_SYN_SENT && e->to == STATE_SYN_RECV;
	if (part == PART_OPEN_ACK && t->simultaneous)
		item->flags |= FLAG_SYN;
	item->merged_ack = !sent && e->from == STATE_FIN_WAIT1 && e->to == STATE_TIME_WAIT;
	if (part == PART_RESET)
		item->note = remark_on(s->from, e->cause);
}

static void add_step(struct trace *t, const struct step *s)
{
	const struct edge *e = s->edge_cause ? edge_find_by(s->from, s->to, s->edge_cause - 1) : edge_find(s->from, s->to);
	/* In TIME_WAIT a SYN belongs to the next connection. */
	bool foreign = e && e->from == STATE_TIME_WAIT && e->on & FLAG_SYN;

	if (!e)
		add_note(t, s, N_("TCP knows no such step"), s->to);
	else if (s->certainty == CERTAINTY_AMBIGUOUS && s->to == STATE_CLOSED && !s->edge_cause)
		add_note(t, s, N_("how it ended is not known"), s->to);
	else if (foreign || !(e->on | e->send))
		add_note(t, s, remark_on(s->from, e->cause), s->to);
	else {
		if (e->on)
			add_segment(t, s, e, false);
		if (e->send)
			add_segment(t, s, e, true);
	}
}

void trace_of(struct trace *t, const struct connection *c)
{
	const struct history *h = c->history;

	*t = (struct trace){.first = c->state};
	if (h && h->count)
		t->first = h->steps[0].from;
	t->whole = h && h->count && (t->first == STATE_CLOSED || t->first == STATE_LISTEN);
	if (!t->whole)
		add_note(t, NULL, t->first == STATE_LISTEN ? remark_on(STATE_CLOSED, ON_LISTEN) : N_("open before synfin looked"), STATE_NONE);
	for (unsigned i = 0; h && i < h->count; i++) {
		if (i == 2 && h->dropped)
			add_note(t, NULL, N_("steps left out"), STATE_NONE);
		add_step(t, &h->steps[i]);
	}
}
