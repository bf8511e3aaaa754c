/*
 * The list: a row for each connection, also for a million of them.
 *
 * The order is an index of the model's slots, four bytes a row: scrolling walks the index and never the model. Of very
 * many rows only those near the top are put in order, until somebody goes further down, and very many slots are looked
 * through in slices, so that a key does not have to wait. From then on what events tell of (list_event) is merged into
 * the rows in order, ten times a second, and all of it is built anew only when it is not known what has changed; for
 * that each slot has four bytes more while there are rows in no order.
 *
 * Connections that have ended stay in it for LIST_GONE_NS as dimmed rows. The cursor holds on to a connection, not to a
 * row. After a key the order stands still for LIST_HOLD_NS, so that nothing moves under the person's eyes; what is
 * printed in the rows is always the present.
 *
 * Grouped, the index is a tree of two levels: a row for each group, and behind those that are open their connections.
 * The largest group comes first; sorted by the column that tells the group, they go by name. Nothing is merged then:
 * the tree is built anew a few times a second, and at a million rows every other second.
 *
 * Marked connections come first in the order at first, and stay where they are in any other.
 *
 * struct list is view state: list_update() brings it up to the model, list_paint() only reads. Time comes in.
 */
#ifndef SHOW_LIST_H
#define SHOW_LIST_H

#include "show/canvas.h"
#include "show/names.h"
#include "track/filter.h"
#include "track/model.h"

#define LIST_HOLD_NS (3 * 1000000000LL)
#define LIST_GONE_NS (3 * 1000000000LL)
#define LIST_FLASH_NS 1500000000LL
/* A leak is a CLOSE_WAIT that lasts; a state that ought to pass is stuck when it does not. */
#define LIST_CLOSE_WAIT_WARN_NS (60 * 1000000000LL)
#define LIST_STUCK_WARN_NS (30 * 1000000000LL)

/* X(name, heading, least columns, rank: who comes first when there is room, right-aligned), in the order of display. */
#define LIST_COLUMNS(X)                          \
	X(STATE, N_("STATE"), 11, 1, false)      \
	X(AGE, N_("AGE"), 8, 3, true)            \
	X(LOCAL, N_("LOCAL"), 15, 4, false)      \
	X(PEER, N_("PEER"), 15, 2, false)        \
	X(RECVQ, N_("RECVQ"), 5, 8, true)        \
	X(SENDQ, N_("SENDQ"), 5, 9, true)        \
	X(RTT, N_("RTT"), 8, 11, true)           \
	X(SENT, N_("SENT"), 8, 12, true)         \
	X(RECEIVED, N_("RECEIVED"), 8, 13, true) \
	X(PID, N_("PID"), 7, 7, true)            \
	X(NETNS, N_("NETNS"), 10, 6, false)      \
	X(PROGRAM, N_("PROGRAM"), 8, 5, false)   \
	X(UNIT, N_("UNIT"), 10, 10, false)
enum list_column {
#define X(name, heading, least, rank, right) LIST_##name,
	LIST_COLUMNS(X)
#undef X
	LIST_COLUMN_COUNT,
};

/* By what rows are grouped. X(name, what a person chooses, and what the rule says then) */
#define LIST_GROUPINGS(X)                                                             \
	X(NOTHING, N_("not grouped"), "")                                             \
	X(PROGRAM, N_("program"), N_("by program"))                                   \
	X(PORT, N_("port of the service"), N_("by port"))                             \
	X(PEER, N_("peer's address"), N_("by peer"))                                  \
	X(STATE, N_("state"), N_("by state"))                                         \
	X(NETNS, N_("namespace"), N_("by namespace"))
enum list_grouping {
#define X(name, choice, said) LIST_BY_##name,
	LIST_GROUPINGS(X)
#undef X
	LIST_GROUPING_COUNT,
};

struct list_group {
	uint64_t key[2];           /* see list_group_name() */
	uint64_t rqueue, wqueue;   /* bytes, of those that are known */
	uint32_t count, warned, states[STATE_COUNT];
	uint32_t rank;             /* place among the groups, from 0 */
	bool open;                 /* its connections are rows too */
};
struct list_groups {
	struct list_group *at;
	uint32_t count, room;
	struct map map;            /* by key */
	uint64_t seed;             /* of the map; stays when all else goes */
};
/* More get a group together. */
#define LIST_GROUPS_MAX 262144u

/* Connections that events told of. Bounded: with more than LIST_CHANGES_MAX it is not known which. */
struct list_changes {
	uint64_t *conns;
	uint32_t count, room;
	bool lost;
};
#define LIST_CHANGES_MAX 16384u
/* Of those that end within LIST_GONE_NS; under churn the newest are enough. */
#define LIST_GONE_MAX 256u
#define LIST_MARKS_MAX 1024u

struct list_build;

