/* A filter from the arguments of a command line. */
#include "filter_private.h"

static bool ends_in_backslash(const struct text *t)
{
	size_t backslashes = 0;

	while (backslashes < t->len && t->bytes[t->len - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2;
}

/* Several words, and each would be a mistake behind a value. In quotes of its own it is whole already. */
static bool falls_apart(const char *argument)
{
	struct filter_tokens words;
	bool mistake;

	if (*argument == '"' || *argument == '\'')
		return false;
	filter_lex(argument, &words);
	mistake = words.count > 1;
	for (unsigned i = 0; i < words.count; i++)
		mistake &= words.all[i].id == WORD_OTHER;
	filter_tokens_fini(&words);
	return mistake;
}

static bool wants_value(const struct text *filter)
{
	struct filter_tokens before;
	bool wants;

	filter_lex(text_string(filter), &before);
	wants = filter_tokens_want_value(&before);
	filter_tokens_fini(&before);
	return wants;
}

/* A backslash means what it does in any word. */
static void add_quoted(struct text *filter, const char *value)
{
	text_add_char(filter, '"');
	for (; *value; value++) {
		if (*value == '\\' && !value[1])
			break;
		if (*value == '\\')
			text_add_char(filter, *value++);
		else if (*value == '"')
			text_add_char(filter, '\\');
		text_add_char(filter, *value);
	}
	text_add_char(filter, '"');
}

/* A backslash at the end of an argument has nothing to take the meaning from, least of all the space that comes behind it now. Alone it is a word, and stays one. */
void filter_add_argument(struct text *filter, const char *argument)
{
	const bool quotes = falls_apart(argument) && wants_value(filter);

	if (ends_in_backslash(filter) && filter->len > 1 && filter->bytes[filter->len - 2] != ' ')
		text_ends(filter, filter->bytes + filter->len - 1);
	if (filter->len)
		text_add_char(filter, ' ');
	if (quotes)
		add_quoted(filter, argument);
	else
		text_add(filter, argument);
}
