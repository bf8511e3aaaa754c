/*
 * The event loop: descriptors, timers and signals in one object. Signals named to it are blocked but inside the wait
 * (epoll_pwait), so none is lost and none runs in between; they are delivered as ordinary callbacks. Sleeps until the
 * earliest timer; timers are few, so they stand in a plain array.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

typedef void loop_fd_call(void *context, uint32_t epoll_events);
typedef void loop_timer_call(void *context);
typedef void loop_signal_call(void *context, int signal);

struct loop *loop_new(void); /* NULL with errno */
void loop_free(struct loop *l);

/* Watches fd (stays the caller's); again for the same fd: what it is watched for is replaced. Remove it before
 * closing it. 0 or -errno (-EPERM for a plain file, which is always ready). */
int loop_add_fd(struct loop *l, int fd, uint32_t epoll_events, loop_fd_call *call, void *context);
void loop_remove_fd(struct loop *l, int fd);

/* A one-shot timer at a time of clock_now_ns() (never early, at most a millisecond late; INT64_MAX: never). Returns
 * its id (> 0). loop_cancel_timer(l, 0) and an id that has fired are no-ops. */
int loop_at(struct loop *l, int64_t when_ns, loop_timer_call *call, void *context);
void loop_cancel_timer(struct loop *l, int id);

/* Delivers `signal` as a callback from now on; loop_free puts back what was before. 0 or -errno. A SIGHUP, SIGINT,
 * SIGQUIT or job control signal that was ignored stays so (background jobs, nohup). A child process inherits these
 * signals blocked: it must unblock them. */
int loop_on_signal(struct loop *l, int signal, loop_signal_call *call, void *context);
/* All signals do again what they did before; one that came and was not delivered is forgotten. */
void loop_give_signals_back(struct loop *l);

/* Runs until loop_stop; returns what loop_stop was given. After loop_stop no more callbacks run, though events may
 * wait. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l, int result);

#endif
