/* Where things stand in a line of a ladder: columns for the width at hand, chosen from what matters. */
#ifndef SHOW_LADDER_COLUMNS_H
#define SHOW_LADDER_COLUMNS_H

#include "ladder_words.h"
#include "show/ladder.h"

#define LADDER_DELTA_COLUMNS 9

/* Of [2]: the local end, the remote one. -1: left out. */
struct ladder_columns {
	int time, delta, how;
	int label[2];             /* state labels; the local ones end at the lifeline, the remote ones begin there */
	int line[2];              /* lifelines */
	unsigned time_width, how_width, label_width[2], lane;
	bool brief;               /* short names of states */
	bool tight;               /* which touch the lifelines, if need be */
};

struct ladder_columns columns_choose(const struct ladder *l, const struct ladder_style *style, const struct words_clock *clock, unsigned width);

#endif
