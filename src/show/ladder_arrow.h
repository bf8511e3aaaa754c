/* One arrow of a ladder, in the columns between the lifelines. */
#ifndef SHOW_LADDER_ARROW_H
#define SHOW_LADDER_ARROW_H

#include "show/ladder.h"

/*
 * Paints the segment of `row` into `lane`, one row high. progress 1: whole; less: its packet is on its way, and what it has not passed yet is blank.
 * crossed_from_local: for CROSSING_OVER, the direction of the arrow that passes behind.
 */
void arrow_paint(struct area lane, const struct ladder_row *row, double progress, bool crossed_from_local);

#endif
