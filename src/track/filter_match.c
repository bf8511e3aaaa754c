/* Asking a filter about rows: see track/filter.h. It runs for every event, and for each of a million rows: nothing here allocates. */
#include <string.h>
#include <sys/socket.h>

#include "filter_private.h"

struct question {
	const struct filter *filter;
	const struct filter_row *row;
	int64_t now_ns;
	enum filter_judge judge;
};

struct filter_row filter_row_of(const struct model *m, const struct connection *c)
{
	return (struct filter_row){
		.tuple = connection_tuple(c),
		.facts = &c->facts,
		.since0_ns = c->since0_ns,
		.since1_ns = c->since1_ns,
		.state = c->state,
		.opener = c->opener,
		.closer = c->closer,
		.holders_former = c->holders_former,
		.unit = model_unit(m, c),
		.model = m,
		.connection = c,
	};
}

struct filter_row filter_row_of_event(const struct event *row)
{
	return (struct filter_row){
		.tuple = row->tuple,
		.facts = &row->facts,
		.since0_ns = row->since0_ns,
		.since1_ns = row->since1_ns,
		.state = row->to,
		.opener = row->opener,
		.closer = row->closer,
		.holders_former = row->holders_former,
		.unit = row->unit,
		.holders = row->holders,
		.holder_count = row->holder_count,
	};
}

/* ---- ends ---- */

static bool is_v6_socket(const struct tuple *t)
{
	return t->family == AF_INET6 || (t->family != AF_INET && (!endpoint_is_v4(&t->local) || !endpoint_is_v4(&t->remote)));
}

static bool begins_with(const uint8_t *bytes, const uint8_t *prefix, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(bytes, prefix, whole) != 0)
		return false;
	return !rest || !((bytes[whole] ^ prefix[whole]) & (uint8_t)(0xff << (8 - rest)));
}

/* net/ipv4/inet_diag.c, inet_diag_bc_run: the family has to be right, but for a v4-mapped address, which an IPv4 prefix may fit too. */
static bool kernel_fits(const struct filter_prefix *p, const struct endpoint *e, bool v6)
{
	if (p->family == AF_UNSPEC)
		return true;
	if (p->family == AF_INET)
		return endpoint_is_v4(e) && begins_with(e->address + 12, p->bytes, p->bits);
	return v6 && begins_with(e->address, p->bytes, p->bits);
}

/* misc/ss.c, inet2_addr_match: it looks at no family, so an IPv4 prefix is also held against the first bytes of an IPv6 address. */
static bool ss_fits(const struct filter_prefix *p, const struct endpoint *e, bool v6)
{
	uint8_t v4[16] = {0};

	if (!p->bits)
		return true;
	if (!v6)
		memcpy(v4, e->address + 12, 4);
	if (begins_with(v6 ? e->address : v4, p->bytes, p->bits))
		return true;
	return p->family == AF_INET && v6 && endpoint_is_v4(e) && begins_with(e->address + 12, p->bytes, p->bits);
}

static bool fits_host(const struct question *q, const struct filter_node *n)
{
	const struct endpoint *e = n->remote ? &q->row->tuple.remote : &q->row->tuple.local;
	const struct filter_prefix *p = n->end.count ? &q->filter->prefixes[n->end.prefix] : NULL;

	if (n->end.port != FILTER_ANY_PORT && n->end.port != e->port)
		return false;
	if (!p)
		return true;
	for (uint32_t i = 0; i < n->end.count; i++)
		if ((q->judge == JUDGE_KERNEL ? kernel_fits : ss_fits)(&p[i], e, is_v6_socket(&q->row->tuple)))
			return true;
	return false;
}

/* The kernel has 16 bits for the port it compares with. */
static bool fits_port(const struct question *q, const struct filter_node *n)
{
	const int32_t port = n->remote ? q->row->tuple.remote.port : q->row->tuple.local.port;
	const int32_t with = q->judge == JUDGE_KERNEL ? (uint16_t)n->end.port : n->end.port;

	return n->op == WORD_GE ? port >= with : port <= with;
}

/* ss's own judgement of what the kernel knows better. */
static bool is_ephemeral(const struct question *q)
{
	const uint16_t port = q->row->tuple.local.port;

	return port >= q->filter->port_low && port <= q->filter->port_high;
}

/* ---- facts ---- */

static bool compares(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case WORD_EQ: return a == b;
	case WORD_NE: return a != b;
	case WORD_GT: return a > b;
	case WORD_LT: return a < b;
	case WORD_GE: return a >= b;
	case WORD_LE: return a <= b;
	default: return false;
	}
}

static bool knows(const struct question *q, unsigned what)
{
	return (q->row->facts->knows & what) == what;
}

static bool fits_sendq(const struct question *q, const struct filter_node *n)
{
	return knows(q, KNOWS_QUEUES) && !knows(q, KNOWS_NO_LIMIT) && compares(n->op, q->row->facts->wqueue, n->number);
}

/* Its age lies between two bounds; who says that it is more means the lesser of them, and who says that it is less means the greater, if there is one. */
static bool fits_age(const struct question *q, const struct filter_node *n)
{
	const struct filter_row *r = q->row;
	const bool more = n->op == WORD_GT || n->op == WORD_GE;
	const int64_t entered_ns = more ? r->since1_ns : r->since0_ns;
	const int64_t age_ns = q->now_ns - entered_ns;

	if (!knows(q, KNOWS_SINCE) || !entered_ns)
		return false;
	return compares(n->op, age_ns > 0 ? (uint64_t)age_ns : 0, (uint64_t)n->age_ns);
}

