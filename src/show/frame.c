/* The lines round every screen: top, tabs, rules, keys. */
#include "show/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"

#define ITEM_ROOM 96
#define ITEM_GAP_MAX 3
#define ITEM_GAP_LEAST 2
#define GAPS_FROM 70 /* columns: below, every one counts */

/* ---- hot spots ---- */

static void note_spot(struct hot_spots *spots, struct area area, unsigned column, unsigned width, uint8_t action)
{
	if (spots && spots->count < HOT_SPOTS_MAX && column + width <= area.columns)
		spots->at[spots->count++] = (struct hot_spot){area.row, area.column + column, width, action};
}

bool hot_spots_find(const struct hot_spots *spots, unsigned row, unsigned column, uint8_t *action)
{
	for (unsigned i = 0; i < spots->count; i++) {
		const struct hot_spot *spot = &spots->at[i];

		if (spot->row != row || column < spot->column || column >= spot->column + spot->width)
			continue;
		*action = spot->action;
		return true;
	}
	return false;
}

/* ---- the top line ---- */

/* The parts of the top line from left to right; rank 1 stays longest. */
struct item {
	char text[ITEM_ROOM];
	enum role role;
	unsigned flags;
	uint8_t rank;
};

struct items {
	unsigned count;
	struct item at[14];
};

static struct item *add_item(struct items *items, uint8_t rank, enum role role, unsigned flags)
{
	struct item *item = &items->at[items->count++];

	item->text[0] = '\0';
	item->rank = rank;
	item->role = role;
	item->flags = flags;
	return item;
}

static void add_sources(struct items *items, const struct coverage *coverage, const struct frame_facts *facts)
{
	const bool notices = facts->notices && !coverage->errors[SOURCE_OBITUARY] && !coverage->shedding;
	char full[AMOUNT_ROOM], fast[AMOUNT_ROOM] = "";
	struct item *item;

	if (coverage->interval_ns <= 0)
		return;
	amount_span(coverage->interval_ns, full);
	if (facts->fast_interval_ns > 0 && facts->fast_interval_ns < coverage->interval_ns)
		amount_span(facts->fast_interval_ns, fast);
	item = add_item(items, 9, ROLE_BAR, 0);
	if (coverage->swept_by == SOURCE_PROC)
		snprintf(item->text, sizeof(item->text), notices ? _("/proc %s + notices") : _("/proc %s"), full);
	else
		snprintf(item->text, sizeof(item->text), notices ? _("dump %s%s%s + notices") : _("dump %s%s%s"), full, fast[0] ? "/" : "", fast);
}

static void add_trouble(struct items *items, const char *text)
{
	struct item *item = add_item(items, 1, ROLE_WARNING, CELL_REVERSE);

	snprintf(item->text, sizeof(item->text), " %.92s ", text);
}

/* What was not seen. The gravest two are enough for a line. */
static void add_coverage(struct items *items, const struct coverage *c, int64_t now_ns)
{
	const int64_t picture_ns = c->last_whole_ns ? now_ns - c->last_whole_ns : 0;
	const unsigned before = items->count;
	char amount[AMOUNT_ROOM], text[ITEM_ROOM];

	if (c->errors[SOURCE_DIAG]) {
		snprintf(text, sizeof(text), c->swept_by == SOURCE_PROC ? _("no sock_diag: %s") : _("no dump: %s"), strerror(-c->errors[SOURCE_DIAG]));
		add_trouble(items, text);
	}
	if (c->interval_ns > 0 && picture_ns > 3 * c->interval_ns + NS_PER_SECOND) {
		snprintf(text, sizeof(text), _("picture %s old"), amount_age(picture_ns, amount));
		add_trouble(items, text);
	}
	if (c->notices_lost && items->count < before + 2) {
		snprintf(text, sizeof(text), _("lost %s"), amount_short(c->notices_lost, amount));
		add_trouble(items, text);
	}
	if (c->shedding)
		add_trouble(items, _("too many ends: notices shed"));
	if (c->errors[SOURCE_OBITUARY] && items->count < before + 2)
		add_trouble(items, _("no notices"));
	if (c->lookups_dropped && items->count < before + 2) {
		snprintf(text, sizeof(text), _("%s look-ups dropped"), amount_short(c->lookups_dropped, amount));
		add_trouble(items, text);
	}
	if (c->illegal && items->count < before + 2) {
		snprintf(text, sizeof(text), _("%s illegal"), amount_short(c->illegal, amount));
		add_trouble(items, text);
	}
	if (items->count == before)
		snprintf(add_item(items, 7, ROLE_BAR, 0)->text, ITEM_ROOM, _("lost %s"), "0");
}

