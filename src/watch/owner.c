/* Owners of sockets: see watch/owner.h. */
#include "config.h"

#include "watch/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* Between searches at least this, and some times what the last one cost: new sockets are gathered meanwhile. */
#define PAUSE_NS (20 * NS_PER_MS)
#define PAUSE_COSTS 4
/* Between whole searches. */
#define WHOLE_PAUSE_NS (2 * NS_PER_SECOND)
#define WHOLE_PAUSE_COSTS 50
/* The same, where only some process has come or gone. */
#define STIR_PAUSE_NS (5 * NS_PER_SECOND)
/* A process that was being forked while its parent let go of the socket shows up a little later; and /proc may come back. */
#define RETRY_AFTER_NS NS_PER_SECOND
/* How often the first search tells how far it is. */
#define PROGRESS_EVERY_NS (250 * NS_PER_MS)
/* Telling is much cheaper than reading the clock. */
#define TELL_AT_ONCE 64u
#define HURRIED_MAX 16u
#define FINDS_KEPT 65536u

/* There can be millions. */
struct owner_find {
	uint32_t inode, process; /* index of processes */
	int32_t fd;
};

struct owner_wait {
	uint32_t inode, hint;
	uint32_t search; /* the first search that looks for it from its beginning */
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- what is waited for ---- */

void owner_init(struct owner *o, const char *path, uint64_t seed)
{
	*o = (struct owner){.seed = seed, .whole_due_ns = INT64_MAX};
	snprintf(o->path, sizeof(o->path), "%s", path);
}

void owner_fini(struct owner *o)
{
	if (o->open)
		proc_walk_fini(&o->walk);
	map_fini(&o->by_inode);
	free(o->waits);
	free(o->finds);
	free(o->processes);
}

struct owner_key {
	const struct owner_wait *waits;
	uint32_t inode;
};

static bool owner_match(const void *context, uint32_t at)
{
	const struct owner_key *key = context;

	return key->waits[at].inode == key->inode;
}

static uint32_t owner_find_wait(const struct owner *o, uint32_t inode)
{
	const struct owner_key key = {.waits = o->waits, .inode = inode};

	return o->wait_count > 0 ? map_find(&o->by_inode, map_hash_u64(inode, o->seed), owner_match, &key) : MAP_NONE;
}

/* The last one takes its place. */
static void owner_end_wait(struct owner *o, uint32_t at)
{
	uint32_t last = --o->wait_count;

	map_remove(&o->by_inode, map_hash_u64(o->waits[at].inode, o->seed), at);
	if (at == last)
		return;
	map_remove(&o->by_inode, map_hash_u64(o->waits[last].inode, o->seed), last);
	o->waits[at] = o->waits[last];
	map_add(&o->by_inode, map_hash_u64(o->waits[at].inode, o->seed), at);
}

static void owner_want_whole(struct owner *o, int64_t when_ns)
{
	int64_t rested_ns = o->whole_ended_ns + WHOLE_PAUSE_COSTS * o->whole_cost_ns;

	o->whole_due_ns = sooner(o->whole_due_ns, later(when_ns, rested_ns));
}

void owner_look_for(struct owner *o, const struct owner_ask *ask)
{
	uint32_t at = owner_find_wait(o, ask->inode);

	if (ask->inode == 0 || (at == MAP_NONE && o->wait_count == OWNER_WAITS_MAX)) {
		owner_want_whole(o, clock_now_ns());
		return;
	}
	if (!o->waits)
		o->waits = memory_resize(NULL, OWNER_WAITS_MAX, sizeof(*o->waits));
	if (at == MAP_NONE) {
		at = o->wait_count++;
		map_add(&o->by_inode, map_hash_u64(ask->inode, o->seed), at);
	}
	o->waits[at] = (struct owner_wait){.inode = ask->inode, .hint = ask->hint, .search = o->searches + 1};
	/* A long search does not make it wait; but reading the same again and again would make the search longer yet. */
	if (o->phase == OWNER_WALKS && ask->hint && o->hurried++ < HURRIED_MAX)
		proc_walk_hurry(&o->walk, ask->hint);
}

void owner_glance(struct owner *o)
{
	if (o->whole_searches == 0 || o->phase != OWNER_RESTS || o->whole_due_ns != INT64_MAX || !o->open)
		return;
	if (proc_stir(&o->walk) != o->stir)
		owner_want_whole(o, o->whole_ended_ns + STIR_PAUSE_NS);
}

int64_t owner_due(const struct owner *o)
{
	if (o->phase != OWNER_RESTS)
		return 0;
	if (o->wait_count > 0)
		return o->not_before_ns;
	return o->whole_due_ns == INT64_MAX ? INT64_MAX : later(o->whole_due_ns, o->not_before_ns);
}

/* ---- telling ---- */

static void owner_tell_trouble(struct owner *o, int error, uint64_t hidden, struct outlet *out)
{
	int64_t now_ns = clock_now_ns();
	struct observation *seen;

	if (error == o->told_error && hidden == o->told_hidden)
		return;
	seen = outlet_add(out, OBSERVED_TROUBLE, now_ns, now_ns);
	seen->trouble.source = SOURCE_OWNER;
	seen->trouble.error = error;
	seen->trouble.hidden = hidden;
	o->told_error = error;
	o->told_hidden = hidden;
}

static void owner_tell_stand(struct owner *o, enum owners_state state, struct outlet *out)
{
	struct observation *seen = outlet_add(out, OBSERVED_OWNERS, o->began_ns, clock_now_ns());

	seen->owners.state = (uint8_t)state;
	seen->owners.total = o->walk.processes;
	seen->owners.done = o->walk.at < o->walk.processes ? o->walk.at : o->walk.processes;
}

static int holder_compare(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static struct holder owner_holder(const struct owner *o, const struct owner_find *find)
{
	struct holder holder = o->processes[find->process];

	holder.fd = find->fd;
	return holder;
}

/* A process that was read twice was found twice. */
static uint32_t holders_unique(struct holder *list, uint32_t count)
{
	uint32_t kept = 1;

	for (uint32_t i = 1; i < count; i++)
		if (holder_compare(&list[i], &list[kept - 1]) != 0)
			list[kept++] = list[i];
	return kept;
}

/* `count` finds of one inode. */
static void owner_tell(struct owner *o, const struct owner_find *finds, uint32_t count, struct outlet *out)
{
	struct observation *seen = outlet_add(out, OBSERVED_OWNER, o->began_ns, clock_now_ns());
	uint32_t at = owner_find_wait(o, finds[0].inode);
	struct holder *list;

	if (at != MAP_NONE)
		owner_end_wait(o, at);
	seen->owner.inode = finds[0].inode;
	seen->owner.count = 1;
	if (count == 1) {
		seen->owner.one = owner_holder(o, &finds[0]);
		return;
	}
	list = memory_resize(NULL, count, sizeof(*list));
	for (uint32_t i = 0; i < count; i++)
		list[i] = owner_holder(o, &finds[i]);
	qsort(list, count, sizeof(*list), holder_compare);
	count = holders_unique(list, count);
	if (count == 1) {
		seen->owner.one = list[0];
		free(list);
		return;
	}
	seen->owner.count = count;
	seen->owner.several = list;
}

/* ---- finding ---- */

static void owner_heat(struct owner *o, uint32_t pid)
{
	unsigned at = 0;

	while (at < o->hot_count && o->hot[at] != pid)
		at++;
	if (at == o->hot_count && o->hot_count < OWNER_HOT)
		o->hot_count++;
	if (at == OWNER_HOT)
		at--;
	memmove(o->hot + 1, o->hot, at * sizeof(*o->hot));
	o->hot[0] = pid;
}

static void owner_note(struct owner *o, const struct proc_socket *s)
{
	if (o->find_count == o->find_room) {
		o->find_room = o->find_room ? o->find_room * 2 : 1024;
		o->finds = memory_resize(o->finds, o->find_room, sizeof(*o->finds));
	}
	o->finds[o->find_count++] = (struct owner_find){.inode = s->inode, .process = o->process_count, .fd = s->fd};
}

static int find_compare(const void *a, const void *b)
{
	const struct owner_find *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static uint32_t owner_same_inode(const struct owner *o, uint32_t at)
{
	uint32_t end = at + 1;

	while (end < o->find_count && o->finds[end].inode == o->finds[at].inode)
		end++;
	return end - at;
}

/* Not to wait for the end of the search: the socket may be gone by then. The first search has a person waiting for names. */
static void owner_tell_early(struct owner *o, struct outlet *out)
{
	uint32_t count;

	for (uint32_t at = o->process_first; at < o->find_count; at += count) {
		bool waits = owner_find_wait(o, o->finds[at].inode) != MAP_NONE;

		count = owner_same_inode(o, at);
		if (!waits && o->whole_searches > 0)
			continue;
		if (waits && o->whole_searches > 0)
			owner_heat(o, o->processes[o->finds[at].process].pid);
		owner_tell(o, &o->finds[at], count, out);
	}
}

/* All of a process's sockets are found. */
static void owner_leave_process(struct owner *o, uint32_t pid, struct outlet *out)
{
	struct holder who = {0};

	if (o->find_count == o->process_first)
		return;
	if (proc_identify(&o->walk, pid, &who) < 0) {
		/* It has ended: it holds nothing. */
		o->find_count = o->process_first;
		return;
	}
	if (o->process_count == o->process_room) {
		o->process_room = o->process_room ? o->process_room * 2 : 64;
		o->processes = memory_resize(o->processes, o->process_room, sizeof(*o->processes));
	}
	o->processes[o->process_count++] = who;
	qsort(o->finds + o->process_first, o->find_count - o->process_first, sizeof(*o->finds), find_compare);
	owner_tell_early(o, out);
	o->process_first = o->find_count;
}

/* By inode, a byte at a time: a comparing sort takes as long for a million as reading them took. */
static void owner_sort_finds(struct owner *o)
{
	struct owner_find *from = o->finds, *to = memory_resize(NULL, o->find_count + 1u, sizeof(*to));

	for (unsigned shift = 0; shift < 32; shift += 8) {
		uint32_t places[256] = {0}, place = 0;
		struct owner_find *swapped = from;

		for (uint32_t i = 0; i < o->find_count; i++)
			places[from[i].inode >> shift & 0xff]++;
		for (unsigned digit = 0; digit < 256; digit++) {
			uint32_t count = places[digit];

			places[digit] = place;
			place += count;
		}
		for (uint32_t i = 0; i < o->find_count; i++)
			to[places[from[i].inode >> shift & 0xff]++] = from[i];
		from = to;
		to = swapped;
	}
	free(to);
	o->finds = from;
	o->find_room = o->find_count + 1u;
}

/* ---- searches ---- */

static unsigned owner_likely(const struct owner *o, uint32_t first[2 * OWNER_HOT])
{
	unsigned count = 0;

	for (uint32_t i = 0; i < o->wait_count && count < OWNER_HOT; i++) {
		unsigned at = 0;

		while (at < count && first[at] != o->waits[i].hint)
			at++;
		if (at == count && o->waits[i].hint)
			first[count++] = o->waits[i].hint;
	}
	memcpy(first + count, o->hot, o->hot_count * sizeof(*first));
	return count + o->hot_count;
}

static bool owner_begin(struct owner *o, struct outlet *out)
{
	uint32_t first[2 * OWNER_HOT];
	unsigned first_count = owner_likely(o, first);
	int error = o->open ? 0 : proc_walk_init(&o->walk, o->path);

	o->began_ns = o->progress_ns = clock_now_ns();
	o->cost_ns = 0;
	o->open = error == 0;
	o->is_whole = o->whole_searches == 0 || o->whole_due_ns <= o->began_ns;
	if (error == 0)
		error = proc_walk_begin(&o->walk, first, first_count, !o->is_whole);
	if (error < 0) {
		owner_tell_trouble(o, error, o->told_hidden, out);
		o->not_before_ns = o->began_ns + RETRY_AFTER_NS;
		return false;
	}
	if (o->is_whole)
		o->whole_due_ns = INT64_MAX;
	o->was_due_ns = o->whole_due_ns;
	o->stir = proc_stir(&o->walk);
	o->hurried = 0;
	o->searches++;
	o->phase = OWNER_WALKS;
	owner_tell_stand(o, OWNERS_BEGUN, out);
	return true;
}

static void owner_rest(struct owner *o)
{
	o->phase = OWNER_RESTS;
	o->find_count = o->process_first = o->process_count = o->told = 0;
	if (o->find_room > FINDS_KEPT) {
		free(o->finds);
		o->finds = NULL;
		o->find_room = 0;
	}
}

/* CPU time of the search at hand. */
static int64_t owner_cost(const struct owner *o)
{
	return o->cost_ns + clock_thread_cpu_ns() - o->slice_cpu_ns;
}

/* Those that this search looked for from its beginning, and did not find, have no holder in sight. Returns how many. */
static uint32_t owner_settle_waits(struct owner *o)
{
	uint32_t settled = 0;

	for (uint32_t at = o->wait_count; at-- > 0;) {
		if (o->waits[at].search - o->searches - 1 < INT32_MAX)
			continue;
		owner_end_wait(o, at);
		settled++;
	}
	return settled;
}

static void owner_end_whole(struct owner *o, struct outlet *out)
{
	int64_t now_ns = clock_now_ns();

	o->whole_searches++;
	o->whole_ended_ns = now_ns;
	o->whole_cost_ns = owner_cost(o);
	/* One that was to stop early has read everything all the same. */
	if (o->whole_due_ns == o->was_due_ns)
		o->whole_due_ns = INT64_MAX;
	if (owner_settle_waits(o) > 0)
		owner_want_whole(o, now_ns + RETRY_AFTER_NS);
	owner_tell_stand(o, OWNERS_WHOLE, out);
	owner_tell_trouble(o, 0, o->walk.refused, out);
	owner_rest(o);
}

/* What it did not find it says nothing of. */
static void owner_stop(struct owner *o, struct outlet *out)
{
	owner_tell_stand(o, OWNERS_STOPPED, out);
	owner_rest(o);
	/* Others may hold them as well. */
	owner_want_whole(o, later(clock_now_ns(), o->whole_ended_ns) + WHOLE_PAUSE_NS);
}

static void owner_walk(struct owner *o, int64_t until_cpu_ns, struct outlet *out)
{
	enum proc_step step;
	struct proc_socket s;

	while ((step = proc_walk_next(&o->walk, until_cpu_ns, &s)) == PROC_SOCKET || step == PROC_LEFT) {
		if (step == PROC_SOCKET) {
			owner_note(o, &s);
			continue;
		}
		owner_leave_process(o, s.pid, out);
		if (!o->is_whole && o->wait_count == 0) {
			owner_stop(o, out);
			return;
		}
	}
	if (o->whole_searches == 0 && clock_now_ns() - o->progress_ns >= PROGRESS_EVERY_NS) {
		owner_tell_stand(o, OWNERS_READING, out);
		o->progress_ns = clock_now_ns();
	}
	if (step != PROC_END)
		return;
	if (o->walk.error < 0) {
		owner_tell_trouble(o, o->walk.error, o->walk.refused, out);
		owner_stop(o, out);
		return;
	}
	owner_sort_finds(o);
	o->phase = OWNER_TELLS;
}

/* What the first search has told process by process it tells again only where several processes have the socket. */
static bool owner_is_told(const struct owner *o, uint32_t at, uint32_t count)
{
	return o->whole_searches == 0 && o->finds[at].process == o->finds[at + count - 1].process;
}

static void owner_tell_all(struct owner *o, int64_t until_cpu_ns, struct outlet *out)
{
	for (uint32_t steps = 1; o->told < o->find_count; steps++) {
		uint32_t count = owner_same_inode(o, o->told);

		if (!owner_is_told(o, o->told, count))
			owner_tell(o, &o->finds[o->told], count, out);
		o->told += count;
		if (steps % TELL_AT_ONCE == 0 && clock_thread_cpu_ns() >= until_cpu_ns)
			return;
	}
	owner_end_whole(o, out);
}

void owner_turn(struct owner *o, int64_t slice_ns, struct outlet *out)
{
	o->slice_cpu_ns = clock_thread_cpu_ns();
	if (o->phase == OWNER_RESTS && !owner_begin(o, out))
		return;
	if (o->phase == OWNER_WALKS)
		owner_walk(o, o->slice_cpu_ns + slice_ns, out);
	if (o->phase == OWNER_TELLS)
		owner_tell_all(o, o->slice_cpu_ns + slice_ns, out);
	o->cost_ns = owner_cost(o);
	if (o->phase == OWNER_RESTS)
		o->not_before_ns = clock_now_ns() + PAUSE_NS + PAUSE_COSTS * o->cost_ns;
}
