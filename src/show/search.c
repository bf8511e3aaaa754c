/* Searching the list: see show/search.h. */
#include "show/search.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Some ten milliseconds of work each, with 200,000 rows; with a million some thirty, for all that are in no order yet are looked through. */
#define SLICE_ROWS 32768u
#define SLICE_SORTED 32768u

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

void search_set(struct search *s, const char *text)
{
	size_t len = strlen(text);

	/* Whole runes only. */
	for (len = len < SEARCH_ROOM ? len : SEARCH_ROOM - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		continue;
	*s = (struct search){0};
	for (size_t i = 0; i < len; i++)
		s->text[i] = lower(text[i]);
	s->may_be_address = strspn(s->text, "0123456789abcdef.:[]%") == len;
	s->may_be_number = strspn(s->text, "0123456789") == len;
}

void search_begin(struct search *s, const struct list *l, uint32_t from, bool backward)
{
	s->on = s->text[0] && l->count > 0;
	s->backward = backward;
	s->around = from >= l->count;
	s->next = from < l->count ? from : backward && l->count ? l->count - 1 : 0;
	s->left = l->count;
}

/* ---- rows ---- */

static bool has(const struct search *s, const char *text)
{
	for (; *text; text++) {
		size_t i = 0;

		while (s->text[i] && lower(text[i]) == s->text[i])
			i++;
		if (!s->text[i])
			return true;
	}
	return false;
}

static bool ends_have(const struct search *s, const struct list *l, const struct connection *c)
{
	const struct names *names = l->names && l->names->kept ? l->names->kept : l->names;
	char text[ENDPOINT_TEXT_ROOM], named[NAMES_ENDPOINT_ROOM];
	struct tuple tuple;

	if (!s->may_be_address && !names)
		return false;
	tuple = connection_tuple(c);
	tuple_format_local(&tuple, text);
	if (has(s, text) || (names && names_endpoint(names, &tuple, false, named) && has(s, named)))
		return true;
	if (c->state == STATE_LISTEN)
		return false;
	tuple_format_remote(&tuple, text);
	return has(s, text) || (names && names_endpoint(names, &tuple, true, named) && has(s, named));
}

static bool program_has(const struct search *s, const struct model *m, const struct connection *c)
{
	char number[16];
	struct holder h;

	if (!model_holder(m, c, 0, &h))
		return false;
	if (has(s, h.comm))
		return true;
	snprintf(number, sizeof(number), "%u", s->may_be_number ? h.pid : 0);
	return s->may_be_number && has(s, number);
}

static bool cells_have(const struct search *s, const struct list *l, const struct model *m, const struct connection *c)
{
	const char *netns = l->several_netns ? model_netns_name(m, c) : NULL;

	return has(s, state_name(c->state)) || program_has(s, m, c) || ends_have(s, l, c) || (netns && has(s, netns));
}

bool search_fits(const struct search *s, const struct list *l, const struct model *m, const struct connection *c)
{
	const char *unit;

	if (!s->text[0])
		return false;
	if (cells_have(s, l, m, c))
		return true;
	unit = model_unit(m, c);
	return unit && has(s, unit);
}

const char *search_unit(const struct search *s, const struct list *l, const struct model *m, const struct connection *c)
{
	const char *unit = s->text[0] && c ? model_unit(m, c) : NULL;

	return unit && has(s, unit) && !cells_have(s, l, m, c) ? unit : NULL;
}

/* ---- the way through them ---- */

/* The row stands in order, and the screenful that it is shown in. */
static bool is_in_order(const struct list *l, uint32_t row)
{
	return l->sorted >= l->count || (uint64_t)row + 2 * l->height < l->sorted;
}

static void step(struct search *s, const struct list *l)
{
	const uint32_t last = l->count - 1, end = s->backward ? 0 : last;

	s->left--;
	s->around |= s->next == end && s->left > 0;
	if (s->next == end)
		s->next = s->backward ? last : 0;
	else
		s->next += s->backward ? UINT32_MAX : 1;
}

enum search_answer search_turn(struct search *s, struct list *l, const struct model *m, int64_t now_ns)
{
	bool sorted = false;

	if (s->next >= l->count) /* there are fewer than there were */
		s->next = s->backward && l->count ? l->count - 1 : 0;
	if (s->left > l->count)
		s->left = l->count;
	for (unsigned i = 0; i < SLICE_ROWS && s->left > 0; i++) {
		const struct connection *c;

		if (!is_in_order(l, s->next)) {
			if (sorted)
				return SEARCH_GOES_ON;
			list_sort_some(l, m, now_ns, SLICE_SORTED);
			sorted = true;
			continue;
		}
		c = list_at(l, m, s->next);
		if (c && search_fits(s, l, m, c)) {
			s->on = false;
			return SEARCH_FOUND;
		}
		step(s, l);
	}
	s->on = s->left > 0;
	return s->on ? SEARCH_GOES_ON : SEARCH_NOT_FOUND;
}

/* ---- the picture ---- */

static bool is_searched(enum list_column column)
{
	return column == LIST_STATE || column == LIST_LOCAL || column == LIST_PEER || column == LIST_PID || column == LIST_NETNS || column == LIST_PROGRAM || column == LIST_UNIT;
}

static unsigned lower_rune(unsigned rune)
{
	return rune >= 'A' && rune <= 'Z' ? rune + 'a' - 'A' : rune;
}

/* The columns that the text takes from this cell on; 0: it does not stand there. */
static unsigned stands_at(const struct search *s, const struct cell *cells, unsigned room)
{
	const size_t len = strlen(s->text);
	unsigned at = 0;

	for (size_t i = 0; i < len;) {
		unsigned rune;

		i += utf8_decode(s->text + i, len - i, &rune);
		while (at < room && cells[at].rune == 0) /* the right half of the one before */
			at++;
		if (at == room || lower_rune(cells[at].rune) != rune)
			return 0;
		at++;
	}
	while (at < room && cells[at].rune == 0)
		at++;
	return at;
}

static void paint_field(const struct search *s, struct area area, unsigned row, unsigned at, unsigned width)
{
	const struct cell *cells = area.canvas->cells + (size_t)(area.row + row) * area.canvas->columns + area.column;
	const unsigned end = at + width < area.columns ? at + width : area.columns;

	while (at < end) {
		const unsigned found = stands_at(s, cells + at, end - at);

		if (found)
			area_tint(area, (int)row, (int)at, found, ROLE_COUNT, CELL_REVERSE | CELL_BOLD);
		at += found ? found : 1;
	}
}

void search_paint(const struct search *s, const struct list *l, struct area area)
{
	struct list_layout layout;

	if (!s->text[0])
		return;
	list_lay_out(l, area.columns, area.canvas->glyphs, &layout);
	for (unsigned row = 1; row < area.rows && l->top + row - 1 < l->count; row++)
		for (unsigned i = 0; i < layout.count; i++)
			if (is_searched((enum list_column)layout.shown[i].column))
				paint_field(s, area, row, layout.shown[i].at, layout.shown[i].width);
}
