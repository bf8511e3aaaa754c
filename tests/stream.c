#include "config.h"

#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const char *read_word(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool read_time(const json_t *object, const char *key, int64_t *ns)
{
	const char *text = read_word(object, key), *rest;
	struct tm tm = {0};
	unsigned micros;
	char end;

	*ns = 0;
	if (!json_object_get(object, key))
		return true;
	rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!rest || sscanf(rest, ".%6u%c", &micros, &end) != 2 || end != 'Z' || strlen(rest) != 8)
		return false;
	*ns = (int64_t)timegm(&tm) * NS_PER_SECOND + micros * NS_PER_US;
	return true;
}

static bool read_state(const json_t *object, const char *key, enum tcp_state *state)
{
	const char *name = read_word(object, key);

	*state = name ? state_from_name(name) : STATE_NONE;
	return !json_object_get(object, key) || (*state && strcmp(state_name(*state), name) == 0);
}

static bool read_tuple(const json_t *object, struct told *t)
{
	const char *local = read_word(object, "local"), *remote = read_word(object, "remote");
	uint16_t family;

	if (!local)
		return true;
	t->has_tuple = true;
	if (endpoint_parse(local, &t->tuple.local, &t->tuple.family, &t->tuple.ifindex))
		return false;
	return !remote || endpoint_parse(remote, &t->tuple.remote, &family, &t->tuple.ifindex) == 0;
}

static const char *read_line(struct told *t, const char *line, size_t len)
{
	json_error_t error;

	t->object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(t->object))
		return "no JSON object";
	t->ev = read_word(t->object, "ev");
	t->certainty = read_word(t->object, "certainty");
	t->cause = read_word(t->object, "cause");
	t->opener = read_word(t->object, "opener");
	t->closer = read_word(t->object, "closer");
	t->conn = (uint64_t)json_integer_value(json_object_get(t->object, "conn"));
	if (!t->ev)
		return "no ev";
	if (json_integer_value(json_object_get(t->object, "v")) != 1)
		return "not version 1";
	if (!read_state(t->object, "from", &t->from) || !read_state(t->object, json_object_get(t->object, "to") ? "to" : "state", &t->to))
		return "unknown state";
	if (!read_time(t->object, "t", &t->t_ns) || !read_time(t->object, "t0", &t->t0_ns) || !read_time(t->object, "t1", &t->t1_ns))
		return "unreadable time";
	if (!read_time(t->object, "since0", &t->since0_ns) || !read_time(t->object, "since1", &t->since1_ns))
		return "unreadable time";
	return read_tuple(t->object, t) ? NULL : "unreadable end";
}

void stream_read(struct stream *s, const char *text)
{
	size_t room = 0;
	const char *end;

	*s = (struct stream){0};
	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		const char *why;

		if (s->count == room) {
			room = room ? room * 2 : 1024;
			s->lines = realloc(s->lines, room * sizeof *s->lines);
			if (!s->lines)
				abort();
		}
		s->lines[s->count] = (struct told){0};
		why = read_line(&s->lines[s->count++], text, (size_t)(end - text));
		if (why) {
			s->bad_line = s->count;
			snprintf(s->bad_why, sizeof s->bad_why, "%s: %.*s", why, (int)(end - text), text);
			return;
		}
	}
}

void stream_fini(struct stream *s)
{
	for (size_t i = 0; i < s->count; i++)
		json_decref(s->lines[i].object);
	free(s->lines);
}

bool told_is(const struct told *t, const char *ev)
{
	return strcmp(t->ev, ev) == 0;
}
