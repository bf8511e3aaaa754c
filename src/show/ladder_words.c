/* The words and numbers of a ladder. */
#include "ladder_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "tcp/flags.h"

#define NS_PER_MINUTE (60 * NS_PER_SECOND)
/* Beyond this, seconds since the first minute are hard to read: the wall clock is told instead. */
#define SECONDS_SPAN_NS (600 * NS_PER_SECOND)

/* In two digits. */
static void about_duration(int64_t ns, char out[WORDS_ROOM])
{
	double value = (double)ns / (ns < 995 * NS_PER_MS ? NS_PER_MS : NS_PER_SECOND);
	const char *unit = ns < 995 * NS_PER_MS ? "ms" : "s";

	if (value >= 99.5)
		value = (double)((int64_t)(value + 5) / 10 * 10);
	snprintf(out, WORDS_ROOM, value < 9.95 ? "%.1f%s" : "%.0f%s", value, unit);
}

void words_duration(int64_t ns, bool about, const struct glyphs *g, char out[WORDS_ROOM])
{
	const int64_t s = ns / NS_PER_SECOND;

	if (ns < NS_PER_MS)
		snprintf(out, WORDS_ROOM, "%" PRId64 "%s", (int64_t)(ns / NS_PER_US), g->unicode ? "µs" : "us");
	else if (about && ns < 60 * NS_PER_SECOND)
		about_duration(ns, out);
	else if (ns < 100 * NS_PER_MS)
		snprintf(out, WORDS_ROOM, "%.3fms", (double)ns / NS_PER_MS);
	else if (ns < NS_PER_SECOND)
		snprintf(out, WORDS_ROOM, "%.1fms", (double)ns / NS_PER_MS);
	else if (s < 60)
		snprintf(out, WORDS_ROOM, "%.2fs", (double)ns / NS_PER_SECOND);
	else if (s < 3600)
		snprintf(out, WORDS_ROOM, "%" PRId64 "m%02ds", s / 60, (int)(s % 60));
	else if (s < 100 * 3600)
		snprintf(out, WORDS_ROOM, "%" PRId64 "h%02dm", s / 3600, (int)(s / 60 % 60));
	else
		snprintf(out, WORDS_ROOM, "%" PRId64 "d%02dh", s / 86400, (int)(s / 3600 % 24));
}

void words_delta(const struct ladder_row *row, const struct glyphs *g, char out[WORDS_ROOM])
{
	char duration[WORDS_ROOM];

	out[0] = '\0';
	if (row->delta_ns < 0)
		return;
	words_duration(row->delta_ns, row->delta_about, g, duration);
	snprintf(out, WORDS_ROOM, "%s%.32s", row->delta_about ? (g->unicode ? "≈" : "~") : "+", duration);
}

struct words_clock words_clock_of(const struct ladder *l, const struct ladder_style *style, const struct glyphs *g)
{
	struct words_clock clock = {.wall = style->absolute_time, .utc_offset_s = style->utc_offset_s, .glyphs = g};
	int64_t first = 0, last = 0;

	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_row *row = &l->rows[i];

		if (!row->certainty)
			continue;
		if (!first)
			first = row->t0_ns ? row->t0_ns : row->t1_ns;
		last = row->t1_ns;
	}
	clock.base_ns = first - first % NS_PER_MINUTE;
	clock.wall |= last - first > SECONDS_SPAN_NS;
	return clock;
}

/* Digits after the second that say as much as an interval of this width allows. */
static int digits_for(int64_t width_ns)
{
	if (width_ns <= 0)
		return 6;
	if (width_ns >= 2 * NS_PER_SECOND)
		return 0;
	if (width_ns >= 200 * NS_PER_MS)
		return 1;
	return width_ns >= 20 * NS_PER_MS ? 2 : 3;
}

/* The fraction of the second, ".0021", cut (not rounded) to `digits`. */
static void add_fraction(char *out, int64_t ns, int digits)
{
	char all[16];

	if (digits == 0)
		return;
	snprintf(all, sizeof(all), ".%09d", (int)(ns % NS_PER_SECOND));
	all[1 + digits] = '\0';
	strcat(out, all);
}

