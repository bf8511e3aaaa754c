/* Amounts as people type them. */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stdint.h>

/* "250ms", "1.5s", "10m", "1h", "40us"; a bare number counts seconds. Nanoseconds; 0 or -EINVAL (malformed, or beyond 290 years). */
int quantity_duration(const char *text, int64_t *ns);
/* "5%" or "2.5" as a share: 0.05. 0 or -EINVAL. */
int quantity_percent(const char *text, double *share);
/* A whole number from 1 up. 0 or -EINVAL. */
int quantity_count(const char *text, uint64_t *count);

#endif
