/* Small .mo files: see mo.h. */
#include "config.h"

#include "mo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEADER_BYTES 28

static void add_number(struct text *out, size_t number, bool swapped)
{
	uint32_t value = swapped ? __builtin_bswap32((uint32_t)number) : (uint32_t)number;

	text_add_bytes(out, &value, sizeof(value));
}

static const char *side_of(const struct mo_message *m, bool translation)
{
	return translation ? m->translation : m->text;
}

void mo_make(struct text *out, const struct mo_message *messages, size_t count, bool swapped)
{
	size_t at = HEADER_BYTES + 2 * 8 * count;

	add_number(out, 0x950412de, swapped);
	add_number(out, 0, swapped);
	add_number(out, count, swapped);
	add_number(out, HEADER_BYTES, swapped);
	add_number(out, HEADER_BYTES + 8 * count, swapped);
	add_number(out, 0, swapped);
	add_number(out, 0, swapped);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < count; i++) {
			size_t len = strlen(side_of(&messages[i], side));

			add_number(out, len, swapped);
			add_number(out, at, swapped);
			at += len + 1;
		}
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < count; i++)
			text_add_bytes(out, side_of(&messages[i], side), strlen(side_of(&messages[i], side)) + 1);
}

void mo_write(const char *path, const struct text *file)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text_string(file), 1, file->len, f), file->len);
	assert_int_equal(fclose(f), 0);
}
