/* The themes there are, told as lines of text: the shipped ones and the person's own. */
#ifndef TUI_GALLERY_H
#define TUI_GALLERY_H

#include <stdbool.h>

#include "base/text.h"
#include "show/canvas.h"

/*
 * A line for each theme, no wider than `columns`. With `color` its name, a sample in its colours, as the terminal that
 * TERM names shows them, and what it says of itself; else the name alone, of those that can be used. To `mistakes` goes
 * a line "file:line: key: what" for each mistake in one that cannot.
 */
void gallery_show(struct text *out, struct text *mistakes, const struct glyphs *glyphs, bool color, unsigned columns);

#endif
