/*
 * `synfin events`: a header, a keyframe, and then a line for each thing that happens.
 *
 * The reader may be slower than the host, or gone. Nothing here waits inside write(): what standard output does not take now waits in the buffer, the
 * loop listens for room, and while much waits, or the keyframe is being told, the live model is paused; then the watch falls behind and says so itself.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "commands.h"
#include "feed.h"
#include "filtering.h"
#include "out/json_event.h"
#include "out/text_event.h"
#include "surface.h"

#define FIRST_SWEEP_PATIENCE_NS (3 * NS_PER_SECOND) /* for a whole one, after one that was not */
#define OWNERS_PATIENCE_NS NS_PER_SECOND            /* for the owners of what the first sweep found */
#define SLICE_NS (5 * NS_PER_MS)                    /* of the keyframe */
#define LAST_WORDS_PATIENCE_NS NS_PER_SECOND        /* for a reader that does not read, from when we are to stop on */
/* For what the kernel had noticed by then, when the time is up. Usually it takes a few ms; but a dump can keep the thread that looks for a third of a second in the kernel,
 * while the last ends wait for their look-ups. */
#define LAST_EVENTS_PATIENCE_NS (500 * NS_PER_MS)

enum phase {
	PHASE_WAITING,  /* for the first sweep */
	PHASE_KEYFRAME, /* telling what is there */
	PHASE_STREAM,
	PHASE_LAST, /* the time is up: telling what happened until then */
	PHASE_ENDING,
};

struct events {
	const struct options *options;
	struct feed feed;
	struct filtering filtering;
	struct filter_stream stream; /* of the filter, if there is one */
	struct output out;
	struct text_event style;
	enum phase phase;
	uint32_t slot;            /* PHASE_KEYFRAME: the next to tell */
	int64_t keyframe_ns;      /* when it was begun: the moment at which its rows are asked about */
	uint64_t rows;            /* in it */
	uint64_t told;            /* events, of --count */
	struct coverage coverage; /* as last told */
	int64_t give_up_ns;       /* PHASE_WAITING: when to begin with what there is */
	int64_t up_ns;            /* PHASE_LAST: when the time was up */
	bool hurry;               /* asked to end once more */
	bool headed;              /* the head of the stream is told */
	bool told_trouble;        /* that the first sweep was not whole */
	bool hears_room;          /* the loop listens for room in standard output */
};

static void pump(struct events *ev);
static void events_turn(void *context);

static bool tell(struct events *ev, const struct event *e)
{
	if (!ev->options->json)
		return text_event_add(&ev->style, &ev->out.text, e);
	json_add_event(&ev->out.text, e);
	return true;
}

static void tell_coverage(struct events *ev)
{
	struct event e = { .kind = EVENT_COVERAGE, .t_ns = clock_now_ns() };

	ev->coverage = *model_coverage(live_model(ev->feed.live));
	e.coverage = &ev->coverage;
	tell(ev, &e);
}

/* Whether less was seen than before, or more again. Counters of what goes well are no news, nor is a source that goes on failing as it did. */
static bool coverage_is_news(const struct coverage *before, const struct coverage *now)
{
	return (now->sweeps_not_whole != before->sweeps_not_whole && !now->errors[SOURCE_DIAG]) || now->notices_lost != before->notices_lost ||
	       now->owner_scan_done != before->owner_scan_done || now->lookups_dropped != before->lookups_dropped ||
	       now->swept_by != before->swept_by || now->shedding != before->shedding || now->ends_unseen != before->ends_unseen ||
	       now->illegal != before->illegal || now->netns_unwatched != before->netns_unwatched ||
	       (now->owners_hidden != 0) != (before->owners_hidden != 0) || memcmp(now->errors, before->errors, sizeof now->errors);
}

/* The event, and whose connection it is as far as the model knows: who reads a line wants to know that first. */
static struct event with_holders(const struct events *ev, const struct event *e, struct holder holders[MODEL_TELL_HOLDERS])
{
	const struct model *m = live_model(ev->feed.live);
	const struct connection *c = model_find(m, e->conn);
	struct event whose = *e, row;

	if (c && !whose.netns_name)
		whose.netns_name = model_netns_name(m, c);
	if (!c || e->holder_count || (e->kind == EVENT_UPDATE && !e->holders_former))
		return whose;
	row = model_row(m, c, e->t_ns, holders);
	whose.holders = row.holders;
	whose.holder_count = row.holder_count;
	whose.holders_former = row.holders_former;
	whose.owner_hidden = row.owner_hidden;
	if (e->kind != EVENT_UPDATE)
		whose.unit = row.unit;
	if (!(whose.facts.knows & KNOWS_UID)) {
		whose.facts.knows |= row.facts.knows & KNOWS_UID;
		whose.facts.uid = row.facts.uid;
	}
	return whose;
}

static bool has_history(const struct events *ev, const struct event *e)
{
	const struct connection *c = model_find(live_model(ev->feed.live), e->conn);

	return c && connection_steps(c);
}

