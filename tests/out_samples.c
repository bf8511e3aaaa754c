/* Events for the tests of out/. */
#include "out_samples.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "tcp/edge.h"

#define KINDS (EVENT_COVERAGE + 1)

static const struct holder holders[] = {
	{ .pid = 412, .fd = 5, .start_ticks = 77213, .comm = "curl" },
	{ .pid = 413, .fd = 6, .start_ticks = 77214, .comm = "say \"hi\"\\ 안녕" },
	{ .pid = 4194304, .fd = 1048575, .comm = "{\"pid\":1}" },
};

static const struct coverage coverage = {
	.sweeps = 12, .sweeps_not_whole = 2, .notices_lost = 1234567890123, .unsampled_ends = 5, .late_notices = 6, .owners_hidden = 7,
	.owner_scan_done = 40, .owner_scan_total = 100,
	.lookups_dropped = 8, .illegal = 9, .netns_watched = 3, .netns_unwatched = 4,
	.last_whole_ns = SAMPLE_NS - NS_PER_SECOND, .interval_ns = 1500 * NS_PER_MS, .swept_by = SOURCE_PROC,
	.notices_shed = 3, .ends_unseen = 71234, .shedding = true,
	.errors = { [SOURCE_DIAG] = -EPROTONOSUPPORT, [SOURCE_OWNER] = -EACCES },
};

static const struct coverage nothing;

static struct tuple tuple_v4(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port)
{
	struct tuple t = { .family = AF_INET };
	struct in_addr address;

	inet_pton(AF_INET, local, &address);
	endpoint_set_v4(&t.local, &address, local_port);
	inet_pton(AF_INET, remote, &address);
	endpoint_set_v4(&t.remote, &address, remote_port);
	return t;
}

struct event sample_bare(enum event_kind kind)
{
	struct event e = { .kind = (uint8_t)kind, .t_ns = SAMPLE_NS };

	if (kind == EVENT_COVERAGE)
		e.coverage = &nothing;
	if (kind == EVENT_COVERAGE || kind == EVENT_KEYFRAME_BEGIN || kind == EVENT_KEYFRAME_END)
		return e;
	e.conn = 1;
	e.t1_ns = SAMPLE_NS;
	e.certainty = e.when = CERTAINTY_OBSERVED;
	e.tuple = tuple_v4("10.0.0.5", 443, "0.0.0.0", 0);
	if (kind == EVENT_OPEN || kind == EVENT_CONNECTION)
		e.to = STATE_CLOSE_WAIT;
	if (kind == EVENT_TRANSITION) {
		e.from = STATE_SYN_SENT;
		e.to = STATE_CLOSED;
	}
	if (kind == EVENT_MARK)
		e.mark = MARK_ILLEGAL;
	return e;
}

struct event sample_full(enum event_kind kind)
{
	struct event e = sample_bare(kind);

	e.t0_ns = SAMPLE_NS - 50 * NS_PER_MS;
	e.count = 12481;
	e.coverage = kind == EVENT_COVERAGE ? &coverage : NULL;
	if (kind == EVENT_COVERAGE || kind == EVENT_KEYFRAME_BEGIN || kind == EVENT_KEYFRAME_END) {
		e.t0_ns = 0;
		return e;
	}
	e.count = 0;
	e.conn = 812;
	e.tuple = tuple_v4("127.0.0.1", 49310, "127.0.0.1", 7779);
	e.tuple.ifindex = 3;
	e.from = STATE_SYN_SENT;
	e.to = STATE_ESTABLISHED;
	e.certainty = CERTAINTY_INFERRED;
	e.when = CERTAINTY_OBSERVED;
	e.numbers = CERTAINTY_EXACT;
	e.has_seq = e.has_ack = true;
	e.seq = 0;
	e.ack = 4294967295u;
	e.edge_cause = ON_SEGMENT + 1;
	e.mark = MARK_RETRANSMIT;
	e.cause = CAUSE_GRACEFUL;
	e.opener = SIDE_LOCAL;
	e.opener_by = EVIDENCE_EDGE;
	e.closer = SIDE_BOTH;
	e.closer_by = EVIDENCE_REMNANT;
	e.cookie = 0x25b;
	e.netns = UINT64_MAX;
	e.netns_name = "docker:3f2a9c0d11ee";
	e.owner_hidden = true;
	e.unit = "user@1000.service/app \"x\".scope";
	e.holders = holders;
	e.holder_count = sizeof holders / sizeof *holders;
	e.holders_former = true;
	e.facts = (struct facts){
		.knows = KNOWS_INODE | KNOWS_UID | KNOWS_QUEUES | KNOWS_TIMER | KNOWS_BYTES | KNOWS_RTT | KNOWS_HOLDERS | KNOWS_SINCE |
			 KNOWS_OPENED | KNOWS_ATLEAST | KNOWS_RETRANS | KNOWS_CWND | KNOWS_MPTCP | KNOWS_MAYBE_FIN,
		.inode = 31337, .uid = 0, .rqueue = 0, .wqueue = 517, .rtt_us = 11800, .total_retrans = 4, .cwnd = 10, .timer_expires_ms = 201,
		.timer = 1, .retransmits = 2, .bytes_sent = 1200, .bytes_received = FACTS_BYTES_MAX,
	};
	e.since0_ns = SAMPLE_NS - 2 * NS_PER_SECOND;
	e.since1_ns = SAMPLE_NS - NS_PER_SECOND;
	e.opened0_ns = SAMPLE_NS - 4 * NS_PER_SECOND;
	e.opened1_ns = SAMPLE_NS - 3 * NS_PER_SECOND;
	return e;
}

/* A link-local IPv6 connection whose program is known and alone. */
static struct event sample_v6(void)
{
	struct event e = sample_full(EVENT_CONNECTION);
	struct in6_addr address;

	e.tuple.family = AF_INET6;
	inet_pton(AF_INET6, "fe80::1", &address);
	endpoint_set_v6(&e.tuple.local, &address, 80);
	endpoint_set_v6(&e.tuple.remote, &address, 50112);
	e.holder_count = 1;
	e.holders = &holders[1];
	e.holders_former = false;
	return e;
}

static struct event sample_listener(void)
{
	struct event e = sample_bare(EVENT_OPEN);

	e.to = STATE_LISTEN;
	e.tuple = tuple_v4("0.0.0.0", 80, "0.0.0.0", 0);
	return e;
}

static struct event sample_netns(bool gone)
{
	return (struct event){ .kind = EVENT_NETNS, .t_ns = SAMPLE_NS, .netns = 77, .netns_name = gone ? NULL : "blue", .netns_gone = gone };
}

bool sample_event(unsigned index, struct event *e)
{
	if (index < KINDS)
		*e = sample_full((enum event_kind)index);
	else if (index < 2 * KINDS)
		*e = sample_bare((enum event_kind)(index - KINDS));
	else if (index == 2 * KINDS)
		*e = sample_v6();
	else if (index == 2 * KINDS + 1)
		*e = sample_listener();
	else if (index < 2 * KINDS + 4)
		*e = sample_netns(index == 2 * KINDS + 3);
	else
		return false;
	return true;
}

struct json_header sample_header(void)
{
	return (struct json_header){
		.host = "web1", .kernel = "6.18.44", .program = "synfin 0.1.0", .sources = 1u << SOURCE_DIAG | 1u << SOURCE_OBITUARY,
		.netns = 1, .netns_name = "blue", .started_ns = SAMPLE_NS,
	};
}
