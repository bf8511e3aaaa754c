/*
 * Who holds what: which connections' holders are asked for, and what comes of the answers.
 *
 * A connection asks once, when it is known to have an inode; whoever searches (watch/owner.h) tells all holders again from time to time, and when a whole
 * search is over. A socket that was there when it began, and was not found in it, is held by nobody in sight. A socket that is being closed looks just so
 * until a sweep shows it, so but for the first search, that somebody waits for, a sweep has to have shown it once more.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "tracker_private.h"

/* ---- connections by inode ---- */

static uint32_t hash_inode(const void *context, uint32_t slot)
{
	const struct tracker *t = context;
	const struct connection *c = model_at(t->model, slot);

	return map_hash_u64(c ? c->facts.inode : 0, t->config.seed);
}

static bool is_indexed(const struct connection *c)
{
	return c && c->live && (c->facts.knows & KNOWS_INODE);
}

void tracker_owners_init(struct tracker *t)
{
	slotmap_init(&t->owners.by_inode, hash_inode, NULL, t);
	t->owners.wishes = memory_get_zeroed(OWNER_WISHES_MAX, sizeof(*t->owners.wishes));
}

void tracker_owners_fini(struct tracker *t)
{
	slotmap_fini(&t->owners.by_inode);
	free(t->owners.wishes);
}

void tracker_owners_expect(struct tracker *t, uint32_t connections)
{
	slotmap_reserve(&t->owners.by_inode, connections);
}

bool tracker_owners_before(struct tracker *t, const struct event *e, const struct connection *c)
{
	bool keeps_facts = !(e->facts.knows & ~(KNOWS_HOLDERS | KNOWS_SINCE | KNOWS_OPENED | KNOWS_ATLEAST));
	bool same_inode = (e->facts.knows & KNOWS_INODE) && c && e->facts.inode == c->facts.inode;
	bool stays = e->kind != EVENT_CLOSE && (keeps_facts || same_inode);

	if (!is_indexed(c) || stays)
		return is_indexed(c);
	slotmap_remove(&t->owners.by_inode, hash_inode(t, c->slot), c->slot);
	return false;
}

static bool wants_holders(const struct connection *c)
{
	return is_indexed(c) && (c->holders == MAP_NONE || c->holders_former) && !c->owner_hidden;
}

void tracker_owners_foresee(const struct tracker *t, uint32_t inode)
{
	slotmap_prefetch(&t->owners.by_inode, map_hash_u64(inode, t->config.seed));
}

static void wish(struct tracker *t, const struct connection *c)
{
	struct owners *o = &t->owners;

	o->asked = true;
	if (o->everybody)
		return;
	if (o->wish_count == OWNER_WISHES_MAX) {
		o->everybody = true;
		o->wish_count = 0;
		return;
	}
	o->wishes[(o->wish_first + o->wish_count++) % OWNER_WISHES_MAX] = c->id;
}

void tracker_owners_after(struct tracker *t, const struct connection *c, bool was_indexed)
{
	struct sight *sight;

	if (was_indexed || !is_indexed(c))
		return;
	slotmap_add(&t->owners.by_inode, hash_inode(t, c->slot), c->slot);
	sight = tracker_sight(t, c);
	/* The search that goes on may have been past its holder already. */
	sight->search = t->owners.search;
	sight->unfound = false;
	if (wants_holders(c))
		wish(t, c);
}

/* ---- asking ---- */

static uint32_t *hint_of(struct tracker *t, const struct connection *c)
{
	/* The lower port is the service's, nearly always: both ends of it have their own. */
	uint16_t port = c->ports[0] < c->ports[1] || !c->ports[1] ? c->ports[0] : c->ports[1];

	return &t->owners.hints[(port ^ (port == c->ports[0] ? OWNER_HINTS / 2 : 0)) % OWNER_HINTS];
}

/* Who is likely to hold it: the listener's holder, or whoever had one on that port last. */
static uint32_t likely_holder(struct tracker *t, const struct connection *c)
{
	struct tuple tuple = connection_tuple(c);
	const struct connection *listener = model_find_listener(t->model, model_netns(t->model, c), &tuple.local);
	struct holder holder;

	if (listener && listener != c && !listener->holders_former && model_holder(t->model, listener, 0, &holder))
		return holder.pid;
	return *hint_of(t, c);
}

