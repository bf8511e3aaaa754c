/*
 * What can be set for good: by an option, by a variable in the environment (SYNFIN_INTERVAL), by a key in a configuration file (interval); all of them take
 * the same words. Owns the table of settings; struct options has what is in force, and who said so.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * X(enumerator, key, what is built in, reader of values, what it is). Where an option of the same name takes the value, what that one does says what it is
 * (NULL). The environment's name is made from the key.
 */
#define SETTINGS(X)                                                                                          \
	X(INTERVAL, "interval", "1s", interval, NULL)                                                        \
	X(BUDGET, "budget", "5%", budget, NULL)                                                              \
	X(SHED, "shed", "50000", shed, NULL)                                                                 \
	X(OWNERS, "owners", "yes", owners, N_("look for the processes that hold sockets"))                   \
	X(COLOR, "color", "auto", color, NULL)                                                               \
	X(THEME, "theme", "dark", theme, NULL)                                                               \
	X(ASCII, "ascii", "no", ascii, N_("draw with ASCII characters only"))                                \
	X(LANG, "lang", "auto", language, NULL)                                                              \
	X(ANIMATION, "animation", "yes", animation, N_("let a connection's steps move; no: show them at once")) \
	X(MOUSE, "mouse", "yes", mouse, N_("listen to the mouse; no: leave it to the terminal"))             \
	X(PANEL, "panel", "yes", panel, N_("begin with the live ladder below the list"))                     \
	X(LIST_SORT, "list.sort", "usual", list_sort, N_("begin with this order: a column, -column for the other way round, or usual"))

enum setting {
#define X(name, key, value, reader, help) SETTING_##name,
	SETTINGS(X)
#undef X
	SETTING_COUNT,
};

/* A value, with its NUL, has this room: then it has a line in a file. */
#define SETTING_VALUE_ROOM 128

/* From the weakest. */
enum origin { ORIGIN_BUILT_IN, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_OPTION };

/* `file`: its number among the configuration's, from 1. */
struct origin_place {
	enum origin origin;
	unsigned file, line;
};

/* A value that somebody has given; it points to where it came from. */
struct said {
	enum setting setting;
	const char *value;
	struct origin_place place;
};

struct options;

/* SETTING_COUNT if there is none of that key. */
enum setting setting_from_key(const char *key);
const char *setting_key(enum setting setting);
/* A message id; NULL: an option's. */
const char *setting_help(enum setting setting);
/* The key that `typed` was most likely meant to be, or NULL. */
const char *setting_suggest(const char *typed);
#define SETTING_VARIABLE_PREFIX "SYNFIN_"
#define SETTING_FILE_VARIABLE "SYNFIN_CONFIG" /* not of a setting: where they stand */
#define SETTING_VARIABLE_ROOM 32
const char *setting_variable(enum setting setting, char out[SETTING_VARIABLE_ROOM]);
/* The variable, of a setting or SYNFIN_CONFIG, that `typed` was most likely meant to be, or NULL. */
const char *setting_suggest_variable(const char *typed, char out[SETTING_VARIABLE_ROOM]);
/* yes, no, true, false, on, off, 1, 0. False: it is none of them. */
bool setting_read_bool(const char *value, bool *out);
/* It can be one, or a list of some. */
bool setting_is_language(const char *value);

/* What is built in, as the beginning of all options. */
void settings_init(struct options *o);
void settings_fini(struct options *o);
/*
 * Puts a value in force that is at least as strong as those before it, and outlives the options. -EINVAL, and nothing has changed, with what is wrong with
 * it in `told` (no newline, no place).
 */
int settings_say(struct options *o, enum setting setting, const char *value, struct origin_place place, struct text *told);
/* What is in force. */
const struct said *settings_said(const struct options *o, enum setting setting);
/* What is in force turned out to be of no use: the next weaker one is. Nothing is weaker than what is built in. */
void settings_take_back(struct options *o, enum setting setting);

#endif
