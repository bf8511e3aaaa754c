/* The simulated host: what synfin gets to see of it, and the steps. See walk_host.h. */
#include "walk_kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define PIECE_MAX 64u
#define AT_A_TIME 64u

const char *walk_step_name(enum step_kind kind)
{
	static const char *const names[STEP_KINDS] = {
#define X(name, what) [STEP_##name] = #name,
		STEPS(X)
#undef X
	};

	return names[kind];
}

void walk_host_init(struct walk_host *h, const struct walk_config *config)
{
	memset(h, 0, sizeof(*h));
	h->config = *config;
	walk_make_tuples(h);
	h->at_place = memory_get_zeroed(h->place_count, sizeof(*h->at_place));
	h->next_inode = 1000;
	h->empty_ns = INT64_MAX;
	h->stream = batch_new();
	for (unsigned i = 0; i < NAMESPACES_MAX; i++)
		h->next_cookie[i] = 1;
	world_start(&h->world);
	h->world.quiet = true;
}

void walk_host_fini(struct walk_host *h)
{
	world_end(&h->world);
	batch_free(h->stream);
	for (unsigned i = 0; i < NAMESPACES_MAX; i++)
		free(h->by_cookie[i]);
	free(h->notices);
	free(h->lives);
	free(h->at_place);
	free(h->tuples);
}

/* ---- what has been heard ---- */

/* All notices that had come by then were handed over. */
static int64_t heard_until_ns(const struct walk_host *h, uint32_t netns)
{
	int64_t until_ns = h->world.now_ns;

	for (uint32_t i = 0; i < h->notice_count; i++)
		if (walk_namespace(h, h->lives[h->notices[i].life].place) == netns && h->notices[i].made_ns <= until_ns)
			until_ns = h->notices[i].made_ns - 1;
	return until_ns;
}

/* ---- the stream of the thread that looks ---- */

static void deliver(struct walk_host *h)
{
	struct batch *b = h->stream;

	if (!b->count)
		return;
	h->world.now_ns += NS_PER_US;
	h->observations += b->count;
	tracker_observe(h->world.tracker, b, h->world.now_ns);
	b->count = 0;
}

static struct observation *add(struct walk_host *h, uint32_t netns, enum observation_kind kind, int64_t t0_ns)
{
	struct observation *o;

	if (h->stream->netns != netns + 1)
		deliver(h);
	h->stream->netns = netns + 1;
	o = batch_add(h->stream, kind, t0_ns, h->world.now_ns);
	if (o)
		return o;
	deliver(h);
	return batch_add(h->stream, kind, t0_ns, h->world.now_ns);
}

/* As this thread knows it: nothing is said of what is being handed over by the other. */
static void add_heard(struct walk_host *h, uint32_t netns)
{
	struct observation *o = add(h, netns, OBSERVED_HEARD, heard_until_ns(h, netns));

	o->t1_ns = o->t0_ns;
}

static void begin_sweep(struct walk_host *h, uint32_t netns, enum sweep_kind kind, bool exact)
{
	if (h->sweep.on)
		return;
	h->sweep.on = true;
	h->sweep.exact = exact;
	h->sweep.kind = (uint8_t)kind;
	h->sweep.begin = h->sweep.at = netns * h->places_each;
	h->sweep.end = h->sweep.begin + h->places_each;
	h->sweep.cut = kind == WALK_CUT ? h->sweep.begin + walk_below(h, h->places_each) : UINT32_MAX;
	h->sweep.before_ns = h->world.now_ns;
	add(h, netns, OBSERVED_SWEEP_BEGIN, h->world.now_ns);
}

#define PASSING (STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) | STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK))

static void end_sweep(struct walk_host *h)
{
	static const uint8_t cuts[] = {SWEEP_FAILED, SWEEP_TRUNCATED, SWEEP_STOPPED};
	struct observation *o = add(h, walk_namespace(h, h->sweep.begin), OBSERVED_SWEEP_END, h->world.now_ns);

	h->sweep.on = false;
	o->sweep.number = ++h->world.sweeps;
	o->sweep.states = h->sweep.kind == WALK_MASKED ? PASSING : ~0u;
	o->sweep.why_not = h->sweep.kind == WALK_MASKED ? SWEEP_MASKED : h->sweep.kind == WALK_CUT ? cuts[walk_below(h, 3)] : SWEEP_WHOLE;
	o->sweep.error = o->sweep.why_not == SWEEP_FAILED ? -16 : 0;
	add_heard(h, walk_namespace(h, h->sweep.begin));
}

