/*
 * The NDJSON writer: one event, one line. It is in the hot path of `list --json` on a million sockets, so fields are copied, not formatted.
 * The reader (json_read.c) mirrors it field by field; both follow doc/events.md.
 */
#include "config.h"

#include "out/json_event.h"

#include <string.h>

#include "json_put.h"
#include "tcp/edge.h"
#include "words.h"

const char *json_source_word(enum source s)
{
#define X(name, json) json,
	static const char *const words[SOURCE_COUNT] = { SOURCES(X) };
#undef X
	return (unsigned)s < SOURCE_COUNT ? words[s] : NULL;
}

const char *json_timer_word(unsigned timer)
{
#define X(name, json) json,
	static const char *const words[TIMER_COUNT] = { TIMERS(X) };
#undef X
	return timer < TIMER_COUNT ? words[timer] : NULL;
}

static void begin(struct text *t, const char *kind)
{
	static const char head[] = "{\"v\":1,\"ev\":\"";
	const size_t len = strlen(kind);
	char *at = text_room(t, sizeof head + len);

	memcpy(at, head, sizeof head - 1);
	at += sizeof head - 1;
	memcpy(at, kind, len);
	at[len] = '"';
	text_ends(t, at + len + 1);
}

static void end(struct text *t)
{
	text_add_bytes(t, "}\n", 2);
}

void json_add_header(struct text *t, const struct json_header *h)
{
	const char *comma = "";

	begin(t, "header");
	if (*h->host)
		json_put_text(t, JSON_KEY("host"), h->host);
	if (*h->kernel)
		json_put_text(t, JSON_KEY("kernel"), h->kernel);
	if (*h->program)
		json_put_text(t, JSON_KEY("program"), h->program);
	text_add(t, ",\"sources\":[");
	for (unsigned s = 0; s < SOURCE_COUNT; s++) {
		if (!(h->sources & 1u << s))
			continue;
		text_addf(t, "%s\"%s\"", comma, json_source_word(s));
		comma = ",";
	}
	text_add_char(t, ']');
	if (h->netns)
		json_put_hex(t, JSON_KEY("netns"), h->netns);
	if (*h->netns_name)
		json_put_text(t, JSON_KEY("netns_name"), h->netns_name);
	if (h->started_ns)
		json_put_time(t, JSON_KEY("started"), h->started_ns);
	end(t);
}

static void put_endpoint(struct text *t, struct json_key key, const struct tuple *tuple, const struct endpoint *end)
{
	char *at = json_begin(t, key, ENDPOINT_TEXT_ROOM + 2);

	*at++ = '"';
	at += endpoint_format(end, tuple->family, tuple->ifindex, at);
	*at++ = '"';
	text_ends(t, at);
}

static void put_tuple(struct text *t, const struct event *e)
{
	if (!e->tuple.family)
		return;
	put_endpoint(t, JSON_KEY("local"), &e->tuple, &e->tuple.local);
	if (words_knows_peer(e))
		put_endpoint(t, JSON_KEY("remote"), &e->tuple, &e->tuple.remote);
	if (e->tuple.ifindex)
		json_put_number(t, JSON_KEY("ifindex"), e->tuple.ifindex);
}

static void put_holder(struct text *t, const struct holder *h)
{
	json_put_number(t, JSON_KEY("pid"), h->pid);
	if (*h->comm)
		json_put_text(t, JSON_KEY("comm"), h->comm);
	if (h->fd >= 0)
		json_put_number(t, JSON_KEY("fd"), (uint64_t)h->fd);
	if (h->start_ticks)
		json_put_number(t, JSON_KEY("pid_start"), h->start_ticks);
}

/* The first holder stands in the line itself, where a person with jq looks for it; several are listed as well. */
static void put_holders(struct text *t, const struct event *e)
{
	if (e->owner_hidden)
		json_put_true(t, JSON_KEY("owner_hidden"));
	if (!e->holder_count)
		return;
	put_holder(t, &e->holders[0]);
	if (e->holders_former)
		json_put_true(t, JSON_KEY("former"));
	if (e->holder_count == 1)
		return;
	text_add(t, ",\"holders\":[");
	for (uint32_t i = 0; i < e->holder_count; i++) {
		size_t comma = t->len;

		put_holder(t, &e->holders[i]);
		t->bytes[comma] = '{';
		text_add(t, i + 1 < e->holder_count ? "}," : "}]");
	}
}

