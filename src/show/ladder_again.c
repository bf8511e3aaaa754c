/* What was sent again, as arrows of their own. */
#include "ladder_again.h"

#include "base/message.h"
#include "ladder_layout.h"
#include "show/ladder_info.h"

static struct ladder_row again(bool local, uint32_t repeats, bool unanswered, unsigned flags, const char *what)
{
	return (struct ladder_row){
		.part = PART_AGAIN, .from_local = local, .repeats = repeats, .unanswered = unanswered, .flags = (uint16_t)flags, .note = what,
		.certainty = CERTAINTY_OBSERVED, .delta_ns = -1,
	};
}

/* The SYN or FIN of one end that its kernel sends again and again now. False: it sends something else. */
static bool add_unanswered(struct ladder *l, const struct connection *c, bool local)
{
	const unsigned waiting = STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_LAST_ACK);
	struct ladder_row row;
	unsigned last = l->count;

	if (!(waiting & STATE_BIT(c->state)) || info_has_data_unacked(c->state, &c->facts))
		return false;
	for (unsigned i = 0; i < l->count; i++)
		if ((l->rows[i].part == PART_OPEN || l->rows[i].part == PART_FIN) && l->rows[i].from_local == local)
			last = i;
	if (last == l->count)
		return false;
	if (l->rows[last].crossing || (local ? l->rows[last].remote.state : l->rows[last].local.state))
		return true;
	l->rows[last].unanswered = true;
	row = again(local, c->facts.retransmits, true, l->rows[last].flags, NULL);
	layout_insert_row(l, last + 1, &row);
	return true;
}

/* Was sent again, some time before the closing. Of a connection that never was one it was the SYN, or the SYN+ACK; else nobody knows what. */
static void add_repeated(struct ladder *l, bool local, uint32_t repeats)
{
	const unsigned at = layout_closing_row(l);
	struct ladder_row row = again(local, repeats, false, 0, N_("segment"));
	bool established = false;
	unsigned flags = 0;

	for (unsigned i = 0; i < at; i++) {
		established |= l->rows[i].part == PART_OPEN_ACK || l->rows[i].part == PART_DATA || l->rows[i].part == PART_NOTE;
		if (l->rows[i].part == PART_OPEN && l->rows[i].from_local == local)
			flags = l->rows[i].flags;
	}
	if (!established && flags)
		row = again(local, repeats, false, flags, NULL);
	layout_insert_row(l, at, &row);
}

void again_add(struct ladder *l, const struct connection *c, bool local)
{
	static const char *const what[TIMER_COUNT] = {
		[TIMER_RETRANSMIT] = N_("data"), [TIMER_KEEPALIVE] = N_("keepalive"), [TIMER_PROBE] = N_("window probe"),
	};
	struct ladder_row row;
	uint32_t now = 0, before;

	if (!c)
		return;
	before = c->facts.knows & KNOWS_RETRANS ? c->facts.total_retrans : 0;
	if (c->live && c->facts.knows & KNOWS_TIMER && c->facts.timer < TIMER_COUNT && what[c->facts.timer])
		now = c->facts.retransmits;
	if (now && !(c->facts.timer == TIMER_RETRANSMIT && add_unanswered(l, c, local))) {
		row = again(local, now, true, 0, what[c->facts.timer]);
		layout_insert_row(l, l->count, &row);
	}
	if (now && c->facts.timer == TIMER_RETRANSMIT)
		before = before > now ? before - now : 0;
	if (before)
		add_repeated(l, local, before);
}
