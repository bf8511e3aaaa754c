/*
 * Fields of a JSON object, read and checked: the counterpart of json_put.h.
 *
 * Each getter says whether the field was there and good. The first mistake is kept and makes the whole line bad, so that the code that reads a line
 * is the list of its fields and no more.
 */
#ifndef OUT_JSON_GET_H
#define OUT_JSON_GET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line being read. */
struct json_source {
	json_t *object;
	uint64_t line;    /* its number, for the error */
	char *error;      /* the reader's */
	size_t error_room;
	bool bad;
};

/* A word of the format and what it stands for. */
struct json_word {
	const char *text; /* NULL: the value has no word */
	uint8_t value;
};
#define JSON_WORDS(words) (words), sizeof(words) / sizeof *(words)

/* Makes the line bad, for this reason (unless there was one before). */
void json_get_failed(struct json_source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A field of `from`, which is the line's object or one inside it. */
bool json_get_string(struct json_source *s, json_t *from, const char *name, const char **out);
bool json_get_number(struct json_source *s, json_t *from, const char *name, uint64_t max, uint64_t *out);
/* Text of a stranger, sanitized. */
void json_get_clean(struct json_source *s, json_t *from, const char *name, char *out, size_t room);

/* Fields of the line's object. What is absent leaves *out as it was. */
bool json_get_u64(struct json_source *s, const char *name, uint64_t *out);
bool json_get_u32(struct json_source *s, const char *name, uint32_t *out);
bool json_get_hex(struct json_source *s, const char *name, uint64_t *out);
bool json_get_time(struct json_source *s, const char *name, int64_t *out);
bool json_get_state(struct json_source *s, const char *name, uint8_t *out);
bool json_get_true(const struct json_source *s, const char *name);
/* 0 for none, and for a word that is not known (of a later program): it says as little. */
uint8_t json_get_word(struct json_source *s, const char *name, const struct json_word *words, size_t count);

#endif
