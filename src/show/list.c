/* The list's state: the cursor that holds on to a connection, what is in sight, and when the order may change. */
#include "show/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* At most ten new orders a second, and fewer the more rows there are: each takes some hundred nanoseconds of it. */
#define REBUILD_NS (100 * 1000000LL)
#define REBUILD_ROW_NS 10000LL
/* Up to so many rows are always in order, all of them. */
#define SORTED_LEAST 8192u
/* Columns for a name, at most. */
#define NAMES_WANTED 36

void list_init(struct list *l)
{
	*l = (struct list){
		.sort = LIST_AGE, .warnings_first = true, .stale_ns = INT64_MAX, .warns_at_ns = INT64_MAX, .wake_ns = INT64_MAX,
	};
}

void list_fini(struct list *l)
{
	free(l->slots);
	*l = (struct list){0};
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

	if (row >= l->count)
		return NULL;
	c = model_at(m, l->slots[row]);
	return c && c->id <= l->newest ? c : NULL;
}

uint64_t list_conn(const struct list *l, const struct model *m, uint32_t row)
{
	const struct connection *c = list_at(l, m, row);

	return c ? c->id : 0;
}

/* Between two orders, at least. */
static int64_t pace_ns(const struct list *l)
{
	return REBUILD_NS + (int64_t)l->count * REBUILD_ROW_NS;
}

int64_t list_due(const struct list *l, const struct model *m)
{
	int64_t due_ns = l->stale_ns;

	if (l->built_ns == 0)
		return 0;
	if (l->paused)
		return INT64_MAX;
	if (l->built_version != model_version(m))
		due_ns = 0;
	if (due_ns == INT64_MAX)
		return due_ns;
	if (due_ns < l->built_ns + pace_ns(l))
		due_ns = l->built_ns + pace_ns(l);
	return due_ns > l->held_until_ns ? due_ns : l->held_until_ns;
}

static uint32_t highest_top(const struct list *l)
{
	return l->count > l->height ? l->count - l->height : 0;
}

static void show_cursor(struct list *l)
{
	if (l->cursor_row < l->top)
		l->top = l->cursor_row;
	else if (l->height > 0 && l->cursor_row >= l->top + l->height)
		l->top = l->cursor_row - l->height + 1;
}

void list_resize(struct list *l, unsigned height)
{
	if (l->height == height)
		return;
	l->height = height;
	if (l->top > highest_top(l))
		l->top = highest_top(l);
	if (l->cursor && !l->following)
		show_cursor(l);
}

static bool find_row(const struct list *l, const struct model *m, uint64_t conn, uint32_t *row)
{
	const struct connection *c = model_find(m, conn);

	/* A newcomer is in no row, though its slot may be. */
	for (uint32_t i = 0; c && c->id <= l->newest && i < l->count; i++) {
		if (l->slots[i] != c->slot)
			continue;
		*row = i;
		return true;
	}
	return false;
}

/*
 * After a new order: the cursor stays on its connection, and further down than the top also on its line of the screen.
 */
static void keep_cursor(struct list *l, const struct model *m)
{
	const uint32_t before = l->cursor_row;

	if (!l->cursor || l->following)
		return;
	if (!find_row(l, m, l->cursor, &l->cursor_row)) {
		l->cursor_row = before < l->count ? before : l->count ? l->count - 1 : 0;
		l->cursor = l->count ? list_conn(l, m, l->cursor_row) : 0;
	} else if (l->top > 0) {
		const int64_t top = (int64_t)l->top + l->cursor_row - before;

		l->top = top < 0 ? 0 : (uint32_t)top;
	}
	show_cursor(l);
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

/* What can be seen, and as much again, stands in order, and the cursor's row too. */
static void build(struct list *l, const struct model *m, int64_t now_ns)
{
	const bool deep = l->cursor && !l->following && l->cursor_row >= SORTED_LEAST;
	uint32_t wanted = 2 * (l->top + l->height), row;

	list_rows_build(l, m, now_ns, deep ? UINT32_MAX : wanted > SORTED_LEAST ? wanted : SORTED_LEAST);
	if (l->cursor && !l->following && find_row(l, m, l->cursor, &row) && row >= l->sorted)
		list_rows_sort_rest(l, m, now_ns);
}

static bool is_sorted_to(const struct list *l, uint32_t row)
{
	return l->sorted >= l->count || row < l->sorted;
}

void list_update(struct list *l, const struct model *m, int64_t now_ns)
{
	const bool warns = l->warns_at_ns <= now_ns && now_ns >= l->built_ns + pace_ns(l) && !list_is_held(l, now_ns);

	if (list_due(l, m) <= now_ns || warns) {
		build(l, m, now_ns);
		keep_cursor(l, m);
	}
	if (l->top > highest_top(l))
		l->top = highest_top(l);
	if (!is_sorted_to(l, l->top + l->height)) {
		list_rows_sort_rest(l, m, now_ns);
		keep_cursor(l, m);
	}
	look_at_rows(l, m, now_ns);
}

void list_move_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns)
{
	list_hold(l, m, now_ns);
	if (l->count == 0)
		return;
	l->following = false;
	/* Who goes that far down gets all of it in order. */
	if (!is_sorted_to(l, row))
		list_rows_sort_rest(l, m, now_ns);
	l->cursor_row = row < l->count ? row : l->count - 1;
	l->cursor = list_conn(l, m, l->cursor_row);
	show_cursor(l);
}

void list_move(struct list *l, const struct model *m, int64_t delta, int64_t now_ns)
{
	int64_t row;

	if (l->following && (!find_row(l, m, l->cursor, &l->cursor_row) || l->cursor_row < l->top || l->cursor_row >= l->top + l->height))
		l->cursor = 0;
	row = l->cursor ? l->cursor_row + delta : l->top; /* without a cursor the first key shows where it is */
	list_move_to(l, m, row < 0 ? 0 : (uint32_t)row, now_ns);
}

void list_point(struct list *l, uint64_t conn)
{
	l->following = true;
	l->cursor = conn;
}

void list_sort(struct list *l, enum list_column column, bool inverted)
{
	l->sort = (uint8_t)column;
	l->inverted = inverted;
	l->warnings_first = false;
	l->built_ns = 0;
	l->held_until_ns = 0;
	l->top = 0;
}

void list_set_filter(struct list *l, const struct filter *filter)
{
	l->filter = filter;
	l->built_ns = 0;
	l->held_until_ns = 0;
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
