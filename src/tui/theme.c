/* Reading a theme: from INI to colours. Finding one by name is theme_find.c's. */
#include "theme.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/message.h"

static const char builtin_text[] =
#include "tui/theme_dark.inc"
	;

/* Where inih reads from. Lines are counted here, because it does not tell its handler. */
struct source {
	FILE *file;       /* or */
	const char *text;
	unsigned line;
	bool in_line;     /* the last part did not end its line */
};

struct reading {
	struct theme *theme;
	struct source source;
	unsigned error_line; /* of the first mistake; 0: none */
	char key[64], what[160];
};

static char *next_part(char *out, int room, void *context)
{
	struct source *s = context;
	size_t len;

	if (s->file) {
		if (!fgets(out, room, s->file))
			return NULL;
	} else {
		len = strcspn(s->text, "\n");
		len += s->text[len] == '\n';
		if (len == 0)
			return NULL;
		if (len > (size_t)room - 1)
			len = (size_t)room - 1;
		memcpy(out, s->text, len);
		out[len] = '\0';
		s->text += len;
	}
	s->line += !s->in_line;
	s->in_line = !strchr(out, '\n');
	return out;
}

/* Notes the first mistake. Always 0, which is how a handler tells inih. */
static int mistake(struct reading *r, const char *key, const char *what, const char *word)
{
	if (r->error_line)
		return 0;
	r->error_line = r->source.line;
	clean_copy(r->key, sizeof(r->key), key, strlen(key));
	if (word)
		snprintf(r->what, sizeof(r->what), "%s: %.60s", what, word);
	else
		snprintf(r->what, sizeof(r->what), "%s", what);
	return 0;
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

/* "red, 214, #ffaf00, on blue, bold". Stores the word that is wrong, and returns false. */
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

static int take(void *context, const char *section, const char *key, const char *value)
{
	struct reading *r = context;
	enum role role;
	struct theme_role parsed;
	char wrong[64];

	if (strcmp(section, "theme") == 0) {
		if (strcmp(key, "name") != 0)
			return mistake(r, key, _("no such key; [theme] knows: name"), NULL);
		clean_copy(r->theme->name, sizeof(r->theme->name), value, strlen(value));
		return 1;
	}
	if (strcmp(section, "roles") != 0)
		return mistake(r, key, _("not in [theme] or [roles], but in"), *section ? section : "-");
	role = role_from_name(key);
	if (role == ROLE_COUNT)
		return mistake(r, key, _("no such role"), NULL);
	if (!parse_role(value, &parsed, wrong))
		return mistake(r, key, _("neither a colour nor an attribute"), *wrong ? wrong : "-");
	r->theme->roles[role] = parsed;
	return 1;
}

static void read_from(struct reading *r)
{
	const int line = ini_parse_stream(next_part, &r->source, take, r);

	if (line > 0 && (r->error_line == 0 || (unsigned)line < r->error_line)) {
		r->error_line = (unsigned)line;
		snprintf(r->key, sizeof(r->key), "-");
		snprintf(r->what, sizeof(r->what), "%s", _("neither [section] nor key = value"));
	}
}

void theme_set_builtin(struct theme *t)
{
	struct reading r = {.theme = t, .source.text = builtin_text};

	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		t->roles[i].fore = t->roles[i].ground = nothing_given;
	read_from(&r);
}

int theme_read(struct theme *t, const char *path, struct text *error)
{
	struct theme built = {0};
	struct reading r = {.theme = &built};
	bool failed;

	theme_set_builtin(t);
	built = *t;
	snprintf(built.name, sizeof(built.name), "%s", "-");
	r.source.file = fopen(path, "re");
	if (!r.source.file) {
		const int result = -errno;

		text_addf(error, "%s: %s", path, strerror(-result));
		return result;
	}
	read_from(&r);
	failed = ferror(r.source.file);
	fclose(r.source.file);
	if (failed) {
		text_addf(error, "%s: %s", path, strerror(EIO));
		return -EIO;
	}
	if (r.error_line) {
		text_addf(error, "%s:%u: %s: %s", path, r.error_line, r.key, r.what);
		return -EINVAL;
	}
	*t = built;
	return 0;
}
