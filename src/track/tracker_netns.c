/*
 * Namespaces come and go.
 *
 * Each has whole sweeps and troubles of its own: a socket of one that was never swept is no new socket, whatever was seen of others. One that is let go takes its
 * connections along, and what became of them nobody can say.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "tracker_private.h"

void tracker_note_error(struct tracker *t, enum source source, int32_t error)
{
	t->here->errors[source] = error;
	t->coverage.errors[source] = error;
	for (uint32_t i = 0; i < t->sweeps_count && !t->coverage.errors[source]; i++)
		t->coverage.errors[source] = t->sweeps[i]->errors[source];
}

int64_t tracker_last_whole_ns(const struct tracker *t)
{
	int64_t oldest_ns = 0;

	for (uint32_t i = 0; i < t->sweeps_count; i++) {
		int64_t begin_ns = t->sweeps[i]->whole[0].begin_ns;

		if (begin_ns && (!oldest_ns || begin_ns < oldest_ns))
			oldest_ns = begin_ns;
	}
	return oldest_ns;
}

/* ---- one that was let go ---- */

static void settle_pendings(struct tracker *t, uint64_t netns)
{
	for (uint32_t i = 0; i < t->pendings.count; i++) {
		struct pending *p = &t->pendings.ring[(t->pendings.first + i) % PENDING_MAX];

		if (!p->waiting || p->netns != netns)
			continue;
		tracker_settle(t, p, REMNANT_UNASKED, NULL);
		/* The front may have moved. */
		i = UINT32_MAX;
	}
}

bool tracker_is_gone(const struct tracker *t, uint64_t netns)
{
	for (uint32_t i = 0; netns && i < GONE_NETNS; i++)
		if (t->gone[i] == netns)
			return true;
	return false;
}

/* It is watched again. */
static void comes_back(struct tracker *t, uint64_t netns)
{
	for (uint32_t i = 0; i < GONE_NETNS; i++)
		if (t->gone[i] == netns)
			t->gone[i] = 0;
}

static void forget(struct tracker *t, uint64_t netns)
{
	tracker_enter(t, 0);
	for (uint32_t i = 0; i < t->sweeps_count; i++) {
		if (t->sweeps[i]->netns != netns || !netns)
			continue;
		free(t->sweeps[i]);
		t->sweeps[i] = t->sweeps[--t->sweeps_count];
		break;
	}
	for (unsigned source = 0; source < SOURCE_COUNT; source++)
		if (source != SOURCE_OWNER)
			tracker_note_error(t, source, 0);
	t->coverage.last_whole_ns = tracker_last_whole_ns(t);
	t->gone[t->gone_next] = netns;
	t->gone_next = (t->gone_next + 1) % GONE_NETNS;
}

static void tell_netns(struct tracker *t, const struct observation *o, bool gone)
{
	t->verdict.events[t->verdict.count++] = (struct event){
		.kind = EVENT_NETNS,
		.t_ns = t->scene.now_ns,
		.netns = t->scene.netns,
		.netns_name = *o->netns.name ? o->netns.name : NULL,
		.netns_gone = gone,
	};
	tracker_tell(t);
}

static void let_go(struct tracker *t, const struct observation *o)
{
	uint64_t netns = t->scene.netns;

	settle_pendings(t, netns);
	for (uint32_t slot = 0; slot < model_slots(t->model); slot++) {
		const struct connection *c = model_at(t->model, slot);

		if (!c || !c->live || model_netns(t->model, c) != netns)
			continue;
		infer_let_go(&t->scene, c, o->t1_ns, &t->verdict);
		tracker_tell(t);
	}
	tell_netns(t, o, true);
	forget(t, netns);
}

void tracker_netns_seen(struct tracker *t, const struct observation *o)
{
	switch ((enum netns_news)o->netns.news) {
	case NETNS_WATCHED:
		comes_back(t, t->scene.netns);
		tell_netns(t, o, false);
		break;
	case NETNS_GONE:
		let_go(t, o);
		break;
	case NETNS_COUNTED:
		t->coverage.netns_watched = o->netns.watched;
		t->coverage.netns_unwatched = o->netns.unwatched;
		break;
	}
	tracker_tell_coverage(t);
}
