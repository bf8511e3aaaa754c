/* A busy host to draw the map of, and the map's golden pictures. */
#ifndef TESTS_MAP_SCENE_H
#define TESTS_MAP_SCENE_H

#include "tui_scene.h"

/*
 * On the Map screen: a leak that grows for half a minute, connections that open and close in the last seconds, one reset, one refused, and tokens on
 * their way. Returns the picture.
 */
const char *map_scene(struct stage *t, unsigned rows, unsigned columns);
/* The golden pictures tui_map<suffix>_<columns>x<rows>[_ascii].txt, at 80x24, 40x12, 200x60 and 100x34, in the language in force. */
void map_scene_check(const char *suffix);

#endif
