/*
 * The list: a row for each connection, also for 200,000 of them.
 *
 * The order is an index of the model's slots, four bytes a row, built at most a few times a second, and only when the
 * model has changed: scrolling walks the index and never the model. Of very many rows only those near the top are put
 * in order, until somebody goes further down. Connections that have ended stay in it for
 * LIST_GONE_NS as dimmed rows. The cursor holds on to a connection, not to a row. After a key the order stands still
 * for LIST_HOLD_NS, so that nothing moves under the person's eyes; what is printed in the rows is always the present.
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
	X(RTT, N_("RTT"), 8, 10, true)           \
	X(SENT, N_("SENT"), 8, 11, true)         \
	X(RECEIVED, N_("RECEIVED"), 8, 12, true) \
	X(PID, N_("PID"), 7, 7, true)            \
	X(NETNS, N_("NETNS"), 10, 6, false)      \
	X(PROGRAM, N_("PROGRAM"), 8, 5, false)
enum list_column {
#define X(name, heading, least, rank, right) LIST_##name,
	LIST_COLUMNS(X)
#undef X
	LIST_COLUMN_COUNT,
};

struct list {
	const struct names *names; /* ends are shown by these, as far as they are known; NULL: by numbers. Not owned: see list_set_names() */
	const struct filter *filter; /* rows it lets through; NULL: all. Not owned: see list_set_filter() */
	uint32_t *slots;           /* of the model: the index. Read it with list_at() and list_conn() */
	uint32_t count, room;
	uint32_t sorted;           /* so many stand in order, from the first; behind them all the others, in none */
	uint64_t newest;           /* the largest id when it was built: a larger one came to a slot since */
	uint64_t built_version;
	int64_t built_ns;          /* 0: never */
	int64_t stale_ns;          /* when a dimmed row has to leave; INT64_MAX: never */
	int64_t warns_at_ns;       /* when a row has to move up; the next frame that there is anyway will do */
	uint8_t sort;              /* enum list_column */
	bool inverted;
	bool warnings_first;       /* the order at first, until another is chosen; `inverted` leaves it alone */
	uint32_t hidden;           /* rows whose owner may not be seen */
	bool paused;               /* the order stands still until told otherwise */
	int64_t held_until_ns;
	uint64_t opens_at_hold;    /* model_totals().opens when it began to stand still */
	uint64_t cursor;           /* connection; 0: none */
	bool following;            /* the cursor only points at what is being drawn, which may not be in sight */
	uint32_t cursor_row, top, height;
	uint8_t local_wanted, peer_wanted; /* columns that the addresses seen so far would like */
	uint64_t netns;            /* that of the first row that has a name for it; 0: there was none */
	bool several_netns;        /* NETNS has something to tell */
	int64_t wake_ns;           /* when the picture changes although the model does not; INT64_MAX: never (ages apart) */
};

void list_init(struct list *l);
void list_fini(struct list *l);

/* Rows that can be seen at once. */
void list_resize(struct list *l, unsigned height);
/* Brings order, cursor and what depends on them up to the model. */
void list_update(struct list *l, const struct model *m, int64_t now_ns);
/* When list_update has something to do again if the model stays as it is now: INT64_MAX: nothing. */
int64_t list_due(const struct list *l, const struct model *m);

/* Moves the cursor by rows, or to a row of the index; the order stands still for a while. */
void list_move(struct list *l, const struct model *m, int64_t delta, int64_t now_ns);
void list_move_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns);
/* Follows: points at a connection without moving what is seen. 0: at none. */
void list_point(struct list *l, uint64_t conn);
void list_sort(struct list *l, enum list_column column, bool inverted);
/* The order at first: warnings, then the newest change. */
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

/* ---- the index (list_rows.c) ---- */
/* Builds it anew, with the first `sorted` rows at least in order. */
void list_rows_build(struct list *l, const struct model *m, int64_t now_ns, uint32_t sorted);
/* Puts the rows behind the sorted ones in order too. None comes, none goes, and those in order stay where they are. */
void list_rows_sort_rest(struct list *l, const struct model *m, int64_t now_ns);
/* The same for the next `wanted` of them. */
void list_rows_sort_some(struct list *l, const struct model *m, int64_t now_ns, uint32_t wanted);
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
/* '+' new, '-' closing, '!' warning, ' '. */
char list_mark(const struct connection *c, int64_t now_ns);

/* ---- the picture (list_view.c) ---- */
/* Column heads in row 0, then a row for each connection in sight. */
void list_paint(const struct list *l, const struct model *m, struct area area, int64_t now_ns);

#endif
