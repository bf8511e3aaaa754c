/*
 * `synfin list`: one whole sweep, its owners found, and a row for each connection. Without a row kept: the table is measured in one pass over the model
 * and written in a second. JSON comes in the order in which the kernel lists, and without owners to wait for, while it does.
 */
#include "config.h"

#include <endian.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "commands.h"
#include "out/json_event.h"
#include "out/listing.h"
#include "feed.h"
#include "filtering.h"
#include "halving.h"
#include "surface.h"

#define OWNERS_PATIENCE_NS (60 * NS_PER_SECOND) /* behind the sweep; millions of descriptors take some seconds */
#define DEMO_PATIENCE_NS (5 * NS_PER_SECOND)   /* until its crowd has come together */
#define HALVING_FROM 8192u /* sockets; fewer are listed in milliseconds */
#define DEMO_INTERVAL_NS (100 * NS_PER_MS)

struct list {
	const struct options *options;
	struct feed feed;
	struct filtering filtering;
	struct halving halving;
	int64_t deadline_ns; /* 0: not set yet */
	struct output out;   /* JSON */
};

/* A row to be: what it is sorted by, as far as numbers hold it. */
struct place {
	uint64_t key, peer;
	uint32_t slot;
};

/* The kinds that tell most are there: an open connection, and the one that leaks. */
static bool crowd_gathered(const struct list *l)
{
	const struct model *m = live_model(l->feed.live);

	return model_population(m, STATE_ESTABLISHED) && model_population(m, STATE_CLOSE_WAIT);
}

/* A filtered sweep is whole in its way. */
static bool has_looked(const struct list *l)
{
	const struct coverage *c = model_coverage(live_model(l->feed.live));

	return c->last_whole_ns || (l->filtering.filter && c->sweeps && !c->sweeps_not_whole);
}

static void stop_waiting(void *context)
{
	struct list *l = context;

	loop_stop(l->feed.loop, 0);
}

static void list_turn(void *context)
{
	struct list *l = context;
	bool whole = live_ready(l->feed.live) && has_looked(l);

	if (l->out.error)
		loop_stop(l->feed.loop, 0);
	if (!live_ready(l->feed.live))
		return;
	if (!l->deadline_ns) {
		l->deadline_ns = clock_now_ns() + (l->options->demo ? DEMO_PATIENCE_NS : OWNERS_PATIENCE_NS);
		loop_at(l->feed.loop, l->deadline_ns, stop_waiting, l);
	}
	if (!whole || (feed_owners_found(&l->feed) && (!l->options->demo || crowd_gathered(l))))
		loop_stop(l->feed.loop, 0);
}

/* ---- JSON ---- */

static void tell_row(struct list *l, const struct event *row)
{
	json_add_event(&l->out.text, row);
	if (output_waiting(&l->out) >= OUTPUT_ENOUGH)
		output_flush(&l->out, -1);
}

/* What is told and not kept; the rest comes at the end. */
static void take_event(void *context, const struct event *e)
{
	struct list *l = context;

	if (e->kind == EVENT_CONNECTION && e->certainty == CERTAINTY_NONE && filtering_lets_row(&l->filtering, e))
		tell_row(l, e);
}

static int print_json(struct list *l)
{
	const struct model *m = live_model(l->feed.live);
	struct holder holders[MODEL_TELL_HOLDERS];
	int64_t now_ns = clock_now_ns();

	for (uint32_t slot = 0; slot < model_slots(m) && !l->out.error; slot++) {
		const struct connection *c = model_at(m, slot);
		struct event row;

		if (!c || !c->live || !filtering_lets(&l->filtering, m, c, now_ns))
			continue;
		row = model_row(m, c, now_ns, holders);
		tell_row(l, &row);
	}
	return output_flush(&l->out, -1);
}

/* ---- the table ---- */

/* The end of an address: all of it that there is in IPv4. */
static uint64_t address_end(const struct endpoint *e)
{
	uint32_t end;

	memcpy(&end, &e->address[12], sizeof end);
	return be32toh(end);
}

/* LISTEN first, then as a life goes; within a state by port and address, then by those of the peer. */
static struct place place_of(const struct connection *c)
{
	const struct tuple tuple = connection_tuple(c);
	const uint64_t rank = state_life_place((enum tcp_state)c->state);

	return (struct place){
		.key = rank << 60 | (uint64_t)tuple.local.port << 44 | address_end(&tuple.local) << 12,
		.peer = address_end(&tuple.remote) << 16 | tuple.remote.port,
		.slot = c->slot,
	};
}

static int compare_places(const void *left, const void *right, void *context)
{
	const struct place *a = left, *b = right;
	const struct model *m = *(const struct model **)context;
	const struct connection *ca, *cb;
	struct tuple ta, tb;
	int order;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->peer != b->peer)
		return a->peer < b->peer ? -1 : 1;
	ca = model_at(m, a->slot);
	cb = model_at(m, b->slot);
	ta = connection_tuple(ca);
	tb = connection_tuple(cb);
	order = memcmp(&ta.local.address, &tb.local.address, sizeof ta.local.address);
	if (!order)
		order = memcmp(&ta.remote.address, &tb.remote.address, sizeof ta.remote.address);
	if (!order)
		order = (int)ta.remote.port - tb.remote.port;
	if (!order)
		order = ca->id < cb->id ? -1 : 1;
	return order;
}

