/* What the configuration says, and where: see configuration.h. */
#include "config.h"

#include "configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/inifile.h"
#include "base/memory.h"

#define FILE_NAME "synfin/config"
#define KEYS_SECTION "keys"

static struct config_line *add_line(struct configuration *c, enum config_kind kind, unsigned file, unsigned line)
{
	struct config_line *added;

	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 32;
		c->lines = memory_resize(c->lines, c->room, sizeof *c->lines);
	}
	added = &c->lines[c->count++];
	*added = (struct config_line){ .kind = kind, .file = file, .line = line };
	return added;
}

/* ---- files ---- */

static void take_section(void *context, const char *name, unsigned line)
{
	struct configuration *c = context;

	if (strcmp(name, KEYS_SECTION))
		add_line(c, CONFIG_SECTION, c->file_count, line)->key = memory_copy_string(name);
}

static void take_key(void *context, const char *section, const char *key, const char *value, unsigned line)
{
	struct configuration *c = context;
	const bool binding = !strcmp(section, KEYS_SECTION);
	struct config_line *added;

	if (*section && !binding) /* told at the section */
		return;
	added = add_line(c, binding ? CONFIG_BINDING : CONFIG_SETTING, c->file_count, line);
	added->key = memory_copy_string(key);
	added->value = memory_copy_string(value);
}

static void take_mistake(void *context, const char *what, unsigned line)
{
	struct configuration *c = context;

	add_line(c, CONFIG_BROKEN, c->file_count, line)->broken = what;
}

/* `asked_for`: it is no matter of course that it may not be there. */
static void load_file(struct configuration *c, const char *path, bool asked_for)
{
	const struct inifile_taker taker = { .section = take_section, .key = take_key, .mistake = take_mistake, .context = c };
	const size_t len = strlen(path);
	char *text = NULL;
	unsigned line;
	int error;

	if (c->file_count == CONFIGURATION_FILES_MAX)
		return;
	error = inifile_load(path, &text, &line);
	if ((error == -ENOENT || error == -ENOTDIR) && !asked_for)
		return;
	c->paths[c->file_count] = memory_get(len + 1);
	clean_copy(c->paths[c->file_count++], len + 1, path, len);
	if (error)
		add_line(c, CONFIG_UNREADABLE, c->file_count, line)->error = error;
	else
		inifile_take(text, &taker);
	free(text);
}

/* In a directory that is named in full (XDG Base Directory Specification: others are passed over). */
static void load_from(struct configuration *c, const char *directory, size_t len, const char *below)
{
	struct text path = {0};

	if (directory[0] != '/')
		return;
	text_add_bytes(&path, directory, len);
	text_addf(&path, "/%s%s", below, FILE_NAME);
	load_file(c, text_string(&path), false);
	text_fini(&path);
}

/* Those in front are stronger. */
static void load_directories(struct configuration *c, const char *directories)
{
	const size_t len = strcspn(directories, ":");

	if (directories[len])
		load_directories(c, directories + len + 1);
	load_from(c, directories, len, "");
}

/* ---- the environment ---- */

/* NULL: not there, or empty, which is the same but where it is asked for by `empty_too`. */
static const char *variable(char *const environment[], const char *name, bool empty_too)
{
	const size_t len = strlen(name);

	for (; environment && *environment; environment++)
		if (!strncmp(*environment, name, len) && (*environment)[len] == '=')
			return (*environment)[len + 1] || empty_too ? *environment + len + 1 : NULL;
	return NULL;
}

static void load_files(struct configuration *c, char *const environment[])
{
	const char *instead = variable(environment, SETTING_FILE_VARIABLE, true), *directories = variable(environment, "XDG_CONFIG_DIRS", false);
	const char *own = variable(environment, "XDG_CONFIG_HOME", false), *home = variable(environment, "HOME", false);

	if (instead) {
		if (*instead)
			load_file(c, instead, true);
		return;
	}
	load_directories(c, directories ? directories : "/etc/xdg");
	if (own && *own == '/')
		load_from(c, own, strlen(own), "");
	else if (home)
		load_from(c, home, strlen(home), ".config/");
}

/* Others of that prefix may be anybody's (an orchestrator makes SYNFIN_PORT for a service called synfin): only slips are told. */
static void load_strange(struct configuration *c, const char *entry)
{
	const size_t prefix = strlen(SETTING_VARIABLE_PREFIX), len = strcspn(entry, "=");
	char known[SETTING_VARIABLE_ROOM];
	char *name;

	if (strncmp(entry, SETTING_VARIABLE_PREFIX, prefix) || !strncmp(entry, SETTING_FILE_VARIABLE "=", strlen(SETTING_FILE_VARIABLE "=")))
		return;
	name = memory_get(len + 1);
	memcpy(name, entry, len);
	name[len] = '\0';
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (!strcmp(name, setting_variable((enum setting)i, known)))
			goto known;
	if (setting_suggest_variable(name, known)) {
		add_line(c, CONFIG_VARIABLE, 0, 0)->key = name;
		return;
	}
known:
	free(name);
}

static void load_environment(struct configuration *c, char *const environment[])
{
	char name[SETTING_VARIABLE_ROOM];

	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const char *value = variable(environment, setting_variable((enum setting)i, name), false);
		struct config_line *added;

		if (!value)
			continue;
		added = add_line(c, CONFIG_SETTING, 0, 0);
		added->key = memory_copy_string(setting_key((enum setting)i));
		added->value = memory_copy_string(value);
	}
	for (; environment && *environment; environment++)
		load_strange(c, *environment);
}

void configuration_load(struct configuration *c, char *const environment[])
{
	*c = (struct configuration){0};
	load_files(c, environment);
	load_environment(c, environment);
}

void configuration_fini(struct configuration *c)
{
	for (unsigned i = 0; i < c->file_count; i++)
		free(c->paths[i]);
	for (size_t i = 0; i < c->count; i++) {
		free(c->lines[i].key);
		free(c->lines[i].value);
	}
	free(c->lines);
	*c = (struct configuration){0};
}

const char *configuration_next(const struct configuration *c, enum setting setting, size_t *at)
{
	while (*at > 0) {
		const struct config_line *line = &c->lines[--*at];

		if (line->kind == CONFIG_SETTING && !strcmp(line->key, setting_key(setting)))
			return line->value;
	}
	return NULL;
}
