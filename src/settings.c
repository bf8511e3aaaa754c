/* What can be set for good: see settings.h. */
#include "config.h"

#include "settings.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "options.h"
#include "show/list.h"

/* ---- readers of values ---- */

static int read_interval(struct options *o, const char *value, struct text *told)
{
	int64_t interval_ns;

	if (quantity_duration(value, &interval_ns)) {
		text_addf(told, _("'%s' is no duration such as 250ms, 1s or 5m"), value);
		return -EINVAL;
	}
	if (interval_ns < INTERVAL_MIN_NS || interval_ns > INTERVAL_MAX_NS) {
		text_addf(told, _("'%s' is not between 10ms and 1h"), value);
		return -EINVAL;
	}
	o->interval_ns = interval_ns;
	return 0;
}

static int read_budget(struct options *o, const char *value, struct text *told)
{
	double budget;

	/* Below a thousandth of a CPU one look at a busy host would take minutes to pay for. */
	if (quantity_percent(value, &budget) || budget < 0.001 || budget > 1) {
		text_addf(told, _("'%s' is no share of one CPU from 0.1%% to 100%%"), value);
		return -EINVAL;
	}
	o->budget = budget;
	return 0;
}

static int read_shed(struct options *o, const char *value, struct text *told)
{
	uint64_t rate = 0;

	if (strcmp(value, "never") && strcmp(value, "0") && (quantity_count(value, &rate) || rate > UINT32_MAX)) {
		text_addf(told, _("'%s' is no whole number of ends a second, nor 'never'"), value);
		return -EINVAL;
	}
	o->shed_rate = (uint32_t)rate;
	return 0;
}

