/* From ncurses' keys to ours. */
#include "input.h"

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "key.h"

#define WHEEL_LINES 3

static const struct {
	wint_t theirs;
	unsigned ours;
} keys[] = {
	{KEY_UP, NAMED_KEY_UP},         {KEY_DOWN, NAMED_KEY_DOWN},   {KEY_LEFT, NAMED_KEY_LEFT}, {KEY_RIGHT, NAMED_KEY_RIGHT},
	{KEY_PPAGE, NAMED_KEY_PAGE_UP}, {KEY_NPAGE, NAMED_KEY_PAGE_DOWN}, {KEY_HOME, NAMED_KEY_HOME}, {KEY_END, NAMED_KEY_END},
	{KEY_A1, NAMED_KEY_HOME},       {KEY_C1, NAMED_KEY_END},      {KEY_ENTER, KEY_CODE_ENTER},
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

static struct input from_mouse(void)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return (struct input){.kind = INPUT_KEY};
	if (event.bstate & BUTTON4_PRESSED)
		return (struct input){.kind = INPUT_WHEEL, .lines = -WHEEL_LINES};
	if (event.bstate & BUTTON5_PRESSED)
		return (struct input){.kind = INPUT_WHEEL, .lines = WHEEL_LINES};
	if (event.bstate & BUTTON1_PRESSED && event.y >= 0 && event.x >= 0)
		return (struct input){.kind = INPUT_CLICK, .row = (unsigned)event.y, .column = (unsigned)event.x};
	return (struct input){.kind = INPUT_KEY};
}

struct input input_next(void)
{
	wint_t key;
	const int kind = wget_wch(stdscr, &key);

	if (kind == ERR)
		return (struct input){.kind = INPUT_NONE};
	if (kind == KEY_CODE_YES && key == KEY_MOUSE)
		return from_mouse();
	if (kind == KEY_CODE_YES)
		return (struct input){.kind = INPUT_KEY, .key = translate(key)};
	if (key == '\n')
		key = KEY_CODE_ENTER;
	return (struct input){.kind = INPUT_KEY, .key = (unsigned)key};
}
