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
#include "keymap_private.h"
#include "show/aside.h"
#include "show/choice.h"
#include "show/follow.h"
#include "show/frame.h"
#include "show/help.h"
#include "show/ladder_view.h"
#include "show/list.h"
#include "prompt.h"
#include "show/state_map.h"
#include "show/wall.h"
#include "theme.h"
#include "tui/screen.h"
#include "typing.h"

#define UI_DEPTH_MAX 8
#define UI_KEYS_MAX 12
#define UI_WATCHED_MAX 4
#define UI_NOTICE_ROOM 256
#define UI_COPY_ROOM 1024
#define UI_NOTICE_NS (6 * 1000000000LL)

struct ui;

struct view {
	const char *name;
	const char *title;                  /* message id; NULL: the label of `tab` */
	bool overlay;                       /* painted on what is below it: a box, a line to type in */
	bool own_bottom;                    /* it paints the bottom line itself */
	enum action tab;                    /* the action that opens it, when it has a tab; else ACTION_NONE */
	enum action keys[UI_KEYS_MAX];      /* of the bottom line, best first; help and quit come by themselves */
	const char *enter;                  /* what Enter opens here (message id), when it is no ladder; else NULL */
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
	void (*dropped)(struct ui *ui);          /* it was left because another screen was gone to */
	uint64_t (*chosen)(const struct ui *ui); /* the connection that keys are for; 0: there is none */
};

extern const struct view view_list, view_wall, view_ladder, view_map, view_export, view_help, view_choose, view_help_search, view_search, view_filter, view_ss, view_destroy, view_themes;

/* What can be done from here: as in struct screen_config. */
struct ui_means {
	const struct names *names;
	int (*destroy)(void *context, const struct lookup *which);
	int (*may_destroy)(void *context, const struct lookup *which);
	const char *netns;
	bool hidden_netns;
	bool clipboard; /* the terminal may have one */
	void *context;
};

/* The Help screen. */
struct ui_help {
	const struct view *from;  /* what help is wanted with */
	char keys[ACTION_COUNT][KEYMAP_NAMES_ROOM];
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
	struct keymap keymap;
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
	bool state_chosen;           /* the filter is a state that was chosen on the map: Esc in the list takes it away */
	char *filter_before;         /* then: the one before; NULL: there was none */
	const struct filter *given_filter; /* on the command line, and its text as above: it may have been read with more than can be looked up here */
	char *given_text;
	struct follow follow;
	bool following, panel_hidden;
	struct ladder_view panel;  /* below the list */
	struct ladder_view ladder; /* the Ladder screen */
	struct state_map map;
	struct wall *wall;         /* NULL until it is looked at */
	unsigned export_at, export_row; /* the form that is chosen; the screen's row of the first */

	struct typing typing;
	struct ui_means means;
	char copy[UI_COPY_ROOM];     /* for the terminal's clipboard; whoever has a terminal takes it */
	struct ui_choosing {
		bool groups;           /* what the list is grouped by; else what it is sorted by */
		bool inverted;
		unsigned at;
		struct choice_box box;
	} choosing;

	struct ui_help help;

	struct theme theme;               /* in force */
	char theme_name[THEME_NAME_ROOM]; /* by which it was chosen */
	bool retheme;                     /* it is another since the last frame */
	struct theme_picker picker;

	struct hot_spots spots;
	char notice[UI_NOTICE_ROOM];
	int64_t notice_until_ns;
	bool notice_calm; /* nothing is wrong */
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
/* Something to be told in passing: that something is wrong, or cannot be done; or that it has been done. */
void ui_notice(struct ui *ui, const char *text, int64_t now_ns);
void ui_noticef(struct ui *ui, int64_t now_ns, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ui_tell(struct ui *ui, const char *text, int64_t now_ns);
void ui_tellf(struct ui *ui, int64_t now_ns, const char *format, ...) __attribute__((format(printf, 3, 4)));

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
/*
 * The list of what is in one state, called as ss(8) calls it, until ui_leave_state(): that puts the filter before it back; false: there is none to leave. So does the first when the
 * filter that was chosen otherwise is the same.
 */
bool ui_list_state(struct ui *ui, const char *state);
bool ui_leave_state(struct ui *ui);
/* Leaves the view on top, if it is not the last. */
void ui_pop(struct ui *ui);
/* Leaves all views above the first `depth`, which are told. */
void ui_drop(struct ui *ui, unsigned depth);
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
/* ---- what is typed and asked for (typing.c, view_search.c, view_filter.c, view_ss.c, view_destroy.c) ---- */

/* The connection that keys are for, or NULL; the second with a notice that says so. */
const struct connection *ui_chosen(const struct ui *ui);
const struct connection *ui_need_chosen(struct ui *ui, int64_t now_ns);
/* Puts a text on the terminal's clipboard, and says so. */
void ui_copy(struct ui *ui, const char *text, int64_t now_ns);
/* One slice of a search that is under way. */
void ui_search_turn(struct ui *ui, int64_t now_ns);
void ui_search_again(struct ui *ui, bool backward, int64_t now_ns);
/* Nothing is marked any more. False: nothing was. */
bool ui_search_end(struct ui *ui);
void ui_open_search(struct ui *ui);
void ui_open_filter(struct ui *ui, int64_t now_ns);
void ui_open_ss(struct ui *ui);
void ui_open_destroy(struct ui *ui, int64_t now_ns);
/* Those of these actions that mean something everywhere, and in the list. False: it is none of them. */
bool typing_act(struct ui *ui, enum action action, int64_t now_ns);
bool typing_act_list(struct ui *ui, enum action action, int64_t now_ns);

/* Opens the box in which is chosen what the list is sorted or grouped by. */
void ui_choose(struct ui *ui, bool groups);
/* The tabs of all screens that have one, in row 0. Returns the column after them. */
unsigned ui_paint_tabs(struct ui *ui, struct area area);
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
