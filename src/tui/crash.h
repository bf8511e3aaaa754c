/*
 * Giving the terminal back when there is no time left: on a fault (SEGV, ABRT, BUS, FPE, ILL, TRAP, SYS), on signals
 * from outside that end a process (USR1, ALRM, XCPU and their like), and when memory runs out. Everything is prepared
 * while things are well; then only write(), tcsetattr() and sigaction() are called, which are safe in a signal handler
 * (POSIX).
 *
 * There is one terminal, and a signal handler has no context: hence the state of this file.
 */
#ifndef TUI_CRASH_H
#define TUI_CRASH_H

#include <stddef.h>
#include <termios.h>

#define CRASH_BYTES_ROOM 256

/*
 * From now on a crash writes `bytes` to fd and sets its modes. Handlers that were there before run after that (a
 * sanitizer's).
 */
void crash_arm(int fd, const struct termios *modes, const char *bytes, size_t len);
/* The terminal is as it was: nothing needs to be given back. Handlers as before. */
void crash_disarm(void);
/* Gives it back now, if armed. */
void crash_restore(void);

#endif
