/* A bounded queue of pointers between two threads: see base/queue.h. Invariant, under the lock: the eventfd is
 * readable while length > 0, unless the kernel refused to make it so; then the next item tries again. (And only so long, unless it refused that.) */
#include "config.h"

#include "base/queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t not_full; /* or closed */
	int event_fd;
	bool closed, told; /* told: the eventfd is readable */
	size_t room, first, length;
	void *items[];
};

struct queue *queue_new(size_t room)
{
	struct queue *q;
	int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	assert(room > 0);
	if (event_fd < 0)
		return NULL;
	if (room > (SIZE_MAX - sizeof(*q)) / sizeof(void *))
		memory_exhausted();
	q = memory_get_zeroed(1, sizeof(*q) + room * sizeof(void *));
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->not_full, NULL);
	q->event_fd = event_fd;
	q->room = room;
	return q;
}

void queue_free(struct queue *q, void (*drop)(void *))
{
	if (!q)
		return;
	for (; q->length > 0 && drop; q->length--, q->first = (q->first + 1) % q->room)
		drop(q->items[q->first]);
	close(q->event_fd);
	pthread_cond_destroy(&q->not_full);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* A counter that holds 1 cannot be full; but there is no call that a kernel may not refuse. Not all who wait are sent another item soon, so it is asked twice. */
static void queue_tell(struct queue *q)
{
	q->told = eventfd_write(q->event_fd, 1) == 0 || eventfd_write(q->event_fd, 1) == 0;
}

/* Under the lock, with room. */
static void queue_append(struct queue *q, void *item)
{
	if (!q->told)
		queue_tell(q);
	q->items[(q->first + q->length) % q->room] = item;
	q->length++;
}

unsigned queue_put_all(struct queue *q, void *const *items, unsigned count)
{
	unsigned done = 0;

	pthread_mutex_lock(&q->lock);
	while (done < count && !q->closed) {
		if (q->length == q->room)
			pthread_cond_wait(&q->not_full, &q->lock);
		else
			queue_append(q, items[done++]);
	}
	pthread_mutex_unlock(&q->lock);
	return done;
}

bool queue_put(struct queue *q, void *item)
{
	return queue_put_all(q, &item, 1) == 1;
}

bool queue_try_put(struct queue *q, void *item)
{
	bool done;

	pthread_mutex_lock(&q->lock);
	done = q->length < q->room && !q->closed;
	if (done)
		queue_append(q, item);
	pthread_mutex_unlock(&q->lock);
	return done;
}

void *queue_take(struct queue *q)
{
	void *item = NULL;
	eventfd_t ignored;

	pthread_mutex_lock(&q->lock);
	if (q->length > 0) {
		item = q->items[q->first];
		q->first = (q->first + 1) % q->room;
		q->length--;
		pthread_cond_signal(&q->not_full);
	}
	/* What was refused before is asked again, lest the reader be called for nothing for ever. */
	if (q->length == 0 && q->told)
		q->told = eventfd_read(q->event_fd, &ignored) != 0;
	pthread_mutex_unlock(&q->lock);
	return item;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->not_full);
	pthread_mutex_unlock(&q->lock);
}

int queue_fd(const struct queue *q)
{
	return q->event_fd;
}

size_t queue_length(struct queue *q)
{
	size_t length;

	pthread_mutex_lock(&q->lock);
	length = q->length;
	pthread_mutex_unlock(&q->lock);
	return length;
}
