/* What a dumper of ours lists, kept for a test. All of it fails the running cmocka test when it does not come. */
#ifndef TESTS_SEEN_H
#define TESTS_SEEN_H

#include "watch/dump.h"

#define SEEN_MAX 1024

struct seen {
	unsigned count;
	struct sample samples[SEEN_MAX];
};

/* A dump by this dumper, whatever comes of it. */
struct dump_result seen_dump(struct dumper *d, unsigned states, struct seen *seen);
/* A whole dump by a dumper of its own. Valid until the next. */
const struct seen *seen_in(unsigned states);
/* NULL: it is not listed. */
const struct sample *seen_find(const struct seen *seen, const struct tuple *t);
/* The same of a whole dump in which it must be. */
struct sample seen_sample(unsigned states, const struct tuple *t);

#endif
