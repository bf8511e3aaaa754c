/*
 * A growing string. Owns its bytes; always NUL-terminated; len excludes the NUL. `struct text t = {0}` is empty.
 * Clearing keeps the allocation, so that a text used every tick allocates nothing once it has grown.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t len, room;
};

void text_fini(struct text *t);
void text_clear(struct text *t);
/* The string, never NULL; valid until the next change. */
const char *text_string(const struct text *t);
/* Room for so many bytes behind the string, and a NUL: what is written there belongs to it once text_ends says where it ends. */
char *text_make_room(struct text *t, size_t bytes);
static inline char *text_room(struct text *t, size_t bytes)
{
	return bytes < t->room - t->len ? t->bytes + t->len : text_make_room(t, bytes);
}
static inline void text_ends(struct text *t, char *end)
{
	*end = '\0';
	t->len = (size_t)(end - t->bytes);
}
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const void *bytes, size_t len);
void text_add_char(struct text *t, char c);
/* Its decimal digits. */
void text_add_number(struct text *t, uint64_t n);
/* One code point as UTF-8. */
void text_add_rune(struct text *t, unsigned rune);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(struct text *t, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* From byte `from` on, each character beyond ASCII becomes a '?' in each of its columns: what stands below one another still does. */
void text_make_ascii(struct text *t, size_t from);
/* s, cut to `columns` terminal columns (with an ellipsis glyph if cut) and padded with spaces to exactly that many. */
void text_add_padded(struct text *t, const char *s, unsigned columns, int right_aligned, const char *ellipsis);
/* s as the inside of a JSON string: quotes, backslash and C0 escaped; s must be UTF-8 (base/clean.h sees to that). */
void text_add_json(struct text *t, const char *s);

#endif
