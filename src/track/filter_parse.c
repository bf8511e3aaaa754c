/*
 * Reading a filter: the grammar. It is that of misc/ssfilter.y in iproute2:
 *
 *	list: term | list OR term | list AND term | list term
 *	term: "(" list ")" | NOT term | predicate
 *
 * so a list is read from the left, and neither of AND and OR binds more closely, whatever ss(8)'s page says. Before it ss takes any number of `state` and
 * `exclude`, which hold for all of the list; here they may also stand in it, as a term.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "filter_private.h"

struct parser {
	const char *text;
	struct filter_tokens tokens;
	unsigned next;  /* token */
	unsigned depth; /* of parentheses */
	struct filter *filter;
	const struct filter_names *names;
	struct filter_error *error;
};

/* The operators that a predicate takes: bits of enum filter_word. */
#define OP(word) (1u << WORD_##word)
#define EQUALITY (OP(EQ) | OP(NE))
#define ORDER (OP(GT) | OP(LT) | OP(GE) | OP(LE))

static const struct {
	uint32_t ops;
	bool negates; /* "!=" is "not … ="; else it needs something known that is different */
} predicates[WORD_COUNT] = {
	[WORD_SRC] = {EQUALITY, true},    [WORD_DST] = {EQUALITY, true},
	[WORD_SPORT] = {EQUALITY | ORDER, true}, [WORD_DPORT] = {EQUALITY | ORDER, true},
	[WORD_DEV] = {EQUALITY, true},    [WORD_FWMARK] = {EQUALITY, true}, [WORD_CGROUP] = {EQUALITY, true},
	[WORD_PID] = {EQUALITY, false},   [WORD_COMM] = {EQUALITY | OP(LIKE), false},
	[WORD_USER] = {EQUALITY, false},  [WORD_AGE] = {ORDER, false},
	[WORD_RECVQ] = {EQUALITY | ORDER, false}, [WORD_SENDQ] = {EQUALITY | ORDER, false},
	[WORD_OPENER] = {EQUALITY, false}, [WORD_CLOSER] = {EQUALITY, false},
	[WORD_HOLDER] = {EQUALITY | OP(LIKE), false}, [WORD_UNIT] = {EQUALITY | OP(LIKE), false},
};

bool filter_word_takes(enum filter_word predicate, enum filter_word op)
{
	return filter_word_is_operator(op) && predicates[predicate].ops & 1u << op;
}

static uint32_t parse_list(struct parser *p);

/* ---- mistakes ---- */

static uint32_t fail_at(struct parser *p, enum filter_problem problem, size_t at, size_t length, const char *about)
{
	*p->error = (struct filter_error){.problem = (uint8_t)problem, .at = at, .length = length, .about = about};
	clean_copy(p->error->quote, sizeof(p->error->quote), p->text + at, length);
	return 0;
}

static uint32_t fail(struct parser *p, enum filter_problem problem, const struct filter_token *token, const char *about)
{
	return fail_at(p, problem, token->at, token->length, about);
}

static enum filter_word peek(const struct parser *p)
{
	return p->next < p->tokens.count ? (enum filter_word)p->tokens.all[p->next].id : WORD_COUNT;
}

static bool at_end(const struct parser *p)
{
	return p->next == p->tokens.count;
}

static bool at_list_end(const struct parser *p)
{
	return at_end(p) || peek(p) == WORD_CLOSE;
}

static const struct filter_token *take(struct parser *p)
{
	return &p->tokens.all[p->next++];
}

/* Something stands where a term should. */
static uint32_t fail_no_term(struct parser *p)
{
	const struct filter_token *token = &p->tokens.all[p->next];
	const char *near = filter_word_near(token->word);
	const size_t clear = strcspn(token->word, "=!<>&|()~");

	switch ((enum filter_word)token->id) {
	case WORD_AND:
	case WORD_OR: return fail(p, FILTER_NOTHING_BEFORE, token, NULL);
	case WORD_CLOSE: return fail(p, p->depth ? FILTER_EMPTY : FILTER_NOT_OPENED, token, NULL);
	default: break;
	}
	if (!filter_word_is_operator((enum filter_word)token->id) && token->word[clear])
		return fail(p, FILTER_NOT_PARTED, token, NULL);
	return fail(p, FILTER_NO_WORD, token, near);
}

/* ---- nodes ---- */

static uint32_t add_node(struct parser *p, enum filter_kind kind, size_t at, size_t length)
{
	struct filter *f = p->filter;

	if (f->count == f->room) {
		f->room *= 2;
		f->nodes = memory_resize(f->nodes, f->room, sizeof(*f->nodes));
	}
	f->nodes[f->count] = (struct filter_node){.kind = (uint8_t)kind, .op = WORD_EQ, .at = (uint32_t)at, .length = (uint32_t)length};
	return f->count++;
}

