/* Events as lines for a person: time, what happened, between whom, how sure that is, and whose it is. */
#include "config.h"

#include "out/text_event.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "words.h"

/* Where fields begin, unless one before is longer: behind "ESTABLISHED → CLOSE_WAIT", two usual IPv4 endpoints, "seen within 50ms". */
#define TUPLE_AT 25
#define HOW_AT 64
#define WHOSE_AT 83

/* A line being made: colours take no columns, so columns are counted apart. */
struct line {
	const struct text_event *style;
	struct text *out;
	unsigned columns; /* behind the time */
};

static void add(struct line *l, const char *color, const char *s)
{
	words_add_colored(l->out, l->style->color ? color : NULL, s);
	l->columns += utf8_columns(s);
}

/* At least one space, and more up to where a field begins. */
static void move_to(struct line *l, unsigned column)
{
	do
		add(l, NULL, " ");
	while (l->columns < column);
}

static void local_time(int64_t ns, struct tm *tm)
{
	time_t seconds = (time_t)(ns / NS_PER_SECOND);

	localtime_r(&seconds, tm);
}

static void add_time(struct text_event *s, struct text *out, int64_t t_ns)
{
	char stamp[64];
	struct tm tm;

	local_time(t_ns, &tm);
	if (tm.tm_yday != s->day || tm.tm_year != s->year) {
		strftime(stamp, sizeof stamp, "# %Y-%m-%d %z\n", &tm);
		text_add(out, stamp);
		s->day = tm.tm_yday;
		s->year = tm.tm_year;
	}
	strftime(stamp, sizeof stamp, "%H:%M:%S", &tm);
	text_addf(out, "%s.%06lld  ", stamp, (long long)(t_ns % NS_PER_SECOND / NS_PER_US));
}

/* What a source tells, for a person. */
static const char *source_name(unsigned source)
{
	switch ((enum source)source) {
	case SOURCE_DIAG: return "sock_diag";
	case SOURCE_OBITUARY: return _("notices");
	case SOURCE_OWNER: return "/proc";
	case SOURCE_PROC: return "/proc/net/tcp";
	case SOURCE_COUNT: break;
	}
	return "?";
}

void text_event_header(struct text_event *s, struct text *out, const struct json_header *h)
{
	char stamp[64];
	struct tm tm;

	local_time(h->started_ns, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S %z", &tm);
	text_addf(out, "# %s  %s  Linux %s  %s ", h->program, h->host, h->kernel, stamp);
	for (unsigned i = 0; i < SOURCE_COUNT; i++)
		if (h->sources & 1u << i)
			text_addf(out, " %s", source_name(i));
	text_add_char(out, '\n');
	s->day = tm.tm_yday;
	s->year = tm.tm_year;
}

static const char *closed_how(enum cause cause)
{
	switch (cause) {
	case CAUSE_GRACEFUL: return _("closed gracefully");
	case CAUSE_ABORTED: return _("closed: reset from here");
	case CAUSE_RESET: return _("closed: reset by peer");
	case CAUSE_TIMED_OUT: return _("closed: timed out");
	case CAUSE_REFUSED: return _("closed: refused");
	case CAUSE_LISTENER_CLOSED: return _("listener closed");
	case CAUSE_REPLACED: return _("closed: replaced");
	case CAUSE_NETNS_GONE: return _("lost sight of: its namespace is gone");
	case CAUSE_AMBIGUOUS: return _("closed: cause unclear");
	case CAUSE_UNKNOWN: break;
	}
	return _("closed");
}

static const char *mark_name(enum mark mark)
{
	switch (mark) {
	case MARK_RETRANSMIT: return _("sent again");
	case MARK_RESET_SENT: return _("reset sent");
	case MARK_RESET_RECEIVED: return _("reset received");
	case MARK_ILLEGAL: return _("illegal sequence");
	case MARK_NONE: break;
	}
	return "?";
}

static bool ended_as_it_should(enum cause cause)
{
	return cause == CAUSE_GRACEFUL || cause == CAUSE_LISTENER_CLOSED || cause == CAUSE_UNKNOWN;
}

static void add_state(struct line *l, enum tcp_state state)
{
	add(l, words_state_color(state), state_name(state));
}

static void add_what(struct line *l, const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_TRANSITION:
		add_state(l, e->from);
		add(l, NULL, " ");
		add(l, NULL, l->style->glyphs->arrow_right);
		add(l, NULL, " ");
		add_state(l, e->to);
		break;
	case EVENT_OPEN:
		add(l, "1", _("open"));
		add(l, NULL, " ");
		add_state(l, e->to);
		break;
	case EVENT_CLOSE:
		add(l, ended_as_it_should(e->cause) ? "1" : "1;31", closed_how(e->cause));
		break;
	case EVENT_MARK:
		add(l, "1;31", "! ");
		add(l, "1;31", mark_name(e->mark));
		break;
	case EVENT_UPDATE:
		add(l, "2", e->holders_former ? _("given up") : _("held"));
		break;
	default:
		break;
	}
}

/* The arrow goes from who opened it. */
static const char *opener_arrow(const struct text_event *s, enum side opener)
{
	switch (opener) {
	case SIDE_LOCAL: return s->glyphs->unicode ? " → " : " -> ";
	case SIDE_REMOTE: return s->glyphs->unicode ? " ← " : " <- ";
	case SIDE_BOTH: return s->glyphs->unicode ? " ↔ " : " <> ";
	default: return " - ";
	}
}

/* It was no connection: it sent nothing, and has no other side. */
static bool is_listeners_end(const struct event *e)
{
	return e->cause == CAUSE_LISTENER_CLOSED || words_is_listener(e);
}

