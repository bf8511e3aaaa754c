/* ladders in Korean: wide words in the same columns. */
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
#include "ladder_lives.h"

static void test_korean(void **state)
{
	static const char *const names[] = {"notice_alone", "reset_by_peer", "three_segments", "gave_up", "open_before", "graceful_pair"};
	const struct life_picture pictures[] = {
		{.columns = 100, .style = {.show_how = true}},
		{.columns = 80, .style = {.show_how = true, .compact = true}},
		{.columns = 40, .style = {.show_how = true, .compact = true}, .ascii = true},
	};
	struct text text = {0};
	struct ladder l;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		text_addf(&text, "%s\n", names[i]);
		life_ladder(names[i], &l);
		for (size_t k = 0; k < sizeof(pictures) / sizeof(*pictures); k++)
			life_paint(&l, &pictures[k], &text);
	}
	life_paint(&l, &(struct life_picture){.rows = 5, .columns = 100, .style = {.show_how = true}}, &text);
	golden_check("ladder_korean", text_string(&text));
	text_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_korean)};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init("ko", catalogues) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
