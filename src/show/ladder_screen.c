/*
 * The Ladder screen: where its parts stand, and painting them.
 *
 * Wide screens have the panels at the right side. On others they stand below the ladder: the one asked for takes half of the screen if it must, and the
 * details come by themselves only where nothing has to make room.
 */
#include <stdio.h>

#include "base/message.h"
#include "base/utf8.h"
#include "ladder_explain.h"
#include "ladder_standing.h"
#include "show/frame.h"
#include "show/ladder_view.h"
#include "show/paragraph.h"
#include "tcp/flags.h"

#define SIDE_SCREEN_LEAST 128 /* columns of a screen with panels at the side */
#define LADDER_COLUMNS 92     /* of a ladder with all its columns */
#define SIDE_COLUMNS_LEAST 36
#define SIDE_COLUMNS_MOST 66
#define MARGIN 1
#define SMALL_ROOM 12  /* rows: of less, each is wanted for something better than a legend, once a panel is asked for */
#define LADDER_LEAST 3 /* rows of a ladder above a panel there */
#define SIDE_EDGES (4 * MARGIN) /* of the screen, and round the line between ladder and side */

enum panel { PANEL_NONE, PANEL_EXPLAIN, PANEL_DETAILS };

/* Rows from the top: the ladder, the panel below it, the standing, the legend. */
struct places {
	unsigned ladder_rows, ladder_columns;
	enum panel below;
	unsigned below_rows;     /* with its rule */
	unsigned side_columns;   /* 0: there is no side */
	bool side_details;
	unsigned standing_rows;
	bool legend;
};

/* ---- what is meant ---- */

void ladder_view_select(struct ladder_view *v, int rows)
{
	const unsigned drawn = ladder_drawn(&v->ladder, v->moment);
	int to = v->selected ? v->selected + rows : (int)drawn + (v->choices.explain && rows < 0 ? rows : 0);

	if (drawn == 0)
		return;
	v->selected = (uint16_t)(to < 1 ? 1 : to > (int)drawn ? (int)drawn : to);
}

unsigned ladder_view_subject(const struct ladder_view *v)
{
	return v->selected ? v->selected : ladder_drawn(&v->ladder, v->moment);
}

/* ---- where it stands ---- */

static unsigned panel_rows(const struct ladder_view *v, enum panel panel, unsigned columns, const struct glyphs *g)
{
	const unsigned subject = ladder_view_subject(v);

	if (panel == PANEL_DETAILS)
		return info_rows(&v->info[0], g, columns);
	return subject ? explain_rows(&v->ladder, subject - 1, &v->info[0], g, columns) : 1;
}

static unsigned ladder_rows_wanted(const struct ladder_view *v)
{
	return ladder_height(&v->ladder) + (v->countdown[0].words[0] && v->countdown[1].words[0]);
}

/* The rows of a panel that was asked for: as many as it wants, if the ladder keeps half of the room; of little room, the newest rows. */
static unsigned rows_asked_for(unsigned wanted, unsigned ladder, unsigned room)
{
	const unsigned kept = room < SMALL_ROOM ? LADDER_LEAST : room / 2, most = room - (ladder < kept ? ladder : kept);

	return wanted < most ? wanted : most;
}

/* Chooses the panel below the ladder and its height, in `room` rows. */
static void place_below(struct places *p, const struct ladder_view *v, unsigned room, unsigned columns, const struct glyphs *g)
{
	const bool asked = v->choices.explain || v->choices.details == DETAILS_SHOWN;
	const unsigned ladder = ladder_rows_wanted(v);
	unsigned wanted;

	if (v->choices.details == DETAILS_HIDDEN && !v->choices.explain)
		return;
	wanted = panel_rows(v, v->choices.explain ? PANEL_EXPLAIN : PANEL_DETAILS, columns, g) + 1;
	if (!asked && ladder + wanted + p->standing_rows > room)
		return;
	p->below = v->choices.explain ? PANEL_EXPLAIN : PANEL_DETAILS;
	if (ladder + wanted + p->standing_rows > room)
		p->standing_rows = 0;
	p->below_rows = room > LADDER_LEAST ? rows_asked_for(wanted, ladder, room) : 0;
}

/* Of what the ladder does not need, two thirds: a wider lane is good to look at, too. */
static unsigned side_columns(unsigned columns)
{
	const unsigned spare = columns - LADDER_COLUMNS - SIDE_EDGES, wanted = spare * 2 / 3 < SIDE_COLUMNS_MOST ? spare * 2 / 3 : SIDE_COLUMNS_MOST;

	return wanted > SIDE_COLUMNS_LEAST ? wanted : spare < SIDE_COLUMNS_LEAST ? spare : SIDE_COLUMNS_LEAST;
}

