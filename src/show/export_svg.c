/*
 * A ladder as an SVG picture.
 *
 * Laid out on a fixed grid: times, the local states, two lifelines with the arrows between them, the remote states, how it is known. Lifelines wear the
 * colour of their state, from row to row. An arrow comes in a little lower than it leaves, and one that another crosses comes in at the row where it
 * arrived. Colours are classes of one style sheet, which has them for light and for dark pages; nothing outside the picture is referred to.
 */
#include <stdio.h>

#include "base/message.h"
#include "export_words.h"

enum { LOCAL, REMOTE };

#define WIDTH 1060
#define MARGIN 32
#define DELTA_X 226
#define LINE_LOCAL_X 370
#define LINE_REMOTE_X 780
#define HOW_X 930
#define HEAD_HEIGHT 112
#define ROW_HEIGHT 36
#define FOOT_HEIGHT 72
#define SLANT 8      /* an arrow arrives so much lower */
#define LOST_X (LINE_LOCAL_X + (LINE_REMOTE_X - LINE_LOCAL_X) * 2 / 3)

static const struct {
	uint8_t state;
	const char *light, *dark;
} state_colors[] = {
	{STATE_LISTEN, "#0969da", "#58a6ff"},     {STATE_SYN_SENT, "#9a6700", "#e3b341"},  {STATE_SYN_RECV, "#7d5c00", "#d29922"},
	{STATE_ESTABLISHED, "#1a7f37", "#3fb950"}, {STATE_FIN_WAIT1, "#8250df", "#d2a8ff"}, {STATE_FIN_WAIT2, "#6639ba", "#bc8cff"},
	{STATE_CLOSE_WAIT, "#cf222e", "#ff7b72"},  {STATE_CLOSING, "#bf3989", "#f778ba"},   {STATE_LAST_ACK, "#a40e26", "#ffa198"},
	{STATE_TIME_WAIT, "#0b7285", "#39c5cf"},   {STATE_CLOSED, "#6e7781", "#8b949e"},
};

static void add_escaped(struct text *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': text_add(out, "&amp;"); break;
		case '<': text_add(out, "&lt;"); break;
		case '>': text_add(out, "&gt;"); break;
		case '"': text_add(out, "&quot;"); break;
		default: text_add_char(out, (unsigned char)*s < ' ' ? ' ' : *s); /* XML has no others */
		}
	}
}

/* ---- the style sheet ---- */

static void add_colors(bool dark, struct text *out)
{
	for (size_t i = 0; i < sizeof(state_colors) / sizeof(*state_colors); i++) {
		const char *name = state_name(state_colors[i].state), *color = dark ? state_colors[i].dark : state_colors[i].light;

		text_addf(out, ".t-%s{fill:%s}.l-%s{stroke:%s}\n", name, color, name, color);
	}
}

static void add_style(struct text *out)
{
	text_add(out, "<style>\n"
		 "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK KR',monospace;fill:#1f2328;white-space:pre}\n"
		 ".ground{fill:#ffffff}.dim{fill:#59636e}.title{font-size:18px;font-weight:bold}.head{fill:#59636e;font-size:12px}\n"
		 ".flags{font-weight:bold;fill:#1f2328}.words{paint-order:stroke;stroke:#ffffff;stroke-width:4px;stroke-linejoin:round}\n"
		 ".state{font-weight:bold}.flags.warning,text.warning{fill:#cf222e}.small{font-size:12px}\n"
		 ".life{stroke-width:3;stroke-linecap:round}.gone{stroke-dasharray:1 6;stroke-width:2}.time{stroke-dasharray:2 6}\n"
		 ".arrow{stroke:#1f2328;stroke-width:1.6;fill:none}.inferred{stroke:#59636e;stroke-dasharray:6 4}.lost{stroke:#cf222e}\n"
		 ".tip{fill:#1f2328}.tip-inferred{fill:#59636e}.rule{stroke:#d1d9e0}\n");
	add_colors(false, out);
	text_add(out, "@media (prefers-color-scheme:dark){\n"
		 "text,.flags{fill:#e6edf3}.ground{fill:#0d1117}.words{stroke:#0d1117}text.dim,text.head{fill:#9198a1}text.warning,.flags.warning{fill:#ff7b72}\n"
		 ".arrow{stroke:#e6edf3}.inferred{stroke:#9198a1}.lost{stroke:#ff7b72}.tip{fill:#e6edf3}.tip-inferred{fill:#9198a1}.rule{stroke:#3d444d}\n");
	add_colors(true, out);
	text_add(out, "}\n</style>\n<defs>\n");
	for (unsigned inferred = 0; inferred < 2; inferred++)
		text_addf(out, "<marker id=\"tip%s\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" "
			  "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip%s\" d=\"M0 0L10 5L0 10z\"/></marker>\n",
			  inferred ? "-inferred" : "", inferred ? "-inferred" : "");
	text_add(out, "</defs>\n");
}

