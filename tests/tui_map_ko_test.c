/* The map in Korean: wide words in their places. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/message.h"
#include "map_layouts.h"
#include "map_scene.h"

static void test_korean(void **state)
{
	(void)state;
	map_scene_check("_ko");
}

static void test_layouts(void **state)
{
	(void)state;
	map_layouts_check();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_korean), cmocka_unit_test(test_layouts)};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init("ko", catalogues) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
