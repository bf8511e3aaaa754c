/*
 * Themes: what each role looks like.
 *
 * A theme file is INI:
 *
 *	[theme]
 *	name = dark
 *	description = for a dark ground
 *	description[ko] = 어두운 바탕에
 *	[roles]
 *	state.close_wait = bright-red, 203, #ff5f5f, bold
 *	row.cursor = default, on blue, on 237
 *
 * A role is a list, in any order, of: a colour by name (black red green yellow blue magenta cyan white, each also as
 * bright-…, and default: the terminal's own), for every terminal; a number 0-255 for terminals with 256 colours;
 * #rrggbb for those with direct colour; each also with `on` for the ground; and the attributes bold dim italic
 * underline reverse. What a terminal cannot show is taken from the next simpler form. What is left out, or `default`,
 * is as in `text`, and there the terminal's own: so a ground given to `text` is the ground of the whole screen.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "show/role.h"

#define THEME_BOLD 0x01
#define THEME_DIM 0x02
#define THEME_ITALIC 0x04
#define THEME_UNDERLINE 0x08
#define THEME_REVERSE 0x10

#define COLOR_NOT_GIVEN INT32_MIN
#define COLOR_OWN (-1)

/* The three forms of a colour; COLOR_NOT_GIVEN where the theme does not say. */
struct theme_color {
	int32_t named;   /* 0-15, or COLOR_OWN */
	int32_t indexed; /* 0-255 */
	int32_t direct;  /* 0xrrggbb */
};

struct theme_role {
	bool given;
	struct theme_color fore, ground;
	uint8_t attributes; /* THEME_* */
};

#define THEME_NAME_ROOM 64
#define THEME_DESCRIPTION_ROOM 160
struct theme {
	char name[THEME_NAME_ROOM];
	char description[THEME_DESCRIPTION_ROOM]; /* in the person's language, if the file has it; "": none */
	struct theme_role roles[ROLE_COUNT];
};

/* The dark theme as it was when synfin was built; needs no file. */
void theme_set_builtin(struct theme *t);
/*
 * The theme called `name` (NULL: dark), from the person's own directory or the one it is shipped in. Returns 0; -ENOENT
 * when there is none of that name; another -errno when its file is no theme or has mistakes. Then `t` is the built-in
 * one, and `error` says what is wrong: the names there are, or a line "file:line: key: what" for each mistake (no
 * newline at the end).
 */
int theme_load(struct theme *t, const char *name, struct text *error);
/*
 * Reads one file, which must be a regular one of at most 64 KiB. Roles that it leaves out look as in the built-in
 * theme. 0 or -errno, with `error`.
 */
int theme_read(struct theme *t, const char *path, struct text *error);
/* The name is one of theme_list(), or that of a file with mistakes. */
bool theme_is_known(const char *name);
/* The names of all themes that can be used, sorted, separated by ", ". */
void theme_list(struct text *out);
/* The first of the lines that theme_load() told, its file without the directory. Returns out. */
const char *theme_first_mistake(const char *mistakes, char *out, size_t room);

/* ---- all there are ---- */

struct theme_entry {
	char *name;           /* as theme_load() takes it, clean */
	bool own;             /* the person's, not one that is shipped */
	struct theme theme;   /* the built-in one if there are mistakes */
	struct text mistakes; /* as theme_load() tells them; empty: it can be used */
};
struct themes {
	struct theme_entry *at;
	unsigned count;
};
/* Reads all of them, sorted by name. A person's own hides the shipped one of the same name. */
void themes_load(struct themes *all);
void themes_fini(struct themes *all);

/* ---- on a terminal ---- */

/* What a terminal has. */
struct theme_terminal {
	int colors;  /* 0: none */
	bool direct; /* 0xrrggbb */
};
/*
 * What a cell wears. Colours as ncurses counts them: COLOR_OWN, 0-255, or on a terminal with direct colours 0xrrggbb
 * from 8 on (the first eight numbers are the eight colours there; user_caps(5)).
 */
struct theme_look {
	int32_t fore, ground;
	uint8_t attributes; /* THEME_* */
};
/* `on_cursor`: on the ground of row.cursor. */
struct theme_look theme_look(const struct theme *t, enum role role, bool on_cursor, const struct theme_terminal *terminal);
/* xterm's colours 16-255 as 0xrrggbb. */
int32_t theme_rgb_of_index(int32_t index);

#endif
