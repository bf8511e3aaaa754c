/* The keymap as the screens use it. */
#ifndef TUI_KEYMAP_PRIVATE_H
#define TUI_KEYMAP_PRIVATE_H

#include "action.h"
#include "key.h"
#include "tui/keymap.h"

#define KEYMAP_KEYS_MAX 6

struct keymap {
	struct keymap_keys {
		unsigned keys[KEYMAP_KEYS_MAX], count;
		struct keymap_place place; /* where they are written */
		struct keymap_place lost;  /* where the last of them went */
	} actions[ACTION_COUNT];
};

void keymap_init(struct keymap *k);
/* The action of a key (key.h), or ACTION_NONE. */
enum action keymap_action(const struct keymap *k, unsigned key);
/* The first of its keys, for the bottom line; "" if it has none. */
const char *keymap_first(const struct keymap *k, enum action action, char out[KEY_NAME_ROOM]);
/* All of them, with spaces between. */
const char *keymap_names(const struct keymap *k, enum action action, char out[KEYMAP_NAMES_ROOM]);

#endif
