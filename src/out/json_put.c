/* Fields of a JSON object: see json_put.h. */
#include "config.h"

#include "json_put.h"

char *json_digits(char *at, uint64_t value)
{
	char digits[JSON_DIGITS_MAX], *first = digits + sizeof digits;
	size_t len;

	do {
		*--first = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	len = (size_t)(digits + sizeof digits - first);
	memcpy(at, first, len);
	return at + len;
}

char *json_hex_digits(char *at, uint64_t value)
{
	unsigned shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		*at++ = "0123456789abcdef"[value >> shift & 15];
		if (!shift)
			return at;
	}
}

void json_put_text(struct text *t, struct json_key key, const char *s)
{
	text_add_bytes(t, key.bytes, key.len);
	text_add_char(t, '"');
	text_add_json(t, s);
	text_add_char(t, '"');
}