/* How far the first search for programs is. */
static void add_owner_scan(struct items *items, const struct coverage *c)
{
	uint64_t percent;

	if (!c->owner_scan_total)
		return;
	percent = (uint64_t)c->owner_scan_done * 100 / c->owner_scan_total;
	snprintf(add_item(items, 3, ROLE_BAR, 0)->text, ITEM_ROOM, _("programs %u%%"), percent < 100 ? (unsigned)percent : 99);
}

/* Whose connections cannot be told. */
static void add_hidden(struct items *items, const struct coverage *c, const struct frame_facts *facts)
{
	char amount[AMOUNT_ROOM];
	struct item *item;

	if (!c->owners_hidden && !facts->rows_hidden)
		return;
	if (facts->rows_hidden || !facts->privileged)
		item = add_item(items, 3, ROLE_BAR, CELL_BOLD);
	else
		item = add_item(items, 8, ROLE_BAR, 0);
	if (!facts->privileged)
		snprintf(item->text, sizeof(item->text), "%s", _("own programs only"));
	else if (c->owners_hidden)
		snprintf(item->text, sizeof(item->text), _("processes hidden: %s"), amount_short(c->owners_hidden, amount));
	else
		snprintf(item->text, sizeof(item->text), _("programs hidden: %s"), amount_short(facts->rows_hidden, amount));
}

/* Of how many it is one: those watched, or those that are not. */
static void add_namespace(struct items *items, const struct coverage *c, const struct frame_facts *facts)
{
	struct item *item = add_item(items, 8, ROLE_BAR, 0);
	char amount[AMOUNT_ROOM];

	if (c->netns_watched > 1)
		snprintf(item->text, sizeof(item->text), "net:%.60s (%" PRIu64 ")", facts->namespace_name, c->netns_watched);
	else if (c->netns_unwatched)
		snprintf(item->text, sizeof(item->text), _("net:%.60s (others: %s)"), facts->namespace_name, amount_short(c->netns_unwatched, amount));
	else
		snprintf(item->text, sizeof(item->text), "net:%.90s", facts->namespace_name);
}

static void collect(struct items *items, const struct model *m, const struct frame_facts *facts, int64_t now_ns)
{
	const struct second second = model_second(m, now_ns, 1);
	char amount[AMOUNT_ROOM];
	struct item *item;

	snprintf(add_item(items, 5, ROLE_BAR_KEY, CELL_BOLD)->text, ITEM_ROOM, "synfin");
	if (facts->host && facts->host[0])
		snprintf(add_item(items, 4, ROLE_BAR, CELL_BOLD)->text, ITEM_ROOM, "%s", facts->host);
	if (facts->namespace_name && facts->namespace_name[0])
		add_namespace(items, model_coverage(m), facts);
	add_sources(items, model_coverage(m), facts);
	item = add_item(items, 2, ROLE_BAR, 0);
	snprintf(item->text, sizeof(item->text), _("sockets %s"), amount_grouped(model_live(m), amount));
	snprintf(add_item(items, 6, ROLE_BAR, 0)->text, ITEM_ROOM, "+%" PRIu32 "/s -%" PRIu32 "/s", second.opens, second.closes);
	add_coverage(items, model_coverage(m), now_ns);
	add_owner_scan(items, model_coverage(m));
	add_hidden(items, model_coverage(m), facts);
}

