/* Numbers, bytes, ages and spans in few columns. */
#include "show/amount.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digits.h"

/* Ends it with a unit. */
static const char *ended(char *at, const char *unit, char out[AMOUNT_ROOM])
{
	strcpy(at, unit);
	return out;
}

const char *amount_grouped(uint64_t n, char out[AMOUNT_ROOM])
{
	char digits[DIGITS_MAX];
	const int len = (int)(digits_put(digits, n) - digits);
	char *at = out;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	return ended(at, "", out);
}

/* One decimal below ten, and never "10.0": rounding goes down, so that a number never looks larger than it is. */
static const char *scaled(uint64_t n, uint64_t unit, const char *name, uint64_t decimals_below, char out[AMOUNT_ROOM])
{
	const uint64_t whole = n / unit, tenth = n % unit / (unit / 10);

	char *at = digits_put(out, whole);

	if (whole < decimals_below) {
		*at++ = '.';
		at = digits_put(at, tenth);
	}
	return ended(at, name, out);
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
	if (n < 100000)
		return ended(digits_put(out, n), "", out);
	return scaled(n, scales[scale_of(n)].unit, scales[scale_of(n)].count, 10, out);
}

const char *amount_bytes(uint64_t bytes, char out[AMOUNT_ROOM])
{
	if (bytes < 1000)
		return ended(digits_put(out, bytes), " B", out);
	return scaled(bytes, scales[scale_of(bytes)].unit, scales[scale_of(bytes)].bytes, 1000, out);
}

/* "5:07", "5h07", "5d07" */
static char *put_parts(char *at, uint64_t large, char between, unsigned small)
{
	at = digits_put(at, large);
	*at++ = between;
	return digits_put_two(at, small);
}

const char *amount_age(int64_t ns, char out[AMOUNT_ROOM])
{
	const uint64_t seconds = ns > 0 ? (uint64_t)ns / NS_PER_SECOND : 0;
	const uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
	char *at;

	if (hours < 10) {
		at = put_parts(out, hours, ':', (unsigned)(minutes % 60));
		*at++ = ':';
		return ended(digits_put_two(at, (unsigned)(seconds % 60)), "", out);
	}
	if (days < 1)
		return ended(put_parts(out, hours, 'h', (unsigned)(minutes % 60)), "m", out);
	if (days < 100)
		return ended(put_parts(out, days, 'd', (unsigned)(hours % 24)), "h", out);
	return ended(digits_put(out, days), "d", out);
}

/* n/10 units, without ".0". */
static const char *tenths(uint64_t n, const char *unit, char out[AMOUNT_ROOM])
{
	char *at = digits_put(out, n / 10);

	if (n % 10 && n < 1000) {
		*at++ = '.';
		at = digits_put(at, n % 10);
	}
	return ended(at, unit, out);
}

const char *amount_span(int64_t ns, char out[AMOUNT_ROOM])
{
	const uint64_t span = ns > 0 ? (uint64_t)ns : 0;

	if (span < NS_PER_MS)
		return tenths(span / (NS_PER_US / 10), "us", out);
	if (span < NS_PER_SECOND)
		return tenths(span / (NS_PER_MS / 10), "ms", out);
	return tenths(span / (NS_PER_SECOND / 10), "s", out);
}
