/*
 * A picture: a grid of cells, each a rune with a role. Views paint on it; tui/ puts it on the terminal, tests and
 * exports read it as text. Painting outside is clipped, never an error. A wide rune takes two cells, the second with
 * rune 0; half of one is never left behind.
 */
#ifndef SHOW_CANVAS_H
#define SHOW_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "show/role.h"

#define CELL_BOLD 0x01      /* emphasis on top of what the theme says */
#define CELL_UNDERLINE 0x02
#define CELL_REVERSE 0x04
#define CELL_ON_CURSOR 0x08 /* the ground of row.cursor, with the role's own foreground */

struct cell {
	uint32_t rune;  /* 0: right half of the wide rune before it */
	uint8_t role;   /* enum role */
	uint8_t flags;  /* CELL_* */
};

/* Drawing characters, in Unicode or ASCII. Strings are one column each, but for `at_least` and `more`. */
struct glyphs {
	bool unicode;
	const char *horizontal, *vertical, *head_left, *head_right; /* ─ │ ◄ ►   ASCII: - | < > */
	const char *dash, *gap;                                     /* inferred arrow, alternating: ╌╌   ASCII: "- " */
	const char *packet, *lost, *ellipsis, *at_least, *arrow_right, *bullet; /* ● ╳ … ≥ → •   ASCII: o X ~ >= > * */
	const char *bars[9];   /* eighths of a block from empty to full, horizontally: " ▏▎▍▌▋▊▉█"; ASCII: " -=#" in steps */
	const char *sparks[8]; /* ▁▂▃▄▅▆▇█; ASCII: " .:-=+*#" */
	const char *corner_tl, *corner_tr, *corner_bl, *corner_br, *tee_l, *tee_r, *tee_t, *tee_b, *cross;
	const char *fold_open, *fold_closed; /* ▾ ▸   ASCII: - + */
	const char *head_up, *head_down;                            /* ▲ ▼   ASCII: ^ v */
	const char *more;         /* there are more than are drawn: » or >> */
	const char *vertical_gap; /* a lifeline over a stretch of time that is not drawn: ┊ or : */
};
extern const struct glyphs glyphs_unicode, glyphs_ascii;

struct canvas {
	unsigned rows, columns;
	struct cell *cells; /* rows × columns */
	const struct glyphs *glyphs;
};

/* Owns its cells. canvas_resize clears. */
void canvas_init(struct canvas *c, unsigned rows, unsigned columns, const struct glyphs *glyphs);
void canvas_fini(struct canvas *c);
void canvas_resize(struct canvas *c, unsigned rows, unsigned columns);
void canvas_clear(struct canvas *c);

/*
 * A part of another canvas: paints there, clipped to it. Rows and columns are counted from its corner. By value; owns
 * nothing.
 */
struct area {
	struct canvas *canvas;
	unsigned row, column, rows, columns;
};
struct area area_all(struct canvas *c);
struct area area_part(struct area a, unsigned row, unsigned column, unsigned rows, unsigned columns);

/*
 * Paints s (UTF-8, clean) from (row, column); stops at the edge. Returns the columns taken. Negative columns are
 * clipped at the left.
 */
unsigned area_text(struct area a, int row, int column, enum role role, unsigned flags, const char *s);
unsigned area_textf(struct area a, int row, int column, enum role role, unsigned flags, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* In a field of exactly `width` columns: cut with the ellipsis, padded with spaces, right- or left-aligned. */
void area_field(struct area a, int row, int column, unsigned width, bool right, enum role role, unsigned flags, const char *s);
/* count times the one-column glyph. */
void area_repeat(struct area a, int row, int column, unsigned count, enum role role, const char *glyph);
void area_fill(struct area a, enum role role, unsigned flags);
/* Sets role (unless ROLE_COUNT) and adds flags on cells already painted. */
void area_tint(struct area a, int row, int column, unsigned width, enum role role, unsigned flags);

/* The picture as lines of text, trailing spaces cut, each ended by '\n'. */
void canvas_to_text(const struct canvas *c, struct text *out);
/*
 * The roles as a second grid of letters ('.' is ROLE_TEXT, trailing ones cut), and a line "letter name" for each role
 * used (for golden tests).
 */
void canvas_roles_to_text(const struct canvas *c, struct text *out);

#endif
