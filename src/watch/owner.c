/* Owners of sockets: see watch/owner.h. */
#include "config.h"

#include "watch/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define NONE UINT32_MAX

/* Between passes at least this, and some times what the last one cost: new sockets are gathered meanwhile. */
#define PASS_PAUSE_NS (20 * NS_PER_MS)
#define PASS_PAUSE_COSTS 4
/* A process that was being forked while its parent let go of the socket shows up a little later. */
#define RETRY_AFTER_NS NS_PER_SECOND

struct owner_find {
	uint32_t pid;
	int32_t fd;
	uint32_t next; /* of the same inode; NONE at the end */
};

struct owner_entry {
	uint32_t inode;      /* 0: a free slot, next_free is valid */
	uint32_t connection; /* that the socket had when it was seen last */
	uint32_t seen;       /* generation */
	uint32_t from_pass;  /* the first pass that looks for it from its beginning */
	uint32_t first_find; /* of this pass */
	uint32_t count, told_count;
	uint64_t sum, told_sum; /* of what identifies the holders: equal lists have equal sums */
	uint32_t next_free;
	bool waits;          /* no answer yet */
	bool hidden;         /* was told to be */
	bool is_dirty;
	uint8_t misses;      /* passes in a row that found nobody */
};

static uint64_t owner_mix(uint32_t pid, int32_t fd)
{
	uint64_t x = (uint64_t)pid << 32 | (uint32_t)fd;

	/* The finalizer of splitmix64: sums of its values tell lists apart. */
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* ---- what is known ---- */

void owner_init(struct owner *o, const char *path, uint64_t seed)
{
	*o = (struct owner){.seed = seed, .free_slot = NONE, .generation = 1};
	snprintf(o->path, sizeof(o->path), "%s", path);
}

void owner_fini(struct owner *o)
{
	if (o->open)
		proc_walk_fini(&o->walk);
	map_fini(&o->by_inode);
	free(o->entries);
	free(o->finds);
	free(o->dirty);
	free(o->cache);
}

struct owner_key {
	const struct owner_entry *entries;
	uint32_t inode;
};

static bool owner_match(const void *context, uint32_t slot)
{
	const struct owner_key *key = context;

	return key->entries[slot].inode == key->inode;
}

static uint32_t owner_find(const struct owner *o, uint32_t inode)
{
	const struct owner_key key = {.entries = o->entries, .inode = inode};

	return map_find(&o->by_inode, map_hash_u64(inode, o->seed), owner_match, &key);
}

static uint32_t owner_new_slot(struct owner *o)
{
	uint32_t slot = o->free_slot;

	if (slot != NONE) {
		o->free_slot = o->entries[slot].next_free;
		return slot;
	}
	if (o->entry_count == o->entry_room) {
		o->entry_room = o->entry_room ? o->entry_room * 2 : 256;
		o->entries = memory_resize(o->entries, o->entry_room, sizeof(*o->entries));
	}
	return o->entry_count++;
}

static struct owner_entry *owner_add(struct owner *o, uint32_t inode)
{
	uint32_t slot = owner_new_slot(o);

	o->entries[slot] = (struct owner_entry){.inode = inode, .from_pass = o->pass + 1, .first_find = NONE, .waits = true};
	o->waiting++;
	map_add(&o->by_inode, map_hash_u64(inode, o->seed), slot);
	return &o->entries[slot];
}

/* Nothing counts as told any more. */
static void owner_look_again(struct owner *o, struct owner_entry *e)
{
	if (!e->waits)
		o->waiting++;
	e->waits = true;
	e->from_pass = o->pass + 1;
	e->told_sum = 0;
	e->told_count = 0;
	e->hidden = false;
}

void owner_see(struct owner *o, uint32_t inode, uint32_t connection)
{
	uint32_t slot = owner_find(o, inode);
	struct owner_entry *e = slot == MAP_NONE ? owner_add(o, inode) : &o->entries[slot];

	if (slot != MAP_NONE && e->connection != connection)
		owner_look_again(o, e);
	e->connection = connection;
	e->seen = o->generation;
}

void owner_refresh(struct owner *o, uint32_t inode)
{
	uint32_t slot = owner_find(o, inode);

	/* One that no sample has told of is none of ours. */
	if (slot != MAP_NONE)
		owner_look_again(o, &o->entries[slot]);
}

static void owner_forget(struct owner *o, uint32_t slot)
{
	struct owner_entry *e = &o->entries[slot];

	if (e->waits)
		o->waiting--;
	map_remove(&o->by_inode, map_hash_u64(e->inode, o->seed), slot);
	e->inode = 0;
	e->next_free = o->free_slot;
	o->free_slot = slot;
}

void owner_sweep_ended(struct owner *o)
{
	for (uint32_t slot = 0; slot < o->entry_count; slot++)
		if (o->entries[slot].inode && o->generation - o->entries[slot].seen > 1)
			owner_forget(o, slot);
	o->generation++;
}

int64_t owner_due(const struct owner *o)
{
	if (o->walking || o->waiting > 0)
		return o->walking ? 0 : o->not_before_ns;
	return o->retry_ns ? o->retry_ns : INT64_MAX;
}

/* ---- telling ---- */

static const struct holder *owner_identify(struct owner *o, uint32_t pid)
{
	struct holder h = {0};

	for (uint32_t i = o->cache_count; i-- > 0;)
		if (o->cache[i].pid == pid)
			return &o->cache[i];
	if (proc_identify(&o->walk, pid, &h) < 0)
		return NULL;
	if (o->cache_count == o->cache_room) {
		o->cache_room = o->cache_room ? o->cache_room * 2 : 16;
		o->cache = memory_resize(o->cache, o->cache_room, sizeof(*o->cache));
	}
	o->cache[o->cache_count] = h;
	return &o->cache[o->cache_count++];
}

static int holder_compare(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* The holders found in this pass that are still there. */
static struct holder *owner_list(struct owner *o, const struct owner_entry *e, uint32_t *count)
{
	struct holder *list = memory_resize(NULL, e->count, sizeof(*list));

	*count = 0;
	for (uint32_t f = e->first_find; f != NONE; f = o->finds[f].next) {
		const struct holder *h = owner_identify(o, o->finds[f].pid);

		if (!h)
			continue;
		list[*count] = *h;
		list[(*count)++].fd = o->finds[f].fd;
	}
	qsort(list, *count, sizeof(*list), holder_compare);
	return list;
}

static struct observation *owner_add_observation(struct owner *o, const struct owner_entry *e, enum owner_state state, struct outlet *out)
{
	struct observation *seen = outlet_add(out, OBSERVED_OWNER, o->pass_began_ns, clock_now_ns());

	seen->owner.inode = e->inode;
	seen->owner.state = (uint8_t)state;
	return seen;
}

static void owner_tell_found(struct owner *o, struct owner_entry *e, struct outlet *out)
{
	struct observation *seen;
	struct holder *holders;
	uint32_t count;

	holders = owner_list(o, e, &count);
	if (count == 0) {
		/* All of them ended meanwhile: nothing was found. */
		free(holders);
		e->first_find = NONE;
		e->count = 0;
		e->sum = 0;
		return;
	}
	seen = owner_add_observation(o, e, OWNER_FOUND, out);
	seen->owner.count = count;
	seen->owner.holders = holders;
	e->told_sum = e->sum;
	e->told_count = e->count;
	e->hidden = false;
}

static void owner_tell_hidden(struct owner *o, struct owner_entry *e, struct outlet *out)
{
	owner_add_observation(o, e, OWNER_HIDDEN, out);
	e->told_sum = 0;
	e->told_count = 0;
	e->hidden = true;
}

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

/* ---- passes ---- */

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
	uint32_t slot = owner_find(o, s->inode);
	struct owner_entry *e;

	if (slot == MAP_NONE)
		return;
	e = &o->entries[slot];
	if (o->find_count == o->find_room) {
		o->find_room = o->find_room ? o->find_room * 2 : 256;
		o->finds = memory_resize(o->finds, o->find_room, sizeof(*o->finds));
	}
	o->finds[o->find_count] = (struct owner_find){.pid = s->pid, .fd = s->fd, .next = e->first_find};
	e->first_find = o->find_count++;
	e->count++;
	e->sum += owner_mix(s->pid, s->fd);
	if ((!e->waits && !e->hidden) || e->is_dirty)
		return;
	if (o->dirty_count == o->dirty_room) {
		o->dirty_room = o->dirty_room ? o->dirty_room * 2 : 64;
		o->dirty = memory_resize(o->dirty, o->dirty_room, sizeof(*o->dirty));
	}
	o->dirty[o->dirty_count++] = slot;
	e->is_dirty = true;
	owner_heat(o, s->pid);
}

/* Not to wait for the end of the pass: the socket may be gone by then. */
static void owner_tell_early(struct owner *o, struct outlet *out)
{
	for (uint32_t i = 0; i < o->dirty_count; i++) {
		struct owner_entry *e = &o->entries[o->dirty[i]];

		e->is_dirty = false;
		if (e->inode && e->count > e->told_count)
			owner_tell_found(o, e, out);
	}
	o->dirty_count = 0;
}

static bool owner_begin_pass(struct owner *o, struct outlet *out)
{
	int error = o->open ? 0 : proc_walk_init(&o->walk, o->path);

	o->pass_began_ns = clock_now_ns();
	o->pass_cost_ns = 0;
	o->open = error == 0;
	if (error == 0)
		error = proc_walk_begin(&o->walk, o->hot, o->hot_count);
	if (error < 0) {
		owner_tell_trouble(o, error, o->told_hidden, out);
		o->not_before_ns = o->pass_began_ns + RETRY_AFTER_NS;
		return false;
	}
	o->pass++;
	o->walking = true;
	o->retry_ns = 0;
	return true;
}

/* The pass has seen everything that it could see of this inode. */
static void owner_settle(struct owner *o, struct owner_entry *e, struct outlet *out)
{
	if (e->waits)
		o->waiting--;
	e->waits = false;
	if (e->count > 0 && e->sum != e->told_sum)
		owner_tell_found(o, e, out);
	if (e->count > 0) {
		e->misses = 0;
		return;
	}
	if (!e->hidden)
		owner_tell_hidden(o, e, out);
	if (e->misses < 2 && ++e->misses == 1)
		o->retry_ns = clock_now_ns() + RETRY_AFTER_NS;
}

static void owner_end_pass(struct owner *o, struct outlet *out)
{
	o->walking = false;
	for (uint32_t slot = 0; slot < o->entry_count; slot++) {
		struct owner_entry *e = &o->entries[slot];

		if (!e->inode)
			continue;
		/* A walk that broke off says nothing about what it did not find. */
		if (o->walk.error == 0 && o->pass - e->from_pass < INT32_MAX)
			owner_settle(o, e, out);
		e->first_find = NONE;
		e->count = 0;
		e->sum = 0;
	}
	o->find_count = 0;
	owner_tell_trouble(o, o->walk.error, o->walk.refused, out);
}

void owner_turn(struct owner *o, int64_t slice_ns, struct outlet *out)
{
	int64_t began_ns = clock_thread_cpu_ns();
	enum proc_step step;
	struct proc_socket s;

	if (!o->walking && !owner_begin_pass(o, out))
		return;
	while ((step = proc_walk_next(&o->walk, began_ns + slice_ns, &s)) == PROC_SOCKET)
		owner_note(o, &s);
	owner_tell_early(o, out);
	if (step == PROC_END)
		owner_end_pass(o, out);
	o->cache_count = 0;
	o->pass_cost_ns += clock_thread_cpu_ns() - began_ns;
	if (step == PROC_END)
		o->not_before_ns = clock_now_ns() + PASS_PAUSE_NS + PASS_PAUSE_COSTS * o->pass_cost_ns;
}
