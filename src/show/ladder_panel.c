/* The panel of what is known of one end: lines in three groups, side by side where there is room. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/ladder_info.h"

#define GROUPS 3
#define GROUP_COLUMNS_LEAST 30
#define GROUP_COLUMNS_MOST 44
#define GROUP_GAP 3
#define LINES_MAX 32
#define VALUE_ROOM 160

enum group { GROUP_LIFE, GROUP_NUMBERS, GROUP_SOCKET };

struct line {
	uint8_t group;
	enum role role;
	const char *label; /* message id; "": goes on with the line before, and has more room; NULL: one more value of the same */
	char value[VALUE_ROOM];
};

struct lines {
	unsigned count;
	unsigned rows[GROUPS];  /* heading included */
	unsigned label_columns;
	struct line at[LINES_MAX];
};

static const char *const group_names[GROUPS] = {N_("Life"), N_("Counted"), N_("Socket")};

static void add(struct lines *lines, enum group group, enum role role, const char *label, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
static void add(struct lines *lines, enum group group, enum role role, const char *label, const char *format, ...)
{
	struct line *line = &lines->at[lines->count];
	const unsigned columns = label && *label ? utf8_columns(_(label)) : 0;
	va_list args;

	if (lines->count == LINES_MAX)
		return;
	lines->count++;
	line->group = (uint8_t)group;
	line->role = role;
	line->label = label;
	va_start(args, format);
	vsnprintf(line->value, sizeof(line->value), format, args);
	va_end(args);
	lines->rows[group] += lines->rows[group] ? 1 : 2;
	if (columns > lines->label_columns)
		lines->label_columns = columns;
}

/* ---- words ---- */

static const char *side_name(unsigned side)
{
	switch ((enum side)side) {
	case SIDE_LOCAL: return N_("this side");
	case SIDE_REMOTE: return N_("the peer");
	case SIDE_BOTH: return N_("both at once");
	case SIDE_UNKNOWN: break;
	}
	return N_("not known");
}

static const char *evidence_text(unsigned evidence)
{
	switch ((enum evidence)evidence) {
	case EVIDENCE_EDGE: return N_("its own states were seen");
	case EVIDENCE_COUNTED: return N_("by the kernel's byte counts");
	case EVIDENCE_PEER: return N_("by the other end, also here");
	case EVIDENCE_REMNANT: return N_("by what it left behind");
	case EVIDENCE_UNREAD: return N_("closed with data unread");
	case EVIDENCE_SCRUBBED: return N_("the kernel wiped the socket");
	case EVIDENCE_LISTENER: return N_("a socket listens here");
	case EVIDENCE_PORT_RANGE: return N_("by the port numbers");
	case EVIDENCE_NONE: break;
	}
	return "";
}

void info_side_words(unsigned side, unsigned evidence, struct text *out)
{
	const char *why = evidence_text(evidence);

	if (side == SIDE_UNKNOWN)
		return;
	text_add(out, _(side_name(side)));
	if (*why)
		text_addf(out, " (%s)", _(why));
}

static const char *cause_text(unsigned cause)
{
	switch ((enum cause)cause) {
	case CAUSE_GRACEFUL: return N_("closed by both");
	case CAUSE_ABORTED: return N_("reset by this side");
	case CAUSE_RESET: return N_("reset by the peer");
	case CAUSE_TIMED_OUT: return N_("given up");
	case CAUSE_REFUSED: return N_("refused");
	case CAUSE_LISTENER_CLOSED: return N_("no longer listens");
	case CAUSE_REPLACED: return N_("a new connection took its place");
	case CAUSE_AMBIGUOUS: return N_("several ways fit");
	case CAUSE_NETNS_GONE: return N_("its namespace is gone");
	case CAUSE_UNKNOWN: break;
	}
	return N_("not known");
}

/* ---- the groups ---- */

/* "0:00:41", "0:00:41-0:00:44", ">=2:14:01": how long ago what happened in [t0, t1] did. */
static void say_age(int64_t t0_ns, int64_t t1_ns, bool at_least, int64_t now_ns, const struct glyphs *g, char out[VALUE_ROOM])
{
	char least[AMOUNT_ROOM], most[AMOUNT_ROOM];

	amount_age(now_ns - t1_ns, least);
	amount_age(now_ns - t0_ns, most);
	if (at_least || !t0_ns)
		snprintf(out, VALUE_ROOM, "%s%s", g->at_least, least);
	else if (strcmp(least, most) == 0)
		snprintf(out, VALUE_ROOM, "%s", least);
	else
		snprintf(out, VALUE_ROOM, "%s%s%s", least, g->unicode ? "–" : "-", most);
}

static void add_side(struct lines *lines, const char *label, unsigned side, unsigned evidence)
{
	const char *why = evidence_text(evidence);

	add(lines, GROUP_LIFE, side ? ROLE_TEXT : ROLE_DIM, label, "%s", _(side_name(side)));
	if (side && *why)
		add(lines, GROUP_LIFE, ROLE_DIM, "", "%s", _(why));
}

static void add_life(struct lines *lines, const struct ladder_info *info, int64_t now_ns, const struct glyphs *g)
{
	char age[VALUE_ROOM];

	if (info->state != STATE_LISTEN)
		add_side(lines, N_("opened by"), info->opener, info->opener_by);
	if (info->opened1_ns) {
		say_age(info->opened0_ns, info->opened1_ns, false, now_ns, g, age);
		add(lines, GROUP_LIFE, ROLE_TEXT, N_("age"), "%s", age);
	} else if (info->state != STATE_LISTEN) {
		add(lines, GROUP_LIFE, ROLE_DIM, N_("age"), "%s", _("before this watch"));
	}
	if (info->live && info->facts.knows & KNOWS_SINCE) {
		say_age(info->since0_ns, info->since1_ns, info->facts.knows & KNOWS_ATLEAST, now_ns, g, age);
		add(lines, GROUP_LIFE, role_of_state(info->state), N_("state"), "%s", state_name(info->state));
		add(lines, GROUP_LIFE, ROLE_DIM, "", _("for %s"), age);
	}
	if (info->closer)
		add_side(lines, N_("closed by"), info->closer, info->closer_by);
	if (!info->live)
		add(lines, GROUP_LIFE, ROLE_TEXT, N_("ended"), "%s", _(cause_text(info->cause)));
}

/* What lies unread counts the peer's FIN as one byte, until it is read as well. */
static bool has_fin_unread(const struct ladder_info *info)
{
	return info->facts.rqueue && STATE_BIT(info->state) & (STATE_BIT(STATE_CLOSE_WAIT) | STATE_BIT(STATE_LAST_ACK) | STATE_BIT(STATE_CLOSING));
}

static void add_queues(struct lines *lines, const struct ladder_info *info)
{
	const struct facts *f = &info->facts;
	char amount[AMOUNT_ROOM];

	if (!(f->knows & KNOWS_QUEUES))
		return;
	if (info->state == STATE_LISTEN) {
		if (f->knows & KNOWS_NO_LIMIT)
			add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("to accept"), "%" PRIu32, f->rqueue);
		else
			add(lines, GROUP_NUMBERS, f->rqueue > f->wqueue ? ROLE_WARNING : ROLE_TEXT, N_("to accept"), _("%u, room for %u"),
			    f->rqueue, f->wqueue);
		return;
	}
	if (has_fin_unread(info) && f->rqueue == 1)
		add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("unread"), "%s", _("only the FIN"));
	else if (has_fin_unread(info))
		add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("unread"), _("%s and the FIN"), amount_bytes(f->rqueue - 1, amount));
	else
		add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("unread"), "%s", amount_bytes(f->rqueue, amount));
	add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("unacked"), "%s", amount_bytes(f->wqueue, amount));
}

