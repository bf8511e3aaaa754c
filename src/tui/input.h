/*
 * Keys and mouse from the terminal, as key.h knows them. ncurses finds the keys that terminfo knows; whatever else a
 * terminal sends is read here, so that nothing unknown, unfinished or pasted is taken for keys.
 */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdbool.h>
#include <stdint.h>

enum input_kind { INPUT_NONE, INPUT_KEY, INPUT_PASTED, INPUT_CLICK, INPUT_WHEEL };

struct input {
	enum input_kind kind;
	unsigned key;         /* KEY; PASTED: a rune of a text, which is never a key */
	unsigned row, column; /* CLICK */
	int lines;            /* WHEEL: below zero up */
};

/* What is in the middle of coming in. All zero at first. */
struct input_state {
	uint8_t within;          /* what the next character belongs to */
	bool pasting;
	uint8_t number;          /* of a mouse report: the one that is being read */
	unsigned numbers[3];
	int64_t drained_ns;      /* when nothing more waited */
	unsigned pushed;         /* a key that was read too far; 0: none */
	char rune[4];            /* bytes of a rune that has not come whole */
	uint8_t rune_len;
	int byte;                /* one that was read too far and is no part of it; 0: none */
};

/* Teaches ncurses, started before, the sequences that are read here. */
void input_prepare(bool mouse);
/*
 * The next thing that came, INPUT_NONE when nothing more waits. Keys without a meaning are passed over (KEY_CODE_NONE).
 */
struct input input_next(struct input_state *s, int64_t now_ns);

#endif
