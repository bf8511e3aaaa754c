/*
 * UTF-8 and the width of characters on a terminal. Width comes from wcwidth() under the character type that
 * message_init chose (base/message.h); without any UTF-8 locale each rune is taken as one column.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_INVALID 0xfffdu

/* Decodes one rune at s (len bytes left, len > 0). Stores it and returns the bytes taken (1 and UTF8_INVALID for a
 * bad byte: overlong, surrogate, above U+10FFFF or cut short). RFC 3629. */
size_t utf8_decode(const char *s, size_t len, unsigned *rune);
/* Encodes into out[4]; returns the bytes written; an impossible rune is written as U+FFFD. */
size_t utf8_encode(unsigned rune, char out[4]);
/* Columns: 0 combining, 1, or 2 (wide). Controls count 0. */
unsigned utf8_rune_columns(unsigned rune);
/* A letter or digit of any script, or a mark that stands on one: what a word is made of. As width, it takes a UTF-8 locale; without one there are those of ASCII. */
bool utf8_rune_is_word(unsigned rune);
unsigned utf8_columns(const char *s);
/* The bytes of the longest prefix of s that fits in `columns`; its true width is stored when `width` is not NULL. */
size_t utf8_fit(const char *s, unsigned columns, unsigned *width);

#endif
