/*
 * What was measured: samples and their median, the table for a person, bench.json for a program.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#define SAMPLES_MAX 2048

struct samples {
	unsigned count;
	double values[SAMPLES_MAX];
};

/* What does not fit is left out. */
void samples_add(struct samples *s, double value);
/* 0.5: the median. 0 when there are none. Sorts them. */
double samples_quantile(struct samples *s, double share);

enum must { MUST_NOT, MUST_BE_AT_MOST, MUST_BE_AT_LEAST };

/* Opens bench.json, or whatever `path` is, and begins both. Ends the program when it cannot. */
void result_begin(const char *path, unsigned sockets, unsigned rounds);
/* A row. `samples` (sorted by this) has one value for each run; measured is their median. */
void result_add(const char *figure, const char *what, struct samples *samples, const char *unit, enum must must, double limit);
/* The same for a quantile other than the median. */
void result_add_quantile(const char *figure, const char *what, struct samples *samples, double share, const char *unit, enum must must, double limit);
/* A number that belongs to the row added last: for the file, and in small print below it. */
void result_note(const char *name, double value);
/* Both ends. Returns whether every row reaches what it must. */
bool result_end(void);

#endif
