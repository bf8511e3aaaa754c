/* Themes as lines of text. */
#include "tui/gallery.h"

#include <unistd.h>

#include "base/message.h"
#include "base/utf8.h"
#include "terminal.h"
#include "theme.h"

#define GAP 2
#define WIDE_FROM 110 /* columns, for a sample with more states */
#define UNLIMITED 10000
#define DESCRIPTION_LEAST 8

/* What a sample is made of; a blank between two. */
struct swatch {
	enum role role;
	const char *text; /* NULL: what `glyph` gives */
	const char *(*glyph)(const struct glyphs *g, unsigned at); /* the one in column `at`; NULL: it ends */
};

static const char *known(const struct glyphs *g, unsigned at)
{
	return at < 2 ? g->horizontal : at == 2 ? g->head_right : NULL;
}

static const char *inferred(const struct glyphs *g, unsigned at)
{
	return at < 2 ? at % 2 ? g->gap : g->dash : at == 2 ? g->head_right : NULL;
}

static const char *packet(const struct glyphs *g, unsigned at)
{
	return at == 0 ? g->packet : NULL;
}

static const char *lost(const struct glyphs *g, unsigned at)
{
	return at == 0 ? g->lost : NULL;
}

static const struct swatch narrow[] = {
	{ROLE_STATE_SYN_SENT, "SYN_SENT", NULL},
	{ROLE_STATE_CLOSE_WAIT, "CLOSE_WAIT", NULL},
	{ROLE_ARROW, NULL, known},
	{ROLE_ARROW_INFERRED, NULL, inferred},
	{ROLE_PACKET, NULL, packet},
	{ROLE_ARROW_LOST, NULL, lost},
};
static const struct swatch wide[] = {
	{ROLE_STATE_LISTEN, "LISTEN", NULL},
	{ROLE_STATE_SYN_SENT, "SYN_SENT", NULL},
	{ROLE_STATE_ESTABLISHED, "ESTABLISHED", NULL},
	{ROLE_STATE_FIN_WAIT1, "FIN_WAIT1", NULL},
	{ROLE_STATE_CLOSE_WAIT, "CLOSE_WAIT", NULL},
	{ROLE_STATE_TIME_WAIT, "TIME_WAIT", NULL},
	{ROLE_ARROW, NULL, known},
	{ROLE_ARROW_INFERRED, NULL, inferred},
	{ROLE_PACKET, NULL, packet},
	{ROLE_ARROW_LOST, NULL, lost},
};

/* ---- ECMA-48 8.3.117, SGR; and xterm's 38 and 48 ---- */

static void add_color(struct text *out, int32_t color, bool ground, bool direct)
{
	const int base = ground ? 40 : 30;

	if (color == COLOR_OWN)
		return;
	if (color < 8)
		text_addf(out, ";%d", base + color);
	else if (direct)
		text_addf(out, ";%d;2;%d;%d;%d", base + 8, color >> 16, color >> 8 & 0xff, color & 0xff);
	else if (color < 16)
		text_addf(out, ";%d", base + 60 + color - 8);
	else
		text_addf(out, ";%d;5;%d", base + 8, color);
}

static void add_look(struct text *out, const struct theme *theme, enum role role, const struct theme_terminal *terminal)
{
	static const char codes[] = {1, 2, 3, 4, 7}; /* of THEME_BOLD and the next bits */
	const struct theme_look look = theme_look(theme, role, false, terminal);

	text_add(out, "\033[0");
	for (unsigned i = 0; i < sizeof(codes); i++)
		if (look.attributes & 1u << i)
			text_addf(out, ";%d", codes[i]);
	add_color(out, look.fore, false, terminal->direct);
	add_color(out, look.ground, true, terminal->direct);
	text_add_char(out, 'm');
}

/* ---- lines ---- */

static void add_sample(struct text *out, const struct theme *theme, const struct theme_terminal *terminal, const struct glyphs *glyphs,
		       const struct swatch *swatches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct swatch *s = &swatches[i];
		const char *glyph;

		add_look(out, theme, ROLE_TEXT, terminal);
		text_add_char(out, ' ');
		add_look(out, theme, s->role, terminal);
		if (s->text)
			text_add(out, s->text);
		for (unsigned at = 0; s->glyph && (glyph = s->glyph(glyphs, at)) != NULL; at++)
			text_add(out, glyph);
	}
	add_look(out, theme, ROLE_TEXT, terminal);
	text_add(out, " \033[m");
}

static unsigned sample_columns(const struct glyphs *glyphs, const struct swatch *swatches, size_t count)
{
	unsigned columns = 1;

	for (size_t i = 0; i < count; i++) {
		unsigned at = 0;

		while (swatches[i].glyph && swatches[i].glyph(glyphs, at))
			at++;
		columns += 1 + at + (swatches[i].text ? utf8_columns(swatches[i].text) : 0);
	}
	return columns;
}

static void add_line(struct text *out, const struct theme_entry *entry, unsigned name_columns, const struct theme_terminal *terminal,
		     const struct glyphs *glyphs, unsigned columns)
{
	const struct swatch *swatches = columns >= WIDE_FROM ? wide : narrow;
	const size_t count = columns >= WIDE_FROM ? sizeof(wide) / sizeof(wide[0]) : sizeof(narrow) / sizeof(narrow[0]);
	const unsigned sample = sample_columns(glyphs, swatches, count);
	const char *about = entry->mistakes.len ? _("has mistakes: see below") : entry->theme.description;
	unsigned left;

	if (name_columns > columns)
		name_columns = columns;
	text_add_padded(out, entry->name, name_columns, 0, glyphs->ellipsis);
	left = columns - name_columns;
	if (left < GAP + sample) {
		text_add_char(out, '\n');
		return;
	}
	text_add_padded(out, "", GAP, 0, "");
	if (entry->mistakes.len)
		text_add_padded(out, "!", sample, 0, "");
	else
		add_sample(out, &entry->theme, terminal, glyphs, swatches, count);
	left -= GAP + sample;
	if (left >= GAP + DESCRIPTION_LEAST && *about) {
		const unsigned wanted = utf8_columns(about), room = left - GAP;

		text_add_padded(out, "", GAP, 0, "");
		text_add_padded(out, about, wanted < room ? wanted : room, 0, glyphs->ellipsis);
	}
	text_add_char(out, '\n');
}

void gallery_show(struct text *out, struct text *mistakes, const struct glyphs *glyphs, bool color, unsigned columns)
{
	struct theme_terminal terminal = {0};
	unsigned name_columns = 0;
	struct themes all;

	themes_load(&all);
	if (color)
		terminal.colors = terminal_colors(STDOUT_FILENO, &terminal.direct);
	for (unsigned i = 0; i < all.count; i++)
		if (utf8_columns(all.at[i].name) > name_columns)
			name_columns = utf8_columns(all.at[i].name);
	for (unsigned i = 0; i < all.count; i++) {
		if (all.at[i].mistakes.len)
			text_addf(mistakes, "%s\n", text_string(&all.at[i].mistakes));
		if (color)
			add_line(out, &all.at[i], name_columns, &terminal, glyphs, columns ? columns : UNLIMITED);
		else if (!all.at[i].mistakes.len)
			text_addf(out, "%s\n", all.at[i].name);
	}
	themes_fini(&all);
}
