/* The list's state: the cursor that holds on to a connection, what is in sight, and when the order may change. */
#include "show/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "list_private.h"

/* At most ten new orders a second, and fewer the more slots have to be looked through: each takes some hundred nanoseconds of it. */
#define REBUILD_NS (100 * 1000000LL)
#define REBUILD_SLOT_NS 10000LL
/* A tree has nothing but new orders to bring it up to the model; and whoever lost count of what has changed must look again. */
#define REBUILD_SLOT_SOON_NS 2000LL
/* Up to so many rows are always in order, all of them. */
#define SORTED_LEAST 8192u
/* Columns for a name, at most. */
#define NAMES_WANTED 36
/* Slots looked through in one go; how many of them for a frame, and for what a person has asked for. */
#define SLICE 65536u
#define SLICES_A_FRAME 3
#define SLICES_AT_ONCE 4

void list_init(struct list *l)
{
	*l = (struct list){
		.sort = LIST_AGE, .warnings_first = true, .stale_ns = INT64_MAX, .warns_at_ns = INT64_MAX, .wake_ns = INT64_MAX,
		.pace_ns = REBUILD_NS, .sorted_least = SORTED_LEAST, .merged_from = SORTED_LEAST, .slice = SLICE,
	};
}

void list_set_seed(struct list *l, uint64_t seed)
{
	l->groups.seed = seed;
}

void list_fini(struct list *l)
{
	list_build_cancel(l);
	list_changes_fini(&l->fresh);
	list_changes_fini(&l->late);
	list_groups_fini(&l->groups);
	free(l->marks);
	free(l->places);
	free(l->touched);
	free(l->slots);
	*l = (struct list){0};
}

/* Another order is asked for: what there is, and what is being built, is of no use. */
static void demand(struct list *l)
{
	list_build_cancel(l);
	l->built_ns = 0;
	l->held_until_ns = 0;
}

bool list_is_held(const struct list *l, int64_t now_ns)
{
	return l->paused || now_ns < l->held_until_ns;
}

void list_hold(struct list *l, const struct model *m, int64_t now_ns)
{
	if (!list_is_held(l, now_ns))
		l->opens_at_hold = model_totals(m)->opens;
	l->held_until_ns = now_ns + LIST_HOLD_NS;
}

void list_pause(struct list *l, const struct model *m, bool pause, int64_t now_ns)
{
	if (pause && !list_is_held(l, now_ns))
		l->opens_at_hold = model_totals(m)->opens;
	l->paused = pause;
	l->held_until_ns = 0;
}

uint64_t list_waiting(const struct list *l, const struct model *m)
{
	return model_totals(m)->opens - l->opens_at_hold;
}

const struct connection *list_at(const struct list *l, const struct model *m, uint32_t row)
{
	const struct connection *c;

	if (row >= l->count || l->slots[row] & LIST_GROUP_BIT)
		return NULL;
	c = model_at(m, l->slots[row]);
	return c && c->id <= l->newest ? c : NULL;
}

uint64_t list_conn(const struct list *l, const struct model *m, uint32_t row)
{
	const struct connection *c = list_at(l, m, row);

	return c ? c->id : 0;
}

const struct list_group *list_group_at(const struct list *l, uint32_t row)
{
	if (row >= l->count || !(l->slots[row] & LIST_GROUP_BIT))
		return NULL;
	return &l->groups.at[l->slots[row] & ~LIST_GROUP_BIT];
}

/* Between two orders, at least. */
static int64_t pace_ns(const struct list *l, const struct model *m)
{
	return l->pace_ns + (int64_t)model_slots(m) * (l->grouping || l->fresh.lost ? REBUILD_SLOT_SOON_NS : REBUILD_SLOT_NS);
}

/* Something has changed that will not be merged. */
static bool is_behind(const struct list *l, const struct model *m)
{
	return l->fresh.lost || (!list_merges(l, m) && l->built_version != model_version(m));
}

/* When it has to be built anew. */
static int64_t rebuild_due(const struct list *l, const struct model *m)
{
	const int64_t due_ns = is_behind(l, m) ? 0 : l->stale_ns, soonest_ns = l->built_ns + pace_ns(l, m);

	return due_ns > soonest_ns ? due_ns : soonest_ns;
}

int64_t list_due(const struct list *l, const struct model *m)
{
	int64_t due_ns;

	if (l->built_ns == 0)
		return 0;
	if (l->paused)
		return INT64_MAX;
	due_ns = l->build ? 0 : rebuild_due(l, m);
	if (list_merge_due(l, m) < due_ns)
		due_ns = list_merge_due(l, m);
	if (due_ns == INT64_MAX)
		return due_ns;
	return due_ns > l->held_until_ns ? due_ns : l->held_until_ns;
}

static uint32_t highest_top(const struct list *l)
{
	return l->count > l->height ? l->count - l->height : 0;
}

void list_resize(struct list *l, unsigned height)
{
	if (l->height == height)
		return;
	l->height = height;
	if (l->top > highest_top(l))
		l->top = highest_top(l);
	if (list_has_cursor(l) && !l->following)
		list_show_cursor(l);
}

static void earlier(int64_t *at_ns, int64_t candidate_ns, int64_t now_ns)
{
	if (candidate_ns > now_ns && candidate_ns < *at_ns)
		*at_ns = candidate_ns;
}

