/*
 * The NDJSON reader. Mirrors json_event.c field by field.
 */
#include "config.h"

#include "out/json_read.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/message.h"
#include "json_get.h"
#include "tcp/edge.h"

#define X(name, json) { json, CERTAINTY_##name },
static const struct json_word certainty_words[] = { CERTAINTIES(X) };
#undef X
#define X(name, json) { json, SIDE_##name },
static const struct json_word side_words[] = { SIDES(X) };
#undef X
#define X(name, json) { json, EVIDENCE_##name },
static const struct json_word evidence_words[] = { EVIDENCES(X) };
#undef X
#define X(name, json) { json, CAUSE_##name },
static const struct json_word cause_words[] = { CAUSES(X) };
#undef X
#define X(name, json) { json, MARK_##name },
static const struct json_word mark_words[] = { MARKS(X) };
#undef X
#define X(name, json) { json, EVENT_##name },
static const struct json_word kind_words[] = { EVENT_KINDS(X) };
#undef X
#define COUNT(words) (sizeof(words) / sizeof *(words))

static void read_tuple(struct json_source *s, struct tuple *tuple)
{
	const char *local, *remote;
	uint16_t remote_family;
	uint32_t scope;

	if (!json_get_string(s, s->object, "local", &local))
		return;
	if (endpoint_parse(local, &tuple->local, &tuple->family, &tuple->ifindex))
		json_get_failed(s, _("'%s' is no endpoint"), "local");
	if (!json_get_string(s, s->object, "remote", &remote))
		remote = tuple->family == AF_INET ? "0.0.0.0:0" : "[::]:0";
	if (endpoint_parse(remote, &tuple->remote, &remote_family, &scope))
		json_get_failed(s, _("'%s' is no endpoint"), "remote");
	if (!tuple->ifindex)
		tuple->ifindex = scope;
	json_get_u32(s, "ifindex", &tuple->ifindex);
}

/* The holder told in `from`, which is the line itself or one of its list. */
static bool read_holder(struct json_source *s, json_t *from, struct holder *h)
{
	uint64_t number;

	if (!json_get_number(s, from, "pid", UINT32_MAX, &number))
		return false;
	*h = (struct holder){ .pid = (uint32_t)number, .fd = -1 };
	if (json_get_number(s, from, "fd", INT32_MAX, &number))
		h->fd = (int32_t)number;
	json_get_number(s, from, "pid_start", INT64_MAX, &h->start_ticks);
	json_get_clean(s, from, "comm", h->comm, sizeof h->comm);
	return true;
}

static void read_holders(struct json_reader *r, struct json_source *s, struct event *e)
{
	struct holder *holders = r->holders;
	json_t *list = json_object_get(s->object, "holders");

	e->owner_hidden = json_get_true(s, "owner_hidden");
	e->holders_former = json_get_true(s, "former");
	for (size_t i = 0; i < json_array_size(list) && e->holder_count < JSON_READ_HOLDERS_MAX; i++)
		e->holder_count += read_holder(s, json_array_get(list, i), &holders[e->holder_count]);
	if (!e->holder_count)
		e->holder_count = read_holder(s, s->object, &holders[0]);
	if (!e->holder_count)
		return;
	e->holders = holders;
	e->facts.knows |= KNOWS_HOLDERS;
}

static void read_timer(struct json_source *s, struct facts *f)
{
	const char *word;
	uint32_t retransmits = 0;

	if (!json_get_string(s, s->object, "timer", &word))
		return;
	for (unsigned i = 0; i < TIMER_COUNT; i++) {
		if (strcmp(json_timer_word(i), word))
			continue;
		f->knows |= KNOWS_TIMER;
		f->timer = (uint8_t)i;
	}
	json_get_u32(s, "timer_ms", &f->timer_expires_ms);
	if (json_get_u32(s, "retransmits", &retransmits))
		f->retransmits = (uint8_t)(retransmits < UINT8_MAX ? retransmits : UINT8_MAX);
}

static void read_facts(struct json_source *s, struct facts *f)
{
	uint64_t sent, received;
	uint32_t cwnd;

	if (json_get_u32(s, "inode", &f->inode))
		f->knows |= KNOWS_INODE;
	if (json_get_u32(s, "uid", &f->uid))
		f->knows |= KNOWS_UID;
	if (json_get_u32(s, "rqueue", &f->rqueue))
		f->knows |= json_get_u32(s, "wqueue", &f->wqueue) ? KNOWS_QUEUES : KNOWS_QUEUES | KNOWS_NO_LIMIT;
	if (json_get_u64(s, "bytes_sent", &sent) && json_get_u64(s, "bytes_received", &received)) {
		f->knows |= KNOWS_BYTES;
		f->bytes_sent = sent < FACTS_BYTES_MAX ? sent : FACTS_BYTES_MAX;
		f->bytes_received = received < FACTS_BYTES_MAX ? received : FACTS_BYTES_MAX;
		if (json_get_true(s, "maybe_fin"))
			f->knows |= KNOWS_MAYBE_FIN;
	}
	if (json_get_u32(s, "rtt_us", &f->rtt_us))
		f->knows |= KNOWS_RTT;
	if (json_get_u32(s, "retrans", &f->total_retrans))
		f->knows |= KNOWS_RETRANS;
	if (json_get_u32(s, "cwnd", &cwnd)) {
		f->knows |= KNOWS_CWND;
		f->cwnd = cwnd < UINT16_MAX ? (uint16_t)cwnd : UINT16_MAX;
	}
	if (json_get_true(s, "mptcp"))
		f->knows |= KNOWS_MPTCP;
	read_timer(s, f);
}

