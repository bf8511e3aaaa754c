/* The arguments that a printf format takes: see base/format.h beside this file. */
#include "config.h"

#include "format.h"

#include <stddef.h>
#include <string.h>

#define ARGUMENTS_MAX 16

/* Types of arguments, by the letter of one conversion that takes it; the upper byte tells the length modifier. */
struct arguments {
	unsigned count;
	bool numbered, in_order; /* %1$d or %d: never both */
	unsigned types[ARGUMENTS_MAX];
};

static const char *skip_digits(const char *s)
{
	return s + strspn(s, "0123456789");
}

/* The number n of "n$" at s, and past it; 0 if there is none. One that cannot be is more than ARGUMENTS_MAX. */
static unsigned read_place(const char **s)
{
	const char *end = skip_digits(*s);
	unsigned place = 0;

	if (end == *s || *end != '$')
		return 0;
	for (; *s < end; (*s)++)
		if (place <= ARGUMENTS_MAX)
			place = place * 10 + (unsigned)(**s - '0');
	*s = end + 1;
	return place > 0 ? place : ARGUMENTS_MAX + 1;
}

/* Notes that an argument is taken; place 0: the next one. */
static bool note_argument(struct arguments *a, unsigned place, unsigned type)
{
	if (place == 0) {
		a->in_order = true;
		place = a->count + 1;
	} else {
		a->numbered = true;
	}
	if ((a->numbered && a->in_order) || place > ARGUMENTS_MAX)
		return false;
	if (a->types[place - 1] != 0 && a->types[place - 1] != type)
		return false;
	a->types[place - 1] = type;
	if (place > a->count)
		a->count = place;
	return true;
}

/* A width or precision: digits, or '*' which takes an int. */
static bool read_size(const char **s, struct arguments *a)
{
	unsigned place;

	if (**s != '*') {
		*s = skip_digits(*s);
		return true;
	}
	(*s)++;
	place = read_place(s);
	return note_argument(a, place, 'd');
}

static unsigned read_length(const char **s)
{
	unsigned first = (unsigned char)**s;

	if (first == '\0' || !strchr("hljztL", (int)first))
		return 0;
	(*s)++;
	if ((first == 'h' || first == 'l') && (unsigned char)**s == first) {
		(*s)++;
		first -= 'a' - 'A';
	}
	return first << 8;
}

/* One conversion, s being past its '%'. Returns the place past it, or NULL if it is none that we print with. */
static const char *read_conversion(const char *s, struct arguments *a)
{
	unsigned place = read_place(&s), length;

	s += strspn(s, "-+ #0'");
	if (!read_size(&s, a))
		return NULL;
	if (*s == '.') {
		s++;
		if (!read_size(&s, a))
			return NULL;
	}
	length = read_length(&s);
	switch (*s++) {
	case 'd': case 'i':
		return note_argument(a, place, length | 'd') ? s : NULL;
	case 'u': case 'o': case 'x': case 'X':
		return note_argument(a, place, length | 'u') ? s : NULL;
	case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		return note_argument(a, place, length | 'f') ? s : NULL;
	case 'c':
		return note_argument(a, place, length | 'c') ? s : NULL;
	case 's':
		return note_argument(a, place, length | 's') ? s : NULL;
	case 'p':
		return note_argument(a, place, 'p') ? s : NULL;
	default:
		return NULL;
	}
}

static bool read_format(const char *s, struct arguments *a)
{
	*a = (struct arguments){0};
	while ((s = strchr(s, '%'))) {
		s++;
		if (*s == '%') {
			s++;
			continue;
		}
		s = read_conversion(s, a);
		if (!s)
			return false;
	}
	/* A numbered argument that is skipped has no type: printf could not find the next. */
	for (unsigned i = 0; i < a->count; i++)
		if (a->types[i] == 0)
			return false;
	return true;
}

bool format_fits(const char *text, const char *translation)
{
	struct arguments wanted, taken;

	if (!read_format(text, &wanted))
		return true;
	return read_format(translation, &taken) && taken.count == wanted.count &&
	       memcmp(taken.types, wanted.types, sizeof(taken.types)) == 0;
}