struct list {
	const struct names *names; /* ends are shown by these, as far as they are known; NULL: by numbers. Not owned: see list_set_names() */
	const struct filter *filter; /* rows it lets through; NULL: all. Not owned: see list_set_filter() */
	uint32_t *slots;           /* of the model, or groups: the index. Read it with list_at(), list_conn() and list_group_at() */
	uint32_t count, room;
	uint32_t connections;      /* that are in it, those in closed groups too */
	uint32_t sorted;           /* so many rows stand in order, from the first; behind them all the others, in none */
	uint64_t newest;           /* the largest id in it: a larger one came to a slot since */
	uint64_t built_version;
	int64_t built_ns;          /* 0: never, or what is there is of no use any more */
	int64_t order_ns;          /* what warns by its age then leads */
	int64_t stale_ns;          /* when a dimmed row has to leave; INT64_MAX: never */
	int64_t warns_at_ns;       /* when a row has to move up; the next frame that there is anyway will do */
	struct list_build *build;  /* it is being built anew; NULL: it is not */
	struct list_changes fresh; /* not merged yet */
	struct list_changes late;  /* merged, but not in what is being built */
	int64_t merged_ns;
	uint32_t *places;          /* by slot, when there are unsorted rows: where among them, or MAP_NONE */
	uint32_t places_room;
	uint8_t *touched;          /* by slot, a bit each: rows that are being taken out; else all 0 */
	uint32_t touched_room;     /* bytes */
	uint32_t gone_count;
	struct list_gone {
		uint64_t conn;
		int64_t until_ns;
		uint32_t slot;
	} gone[LIST_GONE_MAX];     /* dimmed rows, those that ended first first */
	/* How much is done at once, and how often. Tests make it small. */
	int64_t pace_ns;           /* between two new indexes, at least; more when there are many rows */
	uint32_t sorted_least;     /* up to so many rows are always in order, all of them */
	uint32_t slice;            /* slots looked through in one go */
	uint32_t merged_from;      /* with fewer slots in the model it is simply built anew */
	uint8_t sort;              /* enum list_column */
	bool inverted;
	bool warnings_first;       /* the order at first, until another is chosen; `inverted` leaves it alone */
	uint8_t grouping;          /* enum list_grouping */
	bool fold_later;           /* whether groups are open at first is settled when it is known how many rows there are */
	bool open_new;             /* groups that come are open */
	struct list_groups groups;
	uint64_t *marks;           /* connections, smallest first */
	uint32_t mark_count;
	bool paused;               /* the order stands still until told otherwise */
	int64_t held_until_ns;
	uint64_t opens_at_hold;    /* model_totals().opens when it began to stand still */
	uint64_t cursor;           /* connection; 0: none */
	bool on_group;             /* the cursor is on a group, which has this key; `cursor` is 0 then */
	uint64_t group_key[2];
	bool following;            /* the cursor only points at what is being drawn, which may not be in sight */
	bool tail;                 /* the cursor stays on the newest connection, until it is moved */
	uint64_t opened_last;      /* the newest that may be in the list; 0: none yet */
	uint64_t tailed;           /* the one that the cursor last went to, or to its group; 0: none yet */
	int64_t tailed_ns;         /* when it did */
	uint32_t cursor_row, top, height;
	uint8_t local_wanted, peer_wanted; /* columns that the addresses seen so far would like */
	uint64_t netns;            /* that of the first row that has a name for it; 0: there was none */
	bool several_netns;        /* NETNS has something to tell */
	bool has_unit;             /* and UNIT */
	int64_t wake_ns;           /* when the picture changes although the model does not; INT64_MAX: never (ages apart) */
};

void list_init(struct list *l);
/* What strangers cannot know: they choose the keys of groups. Once, before there are any; else it is 0. */
void list_set_seed(struct list *l, uint64_t seed);
void list_fini(struct list *l);

/* Rows that can be seen at once. */
void list_resize(struct list *l, unsigned height);
/* An event, after it was applied to the model. Every one: a long list knows of nothing else. */
void list_event(struct list *l, const struct event *e);
/* Brings order, cursor and what depends on them up to the model. */
void list_update(struct list *l, const struct model *m, int64_t now_ns);
/* When list_update has something to do again if the model stays as it is now: INT64_MAX: nothing. */
int64_t list_due(const struct list *l, const struct model *m);

