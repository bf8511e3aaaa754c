/*
 * The grid of cells and everything that paints on it.
 *
 * All painting ends in put_rune(), which alone knows about wide runes: whatever overwrites one half of a wide rune blanks the other, and a wide
 * rune that would cross an edge is not begun.
 */
#include "show/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

static const struct cell blank = {.rune = ' ', .role = ROLE_TEXT};

void canvas_init(struct canvas *c, unsigned rows, unsigned columns, const struct glyphs *glyphs)
{
	*c = (struct canvas){.glyphs = glyphs};
	canvas_resize(c, rows, columns);
}

void canvas_fini(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){.glyphs = c->glyphs};
}

void canvas_resize(struct canvas *c, unsigned rows, unsigned columns)
{
	c->cells = memory_resize(c->cells, rows && columns ? (size_t)rows * columns : 1, sizeof(*c->cells));
	c->rows = rows;
	c->columns = columns;
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->rows * c->columns; i++)
		c->cells[i] = blank;
}

struct area area_all(struct canvas *c)
{
	return (struct area){.canvas = c, .rows = c->rows, .columns = c->columns};
}

static unsigned clip(unsigned wanted, unsigned from, unsigned have)
{
	if (from >= have)
		return 0;
	return wanted < have - from ? wanted : have - from;
}

struct area area_part(struct area a, unsigned row, unsigned column, unsigned rows, unsigned columns)
{
	return (struct area){
		.canvas = a.canvas,
		.row = a.row + (row < a.rows ? row : a.rows),
		.column = a.column + (column < a.columns ? column : a.columns),
		.rows = clip(rows, row, a.rows),
		.columns = clip(columns, column, a.columns),
	};
}

/* The cells of a row of the area, or NULL where there are none. */
static struct cell *row_of(struct area a, int row)
{
	if (row < 0 || (unsigned)row >= a.rows || a.row + (unsigned)row >= a.canvas->rows)
		return NULL;
	return a.canvas->cells + (size_t)(a.row + (unsigned)row) * a.canvas->columns;
}

/* Where columns of the area end on the canvas. */
static unsigned end_of(struct area a)
{
	unsigned end = a.column + a.columns;

	return end < a.canvas->columns ? end : a.canvas->columns;
}

/* Before cell `at` is overwritten: no half of a wide rune may stay. */
static void split_wide(struct cell *row, unsigned columns, unsigned at)
{
	if (row[at].rune == 0 && at > 0)
		row[at - 1].rune = ' ';
	if (row[at].rune != 0 && at + 1 < columns && row[at + 1].rune == 0)
		row[at + 1].rune = ' ';
}

static void put_cell(struct cell *row, unsigned columns, unsigned at, struct cell cell)
{
	split_wide(row, columns, at);
	row[at] = cell;
}

/* Puts a rune of `width` columns at canvas column `at`, which may lie outside of [from, end). False when nothing further right can fit. */
static bool put_rune(struct cell *row, unsigned columns, long at, unsigned from, unsigned end, unsigned width, struct cell cell)
{
	if (at >= (long)end || (width == 2 && at + 1 >= (long)end))
		return false;
	if (at + (long)width <= (long)from)
		return true;
	if (at < (long)from) { /* the right half of a wide rune */
		cell.rune = ' ';
		put_cell(row, columns, from, cell);
		return true;
	}
	put_cell(row, columns, (unsigned)at, cell);
	if (width == 2) {
		cell.rune = 0;
		/* its left half has just been put: only the neighbour to the right may lose one */
		if (row[at + 1].rune != 0 && (unsigned)at + 2 < columns && row[at + 2].rune == 0)
			row[at + 2].rune = ' ';
		row[at + 1] = cell;
	}
	return true;
}

static unsigned put_bytes(struct area a, int row, int column, enum role role, unsigned flags, const char *s, size_t len)
{
	struct cell *cells = row_of(a, row);
	const long start = (long)a.column + column;
	long at = start;

	if (!cells)
		return 0;
	while (len > 0) {
		unsigned rune, width;
		size_t took = utf8_decode(s, len, &rune);

		s += took;
		len -= took;
		width = utf8_rune_columns(rune);
		if (width == 0)
			continue;
		if (!put_rune(cells, a.canvas->columns, at, a.column, end_of(a), width,
			      (struct cell){.rune = rune, .role = (uint8_t)role, .flags = (uint8_t)flags}))
			break;
		at += width;
	}
	return (unsigned)(at - start);
}

