/* Who holds a socket, from what was found. */
#include "infer.h"

#include <string.h>

#include "life.h"

static bool holders_are(const struct scene *scene, const struct connection *c, const struct holder *list, uint32_t count)
{
	struct holder known;

	for (uint32_t i = 0; i < count; i++)
		if (!model_holder(scene->model, c, i, &known) || known.pid != list[i].pid || known.fd != list[i].fd ||
		    known.start_ticks != list[i].start_ticks || strcmp(known.comm, list[i].comm))
			return false;
	return !model_holder(scene->model, c, count, &known);
}

void infer_owner(const struct scene *scene, const struct connection *c, const struct observation *o, struct verdict *v)
{
	struct life l = life_of(scene, c, o->t1_ns, v);
	struct event *e;

	if (!c->owner_hidden && !c->holders_former && holders_are(scene, c, observation_holders(o), o->owner.count))
		return;
	e = life_add(&l, EVENT_UPDATE);
	e->to = c->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->holders = observation_holders(o);
	e->holder_count = o->owner.count;
	e->facts.knows = KNOWS_HOLDERS;
}

void infer_owner_hidden(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v)
{
	struct life l = life_of(scene, c, t1_ns, v);
	struct event *e = life_add(&l, EVENT_UPDATE);

	e->to = c->state;
	e->certainty = e->when = CERTAINTY_OBSERVED;
	e->owner_hidden = true;
}
