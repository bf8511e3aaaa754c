/* One lane of the Wall: its rows, and the words round it. */
#include "show/wall.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "ladder_words.h"
#include "show/amount.h"

/* ---- rows ---- */

/* The Wall shows what happens: what was there before is no row of its own, and data only where there is room. */
static bool is_left_out(const struct ladder_row *row, unsigned index, bool brief)
{
	return (index == 0 && row->part == PART_NOTE && !row->certainty) || (brief && row->part == PART_DATA);
}

/* Draws `row` in one step with `into`, the one before it. */
static void join_row(struct ladder_row *into, const struct ladder_row *row)
{
	const int64_t delta = row->same_step ? 0 : row->delta_ns;

	into->part = PART_NOTE;
	into->crossing = CROSSING_NONE;
	into->unanswered = false;
	into->note = NULL;
	into->merged++;
	into->t_ns = row->t_ns;
	into->t1_ns = row->t1_ns;
	into->delta_ns = into->delta_ns < 0 || delta < 0 ? -1 : into->delta_ns + delta;
	into->delta_about |= row->delta_about;
	if (row->certainty > into->certainty)
		into->certainty = row->certainty;
	if (row->local.state)
		into->local = row->local;
	if (row->remote.state)
		into->remote = row->remote;
}

static void pick_rows(struct wall_lane *lane, bool brief)
{
	struct ladder *l = &lane->ladder;
	unsigned count = 0;

	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_row row = l->rows[i];

		if (is_left_out(&row, i, brief))
			continue;
		if (count > 0 && lane->joined >> i & 1) {
			join_row(&l->rows[count - 1], &row);
			continue;
		}
		lane->origin[count] = (uint8_t)i;
		l->rows[count++] = row;
	}
	l->count = (uint16_t)count;
}

static void copy_program(const struct model *m, const struct connection *c, char out[COMM_ROOM])
{
	struct holder h;

	if (c && model_holder(m, c, 0, &h))
		memcpy(out, h.comm, COMM_ROOM);
}

void wall_lane_lay_out(struct wall_lane *lane, const struct model *m, bool brief)
{
	const struct connection *c = model_find(m, lane->conn);
	const struct connection *peer = c ? model_pair(m, c) : NULL;

	lane->stale = false;
	if (!c) { /* forgotten: it stays as it was */
		lane->live = false;
		lane->over = true;
		return;
	}
	ladder_lay_out(&lane->ladder, m, c);
	pick_rows(lane, brief);
	lane->peer = peer ? peer->id : 0;
	lane->tuple = connection_tuple(c);
	copy_program(m, c, lane->near);
	copy_program(m, peer, lane->far);
	lane->remote_opened = c->opener == SIDE_REMOTE;
	lane->live = c->live;
	lane->state = c->state;
	lane->cause = c->cause;
	lane->since_ns = c->facts.knows & KNOWS_SINCE ? c->since1_ns : 0;
	lane->at_least = c->facts.knows & KNOWS_ATLEAST;
	lane->over = !c->live || c->state == STATE_ESTABLISHED || c->state == STATE_TIME_WAIT || c->state == STATE_CLOSED;
}

void wall_lane_begin(struct wall_lane *lane, const struct model *m, const struct connection *c, bool animate, bool brief, int64_t since_ns)
{
	memset(lane, 0, sizeof(*lane));
	lane->conn = c->id;
	wall_lane_lay_out(lane, m, brief);
	while (lane->known < lane->ladder.count && lane->ladder.rows[lane->known].t_ns < since_ns)
		lane->known++;
	player_start(&lane->player, c->id, lane->known, animate);
}

void wall_lane_merge(struct wall_lane *lane, const struct model *m, bool brief)
{
	const struct ladder *l = &lane->ladder;
	const unsigned first = lane->player.whole + (lane->player.started_ns != 0);
	const uint64_t before = lane->joined;

	for (unsigned i = first + 1; i < l->count; i++) {
		const bool closing = l->rows[i].part == PART_FIN || l->rows[i].part == PART_RESET;
		const bool closes = closing && (l->rows[i - 1].part == PART_OPEN || l->rows[i - 1].part == PART_OPEN_ACK);

		if (!closes && l->rows[i].part != PART_DATA && l->rows[i - 1].part != PART_DATA)
			lane->joined |= 1ull << lane->origin[i];
	}
	if (lane->joined != before && model_find(m, lane->conn))
		wall_lane_lay_out(lane, m, brief);
	else
		lane->joined = before;
}

/* ---- words ---- */

/* ".9:50112" of "10.0.0.9:50112"; of other addresses the port. */
static const char *last_part(const char *endpoint)
{
	const char *dot = strrchr(endpoint, '.');

	return dot && !strchr(endpoint, '[') ? dot : endpoint_text_port(endpoint);
}

/* Room for two endpoints or programs and an arrow. */
#define TITLE_ROOM (2 * (ENDPOINT_TEXT_ROOM + COMM_ROOM) + 8)

static bool take_title(const char *title, unsigned columns, char out[WALL_WORDS_ROOM])
{
	snprintf(out, WALL_WORDS_ROOM, "%.*s", (int)utf8_fit(title, WALL_WORDS_ROOM - 1, NULL), title);
	return utf8_columns(title) <= columns;
}