static void take_event(void *context, const struct event *e)
{
	struct events *ev = context;
	struct holder holders[MODEL_TELL_HOLDERS];
	struct event whose;

	/* Before the keyframe the model has it, and the keyframe will tell. Coverage is told when it is news. */
	if ((ev->phase != PHASE_STREAM && ev->phase != PHASE_LAST) || e->kind == EVENT_COVERAGE)
		return;
	/* Noticed while the rest was taken in, and surely of later. */
	if (ev->phase == PHASE_LAST && e->t0_ns > ev->up_ns)
		return;
	if (ev->filtering.filter && !filter_stream_event(&ev->stream, live_model(ev->feed.live), e))
		return;
	/* Owners found late, of connections that were there before: data, but no news for a person. */
	if (e->kind == EVENT_UPDATE && !ev->options->json && !has_history(ev, e))
		return;
	whose = with_holders(ev, e, holders);
	if (tell(ev, &whose) && ++ev->told == ev->options->count) {
		ev->phase = PHASE_ENDING;
		loop_stop(ev->feed.loop, 0);
	}
}

static void give_up(void *context)
{
	struct events *ev = context;

	loop_stop(ev->feed.loop, 0);
}

/* A stream that has not begun, or is asked twice to end, ends at once. */
static void time_is_up(void *context)
{
	struct events *ev = context;

	ev->hurry = ev->phase == PHASE_LAST;
	if (ev->phase != PHASE_STREAM) {
		loop_stop(ev->feed.loop, 0);
		return;
	}
	ev->phase = PHASE_LAST;
	ev->up_ns = clock_now_ns();
	live_finish(ev->feed.live);
	loop_at(ev->feed.loop, ev->up_ns + LAST_EVENTS_PATIENCE_NS, give_up, ev);
}

/* A signal can have come before: that is not to be asked twice. */
static void run_for_timer(void *context)
{
	struct events *ev = context;

	if (ev->phase != PHASE_LAST)
		time_is_up(ev);
}

/* Not before the first sweep, which shows what the sources are; and once. */
static void tell_header(struct events *ev)
{
	struct json_header h;

	if (ev->headed)
		return;
	ev->headed = true;
	feed_describe(&ev->feed, &h);
	if (ev->options->json)
		json_add_header(&ev->out.text, &h);
	else
		text_event_header(&ev->style, &ev->out.text, &h);
}

/* Rows that are let through. */
static uint64_t count_rows(const struct events *ev)
{
	const struct model *m = live_model(ev->feed.live);
	uint64_t count = 0;

	if (!ev->filtering.filter)
		return model_live(m);
	for (uint32_t slot = 0; slot < model_slots(m); slot++) {
		const struct connection *c = model_at(m, slot);

		count += c && c->live && filtering_lets(&ev->filtering, m, c, ev->keyframe_ns);
	}
	return count;
}

static void begin_keyframe(struct events *ev)
{
	struct event e = { .kind = EVENT_KEYFRAME_BEGIN, .t_ns = clock_now_ns() };

	tell_header(ev);
	live_pause(ev->feed.live, true);
	ev->phase = PHASE_KEYFRAME;
	ev->keyframe_ns = e.t_ns;
	ev->rows = e.count = count_rows(ev);
	tell(ev, &e);
	if (ev->options->for_ns)
		loop_at(ev->feed.loop, clock_now_ns() + ev->options->for_ns, run_for_timer, ev);
}

static void end_keyframe(struct events *ev)
{
	struct event e = {
		.kind = EVENT_KEYFRAME_END, .t_ns = clock_now_ns(), .count = ev->rows,
	};

	tell(ev, &e);
	ev->phase = PHASE_STREAM;
	if (coverage_is_news(&ev->coverage, model_coverage(live_model(ev->feed.live))))
		tell_coverage(ev);
}

/* Rows, as many as fit a slice of time or the buffer. */
static void tell_rows(struct events *ev)
{
	const struct model *m = live_model(ev->feed.live);
	struct holder holders[MODEL_TELL_HOLDERS];
	int64_t began_ns = clock_now_ns();

	while (ev->slot < model_slots(m)) {
		const struct connection *c = model_at(m, ev->slot++);

		if (c && c->live && (!ev->filtering.filter || filter_stream_row(&ev->stream, m, c, ev->keyframe_ns))) {
			struct event row = model_row(m, c, began_ns, holders);

			tell(ev, &row);
		}
		if (output_waiting(&ev->out) >= OUTPUT_ENOUGH || (ev->slot % 64 == 0 && clock_now_ns() - began_ns > SLICE_NS))
			return;
	}
	end_keyframe(ev);
}

static void run_pump(void *context)
{
	pump(context);
}

