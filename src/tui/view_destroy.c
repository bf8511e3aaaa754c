/*
 * Destroying a socket: the only thing here that changes the host. It is asked for by name, the answer that Enter gives at first is no, and of a listener it is asked
 * twice. What is destroyed is the very socket that was named, or none.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/utf8.h"
#include "key.h"
#include "show/paragraph.h"
#include "ui.h"

#define COLUMNS_WANTED 60u

/* Why it cannot be done; NULL: for no reason of these. */
static const char *reason_of(int error)
{
	switch (error) {
	case -ENOENT:
		return _("It was no longer there: nothing has been destroyed.");
	case -ENODATA:
		return _("Not possible: without sock_diag no socket can be told from another for certain.");
	case -EPERM:
	case -EACCES:
		return _("Not possible: to destroy a socket CAP_NET_ADMIN is needed (try sudo).");
	case -EOPNOTSUPP:
		return _("Not possible: this kernel cannot (it has no CONFIG_INET_DIAG_DESTROY).");
	case -EXDEV:
		return _("Not possible: it is in another network namespace (start synfin with -N).");
	default:
		return NULL;
	}
}

/* Why it need not even be asked. */
static const char *why_not(const struct ui *ui, const struct connection *c, const struct lookup *which)
{
	if (!ui->means.destroy)
		return _("No socket can be destroyed from here.");
	if (ui->following && ui_base(ui) == &view_list)
		return _("To destroy a socket, choose it with the arrow keys first.");
	if (!c->live)
		return _("It is over already: there is nothing to destroy.");
	if (!which->cookie)
		return reason_of(-ENODATA);
	return ui->means.may_destroy ? reason_of(ui->means.may_destroy(ui->means.context, which)) : NULL;
}

static void name_it(const struct ui *ui, const struct connection *c, struct destroy_question *q)
{
	struct holder h;

	tuple_format_local(&q->which.tuple, q->local);
	if (!q->listener)
		tuple_format_remote(&q->which.tuple, q->remote);
	if (model_holder(ui->model, c, 0, &h))
		snprintf(q->program, sizeof(q->program), "%s[%u]", h.comm, h.pid);
}

void ui_open_destroy(struct ui *ui, int64_t now_ns)
{
	struct destroy_question *q = &ui->typing.destroy;
	const struct connection *c = ui_need_chosen(ui, now_ns);
	const char *reason;

	if (!c)
		return;
	*q = (struct destroy_question){.listener = c->state == STATE_LISTEN};
	q->which.tuple = connection_tuple(c);
	q->which.cookie = connection_present_cookie(c);
	q->which.conn = c->id;
	q->which.netns = model_netns(ui->model, c);
	name_it(ui, c, q);
	reason = why_not(ui, c, &q->which);
	if (reason)
		ui_notice(ui, reason, now_ns);
	else
		ui_push(ui, &view_destroy);
}

/* ---- the answer ---- */

static void tell(struct ui *ui, int error, int64_t now_ns)
{
	const struct destroy_question *q = &ui->typing.destroy;

	if (!error)
		ui_tellf(ui, now_ns, _("Destroyed: %s %s"), q->local, q->remote);
	else if (reason_of(error))
		ui_notice(ui, reason_of(error), now_ns);
	else
		ui_noticef(ui, now_ns, _("Not destroyed: %s"), strerror(-error));
}

static void answer(struct ui *ui, bool yes, int64_t now_ns)
{
	struct destroy_question *q = &ui->typing.destroy;

	if (yes && q->listener && !q->again) {
		q->again = true;
		q->yes = false;
		return;
	}
	ui_pop(ui);
	if (yes)
		tell(ui, ui->means.destroy(ui->means.context, &q->which), now_ns);
	else
		ui_tell(ui, _("Nothing has been destroyed."), now_ns);
}

