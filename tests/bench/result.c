/* What was measured: see result.h. */
#include "config.h"

#include "result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *file;
static unsigned rows;
static unsigned missed;

void samples_add(struct samples *s, double value)
{
	if (s->count < SAMPLES_MAX)
		s->values[s->count++] = value;
}

static int compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

double samples_quantile(struct samples *s, double share)
{
	double place;
	unsigned below;

	if (s->count == 0)
		return 0;
	qsort(s->values, s->count, sizeof *s->values, compare);
	place = share * (s->count - 1);
	below = (unsigned)place;
	if (below + 1 >= s->count)
		return s->values[s->count - 1];
	return s->values[below] + (place - below) * (s->values[below + 1] - s->values[below]);
}

void result_begin(const char *path, unsigned sockets, unsigned rounds)
{
	file = fopen(path, "we");
	if (!file) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fprintf(file, "{\"sockets\":%u,\"rounds\":%u,\"figures\":[", sockets, rounds);
	printf("%u sockets, %u rounds; the median, and in brackets the least and the most\n", sockets, rounds);
	printf("%-14s %-56s %12s %-22s %-12s\n", "FIGURE", "WHAT", "MEASURED", "", "MUST");
}

void result_add_quantile(const char *figure, const char *what, struct samples *samples, double share, const char *unit, enum must must, double limit)
{
	static const char *const signs[] = {[MUST_NOT] = "", [MUST_BE_AT_MOST] = "<=", [MUST_BE_AT_LEAST] = ">="};
	double measured = samples_quantile(samples, share), low = samples_quantile(samples, 0), high = samples_quantile(samples, 1);
	bool reached = must == MUST_BE_AT_MOST ? measured <= limit : measured >= limit;
	char value[64], range[64] = "", wanted[64] = "";

	snprintf(value, sizeof value, "%.4g %s", measured, unit);
	if (samples->count > 1)
		snprintf(range, sizeof range, "[%.4g .. %.4g]", low, high);
	if (must != MUST_NOT)
		snprintf(wanted, sizeof wanted, "%s %.4g %s", signs[must], limit, reached ? "ok" : "MISSED");
	missed += must != MUST_NOT && !reached;
	printf("%-14s %-56s %12s %-22s %s\n", figure, what, value, range, wanted);
	fflush(stdout);
	fprintf(file, "%s\n{\"figure\":\"%s\",\"what\":\"%s\",\"measured\":%.6g,\"unit\":\"%s\",\"least\":%.6g,\"most\":%.6g,\"runs\":%u", rows++ ? "}," : "",
	        figure, what, measured, unit, low, high, samples->count);
	if (must != MUST_NOT)
		fprintf(file, ",\"must\":\"%s %.6g\",\"reached\":%s", signs[must], limit, reached ? "true" : "false");
}

void result_add(const char *figure, const char *what, struct samples *samples, const char *unit, enum must must, double limit)
{
	result_add_quantile(figure, what, samples, 0.5, unit, must, limit);
}

void result_note(const char *name, double value)
{
	printf("%-14s   %s %.6g\n", "", name, value);
	fprintf(file, ",\"%s\":%.9g", name, value);
}

bool result_end(void)
{
	fprintf(file, "%s\n],\"missed\":%u}\n", rows ? "}" : "", missed);
	if (ferror(file) | fclose(file)) {
		fprintf(stderr, "bench: bench.json could not be written\n");
		exit(1);
	}
	return missed == 0;
}
