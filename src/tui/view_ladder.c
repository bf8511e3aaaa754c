/* The Ladder screen: one connection, from its opening to its end. */
#include <stdio.h>

#include "base/clock.h"
#include "base/message.h"
#include "show/amount.h"
#include "ui.h"

static void update(struct ui *ui, int64_t now_ns)
{
	ladder_view_update(&ui->ladder, ui->model, &ui->tempo, now_ns);
}

static bool moves(const struct ui *ui)
{
	return ladder_view_moves(&ui->ladder);
}

static unsigned watched(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX])
{
	return ui_watch_pair(ui, ui->ladder.conn, conns, 0);
}

static uint64_t chosen(const struct ui *ui)
{
	return ui->ladder.conn;
}

static struct ladder_view *ladder(struct ui *ui)
{
	return &ui->ladder;
}

static int64_t wake_ns(const struct ui *ui)
{
	return ui->ladder.conn ? ui->ladder.wake_ns : INT64_MAX;
}

/* ---- actions ---- */

#define PAGE_STEPS 5

static void step(struct ui *ui, int steps, int64_t now_ns)
{
	struct ladder_view *v = &ui->ladder;

	ui_set_paused(ui, true, now_ns);
	for (int i = 0; i < (steps < 0 ? -steps : steps); i++)
		player_step(&v->player, &v->ladder, steps < 0 ? -1 : 1, now_ns);
	v->selected = 0;
}

static void seek(struct ui *ui, unsigned whole)
{
	player_seek(&ui->ladder.player, &ui->ladder.ladder, whole);
	ui->ladder.selected = 0;
}

/* The body of the screen: without the top line, its own rule and the bottom line. */
static unsigned body_rows(const struct ui *ui)
{
	return ui->rows > 3 ? ui->rows - 3 : 0;
}

static void toggle_details(struct ui *ui, int64_t now_ns)
{
	struct ladder_view *v = &ui->ladder;

	if (ladder_view_shows_details(v, body_rows(ui), ui->columns, now_ns)) {
		v->choices.details = DETAILS_HIDDEN;
		return;
	}
	v->choices.details = DETAILS_SHOWN;
	if (!ladder_view_shows_details(v, body_rows(ui), ui->columns, now_ns))
		v->choices.explain = false; /* there is room for one of them */
}

static void toggle_numbers(struct ui *ui, int64_t now_ns)
{
	struct ladder_view *v = &ui->ladder;

	if (!v->ladder.isn_known[0] && !v->ladder.isn_known[1]) {
		ui_tell(ui, _("Numbers are relative to each side's SYN: the kernel does not tell the absolute ones."), now_ns);
		return;
	}
	v->choices.absolute_numbers = !v->choices.absolute_numbers;
}

static bool act(struct ui *ui, enum action action, int64_t now_ns)
{
	struct ladder_view *v = &ui->ladder;

	switch (action) {
	case ACTION_UP:
	case ACTION_DOWN:
		ladder_view_select(v, action == ACTION_UP ? -1 : 1);
		return true;
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
		step(ui, action == ACTION_PAGE_UP ? -PAGE_STEPS : PAGE_STEPS, now_ns);
		return true;
	case ACTION_TOP:
		ui_set_paused(ui, true, now_ns);
		seek(ui, 0);
		return true;
	case ACTION_BOTTOM:
		seek(ui, v->ladder.count);
		return true;
	case ACTION_STEP:
	case ACTION_STEP_BACK:
	case ACTION_LIVE:
		v->selected = 0;
		return false;
	case ACTION_OPEN:
		v->choices.explain = true;
		return true;
	case ACTION_EXPLAIN:
		v->choices.explain = !v->choices.explain;
		return true;
	case ACTION_DETAILS:
		toggle_details(ui, now_ns);
		return true;
	case ACTION_NUMBERS:
		toggle_numbers(ui, now_ns);
		return true;
	case ACTION_EXPORT:
		ui_push(ui, &view_export);
		return true;
	default:
		return false;
	}
}

static void click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	struct ladder_view *v = &ui->ladder;
	const unsigned at = row >= 2 ? ladder_view_row_at(v, body_rows(ui), ui->columns, row - 2, now_ns) : 0;

	(void)column;
	if (!at)
		return;
	v->choices.explain |= v->selected == at; /* once more explains it */
	v->selected = (uint16_t)at;
}

/* ---- picture ---- */

static void say_aside(const struct ui *ui, struct aside *aside, int64_t now_ns)
{
	const struct ladder_view *v = &ui->ladder;
	const unsigned drawn = v->moment.whole < v->ladder.count ? v->moment.whole : v->ladder.count;
	const int64_t lag = ladder_view_lag_ns(v, now_ns);
	char tempo[24], span[AMOUNT_ROOM];

	if (ui->paused)
		aside_add(aside, 1, "%s", _("paused"));
	else if (lag >= NS_PER_SECOND)
		aside_add(aside, 1, _("%s behind"), amount_span(lag - lag % NS_PER_SECOND, span));
	if (v->ladder.count)
		aside_add(aside, 2, _("event %u of %u"), drawn, v->ladder.count);
	aside_add(aside, ui->tempo.kind == TEMPO_COMPRESSED ? 6 : 3, "%s", ladder_view_tempo(&ui->tempo, tempo));
	if (v->rtt_us)
		aside_add(aside, 5, "RTT %s", amount_span((int64_t)v->rtt_us * NS_PER_US, span));
	if (v->pid)
		aside_add(aside, 7, "fd %d", (int)v->fd);
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct aside aside = {0};

	say_aside(ui, &aside, now_ns);
	ui_paint_ladder_rule(area, area.columns >= 60 ? _("Ladder") : "", &ui->ladder, &aside, ui->paused ? ROLE_WARNING : ROLE_DIM);
	ladder_view_paint_screen(&ui->ladder, area_part(area, 1, 0, area.rows, area.columns), now_ns);
}

const struct view view_ladder = {
	.name = "ladder",
	.title = N_("Ladder"),
	.keys = {ACTION_BACK, ACTION_EXPLAIN, ACTION_PAUSE, ACTION_STEP_BACK, ACTION_STEP, ACTION_SLOWER, ACTION_FASTER, ACTION_LIVE, ACTION_DETAILS,
		 ACTION_EXPORT, ACTION_CLOCK, ACTION_NUMBERS},
	.update = update,
	.paint = paint,
	.act = act,
	.click = click,
	.moves = moves,
	.wake_ns = wake_ns,
	.watched = watched,
	.ladder = ladder,
	.chosen = chosen,
};
