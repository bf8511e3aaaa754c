/* The forms in which a ladder is exported, and the names of their files. */
#include "show/export.h"

#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/message.h"
#include "base/utf8.h"

static const struct {
	const char *ending, *label, *what;
} kinds[EXPORT_KINDS] = {
#define X(name, ending, label, what) {ending, label, what},
	EXPORTS(X)
#undef X
};

const char *export_label(enum export_kind kind)
{
	return kinds[kind].label;
}

const char *export_what(enum export_kind kind)
{
	return kinds[kind].what;
}

void export_ladder(const struct ladder_view *v, enum export_kind kind, const struct glyphs *glyphs, int64_t now_ns, struct text *out)
{
	switch (kind) {
	case EXPORT_TEXT:
		export_text(v, glyphs, now_ns, out);
		break;
	case EXPORT_MERMAID:
		export_mermaid(v, out);
		break;
	case EXPORT_SVG:
		export_svg(v, out);
		break;
	case EXPORT_KINDS:
		break;
	}
}

/* A program can call itself anything: what is no part of a word becomes '_'. */
static void plain_name(const char *name, char out[COMM_ROOM])
{
	char clean[COMM_ROOM];
	size_t len = 0, left = clean_copy(clean, sizeof(clean), name, strlen(name));

	for (const char *at = clean; left > 0;) {
		unsigned rune;
		const size_t bytes = utf8_decode(at, left, &rune);

		if (utf8_rune_is_word(rune) || rune == '.') {
			memcpy(out + len, at, bytes);
			len += bytes;
		} else {
			out[len++] = '_';
		}
		at += bytes;
		left -= bytes;
	}
	out[len] = '\0';
}

const char *export_file_name(const struct ladder_view *v, enum export_kind kind, unsigned nth, char out[EXPORT_NAME_ROOM])
{
	char name[COMM_ROOM] = "", again[16] = "", remote[8] = "";

	if (v->pid)
		plain_name(v->comm, name);
	if (v->tuple.remote.port)
		snprintf(remote, sizeof(remote), "-%u", v->tuple.remote.port);
	if (nth > 1)
		snprintf(again, sizeof(again), "-%u", nth);
	snprintf(out, EXPORT_NAME_ROOM, "synfin-%s%s%u%s%s.%s", name, *name ? "-" : "", v->tuple.local.port, remote, again, kinds[kind].ending);
	return out;
}
