/* The one sanitizer: see base/clean.h. Owns the list of what never reaches a terminal. */
#include "config.h"

#include "base/clean.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/*
 * In order. The format characters and fillers that Unicode calls Default_Ignorable_Code_Point (they draw nothing, so
 * that two names look the same), all bidi controls, line and paragraph separators, noncharacters. Controls and
 * U+xxFFFE/F of each plane are tested apart.
 */
static const struct range {
	unsigned first, last;
} unwanted[] = {
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* combining grapheme joiner */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x115f, 0x1160},   /* Hangul fillers */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels */
	{0x180b, 0x180f},   /* Mongolian variation selectors and vowel separator */
	{0x200b, 0x200f},   /* zero-width characters and directional marks */
	{0x2028, 0x202e},   /* line and paragraph separators, embeddings and overrides */
	{0x2060, 0x206f},   /* word joiner, invisible operators, isolates, deprecated format characters */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xfdd0, 0xfdef},   /* noncharacters */
	{0xfe00, 0xfe0f},   /* variation selectors: they also change a character's width */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* halfwidth Hangul filler */
	{0xfff0, 0xfffb},   /* reserved, interlinear annotation */
	{0x13430, 0x1343f}, /* Egyptian hieroglyph format controls */
	{0x1bca0, 0x1bca3}, /* shorthand format controls */
	{0x1d173, 0x1d17a}, /* musical format controls */
	{0xe0000, 0xe0fff}, /* tags, variation selectors supplement */
};

static bool is_unwanted(unsigned rune)
{
	if (rune < 0x20 || (rune >= 0x7f && rune <= 0x9f) || (rune & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]) && rune >= unwanted[i].first; i++)
		if (rune <= unwanted[i].last)
			return true;
	return false;
}

size_t clean_copy(char *dst, size_t room, const char *src, size_t len)
{
	size_t written = 0;

	while (len > 0) {
		unsigned rune;
		size_t bytes = utf8_decode(src, len, &rune);
		const char *from = src;
		size_t take = bytes;

		/* A replacement character that was really there takes three bytes. */
		if ((rune == UTF8_INVALID && bytes == 1) || is_unwanted(rune)) {
			from = "?";
			take = 1;
		}
		if (take >= room - written)
			break;
		memcpy(dst + written, from, take);
		written += take;
		src += bytes;
		len -= bytes;
	}
	dst[written] = '\0';
	return written;
}
