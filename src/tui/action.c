/* The table of actions and the look-up of keys in it. */
#include "action.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "key.h"

static const struct action_info actions[ACTION_COUNT] = {
	[ACTION_NONE] = {"", "", "", "", ""},
#define X(enumerator, name, keys, group, label, help) [ACTION_##enumerator] = {name, keys, group, label, help},
	ACTIONS(X)
#undef X
};

const struct action_info *action_info(enum action action)
{
	return &actions[action < ACTION_COUNT ? action : ACTION_NONE];
}

static bool has_key(const char *keys, unsigned key)
{
	while (*keys) {
		const size_t len = strcspn(keys, " ");

		if (key_from_name(keys, len) == key)
			return true;
		keys += len + (keys[len] == ' ');
	}
	return false;
}

enum action action_of_key(unsigned key)
{
	for (unsigned i = ACTION_NONE + 1; key != KEY_CODE_NONE && i < ACTION_COUNT; i++)
		if (has_key(actions[i].keys, key))
			return (enum action)i;
	return ACTION_NONE;
}

const char *action_first_key(enum action action, char out[ACTION_KEY_ROOM])
{
	const char *keys = action_info(action)->keys;

	snprintf(out, ACTION_KEY_ROOM, "%.*s", (int)strcspn(keys, " "), keys);
	return out;
}
