/* The texts that explain arrows, as data. */
#ifndef SHOW_LADDER_LESSONS_H
#define SHOW_LADDER_LESSONS_H

#include "show/ladder.h"

enum lesson_sender { SENT_BY_ANY, SENT_BY_LOCAL, SENT_BY_REMOTE };

/* What is zero or NULL fits any row. */
struct lesson {
	uint8_t part;               /* enum ladder_part */
	uint8_t sender;             /* enum lesson_sender */
	bool unanswered;
	uint16_t with, without;     /* flags */
	uint8_t sender_in;          /* enum tcp_state of the sender, after it sent this */
	uint8_t receiver_from, receiver_in;
	const char *note;
	const char *title, *text, *source;
};

/* The first that fits is the one. The last fits all of its part. */
extern const struct lesson lessons[];
extern const unsigned lesson_count;

#endif
