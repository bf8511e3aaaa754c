/* Groups: what a connection's group is, the groups of an index, and their order. */
#include "show/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/message.h"
#include "base/utf8.h"
#include "list_private.h"

/* Keys that no program, port, address, state or namespace has. */
#define KEY_NOT_KNOWN UINT64_MAX
#define KEY_HIDDEN (UINT64_MAX - 1)
#define KEY_OTHERS (UINT64_MAX - 2)

static const struct {
	const char *choice, *said;
} groupings[LIST_GROUPING_COUNT] = {
#define X(name, choice_text, said_text) [LIST_BY_##name] = {choice_text, said_text},
	LIST_GROUPINGS(X)
#undef X
};

const char *list_grouping_choice(enum list_grouping grouping)
{
	return grouping < LIST_GROUPING_COUNT ? groupings[grouping].choice : "";
}

const char *list_grouping_said(enum list_grouping grouping)
{
	return grouping < LIST_GROUPING_COUNT ? groupings[grouping].said : "";
}

/* ---- what its group is ---- */

static void key_of_program(const struct model *m, const struct connection *c, uint64_t key[2])
{
	char comm[16] = {0};
	struct holder h;

	if (!model_holder(m, c, 0, &h)) {
		key[0] = c->owner_hidden ? KEY_HIDDEN : KEY_NOT_KNOWN;
		return;
	}
	memcpy(comm, h.comm, strnlen(h.comm, sizeof(comm)));
	key[0] = list_bytes_as_key(comm);
	key[1] = list_bytes_as_key(comm + 8);
}

/* The port that the service is known by: that of the end which did not open. Who did is not always known; then the lower is more likely to be it. */
static uint64_t service_port(const struct connection *c)
{
	const uint16_t local = c->ports[0], remote = c->ports[1];

	if (c->state == STATE_LISTEN || !remote || c->opener == SIDE_REMOTE || c->opener == SIDE_BOTH)
		return local;
	if (c->opener == SIDE_LOCAL)
		return remote;
	return local < remote ? local : remote;
}

void list_group_key(enum list_grouping grouping, const struct model *m, const struct connection *c, uint64_t key[2])
{
	struct tuple tuple;

	key[0] = key[1] = 0;
	switch (grouping) {
	case LIST_BY_PROGRAM:
		key_of_program(m, c, key);
		break;
	case LIST_BY_PORT:
		key[0] = service_port(c);
		break;
	case LIST_BY_PEER:
		tuple = connection_tuple(c);
		key[0] = list_bytes_as_key(tuple.remote.address);
		key[1] = list_bytes_as_key(tuple.remote.address + 8);
		if (c->state == STATE_LISTEN) {
			key[0] = KEY_NOT_KNOWN;
			key[1] = 0;
		}
		break;
	case LIST_BY_STATE:
		key[0] = c->state;
		break;
	case LIST_BY_NETNS:
		key[0] = model_netns(m, c) ? model_netns(m, c) : KEY_NOT_KNOWN;
		break;
	case LIST_BY_NOTHING:
	case LIST_GROUPING_COUNT:
		break;
	}
}

static void bytes_of_key(uint64_t key, char out[8])
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (char)(key >> (56 - 8 * i));
}

/* As many bytes of the name as the key has, without what is left of a rune that was cut. */
static const char *name_of_program(const struct list_group *group, char out[LIST_GROUP_NAME_ROOM])
{
	char text[17] = {0};
	size_t len = 0;

	bytes_of_key(group->key[0], text);
	bytes_of_key(group->key[1], text + 8);
	while (text[len]) {
		unsigned rune;
		const size_t taken = utf8_decode(text + len, strlen(text + len), &rune);

		if (rune == UTF8_INVALID)
			break;
		len += taken;
	}
	snprintf(out, LIST_GROUP_NAME_ROOM, "%.*s", (int)len, text);
	return out;
}

static const char *name_of_address(const struct list_group *group, char out[LIST_GROUP_NAME_ROOM])
{
	struct tuple tuple = {0};
	char text[ENDPOINT_TEXT_ROOM];
	size_t len;

	bytes_of_key(group->key[0], (char *)tuple.remote.address);
	bytes_of_key(group->key[1], (char *)tuple.remote.address + 8);
	tuple.family = endpoint_is_v4(&tuple.remote) ? AF_INET : AF_INET6;
	tuple_format_remote(&tuple, text);
	len = strrchr(text, ':') ? (size_t)(strrchr(text, ':') - text) : strlen(text);
	if (text[0] == '[' && len > 2) /* brackets are there for the port */
		snprintf(out, LIST_GROUP_NAME_ROOM, "%.*s", (int)len - 2, text + 1);
	else
		snprintf(out, LIST_GROUP_NAME_ROOM, "%.*s", (int)len, text);
	return out;
}

/* What there is to say of those that have no name. */
static const char *name_of_nameless(enum list_grouping grouping, uint64_t key)
{
	if (key == KEY_OTHERS)
		return _("(others)");
	if (key == KEY_HIDDEN)
		return _("(hidden)");
	if (grouping == LIST_BY_PEER)
		return _("(listening)");
	return grouping == LIST_BY_PROGRAM ? _("(no program)") : _("(not known)");
}

