/*
 * The values of predicates. Those that ss(8) has are read as it reads them, to the letter: misc/ss.c (parse_hostcond, parse_devcond, parse_markmask, scan_state) and
 * lib/utils.c (get_integer, get_prefix) of iproute2 6.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "filter_private.h"

/* ---- numbers, in any base that C has ---- */

static bool read_integer(const char *text, int32_t *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 0);
	if (end == text || *end || errno || n > INT_MAX || n < INT_MIN)
		return false;
	*out = (int32_t)n;
	return true;
}

static bool read_unsigned(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (end == text || *end || errno || n > UINT_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* ---- addresses ---- */

/* One to four numbers; those that are missing at the end are 0. */
static bool read_v4(const char *text, uint8_t bytes[16])
{
	memset(bytes, 0, 16);
	for (unsigned i = 0; i < 4; i++) {
		char *end;
		const unsigned long n = strtoul(text, &end, 0);

		if (n > UINT8_MAX || end == text)
			return false;
		bytes[i] = (uint8_t)n;
		if (!*end)
			return true;
		if (*end != '.')
			return false;
		text = end + 1;
	}
	return false;
}

static bool read_address(const char *text, uint16_t family, struct filter_prefix *p)
{
	if (strchr(text, ':')) {
		p->family = AF_INET6;
		p->bits = 128;
		return family != AF_INET && inet_pton(AF_INET6, text, p->bytes) > 0;
	}
	p->family = AF_INET;
	p->bits = 32;
	return family != AF_INET6 && read_v4(text, p->bytes);
}

static bool is_any(const char *text)
{
	return strcmp(text, "default") == 0 || strcmp(text, "any") == 0 || strcmp(text, "all") == 0;
}

/* A number of bits, or a mask such as 255.255.0.0. */
static bool read_bits(const char *text, uint32_t *bits)
{
	uint8_t mask[16];
	uint32_t host;

	if (read_unsigned(text, bits))
		return true;
	*bits = 0;
	if (is_any(text))
		return true;
	if (!read_v4(text, mask))
		return false;
	host = ~((uint32_t)mask[0] << 24 | (uint32_t)mask[1] << 16 | (uint32_t)mask[2] << 8 | mask[3]);
	if (host & (host + 1))
		return false;
	*bits = 32u - (unsigned)__builtin_popcount(host);
	return true;
}

static bool read_prefix(char *text, uint16_t family, struct filter_prefix *p)
{
	char *slash = strchr(text, '/');
	uint32_t bits;
	bool good;

	*p = (struct filter_prefix){0};
	if (is_any(text)) {
		p->family = family;
		return true;
	}
	if (slash)
		*slash = '\0';
	good = read_address(text, family, p);
	if (slash)
		*slash = '/';
	if (!good || !slash)
		return good;
	if (!read_bits(slash + 1, &bits) || bits > p->bits)
		return false;
	p->bits = (uint8_t)bits;
	return true;
}

static void add_prefix(struct filter_reading *r, const struct filter_prefix *p)
{
	struct filter *f = r->filter;

	if (!r->node->end.count)
		r->node->end.prefix = f->prefix_count;
	f->prefixes = memory_resize(f->prefixes, f->prefix_count + 1u, sizeof(*f->prefixes));
	f->prefixes[f->prefix_count++] = *p;
	r->node->end.count++;
}

/*
 * One of its addresses is enough. That is what ss means too; but its bytecode (misc/ss.c, ssfilter_bytecompile) repeats the first address in place of the others, so
 * that a name with several finds those of the first alone.
 */
static bool look_up_host(struct filter_reading *r, const char *name, uint16_t family)
{
	struct filter_address found[FILTER_ADDRESSES_MAX];
	const unsigned count = r->names->host ? r->names->host(r->names->context, name, family, found) : 0;

	for (unsigned i = 0; i < count; i++) {
		struct filter_prefix p = {.family = found[i].family, .bits = found[i].family == AF_INET ? 32 : 128};

		memcpy(p.bytes, found[i].bytes, sizeof(p.bytes));
		add_prefix(r, &p);
	}
	return count > 0;
}

/* ---- HOST: [FAMILY:]ADDRESS[:PORT] ---- */

static bool read_port(const struct filter_reading *r, const char *text, int32_t *port)
{
	if (read_integer(text, port))
		return true;
	*port = r->names->service ? r->names->service(r->names->context, text) : FILTER_ANY_PORT;
	return *port > 0;
}

static bool take_prefix(const char **text, const char *prefix)
{
	const size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Takes the family from the front of a value. As in ss it is that of the values that follow as well, until another is named; and the last is that of all rows. */
static void take_family(struct filter *f, const char **text)
{
	static const struct {
		const char *prefix;
		uint16_t family;
	} families[] = {
		{"unix:", AF_UNIX}, {"link:", AF_PACKET}, {"netlink:", AF_NETLINK}, {"vsock:", AF_VSOCK}, {"inet:", AF_INET}, {"inet6:", AF_INET6},
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (take_prefix(text, families[i].prefix)) {
			f->family = families[i].family;
			return;
		}
}

static bool is_number_or_any(const char *text)
{
	uint32_t number;

	return strcmp(text, "*") == 0 || read_unsigned(text, &number);
}

/* Of sockets of other kinds, which no TCP socket is like; of most any value will do. In `text`, which is written to. */
static bool is_good_elsewhere(uint16_t family, char *text, bool is_port)
{
	char *port = strchr(text, ':');

	if (family != AF_VSOCK)
		return true;
	if (is_port)
		return is_number_or_any(text + (*text == ':'));
	if (port)
		*port++ = '\0';
	return (!*text || is_number_or_any(text)) && (!port || is_number_or_any(port));
}

/* Parts address and port; an address in brackets loses them. False if a bracket is not closed. */
static bool part_host(char **address, char **port)
{
	char *slash;

	if (**address == '[') {
		*port = strchr(++*address, ']');
		if (!*port)
			return false;
		*(*port)++ = '\0';
	} else if (**address == '*') {
		*port = *address + 1;
	} else {
		slash = strchr(*address, '/');
		*port = strrchr(slash ? slash : *address, ':');
	}
	return true;
}

/* In `address`, which is written to. */
static enum filter_problem read_host_in(struct filter_reading *r, char *address, bool is_port)
{
	struct filter_prefix prefix;
	char *port;

	if (!part_host(&address, &port))
		return is_port ? FILTER_NO_PORT : FILTER_NO_ADDRESS;
	if (is_port)
		port = address;
	if (port && *port == ':')
		*port++ = '\0';
	if (port && *port && *port != '*' && !read_port(r, port, &r->node->end.port))
		return FILTER_NO_PORT;
	if (is_port || !*address || *address == '*')
		return FILTER_FINE;
	if (read_prefix(address, r->filter->family, &prefix))
		add_prefix(r, &prefix);
	else if (!look_up_host(r, address, r->filter->family))
		return FILTER_NO_ADDRESS;
	return FILTER_FINE;
}

static enum filter_problem read_host(struct filter_reading *r, bool is_port)
{
	enum filter_problem problem = FILTER_FINE;
	struct filter_node *n = r->node;
	const char *value = r->value;
	uint16_t family;
	char *text;

	n->kind = FILTER_HOST;
	n->end.port = FILTER_ANY_PORT;
	n->end.prefix = n->end.count = 0;
	take_family(r->filter, &value);
	family = r->filter->family;
	text = memory_copy_string(value);
	if (family == AF_UNSPEC || family == AF_INET || family == AF_INET6) {
		problem = read_host_in(r, text, is_port);
	} else {
		n->kind = FILTER_STATES; /* none fits */
		n->states = 0;
		if (!is_good_elsewhere(family, text, is_port))
			problem = is_port ? FILTER_NO_PORT : FILTER_NO_ADDRESS;
	}
	free(text);
	return problem;
}

/* Of equality ss makes a HOST without address, and of the rest GE and LE. */
static enum filter_problem read_compared_port(struct filter_reading *r)
{
	struct filter_node *n = r->node;
	const uint8_t op = n->op;
	const enum filter_problem problem = read_host(r, true);

	if (op == WORD_EQ || op == WORD_NE || n->kind != FILTER_HOST)
		return problem;
	n->kind = FILTER_PORT;
	n->negated = op == WORD_GT || op == WORD_LT;
	n->op = op == WORD_GE || op == WORD_LT ? WORD_GE : WORD_LE;
	return problem;
}

/* ---- the other values of ss ---- */

static enum filter_problem read_device(struct filter_reading *r)
{
	uint32_t index = r->names->device ? r->names->device(r->names->context, r->value) : 0;

	if (!index && !read_unsigned(r->value, &index))
		return FILTER_NO_DEVICE;
	r->node->kind = FILTER_DEVICE;
	r->node->number = index;
	return FILTER_FINE;
}

/* scanf's "%i", which leaves alone what stands behind the number. */
static const char *scan_number(const char *text, uint32_t *out)
{
	char *end;

	*out = (uint32_t)strtol(text, &end, 0);
	return end == text ? NULL : end;
}

static enum filter_problem read_mark(struct filter_reading *r)
{
	const bool has_mask = strchr(r->value, '/') != NULL;
	const char *end = scan_number(r->value, &r->node->mark.value);

	r->node->kind = FILTER_MARK;
	r->node->mark.mask = UINT32_MAX;
	if (!end || (has_mask && (*end != '/' || !scan_number(end + 1, &r->node->mark.mask))))
		return FILTER_NO_MARK;
	return FILTER_FINE;
}

static enum filter_problem read_cgroup(struct filter_reading *r)
{
	r->node->kind = FILTER_CGROUP;
	return r->names->cgroup && r->names->cgroup(r->names->context, r->value, &r->node->number) ? FILTER_FINE : FILTER_NO_CGROUP;
}

/* ---- values of our own ---- */

static enum filter_problem read_count(struct filter_reading *r, enum filter_kind kind, uint64_t most)
{
	unsigned long long n;

	r->node->kind = (uint8_t)kind;
	errno = 0;
	n = strtoull(r->value, NULL, 10);
	if (!*r->value || strspn(r->value, "0123456789") != strlen(r->value) || errno || n > most)
		return FILTER_NO_NUMBER;
	r->node->number = n;
	return FILTER_FINE;
}

static enum filter_problem read_text(struct filter_reading *r, enum filter_kind kind)
{
	struct text *strings = &r->filter->strings;
	const size_t len = strlen(r->value);
	char *clean = memory_get(len + 1);

	/* What it is compared with was cleaned when it came in. */
	clean_copy(clean, len + 1, r->value, len);
	r->node->kind = (uint8_t)kind;
	r->node->text = strings->len;
	text_add(strings, clean);
	text_add_char(strings, '\0');
	free(clean);
	return *r->value ? FILTER_FINE : FILTER_NO_VALUE;
}

/* A process's number or its name. */
static enum filter_problem read_holder(struct filter_reading *r)
{
	if (r->node->op != WORD_LIKE && read_count(r, FILTER_HOLDER_PID, UINT32_MAX) == FILTER_FINE)
		return FILTER_FINE;
	return read_text(r, FILTER_HOLDER_NAME);
}

static enum filter_problem read_user(struct filter_reading *r)
{
	uint32_t uid;

	if (r->names->user && r->names->user(r->names->context, r->value, &uid)) {
		r->node->kind = FILTER_USER;
		r->node->number = uid;
		return FILTER_FINE;
	}
	return read_count(r, FILTER_USER, UINT32_MAX) == FILTER_FINE ? FILTER_FINE : FILTER_NO_USER;
}

static enum filter_problem read_age(struct filter_reading *r)
{
	r->node->kind = FILTER_AGE;
	return quantity_duration(r->value, &r->node->age_ns) ? FILTER_NO_DURATION : FILTER_FINE;
}

static enum filter_problem read_side(struct filter_reading *r, enum filter_kind kind)
{
	r->node->kind = (uint8_t)kind;
	for (enum side side = SIDE_LOCAL; side <= SIDE_BOTH; side++)
		if (strcmp(r->value, side_word(side)) == 0) {
			r->node->number = side;
			return FILTER_FINE;
		}
	return FILTER_NO_SIDE;
}

enum filter_problem filter_read_value(enum filter_word predicate, struct filter_reading *r)
{
	switch (predicate) {
	case WORD_SRC:
	case WORD_DST: return read_host(r, false);
	case WORD_SPORT:
	case WORD_DPORT: return read_compared_port(r);
	case WORD_DEV: return read_device(r);
	case WORD_FWMARK: return read_mark(r);
	case WORD_CGROUP: return read_cgroup(r);
	case WORD_PID: return read_count(r, FILTER_PID, UINT32_MAX);
	case WORD_COMM: return read_text(r, FILTER_COMM);
	case WORD_HOLDER: return read_holder(r);
	case WORD_USER: return read_user(r);
	case WORD_AGE: return read_age(r);
	case WORD_RECVQ: return read_count(r, FILTER_RECVQ, UINT64_MAX);
	case WORD_SENDQ: return read_count(r, FILTER_SENDQ, UINT64_MAX);
	case WORD_OPENER: return read_side(r, FILTER_OPENER);
	case WORD_CLOSER: return read_side(r, FILTER_CLOSER);
	case WORD_UNIT: return read_text(r, FILTER_UNIT);
	default: return FILTER_NO_VALUE;
	}
}

/* ---- states ---- */

#define CONNECTED (FILTER_STATES_ALL & ~(STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_LISTEN)))
#define BUCKET (STATE_BIT(STATE_SYN_RECV) | STATE_BIT(STATE_TIME_WAIT))

/* ss's own names, in any case; synfin's (tcp/state.h) are taken too. */
static const struct {
	const char *name;
	uint32_t mask;
} state_sets[] = {
	{"all", FILTER_STATES_ALL},
	{"connected", CONNECTED},
	{"synchronized", CONNECTED & ~STATE_BIT(STATE_SYN_SENT)},
	{"bucket", BUCKET},
	{"big", FILTER_STATES_ALL & ~BUCKET},
	{"unknown", STATE_BIT(STATE_NONE)},
	{"syn-rcv", STATE_BIT(STATE_SYN_RECV)},
	{"established", STATE_BIT(STATE_ESTABLISHED)},
	{"syn-sent", STATE_BIT(STATE_SYN_SENT)},
	{"syn-recv", STATE_BIT(STATE_SYN_RECV)},
	{"fin-wait-1", STATE_BIT(STATE_FIN_WAIT1)},
	{"fin-wait-2", STATE_BIT(STATE_FIN_WAIT2)},
	{"time-wait", STATE_BIT(STATE_TIME_WAIT)},
	{"unconnected", STATE_BIT(STATE_CLOSED)},
	{"close", STATE_BIT(STATE_CLOSED)},
	{"closed", STATE_BIT(STATE_CLOSED)},
	{"close-wait", STATE_BIT(STATE_CLOSE_WAIT)},
	{"last-ack", STATE_BIT(STATE_LAST_ACK)},
	{"listening", STATE_BIT(STATE_LISTEN)},
	{"closing", STATE_BIT(STATE_CLOSING)},
};

#define STATE_SETS (sizeof(state_sets) / sizeof(*state_sets))

bool filter_read_states(const char *word, uint32_t *mask)
{
	const enum tcp_state state = state_from_name(word);

	for (size_t i = 0; i < STATE_SETS; i++)
		if (strcasecmp(word, state_sets[i].name) == 0) {
			*mask = state_sets[i].mask;
			return true;
		}
	*mask = STATE_BIT(state);
	return state != STATE_NONE;
}

const char *filter_state_near(const char *typed)
{
	const char *names[STATE_SETS];

	for (size_t i = 0; i < STATE_SETS; i++)
		names[i] = state_sets[i].name;
	return suggest_near(typed, names, STATE_SETS);
}

/* Of several names of the same states the last is the usual one. */
static bool is_usual_name(size_t i)
{
	bool usual = state_sets[i].mask != STATE_BIT(STATE_NONE);

	for (size_t later = i + 1; later < STATE_SETS; later++)
		usual &= state_sets[later].mask != state_sets[i].mask;
	return usual;
}

/* Single states, then sets of them. */
static const char *state_word(unsigned index)
{
	for (int sets = 0; sets < 2; sets++)
		for (size_t i = 0; i < STATE_SETS; i++)
			if (sets == (__builtin_popcount(state_sets[i].mask) > 1) && is_usual_name(i) && index-- == 0)
				return state_sets[i].name;
	return NULL;
}

const char *filter_value_word(enum filter_word predicate, unsigned index)
{
	if (predicate == WORD_STATE || predicate == WORD_EXCLUDE)
		return state_word(index);
	if (predicate == WORD_OPENER || predicate == WORD_CLOSER)
		return index <= SIDE_BOTH - SIDE_LOCAL ? side_word((enum side)(SIDE_LOCAL + index)) : NULL;
	return NULL;
}
