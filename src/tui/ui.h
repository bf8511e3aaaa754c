/*
 * What is on the screen, apart from any terminal: the stack of views, their state, and what actions do to them. Keys
 * and clicks come in, events and the model's changes come in, a canvas is painted. Tests drive it without a terminal.
 *
 * A view is a constant struct view with its state in struct ui. One more view is one more of these, and an action
 * that opens it; when its `tab` is an action, it gets a tab.
 */
#ifndef TUI_UI_H
#define TUI_UI_H

#include "action.h"
#include "show/aside.h"
#include "show/follow.h"
#include "show/frame.h"
#include "show/help.h"
#include "show/ladder_view.h"
#include "show/list.h"
#include "prompt.h"
#include "theme.h"
#include "tui/screen.h"

#define UI_DEPTH_MAX 8
#define UI_KEYS_MAX 12
#define UI_WATCHED_MAX 4
#define UI_NOTICE_ROOM 160
#define UI_NOTICE_NS (6 * 1000000000LL)

struct ui;

struct view {
	const char *name;
	const char *title;                  /* message id; NULL: the label of `tab` */
	bool overlay;                       /* painted on what is below it: a box, a line to type in */
	bool own_bottom;                    /* it paints the bottom line itself */
	enum action tab;                    /* the action that opens it, when it has a tab; else ACTION_NONE */
	enum action keys[UI_KEYS_MAX];      /* of the bottom line, best first; help and quit come by themselves */
	/* Brings its state up to the model, for a screen of this size. */
	void (*update)(struct ui *ui, int64_t now_ns);
	/* In what is between the top line and the bottom line; an overlay's area has the bottom line too. */
	void (*paint)(struct ui *ui, struct area area, int64_t now_ns);
	/* A key before it becomes an action, or a rune that was pasted: for views in which text is typed. False: it is not text. */
	bool (*typed)(struct ui *ui, unsigned key, bool pasted, int64_t now_ns);
	bool (*act)(struct ui *ui, enum action action, int64_t now_ns); /* false: not one of mine */
	void (*click)(struct ui *ui, unsigned row, unsigned column, int64_t now_ns);
	bool (*moves)(const struct ui *ui);
	int64_t (*wake_ns)(const struct ui *ui); /* when the picture changes although nothing happens; INT64_MAX */
	unsigned (*watched)(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX]); /* connections to be looked at closely */
	struct ladder_view *(*ladder)(struct ui *ui); /* the one that time keys are for */
};

extern const struct view view_list, view_ladder, view_help, view_help_search, view_themes;

/* The Help screen. */
struct ui_help {
	const struct view *from;  /* what help is wanted with */
	struct help_entry entries[HELP_ENTRIES_MAX];
	struct coverage_words coverage;
	struct help_signs signs;
	struct help_page page;
	struct prompt search;     /* its text narrows the page */
	unsigned top, row;        /* row: on the canvas, of the page's first in sight */
};

/* The picker of themes. */
struct theme_picker {
	struct themes all;
	unsigned cursor, top;
	struct theme before;      /* as it was when the picker was opened */
	char before_name[THEME_NAME_ROOM];
	unsigned row, column, height, width; /* on the canvas, of the names in sight */
};

struct ui {
	const struct model *model;
	struct frame_facts facts;
	bool demo, animate;
	unsigned rows, columns;
	const struct glyphs *glyphs; /* of the canvas, as rows and columns */
	const struct view *stack[UI_DEPTH_MAX];
	unsigned depth;
	struct tempo tempo;
	bool paused, quit, redraw;

	struct list list;
	struct filter_stream stream; /* of the list's filter, if there is one */
	struct filter *own_filter;   /* the list's, when it was chosen on the screen */
	const struct filter_names *filter_names;
	bool owners;
	char *filter_text;           /* clean; NULL: there is none */
	struct follow follow;
	bool following, panel_hidden;
	struct ladder_view panel;  /* below the list */
	struct ladder_view ladder; /* the Ladder screen */
	struct ui_help help;

	struct theme theme;               /* in force */
	char theme_name[THEME_NAME_ROOM]; /* by which it was chosen */
	bool retheme;                     /* it is another since the last frame */
	struct theme_picker picker;

	struct hot_spots spots;
	char notice[UI_NOTICE_ROOM];
	int64_t notice_until_ns;
};

void ui_init(struct ui *ui, const struct model *model, const struct screen_config *config);
void ui_fini(struct ui *ui);

/* An event_sink (context: the ui). */
void ui_event(void *ui, const struct event *event);
void ui_key(struct ui *ui, unsigned key, int64_t now_ns);
/* A rune of a text that was pasted. */
void ui_pasted(struct ui *ui, unsigned rune, int64_t now_ns);
void ui_act(struct ui *ui, enum action action, int64_t now_ns);
void ui_click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns);
void ui_wheel(struct ui *ui, int lines, int64_t now_ns);
/* Something to be told in passing. */
void ui_notice(struct ui *ui, const char *text, int64_t now_ns);

/* Updates the views and paints; the canvas has been cleared. Too small a canvas gets one line that says so. */
void ui_paint(struct ui *ui, struct canvas *canvas, int64_t now_ns);
/* After painting: whether a frame is wanted soon, and if not, when (INT64_MAX: when something happens). */
bool ui_moves(const struct ui *ui);
int64_t ui_wake_ns(const struct ui *ui);
unsigned ui_watched(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX]);

/* ---- for views ---- */

const struct view *ui_top(const struct ui *ui);
/* The view that the screen shows; above it there are only overlays. */
const struct view *ui_base(const struct ui *ui);
void ui_push(struct ui *ui, const struct view *view);
/*
 * Replaces the list's filter ("" for none), as it is typed: `state close-wait`. False if there is a mistake in it, which `error` tells; then nothing has
 * changed. With FILTER_FINE in error->problem it asks for owners, which nobody looks for (ui->owners).
 */
bool ui_set_filter(struct ui *ui, const char *text, struct filter_error *error);
/* Leaves the view on top, if it is not the last. */
void ui_pop(struct ui *ui);
/* Goes to a view that has a tab: all others are left. */
void ui_go(struct ui *ui, const struct view *view);
void ui_set_paused(struct ui *ui, bool paused, int64_t now_ns);
/* Opens the help, with the view on top first. */
void ui_open_help(struct ui *ui, int64_t now_ns);
/* Opens the picker of themes, with those that there are now. */
void ui_pick_theme(struct ui *ui);
/* Opens the Ladder screen of a connection. */
void ui_open_ladder(struct ui *ui, uint64_t conn, int64_t now_ns);
/* A connection and its other end, those that live. Appends to conns; returns the new count. */
unsigned ui_watch_pair(const struct ui *ui, uint64_t conn, uint64_t conns[UI_WATCHED_MAX], unsigned count);
/* The tabs of all screens that have one, in row 0. */
void ui_paint_tabs(struct ui *ui, struct area area);
/* The live ladder may be seen now. */
bool ui_panel_shown(const struct ui *ui);
/*
 * The rule above a ladder: `word`, the connection of `v` (may be NULL), and `aside` right. Short of room goes first
 * what in `aside` ranks above UI_ASIDE_USEFUL, then the programs, what ranks above UI_ASIDE_KEPT, the addresses.
 */
#define UI_ASIDE_USEFUL 4
#define UI_ASIDE_KEPT 3
void ui_paint_ladder_rule(struct area area, const char *word, const struct ladder_view *v, struct aside *aside, enum role role);

#endif
