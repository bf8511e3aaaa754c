/*
 * What has changed since the index was built, merged into it.
 *
 * The connections that events told of are taken out, wherever they stand, and come in again where they belong now: among the rows in order, each found
 * by halving, or behind them. So the work depends on how much has changed and on how many rows are in order, never on how many there are.
 *
 * Whoever warns by its age counts as it did when the index was built (order_ns): else the rows in order would not be.
 */
#include "config.h"

#include "show/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "list_private.h"

#define MERGE_NS (100 * NS_PER_MS)

/* ---- what changed ---- */

static void note_change(struct list_changes *changes, uint64_t conn)
{
	if (changes->lost || (changes->count > 0 && changes->conns[changes->count - 1] == conn))
		return;
	if (changes->count == LIST_CHANGES_MAX) {
		changes->lost = true;
		return;
	}
	if (changes->count == changes->room) {
		changes->room = changes->room * 2 + 64;
		changes->conns = memory_resize(changes->conns, changes->room, sizeof(*changes->conns));
	}
	changes->conns[changes->count++] = conn;
}

static void forget_changes(struct list_changes *changes)
{
	changes->count = 0;
	changes->lost = false;
}

void list_changes_fini(struct list_changes *changes)
{
	free(changes->conns);
	*changes = (struct list_changes){0};
}

/* Most updates move no row: there may be very many, and what is printed is the present anyway. */
static bool update_moves(const struct list *l, const struct event *e)
{
	if (l->filter || (e->unit && !l->has_unit))
		return true;
	if (e->facts.timer == TIMER_TIME_WAIT) /* the age of its state is in it */
		return true;
	switch ((enum list_column)l->sort) {
	case LIST_RECVQ:
	case LIST_SENDQ:
	case LIST_RTT:
	case LIST_SENT:
	case LIST_RECEIVED:
		return true;
	case LIST_PID:
	case LIST_PROGRAM:
		return e->holder_count > 0 || e->unit;
	case LIST_UNIT:
		return e->unit;
	case LIST_AGE: /* a listener warns when its queue is full */
		return !e->tuple.remote.port;
	default:
		return false;
	}
}

void list_event(struct list *l, const struct event *e)
{
	/* Rows of any connections may be sorted or chosen by it, or have it for a column. */
	if (e->kind == EVENT_NETNS && e->netns_name && (l->sort == LIST_NETNS || l->filter || !l->several_netns))
		l->fresh.lost = true;
	if (e->conn && (e->kind != EVENT_UPDATE || update_moves(l, e)))
		list_change(l, e->conn);
}

void list_change(struct list *l, uint64_t conn)
{
	if (!l->grouping)
		note_change(&l->fresh, conn);
}

bool list_merges(const struct list *l, const struct model *m)
{
	return !l->grouping && model_slots(m) >= l->merged_from;
}

int64_t list_merge_due(const struct list *l, const struct model *m)
{
	int64_t due_ns = INT64_MAX;

	if (l->built_ns == 0 || l->fresh.lost || !list_merges(l, m))
		return INT64_MAX;
	if (l->gone_count > 0)
		due_ns = l->gone[0].until_ns;
	if (l->fresh.count > 0)
		due_ns = 0;
	if (due_ns == INT64_MAX)
		return due_ns;
	return due_ns > l->merged_ns + MERGE_NS ? due_ns : l->merged_ns + MERGE_NS;
}

/* ---- where rows behind those in order stand ---- */

static void place(struct list *l, uint32_t row)
{
	l->places[l->slots[row]] = row;
}

static void make_places(struct list *l, uint32_t slots)
{
	if (slots <= l->places_room)
		return;
	slots += slots / 16;
	l->places = memory_resize(l->places, slots, sizeof(*l->places));
	memset(l->places + l->places_room, 0xff, (slots - l->places_room) * sizeof(*l->places));
	l->places_room = slots;
}

void list_places_set(struct list *l, const struct model *m)
{
	if (l->sorted == l->count || l->grouping) {
		free(l->places);
		l->places = NULL;
		l->places_room = 0;
		return;
	}
	make_places(l, model_slots(m));
	memset(l->places, 0xff, l->places_room * sizeof(*l->places));
	for (uint32_t row = l->sorted; row < l->count; row++) {
		/* Twice, for it came back to life while the index was built: that is also among the changes. */
		while (row < l->count && l->places[l->slots[row]] != MAP_NONE)
			l->slots[row] = l->slots[--l->count];
		if (row < l->count)
			place(l, row);
	}
}

/* ---- taking out ---- */

/* What is merged. */
struct merge {
	struct list_row *rows;     /* those that come in */
	uint32_t count;
	uint32_t *slots, slot_count; /* those that are taken out */
	struct list_gone *gone;    /* dimmed rows, old and new */
	uint32_t gone_count;
	bool forgotten;            /* one is nowhere to be found, but may be in the index */
};

