/*
 * Amounts as a person reads them. Each is written to the caller's `out`, which is also returned. None takes more
 * columns than it says; what is not known is the caller's to show as "-".
 */
#ifndef SHOW_AMOUNT_H
#define SHOW_AMOUNT_H

#include <stdint.h>

#define AMOUNT_ROOM 32

/* "12,481" */
const char *amount_grouped(uint64_t n, char out[AMOUNT_ROOM]);
/* At most 5 columns: "99999", "123k", "1.2M", "410G". Thousands are 1000. */
const char *amount_short(uint64_t n, char out[AMOUNT_ROOM]);
/* "501 B", "1.2 kB", "48.1 MB": at most 8 columns. */
const char *amount_bytes(uint64_t bytes, char out[AMOUNT_ROOM]);
/* At most 7 columns: "0:00:41", "9:59:59", "12h05m", "3d04h", "412d". Below zero counts as zero. */
const char *amount_age(int64_t ns, char out[AMOUNT_ROOM]);
/* A short span: "29us", "11.8ms", "50ms", "1s", "1.5s", "90s". At most 8 columns below a day. */
const char *amount_span(int64_t ns, char out[AMOUNT_ROOM]);

#endif
