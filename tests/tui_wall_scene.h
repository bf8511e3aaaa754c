/* The Wall at work, for tests of its pictures. */
#ifndef TESTS_TUI_WALL_SCENE_H
#define TESTS_TUI_WALL_SCENE_H

#include "tui_scene.h"

/* Connections first, first + 1, … send their SYN to one port. */
void wall_scene_open_many(struct stage *t, uint64_t first, unsigned count);
/* More than can be drawn, and a lane under the cursor. Returns the picture. */
const char *wall_scene_crowded(struct stage *t, unsigned rows, unsigned columns);
/* Compares the pictures of several scenes and sizes, in both sets of glyphs, with golden files whose names have this suffix. */
void wall_scene_check(const char *suffix);

#endif