static void list(struct walk_host *h, uint32_t place)
{
	struct life *l = walk_life_at(h, place);
	bool whole = h->sweep.kind == WALK_WHOLE, omit;
	struct sample s;

	if (!l)
		return;
	omit = !h->sweep.exact && !(whole && l->omitted) && walk_chance(h, h->config.omit);
	if (whole)
		l->omitted = omit;
	l->ever_omitted |= omit;
	if (omit || !walk_look(h, l, &s) || (h->sweep.kind == WALK_MASKED && !(PASSING & STATE_BIT(s.state))))
		return;
	l->seen = true;
	for (int times = !h->sweep.exact && walk_chance(h, h->config.omit) ? 2 : 1; times > 0; times--)
		add(h, walk_namespace(h, place), OBSERVED_SAMPLE, h->sweep.before_ns)->sample = s;
}

/* One buffer of the dump; the next is filled while this one is on its way. */
static void next_piece(struct walk_host *h, uint32_t size)
{
	if (!h->sweep.on)
		return;
	deliver(h);
	for (; size > 0 && h->sweep.at < h->sweep.end && h->sweep.at < h->sweep.cut; size--)
		list(h, h->sweep.at++);
	h->sweep.before_ns = h->world.now_ns;
	if (h->sweep.at == h->sweep.end || h->sweep.at == h->sweep.cut)
		end_sweep(h);
}

static void answer_one(struct walk_host *h, const struct lookup *wanted)
{
	uint32_t netns = (uint32_t)wanted->netns - 1, place = netns * h->places_each + walk_place_of(h, &wanted->tuple);
	struct life *l = walk_life_at(h, place);
	struct observation *o;
	struct sample s;
	bool found = l && walk_look(h, l, &s) && (!wanted->cookie || wanted->cookie == s.cookie);

	o = add(h, netns, found ? OBSERVED_LOOKUP : OBSERVED_ABSENT, h->world.now_ns);
	if (found) {
		o->sample = s;
		l->seen = true;
	} else {
		o->asked = *wanted;
	}
}

static void answer_lookups(struct walk_host *h, bool all)
{
	struct lookup wanted;
	unsigned heard = 0;

	while (tracker_want(h->world.tracker, &wanted)) {
		if (all || !walk_chance(h, h->config.unanswered))
			answer_one(h, &wanted);
		else if (walk_chance(h, 0.5))
			tracker_lookup_dropped(h->world.tracker, &wanted, h->world.now_ns);
		else if (walk_chance(h, 0.5))
			add(h, (uint32_t)wanted.netns - 1, OBSERVED_UNANSWERED, h->world.now_ns)->asked = wanted;
		heard |= 1u << (wanted.netns - 1);
	}
	for (uint32_t netns = 0; netns < h->config.namespaces; netns++)
		if (heard & 1u << netns)
			add_heard(h, netns);
}

/* pid 0: a search that found nobody, and broke off. */
static void find_owner(struct walk_host *h, uint32_t place, uint32_t pid)
{
	struct life *l = walk_life_at(h, place);
	struct observation *o;

	if (!l || !l->inode)
		return;
	if (!pid) {
		add(h, walk_namespace(h, place), OBSERVED_OWNERS, h->world.now_ns)->owners.state = OWNERS_BEGUN;
		add(h, walk_namespace(h, place), OBSERVED_OWNERS, h->world.now_ns)->owners.state = OWNERS_STOPPED;
		return;
	}
	o = add(h, walk_namespace(h, place), OBSERVED_OWNER, h->world.now_ns);
	o->owner.inode = l->inode;
	o->owner.count = 1;
	o->owner.one = (struct holder){.pid = pid, .fd = 3};
}

/* ---- notices ---- */

/* It came since it was made, or, if the watcher was held up, since before that. */
static void hand_over(struct walk_host *h, uint32_t netns, const struct walk_notice *n)
{
	struct batch *b = h->world.batch;

	h->world.now_ns += NS_PER_US;
	h->observations++;
	b->netns = netns + 1;
	batch_add(b, OBSERVED_END, n->made_ns < h->empty_ns ? n->made_ns : h->empty_ns, h->world.now_ns)->sample = n->sample;
	tracker_observe(h->world.tracker, b, h->world.now_ns);
	b->count = 0;
}

static int compare_notices(const void *a, const void *b)
{
	int64_t one_ns = ((const struct walk_notice *)a)->made_ns, other_ns = ((const struct walk_notice *)b)->made_ns;

	return one_ns < other_ns ? -1 : one_ns > other_ns;
}

