/* Coverage in words: see show/coverage.h. */
#include "show/coverage.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"

static struct coverage_line *add(struct coverage_words *w, const char *text, enum role role)
{
	struct coverage_line *line = &w->lines[w->count++];

	line->text = text;
	line->role = role;
	line->figure[0] = '\0';
	return line;
}

/* None is as it should be; `some` is what it is otherwise. */
static void add_count(struct coverage_words *w, uint64_t count, const char *text, enum role some)
{
	amount_grouped(count, add(w, text, count ? some : ROLE_DIM)->figure);
}

static void add_answer(struct coverage_words *w, bool yes, const char *text)
{
	snprintf(add(w, text, yes ? ROLE_GOOD : ROLE_WARNING)->figure, AMOUNT_ROOM, "%s", yes ? _("yes") : _("no"));
}

static void say_looks(struct coverage_words *w, const struct coverage *c, const struct frame_facts *facts, int64_t now_ns)
{
	if (c->errors[SOURCE_DIAG]) {
		snprintf(w->reasons[0], COVERAGE_REASON_ROOM, c->swept_by == SOURCE_PROC ? _("no sock_diag: %s") : _("no dump: %s"),
			 strerror(-c->errors[SOURCE_DIAG]));
		add_answer(w, false, w->reasons[0]);
	}
	if (c->interval_ns > 0)
		amount_span(c->interval_ns, add(w, c->swept_by == SOURCE_PROC ? N_("from one look at /proc/net/tcp to the next") :
									N_("from one full look (dump) to the next, as the budget allows"), ROLE_GAUGE)->figure);
	if (facts->fast_interval_ns > 0 && facts->fast_interval_ns < c->interval_ns)
		amount_span(facts->fast_interval_ns, add(w, N_("while something opens or closes"), ROLE_GAUGE)->figure);
	if (c->last_whole_ns) {
		const bool old = c->interval_ns > 0 && now_ns - c->last_whole_ns > 3 * c->interval_ns + NS_PER_SECOND;

		amount_age(now_ns - c->last_whole_ns, add(w, N_("age of the picture: since the last whole look"), old ? ROLE_WARNING : ROLE_GAUGE)->figure);
	}
	amount_grouped(c->sweeps, add(w, N_("looks so far"), ROLE_GAUGE)->figure);
	add_count(w, c->sweeps_not_whole, N_("of these not whole: nothing is called gone by them"), ROLE_WARNING);
}

static void say_notices(struct coverage_words *w, const struct coverage *c, const struct frame_facts *facts)
{
	if (c->errors[SOURCE_OBITUARY]) {
		snprintf(w->reasons[1], COVERAGE_REASON_ROOM, _("no notices: %s"), strerror(-c->errors[SOURCE_OBITUARY]));
		add_answer(w, false, w->reasons[1]);
	} else if (c->shedding) {
		add_answer(w, false, N_("too many ends: notices are shed until there are fewer"));
	} else {
		add_answer(w, facts->notices, N_("notices: the kernel tells of each socket that ends"));
	}
	add_count(w, c->notices_lost, N_("lost: notices that the kernel had no room for"), ROLE_WARNING);
	if (c->notices_shed)
		add_count(w, c->notices_shed, N_("times that notices were shed"), ROLE_WARNING);
	add_count(w, c->ends_unseen, N_("came and went unseen, at least"), ROLE_WARNING);
	add_count(w, c->unsampled_ends, N_("known by their end alone: they lived between two looks"), ROLE_GAUGE);
	if (c->late_notices)
		add_count(w, c->late_notices, N_("notices that came long after the end"), ROLE_GAUGE);
	add_count(w, c->lookups_dropped, N_("look-ups of single sockets dropped: too many at once"), ROLE_WARNING);
	add_count(w, c->illegal, N_("illegal: steps that TCP does not allow, so some were missed"), ROLE_WARNING);
}

static void say_owners(struct coverage_words *w, const struct coverage *c, const struct frame_facts *facts)
{
	if (c->owner_scan_total)
		snprintf(add(w, N_("programs: of the first search for them"), ROLE_GAUGE)->figure, AMOUNT_ROOM, "%u%%",
			 (unsigned)((uint64_t)c->owner_scan_done * 100 / c->owner_scan_total));
	add_count(w, c->owners_hidden, facts->privileged ? N_("processes hidden: whose sockets they hold stays unknown") :
							   N_("processes of others hidden: root would see their programs"), ROLE_TITLE);
	add_count(w, facts->rows_hidden, N_("connections whose program is hidden"), ROLE_TITLE);
}

static void say_namespaces(struct coverage_words *w, const struct coverage *c)
{
	amount_grouped(c->netns_watched ? c->netns_watched : 1, add(w, N_("network namespaces watched"), ROLE_GAUGE)->figure);
	add_count(w, c->netns_unwatched, N_("others that are not: see -N and --all-netns"), ROLE_TITLE);
}

void coverage_say(struct coverage_words *out, const struct model *m, const struct frame_facts *facts, int64_t now_ns)
{
	const struct coverage *c = model_coverage(m);

	out->count = 0;
	say_looks(out, c, facts, now_ns);
	say_notices(out, c, facts);
	say_owners(out, c, facts);
	say_namespaces(out, c);
}
