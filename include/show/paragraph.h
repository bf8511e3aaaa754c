/* Running text, broken between words (or, where a language has none, between characters) to the width there is. */
#ifndef SHOW_PARAGRAPH_H
#define SHOW_PARAGRAPH_H

#include "show/canvas.h"

/*
 * Paints from row 0 of the area; stops at its last row. Returns the rows that the text wants at this width, painted
 * or not.
 */
unsigned paragraph_paint(struct area area, enum role role, unsigned flags, const char *text);
/* Those rows, without painting. */
unsigned paragraph_rows(const char *text, unsigned columns);
/*
 * The bytes of `text` that go on a line of `columns`; *skip: the blanks after them, which go nowhere. At least one
 * rune, so that it ends.
 */
size_t paragraph_break(const char *text, unsigned columns, size_t *skip);

#endif
