/* What the documents of a ladder have in common: the names of its ends, and the words on an arrow. */
#ifndef SHOW_EXPORT_WORDS_H
#define SHOW_EXPORT_WORDS_H

#include "base/clock.h"
#include "ladder_words.h"
#include "show/export.h"

/* "curl[4821]"; "" when not known. */
const char *export_program(const struct ladder_view *v, bool local);
void export_endpoint(const struct ladder_view *v, bool local, char out[ENDPOINT_TEXT_ROOM]);
/* When it begins, in UTC; "" when not known. */
void export_begin(const struct ladder_view *v, char out[CLOCK_RFC3339_ROOM]);
/* The row with the numbers that are wanted. */
struct ladder_row export_row(const struct ladder_view *v, unsigned row);
/* The words on an arrow without the spaces that put them in columns; *flags_bytes of them are the flags. */
void export_segment(const struct ladder_row *row, char out[WORDS_ROOM], unsigned *flags_bytes);
/* The words of a row that is no arrow. */
void export_remark(const struct ladder_row *row, char out[WORDS_ROOM]);
bool export_is_arrow(const struct ladder_row *row);
/* The row in which the arrow that leaves in `row` arrives; `row` itself where it crosses none. */
unsigned export_arrival(const struct ladder *l, unsigned row);

#endif
