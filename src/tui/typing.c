/* What is asked for with one key, on every screen that has a connection to ask it for; and what these overlays own. */
#include "typing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "ui.h"

void typing_fini(struct typing *t)
{
	prompt_fini(&t->search.line);
	prompt_fini(&t->filter.line);
	free(t->filter.former);
	free(t->filter.former_before);
}

const struct connection *ui_chosen(const struct ui *ui)
{
	const struct view *base = ui_base(ui);

	return base->chosen ? model_find(ui->model, base->chosen(ui)) : NULL;
}

const struct connection *ui_need_chosen(struct ui *ui, int64_t now_ns)
{
	const struct connection *c = ui_chosen(ui);

	if (!c)
		ui_notice(ui, _("There is no connection at the cursor: choose one with the arrow keys."), now_ns);
	return c;
}

/* ---- the clipboard ---- */

void ui_copy(struct ui *ui, const char *text, int64_t now_ns)
{
	if (!ui->means.clipboard) {
		ui_noticef(ui, now_ns, _("This terminal has no clipboard: %s"), text);
		return;
	}
	if (strlen(text) >= sizeof(ui->copy)) {
		ui_notice(ui, _("That is too long for the clipboard."), now_ns);
		return;
	}
	memcpy(ui->copy, text, strlen(text) + 1);
	ui_tellf(ui, now_ns, _("Copied: %s"), text);
}

static void copy_ends(struct ui *ui, int64_t now_ns)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM], both[2 * ENDPOINT_TEXT_ROOM];
	const struct connection *c = ui_need_chosen(ui, now_ns);
	struct tuple tuple;

	if (!c)
		return;
	tuple = connection_tuple(c);
	tuple_format_local(&tuple, local);
	tuple_format_remote(&tuple, remote);
	snprintf(both, sizeof(both), "%s %s", local, remote);
	ui_copy(ui, c->state == STATE_LISTEN ? local : both, now_ns);
}

/* ---- names ---- */

static void turn_names(struct ui *ui, int64_t now_ns)
{
	if (!ui->means.names) {
		ui_notice(ui, _("There are no names to be had here."), now_ns);
		return;
	}
	list_set_names(&ui->list, ui->list.names ? NULL : ui->means.names);
	ui_tell(ui, ui->list.names ? _("Names of hosts and services, as they are found.") : _("Addresses and ports by number."), now_ns);
}

bool typing_act(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_COPY:
		copy_ends(ui, now_ns);
		return true;
	case ACTION_NAMES:
		turn_names(ui, now_ns);
		return true;
	case ACTION_SS:
		ui_open_ss(ui);
		return true;
	case ACTION_DESTROY:
		ui_open_destroy(ui, now_ns);
		return true;
	default:
		return false;
	}
}

bool typing_act_list(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_SEARCH:
		ui_open_search(ui);
		return true;
	case ACTION_SEARCH_NEXT:
	case ACTION_SEARCH_BACK:
		ui_search_again(ui, action == ACTION_SEARCH_BACK, now_ns);
		return true;
	case ACTION_BACK:
		return ui_search_end(ui);
	case ACTION_FILTER:
		ui_open_filter(ui, now_ns);
		return true;
	default:
		return false;
	}
}
