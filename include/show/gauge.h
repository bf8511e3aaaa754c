/* Small pictures of numbers: a bar by eighths of a cell, a sparkline of a series. */
#ifndef SHOW_GAUGE_H
#define SHOW_GAUGE_H

#include "show/canvas.h"

/* value of max as a bar of at most `width` columns; anything above 0 is at least an eighth. */
void gauge_bar(struct area area, int row, int column, unsigned width, enum role role, uint64_t value, uint64_t max);
/* One column for each value, oldest first; all of them zero is a base line. Zeros are dim. */
void gauge_spark(struct area area, int row, int column, enum role role, const uint32_t *values, unsigned count, uint32_t max);

#endif
