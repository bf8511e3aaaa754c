/* The help screen: from entries to lines, and from lines to columns. */
#include "show/help.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/paragraph.h"

#define KEYS_LEAST 8
#define KEYS_MOST 20 /* and no more than a third of a line */
#define INDENT 1
#define TWO_FROM 96
#define THREE_FROM 150

/* ---- what the marks mean ---- */

static struct help_entry mark(const char *group, const char *sign, const char *text, enum role role)
{
	return (struct help_entry){.group = group, .keys = sign, .text = text, .role = role};
}

unsigned help_add_marks(struct help_entry *entries, unsigned count, const struct glyphs *glyphs, struct help_signs *signs)
{
	static const char *const list = N_("Marks in the list"), *const ladder = N_("Marks in a ladder");

	snprintf(signs->known, sizeof(signs->known), "%s%s%s", glyphs->horizontal, glyphs->horizontal, glyphs->head_right);
	snprintf(signs->inferred, sizeof(signs->inferred), "%s%s%s", glyphs->dash, glyphs->gap, glyphs->head_right);
	entries[count++] = mark(list, "+", N_("new, or opening"), ROLE_NEW);
	entries[count++] = mark(list, "-", N_("closing, or just gone"), ROLE_STATE_FIN_WAIT2);
	entries[count++] = mark(list, "!", N_("look here: a leak, or stuck"), ROLE_WARNING);
	entries[count++] = mark(list, "*", N_("marked with m"), ROLE_TITLE);
	entries[count++] = mark(list, ">", N_("the cursor stays on its connection"), ROLE_CURSOR);
	entries[count++] = mark(list, glyphs->head_right, N_("opened by this side"), ROLE_TEXT);
	entries[count++] = mark(list, glyphs->head_left, N_("opened by the peer"), ROLE_TEXT);
	entries[count++] = mark(list, glyphs->at_least, N_("at least: it began before anybody looked"), ROLE_TEXT);
	entries[count++] = mark(ladder, signs->known, N_("known: it was seen, or the kernel told it"), ROLE_ARROW);
	entries[count++] = mark(ladder, signs->inferred, N_("inferred: TCP allows no other way"), ROLE_ARROW_INFERRED);
	entries[count++] = mark(ladder, "?", N_("the peer's state is deduced"), ROLE_DIM);
	entries[count++] = mark(ladder, glyphs->packet, N_("on its way"), ROLE_PACKET);
	entries[count++] = mark(ladder, glyphs->lost, N_("lost"), ROLE_ARROW_LOST);
	entries[count++] = mark(ladder, glyphs->vertical_gap, N_("time that is not drawn"), ROLE_DIM);
	return count;
}

unsigned help_add_coverage(struct help_entry *entries, unsigned count, const struct coverage_words *words)
{
	for (unsigned i = 0; i < words->count && count < HELP_ENTRIES_MAX; i++) {
		entries[count] = mark(N_("What is seen"), words->lines[i].figure, words->lines[i].text, words->lines[i].role);
		entries[count++].right = true;
	}
	return count;
}

/* ---- what has the words ---- */

/* The next word at *s, and moves on; its length, 0 at the end. */
static size_t next_word(const char **s, const char **word)
{
	size_t len;

	*s += strspn(*s, " ");
	*word = *s;
	len = strcspn(*s, " ");
	*s += len;
	return len;
}

/* Where the word is in the first `len` bytes of the text; NULL: nowhere. Capitals count as small letters. */
static const char *find_word(const char *text, size_t len, const char *word, size_t word_len)
{
	for (size_t at = 0; at + word_len <= len; at++)
		if (strncasecmp(text + at, word, word_len) == 0)
			return text + at;
	return NULL;
}

static bool has_word(const char *text, const char *word, size_t len)
{
	return text && *text && find_word(text, strlen(text), word, len);
}

static bool has_message(const char *id, const char *word, size_t len)
{
	return id && *id && (has_word(id, word, len) || has_word(_(id), word, len));
}

static bool has_words(const struct help_entry *e, const char *words)
{
	const char *word;
	size_t len;

	while ((len = next_word(&words, &word)) > 0)
		if (!has_word(e->keys, word, len) && !has_word(e->name, word, len) && !has_message(e->label, word, len) &&
		    !has_message(e->text, word, len) && !has_message(e->group, word, len))
			return false;
	return true;
}

/* ---- lines ---- */

struct laying {
	struct help_page *page;
	unsigned count, gaps[32], gap_count;
	const char *group;
};

static void add_line(struct laying *l, struct help_line line)
{
	if (l->count < HELP_LINES_MAX)
		l->page->lines[l->count++] = line;
}

static void add_heading(struct laying *l, const struct help_entry *e)
{
	if (strcmp(l->group, e->group) == 0)
		return;
	if (l->count > 0) {
		add_line(l, (struct help_line){0});
		if (l->gap_count < sizeof(l->gaps) / sizeof(l->gaps[0]))
			l->gaps[l->gap_count++] = l->count;
	}
	l->group = e->group;
	add_line(l, (struct help_line){.entry = e});
}

