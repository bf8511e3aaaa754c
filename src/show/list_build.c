/*
 * The index of the list built anew: what is in it, in which order.
 *
 * The model is looked through in slices, so that very many slots can be spread over several frames. Grouped, it is looked through twice: first the
 * groups are counted, then the connections of those that are open are collected. Of each slice the rows that can be among the first are put in order,
 * a run; at the end the runs are merged until enough rows stand in order, and all others follow in none. So only the runs have keys.
 *
 * Until then the old index stays in use. What changes meanwhile is merged into the new one as soon as it is there (list_merge.c).
 */
#include "config.h"

#include "show/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "list_private.h"

enum phase { PHASE_COUNT, PHASE_COLLECT, PHASE_MERGE };

/* A run's rows that are not taken yet: from `at` to `end`. */
struct run {
	uint32_t at, end;
};

struct list_build {
	uint8_t phase;                 /* enum phase */
	uint32_t next_slot, wanted;
	uint64_t version;
	int64_t order_ns;
	struct list_row *rows;         /* of all runs, one after the other, and behind them those of the slice */
	uint32_t row_count, row_room;
	struct run *runs;              /* while they are merged a heap: the one with the first row is the first */
	uint32_t run_count, run_room;
	uint32_t *slots, count, room;  /* the new index: room for `wanted` rows, and from there on those that are in no order */
	uint32_t sorted, rest;         /* how many of both there are */
	uint32_t connections;
	uint64_t newest;
	int64_t stale_ns, warns_at_ns;
	struct list_gone gone[LIST_GONE_MAX];
	uint32_t gone_count;
	struct list_groups groups;
	bool finds_lost;               /* it was not known what has changed: given up, it is not known either */
};

static void earlier(int64_t *at_ns, int64_t candidate_ns)
{
	if (candidate_ns < *at_ns)
		*at_ns = candidate_ns;
}

bool list_lets(const struct list *l, const struct model *m, const struct connection *c, int64_t now_ns)
{
	struct filter_row row;

	if (!l->filter)
		return true;
	row = filter_row_of(m, c);
	return filter_matches(l->filter, &row, now_ns);
}

/* ---- rows in order ---- */

static struct list_row *add_row(struct list_build *b)
{
	if (b->row_count == b->row_room) {
		b->row_room = b->row_room * 2 + 256;
		b->rows = memory_resize(b->rows, b->row_room, sizeof(*b->rows));
	}
	return &b->rows[b->row_count++];
}

static void add_rest(struct list_build *b, uint32_t slot)
{
	const uint32_t at = b->wanted + b->rest;

	if (at >= b->room) {
		b->room = at + at / 8 + 1024;
		b->slots = memory_resize(b->slots, b->room, sizeof(*b->slots));
	}
	b->slots[at] = slot;
	b->rest++;
}

/* What was collected since the last run becomes one: the first of it in order, for more than `wanted` are wanted of no run. */
static void end_run(const struct list *l, struct list_build *b, bool in_order)
{
	const uint32_t from = b->run_count ? b->runs[b->run_count - 1].end : 0, count = b->row_count - from;
	const uint32_t kept = count < b->wanted ? count : b->wanted;

	if (count == 0)
		return;
	if (!in_order)
		list_rows_select(b->rows + from, count, kept, l->inverted);
	for (uint32_t i = from + kept; i < b->row_count; i++)
		add_rest(b, b->rows[i].slot);
	b->row_count = from + kept;
	if (!in_order)
		list_rows_sort(b->rows + from, kept, l->inverted);
	if (b->run_count == b->run_room) {
		b->run_room = b->run_room * 2 + 4;
		b->runs = memory_resize(b->runs, b->run_room, sizeof(*b->runs));
	}
	b->runs[b->run_count++] = (struct run){.at = from, .end = b->row_count};
}

/* Lets the run at `at` sink to where it belongs in the heap. */
static void sift(struct list_build *b, uint32_t at, bool inverted)
{
	for (;;) {
		uint32_t child = 2 * at + 1;
		struct run moved;

		if (child >= b->run_count)
			return;
		if (child + 1 < b->run_count && list_row_compare(&b->rows[b->runs[child + 1].at], &b->rows[b->runs[child].at], inverted) < 0)
			child++;
		if (list_row_compare(&b->rows[b->runs[at].at], &b->rows[b->runs[child].at], inverted) < 0)
			return;
		moved = b->runs[at];
		b->runs[at] = b->runs[child];
		b->runs[child] = moved;
		at = child;
	}
}

static void begin_merging(const struct list *l, struct list_build *b)
{
	b->phase = PHASE_MERGE;
	if (b->wanted > b->row_count && b->rest == 0) /* they all are, and nothing stands behind them */
		b->wanted = b->row_count;
	if (b->room < b->wanted) {
		b->room = b->wanted + b->wanted / 16 + 64;
		b->slots = memory_resize(b->slots, b->room, sizeof(*b->slots));
	}
	for (uint32_t i = b->run_count / 2; i-- > 0;)
		sift(b, i, l->inverted);
}

