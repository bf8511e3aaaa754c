/* Marks: connections that a person wants to keep in sight. A sorted array, for each row asks whether it is in it. */
#include "show/list.h"

#include <string.h>

#include "base/memory.h"
#include "list_private.h"

/* Where it is, or would be. */
static uint32_t place_of(const struct list *l, uint64_t conn)
{
	uint32_t low = 0, high = l->mark_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (l->marks[middle] < conn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool list_is_marked(const struct list *l, uint64_t conn)
{
	const uint32_t at = l->mark_count > 0 ? place_of(l, conn) : 0;

	return at < l->mark_count && l->marks[at] == conn;
}

/* Its place is another then; when the order may change, for it is likely to be held. */
static void replace(struct list *l, uint64_t conn)
{
	if (!l->warnings_first)
		return;
	l->built_version = UINT64_MAX;
	list_change(l, conn);
}

bool list_mark_toggle(struct list *l)
{
	const uint32_t at = place_of(l, l->cursor);
	const bool marked = list_is_marked(l, l->cursor);

	if (!l->cursor || (!marked && l->mark_count == LIST_MARKS_MAX))
		return false;
	if (!l->marks)
		l->marks = memory_resize(NULL, LIST_MARKS_MAX, sizeof(*l->marks));
	if (marked)
		memmove(&l->marks[at], &l->marks[at + 1], (--l->mark_count - at) * sizeof(*l->marks));
	else
		memmove(&l->marks[at + 1], &l->marks[at], (l->mark_count++ - at) * sizeof(*l->marks));
	if (!marked)
		l->marks[at] = l->cursor;
	replace(l, l->cursor);
	return true;
}

void list_mark_clear(struct list *l)
{
	for (uint32_t i = 0; i < l->mark_count; i++)
		replace(l, l->marks[i]);
	l->mark_count = 0;
}

void list_marks_prune(struct list *l, const struct model *m, int64_t now_ns)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->mark_count; i++) {
		const struct connection *c = model_find(m, l->marks[i]);

		if (c && (c->live || list_last_step_ns(c) + LIST_GONE_NS > now_ns))
			l->marks[kept++] = l->marks[i];
	}
	l->mark_count = kept;
}
