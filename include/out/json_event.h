/*
 * Events as NDJSON, one object a line, schema version 1 (doc/events.md): the hot path of `events --json` and `list --json`.
 *
 * What is not known is absent, never 0 or "". Times are RFC 3339 in UTC with microseconds; 64-bit identities are strings of hexadecimal
 * digits; the words come from track/event.h. Text in an event is clean UTF-8 (base/clean.h) and is only escaped here.
 */
#ifndef OUT_JSON_EVENT_H
#define OUT_JSON_EVENT_H

#include <stdint.h>

#include "base/text.h"
#include "track/event.h"

#define JSON_SCHEMA_VERSION 1

/* The first line of a stream: who tells, and from which sources. */
#define JSON_NAME_ROOM 256
struct json_header {
	char host[JSON_NAME_ROOM], kernel[JSON_NAME_ROOM], program[JSON_NAME_ROOM]; /* clean; "" : not known */
	uint32_t sources;   /* bits 1 << enum source */
	uint64_t netns;     /* cookie; 0: not known */
	char netns_name[NETNS_NAME_ROOM]; /* clean; "": not known */
	int64_t started_ns;
};

/* Adds one line, '\n' included. */
void json_add_header(struct text *out, const struct json_header *h);
void json_add_event(struct text *out, const struct event *e);

/* Words of the format that track/event.h does not have. NULL for a number that has none. */
const char *json_source_word(enum source s);       /* "diag" */
const char *json_timer_word(unsigned timer);       /* of enum timer: "retransmit" */

#endif
