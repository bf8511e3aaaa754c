/* Which keys do what: see tui/keymap.h. */
#include "keymap_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/suggest.h"
#include "base/utf8.h"

#define CTRL(letter) ((unsigned)(letter)&0x1fu)
#define KEY_BLANKS " \t"

/* ---- look-up ---- */

static bool has(const struct keymap_keys *a, unsigned key)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->keys[i] == key)
			return true;
	return false;
}

enum action keymap_action(const struct keymap *k, unsigned key)
{
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
		if (has(&k->actions[i], key))
			return (enum action)i;
	return ACTION_NONE;
}

const char *keymap_first(const struct keymap *k, enum action action, char out[KEY_NAME_ROOM])
{
	out[0] = '\0';
	return k->actions[action].count ? key_to_name(k->actions[action].keys[0], out) : out;
}

const char *keymap_names(const struct keymap *k, enum action action, char out[KEYMAP_NAMES_ROOM])
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < k->actions[action].count; i++) {
		char name[KEY_NAME_ROOM];

		len += (size_t)snprintf(out + len, KEYMAP_NAMES_ROOM - len, "%s%s", i ? " " : "", key_to_name(k->actions[action].keys[i], name));
	}
	return out;
}

bool keymap_line(const struct keymap *k, unsigned index, struct keymap_line *out)
{
	const enum action action = (enum action)(ACTION_NONE + 1 + index);

	if (index >= ACTION_COUNT - (ACTION_NONE + 1))
		return false;
	out->action = action_info(action)->name;
	out->help = action_info(action)->help;
	out->place = k->actions[action].place;
	keymap_names(k, action, out->keys);
	return true;
}

/* ---- what is built in ---- */

static void set_builtin(struct keymap *k, enum action action)
{
	const char *keys = action_info(action)->keys;
	struct keymap_keys *a = &k->actions[action];

	*a = (struct keymap_keys){0};
	while (*keys && a->count < KEYMAP_KEYS_MAX) {
		const size_t len = strcspn(keys, " ");

		a->keys[a->count++] = key_from_name(keys, len);
		keys += len + (keys[len] == ' ');
	}
}

void keymap_init(struct keymap *k)
{
	memset(k, 0, sizeof(*k));
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
		set_builtin(k, (enum action)i);
}

struct keymap *keymap_new(void)
{
	struct keymap *k = memory_get(sizeof(*k));

	keymap_init(k);
	return k;
}

void keymap_free(struct keymap *k)
{
	free(k);
}

/* ---- what is written ---- */

/* As it comes from a terminal: two names can mean one key, and Hangul is looked up by the Latin key of the same place. */
static unsigned as_pressed(unsigned key)
{
	char latin[KEY_LATIN_MAX];

	switch (key_latin(key, latin)) {
	case 0: break;
	case 1: return (unsigned char)latin[0];
	default: return KEY_CODE_NONE;
	}
	if (key == CTRL('J'))
		return KEY_CODE_ENTER;
	if (key == CTRL('H'))
		return NAMED_KEY_BACKSPACE;
	return key;
}

/* A key that can be pressed and told from others when it is shown. */
static bool is_key(unsigned key)
{
	char name[8], clean[8];

	if (key == KEY_CODE_NONE)
		return false;
	if (key < ' ' || key > NAMED_KEY_NONE)
		return true;
	name[utf8_encode(key, name)] = '\0';
	clean_copy(clean, sizeof(clean), name, strlen(name));
	return strcmp(name, clean) == 0 && utf8_rune_columns(key) > 0;
}

/* One name: 0, or -EINVAL and it is told. */
static int read_key(enum action action, const char *name, size_t len, unsigned *key, struct text *told)
{
	*key = as_pressed(key_from_name(name, len));
	if (!is_key(*key))
		text_addf(told, _("'%.*s' is no key"), (int)len, name);
	else if (*key == CTRL('C') || *key == CTRL('Z') || *key == CTRL('\\'))
		text_addf(told, _("'%.*s' is the terminal's own"), (int)len, name);
	else if (*key == KEY_CODE_ESCAPE && action != ACTION_BACK)
		text_addf(told, _("'%.*s' only ever goes back"), (int)len, name);
	else
		return 0;
	return -EINVAL;
}

