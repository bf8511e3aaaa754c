/* The box in which the form of an export is chosen. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/message.h"
#include "base/utf8.h"
#include "save.h"
#include "show/export.h"
#include "ui.h"

#define LABEL_COLUMNS 9
#define LINES_MORE 3 /* below the forms: an empty line, the name, what to press */

/* ---- writing ---- */

struct naming {
	const struct ladder_view *view;
	enum export_kind kind;
	char name[EXPORT_NAME_ROOM];
};

static const char *name_of(void *context, unsigned nth)
{
	struct naming *naming = context;

	return export_file_name(naming->view, naming->kind, nth, naming->name);
}

/* Where it is, as far as the notice has room. */
static void tell_path(struct ui *ui, const char *name, int64_t now_ns)
{
	char here[UI_NOTICE_ROOM], clean[UI_NOTICE_ROOM];
	struct text notice = {0};

	if (!getcwd(here, sizeof(here)))
		snprintf(here, sizeof(here), ".");
	clean_copy(clean, sizeof(clean), here, strlen(here));
	text_addf(&notice, _("written: %s/%s"), strcmp(clean, "/") == 0 ? "" : clean, name);
	if (notice.len >= UI_NOTICE_ROOM) {
		text_clear(&notice);
		text_addf(&notice, _("written: %s/%s"), ".", name);
	}
	ui_tell(ui, text_string(&notice), now_ns);
	text_fini(&notice);
}

static void export(struct ui *ui, int64_t now_ns)
{
	struct naming naming = {.view = &ui->ladder, .kind = (enum export_kind)ui->export_at};
	struct text document = {0}, notice = {0};
	unsigned nth;
	int error;

	export_ladder(&ui->ladder, naming.kind, ui->glyphs ? ui->glyphs : &glyphs_unicode, now_ns, &document);
	error = save_new(&document, name_of, &naming, &nth);
	ui_pop(ui);
	if (!error) {
		tell_path(ui, naming.name, now_ns);
	} else {
		text_addf(&notice, _("cannot write %s: %s"), naming.name, strerror(-error));
		ui_notice(ui, text_string(&notice), now_ns);
	}
	text_fini(&document);
	text_fini(&notice);
}

/* ---- the box ---- */

static unsigned inner_columns(const struct ui *ui)
{
	char name[EXPORT_NAME_ROOM];
	unsigned widest = 0;

	for (unsigned i = 0; i < EXPORT_KINDS; i++) {
		const unsigned what = 2 + LABEL_COLUMNS + utf8_columns(_(export_what((enum export_kind)i)));
		const unsigned named = 2 + utf8_columns(export_file_name(&ui->ladder, (enum export_kind)i, 1, name));

		widest = what > widest ? what : widest;
		widest = named > widest ? named : widest;
	}
	return widest;
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	/* above the bottom line, which stays in sight */
	const struct area above = area_part(area, 0, 0, area.rows > 0 ? area.rows - 1 : 0, area.columns);
	const struct area box = frame_box(above, EXPORT_KINDS + LINES_MORE, inner_columns(ui), _("Export the ladder"));
	char name[EXPORT_NAME_ROOM];

	(void)now_ns;
	ui->export_row = box.row;
	for (unsigned i = 0; i < EXPORT_KINDS; i++) {
		const enum export_kind kind = (enum export_kind)i;
		const bool chosen = i == ui->export_at;

		area_text(box, (int)i, 0, ROLE_CURSOR, 0, chosen ? ">" : "");
		area_field(box, (int)i, 2, LABEL_COLUMNS, false, ROLE_TITLE, 0, _(export_label(kind)));
		area_field(box, (int)i, 2 + LABEL_COLUMNS, box.columns > 2 + LABEL_COLUMNS ? box.columns - 2 - LABEL_COLUMNS : 0, false, ROLE_TEXT, 0,
			   _(export_what(kind)));
		if (chosen)
			area_tint(box, (int)i, 0, box.columns, ROLE_COUNT, CELL_ON_CURSOR);
	}
	export_file_name(&ui->ladder, (enum export_kind)ui->export_at, 1, name);
	area_field(box, EXPORT_KINDS + 1, 2, box.columns > 2 ? box.columns - 2 : 0, false, ROLE_DIM, 0, name);
	area_field(box, EXPORT_KINDS + 2, 2, box.columns > 2 ? box.columns - 2 : 0, false, ROLE_DIM, 0, _("Enter writes it here"));
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_UP:
		ui->export_at = (ui->export_at + EXPORT_KINDS - 1) % EXPORT_KINDS;
		return true;
	case ACTION_DOWN:
		ui->export_at = (ui->export_at + 1) % EXPORT_KINDS;
		return true;
	case ACTION_OPEN:
		export(ui, now_ns);
		return true;
	case ACTION_EXPORT: /* the same key leaves again */
		ui_pop(ui);
		return true;
	default:
		return false;
	}
}

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	(void)column;
	if (row < ui->export_row || row >= ui->export_row + EXPORT_KINDS)
		return;
	if (ui->export_at == row - ui->export_row)
		export(ui, now_ns);
	else
		ui->export_at = row - ui->export_row;
}

const struct view view_export = {
	.name = "export",
	.overlay = true,
	.keys = {ACTION_BACK},
	.paint = paint,
	.act = act,
	.click = click,
};