static bool fits_side(enum side side, const struct filter_node *n)
{
	return side != SIDE_UNKNOWN && compares(n->op, side, n->number);
}

static bool fits_text(const struct question *q, const struct filter_node *n, const char *text)
{
	const char *with = q->filter->strings.bytes + n->text;

	return n->op == WORD_LIKE ? strstr(text, with) != NULL : strcmp(text, with) == 0;
}

static bool fits_unit(const struct question *q, const struct filter_node *n)
{
	return q->row->unit && fits_text(q, n, q->row->unit) != (n->op == WORD_NE);
}

/* ---- holders ---- */

static bool get_holder(const struct filter_row *r, uint32_t index, struct holder *out)
{
	if (r->model)
		return model_holder(r->model, r->connection, index, out);
	if (index >= r->holder_count)
		return false;
	*out = r->holders[index];
	return true;
}

static bool fits_holder(const struct question *q, const struct filter_node *n, const struct holder *h)
{
	if (n->kind == FILTER_PID || n->kind == FILTER_HOLDER_PID)
		return h->pid == n->number;
	return fits_text(q, n, h->comm);
}

/* One of them fits; or, for "!=", there are some and none does. */
static bool fits_holders(const struct question *q, const struct filter_node *n, bool former_too)
{
	struct holder h;
	uint32_t index = 0;

	if (q->row->holders_former && !former_too)
		return false;
	for (; get_holder(q->row, index, &h); index++)
		if (fits_holder(q, n, &h))
			return n->op != WORD_NE;
	return n->op == WORD_NE && index > 0;
}

/* ---- the tree ---- */

static bool fits(const struct question *q, uint32_t node);

/* Settled by the first member that settles it. */
static bool fits_group(const struct question *q, const struct filter_node *n)
{
	for (uint32_t member = n->first; member; member = q->filter->nodes[member].next)
		if (fits(q, member) == n->any)
			return n->any;
	return !n->any;
}

static bool fits_node(const struct question *q, const struct filter_node *n)
{
	const struct filter_row *r = q->row;

	switch ((enum filter_kind)n->kind) {
	case FILTER_GROUP: return fits_group(q, n);
	case FILTER_STATES: return n->states & STATE_BIT(r->state);
	case FILTER_HOST: return fits_host(q, n);
	case FILTER_PORT: return fits_port(q, n);
	case FILTER_DEVICE: return r->tuple.ifindex == n->number;
	case FILTER_AUTOBOUND: return is_ephemeral(q);
	case FILTER_PID:
	case FILTER_COMM: return fits_holders(q, n, false);
	case FILTER_HOLDER_NAME:
	case FILTER_HOLDER_PID: return fits_holders(q, n, true);
	case FILTER_USER: return knows(q, KNOWS_UID) && compares(n->op, r->facts->uid, n->number);
	case FILTER_AGE: return fits_age(q, n);
	case FILTER_RECVQ: return knows(q, KNOWS_QUEUES) && compares(n->op, r->facts->rqueue, n->number);
	case FILTER_SENDQ: return fits_sendq(q, n);
	case FILTER_OPENER: return fits_side((enum side)r->opener, n);
	case FILTER_CLOSER: return fits_side((enum side)r->closer, n);
	case FILTER_UNIT: return fits_unit(q, n);
	case FILTER_MARK:
	case FILTER_CGROUP: break; /* always left to the kernel */
	}
	return true;
}

static bool fits(const struct question *q, uint32_t node)
{
	const struct filter_node *n = &q->filter->nodes[node];

	return n->left_to & JUDGE_BIT(q->judge) || fits_node(q, n) != n->negated;
}

bool filter_matches(const struct filter *f, const struct filter_row *row, int64_t now_ns)
{
	struct question q = {.filter = f, .row = row, .now_ns = now_ns};

	if (f->family != AF_UNSPEC && f->family != (is_v6_socket(&row->tuple) ? AF_INET6 : AF_INET))
		return false;
	for (q.judge = JUDGE_KERNEL; f->root && q.judge <= JUDGE_SS; q.judge++)
		if (f->judges & JUDGE_BIT(q.judge) && !fits(&q, f->root))
			return false;
	return true;
}

/* ---- states ---- */

/* The states in which a node can be true, and those in which it can be false. */
struct possible {
	uint32_t when_true, when_false;
};

static struct possible possible_states(const struct filter *f, uint32_t node)
{
	const struct filter_node *n = &f->nodes[node];
	struct possible p = {FILTER_STATES_ALL, FILTER_STATES_ALL};

	if (n->kind == FILTER_STATES) {
		p = (struct possible){n->states, FILTER_STATES_ALL & ~n->states};
	} else if (n->kind == FILTER_GROUP) {
		p = n->any ? (struct possible){0, FILTER_STATES_ALL} : (struct possible){FILTER_STATES_ALL, 0};
		for (uint32_t member = n->first; member; member = f->nodes[member].next) {
			const struct possible m = possible_states(f, member);

			p.when_true = n->any ? p.when_true | m.when_true : p.when_true & m.when_true;
			p.when_false = n->any ? p.when_false & m.when_false : p.when_false | m.when_false;
		}
	}
	return n->negated ? (struct possible){p.when_false, p.when_true} : p;
}

uint32_t filter_states(const struct filter *f)
{
	return f->root ? possible_states(f, f->root).when_true : FILTER_STATES_ALL;
}
