/*
 * Amounts as people type them. No strtod: it takes "inf", "0x1p3" and, in some languages, a comma.
 */
#include "base/quantity.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"

#define FRACTION_DIGITS_MAX 9

/* A decimal number: whole + billionths / 10^9. */
struct decimal {
	uint64_t whole, billionths;
};

/* Reads one at *text and moves on; false if there is none, or one beyond 10^18. */
static bool read_decimal(const char **text, struct decimal *d)
{
	const char *s = *text;
	size_t digits = strspn(s, "0123456789"), fraction_digits = 0;

	*d = (struct decimal){0};
	for (size_t i = 0; i < digits; i++, s++) {
		d->whole = d->whole * 10 + (uint64_t)(*s - '0');
		if (d->whole > 1000000000000000000u)
			return false;
	}
	if (*s == '.') {
		fraction_digits = strspn(++s, "0123456789");
		for (size_t i = 0; i < FRACTION_DIGITS_MAX; i++)
			d->billionths = d->billionths * 10 + (i < fraction_digits ? (uint64_t)(s[i] - '0') : 0);
		s += fraction_digits;
		if (!fraction_digits)
			return false;
	}
	*text = s;
	return digits || fraction_digits;
}

int quantity_duration(const char *text, int64_t *ns)
{
	static const struct { const char *name; uint64_t ns; } units[] = {
		{ "", NS_PER_SECOND }, { "s", NS_PER_SECOND }, { "ms", NS_PER_MS }, { "us", NS_PER_US }, { "µs", NS_PER_US },
		{ "m", 60 * NS_PER_SECOND }, { "h", 3600 * NS_PER_SECOND },
	};
	struct decimal d;
	uint64_t whole_ns;

	if (!read_decimal(&text, &d))
		return -EINVAL;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcmp(text, units[i].name))
			continue;
		if (__builtin_mul_overflow(d.whole, units[i].ns, &whole_ns) || whole_ns > INT64_MAX / 2)
			return -EINVAL;
		/* At most 3600 * 10^9 * 10^9, which fits. */
		*ns = (int64_t)(whole_ns + d.billionths * (units[i].ns / 1000) / 1000000);
		return 0;
	}
	return -EINVAL;
}

int quantity_percent(const char *text, double *share)
{
	struct decimal d;

	if (!read_decimal(&text, &d) || (*text && strcmp(text, "%")))
		return -EINVAL;
	*share = ((double)d.whole + (double)d.billionths / 1e9) / 100;
	return 0;
}

int quantity_count(const char *text, uint64_t *count)
{
	struct decimal d;

	if (strchr(text, '.') || !read_decimal(&text, &d) || *text || !d.whole)
		return -EINVAL;
	*count = d.whole;
	return 0;
}
