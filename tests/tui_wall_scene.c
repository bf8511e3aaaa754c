/* Whole pictures of the Wall: see tui_wall_scene.h. */
#include "tui_wall_scene.h"

#include <stdio.h>

#include "golden.h"

void wall_scene_open_many(struct stage *t, uint64_t first, unsigned count)
{
	char local[32];

	for (unsigned i = 0; i < count; i++) {
		snprintf(local, sizeof(local), "10.0.0.5:%u", 1024 + (unsigned)((first + i) % 60000));
		scene_open(&t->scene, first + i, STATE_SYN_SENT, local, "10.0.0.9:5432", SIDE_LOCAL);
	}
}

/* A full wall: something of all kinds, at several stages, and more than there is room for. */
static const char *busy(struct stage *t, unsigned rows, unsigned columns)
{
	struct scene *s = &t->scene;

	scene_office(s);
	stage_keys(t, "2", rows, columns);
	scene_step(s, 32, STATE_CLOSE_WAIT);
	scene_step(s, 30, STATE_FIN_WAIT1);
	scene_step(s, 30, STATE_FIN_WAIT2);
	scene_open(s, 300, STATE_SYN_SENT, "10.0.0.5:41991", "203.0.113.7:81", SIDE_LOCAL);
	stage_play_ms(t, 1200, rows, columns);
	scene_curl(s, 100);
	scene_open(s, 302, STATE_SYN_RECV, "10.0.0.5:8080", "10.0.0.9:51712", SIDE_REMOTE);
	scene_step(s, 302, STATE_ESTABLISHED);
	scene_holder(s, 302, 2210, 120, "java");
	stage_play_ms(t, 400, rows, columns);
	scene_close(s, 300, CAUSE_REFUSED);
	scene_open(s, 303, STATE_SYN_SENT, "10.0.0.5:41990", "203.0.113.7:443", SIDE_LOCAL);
	scene_holder(s, 303, 3000, 9, "불여우 웹브라우저");
	scene_step(s, 31, STATE_CLOSED);
	scene_close(s, 10, CAUSE_RESET);
	wall_scene_open_many(t, 2000, 3);
	return stage_play_ms(t, 600, rows, columns);
}

const char *wall_scene_crowded(struct stage *t, unsigned rows, unsigned columns)
{
	busy(t, rows, columns);
	for (unsigned second = 0; second < 4; second++) {
		wall_scene_open_many(t, 10000 + second * 2000, 1240);
		for (unsigned i = 0; i < 26; i++)
			scene_close(&t->scene, 10000 + second * 2000 + i, i < 7 ? CAUSE_REFUSED : CAUSE_RESET);
		stage_play_ms(t, 1000, rows, columns);
	}
	return stage_keys(t, "Down Right", rows, columns);
}

/* Many steps of one connection at once, while many others wait. */
static const char *merged(struct stage *t, unsigned rows, unsigned columns)
{
	stage_keys(t, "2", rows, columns);
	scene_curl(&t->scene, 100);
	stage_play_ms(t, 200, rows, columns);
	wall_scene_open_many(t, 1, 500);
	scene_step(&t->scene, 100, STATE_FIN_WAIT1);
	scene_step(&t->scene, 101, STATE_CLOSE_WAIT);
	scene_step(&t->scene, 101, STATE_LAST_ACK);
	scene_step(&t->scene, 100, STATE_FIN_WAIT2);
	scene_step(&t->scene, 100, STATE_TIME_WAIT);
	scene_close(&t->scene, 101, CAUSE_GRACEFUL);
	return stage_play_ms(t, 800, rows, columns);
}

static const char *idle(struct stage *t, unsigned rows, unsigned columns)
{
	scene_swept(&t->scene);
	return stage_keys(t, "2", rows, columns);
}

typedef const char *scenario(struct stage *t, unsigned rows, unsigned columns);

static void check_screen(const char *name, scenario *play_it, unsigned rows, unsigned columns, bool ascii, const char *suffix)
{
	struct stage t;
	char file[96];

	stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
	stage_paint(&t, rows, columns);
	snprintf(file, sizeof(file), "tui_wall_%s_%ux%u%s%s.txt", name, columns, rows, ascii ? "_ascii" : "", suffix);
	golden_check(file, play_it(&t, rows, columns));
	stage_end(&t);
}

void wall_scene_check(const char *suffix)
{
	static const unsigned sizes[][2] = {{24, 80}, {12, 40}, {60, 200}, {30, 100}, {10, 40}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			check_screen("busy", busy, sizes[i][0], sizes[i][1], ascii, suffix);
			check_screen("crowded", wall_scene_crowded, sizes[i][0], sizes[i][1], ascii, suffix);
		}
	check_screen("idle", idle, 24, 80, false, suffix);
	check_screen("merged", merged, 30, 100, false, suffix);
	check_screen("merged", merged, 60, 200, true, suffix);
}
