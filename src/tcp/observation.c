/* Batches of observations. */
#include "tcp/observation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Observations are zeroed when they are added, so a new batch needs only its head. */
struct batch *batch_new(void)
{
	struct batch *b = memory_get(sizeof(*b));

	b->netns = 0;
	b->count = 0;
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->count; i++)
		if (b->observations[i].kind == OBSERVED_OWNER && b->observations[i].owner.count > 1)
			free(b->observations[i].owner.several);
	free(b);
}

struct observation *batch_add_raw(struct batch *b, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns)
{
	struct observation *o;

	if (b->count == BATCH_ROOM)
		return NULL;
	o = &b->observations[b->count++];
	o->kind = (uint8_t)kind;
	o->t0_ns = t0_ns;
	o->t1_ns = t1_ns;
	return o;
}

struct observation *batch_add(struct batch *b, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns)
{
	struct observation *o = batch_add_raw(b, kind, t0_ns, t1_ns);

	if (!o)
		return NULL;
	memset(o, 0, sizeof(*o));
	o->kind = (uint8_t)kind;
	o->t0_ns = t0_ns;
	o->t1_ns = t1_ns;
	return o;
}