/* A list as it is read. A group grows at its end for as long as its members are joined alike. */
struct list {
	uint32_t node, last; /* last: member of the group that this list has made; 0: it has made none */
};

static bool join(struct parser *p, struct list *l, uint32_t term, bool any, const struct filter_token *token)
{
	struct filter_node *nodes = p->filter->nodes;
	uint16_t depth = nodes[term].depth;

	if (!l->last || nodes[l->node].any != any) {
		const uint32_t group = add_node(p, FILTER_GROUP, nodes[l->node].at, nodes[l->node].length);

		nodes = p->filter->nodes;
		nodes[group].any = any;
		nodes[group].first = l->last = l->node;
		depth = nodes[l->node].depth > depth ? nodes[l->node].depth : depth;
		l->node = group;
	}
	nodes[l->last].next = term;
	l->last = term;
	if (nodes[l->node].depth < depth + 1)
		nodes[l->node].depth = (uint16_t)(depth + 1);
	if (nodes[l->node].depth <= FILTER_DEPTH_MAX)
		return true;
	fail(p, FILTER_TOO_DEEP, token, NULL);
	return false;
}

/* ---- terms ---- */

/* Takes the operator of a word about states, if there is one. True if it turns the word round. */
static bool take_state_operator(struct parser *p, const struct filter_token *keyword, const struct filter_token **before)
{
	bool differs = false;

	*before = keyword;
	if (filter_word_is_operator(peek(p))) {
		differs = peek(p) == WORD_NE;
		*before = take(p);
	}
	return differs != (keyword->id == WORD_EXCLUDE);
}

/* Words about states in a row: a union, less what was excluded since. As in ss, a row that begins with an exclusion begins with all. */
static uint32_t parse_states(struct parser *p)
{
	const struct filter_token *first = &p->tokens.all[p->next], *value = first;
	uint32_t states = 0, mask, node;

	while (peek(p) == WORD_STATE || peek(p) == WORD_EXCLUDE) {
		const struct filter_token *keyword = take(p), *before;
		const bool excludes = take_state_operator(p, keyword, &before);

		if (before != keyword && (keyword->id == WORD_EXCLUDE || !(EQUALITY & 1u << before->id)))
			return fail(p, FILTER_NO_OPERATOR, before, filter_word_spelling((enum filter_word)keyword->id));
		if (at_end(p))
			return fail(p, FILTER_NOTHING_BEHIND, before, NULL);
		value = take(p);
		if (!filter_read_states(value->word, &mask))
			return fail(p, FILTER_NO_STATE, value, filter_state_near(value->word));
		if (keyword == first && excludes)
			states = FILTER_STATES_ALL;
		states = excludes ? states & ~mask : states | mask;
	}
	node = add_node(p, FILTER_STATES, first->at, value->at + value->length - first->at);
	p->filter->nodes[node].states = states;
	return node;
}

/* Whether quotes round a value are whole. */
static bool check_quotes(struct parser *p, const struct filter_token *value)
{
	const size_t end = value->at + value->length;

	if (value->open)
		fail_at(p, FILTER_QUOTE_OPEN, value->at, 1, NULL);
	else if (value->quoted && p->next + 1 < p->tokens.count && p->tokens.all[p->next + 1].at == end)
		fail(p, FILTER_QUOTE_NOT_PARTED, &p->tokens.all[p->next + 1], NULL);
	return p->error->problem == FILTER_FINE;
}

static uint32_t parse_predicate(struct parser *p)
{
	const struct filter_token *keyword = take(p), *before = keyword;
	const char *spelling = filter_word_spelling((enum filter_word)keyword->id);
	const uint32_t node = add_node(p, FILTER_GROUP, keyword->at, keyword->length);
	struct filter_node *n = &p->filter->nodes[node];
	struct filter_reading reading = {.filter = p->filter, .names = p->names, .node = n};
	enum filter_problem problem;

	if (keyword->id == WORD_AUTOBOUND) {
		n->kind = FILTER_AUTOBOUND;
		return node;
	}
	if (!(predicates[keyword->id].ops & OP(EQ)))
		n->op = WORD_OTHER;
	if (filter_word_is_operator(peek(p))) {
		before = take(p);
		n->op = before->id;
	}
	if (at_end(p))
		return fail(p, FILTER_NOTHING_BEHIND, before, NULL);
	if (!(predicates[keyword->id].ops & 1u << n->op))
		return fail(p, FILTER_NO_OPERATOR, before == keyword ? &p->tokens.all[p->next] : before, spelling);
	reading.value = p->tokens.all[p->next].word;
	if (filter_word_is_reserved(peek(p)))
		return fail(p, FILTER_NO_VALUE, &p->tokens.all[p->next], spelling);
	if (!check_quotes(p, &p->tokens.all[p->next]))
		return 0;
	n->remote = keyword->id == WORD_DST || keyword->id == WORD_DPORT;
	problem = filter_read_value((enum filter_word)keyword->id, &reading);
	if (problem != FILTER_FINE)
		return fail(p, problem, &p->tokens.all[p->next], spelling);
	n->negated ^= n->op == WORD_NE && predicates[keyword->id].negates;
	p->next++;
	return node;
}

