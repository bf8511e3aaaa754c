/* How amounts, ages and programs are told. */
#include "config.h"

#include "words.h"

#include <stddef.h>

#include "base/message.h"
#include "show/amount.h"

bool words_is_listener(const struct event *e)
{
	/* One that goes from LISTEN to SYN_RECV is the connection that came in. */
	return e->to == STATE_LISTEN || (e->from == STATE_LISTEN && e->to == STATE_CLOSED);
}

bool words_knows_peer(const struct event *e)
{
	return e->tuple.remote.port || !endpoint_is_unspecified(&e->tuple.remote) || words_is_listener(e);
}

void words_add_age(struct text *t, const struct event *row, const struct glyphs *glyphs)
{
	char room[AMOUNT_ROOM];

	if (row->to == STATE_TIME_WAIT && row->facts.knows & KNOWS_TIMER && row->facts.timer) {
		text_addf(t, _("%ds left"), (int)(row->facts.timer_expires_ms / 1000));
		return;
	}
	if (!(row->facts.knows & KNOWS_SINCE))
		return;
	if (row->facts.knows & KNOWS_ATLEAST)
		text_add(t, glyphs->at_least);
	text_add(t, amount_age(row->t_ns - row->since1_ns, room));
}

/* "nginx[812] +3" */
static void add_holder(struct text *t, const struct event *e, bool with_pid)
{
	text_add(t, e->holders[0].comm);
	if (with_pid)
		text_addf(t, "[%u]", e->holders[0].pid);
	if (e->holder_count > 1)
		text_addf(t, " +%u", e->holder_count - 1);
}

void words_add_program(struct text *t, const struct event *e, bool with_pid)
{
	struct text former = {0};

	if (!e->holder_count) {
		if (e->owner_hidden)
			text_add(t, _("(hidden)"));
		return;
	}
	if (!e->holders_former) {
		add_holder(t, e, with_pid);
		return;
	}
	add_holder(&former, e, with_pid);
	text_addf(t, _("%s (was)"), text_string(&former));
	text_fini(&former);
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
