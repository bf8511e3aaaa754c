/* The map on a busy host: see map_scene.h. */
#include "map_scene.h"

#include <stdio.h>

#include "golden.h"

#define LEAKED 200
#define SERVED 300

/* A leak: it opens, the peer closes, and this end does not. */
static void leak(struct scene *s, uint64_t conn)
{
	scene_open(s, conn, STATE_SYN_RECV, "10.0.0.5:8080", "10.0.0.9:51800", SIDE_REMOTE);
	scene_step(s, conn, STATE_ESTABLISHED);
	scene_step(s, conn, STATE_CLOSE_WAIT);
}

/* What we opened, and close first. */
static void serve(struct scene *s, uint64_t conn)
{
	scene_open(s, conn, STATE_SYN_SENT, "10.0.0.5:41900", "93.184.216.34:443", SIDE_LOCAL);
	scene_step(s, conn, STATE_ESTABLISHED);
	if (conn % 3 == 0)
		return;
	scene_step(s, conn, STATE_FIN_WAIT1);
	scene_step(s, conn, STATE_FIN_WAIT2);
	scene_step(s, conn, STATE_TIME_WAIT);
}

const char *map_scene(struct stage *t, unsigned rows, unsigned columns)
{
	scene_office(&t->scene);
	stage_keys(t, "4", rows, columns);
	for (unsigned second = 0; second < 30; second++) {
		if (second % 5 == 0)
			leak(&t->scene, LEAKED + second);
		if (second > 20)
			serve(&t->scene, SERVED + second);
		scene_swept(&t->scene);
		scene_pass_ms(&t->scene, 1000);
	}
	scene_open(&t->scene, 400, STATE_SYN_SENT, "10.0.0.5:41901", "203.0.113.7:81", SIDE_LOCAL);
	scene_close(&t->scene, 400, CAUSE_REFUSED);
	scene_close(&t->scene, 14, CAUSE_RESET);
	leak(&t->scene, 401);
	scene_step(&t->scene, 401, STATE_LAST_ACK);
	scene_close(&t->scene, 401, CAUSE_GRACEFUL);
	scene_close(&t->scene, 31, CAUSE_GRACEFUL);
	stage_play_ms(t, 400, rows, columns);
	leak(&t->scene, 500);
	serve(&t->scene, 502);
	return stage_play_ms(t, 280, rows, columns);
}

void map_scene_check(const char *suffix)
{
	static const struct {
		unsigned rows, columns;
	} sizes[] = {{24, 80}, {12, 40}, {60, 200}, {34, 100}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct stage t;
			char file[96];

			stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
			snprintf(file, sizeof(file), "tui_map%s_%ux%u%s.txt", suffix, sizes[i].columns, sizes[i].rows, ascii ? "_ascii" : "");
			stage_paint(&t, sizes[i].rows, sizes[i].columns);
			golden_check(file, map_scene(&t, sizes[i].rows, sizes[i].columns));
			stage_end(&t);
		}
}
