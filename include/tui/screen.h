/*
 * The live screen: ncurses, keys, the stack of views. Owns the terminal from screen_open to screen_close and gives it back on every way out.
 * Reads the model, never changes it. Draws only when something can have changed.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/text.h"
#include "show/list.h"
#include "track/model.h"

struct filter;
struct filter_names;
struct keymap;
struct lookup;
struct names;
struct screen;

enum screen_color { SCREEN_COLOR_AUTO, SCREEN_COLOR_ALWAYS, SCREEN_COLOR_NEVER };

struct screen_config {
	const char *theme;       /* name of a theme, or NULL: dark */
	bool ascii;              /* --ascii */
	bool animate, mouse;
	enum screen_color color;
	const struct keymap *keymap; /* copied; NULL: the built-in one */
	bool panel_hidden;
	bool sorted;             /* the list, by a column; else in the usual order */
	enum list_column sort;
	bool inverted;
	const char *mistakes;    /* lines about the configuration, told already: the screen gives a hint of them. NULL: none */
	uint64_t seed;           /* of hashes, so that strangers cannot choose collisions */
	const char *host;        /* host's name, clean */
	const char *namespace_name; /* "host", "demo", "[4026532345]"… clean */
	const struct filter *filter; /* what the list shows; NULL: all. Outlives the screen */
	const char *filter_text;     /* as it was typed */
	const struct filter_names *filter_names; /* for filters that are typed on the screen; none of them may take long. NULL: no name is known. Outlives the screen */
	bool owners;             /* holders are looked for */
	bool demo;               /* --demo runs: do not offer it */
	int64_t fast_interval_ns; /* for the top line; the full one is in model_coverage() */
	bool notices, privileged; /* for the top line; privileged: root */
	/* Tells the watch which connections to look up exactly (the open ladder, the selected row); replaces what was asked before. */
	void (*watch_connections)(void *context, const uint64_t *conns, unsigned count);
	/* Names for addresses and ports; NULL: there are none. When one has come, call screen_changed. Outlives the screen. */
	const struct names *names;
	/* Destroys this very socket (by tuple and cookie): 0, or -errno (-ENOENT: it is no longer there; -EXDEV: it is in a namespace that cannot be reached). */
	int (*destroy)(void *context, const struct lookup *which);
	/* What that would say as far as it is known beforehand, without doing it: 0: nothing is known against it. NULL: nothing ever is. */
	int (*may_destroy)(void *context, const struct lookup *which);
	const char *netns;       /* the namespace that was asked for, as it was; NULL: our own. Outlives the screen */
	bool hidden_netns;       /* it is one that nobody else can enter by name: the demo's */
	void *context;
};

/* Whether there is a theme of that name (NULL: the default), also for commands that open no screen. 0, or -ENOENT with one line in `error`. */
int screen_check_theme(const char *name, struct text *error);

/* Opens the terminal and registers with the loop (input, resize, end signals, frames). The model outlives the screen.
 * 0, or -errno with one message already written to standard error (theme mistakes with file, line and key; TERM unknown).
 * The loop is stopped (loop_stop) with 0 when the user quits, and with 128+signal when a signal ends it. */
int screen_open(struct screen **out, struct loop *loop, const struct model *model, const struct screen_config *config);
void screen_close(struct screen *s);

/* An event_sink: called for each event after it was applied. Cheap; draws nothing. */
void screen_event(void *screen, const struct event *event);
/* Something beside the model can look different: a frame soon. */
void screen_changed(struct screen *s);
/* The model may have changed: schedules a frame if anything on screen can be different. */
void screen_turn(struct screen *s);

#endif
