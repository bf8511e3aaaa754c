/* Numbers as digits: see base/digits.h. */
#include "config.h"

#include "base/digits.h"

const char DIGITS_PAIRS[201] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829" "30313233343536373839" "40414243444546474849"
	"50515253545556575859" "60616263646566676869" "70717273747576777879" "80818283848586878889" "90919293949596979899";

/* From the bits it has: 1233 / 4096 is the logarithm of 2, and where that is one too many the power of ten tells. */
static unsigned count_digits(uint64_t value)
{
	static const uint64_t powers[DIGITS_MAX] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
		100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000, UINT64_C(10000000000000000000),
	};
	const unsigned least = (64 - (unsigned)__builtin_clzll(value | 1)) * 1233 >> 12;

	return least + (value >= powers[least]);
}

char *digits_put_many(char *at, uint64_t value)
{
	char *const end = at + count_digits(value);
	char *first = end;

	for (; value >= 100; value /= 100)
		digits_put_two(first -= 2, (unsigned)(value % 100));
	if (value >= 10)
		digits_put_two(first - 2, (unsigned)value);
	else
		first[-1] = (char)('0' + value);
	return end;
}

char *digits_put_hex(char *at, uint64_t value)
{
	/* From the first nibble that is not 0; of 0 the last one. */
	for (int shift = (63 - __builtin_clzll(value | 1)) & ~3; shift >= 0; shift -= 4)
		*at++ = "0123456789abcdef"[value >> shift & 15];
	return at;
}
