/* A host for tests of pictures: see scene.h. */
#include "scene.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define BEGIN_NS (1795176581LL * NS_PER_SECOND + 250 * NS_PER_MS)

void scene_start(struct scene *s)
{
	setenv("TZ", "UTC", 1);
	tzset();
	*s = (struct scene){.model = model_new(1), .now_ns = BEGIN_NS, .coverage.interval_ns = NS_PER_SECOND};
}

void scene_end(struct scene *s)
{
	model_free(s->model);
}

void scene_pass_ms(struct scene *s, int64_t ms)
{
	s->now_ns += ms * NS_PER_MS;
}

void scene_tell(struct scene *s, const struct event *e)
{
	model_apply(s->model, e);
	if (s->sink)
		s->sink(s->context, e);
}

void scene_swept(struct scene *s)
{
	struct event e = {.kind = EVENT_COVERAGE, .t_ns = s->now_ns, .coverage = &s->coverage};

	s->coverage.sweeps++;
	s->coverage.last_whole_ns = s->now_ns;
	scene_tell(s, &e);
}

static struct tuple tuple_of(const char *local, const char *remote)
{
	struct tuple t = {0};
	uint16_t family;
	int failed = endpoint_parse(local, &t.local, &t.family, &t.ifindex) || endpoint_parse(remote, &t.remote, &family, &t.ifindex);

	assert(!failed);
	(void)failed;
	return t;
}

void scene_was_there(struct scene *s, uint64_t conn, enum tcp_state state, const char *local, const char *remote, int64_t age_ms)
{
	struct event e = {
		.kind = EVENT_CONNECTION, .to = state, .t_ns = s->now_ns, .conn = conn, .tuple = tuple_of(local, remote),
		.since1_ns = s->now_ns - age_ms * NS_PER_MS, .facts.knows = KNOWS_SINCE | KNOWS_ATLEAST | KNOWS_QUEUES,
		.opener = state == STATE_LISTEN ? SIDE_UNKNOWN : SIDE_REMOTE,
	};

	scene_tell(s, &e);
}

void scene_open(struct scene *s, uint64_t conn, enum tcp_state to, const char *local, const char *remote, enum side opener)
{
	struct event e = {
		.kind = EVENT_OPEN, .from = opener == SIDE_REMOTE ? STATE_LISTEN : STATE_CLOSED, .to = to, .certainty = CERTAINTY_INFERRED,
		.when = CERTAINTY_OBSERVED, .t_ns = s->now_ns, .t0_ns = s->now_ns - 50 * NS_PER_MS, .t1_ns = s->now_ns, .conn = conn,
		.tuple = tuple_of(local, remote), .opener = opener, .opener_by = EVIDENCE_COUNTED, .facts.knows = KNOWS_QUEUES,
	};

	scene_tell(s, &e);
}

static struct event event_of(const struct scene *s, uint64_t conn, enum event_kind kind)
{
	const struct connection *c = model_find(s->model, conn);

	assert(c);
	return (struct event){.kind = kind, .from = c->state, .t_ns = s->now_ns, .conn = conn, .tuple = connection_tuple(c), .facts = c->facts};
}

void scene_step(struct scene *s, uint64_t conn, enum tcp_state to)
{
	struct event e = event_of(s, conn, EVENT_TRANSITION);

	e.to = to;
	e.certainty = e.when = CERTAINTY_OBSERVED;
	e.t0_ns = s->now_ns - 50 * NS_PER_MS;
	e.t1_ns = s->now_ns;
	scene_tell(s, &e);
}

void scene_close(struct scene *s, uint64_t conn, enum cause cause)
{
	struct event e;

	scene_step(s, conn, STATE_CLOSED);
	e = event_of(s, conn, EVENT_CLOSE);
	e.cause = cause;
	scene_tell(s, &e);
}

void scene_holder(struct scene *s, uint64_t conn, uint32_t pid, int32_t fd, const char *comm)
{
	struct event e = event_of(s, conn, EVENT_UPDATE);
	struct holder h = {.pid = pid, .fd = fd, .start_ticks = pid};

	snprintf(h.comm, sizeof(h.comm), "%s", comm);
	e.holder_count = 1;
	e.holders = &h;
	scene_tell(s, &e);
}

void scene_queues(struct scene *s, uint64_t conn, uint32_t rqueue, uint32_t wqueue)
{
	struct event e = event_of(s, conn, EVENT_UPDATE);

	e.facts.knows |= KNOWS_QUEUES;
	e.facts.rqueue = rqueue;
	e.facts.wqueue = wqueue;
	scene_tell(s, &e);
}

void scene_curl(struct scene *s, uint64_t conn)
{
	scene_open(s, conn, STATE_SYN_SENT, "127.0.0.1:49310", "127.0.0.1:7779", SIDE_LOCAL);
	scene_open(s, conn + 1, STATE_SYN_RECV, "127.0.0.1:7779", "127.0.0.1:49310", SIDE_REMOTE);
	scene_step(s, conn, STATE_ESTABLISHED);
	scene_step(s, conn + 1, STATE_ESTABLISHED);
	scene_holder(s, conn, 4821, 5, "curl");
	scene_holder(s, conn + 1, 811, 9, "nginx");
}

void scene_office(struct scene *s)
{
	struct event timer;

	scene_was_there(s, 1, STATE_LISTEN, "0.0.0.0:22", "0.0.0.0:0", 5000);
	scene_was_there(s, 2, STATE_LISTEN, "[::]:443", "[::]:0", 5000);
	scene_was_there(s, 3, STATE_LISTEN, "10.0.0.5:8080", "0.0.0.0:0", 5000);
	scene_holder(s, 1, 702, 3, "sshd");
	scene_holder(s, 2, 811, 6, "nginx");
	scene_holder(s, 3, 2210, 44, "java");
	scene_queues(s, 3, 51, 50);
	for (unsigned i = 0; i < 12; i++) {
		char remote[32];

		snprintf(remote, sizeof(remote), "10.0.0.9:%u", 51700 + i);
		scene_was_there(s, 10 + i, i < 4 ? STATE_CLOSE_WAIT : STATE_ESTABLISHED, "10.0.0.5:8080", remote, i < 2 ? 8040000 : 5000);
		scene_holder(s, 10 + i, 2210, 100 + (int32_t)i, "java");
	}
	scene_queues(s, 10, 1, 0);
	scene_was_there(s, 30, STATE_ESTABLISHED, "[2001:db8::5]:443", "[2001:db8:1:2:3:4:5:77]:50112", 5000);
	scene_holder(s, 30, 811, 12, "nginx");
	scene_was_there(s, 31, STATE_TIME_WAIT, "10.0.0.5:8080", "10.0.0.9:51690", 19000);
	timer = event_of(s, 31, EVENT_UPDATE);
	timer.facts.knows |= KNOWS_TIMER;
	timer.facts.knows &= ~(uint32_t)KNOWS_QUEUES;
	timer.facts.timer = 3;
	timer.facts.timer_expires_ms = 41000;
	scene_tell(s, &timer);
	scene_was_there(s, 32, STATE_ESTABLISHED, "10.0.0.5:41812", "93.184.216.34:443", 41000);
	scene_holder(s, 32, 3000, 7, "불여우 웹브라우저");
	scene_swept(s);
}
