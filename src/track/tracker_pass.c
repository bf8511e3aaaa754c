/*
 * Rows that are told and not kept, for who looks at a host once: nothing that is still to come of the dump could tell them better, and a million of them need no model.
 *
 * Kept are listeners, for they are evidence for others, and what has no cookie to be known by.
 */
#include "tracker_private.h"

static bool is_to_be_kept(const struct tracker *t, const struct sample *s)
{
	if (!s->cookie || s->state == STATE_LISTEN || s->state == STATE_CLOSED)
		return true;
	/* As a rule only listeners are known, which do not become something else within one sweep. */
	return model_live(t->model) > model_population(t->model, STATE_LISTEN) && model_find_cookie(t->model, t->scene.netns, s->cookie);
}

static enum side own_opener(const struct event *row)
{
	return row->opener_by == EVIDENCE_EDGE || row->opener_by == EVIDENCE_COUNTED ? (enum side)row->opener : SIDE_UNKNOWN;
}

bool tracker_pass(struct tracker *t, const struct observation *o)
{
	const struct sample *s = &o->sample;
	struct event *row = &t->verdict.events[0];
	struct passed_one *one;

	if (!t->config.passing || is_to_be_kept(t, s))
		return false;
	if (!passed_add(&t->passed, t->scene.netns, &s->tuple, s->cookie, &one))
		return true;
	infer_row(&t->scene, o, &t->verdict);
	tracker_units_name(t, s);
	t->verdict.count = 0;
	row->netns_name = model_name_of_netns(t->model, row->netns);
	/* As model_row() has it: what is, not how it came to be known. */
	row->certainty = row->when = CERTAINTY_NONE;
	row->t0_ns = row->t1_ns = 0;
	passed_set_opener(one, own_opener(row));
	t->sink(t->context, row);
	return true;
}
