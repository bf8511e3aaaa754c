/* A ladder as plain text: what the screen shows, whole. */
#include "export_words.h"
#include "ladder_standing.h"

#define TEXT_COLUMNS 100

static void add_title(const struct ladder_view *v, const struct glyphs *glyphs, struct text *out)
{
	char begin[CLOCK_RFC3339_ROOM];
	struct text title = {0};

	ladder_view_title(v, glyphs, UINT32_MAX, &title);
	export_begin(v, begin);
	text_addf(out, "%s%s%s\n\n", text_string(&title), *begin ? "  " : "", begin);
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
	const unsigned rows = v->ladder.count + 2; /* with heads, and the states at the top */
	struct canvas canvas;
	struct text standing = {0};

	add_title(v, glyphs, out);
	canvas_init(&canvas, rows, TEXT_COLUMNS, glyphs);
	ladder_paint(&v->ladder, area_all(&canvas), (struct ladder_moment){.whole = v->ladder.count}, &style);
	canvas_to_text(&canvas, out);
	canvas_resize(&canvas, 1, TEXT_COLUMNS);
	legend_paint(area_part(area_all(&canvas), 0, 1, 1, TEXT_COLUMNS));
	canvas_to_text(&canvas, out);
	canvas_fini(&canvas);
	standing_say(v, now_ns, glyphs, &standing);
	text_addf(out, "\n%s\n", text_string(&standing));
	text_fini(&standing);
}
