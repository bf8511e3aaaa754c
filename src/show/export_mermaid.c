/*
 * A ladder as a Mermaid sequence diagram.
 *
 * Arrows: ->> known, -->> inferred, -x lost; one that another crosses leaves as an open arrow, and the state it makes where it arrives is noted there.
 * Mermaid reads '#' and ';' in words as its own: they are written as codes.
 */
#include <stdio.h>

#include "base/message.h"
#include "export_words.h"

static void add_escaped(struct text *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '#': text_add(out, "#35;"); break;
		case ';': text_add(out, "#59;"); break;
		case '%': text_add(out, "#37;"); break;
		case '<': text_add(out, "#lt;"); break;
		case '>': text_add(out, "#gt;"); break;
		case '"': text_add(out, "#quot;"); break;
		case '\n': text_add(out, " "); break;
		default: text_add_char(out, *s);
		}
	}
}

static void add_participant(const struct ladder_view *v, bool local, struct text *out)
{
	char endpoint[ENDPOINT_TEXT_ROOM];

	export_endpoint(v, local, endpoint);
	text_addf(out, "    participant %c as ", local ? 'L' : 'R');
	if (export_program(v, local)[0]) {
		add_escaped(out, export_program(v, local));
		text_add(out, "<br/>");
	}
	add_escaped(out, endpoint);
	text_add(out, "\n");
}

static void add_state(enum tcp_state state, bool deduced, bool local, struct text *out)
{
	if (state != STATE_NONE)
		text_addf(out, "    Note %s: %s%s\n", local ? "left of L" : "right of R", state_name(state), deduced ? " ?" : "");
}

static const char *line_of(const struct ladder_row *row)
{
	const bool inferred = row->certainty >= CERTAINTY_INFERRED;

	if (row->unanswered)
		return inferred ? "--x" : "-x";
	if (row->crossing == CROSSING_LEAVES)
		return inferred ? "--)" : "-)";
	return inferred ? "-->>" : "->>";
}

static void add_arrow(const struct ladder_row *row, struct text *out)
{
	char words[WORDS_ROOM];
	unsigned flags_bytes;

	export_segment(row, words, &flags_bytes);
	text_addf(out, "    %c%s%c: ", row->from_local ? 'L' : 'R', line_of(row), row->from_local ? 'R' : 'L');
	add_escaped(out, words);
	text_add(out, "\n");
}

static void add_remark(const struct ladder_view *v, const struct ladder_row *row, struct text *out)
{
	char words[WORDS_ROOM];

	export_remark(row, words);
	if (!*words)
		return;
	text_addf(out, "    Note over %s: ", v->ladder.alone ? "L" : "L,R");
	add_escaped(out, words);
	text_add(out, "\n");
}

void export_mermaid(const struct ladder_view *v, struct text *out)
{
	const struct ladder *l = &v->ladder;

	char begin[CLOCK_RFC3339_ROOM];

	export_begin(v, begin);
	text_add(out, "sequenceDiagram\n");
	if (*begin)
		text_addf(out, "    %%%% %s\n", begin);
	add_participant(v, true, out);
	if (!l->alone)
		add_participant(v, false, out);
	add_state(l->first_local, false, true, out);
	if (!l->alone)
		add_state(l->first_remote, l->first_deduced, false, out);
	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_row row = export_row(v, i);

		if (!export_is_arrow(&row))
			add_remark(v, &row, out);
		else if (row.crossing != CROSSING_ARRIVES)
			add_arrow(&row, out);
		add_state(row.local.state, false, true, out);
		if (!l->alone)
			add_state(row.remote.state, row.remote.deduced, false, out);
	}
}
