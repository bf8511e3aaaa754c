/* Fields of a JSON object: see json_put.h. */
#include "config.h"

#include "json_put.h"

void json_put_text(struct text *t, struct json_key key, const char *s)
{
	text_add_bytes(t, key.bytes, key.len);
	text_add_char(t, '"');
	text_add_json(t, s);
	text_add_char(t, '"');
}