static int read_color(struct options *o, const char *value, struct text *told)
{
	static const char *const words[] = { [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(value, words[i])) {
			o->color = (enum color_when)i;
			return 0;
		}
	text_addf(told, _("'%s' is neither auto, always nor never"), value);
	return -EINVAL;
}

/* What a configuration file can hold: clean, and no part of it taken for a comment. */
static bool is_name(const char *value)
{
	char clean[SETTING_VALUE_ROOM];
	const size_t len = strlen(value);

	clean_copy(clean, sizeof clean, value, len);
	return len && !strcmp(value, clean) && !strchr(" ;", *value) && value[len - 1] != ' ' && !strstr(value, " ;");
}

/* Whether there is such a theme is another question (screen_check_theme). */
static int read_theme(struct options *o, const char *value, struct text *told)
{
	if (!is_name(value)) {
		text_addf(told, _("'%s' is no name of a theme"), value);
		return -EINVAL;
	}
	o->theme = value;
	return 0;
}

bool setting_is_language(const char *value)
{
	return strlen(value) < SETTING_VALUE_ROOM && is_name(value);
}

static int read_language(struct options *o, const char *value, struct text *told)
{
	if (!is_name(value)) {
		text_addf(told, _("'%s' is no name of a language"), value);
		return -EINVAL;
	}
	o->language = strcmp(value, "auto") ? value : NULL;
	return 0;
}

bool setting_read_bool(const char *value, bool *out)
{
	static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" } };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		for (unsigned yes = 0; yes < 2; yes++)
			if (!strcasecmp(value, words[i][yes])) {
				*out = yes;
				return true;
			}
	return false;
}

static int read_bool(bool *out, const char *value, struct text *told)
{
	if (setting_read_bool(value, out))
		return 0;
	text_addf(told, _("'%s' is neither yes nor no"), value);
	return -EINVAL;
}

#define BOOL_READER(name, field)                                                                   \
	static int read_##name(struct options *o, const char *value, struct text *told)            \
	{                                                                                          \
		return read_bool(&o->field, value, told);                                          \
	}
BOOL_READER(owners, owners)
BOOL_READER(ascii, ascii)
BOOL_READER(animation, animate)
BOOL_READER(mouse, mouse)
BOOL_READER(panel, panel)
#undef BOOL_READER

static int read_list_sort(struct options *o, const char *value, struct text *told)
{
	static const char *const columns[] = {
#define X(name, heading, least, rank, right) #name,
		LIST_COLUMNS(X)
#undef X
	};
	const bool inverted = *value == '-';

	if (!strcasecmp(value, "usual")) {
		o->sorted = false;
		return 0;
	}
	for (unsigned i = 0; i < LIST_COLUMN_COUNT; i++)
		if (!strcasecmp(value + inverted, columns[i])) {
			o->sorted = true;
			o->sort = i;
			o->inverted = inverted;
			return 0;
		}
	text_addf(told, _("'%s' is neither usual nor a column such as age, peer or -recvq"), value);
	return -EINVAL;
}

/* ---- the table ---- */

static const struct {
	const char *key, *built_in, *help;
	int (*read)(struct options *o, const char *value, struct text *told);
} settings[SETTING_COUNT] = {
#define X(name, key, value, reader, help) { key, value, help, read_##reader },
	SETTINGS(X)
#undef X
};

enum setting setting_from_key(const char *key)
{
	unsigned i = 0;

	while (i < SETTING_COUNT && strcmp(key, settings[i].key))
		i++;
	return (enum setting)i;
}

const char *setting_key(enum setting setting)
{
	return settings[setting].key;
}

const char *setting_help(enum setting setting)
{
	return settings[setting].help;
}

const char *setting_suggest(const char *typed)
{
	const char *keys[SETTING_COUNT];

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		keys[i] = settings[i].key;
	return suggest_near(typed, keys, SETTING_COUNT);
}

const char *setting_variable(enum setting setting, char out[SETTING_VARIABLE_ROOM])
{
	size_t len = strlen(SETTING_VARIABLE_PREFIX);

	snprintf(out, SETTING_VARIABLE_ROOM, "%s%s", SETTING_VARIABLE_PREFIX, settings[setting].key);
	for (; out[len]; len++)
		out[len] = out[len] == '.' ? '_' : out[len] >= 'a' && out[len] <= 'z' ? (char)(out[len] - 'a' + 'A') : out[len];
	return out;
}

const char *setting_suggest_variable(const char *typed, char out[SETTING_VARIABLE_ROOM])
{
	const size_t prefix = strlen(SETTING_VARIABLE_PREFIX);
	char variables[SETTING_COUNT + 1][SETTING_VARIABLE_ROOM];
	const char *words[SETTING_COUNT + 1], *near;

	/* What is the same in all of them makes none of them near. */
	if (strncmp(typed, SETTING_VARIABLE_PREFIX, prefix))
		return NULL;
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		words[i] = setting_variable((enum setting)i, variables[i]) + prefix;
	words[SETTING_COUNT] = &SETTING_FILE_VARIABLE[prefix];
	near = suggest_near(typed + prefix, words, SETTING_COUNT + 1);
	if (!near)
		return NULL;
	snprintf(out, SETTING_VARIABLE_ROOM, "%s%s", SETTING_VARIABLE_PREFIX, near);
	return out;
}

/* ---- what is in force ---- */

void settings_init(struct options *o)
{
	static const struct origin_place built_in = { .origin = ORIGIN_BUILT_IN };
	struct text told = {0};

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		settings_say(o, (enum setting)i, settings[i].built_in, built_in, &told);
	assert(!told.len);
	text_fini(&told);
}

void settings_fini(struct options *o)
{
	free(o->said);
	o->said = NULL;
	o->said_count = o->said_room = 0;
}

int settings_say(struct options *o, enum setting setting, const char *value, struct origin_place place, struct text *told)
{
	if (strlen(value) >= SETTING_VALUE_ROOM) {
		text_add(told, _("the value is too long"));
		return -EINVAL;
	}
	if (settings[setting].read(o, value, told))
		return -EINVAL;
	if (o->said_count == o->said_room) {
		o->said_room = o->said_room ? 2 * o->said_room : 2 * SETTING_COUNT;
		o->said = memory_resize(o->said, o->said_room, sizeof *o->said);
	}
	o->said[o->said_count++] = (struct said){ .setting = setting, .value = value, .place = place };
	return 0;
}

const struct said *settings_said(const struct options *o, enum setting setting)
{
	size_t at = o->said_count;

	while (o->said[--at].setting != setting)
		continue;
	return &o->said[at];
}

void settings_take_back(struct options *o, enum setting setting)
{
	const size_t at = (size_t)(settings_said(o, setting) - o->said);
	struct text told = {0};

	assert(o->said[at].place.origin != ORIGIN_BUILT_IN);
	memmove(&o->said[at], &o->said[at + 1], (--o->said_count - at) * sizeof *o->said);
	settings[setting].read(o, settings_said(o, setting)->value, &told);
	text_fini(&told);
}