/* One moment: whole, or without what it shares with the moment `before` it (which has the same second, or the same hour). */
static void moment(const struct words_clock *clock, int64_t ns, int64_t before, int digits, char out[WORDS_ROOM])
{
	int64_t local = ns + clock->utc_offset_s * NS_PER_SECOND, s = local / NS_PER_SECOND;
	bool same_second = digits > 0 && before && before / NS_PER_SECOND == ns / NS_PER_SECOND;

	out[0] = '\0';
	if (clock->wall && !before)
		snprintf(out, WORDS_ROOM, "%02d:%02d:%02d", (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
	else if (clock->wall && !same_second)
		snprintf(out, WORDS_ROOM, "%02d:%02d", (int)(s / 60 % 60), (int)(s % 60));
	else if (!clock->wall)
		snprintf(out, WORDS_ROOM, "%02" PRId64, (int64_t)((ns - clock->base_ns) / NS_PER_SECOND));
	add_fraction(out, local, digits);
}

/* From … to, in the digits given; `shared` leaves out of the second what it shares with the first. */
static void interval(const struct words_clock *clock, const struct ladder_row *row, int digits, bool shared, char out[WORDS_ROOM])
{
	const char *dash = clock->glyphs->unicode ? "–" : "-";
	char from[WORDS_ROOM], to[WORDS_ROOM];
	bool same_second = row->t0_ns / NS_PER_SECOND == row->t1_ns / NS_PER_SECOND;

	moment(clock, row->t0_ns, 0, digits, from);
	if (shared && same_second && digits) {
		to[0] = '\0';
		add_fraction(to, row->t1_ns, digits);
	} else {
		moment(clock, row->t1_ns, clock->wall ? row->t0_ns : 0, digits, to);
	}
	snprintf(out, WORDS_ROOM, "%.40s%s%.40s", from, dash, to);
}

void words_time(const struct words_clock *clock, const struct ladder_row *row, char out[WORDS_ROOM])
{
	unsigned room = clock->wall ? WORDS_WALL_COLUMNS : WORDS_TIME_COLUMNS;
	char when[WORDS_ROOM];
	int digits = digits_for(row->t1_ns - row->t0_ns);

	out[0] = '\0';
	if (!row->certainty || (!row->t0_ns && !row->t1_ns))
		return;
	if (!row->t0_ns) {
		moment(clock, row->t1_ns, 0, 2, when);
		snprintf(out, WORDS_ROOM, "%s%.40s", clock->glyphs->unicode ? "≤" : "<=", when);
		return;
	}
	if (row->t0_ns == row->t1_ns) {
		moment(clock, row->t0_ns, 0, digits, out);
		return;
	}
	for (interval(clock, row, digits, false, out); utf8_columns(out) > room && digits >= 0; digits--)
		interval(clock, row, digits, true, out);
}

static const char *const how_words[] = {
	[CERTAINTY_NONE] = "",
	[CERTAINTY_EXACT] = N_("exact"),
	[CERTAINTY_OBSERVED] = N_("seen"),
	[CERTAINTY_INFERRED] = N_("inferred"),
	[CERTAINTY_AMBIGUOUS] = N_("either way"),
};
static const char how_same_step[] = N_("same step"), how_unanswered[] = N_("no answer");

const char *words_how(const struct ladder_row *row)
{
	if (row->unanswered)
		return _(how_unanswered);
	if (row->same_step && row->certainty == CERTAINTY_EXACT)
		return _(how_same_step);
	return *how_words[row->certainty] ? _(how_words[row->certainty]) : "";
}

unsigned words_how_columns(void)
{
	unsigned widest = utf8_columns(_(how_same_step)), width = utf8_columns(_(how_unanswered));

	if (width > widest)
		widest = width;
	for (unsigned i = CERTAINTY_EXACT; i <= CERTAINTY_AMBIGUOUS; i++) {
		width = utf8_columns(_(how_words[i]));
		if (width > widest)
			widest = width;
	}
	return widest;
}

const char *words_state(enum tcp_state state, bool brief)
{
	static const char *const briefs[STATE_COUNT] = {
		[STATE_ESTABLISHED] = "ESTAB", [STATE_SYN_SENT] = "SYN_SENT", [STATE_SYN_RECV] = "SYN_RECV", [STATE_FIN_WAIT1] = "FIN_W1",
		[STATE_FIN_WAIT2] = "FIN_W2",  [STATE_TIME_WAIT] = "TIME_W",  [STATE_CLOSED] = "CLOSED",     [STATE_CLOSE_WAIT] = "CLOSE_W",
		[STATE_LAST_ACK] = "LAST_ACK", [STATE_LISTEN] = "LISTEN",     [STATE_CLOSING] = "CLOSING",
	};

	if (state == STATE_NONE || (unsigned)state >= STATE_COUNT)
		return "";
	return brief ? briefs[state] : state_name(state);
}

const char *words_state_tight(enum tcp_state state)
{
	switch (state) {
	case STATE_SYN_SENT:
		return "SYN_SNT";
	case STATE_SYN_RECV:
		return "SYN_RCV";
	case STATE_LAST_ACK:
		return "LST_ACK";
	default:
		return words_state(state, true);
	}
}

/* "SYN+ACK" as "S+A". */
static void abbreviate(char *flags)
{
	char *to = flags;
	bool first = true;

	for (const char *from = flags; *from; from++) {
		if (first || *from == '+')
			*to++ = *from;
		first = *from == '+';
	}
	*to = '\0';
}

static bool fits(const char *s, unsigned columns)
{
	return utf8_columns(s) <= columns;
}

/* "SYN      again x3", "data again x3", "SYN x3". */
static void words_again(const struct ladder_row *row, unsigned columns, char out[WORDS_ROOM], unsigned *flags_bytes)
{
	char what[FLAGS_TEXT_ROOM], times[64];
	unsigned width;

	if (row->note)
		snprintf(what, sizeof(what), "%s", _(row->note));
	else
		flags_format(row->flags, what);
	width = utf8_columns(what);
	snprintf(times, sizeof(times), _("again x%u"), row->repeats);
	*flags_bytes = (unsigned)strlen(what);
	snprintf(out, WORDS_ROOM, "%s%*s  %s", what, width < 7 ? (int)(7 - width) : 0, "", times);
	if (fits(out, columns))
		return;
	snprintf(out, WORDS_ROOM, "%s x%u", what, row->repeats);
	if (fits(out, columns))
		return;
	*flags_bytes = 0;
	snprintf(out, WORDS_ROOM, "x%u", row->repeats);
}

void words_segment(const struct ladder_row *row, unsigned columns, char out[WORDS_ROOM], unsigned *flags_bytes)
{
	char flags[FLAGS_TEXT_ROOM], seq[24] = "", ack[24] = "";

	if (row->part == PART_AGAIN) {
		words_again(row, columns, out, flags_bytes);
		return;
	}
	flags_format(row->flags, flags);
	if (row->has_seq)
		snprintf(seq, sizeof(seq), " seq=%" PRIu32, row->seq);
	if (row->has_ack)
		snprintf(ack, sizeof(ack), " ack=%" PRIu32, row->ack);
	*flags_bytes = (unsigned)strlen(flags);
	if (row->note && row->part == PART_RESET) {
		snprintf(out, WORDS_ROOM, "%-7s  %s", flags, _(row->note));
		if (fits(out, columns))
			return;
		snprintf(out, WORDS_ROOM, "%s %s", flags, _(row->note));
		if (fits(out, columns))
			return;
	}
	snprintf(out, WORDS_ROOM, "%-7s %s%s", flags, seq, ack);
	if ((*seq || *ack) && fits(out, columns))
		return;
	snprintf(out, WORDS_ROOM, "%s%s%s", flags, seq, ack);
	if (fits(out, columns))
		return;
	snprintf(out, WORDS_ROOM, "%s%s", flags, row->part == PART_FIN_ACK && *ack ? ack : seq);
	if (fits(out, columns))
		return;
	snprintf(out, WORDS_ROOM, "%s", flags);
	if (fits(out, columns))
		return;
	if (strchr(flags, '+') || !fits(flags, columns))
		abbreviate(flags);
	*flags_bytes = (unsigned)strlen(flags);
	snprintf(out, WORDS_ROOM, "%s", flags);
}

/* "48.1 kB" as "48k". */
static void shorten_bytes(char *bytes)
{
	char *space = strchr(bytes, ' '), *point = strchr(bytes, '.');
	char unit = space[1] == 'B' ? '\0' : space[1];

	if (point && point - bytes > 1)
		space = point;
	space[0] = unit;
	space[1] = '\0';
}

void words_data(const struct ladder_row *row, const struct glyphs *g, unsigned columns, char out[WORDS_ROOM])
{
	const char *dot = g->unicode ? " · " : ", ", *least = row->at_least ? g->at_least : "";
	char sent[AMOUNT_ROOM], received[AMOUNT_ROOM], duration[WORDS_ROOM] = "", words[2][56];

	if (row->delta_ns >= 0)
		words_duration(row->delta_ns, row->delta_about, g, duration);
	if (!row->bytes_known) {
		snprintf(out, WORDS_ROOM, "%s", duration);
		return;
	}
	amount_bytes(row->sent, sent);
	amount_bytes(row->received, received);
	snprintf(words[0], sizeof(words[0]), _("%s sent"), sent);
	snprintf(words[1], sizeof(words[1]), _("%s received"), received);
	snprintf(out, WORDS_ROOM, "%s%s%s%s%s%s%.8s", least, words[0], dot, least, words[1], *duration ? dot : "", duration);
	if (fits(out, columns))
		return;
	snprintf(out, WORDS_ROOM, "%s%.16s %s  %s %s%.16s%s%.8s", least, sent, g->head_right, g->head_left, least, received, *duration ? "  " : "", duration);
	if (fits(out, columns))
		return;
	/* "1.2k► ◄48k" */
	shorten_bytes(sent);
	shorten_bytes(received);
	snprintf(out, WORDS_ROOM, "%.16s%s %s%.16s", sent, g->head_right, g->head_left, received);
}
