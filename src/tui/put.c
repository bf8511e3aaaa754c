/* From cells to ncurses' cells: colours, pairs, differences. */
#include "put.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/memory.h"

/* Each pair of colours in use gets a number once. Eight-colour terminals have 64. */
#define PAIRS_MAX 250

struct put {
	struct theme theme;
	bool color, utf8;
	struct theme_terminal terminal;
	int pairs_room, pair_count;
	struct {
		int fore, ground;
	} pairs[PAIRS_MAX]; /* number i + 1 */
	struct canvas shown;
	bool valid;
};

struct put *put_new(const struct theme *theme, bool color, bool utf8)
{
	struct put *p = memory_get_zeroed(1, sizeof(*p));

	p->theme = *theme;
	p->utf8 = utf8;
	p->color = color && has_colors() && start_color() == OK && use_default_colors() == OK;
	p->terminal = (struct theme_terminal){.colors = p->color ? COLORS : 0, .direct = p->color && tigetflag("RGB") > 0};
	p->pairs_room = p->color ? (COLOR_PAIRS - 1 < PAIRS_MAX ? COLOR_PAIRS - 1 : PAIRS_MAX) : 0;
	return p;
}

void put_free(struct put *p)
{
	if (!p)
		return;
	canvas_fini(&p->shown);
	free(p);
}

void put_forget(struct put *p)
{
	p->valid = false;
}

void put_set_theme(struct put *p, const struct theme *theme)
{
	p->theme = *theme;
	p->pair_count = 0; /* their numbers are given out again: ncurses draws anew what wore them */
	p->valid = false;
}

/* ---- colours ---- */

static attr_t attributes_of(uint8_t theme_attributes)
{
	return (theme_attributes & THEME_BOLD ? A_BOLD : 0) | (theme_attributes & THEME_DIM ? A_DIM : 0) |
	       (theme_attributes & THEME_ITALIC ? A_ITALIC : 0) | (theme_attributes & THEME_UNDERLINE ? A_UNDERLINE : 0) |
	       (theme_attributes & THEME_REVERSE ? A_REVERSE : 0);
}

/* Without colours these still have to be told from the rest. */
static attr_t plain_attributes(enum role role)
{
	switch (role) {
	case ROLE_BAR:
	case ROLE_BAR_KEY:
	case ROLE_CURSOR:
	case ROLE_TAB_ACTIVE:
	case ROLE_FLASH:
		return A_REVERSE;
	default:
		return 0;
	}
}

static attr_t attributes_of_cell(const struct put *p, const struct cell *cell, const struct theme_look *look)
{
	attr_t attributes = attributes_of(look->attributes);

	attributes |= (cell->flags & CELL_BOLD ? A_BOLD : 0) | (cell->flags & CELL_UNDERLINE ? A_UNDERLINE : 0);
	if (cell->flags & CELL_REVERSE)
		attributes ^= A_REVERSE;
	if (!p->color)
		attributes |= cell->flags & CELL_ON_CURSOR ? A_REVERSE : plain_attributes((enum role)cell->role);
	return attributes;
}

/* When there are no more pairs: the terminal's own colours, which can always be read. */
static short pair_of(struct put *p, int fore, int ground)
{
	if (fore < 0 && ground < 0)
		return 0;
	for (int i = 0; i < p->pair_count; i++)
		if (p->pairs[i].fore == fore && p->pairs[i].ground == ground)
			return (short)(i + 1);
	if (p->pair_count >= p->pairs_room || init_extended_pair(p->pair_count + 1, fore, ground) != OK)
		return 0;
	p->pairs[p->pair_count].fore = fore;
	p->pairs[p->pair_count].ground = ground;
	return (short)++p->pair_count;
}

/* ---- cells ---- */

static void put_cell(struct put *p, unsigned row, unsigned column, const struct cell *cell)
{
	const struct theme_look look = theme_look(&p->theme, (enum role)cell->role, cell->flags & CELL_ON_CURSOR, &p->terminal);
	wchar_t text[2] = {(wchar_t)cell->rune, 0};
	cchar_t out;

	if (!p->utf8 && (cell->rune > 0x7e || !cell->rune))
		text[0] = L'?';
	if (setcchar(&out, text, attributes_of_cell(p, cell, &look), pair_of(p, look.fore, look.ground), NULL) == OK)
		mvadd_wch((int)row, (int)column, &out);
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->rune == b->rune && a->role == b->role && a->flags == b->flags;
}

static unsigned put_row(struct put *p, const struct canvas *canvas, unsigned row)
{
	const struct cell *now = canvas->cells + (size_t)row * canvas->columns, *before = p->shown.cells + (size_t)row * canvas->columns;
	unsigned put = 0;

	for (unsigned at = 0; at < canvas->columns; at++) {
		const bool wide = at + 1 < canvas->columns && now[at + 1].rune == 0;

		if (now[at].rune == 0 && p->utf8) /* put with its left half */
			continue;
		if (p->valid && same_cell(&now[at], &before[at]) && (!wide || same_cell(&now[at + 1], &before[at + 1])))
			continue;
		put_cell(p, row, at, &now[at]);
		put++;
	}
	return put;
}

unsigned put_canvas(struct put *p, const struct canvas *canvas)
{
	unsigned put = 0;

	if (p->shown.rows != canvas->rows || p->shown.columns != canvas->columns) {
		p->shown.glyphs = canvas->glyphs;
		canvas_resize(&p->shown, canvas->rows, canvas->columns);
		p->valid = false;
	}
	for (unsigned row = 0; row < canvas->rows; row++)
		put += put_row(p, canvas, row);
	memcpy(p->shown.cells, canvas->cells, (size_t)canvas->rows * canvas->columns * sizeof(*canvas->cells));
	p->valid = true;
	return put;
}
