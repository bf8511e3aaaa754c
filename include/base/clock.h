/*
 * Time. One scale for the whole program: nanoseconds of UTC since 1970, but steady: CLOCK_MONOTONIC plus an offset
 * fixed at the first call. A step of the system's clock never reorders events. Only base/, watch/, tui/ and the
 * commands read it; tcp/, track/ and show/ are told the time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_SECOND 1000000000LL

int64_t clock_now_ns(void);
/* The CLOCK_MONOTONIC reading that clock_now_ns() would call `ns`; for absolute waits. */
int64_t clock_to_monotonic_ns(int64_t ns);
/* CPU time of the calling thread. */
int64_t clock_thread_cpu_ns(void);

/* "2026-11-20T12:00:01.250313Z" (RFC 3339, UTC, microseconds); room for CLOCK_RFC3339_ROOM bytes. Returns its length. */
#define CLOCK_RFC3339_ROOM 32
unsigned clock_format_rfc3339(int64_t ns, char out[CLOCK_RFC3339_ROOM]);

#endif
