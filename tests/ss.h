/* TCP sockets as ss(8) lists them, and as others do: sets to be compared. */
#ifndef TESTS_SS_H
#define TESTS_SS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"
#include "tcp/state.h"

struct ss_row {
	uint8_t state; /* STATE_NONE: not told */
	struct tuple tuple;
};

/* {0} is empty. */
struct ss_rows {
	struct ss_row *rows;
	size_t count;
};

void ss_rows_clear(struct ss_rows *r);
void ss_rows_add(struct ss_rows *r, enum tcp_state state, const struct tuple *t);
void ss_rows_sort(struct ss_rows *r);
/* Adds what `ss -Htan FILTER` lists, sorted with what is there. The filter's words are parted by spaces. Its exit status is returned; what it said of mistakes is lost. */
int ss_list(struct ss_rows *r, const char *filter);
bool ss_rows_same(const struct ss_rows *a, const struct ss_rows *b);
/* How many rows of two sorted sets are in one of them only; the first few are printed. */
unsigned ss_rows_differ(const struct ss_rows *ss, const struct ss_rows *synfin);

#endif