static void place(struct places *p, const struct ladder_view *v, unsigned rows, unsigned columns, int64_t now_ns, const struct glyphs *g)
{
	const unsigned width = columns > 2 * MARGIN ? columns - 2 * MARGIN : 0;
	unsigned room;
	struct text text = {0};

	*p = (struct places){.ladder_columns = width};
	p->legend = rows >= SMALL_ROOM || !(v->choices.explain || v->choices.details == DETAILS_SHOWN);
	room = rows > p->legend ? rows - p->legend : 0;
	standing_say(v, now_ns, g, &text);
	p->standing_rows = paragraph_rows(text_string(&text), width > 2 ? width - 2 : 0);
	if (p->standing_rows > rows / 3)
		p->standing_rows = rows / 3;
	text_fini(&text);
	p->side_details = v->choices.details != DETAILS_HIDDEN;
	if (columns < SIDE_SCREEN_LEAST) {
		place_below(p, v, room, width, g);
	} else if (p->side_details || v->choices.explain) {
		p->side_columns = side_columns(columns);
		p->ladder_columns = columns - p->side_columns - SIDE_EDGES;
	}
	p->ladder_rows = room > p->standing_rows + p->below_rows ? room - p->standing_rows - p->below_rows : 0;
}

bool ladder_view_shows_details(const struct ladder_view *v, unsigned rows, unsigned columns, int64_t now_ns)
{
	struct places p;

	place(&p, v, rows, columns, now_ns, &glyphs_unicode);
	return p.side_columns ? p.side_details : p.below == PANEL_DETAILS;
}

static struct ladder_style style_of(const struct ladder_view *v)
{
	return (struct ladder_style){
		.absolute_time = v->choices.absolute_time,
		.absolute_numbers = v->choices.absolute_numbers,
		.utc_offset_s = v->utc_offset_s,
		.show_how = true,
		.selected = v->choices.explain ? (uint16_t)ladder_view_subject(v) : v->selected,
		.countdown = v->countdown,
	};
}

unsigned ladder_view_row_at(const struct ladder_view *v, unsigned rows, unsigned columns, unsigned line, int64_t now_ns)
{
	const struct ladder_style style = style_of(v);
	struct ladder_window w;
	struct places p;

	place(&p, v, rows, columns, now_ns, &glyphs_unicode);
	w = ladder_window(&v->ladder, p.ladder_rows, p.ladder_columns, v->moment, &style, &glyphs_unicode);
	if (line >= p.ladder_rows || line < w.line || line - w.line >= w.end - w.first)
		return 0;
	return w.first + line - w.line + 1;
}

/* ---- pictures ---- */

/* "SYN+ACK  The peer agrees" */
static void say_title(const struct ladder_view *v, unsigned row, struct text *out)
{
	char flags[FLAGS_TEXT_ROOM];

	if (v->ladder.rows[row].flags) {
		flags_format(v->ladder.rows[row].flags, flags);
		text_addf(out, "%s  ", flags);
	}
	text_add(out, _(explain_row(&v->ladder, row).title));
}

static void paint_explanation(const struct ladder_view *v, struct area area)
{
	const unsigned subject = ladder_view_subject(v);

	if (subject)
		explain_paint(&v->ladder, subject - 1, &v->info[0], area);
	else
		paragraph_paint(area, ROLE_DIM, 0, _("These states hold before the first arrow."));
}

static void paint_below(const struct ladder_view *v, struct area area, enum panel panel, int64_t now_ns)
{
	const struct area inner = area_part(area, 1, MARGIN, area.rows, area.columns > 2 * MARGIN ? area.columns - 2 * MARGIN : 0);
	const unsigned subject = ladder_view_subject(v);
	struct text title = {0}, source = {0};

	if (panel == PANEL_DETAILS) {
		frame_rule(area, _("Details"), ROLE_DIM, NULL);
		info_paint(&v->info[0], inner, now_ns);
		return;
	}
	if (subject) {
		say_title(v, subject - 1, &title);
		explain_source(&v->ladder, subject - 1, area.canvas->glyphs, &source);
	}
	if (utf8_columns(text_string(&title)) + utf8_columns(text_string(&source)) + 8 > area.columns)
		text_clear(&source);
	frame_rule(area, text_string(&title), ROLE_DIM, source.len ? text_string(&source) : NULL);
	paint_explanation(v, inner);
	if (panel_rows(v, panel, inner.columns, area.canvas->glyphs) > inner.rows)
		area_text(area, (int)area.rows - 1, (int)area.columns - 1, ROLE_DIM, 0, area.canvas->glyphs->ellipsis);
	text_fini(&title);
	text_fini(&source);
}

