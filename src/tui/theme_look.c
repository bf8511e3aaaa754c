/* What a role looks like on a terminal with so many colours. */
#include "theme.h"

int32_t theme_rgb_of_index(int32_t index)
{
	static const int32_t levels[] = {0, 95, 135, 175, 215, 255};
	int32_t grey;

	if (index >= 232) { /* a ramp of greys, behind a cube of six levels */
		grey = 8 + (index - 232) * 10;
		return grey << 16 | grey << 8 | grey;
	}
	index -= 16;
	return levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6];
}

/* The few blues that are taken for the eight colours are moved up to the next. */
static int32_t direct(int32_t rgb)
{
	return rgb < 8 ? 8 : rgb;
}

/* The best form that this terminal has. */
static int32_t choose(const struct theme_color *c, const struct theme_terminal *terminal, uint8_t *attributes)
{
	if (terminal->direct && c->direct != COLOR_NOT_GIVEN)
		return direct(c->direct);
	if (terminal->direct && c->indexed >= 16)
		return direct(theme_rgb_of_index(c->indexed));
	if (!terminal->direct && terminal->colors >= 256 && c->indexed != COLOR_NOT_GIVEN)
		return c->indexed;
	if (c->named == COLOR_NOT_GIVEN || c->named == COLOR_OWN)
		return COLOR_OWN;
	if (c->named < 8)
		return c->named;
	if (!terminal->direct && terminal->colors >= 16)
		return c->named;
	if (c->named == 8) { /* grey, which eight colours do not have */
		*attributes |= THEME_DIM;
		return COLOR_OWN;
	}
	*attributes |= THEME_BOLD;
	return c->named - 8;
}

struct theme_look theme_look(const struct theme *t, enum role role, bool on_cursor, const struct theme_terminal *terminal)
{
	const struct theme_role *wanted = &t->roles[role < ROLE_COUNT ? role : ROLE_TEXT];
	const struct theme_role *text = &t->roles[ROLE_TEXT], *cursor = &t->roles[ROLE_CURSOR];
	struct theme_look look = {.fore = COLOR_OWN, .ground = COLOR_OWN, .attributes = wanted->attributes};
	uint8_t ignored = 0;

	on_cursor = on_cursor && role != ROLE_FLASH;
	if (on_cursor && cursor->attributes & THEME_REVERSE) /* on which what is dim is lost */
		look.attributes = (look.attributes | THEME_REVERSE) & (uint8_t)~THEME_DIM;
	if (terminal->colors == 0)
		return look;
	look.fore = choose(&wanted->fore, terminal, &look.attributes);
	if (look.fore == COLOR_OWN)
		look.fore = choose(&text->fore, terminal, &look.attributes);
	look.ground = choose(&wanted->ground, terminal, &ignored);
	if (look.ground == COLOR_OWN)
		look.ground = choose(&text->ground, terminal, &ignored);
	if (!on_cursor)
		return look;
	look.ground = choose(&cursor->ground, terminal, &ignored);
	if (look.fore == look.ground || look.fore == COLOR_OWN)
		look.fore = choose(&cursor->fore, terminal, &look.attributes);
	return look;
}
