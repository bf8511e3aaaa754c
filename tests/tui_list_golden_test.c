/* The list's groups, marks and boxes as golden pictures: at each size, with both sets of glyphs, in both languages, at a fixed time. */
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

/* What a person sees after these keys, on a host of ordinary traffic. */
static const struct scenario {
	const char *name, *keys;
	bool panel, units;
} scenarios[] = {
	{"closed", "t p Enter j", false, false},
	{"open", "t p Enter j Right j j", false, false},
	{"ports", "t p p Enter j j", true, false},
	{"peers", "t p p p Enter j Right", false, false},
	{"states", "t s Enter j j", false, false},
	{"marks", "j j m m j m", false, false},
	{"units", "j", false, true},
	{"sort_box", "s p I", true, false},
	{"group_box", "t p", false, false},
	{"newest", "F", true, false},
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static void give_units(struct stage *t)
{
	static const char *const units[] = {"sshd.service", "nginx.service", "shop.service"};

	for (unsigned i = 0; i < 3; i++) {
		const struct connection *c = model_find(t->scene.model, i + 1);
		struct event e = {.kind = EVENT_UPDATE, .conn = c->id, .t_ns = t->scene.now_ns, .unit = units[i]};

		scene_tell(&t->scene, &e);
	}
}

static void play(struct stage *t, const struct scenario *s, unsigned rows, unsigned columns)
{
	stage_paint(t, rows, columns);
	scene_office(&t->scene);
	if (s->units)
		give_units(t);
	if (!s->panel)
		stage_keys(t, "v", rows, columns);
	stage_play_ms(t, 1000, rows, columns);
	if (s->panel)
		scene_curl(&t->scene, 100);
	stage_play_ms(t, 200, rows, columns);
	stage_keys(t, s->keys, rows, columns);
	stage_play_ms(t, 120, rows, columns);
}

static void check(const struct scenario *s, const char *language)
{
	struct text pictures = {0};
	char file[96];

	for (size_t i = 0; i < SIZES; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct stage t;

			stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
			play(&t, s, sizes[i].rows, sizes[i].columns);
			text_addf(&pictures, "%s%ux%u%s\n", pictures.len ? "\n" : "", sizes[i].columns, sizes[i].rows, ascii ? " ASCII" : "");
			text_add(&pictures, stage_paint(&t, sizes[i].rows, sizes[i].columns));
			stage_end(&t);
		}
	snprintf(file, sizeof(file), "tui_list_%s_%s.txt", s->name, language);
	golden_check(file, text_string(&pictures));
	text_fini(&pictures);
}

static void test_english(void **state)
{
	(void)state;
	message_init("en", "");
	for (size_t i = 0; i < SCENARIOS; i++)
		check(&scenarios[i], "en");
}

static void test_korean(void **state)
{
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	(void)state;
	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	assert_int_equal(message_init("ko", catalogues), 0);
	for (size_t i = 0; i < SCENARIOS; i++)
		check(&scenarios[i], "ko");
}

/* What wears which role. */
static void test_roles(void **state)
{
	(void)state;
	message_init("en", "");
	for (size_t i = 0; i < SCENARIOS; i++) {
		struct text roles = {0};
		struct stage t;
		char file[96];

		stage_start(&t, &glyphs_unicode);
		play(&t, &scenarios[i], 30, 100);
		canvas_roles_to_text(&t.canvas, &roles);
		snprintf(file, sizeof(file), "tui_list_%s_roles.txt", scenarios[i].name);
		golden_check(file, text_string(&roles));
		text_fini(&roles);
		stage_end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_english), cmocka_unit_test(test_korean), cmocka_unit_test(test_roles)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
