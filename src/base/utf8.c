/* UTF-8 and the width of characters: see base/utf8.h. */
#include "config.h"

#include "base/utf8.h"

#include <limits.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* What a lead byte promises: the bytes of the sequence and the least rune that needs as many. */
static size_t lead_length(unsigned char lead, unsigned *bits, unsigned *least)
{
	if (lead >= 0xc2 && lead <= 0xdf) {
		*bits = lead & 0x1fu;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		*bits = lead & 0x0fu;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*bits = lead & 0x07u;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t utf8_decode(const char *s, size_t len, unsigned *rune)
{
	unsigned char lead = (unsigned char)s[0];
	unsigned value, least;
	size_t length;

	if (lead < 0x80) {
		*rune = lead;
		return 1;
	}
	*rune = UTF8_INVALID;
	length = lead_length(lead, &value, &least);
	if (!length || length > len)
		return 1;
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)s[i];

		if ((next & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (next & 0x3fu);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*rune = value;
	return length;
}

size_t utf8_encode(unsigned rune, char out[4])
{
	if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
		rune = UTF8_INVALID;
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xc0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xe0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		out[2] = (char)(0x80 | (rune & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3f));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3f));
	out[3] = (char)(0x80 | (rune & 0x3f));
	return 4;
}

unsigned utf8_rune_columns(unsigned rune)
{
	int width;

	if (rune < 0x20 || (rune >= 0x7f && rune <= 0x9f))
		return 0;
	if (rune < 0x7f)
		return 1;
	/* A locale that does not know the rune (too new, or no UTF-8 locale at all) says -1; a terminal mostly takes
	 * one column. */
	width = wcwidth((wchar_t)rune);
	return width < 0 ? 1 : (unsigned)width;
}

bool utf8_rune_is_word(unsigned rune)
{
	return iswalnum((wint_t)rune) || (rune > 0x9f && utf8_rune_columns(rune) == 0);
}

size_t utf8_fit(const char *s, unsigned columns, unsigned *width)
{
	size_t len = strlen(s), at = 0;
	unsigned taken = 0;

	while (at < len) {
		unsigned rune, wide;
		size_t bytes;

		/* Nearly all of what is measured. */
		if (s[at] >= ' ' && s[at] < 0x7f) {
			if (taken == columns)
				break;
			taken++;
			at++;
			continue;
		}
		bytes = utf8_decode(s + at, len - at, &rune);
		wide = utf8_rune_columns(rune);
		if (wide > columns - taken)
			break;
		taken += wide;
		at += bytes;
	}
	if (width)
		*width = taken;
	return at;
}

unsigned utf8_columns(const char *s)
{
	unsigned width;

	utf8_fit(s, UINT_MAX, &width);
	return width;
}
