/* Reading the model: look-ups, populations, statistics, and the model told as events. */
#include <string.h>

#include "model_private.h"

uint64_t model_version(const struct model *m)
{
	return m->version;
}

const struct connection *model_find(const struct model *m, uint64_t conn)
{
	return conn ? table_find(&m->table, conn) : NULL;
}

const struct connection *model_find_cookie(const struct model *m, uint64_t netns, uint64_t cookie)
{
	return cookie ? table_find_cookie(&m->table, model_netns_index(m, netns), cookie) : NULL;
}

bool model_slot_has_cookie(const struct model *m, uint32_t slot, uint64_t netns, uint64_t cookie)
{
	return table_slot_has_cookie(&m->table, slot, model_netns_index(m, netns), cookie);
}

void model_foresee(const struct model *m, uint64_t cookie, const struct tuple *tuple, uint32_t ahead)
{
	table_foresee(&m->table, cookie, tuple, ahead);
}

static bool is_live(void *context, const struct connection *c)
{
	(void)context;
	return c->live;
}

const struct connection *model_find_tuple(const struct model *m, uint64_t netns, const struct tuple *t, model_match *match, void *context)
{
	return table_find_tuple(&m->table, model_netns_index(m, netns), t, match ? match : is_live, context);
}

static bool is_listener(void *context, const struct connection *c)
{
	(void)context;
	return c->live && c->state == STATE_LISTEN;
}

/* A listener's tuple is its address or the wildcard of either family, and no remote end. */
const struct connection *model_find_listener(const struct model *m, uint64_t netns, const struct endpoint *local)
{
	static const uint8_t zero[16];
	struct endpoint none4, none6, addresses[3] = {*local};
	const struct connection *found = NULL;

	endpoint_set_v4(&none4, zero, 0);
	endpoint_set_v6(&none6, zero, 0);
	addresses[1] = none4;
	addresses[2] = none6;
	addresses[1].port = addresses[2].port = local->port;
	for (int i = 0; i < 3 && !found; i++)
		for (int six = 0; six < 2 && !found; six++) {
			struct tuple t = {.local = addresses[i], .remote = six ? none6 : none4};

			found = model_find_tuple(m, netns, &t, is_listener, NULL);
		}
	return found;
}

const struct connection *model_pair(const struct model *m, const struct connection *c)
{
	return c->pair_slot == MAP_NONE ? NULL : table_at(&m->table, c->pair_slot);
}

uint32_t model_slots(const struct model *m)
{
	return m->table.slots;
}

const struct connection *model_at(const struct model *m, uint32_t slot)
{
	return table_at(&m->table, slot);
}

void model_prefetch(const struct model *m, uint32_t slot)
{
	table_prefetch(&m->table, slot);
}

/* Places in the ring whose connection came back to life are stepped over. */
const struct connection *model_departed_next(const struct model *m, uint32_t *place)
{
	while (*place < m->departed_count) {
		uint32_t at = (m->departed_next + MODEL_DEPARTED_MAX - 1 - (*place)++) % MODEL_DEPARTED_MAX;
		const struct connection *c = table_at(&m->table, m->departed[at]);

		if (c && !c->live)
			return c;
	}
	return NULL;
}

const struct connection *model_departed(const struct model *m, uint32_t index)
{
	const struct connection *c;
	uint32_t place = 0;

	do
		c = model_departed_next(m, &place);
	while (c && index-- > 0);
	return c;
}

bool model_holder(const struct model *m, const struct connection *c, uint32_t index, struct holder *out)
{
	return holders_get(&m->holders, c->holders, index, out);
}

uint64_t model_netns(const struct model *m, const struct connection *c)
{
	return m->netns[c->netns].cookie;
}

const char *model_netns_name(const struct model *m, const struct connection *c)
{
	return m->netns[c->netns].name;
}

const char *model_name_of_netns(const struct model *m, uint64_t netns)
{
	return m->netns[model_netns_index(m, netns)].name;
}

uint32_t model_population(const struct model *m, enum tcp_state state)
{
	return (unsigned)state < STATE_COUNT ? m->population[state] : 0;
}

uint32_t model_live(const struct model *m)
{
	return m->live;
}

uint32_t model_owners_hidden(const struct model *m)
{
	return m->owners_hidden;
}

const struct coverage *model_coverage(const struct model *m)
{
	return &m->coverage;
}

struct second model_second(const struct model *m, int64_t now_ns, unsigned ago)
{
	return series_get(&m->series, now_ns, ago);
}

const struct totals *model_totals(const struct model *m)
{
	return &m->totals;
}

const char *model_unit(const struct model *m, const struct connection *c)
{
	return units_name(&m->units, c->unit);
}

struct event model_row(const struct model *m, const struct connection *c, int64_t now_ns, struct holder holders[MODEL_TELL_HOLDERS])
{
	struct event e = {
		.kind = EVENT_CONNECTION,
		.to = c->state,
		.opener = c->opener,
		.opener_by = c->opener_by,
		.closer = c->closer,
		.closer_by = c->closer_by,
		.cause = c->cause,
		.owner_hidden = c->owner_hidden,
		.holders_former = c->holders_former,
		.t_ns = now_ns,
		.conn = c->id,
		.cookie = c->cookie,
		.netns = model_netns(m, c),
		.netns_name = model_netns_name(m, c),
		.tuple = connection_tuple(c),
		.unit = model_unit(m, c),
		.facts = c->facts,
		.since0_ns = c->since0_ns,
		.since1_ns = c->since1_ns,
		.holders = holders,
	};
	const struct history *h = c->history;

	if (h && h->count && (h->steps[0].from == STATE_CLOSED || h->steps[0].from == STATE_LISTEN)) {
		e.facts.knows |= KNOWS_OPENED;
		e.opened0_ns = h->steps[0].t0_ns;
		e.opened1_ns = h->steps[0].t1_ns;
	}
	while (e.holder_count < MODEL_TELL_HOLDERS && model_holder(m, c, e.holder_count, &holders[e.holder_count]))
		e.holder_count++;
	/* A timer that was read a while ago has less left. */
	if ((e.facts.knows & KNOWS_TIMER) && e.facts.timer && now_ns > c->updated_ns) {
		int64_t gone_ms = (now_ns - c->updated_ns) / 1000000;

		e.facts.timer_expires_ms = gone_ms < e.facts.timer_expires_ms ? e.facts.timer_expires_ms - (uint32_t)gone_ms : 0;
	}
	return e;
}

void model_tell(const struct model *m, int64_t now_ns, event_sink *sink, void *context)
{
	struct event frame = {.kind = EVENT_KEYFRAME_BEGIN, .t_ns = now_ns, .count = m->live};
	struct holder holders[MODEL_TELL_HOLDERS];

	sink(context, &frame);
	for (uint32_t slot = 0; slot < m->table.slots; slot++) {
		const struct connection *c = table_at(&m->table, slot);

		if (c && c->live) {
			struct event row = model_row(m, c, now_ns, holders);

			sink(context, &row);
		}
	}
	frame.kind = EVENT_KEYFRAME_END;
	sink(context, &frame);
}
