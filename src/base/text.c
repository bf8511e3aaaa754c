/* A growing string: see base/text.h. */
#include "config.h"

#include "base/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/memory.h"
#include "base/utf8.h"

/* Makes room for `more` bytes and the NUL. */
static void text_reserve(struct text *t, size_t more)
{
	size_t room = t->room ? t->room : 64;

	if (more >= SIZE_MAX / 2 - t->len)
		memory_exhausted();
	while (room <= t->len + more)
		room *= 2;
	if (room == t->room)
		return;
	t->bytes = memory_resize(t->bytes, room, 1);
	t->room = room;
}

char *text_make_room(struct text *t, size_t bytes)
{
	text_reserve(t, bytes);
	return t->bytes + t->len;
}

void text_fini(struct text *t)
{
	free(t->bytes);
	*t = (struct text){0};
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->bytes)
		t->bytes[0] = '\0';
}

const char *text_string(const struct text *t)
{
	return t->bytes ? t->bytes : "";
}

void text_add_bytes(struct text *t, const void *bytes, size_t len)
{
	char *at = text_room(t, len);

	if (len)
		memcpy(at, bytes, len);
	text_ends(t, at + len);
}

void text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void text_add_char(struct text *t, char c)
{
	text_add_bytes(t, &c, 1);
}

void text_add_number(struct text *t, uint64_t n)
{
	text_ends(t, digits_put(text_room(t, DIGITS_MAX), n));
}

void text_add_rune(struct text *t, unsigned rune)
{
	char encoded[4];

	text_add_bytes(t, encoded, utf8_encode(rune, encoded));
}

void text_make_ascii(struct text *t, size_t from)
{
	size_t to = from;

	while (from < t->len) {
		unsigned rune, columns;

		from += utf8_decode(t->bytes + from, t->len - from, &rune);
		columns = rune < 0x80 ? 1 : utf8_rune_columns(rune);
		/* None has more columns than bytes. */
		for (unsigned i = 0; i < columns; i++)
			t->bytes[to++] = rune < 0x80 ? (char)rune : '?';
	}
	if (t->bytes)
		text_ends(t, t->bytes + to);
}

void text_addv(struct text *t, const char *format, va_list args)
{
	va_list again;
	int len;

	text_reserve(t, 0);
	va_copy(again, args);
	len = vsnprintf(t->bytes + t->len, t->room - t->len, format, args);
	/* Fails only for more than INT_MAX bytes, or wide characters, which nobody prints. */
	assert(len >= 0);
	if ((size_t)len >= t->room - t->len) {
		text_reserve(t, (size_t)len);
		len = vsnprintf(t->bytes + t->len, t->room - t->len, format, again);
		assert(len >= 0);
	}
	va_end(again);
	t->len += (size_t)len;
}

void text_addf(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_addv(t, format, args);
	va_end(args);
}

static void text_add_spaces(struct text *t, unsigned count)
{
	text_reserve(t, count);
	memset(t->bytes + t->len, ' ', count);
	t->len += count;
	t->bytes[t->len] = '\0';
}

void text_add_padded(struct text *t, const char *s, unsigned columns, int right_aligned, const char *ellipsis)
{
	unsigned width, mark = 0;
	size_t bytes = utf8_fit(s, columns, &width);

	if (s[bytes]) {
		mark = utf8_columns(ellipsis);
		if (mark > columns)
			mark = 0;
		else
			bytes = utf8_fit(s, columns - mark, &width);
	}
	if (right_aligned)
		text_add_spaces(t, columns - width - mark);
	text_add_bytes(t, s, bytes);
	if (mark)
		text_add(t, ellipsis);
	if (!right_aligned)
		text_add_spaces(t, columns - width - mark);
}

void text_add_json(struct text *t, const char *s)
{
	static const char escapes[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	const char *plain = s;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_add_bytes(t, plain, (size_t)(s - plain));
		plain = s + 1;
		if (c >= 0x20)
			text_addf(t, "\\%c", c);
		else if (escapes[c])
			text_addf(t, "\\%c", escapes[c]);
		else
			text_addf(t, "\\u%04x", c);
	}
	text_add_bytes(t, plain, (size_t)(s - plain));
}
