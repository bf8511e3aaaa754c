/* The live source without a loop: see watching.h. */
#include "config.h"

#include "watching.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SILENCE_MAX_MS 60000

void watching_start(struct watching *w, bool owners, bool notices)
{
	const struct watch_plan plan = {.fast_interval_ns = NS_PER_SECOND, .budget = 1, .numbers = true, .owners = owners, .notices = notices};
	const struct tracker_config config = {.seed = (uint64_t)clock_now_ns(), .port_low = 32768, .port_high = 60999, .notices = notices};
	const char *where = "";
	int error;

	*w = (struct watching){0};
	error = watch_start(&plan, WATCH_SOCKETS_OWN, &w->watch, &where);
	if (error) {
		fprintf(stderr, "%s: %s\n", where, strerror(-error));
		exit(1);
	}
	w->model = model_new(config.seed);
	w->tracker = tracker_new(w->model, &config, NULL, NULL);
}

void watching_stop(struct watching *w)
{
	watch_stop(w->watch);
	tracker_free(w->tracker);
	model_free(w->model);
}

static void note(struct watching *w, const struct batch *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const struct observation *o = &b->observations[i];

		w->answers += o->kind == OBSERVED_LOOKUP || o->kind == OBSERVED_ABSENT || o->kind == OBSERVED_UNANSWERED;
		if (o->kind == OBSERVED_SWEEP_END && o->sweep.why_not != SWEEP_MASKED) {
			w->last = o->sweep;
			w->full_sweeps++;
		}
	}
}

static bool turn(struct watching *w, int patience_ms)
{
	struct pollfd ready = {.fd = queue_fd(watch_batches(w->watch)), .events = POLLIN};
	struct batch *b = queue_take(watch_batches(w->watch));
	struct lookup lookup;
	int64_t now_ns;

	if (!b && poll(&ready, 1, patience_ms) > 0)
		b = queue_take(watch_batches(w->watch));
	now_ns = clock_now_ns();
	if (!b) {
		tracker_turn(w->tracker, now_ns);
		return false;
	}
	tracker_observe(w->tracker, b, now_ns);
	note(w, b);
	batch_free(b);
	while (tracker_want(w->tracker, &lookup))
		if (!watch_look_up(w->watch, &lookup))
			tracker_lookup_dropped(w->tracker, &lookup, now_ns);
	return true;
}

bool watching_turn(struct watching *w)
{
	return turn(w, SILENCE_MAX_MS);
}

bool watching_sweep(struct watching *w)
{
	uint64_t before = w->full_sweeps;

	watch_sweep_now(w->watch);
	while (w->full_sweeps == before)
		if (!watching_turn(w))
			return false;
	return w->last.why_not == SWEEP_WHOLE;
}

void watching_settle(struct watching *w, int quiet_ms)
{
	while (turn(w, quiet_ms))
		;
}
