/*
 * The words of a filter: parted by spaces and tabs; a backslash takes away what the next byte means, as in ss(8).
 *
 * The value of a predicate of our own may stand in quotes, single or double. ss knows none; but of what it accepts nothing begins with a quote behind such a word, where
 * it has no meaning but as a value itself.
 */
#ifndef FILTER_LEX_H
#define FILTER_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(enumerator, spelling). Several spellings of a word follow one another, its usual one first. Up to AUTOBOUND they are ss's: there
 * none of them can be a value.
 */
#define FILTER_WORDS(X)                                                                                                    \
	X(NOT, "not") X(NOT, "!")                                                                                          \
	X(AND, "and") X(AND, "&") X(AND, "&&")                                                                             \
	X(OR, "or") X(OR, "|") X(OR, "||")                                                                                 \
	X(OPEN, "(") X(CLOSE, ")")                                                                                         \
	X(EQ, "=") X(EQ, "==") X(EQ, "eq")                                                                                 \
	X(NE, "!=") X(NE, "ne") X(NE, "neq")                                                                               \
	X(GT, ">") X(GT, "gt")                                                                                             \
	X(LT, "<") X(LT, "lt")                                                                                             \
	X(GE, ">=") X(GE, "ge") X(GE, "geq")                                                                               \
	X(LE, "<=") X(LE, "le") X(LE, "leq")                                                                               \
	X(LIKE, "~")                                                                                                       \
	X(SRC, "src") X(DST, "dst") X(SPORT, "sport") X(DPORT, "dport") X(DEV, "dev") X(FWMARK, "fwmark") X(CGROUP, "cgroup") \
	X(AUTOBOUND, "autobound")                                                                                          \
	X(STATE, "state") X(EXCLUDE, "exclude") X(EXCLUDE, "excl")                                                         \
	X(PID, "pid") X(COMM, "comm") X(USER, "user") X(AGE, "age") X(RECVQ, "recvq") X(SENDQ, "sendq") X(OPENER, "opener") \
	X(CLOSER, "closer") X(HOLDER, "holder") X(UNIT, "unit")

enum filter_word {
	WORD_OTHER, /* a value, or a mistake */
	WORD_NOT,
	WORD_AND,
	WORD_OR,
	WORD_OPEN,
	WORD_CLOSE,
	WORD_EQ, /* the operators: EQ to LIKE */
	WORD_NE,
	WORD_GT,
	WORD_LT,
	WORD_GE,
	WORD_LE,
	WORD_LIKE,
	WORD_SRC, /* the predicates: SRC to UNIT */
	WORD_DST,
	WORD_SPORT,
	WORD_DPORT,
	WORD_DEV,
	WORD_FWMARK,
	WORD_CGROUP,
	WORD_AUTOBOUND,
	WORD_STATE,
	WORD_EXCLUDE,
	WORD_PID,
	WORD_COMM,
	WORD_USER,
	WORD_AGE,
	WORD_RECVQ,
	WORD_SENDQ,
	WORD_OPENER,
	WORD_CLOSER,
	WORD_HOLDER,
	WORD_UNIT,
	WORD_COUNT,
};

struct filter_token {
	size_t at, length;  /* in the text */
	const char *word;   /* without its quotes and backslashes */
	uint8_t id;         /* enum filter_word; in quotes it is a value, whatever it says */
	bool quoted, open;  /* open: the quote is not closed, and the text ends in it */
};

struct filter_tokens {
	struct filter_token *all;
	unsigned count;
	char *words; /* what they point into */
};

void filter_lex(const char *text, struct filter_tokens *out);
void filter_tokens_fini(struct filter_tokens *tokens);
/* Behind them a word in quotes is a value. */
bool filter_tokens_want_value(const struct filter_tokens *tokens);

enum filter_word filter_word_id(const char *word);
/* The usual spelling. */
const char *filter_word_spelling(enum filter_word word);
/* The keyword of a predicate that was probably meant; NULL if none is near. */
const char *filter_word_near(const char *typed);

static inline bool filter_word_is_operator(enum filter_word word)
{
	return word >= WORD_EQ && word <= WORD_LIKE;
}
/* It can be no value. */
static inline bool filter_word_is_reserved(enum filter_word word)
{
	return word >= WORD_NOT && word <= WORD_AUTOBOUND && word != WORD_LIKE;
}

#endif
