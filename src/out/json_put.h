/*
 * Fields of a JSON object, quickly: each call adds one whole ,"name":value. The name comes with its punctuation from JSON_KEY, so that a
 * field costs one or two copies and no formatting: a list of a million sockets is a hundred million digits. What is short is inline, so that
 * the length of its name is a constant.
 */
#ifndef OUT_JSON_PUT_H
#define OUT_JSON_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/digits.h"
#include "base/text.h"

struct json_key {
	const char *bytes;
	size_t len;
};
#define JSON_KEY(name) ((struct json_key){",\"" name "\":", sizeof ",\"" name "\":" - 1})

/* Clean text, escaped. */
void json_put_text(struct text *t, struct json_key key, const char *s);

/* The name, and room for so many bytes behind it. */
static inline char *json_begin(struct text *t, struct json_key key, size_t room)
{
	char *at = text_room(t, key.len + room);

	memcpy(at, key.bytes, key.len);
	return at + key.len;
}

static inline void json_put_number(struct text *t, struct json_key key, uint64_t value)
{
	char *at = json_begin(t, key, DIGITS_MAX);

	text_ends(t, digits_put(at, value));
}

static inline void json_put_signed(struct text *t, struct json_key key, int64_t value)
{
	char *at = json_begin(t, key, DIGITS_MAX + 1);

	if (value < 0)
		*at++ = '-';
	text_ends(t, digits_put(at, value < 0 ? -(uint64_t)value : (uint64_t)value));
}

static inline void json_put_true(struct text *t, struct json_key key)
{
	char *at = json_begin(t, key, 4);

	memcpy(at, "true", 4);
	text_ends(t, at + 4);
}

/* Hexadecimal, as a string. */
static inline void json_put_hex(struct text *t, struct json_key key, uint64_t value)
{
	char *at = json_begin(t, key, DIGITS_HEX_MAX + 2);

	*at++ = '"';
	at = digits_put_hex(at, value);
	*at++ = '"';
	text_ends(t, at);
}

/* A word of so many bytes that needs no escaping. */
static inline void json_put_bytes(struct text *t, struct json_key key, const char *word, size_t len)
{
	char *at = json_begin(t, key, len + 2);

	*at++ = '"';
	memcpy(at, word, len);
	at[len] = '"';
	text_ends(t, at + len + 1);
}

/* The same; NULL adds nothing. */
static inline void json_put_word(struct text *t, struct json_key key, const char *word)
{
	if (word)
		json_put_bytes(t, key, word, strlen(word));
}

/* RFC 3339. */
static inline void json_put_time(struct text *t, struct json_key key, int64_t ns)
{
	char *at = json_begin(t, key, CLOCK_RFC3339_ROOM + 2);

	*at++ = '"';
	at += clock_format_rfc3339(ns, at);
	*at++ = '"';
	text_ends(t, at);
}

#endif
