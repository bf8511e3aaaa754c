/* A filter's life, and what is wrong with it in words. */
#include "track/filter.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/utf8.h"
#include "filter_private.h"

#define INDENT 2u
#define CUT "..."
#define CUT_COLUMNS 3u
#define LEAST_ROOM 16u

void filter_free(struct filter *f)
{
	if (!f)
		return;
	free(f->nodes);
	free(f->prefixes);
	text_fini(&f->strings);
	free(f);
}

bool filter_begins(const char *word)
{
	const enum filter_word id = filter_word_id(word);

	return id == WORD_NOT || id == WORD_OPEN || id >= WORD_SRC || strpbrk(word, " \t=<>!()") || filter_word_near(word);
}

bool filter_asks_owners(const struct filter *f)
{
	return f->asks_owners;
}

bool filter_asks_age(const struct filter *f)
{
	return f->asks_age;
}

bool filter_needs_kernel(const struct filter *f)
{
	return f->needs_kernel;
}

/* ---- mistakes ---- */

static void tell_unknown(const struct filter_error *e, struct text *out)
{
	if (e->about)
		text_addf(out, _("'%s' is no word of a filter; did you mean '%s'?"), e->quote, e->about);
	else
		text_addf(out, _("'%s' is no word of a filter"), e->quote);
}

static void tell_no_state(const struct filter_error *e, struct text *out)
{
	if (e->about)
		text_addf(out, _("'%s' is no state; did you mean '%s'?"), e->quote, e->about);
	else
		text_addf(out, _("'%s' is no state"), e->quote);
}

void filter_error_tell(const struct filter_error *e, struct text *out)
{
	switch ((enum filter_problem)e->problem) {
	case FILTER_FINE: break;
	case FILTER_NO_WORD: tell_unknown(e, out); break;
	case FILTER_NOT_PARTED: text_addf(out, _("'%s': operators and parentheses need spaces around them"), e->quote); break;
	case FILTER_NOTHING_BEFORE: text_addf(out, _("nothing stands before '%s'"), e->quote); break;
	case FILTER_NOTHING_BEHIND: text_addf(out, _("nothing stands behind '%s'"), e->quote); break;
	case FILTER_NOT_CLOSED: text_add(out, _("a parenthesis is not closed")); break;
	case FILTER_NOT_OPENED: text_add(out, _("a parenthesis is closed that was not opened")); break;
	case FILTER_EMPTY: text_add(out, _("nothing stands between the parentheses")); break;
	case FILTER_QUOTE_OPEN: text_add(out, _("a quote is not closed")); break;
	case FILTER_QUOTE_NOT_PARTED: text_add(out, _("behind the closing quote a space is missing")); break;
	case FILTER_NO_OPERATOR: text_addf(out, _("'%s' is no operator of '%s'"), e->quote, e->about); break;
	case FILTER_NO_VALUE: text_addf(out, _("'%s' is no value for '%s'"), e->quote, e->about); break;
	case FILTER_NO_STATE: tell_no_state(e, out); break;
	case FILTER_NO_ADDRESS: text_addf(out, _("'%s' is no address, prefix or known host"), e->quote); break;
	case FILTER_NO_PORT: text_addf(out, _("'%s' has no port and no known service"), e->quote); break;
	case FILTER_NO_DEVICE: text_addf(out, _("'%s' is no network interface"), e->quote); break;
	case FILTER_NO_MARK: text_addf(out, _("'%s' is no mark such as 0x10 or 0x10/0xf0"), e->quote); break;
	case FILTER_NO_CGROUP: text_addf(out, _("'%s' is no cgroup"), e->quote); break;
	case FILTER_NO_USER: text_addf(out, _("'%s' is no user"), e->quote); break;
	case FILTER_NO_NUMBER: text_addf(out, _("'%s' is no whole number"), e->quote); break;
	case FILTER_NO_DURATION: text_addf(out, _("'%s' is no duration such as 90s, 5m or 2h"), e->quote); break;
	case FILTER_NO_SIDE: text_addf(out, _("'%s' is neither 'local', 'remote' nor 'both'"), e->quote); break;
	case FILTER_FOR_KERNEL: text_addf(out, _("'%s' is known to the kernel only, which just 'synfin list' asks"), e->quote); break;
	case FILTER_MIXED: text_addf(out, _("'%s' is known to the kernel only, which does not know all else in this choice"), e->quote); break;
	case FILTER_TOO_DEEP: text_add(out, _("the filter is nested too deeply")); break;
	case FILTER_TOO_LONG: text_add(out, _("the filter is too long for the kernel")); break;
	}
}

char *filter_displayed(const char *text, size_t len)
{
	char *copy = memory_get(len + 1), *clean = memory_get(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	for (char *c = copy; *c; c++)
		if (*c == '\t')
			*c = ' ';
	clean_copy(clean, len + 1, copy, len);
	free(copy);
	return clean;
}

static unsigned columns_of(const char *text, size_t len)
{
	char *clean = filter_displayed(text, len);
	const unsigned columns = utf8_columns(clean);

	free(clean);
	return columns;
}

static void add_repeated(struct text *out, char c, unsigned count)
{
	while (count-- > 0)
		text_add_char(out, c);
}

void filter_error_show(const struct filter_error *e, const char *text, unsigned columns, struct text *out)
{
	const unsigned at = columns_of(text, e->at), room = columns > INDENT + LEAST_ROOM ? columns - INDENT : UINT_MAX;
	unsigned marked = columns_of(text + e->at, e->length), left = room, skipped = 0, before = at;
	char *clean = filter_displayed(text, strlen(text));
	const char *from = clean;
	bool cut;

	add_repeated(out, ' ', INDENT);
	/* Of a filter too long for the line goes what stands before the place, but for some of it, and what stands far behind. */
	if (at + marked > room && at > room / 4) {
		from += utf8_fit(clean, at - room / 4, &skipped);
		text_add(out, CUT);
		before = at - skipped + CUT_COLUMNS;
		left -= CUT_COLUMNS;
	}
	cut = utf8_columns(from) > left;
	text_add_bytes(out, from, utf8_fit(from, cut ? left - CUT_COLUMNS : left, NULL));
	text_add(out, cut ? CUT "\n" : "\n");
	add_repeated(out, ' ', INDENT + before);
	if (marked > room - before)
		marked = room - before;
	text_add_char(out, '^');
	add_repeated(out, '~', marked > 1 ? marked - 1 : 0);
	text_add_char(out, '\n');
	free(clean);
}
