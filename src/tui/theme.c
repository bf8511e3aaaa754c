/* Reading a theme: from INI to colours. Finding one by name is theme_find.c's. */
#include "theme.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"

static const char builtin_text[] =
#include "tui/theme_dark.inc"
	;

/* A file larger than this is no theme. */
#define FILE_BYTES_MAX (64 * 1024)
#define MISTAKES_MAX 20

/* What inih reads. Lines are counted here, because it does not tell its handler. */
struct source {
	const char *text;
	unsigned line;
};

struct reading {
	struct theme *theme;
	struct source source;
	const char *path;
	struct text *error; /* a line for each mistake; NULL: none are expected */
	unsigned mistakes;
	bool described;     /* in the person's language */
};

/*
 * Notes one mistake; `word` (may be NULL) is what is wrong there. Always 1: reading goes on, so that all are told at
 * once.
 */
static int mistake(struct reading *r, const char *key, const char *what, const char *word)
{
	char clean_key[64], clean_word[64];

	if (!r->error || ++r->mistakes > MISTAKES_MAX)
		return 1;
	clean_copy(clean_key, sizeof(clean_key), key, strlen(key));
	text_addf(r->error, "%s%s:%u: ", r->mistakes > 1 ? "\n" : "", r->path, r->source.line);
	if (*clean_key)
		text_addf(r->error, "%s: ", clean_key);
	text_add(r->error, what);
	if (word) {
		clean_copy(clean_word, sizeof(clean_word), word, strlen(word));
		text_addf(r->error, ": '%s'", clean_word);
	}
	return 1;
}

/* What inih would refuse: it tells only the first of such lines, and only at the end. */
static bool is_readable(const char *line, size_t len)
{
	while (len > 0 && (*line == ' ' || *line == '\t' || *line == '\r')) {
		line++;
		len--;
	}
	if (len == 0 || *line == ';' || *line == '#')
		return true;
	if (*line == '[')
		return memchr(line, ']', len) != NULL;
	return *line != '=' && (memchr(line, '=', len) || memchr(line, ':', len));
}

/* inih's reader: the next line, or an empty one in place of one with a mistake. */
static char *next_line(char *out, int room, void *context)
{
	struct reading *r = context;
	const char *line = r->source.text;
	size_t len = strcspn(line, "\n");

	if (!*line)
		return NULL;
	r->source.text += len + (line[len] == '\n');
	r->source.line++;
	if (len > (size_t)room - 2) {
		mistake(r, "", _("the line is too long"), NULL);
		len = 0;
	} else if (!is_readable(line, len)) {
		mistake(r, "", _("neither [section] nor key = value"), NULL);
		len = 0;
	}
	memcpy(out, line, len);
	out[len] = '\n';
	out[len + 1] = '\0';
	return out;
}

