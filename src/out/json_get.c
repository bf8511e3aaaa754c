/* Fields of a JSON object, read and checked. */
#include "config.h"

#include "json_get.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/message.h"
#include "tcp/state.h"

#define WHAT_ROOM 200

void json_get_failed(struct json_source *s, const char *format, ...)
{
	char what[WHAT_ROOM];
	va_list args;
	size_t len;

	if (s->bad)
		return;
	s->bad = true;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	len = (size_t)snprintf(s->error, s->error_room, _("line %llu: "), (unsigned long long)s->line);
	clean_copy(s->error + len, s->error_room - len, what, strlen(what));
}

bool json_get_string(struct json_source *s, json_t *from, const char *name, const char **out)
{
	json_t *field = json_object_get(from, name);

	if (!field)
		return false;
	if (!json_is_string(field)) {
		json_get_failed(s, _("'%s' is no string"), name);
		return false;
	}
	*out = json_string_value(field);
	return true;
}

bool json_get_number(struct json_source *s, json_t *from, const char *name, uint64_t max, uint64_t *out)
{
	json_t *field = json_object_get(from, name);
	json_int_t value = json_integer_value(field);

	if (!field)
		return false;
	if (!json_is_integer(field) || value < 0 || (uint64_t)value > max) {
		json_get_failed(s, _("'%s' is no number that fits"), name);
		return false;
	}
	*out = (uint64_t)value;
	return true;
}

bool json_get_u64(struct json_source *s, const char *name, uint64_t *out)
{
	return json_get_number(s, s->object, name, INT64_MAX, out);
}

bool json_get_u32(struct json_source *s, const char *name, uint32_t *out)
{
	uint64_t value;

	if (!json_get_number(s, s->object, name, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool json_get_true(const struct json_source *s, const char *name)
{
	return json_is_true(json_object_get(s->object, name));
}

bool json_get_hex(struct json_source *s, const char *name, uint64_t *out)
{
	const char *digits;
	uint64_t value = 0;
	size_t len;

	if (!json_get_string(s, s->object, name, &digits))
		return false;
	len = strspn(digits, "0123456789abcdef");
	if (!len || len > 16 || digits[len]) {
		json_get_failed(s, _("'%s' is no hexadecimal number"), name);
		return false;
	}
	for (size_t i = 0; i < len; i++)
		value = value << 4 | (uint64_t)(digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
	*out = value;
	return true;
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	/* Years begin in March, so that the leap day is the last; eras of 400 years. */
	int64_t y = year - (month <= 2);
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* RFC 3339 in UTC: "2026-11-20T12:00:01.250313Z", with up to nine digits of fraction or none. */
static bool parse_time(const char *s, int64_t *ns)
{
	unsigned year, month, day, hour, minute, second;
	int64_t fraction = 0, unit = NS_PER_SECOND;
	int end = 0;

	if (strspn(s, "0123456789") != 4 ||
	    sscanf(s, "%4u-%2u-%2uT%2u:%2u:%2u%n", &year, &month, &day, &hour, &minute, &second, &end) != 6 || end != 19)
		return false;
	if (year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	s += end;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && unit > 1; s++) {
			unit /= 10;
			fraction += (*s - '0') * unit;
		}
	*ns = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 * NS_PER_SECOND + second * NS_PER_SECOND + fraction;
	return !strcmp(s, "Z");
}

bool json_get_time(struct json_source *s, const char *name, int64_t *out)
{
	const char *stamp;

	if (!json_get_string(s, s->object, name, &stamp))
		return false;
	if (!parse_time(stamp, out)) {
		json_get_failed(s, _("'%s' is no time in UTC"), name);
		return false;
	}
	return true;
}

/* A word that is not known (of a later program) says as little as none. */
uint8_t json_get_word(struct json_source *s, const char *name, const struct json_word *words, size_t count)
{
	const char *text;

	if (!json_get_string(s, s->object, name, &text))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (words[i].text && !strcmp(words[i].text, text))
			return words[i].value;
	return 0;
}

bool json_get_state(struct json_source *s, const char *name, uint8_t *out)
{
	const char *text;

	if (!json_get_string(s, s->object, name, &text))
		return false;
	*out = (uint8_t)state_from_name(text);
	if (*out == STATE_NONE)
		json_get_failed(s, _("'%s' is no state"), name);
	return true;
}

void json_get_clean(struct json_source *s, json_t *from, const char *name, char *out, size_t room)
{
	const char *text;

	if (json_get_string(s, from, name, &text))
		clean_copy(out, room, text, strlen(text));
}
