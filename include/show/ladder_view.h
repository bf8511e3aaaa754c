/*
 * A ladder on the screen: one connection, laid out again whenever the model changes, and its player. The same thing
 * stands in the lower third of the list (the panel) and fills the Ladder screen.
 *
 * View state: ladder_view_update() brings it up to the model, painting only reads it. What the title says is copied,
 * so that the ladder can still be shown when the model has forgotten the connection.
 */
#ifndef SHOW_LADDER_VIEW_H
#define SHOW_LADDER_VIEW_H

#include "show/ladder.h"
#include "show/ladder_info.h"
#include "show/player.h"

/* Everything known so far is drawn at once, only what comes is played. */
#define LADDER_VIEW_ALL INT64_MAX
#define LADDER_PROGRAM_ROOM 64

/* What a person has chosen to see; it stays when another connection is shown. */
struct ladder_choices {
	bool absolute_time, absolute_numbers;
	bool explain;
	uint8_t details;        /* enum ladder_details */
};
/* What is known of the connection beside its steps: where there is room, or whatever room there is, or not. */
enum ladder_details { DETAILS_WHERE_ROOM, DETAILS_SHOWN, DETAILS_HIDDEN };

struct ladder_view {
	uint64_t conn;          /* 0: none */
	uint64_t laid_version;
	bool animate;
	struct ladder_choices choices;
	uint16_t selected;      /* row + 1; 0: none, the newest is meant */
	int32_t utc_offset_s;   /* of the wall clock, for absolute_time */
	struct ladder ladder;
	struct player player;
	struct ladder_moment moment;
	struct tuple tuple;
	uint8_t state, cause;   /* of the near end */
	bool live, remote_opened;
	uint32_t rtt_us;        /* 0: not known */
	int64_t since_ns;       /* the state was entered at the latest then; 0: not known */
	bool since_at_least;
	char near[LADDER_PROGRAM_ROOM], far[LADDER_PROGRAM_ROOM]; /* "curl[4821]"; "": not known */
	uint32_t pid;           /* 0: not known */
	int32_t fd;
	char comm[COMM_ROOM];
	struct ladder_info info[2];           /* of the near and the far end */
	struct ladder_countdown countdown[2]; /* of their timers, when all is drawn */
	int64_t wake_ns;        /* when a countdown changes; INT64_MAX: never */
};

void ladder_view_init(struct ladder_view *v, bool animate);
/* Shows a connection (0: none). Its steps learnt before since_ns are drawn at once, those after are played. */
void ladder_view_show(struct ladder_view *v, const struct model *m, uint64_t conn, int64_t since_ns, int64_t now_ns);
void ladder_view_update(struct ladder_view *v, const struct model *m, const struct tempo *tempo, int64_t now_ns);
/* A frame is wanted soon. */
bool ladder_view_moves(const struct ladder_view *v);

/*
 * "curl[4821] 10.0.0.5:41812 → 93.184.216.34:443"; where `columns` is too few without programs, then without addresses:
 * ":41812 → :443".
 */
void ladder_view_title(const struct ladder_view *v, const struct glyphs *glyphs, unsigned columns, struct text *out);
/* The columns of a title with both end points whole. */
unsigned ladder_view_title_columns(const struct ladder_view *v, bool programs);
/* How long ago that was learnt which is being drawn now; 0: all is drawn. */
int64_t ladder_view_lag_ns(const struct ladder_view *v, int64_t now_ns);
/* "compressed", "live", "1/200". A message, to be shown as it is. */
const char *ladder_view_tempo(const struct tempo *tempo, char out[24]);

/* The small form, without its rule. */
void ladder_view_paint(const struct ladder_view *v, struct area area);

/* ---- the Ladder screen (ladder_screen.c) ---- */

/* Moves the selection by rows; the first time it only appears, at the newest row. */
void ladder_view_select(struct ladder_view *v, int rows);
/* The row that is explained: the selected one, or the newest that is drawn. row + 1; 0: none. */
unsigned ladder_view_subject(const struct ladder_view *v);
/* The details may be seen on a screen of this size. */
bool ladder_view_shows_details(const struct ladder_view *v, unsigned rows, unsigned columns, int64_t now_ns);
/* The whole screen below its rule: the ladder, the panels, what its state means, and the legend. */
void ladder_view_paint_screen(const struct ladder_view *v, struct area area, int64_t now_ns);
/* The ladder's row that stands in that line of a screen of this size; row + 1; 0: none. */
unsigned ladder_view_row_at(const struct ladder_view *v, unsigned rows, unsigned columns, unsigned line, int64_t now_ns);

#endif
