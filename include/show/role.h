/* Roles: what a cell of the picture *is*. A theme gives each its colours; show/ never speaks of colours. */
#ifndef SHOW_ROLE_H
#define SHOW_ROLE_H

#include "tcp/state.h"

/* X(enumerator, name in theme files) */
#define ROLES(X)                                   \
	X(TEXT, "text")                                \
	X(DIM, "dim")                                  \
	X(TITLE, "title")                              \
	X(BAR, "bar")                  /* top and bottom line */ \
	X(BAR_KEY, "bar.key")          /* a key in the bottom line */ \
	X(TAB, "tab")                                  \
	X(TAB_ACTIVE, "tab.active")                    \
	X(RULE, "rule")                /* lines that divide */ \
	X(HEADING, "heading")          /* column heads */ \
	X(CURSOR, "row.cursor")                        \
	X(FLASH, "row.flash")          /* a row that has just changed */ \
	X(NEW, "row.new")                              \
	X(GONE, "row.gone")                            \
	X(WARNING, "warning")                          \
	X(GOOD, "good")                                \
	X(GAUGE, "gauge")              /* histogram bars, sparklines */ \
	X(ARROW, "arrow")              /* known */     \
	X(ARROW_INFERRED, "arrow.inferred")            \
	X(ARROW_LOST, "arrow.lost")                    \
	X(PACKET, "packet")            /* a segment on its way */ \
	X(FLAG, "flag")                /* SYN, ACK… on an arrow */ \
	X(HELP_KEY, "help.key")                        \
	X(STATE_LISTEN, "state.listen")                \
	X(STATE_SYN_SENT, "state.syn_sent")            \
	X(STATE_SYN_RECV, "state.syn_recv")            \
	X(STATE_ESTABLISHED, "state.established")      \
	X(STATE_FIN_WAIT1, "state.fin_wait1")          \
	X(STATE_FIN_WAIT2, "state.fin_wait2")          \
	X(STATE_CLOSE_WAIT, "state.close_wait")        \
	X(STATE_CLOSING, "state.closing")              \
	X(STATE_LAST_ACK, "state.last_ack")            \
	X(STATE_TIME_WAIT, "state.time_wait")          \
	X(STATE_CLOSED, "state.closed")

enum role {
#define X(name, text) ROLE_##name,
	ROLES(X)
#undef X
	ROLE_COUNT,
};

const char *role_name(enum role role);
/* The role called `name`, or ROLE_COUNT. */
enum role role_from_name(const char *name);
enum role role_of_state(enum tcp_state state);

#endif
