/*
 * The states of a TCP connection, by Linux's names and numbers (include/net/tcp_states.h; RFC 9293 section 3.3.2).
 *
 * SYN_RECV is RFC 9293's SYN-RECEIVED: in Linux it stands both for a request socket (the passive side; the kernel's NEW_SYN_RECV) and for the
 * full socket of a simultaneous open. CLOSED is what the kernel calls CLOSE.
 */
#ifndef TCP_STATE_H
#define TCP_STATE_H

#include <stdbool.h>

/* X(name, kernel's number, what it is, who can end it): each text is one sentence for a person. */
#define TCP_STATES(X)                                                                                                       \
	X(ESTABLISHED, 1, N_("The connection is open: both sides may send data, and each has acknowledged the other's SYN."),     \
	  N_("It stays so, even when idle for days, until one side closes or resets it."))                                          \
	X(SYN_SENT, 2, N_("This side has sent its SYN and waits for the peer's SYN+ACK."),                                         \
	  N_("If nothing answers, the kernel repeats the SYN and gives up after a minute or two."))                                 \
	X(SYN_RECV, 3, N_("The peer's SYN has been answered with SYN+ACK; the final ACK of the handshake is missing."),             \
	  N_("The listener itself stays in LISTEN; this entry ends with the ACK, a reset, or after a few repeats."))                \
	X(FIN_WAIT1, 4, N_("This side has closed first: its FIN is sent but not yet acknowledged."),                               \
	  N_("If it stays here, the peer is gone or its window is shut; the kernel repeats the FIN and then gives up."))           \
	X(FIN_WAIT2, 5, N_("Our FIN is acknowledged; we wait for the peer to close its side too."),                                \
	  N_("When the program has closed the socket, the kernel forgets it after tcp_fin_timeout; after a mere shutdown it waits on.")) \
	X(TIME_WAIT, 6, N_("Both FINs are acknowledged; the side that closed first keeps the entry so that late segments do no harm."), \
	  N_("It lasts 60 seconds in Linux, fixed, and repeats the last ACK if the peer repeats its FIN."))                       \
	X(CLOSED, 7, N_("There is no connection, or no longer one."), N_("Nothing is left in the kernel to wait for."))             \
	X(CLOSE_WAIT, 8, N_("The peer has closed; this side's program has not closed its socket yet."),                            \
	  N_("There is no time limit in the kernel: only the program can end this state, by calling close()."))                   \
	X(LAST_ACK, 9, N_("The peer closed first, now we have closed too: our FIN waits for its ACK."),                            \
	  N_("If it stays here, the ACK does not arrive; the kernel repeats the FIN and then gives up."))                          \
	X(LISTEN, 10, N_("A server socket: it accepts connections and is never one itself."),                                      \
	  N_("It stays LISTEN while connections are made from it, until the program closes it."))                                  \
	X(CLOSING, 11, N_("Both sides closed at the same time: the FINs crossed, and ours is not acknowledged yet."),              \
	  N_("With the ACK it becomes TIME_WAIT."))

enum tcp_state {
	STATE_NONE = 0, /* not known */
#define X(name, number, what, end) STATE_##name = number,
	TCP_STATES(X)
#undef X
	STATE_COUNT = 12,
};

#define STATE_BIT(state) (1u << (state))

/* "ESTABLISHED"; "?" for what is no state. Never translated. */
const char *state_name(enum tcp_state state);
/* The state called `name` (any case; '-' as '_'; ss's "close", "estab", "syn-rcvd"…); STATE_NONE if there is none. */
enum tcp_state state_from_name(const char *name);
/* Two sentences for a person, untranslated message ids (look up with _()). NULL for what is no state. */
const char *state_what(enum tcp_state state);
const char *state_end(enum tcp_state state);
/* States that pass by themselves within a round trip or so: SYN_SENT SYN_RECV FIN_WAIT1 CLOSING LAST_ACK. */
bool state_is_passing(enum tcp_state state);
/* The handshake is done in it: ESTABLISHED and all that follow but CLOSED. */
bool state_is_synchronized(enum tcp_state state);
/* States in the order of a connection's life, for display: LISTEN, SYN_SENT, … TIME_WAIT. */
#define STATE_LIFE_COUNT 10
extern const enum tcp_state state_life_order[STATE_LIFE_COUNT];
/* The place of a state in that order; STATE_LIFE_COUNT: it has none. */
unsigned state_life_place(enum tcp_state state);

#endif
