/* The clipboard of the terminal: see clipboard.h. */
#include "clipboard.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool clipboard_is_known(const char *term)
{
	static const char *const without[] = {"linux", "dumb", "vt1", "vt2", "vt52", "ansi", "cons25", "sun"};

	if (!term || !*term)
		return false;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (strncmp(term, without[i], strlen(without[i])) == 0)
			return false;
	return true;
}

/* Base64 (RFC 4648). Returns the length. */
static size_t encode(const char *text, size_t len, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < len ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[at++] = i + k > len ? '=' : letters[bits >> (18 - 6 * k) & 63];
	}
	return at;
}

bool clipboard_sequence(const char *text, char out[CLIPBOARD_SEQUENCE_ROOM])
{
	const size_t len = strlen(text);
	size_t at;

	out[0] = '\0';
	if (len >= CLIPBOARD_TEXT_ROOM)
		return false;
	at = (size_t)snprintf(out, CLIPBOARD_SEQUENCE_ROOM, "\033]52;c;");
	at += encode(text, len, out + at);
	snprintf(out + at, CLIPBOARD_SEQUENCE_ROOM - at, "\a");
	return true;
}
