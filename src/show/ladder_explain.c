/* Explaining an arrow. */
#include "ladder_explain.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "ladder_lessons.h"
#include "ladder_words.h"
#include "show/amount.h"
#include "show/paragraph.h"
#include "tcp/flags.h"

enum { LOCAL, REMOTE };

/* ---- what it means ---- */

/* The states of both ends before and after the row. */
static void follow_states(const struct ladder *l, unsigned row, struct explanation *e)
{
	e->to[LOCAL] = l->first_local;
	e->to[REMOTE] = l->first_remote;
	e->deduced = l->first_deduced;
	for (unsigned i = 0; i <= row; i++) {
		e->from[LOCAL] = e->to[LOCAL];
		e->from[REMOTE] = e->to[REMOTE];
		if (l->rows[i].local.state)
			e->to[LOCAL] = l->rows[i].local.state;
		if (!l->rows[i].remote.state)
			continue;
		e->to[REMOTE] = l->rows[i].remote.state;
		e->deduced = l->rows[i].remote.deduced;
	}
}

static bool fits(const struct lesson *lesson, const struct ladder_row *row, const struct explanation *e)
{
	const unsigned sender = row->from_local ? LOCAL : REMOTE;

	if (lesson->part != row->part || (lesson->unanswered && !row->unanswered))
		return false;
	if (lesson->sender && (lesson->sender == SENT_BY_LOCAL) != row->from_local)
		return false;
	if ((row->flags & lesson->with) != lesson->with || row->flags & lesson->without)
		return false;
	if (lesson->sender_in && lesson->sender_in != e->to[sender])
		return false;
	if (lesson->receiver_from && lesson->receiver_from != e->from[!sender])
		return false;
	if (lesson->receiver_in && (lesson->receiver_in != e->to[!sender] || e->from[!sender] == e->to[!sender]))
		return false;
	return !lesson->note || (row->note && strcmp(lesson->note, row->note) == 0);
}

struct explanation explain_row(const struct ladder *l, unsigned row)
{
	struct explanation e = {.title = "", .text = "", .source = ""};

	follow_states(l, row, &e);
	for (unsigned i = 0; i < lesson_count; i++) {
		if (!fits(&lessons[i], &l->rows[row], &e))
			continue;
		e.title = lessons[i].title;
		e.text = lessons[i].text;
		e.source = lessons[i].source;
		break;
	}
	return e;
}

void explain_source(const struct ladder *l, unsigned row, const struct glyphs *g, struct text *out)
{
	static const char sign[] = "§";

	for (const char *s = explain_row(l, row).source; *s;) {
		const bool section = strncmp(s, sign, strlen(sign)) == 0;

		if (section && !g->unicode)
			text_add(out, "sec. ");
		else
			text_add_bytes(out, s, section ? strlen(sign) : 1);
		s += section ? strlen(sign) : 1;
	}
}

/* ---- how it is known ---- */

static const char *certainty_text(const struct ladder_row *row)
{
	if (row->part == PART_AGAIN)
		return N_("seen: the kernel counts it, but does not say when.");
	if (row->part == PART_DATA)
		return row->bytes_known ? N_("seen: the kernel counts the bytes.") : "";
	switch ((enum certainty)row->certainty) {
	case CERTAINTY_EXACT: return N_("exact: the kernel reported this very step.");
	case CERTAINTY_OBSERVED: return N_("seen: one look found the state before it, the next one the state after.");
	case CERTAINTY_INFERRED: return N_("inferred: nobody saw it, but TCP allows no other way between what was seen.");
	case CERTAINTY_AMBIGUOUS: return N_("either way: two stories fit what was seen, and this is the likelier.");
	case CERTAINTY_NONE: break;
	}
	return "";
}

static void say(struct text *out, const char *sentence)
{
	if (!*sentence)
		return;
	if (out->len)
		text_add(out, " ");
	text_add(out, sentence);
}

static void say_when(const struct ladder_row *row, const struct glyphs *g, struct text *out)
{
	char span[WORDS_ROOM], sentence[WORDS_ROOM + 64];

	if (!row->certainty || !row->t1_ns || row->t0_ns == row->t1_ns || row->part == PART_DATA)
		return;
	if (!row->t0_ns) {
		say(out, _("When it happened has no lower bound."));
		return;
	}
	words_duration(row->t1_ns - row->t0_ns, true, g, span);
	snprintf(sentence, sizeof(sentence), _("It happened within %s."), span);
	say(out, sentence);
}

