/*
 * While notices are not listened to, connections that live shorter than the interval between sweeps come and go unseen. The kernel's count of sockets opened
 * tells how many at least: those of its count that were not told as opened by the end of the first whole sweep after it, which lists those still there.
 */
#include "tracker_private.h"

void tracker_shed_changed(struct tracker *t, const struct observation *o)
{
	t->coverage.shedding = o->shed.deaf;
	if (o->shed.deaf) {
		/* What the last time left unaccounted for stays so. */
		t->shed.over_ns = 0;
		t->shed.opens = model_totals(t->model)->opens;
		t->coverage.notices_shed++;
	} else if (o->shed.counted) {
		t->shed.opened = o->shed.opened;
		t->shed.over_ns = o->t1_ns;
	}
	tracker_tell_coverage(t);
}

void tracker_shed_account(struct tracker *t)
{
	uint64_t told = model_totals(t->model)->opens - t->shed.opens;

	if (!t->shed.over_ns || t->here->begin_ns < t->shed.over_ns)
		return;
	if (t->shed.opened > told)
		t->coverage.ends_unseen += t->shed.opened - told;
	t->shed.over_ns = 0;
}