static bool parse_named(const char *word, int32_t *out)
{
	static const char *const names[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
	static const char bright[] = "bright-";
	int32_t base = 0;

	if (strcmp(word, "default") == 0) {
		*out = COLOR_OWN;
		return true;
	}
	if (strncmp(word, bright, sizeof(bright) - 1) == 0) {
		word += sizeof(bright) - 1;
		base = 8;
	}
	for (int32_t i = 0; i < 8; i++)
		if (strcmp(word, names[i]) == 0) {
			*out = base + i;
			return true;
		}
	return false;
}

static bool parse_number(const char *word, int radix, size_t digits_max, int32_t most, int32_t *out)
{
	char *end;
	long n;

	if (!*word || strlen(word) > digits_max || !strchr("0123456789abcdefABCDEF", *word))
		return false;
	n = strtol(word, &end, radix);
	if (*end || n < 0 || n > most)
		return false;
	*out = (int32_t)n;
	return true;
}

static bool parse_color(const char *word, struct theme_color *color)
{
	if (word[0] == '#')
		return strlen(word) == 7 && parse_number(word + 1, 16, 6, 0xffffff, &color->direct);
	return parse_named(word, &color->named) || parse_number(word, 10, 3, 255, &color->indexed);
}

static bool parse_attribute(const char *word, uint8_t *attributes)
{
	static const struct {
		const char *name;
		uint8_t attribute;
	} known[] = {
		{"bold", THEME_BOLD}, {"dim", THEME_DIM}, {"italic", THEME_ITALIC}, {"underline", THEME_UNDERLINE}, {"reverse", THEME_REVERSE},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(word, known[i].name) == 0) {
			*attributes |= known[i].attribute;
			return true;
		}
	return false;
}

static const struct theme_color nothing_given = {COLOR_NOT_GIVEN, COLOR_NOT_GIVEN, COLOR_NOT_GIVEN};

static char *trimmed(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	for (len = strlen(s); len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'); len--)
		s[len - 1] = '\0';
	return s;
}

/* "red, 214, #ffaf00, on blue, bold". Copies the word that is wrong, and returns false. */
static bool parse_role(const char *value, struct theme_role *role, char wrong[64])
{
	char copy[256], *rest = copy, *part;

	*role = (struct theme_role){.given = true, .fore = nothing_given, .ground = nothing_given};
	snprintf(copy, sizeof(copy), "%s", value);
	while ((part = strsep(&rest, ",")) != NULL) {
		char *word = trimmed(part);
		bool understood;

		if (strncmp(word, "on ", 3) == 0)
			understood = parse_color(trimmed(word + 3), &role->ground);
		else
			understood = parse_color(word, &role->fore) || parse_attribute(word, &role->attributes);
		if (understood)
			continue;
		clean_copy(wrong, 64, word, strlen(word));
		return false;
	}
	return true;
}

/* "description", "description[ko]": as in desktop files. False: it is neither. */
static bool take_description(struct reading *r, const char *key, const char *value)
{
	static const char word[] = "description";
	const char *in = key + sizeof(word) - 1;
	const size_t len = strlen(message_language());
	char *out = r->theme->description;

	if (strncmp(key, word, sizeof(word) - 1) != 0 || (*in && (*in != '[' || strlen(in) < 3 || in[strlen(in) - 1] != ']')))
		return false;
	if (*in ? strncmp(in + 1, message_language(), len) != 0 || strcmp(in + 1 + len, "]") != 0 : r->described)
		return true;
	r->described = *in;
	clean_copy(out, sizeof(r->theme->description), value, strlen(value));
	return true;
}

static int take(void *context, const char *section, const char *key, const char *value)
{
	struct reading *r = context;
	enum role role;
	struct theme_role parsed;
	char wrong[64];

	if (strcmp(section, "theme") == 0) {
		if (take_description(r, key, value))
			return 1;
		if (strcmp(key, "name") != 0)
			return mistake(r, key, _("no such key; [theme] knows: name, description"), NULL);
		clean_copy(r->theme->name, sizeof(r->theme->name), value, strlen(value));
		return 1;
	}
	if (!*section)
		return mistake(r, key, _("stands before the first section; colours belong under [roles]"), NULL);
	if (strcmp(section, "roles") != 0)
		return mistake(r, key, _("no such section; there are [theme] and [roles]"), section);
	role = role_from_name(key);
	if (role == ROLE_COUNT)
		return mistake(r, key, _("no such role"), NULL);
	if (parse_role(value, &parsed, wrong)) {
		r->theme->roles[role] = parsed;
		return 1;
	}
	return *wrong ? mistake(r, key, _("neither a colour nor an attribute"), wrong) :
			mistake(r, key, _("a colour or an attribute is missing"), NULL);
}

void theme_set_builtin(struct theme *t)
{
	struct reading r = {.theme = t, .source.text = builtin_text};

	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		t->roles[i].fore = t->roles[i].ground = nothing_given;
	ini_parse_stream(next_line, &r, take, &r);
}

/* A file of a person's own may be anything: a directory, a FIFO that nobody writes to, a link to /dev/zero. */
static int open_regular(const char *path, struct text *error)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	int result;

	if (fd < 0 || fstat(fd, &status)) {
		result = -errno;
		text_addf(error, "%s: %s", path, strerror(-result));
	} else if (S_ISDIR(status.st_mode)) {
		result = -EISDIR;
		text_addf(error, _("%s is a directory"), path);
	} else if (!S_ISREG(status.st_mode)) {
		result = -EINVAL;
		text_addf(error, _("%s is no regular file"), path);
	} else if (status.st_size > FILE_BYTES_MAX) {
		result = -EFBIG;
		text_addf(error, _("%s is too large for a theme"), path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return result;
}

/* The whole file, ended by a NUL; the caller's to free. */
static int read_whole(const char *path, char **out, struct text *error)
{
	const int fd = open_regular(path, error);
	size_t len = 0;
	ssize_t got = 1;
	char *bytes;

	if (fd < 0)
		return fd;
	bytes = memory_get(FILE_BYTES_MAX + 1);
	while (got > 0 && len < FILE_BYTES_MAX) {
		got = read(fd, bytes + len, FILE_BYTES_MAX - len);
		len += got > 0 ? (size_t)got : 0;
	}
	bytes[len] = '\0';
	close(fd);
	if (got < 0 || memchr(bytes, '\0', len)) {
		text_addf(error, got < 0 ? _("%s cannot be read") : _("%s is no text"), path);
		free(bytes);
		return got < 0 ? -EIO : -EINVAL;
	}
	*out = bytes;
	return 0;
}

int theme_read(struct theme *t, const char *path, struct text *error)
{
	struct theme built;
	struct reading r = {.theme = &built, .path = path, .error = error};
	char *bytes;
	int result;

	theme_set_builtin(t);
	built = *t;
	snprintf(built.name, sizeof(built.name), "%s", "-");
	built.description[0] = '\0';
	result = read_whole(path, &bytes, error);
	if (result)
		return result;
	r.source.text = bytes;
	ini_parse_stream(next_line, &r, take, &r);
	free(bytes);
	if (r.mistakes > MISTAKES_MAX)
		text_addf(error, "\n%s: +%u", path, r.mistakes - MISTAKES_MAX);
	if (r.mistakes)
		return -EINVAL;
	*t = built;
	return 0;
}
