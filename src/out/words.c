/* How amounts, ages and programs are told. */
#include "config.h"

#include "words.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/message.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

bool words_is_listener(const struct event *e)
{
	/* One that goes from LISTEN to SYN_RECV is the connection that came in. */
	return e->to == STATE_LISTEN || (e->from == STATE_LISTEN && e->to == STATE_CLOSED);
}

bool words_knows_peer(const struct event *e)
{
	return e->tuple.remote.port || !endpoint_is_unspecified(&e->tuple.remote) || words_is_listener(e);
}

void words_add_span(struct text *t, int64_t ns)
{
	if (ns < NS_PER_MS)
		text_addf(t, "%lldus", (long long)(ns > 0 ? ns / NS_PER_US : 0));
	else if (ns < 10 * NS_PER_MS)
		text_addf(t, "%lld.%02lldms", (long long)(ns / NS_PER_MS), (long long)(ns % NS_PER_MS / (10 * NS_PER_US)));
	else if (ns < NS_PER_SECOND)
		text_addf(t, "%lldms", (long long)(ns / NS_PER_MS));
	else if (ns < 10 * NS_PER_SECOND)
		text_addf(t, "%lld.%02llds", (long long)(ns / NS_PER_SECOND), (long long)(ns % NS_PER_SECOND / (10 * NS_PER_MS)));
	else if (ns < MINUTE_NS)
		text_addf(t, "%llds", (long long)(ns / NS_PER_SECOND));
	else if (ns < HOUR_NS)
		text_addf(t, "%lldm%02llds", (long long)(ns / MINUTE_NS), (long long)(ns % MINUTE_NS / NS_PER_SECOND));
	else if (ns < DAY_NS)
		text_addf(t, "%lldh%02lldm", (long long)(ns / HOUR_NS), (long long)(ns % HOUR_NS / MINUTE_NS));
	else
		text_addf(t, "%lldd%02lldh", (long long)(ns / DAY_NS), (long long)(ns % DAY_NS / HOUR_NS));
}

void words_add_bytes(struct text *t, uint64_t bytes)
{
	static const char prefixes[] = "kMGTPE";
	unsigned prefix = 0;
	uint64_t unit = 1000;

	if (bytes < unit) {
		text_addf(t, "%u B", (unsigned)bytes);
		return;
	}
	while (bytes / unit >= 1000 && prefixes[prefix + 1]) {
		unit *= 1000;
		prefix++;
	}
	text_addf(t, "%u.%u %cB", (unsigned)(bytes / unit), (unsigned)(bytes % unit / (unit / 10)), prefixes[prefix]);
}

void words_add_age(struct text *t, const struct event *row, const struct glyphs *glyphs)
{
	int64_t age_ns = row->t_ns - row->since1_ns;

	if (row->to == STATE_TIME_WAIT && row->facts.knows & KNOWS_TIMER && row->facts.timer) {
		text_addf(t, _("%us left"), row->facts.timer_expires_ms / 1000);
		return;
	}
	if (!(row->facts.knows & KNOWS_SINCE))
		return;
	if (row->facts.knows & KNOWS_ATLEAST)
		text_add(t, glyphs->at_least);
	/* A column of ages is read for its large ones. */
	if (age_ns < 10 * NS_PER_SECOND)
		text_addf(t, "%llds", (long long)(age_ns > 0 ? age_ns / NS_PER_SECOND : 0));
	else
		words_add_span(t, age_ns);
}

void words_add_program(struct text *t, const struct event *e, bool with_pid)
{
	if (!e->holder_count) {
		if (e->owner_hidden)
			text_add(t, _("(hidden)"));
		return;
	}
	text_add(t, e->holders[0].comm);
	if (with_pid)
		text_addf(t, "[%u]", e->holders[0].pid);
	if (e->holder_count > 1)
		text_addf(t, " +%u", e->holder_count - 1);
	if (e->holders_former)
		text_addf(t, " %s", _("(was)"));
}

const char *words_state_color(enum tcp_state state)
{
	switch (state) {
	case STATE_ESTABLISHED: return "32";
	case STATE_SYN_SENT:
	case STATE_SYN_RECV: return "36";
	case STATE_CLOSE_WAIT: return "31";
	case STATE_FIN_WAIT1:
	case STATE_FIN_WAIT2:
	case STATE_CLOSING:
	case STATE_LAST_ACK: return "33";
	case STATE_LISTEN: return "34";
	case STATE_TIME_WAIT: return "35";
	default: return "2";
	}
}

void words_add_colored(struct text *t, const char *color, const char *s)
{
	if (color)
		text_addf(t, "\033[%sm%s\033[m", color, s);
	else
		text_add(t, s);
}
