/* Checks of the map's layout at every size, in the language that is in force. */
#ifndef TESTS_MAP_LAYOUTS_H
#define TESTS_MAP_LAYOUTS_H

#include "show/state_map.h"

/*
 * Fails the test unless all boxes are on the picture, each route leads without a gap from beside the box it leaves to beside the box it enters, and no
 * route, box or label has a cell of another.
 */
void map_layout_check(const struct state_map_layout *l);
/* The same for every size from 1x1 to 200 rows and 500 columns. */
void map_layouts_check(void);

#endif