static void tell_heard(struct walk_host *h, uint32_t netns)
{
	struct batch *b = h->world.batch;

	b->netns = netns + 1;
	if (h->lost[netns])
		batch_add(b, OBSERVED_LOSS, h->world.now_ns, h->world.now_ns)->loss.lost = h->lost[netns];
	h->lost[netns] = 0;
	batch_add(b, OBSERVED_HEARD, heard_until_ns(h, netns), h->world.now_ns);
	tracker_observe(h->world.tracker, b, h->world.now_ns);
	b->count = 0;
}

/* In the order in which they were made, those that are due; of many that waited a reader gets only some at a time. */
static void deliver_notices(struct walk_host *h, bool all)
{
	uint32_t kept = 0, room = all ? UINT32_MAX : 1 + walk_below(h, AT_A_TIME), before = h->notice_count;
	bool overdue = false;

	if (h->held_until_ns || !h->notice_count)
		return;
	if (h->notice_count > 1)
		qsort(h->notices, h->notice_count, sizeof(*h->notices), compare_notices);
	for (uint32_t i = 0; i < before; i++) {
		struct walk_notice n = h->notices[i];
		struct life *l = &h->lives[n.life];
		bool due = all || n.due_ns <= h->world.now_ns;

		if (!due || !room) {
			overdue |= due;
			h->notices[kept++] = n;
			continue;
		}
		room--;
		l->seen |= n.sample.tuple.remote.port != 0;
		hand_over(h, walk_namespace(h, l->place), &n);
	}
	h->notice_count = kept;
	if (overdue)
		return;
	h->empty_ns = INT64_MAX;
	for (uint32_t netns = 0; netns < h->config.namespaces && kept < before; netns++)
		tell_heard(h, netns);
}

/* ---- steps ---- */

static void pass(struct walk_host *h, int64_t ns)
{
	h->world.now_ns += ns;
	if (h->held_until_ns && h->world.now_ns >= h->held_until_ns)
		h->held_until_ns = 0;
	if (!h->held_until_ns)
		world_pass_ms(&h->world, 0);
}

static void hold(struct walk_host *h, int64_t ns)
{
	if (h->held_until_ns)
		return;
	h->held_until_ns = h->world.now_ns + ns;
	if (h->empty_ns > h->world.now_ns)
		h->empty_ns = h->world.now_ns;
}

static bool is_the_watchers(enum step_kind kind)
{
	return kind == STEP_SWEEP || kind == STEP_PIECE || kind == STEP_ANSWER || kind == STEP_DELIVER || kind == STEP_OWNER;
}

void walk_host_step(struct walk_host *h, const struct walk_step *s)
{
	h->random = s->random * 0x9e3779b97f4a7c15u + 1;
	if (h->held_until_ns && is_the_watchers((enum step_kind)s->kind))
		return;
	switch (s->kind) {
	case STEP_OPEN: walk_open(h, s->place); break;
	case STEP_CHANGE: walk_change(h, s->place); break;
	case STEP_POKE: walk_poke(h, s->place); break;
	case STEP_RECONNECT: walk_reconnect(h, s->place); break;
	case STEP_LISTEN: walk_change_listener(h, s->place); break;
	case STEP_PASS: pass(h, s->place * NS_PER_US); break;
	case STEP_SWEEP: begin_sweep(h, walk_namespace(h, s->place), (enum sweep_kind)(walk_chance(h, 0.75) ? WALK_WHOLE : walk_below(h, 3)), false); break;
	case STEP_PIECE: next_piece(h, 1 + walk_below(h, PIECE_MAX)); break;
	case STEP_ANSWER: answer_lookups(h, false); break;
	case STEP_HOLD: hold(h, s->place * NS_PER_US); break;
	case STEP_DELIVER: deliver(h); break;
	case STEP_OWNER: find_owner(h, s->place, walk_below(h, 4)); break;
	default: abort();
	}
	deliver_notices(h, false);
}

void walk_host_settle(struct walk_host *h)
{
	h->random = 1;
	h->held_until_ns = 0;
	while (h->sweep.on)
		next_piece(h, PIECE_MAX);
	deliver(h);
	deliver_notices(h, true);
}

void walk_host_sweep_quietly(struct walk_host *h)
{
	pass(h, NS_PER_SECOND);
	answer_lookups(h, true);
	deliver(h);
	for (uint32_t netns = 0; netns < h->config.namespaces; netns++) {
		begin_sweep(h, netns, WALK_WHOLE, true);
		walk_host_settle(h);
		answer_lookups(h, true);
		deliver(h);
	}
}

void walk_host_find_owners(struct walk_host *h)
{
	for (uint32_t place = 0; place < h->place_count; place++) {
		struct life *l = walk_life_at(h, place);

		if (walk_is_alive(l) && l->full && l->accepted && !l->orphan)
			find_owner(h, place, l->inode + 1);
	}
	deliver(h);
}
