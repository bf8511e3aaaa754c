/*
 * A line of text that a person types: editing, a history, and the picture of it. What is typed or pasted is clean (base/clean.h) as soon as it is in; a tab
 * or the end of a line becomes a space.
 */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "show/canvas.h"

#define PROMPT_ROOM 1024
#define PROMPT_HISTORY 32

struct prompt {
	char text[PROMPT_ROOM]; /* NUL-terminated UTF-8 */
	size_t len, at;         /* bytes; at: of the cursor, at the beginning of a rune */
	char *history[PROMPT_HISTORY]; /* newest first; heap */
	unsigned history_count;
	bool full;
	unsigned shown;         /* 0: what is typed; else history[shown - 1] is in the line */
	char draft[PROMPT_ROOM]; /* what was typed, while something of the history is shown */
};

enum prompt_answer {
	PROMPT_PASSED,  /* not a key of a line: Tab, function keys, PgUp… are the caller's */
	PROMPT_MOVED,
	PROMPT_EDITED,  /* the text is another */
	PROMPT_ENTERED, /* Enter */
	PROMPT_LEFT,    /* Esc */
};

/* {0} is an empty one. */
void prompt_fini(struct prompt *p);
/* Begins with this text, the cursor behind it. */
void prompt_set(struct prompt *p, const char *text);
/* As a person knows it from a shell: arrows, Home, End, Ctrl-A, Ctrl-E, Backspace, Delete, Ctrl-W, Ctrl-U, Ctrl-K; Up and Down go through the history. */
enum prompt_answer prompt_key(struct prompt *p, unsigned key);
/* A rune at the cursor. False: there is no room, and nothing is taken any more until something is removed, so that what is left out is not left out in the middle. */
bool prompt_insert(struct prompt *p, unsigned rune);
/* What is in the line now, unless it is empty or the newest already. */
void prompt_remember(struct prompt *p);

/* Puts a clean text in the place of some bytes of the line, and the cursor behind it. False: there is no room, or there are no such bytes; then nothing is done. */
bool prompt_replace(struct prompt *p, size_t from, size_t to, const char *with);

/* In row 0: the label, and of the text what is round the cursor; the cursor is a reversed cell. */
void prompt_paint(const struct prompt *p, struct area area, const char *label, enum role role);
/* Where in an area of that many columns this byte of the text is painted; less than the label's if it is left of what is shown, `columns` if right of it. */
unsigned prompt_column(const struct prompt *p, unsigned columns, const char *label, size_t at);

#endif
