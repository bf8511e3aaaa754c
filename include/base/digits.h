/* Numbers as digits, quickly: a list of a million sockets has a hundred million of them. No NUL behind them. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 20     /* of 2^64 - 1 */
#define DIGITS_HEX_MAX 16

/* "00" to "99", one behind the other. */
extern const char DIGITS_PAIRS[201];

/* Exactly two; value < 100. Returns their end, as all of these do. */
static inline char *digits_put_two(char *at, unsigned value)
{
	memcpy(at, DIGITS_PAIRS + 2 * value, 2);
	return at + 2;
}

/* As many as it takes, beyond 99. */
char *digits_put_many(char *at, uint64_t value);
/* Lower case, as many as it takes. */
char *digits_put_hex(char *at, uint64_t value);

/* As many as it takes. */
static inline char *digits_put(char *at, uint64_t value)
{
	if (value >= 100)
		return digits_put_many(at, value);
	if (value >= 10)
		return digits_put_two(at, (unsigned)value);
	*at = (char)('0' + value);
	return at + 1;
}

#endif
