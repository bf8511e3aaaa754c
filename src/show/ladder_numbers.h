/* Relative and absolute numbers. */
#ifndef SHOW_LADDER_NUMBERS_H
#define SHOW_LADDER_NUMBERS_H

#include "show/ladder.h"

/* Finds each end's first number, where it was reported, and makes all numbers relative to it. */
void numbers_settle(struct ladder *l);

#endif
