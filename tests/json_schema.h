/*
 * As much of JSON Schema (draft 2020-12) as doc/events.schema.json uses: type, const, enum, required, properties, items, minimum, pattern, allOf, oneOf,
 * and $ref to $defs of the same document. A keyword that is not known here is a mistake, so that nothing goes unchecked in silence.
 */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* $top_srcdir/doc/events.schema.json; ends the program if it cannot be had. */
json_t *json_schema_load(void);
/* Whether the value is valid; if not, `why` says what is wrong where. */
bool json_schema_valid(json_t *schema, json_t *value, char *why, size_t room);
/* Whether some `properties` of the schema names this field. */
bool json_schema_names(json_t *schema, const char *field);

#endif
