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

	if (len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return;
	name = memory_get(len + 1);
	clean_copy(name, len + 1, file, len - strlen(SUFFIX));
	names->at = memory_resize(names->at, names->count + 1, sizeof(*names->at));
	names->at[names->count++] = name;
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

int theme_load(struct theme *t, const char *name, struct text *error)
{
	const bool is_default = !name || strcmp(name, DEFAULT_NAME) == 0;
	struct text path = {0};
	int result = 0;

	theme_set_builtin(t);
	if (name && (!*name || strchr(name, '/')))
		result = -ENOENT; /* a name, not a path: nothing outside of the two directories is read */
	else if (find(name ? name : DEFAULT_NAME, &path))
		result = theme_read(t, text_string(&path), error);
	else if (!is_default)
		result = -ENOENT;
	if (result == -ENOENT && is_default)
		result = 0; /* the built-in one will do */
	if (result == -ENOENT) {
		text_clear(error);
		text_addf(error, _("there is no theme called %s; there are: "), name);
		theme_list(error);
	}
	text_fini(&path);
	return result;
}
