/* The command line: see options.h. */
#include "config.h"

#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/message.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "track/filter.h"

/* In front, '-': words come in their place, as option 1, whatever POSIXLY_CORRECT says; ':': an argument that is missing is told apart. */
#define SHORT_OPTIONS "-:hVN:"
#define WORD 1

enum option_value {
	OPTION_BASE = 1000, /* beyond all letters */
#define X(name, text, letter, argument, help) OPTION_##name,
	OPTIONS(X)
#undef X
#define X(name, text) OPTION_##name,
	COUNTER_OPTIONS(X)
#undef X
};

static const struct option long_options[] = {
#define X(name, text, letter, argument, help) { text, (argument) ? required_argument : no_argument, NULL, OPTION_##name },
	OPTIONS(X)
#undef X
#define X(name, text) { text, no_argument, NULL, OPTION_##name },
	COUNTER_OPTIONS(X)
#undef X
	{ NULL, 0, NULL, 0 },
};

static const char *const command_words[] = {
#define X(name, word, help) word,
	COMMANDS(X)
#undef X
};

/* getopt's answer with letters turned into their options. */
static int next_option(int argc, char *const argv[])
{
	int option = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL);

#define X(name, text, letter, argument, help) \
	if ((letter) && option == (letter))   \
		return OPTION_##name;
	OPTIONS(X)
#undef X
	return option;
}

static void start_over(void)
{
	opterr = 0;
	optind = 0; /* glibc and musl: begin anew, and read SHORT_OPTIONS again */
}

const char *options_language(int argc, char *const argv[])
{
	const char *language = NULL;
	int option;

	start_over();
	while ((option = next_option(argc, argv)) != -1)
		if (option == OPTION_LANG)
			language = optarg;
	return language;
}

/* Words that people know from the documentation's plans: they are told apart from mistakes. */
static const char *const later_commands[] = { "doctor", "explain", "lab", "learn", "metrics" };

static bool is_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

bool options_ascii(int argc, char *const argv[], bool otherwise)
{
	bool ascii = otherwise;
	int option;

	start_over();
	while ((option = next_option(argc, argv)) != -1)
		if (option == OPTION_ASCII || option == OPTION_NO_ASCII)
			ascii = option == OPTION_ASCII;
	return ascii;
}

static int take_word(struct options *o, const char *word, bool *have_command, struct text *error)
{
	const char *near;

	for (unsigned i = COMMAND_LIST; i < COMMAND_COUNT && !*have_command && !o->filter.len; i++) {
		if (strcmp(word, command_words[i]))
			continue;
		o->command = (enum command)i;
		*have_command = true;
		return 0;
	}
	if (*have_command && !o->filter.len && is_among(word, &command_words[COMMAND_LIST], COMMAND_COUNT - COMMAND_LIST)) {
		text_addf(error, _("'%s' is one word too many"), word);
		return -EINVAL;
	}
	if (*have_command || o->filter.len) {
		filter_add_argument(&o->filter, word);
		return 0;
	}
	near = suggest_near(word, &command_words[COMMAND_LIST], COMMAND_COUNT - COMMAND_LIST);
	if (is_among(word, later_commands, sizeof later_commands / sizeof *later_commands))
		text_addf(error, _("the command '%s' is not in this version"), word);
	else if (near)
		text_addf(error, _("unknown command '%s'; did you mean '%s'?"), word, near);
	else if (filter_begins(word))
		filter_add_argument(&o->filter, word);
	else
		text_addf(error, _("unknown command '%s'"), word);
	return error->len ? -EINVAL : 0;
}

static int take_for(struct options *o, const char *value, struct text *error)
{
	if (!quantity_duration(value, &o->for_ns) && o->for_ns > 0)
		return 0;
	text_addf(error, _("--for: '%s' is no duration such as 500ms, 10s or 5m"), value);
	return -EINVAL;
}

static int take_count(struct options *o, const char *value, struct text *error)
{
	if (!quantity_count(value, &o->count))
		return 0;
	text_addf(error, _("--count: '%s' is no whole number from 1 up"), value);
	return -EINVAL;
}

static int take_netns(struct options *o, const char *value, struct text *error)
{
	o->netns = value;
	if (*value)
		return 0;
	text_addf(error, _("--netns: '%s' is no name, pid or path"), value);
	return -EINVAL;
}

/* What getopt could not make sense of: `typed` is the word as it was typed. */
static void tell_unknown(const char *typed, struct text *error)
{
	const char *names[sizeof long_options / sizeof *long_options], *near, *first = NULL;
	size_t count = 0, len, matches = 0;
	char name[64];

	if (typed[0] != '-' || typed[1] != '-') {
		/* A letter among others: getopt says which. */
		text_addf(error, _("unknown option '-%c'"), optopt);
		return;
	}
	len = strcspn(typed, "=");
	if (len >= sizeof name)
		len = sizeof name - 1;
	memcpy(name, typed, len);
	name[len] = '\0';
	for (const struct option *o = long_options; o->name; o++) {
		names[count++] = o->name;
		if (strncmp(o->name, name + 2, len - 2))
			continue;
		first = first ? first : o->name;
		matches++;
	}
	if (optopt >= OPTION_BASE) {
		text_addf(error, _("option '%s' takes no argument"), name);
	} else if (matches > 1) {
		text_addf(error, _("option '%s' can mean more than one, such as '--%s'"), name, first);
	} else {
		near = suggest_near(name + 2, names, count);
		if (near)
			text_addf(error, _("unknown option '%s'; did you mean '--%s'?"), name, near);
		else
			text_addf(error, _("unknown option '%s'"), name);
	}
}

