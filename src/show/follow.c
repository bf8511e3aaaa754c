/* The queue of connections that want to be drawn. */
#include "show/follow.h"

#include <string.h>

/* An opening, or a step of a closing. The end of a TIME_WAIT is no news, and a listener has no ladder. */
static bool is_worth_drawing(const struct event *e)
{
	if (e->kind == EVENT_OPEN)
		return e->to != STATE_LISTEN;
	return e->kind == EVENT_TRANSITION && e->from != STATE_LISTEN && e->from != STATE_TIME_WAIT;
}

static uint64_t pair_id(const struct model *m, uint64_t conn)
{
	const struct connection *c = model_find(m, conn), *pair = c ? model_pair(m, c) : NULL;

	return pair ? pair->id : 0;
}

static bool is_waiting(const struct follow *f, uint64_t conn)
{
	for (unsigned i = 0; i < f->waiting; i++)
		if (f->queue[i].conn == conn)
			return true;
	return false;
}

static void take_away_first(struct follow *f)
{
	f->waiting--;
	memmove(&f->queue[0], &f->queue[1], f->waiting * sizeof(f->queue[0]));
}

void follow_event(struct follow *f, const struct model *m, const struct event *e)
{
	uint64_t pair;

	if (!is_worth_drawing(e))
		return;
	pair = pair_id(m, e->conn);
	if (e->conn == f->conn || (pair && pair == f->conn)) {
		f->rests_since_ns = 0;
		return;
	}
	if (is_waiting(f, e->conn) || (pair && is_waiting(f, pair)))
		return;
	if (f->waiting == FOLLOW_WAITING_MAX) {
		take_away_first(f);
		f->not_drawn++;
	}
	f->queue[f->waiting].conn = e->conn;
	f->queue[f->waiting++].since_ns = e->t_ns;
}

static int64_t last_step_ns(const struct connection *c)
{
	return c && c->history && c->history->count ? c->history->steps[c->history->count - 1].t_ns : 0;
}

static int64_t last_of_both_ns(const struct model *m, const struct connection *c)
{
	const int64_t one = last_step_ns(c), other = last_step_ns(model_pair(m, c));

	return one > other ? one : other;
}

/* What is left now will not be played again, not as its own mirror either. */
static void note_drawn(struct follow *f, const struct model *m)
{
	const struct connection *c = model_find(m, f->conn);

	if (!c)
		return;
	f->drawn[f->drawn_count % FOLLOW_DRAWN_MAX].conn = c->id;
	f->drawn[f->drawn_count++ % FOLLOW_DRAWN_MAX].last_ns = last_of_both_ns(m, c);
}

static bool was_drawn(const struct follow *f, const struct model *m, const struct connection *c)
{
	const struct connection *pair = model_pair(m, c);

	for (unsigned i = 0; i < FOLLOW_DRAWN_MAX && i < f->drawn_count; i++)
		if ((f->drawn[i].conn == c->id || (pair && f->drawn[i].conn == pair->id)) && f->drawn[i].last_ns >= last_of_both_ns(m, c))
			return true;
	return false;
}

/* Nothing has happened to it for a while, and newer ones wait. */
static bool is_late(const struct follow *f, const struct model *m, const struct connection *c, int64_t now_ns)
{
	return f->waiting > 0 && now_ns - last_of_both_ns(m, c) > FOLLOW_LATE_NS;
}

static bool take_next(struct follow *f, const struct model *m, int64_t now_ns)
{
	while (f->waiting > 0) {
		const int64_t since_ns = f->queue[0].since_ns;
		const struct connection *c = model_find(m, f->queue[0].conn);

		take_away_first(f);
		if (!c || is_late(f, m, c, now_ns)) {
			f->not_drawn++;
			continue;
		}
		if (c->opener == SIDE_REMOTE && model_pair(m, c))
			c = model_pair(m, c);
		if (c->id == f->conn || was_drawn(f, m, c))
			continue;
		f->conn = c->id;
		f->since_ns = since_ns;
		f->rests_since_ns = 0;
		return true;
	}
	return false;
}

static int64_t stay_ns(const struct follow *f)
{
	return FOLLOW_STAY_NS / (f->waiting == FOLLOW_WAITING_MAX ? 4 : f->waiting > FOLLOW_WAITING_MAX / 2 ? 2 : 1);
}

bool follow_turn(struct follow *f, const struct model *m, bool moves, int64_t now_ns)
{
	if (moves) {
		f->rests_since_ns = 0;
		return false;
	}
	if (f->conn && f->rests_since_ns == 0)
		f->rests_since_ns = now_ns;
	if (f->waiting == 0 || (f->conn && now_ns < f->rests_since_ns + stay_ns(f)))
		return false;
	note_drawn(f, m);
	return take_next(f, m, now_ns);
}

int64_t follow_due(const struct follow *f)
{
	if (f->waiting == 0 || f->rests_since_ns == 0)
		return INT64_MAX;
	return f->rests_since_ns + stay_ns(f);
}
