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

static struct theme_entry *add(struct themes *all, const char *name, size_t len, bool own)
{
	struct theme_entry *entry;

	all->at = memory_resize(all->at, all->count + 1, sizeof(*all->at));
	entry = &all->at[all->count++];
	*entry = (struct theme_entry){.name = memory_get(len + 1), .own = own};
	clean_copy(entry->name, len + 1, name, len);
	return entry;
}

static void add_file(struct themes *all, const struct text *dir, const char *file, bool own)
{
	const size_t len = strlen(file);
	struct text path = {0};
	struct theme_entry *entry;

	if (file[0] == '.' || len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return;
	entry = add(all, file, len - strlen(SUFFIX), own);
	text_addf(&path, "%s/%s", text_string(dir), file);
	theme_read(&entry->theme, text_string(&path), &entry->mistakes);
	text_fini(&path);
}

/* By name; of the same name, the one that theme_load() takes is first. */
static int compare(const void *a, const void *b)
{
	const struct theme_entry *one = a, *other = b;
	const int by_name = strcmp(one->name, other->name);

	return by_name ? by_name : other->own - one->own;
}

static void free_entry(struct theme_entry *entry)
{
	free(entry->name);
	text_fini(&entry->mistakes);
}

static void drop_hidden(struct themes *all)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < all->count; i++) {
		if (kept > 0 && strcmp(all->at[i].name, all->at[kept - 1].name) == 0)
			free_entry(&all->at[i]);
		else
			all->at[kept++] = all->at[i];
	}
	all->count = kept;
}

static bool has(const struct themes *all, const char *name)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return true;
	return false;
}

void themes_load(struct themes *all)
{
	struct text dir = {0};

	*all = (struct themes){0};
	for (unsigned i = 0; i < PLACES; i++) {
		DIR *d = place(i, &dir) ? opendir(text_string(&dir)) : NULL;
		const struct dirent *entry;

		while (d && (entry = readdir(d)) != NULL)
			add_file(all, &dir, entry->d_name, i == 0);
		if (d)
			closedir(d);
	}
	text_fini(&dir);
	if (!has(all, DEFAULT_NAME)) /* without its file it is built in */
		theme_set_builtin(&add(all, DEFAULT_NAME, strlen(DEFAULT_NAME), false)->theme);
	qsort(all->at, all->count, sizeof(*all->at), compare);
	drop_hidden(all);
}

void themes_fini(struct themes *all)
{
	for (unsigned i = 0; i < all->count; i++)
		free_entry(&all->at[i]);
	free(all->at);
	*all = (struct themes){0};
}

void theme_list(struct text *out)
{
	const char *separator = "";
	struct themes all;

	themes_load(&all);
	for (unsigned i = 0; i < all.count; i++) {
		if (all.at[i].mistakes.len)
			continue;
		text_addf(out, "%s%s", separator, all.at[i].name);
		separator = ", ";
	}
	themes_fini(&all);
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

const char *theme_first_mistake(const char *mistakes, char *out, size_t room)
{
	const size_t len = strcspn(mistakes, "\n");
	const char *at = mistakes;

	for (const char *c = mistakes; c < mistakes + len && *c != ' '; c++)
		at = *c == '/' ? c + 1 : at;
	snprintf(out, room, "%.*s%s", (int)(mistakes + len - at), at, mistakes[len] && mistakes[len + 1] ? " ..." : "");
	return out;
}
