/* A ladder on the screen: what is shown of which connection, and its words. */
#include "show/ladder_view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/paragraph.h"

void ladder_view_init(struct ladder_view *v, bool animate)
{
	memset(v, 0, sizeof(*v));
	v->animate = animate;
}

static void copy_program(const struct model *m, const struct connection *c, char out[LADDER_PROGRAM_ROOM])
{
	struct holder h;

	out[0] = '\0';
	if (c && model_holder(m, c, 0, &h))
		snprintf(out, LADDER_PROGRAM_ROOM, "%s[%u]", h.comm, h.pid);
}

static void copy_subject(struct ladder_view *v, const struct model *m, const struct connection *c)
{
	struct holder h;

	v->tuple = connection_tuple(c);
	v->state = c->state;
	v->cause = c->cause;
	v->live = c->live;
	v->remote_opened = c->opener == SIDE_REMOTE;
	v->rtt_us = c->facts.knows & KNOWS_RTT ? c->facts.rtt_us : 0;
	v->since_ns = c->facts.knows & KNOWS_SINCE ? c->since1_ns : 0;
	v->since_at_least = c->facts.knows & KNOWS_ATLEAST;
	copy_program(m, c, v->near);
	copy_program(m, model_pair(m, c), v->far);
	v->pid = 0;
	if (!model_holder(m, c, 0, &h))
		return;
	v->pid = h.pid;
	v->fd = h.fd;
	memcpy(v->comm, h.comm, sizeof(v->comm));
}

static void lay_out(struct ladder_view *v, const struct model *m)
{
	const struct connection *c = model_find(m, v->conn);

	v->laid_version = model_version(m);
	if (!c)
		return;
	ladder_lay_out(&v->ladder, m, c);
	copy_subject(v, m, c);
}

static uint16_t rows_before(const struct ladder *l, int64_t since_ns)
{
	uint16_t rows = 0;

	while (rows < l->count && l->rows[rows].t_ns < since_ns)
		rows++;
	return rows;
}

void ladder_view_show(struct ladder_view *v, const struct model *m, uint64_t conn, int64_t since_ns, int64_t now_ns)
{
	const bool animate = v->animate, absolute_time = v->absolute_time;

	ladder_view_init(v, animate);
	v->absolute_time = absolute_time;
	v->conn = conn;
	if (!conn)
		return;
	lay_out(v, m);
	player_start(&v->player, conn, since_ns == LADDER_VIEW_ALL ? UINT16_MAX : rows_before(&v->ladder, since_ns), animate);
	v->moment = player_advance(&v->player, &v->ladder, &(struct tempo){.kind = TEMPO_COMPRESSED}, now_ns);
}

void ladder_view_update(struct ladder_view *v, const struct model *m, const struct tempo *tempo, int64_t now_ns)
{
	const time_t seconds = (time_t)(now_ns / NS_PER_SECOND);
	struct tm tm;

	if (!v->conn)
		return;
	v->utc_offset_s = localtime_r(&seconds, &tm) ? (int32_t)tm.tm_gmtoff : 0;
	if (v->laid_version != model_version(m))
		lay_out(v, m);
	v->moment = player_advance(&v->player, &v->ladder, tempo, now_ns);
}

bool ladder_view_moves(const struct ladder_view *v)
{
	return v->conn && player_moves(&v->player, &v->ladder);
}

/* ---- words ---- */

const char *ladder_view_tempo(const struct tempo *tempo, char out[24])
{
	if (tempo->kind == TEMPO_LIVE)
		return _("real time");
	if (tempo->kind == TEMPO_COMPRESSED)
		return _("compressed time");
	snprintf(out, 24, "1/%u", tempo->slowed_by);
	return out;
}

unsigned ladder_view_title_columns(const struct ladder_view *v, bool programs)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&v->tuple, local);
	tuple_format_remote(&v->tuple, remote);
	return (unsigned)strlen(local) + (v->state == STATE_LISTEN ? 0 : (unsigned)strlen(remote) + 3) +
	       (programs && v->near[0] ? utf8_columns(v->near) + 1 : 0) + (programs && v->far[0] ? utf8_columns(v->far) + 1 : 0);
}

/* ":443" of "10.0.0.5:443" */
static const char *port_part(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');

	return colon ? colon : endpoint;
}

void ladder_view_title(const struct ladder_view *v, const struct glyphs *glyphs, unsigned columns, struct text *out)
{
	const char *arrow = v->remote_opened ? glyphs->head_left : glyphs->head_right;
	char local_room[ENDPOINT_TEXT_ROOM], remote_room[ENDPOINT_TEXT_ROOM];
	const char *local = local_room, *remote = remote_room;
	const unsigned bare = ladder_view_title_columns(v, false), with_near = bare + utf8_columns(v->near) + 1;
	const unsigned with_far = with_near + utf8_columns(v->far) + 1;

	tuple_format_local(&v->tuple, local_room);
	tuple_format_remote(&v->tuple, remote_room);
	text_clear(out);
	if (v->near[0] && with_near <= columns)
		text_addf(out, "%s ", v->near);
	if (v->state == STATE_LISTEN) {
		text_add(out, local);
		return;
	}
	if (bare > columns) /* the own address can be missed first */
		local = port_part(local);
	if (strlen(local) + strlen(remote) + 3 > columns)
		remote = port_part(remote);
	text_addf(out, "%s %s %s", local, arrow, remote);
	if (v->far[0] && with_far <= columns)
		text_addf(out, " %s", v->far);
}

int64_t ladder_view_lag_ns(const struct ladder_view *v, int64_t now_ns)
{
	if (!v->conn || v->moment.whole >= v->ladder.count)
		return 0;
	return now_ns - v->ladder.rows[v->moment.whole].t_ns;
}

