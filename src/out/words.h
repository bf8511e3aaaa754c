/* How ages, peers and programs are told, in tables and in lines alike. */
#ifndef OUT_WORDS_H
#define OUT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "show/canvas.h"
#include "track/event.h"

/* Whether the event is about a socket that listens: it has no peer. */
bool words_is_listener(const struct event *e);
/* Whether the peer's end is known: of a listener 0.0.0.0:0 says that there is none; elsewhere it means that the kernel had forgotten it. */
bool words_knows_peer(const struct event *e);
/* How long a connection has been in its present state; adds nothing if that is not known. "0:00:41", "≥12h14m", "41s left" (of TIME_WAIT). */
void words_add_age(struct text *t, const struct event *row, const struct glyphs *glyphs);
/* "curl", "nginx +3" (and three more processes), "java (was)", "(hidden)"; nothing if not known. with_pid: "curl[4821]". */
void words_add_program(struct text *t, const struct event *e, bool with_pid);

/* The colour of a state, for terminals that have eight: SGR parameters, "32". */
const char *words_state_color(enum tcp_state state);
/* s between that colour and its end; as it is if color is NULL. */
void words_add_colored(struct text *t, const char *color, const char *s);

#endif
