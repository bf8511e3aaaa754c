/* From cells to ncurses' cells: colours, pairs, differences. */
#include "put.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/memory.h"

/* Each pair of colours in use gets a number once. Eight-colour terminals have 64. */
#define PAIRS_MAX 250

struct look {
	attr_t attributes;
	int fore, ground; /* ncurses' colours; -1: the terminal's own */
};

struct put {
	struct theme theme;
	bool color, utf8;
	int colors, pairs_room, pair_count;
	bool direct;
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
	p->colors = p->color ? COLORS : 0;
	p->direct = p->color && tigetflag("RGB") > 0;
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

/* ---- colours ---- */

/* xterm's 256 colours as 0xrrggbb: the sixteen, a cube of six levels, a ramp of greys. */
static int rgb_of_index(int index)
{
	static const int levels[] = {0, 95, 135, 175, 215, 255};
	int grey;

	if (index >= 232) {
		grey = 8 + (index - 232) * 10;
		return grey << 16 | grey << 8 | grey;
	}
	index -= 16;
	return levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6];
}

/*
 * The best form that this terminal has. Terminals with direct colours take the first eight numbers for the eight
 * colours (ncurses, user_caps(5)), so the few blues below are moved up to the next.
 */
static int choose(const struct put *p, const struct theme_color *c, attr_t *attributes)
{
	if (p->direct && c->direct != COLOR_NOT_GIVEN)
		return c->direct < 8 ? 8 : c->direct;
	if (p->direct && c->indexed >= 16)
		return rgb_of_index(c->indexed) < 8 ? 8 : rgb_of_index(c->indexed);
	if (!p->direct && p->colors >= 256 && c->indexed != COLOR_NOT_GIVEN)
		return c->indexed;
	if (c->named == COLOR_NOT_GIVEN || c->named == COLOR_OWN)
		return -1;
	if (c->named < 8)
		return c->named;
	if (!p->direct && p->colors >= 16)
		return c->named;
	if (c->named == 8) { /* grey, which eight colours do not have */
		*attributes |= A_DIM;
		return -1;
	}
	*attributes |= A_BOLD;
	return c->named - 8;
}

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

static struct look look_of(const struct put *p, const struct cell *cell)
{
	const struct theme_role *role = &p->theme.roles[cell->role < ROLE_COUNT ? cell->role : ROLE_TEXT];
	const struct theme_role *cursor = &p->theme.roles[ROLE_CURSOR];
	struct look look = {.attributes = attributes_of(role->attributes), .fore = -1, .ground = -1};
	attr_t ignored = 0;

	look.attributes |= (cell->flags & CELL_BOLD ? A_BOLD : 0) | (cell->flags & CELL_UNDERLINE ? A_UNDERLINE : 0);
	if (cell->flags & CELL_REVERSE)
		look.attributes ^= A_REVERSE;
	if (!p->color) {
		look.attributes |= cell->flags & CELL_ON_CURSOR ? A_REVERSE : plain_attributes((enum role)cell->role);
		return look;
	}
	look.fore = choose(p, &role->fore, &look.attributes);
	look.ground = choose(p, &role->ground, &ignored);
	if (look.ground < 0)
		look.ground = choose(p, &p->theme.roles[ROLE_TEXT].ground, &ignored);
	if (cell->flags & CELL_ON_CURSOR && cell->role != ROLE_FLASH) {
		look.ground = choose(p, &cursor->ground, &ignored);
		if (look.fore == look.ground || look.fore < 0)
			look.fore = choose(p, &cursor->fore, &look.attributes);
	}
	return look;
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
	const struct look look = look_of(p, cell);
	wchar_t text[2] = {(wchar_t)cell->rune, 0};
	cchar_t out;

	if (!p->utf8 && cell->rune > 0x7e)
		text[0] = L'?';
	if (setcchar(&out, text, look.attributes, pair_of(p, look.fore, look.ground), NULL) == OK)
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

		if (now[at].rune == 0) /* put with its left half */
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
