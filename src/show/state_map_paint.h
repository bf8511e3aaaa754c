/* What the two pictures of the map, diagram and table, have in common. */
#ifndef SHOW_STATE_MAP_PAINT_H
#define SHOW_STATE_MAP_PAINT_H

#include "show/amount.h"
#include "show/state_map.h"

/* What all parts of the picture are painted from. */
struct map_painting {
	const struct state_map *map;
	const struct model *model;
	const struct glyphs *glyphs;
	struct area area;
	int64_t now_ns;
	uint32_t largest; /* population */
};

static inline bool state_map_is_selected(const struct map_painting *p, enum tcp_state state)
{
	return state == p->map->selected;
}

/* "31/s", "0.3/s", "12k/s": at most MAP_RATE_COLUMNS, of what happened in the window. */
const char *state_map_rate(uint32_t count, char out[AMOUNT_ROOM]);
/* How often a state was entered, or left, in each of the last seconds (at most MAP_HISTORY_SECONDS); in row 0. */
void state_map_paint_spark(const struct map_painting *p, struct area row, int at, unsigned seconds, enum tcp_state state, bool in, unsigned flags);
/* As much of a text as fits in so many columns, ending where something has been said in full. */
void state_map_say_briefly(const char *text, unsigned columns, const char *ellipsis, struct text *out);
void state_map_paint_table(const struct map_painting *p);

#endif
