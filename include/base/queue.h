/*
 * A bounded queue of pointers from one thread to another. The receiver sleeps on queue_fd (readable while something
 * waits). Threads share nothing else. Ownership of a pointer goes with it.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* Returns NULL with errno set if the eventfd cannot be made. */
struct queue *queue_new(size_t room);
/* Frees what still waits with `drop` (may be NULL). */
void queue_free(struct queue *q, void (*drop)(void *));
/* Waits for room; false (and the item stays the caller's) once the queue is closed. */
bool queue_put(struct queue *q, void *item);
/* The same for several, of which the reader is told once as far as there is room for them. Returns how many went in: fewer only once the queue is closed. */
unsigned queue_put_all(struct queue *q, void *const *items, unsigned count);
/* Never waits; false if full or closed. */
bool queue_try_put(struct queue *q, void *item);
/* The oldest item or NULL. Never waits. */
void *queue_take(struct queue *q);
/* Wakes and refuses all putters, for good. */
void queue_close(struct queue *q);
/* Readable (poll) while the queue is not empty. Owned by the queue. */
int queue_fd(const struct queue *q);
size_t queue_length(struct queue *q);

#endif
