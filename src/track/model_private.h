/* What the model is made of. For model*.c only. */
#ifndef TRACK_MODEL_PRIVATE_H
#define TRACK_MODEL_PRIVATE_H

#include "holders.h"
#include "series.h"
#include "table.h"
#include "units.h"

#define MODEL_NETNS_MAX 4096

struct model_netns {
	uint64_t cookie;
	char *name; /* NULL: not known */
	bool gone;
};

struct model {
	struct table table;
	struct holders holders;
	struct units units;
	struct series series;
	struct totals totals;
	struct coverage coverage;
	uint64_t version;
	uint32_t live, population[STATE_COUNT], owners_hidden;
	uint32_t departed[MODEL_DEPARTED_MAX]; /* ring of slots */
	uint32_t departed_count, departed_next;
	struct model_netns *netns;             /* by index; index 0: unknown */
	uint16_t netns_count;
};

/* The index of a namespace's cookie; 0 when it is unknown to the model. */
uint16_t model_netns_index(const struct model *m, uint64_t netns);

#endif
