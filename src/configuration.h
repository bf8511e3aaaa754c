/*
 * The configuration: what stands in files, and in the environment. It is read before anything can be told (it chooses the language) and applied after.
 * Nothing that is wrong in it keeps anybody from working: a line with a mistake counts as not written, and is told with its place.
 *
 * From the weakest: synfin/config in the directories of $XDG_CONFIG_DIRS (/etc/xdg), in $XDG_CONFIG_HOME (~/.config); SYNFIN_… in the environment. A path
 * in SYNFIN_CONFIG stands for all files; empty, there is none.
 */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include <stdbool.h>

#include "options.h"
#include "tui/keymap.h"

#define CONFIGURATION_FILES_MAX 16

enum config_kind {
	CONFIG_SETTING,
	CONFIG_BINDING,    /* under [keys] */
	CONFIG_SECTION,    /* one that there is not */
	CONFIG_VARIABLE,   /* so near to one of ours that it was meant to be */
	CONFIG_BROKEN,     /* no line of an INI file */
	CONFIG_UNREADABLE, /* a whole file */
};

/* What stands on one line, or in a variable. */
struct config_line {
	enum config_kind kind;
	unsigned file, line; /* file: from 1; 0: the environment */
	char *key, *value;   /* a setting's, an action's; else `key` is the name of what is wrong. NULL where there is none */
	const char *broken;  /* BROKEN: a message id */
	int error;           /* UNREADABLE: -errno */
};

/* Lines in the order of their strength, the weakest first. */
struct configuration {
	char *paths[CONFIGURATION_FILES_MAX]; /* of file 1 and so on, clean */
	unsigned file_count;
	struct config_line *lines;
	size_t count, room;
};

/* Reads the files there are, and the environment (`environment`: as environ). */
void configuration_load(struct configuration *c, char *const environment[]);
void configuration_fini(struct configuration *c);

/* The values given to a setting, unchecked, from the strongest: begin with *at = c->count. NULL: there are no more. */
const char *configuration_next(const struct configuration *c, enum setting setting, size_t *at);

/* Puts it in force, over what is built in. A line in `mistakes` for each (a newline at its end). The configuration outlives the options. */
void configuration_apply(const struct configuration *c, struct options *o, struct keymap *keymap, struct text *mistakes);

/*
 * What is in force for a setting turned out to be of no use, which `why` tells. False if an option has said it. Else that is one more line of `mistakes`,
 * and the next weaker value is in force.
 */
bool configuration_take_back(const struct configuration *c, struct options *o, enum setting setting, const char *why, struct text *mistakes);

/* What is in force, as a file that says the same, each line with who has said it. */
void configuration_print(const struct configuration *c, const struct options *o, const struct keymap *keymap, struct text *out);

#endif
