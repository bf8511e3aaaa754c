/*
 * The list's inner parts: rows while they are put in order, building the index anew, merging into it what has changed, groups, marks.
 */
#ifndef SHOW_LIST_PRIVATE_H
#define SHOW_LIST_PRIVATE_H

#include "base/map.h"
#include "show/list.h"

/* A row of the index that is a group: its number is in the other bits. */
#define LIST_GROUP_BIT 0x80000000u

/* What a row is sorted by. Only while rows are put in order: there may be millions. */
struct list_row {
	uint64_t key[2], conn;
	uint32_t slot;  /* or a group */
	uint32_t order; /* before the keys, never inverted: the group's rank * LIST_ORDERS, plus 0 for the group itself, then what leads */
};
#define LIST_ORDERS 4u

/* ---- keys (list_keys.c) ---- */
void list_row_set(const struct list *l, const struct model *m, const struct connection *c, uint32_t rank, int64_t order_ns, struct list_row *row);
uint32_t list_row_order(const struct list *l, const struct connection *c, uint32_t rank, int64_t order_ns);
/* No two are equal. Here, for it is what sorting does all the time. */
static inline int list_row_compare(const struct list_row *a, const struct list_row *b, bool inverted)
{
	bool before;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->key[0] != b->key[0])
		before = a->key[0] < b->key[0];
	else if (a->key[1] != b->key[1])
		before = a->key[1] < b->key[1];
	else if (a->conn != b->conn)
		before = a->conn > b->conn;
	else
		return 0;
	return before != inverted ? -1 : 1;
}
void list_rows_sort(struct list_row *rows, uint32_t count, bool inverted);
/* Moves the `wanted` rows that come first to the front, in any order. */
void list_rows_select(struct list_row *rows, uint32_t count, uint32_t wanted, bool inverted);
uint64_t list_bytes_as_key(const void *bytes);
/* When time alone makes it warn; 0: never. */
int64_t list_warns_at_ns(const struct connection *c);

/* ---- groups (list_groups.c) ---- */
void list_groups_fini(struct list_groups *g);
/* The number of the group with this key, or MAP_NONE. */
uint32_t list_groups_find(const struct list_groups *g, const uint64_t key[2]);
uint32_t list_groups_add(struct list_groups *g, const uint64_t key[2]);
void list_group_count(struct list_group *group, const struct connection *c, int64_t order_ns);
/* Gives each its rank: the largest first, or by what they are called when the list is sorted by that column. */
struct list_row *list_groups_rank(struct list_groups *g, const struct list *l); /* the rows of the groups in that order; heap */
void list_group_key(enum list_grouping grouping, const struct model *m, const struct connection *c, uint64_t key[2]);

/* ---- the index built anew (list_build.c) ---- */
bool list_lets(const struct list *l, const struct model *m, const struct connection *c, int64_t now_ns);
/* What the columns, and whoever follows, have to know of a row that is in it. */
void list_note(struct list *l, const struct model *m, const struct connection *c);
/* Begins to build it; what was begun before is given up. With the first `sorted` rows at least in order. */
#define LIST_ALL 0x40000000u
void list_build_begin(struct list *l, const struct model *m, int64_t now_ns, uint32_t sorted);
/* Goes on for so many slices (0: to the end). True: it is finished, and the index is the new one. */
bool list_build_go_on(struct list *l, const struct model *m, int64_t now_ns, unsigned slices);
void list_build_cancel(struct list *l);
/* Puts the rows behind the sorted ones in order too. None comes, none goes, and those in order stay where they are; but for a tree, which is built anew. */
void list_sort_rest(struct list *l, const struct model *m, int64_t now_ns);

/* ---- what has changed since (list_merge.c) ---- */
/* After a new index: which rows leave by themselves, where those behind the sorted ones stand, and what changed while it was built. */
void list_merge_begin(struct list *l, const struct model *m, int64_t now_ns);
/* Takes in what has changed. False: too much did, and the index has to be built anew. */
bool list_merge(struct list *l, const struct model *m, int64_t now_ns);
/* The place of this connection may be another. */
void list_change(struct list *l, uint64_t conn);
/* What changes is merged: not into a tree, nor where it takes no longer to build all of it anew. */
bool list_merges(const struct list *l, const struct model *m);
/* When there is something to be taken in; INT64_MAX: never. */
int64_t list_merge_due(const struct list *l, const struct model *m);
void list_places_set(struct list *l, const struct model *m);
void list_changes_fini(struct list_changes *changes);

/* ---- the cursor (list_cursor.c) ---- */
bool list_has_cursor(const struct list *l);
/* So that it is in sight. */
void list_show_cursor(struct list *l);
bool list_find_row(const struct list *l, const struct model *m, uint64_t conn, uint32_t *row);
/* After a new order: the cursor stays on its connection or group, and further down than the top also on its line of the screen. */
void list_keep_cursor(struct list *l, const struct model *m);
/* The cursor goes to the newest connection, unless it went to one only just now. */
void list_go_to_newest(struct list *l, const struct model *m, int64_t now_ns);
bool list_is_sorted_to(const struct list *l, uint32_t row);
void list_sort_to(struct list *l, const struct model *m, uint32_t row, int64_t now_ns);

/* ---- marks (list_marks.c) ---- */
/* Those whose connection has left the list. */
void list_marks_prune(struct list *l, const struct model *m, int64_t now_ns);

#endif
