/* The clipboard of the terminal: OSC 52 (xterm's control sequences, "Manipulate Selection Data"). Pure. */
#ifndef TUI_CLIPBOARD_H
#define TUI_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#define CLIPBOARD_TEXT_ROOM 1024
#define CLIPBOARD_SEQUENCE_ROOM (CLIPBOARD_TEXT_ROOM / 3 * 4 + 32)

/* Whether a terminal of this type ($TERM; may be NULL) can have one. Those that do not know the sequence pass over it; these would print it. */
bool clipboard_is_known(const char *term);
/* What is to be sent to a terminal so that its clipboard has this text. False: it is too long; then *out is empty. */
bool clipboard_sequence(const char *text, char out[CLIPBOARD_SEQUENCE_ROOM]);

#endif
