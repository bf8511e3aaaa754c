/*
 * Fields of a JSON object, quickly: each call adds one whole ,"name":value. The name comes with its punctuation from JSON_KEY, so that a
 * field costs one or two copies and no formatting.
 */
#ifndef OUT_JSON_PUT_H
#define OUT_JSON_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct json_key {
	const char *bytes;
	size_t len;
};
#define JSON_KEY(name) ((struct json_key){",\"" name "\":", sizeof ",\"" name "\":" - 1})

void json_put_number(struct text *t, struct json_key key, uint64_t value);
void json_put_signed(struct text *t, struct json_key key, int64_t value);
void json_put_true(struct text *t, struct json_key key);
/* Hexadecimal, as a string. */
void json_put_hex(struct text *t, struct json_key key, uint64_t value);
/* A word that needs no escaping; NULL adds nothing. */
void json_put_word(struct text *t, struct json_key key, const char *word);
/* Clean text, escaped. */
void json_put_text(struct text *t, struct json_key key, const char *s);
/* RFC 3339. */
void json_put_time(struct text *t, struct json_key key, int64_t ns);

#endif