static unsigned width_of(const struct items *items, unsigned gap)
{
	unsigned width = 0;

	for (unsigned i = 0; i < items->count; i++)
		width += utf8_columns(items->at[i].text) + gap;
	return width;
}

/* Takes away what matters least until the rest fits; but first they stand closer. Returns the gap between them. */
static unsigned fit(struct items *items, unsigned columns)
{
	const unsigned gap = columns >= GAPS_FROM ? ITEM_GAP_MAX : ITEM_GAP_LEAST;

	if (width_of(items, gap) <= columns)
		return gap;
	while (items->count > 0 && width_of(items, ITEM_GAP_LEAST) > columns) {
		unsigned worst = 0;

		for (unsigned i = 1; i < items->count; i++)
			if (items->at[i].rank > items->at[worst].rank)
				worst = i;
		memmove(&items->at[worst], &items->at[worst + 1], (items->count - worst - 1) * sizeof(items->at[0]));
		items->count--;
	}
	return width_of(items, gap) <= columns ? gap : ITEM_GAP_LEAST;
}

void frame_top(struct area area, const struct model *m, const struct frame_facts *facts, int64_t now_ns)
{
	const time_t seconds = (time_t)(now_ns / NS_PER_SECOND);
	struct items items = {0};
	char clock[16] = "";
	struct tm tm;
	unsigned at = 1, right, gap;

	area_fill(area_part(area, 0, 0, 1, area.columns), ROLE_BAR, 0);
	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	right = (unsigned)strlen(clock) + 1;
	collect(&items, m, facts, now_ns);
	gap = fit(&items, area.columns > right ? area.columns - right : 0);
	for (unsigned i = 0; i < items.count; i++)
		at += area_text(area, 0, (int)at, items.at[i].role, items.at[i].flags, items.at[i].text) + gap;
	area_text(area, 0, (int)area.columns - (int)right, ROLE_BAR, CELL_BOLD, clock);
}

/* ---- rules and tabs ---- */

unsigned frame_rule(struct area area, const char *title, enum role aside_role, const char *aside)
{
	unsigned at = 1;

	area_repeat(area, 0, 0, area.columns, ROLE_RULE, area.canvas->glyphs->horizontal);
	if (title && title[0]) {
		const unsigned wanted = utf8_columns(title), room = area.columns > 4 ? area.columns - 4 : 0, width = wanted < room ? wanted : room;

		area_text(area, 0, (int)at, ROLE_RULE, 0, " ");
		area_field(area, 0, (int)at + 1, width, false, ROLE_TITLE, CELL_BOLD, title);
		area_text(area, 0, (int)(at + width) + 1, ROLE_RULE, 0, " ");
		at += width + 2;
	}
	if (aside)
		frame_aside(area, at, aside_role, aside);
	return at;
}

void frame_aside(struct area area, unsigned from, enum role role, const char *aside)
{
	unsigned width = utf8_columns(aside), room = area.columns > from + 4 ? area.columns - from - 4 : 0;

	if (width > room)
		width = room;
	if (width == 0)
		return;
	area_text(area, 0, (int)(area.columns - width - 3), ROLE_RULE, 0, " ");
	area_field(area, 0, (int)(area.columns - width - 2), width, false, role, 0, aside);
	area_text(area, 0, (int)(area.columns - 2), ROLE_RULE, 0, " ");
}

unsigned frame_tabs(struct area area, const struct frame_key *tabs, unsigned count, struct hot_spots *spots)
{
	unsigned at = 1;

	area_repeat(area, 0, 0, area.columns, ROLE_RULE, area.canvas->glyphs->horizontal);
	for (unsigned i = 0; i < count; i++) {
		const unsigned width = utf8_columns(tabs[i].key) + utf8_columns(tabs[i].label) + 3;

		if (at + width > area.columns)
			break;
		area_textf(area, 0, (int)at, tabs[i].active ? ROLE_TAB_ACTIVE : ROLE_TAB, tabs[i].active ? CELL_BOLD : 0, " %s %s ", tabs[i].key,
			   tabs[i].label);
		note_spot(spots, area, at, width, tabs[i].action);
		at += width;
	}
	return at;
}

