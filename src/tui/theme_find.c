/* Finding themes: the person's own directory, then the one they are shipped in. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "theme.h"

#define SUFFIX ".theme"
#define DEFAULT_NAME "dark"
#define PLACES 2

/* XDG Base Directory Specification: $XDG_CONFIG_HOME must be absolute, else ~/.config. */
static bool place(unsigned index, struct text *dir)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	text_clear(dir);
	if (index == 1)
		text_addf(dir, "%s/synfin/themes", message_share_dir());
	else if (config && config[0] == '/')
		text_addf(dir, "%s/synfin/themes", config);
	else if (home && home[0] == '/')
		text_addf(dir, "%s/.config/synfin/themes", home);
	return dir->len > 0;
}

/* ---- all there are ---- */

struct names {
	char **at;
	size_t count;
};

static void add_name(struct names *names, const char *file)
{
	const size_t len = strlen(file);
	char *name;

	name = memory_get(len + 1);
	clean_copy(name, len + 1, file, len - strlen(SUFFIX));
	names->at = memory_resize(names->at, names->count + 1, sizeof(*names->at));
	names->at[names->count++] = name;
}

/* The file `file` in `dir` is a theme without a mistake. */
static bool is_usable(const struct text *dir, const char *file)
{
	const size_t len = strlen(file);
	struct text path = {0}, ignored = {0};
	struct theme theme;
	bool usable;

	if (len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	text_addf(&path, "%s/%s", text_string(dir), file);
	usable = theme_read(&theme, text_string(&path), &ignored) == 0;
	text_fini(&path);
	text_fini(&ignored);
	return usable;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void theme_list(struct text *out)
{
	struct names names = {0};
	struct text dir = {0};

	add_name(&names, DEFAULT_NAME SUFFIX); /* built in */
	for (unsigned i = 0; i < PLACES; i++) {
		DIR *d = place(i, &dir) ? opendir(text_string(&dir)) : NULL;
		const struct dirent *entry;

		while (d && (entry = readdir(d)) != NULL)
			if (is_usable(&dir, entry->d_name))
				add_name(&names, entry->d_name);
		if (d)
			closedir(d);
	}
	qsort(names.at, names.count, sizeof(*names.at), compare_names);
	for (size_t i = 0; i < names.count; i++) {
		if (i == 0 || strcmp(names.at[i], names.at[i - 1]) != 0)
			text_addf(out, "%s%s", i ? ", " : "", names.at[i]);
	}
	for (size_t i = 0; i < names.count; i++)
		free(names.at[i]);
	free(names.at);
	text_fini(&dir);
}

/* ---- one by name ---- */

static bool find(const char *name, struct text *path)
{
	for (unsigned i = 0; i < PLACES; i++) {
		if (!place(i, path))
			continue;
		text_addf(path, "/%s%s", name, SUFFIX);
		if (access(text_string(path), F_OK) == 0)
			return true;
	}
	return false;
}

bool theme_is_known(const char *name)
{
	struct text path = {0};
	bool known;

	if (!*name || strchr(name, '/')) /* a name, not a path: nothing outside of the two directories is read */
		return false;
	known = strcmp(name, DEFAULT_NAME) == 0 || find(name, &path);
	text_fini(&path);
	return known;
}

int theme_load(struct theme *t, const char *name, struct text *error)
{
	struct text path = {0};
	int result = 0;

	theme_set_builtin(t);
	if (!theme_is_known(name ? name : DEFAULT_NAME)) {
		char clean[THEME_NAME_ROOM];

		clean_copy(clean, sizeof(clean), name, strlen(name));
		text_addf(error, _("there is no theme '%s'; there are: "), clean);
		theme_list(error);
		return -ENOENT;
	}
	if (find(name ? name : DEFAULT_NAME, &path))
		result = theme_read(t, text_string(&path), error);
	text_fini(&path);
	return result == -ENOENT ? -EIO : result; /* a link to nothing */
}
