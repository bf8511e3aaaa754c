/*
 * `synfin events --json` running beside a test that drives sockets by hand. The test waits until it has told of each thing that was done before it does the
 * next, so what must be told is known to the word; and holds the tale of each connection against a pattern.
 *
 * A tale is one line for each event that matters, in their order:
 *   LISTEN>SYN_RECV inferred seq=0 ack=1      an open or a transition, by `edge` where that is told, with numbers where they are told
 *   cause timed_out                           an update that gives a cause
 *   mark illegal
 *   close graceful observed
 *   by remote:edge local:counted              last: opener and closer with their evidence, "-" for what is not known
 */
#ifndef TESTS_WITNESS_H
#define TESTS_WITNESS_H

#include "sockets.h"
#include "stream.h"

/* Group set-up and its end: in a network namespace that the test is in already. Synfin runs as an ordinary user, or as the test's own. */
int witness_start(void **state);
int witness_start_as_self(void **state);
int witness_stop(void **state);

/* What follows fails the running cmocka test, with the tale, when it does not come true within half a minute. */

/* The newest connection with these ends is told to be in the state; STATE_CLOSED: its close is told. */
void witness_await(const struct tuple *t, enum tcp_state state);
bool witness_is_in(const struct tuple *t, enum tcp_state state);
/* The same for the life'th connection, counted from 0, when it is told to have begun. */
void witness_await_life(const struct tuple *t, unsigned life);
/* A line of the newest connection with these ends has this word for the key; NULL: any number. */
void witness_await_key(const struct tuple *t, const char *key, const char *word);
/* The same for a number. */
void witness_await_number(const struct tuple *t, const char *key, int64_t number);
/* A line of it says that these processes, in any order, hold it, and no other (0: fewer); former: that they did. */
void witness_await_holders(const struct tuple *t, pid_t one, pid_t other, bool former);
/* A counter of coverage is told to have reached this. */
void witness_await_coverage(const char *key, uint64_t count);
/* So many whole sweeps have begun and ended since. (It opens connections of its own.) */
void witness_await_sweeps(unsigned count);

/* Synfin is stopped, and sees nothing of what happens until it goes on. */
void witness_pause(void);
void witness_resume(void);

/* The tale of the life'th connection with these ends matches the pattern of fnmatch(3), with FNM_EXTMATCH. It is looked at again at the end, by
 * witness_check_all, as it is then. A later call for the same life replaces the pattern. */
void witness_expect(const struct tuple *t, unsigned life, const char *pattern);
/* The connection is known to the test, which expects nothing of its tale. */
void witness_know(const struct tuple *t);
/* A listener, whose ends are told by its fd. */
void witness_know_listener(int fd);

/* No line of the newest connection with these ends has this key. */
bool witness_lacks(const struct tuple *t, const char *key);
/* How many lines of this kind it has. */
unsigned witness_count(const struct tuple *t, const char *ev);
/* How many connections with these ends are told. */
unsigned witness_lives(const struct tuple *t);
/* The word for the key in the last line of the newest that has it; NULL: none has. Valid until the next line is told. */
const char *witness_word(const struct tuple *t, const char *key);
/* How many different cookies are told of it. */
unsigned witness_cookies(const struct tuple *t);
/* The lines told so far. Valid until the next call. */
const struct stream *witness_stream(void);
/* A number of the last coverage line. */
uint64_t witness_coverage(const char *key);

/* The last test of a program: synfin ends as it should; every tale is still as it was expected, every connection told was known to the test; every edge is
 * legal and goes on from where the one before it ended; a life has one close at most, and it is the end; and no loss is counted. */
void witness_check_all(void **state);

#endif
