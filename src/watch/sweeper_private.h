/* Between sweeper.c and sweeper_lookup.c. */
#ifndef WATCH_SWEEPER_PRIVATE_H
#define WATCH_SWEEPER_PRIVATE_H

#include "watch/sweeper.h"

/* No sweep goes on, and none begins. */
bool sweeper_is_stopping(const struct sweeper *s);
/* Sleeps until something is due or there is mail. */
void sweeper_wait(struct sweeper *s, int64_t due_ns);
/* What is the matter with a host's sockets, once per change. */
void sweeper_tell_trouble_of(struct sweeper *s, struct host *host);

/* Makes a chunk of the look-ups that were asked for; their answers are held. False if there are none, or no budget for them. */
bool sweeper_look_up_asked(struct sweeper *s);
/* Says that no notice of this host waits any more, if so. */
void sweeper_tell_heard(struct sweeper *s, struct host *host);
/* Hands the answers that are held to the outlet. */
void sweeper_tell_held(struct sweeper *s);
/* Some chunks in a row, and out with the answers. */
void sweeper_serve_asked(struct sweeper *s);
/* Works until mailbox_stop on what is asked, and says when that is answered. */
void sweeper_look_last(struct sweeper *s);
/* The watched connections of the plan. */
void sweeper_look_up_watched(struct sweeper *s, int64_t now_ns);

#endif
