/*
 * A ladder as a document: plain text, a Mermaid sequence diagram, an SVG picture. The whole of it is told, whatever part is
 * drawn on the screen. Pure: text out; who calls writes the file.
 */
#ifndef SHOW_EXPORT_H
#define SHOW_EXPORT_H

#include "base/text.h"
#include "show/ladder_view.h"

/* X(enumerator, ending of the file's name, label, what it is for) */
#define EXPORTS(X)                                                                             \
	X(TEXT, "txt", N_("Text"), N_("as it stands on the screen"))                           \
	X(MERMAID, "mmd", "Mermaid", N_("a sequence diagram for Markdown pages"))              \
	X(SVG, "svg", "SVG", N_("a picture, for light and dark pages"))
enum export_kind {
#define X(name, ending, label, what) EXPORT_##name,
	EXPORTS(X)
#undef X
	EXPORT_KINDS,
};

const char *export_label(enum export_kind kind); /* message ids, both */
const char *export_what(enum export_kind kind);

/* Appends the document. glyphs: of the text form. */
void export_ladder(const struct ladder_view *v, enum export_kind kind, const struct glyphs *glyphs, int64_t now_ns, struct text *out);

/* "synfin-curl-41812-443.svg"; from nth 2 on "synfin-curl-41812-443-2.svg". Only letters and digits of any script, '.', '_' and '-', and never first a '.' */
#define EXPORT_NAME_ROOM 96
const char *export_file_name(const struct ladder_view *v, enum export_kind kind, unsigned nth, char out[EXPORT_NAME_ROOM]);

/* ---- one form each ---- */
void export_text(const struct ladder_view *v, const struct glyphs *glyphs, int64_t now_ns, struct text *out);
void export_mermaid(const struct ladder_view *v, struct text *out);
void export_svg(const struct ladder_view *v, struct text *out);

#endif
