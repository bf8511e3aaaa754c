/*
 * Keys, apart from any terminal library: a code point, a control character, or one of the named keys. Owns their
 * names, and the way from a Korean keyboard in Hangul mode back to the Latin keys that were pressed.
 */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stddef.h>

/* X(name, as it is written) */
#define NAMED_KEYS(X) \
	X(UP, "Up") X(DOWN, "Down") X(LEFT, "Left") X(RIGHT, "Right") X(PAGE_UP, "PgUp") X(PAGE_DOWN, "PgDn") X(HOME, "Home") X(END, "End") \
	X(F1, "F1") X(F2, "F2") X(F3, "F3") X(F4, "F4") X(F5, "F5") X(F6, "F6") X(F7, "F7") X(F8, "F8") X(F9, "F9") X(F10, "F10") \
	X(F11, "F11") X(F12, "F12") X(BACKSPACE, "Backspace") X(DELETE, "Delete") X(BACK_TAB, "Shift-Tab")

enum named_key {
	NAMED_KEY_NONE = 0x110000, /* above every code point */
#define X(name, text) NAMED_KEY_##name,
	NAMED_KEYS(X)
#undef X
};

#define KEY_CODE_NONE 0u
#define KEY_CODE_TAB 9u
#define KEY_CODE_ENTER 13u
#define KEY_CODE_ESCAPE 27u

/*
 * The key called `name` (len bytes): "q", "Enter", "Esc", "Space", "Ctrl-L", "F1", "PgUp"…; KEY_CODE_NONE if there is
 * none.
 */
unsigned key_from_name(const char *name, size_t len);

/* Its name, for every key there is: key_from_name() gives that key again. */
#define KEY_NAME_ROOM 16
const char *key_to_name(unsigned key, char out[KEY_NAME_ROOM]);

/* The Latin keys of the two-set keyboard that gave this Hangul letter or syllable: at most 5. 0: it is not Hangul. */
#define KEY_LATIN_MAX 5
unsigned key_latin(unsigned rune, char out[KEY_LATIN_MAX]);

#endif
