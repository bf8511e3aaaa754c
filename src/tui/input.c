/*
 * From ncurses' keys to ours. ncurses would read a mouse report to its end and wait for it, and hand on the characters
 * of a sequence that it does not know as if they had been typed: so it is only told how reports begin, and what follows
 * is taken apart here, character by character.
 */
#include "input.h"

#include <curses.h>
#include <stddef.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "key.h"

#define WHEEL_LINES 3

/* An unfinished sequence is given up after this long without a character; a paste without an end too. */
#define SEQUENCE_PATIENCE_NS (250 * NS_PER_MS)
#define PASTE_PATIENCE_NS (2 * NS_PER_SECOND)

/* Above all codes of ncurses, which are above all bytes. */
enum { CODE_REPORT = 0x2000, CODE_OLD_REPORT, CODE_PASTE_BEGIN, CODE_PASTE_END };

enum within {
	WITHIN_NOTHING,
	WITHIN_ESCAPE,     /* after Esc: a key of its own if nothing follows */
	WITHIN_CONTROL,    /* after Esc [: up to the final byte */
	WITHIN_ONE,        /* after Esc O: one more */
	WITHIN_STRING,     /* after Esc ] and its like: up to BEL or Esc */
	WITHIN_REPORT,     /* after Esc [ <: three numbers, and M or m */
	WITHIN_OLD_REPORT, /* after Esc [ M: three characters */
};

static const struct {
	wint_t theirs;
	unsigned ours;
} keys[] = {
	{KEY_UP, NAMED_KEY_UP},         {KEY_DOWN, NAMED_KEY_DOWN},   {KEY_LEFT, NAMED_KEY_LEFT}, {KEY_RIGHT, NAMED_KEY_RIGHT},
	{KEY_PPAGE, NAMED_KEY_PAGE_UP}, {KEY_NPAGE, NAMED_KEY_PAGE_DOWN}, {KEY_HOME, NAMED_KEY_HOME}, {KEY_END, NAMED_KEY_END},
	{KEY_A1, NAMED_KEY_HOME},       {KEY_C1, NAMED_KEY_END},      {KEY_ENTER, KEY_CODE_ENTER},      {KEY_BACKSPACE, NAMED_KEY_BACKSPACE},
	{KEY_DC, NAMED_KEY_DELETE},     {KEY_BTAB, NAMED_KEY_BACK_TAB},
};

static unsigned translate(wint_t key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	if (key >= KEY_F(1) && key <= KEY_F(12))
		return NAMED_KEY_F1 + (key - KEY_F(1));
	return KEY_CODE_NONE;
}

void input_prepare(bool mouse)
{
	define_key("\033[200~", CODE_PASTE_BEGIN);
	define_key("\033[201~", CODE_PASTE_END);
	if (!mouse)
		return;
	define_key("\033[<", CODE_REPORT);
	define_key("\033[M", CODE_OLD_REPORT);
}

static const struct input nothing_meant = {.kind = INPUT_KEY};

/* Buttons as xterm numbers them: 0 the first, 64 and 65 the wheel; 4, 8 and 16 are Shift, Meta and Control. */
static struct input from_report(const unsigned numbers[3], bool pressed)
{
	const unsigned button = numbers[0] & ~28u;

	if (!pressed || numbers[1] == 0 || numbers[2] == 0)
		return nothing_meant;
	if (button == 64 || button == 65)
		return (struct input){.kind = INPUT_WHEEL, .lines = button == 64 ? -WHEEL_LINES : WHEEL_LINES};
	if (button == 0)
		return (struct input){.kind = INPUT_CLICK, .row = numbers[2] - 1, .column = numbers[1] - 1};
	return nothing_meant;
}

static void begin_report(struct input_state *s, enum within within)
{
	s->within = within;
	s->number = 0;
	s->numbers[0] = s->numbers[1] = s->numbers[2] = 0;
}

static struct input in_report(struct input_state *s, wint_t key)
{
	if (key >= '0' && key <= '9') {
		if (s->numbers[s->number] < 10000)
			s->numbers[s->number] = s->numbers[s->number] * 10 + (key - '0');
		return nothing_meant;
	}
	if (key == ';' && s->number < 2) {
		s->number++;
		return nothing_meant;
	}
	s->within = WITHIN_NOTHING;
	return (key == 'M' || key == 'm') && s->number == 2 ? from_report(s->numbers, key == 'M') : nothing_meant;
}

static struct input in_old_report(struct input_state *s, wint_t key)
{
	s->numbers[s->number++] = key > 32 ? (unsigned)key - 32 : 0;
	if (s->number < 3)
		return nothing_meant;
	s->within = WITHIN_NOTHING;
	return from_report(s->numbers, true);
}

/* Terminals differ in what Enter and the key above it send. */
static unsigned plain(wint_t key)
{
	switch (key) {
	case '\n': return KEY_CODE_ENTER;
	case '\b':
	case 0x7f: return NAMED_KEY_BACKSPACE;
	default: return (unsigned)key;
	}
}