bool tracker_want_owner(struct tracker *t, struct owner_ask *out)
{
	struct owners *o = &t->owners;

	if (o->everybody) {
		o->everybody = false;
		*out = (struct owner_ask){0};
		return true;
	}
	while (o->wish_count) {
		const struct connection *c = model_find(t->model, o->wishes[o->wish_first]);

		o->wish_first = (o->wish_first + 1) % OWNER_WISHES_MAX;
		o->wish_count--;
		if (!c || !wants_holders(c))
			continue;
		*out = (struct owner_ask){.inode = c->facts.inode, .hint = likely_holder(t, c)};
		return true;
	}
	return false;
}

bool tracker_owners_known(const struct tracker *t)
{
	return !t->owners.asked || t->owners.wholes || t->coverage.errors[SOURCE_OWNER];
}

/* ---- answers ---- */

struct inode_search {
	const struct tracker *tracker;
	uint32_t inode;
};

static bool has_inode(const void *context, uint32_t slot)
{
	const struct inode_search *search = context;
	const struct connection *c = model_at(search->tracker->model, slot);

	return is_indexed(c) && c->facts.inode == search->inode;
}

void tracker_owner_found(struct tracker *t, const struct observation *o)
{
	const struct inode_search search = {t, o->owner.inode};
	uint32_t slot = slotmap_find(&t->owners.by_inode, map_hash_u64(o->owner.inode, t->config.seed), has_inode, &search);
	const struct connection *c = slot == MAP_NONE ? NULL : model_at(t->model, slot);
	struct sight *sight;

	if (!c || !o->owner.count)
		return;
	sight = tracker_sight(t, c);
	sight->search = t->owners.search;
	sight->unfound = false;
	*hint_of(t, c) = observation_holders(o)->pid;
	infer_owner(&t->scene, c, o, &t->verdict);
	tracker_tell(t);
}

static void tell_hidden(struct tracker *t, const struct connection *c)
{
	if (c->owner_hidden)
		return;
	infer_owner_hidden(&t->scene, c, t->scene.now_ns, &t->verdict);
	tracker_tell(t);
}

/* What the whole search that is over did not find. */
static void judge(struct tracker *t, const struct observation *o)
{
	t->owners.unfound = 0;
	for (uint32_t slot = 0; slot < model_slots(t->model); slot++) {
		const struct connection *c = model_at(t->model, slot);

		if (!is_indexed(c) || t->sights[slot].search == t->owners.search || c->owner_hidden)
			continue;
		if (!t->owners.wholes && c->holders == MAP_NONE) {
			tell_hidden(t, c);
		} else {
			t->sights[slot].unfound = true;
			t->owners.unfound++;
		}
	}
	t->owners.wholes++;
	t->owners.judged_ns = o->t1_ns;
}

void tracker_owners_swept(struct tracker *t)
{
	uint32_t left = 0;

	if (!t->owners.unfound || t->here->begin_ns < t->owners.judged_ns)
		return;
	for (uint32_t slot = 0; slot < model_slots(t->model); slot++) {
		const struct connection *c = model_at(t->model, slot);

		if (!is_indexed(c) || !t->sights[slot].unfound)
			continue;
		/* A sweep tells of its own namespace only. */
		if (model_netns(t->model, c) != t->scene.netns) {
			left++;
			continue;
		}
		t->sights[slot].unfound = false;
		if (t->sights[slot].sweep == t->here->number)
			tell_hidden(t, c);
	}
	t->owners.unfound = left;
}

void tracker_owners_stand(struct tracker *t, const struct observation *o)
{
	bool shown = t->coverage.owner_scan_total, first = !t->owners.wholes;

	if (o->owners.state == OWNERS_BEGUN)
		t->owners.search++;
	if (o->owners.state == OWNERS_WHOLE)
		judge(t, o);
	if (first && o->owners.state == OWNERS_READING) {
		t->coverage.owner_scan_done = o->owners.done;
		t->coverage.owner_scan_total = o->owners.total;
		tracker_tell_coverage(t);
	} else if (shown && o->owners.state != OWNERS_READING) {
		t->coverage.owner_scan_done = t->coverage.owner_scan_total = 0;
		tracker_tell_coverage(t);
	}
}

