/* Interned processes and the lists of who holds what. */
#include "holders.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void holders_init(struct holders *h, uint64_t seed)
{
	memset(h, 0, sizeof(*h));
	h->free_process = h->free_entry = MAP_NONE;
	h->seed = seed;
}

void holders_fini(struct holders *h)
{
	free(h->processes);
	free(h->entries);
	map_fini(&h->by_process);
}

struct process_key {
	const struct holders *holders;
	const struct holder *holder;
};

/* A process is itself as long as pid, start time and name are the same: exec changes the name, and the new name is what people look for. */
static bool is_process(const void *context, uint32_t value)
{
	const struct process_key *key = context;
	const struct process *p = &key->holders->processes[value];

	return p->pid == key->holder->pid && p->start_ticks == key->holder->start_ticks && !strcmp(p->comm, key->holder->comm);
}

static uint32_t hash_process(const struct holders *h, uint32_t pid, uint64_t start_ticks)
{
	return map_hash_u64(start_ticks * 0x9e3779b97f4a7c15u ^ pid, h->seed);
}

static uint32_t intern(struct holders *h, const struct holder *who)
{
	struct process_key key = {h, who};
	uint32_t hash = hash_process(h, who->pid, who->start_ticks);
	uint32_t index = map_find(&h->by_process, hash, is_process, &key);
	struct process *p;

	if (index != MAP_NONE) {
		h->processes[index].users++;
		return index;
	}
	if (h->free_process != MAP_NONE) {
		index = h->free_process;
		h->free_process = h->processes[index].pid;
	} else {
		if (h->process_count == h->process_room) {
			h->process_room = h->process_room ? h->process_room * 2 : 64;
			h->processes = memory_resize(h->processes, h->process_room, sizeof(*h->processes));
		}
		index = h->process_count++;
	}
	p = &h->processes[index];
	memset(p, 0, sizeof(*p));
	p->pid = who->pid;
	p->users = 1;
	p->start_ticks = who->start_ticks;
	memcpy(p->comm, who->comm, strnlen(who->comm, sizeof(p->comm) - 1));
	map_add(&h->by_process, hash, index);
	return index;
}

/* A free process keeps the index of the next free one in its pid. */
static void forget(struct holders *h, uint32_t index)
{
	struct process *p = &h->processes[index];

	if (--p->users)
		return;
	map_remove(&h->by_process, hash_process(h, p->pid, p->start_ticks), index);
	p->pid = h->free_process;
	h->free_process = index;
}

static uint32_t new_entry(struct holders *h)
{
	uint32_t index = h->free_entry;

	if (index != MAP_NONE) {
		h->free_entry = h->entries[index].next;
		return index;
	}
	if (h->entry_count == h->entry_room) {
		h->entry_room = h->entry_room ? h->entry_room + h->entry_room / 2 : 64;
		h->entries = memory_resize(h->entries, h->entry_room, sizeof(*h->entries));
	}
	return h->entry_count++;
}

uint32_t holders_add(struct holders *h, const struct holder *list, uint32_t count)
{
	uint32_t first = MAP_NONE;

	for (uint32_t i = count; i > 0; i--) {
		uint32_t process = intern(h, &list[i - 1]);
		uint32_t entry = new_entry(h);

		h->entries[entry] = (struct held){process, first, list[i - 1].fd};
		first = entry;
	}
	return first;
}

void holders_release(struct holders *h, uint32_t first)
{
	while (first != MAP_NONE) {
		struct held *entry = &h->entries[first];
		uint32_t next = entry->next;

		forget(h, entry->process);
		entry->next = h->free_entry;
		h->free_entry = first;
		first = next;
	}
}

bool holders_get(const struct holders *h, uint32_t first, uint32_t index, struct holder *out)
{
	const struct process *p;

	for (; first != MAP_NONE && index; index--)
		first = h->entries[first].next;
	if (first == MAP_NONE)
		return false;
	p = &h->processes[h->entries[first].process];
	out->pid = p->pid;
	out->fd = h->entries[first].fd;
	out->start_ticks = p->start_ticks;
	memcpy(out->comm, p->comm, sizeof(out->comm));
	return true;
}
