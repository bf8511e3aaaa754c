/*
 * A trace: what one end of a connection went through, in its own order. Each item is a segment that this end sent or received, or a moment
 * without one, with the state that the end entered by it. The ladder is the merge of one trace or two.
 */
#ifndef SHOW_LADDER_TRACE_H
#define SHOW_LADDER_TRACE_H

#include "show/ladder.h"

struct trace_item {
	uint8_t part;       /* enum ladder_part */
	bool sent;          /* by this end; else it was received. Of no meaning for PART_NOTE */
	bool companion;     /* sent in answer, in the very step that the item before it made */
	bool merged_ack;    /* a FIN that also acknowledges this end's FIN: there is no ACK of its own */
	bool done;          /* for the merge: is in a row already */
	bool crosses;       /* for the merge: its arrow has left, but comes here only after what this end does before */
	uint16_t flags;
	uint8_t state;      /* enum tcp_state entered with it; STATE_NONE: unchanged */
	const struct step *step; /* NULL: not from a step */
	const char *note;   /* marked message id or NULL */
};

#define TRACE_ITEMS_MAX (2 * HISTORY_STEPS_MAX + 2)
struct trace {
	uint8_t first;      /* enum tcp_state at the top of the lifeline */
	bool whole;         /* it begins where a connection begins; else it was open before we looked */
	bool simultaneous;  /* both ends sent a SYN */
	uint8_t count;
	struct trace_item items[TRACE_ITEMS_MAX];
};

void trace_of(struct trace *t, const struct connection *c);

#endif
