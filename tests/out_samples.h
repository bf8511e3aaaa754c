/* Events for the tests of out/: of each kind one with every field, and one of which next to nothing is known. */
#ifndef TESTS_OUT_SAMPLES_H
#define TESTS_OUT_SAMPLES_H

#include "out/json_event.h"
#include "track/event.h"

/* A moment: 2026-11-20T12:00:01.250313Z. */
#define SAMPLE_NS 1795176001250313000LL

/* Event number `index`, or false past the last. What it points to is static. */
bool sample_event(unsigned index, struct event *e);
/* An open of which everything is known: 127.0.0.1:49310 → 127.0.0.1:7779, curl[412] fd 5. */
struct event sample_full(enum event_kind kind);
/* The same kind, of which only its number and what made it are known. */
struct event sample_bare(enum event_kind kind);
struct json_header sample_header(void);

#endif