static uint32_t parse_parentheses(struct parser *p)
{
	const struct filter_token *open = take(p);
	uint32_t list;

	if (p->depth == FILTER_DEPTH_MAX)
		return fail(p, FILTER_TOO_DEEP, open, NULL);
	if (at_end(p))
		return fail(p, FILTER_NOT_CLOSED, open, NULL);
	p->depth++;
	list = parse_list(p);
	p->depth--;
	if (list && at_end(p))
		return fail(p, FILTER_NOT_CLOSED, open, NULL);
	if (list)
		p->next++;
	return list;
}

static uint32_t parse_term(struct parser *p)
{
	bool negated = false;
	uint32_t term = 0;

	while (peek(p) == WORD_NOT) {
		const struct filter_token *not = take(p);

		negated = !negated;
		if (at_list_end(p))
			return fail(p, FILTER_NOTHING_BEHIND, not, NULL);
	}
	if (peek(p) == WORD_OPEN)
		term = parse_parentheses(p);
	else if (peek(p) == WORD_STATE || peek(p) == WORD_EXCLUDE)
		term = parse_states(p);
	else if (peek(p) >= WORD_SRC && peek(p) <= WORD_UNIT)
		term = parse_predicate(p);
	else
		fail_no_term(p);
	if (term)
		p->filter->nodes[term].negated ^= negated;
	return term;
}

/* ---- lists ---- */

/* What follows the first term. */
static uint32_t parse_rest(struct parser *p, uint32_t first)
{
	struct list l = {.node = first};

	while (l.node && !at_list_end(p)) {
		const struct filter_token *token = &p->tokens.all[p->next];
		const bool any = token->id == WORD_OR;
		uint32_t term;

		if (token->id == WORD_AND || token->id == WORD_OR) {
			p->next++;
			if (at_list_end(p))
				return fail(p, FILTER_NOTHING_BEHIND, token, NULL);
		}
		term = parse_term(p);
		if (!term || !join(p, &l, term, any, token))
			return 0;
	}
	return l.node;
}

/* States in front hold for all that follows, unless an operator says how they go with it. */
static uint32_t parse_list(struct parser *p)
{
	const struct filter_token *token = &p->tokens.all[p->next];
	const bool begins_with_states = token->id == WORD_STATE || token->id == WORD_EXCLUDE;
	const uint32_t first = parse_term(p);
	struct list l = {.node = first};
	uint32_t rest;

	if (!first || !begins_with_states || at_list_end(p) || peek(p) == WORD_AND || peek(p) == WORD_OR)
		return first ? parse_rest(p, first) : 0;
	rest = parse_list(p);
	return rest && join(p, &l, rest, false, token) ? l.node : 0;
}

/* ---- the whole ---- */

/* The first in the tree that is, or is not, for the kernel to judge; 0: none. */
static uint32_t find(const struct filter *f, uint32_t node, bool (*is)(uint8_t kind))
{
	const struct filter_node *n = &f->nodes[node];
	uint32_t found = 0;

	if (n->kind != FILTER_GROUP)
		return is(n->kind) ? node : 0;
	for (uint32_t member = n->first; member && !found; member = f->nodes[member].next)
		found = find(f, member, is);
	return found;
}

static bool is_device(uint8_t kind)
{
	return kind == FILTER_DEVICE;
}

static bool is_mark_or_cgroup(uint8_t kind)
{
	return kind == FILTER_MARK || kind == FILTER_CGROUP;
}

static bool is_for_kernel(uint8_t kind)
{
	return is_mark_or_cgroup(kind) || kind == FILTER_AUTOBOUND;
}

static bool is_beyond_kernel(uint8_t kind)
{
	return kind < FILTER_HOST || kind > FILTER_CGROUP;
}

/* Where the judges can differ: see track/filter.h. */
static bool can_differ(const struct filter *f, uint32_t node, bool negated)
{
	const struct filter_node *n = &f->nodes[node];
	bool differs = false;

	negated ^= n->negated;
	switch ((enum filter_kind)n->kind) {
	case FILTER_HOST:
		return negated && n->end.count > 0;
	case FILTER_PORT:
		return n->end.port < 0 || n->end.port > UINT16_MAX;
	case FILTER_AUTOBOUND:
		return true;
	case FILTER_GROUP:
		for (uint32_t member = n->first; member && !differs; member = f->nodes[member].next)
			differs = can_differ(f, member, negated);
		return differs;
	default:
		return false;
	}
}