static void put_facts(struct text *t, const struct facts *f)
{
	if (f->knows & KNOWS_INODE)
		json_put_number(t, JSON_KEY("inode"), f->inode);
	if (f->knows & KNOWS_UID)
		json_put_number(t, JSON_KEY("uid"), f->uid);
	if (f->knows & KNOWS_QUEUES) {
		json_put_number(t, JSON_KEY("rqueue"), f->rqueue);
		if (!(f->knows & KNOWS_NO_LIMIT))
			json_put_number(t, JSON_KEY("wqueue"), f->wqueue);
	}
	if (f->knows & KNOWS_TIMER) {
		json_put_word(t, JSON_KEY("timer"), json_timer_word(f->timer));
		if (f->timer)
			json_put_number(t, JSON_KEY("timer_ms"), f->timer_expires_ms);
		if (f->retransmits)
			json_put_number(t, JSON_KEY("retransmits"), f->retransmits);
	}
	if (f->knows & KNOWS_BYTES) {
		json_put_number(t, JSON_KEY("bytes_sent"), f->bytes_sent);
		json_put_number(t, JSON_KEY("bytes_received"), f->bytes_received);
		if (f->knows & KNOWS_MAYBE_FIN)
			json_put_true(t, JSON_KEY("maybe_fin"));
	}
	if (f->knows & KNOWS_RTT)
		json_put_number(t, JSON_KEY("rtt_us"), f->rtt_us);
	if (f->knows & KNOWS_RETRANS)
		json_put_number(t, JSON_KEY("retrans"), f->total_retrans);
	if (f->knows & KNOWS_CWND)
		json_put_number(t, JSON_KEY("cwnd"), f->cwnd);
	if (f->knows & KNOWS_MPTCP)
		json_put_true(t, JSON_KEY("mptcp"));
}

static void put_bounds(struct text *t, struct json_key low, struct json_key high, int64_t low_ns, int64_t high_ns)
{
	if (low_ns)
		json_put_time(t, low, low_ns);
	if (high_ns)
		json_put_time(t, high, high_ns);
}

static void put_certainty(struct text *t, const struct event *e)
{
	json_put_word(t, JSON_KEY("certainty"), certainty_word(e->certainty));
	json_put_word(t, JSON_KEY("when"), certainty_word(e->when));
	if (e->numbers != CERTAINTY_NONE) {
		json_put_word(t, JSON_KEY("numbers"), certainty_word(e->numbers));
		if (e->has_seq)
			json_put_number(t, JSON_KEY("seq"), e->seq);
		if (e->has_ack)
			json_put_number(t, JSON_KEY("ack"), e->ack);
	}
	if (e->edge_cause)
		json_put_word(t, JSON_KEY("edge"), edge_cause_word(e->edge_cause - 1u));
	put_bounds(t, JSON_KEY("t0"), JSON_KEY("t1"), e->t0_ns, e->t1_ns);
}

static void put_connection(struct text *t, const struct event *e)
{
	json_put_number(t, JSON_KEY("conn"), e->conn);
	json_put_word(t, JSON_KEY("mark"), mark_word(e->mark));
	if (e->from != STATE_NONE && e->kind != EVENT_CLOSE)
		json_put_word(t, JSON_KEY("from"), state_name(e->from));
	if (e->to != STATE_NONE) {
		if (e->kind == EVENT_TRANSITION)
			json_put_word(t, JSON_KEY("to"), state_name(e->to));
		else
			json_put_word(t, JSON_KEY("state"), state_name(e->to));
	}
	json_put_word(t, JSON_KEY("cause"), cause_word(e->cause));
	put_certainty(t, e);
	put_tuple(t, e);
	json_put_word(t, JSON_KEY("opener"), side_word(e->opener));
	json_put_word(t, JSON_KEY("opener_by"), evidence_word(e->opener_by));
	json_put_word(t, JSON_KEY("closer"), side_word(e->closer));
	json_put_word(t, JSON_KEY("closer_by"), evidence_word(e->closer_by));
	if (e->cookie)
		json_put_hex(t, JSON_KEY("cookie"), e->cookie);
	if (e->netns)
		json_put_hex(t, JSON_KEY("netns"), e->netns);
	if (e->netns_name)
		json_put_text(t, JSON_KEY("netns_name"), e->netns_name);
	put_holders(t, e);
	if (e->unit)
		json_put_text(t, JSON_KEY("unit"), e->unit);
	put_facts(t, &e->facts);
	if (e->facts.knows & KNOWS_SINCE)
		put_bounds(t, JSON_KEY("since0"), JSON_KEY("since1"), e->since0_ns, e->since1_ns);
	if (e->facts.knows & KNOWS_ATLEAST)
		json_put_true(t, JSON_KEY("at_least"));
	if (e->facts.knows & KNOWS_OPENED)
		put_bounds(t, JSON_KEY("opened0"), JSON_KEY("opened1"), e->opened0_ns, e->opened1_ns);
}

