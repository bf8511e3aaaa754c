/*
 * The terminal: taken by terminal_open, given back by terminal_close whatever happens in between. The only ones who
 * know ncurses are this file, put.c and input.c.
 */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

struct terminal {
	bool open;         /* ncurses has been started */
	bool entered;      /* we are in the alternate screen */
	bool mouse, paste; /* it is asked to report them */
	int input_fd, output_fd;
	FILE *input;       /* ours only when standard input is no terminal */
	struct termios modes; /* as they were */
};

/* 0, or -errno with one line already written: no terminal, TERM unset, unknown, or not able to place its cursor. */
int terminal_open(struct terminal *t, bool mouse);
/* Gives it back. Idempotent; terminal_leave() does so too but can be taken back with terminal_enter() (job control). */
void terminal_close(struct terminal *t);
void terminal_leave(struct terminal *t);
void terminal_enter(struct terminal *t);
/* Stops this process as the terminal's suspend key means it, and returns when it goes on, in the screen again. */
void terminal_suspend(struct terminal *t);

/* Puts a text on its clipboard (clipboard.h), if it has one and the text is not too long for it. */
void terminal_copy(const struct terminal *t, const char *text);
/*
 * The colours of the terminal that TERM names, opened or not; *direct: it takes them as 0xrrggbb. 0: it has none; of one
 * that is not known, eight, which are everywhere.
 */
int terminal_colors(int fd, bool *direct);

/* The size as the terminal says now; ncurses is told too. At least 1 by 1. */
void terminal_size(struct terminal *t, unsigned *rows, unsigned *columns);
/* It takes bytes at present. */
bool terminal_is_writable(const struct terminal *t);
/* Nothing will ever come from it again (end of file). Ask when it is said to be readable, before reading. */
bool terminal_is_gone(const struct terminal *t);

#endif