/* Moves the cursor by rows, or to a row of the index; the order stands still for a while. */
void list_move(struct list *l, const struct model *m, int64_t delta, int64_t now_ns);
void list_move_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns);
/* Follows: points at a connection without moving what is seen. 0: at none. */
void list_point(struct list *l, uint64_t conn);
/* The cursor goes to the newest connection, and to each newer one when it comes (but stays LIST_TAIL_NS), until it is moved. */
void list_tail(struct list *l, bool tail);
#define LIST_TAIL_NS 300000000LL
void list_sort(struct list *l, enum list_column column, bool inverted);
/* The order at first: marked ones, warnings, then the newest change. */
void list_sort_usual(struct list *l);
/* Shows what this filter lets through; NULL: all. It is not owned. */
void list_set_filter(struct list *l, const struct filter *filter);
/* Shows ends by their names; NULL: by numbers. It is not owned. */
void list_set_names(struct list *l, const struct names *names);
/* The order stands still from now on for LIST_HOLD_NS; or, paused, until told otherwise. */
void list_hold(struct list *l, const struct model *m, int64_t now_ns);
void list_pause(struct list *l, const struct model *m, bool pause, int64_t now_ns);
bool list_is_held(const struct list *l, int64_t now_ns);
/* Connections opened since it stands still. */
uint64_t list_waiting(const struct list *l, const struct model *m);
/* The connection of a row of the index, or NULL when it is forgotten; and its id, or 0. */
const struct connection *list_at(const struct list *l, const struct model *m, uint32_t row);
uint64_t list_conn(const struct list *l, const struct model *m, uint32_t row);

/* Puts the next `wanted` of the rows behind the sorted ones in order too, as list_update() would for who goes there; a tree whole. */
void list_sort_some(struct list *l, const struct model *m, int64_t now_ns, uint32_t wanted);

/* ---- groups (list_groups.c) ---- */
/* Groups the rows. All groups are open when then all rows can be seen at once, else none is. */
void list_group_by(struct list *l, enum list_grouping grouping);
const char *list_grouping_choice(enum list_grouping grouping); /* message ids */
const char *list_grouping_said(enum list_grouping grouping);
/* The group that is a row of the index, or NULL. */
const struct list_group *list_group_at(const struct list *l, uint32_t row);
/* Opens or closes the group at the cursor; false if there is none, or it is so already. */
bool list_fold(struct list *l, bool open);
/* From a connection the cursor goes to its group. False if it does not. */
bool list_move_to_group(struct list *l, const struct model *m, int64_t now_ns);
#define LIST_GROUP_NAME_ROOM 64
const char *list_group_name(const struct list *l, const struct model *m, const struct list_group *group, char out[LIST_GROUP_NAME_ROOM]);

/* ---- marks (list_marks.c) ---- */
/* Marks the connection at the cursor, or takes the mark away. False if there is none, or there are LIST_MARKS_MAX. */
bool list_mark_toggle(struct list *l);
void list_mark_clear(struct list *l);
bool list_is_marked(const struct list *l, uint64_t conn);

/* ---- what rows are sorted by (list_keys.c) ---- */
/* When it entered its state, as its printed age has it; 0: not known. */
int64_t list_entered_ns(const struct connection *c);
/* The last step of its life, 0 if none was seen; and the first if that was its opening, else 0. */
int64_t list_last_step_ns(const struct connection *c);
int64_t list_opened_ns(const struct connection *c);
/* Something is wrong with it that a person should look at. */
bool list_warns(const struct connection *c, int64_t now_ns);

/* ---- columns (list_columns.c) ---- */
/* One column before the state is for the cursor, one for the mark. */
#define LIST_MARK_COLUMNS 3
struct list_layout {
	unsigned count;
	struct {
		uint8_t column; /* enum list_column */
		unsigned at, width;
	} shown[LIST_COLUMN_COUNT];
};
void list_lay_out(const struct list *l, unsigned columns, const struct glyphs *glyphs, struct list_layout *layout);
const char *list_heading(enum list_column column); /* a message id */

/* What a cell says; and its role when it is not the usual one. */
#define LIST_CELL_ROOM 128
struct list_cell {
	char text[LIST_CELL_ROOM];
	enum role role;
};
void list_cell(const struct model *m, const struct connection *c, enum list_column column, unsigned width, const struct glyphs *glyphs,
	       int64_t now_ns, struct list_cell *out);
/* Puts names in the place of an end's numbers, where it has any. */
void list_cell_names(const struct names *names, const struct connection *c, enum list_column column, unsigned width, const struct glyphs *glyphs,
		     struct list_cell *out);
/* For the cell of a group: at most 9 columns. */
const char *list_state_short(enum tcp_state state);
/* '+' new, '-' closing, '!' warning, ' '. */
char list_mark(const struct connection *c, int64_t now_ns);

/* ---- the picture (list_view.c, list_group_view.c) ---- */
/* The row of a group. */
void list_group_paint(const struct list *l, const struct model *m, struct area area, int row, const struct list_group *group,
		      const struct list_layout *layout, unsigned flags);
/* Column heads in row 0, then a row for each connection in sight. */
void list_paint(const struct list *l, const struct model *m, struct area area, int64_t now_ns);

#endif