static void add_entry(struct laying *l, const struct help_entry *e)
{
	const unsigned taken = INDENT + l->page->keys_columns + 1;
	const unsigned room = l->page->width > taken + 2 ? l->page->width - taken - 2 : 1;
	const char *text = _(e->text);
	bool first = true;

	while (*text) {
		size_t skip, len = paragraph_break(text, room, &skip);

		add_line(l, (struct help_line){.entry = e, .text = text, .len = (uint16_t)len, .first = first});
		text += len + skip;
		first = false;
	}
}

static unsigned width_of_keys(const struct help_entry *entries, unsigned count, unsigned columns)
{
	const unsigned third = columns / 3 > KEYS_LEAST ? columns / 3 : KEYS_LEAST, most = third < KEYS_MOST ? third : KEYS_MOST;
	unsigned width = KEYS_LEAST;

	for (unsigned i = 0; i < count; i++)
		if (utf8_columns(entries[i].keys) > width)
			width = utf8_columns(entries[i].keys);
	return width < most ? width : most;
}

/* ---- columns ---- */

static unsigned longer(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* A column that another follows ends in the empty line between groups. */
static unsigned rows_of(unsigned from, unsigned to, unsigned end)
{
	return to > from ? to - from - (to < end) : 0;
}

static void take_columns(struct help_page *page, unsigned first, unsigned second, unsigned end)
{
	const unsigned rows = longer(longer(rows_of(0, first, end), rows_of(first, second, end)), rows_of(second, end, end));

	if (rows >= page->rows)
		return;
	page->rows = rows;
	page->starts[1] = first;
	page->starts[2] = second;
	page->starts[3] = end;
}

/* Groups stay whole: of all the places between them, those that make the longest column shortest. */
static void split(struct help_page *page, const struct laying *l)
{
	page->rows = UINT32_MAX;
	page->starts[0] = 0;
	take_columns(page, l->count, l->count, l->count);
	for (unsigned i = 0; i < l->gap_count && page->columns >= 2; i++) {
		take_columns(page, l->gaps[i], l->count, l->count);
		for (unsigned k = i + 1; k < l->gap_count && page->columns >= 3; k++)
			take_columns(page, l->gaps[i], l->gaps[k], l->count);
	}
}

void help_lay_out(struct help_page *page, const struct help_entry *entries, unsigned count, const char *words, unsigned columns)
{
	struct laying l = {.page = page, .group = ""};

	snprintf(page->words, sizeof(page->words), "%s", words);
	page->columns = *words || columns < TWO_FROM ? 1 : columns < THREE_FROM ? 2 : 3;
	page->width = columns / page->columns;
	page->keys_columns = width_of_keys(entries, count, page->width);
	page->entries = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!has_words(&entries[i], words))
			continue;
		page->entries++;
		add_heading(&l, &entries[i]);
		add_entry(&l, &entries[i]);
	}
	split(page, &l);
}

uint8_t help_action_at(const struct help_page *page, unsigned row, unsigned column)
{
	const unsigned at = page->width ? column / page->width : 0;

	if (at >= page->columns || page->starts[at] + row >= page->starts[at + 1])
		return 0;
	row += page->starts[at];
	return page->lines[row].entry && page->lines[row].text ? page->lines[row].entry->action : 0;
}

/* ---- picture ---- */

/* What was looked for stands out where it is. */
static void mark_words(const struct help_page *page, struct area area, int row, unsigned column, const char *text, size_t text_len)
{
	const char *words = page->words, *word, *found;
	size_t len;

	while ((len = next_word(&words, &word)) > 0) {
		char before[256];

		found = find_word(text, text_len, word, len);
		if (!found || (size_t)(found - text) >= sizeof(before))
			continue;
		snprintf(before, sizeof(before), "%.*s", (int)(found - text), text);
		column += utf8_columns(before);
		snprintf(before, sizeof(before), "%.*s", (int)len, found);
		area_tint(area, row, (int)column, utf8_columns(before), ROLE_TITLE, CELL_BOLD | CELL_UNDERLINE);
		snprintf(before, sizeof(before), "%.*s", (int)(found - text), text);
		column -= utf8_columns(before);
	}
}

static void paint_line(const struct help_page *page, struct area area, int row, const struct help_line *line)
{
	const unsigned taken = INDENT + page->keys_columns + 1;

	if (!line->entry)
		return;
	if (!line->text) {
		area_text(area, row, 0, line == page->lines ? ROLE_TITLE : ROLE_HEADING, CELL_BOLD, _(line->entry->group));
		return;
	}
	if (line->first) {
		area_field(area, row, INDENT, page->keys_columns, line->entry->right, line->entry->role, CELL_BOLD, line->entry->keys);
		mark_words(page, area, row, INDENT, line->entry->keys, line->entry->right ? 0 : strlen(line->entry->keys));
	}
	area_textf(area, row, (int)taken, ROLE_TEXT, 0, "%.*s", (int)line->len, line->text);
	mark_words(page, area, row, taken, line->text, line->len);
}

void help_paint(const struct help_page *page, struct area area, unsigned top)
{
	for (unsigned column = 0; column < page->columns; column++) {
		const struct area part = area_part(area, 0, column * page->width + 1, area.rows, page->width - 1);

		for (unsigned row = 0; row < area.rows && page->starts[column] + top + row < page->starts[column + 1]; row++)
			paint_line(page, part, (int)row, &page->lines[page->starts[column] + top + row]);
	}
}
