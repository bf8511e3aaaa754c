/*
 * While notices are not listened to, connections that live shorter than the interval between sweeps come and go unseen. The kernel's count of sockets opened
 * tells how many at least: those of its count that were not told as opened by the end of the first whole sweep after it, which lists those still there.
 */
#include "tracker_private.h"

static void account(struct tracker *t)
{
	const uint64_t seen = model_totals(t->model)->opens - t->shed.opens + t->shed.unseen;

	if (t->shed.counted_ns && t->shed.opened > seen) {
		t->coverage.ends_unseen += t->shed.opened - seen;
		t->shed.unseen += t->shed.opened - seen;
	}
	t->shed.counted_ns = 0;
}

void tracker_shed_changed(struct tracker *t, const struct observation *o)
{
	const bool begins = o->shed.deaf && !t->coverage.shedding, changes = o->shed.deaf != t->coverage.shedding;

	if (begins) {
		/* No sweep has come since: who lives still is among them. */
		account(t);
		t->shed.opens = model_totals(t->model)->opens;
		t->shed.unseen = 0;
		t->coverage.notices_shed++;
		for (uint32_t i = 0; i < t->sweeps_count; i++)
			t->sweeps[i]->lost = t->notices;
	} else if (o->shed.counted) {
		t->shed.opened = o->shed.opened;
		t->shed.counted_ns = o->t1_ns;
	}
	t->coverage.shedding = o->shed.deaf;
	if (changes)
		tracker_tell_coverage(t);
}

void tracker_shed_account(struct tracker *t, bool last)
{
	if (last || t->here->begin_ns >= t->shed.counted_ns)
		account(t);
}
