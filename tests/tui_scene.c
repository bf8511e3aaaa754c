/* The screens on a scene: see tui_scene.h. */
#include "tui_scene.h"

#include <string.h>

#include "base/clock.h"
#include "tui/key.h"

#define FRAME_MS 40

void stage_start(struct stage *t, const struct glyphs *glyphs)
{
	struct screen_config config = {
		.host = "web01", .namespace_name = "host", .fast_interval_ns = 50 * NS_PER_MS, .notices = true, .animate = true, .mouse = true,
	};

	scene_start(&t->scene);
	ui_init(&t->ui, t->scene.model, &config);
	canvas_init(&t->canvas, 1, 1, glyphs);
	t->scene.sink = ui_event;
	t->scene.context = &t->ui;
}

void stage_end(struct stage *t)
{
	ui_fini(&t->ui);
	canvas_fini(&t->canvas);
	scene_end(&t->scene);
}

const char *stage_paint(struct stage *t, unsigned rows, unsigned columns)
{
	static struct text picture;

	canvas_resize(&t->canvas, rows, columns);
	ui_paint(&t->ui, &t->canvas, t->scene.now_ns);
	text_clear(&picture);
	canvas_to_text(&t->canvas, &picture);
	return text_string(&picture);
}

const char *stage_keys(struct stage *t, const char *names, unsigned rows, unsigned columns)
{
	while (*names) {
		const size_t len = strcspn(names, " ");

		ui_key(&t->ui, key_from_name(names, len), t->scene.now_ns);
		names += len + (names[len] == ' ');
	}
	return stage_paint(t, rows, columns);
}

const char *stage_play_ms(struct stage *t, int64_t ms, unsigned rows, unsigned columns)
{
	for (int64_t passed = 0; passed < ms; passed += FRAME_MS) {
		stage_paint(t, rows, columns);
		scene_pass_ms(&t->scene, FRAME_MS);
		if (passed / 1000 != (passed + FRAME_MS) / 1000)
			scene_swept(&t->scene);
	}
	return stage_paint(t, rows, columns);
}
