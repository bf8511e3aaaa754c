/* The columns of the list: which have room, and what stands in each. */
#include "show/list.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"

#define PROGRAM_WANTED 24
#define PROGRAM_FIRST 10 /* "curl (was)"; before there are more columns */
#define PROGRAM_EASY 16  /* when there are also those that are only nice to have */
#define UNIT_WANTED 24
#define NICE_RANK 10
#define ADDRESS_COLUMNS 21
#define NARROW 60
#define AGE_PREFIXED 7 /* columns of an age itself */

static const struct {
	const char *heading;
	uint8_t least, rank;
} columns_known[LIST_COLUMN_COUNT] = {
#define X(name, heading_text, least_columns, order, right) [LIST_##name] = {heading_text, least_columns, order},
	LIST_COLUMNS(X)
#undef X
};

const char *list_heading(enum list_column column)
{
	return column < LIST_COLUMN_COUNT ? columns_known[column].heading : "";
}

static unsigned at_least(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* The width without which a column is not worth showing. Wide enough for any IPv4 address, where there are any that long. */
static unsigned least_width(const struct list *l, enum list_column column, unsigned columns, const struct glyphs *glyphs)
{
	const unsigned least = columns_known[column].least;
	char left[AMOUNT_ROOM];
	unsigned wanted;

	switch (column) {
	case LIST_AGE:
		snprintf(left, sizeof(left), _("%ds left"), 60);
		return at_least(at_least(AGE_PREFIXED + utf8_columns(glyphs->at_least), utf8_columns(left)), least);
	case LIST_LOCAL:
	case LIST_PEER:
		if (columns < NARROW)
			return least;
		wanted = column == LIST_LOCAL ? l->local_wanted : l->peer_wanted;
		return wanted > ADDRESS_COLUMNS ? ADDRESS_COLUMNS : at_least(least, wanted);
	default:
		return at_least(least, utf8_columns(_(columns_known[column].heading)));
	}
}

/* Gives up to `wanted` columns out of what is left. */
static void widen(unsigned *width, unsigned wanted, unsigned *left)
{
	unsigned more = wanted > *width ? wanted - *width : 0;

	if (more > *left)
		more = *left;
	*width += more;
	*left -= more;
}

/* A column and the gap before it; between the two addresses stands who opened. */
static unsigned gap_before(enum list_column column, const unsigned width[LIST_COLUMN_COUNT])
{
	if (column == LIST_STATE)
		return LIST_MARK_COLUMNS;
	return column == LIST_PEER && width[LIST_LOCAL] > 0 ? 3 : 1;
}

void list_lay_out(const struct list *l, unsigned columns, const struct glyphs *glyphs, struct list_layout *layout)
{
	unsigned width[LIST_COLUMN_COUNT] = {0}, left = columns, at = 0;

	for (unsigned rank = 1; rank <= LIST_COLUMN_COUNT; rank++) {
		for (unsigned i = 0; i < LIST_COLUMN_COUNT; i++) {
			/* LOCAL may still come between, so PEER always pays for the wide gap */
			const unsigned gap = i == LIST_STATE ? LIST_MARK_COLUMNS : i == LIST_LOCAL ? 3 : 1;
			const unsigned need = gap + least_width(l, (enum list_column)i, columns, glyphs);
			const unsigned spare = rank >= NICE_RANK && width[LIST_PROGRAM] < PROGRAM_EASY ? PROGRAM_EASY - width[LIST_PROGRAM] : 0;

			if (columns_known[i].rank != rank || (i == LIST_NETNS && !l->several_netns) || (i == LIST_UNIT && !l->has_unit))
				continue;
			if (need + spare > left && i != LIST_STATE)
				goto chosen;
			width[i] = need - gap;
			left -= need < left ? need : left;
			if (i == LIST_PROGRAM)
				widen(&width[i], PROGRAM_FIRST, &left);
		}
	}
chosen:
	if (width[LIST_LOCAL])
		widen(&width[LIST_LOCAL], l->local_wanted, &left);
	widen(&width[LIST_PEER], l->peer_wanted, &left);
	if (width[LIST_PROGRAM])
		widen(&width[LIST_PROGRAM], PROGRAM_WANTED, &left);
	if (width[LIST_UNIT])
		widen(&width[LIST_UNIT], UNIT_WANTED, &left);
	layout->count = 0;
	for (unsigned i = 0; i < LIST_COLUMN_COUNT; i++) {
		if (width[i] == 0)
			continue;
		at += gap_before((enum list_column)i, width);
		layout->shown[layout->count].column = (uint8_t)i;
		layout->shown[layout->count].at = at;
		layout->shown[layout->count++].width = width[i];
		at += width[i];
	}
}

/* An address that does not fit loses its middle: the port is what a person looks for. */
static void put_endpoint(struct list_cell *out, const char *text, unsigned width, const struct glyphs *glyphs)
{
	const char *tail = strrchr(text, ':');
	const unsigned mark = utf8_columns(glyphs->ellipsis);
	size_t keep;

	if (utf8_columns(text) <= width || !tail) {
		snprintf(out->text, sizeof(out->text), "%s", text);
		return;
	}
	if (tail > text && tail[-1] == ']')
		tail--;
	keep = utf8_columns(tail) + mark < width ? utf8_fit(text, width - mark - utf8_columns(tail), NULL) : 0;
	snprintf(out->text, sizeof(out->text), "%.*s%s%s", (int)keep, text, glyphs->ellipsis, tail);
}

static void put_age(struct list_cell *out, const struct connection *c, const struct glyphs *glyphs, int64_t now_ns)
{
	const struct facts *f = &c->facts;
	char age[AMOUNT_ROOM];

	if (c->live && c->state == STATE_TIME_WAIT && f->knows & KNOWS_TIMER && f->timer == 3) {
		const int64_t left = ((int64_t)f->timer_expires_ms * NS_PER_MS - (now_ns - c->updated_ns) + NS_PER_SECOND - 1) / NS_PER_SECOND;

		snprintf(out->text, sizeof(out->text), _("%ds left"), left > 0 ? (int)left : 0);
		return;
	}
	if (!(f->knows & KNOWS_SINCE))
		return;
	snprintf(out->text, sizeof(out->text), "%s%s", f->knows & KNOWS_ATLEAST ? glyphs->at_least : "", amount_age(now_ns - c->since1_ns, age));
}

/* How it ended says more than how long ago. */
static const char *end_word(enum cause cause)
{
	switch (cause) {
	case CAUSE_ABORTED:
		return N_("aborted");
	case CAUSE_RESET:
		return N_("reset");
	case CAUSE_TIMED_OUT:
		return N_("timeout");
	case CAUSE_REFUSED:
		return N_("refused");
	case CAUSE_NETNS_GONE:
		return N_("let go");
	default:
		return NULL;
	}
}

static void put_queue(struct list_cell *out, const struct connection *c, uint32_t bytes)
{
	char amount[AMOUNT_ROOM];

	if (!(c->facts.knows & KNOWS_QUEUES))
		return;
	snprintf(out->text, sizeof(out->text), "%s", amount_short(bytes, amount));
	out->role = bytes ? ROLE_TEXT : ROLE_DIM;
}

/* Processes beside the first; a process with several fds counts once. */
static unsigned other_holders(const struct model *m, const struct connection *c, uint32_t first_pid)
{
	uint32_t last_pid = first_pid;
	unsigned others = 0;
	struct holder h;

	for (uint32_t i = 1; i < MODEL_TELL_HOLDERS && model_holder(m, c, i, &h); i++) {
		if (h.pid != first_pid && h.pid != last_pid)
			others++;
		last_pid = h.pid;
	}
	return others;
}

static void put_program(struct list_cell *out, const struct model *m, const struct connection *c)
{
	struct holder h;
	unsigned others;

	if (!model_holder(m, c, 0, &h)) {
		out->role = ROLE_DIM;
		if (c->state == STATE_SYN_RECV)
			snprintf(out->text, sizeof(out->text), "%s", _("(kernel)"));
		else if (c->owner_hidden)
			snprintf(out->text, sizeof(out->text), "%s", _("(hidden)"));
		return;
	}
	others = other_holders(m, c, h.pid);
	if (c->holders_former)
		snprintf(out->text, sizeof(out->text), _("%s (was)"), h.comm);
	else if (others > 0)
		snprintf(out->text, sizeof(out->text), "%s +%u", h.comm, others);
	else
		snprintf(out->text, sizeof(out->text), "%s", h.comm);
}

static void put_known(struct list_cell *out, const struct model *m, const struct connection *c, enum list_column column, unsigned width,
		      const struct glyphs *glyphs, int64_t now_ns)
{
	const struct tuple tuple = connection_tuple(c);
	const struct facts *f = &c->facts;
	char text[ENDPOINT_TEXT_ROOM];
	struct holder h;

	switch (column) {
	case LIST_STATE:
		snprintf(out->text, sizeof(out->text), "%s", state_name(c->state));
		out->role = role_of_state(c->state);
		break;
	case LIST_AGE:
		if (!c->live && end_word(c->cause))
			snprintf(out->text, sizeof(out->text), "%s", _(end_word(c->cause)));
		else
			put_age(out, c, glyphs, now_ns);
		break;
	case LIST_LOCAL:
		tuple_format_local(&tuple, text);
		put_endpoint(out, text, width, glyphs);
		break;
	case LIST_PEER:
		tuple_format_remote(&tuple, text);
		put_endpoint(out, c->state == STATE_LISTEN ? "*" : text, width, glyphs);
		if (c->state == STATE_LISTEN)
			out->role = ROLE_DIM;
		break;
	case LIST_RECVQ:
		put_queue(out, c, f->rqueue);
		break;
	case LIST_SENDQ:
		if (!(f->knows & KNOWS_NO_LIMIT))
			put_queue(out, c, f->wqueue);
		break;
	case LIST_RTT:
		if (f->knows & KNOWS_RTT)
			amount_span((int64_t)f->rtt_us * NS_PER_US, out->text);
		break;
	case LIST_SENT:
		if (f->knows & KNOWS_BYTES)
			amount_bytes(f->bytes_sent, out->text);
		break;
	case LIST_RECEIVED:
		if (f->knows & KNOWS_BYTES)
			amount_bytes(f->bytes_received, out->text);
		break;
	case LIST_PID:
		if (model_holder(m, c, 0, &h))
			snprintf(out->text, sizeof(out->text), "%u", h.pid);
		break;
	case LIST_NETNS:
		if (model_netns_name(m, c))
			snprintf(out->text, sizeof(out->text), "%s", model_netns_name(m, c));
		break;
	case LIST_PROGRAM:
		put_program(out, m, c);
		break;
	case LIST_UNIT:
		if (model_unit(m, c))
			snprintf(out->text, sizeof(out->text), "%s", model_unit(m, c));
		break;
	case LIST_COLUMN_COUNT:
		break;
	}
}

void list_cell(const struct model *m, const struct connection *c, enum list_column column, unsigned width, const struct glyphs *glyphs,
	       int64_t now_ns, struct list_cell *out)
{
	out->text[0] = '\0';
	out->role = ROLE_TEXT;
	put_known(out, m, c, column, width, glyphs, now_ns);
	if (!out->text[0]) {
		out->text[0] = '-';
		out->text[1] = '\0';
		out->role = ROLE_DIM;
	}
	if (!c->live)
		out->role = ROLE_GONE;
}

void list_cell_names(const struct names *names, const struct connection *c, enum list_column column, unsigned width, const struct glyphs *glyphs,
		     struct list_cell *out)
{
	const struct tuple tuple = connection_tuple(c);
	char text[NAMES_ENDPOINT_ROOM];

	if ((column != LIST_PEER || c->state == STATE_LISTEN) && column != LIST_LOCAL)
		return;
	if (names_endpoint(names, &tuple, column == LIST_PEER, text))
		put_endpoint(out, text, width, glyphs);
}

char list_mark(const struct connection *c, int64_t now_ns)
{
	const int64_t opened = list_opened_ns(c);

	if (list_warns(c, now_ns))
		return '!';
	if (!c->live)
		return '-';
	switch ((enum tcp_state)c->state) {
	case STATE_SYN_SENT:
	case STATE_SYN_RECV:
		return '+';
	case STATE_FIN_WAIT1:
	case STATE_FIN_WAIT2:
	case STATE_CLOSE_WAIT:
	case STATE_CLOSING:
	case STATE_LAST_ACK:
	case STATE_TIME_WAIT:
		return '-';
	default:
		return opened && now_ns - opened < LIST_GONE_NS ? '+' : ' ';
	}
}
