/* Putting the configuration in force, and telling what is wrong in it. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "configuration.h"

/* Of one file: who has put something else there gets no page of it for each start. */
#define MISTAKES_MAX 20
#define TOLD_ROOM 600

/* What is told, and how often. */
struct telling {
	const struct configuration *c;
	struct text *mistakes;
	struct keymap *trial; /* bindings are tried on it first */
	unsigned told[CONFIGURATION_FILES_MAX + 1];
};

static struct origin_place place_of(const struct config_line *line)
{
	return (struct origin_place){ .origin = line->file ? ORIGIN_FILE : ORIGIN_ENVIRONMENT, .file = line->file, .line = line->line };
}

/* "/home/u/.config/synfin/config:12: interval: what" or "SYNFIN_INTERVAL: what"; whatever it quotes is cleaned. */
static void add_mistake(const struct configuration *c, struct origin_place place, const char *key, const char *what, struct text *mistakes)
{
	char clean[TOLD_ROOM];
	struct text line = {0};

	if (key)
		text_addf(&line, "%s: ", key);
	text_add(&line, what);
	clean_copy(clean, sizeof clean, text_string(&line), line.len);
	if (place.file && place.line)
		text_addf(mistakes, "%s:%u: %s\n", c->paths[place.file - 1], place.line, clean);
	else if (place.file)
		text_addf(mistakes, "%s: %s\n", c->paths[place.file - 1], clean);
	else
		text_addf(mistakes, "%s\n", clean);
	text_fini(&line);
}

static void tell(struct telling *t, struct origin_place place, const char *key, const char *what)
{
	if (++t->told[place.file] <= MISTAKES_MAX || !place.file)
		add_mistake(t->c, place, key, what, t->mistakes);
}

static void tell_rest(const struct telling *t)
{
	for (unsigned file = 1; file <= t->c->file_count; file++)
		if (t->told[file] > MISTAKES_MAX)
			text_addf(t->mistakes, "%s: +%u\n", t->c->paths[file - 1], t->told[file] - MISTAKES_MAX);
}

/* ---- settings ---- */

/* The line of the same file before this one that says the same kind of thing about the same key. */
static const struct config_line *said_before(const struct configuration *c, const struct config_line *line)
{
	const struct config_line *before = line;

	while (line->file && before-- > c->lines && before->file == line->file)
		if (before->kind == line->kind && !strcmp(before->key, line->key))
			return before;
	return NULL;
}

static void tell_said_before(struct telling *t, const struct config_line *line)
{
	const struct config_line *before = said_before(t->c, line);
	struct text what = {0};

	if (!before)
		return;
	text_addf(&what, _("stands in line %u already, which no longer counts"), before->line);
	tell(t, place_of(line), line->key, text_string(&what));
	text_fini(&what);
}

static void say_unknown(const char *key, struct text *what)
{
	const char *near = setting_suggest(key);

	if (keymap_has_action(key))
		text_add(what, _("is an action; keys are given to it under [keys]"));
	else if (near)
		text_addf(what, _("there is no such key; did you mean '%s'?"), near);
	else
		text_add(what, _("there is no such key"));
}

static void apply_setting(struct telling *t, struct options *o, const struct config_line *line)
{
	const enum setting setting = setting_from_key(line->key);
	char variable[SETTING_VARIABLE_ROOM];
	const char *name = line->file ? line->key : setting_variable(setting, variable);
	struct text what = {0};
	int result = -EINVAL;

	if (setting == SETTING_COUNT)
		say_unknown(line->key, &what);
	else
		result = settings_say(o, setting, line->value, place_of(line), &what);
	if (result)
		tell(t, place_of(line), name, text_string(&what));
	else
		tell_said_before(t, line);
	text_fini(&what);
}

/* ---- what is neither setting nor binding ---- */

static void say_unreadable(int error, struct text *what)
{
	switch (error) {
	case -EISDIR: text_add(what, _("is a directory")); break;
	case -EINVAL: text_add(what, _("is no regular file")); break;
	case -EFBIG: text_add(what, _("is larger than 64 KiB")); break;
	case -EILSEQ: text_add(what, _("is no text in UTF-8")); break;
	default: text_add(what, strerror(-error)); break;
	}
}

