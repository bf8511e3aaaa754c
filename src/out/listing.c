/* The table of `synfin list`: see out/listing.h. */
#include "config.h"

#include "out/listing.h"

#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "out/json_event.h"
#include "show/amount.h"
#include "words.h"

static const char gap[] = "  "; /* between two columns */
#define GAP (sizeof gap - 1)

static const struct column {
	const char *heading;
	bool right;
	unsigned rank, least;
} columns[LISTING_COLUMN_COUNT] = {
#define X(name, heading, right, rank, least) { heading, right, rank, least },
	LISTING_COLUMNS(X)
#undef X
};

void listing_init(struct listing *t, const struct glyphs *glyphs, bool color)
{
	*t = (struct listing){ .glyphs = glyphs, .color = color };
	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++)
		t->widths[i] = utf8_columns(message_get_in(columns[i].heading));
}

void listing_fini(struct listing *t)
{
	text_fini(&t->cell);
}

static void add_endpoint(struct text *t, const struct event *row, bool local)
{
	char room[ENDPOINT_TEXT_ROOM];

	if (local)
		tuple_format_local(&row->tuple, room);
	else
		tuple_format_remote(&row->tuple, room);
	/* As ss(8) does: anyone may connect to a listener. */
	if (!local && words_is_listener(row))
		text_add_char(t, '*');
	else if (local || words_knows_peer(row))
		text_add(t, room);
}

static void add_timer(struct text *t, const struct facts *f)
{
	char room[AMOUNT_ROOM];

	if (!(f->knows & KNOWS_TIMER) || !f->timer)
		return;
	text_addf(t, "%s ", json_timer_word(f->timer) ? json_timer_word(f->timer) : "?");
	text_add(t, amount_span(f->timer_expires_ms * NS_PER_MS, room));
	if (f->retransmits)
		text_addf(t, " x%u", (unsigned)f->retransmits);
}

/* The text of a cell into t->cell; empty: not known, or there is none. */
static void write_cell(struct listing *t, enum listing_column column, const struct event *row)
{
	struct text *cell = &t->cell;
	const struct facts *f = &row->facts;
	char room[AMOUNT_ROOM];

	text_clear(cell);
	switch (column) {
	case LISTING_STATE: text_add(cell, state_name(row->to)); break;
	case LISTING_AGE: words_add_age(cell, row, t->glyphs); break;
	case LISTING_LOCAL: add_endpoint(cell, row, true); break;
	case LISTING_PEER: add_endpoint(cell, row, false); break;
	case LISTING_RECVQ:
		if (f->knows & KNOWS_QUEUES)
			text_add_number(cell, f->rqueue);
		break;
	case LISTING_SENDQ:
		if ((f->knows & KNOWS_QUEUES) && !(f->knows & KNOWS_NO_LIMIT))
			text_add_number(cell, f->wqueue);
		break;
	case LISTING_TIMER: add_timer(cell, f); break;
	case LISTING_OPENER:
		if (side_word(row->opener))
			text_add(cell, side_word(row->opener));
		break;
	case LISTING_RTT:
		if (f->knows & KNOWS_RTT)
			text_add(cell, amount_span(f->rtt_us * NS_PER_US, room));
		break;
	case LISTING_SENT:
		if (f->knows & KNOWS_BYTES)
			text_add(cell, amount_bytes(f->bytes_sent, room));
		break;
	case LISTING_RECEIVED:
		if (f->knows & KNOWS_BYTES)
			text_add(cell, amount_bytes(f->bytes_received, room));
		break;
	case LISTING_UID:
		if (f->knows & KNOWS_UID)
			text_add_number(cell, f->uid);
		break;
	case LISTING_PID:
		if (row->holder_count)
			text_add_number(cell, row->holders[0].pid);
		break;
	case LISTING_FD:
		if (row->holder_count && row->holders[0].fd >= 0)
			text_add_number(cell, (unsigned)row->holders[0].fd);
		break;
	case LISTING_NETNS:
		if (row->netns_name)
			text_add(cell, row->netns_name);
		break;
	case LISTING_UNIT:
		if (row->unit)
			text_add(cell, row->unit);
		break;
	case LISTING_PROGRAM: words_add_program(cell, row, false); break;
	case LISTING_COLUMN_COUNT: break;
	}
	if (!cell->len)
		text_add_char(cell, '-');
}