/* --interval 2s, --ascii, --no-owners: each by the name of its setting. */
static int take_setting(struct options *o, const char *name, const char *value, struct text *error)
{
	static const struct origin_place place = { .origin = ORIGIN_OPTION };
	const bool no = !strncmp(name, "no-", 3);
	const enum setting setting = setting_from_key(no ? name + 3 : name);
	struct text told = {0};
	int result;

	assert(setting < SETTING_COUNT);
	result = settings_say(o, setting, value ? value : no ? "no" : "yes", place, &told);
	if (result)
		text_addf(error, "--%s: %s", name, text_string(&told));
	text_fini(&told);
	return result;
}

static int take_option(struct options *o, int option, const char *value, struct text *error)
{
	switch (option) {
	case OPTION_DEMO: o->demo = true; break;
	case OPTION_NETNS: return take_netns(o, value, error);
	case OPTION_ALL_NETNS: o->all_netns = true; break;
	case OPTION_JSON: o->json = true; break;
	case OPTION_FOR: return take_for(o, value, error);
	case OPTION_COUNT: return take_count(o, value, error);
	case OPTION_THEMES: o->themes = true; break;
	case OPTION_PRINT_CONFIG: o->print_config = true; break;
	default: return take_setting(o, long_options[option - OPTION_BASE - 1].name, value, error);
	}
	return 0;
}

/* Options that say nothing to the command at hand are no harm, but for those whose absence would surprise. */
static int check_together(const struct options *o, struct text *error)
{
	if (o->command != COMMAND_EVENTS && (o->for_ns || o->count)) {
		text_addf(error, _("'%s' goes with the command '%s' only"), o->for_ns ? "--for" : "--count", "events");
		return -EINVAL;
	}
	if (o->demo + o->all_netns + (o->netns != NULL) > 1) {
		text_addf(error, _("'%s' and '%s' do not go together"), o->demo ? "--demo" : "--netns", o->all_netns ? "--all-netns" : "--netns");
		return -EINVAL;
	}
	return 0;
}

void options_init(struct options *o)
{
	*o = (struct options){ .command = COMMAND_SCREEN };
	settings_init(o);
}

int options_parse(struct options *o, int argc, char *const argv[], struct text *error)
{
	bool have_command = false;
	int option, before, failed = 0;

	start_over();
	while (!failed) {
		before = optind ? optind : 1;
		option = next_option(argc, argv);
		if (option == -1)
			break;
		if (option == OPTION_HELP || option == OPTION_VERSION) {
			o->command = option == OPTION_HELP ? COMMAND_HELP : COMMAND_VERSION;
			return 0;
		}
		if (option == WORD) {
			failed = take_word(o, optarg, &have_command, error);
		} else if (option == ':') {
			text_addf(error, _("option '%s' needs an argument"), argv[before]);
			failed = -EINVAL;
		} else if (option == '?') {
			tell_unknown(argv[before], error);
			failed = -EINVAL;
		} else {
			failed = take_option(o, option, optarg, error);
		}
	}
	/* Behind "--" no word is a command. */
	for (; !failed && optind < argc; optind++)
		filter_add_argument(&o->filter, argv[optind]);
	if (o->themes)
		o->command = COMMAND_THEMES;
	failed = failed ? failed : check_together(o, error);
	if (!failed && o->print_config)
		o->command = COMMAND_PRINT_CONFIG;
	return failed;
}

void options_fini(struct options *o)
{
	settings_fini(o);
	text_fini(&o->filter);
}

#define NAME_COLUMNS 26

static void help_option(struct text *out, const char *name, char letter, const char *argument, const char *help)
{
	struct text left = {0};

	if (letter)
		text_addf(&left, "  -%c, --%s", letter, name);
	else
		text_addf(&left, "      --%s", name);
	if (argument)
		text_addf(&left, " %s", argument);
	text_add_padded(out, text_string(&left), NAME_COLUMNS, 0, "");
	text_addf(out, " %s\n", help);
	text_fini(&left);
}

void options_help(struct text *out)
{
	text_add(out, _("Usage: synfin [OPTION]... [COMMAND] [FILTER]\n"));
	text_add(out, _("Watch every TCP connection of this host open, live and close.\n"));
	text_add(out, _("\nCommands:\n"));
#define X(name, word, help)                                                \
	text_add(out, "  ");                                               \
	text_add_padded(out, *(word) ? (word) : _("(none)"), 10, 0, "");   \
	text_addf(out, " %s\n", _(help));
	COMMANDS(X)
#undef X
	text_add(out, _("\nA FILTER is what ss(8) takes, and more; all of it: man synfin.\n"));
	text_add(out, "  state close-wait   dport = :443 or sport = :443   src 10.0.0.0/8\n");
	text_add(out, "  comm = nginx   user = www-data   age > 2h   recvq > 0   opener = remote\n");
	text_add(out, _("\nOptions:\n"));
#define X(name, text, letter, argument, help) help_option(out, text, letter, argument, _(help));
	OPTIONS(X)
#undef X
	text_add(out, _("\nWhat is to last goes into ~/.config/synfin/config; --print-config shows how.\n"));
	text_add(out, _("Options go before it: also --owners, --no-ascii, --animation and --mouse.\n"));
	text_add(out, _("\nA DURATION is a number with us, ms, s, m or h; without a unit, seconds.\n"));
	text_add(out, _("Exit status: 0 done, 1 could not be done, 2 bad usage. More: man synfin.\n"));
}