static void add_numbers(struct lines *lines, const struct ladder_info *info)
{
	const struct facts *f = &info->facts;
	char amount[AMOUNT_ROOM];

	if (f->knows & KNOWS_RTT)
		add(lines, GROUP_NUMBERS, ROLE_TEXT, "RTT", "%s", amount_span((int64_t)f->rtt_us * NS_PER_US, amount));
	if (f->knows & KNOWS_CWND && info->live)
		add(lines, GROUP_NUMBERS, ROLE_TEXT, "cwnd", f->cwnd < UINT16_MAX ? "%u" : ">=%u", (unsigned)f->cwnd);
	if (f->knows & KNOWS_BYTES) {
		add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("sent"), "%s", amount_bytes(f->bytes_sent, amount));
		add(lines, GROUP_NUMBERS, ROLE_TEXT, N_("received"), "%s", amount_bytes(f->bytes_received, amount));
	}
	if (f->knows & KNOWS_RETRANS)
		add(lines, GROUP_NUMBERS, f->total_retrans ? ROLE_WARNING : ROLE_TEXT, N_("sent again"), "%" PRIu32, f->total_retrans);
	if (f->knows & KNOWS_TIMER && f->retransmits && info->live)
		add(lines, GROUP_NUMBERS, ROLE_WARNING, N_("no answer"), "x%u", (unsigned)f->retransmits);
	add_queues(lines, info);
	if (f->knows & KNOWS_MPTCP)
		add(lines, GROUP_NUMBERS, ROLE_TEXT, "MPTCP", "%s", _("a subflow"));
}