/* Takes up to `most` rows from the runs. True when there are no more to be taken. */
static bool merge_runs(const struct list *l, struct list_build *b, uint32_t most)
{
	while (most-- > 0 && b->run_count > 0 && b->sorted < b->wanted) {
		struct run *first = &b->runs[0];

		b->slots[b->sorted++] = b->rows[first->at++].slot;
		if (first->at == first->end)
			*first = b->runs[--b->run_count];
		sift(b, 0, l->inverted);
	}
	if (b->run_count > 0 && b->sorted < b->wanted)
		return false;
	for (uint32_t i = 0; i < b->run_count; i++)
		for (uint32_t at = b->runs[i].at; at < b->runs[i].end; at++)
			add_rest(b, b->rows[at].slot);
	b->count = b->sorted + b->rest;
	return true;
}

/* ---- looking through the model ---- */

void list_note(struct list *l, const struct model *m, const struct connection *c)
{
	if (model_netns_name(m, c)) {
		l->several_netns |= l->netns && l->netns != model_netns(m, c);
		l->netns = l->netns ? l->netns : model_netns(m, c);
	}
	l->has_unit = l->has_unit || model_unit(m, c);
	if (c->live && c->state != STATE_LISTEN && c->id > l->opened_last)
		l->opened_last = c->id;
}

static void note(struct list *l, struct list_build *b, const struct model *m, const struct connection *c)
{
	const int64_t warns_at_ns = l->warnings_first ? list_warns_at_ns(c) : 0;

	list_note(l, m, c);
	b->connections++;
	if (c->id > b->newest)
		b->newest = c->id;
	if (warns_at_ns > b->order_ns)
		earlier(&b->warns_at_ns, warns_at_ns);
	if (!c->live && b->gone_count < LIST_GONE_MAX) {
		const int64_t until_ns = list_last_step_ns(c) + LIST_GONE_NS;

		b->gone[b->gone_count++] = (struct list_gone){.conn = c->id, .slot = c->slot, .until_ns = until_ns};
		earlier(&b->stale_ns, until_ns);
	}
}

static void look_at(struct list *l, struct list_build *b, const struct model *m, const struct connection *c)
{
	uint64_t key[2];
	uint32_t group;

	if (!list_lets(l, m, c, b->order_ns))
		return;
	if (!l->grouping) {
		note(l, b, m, c);
		list_row_set(l, m, c, 0, b->order_ns, add_row(b));
		return;
	}
	list_group_key((enum list_grouping)l->grouping, m, c, key);
	if (b->phase == PHASE_COUNT) {
		note(l, b, m, c);
		group = list_groups_add(&b->groups, key);
		list_group_count(&b->groups.at[group], c, b->order_ns);
		return;
	}
	group = list_groups_find(&b->groups, key);
	if (group != MAP_NONE && b->groups.at[group].open)
		list_row_set(l, m, c, b->groups.at[group].rank, b->order_ns, add_row(b));
}

/* Those that have just ended. */
static void look_at_gone(struct list *l, struct list_build *b, const struct model *m)
{
	const struct connection *c;
	uint32_t place = 0;

	for (uint32_t i = 0; i < LIST_GONE_MAX && (c = model_departed_next(m, &place)) != NULL; i++)
		if (list_last_step_ns(c) + LIST_GONE_NS > b->order_ns)
			look_at(l, b, m, c);
}

/* True when all have been looked at. Those that have ended come first: who ends later may have been seen alive. */
static bool look_at_slice(struct list *l, struct list_build *b, const struct model *m)
{
	const uint32_t slots = model_slots(m);

	if (b->next_slot == 0)
		look_at_gone(l, b, m);
	for (uint32_t i = 0; i < l->slice && b->next_slot < slots; i++) {
		const struct connection *c = model_at(m, b->next_slot++);

		if (c && c->live)
			look_at(l, b, m, c);
	}
	return b->next_slot >= slots;
}

/* What a group was, open or closed, it stays. The groups themselves are rows too: a run of them. True if any is open. */
static bool settle_groups(struct list *l, struct list_build *b)
{
	bool any_open = false;
	struct list_row *rows;

	if (l->fold_later)
		l->open_new = (uint64_t)b->connections + b->groups.count <= l->height;
	for (uint32_t i = 0; i < b->groups.count; i++) {
		struct list_group *g = &b->groups.at[i];
		const uint32_t before = l->fold_later ? MAP_NONE : list_groups_find(&l->groups, g->key);

		g->open = before == MAP_NONE ? l->open_new : l->groups.at[before].open;
		any_open |= g->open;
	}
	l->fold_later = false;
	rows = list_groups_rank(&b->groups, l);
	for (uint32_t i = 0; i < b->groups.count; i++)
		*add_row(b) = rows[i];
	end_run(l, b, true);
	free(rows);
	return any_open;
}

/* ---- from begin to end ---- */