void wall_lane_title(const struct wall_lane *lane, const struct glyphs *g, unsigned columns, char out[WALL_WORDS_ROOM])
{
	const char *arrow = lane->remote_opened ? g->head_left : g->head_right;
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM], title[TITLE_ROOM];
	const char *near = lane->near, *far = lane->far;

	tuple_format_local(&lane->tuple, local);
	tuple_format_remote(&lane->tuple, remote);
	snprintf(title, sizeof(title), "%s%s%s %s %s%s%s", near, *near ? " " : "", local, arrow, remote, *far ? " " : "", far);
	if (take_title(title, columns, out))
		return;
	snprintf(title, sizeof(title), "%s%s %s %s%s", near, endpoint_text_port(local), arrow, *far ? far : "", *far ? endpoint_text_port(remote) : remote);
	if (take_title(title, columns, out))
		return;
	snprintf(title, sizeof(title), "%s%s %s %s", near, endpoint_text_port(local), arrow, lane->remote_opened ? last_part(remote) : endpoint_text_port(remote));
	if (take_title(title, columns, out))
		return;
	snprintf(title, sizeof(title), "%s%s %s %s", near, endpoint_text_port(local), arrow, endpoint_text_port(remote));
	if (take_title(title, columns, out))
		return;
	snprintf(title, sizeof(title), "%s %s %s", endpoint_text_port(local), arrow, endpoint_text_port(remote));
	take_title(title, columns, out);
}

static bool is_half(const struct wall_lane *lane)
{
	return lane->live && (lane->state == STATE_FIN_WAIT2 || lane->state == STATE_CLOSE_WAIT);
}

static bool is_drawn(const struct wall_lane *lane)
{
	return lane->player.whole >= lane->ladder.count;
}

/* From the first row that was played here to the last that is drawn. */
static void say_span(const struct wall_lane *lane, const struct glyphs *g, char out[WALL_WORDS_ROOM])
{
	const struct ladder_row *rows = lane->ladder.rows, *first = NULL, *last = NULL;
	bool known = true, about = false;
	char words[WORDS_ROOM];
	int64_t sum = 0;

	for (unsigned i = lane->known; i < lane->player.whole && i < lane->ladder.count; i++) {
		if (!rows[i].certainty)
			continue;
		if (first && !rows[i].same_step) {
			known &= rows[i].delta_ns >= 0;
			about |= rows[i].delta_about;
			sum += rows[i].delta_ns;
		}
		first = first ? first : &rows[i];
		last = &rows[i];
	}
	if (first == last)
		return;
	if (known && sum > 0) {
		words_duration(sum, about, g, words);
		snprintf(out, WALL_WORDS_ROOM, "%s%.32s", about ? (g->unicode ? "≈" : "~") : "", words);
	} else if (first->t0_ns && last->t1_ns > first->t0_ns) {
		snprintf(out, WALL_WORDS_ROOM, "<%s", amount_span(last->t1_ns - first->t0_ns, words));
	}
}

static int64_t whole_seconds(int64_t ns)
{
	return ns < NS_PER_SECOND ? ns : ns - ns % NS_PER_SECOND;
}

void wall_lane_elapsed(const struct wall_lane *lane, const struct glyphs *g, int64_t now_ns, char out[WALL_WORDS_ROOM])
{
	char words[WORDS_ROOM];

	out[0] = '\0';
	if (is_drawn(lane) && is_half(lane) && lane->since_ns && now_ns > lane->since_ns) {
		words_duration(whole_seconds(now_ns - lane->since_ns), true, g, words);
		snprintf(out, WALL_WORDS_ROOM, "%s%.32s", lane->at_least ? g->at_least : "", words);
		return;
	}
	say_span(lane, g, out);
}

static const char *verdict_on_end(enum cause cause, enum role *role)
{
	*role = ROLE_WARNING;
	switch (cause) {
	case CAUSE_REFUSED:
		return N_("REFUSED");
	case CAUSE_RESET:
	case CAUSE_ABORTED:
		return N_("RESET");
	case CAUSE_TIMED_OUT:
		return N_("TIMED OUT");
	default:
		*role = ROLE_STATE_CLOSED;
		return "CLOSED";
	}
}

static bool waits_in_vain(const struct ladder *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->rows[i].unanswered)
			return true;
	return false;
}

/* States are never translated. */
static const char *verdict(const struct wall_lane *lane, enum role *role)
{
	*role = role_of_state(lane->state);
	if (!lane->live)
		return verdict_on_end(lane->cause, role);
	if (is_half(lane))
		return N_("HALF");
	if (lane->state == STATE_TIME_WAIT)
		return "TIME_WAIT";
	if (lane->state == STATE_ESTABLISHED) {
		*role = ROLE_GOOD;
		return N_("OPEN");
	}
	if (waits_in_vain(&lane->ladder)) {
		*role = ROLE_ARROW_LOST;
		return N_("NO ANSWER");
	}
	return "";
}

const char *wall_lane_verdict(const struct wall_lane *lane, enum role *role)
{
	const char *word = is_drawn(lane) ? verdict(lane, role) : "";

	return *word ? _(word) : "";
}
