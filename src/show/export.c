/* The forms in which a ladder is exported, and the names of their files. */
#include "show/export.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"

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

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* A program can call itself anything: what is no plain letter becomes '_'. */
static void plain_name(const char *name, char out[COMM_ROOM])
{
	size_t len = 0;

	while (name[len] && len + 1 < COMM_ROOM) {
		out[len] = is_plain(name[len]) ? name[len] : '_';
		len++;
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