static uint8_t read_edge_cause(struct json_source *s)
{
	const char *word;

	if (!json_get_string(s, s->object, "edge", &word))
		return 0;
	for (unsigned i = 0; i < EDGE_CAUSE_COUNT; i++)
		if (!strcmp(edge_cause_word(i), word))
			return (uint8_t)(i + 1);
	return 0;
}

static void read_netns(struct json_reader *r, struct json_source *s, struct event *e)
{
	json_get_hex(s, "netns", &e->netns);
	*r->netns_name = '\0';
	json_get_clean(s, s->object, "netns_name", r->netns_name, sizeof r->netns_name);
	if (*r->netns_name)
		e->netns_name = r->netns_name;
}

static void read_connection(struct json_reader *r, struct json_source *s, struct event *e)
{
	if (!json_get_u64(s, "conn", &e->conn))
		json_get_failed(s, _("'%s' is missing"), "conn");
	json_get_state(s, "from", &e->from);
	if (!json_get_state(s, e->kind == EVENT_TRANSITION ? "to" : "state", &e->to) && (e->kind == EVENT_TRANSITION || e->kind == EVENT_OPEN))
		json_get_failed(s, _("'%s' is missing"), e->kind == EVENT_TRANSITION ? "to" : "state");
	e->mark = json_get_word(s, "mark", JSON_WORDS(mark_words));
	e->cause = json_get_word(s, "cause", JSON_WORDS(cause_words));
	e->certainty = json_get_word(s, "certainty", JSON_WORDS(certainty_words));
	e->when = json_get_word(s, "when", JSON_WORDS(certainty_words));
	e->numbers = json_get_word(s, "numbers", JSON_WORDS(certainty_words));
	e->has_seq = json_get_u32(s, "seq", &e->seq);
	e->has_ack = json_get_u32(s, "ack", &e->ack);
	e->edge_cause = read_edge_cause(s);
	json_get_time(s, "t0", &e->t0_ns);
	json_get_time(s, "t1", &e->t1_ns);
	read_tuple(s, &e->tuple);
	e->opener = json_get_word(s, "opener", JSON_WORDS(side_words));
	e->opener_by = json_get_word(s, "opener_by", JSON_WORDS(evidence_words));
	e->closer = json_get_word(s, "closer", JSON_WORDS(side_words));
	e->closer_by = json_get_word(s, "closer_by", JSON_WORDS(evidence_words));
	json_get_hex(s, "cookie", &e->cookie);
	read_netns(r, s, e);
	read_facts(s, &e->facts);
	read_holders(r, s, e);
	r->unit[0] = '\0';
	json_get_clean(s, s->object, "unit", r->unit, sizeof r->unit);
	if (*r->unit)
		e->unit = r->unit;
	json_get_time(s, "since0", &e->since0_ns);
	if (json_get_time(s, "since1", &e->since1_ns))
		e->facts.knows |= KNOWS_SINCE;
	if (json_get_true(s, "at_least"))
		e->facts.knows |= KNOWS_ATLEAST;
	json_get_time(s, "opened0", &e->opened0_ns);
	if (json_get_time(s, "opened1", &e->opened1_ns))
		e->facts.knows |= KNOWS_OPENED;
}

/* A namespace comes to be watched or is let go. */
static void read_watching(struct json_reader *r, struct json_source *s, struct event *e)
{
	const char *part;

	read_netns(r, s, e);
	e->netns_gone = json_get_string(s, s->object, "part", &part) && !strcmp(part, "end");
}

/* SOURCE_COUNT for a word that is not known. */
static unsigned source_of(const char *word)
{
	unsigned source = 0;

	while (source < SOURCE_COUNT && strcmp(word, json_source_word(source)))
		source++;
	return source;
}

