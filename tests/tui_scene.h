/* The screens on a scene (scene.h), without a terminal: what a person would see and press. */
#ifndef TESTS_TUI_SCENE_H
#define TESTS_TUI_SCENE_H

#include "scene.h"
#include "tui/ui.h"

struct stage {
	struct scene scene;
	struct ui ui;
	struct canvas canvas;
};

void stage_start(struct stage *t, const struct glyphs *glyphs);
void stage_end(struct stage *t);

/* Paints, and returns the picture as text, valid until the next. */
const char *stage_paint(struct stage *t, unsigned rows, unsigned columns);
/* Presses keys by their names, separated by spaces, and paints once at that size. */
const char *stage_keys(struct stage *t, const char *names, unsigned rows, unsigned columns);
/* Paints 25 frames a second for that long, as the screen would; a sweep ends every second. Returns the last picture. */
const char *stage_play_ms(struct stage *t, int64_t ms, unsigned rows, unsigned columns);

#endif
