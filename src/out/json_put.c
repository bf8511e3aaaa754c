/* Fields of a JSON object, without printf: a list of a million sockets is a hundred million digits. */
#include "config.h"

#include "json_put.h"

#include <string.h>

#include "base/clock.h"

#define DIGITS_MAX 20 /* of 2^64 - 1 */

/* The decimal digits of value, ending before `end`. Returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return end;
}

void json_put_number(struct text *t, struct json_key key, uint64_t value)
{
	char digits[DIGITS_MAX];
	char *first = digits_before(digits + sizeof digits, value);

	text_add_bytes(t, key.bytes, key.len);
	text_add_bytes(t, first, (size_t)(digits + sizeof digits - first));
}

void json_put_signed(struct text *t, struct json_key key, int64_t value)
{
	char digits[DIGITS_MAX + 1];
	char *first = digits_before(digits + sizeof digits, value < 0 ? -(uint64_t)value : (uint64_t)value);

	if (value < 0)
		*--first = '-';
	text_add_bytes(t, key.bytes, key.len);
	text_add_bytes(t, first, (size_t)(digits + sizeof digits - first));
}

void json_put_true(struct text *t, struct json_key key)
{
	text_add_bytes(t, key.bytes, key.len);
	text_add_bytes(t, "true", 4);
}

void json_put_hex(struct text *t, struct json_key key, uint64_t value)
{
	char quoted[16 + 2];
	char *first = quoted + sizeof quoted;

	*--first = '"';
	do {
		*--first = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	*--first = '"';
	text_add_bytes(t, key.bytes, key.len);
	text_add_bytes(t, first, (size_t)(quoted + sizeof quoted - first));
}

void json_put_word(struct text *t, struct json_key key, const char *word)
{
	if (!word)
		return;
	text_add_bytes(t, key.bytes, key.len);
	text_add_char(t, '"');
	text_add(t, word);
	text_add_char(t, '"');
}

void json_put_text(struct text *t, struct json_key key, const char *s)
{
	text_add_bytes(t, key.bytes, key.len);
	text_add_char(t, '"');
	text_add_json(t, s);
	text_add_char(t, '"');
}

void json_put_time(struct text *t, struct json_key key, int64_t ns)
{
	char stamp[CLOCK_RFC3339_ROOM];
	unsigned len = clock_format_rfc3339(ns, stamp);

	text_add_bytes(t, key.bytes, key.len);
	text_add_char(t, '"');
	text_add_bytes(t, stamp, len);
	text_add_char(t, '"');
}