/* ---- marks ---- */

static void add_text(struct text *out, int x, int y, const char *anchor, const char *class, const char *s)
{
	if (!*s)
		return;
	text_addf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
	add_escaped(out, s);
	text_add(out, "</text>\n");
}

static int line_x(unsigned side)
{
	return side == LOCAL ? LINE_LOCAL_X : LINE_REMOTE_X;
}

static void add_state(struct text *out, int y, unsigned side, enum tcp_state state, bool deduced)
{
	char label[32], class[32];

	if (state == STATE_NONE)
		return;
	snprintf(label, sizeof(label), "%s%s", state_name(state), deduced ? " ?" : "");
	snprintf(class, sizeof(class), "state t-%s", state_name(state));
	add_text(out, line_x(side) + (side == LOCAL ? -12 : 12), y + 5, side == LOCAL ? "end" : "start", class, label);
}

/* A piece of a lifeline, from y to y + height. Where there is no connection it is dotted, and where time is left out. */
static void add_life(struct text *out, int y, int height, unsigned side, enum tcp_state state, bool left_out)
{
	const bool gone = state == STATE_NONE || state == STATE_CLOSED;

	text_addf(out, "<line class=\"life l-%s%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", gone ? "CLOSED" : state_name(state),
		  gone ? " gone" : left_out ? " time" : "", line_x(side), y, line_x(side), y + height);
}

static void add_arrow(struct text *out, int y, int end_y, const struct ladder_row *row)
{
	const bool inferred = row->certainty >= CERTAINTY_INFERRED;
	const int from = row->from_local ? LINE_LOCAL_X + 3 : LINE_REMOTE_X - 3, to = row->from_local ? LINE_REMOTE_X - 4 : LINE_LOCAL_X + 4;
	const int lost = row->from_local ? LOST_X : LINE_LOCAL_X + LINE_REMOTE_X - LOST_X, lost_y = y + SLANT * 2 / 3;

	if (!row->unanswered) {
		text_addf(out, "<line class=\"arrow%s\" marker-end=\"url(#tip%s)\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
			  inferred ? " inferred" : "", inferred ? "-inferred" : "", from, y, to, end_y);
		return;
	}
	text_addf(out, "<line class=\"arrow lost%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", inferred ? " inferred" : "", from, y, lost, lost_y);
	text_addf(out, "<path class=\"arrow lost\" d=\"M%d %dl10 10m0 -10l-10 10\"/>\n", lost - 5, lost_y - 5);
}

static void add_words(struct text *out, int y, const struct ladder_row *row)
{
	char words[WORDS_ROOM];
	unsigned flags_bytes;

	export_segment(row, words, &flags_bytes);
	text_addf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", LINE_LOCAL_X + 24, y - 4, row->numbers == CERTAINTY_INFERRED ? "words dim" : "words");
	text_addf(out, "<tspan class=\"flags%s\">", row->part == PART_RESET || row->unanswered ? " warning" : "");
	for (unsigned i = 0; i < flags_bytes && words[i]; i++)
		text_add_char(out, words[i]); /* flags, or a word of ours: nothing that XML knows */
	text_add(out, "</tspan>");
	add_escaped(out, words + flags_bytes);
	text_add(out, "</text>\n");
}

/* ---- rows ---- */

struct svg {
	struct text *out;
	const struct ladder_view *v;
	struct words_clock clock;
	uint8_t state[2];
	bool deduced;
};

static void add_margins(struct svg *s, int y, const struct ladder_row *row)
{
	char words[WORDS_ROOM];

	if (!row->certainty)
		return;
	if (!row->same_step) {
		words_time(&s->clock, row, words);
		add_text(s->out, MARGIN, y + 5, "start", "plain", words);
		words_delta(row, &glyphs_unicode, words);
		add_text(s->out, DELTA_X, y + 5, "end", "dim", words);
	}
	add_text(s->out, HOW_X, y + 5, "start", row->unanswered || row->certainty == CERTAINTY_AMBIGUOUS ? "small warning" : "small dim", words_how(row));
}

