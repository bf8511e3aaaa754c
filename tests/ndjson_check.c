/*
 * For the tests in shell: reads NDJSON on standard input, checks every line against doc/events.schema.json and reads it with our own reader.
 * Prints the number of lines of each kind ("transition 12"); one line on standard error and exit 1 at the first that is wrong.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_schema.h"
#include "out/json_read.h"

#define KINDS_MAX 16

static struct {
	char name[32];
	unsigned long lines;
} kinds[KINDS_MAX];

static void count(const char *name)
{
	unsigned i = 0;

	while (i < KINDS_MAX - 1 && *kinds[i].name && strcmp(kinds[i].name, name))
		i++;
	snprintf(kinds[i].name, sizeof kinds[i].name, "%s", name);
	kinds[i].lines++;
}

int main(void)
{
	static struct json_reader reader;
	json_t *schema = json_schema_load();
	struct json_header header;
	struct event event;
	char *line = NULL, why[1000];
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		json_t *object = json_loadb(line, (size_t)len, JSON_REJECT_DUPLICATES, NULL);

		if (!object || !json_schema_valid(schema, object, why, sizeof why)) {
			fprintf(stderr, "%s: %s", object ? why : "no JSON", line);
			return 1;
		}
		if (json_read_line(&reader, line, (size_t)len, &event, &header) <= JSON_LINE_SKIPPED) {
			fprintf(stderr, "%s: %s", reader.error, line);
			return 1;
		}
		count(json_string_value(json_object_get(object, "ev")));
		json_decref(object);
	}
	for (unsigned i = 0; i < KINDS_MAX && *kinds[i].name; i++)
		printf("%s %lu\n", kinds[i].name, kinds[i].lines);
	free(line);
	json_decref(schema);
	return 0;
}