static void add_tuple(struct line *l, const struct event *e)
{
	char room[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&e->tuple, room);
	add(l, NULL, room);
	if (is_listeners_end(e))
		return;
	add(l, NULL, opener_arrow(l->style, (enum side)e->opener));
	if (words_knows_peer(e))
		tuple_format_remote(&e->tuple, room);
	add(l, NULL, words_knows_peer(e) ? room : "?");
}

static void add_how(struct line *l, const struct event *e)
{
	char span[AMOUNT_ROOM];
	struct text how = {0};

	switch ((enum certainty)e->certainty) {
	case CERTAINTY_EXACT: text_add(&how, _("exact")); break;
	case CERTAINTY_INFERRED: text_add(&how, _("inferred")); break;
	case CERTAINTY_AMBIGUOUS: text_add(&how, _("ambiguous")); break;
	case CERTAINTY_OBSERVED:
		if (e->t0_ns)
			text_addf(&how, _("seen within %s"), amount_span(e->t1_ns - e->t0_ns, span));
		else
			text_add(&how, _("seen"));
		break;
	case CERTAINTY_NONE: break;
	}
	add(l, "2", text_string(&how));
	text_fini(&how);
}

/* The totals of a life, and who ended it. */
static void add_totals(struct line *l, const struct event *e)
{
	char sent[AMOUNT_ROOM], received[AMOUNT_ROOM];
	struct text totals = {0};
	const char *closer = e->closer == SIDE_LOCAL ? _("this side closed first") :
			     e->closer == SIDE_REMOTE ? _("the peer closed first") :
			     e->closer == SIDE_BOTH ? _("both closed at once") : NULL;

	if (e->facts.knows & KNOWS_BYTES)
		text_addf(&totals, _("%s sent, %s received"), amount_bytes(e->facts.bytes_sent, sent),
			  amount_bytes(e->facts.bytes_received, received));
	if (closer)
		text_addf(&totals, "%s%s", totals.len ? ", " : "", closer);
	if (totals.len) {
		add(l, NULL, "  ");
		add(l, NULL, text_string(&totals));
	}
	text_fini(&totals);
}

static void add_connection(struct line *l, const struct event *e)
{
	struct text program = {0};

	add_what(l, e);
	move_to(l, TUPLE_AT);
	if (e->tuple.family)
		add_tuple(l, e);
	move_to(l, HOW_AT);
	if (e->kind != EVENT_UPDATE)
		add_how(l, e);
	words_add_program(&program, e, true);
	if (program.len) {
		move_to(l, WHOSE_AT);
		add(l, NULL, text_string(&program));
	}
	if (l->style->netns && e->netns_name) {
		add(l, NULL, "  net:");
		add(l, NULL, e->netns_name);
	}
	if (e->kind == EVENT_CLOSE && !is_listeners_end(e))
		add_totals(l, e);
	text_fini(&program);
}

static void add_coverage(struct line *l, const struct coverage *c)
{
	const struct {
		const char *what;
		uint64_t count;
	} counters[] = {
		{ _("dumps"), c->sweeps },
		{ _("not whole"), c->sweeps_not_whole },
		{ _("notices lost"), c->notices_lost },
		{ _("times deaf to notices"), c->notices_shed },
		{ _("came and went unseen, at least"), c->ends_unseen },
		{ _("ends never sampled"), c->unsampled_ends },
		{ _("processes hidden"), c->owners_hidden },
		{ _("look-ups dropped"), c->lookups_dropped },
		{ _("illegal sequences"), c->illegal },
		{ _("namespaces not watched"), c->netns_unwatched },
	};
	char room[AMOUNT_ROOM];
	struct text s = {0};

	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		if (counters[i].count)
			text_addf(&s, "  %s: %s", counters[i].what, amount_grouped(counters[i].count, room));
	if (c->shedding)
		text_addf(&s, "  %s", _("too many ends: notices not listened to"));
	if (c->swept_by == SOURCE_PROC)
		text_addf(&s, "  %s", _("read from /proc/net/tcp"));
	for (unsigned i = 0; i < SOURCE_COUNT; i++)
		if (c->errors[i])
			text_addf(&s, "  %s: %s", source_name(i), strerror(-c->errors[i]));
	add(l, "1", _("coverage:"));
	add(l, NULL, text_string(&s));
	text_fini(&s);
}

bool text_event_add(struct text_event *s, struct text *out, const struct event *e)
{
	struct line l = { .style = s, .out = out };
	char room[AMOUNT_ROOM];

	switch ((enum event_kind)e->kind) {
	case EVENT_CONNECTION:
	case EVENT_KEYFRAME_END:
		return false;
	case EVENT_KEYFRAME_BEGIN:
		add_time(s, out, e->t_ns);
		text_addf(out, _("sockets there are now: %s"), amount_grouped(e->count, room));
		break;
	case EVENT_COVERAGE:
		add_time(s, out, e->t_ns);
		if (e->coverage)
			add_coverage(&l, e->coverage);
		break;
	case EVENT_NETNS:
		add_time(s, out, e->t_ns);
		add(&l, "1", e->netns_gone ? _("namespace let go:") : _("namespace watched:"));
		text_addf(out, " %s", e->netns_name ? e->netns_name : "?");
		break;
	case EVENT_UPDATE:
		if (!e->holder_count)
			return false;
		__attribute__((fallthrough));
	case EVENT_OPEN:
	case EVENT_TRANSITION:
	case EVENT_MARK:
	case EVENT_CLOSE:
		add_time(s, out, e->t_ns);
		add_connection(&l, e);
		break;
	}
	text_add_char(out, '\n');
	return true;
}
