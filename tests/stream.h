/*
 * A stream of synfin's events (NDJSON), read by jansson: the tests' own reader, which shares nothing with the writer.
 */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/endpoint.h"
#include "tcp/state.h"

/* One line. What is absent is 0, NULL or STATE_NONE. Strings live as long as `object`. */
struct told {
	json_t *object;
	const char *ev, *certainty, *cause, *opener, *closer;
	uint64_t conn;
	bool has_tuple;
	struct tuple tuple;
	enum tcp_state from, to;
	int64_t t_ns, t0_ns, t1_ns, since0_ns, since1_ns;
};

struct stream {
	struct told *lines;
	size_t count;
	size_t bad_line;    /* counted from 1; 0: all lines are what they should be */
	char bad_why[200];
};

/* Reads all whole lines of text. Stops at the first that is no JSON object, or has a tuple, state or time that cannot be read. */
void stream_read(struct stream *s, const char *text);
void stream_fini(struct stream *s);
bool told_is(const struct told *t, const char *ev);

#endif