static int add_key(struct keymap_keys *a, unsigned key, struct text *told)
{
	if (has(a, key))
		return 0;
	if (a->count == KEYMAP_KEYS_MAX) {
		text_addf(told, _("more than %u keys"), KEYMAP_KEYS_MAX);
		return -EINVAL;
	}
	a->keys[a->count++] = key;
	return 0;
}

static int read_keys(enum action action, const char *names, struct keymap_keys *out, struct text *told)
{
	while (*(names += strspn(names, KEY_BLANKS))) {
		const size_t len = strcspn(names, KEY_BLANKS);
		unsigned key;

		if (read_key(action, names, len, &key, told) || add_key(out, key, told))
			return -EINVAL;
		names += len;
	}
	if (action == ACTION_BACK && out->count == 0)
		text_add(told, _("'Esc' always goes back"));
	return action == ACTION_BACK ? add_key(out, KEY_CODE_ESCAPE, told) : 0;
}

/* One more thing on the same line. */
static void __attribute__((format(printf, 2, 3))) tell(struct text *told, const char *format, ...)
{
	va_list args;

	if (told->len)
		text_add(told, "; ");
	va_start(args, format);
	text_addv(told, format, args);
	va_end(args);
}

static void take_away(struct keymap_keys *a, unsigned key, struct keymap_place place)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < a->count; i++)
		if (a->keys[i] != key)
			a->keys[kept++] = a->keys[i];
	a->count = kept;
	if (kept == 0)
		a->lost = place;
}

/* From whoever has it; two lines of one file that want it contradict each other. */
static void take_from_others(struct keymap *k, enum action action, unsigned key, struct keymap_place place, struct text *told)
{
	const enum action other = keymap_action(k, key);
	struct keymap_keys *a = &k->actions[other];
	char name[KEY_NAME_ROOM];

	if (other == ACTION_NONE || other == action)
		return;
	if (place.file && a->place.file == place.file)
		tell(told, _("takes '%s' from '%s' in line %u"), key_to_name(key, name), action_info(other)->name, a->place.line);
	take_away(a, key, place);
}

static void tell_unknown(const char *name, struct text *told)
{
	static const char *const names[] = {
#define X(enumerator, name, keys, group, label, help) name,
		ACTIONS(X)
#undef X
	};
	const char *near = suggest_near(name, names, sizeof(names) / sizeof(names[0]));

	if (near)
		text_addf(told, _("there is no such action; did you mean '%s'?"), near);
	else
		text_add(told, _("there is no such action"));
}

bool keymap_has_action(const char *name)
{
	return action_from_name(name) != ACTION_NONE;
}

int keymap_bind(struct keymap *k, const char *name, const char *names, struct keymap_place place, struct text *told)
{
	const enum action action = action_from_name(name);
	struct keymap_keys keys = {.place = place};

	if (action == ACTION_NONE) {
		tell_unknown(name, told);
		return -EINVAL;
	}
	if (read_keys(action, names, &keys, told))
		return -EINVAL;
	for (unsigned i = 0; i < keys.count; i++)
		take_from_others(k, action, keys.keys[i], place, told);
	keys.lost = place;
	k->actions[action] = keys;
	return 0;
}

/* Its built-in keys that nobody has; if all are taken, the first is taken back. */
static void give_back(struct keymap *k, enum action action, struct text *told)
{
	struct keymap_keys *a = &k->actions[action], builtin;
	const struct keymap_place lost = a->lost;

	set_builtin(k, action);
	builtin = *a;
	a->count = 0;
	a->place = lost;
	for (unsigned i = 0; i < builtin.count; i++)
		if (keymap_action(k, builtin.keys[i]) == ACTION_NONE)
			a->keys[a->count++] = builtin.keys[i];
	if (a->count == 0) {
		take_from_others(k, action, builtin.keys[0], lost, told);
		a->keys[a->count++] = builtin.keys[0];
	}
}

bool keymap_mend(struct keymap *k, const char **name, struct keymap_place *place, struct text *told)
{
	static const enum action needed[] = {ACTION_HELP, ACTION_QUIT};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		char first[KEY_NAME_ROOM];

		if (k->actions[needed[i]].count > 0)
			continue;
		*name = action_info(needed[i])->name;
		*place = k->actions[needed[i]].lost;
		give_back(k, needed[i], told);
		tell(told, _("must have a key: it keeps '%s'"), keymap_first(k, needed[i], first));
		return true;
	}
	return false;
}
