/*
 * The command line. One table of commands and one of options; the parser, --help and the test of the man page are all
 * made from them. What an option sets for good, and what else may set it, is in settings.h.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "settings.h"

/* X(enumerator, word on the command line, what it does) */
#define COMMANDS(X)                                                                                             \
	X(SCREEN, "", N_("the live screen; as list if output is no terminal"))                                  \
	X(LIST, "list", N_("a table of the connections there are now"))                                         \
	X(EVENTS, "events", N_("a line for each thing that happens, until stopped"))

enum command {
#define X(name, word, help) COMMAND_##name,
	COMMANDS(X)
#undef X
	COMMAND_COUNT,
	COMMAND_HELP = COMMAND_COUNT, /* by option */
	COMMAND_VERSION,
	COMMAND_PRINT_CONFIG,
	COMMAND_THEMES,
};

/*
 * X(enumerator, long name, short letter or 0, argument or NULL, what it does). The argument's name is not translated:
 * the man page has it too.
 */
#define OPTIONS(X)                                                                                              \
	X(DEMO, "demo", 0, NULL, N_("watch a crowd of connections made for the purpose"))                       \
	X(NETNS, "netns", 'N', "NETNS", N_("watch this network namespace: a name, a pid or a path"))              \
	X(ALL_NETNS, "all-netns", 0, NULL, N_("watch every network namespace with a process in it"))            \
	X(JSON, "json", 0, NULL, N_("list, events: one JSON object a line (NDJSON)"))                           \
	X(FOR, "for", 0, "DURATION", N_("events: stop after this long, such as 10s"))                           \
	X(COUNT, "count", 0, "N", N_("events: stop after this many"))                                           \
	X(INTERVAL, "interval", 0, "DURATION", N_("between full looks: 10ms to 1h (default 1s)"))               \
	X(BUDGET, "budget", 0, "PERCENT", N_("most of one CPU that looking may use (default 5%)"))              \
	X(SHED, "shed", 0, "RATE", N_("most ends a second to hear of (50000; never: all)")) \
	X(NO_OWNERS, "no-owners", 0, NULL, N_("do not look for the processes that hold sockets"))               \
	X(COLOR, "color", 0, "WHEN", N_("auto, always or never; auto honours NO_COLOR"))                        \
	X(ASCII, "ascii", 0, NULL, N_("draw with ASCII characters only"))                                       \
	X(THEME, "theme", 0, "NAME", N_("colours by name: see --themes"))                             \
	X(THEMES, "themes", 0, NULL, N_("show the themes there are, and exit"))                                 \
	X(LANG, "lang", 0, "LL", N_("language: en, ko or auto: the environment's"))                                                      \
	X(NO_ANIMATION, "no-animation", 0, NULL, N_("show each step of a connection at once"))                  \
	X(NO_MOUSE, "no-mouse", 0, NULL, N_("leave the mouse to the terminal"))                                 \
	X(PRINT_CONFIG, "print-config", 0, NULL, N_("print the configuration in force, and exit"))              \
	X(HELP, "help", 'h', NULL, N_("print this and exit"))                                                   \
	X(VERSION, "version", 'V', NULL, N_("print the version and exit"))

/* X(enumerator, long name). They take back what the environment or a file says; --help has the other of each pair. */
#define COUNTER_OPTIONS(X)          \
	X(OWNERS, "owners")         \
	X(NO_ASCII, "no-ascii")     \
	X(ANIMATION, "animation")   \
	X(MOUSE, "mouse")

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	enum command command;
	bool demo, all_netns, json, owners, ascii, animate, mouse, panel, themes, print_config;
	/* X(enumerator, long name). They take back what the environment or a file says; --help has the other of each pair. */
#define COUNTER_OPTIONS(X)          \
	X(OWNERS, "owners")         \
	X(NO_ASCII, "no-ascii")     \
	X(ANIMATION, "animation")   \
	X(MOUSE, "mouse")

enum color_when color;
	int64_t for_ns;       /* 0: no limit */
	uint64_t count;       /* 0: no limit */
	int64_t interval_ns;
	double budget;        /* share of one CPU */
	uint32_t shed_rate;   /* ends a second; 0: never */
	const char *netns;    /* NULL: our own; points into argv */
	const char *theme;    /* as `language`, points to where it was said */
	const char *language; /* NULL: the environment's */
	bool sorted, inverted; /* the list, at first; else in the usual order */
	unsigned sort;        /* enum list_column */
	struct said *said;    /* of the settings, every value that was given: the strongest last */
	size_t said_count, said_room;
	struct text filter;   /* its words, a space between; empty: there is none */
};

#define INTERVAL_MIN_NS (10 * NS_PER_MS)
#define INTERVAL_MAX_NS (3600 * NS_PER_SECOND)

/* What is built in. */
void options_init(struct options *o);
/* The command line, over what is there. 0; or -EINVAL with one line in `error` (no newline) that names what is wrong. */
int options_parse(struct options *o, int argc, char *const argv[], struct text *error);
void options_fini(struct options *o);
/*
 * The language that --lang asks for, whatever else is wrong with the command line: errors are told in it. NULL: none is
 * asked for.
 */
const char *options_language(int argc, char *const argv[]);
/* Whether they say --ascii or --no-ascii, whatever else is wrong; `otherwise`, if neither. */
bool options_ascii(int argc, char *const argv[], bool otherwise);
/* What --help prints. */
void options_help(struct text *out);

#endif
