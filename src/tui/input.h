/* Keys and mouse from the terminal, as key.h knows them. */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

enum input_kind { INPUT_NONE, INPUT_KEY, INPUT_CLICK, INPUT_WHEEL };

struct input {
	enum input_kind kind;
	unsigned key;         /* KEY */
	unsigned row, column; /* CLICK */
	int lines;            /* WHEEL: below zero up */
};

/* The next thing that came, INPUT_NONE when nothing more waits. Keys without a meaning are passed over. */
struct input input_next(void);

#endif