void listing_measure(struct listing *t, const struct event *row)
{
	t->several |= row->netns_name && t->netns && row->netns != t->netns;
	t->netns = t->netns ? t->netns : row->netns;
	t->units |= row->unit != NULL;
	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++) {
		unsigned width;

		write_cell(t, (enum listing_column)i, row);
		width = utf8_columns(text_string(&t->cell));
		if (width > t->widths[i])
			t->widths[i] = width;
	}
}

/* `cut`: with all that may be cut as narrow as it gets. */
static unsigned total_width(const struct listing *t, bool cut)
{
	unsigned total = 0;

	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++) {
		const bool narrower = cut && columns[i].least && columns[i].least < t->widths[i];

		if (t->widths[i])
			total += (narrower ? columns[i].least : t->widths[i]) + (total ? (unsigned)GAP : 0);
	}
	return total;
}

/* Drops the least important column there is; false if all that are left stay. */
static bool drop_column(struct listing *t)
{
	unsigned worst = 0;

	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++)
		if (t->widths[i] && columns[i].rank > columns[worst].rank)
			worst = i;
	if (!columns[worst].rank)
		return false;
	t->widths[worst] = 0;
	return true;
}

/* Drops the last that can be done without. */
static bool drop_lasting(struct listing *t)
{
	static const enum listing_column lasting[] = { LISTING_PROGRAM, LISTING_LOCAL };

	for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
		if (t->widths[lasting[i]]) {
			t->widths[lasting[i]] = 0;
			return true;
		}
	return false;
}

/* Takes one column from the widest of those that may be cut; false if none may be any more. */
static bool narrow_column(struct listing *t)
{
	unsigned widest = LISTING_COLUMN_COUNT;

	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++)
		if (columns[i].least && t->widths[i] > columns[i].least && (widest == LISTING_COLUMN_COUNT || t->widths[i] > t->widths[widest]))
			widest = i;
	if (widest == LISTING_COLUMN_COUNT)
		return false;
	t->widths[widest]--;
	return true;
}

void listing_fit(struct listing *t, unsigned limit)
{
	if (!t->several)
		t->widths[LISTING_NETNS] = 0;
	if (!t->units)
		t->widths[LISTING_UNIT] = 0;
	if (!limit)
		return;
	while (total_width(t, false) > limit && drop_column(t))
		;
	while (total_width(t, true) > limit && drop_lasting(t))
		;
	while (total_width(t, false) > limit && narrow_column(t))
		;
}

/* The last column needs no spaces after it. */
static enum listing_column last_column(const struct listing *t)
{
	unsigned last = LISTING_COLUMN_COUNT - 1;

	while (last && !t->widths[last])
		last--;
	return (enum listing_column)last;
}

/* An address is cut at its front: the port tells more than the network. It is ASCII; the heading, which need not be, always has room. */
static void add_address(const struct listing *t, const char *s, unsigned width, struct text *out)
{
	size_t len = strlen(s), mark = utf8_columns(t->glyphs->ellipsis);

	if (utf8_columns(s) > width) {
		text_add(out, t->glyphs->ellipsis);
		text_add(out, s + len - (width - mark));
	} else {
		text_add_padded(out, s, width, 0, "");
	}
}

static void add_cell(const struct listing *t, enum listing_column column, const char *s, const char *color, struct text *out)
{
	unsigned width = t->widths[column];

	if (column)
		text_add_bytes(out, gap, GAP);
	if (color)
		text_addf(out, "\033[%sm", color);
	if (column == last_column(t) && !columns[column].right && utf8_columns(s) < width)
		width = utf8_columns(s);
	if (column == LISTING_LOCAL || column == LISTING_PEER)
		add_address(t, s, width, out);
	else
		text_add_padded(out, s, width, columns[column].right, t->glyphs->ellipsis);
	if (color)
		text_add(out, "\033[m");
}

void listing_add_head(struct listing *t, struct text *out)
{
	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++)
		if (t->widths[i])
			add_cell(t, (enum listing_column)i, message_get_in(columns[i].heading), t->color ? "1" : NULL, out);
	text_add_char(out, '\n');
}

void listing_add_row(struct listing *t, const struct event *row, struct text *out)
{
	for (unsigned i = 0; i < LISTING_COLUMN_COUNT; i++) {
		if (!t->widths[i])
			continue;
		write_cell(t, (enum listing_column)i, row);
		add_cell(t, (enum listing_column)i, text_string(&t->cell), t->color && i == LISTING_STATE ? words_state_color(row->to) : NULL, out);
	}
	text_add_char(out, '\n');
}
