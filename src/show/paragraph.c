/* Breaking running text into lines. */
#include "show/paragraph.h"

#include <string.h>

#include "base/utf8.h"

size_t paragraph_break(const char *text, unsigned columns, size_t *skip)
{
	size_t fits = utf8_fit(text, columns, NULL), cut = fits;

	*skip = 0;
	if (text[fits] == '\0')
		return fits;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut == 0) { /* one word longer than the line */
		unsigned rune;

		return fits > 0 ? fits : utf8_decode(text, strlen(text), &rune);
	}
	while (text[cut + *skip] == ' ')
		(*skip)++;
	while (cut > 0 && text[cut - 1] == ' ') {
		cut--;
		(*skip)++;
	}
	return cut;
}

static unsigned lay(struct area area, bool paint, unsigned columns, enum role role, unsigned flags, const char *text)
{
	unsigned row = 0;

	while (*text && columns > 0) {
		size_t skip, len = paragraph_break(text, columns, &skip);

		if (paint && row < area.rows)
			area_textf(area, (int)row, 0, role, flags, "%.*s", (int)len, text);
		text += len + skip;
		row++;
	}
	return row;
}

unsigned paragraph_paint(struct area area, enum role role, unsigned flags, const char *text)
{
	return lay(area, true, area.columns, role, flags, text);
}

unsigned paragraph_rows(const char *text, unsigned columns)
{
	return lay((struct area){0}, false, columns, ROLE_TEXT, 0, text);
}
