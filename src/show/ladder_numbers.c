/*
 * The numbers of segments as they are on the wire.
 *
 * A SYN's own number is 0 where numbers are counted from it. One that was reported with another number was reported with its own, and so were the other
 * numbers of that report.
 */
#include "ladder_numbers.h"

#include "tcp/flags.h"

enum { LOCAL, REMOTE };

static bool is_reported(const struct ladder_row *row)
{
	return row->numbers == CERTAINTY_EXACT;
}

void numbers_settle(struct ladder *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_row *row = &l->rows[i];
		const unsigned side = row->from_local ? LOCAL : REMOTE;

		if (!is_reported(row) || !(row->flags & FLAG_SYN) || !row->has_seq || !row->seq || l->isn_known[side])
			continue;
		l->isn_known[side] = true;
		l->isn[side] = row->seq;
	}
	for (unsigned i = 0; i < l->count; i++) {
		struct ladder_row *row = &l->rows[i];
		const unsigned side = row->from_local ? LOCAL : REMOTE;

		if (!is_reported(row))
			continue;
		row->seq -= l->isn[side];
		row->ack -= l->isn[!side];
	}
}

struct ladder_row ladder_absolute(const struct ladder *l, const struct ladder_row *row)
{
	const unsigned side = row->from_local ? LOCAL : REMOTE;
	struct ladder_row absolute = *row;

	if (l->isn_known[side])
		absolute.seq += l->isn[side];
	if (l->isn_known[!side])
		absolute.ack += l->isn[!side];
	return absolute;
}
