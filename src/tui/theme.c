/* Reading a theme: from INI to colours. Finding one by name is theme_find.c's. */
#include "theme.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/inifile.h"
#include "base/memory.h"
#include "base/message.h"

static const char builtin_text[] =
#include "tui/theme_dark.inc"
	;

#define MISTAKES_MAX 20

struct reading {
	struct theme *theme;
	const char *path; /* clean */
	unsigned line;
	struct text *error; /* a line for each mistake; NULL: none are expected */
	unsigned mistakes;
	bool described;     /* in the person's language */
};

/* Notes one mistake; `word` (may be NULL) is what is wrong there. Reading goes on, so that all are told at once. */
static void mistake(struct reading *r, const char *key, const char *what, const char *word)
{
	char clean_key[64], clean_word[64];

	if (!r->error || ++r->mistakes > MISTAKES_MAX)
		return;
	clean_copy(clean_key, sizeof(clean_key), key, strlen(key));
	text_addf(r->error, "%s%s:%u: ", r->mistakes > 1 ? "\n" : "", r->path, r->line);
	if (*clean_key)
		text_addf(r->error, "%s: ", clean_key);
	text_add(r->error, what);
	if (word) {
		clean_copy(clean_word, sizeof(clean_word), word, strlen(word));
		text_addf(r->error, ": '%s'", clean_word);
	}
}

static void take_mistake(void *context, const char *what, unsigned line)
{
	struct reading *r = context;

	r->line = line;
	mistake(r, "", _(what), NULL);
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

static void take_role(struct reading *r, const char *key, const char *value)
{
	const enum role role = role_from_name(key);
	struct theme_role parsed;
	char wrong[64];

	if (role == ROLE_COUNT)
		mistake(r, key, _("no such role"), NULL);
	else if (parse_role(value, &parsed, wrong))
		r->theme->roles[role] = parsed;
	else if (*wrong)
		mistake(r, key, _("neither a colour nor an attribute"), wrong);
	else
		mistake(r, key, _("a colour or an attribute is missing"), NULL);
}

static void take_key(void *context, const char *section, const char *key, const char *value, unsigned line)
{
	struct reading *r = context;

	r->line = line;
	if (strcmp(section, "roles") == 0)
		take_role(r, key, value);
	else if (!*section)
		mistake(r, key, _("stands before the first section; colours belong under [roles]"), NULL);
	else if (strcmp(section, "theme") != 0)
		mistake(r, key, _("no such section; there are [theme] and [roles]"), section);
	else if (take_description(r, key, value))
		return;
	else if (strcmp(key, "name") != 0)
		mistake(r, key, _("no such key; [theme] knows: name, description"), NULL);
	else
		clean_copy(r->theme->name, sizeof(r->theme->name), value, strlen(value));
}

static void take(struct reading *r, const char *text)
{
	const struct inifile_taker taker = {.key = take_key, .mistake = take_mistake, .context = r};

	inifile_take(text, &taker);
}

void theme_set_builtin(struct theme *t)
{
	struct reading r = {.theme = t};

	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		t->roles[i].fore = t->roles[i].ground = nothing_given;
	take(&r, builtin_text);
}

/* `path`: clean. `line`: of what is no text. */
static void say_unreadable(const char *path, int why, unsigned line, struct text *error)
{
	switch (why) {
	case -EISDIR: text_addf(error, _("%s is a directory"), path); break;
	case -EINVAL: text_addf(error, _("%s is no regular file"), path); break;
	case -EFBIG: text_addf(error, _("%s is too large for a theme"), path); break;
	case -EILSEQ: text_addf(error, "%s:%u: %s", path, line, _("is no text in UTF-8")); break;
	default: text_addf(error, "%s: %s", path, strerror(-why)); break;
	}
}

static int take_file(struct reading *r, const char *path)
{
	char *bytes;
	unsigned line;
	const int result = inifile_load(path, &bytes, &line);

	if (result) {
		say_unreadable(r->path, result, line, r->error);
		return result;
	}
	take(r, bytes);
	free(bytes);
	if (r->mistakes > MISTAKES_MAX)
		text_addf(r->error, "\n%s: +%u", r->path, r->mistakes - MISTAKES_MAX);
	return r->mistakes ? -EINVAL : 0;
}

int theme_read(struct theme *t, const char *path, struct text *error)
{
	const size_t len = strlen(path);
	char *clean_path = memory_get(len + 1);
	struct theme built;
	struct reading r = {.theme = &built, .path = clean_path, .error = error};
	int result;

	clean_copy(clean_path, len + 1, path, len);
	theme_set_builtin(t);
	built = *t;
	snprintf(built.name, sizeof(built.name), "%s", "-");
	built.description[0] = '\0';
	result = take_file(&r, path);
	if (!result)
		*t = built;
	free(clean_path);
	return result;
}
