/*
 * What stands right on a rule: short words, each with a rank. Where there is no room for all, whole words go, the least
 * important first; none is cut.
 */
#ifndef SHOW_ASIDE_H
#define SHOW_ASIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define ASIDE_PARTS_MAX 8
#define ASIDE_PART_ROOM 64
struct aside {
	unsigned count;
	struct {
		char text[ASIDE_PART_ROOM];
		uint8_t rank; /* 1 stays longest */
	} parts[ASIDE_PARTS_MAX];
};

/* They stand in the order in which they were added. */
void aside_add(struct aside *a, uint8_t rank, const char *format, ...) __attribute__((format(printf, 3, 4)));
unsigned aside_columns(const struct aside *a);
/* Takes away the least important one, if its rank is above `kept`. */
bool aside_drop(struct aside *a, uint8_t kept);
/* "paused, event 4 of 5" */
void aside_say(const struct aside *a, struct text *out);

#endif
