/* The table of actions. */
#include "action.h"

#include <string.h>

#include "base/message.h"

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

enum action action_from_name(const char *name)
{
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
		if (strcmp(name, actions[i].name) == 0)
			return (enum action)i;
	return ACTION_NONE;
}
