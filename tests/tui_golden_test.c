/* Whole screens as golden pictures: each at four sizes and with both sets of glyphs, at a fixed time. */
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

static const struct {
	unsigned rows, columns;
} sizes[] = {{24, 80}, {12, 40}, {60, 200}, {30, 100}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* What a person sees after this has happened. */
typedef const char *scenario(struct stage *t, unsigned rows, unsigned columns);

static const char *idle(struct stage *t, unsigned rows, unsigned columns)
{
	scene_swept(&t->scene);
	return stage_paint(t, rows, columns);
}

static const char *list(struct stage *t, unsigned rows, unsigned columns)
{
	scene_office(&t->scene);
	stage_keys(t, "v", rows, columns);
	stage_play_ms(t, 1000, rows, columns);
	scene_curl(&t->scene, 100);
	stage_play_ms(t, 200, rows, columns);
	return stage_keys(t, "j j j", rows, columns);
}

static const char *following(struct stage *t, unsigned rows, unsigned columns)
{
	scene_office(&t->scene);
	stage_play_ms(t, 1000, rows, columns);
	scene_curl(&t->scene, 100);
	return stage_play_ms(t, 700, rows, columns);
}

static void close_curl(struct stage *t)
{
	scene_step(&t->scene, 100, STATE_FIN_WAIT1);
	scene_step(&t->scene, 101, STATE_CLOSE_WAIT);
	scene_step(&t->scene, 101, STATE_LAST_ACK);
	scene_step(&t->scene, 100, STATE_FIN_WAIT2);
	scene_step(&t->scene, 100, STATE_TIME_WAIT);
	scene_close(&t->scene, 101, CAUSE_GRACEFUL);
}

static const char *followed(struct stage *t, unsigned rows, unsigned columns)
{
	following(t, rows, columns);
	stage_play_ms(t, 2000, rows, columns);
	close_curl(t);
	return stage_play_ms(t, 6000, rows, columns);
}

static const char *ladder(struct stage *t, unsigned rows, unsigned columns)
{
	followed(t, rows, columns);
	return stage_keys(t, "Enter", rows, columns);
}

static const char *ladder_stepped(struct stage *t, unsigned rows, unsigned columns)
{
	followed(t, rows, columns);
	return stage_keys(t, "Enter [ [ [ c", rows, columns);
}

static const char *leak(struct stage *t, unsigned rows, unsigned columns)
{
	scene_office(&t->scene);
	stage_play_ms(t, 1000, rows, columns);
	return stage_keys(t, "j j j Enter", rows, columns);
}

/* Keys of a person's own: wide ones, many for one action, none for another. */
static const char *own_keys(struct stage *t, unsigned rows, unsigned columns)
{
	static const char *const bindings[][2] = {{"help", "F5 Shift-Tab ?"}, {"pause", "Backspace Delete Space F11"}, {"open", ""}, {"quit", "Q"}};
	struct text told = {0};

	for (unsigned i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
		keymap_bind(&t->ui.keymap, bindings[i][0], bindings[i][1], (struct keymap_place){.file = 1, .line = i + 1}, &told);
	text_fini(&told);
	scene_office(&t->scene);
	return stage_keys(t, "F5", rows, columns);
}

static void check_screens(const char *name, scenario *play)
{
	for (size_t i = 0; i < SIZES; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct stage t;
			char file[96];

			stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
			snprintf(file, sizeof(file), "tui_%s_%ux%u%s.txt", name, sizes[i].columns, sizes[i].rows, ascii ? "_ascii" : "");
			stage_paint(&t, sizes[i].rows, sizes[i].columns);
			golden_check(file, play(&t, sizes[i].rows, sizes[i].columns));
			stage_end(&t);
		}
}

/* What wears which role, where it matters most. */
static void check_roles(const char *name, scenario *play)
{
	struct text roles = {0};
	struct stage t;
	char file[96];

	stage_start(&t, &glyphs_unicode);
	stage_paint(&t, 30, 100);
	play(&t, 30, 100);
	canvas_roles_to_text(&t.canvas, &roles);
	snprintf(file, sizeof(file), "tui_%s_roles.txt", name);
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
SCREEN(idle)
SCREEN(list)
SCREEN(following)
SCREEN(followed)
SCREEN(ladder)
SCREEN(ladder_stepped)
SCREEN(leak)
SCREEN(own_keys)

static void test_roles(void **state)
{
	(void)state;
	check_roles("list", list);
	check_roles("following", following);
	check_roles("leak", leak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle),     cmocka_unit_test(test_list),   cmocka_unit_test(test_following),
		cmocka_unit_test(test_followed), cmocka_unit_test(test_ladder), cmocka_unit_test(test_ladder_stepped),
		cmocka_unit_test(test_leak),     cmocka_unit_test(test_own_keys), cmocka_unit_test(test_roles),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