static void want_names(struct list *l, const struct tuple *tuple)
{
	char text[NAMES_ENDPOINT_ROOM];

	for (int remote = 0; remote < 2; remote++) {
		uint8_t *wanted = remote ? &l->peer_wanted : &l->local_wanted;
		unsigned columns;

		if (!names_endpoint(l->names, tuple, remote, text))
			continue;
		columns = utf8_columns(text);
		if (columns > NAMES_WANTED)
			columns = NAMES_WANTED;
		if (columns > *wanted)
			*wanted = (uint8_t)columns;
	}
}

/*
 * What only the rows in sight decide: the width of addresses (which only grows, so that columns do not jump), and the
 * end of a flash.
 */
static void look_at_rows(struct list *l, const struct model *m, int64_t now_ns)
{
	char text[ENDPOINT_TEXT_ROOM];

	l->wake_ns = INT64_MAX;
	for (uint32_t i = l->top; i < l->count && i < l->top + l->height; i++) {
		const struct connection *c = list_at(l, m, i);
		struct tuple tuple;
		size_t len;

		if (!c)
			continue;
		tuple = connection_tuple(c);
		len = tuple_format_local(&tuple, text);
		if (len > l->local_wanted)
			l->local_wanted = (uint8_t)len;
		len = tuple_format_remote(&tuple, text);
		if (len > l->peer_wanted)
			l->peer_wanted = (uint8_t)len;
		if (l->names)
			want_names(l, &tuple);
		earlier(&l->wake_ns, list_last_step_ns(c) + LIST_FLASH_NS, now_ns);
		earlier(&l->wake_ns, list_opened_ns(c) + LIST_GONE_NS, now_ns);
	}
	earlier(&l->wake_ns, l->held_until_ns, now_ns);
}

/* What can be seen, and as much again, will stand in order, and the cursor's row too. */
static void begin_build(struct list *l, const struct model *m, int64_t now_ns)
{
	/* Where the cursor will be in an order that is new is not known; with a long list all of it is put in order while it is looked through. */
	const bool far = l->cursor_row >= l->sorted_least || (l->cursor && l->built_ns == 0 && model_slots(m) > SLICES_AT_ONCE * l->slice);
	const bool deep = list_has_cursor(l) && !l->following && far;
	const uint32_t wanted = 2 * (l->top + l->height);

	list_build_begin(l, m, now_ns, deep ? LIST_ALL : wanted > l->sorted_least ? wanted : l->sorted_least);
}

/* The index has changed. */
static void settle(struct list *l, const struct model *m, int64_t now_ns)
{
	uint32_t row;

	if (l->cursor && !l->following && list_find_row(l, m, l->cursor, &row))
		list_sort_to(l, m, row, now_ns);
	list_keep_cursor(l, m);
}

/*
 * Goes on building. What was asked for is there at once unless there is very much of it; what was not is done a little in each frame, and given up
 * when the order is to stand still: afterwards it would be old.
 */
static void go_on(struct list *l, const struct model *m, int64_t now_ns)
{
	const bool demanded = l->built_ns == 0;
	unsigned slices = SLICES_A_FRAME;

	if (!demanded && list_is_held(l, now_ns))
		list_build_cancel(l);
	if (!l->build)
		return;
	if (demanded && (!l->slots || model_slots(m) <= SLICES_AT_ONCE * l->slice))
		slices = 0;
	if (list_build_go_on(l, m, now_ns, slices))
		settle(l, m, now_ns);
}

void list_update(struct list *l, const struct model *m, int64_t now_ns)
{
	const bool held = list_is_held(l, now_ns);
	const bool warns = l->warns_at_ns <= now_ns && now_ns >= l->built_ns + pace_ns(l, m);

	if (!held && list_merge_due(l, m) <= now_ns && (l->build || rebuild_due(l, m) > now_ns)) {
		if (!list_merge(l, m, now_ns) && !l->build)
			begin_build(l, m, now_ns);
		settle(l, m, now_ns);
	}
	if (!l->build && (l->built_ns == 0 || (!held && (warns || rebuild_due(l, m) <= now_ns))))
		begin_build(l, m, now_ns);
	go_on(l, m, now_ns);
	list_go_to_newest(l, m, now_ns);
	if (l->top > highest_top(l))
		l->top = highest_top(l);
	if (!list_is_sorted_to(l, l->top + l->height)) {
		list_sort_rest(l, m, now_ns);
		list_keep_cursor(l, m);
	}
	look_at_rows(l, m, now_ns);
}

void list_sort(struct list *l, enum list_column column, bool inverted)
{
	l->sort = (uint8_t)column;
	l->inverted = inverted;
	l->warnings_first = false;
	demand(l);
	l->top = 0;
}

void list_set_filter(struct list *l, const struct filter *filter)
{
	l->filter = filter;
	l->opened_last = 0;
	demand(l);
	l->top = 0;
}

void list_set_names(struct list *l, const struct names *names)
{
	l->names = names;
	l->local_wanted = l->peer_wanted = 0;
}

void list_sort_usual(struct list *l)
{
	list_sort(l, LIST_AGE, false);
	l->warnings_first = true;
}

void list_group_by(struct list *l, enum list_grouping grouping)
{
	if (l->grouping) { /* what the rows of groups are called is not known any more */
		l->count = l->sorted = 0;
		list_groups_fini(&l->groups);
	}
	l->grouping = (uint8_t)grouping;
	l->fold_later = true;
	demand(l);
	l->top = 0;
}

bool list_fold(struct list *l, bool open)
{
	const uint32_t at = l->on_group ? list_groups_find(&l->groups, l->group_key) : MAP_NONE;

	if (at == MAP_NONE || l->groups.at[at].open == open)
		return false;
	l->groups.at[at].open = open;
	demand(l);
	return true;
}