unsigned area_text(struct area a, int row, int column, enum role role, unsigned flags, const char *s)
{
	return put_bytes(a, row, column, role, flags, s, strlen(s));
}

unsigned area_textf(struct area a, int row, int column, enum role role, unsigned flags, const char *format, ...)
{
	char brief[512];
	struct text full = {0};
	const char *s = brief;
	unsigned width;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(brief, sizeof(brief), format, args);
	va_end(args);
	if (len >= (int)sizeof(brief)) {
		va_start(args, format);
		text_addv(&full, format, args);
		va_end(args);
		s = text_string(&full);
	}
	width = len < 0 ? 0 : area_text(a, row, column, role, flags, s);
	text_fini(&full);
	return width;
}

void area_field(struct area a, int row, int column, unsigned width, bool right, enum role role, unsigned flags, const char *s)
{
	const char *ellipsis = a.canvas->glyphs->ellipsis;
	unsigned wanted = utf8_columns(s), mark = utf8_columns(ellipsis), taken;
	size_t bytes;

	for (unsigned i = 0; i < width; i++)
		area_text(a, row, column + (int)i, role, flags, " ");
	if (wanted <= width) {
		area_text(a, row, column + (right ? (int)(width - wanted) : 0), role, flags, s);
		return;
	}
	if (width < mark)
		return;
	bytes = utf8_fit(s, width - mark, &taken);
	put_bytes(a, row, column, role, flags, s, bytes);
	area_text(a, row, column + (int)taken, role, flags, ellipsis);
}

void area_repeat(struct area a, int row, int column, unsigned count, enum role role, const char *glyph)
{
	struct cell *cells = row_of(a, row);
	struct cell cell = {.role = (uint8_t)role};
	unsigned rune;

	if (!cells || !*glyph)
		return;
	utf8_decode(glyph, strlen(glyph), &rune);
	cell.rune = rune;
	for (unsigned i = 0; i < count; i++)
		if (!put_rune(cells, a.canvas->columns, (long)a.column + column + (long)i, a.column, end_of(a), 1, cell))
			return;
}

void area_fill(struct area a, enum role role, unsigned flags)
{
	for (unsigned r = 0; r < a.rows; r++) {
		struct cell *cells = row_of(a, (int)r);

		for (unsigned at = a.column; cells && at < end_of(a); at++)
			put_cell(cells, a.canvas->columns, at, (struct cell){.rune = ' ', .role = (uint8_t)role, .flags = (uint8_t)flags});
	}
}

void area_tint(struct area a, int row, int column, unsigned width, enum role role, unsigned flags)
{
	struct cell *cells = row_of(a, row);

	if (!cells)
		return;
	for (unsigned i = 0; i < width; i++) {
		long at = (long)a.column + column + (long)i;

		if (at < (long)a.column || at >= (long)end_of(a))
			continue;
		if (role != ROLE_COUNT)
			cells[at].role = (uint8_t)role;
		cells[at].flags |= (uint8_t)flags;
	}
}

static unsigned used_columns(const struct cell *row, unsigned columns)
{
	while (columns > 0 && row[columns - 1].rune == ' ')
		columns--;
	return columns;
}

void canvas_to_text(const struct canvas *c, struct text *out)
{
	for (unsigned r = 0; r < c->rows; r++) {
		const struct cell *row = c->cells + (size_t)r * c->columns;
		unsigned used = used_columns(row, c->columns);

		for (unsigned i = 0; i < used; i++)
			if (row[i].rune != 0)
				text_add_rune(out, row[i].rune);
		text_add_char(out, '\n');
	}
}

static char role_letter(enum role role)
{
	static const char letters[] = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	_Static_assert(ROLE_COUNT < sizeof(letters), "a letter for each role");
	return letters[role];
}

void canvas_roles_to_text(const struct canvas *c, struct text *out)
{
	bool used[ROLE_COUNT] = {false};

	for (unsigned r = 0; r < c->rows; r++) {
		const struct cell *row = c->cells + (size_t)r * c->columns;
		unsigned last = c->columns;

		while (last > 0 && row[last - 1].role == ROLE_TEXT)
			last--;
		for (unsigned i = 0; i < last; i++) {
			text_add_char(out, role_letter(row[i].role));
			used[row[i].role] = true;
		}
		text_add_char(out, '\n');
	}
	for (unsigned i = ROLE_TEXT + 1; i < ROLE_COUNT; i++)
		if (used[i])
			text_addf(out, "%c %s\n", role_letter((enum role)i), role_name((enum role)i));
}
