/* A ladder as plain text: what the screen shows, whole. */
#include "base/message.h"
#include "show/export.h"

#include "ladder_standing.h"

#define TEXT_COLUMNS 100
#define LINES_MORE 4 /* than rows: heading, the states at the top, countdowns */

static void add_title(const struct ladder_view *v, const struct glyphs *glyphs, struct text *out)
{
	struct text title = {0};

	ladder_view_title(v, glyphs, UINT32_MAX, &title);
	text_addf(out, "%s\n\n", text_string(&title));
	text_fini(&title);
}

void export_text(const struct ladder_view *v, const struct glyphs *glyphs, int64_t now_ns, struct text *out)
{
	const struct ladder_style style = {
		.absolute_time = v->choices.absolute_time,
		.absolute_numbers = v->choices.absolute_numbers,
		.utc_offset_s = v->utc_offset_s,
		.show_how = true,
	};
	struct canvas canvas;
	struct text standing = {0};

	add_title(v, glyphs, out);
	canvas_init(&canvas, v->ladder.count + LINES_MORE, TEXT_COLUMNS, glyphs);
	ladder_paint(&v->ladder, area_all(&canvas), (struct ladder_moment){.whole = v->ladder.count}, &style);
	canvas_to_text(&canvas, out);
	canvas_fini(&canvas);
	standing_say(v, now_ns, glyphs, &standing);
	text_addf(out, "%s\n", text_string(&standing));
	text_fini(&standing);
}
