/* The animation clock. */
#include "show/tempo.h"

#include <math.h>
#include <stddef.h>

#include "base/clock.h"

#define SHOWN_MS 150.0
#define SHOWN_MS_MAX 1500.0
#define KNEE_NS (10.0 * NS_PER_US)

/* The notches of TEMPO_SLOWED. */
static const uint16_t notches[] = {2, 5, 10, 20, 50, 100, 200, 500, 1000};
static const size_t notch_count = sizeof(notches) / sizeof(*notches);

static int64_t compressed_ms(int64_t delta_ns)
{
	double ms = SHOWN_MS * (1 + log10(1 + (double)delta_ns / KNEE_NS));

	return llround(ms < SHOWN_MS_MAX ? ms : SHOWN_MS_MAX);
}

int64_t tempo_shown_ms(const struct tempo *t, int64_t delta_ns)
{
	int64_t delta = delta_ns > 0 ? delta_ns : 0, slowed;

	switch ((enum tempo_kind)t->kind) {
	case TEMPO_LIVE:
		return delta / NS_PER_MS;
	case TEMPO_SLOWED:
		return __builtin_mul_overflow(delta, (int64_t)t->slowed_by, &slowed) ? INT64_MAX / NS_PER_MS : slowed / NS_PER_MS;
	case TEMPO_COMPRESSED:
		break;
	}
	return compressed_ms(delta);
}

void tempo_slower(struct tempo *t)
{
	switch ((enum tempo_kind)t->kind) {
	case TEMPO_COMPRESSED:
		t->kind = TEMPO_LIVE;
		return;
	case TEMPO_LIVE:
		*t = (struct tempo){.kind = TEMPO_SLOWED, .slowed_by = notches[0]};
		return;
	case TEMPO_SLOWED:
		for (size_t i = 0; i < notch_count; i++) {
			if (notches[i] > t->slowed_by) {
				t->slowed_by = notches[i];
				return;
			}
		}
	}
}

void tempo_faster(struct tempo *t)
{
	if (t->kind != TEMPO_SLOWED) {
		t->kind = TEMPO_COMPRESSED;
		return;
	}
	for (size_t i = notch_count; i-- > 0;) {
		if (notches[i] < t->slowed_by) {
			t->slowed_by = notches[i];
			return;
		}
	}
	*t = (struct tempo){.kind = TEMPO_LIVE};
}
