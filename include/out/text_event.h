/* Events as lines for a person: `synfin events`. Time of day in the reader's zone; a line that begins with '#' says what stream this is, and which day. */
#ifndef OUT_TEXT_EVENT_H
#define OUT_TEXT_EVENT_H

#include <stdbool.h>

#include "base/text.h"
#include "out/json_event.h"
#include "show/canvas.h"
#include "track/event.h"

struct text_event {
	const struct glyphs *glyphs;
	bool color, netns; /* netns: several namespaces are watched, so each line says in which it was */
	int year, day; /* of the last line: a new day is told */
};

void text_event_header(struct text_event *s, struct text *out, const struct json_header *h);
/* Adds a line; returns false and adds none for what only changes figures or lists what is there (update, unless it is of holders; connection; end of a keyframe). */
bool text_event_add(struct text_event *s, struct text *out, const struct event *e);

#endif
