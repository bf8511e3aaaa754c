/* What the cgroups of sockets are called: told once (OBSERVED_UNIT), before the first socket of each. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tracker_private.h"

/* More than watch/cgroup.h tells before it tells them all again. */
#define CGROUPS_MAX 8192u

struct cgroup_key {
	const struct cgroup_name *names;
	uint64_t cgroup;
};

static bool is_cgroup(const void *context, uint32_t at)
{
	const struct cgroup_key *key = context;

	return key->names[at].cgroup == key->cgroup;
}

static struct cgroup_name *find(struct tracker *t, uint64_t cgroup)
{
	const struct cgroup_key key = {t->cgroups.names, cgroup};
	uint32_t at = map_find(&t->cgroups.by_id, map_hash_u64(cgroup, t->config.seed), is_cgroup, &key);

	return at == MAP_NONE ? NULL : &t->cgroups.names[at];
}

void tracker_units_fini(struct tracker *t)
{
	free(t->cgroups.names);
	map_fini(&t->cgroups.by_id);
}

void tracker_unit_told(struct tracker *t, const struct observation *o)
{
	struct cgroup_names *c = &t->cgroups;
	struct cgroup_name *name = c->count ? find(t, o->unit.cgroup) : NULL;

	if (c->count == CGROUPS_MAX) {
		c->count = 0;
		map_clear(&c->by_id);
		name = NULL;
	}
	if (!name) {
		if (c->count == c->room) {
			c->room = c->room ? c->room * 2 : 16;
			c->names = memory_resize(c->names, c->room, sizeof(*c->names));
		}
		name = &c->names[c->count];
		name->cgroup = o->unit.cgroup;
		map_add(&c->by_id, map_hash_u64(name->cgroup, t->config.seed), c->count++);
	}
	memcpy(name->name, o->unit.name, sizeof(name->name));
}

void tracker_units_name(struct tracker *t, const struct sample *s)
{
	struct verdict *v = &t->verdict;
	const struct cgroup_name *name = v->count && s->cgroup && t->cgroups.count ? find(t, s->cgroup) : NULL;
	const struct connection *c = name ? model_find(t->model, v->events[v->count - 1].conn) : NULL;

	if (!name || (c && c->unit))
		return;
	/* The last event is of the connection that the socket has now; its first tells the name. */
	for (uint32_t i = 0; i < v->count; i++) {
		struct event *e = &v->events[i];

		if (e->conn != v->events[v->count - 1].conn || e->kind == EVENT_MARK || e->kind == EVENT_CLOSE)
			continue;
		e->unit = name->name;
		return;
	}
}