static void choose_judges(struct filter *f)
{
	if (find(f, f->root, is_device))
		f->judges = JUDGE_BIT(JUDGE_SS);
	else if (can_differ(f, f->root, false))
		f->judges = JUDGE_BIT(JUDGE_KERNEL) | JUDGE_BIT(JUDGE_SS);
	else
		f->judges = JUDGE_BIT(JUDGE_KERNEL);
}

/*
 * What only the kernel knows is left to its judgement. That is possible where it can judge all of a term that every row has to fit. ss's own judgement of a mark and a
 * cgroup is the same; of `autobound` it is another, which we can pass. In a choice with a mark or a cgroup ss's judgement of the rest is left to the kernel as well, as
 * far as it can be asked for it (filter_code.c).
 */
static bool leave_to_kernel(struct parser *p, uint32_t node)
{
	struct filter *f = p->filter;
	struct filter_node *n = &f->nodes[node];
	const bool kernel_judges = f->judges & JUDGE_BIT(JUDGE_KERNEL);
	const uint32_t kernels = find(f, node, kernel_judges ? is_for_kernel : is_mark_or_cgroup);
	const struct filter_node *k = &f->nodes[kernels];

	if (!kernels)
		return true;
	if (!p->names->kernel) {
		fail_at(p, FILTER_FOR_KERNEL, k->at, k->length, NULL);
		return false;
	}
	if (n->kind == FILTER_GROUP && !n->any && !n->negated) {
		for (uint32_t member = n->first; member; member = f->nodes[member].next)
			if (!leave_to_kernel(p, member))
				return false;
		return true;
	}
	if (find(f, node, is_beyond_kernel)) {
		fail_at(p, FILTER_MIXED, k->at, k->length, NULL);
		return false;
	}
	n->left_to = JUDGE_BIT(JUDGE_KERNEL);
	if (find(f, node, is_mark_or_cgroup))
		n->left_to |= JUDGE_BIT(JUDGE_SS);
	f->needs_kernel = true;
	return true;
}

static bool asks_owners(uint8_t kind)
{
	return kind == FILTER_PID || kind == FILTER_COMM || kind == FILTER_HOLDER_NAME || kind == FILTER_HOLDER_PID;
}

static bool is_age(uint8_t kind)
{
	return kind == FILTER_AGE;
}

/* For ss no state at all is as if none had been chosen, and then it shows its usual ones. */
static void mend_no_states(struct parser *p)
{
	struct filter *f = p->filter;
	struct filter_node *n = &f->nodes[f->root];

	if (p->tokens.all[0].id != WORD_STATE && p->tokens.all[0].id != WORD_EXCLUDE)
		return;
	if (n->kind == FILTER_GROUP && !n->any && !n->negated)
		n = &f->nodes[n->first];
	if (n->kind == FILTER_STATES && !n->states)
		n->states = FILTER_STATES_USUAL;
}

/* The code has to be of a length that a message can carry. */
static bool fits_kernel(struct parser *p)
{
	struct filter_code code;
	bool fits;

	if (!p->filter->needs_kernel)
		return true;
	filter_compile(p->filter, FILTER_OPS_ALL, &code);
	fits = code.length > 0;
	filter_code_fini(&code);
	if (!fits)
		fail(p, FILTER_TOO_LONG, &p->tokens.all[0], NULL);
	return fits;
}

static bool parse_all(struct parser *p)
{
	struct filter *f = p->filter;

	if (at_end(p))
		return true;
	f->root = parse_list(p);
	if (f->root && !at_end(p))
		f->root = fail(p, FILTER_NOT_OPENED, &p->tokens.all[p->next], NULL);
	if (!f->root)
		return false;
	mend_no_states(p);
	choose_judges(f);
	f->asks_owners = find(f, f->root, asks_owners);
	f->asks_age = find(f, f->root, is_age);
	return leave_to_kernel(p, f->root) && fits_kernel(p);
}

struct filter *filter_parse(const char *text, const struct filter_names *names, struct filter_error *error)
{
	struct filter *f = memory_get_zeroed(1, sizeof(*f));
	struct parser p = {.text = text, .filter = f, .names = names, .error = error};

	*error = (struct filter_error){0};
	f->room = 16;
	f->count = 1;
	f->nodes = memory_get_zeroed(f->room, sizeof(*f->nodes));
	f->port_low = names->port_low;
	f->port_high = names->port_high;
	filter_lex(text, &p.tokens);
	if (!parse_all(&p)) {
		filter_free(f);
		f = NULL;
	}
	filter_tokens_fini(&p.tokens);
	return f;
}
