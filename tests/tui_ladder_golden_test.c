/* The Ladder screen as golden pictures: four sizes, both sets of glyphs, at a fixed time; in the language that it was built for. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/message.h"
#include "golden.h"
#include "tui_scene.h"

#ifndef GOLDEN_LANGUAGE
#define GOLDEN_LANGUAGE "en"
#endif

static const struct {
	unsigned rows, columns;
} sizes[] = {{24, 80}, {12, 40}, {60, 200}, {30, 100}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* What a person sees after this has happened. */
typedef const char *scenario(struct stage *t, unsigned rows, unsigned columns);

static void close_curl(struct stage *t)
{
	scene_step(&t->scene, 100, STATE_FIN_WAIT1);
	scene_step(&t->scene, 101, STATE_CLOSE_WAIT);
	scene_step(&t->scene, 101, STATE_LAST_ACK);
	scene_step(&t->scene, 100, STATE_FIN_WAIT2);
	scene_step(&t->scene, 100, STATE_TIME_WAIT);
	scene_close(&t->scene, 101, CAUSE_GRACEFUL);
}

/* What the kernel tells of a connection beside its state. */
static void tell_facts(struct stage *t, uint64_t conn, unsigned timer, uint32_t expires_ms, unsigned retransmits)
{
	const struct event e = {
		.kind = EVENT_UPDATE, .t_ns = t->scene.now_ns, .conn = conn, .unit = "docker:3f2a9c0d11ee",
		.facts = {
			.knows = KNOWS_BYTES | KNOWS_RTT | KNOWS_RETRANS | KNOWS_CWND | KNOWS_QUEUES | KNOWS_INODE | KNOWS_UID | KNOWS_TIMER,
			.bytes_sent = 1200, .bytes_received = 48100, .inode = 48213, .uid = 1000, .rqueue = 17, .wqueue = 517, .rtt_us = 11800,
			.total_retrans = retransmits, .cwnd = 10, .timer = (uint8_t)timer, .timer_expires_ms = expires_ms, .retransmits = (uint8_t)retransmits,
		},
	};

	scene_tell(&t->scene, &e);
}

static void closed(struct stage *t, unsigned rows, unsigned columns)
{
	stage_play_ms(t, 1000, rows, columns);
	scene_curl(&t->scene, 100);
	stage_keys(t, "F", rows, columns);
	stage_play_ms(t, 2700, rows, columns);
	close_curl(t);
	tell_facts(t, 100, TIMER_TIME_WAIT, 60000, 0);
	stage_play_ms(t, 6000, rows, columns);
	ui_open_ladder(&t->ui, 100, t->scene.now_ns);
}

static const char *explained(struct stage *t, unsigned rows, unsigned columns)
{
	closed(t, rows, columns);
	return stage_keys(t, "e", rows, columns);
}

static const char *selected(struct stage *t, unsigned rows, unsigned columns)
{
	closed(t, rows, columns);
	return stage_keys(t, "Up Up Up Up Up Up", rows, columns);
}

static const char *details(struct stage *t, unsigned rows, unsigned columns)
{
	closed(t, rows, columns);
	stage_paint(t, rows, columns);
	return rows == 30 || columns > 120 ? stage_paint(t, rows, columns) : stage_keys(t, "i", rows, columns);
}

static const char *export(struct stage *t, unsigned rows, unsigned columns)
{
	closed(t, rows, columns);
	return stage_keys(t, "w Down", rows, columns);
}

/* A SYN that nobody answers, sent again; and the timer that will send it once more. */
static const char *again(struct stage *t, unsigned rows, unsigned columns)
{
	stage_play_ms(t, 1000, rows, columns);
	scene_open(&t->scene, 100, STATE_SYN_SENT, "10.0.0.5:41990", "203.0.113.7:443", SIDE_LOCAL);
	scene_holder(&t->scene, 100, 4821, 5, "curl");
	stage_play_ms(t, 3000, rows, columns);
	tell_facts(t, 100, TIMER_RETRANSMIT, 4000, 2);
	stage_play_ms(t, 1000, rows, columns);
	ui_open_ladder(&t->ui, 100, t->scene.now_ns);
	return stage_keys(t, "e", rows, columns);
}

static void check_screens(const char *name, scenario *play)
{
	for (size_t i = 0; i < SIZES; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct stage t;
			char file[96];

			stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
			snprintf(file, sizeof(file), "tui_ladder_%s_%s_%ux%u%s.txt", name, GOLDEN_LANGUAGE, sizes[i].columns, sizes[i].rows, ascii ? "_ascii" : "");
			stage_paint(&t, sizes[i].rows, sizes[i].columns);
			golden_check(file, play(&t, sizes[i].rows, sizes[i].columns));
			stage_end(&t);
		}
}

/* What wears which role. */
static void check_roles(const char *name, scenario *play)
{
	struct text roles = {0};
	struct stage t;
	char file[96];

	stage_start(&t, &glyphs_unicode);
	stage_paint(&t, 30, 100);
	play(&t, 30, 100);
	canvas_roles_to_text(&t.canvas, &roles);
	snprintf(file, sizeof(file), "tui_ladder_%s_%s_roles.txt", name, GOLDEN_LANGUAGE);
	golden_check(file, text_string(&roles));
	text_fini(&roles);
	stage_end(&t);
}

#define SCREEN(name)                      \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                      \
		check_screens(#name, name);       \
	}
SCREEN(explained)
SCREEN(selected)
SCREEN(details)
SCREEN(export)
SCREEN(again)

static void test_roles(void **state)
{
	(void)state;
	check_roles("explained", explained);
	check_roles("again", again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explained), cmocka_unit_test(test_selected), cmocka_unit_test(test_details),
		cmocka_unit_test(test_export),    cmocka_unit_test(test_again),    cmocka_unit_test(test_roles),
	};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init(GOLDEN_LANGUAGE, catalogues) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