static void read_coverage(struct json_reader *r, struct json_source *s, struct event *e)
{
	struct coverage *c = &r->coverage;
	json_t *errors = json_object_get(s->object, "errors");
	uint64_t interval_us, number;
	const char *source;

	*c = (struct coverage){0};
	json_get_u64(s, "sweeps", &c->sweeps);
	json_get_u64(s, "sweeps_not_whole", &c->sweeps_not_whole);
	json_get_u64(s, "notices_lost", &c->notices_lost);
	json_get_u64(s, "notices_shed", &c->notices_shed);
	c->shedding = json_get_true(s, "shedding");
	json_get_u64(s, "ends_unseen", &c->ends_unseen);
	json_get_u64(s, "unsampled_ends", &c->unsampled_ends);
	json_get_u64(s, "late_notices", &c->late_notices);
	json_get_u64(s, "owners_hidden", &c->owners_hidden);
	json_get_u32(s, "owner_scan_done", &c->owner_scan_done);
	json_get_u32(s, "owner_scan_total", &c->owner_scan_total);
	json_get_u64(s, "lookups_dropped", &c->lookups_dropped);
	json_get_u64(s, "illegal", &c->illegal);
	if (json_get_string(s, s->object, "swept_by", &source) && source_of(source) < SOURCE_COUNT)
		c->swept_by = source_of(source);
	json_get_u64(s, "netns_watched", &c->netns_watched);
	json_get_u64(s, "netns_unwatched", &c->netns_unwatched);
	json_get_time(s, "last_whole", &c->last_whole_ns);
	if (json_get_number(s, s->object, "interval_us", INT64_MAX / NS_PER_US, &interval_us))
		c->interval_ns = (int64_t)interval_us * NS_PER_US;
	for (size_t i = 0; i < json_array_size(errors); i++) {
		if (!json_get_string(s, json_array_get(errors, i), "source", &source) ||
		    !json_get_number(s, json_array_get(errors, i), "errno", INT32_MAX, &number))
			continue;
		if (source_of(source) < SOURCE_COUNT)
			c->errors[source_of(source)] = -(int32_t)number;
	}
	e->coverage = c;
}

static void read_header(struct json_source *s, struct json_header *h)
{
	json_t *sources = json_object_get(s->object, "sources");

	*h = (struct json_header){0};
	json_get_clean(s, s->object, "host", h->host, sizeof h->host);
	json_get_clean(s, s->object, "kernel", h->kernel, sizeof h->kernel);
	json_get_clean(s, s->object, "program", h->program, sizeof h->program);
	for (size_t i = 0; i < json_array_size(sources); i++) {
		const char *word = json_string_value(json_array_get(sources, i));

		if (word && source_of(word) < SOURCE_COUNT)
			h->sources |= 1u << source_of(word);
	}
	json_get_hex(s, "netns", &h->netns);
	json_get_clean(s, s->object, "netns_name", h->netns_name, sizeof h->netns_name);
	json_get_time(s, "started", &h->started_ns);
}

/* The event kind of a word; -1: none that is known. */
static int kind_of(struct json_source *s, const char *word)
{
	const char *part;

	for (size_t i = 0; i < COUNT(kind_words); i++) {
		if (strcmp(kind_words[i].text, word))
			continue;
		if (kind_words[i].value == EVENT_KEYFRAME_BEGIN && json_get_string(s, s->object, "part", &part) && !strcmp(part, "end"))
			return EVENT_KEYFRAME_END;
		return kind_words[i].value;
	}
	return -1;
}

static enum json_line read_event(struct json_reader *r, struct json_source *s, const char *word, struct event *e)
{
	int kind = kind_of(s, word);

	if (kind < 0)
		return JSON_LINE_SKIPPED;
	*e = (struct event){ .kind = (uint8_t)kind };
	if (!json_get_time(s, "t", &e->t_ns))
		json_get_failed(s, _("'%s' is missing"), "t");
	if (kind == EVENT_COVERAGE)
		read_coverage(r, s, e);
	else if (kind == EVENT_KEYFRAME_BEGIN || kind == EVENT_KEYFRAME_END)
		json_get_u64(s, "count", &e->count);
	else if (kind == EVENT_NETNS)
		read_watching(r, s, e);
	else
		read_connection(r, s, e);
	return JSON_LINE_EVENT;
}

static enum json_line read_object(struct json_reader *r, struct json_source *s, struct event *e, struct json_header *h)
{
	const char *word;
	uint64_t version;

	if (!json_is_object(s->object)) {
		json_get_failed(s, _("not a JSON object"));
		return JSON_LINE_SKIPPED;
	}
	if (!json_get_u64(s, "v", &version) || !json_get_string(s, s->object, "ev", &word)) {
		json_get_failed(s, _("not an event of synfin"));
		return JSON_LINE_SKIPPED;
	}
	if (version != JSON_SCHEMA_VERSION) {
		json_get_failed(s, _("schema version %llu is not known here"), (unsigned long long)version);
		return JSON_LINE_SKIPPED;
	}
	if (strcmp(word, "header"))
		return read_event(r, s, word, e);
	read_header(s, h);
	return JSON_LINE_HEADER;
}

int json_read_line(struct json_reader *r, const char *line, size_t len, struct event *e, struct json_header *h)
{
	struct json_source s = { .line = r->line + 1, .error = r->error, .error_room = sizeof r->error };
	enum json_line kind = JSON_LINE_SKIPPED;
	json_error_t error;

	r->line++;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (!len)
		return JSON_LINE_SKIPPED;
	s.object = json_loadb(line, len, 0, &error);
	if (s.object)
		kind = read_object(r, &s, e, h);
	else
		json_get_failed(&s, "%s", error.text);
	json_decref(s.object);
	return s.bad ? -EINVAL : (int)kind;
}