const char *list_group_name(const struct list *l, const struct model *m, const struct list_group *group, char out[LIST_GROUP_NAME_ROOM])
{
	const enum list_grouping grouping = (enum list_grouping)l->grouping;
	const char *netns;

	if (group->key[0] >= KEY_OTHERS) {
		snprintf(out, LIST_GROUP_NAME_ROOM, "%s", name_of_nameless(grouping, group->key[0]));
		return out;
	}
	switch (grouping) {
	case LIST_BY_PROGRAM:
		return name_of_program(group, out);
	case LIST_BY_PORT:
		snprintf(out, LIST_GROUP_NAME_ROOM, ":%u", (unsigned)group->key[0]);
		break;
	case LIST_BY_PEER:
		return name_of_address(group, out);
	case LIST_BY_STATE:
		snprintf(out, LIST_GROUP_NAME_ROOM, "%s", state_name((enum tcp_state)group->key[0]));
		break;
	case LIST_BY_NETNS:
		netns = model_name_of_netns(m, group->key[0]);
		snprintf(out, LIST_GROUP_NAME_ROOM, "%s", netns ? netns : _("(not known)"));
		break;
	case LIST_BY_NOTHING:
	case LIST_GROUPING_COUNT:
		out[0] = '\0';
		break;
	}
	return out;
}

/* ---- the groups of an index ---- */

void list_groups_fini(struct list_groups *g)
{
	free(g->at);
	map_fini(&g->map);
	*g = (struct list_groups){.seed = g->seed};
}

static uint32_t hash_of(const struct list_groups *g, const uint64_t key[2])
{
	return map_hash(key, 2 * sizeof(key[0]), g->seed);
}

struct search {
	const struct list_groups *groups;
	const uint64_t *key;
};

static bool has_key(const void *context, uint32_t value)
{
	const struct search *s = context;

	return s->groups->at[value].key[0] == s->key[0] && s->groups->at[value].key[1] == s->key[1];
}

static uint32_t find(const struct list_groups *g, const uint64_t key[2], uint32_t hash)
{
	const struct search search = {.groups = g, .key = key};

	return g->count ? map_find(&g->map, hash, has_key, &search) : MAP_NONE;
}

uint32_t list_groups_find(const struct list_groups *g, const uint64_t key[2])
{
	static const uint64_t others[2] = {KEY_OTHERS, 0};
	const uint32_t found = find(g, key, hash_of(g, key));

	return found == MAP_NONE && g->count > LIST_GROUPS_MAX ? find(g, others, hash_of(g, others)) : found;
}

uint32_t list_groups_add(struct list_groups *g, const uint64_t key[2])
{
	static const uint64_t others[2] = {KEY_OTHERS, 0};
	uint32_t hash = hash_of(g, key), found = find(g, key, hash);

	if (found != MAP_NONE)
		return found;
	if (g->count >= LIST_GROUPS_MAX) {
		key = others;
		hash = hash_of(g, key);
		found = find(g, key, hash);
		if (found != MAP_NONE)
			return found;
	}
	if (g->count == g->room) {
		g->room = g->room * 2 + 64;
		g->at = memory_resize(g->at, g->room, sizeof(*g->at));
	}
	g->at[g->count] = (struct list_group){.key = {key[0], key[1]}};
	map_add(&g->map, hash, g->count);
	return g->count++;
}

void list_group_count(struct list_group *group, const struct connection *c, int64_t order_ns)
{
	group->count++;
	group->states[c->state]++;
	group->warned += list_warns(c, order_ns);
	/* Of a listener these are connections that wait, and their limit. */
	if (c->state == STATE_LISTEN || !(c->facts.knows & KNOWS_QUEUES))
		return;
	group->rqueue += c->facts.rqueue;
	group->wqueue += c->facts.wqueue;
}

/* ---- their order ---- */

/* The list is sorted by what the groups are called. */
static bool is_by_name(const struct list *l)
{
	static const uint8_t columns[LIST_GROUPING_COUNT] = {
		[LIST_BY_NOTHING] = LIST_COLUMN_COUNT, [LIST_BY_PROGRAM] = LIST_PROGRAM, [LIST_BY_PORT] = LIST_COLUMN_COUNT,
		[LIST_BY_PEER] = LIST_PEER, [LIST_BY_STATE] = LIST_STATE, [LIST_BY_NETNS] = LIST_NETNS,
	};

	return columns[l->grouping] == l->sort;
}

struct list_row *list_groups_rank(struct list_groups *g, const struct list *l)
{
	struct list_row *rows = memory_resize(NULL, g->count + 1u, sizeof(*rows));
	const bool by_name = is_by_name(l);

	for (uint32_t i = 0; i < g->count; i++) {
		const struct list_group *group = &g->at[i];

		rows[i] = (struct list_row){.key = {group->key[0], group->key[1]}, .slot = i | LIST_GROUP_BIT, .order = by_name ? 0 : UINT32_MAX - group->count};
		if (l->grouping == LIST_BY_STATE)
			rows[i].key[0] = state_life_place((enum tcp_state)group->key[0]);
	}
	list_rows_sort(rows, g->count, by_name && l->inverted);
	for (uint32_t i = 0; i < g->count; i++) {
		g->at[rows[i].slot & ~LIST_GROUP_BIT].rank = i;
		rows[i].order = i * LIST_ORDERS;
		rows[i].key[0] = rows[i].key[1] = 0;
	}
	return rows;
}
