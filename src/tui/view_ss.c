/* How ss(8) would list what is listed here, and the connection that is chosen: two commands, ready to be copied. */
#include <netinet/in.h>
#include <string.h>

#include "base/message.h"
#include "show/paragraph.h"
#include "ui.h"

#define COLUMNS_WANTED 72u

/* As one word for a shell. */
static void add_quoted(struct text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,";

	if (*word && word[strspn(word, plain)] == '\0') {
		text_add(out, word);
		return;
	}
	text_add_char(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			text_add(out, "'\\''");
		else
			text_add_char(out, *word);
	text_add_char(out, '\'');
}

/* `ss`, in the namespace that was asked for: a process's, a file's, or one that ip-netns(8) has named. */
static void add_ss(const struct ui *ui, struct text *out)
{
	const char *netns = ui->means.netns;

	if (!netns) {
		text_add(out, "ss");
	} else if (netns[strspn(netns, "0123456789")] == '\0') {
		text_addf(out, "nsenter -t %s -n ss", netns);
	} else if (strchr(netns, '/')) {
		text_add(out, "nsenter --net=");
		add_quoted(out, netns);
		text_add(out, " ss");
	} else {
		text_add(out, "ss -N ");
		add_quoted(out, netns);
	}
}

/* One end, without the interface, which ss takes with `dev` only. Negative ports do not come. */
static void add_end(struct text *out, const struct tuple *t, bool remote)
{
	struct endpoint e = remote ? t->remote : t->local;
	char text[ENDPOINT_TEXT_ROOM];

	endpoint_format(&e, endpoint_is_v4(&e) ? AF_INET : AF_INET6, 0, text);
	text_addf(out, "%s %s", remote ? "dst" : "src", text);
}

/* Of the connection that is chosen. False: there is none. */
static bool say_chosen(const struct ui *ui, struct text *out)
{
	const struct connection *c = ui_chosen(ui);
	struct tuple tuple;

	if (!c)
		return false;
	tuple = connection_tuple(c);
	add_ss(ui, out);
	text_add(out, c->state == STATE_LISTEN ? " -Htln '" : " -Htan '");
	add_end(out, &tuple, false);
	if (c->state != STATE_LISTEN) {
		text_add(out, " and ");
		add_end(out, &tuple, true);
	}
	text_add(out, "'");
	return true;
}

/* Of the list. False: it lists more than is listed here. */
static bool say_list(const struct ui *ui, struct text *out)
{
	struct text filter = {0};
	bool whole = true;

	add_ss(ui, out);
	text_add(out, " -Htan");
	if (ui->list.filter)
		whole = filter_ss(ui->list.filter, &filter);
	if (filter.len)
		text_addf(out, " %s", text_string(&filter));
	text_fini(&filter);
	return whole;
}

void ui_open_ss(struct ui *ui)
{
	ui->typing.ss_of_cursor = false;
	ui_push(ui, &view_ss);
}

/* ---- keys ---- */

static void copy(struct ui *ui, int64_t now_ns)
{
	struct text command = {0};

	if (!ui->typing.ss_of_cursor)
		say_list(ui, &command);
	else if (!say_chosen(ui, &command))
		ui_need_chosen(ui, now_ns);
	ui_pop(ui);
	if (command.len)
		ui_copy(ui, text_string(&command), now_ns);
	text_fini(&command);
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_TOP:
	case ACTION_BOTTOM:
		ui->typing.ss_of_cursor = ui_chosen(ui) && (action == ACTION_DOWN || action == ACTION_PAGE_DOWN || action == ACTION_BOTTOM);
		return true;
	case ACTION_COPY:
	case ACTION_OPEN:
		copy(ui, now_ns);
		return true;
	case ACTION_SS: /* the same key leaves again */
		ui_pop(ui);
		return true;
	default:
		return false;
	}
}

/* ---- the picture ---- */

static const char *place_note(const struct ui *ui)
{
	if (ui->means.hidden_netns)
		return _("The demo has a network namespace of its own, which ss does not see.");
	return model_coverage(ui->model)->netns_watched > 1 ? _("ss looks into one network namespace at a time, yours unless you enter another.") : NULL;
}

/* The command, chosen or not, under its heading. Returns the row after it. */
static unsigned paint_command(struct area area, unsigned row, const char *heading, const char *command, bool chosen, const char *note)
{
	struct area part;
	unsigned rows;

	area_text(area, (int)row, 0, ROLE_HEADING, CELL_BOLD, heading);
	part = area_part(area, row + 1, 2, area.rows, area.columns > 2 ? area.columns - 2 : 0);
	rows = paragraph_rows(command, part.columns);
	if (chosen) {
		area_fill(area_part(area, row + 1, 0, rows, area.columns), ROLE_CURSOR, CELL_ON_CURSOR);
		area_text(area, (int)row + 1, 0, ROLE_CURSOR, CELL_BOLD | CELL_ON_CURSOR, ">");
	}
	paragraph_paint(part, chosen ? ROLE_CURSOR : ROLE_TEXT, chosen ? CELL_ON_CURSOR : 0, command);
	if (note)
		rows += paragraph_paint(area_part(part, rows, 0, part.rows, part.columns), ROLE_DIM, 0, note);
	return row + 1 + rows;
}

struct said {
	struct text list, chosen;
	bool whole, has_chosen;
	const char *note, *place;
};

static void say_all(const struct ui *ui, struct said *s)
{
	*s = (struct said){0};
	s->whole = say_list(ui, &s->list);
	s->has_chosen = say_chosen(ui, &s->chosen);
	s->note = s->whole ? NULL : _("ss has no words for all of the filter: it lists more.");
	s->place = place_note(ui);
}

static unsigned rows_wanted(const struct said *s, unsigned columns)
{
	unsigned rows = 3 + paragraph_rows(text_string(&s->list), columns - 2);

	rows += s->has_chosen ? paragraph_rows(text_string(&s->chosen), columns - 2) : 1;
	rows += s->note ? paragraph_rows(s->note, columns - 2) : 0;
	return rows + (s->place ? 1 + paragraph_rows(s->place, columns) : 0);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	const unsigned columns = area.columns > COLUMNS_WANTED + 8 ? COLUMNS_WANTED : area.columns > 6 ? area.columns - 6 : 1;
	unsigned row, wanted, gap;
	struct area box;
	struct said s;

	(void)now_ns;
	say_all(ui, &s);
	area = area_part(area, 0, 0, area.rows - 1, area.columns);
	wanted = rows_wanted(&s, columns);
	box = frame_box(area, wanted, columns, _("The same with ss"));
	gap = box.rows >= wanted;
	row = paint_command(box, 0, ui->list.filter ? _("What the filter lets through") : _("All of the list"), text_string(&s.list), !ui->typing.ss_of_cursor, s.note);
	row = paint_command(box, row + gap, _("The connection at the cursor"), s.has_chosen ? text_string(&s.chosen) : _("There is none."),
			    ui->typing.ss_of_cursor, NULL);
	if (s.place)
		paragraph_paint(area_part(box, row + gap, 0, box.rows, box.columns), ROLE_WARNING, 0, s.place);
	text_fini(&s.list);
	text_fini(&s.chosen);
}

const struct view view_ss = {
	.name = "ss",
	.overlay = true,
	.keys = {ACTION_COPY, ACTION_BACK},
	.paint = paint,
	.act = act,
};
