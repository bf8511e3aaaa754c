/* The states by name and number, and in words. */
#include "tcp/state.h"

#include <ctype.h>
#include <stddef.h>

#include "base/message.h"

struct state_text {
	const char *name, *what, *end;
};

static const struct state_text state_texts[STATE_COUNT] = {
#define X(name, number, what, end) [STATE_##name] = {#name, what, end},
	TCP_STATES(X)
#undef X
};

/* The names that ss(8) and netstat(8) use beside Linux's own. */
static const struct {
	const char *name;
	enum tcp_state state;
} state_aliases[] = {
	{"CLOSE", STATE_CLOSED},      {"UNCONNECTED", STATE_CLOSED},    {"UNCONN", STATE_CLOSED},
	{"ESTAB", STATE_ESTABLISHED}, {"SYN_RCVD", STATE_SYN_RECV},     {"SYN_RECEIVED", STATE_SYN_RECV},
	{"TIMEWAIT", STATE_TIME_WAIT}, {"FIN_WAIT_1", STATE_FIN_WAIT1}, {"FIN_WAIT_2", STATE_FIN_WAIT2},
	{"LISTENING", STATE_LISTEN},
};

const enum tcp_state state_life_order[STATE_LIFE_COUNT] = {
	STATE_LISTEN,    STATE_SYN_SENT,   STATE_SYN_RECV, STATE_ESTABLISHED, STATE_FIN_WAIT1,
	STATE_FIN_WAIT2, STATE_CLOSE_WAIT, STATE_CLOSING,  STATE_LAST_ACK,    STATE_TIME_WAIT,
};

unsigned state_life_place(enum tcp_state state)
{
	unsigned place = 0;

	while (place < STATE_LIFE_COUNT && state_life_order[place] != state)
		place++;
	return place;
}

static bool is_state(enum tcp_state state)
{
	return (unsigned)state < STATE_COUNT && state_texts[state].name;
}

const char *state_name(enum tcp_state state)
{
	return is_state(state) ? state_texts[state].name : "?";
}

/* Without regard to case, and with '-' for '_', as people type them. */
static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++) {
		char c = *typed == '-' ? '_' : (char)toupper((unsigned char)*typed);

		if (c != *name)
			return false;
	}
	return *typed == *name;
}

enum tcp_state state_from_name(const char *name)
{
	for (int state = 1; state < STATE_COUNT; state++)
		if (same_name(name, state_texts[state].name))
			return (enum tcp_state)state;
	for (size_t i = 0; i < sizeof(state_aliases) / sizeof(*state_aliases); i++)
		if (same_name(name, state_aliases[i].name))
			return state_aliases[i].state;
	return STATE_NONE;
}

const char *state_what(enum tcp_state state)
{
	return is_state(state) ? state_texts[state].what : NULL;
}

const char *state_end(enum tcp_state state)
{
	return is_state(state) ? state_texts[state].end : NULL;
}

bool state_is_passing(enum tcp_state state)
{
	const unsigned passing = STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_FIN_WAIT1) |
	                         STATE_BIT(STATE_CLOSING) | STATE_BIT(STATE_LAST_ACK);

	return passing & STATE_BIT(state);
}

bool state_is_synchronized(enum tcp_state state)
{
	const unsigned not_yet = STATE_BIT(STATE_NONE) | STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_LISTEN) |
	                         STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_SYN_RECV);

	return !(not_yet & STATE_BIT(state));
}
