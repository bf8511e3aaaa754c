/* From the main thread to the watch threads: see watch/mailbox.h. */
#include "config.h"

#include "watch/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

struct watch_plan *plan_copy(const struct watch_plan *plan)
{
	struct watch_plan *copy = memory_get(sizeof(*copy));

	*copy = *plan;
	copy->watched = NULL;
	if (plan->watched_count > 0) {
		copy->watched = memory_resize(NULL, plan->watched_count, sizeof(*copy->watched));
		memcpy(copy->watched, plan->watched, plan->watched_count * sizeof(*copy->watched));
	}
	return copy;
}

void plan_free(struct watch_plan *plan)
{
	if (!plan)
		return;
	free(plan->watched);
	free(plan);
}

int mailbox_init(struct mailbox *m)
{
	int error;

	memset(m, 0, sizeof(*m));
	m->sweeper_wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->sweeper_wake_fd < 0)
		return -errno;
	m->notices_wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->notices_wake_fd < 0) {
		error = -errno;
		close(m->sweeper_wake_fd);
		return error;
	}
	pthread_mutex_init(&m->lock, NULL);
	m->lookups = memory_resize(NULL, MAILBOX_LOOKUPS, sizeof(*m->lookups));
	return 0;
}

void mailbox_fini(struct mailbox *m)
{
	plan_free(m->plan);
	free(m->lookups);
	pthread_mutex_destroy(&m->lock);
	close(m->sweeper_wake_fd);
	close(m->notices_wake_fd);
}

void mailbox_stop(struct mailbox *m)
{
	atomic_store(&m->stopping, true);
	eventfd_write(m->sweeper_wake_fd, 1);
	eventfd_write(m->notices_wake_fd, 1);
}

void mailbox_finish(struct mailbox *m)
{
	atomic_store(&m->finishing, true);
	eventfd_write(m->sweeper_wake_fd, 1);
	eventfd_write(m->notices_wake_fd, 1);
}

void mailbox_await_answers(struct mailbox *m)
{
	atomic_store(&m->answers_awaited, true);
	eventfd_write(m->sweeper_wake_fd, 1);
}

void mailbox_put_plan(struct mailbox *m, const struct watch_plan *plan)
{
	struct watch_plan *copy = plan_copy(plan), *old;
	bool news;

	pthread_mutex_lock(&m->lock);
	old = m->plan;
	m->plan = copy;
	pthread_mutex_unlock(&m->lock);
	plan_free(old);
	eventfd_write(m->sweeper_wake_fd, 1);
	news = atomic_exchange(&m->notices, plan->notices) != plan->notices;
	news |= atomic_exchange(&m->shed_rate, plan->shed_rate) != plan->shed_rate;
	if (news)
		eventfd_write(m->notices_wake_fd, 1);
}

bool mailbox_put_lookup(struct mailbox *m, const struct lookup *lookup)
{
	bool first, fits;

	pthread_mutex_lock(&m->lock);
	first = m->lookup_count == 0;
	fits = m->lookup_count < MAILBOX_LOOKUPS;
	if (fits) {
		m->lookups[(m->lookup_first + m->lookup_count++) % MAILBOX_LOOKUPS] = *lookup;
		atomic_store(&m->lookups_wait, m->lookup_count);
	}
	pthread_mutex_unlock(&m->lock);
	if (first)
		eventfd_write(m->sweeper_wake_fd, 1);
	return fits;
}

void mailbox_put_asks(struct mailbox *m, const struct owner_ask *asks, unsigned count)
{
	pthread_mutex_lock(&m->lock);
	if (m->ask_count + count <= MAILBOX_ASKS) {
		memcpy(m->asks + m->ask_count, asks, count * sizeof(*asks));
		m->ask_count += count;
	} else {
		m->asks[0] = (struct owner_ask){0};
		m->ask_count = 1;
	}
	pthread_mutex_unlock(&m->lock);
	eventfd_write(m->sweeper_wake_fd, 1);
}

void mailbox_ask_sweep(struct mailbox *m, bool after_loss)
{
	pthread_mutex_lock(&m->lock);
	if (after_loss)
		m->sweep_after_loss = true;
	else
		m->sweep_now = true;
	pthread_mutex_unlock(&m->lock);
	eventfd_write(m->sweeper_wake_fd, 1);
}

struct watch_plan *mailbox_take_plan(struct mailbox *m)
{
	struct watch_plan *plan;

	pthread_mutex_lock(&m->lock);
	plan = m->plan;
	m->plan = NULL;
	pthread_mutex_unlock(&m->lock);
	return plan;
}

unsigned mailbox_take_lookups(struct mailbox *m, struct lookup *out, unsigned room)
{
	unsigned taken = 0;

	pthread_mutex_lock(&m->lock);
	for (; taken < room && m->lookup_count > 0; taken++) {
		out[taken] = m->lookups[m->lookup_first];
		m->lookup_first = (m->lookup_first + 1) % MAILBOX_LOOKUPS;
		m->lookup_count--;
	}
	atomic_store(&m->lookups_wait, m->lookup_count);
	pthread_mutex_unlock(&m->lock);
	return taken;
}

unsigned mailbox_take_asks(struct mailbox *m, struct owner_ask out[MAILBOX_ASKS])
{
	unsigned taken;

	pthread_mutex_lock(&m->lock);
	taken = m->ask_count;
	memcpy(out, m->asks, taken * sizeof(*out));
	m->ask_count = 0;
	pthread_mutex_unlock(&m->lock);
	return taken;
}

void mailbox_take_sweep(struct mailbox *m, bool *now, bool *after_loss)
{
	pthread_mutex_lock(&m->lock);
	*now = m->sweep_now;
	*after_loss = m->sweep_after_loss;
	m->sweep_now = m->sweep_after_loss = false;
	pthread_mutex_unlock(&m->lock);
}