static void add_row(struct svg *s, unsigned index)
{
	const struct ladder_row row = export_row(s->v, index);
	const int y = HEAD_HEIGHT + ROW_HEIGHT * ((int)index + 1), arrival = HEAD_HEIGHT + ROW_HEIGHT * ((int)export_arrival(&s->v->ladder, index) + 1);
	char words[WORDS_ROOM];

	for (unsigned side = LOCAL; side <= (s->v->ladder.alone ? LOCAL : REMOTE); side++) {
		const struct ladder_end *end = side == LOCAL ? &row.local : &row.remote;

		if (end->state)
			s->state[side] = end->state;
		add_life(s->out, y, ROW_HEIGHT, side, s->state[side], row.part == PART_DATA);
		add_state(s->out, y, side, end->state, end->deduced);
	}
	add_margins(s, y, &row);
	if (!export_is_arrow(&row)) {
		export_remark(&row, words);
		add_text(s->out, (LINE_LOCAL_X + LINE_REMOTE_X) / 2, y + 5, "middle", row.part == PART_DATA ? "plain" : "dim", words);
	} else if (row.crossing != CROSSING_ARRIVES) {
		add_arrow(s->out, y, arrival + SLANT, &row);
		add_words(s->out, y, &row);
	}
}

static void add_head(struct svg *s)
{
	const struct ladder *l = &s->v->ladder;
	char begin[CLOCK_RFC3339_ROOM];
	struct text title = {0};

	export_begin(s->v, begin);
	ladder_view_title(s->v, &glyphs_unicode, UINT32_MAX, &title);
	text_add(s->out, "<title>");
	add_escaped(s->out, text_string(&title));
	text_add(s->out, "</title>\n");
	add_style(s->out);
	text_add(s->out, "<rect class=\"ground\" width=\"100%\" height=\"100%\" rx=\"10\"/>\n");
	add_text(s->out, MARGIN, 42, "start", "title", text_string(&title));
	add_text(s->out, WIDTH - MARGIN, 42, "end", "small dim", begin);
	text_fini(&title);
	text_addf(s->out, "<line class=\"rule\" x1=\"%d\" y1=\"58\" x2=\"%d\" y2=\"58\"/>\n", MARGIN, WIDTH - MARGIN);
	add_text(s->out, MARGIN, 84, "start", "head", _("time"));
	add_text(s->out, DELTA_X, 84, "end", "head", _("delta"));
	add_text(s->out, LINE_LOCAL_X - 12, 84, "end", "head", _("LOCAL"));
	add_text(s->out, HOW_X, 84, "start", "head", _("how"));
	for (unsigned side = LOCAL; side <= (l->alone ? LOCAL : REMOTE); side++) {
		add_life(s->out, HEAD_HEIGHT, ROW_HEIGHT, side, s->state[side], false);
		add_state(s->out, HEAD_HEIGHT, side, s->state[side], side == REMOTE && l->first_deduced);
	}
	if (!l->alone)
		add_text(s->out, LINE_REMOTE_X + 12, 84, "start", "head", _("REMOTE"));
}

static void add_legend(struct svg *s, int y)
{
	int x = MARGIN;

	text_addf(s->out, "<line class=\"arrow\" marker-end=\"url(#tip)\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x, y - 4, x + 40, y - 4);
	add_text(s->out, x + 50, y, "start", "small dim", _("known"));
	x += 150;
	text_addf(s->out, "<line class=\"arrow inferred\" marker-end=\"url(#tip-inferred)\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x, y - 4, x + 40, y - 4);
	add_text(s->out, x + 50, y, "start", "small dim", _("inferred"));
	x += 170;
	add_text(s->out, x, y, "start", "small dim", "?");
	add_text(s->out, x + 16, y, "start", "small dim", _("the peer's state is deduced"));
	add_text(s->out, WIDTH - MARGIN, y, "end", "small dim", "synfin");
}

void export_svg(const struct ladder_view *v, struct text *out)
{
	const struct ladder_style style = {.absolute_time = v->choices.absolute_time, .utc_offset_s = v->utc_offset_s};
	const int height = HEAD_HEIGHT + ROW_HEIGHT * (v->ladder.count + 1) + FOOT_HEIGHT;
	struct svg s = {.out = out, .v = v, .clock = words_clock_of(&v->ladder, &style, &glyphs_unicode)};

	s.state[LOCAL] = v->ladder.first_local;
	s.state[REMOTE] = v->ladder.first_remote;
	text_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, height, WIDTH, height);
	add_head(&s);
	for (unsigned i = 0; i < v->ladder.count; i++)
		add_row(&s, i);
	add_legend(&s, height - MARGIN);
	text_add(out, "</svg>\n");
}
