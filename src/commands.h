/* The commands: each returns the exit status of the program. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* could not be done; one line on standard error said why */
	EXIT_USAGE = 2,
};

struct keymap;

/* `mistakes`: in the configuration, told already; a line for each. */
int cmd_screen(const struct options *o, const struct keymap *keymap, const char *mistakes);
int cmd_list(const struct options *o);
int cmd_events(const struct options *o);
int cmd_themes(const struct options *o);

#endif