/* ---- the bottom line ---- */

static unsigned key_width(const struct frame_key *key)
{
	return utf8_columns(key->key) + 1 + utf8_columns(key->label) + 2;
}

void frame_bottom(struct area area, const struct frame_key *keys, unsigned count, struct hot_spots *spots)
{
	const unsigned kept = count < 2 ? count : 2; /* help and quit, the last two, stay whatever goes */
	unsigned width = 1, head = count - kept, at = 1;

	area_fill(area_part(area, 0, 0, 1, area.columns), ROLE_BAR, 0);
	for (unsigned i = 0; i < count; i++)
		width += key_width(&keys[i]);
	while (head > 0 && width > area.columns)
		width -= key_width(&keys[--head]);
	for (unsigned i = 0; i < count; i++) {
		if (i >= head && i < count - kept)
			continue;
		note_spot(spots, area, at, key_width(&keys[i]) - 2, keys[i].action);
		at += area_text(area, 0, (int)at, ROLE_BAR_KEY, CELL_BOLD, keys[i].key);
		at += area_textf(area, 0, (int)at, ROLE_BAR, 0, " %s", keys[i].label) + 2;
	}
}

void frame_notice(struct area area, const char *text)
{
	area_fill(area_part(area, 0, 0, 1, area.columns), ROLE_BAR, 0);
	area_field(area, 0, 1, area.columns > 2 ? area.columns - 2 : 0, false, ROLE_WARNING, CELL_BOLD | CELL_REVERSE, text);
}

void frame_too_small(struct area area)
{
	char text[ITEM_ROOM];

	snprintf(text, sizeof(text), _("synfin needs %dx%d; here is %ux%u"), FRAME_LEAST_COLUMNS, FRAME_LEAST_ROWS, area.columns, area.rows);
	area_text(area, (int)(area.rows / 2), 0, ROLE_TEXT, 0, text);
}

struct area frame_box(struct area area, unsigned rows, unsigned columns, const char *title)
{
	const struct glyphs *g = area.canvas->glyphs;
	const unsigned height = rows + 2 < area.rows ? rows + 2 : area.rows, width = columns + 4 < area.columns ? columns + 4 : area.columns;
	const struct area box = area_part(area, (area.rows - height) / 2, (area.columns - width) / 2, height, width);

	for (unsigned row = 0; row < box.rows; row++)
		area_repeat(box, (int)row, 0, box.columns, ROLE_TEXT, " ");
	for (unsigned row = 1; row + 1 < box.rows; row++) {
		area_text(box, (int)row, 0, ROLE_RULE, 0, g->vertical);
		area_text(box, (int)row, (int)box.columns - 1, ROLE_RULE, 0, g->vertical);
	}
	area_repeat(box, 0, 0, box.columns, ROLE_RULE, g->horizontal);
	area_repeat(box, (int)box.rows - 1, 0, box.columns, ROLE_RULE, g->horizontal);
	area_text(box, 0, 0, ROLE_RULE, 0, g->corner_tl);
	area_text(box, 0, (int)box.columns - 1, ROLE_RULE, 0, g->corner_tr);
	area_text(box, (int)box.rows - 1, 0, ROLE_RULE, 0, g->corner_bl);
	area_text(box, (int)box.rows - 1, (int)box.columns - 1, ROLE_RULE, 0, g->corner_br);
	if (box.columns > 6 && *title)
		area_textf(area_part(box, 0, 2, 1, box.columns - 4), 0, 0, ROLE_TITLE, 0, " %s ", title);
	return area_part(box, 1, 2, box.rows > 2 ? box.rows - 2 : 0, box.columns > 4 ? box.columns - 4 : 0);
}
