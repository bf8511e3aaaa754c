/*
 * A filter as the arguments of ss(8).
 *
 * ss knows states only in front of its expression, and nothing of our own predicates. What it cannot say is left out so that it lists more, never less: a member
 * of "all of these" alone, a choice ("any of these") as a whole. A negation is carried down to the single predicates first, because leaving out turns round
 * with it.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "filter_private.h"

struct saying {
	const struct filter *filter;
	struct text *out;
	uint32_t states; /* that it can be in, as far as they stand in front */
	bool whole;      /* nothing was left out */
};

/* Whether a part speaks of states alone; and of which. */
static bool states_of(const struct filter *f, uint32_t node, bool negated, uint32_t *states)
{
	const struct filter_node *n = &f->nodes[node];

	negated ^= n->negated;
	if (n->kind == FILTER_STATES)
		*states = negated ? FILTER_STATES_ALL & ~n->states : n->states;
	if (n->kind != FILTER_GROUP)
		return n->kind == FILTER_STATES;
	*states = n->any != negated ? 0 : FILTER_STATES_ALL;
	for (uint32_t member = n->first; member; member = f->nodes[member].next) {
		uint32_t some;

		if (!states_of(f, member, negated, &some))
			return false;
		*states = n->any != negated ? *states | some : *states & some;
	}
	return true;
}

/* ---- single predicates ---- */

static void say_address(struct saying *s, const struct filter_prefix *p)
{
	char address[INET6_ADDRSTRLEN] = "";

	if (p->family == AF_UNSPEC) {
		text_add(s->out, "*");
		return;
	}
	inet_ntop(p->family, p->bytes, address, sizeof(address));
	text_addf(s->out, p->family == AF_INET6 ? "[%s" : "%s", address);
	if (p->bits < (p->family == AF_INET6 ? 128 : 32))
		text_addf(s->out, "/%u", p->bits);
	if (p->family == AF_INET6)
		text_add(s->out, "]");
}

static bool say_host(struct saying *s, const struct filter_node *n, bool negated)
{
	const bool several = n->end.count > 1;

	if (negated)
		text_add(s->out, "not ");
	if (n->end.count == 0 && n->end.port != FILTER_ANY_PORT) {
		text_addf(s->out, "%s = :%d", n->remote ? "dport" : "sport", (int)n->end.port);
		return true;
	}
	text_add(s->out, several ? "( " : "");
	for (uint32_t i = 0; i < n->end.count || i == 0; i++) {
		text_addf(s->out, "%s%s ", i ? " or " : "", n->remote ? "dst" : "src");
		if (n->end.count)
			say_address(s, &s->filter->prefixes[n->end.prefix + i]);
		else
			text_add(s->out, "*");
		if (n->end.port != FILTER_ANY_PORT)
			text_addf(s->out, ":%d", (int)n->end.port);
	}
	text_add(s->out, several ? " )" : "");
	return true;
}

/* False: ss has no word for it. */
static bool say_predicate(struct saying *s, const struct filter_node *n, bool negated)
{
	switch ((enum filter_kind)n->kind) {
	case FILTER_HOST:
		return say_host(s, n, negated);
	case FILTER_PORT:
		if (n->end.port < 0)
			return false;
		text_addf(s->out, "%s %s :%d", n->remote ? "dport" : "sport", n->op == WORD_GE ? negated ? "<" : ">=" : negated ? ">" : "<=",
			  (int)n->end.port);
		return true;
	case FILTER_DEVICE:
		text_addf(s->out, "dev %s %llu", negated ? "!=" : "=", (unsigned long long)n->number);
		return true;
	default:
		return false;
	}
}

/* ---- groups ---- */

static void take_back(struct text *out, size_t len)
{
	if (out->len > len)
		text_ends(out, out->bytes + len);
}

static bool say(struct saying *s, uint32_t node, bool negated);

/* Members with this word between them. False, and nothing said: nothing is left of it. */
static bool say_members(struct saying *s, const struct filter_node *n, bool negated)
{
	const bool any = n->any != negated;
	const size_t before = s->out->len;
	unsigned said = 0;

	text_add(s->out, "( ");
	for (uint32_t member = n->first; member; member = s->filter->nodes[member].next) {
		const size_t here = s->out->len;

		if (said)
			text_add(s->out, any ? " or " : " and ");
		if (say(s, member, negated)) {
			said++;
			continue;
		}
		take_back(s->out, here);
		if (any) {
			said = 0;
			break;
		}
	}
	text_add(s->out, " )");
	if (!said)
		take_back(s->out, before);
	return said;
}

static bool say(struct saying *s, uint32_t node, bool negated)
{
	const struct filter_node *n = &s->filter->nodes[node];
	bool said;

	negated ^= n->negated;
	said = n->kind == FILTER_GROUP ? say_members(s, n, negated) : say_predicate(s, n, negated);
	s->whole &= said || n->kind == FILTER_GROUP;
	return said;
}

/* What every row has to fit: states go in front, the rest is joined. */
static void say_top(struct saying *s, uint32_t node, bool negated)
{
	const struct filter_node *n = &s->filter->nodes[node];
	const size_t before = s->out->len;
	uint32_t states;

	if (states_of(s->filter, node, negated, &states)) {
		s->states &= states;
	} else if (n->kind == FILTER_GROUP && (n->any == (negated ^ n->negated))) {
		for (uint32_t member = n->first; member; member = s->filter->nodes[member].next)
			say_top(s, member, negated ^ n->negated);
	} else {
		if (before)
			text_add(s->out, " and ");
		if (!say(s, node, negated))
			take_back(s->out, before);
	}
}

/* ---- states ---- */

static void say_states(struct saying *s, struct text *out)
{
	const uint32_t real = FILTER_STATES_ALL & ~STATE_BIT(STATE_NONE), states = s->states & real;
	const bool exclude = __builtin_popcount(states) > STATE_COUNT / 2;
	const uint32_t named = exclude ? real & ~states : states;
	const char *word;
	uint32_t mask;

	/* None at all would be as if none had been chosen. */
	if (!states)
		s->whole = false;
	for (unsigned i = 0; states && (word = filter_value_word(WORD_STATE, i)); i++)
		if (filter_read_states(word, &mask) && __builtin_popcount(mask) == 1 && named & mask)
			text_addf(out, "%s %s ", exclude ? "exclude" : "state", word);
}

bool filter_ss(const struct filter *f, struct text *out)
{
	struct text expression = {0};
	struct saying s = {.filter = f, .out = &expression, .states = FILTER_STATES_ALL, .whole = true};

	if (f->root)
		say_top(&s, f->root, false);
	if (f->family == AF_INET || f->family == AF_INET6)
		text_add(out, f->family == AF_INET ? "-4 " : "-6 ");
	else if (f->family != AF_UNSPEC)
		s.whole = false;
	say_states(&s, out);
	if (expression.len)
		text_addf(out, "'%s'", text_string(&expression));
	else if (out->len && out->bytes[out->len - 1] == ' ')
		text_ends(out, out->bytes + out->len - 1);
	text_fini(&expression);
	return s.whole;
}
