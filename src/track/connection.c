/* What a connection keeps elsewhere: far ends, and its history. */
#include "connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"

enum family { FAMILY_UNKNOWN, FAMILY_V4, FAMILY_V6 };

#define HISTORY_ROOM_FIRST 4u

void connection_set_tuple(struct connection *c, const struct tuple *t)
{
	c->family = t->family == AF_INET ? FAMILY_V4 : t->family == AF_INET6 ? FAMILY_V6 : FAMILY_UNKNOWN;
	c->ports[0] = t->local.port;
	c->ports[1] = t->remote.port;
	c->is_far = t->ifindex || !endpoint_is_v4(&t->local) || !endpoint_is_v4(&t->remote);
	if (!c->is_far) {
		memcpy(c->ends.near[0], t->local.address + 12, 4);
		memcpy(c->ends.near[1], t->remote.address + 12, 4);
		return;
	}
	c->ends.far = memory_get(sizeof(*c->ends.far));
	memcpy(c->ends.far->addresses[0], t->local.address, 16);
	memcpy(c->ends.far->addresses[1], t->remote.address, 16);
	c->ends.far->ifindex = t->ifindex;
}

struct tuple connection_tuple(const struct connection *c)
{
	static const uint16_t families[] = {[FAMILY_V4] = AF_INET, [FAMILY_V6] = AF_INET6};
	struct tuple t = {.family = c->family < sizeof(families) / sizeof(*families) ? families[c->family] : 0};

	if (c->is_far) {
		endpoint_set_v6(&t.local, c->ends.far->addresses[0], c->ports[0]);
		endpoint_set_v6(&t.remote, c->ends.far->addresses[1], c->ports[1]);
		t.ifindex = c->ends.far->ifindex;
	} else {
		endpoint_set_v4(&t.local, c->ends.near[0], c->ports[0]);
		endpoint_set_v4(&t.remote, c->ends.near[1], c->ports[1]);
	}
	return t;
}

bool connection_has_tuple(const struct connection *c, const struct tuple *t)
{
	struct tuple own;

	if (c->ports[0] != t->local.port || c->ports[1] != t->remote.port)
		return false;
	own = connection_tuple(c);
	return tuple_equal(&own, t);
}

struct history *connection_history(struct connection *c)
{
	if (c->history)
		return c->history;
	c->history = memory_get(sizeof(*c->history) + HISTORY_ROOM_FIRST * sizeof(c->history->steps[0]));
	*c->history = (struct history){.room = HISTORY_ROOM_FIRST};
	return c->history;
}

struct step *connection_add_step(struct connection *c)
{
	struct history *h = connection_history(c);
	struct step *s;

	if (h->count == h->room && h->room < HISTORY_STEPS_MAX) {
		uint16_t room = (uint16_t)(h->room * 2);

		h = memory_resize(h, 1, sizeof(*h) + room * sizeof(h->steps[0]));
		h->room = room;
		c->history = h;
	}
	if (h->count == h->room) {
		/* The opening stays: it is what a ladder begins with. */
		memmove(&h->steps[2], &h->steps[3], (h->count - 3u) * sizeof(h->steps[0]));
		h->count--;
		h->dropped++;
	}
	s = &h->steps[h->count++];
	memset(s, 0, sizeof(*s));
	return s;
}

void connection_release(struct connection *c)
{
	free(c->history);
	c->history = NULL;
	if (c->is_far)
		free(c->ends.far);
	c->is_far = false;
}

int64_t connection_opened_ns(const struct connection *c)
{
	const struct step *first = c->history && c->history->count ? &c->history->steps[0] : NULL;

	return first && (first->from == STATE_CLOSED || first->from == STATE_LISTEN) ? first->t0_ns : 0;
}

int64_t connection_over_ns(const struct connection *c)
{
	for (int i = 0; c->history && i < c->history->count; i++)
		if (c->history->steps[i].to == STATE_TIME_WAIT)
			return c->history->steps[i].t1_ns;
	return c->live && c->state != STATE_TIME_WAIT ? INT64_MAX : c->since1_ns;
}

bool connection_counts_fit(const struct connection *c, const struct facts *other)
{
	if (!(c->facts.knows & other->knows & KNOWS_BYTES))
		return true;
	return c->facts.bytes_received <= other->bytes_sent + 1 && other->bytes_received <= c->facts.bytes_sent + 1;
}

bool connection_counts_agree(const struct connection *c, const struct facts *other)
{
	if (!(c->facts.knows & other->knows & KNOWS_BYTES) || !connection_counts_fit(c, other))
		return false;
	return c->facts.bytes_received + 1 >= other->bytes_sent && other->bytes_received + 1 >= c->facts.bytes_sent;
}
