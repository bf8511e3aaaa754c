/* Words that the documents of a ladder share. */
#include "export_words.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"

#define ALL_COLUMNS WORDS_ROOM

const char *export_program(const struct ladder_view *v, bool local)
{
	return local ? v->near : v->far;
}

void export_endpoint(const struct ladder_view *v, bool local, char out[ENDPOINT_TEXT_ROOM])
{
	if (local)
		tuple_format_local(&v->tuple, out);
	else
		tuple_format_remote(&v->tuple, out);
}

void export_begin(const struct ladder_view *v, char out[CLOCK_RFC3339_ROOM])
{
	out[0] = '\0';
	for (unsigned i = 0; i < v->ladder.count; i++) {
		const struct ladder_row *row = &v->ladder.rows[i];

		if (!row->certainty || !row->t1_ns)
			continue;
		clock_format_rfc3339(row->t0_ns ? row->t0_ns : row->t1_ns, out);
		return;
	}
}

struct ladder_row export_row(const struct ladder_view *v, unsigned row)
{
	return v->choices.absolute_numbers ? ladder_absolute(&v->ladder, &v->ladder.rows[row]) : v->ladder.rows[row];
}

void export_segment(const struct ladder_row *row, char out[WORDS_ROOM], unsigned *flags_bytes)
{
	char *to = out + 1;

	words_segment(row, ALL_COLUMNS, out, flags_bytes);
	if (!*out)
		return;
	for (const char *from = out + 1; *from; from++)
		if (*from != ' ' || to[-1] != ' ')
			*to++ = *from;
	*to = '\0';
}

void export_remark(const struct ladder_row *row, char out[WORDS_ROOM])
{
	if (row->part == PART_DATA)
		words_data(row, &glyphs_unicode, ALL_COLUMNS, out);
	else
		snprintf(out, WORDS_ROOM, "%s", row->note ? _(row->note) : "");
}

bool export_is_arrow(const struct ladder_row *row)
{
	return row->part != PART_DATA && row->part != PART_NOTE;
}

unsigned export_arrival(const struct ladder *l, unsigned row)
{
	if (l->rows[row].crossing != CROSSING_LEAVES)
		return row;
	for (unsigned i = row + 1; i < l->count; i++)
		if (l->rows[i].crossing == CROSSING_ARRIVES && l->rows[i].from_local == l->rows[row].from_local)
			return i;
	return row;
}
