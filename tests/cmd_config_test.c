/*
 * The configuration: who goes before whom, for every setting and every two sources; every kind of mistake, told with its place; whatever stands in a file;
 * and that what is printed says the same when it is read.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "configuration.h"

/* ---- places on disk ---- */

static char top[] = "/tmp/synfin-config-test-XXXXXX";
static char own_path[64], other_path[64];

static void make_directory(const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "%s/%s", top, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int make_places(void **state)
{
	(void)state;
	message_init("en", "");
	assert_non_null(mkdtemp(top));
	for (unsigned i = 0; i < 4; i++) {
		static const char *const names[] = { "home/.config", "weak", "strong", "own" };
		char below[32];

		if (i == 0)
			make_directory("home");
		make_directory(names[i]);
		snprintf(below, sizeof below, "%s/synfin", names[i]);
		make_directory(below);
	}
	snprintf(own_path, sizeof own_path, "%s/own/synfin/config", top);
	snprintf(other_path, sizeof other_path, "%s/other", top);
	return 0;
}

static int remove_places(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", top);
	return system(command);
}

static void write_path(const char *path, const char *content, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(content, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* `where`: "own", "weak"…; NULL removes it. */
static void write_config(const char *where, const char *content)
{
	char path[64];

	snprintf(path, sizeof path, "%s/%s/synfin/config", top, where);
	if (content)
		write_path(path, content, strlen(content));
	else
		remove(path);
}

/* ---- one run ---- */

#define VARIABLES_MAX 8
struct run {
	char variables[VARIABLES_MAX][300];
	char *environment[VARIABLES_MAX + 1];
	unsigned variable_count;
	char option[80];
	struct configuration configuration;
	struct options options;
	struct keymap *keymap;
	struct text mistakes;
};

static void set_variable(struct run *r, const char *name, const char *value)
{
	assert_true(r->variable_count < VARIABLES_MAX);
	snprintf(r->variables[r->variable_count], sizeof r->variables[0], "%s=%s", name, value);
	r->environment[r->variable_count] = r->variables[r->variable_count];
	r->variable_count++;
}

/* The usual places, as directories of ours. */
static void begin(struct run *r)
{
	char value[128];

	*r = (struct run){ .keymap = keymap_new() };
	snprintf(value, sizeof value, "%s/strong:relative:%s/weak", top, top);
	set_variable(r, "XDG_CONFIG_DIRS", value);
	snprintf(value, sizeof value, "%s/own", top);
	set_variable(r, "XDG_CONFIG_HOME", value);
	snprintf(value, sizeof value, "%s/home", top);
	set_variable(r, "HOME", value);
}

static void apply(struct run *r)
{
	configuration_load(&r->configuration, r->environment);
	options_init(&r->options);
	configuration_apply(&r->configuration, &r->options, r->keymap, &r->mistakes);
}

static void end(struct run *r)
{
	options_fini(&r->options);
	configuration_fini(&r->configuration);
	keymap_free(r->keymap);
	text_fini(&r->mistakes);
}

static const char *value_of(const struct run *r, enum setting setting)
{
	return settings_said(&r->options, setting)->value;
}

/* ---- who goes before whom ---- */

/* Two values of each setting, neither of them built in (where there are so many). */
static const char *const values[SETTING_COUNT][2] = {
	[SETTING_INTERVAL] = { "2s", "250ms" }, [SETTING_BUDGET] = { "7%", "2.5" },       [SETTING_SHED] = { "never", "123" },
	[SETTING_OWNERS] = { "no", "yes" },     [SETTING_COLOR] = { "always", "never" },  [SETTING_THEME] = { "light", "my own" },
	[SETTING_ASCII] = { "yes", "no" },      [SETTING_LANG] = { "ko", "en" },          [SETTING_ANIMATION] = { "no", "yes" },
	[SETTING_MOUSE] = { "no", "yes" },      [SETTING_PANEL] = { "no", "yes" },        [SETTING_LIST_SORT] = { "peer", "-RecvQ" },
};

/* What the rest of the program sees of it. */
static void describe(const struct options *o, char out[200])
{
	snprintf(out, 200, "%lld %.6f %u %d %d %s %d %s %d %d %d %d %u %d", (long long)o->interval_ns, o->budget, o->shed_rate, o->owners, (int)o->color, o->theme,
		 o->ascii, o->language ? o->language : "-", o->animate, o->mouse, o->panel, o->sorted, o->sorted ? o->sort : 0, o->sorted && o->inverted);
}

enum source { SOURCE_WEAK, SOURCE_STRONG, SOURCE_OWN, SOURCE_VARIABLE, SOURCE_OPTION, SOURCE_COUNT };

static bool has_option(enum setting setting)
{
	return setting != SETTING_PANEL && setting != SETTING_LIST_SORT;
}

static void say(struct run *r, enum source source, enum setting setting, const char *value)
{
	static const char *const places[] = { "weak", "strong", "own" };
	char line[80], variable[SETTING_VARIABLE_ROOM];

	snprintf(line, sizeof line, "%s = %s\n", setting_key(setting), value);
	if (source < SOURCE_VARIABLE)
		write_config(places[source], line);
	else if (source == SOURCE_VARIABLE)
		set_variable(r, setting_variable(setting, variable), value);
}

static void say_option(struct run *r, enum setting setting, const char *value)
{
	char *argv[] = { (char[]){ "synfin" }, r->option, NULL };
	struct text error = {0};

	if (setting_help(setting))
		snprintf(r->option, sizeof r->option, "--%s%s", strcmp(value, "no") ? "" : "no-", setting_key(setting));
	else
		snprintf(r->option, sizeof r->option, "--%s=%s", setting_key(setting), value);
	if (options_parse(&r->options, 2, argv, &error))
		fail_msg("%s: %s", r->option, text_string(&error));
}

/* `weak` may be SOURCE_COUNT: there is only the one. */
static void run_pair(enum setting setting, enum source weak, const char *weak_value, enum source strong, const char *strong_value, char told[200])
{
	struct run r;

	begin(&r);
	if (weak != SOURCE_COUNT)
		say(&r, weak, setting, weak_value);
	say(&r, strong, setting, strong_value);
	apply(&r);
	if (strong == SOURCE_OPTION)
		say_option(&r, setting, strong_value);
	assert_string_equal(text_string(&r.mistakes), "");
	if (strong != SOURCE_OPTION || !setting_help(setting))
		assert_string_equal(value_of(&r, setting), strong_value);
	assert_int_equal(settings_said(&r.options, setting)->place.origin,
			 strong == SOURCE_OPTION ? ORIGIN_OPTION : strong == SOURCE_VARIABLE ? ORIGIN_ENVIRONMENT : ORIGIN_FILE);
	describe(&r.options, told);
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (i != setting)
			assert_int_equal(settings_said(&r.options, (enum setting)i)->place.origin, ORIGIN_BUILT_IN);
	end(&r);
	write_config("weak", NULL);
	write_config("strong", NULL);
	write_config("own", NULL);
}

static void every_two_sources(void **state)
{
	(void)state;
	for (unsigned s = 0; s < SETTING_COUNT; s++)
		for (unsigned strong = 0; strong < SOURCE_COUNT; strong++) {
			const enum setting setting = (enum setting)s;
			char alone[2][200], beside[200];

			if (strong == SOURCE_OPTION && !has_option(setting))
				continue;
			for (unsigned v = 0; v < 2; v++)
				run_pair(setting, SOURCE_COUNT, NULL, (enum source)strong, values[s][v], alone[v]);
			assert_string_not_equal(alone[0], alone[1]);
			for (unsigned weak = 0; weak < strong; weak++)
				for (unsigned v = 0; v < 2; v++) {
					run_pair(setting, (enum source)weak, values[s][!v], (enum source)strong, values[s][v], beside);
					assert_string_equal(beside, alone[v]);
				}
		}
}

static void nothing_is_said(void **state)
{
	char built_in[200], with[200];
	struct options o;
	struct run r;

	(void)state;
	options_init(&o);
	describe(&o, built_in);
	options_fini(&o);
	begin(&r);
	set_variable(&r, "SYNFIN_INTERVAL", ""); /* empty: not said */
	set_variable(&r, "SYNFIN_PORT", "tcp://10.0.0.1:80");
	apply(&r);
	describe(&r.options, with);
	assert_string_equal(with, built_in);
	assert_string_equal(text_string(&r.mistakes), "");
	end(&r);
	r = (struct run){ .keymap = keymap_new() }; /* not even HOME */
	apply(&r);
	assert_string_equal(text_string(&r.mistakes), "");
	end(&r);
}

static void where_files_are(void **state)
{
	struct run r;
	char value[128];

	(void)state;
	write_config("home/.config", "shed = 1\n");
	write_config("own", "shed = 2\n");
	begin(&r);
	r.environment[1] = r.variables[0]; /* XDG_CONFIG_HOME is not set */
	apply(&r);
	assert_string_equal(value_of(&r, SETTING_SHED), "1");
	end(&r);
	begin(&r);
	set_variable(&r, "SYNFIN_CONFIG", "");
	apply(&r);
	assert_int_equal(r.configuration.file_count, 0);
	end(&r);
	write_path(other_path, "shed = 3\n", 9);
	begin(&r);
	set_variable(&r, "SYNFIN_CONFIG", other_path);
	apply(&r);
	assert_string_equal(value_of(&r, SETTING_SHED), "3");
	assert_int_equal(r.configuration.file_count, 1);
	end(&r);
	remove(other_path);
	begin(&r);
	set_variable(&r, "SYNFIN_CONFIG", other_path);
	apply(&r);
	snprintf(value, sizeof value, "%s: No such file or directory\n", other_path);
	assert_string_equal(text_string(&r.mistakes), value);
	end(&r);
	write_config("home/.config", NULL);
	write_config("own", NULL);
}

/* ---- mistakes ---- */

/* `told`: the lines, each without the path in front. */
static void assert_told(const char *content, const char *told)
{
	struct text wanted = {0};
	struct run r;

	for (const char *c = told; *c; c++) {
		if (c == told || c[-1] == '\n')
			text_add(&wanted, own_path);
		text_add_char(&wanted, *c);
	}
	begin(&r);
	write_config("own", content);
	apply(&r);
	assert_string_equal(text_string(&r.mistakes), text_string(&wanted));
	end(&r);
	write_config("own", NULL);
	text_fini(&wanted);
}

static void mistakes_in_a_file(void **state)
{
	static const struct { const char *content, *told; } mistakes[] = {
		{ "# fine\n\ninterval = 5 parsecs\n", ":3: interval: '5 parsecs' is no duration such as 250ms, 1s or 5m\n" },
		{ "interval = 1ms", ":1: interval: '1ms' is not between 10ms and 1h\n" },
		{ "interval =\n", ":1: interval: '' is no duration such as 250ms, 1s or 5m\n" },
		{ "budget = 200%\n", ":1: budget: '200%' is no share of one CPU from 0.1% to 100%\n" },
		{ "shed = some\n", ":1: shed: 'some' is no whole number of ends a second, nor 'never'\n" },
		{ "color = pink\n", ":1: color: 'pink' is neither auto, always nor never\n" },
		{ "owners = maybe\n", ":1: owners: 'maybe' is neither yes nor no\n" },
		{ "ascii = 2\n", ":1: ascii: '2' is neither yes nor no\n" },
		{ "animation =\n", ":1: animation: '' is neither yes nor no\n" },
		{ "mouse = mickey\n", ":1: mouse: 'mickey' is neither yes nor no\n" },
		{ "panel = y\n", ":1: panel: 'y' is neither yes nor no\n" },
		{ "theme =\n", ":1: theme: '' is no name of a theme\n" },
		{ "lang =\n", ":1: lang: '' is no name of a language\n" },
		{ "list.sort = color\n", ":1: list.sort: 'color' is neither usual nor a column such as age, peer or -recvq\n" },
		{ "list.sort = -\n", ":1: list.sort: '-' is neither usual nor a column such as age, peer or -recvq\n" },
		{ "list.sort = -usual\n", ":1: list.sort: '-usual' is neither usual nor a column such as age, peer or -recvq\n" },
		{ "thema = dark\n", ":1: thema: there is no such key; did you mean 'theme'?\n" },
		{ "Theme = dark\n", ":1: Theme: there is no such key; did you mean 'theme'?\n" },
		{ "colour.of.the.sky = blue\n", ":1: colour.of.the.sky: there is no such key\n" },
		{ "pause = p\n", ":1: pause: is an action; keys are given to it under [keys]\n" },
		{ "shed = 1\nshed = 2\n", ":2: shed: stands in line 1 already, which no longer counts\n" },
		{ "shed = x\nshed = 2\n", ":1: shed: 'x' is no whole number of ends a second, nor 'never'\n"
					  ":2: shed: stands in line 1 already, which no longer counts\n" },
		{ "shed = 1\nshed = x\n", ":2: shed: 'x' is no whole number of ends a second, nor 'never'\n" },
		{ "junk\n", ":1: neither [section] nor key = value\n" },
		{ "[keys\n", ":1: neither [section] nor key = value\n" },
		{ "[kez]\na = b\nc = d\n", ":1: kez: there is no such section; settings stand before the first, keys under [keys]\n" },
		{ "[keys]\nshed = 5\n", ":2: shed: is a setting; it stands before [keys]\n" },
		{ "[keys]\npaws = p\n", ":2: paws: there is no such action; did you mean 'pause'?\n" },
		{ "[keys]\npause = Spade\n", ":2: pause: 'Spade' is no key\n" },
		{ "[keys]\npause = Esc\n", ":2: pause: 'Esc' only ever goes back\n" },
		{ "[keys]\npause = Ctrl-C\n", ":2: pause: 'Ctrl-C' is the terminal's own\n" },
		{ "[keys]\nback =\n", ":2: back: 'Esc' always goes back\n" },
		{ "[keys]\nquit =\n", ":2: quit: must have a key: it keeps 'q'\n" },
		{ "[keys]\nhelp =\nquit =\npause = q F10\n",
		  ":2: help: must have a key: it keeps 'F1'\n:3: quit: takes 'q' from 'pause' in line 4; must have a key: it keeps 'q'\n" },
		{ "[keys]\npause = p\nstep = p\n", ":3: step: takes 'p' from 'pause' in line 2\n" },
		{ "[keys]\npause = p\npause = x\n", ":3: pause: stands in line 2 already, which no longer counts\n" },
		{ "\033[31m = 1\n", ":1: ?[31m: there is no such key\n" },
		{ "shed = \xc2\x9b" "1\n", ":1: shed: '?1' is no whole number of ends a second, nor 'never'\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
		assert_told(mistakes[i].content, mistakes[i].told);
}

/* Of the file that is there now. */
static void assert_file_told(const char *told)
{
	struct run r;

	begin(&r);
	apply(&r);
	assert_non_null(strstr(text_string(&r.mistakes), told));
	end(&r);
	assert_int_equal(remove(own_path), 0);
}

static void files_that_are_none(void **state)
{
	static char large[65 * 1024 + 1];

	(void)state;
	memset(large, '\n', sizeof large - 1);
	assert_told(large, ": is larger than 64 KiB\n");
	assert_told("shed = 1000\nshed = \xff\n", ":2: is no text in UTF-8\n");
	write_path(own_path, "shed\0= 1", 8);
	assert_file_told("config:1: is no text in UTF-8\n");
	assert_int_equal(mkdir(own_path, 0700), 0);
	assert_file_told("config: is a directory\n");
	assert_int_equal(mkfifo(own_path, 0600), 0);
	assert_file_told("config: is no regular file\n");
	assert_int_equal(symlink("/dev/zero", own_path), 0);
	assert_file_told("config: is no regular file\n");
	assert_int_equal(symlink(own_path, own_path), 0);
	assert_file_told("config: Too many levels of symbolic links\n");
}

static void mistakes_in_the_environment(void **state)
{
	struct run r;

	(void)state;
	write_config("own", "shed = 7\n");
	begin(&r);
	set_variable(&r, "SYNFIN_SHED", "\033few");
	set_variable(&r, "SYNFIN_LIST_SORT", "up");
	set_variable(&r, "SYNFIN_INTERVALL", "2s");
	set_variable(&r, "SYNFIN_CONFG", "/x");
	apply(&r);
	assert_string_equal(text_string(&r.mistakes),
			    "SYNFIN_SHED: '?few' is no whole number of ends a second, nor 'never'\n"
			    "SYNFIN_LIST_SORT: 'up' is neither usual nor a column such as age, peer or -recvq\n"
			    "SYNFIN_INTERVALL: there is no such variable; did you mean 'SYNFIN_INTERVAL'?\n"
			    "SYNFIN_CONFG: there is no such variable; did you mean 'SYNFIN_CONFIG'?\n");
	assert_string_equal(value_of(&r, SETTING_SHED), "7"); /* as if it were not set */
	end(&r);
	write_config("own", NULL);
}

static void values_that_are_too_long(void **state)
{
	char value[SETTING_VALUE_ROOM + 1];
	struct run r;

	(void)state;
	memset(value, '0', sizeof value);
	value[sizeof value - 1] = '\0';
	begin(&r);
	set_variable(&r, "SYNFIN_SHED", value);
	apply(&r);
	assert_string_equal(text_string(&r.mistakes), "SYNFIN_SHED: the value is too long\n");
	end(&r);
}

static void a_page_of_mistakes_is_cut(void **state)
{
	struct text content = {0};
	struct run r;
	unsigned lines = 0;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		text_addf(&content, "k%u = v\n", i);
	write_config("own", text_string(&content));
	begin(&r);
	apply(&r);
	for (const char *c = text_string(&r.mistakes); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 21);
	assert_non_null(strstr(text_string(&r.mistakes), "config: +280\n"));
	end(&r);
	write_config("own", NULL);
	text_fini(&content);
}

static void what_is_of_no_use_is_taken_back(void **state)
{
	char wanted[200];
	struct run r;

	(void)state;
	write_config("weak", "theme = light\n");
	write_config("own", "\ntheme = nice\n");
	begin(&r);
	set_variable(&r, "SYNFIN_THEME", "nicer");
	apply(&r);
	assert_true(configuration_take_back(&r.configuration, &r.options, SETTING_THEME, "is ugly", &r.mistakes));
	assert_string_equal(r.options.theme, "nice");
	assert_true(configuration_take_back(&r.configuration, &r.options, SETTING_THEME, "is too", &r.mistakes));
	assert_string_equal(r.options.theme, "light");
	snprintf(wanted, sizeof wanted, "SYNFIN_THEME: is ugly\n%s:2: theme: is too\n", own_path);
	assert_string_equal(text_string(&r.mistakes), wanted);
	assert_true(configuration_take_back(&r.configuration, &r.options, SETTING_THEME, "", &r.mistakes));
	assert_false(configuration_take_back(&r.configuration, &r.options, SETTING_THEME, "", &r.mistakes)); /* what is built in */
	assert_string_equal(r.options.theme, "dark");
	end(&r);
	write_config("weak", NULL);
	write_config("own", NULL);
}

/* ---- keys ---- */

static const char *keys_of(const struct run *r, const char *action, struct keymap_place *place)
{
	static struct keymap_line line;

	for (unsigned i = 0; keymap_line(r->keymap, i, &line); i++)
		if (!strcmp(line.action, action)) {
			*place = line.place;
			return line.keys;
		}
	return NULL;
}

static void keys_of_the_strongest(void **state)
{
	struct keymap_place place;
	struct run r;

	(void)state;
	write_config("weak", "[keys]\npause = q\nstep = x\n");
	write_config("own", "[keys]\npause = p x\n");
	begin(&r);
	apply(&r);
	assert_string_equal(text_string(&r.mistakes), "");
	assert_string_equal(keys_of(&r, "pause", &place), "p x");
	assert_int_equal(place.file, 2);
	assert_int_equal(place.line, 2);
	assert_string_equal(keys_of(&r, "quit", &place), "q F10"); /* a line that does not count takes nothing */
	assert_int_equal(place.file, 0);
	assert_string_equal(keys_of(&r, "step", &place), "");
	end(&r);
	write_config("weak", NULL);
	write_config("own", NULL);
}

/* ---- whatever stands in a file, and round and back ---- */

static uint64_t random_state = 88172645463325252u;

static unsigned draw(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 20) % below);
}

static const char *const scraps[] = {
	"interval", "budget", "shed", "owners", "color", "theme", "ascii", "lang", "animation", "mouse", "panel", "list.sort", "keys", "[keys]\n", "[", "]", "=",
	" = ", ":", ";", " ; ", "#", "\n", "\n", "\n", " ", "\t", "\r\n", "yes", "no", "1s", "250ms", "5%", "never", "123", "auto", "ko", "dark", "light", "usual",
	"-peer", "age", "pause", "step", "quit", "help", "back", "open", "sort", "q", "p", "F10", "F1", "?", "h", "Esc", "Ctrl-C", "Ctrl-A", "Space", "Semicolon",
	"ㅂ", "버", "가", "é", "\xe2\x80\xae", "\033", "\xff", "Shift-Tab", "Enter",
};

static void add_random_text(struct text *out)
{
	for (unsigned pieces = draw(60); pieces > 0; pieces--)
		text_add(out, scraps[draw(sizeof scraps / sizeof *scraps)]);
	if (draw(10) == 0)
		for (unsigned bytes = draw(200); bytes > 0; bytes--)
			text_add_char(out, (char)draw(256));
}

/* One that is mostly in order. */
static void add_random_config(struct text *out)
{
	static const char *const keys[] = { "q", "p", "x", "F5", "F10", "Space", "Tab", "Semicolon", "#", "=", "ㅂ", "é", "Ctrl-A", "Shift-Tab", "Esc", "가" };
	struct keymap *keymap = keymap_new();
	struct keymap_line line;

	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (draw(2))
			text_addf(out, "%s = %s%s\n", setting_key((enum setting)i), values[i][draw(2)], draw(3) ? "" : " ; why not");
	text_add(out, "[keys]\n");
	for (unsigned i = 0; keymap_line(keymap, i, &line); i++) {
		if (draw(3))
			continue;
		text_addf(out, "%s =%s", line.action, draw(8) ? "" : ";"); /* behind a blank that would be a comment */
		for (unsigned n = draw(4); n > 0; n--)
			text_addf(out, " %s", keys[draw(sizeof keys / sizeof *keys)]);
		text_add_char(out, '\n');
	}
	keymap_free(keymap);
}

/* "/path:3: …" or "/path: …" or "SYNFIN_…", and clean. */
static void assert_placed(const struct text *mistakes)
{
	const char *line = text_string(mistakes);

	while (*line) {
		const size_t len = strcspn(line, "\n");
		const bool placed = !strncmp(line, own_path, strlen(own_path)) && line[strlen(own_path)] == ':';

		if (!placed || line[len] != '\n' || len > 700)
			fail_msg("no place: %.*s", (int)len, line);
		for (size_t i = 0; i < len; i++)
			assert_true((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
		line += len + 1;
	}
}

/* What this run prints, another one reads, without a mistake and to the same. */
static void assert_round_trip(const struct run *r)
{
	struct text printed = {0};
	struct keymap_line line, line_again;
	char told[200], told_again[200];
	struct run again;

	configuration_print(&r->configuration, &r->options, r->keymap, &printed);
	write_path(other_path, text_string(&printed), printed.len);
	begin(&again);
	set_variable(&again, "SYNFIN_CONFIG", other_path);
	apply(&again);
	if (again.mistakes.len)
		fail_msg("%s\n%s", text_string(&again.mistakes), text_string(&printed));
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		assert_string_equal(value_of(r, (enum setting)i), value_of(&again, (enum setting)i));
		assert_int_equal(settings_said(&again.options, (enum setting)i)->place.origin, ORIGIN_FILE);
	}
	for (unsigned i = 0; keymap_line(r->keymap, i, &line); i++) {
		assert_true(keymap_line(again.keymap, i, &line_again));
		assert_string_equal(line.keys, line_again.keys);
	}
	describe(&r->options, told);
	describe(&again.options, told_again);
	assert_string_equal(told, told_again);
	end(&again);
	remove(other_path);
	text_fini(&printed);
}

static void any_file(void **state)
{
	struct text content = {0};
	unsigned fine = 0, wrong = 0;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct run r;

		text_clear(&content);
		add_random_text(&content);
		write_path(own_path, text_string(&content), content.len);
		begin(&r);
		apply(&r);
		assert_placed(&r.mistakes);
		*(r.mistakes.len ? &wrong : &fine) += 1;
		assert_round_trip(&r);
		end(&r);
	}
	assert_true(fine > 20 && wrong > 500);
	write_config("own", NULL);
	text_fini(&content);
}

static void round_trips(void **state)
{
	struct text content = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct run r;

		text_clear(&content);
		add_random_config(&content);
		write_path(own_path, text_string(&content), content.len);
		begin(&r);
		set_variable(&r, "SYNFIN_BUDGET", draw(2) ? "9%" : "");
		apply(&r);
		if (draw(2))
			say_option(&r, SETTING_OWNERS, draw(2) ? "no" : "yes");
		assert_placed(&r.mistakes);
		assert_round_trip(&r);
		end(&r);
	}
	write_config("own", NULL);
	text_fini(&content);
}

/* Each line says where it comes from. */
static void sources_are_printed(void **state)
{
	struct text printed = {0}, wanted = {0};
	struct run r;

	(void)state;
	write_config("own", "shed = 7\n[keys]\npause = p\n");
	begin(&r);
	set_variable(&r, "SYNFIN_LIST_SORT", "peer");
	apply(&r);
	say_option(&r, SETTING_OWNERS, "no");
	say_option(&r, SETTING_ASCII, "yes");
	say_option(&r, SETTING_THEME, "light"); /* the last of them: it is pointed to */
	configuration_print(&r.configuration, &r.options, r.keymap, &printed);
	text_addf(&wanted, "shed = 7                         ; %s:1\n", own_path);
	assert_non_null(strstr(text_string(&printed), text_string(&wanted)));
	text_clear(&wanted);
	text_addf(&wanted, "pause = p                        ; %s:3: ", own_path);
	assert_non_null(strstr(text_string(&printed), text_string(&wanted)));
	assert_non_null(strstr(text_string(&printed), "list.sort = peer                 ; SYNFIN_LIST_SORT\n"));
	assert_non_null(strstr(text_string(&printed), "owners = no                      ; --no-owners\n"));
	assert_non_null(strstr(text_string(&printed), "ascii = yes                      ; --ascii\n"));
	assert_non_null(strstr(text_string(&printed), "theme = light                    ; --theme\n"));
	assert_non_null(strstr(text_string(&printed), "interval = 1s                    ; built in\n"));
	end(&r);
	write_config("own", NULL);
	text_fini(&printed);
	text_fini(&wanted);
}

/* ---- the man page ---- */

static void the_man_page_has_every_setting(void **state)
{
	const char *top_srcdir = getenv("top_srcdir");
	static char page[1 << 18];
	char path[4096];
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/doc/synfin.1.scd", top_srcdir ? top_srcdir : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		char variable[SETTING_VARIABLE_ROOM], escaped[2 * SETTING_VARIABLE_ROOM], key[40];
		size_t len = 0;

		snprintf(key, sizeof key, "*%s* = ", setting_key((enum setting)i));
		if (!strstr(page, key))
			fail_msg("no %s", key);
		setting_variable((enum setting)i, variable);
		for (const char *c = variable; *c; c++) { /* as scdoc wants it */
			if (*c == '_')
				escaped[len++] = '\\';
			escaped[len++] = *c;
		}
		escaped[len] = '\0';
		if (!strstr(page, escaped))
			fail_msg("no %s", escaped);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said),
		cmocka_unit_test(where_files_are),
		cmocka_unit_test(every_two_sources),
		cmocka_unit_test(mistakes_in_a_file),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(mistakes_in_the_environment),
		cmocka_unit_test(values_that_are_too_long),
		cmocka_unit_test(a_page_of_mistakes_is_cut),
		cmocka_unit_test(what_is_of_no_use_is_taken_back),
		cmocka_unit_test(keys_of_the_strongest),
		cmocka_unit_test(any_file),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(sources_are_printed),
		cmocka_unit_test(the_man_page_has_every_setting),
	};
	return cmocka_run_group_tests_name("cmd/config", tests, make_places, remove_places);
}