/* "EPROTONOSUPPORT", where the C library knows. */
static const char *errno_name(int error)
{
#ifdef HAVE_STRERRORNAME_NP
	return strerrorname_np(error);
#else
	(void)error;
	return NULL;
#endif
}

static void put_errors(struct text *t, const struct coverage *c)
{
	const char *comma = "";

	text_add(t, ",\"errors\":[");
	for (unsigned s = 0; s < SOURCE_COUNT; s++) {
		if (!c->errors[s])
			continue;
		text_addf(t, "%s{\"source\":\"%s\"", comma, json_source_word(s));
		json_put_signed(t, JSON_KEY("errno"), -(int64_t)c->errors[s]);
		json_put_word(t, JSON_KEY("error"), errno_name(-c->errors[s]));
		text_add_char(t, '}');
		comma = ",";
	}
	text_add_char(t, ']');
}

static void put_coverage(struct text *t, const struct coverage *c)
{
	json_put_number(t, JSON_KEY("sweeps"), c->sweeps);
	json_put_number(t, JSON_KEY("sweeps_not_whole"), c->sweeps_not_whole);
	json_put_number(t, JSON_KEY("notices_lost"), c->notices_lost);
	json_put_number(t, JSON_KEY("notices_shed"), c->notices_shed);
	if (c->shedding)
		text_add(t, ",\"shedding\":true");
	json_put_number(t, JSON_KEY("ends_unseen"), c->ends_unseen);
	json_put_number(t, JSON_KEY("unsampled_ends"), c->unsampled_ends);
	json_put_number(t, JSON_KEY("late_notices"), c->late_notices);
	json_put_number(t, JSON_KEY("owners_hidden"), c->owners_hidden);
	if (c->owner_scan_total) {
		json_put_number(t, JSON_KEY("owner_scan_done"), c->owner_scan_done);
		json_put_number(t, JSON_KEY("owner_scan_total"), c->owner_scan_total);
	}
	json_put_number(t, JSON_KEY("lookups_dropped"), c->lookups_dropped);
	json_put_number(t, JSON_KEY("illegal"), c->illegal);
	if (c->sweeps)
		json_put_word(t, JSON_KEY("swept_by"), json_source_word((enum source)c->swept_by));
	if (c->netns_watched || c->netns_unwatched) {
		json_put_number(t, JSON_KEY("netns_watched"), c->netns_watched);
		json_put_number(t, JSON_KEY("netns_unwatched"), c->netns_unwatched);
	}
	if (c->last_whole_ns)
		json_put_time(t, JSON_KEY("last_whole"), c->last_whole_ns);
	if (c->interval_ns)
		json_put_number(t, JSON_KEY("interval_us"), (uint64_t)c->interval_ns / 1000);
	put_errors(t, c);
}

static void put_netns(struct text *t, const struct event *e)
{
	json_put_word(t, JSON_KEY("part"), e->netns_gone ? "end" : "begin");
	if (e->netns)
		json_put_hex(t, JSON_KEY("netns"), e->netns);
	if (e->netns_name)
		json_put_text(t, JSON_KEY("netns_name"), e->netns_name);
}

void json_add_event(struct text *t, const struct event *e)
{
	begin(t, event_kind_word(e->kind));
	json_put_time(t, JSON_KEY("t"), e->t_ns);
	switch ((enum event_kind)e->kind) {
	case EVENT_KEYFRAME_BEGIN:
	case EVENT_KEYFRAME_END:
		json_put_word(t, JSON_KEY("part"), e->kind == EVENT_KEYFRAME_BEGIN ? "begin" : "end");
		json_put_number(t, JSON_KEY("count"), e->count);
		break;
	case EVENT_COVERAGE:
		if (e->coverage)
			put_coverage(t, e->coverage);
		break;
	case EVENT_NETNS:
		put_netns(t, e);
		break;
	case EVENT_OPEN:
	case EVENT_TRANSITION:
	case EVENT_UPDATE:
	case EVENT_MARK:
	case EVENT_CLOSE:
	case EVENT_CONNECTION:
		put_connection(t, e);
		break;
	}
	end(t);
}