static const char *end_sentence(enum cause cause)
{
	switch (cause) {
	case CAUSE_GRACEFUL:
		return N_("Both sides have closed it.");
	case CAUSE_ABORTED:
		return N_("This side threw it away and sent a reset.");
	case CAUSE_RESET:
		return N_("The peer reset it.");
	case CAUSE_TIMED_OUT:
		return N_("The kernel waited in vain and gave up.");
	case CAUSE_REFUSED:
		return N_("The peer refused it: nothing listens there.");
	case CAUSE_NETNS_GONE:
		return N_("Its network namespace is gone, and nobody can say what became of it.");
	case CAUSE_AMBIGUOUS:
		return N_("How it ended cannot be told for certain.");
	default:
		return NULL;
	}
}

/* How it stands, for the line under the ladder. */
static void say_standing(const struct ladder_view *v, int64_t now_ns, const struct glyphs *glyphs, struct text *out)
{
	char age[AMOUNT_ROOM], span[ENDPOINT_TEXT_ROOM];

	if (v->state == STATE_NONE) {
		text_add(out, _("It is over, and nothing more is known of it."));
		return;
	}
	text_add(out, state_name(v->state));
	if (v->since_ns) {
		snprintf(span, sizeof(span), "%s%s", v->since_at_least ? glyphs->at_least : "", amount_age(now_ns - v->since_ns, age));
		text_addf(out, _(" for %s"), span);
	}
	text_add(out, ": ");
	if (!v->live && end_sentence(v->cause)) {
		text_add(out, _(end_sentence(v->cause)));
		text_add(out, " ");
	}
	if (state_what(v->state))
		text_add(out, _(state_what(v->state)));
	if (state_end(v->state)) {
		text_add(out, " ");
		text_add(out, _(state_end(v->state)));
	}
	if (v->state == STATE_CLOSE_WAIT && v->live && v->pid) {
		text_add(out, " ");
		text_addf(out, _("%s (pid %u) has not closed fd %d yet."), v->comm, v->pid, (int)v->fd);
	}
}

static bool is_trouble(const struct ladder_view *v, int64_t now_ns)
{
	return v->live && v->state == STATE_CLOSE_WAIT && v->since_ns && now_ns - v->since_ns > NS_PER_SECOND;
}

/* ---- pictures ---- */

void ladder_view_paint(const struct ladder_view *v, struct area area)
{
	/* on a wide screen there is room for the times too */
	const struct ladder_style style = {
		.absolute_time = v->absolute_time,
		.utc_offset_s = v->utc_offset_s,
		.show_how = area.columns >= 76,
		.compact = area.columns < 76,
	};
	struct area inner = area_part(area, 0, 1, area.rows, area.columns > 2 ? area.columns - 2 : 0);

	if (v->ladder.count == 0) { /* nothing was seen to happen: say how it stands */
		struct text text = {0};

		say_standing(v, v->since_ns, area.canvas->glyphs, &text);
		paragraph_paint(inner, ROLE_DIM, 0, text_string(&text));
		text_fini(&text);
		return;
	}
	ladder_paint(&v->ladder, inner, v->moment, &style);
}

static unsigned legend_item(struct area area, unsigned at, enum role role, const char *sign, const char *text)
{
	const unsigned width = utf8_columns(sign) + 1 + utf8_columns(text);

	if (at + width > area.columns)
		return at;
	at += area_text(area, 0, (int)at, role, 0, sign);
	at += area_textf(area, 0, (int)at, ROLE_DIM, 0, " %s", text);
	return at + 3;
}

static void paint_legend(struct area area)
{
	const struct glyphs *g = area.canvas->glyphs;
	char line[64];
	unsigned at = 0;

	snprintf(line, sizeof(line), "%s%s%s%s", g->horizontal, g->horizontal, g->horizontal, g->head_right);
	at = legend_item(area, at, ROLE_ARROW, line, _("known"));
	snprintf(line, sizeof(line), "%s%s%s%s", g->dash, g->gap, g->dash, g->head_right);
	at = legend_item(area, at, ROLE_ARROW_INFERRED, line, _("inferred"));
	at = legend_item(area, at, ROLE_DIM, "?", _("the peer's state is deduced"));
	at = legend_item(area, at, ROLE_PACKET, g->packet, _("on its way"));
	legend_item(area, at, ROLE_ARROW_LOST, g->lost, _("lost"));
}

void ladder_view_paint_screen(const struct ladder_view *v, struct area area, int64_t now_ns)
{
	const struct ladder_style style = {.absolute_time = v->absolute_time, .utc_offset_s = v->utc_offset_s, .show_how = true};
	const unsigned width = area.columns > 2 ? area.columns - 2 : 0;
	const enum role role = is_trouble(v, now_ns) ? ROLE_WARNING : ROLE_TEXT;
	const struct area inner = area_part(area, 0, 1, area.rows, width);
	struct text text = {0};
	unsigned rows, above;

	say_standing(v, now_ns, area.canvas->glyphs, &text);
	rows = paragraph_rows(text_string(&text), width > 2 ? width - 2 : 0);
	if (rows > area.rows / 3)
		rows = area.rows / 3;
	above = inner.rows > rows + 1 ? inner.rows - rows - 1 : 0;
	ladder_paint(&v->ladder, area_part(inner, 0, 0, above, width), v->moment, &style);
	area_text(inner, (int)above, 0, role == ROLE_WARNING ? role : role_of_state(v->state), CELL_BOLD,
		  role == ROLE_WARNING ? "!" : area.canvas->glyphs->bullet);
	paragraph_paint(area_part(inner, above, 2, rows, width), role, 0, text_string(&text));
	paint_legend(area_part(inner, inner.rows - 1, 0, 1, width));
	text_fini(&text);
}
