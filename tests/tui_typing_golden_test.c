/* What is typed and asked for as golden pictures: at three sizes, with both sets of glyphs, and in Korean; at a fixed time. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "golden.h"
#include "tui_scene.h"

static const struct {
	unsigned rows, columns;
} sizes[] = {{24, 80}, {12, 40}, {60, 200}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

typedef const char *scenario(struct stage *t, unsigned rows, unsigned columns);

static int refuse(void *context, const struct lookup *which)
{
	(void)context;
	(void)which;
	return -1;
}

static const char *host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	(void)context;
	(void)ifindex;
	return e->address[15] == 34 ? "www.example.com" : e->address[15] == 9 ? "client-7.shop.internal.example.net" : NULL;
}

static const char *service(void *context, uint16_t port)
{
	(void)context;
	return port == 443 ? "https" : port == 22 ? "ssh" : port == 8080 ? "http-alt" : NULL;
}

static const struct names names = {.host = host, .service = service};
static const struct filter_names no_names = {0};

static void begin(struct stage *t, unsigned rows, unsigned columns)
{
	struct event known = {.kind = EVENT_CONNECTION, .to = STATE_ESTABLISHED, .conn = 40, .cookie = 7, .netns = 1, .tuple.family = 2};
	uint16_t family;

	t->ui.means = (struct ui_means){.names = &names, .destroy = refuse, .clipboard = true};
	t->ui.filter_names = &no_names;
	t->ui.owners = true;
	scene_office(&t->scene);
	known.t_ns = t->scene.now_ns;
	endpoint_parse("10.0.0.5:41900", &known.tuple.local, &family, &known.tuple.ifindex);
	endpoint_parse("93.184.216.34:443", &known.tuple.remote, &family, &known.tuple.ifindex);
	scene_tell(&t->scene, &known);
	scene_holder(&t->scene, 40, 4821, 5, "curl");
	stage_play_ms(t, 1000, rows, columns);
}

static const char *type(struct stage *t, const char *text, unsigned rows, unsigned columns)
{
	for (; *text; text++)
		ui_key(&t->ui, (unsigned char)*text, t->scene.now_ns);
	return stage_play_ms(t, 400, rows, columns);
}

static const char *search(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	return type(t, "/10.0.0.9:5170", rows, columns);
}

static const char *search_missing(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	return type(t, "/no such thing", rows, columns);
}

static const char *filter_choice(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	return type(t, "fstate close-wait or state \t\t", rows, columns);
}

static const char *filter_mistake(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	return type(t, "fstate close-wait and pod = 2210 and recvq > 0", rows, columns);
}

static const char *shown_names(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	type(t, "vd", rows, columns);
	return stage_keys(t, "j j j", rows, columns);
}

static const char *ss(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	type(t, "fdport = :443 and not state time-wait and comm ~ curl\r/41900\r", rows, columns);
	return type(t, "!", rows, columns);
}

static const char *destroy(struct stage *t, unsigned rows, unsigned columns)
{
	begin(t, rows, columns);
	return type(t, "/41900\rK", rows, columns);
}

/* Compiled a second time, with "ko", for the same pictures in Korean. */
#ifdef TYPING_LANGUAGE
#define SUFFIX "_" TYPING_LANGUAGE
#else
#define SUFFIX ""
#endif

static void check(const char *name, scenario *play, bool ascii, size_t size)
{
	struct stage t;
	char file[96];

	stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
	snprintf(file, sizeof(file), "typing_%s_%ux%u%s%s.txt", name, sizes[size].columns, sizes[size].rows, ascii ? "_ascii" : "", SUFFIX);
	stage_paint(&t, sizes[size].rows, sizes[size].columns);
	golden_check(file, play(&t, sizes[size].rows, sizes[size].columns));
	stage_end(&t);
}

static void check_screens(const char *name, scenario *play)
{
	for (size_t i = 0; i < SIZES; i++)
		for (int ascii = 0; ascii < 2; ascii++)
			check(name, play, ascii, i);
}

#define SCREEN(name)                      \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                      \
		check_screens(#name, name);       \
	}
SCREEN(search)
SCREEN(search_missing)
SCREEN(filter_choice)
SCREEN(filter_mistake)
SCREEN(shown_names)
SCREEN(ss)
SCREEN(destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search), cmocka_unit_test(test_search_missing), cmocka_unit_test(test_filter_choice), cmocka_unit_test(test_filter_mistake),
		cmocka_unit_test(test_shown_names), cmocka_unit_test(test_ss), cmocka_unit_test(test_destroy),
	};
#ifdef TYPING_LANGUAGE
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init(TYPING_LANGUAGE, catalogues))
		return 99;
#else
	message_init("en", "");
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
