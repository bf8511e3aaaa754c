/* The boxes in which the order of the list and its groups are chosen. */
#include <ctype.h>
#include <string.h>

#include "base/message.h"
#include "key.h"
#include "ui.h"

#define USUAL LIST_COLUMN_COUNT /* the order at first */

/* What can be chosen now: columns that would be empty, and namespaces when there is one, are left out. */
struct offer {
	unsigned count;
	struct choice choices[CHOICES_MAX];
	uint8_t values[CHOICES_MAX];           /* enum list_column or USUAL; enum list_grouping */
	const char *names[CHOICES_MAX];        /* English: their first letters choose */
};

static void add(struct offer *offer, uint8_t value, const char *name, bool present)
{
	const unsigned at = offer->count++;

	offer->choices[at] = (struct choice){.text = _(name), .present = present};
	offer->names[at] = name;
	offer->values[at] = value;
}

static void offer_columns(const struct ui *ui, struct offer *offer)
{
	const struct list *l = &ui->list;
	const char *turned = ui->choosing.inverted ? "^" : "v";

	add(offer, USUAL, N_("usual: marks, warnings, newest"), l->warnings_first);
	for (unsigned i = 0; i < LIST_COLUMN_COUNT; i++) {
		if ((i == LIST_NETNS && !l->several_netns) || (i == LIST_UNIT && !l->has_unit))
			continue;
		add(offer, (uint8_t)i, list_heading((enum list_column)i), !l->warnings_first && l->sort == i);
		if (offer->count - 1 == ui->choosing.at)
			offer->choices[offer->count - 1].aside = turned;
	}
}

static void offer_groupings(const struct ui *ui, struct offer *offer)
{
	for (unsigned i = 0; i < LIST_GROUPING_COUNT; i++)
		if (i != LIST_BY_NETNS || ui->list.several_netns || ui->list.grouping == LIST_BY_NETNS)
			add(offer, (uint8_t)i, list_grouping_choice((enum list_grouping)i), ui->list.grouping == i);
}

static void collect(const struct ui *ui, struct offer *offer)
{
	offer->count = 0;
	if (ui->choosing.groups)
		offer_groupings(ui, offer);
	else
		offer_columns(ui, offer);
}

void ui_choose(struct ui *ui, bool groups)
{
	struct offer offer;

	ui->choosing = (struct ui_choosing){.groups = groups, .inverted = ui->list.inverted};
	collect(ui, &offer);
	for (unsigned i = 0; i < offer.count; i++)
		if (offer.choices[i].present)
			ui->choosing.at = i;
	ui_push(ui, &view_choose);
}

static void move(struct ui *ui, int64_t lines, bool round)
{
	struct offer offer;
	int64_t at = (int64_t)ui->choosing.at + lines;

	collect(ui, &offer);
	if (at >= offer.count)
		at = round ? 0 : offer.count - 1;
	ui->choosing.at = at < 0 ? 0 : (unsigned)at;
}

static void choose(struct ui *ui)
{
	struct offer offer;
	uint8_t value;

	collect(ui, &offer);
	if (ui->choosing.at >= offer.count)
		return;
	value = offer.values[ui->choosing.at];
	ui_pop(ui);
	if (ui->choosing.groups)
		list_group_by(&ui->list, (enum list_grouping)value);
	else if (value == USUAL)
		list_sort_usual(&ui->list);
	else
		list_sort(&ui->list, (enum list_column)value, ui->choosing.inverted);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	(void)now_ns;
	switch (action) {
	case ACTION_UP:
		move(ui, -1, false);
		return true;
	case ACTION_DOWN:
		move(ui, 1, false);
		return true;
	case ACTION_TOP:
	case ACTION_PAGE_UP:
		move(ui, -CHOICES_MAX, false);
		return true;
	case ACTION_BOTTOM:
	case ACTION_PAGE_DOWN:
		move(ui, CHOICES_MAX, false);
		return true;
	case ACTION_SORT: /* the key that opened it goes on, and round */
	case ACTION_GROUP:
		if (ui->choosing.groups == (action == ACTION_GROUP))
			move(ui, 1, true);
		return true;
	case ACTION_INVERT:
		ui->choosing.inverted = !ui->choosing.inverted;
		return true;
	case ACTION_OPEN:
		choose(ui);
		return true;
	default:
		return false;
	}
}

/* The next one that begins with this letter. False if there is none. */
static bool jump_to_letter(struct ui *ui, const struct offer *offer, int letter)
{
	for (unsigned i = 1; i <= offer->count; i++) {
		const unsigned at = (ui->choosing.at + i) % offer->count;

		if (toupper((unsigned char)offer->names[at][0]) != toupper(letter))
			continue;
		ui->choosing.at = at;
		return true;
	}
	return false;
}

static bool typed(struct ui *ui, unsigned key, bool pasted, int64_t now_ns)
{
	char latin[KEY_LATIN_MAX];
	struct offer offer;

	(void)now_ns;
	collect(ui, &offer);
	if (pasted)
		return true;
	if (key >= '1' && key <= '9') {
		ui->choosing.at = key - '1' < offer.count ? key - '1' : ui->choosing.at;
		return true;
	}
	if (key_latin(key, latin) == 1)
		key = (unsigned char)latin[0];
	return key < 128 && isalpha((int)key) && jump_to_letter(ui, &offer, (int)key);
}

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	const unsigned at = choice_at(&ui->choosing.box, row, column, CHOICES_MAX);

	(void)now_ns;
	if (at == CHOICES_MAX) {
		ui_pop(ui);
		return;
	}
	ui->choosing.at = at;
	choose(ui);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct offer offer;

	(void)now_ns;
	collect(ui, &offer);
	choice_paint(area_part(area, 0, 0, area.rows > 1 ? area.rows - 1 : 0, area.columns), ui->choosing.groups ? _("Group by") : _("Sort by"), offer.choices,
		     offer.count, ui->choosing.at, ui->choosing.groups ? _("Enter groups, Esc leaves it as it is") : _("Enter sorts, I turns the order round"),
		     &ui->choosing.box);
}

const struct view view_choose = {
	.name = "choose",
	.overlay = true,
	.keys = {ACTION_BACK},
	.paint = paint,
	.typed = typed,
	.act = act,
	.click = click,
};