/* What is pasted is never an answer. */
static bool typed(struct ui *ui, unsigned key, bool pasted, int64_t now_ns)
{
	struct destroy_question *q = &ui->typing.destroy;
	char latin[KEY_LATIN_MAX];

	if (pasted)
		return true;
	if (key_latin(key, latin) == 1)
		key = (unsigned char)latin[0];
	switch (key) {
	case 'y':
	case 'Y':
		answer(ui, true, now_ns);
		return true;
	case 'n':
	case 'N':
	case KEY_CODE_ESCAPE:
		answer(ui, false, now_ns);
		return true;
	case KEY_CODE_ENTER:
		answer(ui, q->yes, now_ns);
		return true;
	case KEY_CODE_TAB:
	case NAMED_KEY_BACK_TAB:
	case NAMED_KEY_LEFT:
	case NAMED_KEY_RIGHT:
		q->yes = !q->yes;
		return true;
	default: /* whoever has something else in mind does not want this */
		return key != NAMED_KEY_F1 && key != NAMED_KEY_F10 && key >= ' ';
	}
}

/* ---- the picture ---- */

static const char *consequence(const struct ui *ui, const struct destroy_question *q)
{
	const struct connection *c = model_find(ui->model, q->which.conn);

	if (q->again)
		return _("It listens. Really destroy it?");
	if (q->listener)
		return _("Nobody can connect to it any more, until its program listens again.");
	if (c && c->state == STATE_TIME_WAIT)
		return _("What the kernel keeps of it is forgotten at once.");
	return _("Its program gets an error at once, and the peer a reset. This cannot be undone.");
}

static void paint_choice(const struct destroy_question *q, struct area area, unsigned row)
{
	const char *const words[2] = {_("No"), _("Yes")};
	const unsigned width = utf8_columns(words[0]) + utf8_columns(words[1]) + 12;
	int at = area.columns > width ? (int)(area.columns - width) / 2 : 0;

	for (unsigned i = 0; i < 2; i++) {
		const bool chosen = q->yes == (i == 1);

		at += (int)area_textf(area, (int)row, at, chosen ? ROLE_TAB_ACTIVE : ROLE_TAB, chosen ? CELL_BOLD : 0, chosen ? "[ %s ]" : "  %s  ", words[i]) + 4;
	}
}

static void paint_keys(struct area area)
{
	const struct frame_key keys[] = {
		{.key = "y", .label = _("Yes")}, {.key = "n", .label = _("No")}, {.key = "Tab", .label = _("Choose")}, {.key = "Esc", .label = _("Back")},
	};

	frame_bottom(area, keys, sizeof(keys) / sizeof(keys[0]), NULL);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const struct destroy_question *q = &ui->typing.destroy;
	const struct connection *c = model_find(ui->model, q->which.conn);
	const enum tcp_state state = c ? (enum tcp_state)c->state : STATE_CLOSED;
	const unsigned columns = area.columns > COLUMNS_WANTED + 8 ? COLUMNS_WANTED : area.columns > 6 ? area.columns - 6 : 1;
	const char *said = consequence(ui, q);
	const bool roomy = area.rows >= 14;
	char ends[2 * ENDPOINT_TEXT_ROOM + 8];
	struct area box;
	unsigned row, named;

	(void)now_ns;
	snprintf(ends, sizeof(ends), "%s%s%s%s%s", q->local, q->listener ? "" : " ", q->listener ? "" : area.canvas->glyphs->arrow_right, q->listener ? "" : " ", q->remote);
	named = paragraph_rows(ends, columns);
	box = frame_box(area_part(area, 0, 0, area.rows - 1, area.columns), named + 1 + paragraph_rows(said, columns) + 1 + (roomy ? 4 : 1), columns,
			_("Destroy this socket?"));
	row = roomy;
	row += paragraph_paint(area_part(box, row, 0, box.rows, box.columns), ROLE_TITLE, CELL_BOLD, ends);
	area_textf(area_part(box, row, 0, 1, box.columns), 0, (int)area_text(box, (int)row, 0, role_of_state(state), CELL_BOLD, state_name(state)), ROLE_TEXT, 0, "  %s",
		   q->program);
	row += 1 + roomy;
	row += paragraph_paint(area_part(box, row, 0, box.rows, box.columns), q->again ? ROLE_WARNING : ROLE_TEXT, q->again ? CELL_BOLD : 0, said);
	paint_choice(q, box, box.rows > row + 1 ? row + 1 : row);
	paint_keys(area_part(area, area.rows - 1, 0, 1, area.columns));
}

const struct view view_destroy = {
	.name = "destroy",
	.overlay = true,
	.own_bottom = true,
	.paint = paint,
	.typed = typed,
};
