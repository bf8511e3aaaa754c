/* A validator for the part of JSON Schema that doc/events.schema.json uses. */
#include "json_schema.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
	json_t *root;
	char *why;
	size_t room;
};

static bool valid(const struct check *c, json_t *schema, json_t *value);

static bool __attribute__((format(printf, 2, 3))) wrong(const struct check *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->why, c->room, format, args);
	va_end(args);
	return false;
}

static bool has_type(const char *type, json_t *value)
{
	return !strcmp(type, "object") ? json_is_object(value) : !strcmp(type, "array") ? json_is_array(value) :
	       !strcmp(type, "string") ? json_is_string(value) : !strcmp(type, "integer") ? json_is_integer(value) : false;
}

static bool valid_pattern(const struct check *c, const char *pattern, json_t *value)
{
	regex_t regex;
	bool fits;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return wrong(c, "pattern %s", pattern);
	fits = json_is_string(value) && !regexec(&regex, json_string_value(value), 0, NULL, 0);
	regfree(&regex);
	return fits || wrong(c, "'%s' does not match %s", json_string_value(value), pattern);
}

static bool valid_properties(const struct check *c, json_t *properties, json_t *value)
{
	const char *name;
	json_t *schema, *field;

	json_object_foreach(properties, name, schema) {
		char inner[200];

		field = json_object_get(value, name);
		if (!field || valid(c, schema, field))
			continue;
		snprintf(inner, sizeof inner, "%s", c->why);
		return wrong(c, "%s: %s", name, inner);
	}
	return true;
}

static bool valid_required(const struct check *c, json_t *names, json_t *value)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		if (!json_object_get(value, json_string_value(name)))
			return wrong(c, "%s is missing", json_string_value(name));
	return true;
}

static bool valid_one_of(const struct check *c, json_t *schemas, json_t *value)
{
	char inner[600] = "";
	size_t i, fits = 0, len;
	json_t *schema;

	json_array_foreach(schemas, i, schema) {
		if (valid(c, schema, value)) {
			fits++;
			continue;
		}
		len = strlen(inner);
		snprintf(inner + len, sizeof inner - len, "; %s", c->why);
	}
	return fits == 1 || wrong(c, "fits %zu of oneOf%s", fits, inner);
}

static json_t *referred(const struct check *c, const char *ref)
{
	static const char prefix[] = "#/$defs/";

	return strncmp(ref, prefix, sizeof prefix - 1) ? NULL :
	       json_object_get(json_object_get(c->root, "$defs"), ref + sizeof prefix - 1);
}

static bool valid_keyword(const struct check *c, const char *keyword, json_t *rule, json_t *value)
{
	size_t i;
	json_t *one;

	if (*keyword == '$' && strcmp(keyword, "$ref"))
		return true;
	if (!strcmp(keyword, "title") || !strcmp(keyword, "description"))
		return true;
	if (!strcmp(keyword, "$ref"))
		return referred(c, json_string_value(rule)) ? valid(c, referred(c, json_string_value(rule)), value) :
							      wrong(c, "no %s", json_string_value(rule));
	if (!strcmp(keyword, "type"))
		return has_type(json_string_value(rule), value) || wrong(c, "no %s", json_string_value(rule));
	if (!strcmp(keyword, "const"))
		return json_equal(rule, value) || wrong(c, "not the constant");
	if (!strcmp(keyword, "enum")) {
		json_array_foreach(rule, i, one)
			if (json_equal(one, value))
				return true;
		return wrong(c, "not one of the words");
	}
	if (!strcmp(keyword, "required"))
		return valid_required(c, rule, value);
	if (!strcmp(keyword, "properties"))
		return valid_properties(c, rule, value);
	if (!strcmp(keyword, "items")) {
		json_array_foreach(value, i, one)
			if (!valid(c, rule, one))
				return false;
		return true;
	}
	if (!strcmp(keyword, "minimum"))
		return json_integer_value(value) >= json_integer_value(rule) || wrong(c, "less than the minimum");
	if (!strcmp(keyword, "pattern"))
		return valid_pattern(c, json_string_value(rule), value);
	if (!strcmp(keyword, "allOf")) {
		json_array_foreach(rule, i, one)
			if (!valid(c, one, value))
				return false;
		return true;
	}
	if (!strcmp(keyword, "oneOf"))
		return valid_one_of(c, rule, value);
	return wrong(c, "unknown keyword %s", keyword);
}

static bool valid(const struct check *c, json_t *schema, json_t *value)
{
	const char *keyword;
	json_t *rule;

	json_object_foreach(schema, keyword, rule)
		if (!valid_keyword(c, keyword, rule, value))
			return false;
	return true;
}

bool json_schema_valid(json_t *schema, json_t *value, char *why, size_t room)
{
	struct check c = { .root = schema, .why = why, .room = room };

	return valid(&c, schema, value);
}

bool json_schema_names(json_t *schema, const char *field)
{
	const char *name;
	json_t *inner;
	size_t i;

	if (json_object_get(json_object_get(schema, "properties"), field))
		return true;
	if (json_is_object(schema))
		json_object_foreach(schema, name, inner)
			if (json_schema_names(inner, field))
				return true;
	json_array_foreach(schema, i, inner)
		if (json_schema_names(inner, field))
			return true;
	return false;
}

json_t *json_schema_load(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	json_error_t error;
	json_t *schema;

	snprintf(path, sizeof path, "%s/doc/events.schema.json", top ? top : ".");
	schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!schema) {
		fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
		exit(1);
	}
	return schema;
}
