/*
 * What synfin has to say about itself (not about connections). Lines go to standard error, unless a screen is up:
 * then they wait in a small ring and come out when the terminal is back. Safe from any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* "synfin: ..." and a newline. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Each line of a text as log_line() writes one. */
void log_lines(const char *text);
/* While held, lines wait (the last 64 are kept, and the number dropped). Letting go prints them. */
void log_hold(bool hold);

#endif
