/* synfin: the entry. Settles what every command relies on (three standard descriptors, the language), reads the command line and goes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "commands.h"
#include "configuration.h"
#include "out/output.h"
#include "surface.h"
#include "tui/keymap.h"
#include "tui/screen.h"

/*
 * A standard descriptor that was closed would come back as the first socket we open, and be written to. In its place goes one that fails as a
 * closed one does.
 */
static void keep_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* What there is to print is in the text of `out`. */
static int print(struct output *out)
{
	const int error = output_flush(out, -1);

	output_fini(out);
	return surface_result(error);
}

static int print_text(void (*write)(struct text *out))
{
	struct output out;

	output_init(&out, STDOUT_FILENO);
	write(&out.text);
	return print(&out);
}

static void version(struct text *out)
{
	text_add(out, PACKAGE_STRING "\n");
	text_add(out, _("MIT License. Copyright (c) 2026 The synfin authors.\n"));
}

/* ---- the configuration ---- */

/* What it all comes from: in force is `options` and `keymap`. */
struct setup {
	struct configuration configuration;
	struct options options;
	struct keymap *keymap;
	struct text mistakes; /* in the configuration: a line for each */
};

/*
 * The language comes before all else, for errors are told in it: that of the strongest who asks for one that there is, or "auto", is stored. -ENOENT if
 * --lang asks for another.
 */
static int choose_language(const struct configuration *c, const char *option, const char **chosen)
{
	const char *language = option;
	size_t at = c->count;

	if (!language)
		language = configuration_next(c, SETTING_LANG, &at);
	while (language && strcmp(language, "auto")) {
		*chosen = language;
		if (setting_is_language(language) && !message_init(language, NULL))
			return 0;
		if (option)
			return -ENOENT;
		language = configuration_next(c, SETTING_LANG, &at);
	}
	*chosen = "auto";
	return message_init(NULL, NULL);
}

/* The same for --ascii, which decides whether there can be other languages at all. */
static bool choose_ascii(const struct configuration *c, int argc, char *const argv[])
{
	const char *value;
	size_t at = c->count;
	bool ascii = false;

	while ((value = configuration_next(c, SETTING_ASCII, &at)) && !setting_read_bool(value, &ascii))
		continue;
	return options_ascii(argc, argv, ascii);
}

/* Languages and themes that there are not are found out only when they are looked for. */
static int settle(struct setup *s, const char *language)
{
	struct text why = {0};
	int result = 0;

	/* Those that asked for nothing that could be a language have been told, and are not in force. */
	while (strcmp(settings_said(&s->options, SETTING_LANG)->value, language)) {
		text_clear(&why);
		text_addf(&why, _("there are no messages in '%s'"), settings_said(&s->options, SETTING_LANG)->value);
		if (!configuration_take_back(&s->configuration, &s->options, SETTING_LANG, text_string(&why), &s->mistakes))
			break;
	}
	text_clear(&why);
	while (!result && screen_check_theme(s->options.theme, &why)) {
		if (!configuration_take_back(&s->configuration, &s->options, SETTING_THEME, text_string(&why), &s->mistakes))
			result = -ENOENT;
		else
			text_clear(&why);
	}
	if (result)
		log_line("%s", text_string(&why));
	text_fini(&why);
	return result;
}

static int print_configuration(const struct setup *s)
{
	struct output out;
	int status;

	output_init(&out, STDOUT_FILENO);
	configuration_print(&s->configuration, &s->options, s->keymap, &out.text);
	status = print(&out);
	return status == EXIT_DONE && s->mistakes.len ? EXIT_USAGE : status;
}

/* ---- the commands ---- */

static int run(struct setup *s, const char *language)
{
	struct options *o = &s->options;

	/* A table where there is no screen to draw on, and lines where lines are asked for. */
	if (o->command == COMMAND_SCREEN && (o->json || !isatty(STDOUT_FILENO)))
		o->command = COMMAND_LIST;
	if (o->command == COMMAND_HELP)
		return print_text(options_help);
	if (o->command == COMMAND_VERSION)
		return print_text(version);
	if (settle(s, language))
		return EXIT_USAGE;
	log_lines(text_string(&s->mistakes));
	switch (o->command) {
	case COMMAND_PRINT_CONFIG: return print_configuration(s);
	case COMMAND_THEMES: return cmd_themes(o);
	case COMMAND_LIST: return cmd_list(o);
	case COMMAND_EVENTS: return cmd_events(o);
	default: return cmd_screen(o, s->keymap, text_string(&s->mistakes));
	}
}

int main(int argc, char *argv[])
{
	const char *language = options_language(argc, argv), *chosen = language;
	struct setup s = { .keymap = keymap_new() };
	struct text error = {0};
	int status = EXIT_USAGE, found;

	memory_tune();
	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	tzset();
	configuration_load(&s.configuration, environ);
	found = choose_language(&s.configuration, language, &chosen);
	if (!found && message_settle_terminal(choose_ascii(&s.configuration, argc, argv)))
		log_line("%s", _("the terminal does not take UTF-8, so messages are in English"));
	options_init(&s.options);
	configuration_apply(&s.configuration, &s.options, s.keymap, &s.mistakes);
	if (found)
		text_addf(&error, _("--lang: there are no messages in '%s'"), language);
	else
		options_parse(&s.options, argc, argv, &error);
	if (error.len)
		log_line(_("%s (try 'synfin --help')"), text_string(&error));
	else
		status = run(&s, chosen);
	text_fini(&error);
	text_fini(&s.mistakes);
	options_fini(&s.options);
	configuration_fini(&s.configuration);
	keymap_free(s.keymap);
	return status;
}
