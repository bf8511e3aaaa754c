/* Standard output as something to write for a person on: how wide, in colour or not, with which characters; and what became of it in the end. */
#ifndef SURFACE_H
#define SURFACE_H

#include <stdbool.h>

#include "options.h"
#include "out/output.h"
#include "show/canvas.h"

/* Columns of the terminal, or of $COLUMNS; 0: no limit. */
unsigned surface_columns(void);
bool surface_color(const struct options *o);
const struct glyphs *surface_glyphs(const struct options *o);

/* Standard output for text: with --ascii nothing but ASCII comes out of it, unless messages are in a language that needs more. JSON stays as it is. */
void surface_open(struct output *out, const struct options *o);
/* The exit status for what output_try or output_flush returned; tells what went wrong. A reader who has had enough is no mistake. */
int surface_result(int error);

#endif
