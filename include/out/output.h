/*
 * Lines on their way to a descriptor that is not ours alone: standard output, and whoever reads it.
 *
 * Written in large pieces; a reader that is slow or gone is noticed without ever waiting inside write(), because signals are only taken in the
 * loop. The descriptor's flags are left as they are: others share them.
 */
#ifndef OUT_OUTPUT_H
#define OUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct output {
	struct text text; /* to be written: add to it */
	size_t sent;      /* of it */
	size_t seen;      /* of it: `ascii` has been seen to */
	int fd, error;    /* error: the first -errno; from then on everything is thrown away */
	bool ascii;       /* see text_make_ascii(); false: the text as it is */
	bool regular;     /* a file, or /dev/null: never makes us wait */
};

/* fd stays the caller's. */
void output_init(struct output *o, int fd);
void output_fini(struct output *o);

/* Bytes that wait. */
size_t output_waiting(const struct output *o);
/* Writes what can be written at once. 0 (look at output_waiting), or the -errno that writing failed with, now or before. */
int output_try(struct output *o);
/* Writes all, and waits for a slow reader as long as it takes anything within patience_ms (-1: for ever). -ETIMEDOUT if it does not. */
int output_flush(struct output *o, int patience_ms);

/* The lines at which it pays to write, for those who make many. */
#define OUTPUT_ENOUGH (256u * 1024u)

#endif