static bool is_touched(const struct list *l, uint32_t slot)
{
	return l->touched[slot / 8] & 1u << slot % 8;
}

static void touch(struct list *l, struct merge *g, uint32_t slot)
{
	if (is_touched(l, slot))
		return;
	l->touched[slot / 8] |= (uint8_t)(1u << slot % 8);
	g->slots[g->slot_count++] = slot;
}

static int compare_ids(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static int compare_gone(const void *left, const void *right)
{
	const struct list_gone *a = left, *b = right;

	if (a->until_ns != b->until_ns)
		return a->until_ns < b->until_ns ? -1 : 1;
	return compare_ids(&a->conn, &b->conn);
}

static void come_in(struct list *l, struct merge *g, const struct model *m, const struct connection *c)
{
	const int64_t warns_at_ns = l->warnings_first ? list_warns_at_ns(c) : 0;

	list_note(l, m, c);
	if (warns_at_ns > l->order_ns && warns_at_ns < l->warns_at_ns)
		l->warns_at_ns = warns_at_ns;
	list_row_set(l, m, c, 0, l->order_ns, &g->rows[g->count++]);
}

static void look_at_changed(struct list *l, struct merge *g, const struct model *m, uint64_t conn, int64_t now_ns)
{
	const struct connection *c = model_find(m, conn);

	if (!c) {
		g->forgotten = true;
		return;
	}
	if (c->id > l->newest)
		l->newest = c->id;
	touch(l, g, c->slot);
	if (!list_lets(l, m, c, now_ns))
		return;
	if (c->live)
		come_in(l, g, m, c);
	else
		g->gone[g->gone_count++] = (struct list_gone){.conn = c->id, .slot = c->slot, .until_ns = list_last_step_ns(c) + LIST_GONE_NS};
}

/* Dimmed rows that stay; the others, and those of which there are too many, leave. */
static void settle_gone(struct list *l, struct merge *g, const struct model *m, int64_t now_ns)
{
	uint32_t leave = 0;

	for (uint32_t i = 0; i < l->gone_count; i++)
		if (!is_touched(l, l->gone[i].slot)) /* else it is among the new ones, or another is in its place */
			g->gone[g->gone_count++] = l->gone[i];
	if (g->gone_count > 1)
		qsort(g->gone, g->gone_count, sizeof(*g->gone), compare_gone);
	if (g->gone_count > LIST_GONE_MAX)
		leave = g->gone_count - LIST_GONE_MAX;
	while (leave < g->gone_count && g->gone[leave].until_ns <= now_ns)
		leave++;
	for (uint32_t i = 0; i < g->gone_count; i++) {
		const struct connection *c = model_at(m, g->gone[i].slot);

		if (i < leave)
			touch(l, g, g->gone[i].slot);
		else if (c && c->id == g->gone[i].conn && is_touched(l, c->slot))
			come_in(l, g, m, c);
	}
	l->gone_count = g->gone_count - leave;
	memcpy(l->gone, g->gone + leave, l->gone_count * sizeof(*l->gone));
	l->stale_ns = l->filter && filter_asks_age(l->filter) ? l->built_ns + NS_PER_SECOND : INT64_MAX;
	if (l->gone_count > 0 && l->gone[0].until_ns < l->stale_ns)
		l->stale_ns = l->gone[0].until_ns;
}

/* From the rows behind: the last of them takes its place. */
static void take_from_rest(struct list *l, const struct merge *g)
{
	for (uint32_t i = 0; l->places && i < g->slot_count; i++) {
		const uint32_t row = l->places[g->slots[i]];

		if (row == MAP_NONE)
			continue;
		l->places[g->slots[i]] = MAP_NONE;
		if (row == --l->count)
			continue;
		l->slots[row] = l->slots[l->count];
		place(l, row);
	}
}

/* From the rows in order: those that stay move up. Returns how many stay. */
static uint32_t take_from_sorted(struct list *l)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->sorted; i++)
		if (!is_touched(l, l->slots[i]))
			l->slots[kept++] = l->slots[i];
	return kept;
}

/* ---- coming in ---- */

/* How many of the first `count` rows come before this one. Forgotten ones are nowhere in the order. */
static uint32_t rows_before(const struct list *l, const struct model *m, uint32_t count, const struct list_row *row)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct connection *c = list_at(l, m, middle);
		struct list_row there;
		uint32_t at = middle;

		while (!c && at + 1 < high)
			c = list_at(l, m, ++at);
		if (!c) {
			high = middle;
			continue;
		}
		list_row_set(l, m, c, 0, l->order_ns, &there);
		if (list_row_compare(&there, row, l->inverted) < 0)
			low = at + 1;
		else
			high = middle;
	}
	return low;
}

