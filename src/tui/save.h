/* Writing a document to a file of its own. */
#ifndef TUI_SAVE_H
#define TUI_SAVE_H

#include "base/text.h"

#define SAVE_NAMES_MAX 999
/* The nth name to try, from 1 on. */
typedef const char *save_name(void *context, unsigned nth);

/*
 * Writes the text to a new file in the current directory, under the first name that is free: nothing is ever overwritten, nor a link followed. 0, and the
 * number of the name in *nth; or -errno, and nothing is left.
 */
int save_new(const struct text *text, save_name *name, void *context, unsigned *nth);

#endif