static void add_holders(struct lines *lines, const struct ladder_info *info)
{
	for (unsigned i = 0; i < info->holder_count && i < INFO_HOLDERS_MAX; i++) {
		const struct holder *h = &info->holders[i];
		const char *label = i ? NULL : info->holders_former ? N_("was held by") : N_("held by");

		add(lines, GROUP_SOCKET, info->holders_former ? ROLE_DIM : ROLE_TEXT, label, "%s[%u] fd %d", h->comm, h->pid, (int)h->fd);
	}
	if (info->holder_count > INFO_HOLDERS_MAX)
		add(lines, GROUP_SOCKET, ROLE_DIM, NULL, _("and %u more"), info->holder_count - INFO_HOLDERS_MAX);
	if (!info->holder_count && info->owner_hidden)
		add(lines, GROUP_SOCKET, ROLE_DIM, N_("held by"), "%s", _("(hidden)"));
	else if (!info->holder_count)
		add(lines, GROUP_SOCKET, ROLE_DIM, N_("held by"), "%s", _("no program in sight"));
}

static void add_socket(struct lines *lines, const struct ladder_info *info)
{
	const struct facts *f = &info->facts;

	add_holders(lines, info);
	if (info->unit[0])
		add(lines, GROUP_SOCKET, ROLE_TEXT, N_("unit"), "%s", info->unit);
	if (f->knows & KNOWS_UID)
		add(lines, GROUP_SOCKET, ROLE_TEXT, "uid", "%" PRIu32, f->uid);
	if (f->knows & KNOWS_INODE)
		add(lines, GROUP_SOCKET, ROLE_TEXT, "inode", "%" PRIu32, f->inode);
	if (info->cookie)
		add(lines, GROUP_SOCKET, ROLE_DIM, "cookie", "%" PRIx64, info->cookie);
	if (info->netns_name[0])
		add(lines, GROUP_SOCKET, ROLE_DIM, "netns", "%s", info->netns_name);
	else if (info->netns)
		add(lines, GROUP_SOCKET, ROLE_DIM, "netns", "%" PRIu64, info->netns);
}

static void collect(struct lines *lines, const struct ladder_info *info, int64_t now_ns, const struct glyphs *g)
{
	*lines = (struct lines){0};
	add_life(lines, info, now_ns, g);
	add_numbers(lines, info);
	add_socket(lines, info);
}

/* ---- the picture ---- */

static unsigned columns_side_by_side(unsigned columns)
{
	const unsigned fit = (columns + GROUP_GAP) / (GROUP_COLUMNS_LEAST + GROUP_GAP);

	return fit < 1 ? 1 : fit > GROUPS ? GROUPS : fit;
}

/* Of the group that comes as the nth: the last of three goes under the shorter one of two. */
static unsigned column_of(unsigned nth, unsigned side_by_side, const unsigned next[GROUPS])
{
	return nth < side_by_side ? nth : side_by_side == 2 ? next[1] < next[0] : 0;
}

static void paint_line(struct area area, unsigned row, const struct line *line, unsigned label_columns)
{
	const bool goes_on = line->label && !*line->label;
	const unsigned at = goes_on ? 2 : label_columns + 2, room = area.columns > at ? area.columns - at : 0;

	if (line->label && !goes_on)
		area_text(area, (int)row, 0, ROLE_DIM, 0, _(line->label));
	area_field(area, (int)row, (int)at, room, false, line->role, 0, line->value);
}

static unsigned lay(const struct ladder_info *info, struct area area, bool paint, int64_t now_ns, const struct glyphs *g)
{
	const unsigned side_by_side = columns_side_by_side(area.columns);
	unsigned next[GROUPS] = {0}, nth = 0, rows = 0, width = (area.columns - (side_by_side - 1) * GROUP_GAP) / side_by_side;
	struct lines lines;

	if (!info->known || area.columns < GROUP_GAP * GROUPS)
		return 0;
	if (width > GROUP_COLUMNS_MOST)
		width = GROUP_COLUMNS_MOST;
	collect(&lines, info, now_ns, g);
	for (unsigned group = 0; group < GROUPS; group++) {
		const unsigned column = column_of(nth, side_by_side, next);
		struct area part = area_part(area, 0, column * (width + GROUP_GAP), area.rows, width);

		if (!lines.rows[group])
			continue;
		nth++;
		next[column] += next[column] > 0; /* an empty line between groups */
		if (paint)
			area_text(part, (int)next[column], 0, ROLE_HEADING, 0, _(group_names[group]));
		next[column]++;
		for (unsigned i = 0; i < lines.count; i++) {
			if (lines.at[i].group != group)
				continue;
			if (paint)
				paint_line(part, next[column], &lines.at[i], lines.label_columns);
			next[column]++;
		}
		rows = next[column] > rows ? next[column] : rows;
	}
	return rows;
}

unsigned info_paint(const struct ladder_info *info, struct area area, int64_t now_ns)
{
	return lay(info, area, true, now_ns, area.canvas->glyphs);
}

unsigned info_rows(const struct ladder_info *info, const struct glyphs *g, unsigned columns)
{
	return lay(info, (struct area){.columns = columns}, false, 0, g);
}
