/* The help screen: groups of keys one below the other, in two columns where there is room. */
#include "show/help.h"

#include <string.h>

#include "base/message.h"
#include "base/utf8.h"

#define KEYS_COLUMNS 9
#define KEYS_COLUMNS_MOST 20 /* who has chosen many keys for one action sees the first of them */
#define TWO_COLUMNS_LEAST 96

struct mark {
	const char *sign, *text;
	enum role role;
};

static const struct mark marks[] = {
	{"+", N_("new, or opening"), ROLE_NEW},
	{"-", N_("closing, or just gone"), ROLE_STATE_FIN_WAIT2},
	{"!", N_("look here: a leak, or stuck"), ROLE_WARNING},
	{"*", N_("marked with m"), ROLE_TITLE},
	{">", N_("the cursor stays on its connection"), ROLE_CURSOR},
};
#define MARK_COUNT (sizeof(marks) / sizeof(marks[0]))
#define MARKS_GROUP N_("Marks in the list")

/* A line of the page: a heading, an entry, or nothing between groups. */
struct line {
	const char *heading, *sign, *text;
	enum role role;
};
#define LINES_MAX 96

static unsigned collect(const struct help_entry *entries, unsigned count, struct line lines[LINES_MAX])
{
	const char *group = "";
	unsigned n = 0;

	for (unsigned i = 0; i < count && n + 3 + MARK_COUNT < LINES_MAX; i++) {
		if (strcmp(group, entries[i].group) != 0) {
			if (n > 0)
				lines[n++] = (struct line){0};
			group = entries[i].group;
			lines[n++] = (struct line){.heading = group};
		}
		lines[n++] = (struct line){.sign = entries[i].keys, .text = entries[i].text, .role = ROLE_HELP_KEY};
	}
	lines[n++] = (struct line){0};
	lines[n++] = (struct line){.heading = MARKS_GROUP};
	for (unsigned i = 0; i < MARK_COUNT; i++)
		lines[n++] = (struct line){.sign = marks[i].sign, .text = marks[i].text, .role = marks[i].role};
	return n;
}

/* How the lines stand: the first `split` in the first column, the rest in the second, if there is one. */
struct page {
	struct line lines[LINES_MAX];
	unsigned count, split, rows, keys_columns;
};

/* At most a third of what a line has. */
static unsigned keys_columns(const struct page *page, unsigned columns)
{
	const unsigned third = (columns >= TWO_COLUMNS_LEAST ? columns / 2 : columns) / 3;
	const unsigned most = third < KEYS_COLUMNS ? KEYS_COLUMNS : third < KEYS_COLUMNS_MOST ? third : KEYS_COLUMNS_MOST;
	unsigned widest = KEYS_COLUMNS;

	for (unsigned i = 0; i < page->count; i++)
		if (page->lines[i].sign && utf8_columns(page->lines[i].sign) >= widest)
			widest = utf8_columns(page->lines[i].sign) + 1;
	return widest < most ? widest : most;
}

/* The second column begins after the group that crosses the middle. */
static void lay_out(struct page *page, const struct help_entry *entries, unsigned count, unsigned columns)
{
	unsigned at;

	page->count = collect(entries, count, page->lines);
	page->keys_columns = keys_columns(page, columns);
	page->split = page->count;
	if (columns >= TWO_COLUMNS_LEAST) {
		for (at = page->count / 2; at < page->count && (page->lines[at].heading || page->lines[at].text);)
			at++;
		page->split = at < page->count ? at + 1 : page->count;
	}
	page->rows = page->split > page->count - page->split ? page->split : page->count - page->split;
}

unsigned help_rows(const struct help_entry *entries, unsigned count, unsigned columns)
{
	struct page page;

	lay_out(&page, entries, count, columns);
	return page.rows;
}

static void paint_line(struct area area, int row, const struct line *line, unsigned keys)
{
	const unsigned room = area.columns > keys + 2 ? area.columns - keys - 2 : 0;

	if (line->heading) {
		area_text(area, row, 0, ROLE_HEADING, CELL_BOLD, _(line->heading));
		return;
	}
	if (!line->text)
		return;
	area_field(area, row, 1, keys - 1, false, line->role, CELL_BOLD, line->sign);
	area_field(area, row, (int)keys + 1, room, false, ROLE_TEXT, 0, _(line->text));
}

void help_paint(struct area area, const struct help_entry *entries, unsigned count, unsigned top)
{
	struct page page;
	unsigned width;

	lay_out(&page, entries, count, area.columns);
	width = page.split < page.count ? area.columns / 2 - 1 : area.columns - 1;
	for (unsigned row = 0; row < area.rows; row++) {
		if (top + row < page.split)
			paint_line(area_part(area, 0, 1, area.rows, width), (int)row, &page.lines[top + row], page.keys_columns);
		if (page.split + top + row < page.count)
			paint_line(area_part(area, 0, area.columns / 2 + 1, area.rows, width), (int)row, &page.lines[page.split + top + row], page.keys_columns);
	}
}
