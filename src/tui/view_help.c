/* The Help screen. */
#include "base/message.h"
#include "show/help.h"
#include "ui.h"

struct page {
	struct help_entry entries[ACTION_COUNT];
	char keys[ACTION_COUNT][KEYMAP_NAMES_ROOM];
	unsigned count;
};

/* What can be done without a key is not among them. */
static void collect(const struct ui *ui, struct page *page)
{
	page->count = 0;
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);
		const char *keys = keymap_names(&ui->keymap, (enum action)i, page->keys[i]);

		if (*keys)
			page->entries[page->count++] = (struct help_entry){.group = info->group, .keys = keys, .text = info->help};
	}
}

/* Never past the last row, also when the screen has become larger. */
static void scroll(struct ui *ui, int64_t lines)
{
	const unsigned height = ui->rows > 3 ? ui->rows - 3 : 1;
	int64_t top = (int64_t)ui->help_top + lines, rows, most;
	struct page page;

	collect(ui, &page);
	rows = help_rows(page.entries, page.count, ui->columns);
	most = rows > height ? rows - height : 0;
	ui->help_top = (unsigned)(top < 0 ? 0 : top > most ? most : top);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	const int64_t page = ui->rows > 4 ? ui->rows - 4 : 1;

	(void)now_ns;
	switch (action) {
	case ACTION_UP:
		scroll(ui, -1);
		return true;
	case ACTION_DOWN:
		scroll(ui, 1);
		return true;
	case ACTION_PAGE_UP:
		scroll(ui, -page);
		return true;
	case ACTION_PAGE_DOWN:
		scroll(ui, page);
		return true;
	case ACTION_TOP:
		scroll(ui, INT32_MIN);
		return true;
	case ACTION_BOTTOM:
		scroll(ui, INT32_MAX);
		return true;
	case ACTION_HELP: /* the same key leaves again */
		ui_act(ui, ACTION_BACK, now_ns);
		return true;
	default:
		return false;
	}
}

static void update(struct ui *ui, int64_t now_ns)
{
	(void)now_ns;
	scroll(ui, 0);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct page page;

	(void)now_ns;
	collect(ui, &page);
	frame_rule(area, _("Help"), ROLE_DIM, _("every key means the same on every screen"));
	help_paint(area_part(area, 1, 0, area.rows, area.columns), page.entries, page.count, ui->help_top);
}

const struct view view_help = {
	.name = "help",
	.keys = {ACTION_BACK, ACTION_PAGE_UP, ACTION_PAGE_DOWN},
	.update = update,
	.paint = paint,
	.act = act,
};
