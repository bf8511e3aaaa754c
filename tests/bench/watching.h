/* The watch threads and the tracker, wired as synfin's live source wires them, without a loop: for programs that measure. */
#ifndef BENCH_WATCHING_H
#define BENCH_WATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "track/model.h"
#include "track/tracker.h"
#include "watch/watch.h"

struct watching {
	struct watch *watch;
	struct model *model;
	struct tracker *tracker;
	uint64_t answers;       /* to exact look-ups, so far */
	struct sweep last;      /* the last full sweep's end */
	uint64_t full_sweeps;   /* ends of full sweeps, so far */
};

/* No steady sweeps: they are asked for. Ends the program when the watch cannot start. */
void watching_start(struct watching *w, bool owners, bool notices);
void watching_stop(struct watching *w);
/* Waits for a batch and folds it. False when none comes for some seconds. */
bool watching_turn(struct watching *w);
/* Asks for a full sweep and folds until its end is folded. False when it was not whole. */
bool watching_sweep(struct watching *w);
/* Folds all that comes, until nothing has come for so long. */
void watching_settle(struct watching *w, int quiet_ms);

#endif
