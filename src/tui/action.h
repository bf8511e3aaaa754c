/*
 * What a person can do. One table gives each action its name, its keys, its short label for the bottom line and its
 * help text; the help screen, the bottom line and the look-up of keys all come from it. A key means the same in every
 * screen.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

/* X(enumerator, name, keys, group, label, help). The first key is the one the bottom line shows. */
#define ACTIONS(X)                                                                                                                    \
	X(LIST, "list", "1", N_("Screens"), N_("List"), N_("all connections, a live ladder"))                                     \
	X(OPEN, "open", "Enter", N_("Screens"), N_("Ladder"), N_("the ladder of this connection"))                                      \
	X(HELP, "help", "F1 ? h", N_("Screens"), N_("Help"), N_("this page"))                                                           \
	X(BACK, "back", "Esc", N_("Screens"), N_("Back"), N_("back to the screen before"))                                              \
	X(QUIT, "quit", "q F10", N_("Screens"), N_("Quit"), N_("leave synfin"))                                                         \
	X(REDRAW, "redraw", "Ctrl-L", N_("Screens"), N_("Redraw"), N_("draw the whole screen again"))                                   \
	X(THEMES, "themes", "T F5", N_("Screens"), N_("Themes"), N_("other colours, tried on at once"))                                \
	X(UP, "up", "Up k", N_("Moving"), N_("Up"), N_("one line up"))                                                                  \
	X(DOWN, "down", "Down j", N_("Moving"), N_("Down"), N_("one line down"))                                                        \
	X(PAGE_UP, "page-up", "PgUp", N_("Moving"), N_("Page up"), N_("one page up"))                                                   \
	X(PAGE_DOWN, "page-down", "PgDn", N_("Moving"), N_("Page down"), N_("one page down"))                                           \
	X(TOP, "top", "Home g", N_("Moving"), N_("Top"), N_("to the first line"))                                                       \
	X(BOTTOM, "bottom", "End G", N_("Moving"), N_("End"), N_("to the last line"))                                                   \
	X(SEARCH, "search", "/ F3", N_("List"), N_("Search"), N_("search the rows for a text"))                                         \
	X(SORT, "sort", "s F6", N_("List"), N_("Sort"), N_("sort by the next column"))                                                  \
	X(INVERT, "invert", "I F7", N_("List"), N_("Invert"), N_("turn the order round"))                                               \
	X(PANEL, "panel", "v F8", N_("List"), N_("Live ladder"), N_("show or hide the live ladder"))                                    \
	X(FOLLOW, "follow", "F F9", N_("List"), N_("Follow"), N_("draw what opens or closes next"))                                 \
	X(PAUSE, "pause", "Space", N_("Time"), N_("Pause"), N_("hold ladder and order; go on"))                    \
	X(STEP_BACK, "step-back", "[", N_("Time"), N_("Step back"), N_("one step of the ladder back"))                                  \
	X(STEP, "step", "]", N_("Time"), N_("Step"), N_("one step of the ladder on"))                                                   \
	X(SLOWER, "slower", ",", N_("Time"), N_("Slower"), N_("draw more slowly"))                                                      \
	X(FASTER, "faster", ".", N_("Time"), N_("Faster"), N_("draw faster"))                                                           \
	X(LIVE, "live", "0", N_("Time"), N_("Live"), N_("back to now, compressed time"))                                             \
	X(CLOCK, "clock", "r F2", N_("Time"), N_("Clock"), N_("times of day, or seconds"))

enum action {
	ACTION_NONE,
#define X(enumerator, name, keys, group, label, help) ACTION_##enumerator,
	ACTIONS(X)
#undef X
	ACTION_COUNT,
};

/* The parts are message ids but for name and keys, which are never translated. */
struct action_info {
	const char *name, *keys, *group, *label, *help;
};
const struct action_info *action_info(enum action action);
/* The action of a key (key.h), or ACTION_NONE. */
enum action action_of_key(unsigned key);
/* The first of its keys, for the bottom line. */
#define ACTION_KEY_ROOM 16
const char *action_first_key(enum action action, char out[ACTION_KEY_ROOM]);

#endif
