/* Typing a line: see prompt.h. */
#include "prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "key.h"

#define CTRL(letter) ((unsigned)(letter)&0x1fu)

void prompt_fini(struct prompt *p)
{
	for (unsigned i = 0; i < p->history_count; i++)
		free(p->history[i]);
	p->history_count = 0;
}

void prompt_set(struct prompt *p, const char *text)
{
	p->len = clean_copy(p->text, sizeof(p->text), text, strlen(text));
	p->at = p->len;
	p->shown = 0;
	p->full = false;
}

/* ---- editing ---- */

static size_t before(const struct prompt *p, size_t at)
{
	while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
		continue;
	return at;
}

static size_t after(const struct prompt *p, size_t at)
{
	unsigned rune;

	return at < p->len ? at + utf8_decode(p->text + at, p->len - at, &rune) : at;
}

static size_t word_before(const struct prompt *p, size_t at)
{
	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

static enum prompt_answer remove_bytes(struct prompt *p, size_t from, size_t to)
{
	if (from == to)
		return PROMPT_MOVED;
	memmove(p->text + from, p->text + to, p->len - to + 1);
	p->len -= to - from;
	p->at = from;
	p->full = false;
	return PROMPT_EDITED;
}

bool prompt_insert(struct prompt *p, unsigned rune)
{
	char encoded[4], clean[8];
	size_t len;

	if (rune == '\t' || rune == '\r' || rune == '\n')
		rune = ' ';
	len = clean_copy(clean, sizeof(clean), encoded, utf8_encode(rune, encoded));
	if (rune < ' ' || rune == 0x7f)
		return true;
	p->full |= p->len + len >= sizeof(p->text);
	if (p->full)
		return false;
	memmove(p->text + p->at + len, p->text + p->at, p->len - p->at + 1);
	memcpy(p->text + p->at, clean, len);
	p->len += len;
	p->at += len;
	return true;
}

bool prompt_replace(struct prompt *p, size_t from, size_t to, const char *with)
{
	const size_t len = strlen(with);

	if (to < from || to > p->len || p->len - (to - from) + len >= sizeof(p->text))
		return false;
	memmove(p->text + from + len, p->text + to, p->len - to + 1);
	memcpy(p->text + from, with, len);
	p->len = p->len - (to - from) + len;
	p->at = from + len;
	return true;
}

/* ---- history ---- */

void prompt_remember(struct prompt *p)
{
	if (p->len == 0 || (p->history_count > 0 && strcmp(p->history[0], p->text) == 0))
		return;
	if (p->history_count == PROMPT_HISTORY)
		free(p->history[--p->history_count]);
	memmove(p->history + 1, p->history, p->history_count * sizeof(p->history[0]));
	p->history[0] = memory_copy_string(p->text);
	p->history_count++;
}

static enum prompt_answer show_history(struct prompt *p, unsigned shown)
{
	if (shown == p->shown || shown > p->history_count)
		return PROMPT_MOVED;
	if (p->shown == 0)
		memcpy(p->draft, p->text, sizeof(p->draft));
	prompt_set(p, shown ? p->history[shown - 1] : p->draft);
	p->shown = shown;
	return PROMPT_EDITED;
}

/* ---- keys ---- */

static enum prompt_answer move(struct prompt *p, size_t at)
{
	p->at = at;
	return PROMPT_MOVED;
}

enum prompt_answer prompt_key(struct prompt *p, unsigned key)
{
	switch (key) {
	case KEY_CODE_ENTER: return PROMPT_ENTERED;
	case KEY_CODE_ESCAPE: return PROMPT_LEFT;
	case NAMED_KEY_LEFT: return move(p, before(p, p->at));
	case NAMED_KEY_RIGHT: return move(p, after(p, p->at));
	case NAMED_KEY_HOME:
	case CTRL('A'): return move(p, 0);
	case NAMED_KEY_END:
	case CTRL('E'): return move(p, p->len);
	case NAMED_KEY_BACKSPACE: return remove_bytes(p, before(p, p->at), p->at);
	case NAMED_KEY_DELETE: return remove_bytes(p, p->at, after(p, p->at));
	case CTRL('W'): return remove_bytes(p, word_before(p, p->at), p->at);
	case CTRL('U'): return remove_bytes(p, 0, p->at);
	case CTRL('K'): return remove_bytes(p, p->at, p->len);
	case NAMED_KEY_UP: return show_history(p, p->shown + 1);
	case NAMED_KEY_DOWN: return show_history(p, p->shown ? p->shown - 1 : 0);
	default: break;
	}
	if (key < ' ' || key >= NAMED_KEY_NONE)
		return PROMPT_PASSED;
	prompt_insert(p, key);
	return PROMPT_EDITED;
}

/* ---- picture ---- */

/* The first byte that is shown: so that the cursor is in sight, with what is before it as far as there is room. */
static size_t first_shown(const struct prompt *p, unsigned columns)
{
	size_t first = p->at;
	unsigned width = 1;

	while (first > 0) {
		size_t one = before(p, first);
		unsigned rune;

		utf8_decode(p->text + one, p->len - one, &rune);
		width += utf8_rune_columns(rune);
		if (width > columns)
			break;
		first = one;
	}
	return first;
}

void prompt_paint(const struct prompt *p, struct area area, const char *label, enum role role)
{
	const unsigned taken = utf8_columns(label), room = area.columns > taken ? area.columns - taken : 0;
	const size_t first = first_shown(p, room);
	char head[PROMPT_ROOM];
	unsigned rune = ' ', column;

	area_repeat(area, 0, 0, area.columns, role, " ");
	area_text(area, 0, 0, role, CELL_BOLD, label);
	memcpy(head, p->text + first, p->at - first);
	head[p->at - first] = '\0';
	column = taken + utf8_columns(head);
	area_text(area, 0, (int)taken, role, 0, p->text + first);
	if (p->at < p->len)
		utf8_decode(p->text + p->at, p->len - p->at, &rune);
	area_tint(area, 0, (int)column, utf8_rune_columns(rune) ? utf8_rune_columns(rune) : 1, ROLE_COUNT, CELL_REVERSE);
}

unsigned prompt_column(const struct prompt *p, unsigned columns, const char *label, size_t at)
{
	const unsigned taken = utf8_columns(label), room = columns > taken ? columns - taken : 0;
	const size_t first = first_shown(p, room);
	char head[PROMPT_ROOM];
	unsigned column;

	if (at < first)
		return taken ? taken - 1 : 0;
	memcpy(head, p->text + first, at - first);
	head[at - first] = '\0';
	column = taken + utf8_columns(head);
	return column < columns ? column : columns;
}
