/*
 * The one sanitizer. Process names, command lines, cgroups, recordings and remote streams come from strangers; they
 * pass here at the point of entry, and nothing behind it needs to ask again.
 */
#ifndef BASE_CLEAN_H
#define BASE_CLEAN_H

#include <stddef.h>

/* Copies len bytes of foreign text to dst as valid UTF-8 without C0, DEL, C1, bidi controls (U+061C, U+200E/F,
 * U+202A–E, U+2066–9), zero-width characters (U+200B–D, U+2060, U+FEFF), line and paragraph separators, tags and
 * other invisible format characters, or invalid sequences: each is replaced by '?' . Never cuts a rune in half. dst
 * is NUL-terminated (room > 0). Returns the length written. */
size_t clean_copy(char *dst, size_t room, const char *src, size_t len);

#endif
