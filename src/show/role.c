/* The names of roles in theme files, and which role a TCP state wears. */
#include "show/role.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char *const names[ROLE_COUNT] = {
#define X(name, text) [ROLE_##name] = text,
	ROLES(X)
#undef X
};

const char *role_name(enum role role)
{
	return (unsigned)role < ROLE_COUNT ? names[role] : "?";
}

enum role role_from_name(const char *name)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (enum role)i;
	return ROLE_COUNT;
}

enum role role_of_state(enum tcp_state state)
{
	static const uint8_t roles[STATE_COUNT] = {
#define X(name, number, what, end) [STATE_##name] = ROLE_STATE_##name,
		TCP_STATES(X)
#undef X
	};

	if (state == STATE_NONE || (unsigned)state >= STATE_COUNT)
		return ROLE_DIM;
	return (enum role)roles[state];
}
