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

/* "paused, event 4 of 5, compressed time, RTT 11.8ms": what is cut off where there is no room matters least. */
static void say_aside(const struct ui *ui, struct text *aside)
{
	const struct ladder_view *v = &ui->ladder;
	char tempo[24], span[AMOUNT_ROOM];
	unsigned drawn = v->moment.whole < v->ladder.count ? v->moment.whole : v->ladder.count;

	if (ui->notice[0]) {
		text_add(aside, ui->notice);
		return;
	}
	if (ui->paused)
		text_addf(aside, "%s, ", _("paused"));
	if (v->ladder.count)
		text_addf(aside, _("event %u of %u, "), drawn, v->ladder.count);
	text_add(aside, ladder_view_tempo(&ui->tempo, tempo));
	if (v->rtt_us)
		text_addf(aside, ", RTT %s", amount_span((int64_t)v->rtt_us * NS_PER_US, span));
}

static void paint(struct ui *ui, struct area area, int64_t now_ns)
{
	struct text title = {0}, aside = {0}, subject = {0};
	unsigned after;

	ladder_view_title(&ui->ladder, area.canvas->glyphs, area.columns > 30 ? area.columns - 30 : 0, &subject);
	if (area.columns >= 60)
		text_addf(&title, "%s  ", _("Ladder"));
	text_add(&title, text_string(&subject));
	if (ui->ladder.pid && area.columns >= 120)
		text_addf(&title, "  fd %d", (int)ui->ladder.fd);
	after = frame_rule(area, text_string(&title), ROLE_DIM, NULL);
	say_aside(ui, &aside);
	frame_aside(area, after, ui->paused || ui->notice[0] ? ROLE_WARNING : ROLE_DIM, text_string(&aside));
	ladder_view_paint_screen(&ui->ladder, area_part(area, 1, 0, area.rows, area.columns), now_ns);
	text_fini(&title);
	text_fini(&aside);
	text_fini(&subject);
}

const struct view view_ladder = {
	.name = "ladder",
	.keys = {ACTION_BACK, ACTION_PAUSE, ACTION_STEP_BACK, ACTION_STEP, ACTION_SLOWER, ACTION_FASTER, ACTION_LIVE, ACTION_CLOCK},
	.update = update,
	.paint = paint,
	.moves = moves,
	.watched = watched,
	.ladder = ladder,
};
