/* Scripts for the tracker's tests. */
#include "track_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"

#define NETNS 1

static void note(void *context, const struct event *e)
{
	struct world *w = context;

	if (e->kind == EVENT_TRANSITION && !edge_find(e->from, e->to))
		w->illegal_edges++;
	w->opens += e->kind == EVENT_OPEN;
	w->closes += e->kind == EVENT_CLOSE;
	if (w->quiet)
		return;
	switch (e->kind) {
	case EVENT_OPEN:
		text_addf(&w->told, "open %llu %s>%s %s", (unsigned long long)e->conn, state_name(e->from), state_name(e->to),
		          certainty_word(e->certainty));
		if (e->opener)
			text_addf(&w->told, " opener=%s/%s", side_word(e->opener), evidence_word(e->opener_by));
		break;
	case EVENT_TRANSITION:
		text_addf(&w->told, "step %llu %s>%s %s", (unsigned long long)e->conn, state_name(e->from), state_name(e->to),
		          certainty_word(e->certainty));
		break;
	case EVENT_CLOSE:
		text_addf(&w->told, "close %llu %s", (unsigned long long)e->conn, e->cause ? cause_word(e->cause) : "-");
		break;
	case EVENT_CONNECTION:
		text_addf(&w->told, "row %llu %s", (unsigned long long)e->conn, state_name(e->to));
		break;
	case EVENT_MARK:
		text_addf(&w->told, "mark %llu %s %s>%s", (unsigned long long)e->conn, mark_word(e->mark), state_name(e->from), state_name(e->to));
		break;
	case EVENT_UPDATE:
		text_addf(&w->told, "update %llu", (unsigned long long)e->conn);
		if (e->holder_count)
			text_addf(&w->told, " %s[%u]", e->holders[0].comm, e->holders[0].pid);
		if (e->owner_hidden)
			text_add(&w->told, " hidden");
		if (e->cause)
			text_addf(&w->told, " %s", cause_word(e->cause));
		break;
	default:
		return;
	}
	if (e->unit)
		text_addf(&w->told, " in %s", e->unit);
	text_add_char(&w->told, '\n');
}

static void begin(struct world *w, bool passing)
{
	const struct tracker_config config = {.seed = 7, .port_low = 32768, .port_high = 60999, .notices = !passing, .passing = passing};

	memset(w, 0, sizeof(*w));
	w->now_ns = 1700000000 * NS_PER_SECOND;
	w->model = model_new(7);
	w->tracker = tracker_new(w->model, &config, note, w);
	w->batch = batch_new();
	w->batch->netns = NETNS;
}

void world_start(struct world *w)
{
	begin(w, false);
}

void world_start_passing(struct world *w)
{
	begin(w, true);
}

void world_end(struct world *w)
{
	tracker_free(w->tracker);
	model_free(w->model);
	batch_free(w->batch);
	text_fini(&w->told);
}

void world_pass_ms(struct world *w, int64_t ms)
{
	w->now_ns += ms * NS_PER_MS;
	if (tracker_due(w->tracker) <= w->now_ns)
		tracker_turn(w->tracker, w->now_ns);
}

struct tuple world_tuple(const char *local, const char *remote)
{
	struct tuple t = {.family = AF_INET};
	uint16_t family;

	if (endpoint_parse(local, &t.local, &t.family, &t.ifindex) || endpoint_parse(remote, &t.remote, &family, &t.ifindex))
		abort();
	return t;
}

struct sample world_socket(uint64_t cookie, const struct tuple *tuple, enum tcp_state state, bool passive)
{
	struct sample s = {.tuple = *tuple, .cookie = cookie, .state = (uint8_t)state, .inode = (uint32_t)(1000 + cookie), .uid = 1000};

	if (state == STATE_SYN_RECV && passive)
		s.inode = 0;
	if (state_is_synchronized(state)) {
		s.has = SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT;
		s.numbers.bytes_sent = 100;
		s.numbers.bytes_acked = 100 + !passive + (state == STATE_FIN_WAIT2);
		s.numbers.bytes_received = 50 + (state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK || state == STATE_CLOSING);
		s.numbers.rtt_us = 30;
		s.numbers.segs_in = 4;
		s.numbers.data_segs_in = 1;
	}
	return s;
}

struct sample world_remnant(uint64_t cookie, const struct tuple *tuple, enum tcp_state state, uint32_t left_ms)
{
	return (struct sample){.tuple = *tuple, .cookie = cookie, .state = (uint8_t)state, .timer = 3, .expires_ms = left_ms};
}

struct sample world_notice(uint64_t cookie, const struct tuple *tuple, int excess)
{
	struct sample s = world_socket(cookie, tuple, STATE_ESTABLISHED, true);

