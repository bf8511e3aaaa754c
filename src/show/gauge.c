/* Bars and sparklines. */
#include "show/gauge.h"

#define EIGHTHS 8
#define SPARK_LEVELS 8

void gauge_bar(struct area area, int row, int column, unsigned width, enum role role, uint64_t value, uint64_t max)
{
	const struct glyphs *glyphs = area.canvas->glyphs;
	uint64_t eighths;
	unsigned whole;

	if (value == 0 || max == 0 || width == 0)
		return;
	if (value > max)
		value = max;
	eighths = (uint64_t)((double)value / (double)max * width * EIGHTHS + 0.5);
	if (eighths == 0)
		eighths = 1;
	whole = (unsigned)(eighths / EIGHTHS);
	area_repeat(area, row, column, whole, role, glyphs->bars[EIGHTHS]);
	if (eighths % EIGHTHS)
		area_repeat(area, row, column + (int)whole, 1, role, glyphs->bars[eighths % EIGHTHS]);
}

void gauge_spark(struct area area, int row, int column, enum role role, const uint32_t *values, unsigned count, uint32_t max)
{
	for (unsigned i = 0; i < count; i++) {
		const uint32_t value = values[i] < max ? values[i] : max;
		const unsigned level = value == 0 ? 0 : 1 + (unsigned)((uint64_t)value * (SPARK_LEVELS - 2) / max);

		area_repeat(area, row, column + (int)i, 1, level ? role : ROLE_DIM, area.canvas->glyphs->sparks[level]);
	}
}
