/* The cursor, which holds on to a connection or a group, and what follows from it: what is in sight. */
#include "show/list.h"

#include <string.h>

#include "list_private.h"

bool list_has_cursor(const struct list *l)
{
	return l->cursor || l->on_group;
}

void list_show_cursor(struct list *l)
{
	if (l->cursor_row < l->top)
		l->top = l->cursor_row;
	else if (l->height > 0 && l->cursor_row >= l->top + l->height)
		l->top = l->cursor_row - l->height + 1;
}

bool list_find_row(const struct list *l, const struct model *m, uint64_t conn, uint32_t *row)
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

static void put_cursor(struct list *l, const struct model *m, uint32_t row)
{
	const struct list_group *group = list_group_at(l, row);

	l->cursor_row = row;
	l->on_group = group != NULL;
	l->cursor = group ? 0 : list_conn(l, m, row);
	if (group)
		memcpy(l->group_key, group->key, sizeof(l->group_key));
}

static bool find_group_row(const struct list *l, const uint64_t key[2], uint32_t *row)
{
	const uint32_t wanted = list_groups_find(&l->groups, key);

	for (uint32_t i = 0; wanted != MAP_NONE && i < l->count; i++) {
		if (l->slots[i] != (wanted | LIST_GROUP_BIT))
			continue;
		*row = i;
		return true;
	}
	return false;
}

/* The row that the cursor is on; that of its group, when that is closed. */
static bool find_cursor(const struct list *l, const struct model *m, uint32_t *row)
{
	const struct connection *c = model_find(m, l->cursor);
	uint64_t key[2];

	if (l->on_group)
		return find_group_row(l, l->group_key, row);
	if (list_find_row(l, m, l->cursor, row))
		return true;
	if (!c || !l->grouping || !list_lets(l, m, c, l->order_ns))
		return false;
	list_group_key((enum list_grouping)l->grouping, m, c, key);
	return find_group_row(l, key, row);
}

void list_keep_cursor(struct list *l, const struct model *m)
{
	const uint32_t before = l->cursor_row;
	uint32_t row;

	if (!list_has_cursor(l) || l->following)
		return;
	if (!find_cursor(l, m, &row)) {
		put_cursor(l, m, before < l->count ? before : l->count ? l->count - 1 : 0);
	} else {
		if (l->top > 0) {
			const int64_t top = (int64_t)l->top + row - before;

			l->top = top < 0 ? 0 : (uint32_t)top;
		}
		put_cursor(l, m, row);
	}
	list_show_cursor(l);
}

void list_go_to_newest(struct list *l, const struct model *m, int64_t now_ns)
{
	const struct connection *c = model_find(m, l->opened_last);

	if (!l->tail || l->paused || !c || c->id > l->newest || c->id == l->tailed || now_ns < l->tailed_ns + LIST_TAIL_NS)
		return;
	if (!list_lets(l, m, c, now_ns))
		return;
	l->tailed = c->id;
	l->tailed_ns = now_ns;
	l->on_group = false;
	l->following = false;
	l->cursor = c->id;
	l->top = 0;
	list_keep_cursor(l, m);
}

bool list_is_sorted_to(const struct list *l, uint32_t row)
{
	return l->sorted >= l->count || row < l->sorted;
}

void list_sort_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns)
{
	if (!list_is_sorted_to(l, row))
		list_sort_rest(l, m, now_ns);
}

void list_move_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns)
{
	list_hold(l, m, now_ns);
	l->tail = false;
	if (l->count == 0)
		return;
	l->following = false;
	/* Who goes that far down gets all of it in order. */
	list_sort_to(l, m, row, now_ns);
	put_cursor(l, m, row < l->count ? row : l->count - 1);
	list_show_cursor(l);
}

void list_move(struct list *l, const struct model *m, int64_t delta, int64_t now_ns)
{
	int64_t row;

	if (l->following && (!list_find_row(l, m, l->cursor, &l->cursor_row) || l->cursor_row < l->top || l->cursor_row >= l->top + l->height)) {
		l->cursor = 0;
		l->on_group = false;
	}
	row = list_has_cursor(l) ? l->cursor_row + delta : l->top; /* without a cursor the first key shows where it is */
	list_move_to(l, m, row < 0 ? 0 : (uint32_t)row, now_ns);
}

void list_point(struct list *l, uint64_t conn)
{
	l->following = true;
	l->tail = false;
	l->on_group = false;
	l->cursor = conn;
}

void list_tail(struct list *l, bool tail)
{
	l->tail = tail;
	l->tailed = 0;
	l->tailed_ns = 0;
	l->held_until_ns = 0;
}

bool list_move_to_group(struct list *l, const struct model *m, int64_t now_ns)
{
	const struct connection *c = model_find(m, l->cursor);
	uint64_t key[2];
	uint32_t row;

	if (!c || !l->grouping)
		return false;
	list_group_key((enum list_grouping)l->grouping, m, c, key);
	if (!find_group_row(l, key, &row))
		return false;
	list_move_to(l, m, row, now_ns);
	return true;
}