static void tell_other(struct telling *t, const struct config_line *line)
{
	char near[SETTING_VARIABLE_ROOM];
	struct text what = {0};

	if (line->kind == CONFIG_SECTION)
		text_add(&what, _("there is no such section; settings stand before the first, keys under [keys]"));
	else if (line->kind == CONFIG_VARIABLE && setting_suggest_variable(line->key, near))
		text_addf(&what, _("there is no such variable; did you mean '%s'?"), near);
	else if (line->kind == CONFIG_BROKEN)
		text_add(&what, _(line->broken));
	else
		say_unreadable(line->error, &what);
	tell(t, place_of(line), line->key, text_string(&what));
	text_fini(&what);
}

/* ---- bindings ---- */

static struct keymap_place binding_place(const struct config_line *line)
{
	return (struct keymap_place){ .file = line->file, .line = line->line };
}

static bool is_binding(struct telling *t, const struct config_line *line)
{
	struct text what = {0};
	const bool fine = keymap_bind(t->trial, line->key, line->value, binding_place(line), &what) == 0;

	if (!fine && setting_from_key(line->key) != SETTING_COUNT) {
		text_clear(&what);
		text_add(&what, _("is a setting; it stands before [keys]"));
	}
	if (!fine)
		tell(t, place_of(line), line->key, text_string(&what));
	text_fini(&what);
	return fine;
}

/* Only the strongest line for an action counts: what a weaker one would have taken from others stays with them. */
static void apply_bindings(struct telling *t, const bool *usable, struct keymap *keymap)
{
	const struct configuration *c = t->c;
	const char *action;
	struct keymap_place place;
	struct text what = {0};

	for (size_t i = 0; i < c->count; i++) {
		bool outdone = false;

		for (size_t j = i + 1; usable[i] && j < c->count && !outdone; j++)
			outdone = usable[j] && !strcmp(c->lines[j].key, c->lines[i].key);
		if (!usable[i] || outdone)
			continue;
		text_clear(&what);
		keymap_bind(keymap, c->lines[i].key, c->lines[i].value, binding_place(&c->lines[i]), &what);
		if (what.len)
			tell(t, place_of(&c->lines[i]), c->lines[i].key, text_string(&what));
		tell_said_before(t, &c->lines[i]);
	}
	for (text_clear(&what); keymap_mend(keymap, &action, &place, &what); text_clear(&what))
		tell(t, (struct origin_place){ .origin = ORIGIN_FILE, .file = place.file, .line = place.line }, action, text_string(&what));
	text_fini(&what);
}

void configuration_apply(const struct configuration *c, struct options *o, struct keymap *keymap, struct text *mistakes)
{
	struct telling t = { .c = c, .mistakes = mistakes, .trial = keymap_new() };
	bool *usable = memory_get_zeroed(c->count + 1, sizeof *usable);

	for (size_t i = 0; i < c->count; i++) {
		if (c->lines[i].kind == CONFIG_SETTING)
			apply_setting(&t, o, &c->lines[i]);
		else if (c->lines[i].kind == CONFIG_BINDING)
			usable[i] = is_binding(&t, &c->lines[i]);
		else
			tell_other(&t, &c->lines[i]);
	}
	apply_bindings(&t, usable, keymap);
	tell_rest(&t);
	free(usable);
	keymap_free(t.trial);
}

bool configuration_take_back(const struct configuration *c, struct options *o, enum setting setting, const char *why, struct text *mistakes)
{
	const struct origin_place place = settings_said(o, setting)->place;
	char variable[SETTING_VARIABLE_ROOM];

	if (place.origin == ORIGIN_OPTION || place.origin == ORIGIN_BUILT_IN)
		return false;
	add_mistake(c, place, place.file ? setting_key(setting) : setting_variable(setting, variable), why, mistakes);
	settings_take_back(o, setting);
	return true;
}
