/* The configuration in force, as a file: what --print-config prints. */
#include "config.h"

#include <string.h>

#include "base/message.h"
#include "base/utf8.h"
#include "configuration.h"

#define SOURCE_COLUMN 32

/* What the option of that name does is what the setting is. */
static const char *help_of(enum setting setting)
{
#define X(name, text, letter, argument, help)             \
	if (argument && !strcmp(text, setting_key(setting))) \
		return _(help);
	OPTIONS(X)
#undef X
	return _(setting_help(setting));
}

static void put_line(struct text *out, const char *key, const char *value, const struct text *source)
{
	struct text line = {0};

	text_addf(&line, "%s =%s%s", key, *value ? " " : "", value);
	text_add(out, text_string(&line));
	for (unsigned column = utf8_columns(text_string(&line)); column < SOURCE_COLUMN; column++)
		text_add_char(out, ' ');
	text_addf(out, " ; %s\n", text_string(source));
	text_fini(&line);
}

static void name_file(const struct configuration *c, unsigned file, unsigned line, struct text *source)
{
	if (file)
		text_addf(source, "%s:%u", c->paths[file - 1], line);
	else
		text_add(source, _("built in"));
}

static void put_setting(const struct configuration *c, const struct said *said, struct text *out)
{
	const char *key = setting_key(said->setting);
	char variable[SETTING_VARIABLE_ROOM];
	struct text source = {0};

	if (said->place.origin == ORIGIN_ENVIRONMENT)
		text_add(&source, setting_variable(said->setting, variable));
	else if (said->place.origin == ORIGIN_OPTION)
		text_addf(&source, "--%s%s", setting_help(said->setting) && !strcmp(said->value, "no") ? "no-" : "", key);
	else
		name_file(c, said->place.file, said->place.line, &source);
	text_addf(out, "\n# %s\n", help_of(said->setting));
	put_line(out, key, said->value, &source);
	text_fini(&source);
}

void configuration_print(const struct configuration *c, const struct options *o, const struct keymap *keymap, struct text *out)
{
	struct keymap_line line;
	struct text source = {0};

	text_addf(out, "# %s\n", _("The configuration of synfin that is in force, and who has said so. As ~/.config/synfin/config it would say the same."));
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		put_setting(c, settings_said(o, (enum setting)i), out);
	text_addf(out, "\n# %s\n", _("action = the keys for it; the first is shown in the bottom line"));
	text_add(out, "[keys]\n");
	for (unsigned i = 0; keymap_line(keymap, i, &line); i++) {
		text_clear(&source);
		name_file(c, line.place.file, line.place.line, &source);
		text_addf(&source, ": %s", _(line.help));
		put_line(out, line.action, line.keys, &source);
	}
	text_fini(&source);
}