void list_build_cancel(struct list *l)
{
	struct list_build *b = l->build;

	if (!b)
		return;
	l->fresh.lost |= b->finds_lost;
	list_groups_fini(&b->groups);
	free(b->rows);
	free(b->runs);
	free(b->slots);
	free(b);
	l->build = NULL;
}

void list_build_begin(struct list *l, const struct model *m, int64_t now_ns, uint32_t sorted)
{
	struct list_build *b = memory_get_zeroed(1, sizeof(*b));

	list_build_cancel(l);
	l->build = b;
	b->phase = l->grouping ? PHASE_COUNT : PHASE_COLLECT;
	b->groups.seed = l->groups.seed;
	b->wanted = sorted < LIST_ALL ? sorted : LIST_ALL;
	b->version = model_version(m);
	b->order_ns = now_ns;
	b->stale_ns = b->warns_at_ns = INT64_MAX;
	b->row_room = l->grouping ? 0 : (model_slots(m) < l->slice ? model_slots(m) : l->slice) + LIST_GONE_MAX;
	if (b->row_room)
		b->rows = memory_resize(NULL, b->row_room, sizeof(*b->rows));
	l->late.count = 0;
	l->late.lost = false;
	b->finds_lost = l->fresh.lost;
	if (l->fresh.lost)
		l->fresh = (struct list_changes){.conns = l->fresh.conns, .room = l->fresh.room};
}

static void finish(struct list *l, struct list_build *b, const struct model *m, int64_t now_ns)
{
	free(l->slots);
	list_groups_fini(&l->groups);
	assert(b->rest == 0 || b->sorted == b->wanted);
	l->slots = b->slots;
	l->count = b->count;
	l->room = b->room;
	l->groups = b->groups;
	l->sorted = b->sorted;
	l->connections = b->connections;
	l->newest = b->newest;
	l->stale_ns = b->stale_ns;
	l->warns_at_ns = b->warns_at_ns;
	l->built_version = b->version;
	l->built_ns = now_ns;
	l->order_ns = b->order_ns;
	if (l->filter && filter_asks_age(l->filter))
		earlier(&l->stale_ns, now_ns + NS_PER_SECOND);
	l->gone_count = b->gone_count;
	for (uint32_t i = 0; i < b->gone_count; i++) /* the model tells the newest first */
		l->gone[i] = b->gone[b->gone_count - 1 - i];
	b->finds_lost = false;
	b->slots = NULL;
	b->groups = (struct list_groups){0};
	list_build_cancel(l);
	list_marks_prune(l, m, now_ns);
	list_merge_begin(l, m, now_ns);
}

bool list_build_go_on(struct list *l, const struct model *m, int64_t now_ns, unsigned slices)
{
	struct list_build *b = l->build;

	for (unsigned done = 0; slices == 0 || done < slices; done++) {
		if (b->phase == PHASE_MERGE) {
			if (!merge_runs(l, b, l->slice))
				continue;
			finish(l, b, m, now_ns);
			return true;
		}
		if (!look_at_slice(l, b, m)) {
			if (b->phase == PHASE_COLLECT)
				end_run(l, b, false);
			continue;
		}
		b->next_slot = 0;
		if (b->phase == PHASE_COUNT && settle_groups(l, b)) {
			b->phase = PHASE_COLLECT;
			continue;
		}
		end_run(l, b, false);
		begin_merging(l, b);
	}
	return false;
}

/* ---- the rest ---- */

/* In a tree connections that have come to belong to another group would have no place behind what is in order: it is built anew. */
static void build_all(struct list *l, const struct model *m, int64_t now_ns)
{
	list_build_begin(l, m, now_ns, LIST_ALL);
	list_build_go_on(l, m, now_ns, 0);
}

void list_sort_some(struct list *l, const struct model *m, int64_t now_ns, uint32_t wanted)
{
	struct list_row *rows;
	uint32_t from = l->sorted, forgotten = l->count, count = 0;

	if (l->sorted >= l->count)
		return;
	if (l->grouping) {
		build_all(l, m, now_ns);
		return;
	}
	rows = memory_resize(NULL, l->count - l->sorted + 1, sizeof(*rows));
	/* Rows whose connection is forgotten go to the end. */
	while (from < forgotten) {
		const struct connection *c = list_at(l, m, from);

		if (c) {
			list_row_set(l, m, c, 0, l->order_ns, &rows[count++]);
			from++;
		} else {
			const uint32_t slot = l->slots[from];

			l->slots[from] = l->slots[--forgotten];
			l->slots[forgotten] = slot;
		}
	}
	wanted = wanted < count ? wanted : count;
	list_rows_select(rows, count, wanted, l->inverted);
	list_rows_sort(rows, wanted, l->inverted);
	for (uint32_t i = 0; i < count; i++)
		l->slots[l->sorted + i] = rows[i].slot;
	l->sorted = wanted < count ? l->sorted + wanted : l->count;
	free(rows);
	list_places_set(l, m);
}

void list_sort_rest(struct list *l, const struct model *m, int64_t now_ns)
{
	list_sort_some(l, m, now_ns, UINT32_MAX);
}
