/* Which events belong to a filtered stream: see track/filter.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter_private.h"

/* How the connection in a slot of the model was when it was last looked at. */
struct filter_past {
	uint64_t conn; /* 0: none was */
	int64_t since0_ns, since1_ns;
	uint16_t knows;
	uint8_t state;
	bool fitted;
};

void filter_stream_init(struct filter_stream *s, const struct filter *f)
{
	*s = (struct filter_stream){.filter = f};
}

void filter_stream_fini(struct filter_stream *s)
{
	free(s->past);
	*s = (struct filter_stream){0};
}

static struct filter_past *past_of(struct filter_stream *s, uint32_t slot)
{
	if (slot >= s->slots) {
		const uint32_t slots = slot + slot / 2 + 64;

		s->past = memory_resize(s->past, slots, sizeof(*s->past));
		memset(s->past + s->slots, 0, (slots - s->slots) * sizeof(*s->past));
		s->slots = slots;
	}
	return &s->past[slot];
}

/* Whether it fitted until now: by its age it can have come to fit since it was last looked at. Of what may have changed with the event only its state is taken back. */
static bool fitted_before(const struct filter *f, const struct filter_past *past, const struct filter_row *now, int64_t now_ns)
{
	struct facts facts = *now->facts;
	struct filter_row before = *now;

	if (past->fitted)
		return true;
	facts.knows = (uint16_t)((facts.knows & ~(KNOWS_SINCE | KNOWS_ATLEAST)) | (past->knows & (KNOWS_SINCE | KNOWS_ATLEAST)));
	before.facts = &facts;
	before.state = past->state;
	before.since0_ns = past->since0_ns;
	before.since1_ns = past->since1_ns;
	return filter_matches(f, &before, now_ns);
}

static bool fits_now(struct filter_stream *s, struct filter_past *past, const struct connection *c, const struct filter_row *row, int64_t now_ns)
{
	*past = (struct filter_past){
		.conn = c->id,
		.since0_ns = row->since0_ns,
		.since1_ns = row->since1_ns,
		.knows = row->facts->knows,
		.state = row->state,
		.fitted = filter_matches(s->filter, row, now_ns),
	};
	return past->fitted;
}

bool filter_stream_row(struct filter_stream *s, const struct model *m, const struct connection *c, int64_t now_ns)
{
	const struct filter_row row = filter_row_of(m, c);

	return fits_now(s, past_of(s, c->slot), c, &row, now_ns);
}

bool filter_stream_event(struct filter_stream *s, const struct model *m, const struct event *e)
{
	const struct connection *c = model_find(m, e->conn);
	struct filter_past *past;
	struct filter_row row;
	bool before;

	if (!c)
		return !e->conn;
	past = past_of(s, c->slot);
	row = filter_row_of(m, c);
	before = past->conn == c->id && fitted_before(s->filter, past, &row, e->t_ns);
	return fits_now(s, past, c, &row, e->t_ns) || before;
}
