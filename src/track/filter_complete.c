/* What can come next in a filter, for whoever is typing one. */
#include <string.h>

#include "filter_private.h"

/* What may stand at a place. */
enum place {
	PLACE_TERM,     /* a predicate, `not`, a parenthesis */
	PLACE_OPERATOR, /* of a predicate; or its value at once */
	PLACE_VALUE,
	PLACE_BEHIND,   /* a whole term */
};

struct standing {
	enum place place;
	enum filter_word predicate; /* OPERATOR, VALUE */
	unsigned open;              /* parentheses */
};

static void take_term(struct standing *s, enum filter_word word)
{
	s->place = PLACE_TERM;
	if (word == WORD_OPEN) {
		s->open++;
	} else if (word == WORD_AUTOBOUND) {
		s->place = PLACE_BEHIND;
	} else if (word >= WORD_SRC) {
		s->place = PLACE_OPERATOR;
		s->predicate = word;
	}
}

static void take_word(struct standing *s, enum filter_word word)
{
	switch (s->place) {
	case PLACE_TERM:
		take_term(s, word);
		break;
	case PLACE_OPERATOR:
		s->place = filter_word_is_operator(word) ? PLACE_VALUE : PLACE_BEHIND;
		break;
	case PLACE_VALUE:
		s->place = PLACE_BEHIND;
		break;
	case PLACE_BEHIND:
		if (word == WORD_CLOSE)
			s->open -= s->open > 0;
		else
			take_term(s, word);
		break;
	}
}

/* As people type: in any case, and '_' for '-'. */
static bool begins(const char *word, const char *typed, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char c = typed[i] == '_' ? '-' : typed[i] >= 'A' && typed[i] <= 'Z' ? (char)(typed[i] + 'a' - 'A') : typed[i];

		if (!word[i] || c != word[i])
			return false;
	}
	return true;
}

static void offer(struct filter_candidates *c, const char *text, size_t at, const char *word)
{
	if (c->count < FILTER_CANDIDATES_MAX && begins(word, text + c->from, at - c->from))
		c->words[c->count++] = word;
}

static void offer_terms(struct filter_candidates *c, const char *text, size_t at)
{
	/* What people ask for most comes first; what only the kernel knows is nothing to be typed on a screen. */
	static const enum filter_word first[] = {WORD_STATE, WORD_DPORT, WORD_SPORT, WORD_DST, WORD_SRC, WORD_COMM, WORD_PID};
	uint64_t offered = 1ull << WORD_FWMARK | 1ull << WORD_CGROUP | 1ull << WORD_AUTOBOUND;

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		offer(c, text, at, filter_word_spelling(first[i]));
		offered |= 1ull << first[i];
	}
	for (unsigned word = WORD_SRC; word < WORD_COUNT; word++)
		if (!(offered & 1ull << word))
			offer(c, text, at, filter_word_spelling((enum filter_word)word));
	offer(c, text, at, filter_word_spelling(WORD_NOT));
	offer(c, text, at, filter_word_spelling(WORD_OPEN));
}

static void offer_values(struct filter_candidates *c, const char *text, size_t at, enum filter_word predicate)
{
	const char *word;

	for (unsigned i = 0; (word = filter_value_word(predicate, i)); i++)
		offer(c, text, at, word);
}

static void offer_operators(struct filter_candidates *c, const char *text, size_t at, enum filter_word predicate)
{
	for (unsigned word = WORD_EQ; word <= WORD_LIKE; word++)
		if (filter_word_takes(predicate, (enum filter_word)word))
			offer(c, text, at, filter_word_spelling((enum filter_word)word));
}

static void offer_joints(struct filter_candidates *c, const char *text, size_t at, unsigned open)
{
	offer(c, text, at, filter_word_spelling(WORD_AND));
	offer(c, text, at, filter_word_spelling(WORD_OR));
	if (open)
		offer(c, text, at, filter_word_spelling(WORD_CLOSE));
}

/* It is whole, and nothing longer begins so. */
static bool is_whole_sign(const char *text, const struct filter_token *t)
{
	if (t->quoted)
		return !t->open;
	switch (t->id) {
	case WORD_OPEN:
	case WORD_CLOSE:
		return true;
	case WORD_EQ:
	case WORD_NE:
	case WORD_GE:
	case WORD_LE:
	case WORD_LIKE:
	case WORD_AND:
	case WORD_OR:
		return strchr("=!<>~&|", text[t->at]);
	default:
		return false;
	}
}

void filter_complete(const char *text, size_t at, struct filter_candidates *out)
{
	struct standing s = {.place = PLACE_TERM};
	struct filter_tokens tokens;

	*out = (struct filter_candidates){.from = at, .to = at};
	filter_lex(text, &tokens);
	for (unsigned i = 0; i < tokens.count && tokens.all[i].at < at; i++) {
		const struct filter_token *t = &tokens.all[i];

		if (t->at + t->length > at || (t->at + t->length == at && !is_whole_sign(text, t))) {
			out->from = t->at;
			out->to = t->at + t->length;
		} else {
			take_word(&s, (enum filter_word)t->id);
		}
	}
	filter_tokens_fini(&tokens);
	switch (s.place) {
	case PLACE_TERM: offer_terms(out, text, at); break;
	case PLACE_OPERATOR:
		if (s.predicate == WORD_STATE || s.predicate == WORD_EXCLUDE)
			offer_values(out, text, at, s.predicate);
		else
			offer_operators(out, text, at, s.predicate);
		break;
	case PLACE_VALUE: offer_values(out, text, at, s.predicate); break;
	case PLACE_BEHIND: offer_joints(out, text, at, s.open); break;
	}
}