	s.state = STATE_CLOSED;
	s.inode = 0;
	s.numbers.bytes_acked = s.numbers.bytes_sent + (uint64_t)excess;
	s.numbers.segs_in = 5;
	return s;
}

/* Hands the batch over; a microsecond passes with each. */
static void hand_over(struct world *w)
{
	w->now_ns += NS_PER_US;
	tracker_observe(w->tracker, w->batch, w->now_ns);
	w->batch->count = 0;
}

static struct observation *add(struct world *w, enum observation_kind kind)
{
	return batch_add(w->batch, kind, w->now_ns, w->now_ns);
}

static void add_heard(struct world *w)
{
	if (!w->unheard)
		add(w, OBSERVED_HEARD);
}

void world_heard(struct world *w)
{
	w->unheard = false;
	add_heard(w);
	hand_over(w);
}

void world_sweep_begin(struct world *w)
{
	add(w, OBSERVED_SWEEP_BEGIN);
	hand_over(w);
}

void world_see(struct world *w, const struct sample *s)
{
	add(w, OBSERVED_SAMPLE)->sample = *s;
	hand_over(w);
}

void world_sweep_end(struct world *w, enum sweep_why_not why_not, uint32_t states, int error)
{
	struct observation *o = add(w, OBSERVED_SWEEP_END);

	o->sweep.number = ++w->sweeps;
	o->sweep.why_not = (uint8_t)why_not;
	o->sweep.states = states;
	o->sweep.error = error;
	add_heard(w);
	hand_over(w);
}

void world_sweep(struct world *w, ...)
{
	const struct sample *s;
	va_list args;

	world_sweep_begin(w);
	va_start(args, w);
	while ((s = va_arg(args, const struct sample *)))
		world_see(w, s);
	va_end(args);
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
}

void world_shed(struct world *w, bool deaf, uint64_t opened)
{
	struct observation *o = add(w, OBSERVED_SHED);

	o->shed.deaf = deaf;
	o->shed.counted = opened != UINT64_MAX;
	o->shed.opened = o->shed.counted ? opened : 0;
	hand_over(w);
}

void world_notify(struct world *w, const struct sample *notice)
{
	add(w, OBSERVED_END)->sample = *notice;
	add_heard(w);
	hand_over(w);
}

void world_notify_late(struct world *w, const struct sample *notice, int64_t window_ms)
{
	struct observation *o = add(w, OBSERVED_END);

	o->sample = *notice;
	o->t0_ns -= window_ms * NS_PER_MS;
	add_heard(w);
	hand_over(w);
}

unsigned world_answer(struct world *w, ...)
{
	struct lookup wanted;
	unsigned count = 0;

	while (tracker_want(w->tracker, &wanted)) {
		const struct sample *s;
		struct observation *o;
		va_list args;

		va_start(args, w);
		while ((s = va_arg(args, const struct sample *)))
			if (tuple_equal(&s->tuple, &wanted.tuple) && (!wanted.cookie || wanted.cookie == s->cookie))
				break;
		va_end(args);
		o = add(w, s ? OBSERVED_LOOKUP : OBSERVED_ABSENT);
		if (s)
			o->sample = *s;
		else
			o->asked = wanted;
		add_heard(w);
		hand_over(w);
		count++;
	}
	return count;
}

void world_drop_lookups(struct world *w)
{
	struct lookup wanted;

	while (tracker_want(w->tracker, &wanted))
		tracker_lookup_dropped(w->tracker, &wanted, w->now_ns);
}

void world_owners(struct world *w, enum owners_state state)
{
	add(w, OBSERVED_OWNERS)->owners.state = (uint8_t)state;
	hand_over(w);
}

void world_netns(struct world *w, enum netns_news news, const char *name)
{
	struct observation *o = add(w, OBSERVED_NETNS);

	o->netns.news = (uint8_t)news;
	snprintf(o->netns.name, sizeof(o->netns.name), "%s", name);
	hand_over(w);
}

void world_owner(struct world *w, uint32_t inode, uint32_t pid, const char *comm)
{
	struct observation *o = add(w, OBSERVED_OWNER);

	o->owner.inode = inode;
	o->owner.count = 1;
	o->owner.one = (struct holder){.pid = pid, .fd = 5};
	strncpy(o->owner.one.comm, comm, COMM_ROOM - 1);
	hand_over(w);
}

void world_unit(struct world *w, uint64_t cgroup, const char *name)
{
	struct observation *o = add(w, OBSERVED_UNIT);

	o->unit.cgroup = cgroup;
	strncpy(o->unit.name, name, UNIT_ROOM - 1);
	hand_over(w);
}

const char *world_told(struct world *w)
{
	static struct text copy;

	text_clear(&copy);
	text_add(&copy, text_string(&w->told));
	text_clear(&w->told);
	return text_string(&copy);
}
