/* INI files: see base/inifile.h. */
#include "base/inifile.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/message.h"
#include "base/utf8.h"

/* What inih reads. Lines are counted here, because it does not tell its handler. */
struct source {
	const char *rest;
	unsigned line;
	const struct inifile_taker *taker;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/*
 * What a line says, without blanks at its ends and comments. inih would take an indented line for more of the value before it, and is built without
 * comments behind values on some systems.
 */
static const char *trimmed(const char *line, size_t *len)
{
	while (*len > 0 && is_blank(*line)) {
		line++;
		(*len)--;
	}
	if (*len > 0 && (*line == ';' || *line == '#'))
		*len = 0;
	for (size_t i = 1; i < *len; i++)
		if (line[i] == ';' && is_blank(line[i - 1]))
			*len = i;
	while (*len > 0 && is_blank(line[*len - 1]))
		(*len)--;
	return line;
}

static bool is_section(const char *line, size_t len)
{
	return len > 2 && line[0] == '[' && memchr(line, ']', len) == line + len - 1;
}

static bool is_key(const char *line, size_t len)
{
	return line[0] != '[' && line[0] != '=' && line[0] != ':' && (memchr(line, '=', len) || memchr(line, ':', len));
}

static void tell_section(const struct source *s, const char *line, size_t len)
{
	char *name = memory_get(len - 1);

	memcpy(name, line + 1, len - 2);
	name[len - 2] = '\0';
	s->taker->section(s->taker->context, name, s->line);
	free(name);
}

/* inih's reader: the next line, or an empty one in place of one with a mistake, for it tells only the first of these, and only at the end. */
static char *next_line(char *out, int room, void *context)
{
	struct source *s = context;
	const char *line = s->rest;
	size_t len = strcspn(line, "\n");
	const char *mistake = NULL;

	if (!*line)
		return NULL;
	s->rest += len + (line[len] == '\n');
	s->line++;
	line = trimmed(line, &len);
	if (len > (size_t)room - 2)
		mistake = N_("the line is too long");
	else if (len > 0 && !is_section(line, len) && !is_key(line, len))
		mistake = N_("neither [section] nor key = value");
	else if (len > 0 && line[0] == '[' && s->taker->section)
		tell_section(s, line, len);
	if (mistake) {
		s->taker->mistake(s->taker->context, mistake, s->line);
		len = 0;
	}
	memcpy(out, line, len);
	out[len] = '\n';
	out[len + 1] = '\0';
	return out;
}

static int take_key(void *context, const char *section, const char *key, const char *value)
{
	const struct source *s = context;

	s->taker->key(s->taker->context, section, key, value, s->line);
	return 1;
}

void inifile_take(const char *text, const struct inifile_taker *taker)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct source s = {.rest = text, .taker = taker};

	if (!strncmp(text, byte_order_mark, strlen(byte_order_mark)))
		s.rest += strlen(byte_order_mark);
	ini_parse_stream(next_line, &s, take_key, &s);
}

/* A file of a person's own may be anything: a directory, a FIFO that nobody writes to, a link to /dev/zero. */
static int open_regular(const char *path)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	int result;

	if (fd < 0 || fstat(fd, &status))
		result = -errno;
	else if (S_ISDIR(status.st_mode))
		result = -EISDIR;
	else if (!S_ISREG(status.st_mode))
		result = -EINVAL;
	else if (status.st_size > INIFILE_BYTES_MAX)
		result = -EFBIG;
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return result;
}

/* The first line that is no text; 0: all are. */
static unsigned find_no_text(const char *bytes, size_t len)
{
	unsigned line = 1;

	while (len > 0) {
		unsigned rune;
		const size_t taken = utf8_decode(bytes, len, &rune);

		if (rune == 0 || (rune == UTF8_INVALID && taken == 1))
			return line;
		line += rune == '\n';
		bytes += taken;
		len -= taken;
	}
	return 0;
}

int inifile_load(const char *path, char **text, unsigned *line)
{
	const int fd = open_regular(path);
	size_t len = 0;
	ssize_t got = 1;
	int result = 0;
	char *bytes;

	*line = 0;
	if (fd < 0)
		return fd;
	bytes = memory_get(INIFILE_BYTES_MAX + 2);
	while (got > 0 && len <= INIFILE_BYTES_MAX) {
		got = read(fd, bytes + len, INIFILE_BYTES_MAX + 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		result = -errno;
	else if (len > INIFILE_BYTES_MAX) /* it has grown meanwhile */
		result = -EFBIG;
	else if ((*line = find_no_text(bytes, len)))
		result = -EILSEQ;
	close(fd);
	if (result) {
		free(bytes);
		return result;
	}
	bytes[len] = '\0';
	*text = bytes;
	return 0;
}
