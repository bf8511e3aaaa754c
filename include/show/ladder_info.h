/*
 * What is known of one end of a connection beside its steps: copied from the model, so that it can still be told when the
 * model has forgotten the connection.
 */
#ifndef SHOW_LADDER_INFO_H
#define SHOW_LADDER_INFO_H

#include "show/canvas.h"
#include "show/ladder.h"
#include "track/model.h"

#define INFO_HOLDERS_MAX 4

struct ladder_info {
	bool known;              /* this end is ours */
	bool live, owner_hidden, holders_former;
	uint8_t state;           /* enum tcp_state */
	uint8_t opener, opener_by, closer, closer_by, cause; /* enum side, enum evidence; enum cause */
	struct facts facts;
	int64_t facts_ns;        /* when they were true */
	int64_t since0_ns, since1_ns;   /* KNOWS_SINCE: the state was entered in here */
	int64_t opened0_ns, opened1_ns; /* the same of the opening; opened1 0: it was not seen */
	uint64_t cookie, netns;
	char netns_name[NETNS_NAME_ROOM], unit[UNIT_ROOM]; /* "": not known */
	uint32_t holder_count;   /* all of them */
	struct holder holders[INFO_HOLDERS_MAX]; /* the first */
};

/* c NULL: not ours. */
void info_take(struct ladder_info *info, const struct model *m, const struct connection *c);

/* In a state in which a FIN waits for its ACK, data before it does too: it is the data that is sent again. */
bool info_has_data_unacked(enum tcp_state state, const struct facts *facts);

/*
 * The timer that this end's kernel has set, as it stands at now_ns. One that is long overdue is told without a time: it was
 * set again since, and nothing else has changed.
 */
void info_countdown(const struct ladder_info *info, int64_t now_ns, struct ladder_countdown *out);
/* When the words of that countdown change; INT64_MAX: never. */
int64_t info_countdown_wake_ns(const struct ladder_info *info, int64_t now_ns);

/* "this side: its SYN is counted in tcp_info": a message, to be shown as it is. "" when not known. */
void info_side_words(unsigned side, unsigned evidence, struct text *out);

/* The panel: what is known, a line each, in as many columns side by side as fit. Returns the rows that it wants. */
unsigned info_paint(const struct ladder_info *info, struct area area, int64_t now_ns);
unsigned info_rows(const struct ladder_info *info, const struct glyphs *g, unsigned columns);

#endif
