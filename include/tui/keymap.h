/*
 * Which keys do what: those built in (the table of actions), and over them what a person's configuration says. A key belongs to one action at most: what
 * is written takes it from what is built in, and a stronger file from a weaker one; twice in one file is a mistake. Esc always goes back, and help and quit
 * have a key whatever is written.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>

#include "base/text.h"

struct keymap;

/* Where a binding is written. `file` counts from 1, the stronger ones later; 0: it is built in. */
struct keymap_place {
	unsigned file, line;
};

/* The built-in one. */
struct keymap *keymap_new(void);
void keymap_free(struct keymap *k);

/*
 * Gives an action these keys, by their names with spaces between, and no others; "" leaves it without. In order: weaker files first. 0; or -EINVAL, and
 * nothing has changed. `told` (no newline) says what is wrong; also with 0, when a key has been taken from another action of the same file.
 */
int keymap_bind(struct keymap *k, const char *action, const char *keys, struct keymap_place place, struct text *told);
/*
 * After the last: false if no action is without a key that must have one. Else one of them (`action`: its name) has got it back, `told` says which, and
 * `place` is where it was lost.
 */
bool keymap_mend(struct keymap *k, const char **action, struct keymap_place *place, struct text *told);

bool keymap_has_action(const char *name);

/* The line at `index` (from 0) of the whole, as keymap_bind takes it; false behind the last. `help` is a message id. */
#define KEYMAP_NAMES_ROOM 100
struct keymap_line {
	const char *action, *help;
	char keys[KEYMAP_NAMES_ROOM];
	struct keymap_place place;
};
bool keymap_line(const struct keymap *k, unsigned index, struct keymap_line *out);

#endif
