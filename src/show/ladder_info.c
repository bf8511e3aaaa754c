/* What is known of one end, and its timer. */
#include "show/ladder_info.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "show/amount.h"

void info_take(struct ladder_info *info, const struct model *m, const struct connection *c)
{
	const struct history *h = c ? c->history : NULL;
	struct holder more;

	*info = (struct ladder_info){.known = c};
	if (!c)
		return;
	info->live = c->live;
	info->owner_hidden = c->owner_hidden;
	info->holders_former = c->holders_former;
	info->state = c->state;
	info->opener = c->opener;
	info->opener_by = c->opener_by;
	info->closer = c->closer;
	info->closer_by = c->closer_by;
	info->cause = c->cause;
	info->facts = c->facts;
	info->facts_ns = c->updated_ns;
	info->since0_ns = c->since0_ns;
	info->since1_ns = c->since1_ns;
	if (h && h->count && (h->steps[0].from == STATE_CLOSED || h->steps[0].from == STATE_LISTEN)) {
		info->opened0_ns = h->steps[0].t0_ns;
		info->opened1_ns = h->steps[0].t1_ns;
	}
	info->cookie = c->cookie;
	info->netns = model_netns(m, c);
	if (model_netns_name(m, c))
		snprintf(info->netns_name, sizeof(info->netns_name), "%s", model_netns_name(m, c));
	if (model_unit(m, c))
		snprintf(info->unit, sizeof(info->unit), "%s", model_unit(m, c));
	while (info->holder_count < INFO_HOLDERS_MAX && model_holder(m, c, info->holder_count, &info->holders[info->holder_count]))
		info->holder_count++;
	while (info->holder_count >= INFO_HOLDERS_MAX && model_holder(m, c, info->holder_count, &more))
		info->holder_count++;
}

bool info_has_data_unacked(enum tcp_state state, const struct facts *facts)
{
	const unsigned closing = STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK);

	return closing & STATE_BIT(state) && facts->knows & KNOWS_QUEUES && facts->wqueue > 1; /* the FIN counts as one */
}

/* ---- the timer ---- */

#define OVERDUE_NS (2 * NS_PER_SECOND)
#define TIME_WAIT_MS 60000u /* TCP_TIMEWAIT_LEN of include/net/tcp.h */

/* What happens when the timer runs out. */
struct timer_words {
	uint8_t timer, state; /* enum timer, enum tcp_state (STATE_NONE: any) */
	const char *in;       /* %s: the time that is left */
	const char *some_time; /* when that is not known */
};

static const struct timer_words timer_words[] = {
	{TIMER_RETRANSMIT, STATE_SYN_SENT, N_("repeats its SYN in %s"), N_("waits to repeat its SYN")},
	{TIMER_RETRANSMIT, STATE_SYN_RECV, N_("repeats its SYN+ACK in %s"), N_("waits to repeat its SYN+ACK")},
	{TIMER_RETRANSMIT, STATE_FIN_WAIT1, N_("repeats its FIN in %s"), N_("waits to repeat its FIN")},
	{TIMER_RETRANSMIT, STATE_LAST_ACK, N_("repeats its FIN in %s"), N_("waits to repeat its FIN")},
	{TIMER_RETRANSMIT, STATE_NONE, N_("repeats a segment in %s"), N_("waits to repeat a segment")},
	{TIMER_KEEPALIVE, STATE_FIN_WAIT2, N_("gives up in %s"), N_("waits to give up")},
	{TIMER_KEEPALIVE, STATE_SYN_RECV, N_("repeats its SYN+ACK in %s"), N_("waits to repeat its SYN+ACK")},
	{TIMER_KEEPALIVE, STATE_NONE, N_("keepalive probe in %s"), N_("sends keepalive probes")},
	{TIMER_TIME_WAIT, STATE_FIN_WAIT2, N_("gives up in %s"), N_("waits to give up")},
	{TIMER_TIME_WAIT, STATE_NONE, N_("forgotten in %s"), N_("forgotten any moment")},
	{TIMER_PROBE, STATE_NONE, N_("window probe in %s"), N_("probes the peer's window")},
};

static const struct timer_words *words_of(const struct ladder_info *info)
{
	const uint8_t state = info_has_data_unacked(info->state, &info->facts) ? STATE_NONE : info->state;

	for (size_t i = 0; i < sizeof(timer_words) / sizeof(*timer_words); i++)
		if (timer_words[i].timer == info->facts.timer && (timer_words[i].state == state || timer_words[i].state == STATE_NONE))
			return &timer_words[i];
	return NULL;
}

static bool has_timer(const struct ladder_info *info)
{
	return info->known && info->live && info->facts.knows & KNOWS_TIMER && info->facts.timer != TIMER_NONE;
}

static int64_t left_ns(const struct ladder_info *info, int64_t now_ns)
{
	return info->facts_ns + (int64_t)info->facts.timer_expires_ms * NS_PER_MS - now_ns;
}

/* "41s", "1m58s", "1h59m": whole units, for it is read as it runs. The unit that has begun counts. */
static void say_left(int64_t ns, char out[AMOUNT_ROOM])
{
	const int64_t s = ns > 0 ? (ns + NS_PER_SECOND - 1) / NS_PER_SECOND : 0;

	if (s < 100)
		snprintf(out, AMOUNT_ROOM, "%ds", (int)s);
	else if (s < 3600)
		snprintf(out, AMOUNT_ROOM, "%dm%02ds", (int)(s / 60), (int)(s % 60));
	else
		snprintf(out, AMOUNT_ROOM, "%" PRId64 "h%02dm", s / 3600, (int)(s / 60 % 60));
}

/* The sentence with `time` in place of its %s. */
static void put_in(const char *sentence, const char *time, char *out, size_t room)
{
	const char *at = strstr(sentence, "%s");

	snprintf(out, room, "%.*s%s%s", (int)(at ? at - sentence : 0), sentence, time, at ? at + 2 : "");
}

void info_countdown(const struct ladder_info *info, int64_t now_ns, struct ladder_countdown *out)
{
	const struct timer_words *words = words_of(info);
	const int64_t left = left_ns(info, now_ns);
	char time[AMOUNT_ROOM];

	*out = (struct ladder_countdown){.words = ""};
	if (!has_timer(info) || !words)
		return;
	if (left < -OVERDUE_NS) {
		snprintf(out->words, sizeof(out->words), "%s", _(words->some_time));
		return;
	}
	say_left(left, time);
	put_in(_(words->in), time, out->words, sizeof(out->words));
	snprintf(out->brief, sizeof(out->brief), "%s", time);
	out->left = left > 0 ? (uint64_t)left / NS_PER_MS : 0;
	out->of = info->facts.timer_expires_ms;
	if (info->facts.timer == TIMER_TIME_WAIT && out->of < TIME_WAIT_MS)
		out->of = TIME_WAIT_MS;
}

int64_t info_countdown_wake_ns(const struct ladder_info *info, int64_t now_ns)
{
	const int64_t left = left_ns(info, now_ns);

	if (!has_timer(info) || left < -OVERDUE_NS)
		return INT64_MAX;
	if (left <= 0)
		return now_ns + left + OVERDUE_NS + 1;
	return now_ns + (left - 1) % NS_PER_SECOND + 1;
}
