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

static struct ladder_view *ladder(struct ui *ui)
{
	return &ui->ladder;
}

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
	.keys = {ACTION_BACK, ACTION_PAUSE, ACTION_STEP_BACK, ACTION_STEP, ACTION_SLOWER, ACTION_FASTER, ACTION_LIVE, ACTION_CLOCK},
	.update = update,
	.paint = paint,
	.moves = moves,
	.watched = watched,
	.ladder = ladder,
};
