/* What became of openings and closings, since the beginning and in each second. */
#include "wall_queue.h"

#include "base/clock.h"

#define SECONDS (WALL_RATE_SECONDS + 1)

static struct wall_tally *present(struct wall *w)
{
	return &w->seconds[w->second % SECONDS];
}

void wall_tally_take_not_drawn(struct wall *w, uint32_t acts[WALL_ACTS])
{
	for (unsigned i = 0; i < WALL_ACTS; i++) {
		w->total.not_drawn[i] += acts[i];
		present(w)->not_drawn[i] += acts[i];
		acts[i] = 0;
	}
}

void wall_tally_take_drawn(struct wall *w, uint32_t acts[WALL_ACTS])
{
	for (unsigned i = 0; i < WALL_ACTS; i++) {
		w->total.drawn += acts[i];
		present(w)->drawn += acts[i];
		acts[i] = 0;
	}
}

void wall_tally_take_outside(struct wall *w)
{
	w->total.outside++;
	present(w)->outside++;
}

void wall_tally_roll(struct wall *w, int64_t now_ns)
{
	const int64_t second = now_ns / NS_PER_SECOND;

	if (second < w->second || second > w->second + WALL_RATE_SECONDS) { /* nobody has looked for a while */
		w->seconds_whole = 0;
		w->second = second;
		*present(w) = (struct wall_tally){0};
	}
	while (w->second < second) {
		w->second++;
		*present(w) = (struct wall_tally){0};
		if (w->seconds_whole < WALL_RATE_SECONDS)
			w->seconds_whole++;
	}
}

static uint64_t mean(uint64_t sum, uint32_t count)
{
	return (sum + count / 2) / count;
}

struct wall_tally wall_rates(const struct wall *w)
{
	struct wall_tally rates = {0};

	for (uint32_t ago = 1; ago <= w->seconds_whole; ago++) {
		const struct wall_tally *t = &w->seconds[(w->second - ago) % SECONDS];

		rates.drawn += t->drawn;
		rates.outside += t->outside;
		for (unsigned i = 0; i < WALL_ACTS; i++)
			rates.not_drawn[i] += t->not_drawn[i];
	}
	if (w->seconds_whole < 2)
		return rates;
	rates.drawn = mean(rates.drawn, w->seconds_whole);
	rates.outside = mean(rates.outside, w->seconds_whole);
	for (unsigned i = 0; i < WALL_ACTS; i++)
		rates.not_drawn[i] = mean(rates.not_drawn[i], w->seconds_whole);
	return rates;
}

uint64_t wall_tally_not_drawn(const struct wall_tally *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WALL_ACTS; i++)
		sum += t->not_drawn[i];
	return sum;
}
