/*
 * The NDJSON reader: what json_event.h writes, read back; recordings, streams of other hosts and tests come in here.
 *
 * A line comes from a stranger: text in it is sanitized, fields and kinds that are not known are skipped, and a mistake is told with its line.
 */
#ifndef OUT_JSON_READ_H
#define OUT_JSON_READ_H

#include <stddef.h>
#include <stdint.h>

#include "out/json_event.h"
#include "track/event.h"

#define JSON_READ_HOLDERS_MAX 64
#define JSON_ERROR_ROOM 256

/* Starts as {0}. Owns what the event of the last line points to. */
struct json_reader {
	uint64_t line;                /* number of the last line read; the first is 1 */
	char error[JSON_ERROR_ROOM];  /* "line 3: ...", after -EINVAL */
	struct holder holders[JSON_READ_HOLDERS_MAX];
	char unit[UNIT_ROOM];
	struct coverage coverage;
	char netns_name[NETNS_NAME_ROOM];
};

enum json_line { JSON_LINE_SKIPPED, JSON_LINE_EVENT, JSON_LINE_HEADER };

/*
 * Reads one line (without or with its '\n'). Returns an enum json_line, having filled *e or *h; an empty line and a kind that is not known are
 * SKIPPED. -EINVAL with r->error for what is no line of the format. The event is valid until the next line is read.
 */
int json_read_line(struct json_reader *r, const char *line, size_t len, struct event *e, struct json_header *h);

#endif
