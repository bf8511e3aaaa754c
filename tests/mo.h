/* Makes small .mo files for tests, in either byte order. */
#ifndef TESTS_MO_H
#define TESTS_MO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct mo_message {
	const char *text, *translation;
};

/* Appends a file to the empty `out`. Messages must be sorted, as msgfmt would. */
void mo_make(struct text *out, const struct mo_message *messages, size_t count, bool swapped);
/* Writes it; fails the test if that cannot be done. */
void mo_write(const char *path, const struct text *file);

#endif
