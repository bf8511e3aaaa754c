/*
 * The canvas on the terminal: only cells that differ from what was put last are handed to ncurses, in the colours of
 * a theme. A frame in which nothing changed costs a comparison.
 */
#ifndef TUI_PUT_H
#define TUI_PUT_H

#include "show/canvas.h"
#include "theme.h"

struct put;

/*
 * color: false leaves only attributes. utf8: false puts '?' for every rune that is not ASCII, in each of its columns. The theme is copied.
 * ncurses must have been started.
 */
struct put *put_new(const struct theme *theme, bool color, bool utf8);
void put_free(struct put *p);
/* Another theme from the next frame on. */
void put_set_theme(struct put *p, const struct theme *theme);
/* Puts what is new. Returns the number of cells put. */
unsigned put_canvas(struct put *p, const struct canvas *canvas);
/* Everything is new again (the terminal's content is lost). */
void put_forget(struct put *p);

#endif