/* The rows to be, sorted, and the table as wide as they need it: both from one walk in the order of memory. */
static struct place *measured_places(const struct list *l, struct listing *table, uint32_t *count, int64_t now_ns)
{
	const struct model *m = live_model(l->feed.live);
	struct place *places = memory_get_zeroed(model_slots(m) + 1u, sizeof *places);
	struct holder holders[MODEL_TELL_HOLDERS];

	*count = 0;
	for (uint32_t slot = 0; slot < model_slots(m); slot++) {
		const struct connection *c = model_at(m, slot);
		struct event row;

		if (!c || !c->live || !filtering_lets(&l->filtering, m, c, now_ns))
			continue;
		row = model_row(m, c, now_ns, holders);
		listing_measure(table, &row);
		places[(*count)++] = place_of(c);
	}
	qsort_r(places, *count, sizeof *places, compare_places, &m);
	return places;
}

/* Sorted, rows lie all over memory: it is asked for them ahead. */
#define ROWS_AHEAD 8u

static int print_table(const struct list *l, int64_t now_ns)
{
	const struct model *m = live_model(l->feed.live);
	struct holder holders[MODEL_TELL_HOLDERS];
	struct listing table;
	struct place *places;
	struct output out;
	uint32_t count;
	int error = 0;

	surface_open(&out, l->options);
	listing_init(&table, surface_glyphs(l->options), surface_color(l->options));
	places = measured_places(l, &table, &count, now_ns);
	listing_fit(&table, surface_columns());
	listing_add_head(&table, &out.text);
	for (uint32_t i = 0; i < count && !error; i++) {
		struct event row = model_row(m, model_at(m, places[i].slot), now_ns, holders);

		if (i + ROWS_AHEAD < count)
			model_prefetch(m, places[i + ROWS_AHEAD].slot);
		listing_add_row(&table, &row, &out.text);
		if (output_waiting(&out) >= OUTPUT_ENOUGH)
			error = output_flush(&out, -1);
	}
	error = error ? error : output_flush(&out, -1);
	free(places);
	listing_fini(&table);
	output_fini(&out);
	return error;
}

static int print(struct list *l)
{
	return surface_result(l->options->json ? print_json(l) : print_table(l, clock_now_ns()));
}

/* What the kernel was needed for it may have refused: it lets not everybody ask for everything. */
static void tell_failure(const struct list *l)
{
	const char *trouble = feed_trouble(&l->feed);

	if (trouble && l->filtering.watch.needed)
		log_line(_("the kernel does not filter as it was asked to: %s"), trouble);
	else
		log_line(_("cannot list TCP connections: %s"), trouble ? trouble : _("the dump was cut short"));
}

static bool is_worth_halving(void)
{
	cpu_set_t cores;

	/* Refused, there are more of them than fit. */
	return watch_count_sockets() >= HALVING_FROM && (sched_getaffinity(0, sizeof cores, &cores) || CPU_COUNT(&cores) > 1);
}

int cmd_list(const struct options *o)
{
	/* Where nobody waits for owners, rows are told as they come and nothing is kept of them. */
	const bool at_once = o->json && !o->owners && !o->demo;
	struct list l = { .options = o };
	struct feed_use use = {
		/* Somebody waits, and it is over soon: no reason to be slow. */
		.interval_ns = o->demo ? DEMO_INTERVAL_NS : INTERVAL_MAX_NS, .budget = 1, .turn = list_turn,
		.sink = at_once ? take_event : NULL, .passing = at_once, .context = &l,
	};
	int status = EXIT_FAILED;

	/* The demo's crowd is small, and is looked at again and again. */
	if (filtering_open(&l.filtering, o, !o->demo))
		return EXIT_USAGE;
	if (l.filtering.filter && !o->demo)
		use.filter = &l.filtering.watch;
	if (at_once && is_worth_halving()) {
		halving_open(&l.halving);
		use.halves = l.halving.halves;
	}
	if (feed_open(&l.feed, o, &use)) {
		halving_close(&l.halving);
		filtering_close(&l.filtering);
		return EXIT_FAILED;
	}
	surface_open(&l.out, o);
	loop_run(l.feed.loop);
	live_end_watch(l.feed.live);
	if (feed_is_proc(&l.feed))
		log_line(_("sock_diag does not answer (%s): read from /proc/net/tcp, which tells less"), feed_trouble(&l.feed));
	/* Rows that were told at once may have had no reader: then nobody looked to the end. */
	if (l.out.error)
		status = surface_result(l.out.error);
	else if (has_looked(&l))
		status = print(&l);
	else
		tell_failure(&l);
	if (status == EXIT_DONE && !l.out.error && o->all_netns && model_coverage(live_model(l.feed.live))->sweeps_not_whole) {
		log_line(_("not every network namespace could be listed whole: %s"), feed_trouble(&l.feed) ? feed_trouble(&l.feed) : _("the dump was cut short"));
		status = EXIT_FAILED;
	}
	if (status == EXIT_DONE && !l.out.error && o->all_netns && model_coverage(live_model(l.feed.live))->netns_unwatched) {
		log_line(_("not every network namespace could be entered"));
		status = EXIT_FAILED;
	}
	output_fini(&l.out);
	feed_close(&l.feed);
	halving_close(&l.halving);
	filtering_close(&l.filtering);
	return status;
}
