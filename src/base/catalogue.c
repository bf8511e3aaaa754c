/* A reader of .mo files: see base/catalogue.h beside this file. */
#include "config.h"

#include "catalogue.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format.h"
#include "base/memory.h"
#include "base/utf8.h"

#define MAGIC 0x950412deu
#define FILE_BYTES_MAX (16u << 20)

/* Offsets of the header's fields. */
#define AT_MAGIC 0
#define AT_REVISION 4
#define AT_COUNT 8
#define AT_TEXTS 12
#define AT_TRANSLATIONS 16
#define HEADER_BYTES 28
/* An entry of either table: length and offset of a string. */
#define ENTRY_BYTES 8

struct message {
	const char *text, *translation;
};

struct catalogue {
	unsigned char *bytes;
	size_t len;
	bool swapped, sound;
	size_t count;
	struct message *messages; /* sorted by text */
};

/* The caller has checked that four bytes are there. */
static uint32_t read_number(const struct catalogue *c, size_t at)
{
	uint32_t number;

	memcpy(&number, c->bytes + at, sizeof(number));
	return c->swapped ? __builtin_bswap32(number) : number;
}

/* The string that an entry names, or NULL if it is not wholly inside the file, its NUL included. */
static const char *read_string(const struct catalogue *c, size_t entry)
{
	size_t len = read_number(c, entry), at = read_number(c, entry + 4);

	if (at >= c->len || len >= c->len - at || c->bytes[at + len] != '\0')
		return NULL;
	return (const char *)c->bytes + at;
}

static bool is_plain_text(const char *s)
{
	size_t len = strlen(s);

	while (len > 0) {
		unsigned rune;
		size_t bytes = utf8_decode(s, len, &rune);

		if (rune == UTF8_INVALID && bytes == 1)
			return false;
		if ((rune < 0x20 && rune != '\n' && rune != '\t') || rune == 0x7f)
			return false;
		s += bytes;
		len -= bytes;
	}
	return true;
}

static int compare_messages(const void *a, const void *b)
{
	return strcmp(((const struct message *)a)->text, ((const struct message *)b)->text);
}

static int catalogue_parse(struct catalogue *c)
{
	size_t texts, translations, count, last_table;

	if (c->len < HEADER_BYTES)
		return -EBADMSG;
	if (read_number(c, AT_MAGIC) != MAGIC) {
		c->swapped = true;
		if (read_number(c, AT_MAGIC) != MAGIC)
			return -EBADMSG;
	}
	/* The upper half is the major revision; the lower may grow compatibly. */
	if (read_number(c, AT_REVISION) >> 16 > 1)
		return -EBADMSG;
	count = read_number(c, AT_COUNT);
	texts = read_number(c, AT_TEXTS);
	translations = read_number(c, AT_TRANSLATIONS);
	if (count > c->len / ENTRY_BYTES)
		return -EBADMSG;
	last_table = c->len - count * ENTRY_BYTES;
	if (texts > last_table || translations > last_table)
		return -EBADMSG;

	c->messages = memory_get_zeroed(count, sizeof(*c->messages));
	c->sound = true;
	for (size_t i = 0; i < count; i++) {
		const char *text = read_string(c, texts + i * ENTRY_BYTES);
		const char *translation = read_string(c, translations + i * ENTRY_BYTES);

		if (!text || !translation)
			return -EBADMSG;
		/* The empty text is the catalogue's header; an empty translation, none. */
		if (!*text || !*translation)
			continue;
		if (is_plain_text(translation) && format_fits(text, translation))
			c->messages[c->count++] = (struct message){.text = text, .translation = translation};
		else
			c->sound = false;
	}
	/* They come sorted, if nothing is wrong with the file. */
	if (c->count > 0)
		qsort(c->messages, c->count, sizeof(*c->messages), compare_messages);
	return 0;
}

static int catalogue_read(struct catalogue *c, FILE *file)
{
	struct stat status;

	if (fstat(fileno(file), &status))
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
		return -EBADMSG;
	c->len = (size_t)status.st_size;
	c->bytes = memory_get(c->len);
	/* Shorter than it was a moment ago: being replaced. */
	if (fread(c->bytes, 1, c->len, file) != c->len)
		return -EBADMSG;
	return catalogue_parse(c);
}

int catalogue_load(const char *path, struct catalogue **out)
{
	FILE *file = fopen(path, "re");
	struct catalogue *c;
	int error;

	if (!file)
		return -errno;
	c = memory_get_zeroed(1, sizeof(*c));
	error = catalogue_read(c, file);
	fclose(file);
	if (error) {
		catalogue_free(c);
		return error;
	}
	*out = c;
	return 0;
}

void catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	free(c->messages);
	free(c->bytes);
	free(c);
}

const char *catalogue_find(const struct catalogue *c, const char *text)
{
	const struct message key = {.text = text};
	const struct message *found;

	if (c->count == 0)
		return NULL;
	found = bsearch(&key, c->messages, c->count, sizeof(*c->messages), compare_messages);
	return found ? found->translation : NULL;
}

const char *catalogue_probe(const struct catalogue *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->messages[i].text, c->messages[i].translation))
			return c->messages[i].text;
	return NULL;
}

bool catalogue_is_sound(const struct catalogue *c)
{
	return c->sound;
}
