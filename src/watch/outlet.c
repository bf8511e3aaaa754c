/* From observations to batches in the queue: see watch/outlet.h. */
#include "config.h"

#include "watch/outlet.h"

#include <string.h>

/* Some 4 ms of a dump. */
#define GATHER_BATCHES 8u

void outlet_init(struct outlet *o, struct queue *queue, uint64_t netns, bool patient)
{
	*o = (struct outlet){.queue = queue, .netns = netns, .patient = patient};
}

void outlet_fini(struct outlet *o)
{
	batch_free(o->open);
	for (unsigned i = 0; i < o->backlog_count; i++)
		batch_free(o->backlog[i]);
	o->open = NULL;
	o->backlog_count = 0;
}

static void outlet_put_by(struct outlet *o)
{
	o->backlog[o->backlog_count++] = o->open;
	o->open = NULL;
}

static void outlet_flush_backlog(struct outlet *o)
{
	unsigned done = 0;

	while (done < o->backlog_count && queue_try_put(o->queue, o->backlog[done]))
		done++;
	o->backlog_count -= done;
	memmove(o->backlog, o->backlog + done, o->backlog_count * sizeof(*o->backlog));
}

static void outlet_flush_patiently(struct outlet *o)
{
	void *batches[OUTLET_BACKLOG + 1] = {0};
	unsigned count = 0, done;

	while (count < o->backlog_count) {
		batches[count] = o->backlog[count];
		count++;
	}
	if (o->open)
		batches[count++] = o->open;
	o->backlog_count = 0;
	o->open = NULL;
	/* Refused only once the watch is being stopped: nobody will want them. */
	for (done = queue_put_all(o->queue, batches, count); done < count; done++)
		batch_free(batches[done]);
}

void outlet_flush(struct outlet *o)
{
	if (o->patient) {
		outlet_flush_patiently(o);
		return;
	}
	outlet_flush_backlog(o);
	if (!o->open)
		return;
	if (o->backlog_count == 0 && queue_try_put(o->queue, o->open)) {
		o->open = NULL;
	} else if (o->backlog_count < OUTLET_BACKLOG && o->open->count == BATCH_ROOM) {
		/* Batches that are not full go on being filled: the backlog is counted in batches. */
		outlet_put_by(o);
	}
}

static bool outlet_is_elsewhere(const struct outlet *o)
{
	return o->open && o->open->netns != o->netns;
}

/* What fills it goes out, but not each by itself where nobody is kept waiting: waking the reader costs as much as some dozen sockets. */
static bool outlet_is_full(const struct outlet *o)
{
	return o->open && o->open->count == BATCH_ROOM && (!o->patient || o->backlog_count + 1 >= GATHER_BATCHES);
}

/* A batch is of one namespace. Those of several go out together, so that the reader is woken once. False if there is no room. */
static bool outlet_make_room(struct outlet *o)
{
	if (outlet_is_full(o) || (outlet_is_elsewhere(o) && o->backlog_count == OUTLET_BACKLOG))
		outlet_flush(o);
	else if (o->open && o->open->count == BATCH_ROOM && o->patient)
		outlet_put_by(o);
	if (outlet_is_elsewhere(o) && o->backlog_count == OUTLET_BACKLOG)
		return false;
	if (outlet_is_elsewhere(o))
		outlet_put_by(o);
	if (!o->open) {
		o->open = batch_new();
		o->open->netns = o->netns;
	}
	return true;
}

void outlet_set_netns(struct outlet *o, uint64_t netns)
{
	o->netns = netns;
}

struct observation *outlet_add(struct outlet *o, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns)
{
	return !outlet_make_room(o) ? NULL : batch_add(o->open, kind, t0_ns, t1_ns);
}

struct observation *outlet_add_raw(struct outlet *o, enum observation_kind kind, int64_t t0_ns, int64_t t1_ns)
{
	return !outlet_make_room(o) ? NULL : batch_add_raw(o->open, kind, t0_ns, t1_ns);
}

struct batch *outlet_take_back(struct outlet *o)
{
	struct batch *oldest = o->backlog_count > 0 ? o->backlog[0] : o->open;

	if (o->backlog_count > 0)
		memmove(o->backlog, o->backlog + 1, --o->backlog_count * sizeof(*o->backlog));
	else
		o->open = NULL;
	return oldest;
}

bool outlet_is_stuck(const struct outlet *o)
{
	return !o->patient && (o->open || o->backlog_count > 0);
}
