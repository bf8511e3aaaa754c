/* Words right on a rule. */
#include "show/aside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char between[] = ", ";

void aside_add(struct aside *a, uint8_t rank, const char *format, ...)
{
	va_list arguments;

	if (a->count == ASIDE_PARTS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(a->parts[a->count].text, ASIDE_PART_ROOM, format, arguments);
	va_end(arguments);
	a->parts[a->count++].rank = rank;
}

unsigned aside_columns(const struct aside *a)
{
	unsigned columns = 0;

	for (unsigned i = 0; i < a->count; i++)
		columns += utf8_columns(a->parts[i].text) + (i ? (unsigned)strlen(between) : 0);
	return columns;
}

bool aside_drop(struct aside *a, uint8_t kept)
{
	unsigned worst = 0;

	for (unsigned i = 1; i < a->count; i++)
		if (a->parts[i].rank > a->parts[worst].rank)
			worst = i;
	if (a->count == 0 || a->parts[worst].rank <= kept)
		return false;
	a->count--;
	memmove(&a->parts[worst], &a->parts[worst + 1], (a->count - worst) * sizeof(a->parts[0]));
	return true;
}

void aside_say(const struct aside *a, struct text *out)
{
	for (unsigned i = 0; i < a->count; i++)
		text_addf(out, "%s%s", i ? between : "", a->parts[i].text);
}
