/* Random filters for tests: written as a person could, from seeds. */
#ifndef TESTS_FILTER_DRAW_H
#define TESTS_FILTER_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct filter_draw {
	uint64_t random;                  /* not 0 */
	const char *const *hosts;         /* addresses and prefixes to choose from, and ports; NULL ends them */
	const char *const *ports;
	bool ours;                        /* predicates of our own too */
	bool marks;                       /* fwmark too */
	bool simple;                      /* a word or two */
};

uint64_t filter_draw_number(struct filter_draw *d, uint64_t below);
/* One of a list that NULL ends. */
const char *filter_draw_of(struct filter_draw *d, const char *const *list);
/* A filter: added to `out`. */
void filter_draw(struct filter_draw *d, struct text *out);
/* The same with some of its bytes changed, taken away or put in. */
void filter_draw_damage(struct filter_draw *d, struct text *t);

#endif