/* The rows behind those in order begin at `to` instead of `from`; they are in no order, so only some have to move. */
static void move_rest(struct list *l, uint32_t from, uint32_t to)
{
	const uint32_t rest = l->count - from, far = from < to ? to - from : from - to, moved = far < rest ? far : rest;
	const uint32_t source = from < to ? from : from + rest - moved, target = from < to ? to + rest - moved : to;

	if (from == to)
		return;
	memmove(l->slots + target, l->slots + source, moved * sizeof(*l->slots));
	for (uint32_t i = 0; l->places && i < moved; i++)
		place(l, target + i);
}

static void make_room(struct list *l, uint32_t rows)
{
	if (rows <= l->room)
		return;
	l->room = rows + rows / 16 + 64;
	l->slots = memory_resize(l->slots, l->room, sizeof(*l->slots));
}

/* `kept` rows are in order. Those of the new ones that come before the last of them are put between, the others behind. */
static void put_in(struct list *l, struct merge *g, const struct model *m, uint32_t kept)
{
	const uint32_t old_sorted = l->sorted, rest = l->count - old_sorted, all = kept + rest + g->count;
	uint32_t *before = memory_resize(NULL, g->count + 1u, sizeof(*before)), between = 0, end = kept;

	list_rows_sort(g->rows, g->count, l->inverted);
	for (; between < g->count; between++) {
		before[between] = rows_before(l, m, kept, &g->rows[between]);
		if (before[between] == kept && rest > 0)
			break;
	}
	make_room(l, l->count > all ? l->count : all);
	move_rest(l, old_sorted, kept + between);
	l->sorted = kept + between;
	l->count = all;
	for (uint32_t i = between; i-- > 0;) {
		memmove(l->slots + before[i] + i + 1, l->slots + before[i], (end - before[i]) * sizeof(*l->slots));
		l->slots[before[i] + i] = g->rows[i].slot;
		end = before[i];
	}
	for (uint32_t i = between; i < g->count; i++) {
		l->slots[l->sorted + rest + i - between] = g->rows[i].slot;
		place(l, l->sorted + rest + i - between);
	}
	free(before);
}

/* ---- all of it ---- */

static void begin(struct list *l, struct merge *g, const struct model *m)
{
	const uint32_t bytes = model_slots(m) / 8 + 1, most = l->fresh.count + LIST_GONE_MAX;

	if (bytes > l->touched_room) {
		l->touched = memory_resize(l->touched, bytes + bytes / 16, 1);
		memset(l->touched + l->touched_room, 0, bytes + bytes / 16 - l->touched_room);
		l->touched_room = bytes + bytes / 16;
	}
	if (l->places)
		make_places(l, model_slots(m));
	g->rows = memory_resize(NULL, most, sizeof(*g->rows));
	g->slots = memory_resize(NULL, most, sizeof(*g->slots));
	g->gone = memory_resize(NULL, most, sizeof(*g->gone));
}

static void end(struct list *l, struct merge *g, int64_t now_ns)
{
	for (uint32_t i = 0; i < g->slot_count; i++)
		l->touched[g->slots[i] / 8] = 0;
	for (uint32_t i = 0; l->build && i < l->fresh.count; i++)
		note_change(&l->late, l->fresh.conns[i]);
	forget_changes(&l->fresh);
	l->merged_ns = now_ns;
	free(g->rows);
	free(g->slots);
	free(g->gone);
}

bool list_merge(struct list *l, const struct model *m, int64_t now_ns)
{
	struct merge g = {0};
	uint64_t last = 0;

	begin(l, &g, m);
	if (l->fresh.count > 1)
		qsort(l->fresh.conns, l->fresh.count, sizeof(*l->fresh.conns), compare_ids);
	for (uint32_t i = 0; i < l->fresh.count; i++) {
		if (l->fresh.conns[i] != last)
			look_at_changed(l, &g, m, l->fresh.conns[i], now_ns);
		last = l->fresh.conns[i];
	}
	settle_gone(l, &g, m, now_ns);
	take_from_rest(l, &g);
	put_in(l, &g, m, take_from_sorted(l));
	l->connections = l->count;
	list_marks_prune(l, m, now_ns);
	end(l, &g, now_ns);
	/* What is forgotten already may have a row: the index has to be built anew, at its pace, for under such churn that would go on without end. */
	l->fresh.lost |= g.forgotten;
	/* Whoever goes down further than what is in order waits for all of it. */
	return l->sorted == l->count || l->sorted >= l->sorted_least / 2;
}

void list_merge_begin(struct list *l, const struct model *m, int64_t now_ns)
{
	list_places_set(l, m);
	l->merged_ns = now_ns;
	if (l->grouping) {
		forget_changes(&l->fresh);
		forget_changes(&l->late);
		return;
	}
	for (uint32_t i = 0; i < l->late.count; i++)
		note_change(&l->fresh, l->late.conns[i]);
	l->fresh.lost |= l->late.lost;
	forget_changes(&l->late);
	if (l->fresh.count > 0 && !l->fresh.lost)
		list_merge(l, m, now_ns);
}
