/* Standard output as something to write for a person on. */
#include "config.h"

#include "surface.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/message.h"
#include "commands.h"

#define COLUMNS_MAX 10000

unsigned surface_columns(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long from_environment = columns ? strtol(columns, NULL, 10) : 0;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return from_environment > 0 && from_environment <= COLUMNS_MAX ? (unsigned)from_environment : 0;
}

bool surface_color(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb");
}

const struct glyphs *surface_glyphs(const struct options *o)
{
	return o->ascii || !message_terminal_is_utf8() ? &glyphs_ascii : &glyphs_unicode;
}

void surface_open(struct output *out, const struct options *o)
{
	output_init(out, STDOUT_FILENO);
	out->ascii = o->ascii && !o->json && message_is_ascii();
}

int surface_result(int error)
{
	if (!error || error == -EPIPE)
		return EXIT_DONE;
	log_line(_("cannot write to standard output: %s"), strerror(-error));
	return EXIT_FAILED;
}
