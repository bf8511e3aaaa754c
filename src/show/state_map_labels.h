/* The part of the map's layout that comes last: see state_map_layout.c. */
#ifndef SHOW_STATE_MAP_LABELS_H
#define SHOW_STATE_MAP_LABELS_H

#include "show/state_map.h"

/* Boxes and routes are in their places, in the rows from `top` up to `end`. */
void state_map_place_labels(struct state_map_layout *l, unsigned top, unsigned end);

#endif
