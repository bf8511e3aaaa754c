/* Numbers, bytes, ages and spans in few columns. */
#include "show/amount.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

const char *amount_grouped(uint64_t n, char out[AMOUNT_ROOM])
{
	char digits[AMOUNT_ROOM];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

/* One decimal below ten, and never "10.0": rounding goes down, so that a number never looks larger than it is. */
static const char *scaled(uint64_t n, uint64_t unit, const char *name, uint64_t decimals_below, char out[AMOUNT_ROOM])
{
	const uint64_t whole = n / unit, tenth = n % unit / (unit / 10);

	if (whole < decimals_below)
		snprintf(out, AMOUNT_ROOM, "%" PRIu64 ".%" PRIu64 "%s", whole, tenth, name);
	else
		snprintf(out, AMOUNT_ROOM, "%" PRIu64 "%s", whole, name);
	return out;
}

static const struct {
	uint64_t unit;
	const char *count, *bytes;
} scales[] = {
	{1000ull, "k", " kB"},
	{1000000ull, "M", " MB"},
	{1000000000ull, "G", " GB"},
	{1000000000000ull, "T", " TB"},
	{1000000000000000ull, "P", " PB"},
	{1000000000000000000ull, "E", " EB"},
};
#define SCALE_COUNT (sizeof(scales) / sizeof(scales[0]))

static unsigned scale_of(uint64_t n)
{
	unsigned i = 0;

	while (i + 1 < SCALE_COUNT && n / scales[i + 1].unit > 0)
		i++;
	return i;
}

const char *amount_short(uint64_t n, char out[AMOUNT_ROOM])
{
	if (n < 100000) {
		snprintf(out, AMOUNT_ROOM, "%" PRIu64, n);
		return out;
	}
	return scaled(n, scales[scale_of(n)].unit, scales[scale_of(n)].count, 10, out);
}

const char *amount_bytes(uint64_t bytes, char out[AMOUNT_ROOM])
{
	if (bytes < 1000) {
		snprintf(out, AMOUNT_ROOM, "%" PRIu64 " B", bytes);
		return out;
	}
	return scaled(bytes, scales[scale_of(bytes)].unit, scales[scale_of(bytes)].bytes, 1000, out);
}

const char *amount_age(int64_t ns, char out[AMOUNT_ROOM])
{
	const int64_t seconds = ns > 0 ? ns / NS_PER_SECOND : 0;
	const int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (hours < 10)
		snprintf(out, AMOUNT_ROOM, "%d:%02d:%02d", (int)hours, (int)(minutes % 60), (int)(seconds % 60));
	else if (days < 1)
		snprintf(out, AMOUNT_ROOM, "%dh%02dm", (int)hours, (int)(minutes % 60));
	else if (days < 100)
		snprintf(out, AMOUNT_ROOM, "%dd%02dh", (int)days, (int)(hours % 24));
	else
		snprintf(out, AMOUNT_ROOM, "%" PRId64 "d", days);
	return out;
}

/* n/10 units, without ".0". */
static const char *tenths(int64_t n, const char *unit, char out[AMOUNT_ROOM])
{
	if (n % 10 == 0 || n >= 1000)
		snprintf(out, AMOUNT_ROOM, "%" PRId64 "%s", n / 10, unit);
	else
		snprintf(out, AMOUNT_ROOM, "%" PRId64 ".%" PRId64 "%s", n / 10, n % 10, unit);
	return out;
}

const char *amount_span(int64_t ns, char out[AMOUNT_ROOM])
{
	if (ns < 0)
		ns = 0;
	if (ns < NS_PER_MS)
		return tenths(ns / (NS_PER_US / 10), "us", out);
	if (ns < NS_PER_SECOND)
		return tenths(ns / (NS_PER_MS / 10), "ms", out);
	return tenths(ns / (NS_PER_SECOND / 10), "s", out);
}
