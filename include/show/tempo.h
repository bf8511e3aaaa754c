/*
 * The animation clock: how long a step of TCP is shown to a person.
 *
 * compressed: a step that took Δt lasts clamp(150·(1 + log10(1 + Δt/10 µs)), 150, 1500) ms. Live: as long as it took.
 * 1/N: N times that.
 */
#ifndef SHOW_TEMPO_H
#define SHOW_TEMPO_H

#include <stdint.h>

enum tempo_kind { TEMPO_COMPRESSED, TEMPO_LIVE, TEMPO_SLOWED };

struct tempo {
	uint8_t kind;   /* enum tempo_kind */
	uint16_t slowed_by; /* SLOWED: N of 1/N, 2 … 1000 */
};

/* Milliseconds that a step of delta_ns (< 0: not known, taken as 0) lasts on the screen. */
int64_t tempo_shown_ms(const struct tempo *t, int64_t delta_ns);
/* One notch slower, faster, on the scale COMPRESSED, LIVE, 1/2, 1/5, 1/10 … 1/1000; at its ends nothing changes. */
void tempo_slower(struct tempo *t);
void tempo_faster(struct tempo *t);

#endif