/* The details of this end, and below them, where there is room, those of the other one if it is ours too. */
static void paint_ends(const struct ladder_view *v, struct area area, int64_t now_ns)
{
	const unsigned here = info_rows(&v->info[0], area.canvas->glyphs, area.columns), there = info_rows(&v->info[1], area.canvas->glyphs, area.columns);

	if (!v->info[1].known || here + there + 3 > area.rows) {
		info_paint(&v->info[0], area, now_ns);
		return;
	}
	area_text(area, 0, 0, ROLE_TITLE, 0, _("This end"));
	info_paint(&v->info[0], area_part(area, 1, 0, here, area.columns), now_ns);
	area_text(area, (int)here + 2, 0, ROLE_TITLE, 0, _("The other end, also here"));
	info_paint(&v->info[1], area_part(area, here + 3, 0, there, area.columns), now_ns);
}

static void paint_side(const struct ladder_view *v, struct area area, const struct places *p, int64_t now_ns)
{
	const unsigned subject = ladder_view_subject(v);
	struct area inner = area_part(area, 0, 2 * MARGIN, area.rows, p->side_columns);
	struct text title = {0};
	unsigned y = 0;

	for (unsigned row = 0; row < area.rows; row++)
		area_text(area, (int)row, 0, ROLE_RULE, 0, area.canvas->glyphs->vertical);
	if (v->choices.explain) {
		if (subject)
			say_title(v, subject - 1, &title);
		area_field(inner, 0, 0, inner.columns, false, ROLE_TITLE, 0, text_string(&title));
		y = 1 + panel_rows(v, PANEL_EXPLAIN, inner.columns, area.canvas->glyphs);
		paint_explanation(v, area_part(inner, 1, 0, y, inner.columns));
		text_clear(&title);
		if (subject)
			explain_source(&v->ladder, subject - 1, area.canvas->glyphs, &title);
		area_text(inner, (int)y, 0, ROLE_DIM, 0, text_string(&title));
		y += 2;
	}
	if (p->side_details)
		paint_ends(v, area_part(inner, y, 0, inner.rows, inner.columns), now_ns);
	text_fini(&title);
}

static void paint_standing(const struct ladder_view *v, struct area area, int64_t now_ns)
{
	const enum role role = standing_is_trouble(v, now_ns) ? ROLE_WARNING : ROLE_TEXT;
	const struct glyphs *g = area.canvas->glyphs;
	struct text text = {0};

	if (area.rows == 0)
		return;
	standing_say(v, now_ns, g, &text);
	area_text(area, 0, 0, role == ROLE_WARNING ? role : role_of_state(v->state), CELL_BOLD, role == ROLE_WARNING ? "!" : g->bullet);
	paragraph_paint(area_part(area, 0, 2, area.rows, area.columns), role, 0, text_string(&text));
	text_fini(&text);
}

/* The row that is selected, or explained, has the mark of a cursor too. */
static void paint_cursor(const struct ladder_view *v, struct area area, const struct places *p)
{
	const struct ladder_style style = style_of(v);
	const struct ladder_window w = ladder_window(&v->ladder, p->ladder_rows, p->ladder_columns, v->moment, &style, area.canvas->glyphs);

	if (style.selected > w.first && style.selected <= w.end)
		area_text(area, (int)(w.line + style.selected - 1 - w.first), 0, ROLE_CURSOR, CELL_BOLD, ">");
}

void ladder_view_paint_screen(const struct ladder_view *v, struct area area, int64_t now_ns)
{
	const struct ladder_style style = style_of(v);
	const unsigned width = area.columns > 2 * MARGIN ? area.columns - 2 * MARGIN : 0;
	struct places p;

	place(&p, v, area.rows, area.columns, now_ns, area.canvas->glyphs);
	ladder_paint(&v->ladder, area_part(area, 0, MARGIN, p.ladder_rows, p.ladder_columns), v->moment, &style);
	paint_cursor(v, area, &p);
	if (p.side_columns)
		paint_side(v, area_part(area, 0, p.ladder_columns + MARGIN, p.ladder_rows, area.columns), &p, now_ns);
	if (p.below)
		paint_below(v, area_part(area, p.ladder_rows, 0, p.below_rows, area.columns), p.below, now_ns);
	paint_standing(v, area_part(area, p.ladder_rows + p.below_rows, MARGIN, p.standing_rows, width), now_ns);
	if (p.legend)
		legend_paint(area_part(area, area.rows - 1, MARGIN, 1, width));
}
