/* synfin: the entry. Settles what every command relies on (three standard descriptors, the language), reads the command line and goes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/message.h"
#include "commands.h"
#include "options.h"
#include "out/output.h"
#include "surface.h"
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

/*
 * Large pieces go back to the system when they are freed: glibc would raise its own limit with each, and keep what an index of a million rows needed for
 * a moment.
 */
#define LARGE_BYTES (256 * 1024)

static void return_large_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

static int print(void (*write)(struct text *out))
{
	struct output out;
	int error;

	output_init(&out, STDOUT_FILENO);
	write(&out.text);
	error = output_flush(&out, -1);
	output_fini(&out);
	return surface_result(error);
}

static void version(struct text *out)
{
	text_add(out, PACKAGE_STRING "\n");
	text_add(out, _("MIT License. Copyright (c) 2026 The synfin authors.\n"));
}

static int run(struct options *o)
{
	/* A table where there is no screen to draw on, and lines where lines are asked for. */
	if (o->command == COMMAND_SCREEN && (o->json || !isatty(STDOUT_FILENO)))
		o->command = COMMAND_LIST;
	if (o->command < COMMAND_COUNT && screen_check_theme(o->theme))
		return EXIT_USAGE;
	switch (o->command) {
	case COMMAND_HELP: return print(options_help);
	case COMMAND_VERSION: return print(version);
	case COMMAND_THEMES: return cmd_themes(o);
	case COMMAND_LIST: return cmd_list(o);
	case COMMAND_EVENTS: return cmd_events(o);
	default: return cmd_screen(o);
	}
}

int main(int argc, char *argv[])
{
	const char *language = options_language(argc, argv);
	struct text error = {0};
	struct options options = {0};
	int status = EXIT_USAGE, found;

	return_large_memory();
	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	tzset();
	found = message_init(language, NULL);
	if (!found && message_settle_terminal(options_ascii(argc, argv)))
		log_line("%s", _("the terminal does not take UTF-8, so messages are in English"));
	if (found)
		text_addf(&error, _("--lang: there are no messages in '%s'"), language);
	else
		options_parse(&options, argc, argv, &error);
	if (error.len)
		log_line(_("%s (try 'synfin --help')"), text_string(&error));
	else
		status = run(&options);
	text_fini(&error);
	options_fini(&options);
	return status;
}
