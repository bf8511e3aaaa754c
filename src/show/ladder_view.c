/* A ladder on the screen: what is shown of which connection, and its words. */
#include "show/ladder_view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "ladder_standing.h"
#include "show/paragraph.h"

void ladder_view_init(struct ladder_view *v, bool animate)
{
	memset(v, 0, sizeof(*v));
	v->animate = animate;
	v->wake_ns = INT64_MAX;
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
	info_take(&v->info[0], m, c);
	info_take(&v->info[1], m, model_pair(m, c));
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
	const struct ladder_choices choices = v->choices;

	ladder_view_init(v, v->animate);
	v->choices = choices;
	v->conn = conn;
	if (!conn)
		return;
	lay_out(v, m);
	player_start(&v->player, conn, since_ns == LADDER_VIEW_ALL ? UINT16_MAX : rows_before(&v->ladder, since_ns), v->animate);
	v->moment = player_advance(&v->player, &v->ladder, &(struct tempo){.kind = TEMPO_COMPRESSED}, now_ns);
}

/* A timer belongs to the present state: it is told when that is drawn. */
static void count_down(struct ladder_view *v, int64_t now_ns)
{
	v->wake_ns = INT64_MAX;
	for (unsigned end = 0; end < 2; end++) {
		v->countdown[end].words[0] = '\0';
		if (v->moment.whole < v->ladder.count)
			continue;
		info_countdown(&v->info[end], now_ns, &v->countdown[end]);
		if (info_countdown_wake_ns(&v->info[end], now_ns) < v->wake_ns)
			v->wake_ns = info_countdown_wake_ns(&v->info[end], now_ns);
	}
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
	if (v->selected > ladder_drawn(&v->ladder, v->moment))
		v->selected = 0;
	count_down(v, now_ns);
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
		local = endpoint_text_port(local);
	if (strlen(local) + strlen(remote) + 3 > columns)
		remote = endpoint_text_port(remote);
	text_addf(out, "%s %s %s", local, arrow, remote);
	if (v->far[0] && with_far <= columns)
		text_addf(out, " %s", v->far);
}

int64_t ladder_view_lag_ns(const struct ladder_view *v, int64_t now_ns)
{
	if (!v->conn || v->moment.whole >= v->ladder.count)
		return 0;
	if (!v->ladder.rows[v->moment.whole].t_ns) /* it has no time of its own */
		return 0;
	return now_ns - v->ladder.rows[v->moment.whole].t_ns;
}

/* ---- pictures ---- */

void ladder_view_paint(const struct ladder_view *v, struct area area)
{
	/* on a wide screen there is room for the times too */
	const struct ladder_style style = {
		.absolute_time = v->choices.absolute_time,
		.absolute_numbers = v->choices.absolute_numbers,
		.utc_offset_s = v->utc_offset_s,
		.show_how = area.columns >= 76,
		.compact = area.columns < 76,
	};
	struct area inner = area_part(area, 0, 1, area.rows, area.columns > 2 ? area.columns - 2 : 0);

	if (v->ladder.count == 0) { /* nothing was seen to happen: say how it stands */
		struct text text = {0};

		standing_say(v, v->since_ns, area.canvas->glyphs, &text);
		paragraph_paint(inner, ROLE_DIM, 0, text_string(&text));
		text_fini(&text);
		return;
	}
	ladder_paint(&v->ladder, inner, v->moment, &style);
}
