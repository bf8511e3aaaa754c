/* Names of keys, and Hangul taken apart. */
#include "key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static const struct {
	const char *name;
	unsigned key;
} names[] = {
	{"Space", ' '},
	{"Enter", KEY_CODE_ENTER},
	{"Esc", KEY_CODE_ESCAPE},
	{"Tab", '\t'},
	{"Semicolon", ';'}, /* in a configuration file it begins a comment */
#define X(enumerator, text) {text, NAMED_KEY_##enumerator},
	NAMED_KEYS(X)
#undef X
};

/* What has a control character of its own. */
#define CONTROLLED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"

unsigned key_from_name(const char *name, size_t len)
{
	static const char control[] = "Ctrl-";
	unsigned rune;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0)
			return names[i].key;
	if (len == sizeof(control) && strncasecmp(name, control, sizeof(control) - 1) == 0 && strspn(name + len - 1, CONTROLLED) > 0)
		return (unsigned char)name[len - 1] & 0x1fu;
	if (len == 0 || utf8_decode(name, len, &rune) != len || rune == UTF8_INVALID)
		return KEY_CODE_NONE;
	return rune;
}

const char *key_to_name(unsigned key, char out[KEY_NAME_ROOM])
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].key == key) {
			snprintf(out, KEY_NAME_ROOM, "%s", names[i].name);
			return out;
		}
	if (key < ' ')
		snprintf(out, KEY_NAME_ROOM, "Ctrl-%c", (int)(key | 0x40));
	else
		out[utf8_encode(key, out)] = '\0';
	return out;
}

/* The two-set (dubeolsik, KS X 5002) keys of the compatibility jamo U+3131–U+3163, in Unicode's order. */
#define JAMO_FIRST 0x3131u
#define JAMO_LAST 0x3163u
#define VOWEL_FIRST 0x314fu
static const char jamo_keys[JAMO_LAST - JAMO_FIRST + 1][3] = {
	"r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "Q", "qt", "t", "T", "d", "w", "W", "c", "z",
	"x", "v", "g", "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
};

/* A composed syllable is (first · 21 + vowel) · 28 + last (Unicode, section 3.12). The jamo it is made of: */
#define SYLLABLE_FIRST 0xac00u
#define SYLLABLE_LAST 0xd7a3u
#define VOWELS 21u
#define LASTS 28u
static const char first_keys[][2] = {"r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g"};
static const char last_keys[LASTS][3] = {"",   "r",  "R",  "rt", "s",  "sw", "sg", "e", "f",  "fr", "fa", "fq", "ft", "fx",
					 "fv", "fg", "a",  "q",  "qt", "t",  "T",  "d", "w",  "c",  "z",  "x",  "v",  "g"};

static unsigned append(char out[KEY_LATIN_MAX], unsigned count, const char *keys)
{
	while (*keys && count < KEY_LATIN_MAX)
		out[count++] = *keys++;
	return count;
}

unsigned key_latin(unsigned rune, char out[KEY_LATIN_MAX])
{
	unsigned index, count;

	if (rune >= JAMO_FIRST && rune <= JAMO_LAST)
		return append(out, 0, jamo_keys[rune - JAMO_FIRST]);
	if (rune < SYLLABLE_FIRST || rune > SYLLABLE_LAST)
		return 0;
	index = rune - SYLLABLE_FIRST;
	count = append(out, 0, first_keys[index / (VOWELS * LASTS)]);
	count = append(out, count, jamo_keys[VOWEL_FIRST - JAMO_FIRST + index / LASTS % VOWELS]);
	return append(out, count, last_keys[index % LASTS]);
}