static void say_numbers(const struct ladder_row *row, struct text *out)
{
	if (row->part == PART_DATA || row->part == PART_NOTE || row->part == PART_AGAIN || row->part == PART_RESET)
		return;
	if (!row->has_seq && !row->has_ack)
		say(out, _("Its numbers are not known."));
	else if (row->numbers == CERTAINTY_EXACT)
		say(out, _("Its numbers were reported."));
	else if (row->part == PART_OPEN || row->part == PART_OPEN_ACK)
		say(out, _("Its numbers count from each side's SYN, which is 0."));
	else
		say(out, _("Its numbers follow from the counted bytes, SYN and FIN."));
}

/* Who opened, under the first SYN; who closed first, under the first FIN. */
static void say_evidence(const struct ladder *l, unsigned row, const struct ladder_info *info, struct text *out)
{
	const enum ladder_part part = l->rows[row].part;
	struct text side = {0};

	for (unsigned i = 0; i < row; i++)
		if (l->rows[i].part == part)
			return;
	if (part == PART_OPEN)
		info_side_words(info->opener, info->opener_by, &side);
	else if (part == PART_FIN)
		info_side_words(info->closer, info->closer_by, &side);
	if (side.len) {
		text_add(out, " ");
		text_addf(out, part == PART_OPEN ? _("Opened by: %s.") : _("Closed first by: %s."), text_string(&side));
	}
	text_fini(&side);
}

void explain_how(const struct ladder *l, unsigned row, const struct ladder_info *info, const struct glyphs *g, struct text *out)
{
	const struct ladder_row *r = &l->rows[row];
	const char *certainty = certainty_text(r);

	if (*certainty)
		say(out, _(certainty));
	say_when(r, g, out);
	say_numbers(r, out);
	say_evidence(l, row, info, out);
}

/* ---- the picture ---- */

static const char *const end_names[] = {N_("here"), N_("there")};

/* "here   SYN_SENT → ESTABLISHED" */
static void paint_change(struct area area, unsigned row, const struct explanation *e, unsigned side, unsigned label_columns)
{
	int at = (int)label_columns + 2;

	area_text(area, (int)row, 0, ROLE_DIM, 0, _(end_names[side]));
	at += (int)area_text(area, (int)row, at, role_of_state(e->from[side]), 0, state_name(e->from[side]));
	at += (int)area_textf(area, (int)row, at, ROLE_DIM, 0, " %s ", area.canvas->glyphs->arrow_right);
	at += (int)area_text(area, (int)row, at, role_of_state(e->to[side]), CELL_BOLD, state_name(e->to[side]));
	if (side == REMOTE && e->deduced)
		area_text(area, (int)row, at, ROLE_DIM, 0, " ?");
}

static unsigned label_columns(void)
{
	const unsigned here = utf8_columns(_(end_names[LOCAL])), there = utf8_columns(_(end_names[REMOTE]));

	return here > there ? here : there;
}

static unsigned lay(const struct ladder *l, unsigned row, const struct ladder_info *info, struct area area, bool paint, const struct glyphs *g)
{
	const struct explanation e = explain_row(l, row);
	const unsigned labels = label_columns();
	struct text how = {0};
	unsigned y;

	explain_how(l, row, info, g, &how);
	y = paint ? paragraph_paint(area, ROLE_TEXT, 0, _(e.text)) : paragraph_rows(_(e.text), area.columns);
	for (unsigned side = LOCAL; side <= REMOTE; side++) {
		if (e.from[side] == e.to[side] || !e.from[side])
			continue;
		if (paint)
			paint_change(area, y, &e, side, labels);
		y++;
	}
	y += paint ? paragraph_paint(area_part(area, y, 0, area.rows, area.columns), ROLE_DIM, 0, text_string(&how)) :
		     paragraph_rows(text_string(&how), area.columns);
	text_fini(&how);
	return y;
}

unsigned explain_paint(const struct ladder *l, unsigned row, const struct ladder_info *info, struct area area)
{
	return lay(l, row, info, area, true, area.canvas->glyphs);
}

unsigned explain_rows(const struct ladder *l, unsigned row, const struct ladder_info *info, const struct glyphs *g, unsigned columns)
{
	return lay(l, row, info, (struct area){.columns = columns}, false, g);
}
