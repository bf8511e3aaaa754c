/* The words and numbers beside a ladder's arrows, fitted to a glyph set. All strings are written whole into the caller's room or cut at a rune. */
#ifndef SHOW_LADDER_WORDS_H
#define SHOW_LADDER_WORDS_H

#include "show/ladder.h"

#define WORDS_ROOM 192

/* "29µs", "11.789ms", "1.20s", "2m14s", "2h14m"; `about` in two digits: "41s". At most eight columns. */
void words_duration(int64_t ns, bool about, const struct glyphs *g, char out[WORDS_ROOM]);
/* "+11.789ms", "≈41.2s"; "" when not known. */
void words_delta(const struct ladder_row *row, const struct glyphs *g, char out[WORDS_ROOM]);

/* How the times of one ladder are told: all in the same way. */
struct words_clock {
	bool wall;            /* hh:mm:ss of the wall clock; else seconds since base_ns */
	int64_t base_ns;      /* the full minute in which the ladder begins */
	int32_t utc_offset_s;
	const struct glyphs *glyphs;
};
struct words_clock words_clock_of(const struct ladder *l, const struct ladder_style *style, const struct glyphs *g);
#define WORDS_TIME_COLUMNS 11
#define WORDS_WALL_COLUMNS 15
/* "41.002113", "82.1–82.3", "≤41.05"; "12:09:41.002113", "12:09:41.0–.3". As many digits as the interval is worth. "" without a time. */
void words_time(const struct words_clock *clock, const struct ladder_row *row, char out[WORDS_ROOM]);

/* "exact", "seen", … in the person's language; "" where there is nothing to say. */
const char *words_how(const struct ladder_row *row);
/* The widest of them. */
unsigned words_how_columns(void);

/* "ESTABLISHED", or short: "ESTAB". */
const char *words_state(enum tcp_state state, bool brief);
/* In seven columns at most. */
const char *words_state_tight(enum tcp_state state);
/* What stands on an arrow: the fullest of "SYN+ACK  seq=0 ack=1", "SYN+ACK seq=0", "SYN+ACK", "S+A" that fits in `columns`; *flags_bytes of it are the flags. */
void words_segment(const struct ladder_row *row, unsigned columns, char out[WORDS_ROOM], unsigned *flags_bytes);
/* The data row, the fullest form that fits. */
void words_data(const struct ladder_row *row, const struct glyphs *g, unsigned columns, char out[WORDS_ROOM]);

#endif
