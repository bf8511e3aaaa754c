/*
 * The help screen: every key there is, from the table of actions; what the marks mean; what is seen. Laid out in as
 * many columns as there is room for, and narrowed to the lines that have the words a person looks for.
 */
#ifndef SHOW_HELP_H
#define SHOW_HELP_H

#include "show/coverage.h"

/*
 * A line of help. Entries of a group stand together. `group`, `label`, `text`: message ids; they are looked for in the
 * person's language and in English.
 */
struct help_entry {
	const char *group, *keys, *name, *label, *text; /* keys: what stands before the text; name, label: may be NULL */
	enum role role;                                 /* of the keys */
	bool right;                                     /* the keys stand right in their column: figures */
	uint8_t action;                                 /* the caller's own number; 0: there is nothing to click */
};
#define HELP_ENTRIES_MAX 192

/* Marks are made of the glyphs that are drawn with. */
struct help_signs {
	char known[24], inferred[24];
};
/* Append; they return the new count. */
unsigned help_add_marks(struct help_entry *entries, unsigned count, const struct glyphs *glyphs, struct help_signs *signs);
unsigned help_add_coverage(struct help_entry *entries, unsigned count, const struct coverage_words *words);

/* How the lines stand. It points into the entries. */
#define HELP_LINES_MAX 640
#define HELP_COLUMNS_MAX 3
struct help_line {
	const struct help_entry *entry; /* NULL: nothing, between groups */
	const char *text;               /* a part of its text; NULL: the group's heading */
	uint16_t len;
	bool first;                     /* of its entry: with the keys */
};
struct help_page {
	struct help_line lines[HELP_LINES_MAX];
	unsigned starts[HELP_COLUMNS_MAX + 1]; /* the lines with which the columns begin, and the end of the last */
	unsigned columns, width, keys_columns;
	unsigned rows;                         /* of the longest column */
	unsigned entries;                      /* that are on it */
	char words[256];                       /* that are looked for */
};

/*
 * `words`: only entries that have each of them ("": all). `columns`: of the area that the page will be painted in.
 */
void help_lay_out(struct help_page *page, const struct help_entry *entries, unsigned count, const char *words, unsigned columns);
/* Paints from row `top` of the page on. */
void help_paint(const struct help_page *page, struct area area, unsigned top);
/* The action of the entry that is painted there; 0: none. */
uint8_t help_action_at(const struct help_page *page, unsigned row, unsigned column);

#endif
