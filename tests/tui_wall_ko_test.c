/* The Wall screen in Korean: wide words in the same columns. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/message.h"
#include "tui_wall_scene.h"

static void test_pictures(void **state)
{
	(void)state;
	wall_scene_check("_ko");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pictures)};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init("ko", catalogues) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
