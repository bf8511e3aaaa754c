/* `synfin --themes`: the themes there are. Mistakes in a person's own are told on standard error. */
#include "config.h"

#include <unistd.h>

#include "base/log.h"
#include "commands.h"
#include "out/output.h"
#include "surface.h"
#include "tui/gallery.h"

int cmd_themes(const struct options *o)
{
	struct text mistakes = {0};
	struct output out;
	int error;

	surface_open(&out, o);
	gallery_show(&out.text, &mistakes, surface_glyphs(o), surface_color(o), surface_columns());
	error = output_flush(&out, -1);
	output_fini(&out);
	log_lines(text_string(&mistakes));
	text_fini(&mistakes);
	return surface_result(error);
}