/* What comes in the same breath as Esc. */
static struct input after_escape(struct input_state *s, wint_t key)
{
	switch (key) {
	case '[':
		s->within = WITHIN_CONTROL;
		return nothing_meant;
	case 'O':
		s->within = WITHIN_ONE;
		return nothing_meant;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		s->within = WITHIN_STRING;
		return nothing_meant;
	case KEY_CODE_ESCAPE:
		return (struct input){.kind = INPUT_KEY, .key = KEY_CODE_ESCAPE};
	default: /* two keys, pressed quickly */
		s->within = WITHIN_NOTHING;
		s->pushed = plain(key);
		return (struct input){.kind = INPUT_KEY, .key = KEY_CODE_ESCAPE};
	}
}

static struct input take_character(struct input_state *s, wint_t key)
{
	if (s->within == WITHIN_ESCAPE)
		return after_escape(s, key);
	if (key == KEY_CODE_ESCAPE) { /* ends whatever was unfinished */
		s->within = s->within == WITHIN_STRING ? WITHIN_ONE : WITHIN_ESCAPE;
		return nothing_meant;
	}
	switch ((enum within)s->within) {
	case WITHIN_CONTROL:
		if (key >= 0x40 && key <= 0x7e)
			s->within = WITHIN_NOTHING;
		return nothing_meant;
	case WITHIN_ONE:
		s->within = WITHIN_NOTHING;
		return nothing_meant;
	case WITHIN_STRING:
		if (key == '\a')
			s->within = WITHIN_NOTHING;
		return nothing_meant;
	case WITHIN_REPORT:
		return in_report(s, key);
	case WITHIN_OLD_REPORT:
		return in_old_report(s, key);
	case WITHIN_ESCAPE:
	case WITHIN_NOTHING:
		break;
	}
	return (struct input){.kind = INPUT_KEY, .key = plain(key)};
}

/* A key that ncurses knows ends whatever was unfinished. */
static struct input take_code(struct input_state *s, wint_t key)
{
	s->within = WITHIN_NOTHING;
	if (key == CODE_REPORT)
		begin_report(s, WITHIN_REPORT);
	else if (key == CODE_OLD_REPORT)
		begin_report(s, WITHIN_OLD_REPORT);
	else if (key == CODE_PASTE_BEGIN)
		s->pasting = true;
	return (struct input){.kind = INPUT_KEY, .key = translate(key)};
}

/* Nothing more waits: an Esc that nothing followed was the key. */
static struct input take_silence(struct input_state *s, int64_t now_ns)
{
	s->drained_ns = now_ns;
	if (s->within != WITHIN_ESCAPE)
		return (struct input){.kind = INPUT_NONE};
	s->within = WITHIN_NOTHING;
	return (struct input){.kind = INPUT_KEY, .key = KEY_CODE_ESCAPE};
}

/* What was begun long ago and never ended will not go on now. */
static void forget_unfinished(struct input_state *s, int64_t now_ns)
{
	if (s->drained_ns == 0)
		return;
	if (now_ns - s->drained_ns > SEQUENCE_PATIENCE_NS)
		s->within = WITHIN_NOTHING;
	if (now_ns - s->drained_ns > PASTE_PATIENCE_NS)
		s->pasting = false;
	s->drained_ns = 0;
}

/* ---- from bytes to characters ---- */

static unsigned bytes_of_rune(unsigned char first)
{
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/*
 * As wget_wch(), which drops what comes with a byte that is no UTF-8: here that byte alone becomes UTF8_INVALID. A rune of which a part has come waits for the rest, until something
 * else comes.
 */
static int next_character(struct input_state *s, wint_t *key)
{
	for (;;) {
		const int byte = s->byte ? s->byte : wgetch(stdscr);
		unsigned rune;

		s->byte = 0;
		if (byte == ERR)
			return ERR;
		if (s->rune_len > 0 && (byte > 0xff || (byte & 0xc0) != 0x80)) {
			s->byte = byte;
			s->rune_len = 0;
			*key = UTF8_INVALID;
			return OK;
		}
		if (byte > 0xff || byte < 0x80) {
			*key = (wint_t)byte;
			return byte > 0xff ? KEY_CODE_YES : OK;
		}
		s->rune[s->rune_len++] = (char)byte;
		if (s->rune_len < bytes_of_rune((unsigned char)s->rune[0]))
			continue;
		if (utf8_decode(s->rune, s->rune_len, &rune) != s->rune_len)
			rune = UTF8_INVALID;
		s->rune_len = 0;
		*key = rune;
		return OK;
	}
}

struct input input_next(struct input_state *s, int64_t now_ns)
{
	wint_t key = s->pushed;
	int kind;

	if (s->pushed) {
		s->pushed = 0;
		return (struct input){.kind = INPUT_KEY, .key = (unsigned)key};
	}
	kind = next_character(s, &key);
	if (kind == ERR)
		return take_silence(s, now_ns);
	forget_unfinished(s, now_ns);
	if (s->pasting) { /* text, where text is asked for, and nothing elsewhere: never keys */
		s->pasting = !(kind == KEY_CODE_YES && key == CODE_PASTE_END);
		return kind == KEY_CODE_YES ? nothing_meant : (struct input){.kind = INPUT_PASTED, .key = (unsigned)key};
	}
	return kind == KEY_CODE_YES ? take_code(s, key) : take_character(s, key);
}
