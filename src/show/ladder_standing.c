/* How a connection stands, in sentences; and the legend of a ladder. */
#include "ladder_standing.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"

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

void standing_say(const struct ladder_view *v, int64_t now_ns, const struct glyphs *glyphs, struct text *out)
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

bool standing_is_trouble(const struct ladder_view *v, int64_t now_ns)
{
	return v->live && v->state == STATE_CLOSE_WAIT && v->since_ns && now_ns - v->since_ns > NS_PER_SECOND;
}

/* ---- the legend ---- */

static unsigned legend_item(struct area area, unsigned at, enum role role, const char *sign, const char *text)
{
	const unsigned width = utf8_columns(sign) + 1 + utf8_columns(text);

	if (at + width > area.columns)
		return at;
	at += area_text(area, 0, (int)at, role, 0, sign);
	at += area_textf(area, 0, (int)at, ROLE_DIM, 0, " %s", text);
	return at + 3;
}

void legend_paint(struct area area)
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
