/* Playing a ladder row by row. */
#include "show/player.h"

#include "base/clock.h"

/* A step whose length is not known is shown as one of this length: about half a second in compressed time. */
#define UNKNOWN_STEP_NS (2 * NS_PER_MS)
/* The packet flies for this share of a row's time; for the rest the row stands whole, to be read. */
#define FLIGHT 0.75
#define HURRY_ROWS 4
#define HASTE_ROWS 8

void player_start(struct player *p, uint64_t conn, uint16_t whole, bool animate)
{
	*p = (struct player){.conn = conn, .whole = whole, .animate = animate};
}

unsigned player_behind(const struct player *p, const struct ladder *l)
{
	unsigned begun = p->whole + (p->started_ns != 0);

	return begun < l->count ? l->count - begun : 0;
}

bool player_moves(const struct player *p, const struct ladder *l)
{
	return p->animate && !p->paused_ns && p->whole < l->count;
}

/* How long the step to row `index` took, as far as it is to be waited for. */
static int64_t step_ns(const struct player *p, const struct ladder *l, const struct tempo *tempo, unsigned index)
{
	int64_t delta = l->rows[index].delta_ns;
	bool waited = p->fresh && tempo->kind != TEMPO_COMPRESSED; /* the wait before it has passed while nothing was played */
	bool after_data = index > 0 && l->rows[index - 1].part == PART_DATA && l->rows[index].part != PART_DATA;

	return delta < 0 || waited || after_data ? UNKNOWN_STEP_NS : delta;
}

/* Nanoseconds of the screen's time that row `whole` takes now. */
static int64_t shown_ns(const struct player *p, const struct ladder *l, const struct tempo *tempo)
{
	unsigned behind = player_behind(p, l) + p->waiting;
	int64_t ms = tempo_shown_ms(tempo, step_ns(p, l, tempo, p->whole));

	return ms * NS_PER_MS / (behind > HASTE_ROWS ? 4 : behind > HURRY_ROWS ? 2 : 1);
}

struct ladder_moment player_advance(struct player *p, const struct ladder *l, const struct tempo *tempo, int64_t now_ns)
{
	double progress;
	int64_t shown;

	if (p->whole > l->count || (!p->animate && !p->paused_ns)) {
		p->whole = l->count;
		p->started_ns = 0;
	}
	if (p->whole == l->count)
		return (struct ladder_moment){.whole = p->whole};
	if (!p->started_ns && p->paused_ns)
		return (struct ladder_moment){.whole = p->whole};
	if (!p->started_ns) {
		p->started_ns = now_ns;
		p->fresh = true;
	}
	shown = shown_ns(p, l, tempo);
	while (!p->paused_ns && now_ns - p->started_ns >= shown) {
		p->started_ns += shown;
		p->fresh = false;
		if (++p->whole == l->count) {
			p->started_ns = 0;
			return (struct ladder_moment){.whole = p->whole};
		}
		shown = shown_ns(p, l, tempo);
	}
	if (p->paused_ns)
		now_ns = p->paused_ns;
	progress = shown > 0 ? (double)(now_ns - p->started_ns) / ((double)shown * FLIGHT) : 1;
	return (struct ladder_moment){.whole = p->whole, .progress = progress < 0 ? 0 : progress > 1 ? 1 : progress};
}

void player_pause(struct player *p, bool pause, int64_t now_ns)
{
	if (pause == (p->paused_ns != 0))
		return;
	if (!pause && p->started_ns)
		p->started_ns += now_ns - p->paused_ns;
	p->paused_ns = pause ? now_ns : 0;
}

void player_step(struct player *p, const struct ladder *l, int direction, int64_t now_ns)
{
	player_pause(p, true, now_ns);
	if (p->whole > l->count)
		p->whole = l->count;
	if (direction > 0 && p->whole < l->count)
		p->whole++;
	else if (direction < 0 && !p->started_ns && p->whole > 0)
		p->whole--;
	p->started_ns = 0;
}

void player_seek(struct player *p, const struct ladder *l, unsigned whole)
{
	p->whole = (uint16_t)(whole < l->count ? whole : l->count);
	p->started_ns = 0;
}

void player_live(struct player *p, const struct ladder *l)
{
	player_seek(p, l, l->count);
	p->paused_ns = 0;
}
