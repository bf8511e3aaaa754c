/* How much is seen, in words: the figures behind the top line, and what each means. */
#ifndef SHOW_COVERAGE_H
#define SHOW_COVERAGE_H

#include "show/amount.h"
#include "show/frame.h"

#define COVERAGE_LINES_MAX 20
#define COVERAGE_REASON_ROOM 128

struct coverage_line {
	char figure[AMOUNT_ROOM];
	const char *text; /* a message id, or a reason */
	enum role role;   /* of the figure: whether it is to worry about */
};

struct coverage_words {
	unsigned count;
	struct coverage_line lines[COVERAGE_LINES_MAX];
	char reasons[2][COVERAGE_REASON_ROOM]; /* why a source does not work; in the person's language */
};

/* Valid until *out is moved. */
void coverage_say(struct coverage_words *out, const struct model *m, const struct frame_facts *facts, int64_t now_ns);

#endif