static void output_ready(void *context, uint32_t epoll_events)
{
	struct events *ev = context;

	(void)epoll_events;
	pump(ev);
	/* A pipe without a reader reports itself for as long as it is listened to: a write would fail now. */
	if (epoll_events & (EPOLLERR | EPOLLHUP) && !ev->out.error && !output_waiting(&ev->out)) {
		ev->out.error = -EPIPE;
		loop_stop(ev->feed.loop, 0);
	}
}

/* Listens for room, or only for the reader's end. A regular file can do neither, and never makes us wait. */
static void hear_output(struct events *ev, bool room)
{
	if (ev->hears_room == room)
		return;
	loop_remove_fd(ev->feed.loop, STDOUT_FILENO);
	loop_add_fd(ev->feed.loop, STDOUT_FILENO, room ? EPOLLOUT : 0, output_ready, ev);
	ev->hears_room = room;
}

/* Moves what there is on its way. */
static void pump(struct events *ev)
{
	if (ev->phase == PHASE_KEYFRAME && output_waiting(&ev->out) < OUTPUT_ENOUGH)
		tell_rows(ev);
	if (output_try(&ev->out)) {
		loop_stop(ev->feed.loop, 0);
		return;
	}
	hear_output(ev, output_waiting(&ev->out) > 0);
	if (ev->phase == PHASE_KEYFRAME && !output_waiting(&ev->out))
		loop_at(ev->feed.loop, clock_now_ns(), run_pump, ev);
	live_pause(ev->feed.live, ev->phase == PHASE_KEYFRAME || output_waiting(&ev->out) >= OUTPUT_ENOUGH);
}

/* Whether to begin: after the first whole sweep, with its owners found if that does not take long; and if there has been none for a while, with what is known, for notices still come in. */
static bool may_begin(struct events *ev)
{
	bool whole;

	if (!live_ready(ev->feed.live))
		return false;
	whole = model_coverage(live_model(ev->feed.live))->last_whole_ns;
	if (whole && feed_owners_found(&ev->feed))
		return true;
	if (!ev->give_up_ns) {
		ev->give_up_ns = clock_now_ns() + (whole ? OWNERS_PATIENCE_NS : FIRST_SWEEP_PATIENCE_NS);
		loop_at(ev->feed.loop, ev->give_up_ns, events_turn, ev);
	}
	if (!whole && !ev->told_trouble) {
		ev->told_trouble = true;
		log_line(_("the first look at the host failed: %s"), feed_trouble(&ev->feed) ? feed_trouble(&ev->feed) : _("the dump was cut short"));
	}
	return clock_now_ns() >= ev->give_up_ns;
}

static void events_turn(void *context)
{
	struct events *ev = context;

	if (ev->phase == PHASE_WAITING && may_begin(ev))
		begin_keyframe(ev);
	if (ev->phase == PHASE_STREAM && coverage_is_news(&ev->coverage, model_coverage(live_model(ev->feed.live))))
		tell_coverage(ev);
	pump(ev);
	if (ev->phase == PHASE_LAST && live_is_finished(ev->feed.live))
		loop_stop(ev->feed.loop, 0);
}

static void on_signal(void *context, int signal)
{
	(void)signal;
	time_is_up(context);
}

/* Whoever asks twice waits for nobody. */
static int patience_ms(const struct events *ev)
{
	const int64_t spent_ns = ev->up_ns ? clock_now_ns() - ev->up_ns : 0;

	return ev->hurry || spent_ns >= LAST_WORDS_PATIENCE_NS ? 0 : (int)((LAST_WORDS_PATIENCE_NS - spent_ns) / NS_PER_MS);
}

int cmd_events(const struct options *o)
{
	struct events ev = { .options = o, .style = { .glyphs = surface_glyphs(o), .color = surface_color(o), .netns = o->all_netns } };
	struct feed_use use = {
		.interval_ns = o->interval_ns, .budget = o->budget, .notices = true, .sink = take_event, .turn = events_turn, .context = &ev,
	};
	int error;

	if (filtering_open(&ev.filtering, o, false))
		return EXIT_USAGE;
	filter_stream_init(&ev.stream, ev.filtering.filter);
	if (feed_open(&ev.feed, o, &use)) {
		filtering_close(&ev.filtering);
		return EXIT_FAILED;
	}
	surface_open(&ev.out, o);
	loop_on_signal(ev.feed.loop, SIGINT, on_signal, &ev);
	loop_on_signal(ev.feed.loop, SIGTERM, on_signal, &ev);
	loop_add_fd(ev.feed.loop, STDOUT_FILENO, 0, output_ready, &ev);
	pump(&ev);
	loop_run(ev.feed.loop);
	if (ev.phase == PHASE_LAST)
		live_end_watch(ev.feed.live);
	tell_header(&ev);
	tell_coverage(&ev);
	/* One more signal ends it where it stands. */
	loop_give_signals_back(ev.feed.loop);
	error = output_flush(&ev.out, patience_ms(&ev));
	output_fini(&ev.out);
	feed_close(&ev.feed);
	filter_stream_fini(&ev.stream);
	filtering_close(&ev.filtering);
	return surface_result(error);
}
