/* The words of a filter: see filter_lex.h. */
#include "filter_lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"

static const struct {
	const char *spelling;
	uint8_t id;
} words[] = {
#define X(name, text) {text, WORD_##name},
	FILTER_WORDS(X)
#undef X
};

#define WORDS (sizeof(words) / sizeof(*words))

enum filter_word filter_word_id(const char *word)
{
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(word, words[i].spelling) == 0)
			return (enum filter_word)words[i].id;
	return WORD_OTHER;
}

const char *filter_word_spelling(enum filter_word word)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].id == word)
			return words[i].spelling;
	return "";
}

const char *filter_word_near(const char *typed)
{
	const char *keywords[WORDS];
	size_t count = 0;

	for (size_t i = 0; i < WORDS; i++)
		if (words[i].id >= WORD_SRC)
			keywords[count++] = words[i].spelling;
	return suggest_near(typed, keywords, count);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* One word from *text on, copied to *to; both are moved behind it. */
static void read_word(const char **text, char **to)
{
	const char *from = *text;

	while (*from && !is_space(*from)) {
		if (*from == '\\' && !*++from)
			break;
		*(*to)++ = *from++;
	}
	*(*to)++ = '\0';
	*text = from;
}

/* The same of one in quotes. True if they are closed. */
static bool read_quoted(const char **text, char **to)
{
	const char *from = *text + 1;

	while (*from && *from != **text) {
		if (*from == '\\' && from[1])
			from++;
		*(*to)++ = *from++;
	}
	*(*to)++ = '\0';
	*text = from + (*from != '\0');
	return *from != '\0';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

bool filter_tokens_want_value(const struct filter_tokens *tokens)
{
	unsigned before = tokens->count;

	if (before > 1 && filter_word_is_operator((enum filter_word)tokens->all[before - 1].id))
		before--;
	return before > 0 && tokens->all[before - 1].id >= WORD_PID;
}

void filter_lex(const char *text, struct filter_tokens *out)
{
	const size_t most = strlen(text) / 2 + 1; /* a word and a space */
	const char *from = text;
	char *to;

	/* Each word is as long as in the text at most, and its NUL takes the place of the space, or of a quote. */
	*out = (struct filter_tokens){.all = memory_get_zeroed(most, sizeof(*out->all)), .words = memory_get(strlen(text) + 1)};
	to = out->words;
	for (;;) {
		struct filter_token token = {0};

		while (is_space(*from))
			from++;
		if (!*from)
			return;
		token.at = (size_t)(from - text);
		token.word = to;
		token.quoted = is_quote(*from) && filter_tokens_want_value(out);
		if (token.quoted) {
			token.open = !read_quoted(&from, &to);
		} else {
			read_word(&from, &to);
			token.id = (uint8_t)filter_word_id(token.word);
		}
		token.length = (size_t)(from - text) - token.at;
		out->all[out->count++] = token;
	}
}

void filter_tokens_fini(struct filter_tokens *tokens)
{
	free(tokens->all);
	free(tokens->words);
	*tokens = (struct filter_tokens){0};
}
