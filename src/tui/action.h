/*
 * What a person can do. One table gives each action its name, its keys, its short label for the bottom line and its
 * help text; the help screen, the bottom line and, by way of the keymap, the look-up of keys all come from it. A key means
 * the same in every screen.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

/* X(enumerator, name, keys, group, label, help). The first key is the one the bottom line shows. A person may choose other keys: tui/keymap.h. */
#define ACTIONS(X)                                                                                                                    \
	X(LIST, "list", "1", N_("Screens"), N_("List"), N_("all connections, a live ladder"))                                     \
	X(WALL, "wall", "2", N_("Screens"), N_("Wall"), N_("what opens and closes, side by side"))                                \
	X(MAP, "map", "4", N_("Screens"), N_("Map"), N_("the state diagram, alive; Enter lists a state"))                                \
	X(OPEN, "open", "Enter", N_("Screens"), N_("Ladder"), N_("the ladder of this connection"))                                      \
	X(HELP, "help", "F1 ? h", N_("Screens"), N_("Help"), N_("this page"))                                                           \
	X(BACK, "back", "Esc", N_("Screens"), N_("Back"), N_("back to the screen before"))                                              \
	X(QUIT, "quit", "q F10", N_("Screens"), N_("Quit"), N_("leave synfin"))                                                         \
	X(REDRAW, "redraw", "Ctrl-L", N_("Screens"), N_("Redraw"), N_("draw the whole screen again"))                                   \
	X(THEMES, "themes", "T F5", N_("Screens"), N_("Themes"), N_("other colours, tried on at once"))                                \
	X(UP, "up", "Up k", N_("Moving"), N_("Up"), N_("one line up"))                                                                  \
	X(DOWN, "down", "Down j", N_("Moving"), N_("Down"), N_("one line down"))                                                        \
	X(LEFT, "left", "Left", N_("Moving"), N_("Left"), N_("to the left"))                                                            \
	X(RIGHT, "right", "Right", N_("Moving"), N_("Right"), N_("to the right"))                                                       \
	X(PAGE_UP, "page-up", "PgUp", N_("Moving"), N_("Page up"), N_("one page up"))                                                   \
	X(PAGE_DOWN, "page-down", "PgDn", N_("Moving"), N_("Page down"), N_("one page down"))                                           \
	X(TOP, "top", "Home g", N_("Moving"), N_("Top"), N_("to the first line"))                                                       \
	X(BOTTOM, "bottom", "End G", N_("Moving"), N_("End"), N_("to the last line"))                                                   \
	X(SEARCH, "search", "/ F3", N_("List"), N_("Search"), N_("search the rows for a text"))                                         \
	X(SEARCH_NEXT, "search-next", "n", N_("List"), N_("Next"), N_("to the next row that has it"))                                   \
	X(SEARCH_BACK, "search-back", "N F11", N_("List"), N_("Previous"), N_("to the row before that has it"))                         \
	X(FILTER, "filter", "f F4", N_("List"), N_("Filter"), N_("choose what is listed"))                                              \
	X(SORT, "sort", "s F6", N_("List"), N_("Sort"), N_("choose what the list is sorted by"))                                        \
	X(INVERT, "invert", "I F7", N_("List"), N_("Invert"), N_("turn the order round"))                                               \
	X(GROUP, "group", "t", N_("List"), N_("Group"), N_("by program, port, peer or state"))                                 \
	X(UNFOLD, "unfold", "+", N_("List"), N_("Unfold"), N_("open the group, as Right does"))                                        \
	X(FOLD, "fold", "-", N_("List"), N_("Fold"), N_("close the group, as Left does"))                                                             \
	X(MARK, "mark", "m", N_("List"), N_("Mark"), N_("mark the connection, to come first"))                              \
	X(UNMARK, "unmark", "M", N_("List"), N_("Unmark"), N_("take all marks away"))                                                   \
	X(PANEL, "panel", "v F8", N_("List"), N_("Live ladder"), N_("show or hide the live ladder"))                                    \
	X(FOLLOW, "follow", "F F9", N_("List"), N_("Follow"), N_("what happens next; again: the newest"))                   \
	X(NAMES, "names", "d F12", N_("List"), N_("Names"), N_("names of hosts and services"))                                          \
	X(EXPLAIN, "explain", "e", N_("Ladder"), N_("Explain"), N_("what the arrow means, and why"))                        \
	X(DETAILS, "details", "i", N_("Ladder"), N_("Details"), N_("what else is known"))                             \
	X(NUMBERS, "numbers", "r", N_("Ladder"), N_("Numbers"), N_("numbers relative, or absolute"))                           \
	X(EXPORT, "export", "w", N_("Ladder"), N_("Export"), N_("write the ladder to a file"))                                          \
	X(COPY, "copy", "y", N_("Doing"), N_("Copy"), N_("copy both ends to the clipboard"))                                            \
	X(SS, "ss", "!", N_("Doing"), "ss", N_("the ss command that lists this"))                                                       \
	X(DESTROY, "destroy", "K Delete", N_("Doing"), N_("Destroy"), N_("destroy a socket (asks first)"))                              \
	X(PAUSE, "pause", "Space", N_("Time"), N_("Pause"), N_("hold ladder and order; go on"))                    \
	X(STEP_BACK, "step-back", "[", N_("Time"), N_("Step back"), N_("one step of the ladder back"))                                  \
	X(STEP, "step", "]", N_("Time"), N_("Step"), N_("one step of the ladder on"))                                                   \
	X(SLOWER, "slower", ",", N_("Time"), N_("Slower"), N_("draw more slowly"))                                                      \
	X(FASTER, "faster", ".", N_("Time"), N_("Faster"), N_("draw faster"))                                                           \
	X(LIVE, "live", "0", N_("Time"), N_("Live"), N_("back to now, compressed time"))                                             \
	X(CLOCK, "clock", "c F2", N_("Time"), N_("Clock"), N_("times of day, or seconds"))

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
/* The action of that name, or ACTION_NONE. */
enum action action_from_name(const char *name);

#endif
