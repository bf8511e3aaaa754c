/*
 * A filter as bytecode for sock_diag (linux/inet_diag.h; net/ipv4/inet_diag.c, inet_diag_bc_audit and inet_diag_bc_run).
 *
 * Each instruction goes on behind itself when it is true, and elsewhere when it is not: only forward, to the beginning of another; to the end of the code, which lets
 * the socket through; or four bytes further, which does not. What the kernel cannot judge is taken for true wherever it stands, also below a `not`: so the code lets
 * through all that the filter does.
 */
#include <linux/inet_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "filter_private.h"

/* The attribute's length has 16 bits, and so have jumps. */
#define CODE_MAX 65000u
#define OP_BYTES sizeof(struct inet_diag_bc_op)

/* A jump whose goal is not known yet. */
struct jump {
	uint32_t at, label;
};

struct writer {
	const struct filter *filter;
	enum filter_ops ops;
	struct text code;
	struct jump *jumps;
	uint32_t jump_count, jump_room, labels;
	bool left; /* in a term that nobody but the kernel judges */
};

static bool write_node(struct writer *w, uint32_t node, bool negated, uint32_t no);

/* ---- instructions ---- */

static void set_no(struct writer *w, uint32_t at, uint32_t goal)
{
	struct inet_diag_bc_op op;

	memcpy(&op, w->code.bytes + at, sizeof(op));
	op.no = (unsigned short)(goal - at);
	memcpy(w->code.bytes + at, &op, sizeof(op));
}

static void jump_to(struct writer *w, uint32_t at, uint32_t label)
{
	if (w->jump_count == w->jump_room) {
		w->jump_room = w->jump_room * 2 + 16;
		w->jumps = memory_resize(w->jumps, w->jump_room, sizeof(*w->jumps));
	}
	w->jumps[w->jump_count++] = (struct jump){at, label};
}

/* The label is here: jumps to it, none of which is before `from`, find their goal. */
static void set_label(struct writer *w, uint32_t label, uint32_t from, size_t goal)
{
	uint32_t kept = from;

	for (uint32_t i = from; i < w->jump_count; i++) {
		if (w->jumps[i].label == label)
			set_no(w, w->jumps[i].at, (uint32_t)goal);
		else
			w->jumps[kept++] = w->jumps[i];
	}
	w->jump_count = kept;
}

static void write_jump(struct writer *w, uint32_t label)
{
	const struct inet_diag_bc_op op = {.code = INET_DIAG_BC_JMP, .yes = OP_BYTES};

	jump_to(w, (uint32_t)w->code.len, label);
	text_add_bytes(&w->code, &op, sizeof(op));
}

/* An instruction and what it is about. Negated: when it is true, a jump behind it is met, and when it is not, that one is stepped over. */
static bool write_op(struct writer *w, unsigned char code, const void *about, size_t len, bool negated, uint32_t no)
{
	const size_t at = w->code.len, bytes = OP_BYTES + len;
	const struct inet_diag_bc_op op = {.code = code, .yes = (unsigned char)bytes, .no = (unsigned short)(bytes + OP_BYTES)};

	text_add_bytes(&w->code, &op, sizeof(op));
	text_add_bytes(&w->code, about, len);
	if (negated)
		write_jump(w, no);
	else
		jump_to(w, (uint32_t)at, no);
	return true;
}

/* ---- predicates ---- */

/* The port stands in the place of another instruction's `no`. */
static bool write_port(struct writer *w, unsigned char code, int32_t port, bool negated, uint32_t no)
{
	const struct inet_diag_bc_op about = {.no = (unsigned short)port};

	return write_op(w, code, &about, sizeof(about), negated, no);
}

static bool kernel_judges(const struct writer *w)
{
	return w->filter->judges & JUDGE_BIT(JUDGE_KERNEL);
}

/* Of a port beyond what ports are ss's judgement is known here already; the kernel's is about its lower 16 bits. */
static bool write_compared_port(struct writer *w, const struct filter_node *n, bool negated, uint32_t no)
{
	static const unsigned char codes[2][2] = {{INET_DIAG_BC_S_LE, INET_DIAG_BC_S_GE}, {INET_DIAG_BC_D_LE, INET_DIAG_BC_D_GE}};
	const bool beyond = n->end.port < 0 || n->end.port > UINT16_MAX, is_true = (n->op == WORD_GE) == (n->end.port < 0);

	if (w->left && beyond && is_true == negated) {
		write_jump(w, no);
		return true;
	}
	if (w->left && beyond && !kernel_judges(w))
		return true;
	return write_port(w, codes[n->remote][n->op == WORD_GE], n->end.port, negated, no);
}

static bool write_prefix(struct writer *w, const struct filter_node *n, const struct filter_prefix *p, bool negated, uint32_t no)
{
	const struct inet_diag_hostcond head = {.family = (unsigned char)p->family, .prefix_len = p->bits, .port = n->end.port};
	const size_t address_len = p->family == AF_INET6 ? 16 : p->family == AF_INET ? 4 : 0;
	unsigned char about[sizeof(head) + 16]; /* the condition, and the address behind it */

	memcpy(about, &head, sizeof(head));
	memcpy(about + sizeof(head), p->bytes, address_len);
	return write_op(w, n->remote ? INET_DIAG_BC_D_COND : INET_DIAG_BC_S_COND, about, sizeof(head) + address_len, negated, no);
}

/* Several addresses: one of them, or, negated, none. */
static bool write_host(struct writer *w, const struct filter_node *n, bool negated, uint32_t no)
{
	static const struct filter_prefix any = {.family = AF_UNSPEC};
	const struct filter_prefix *p = n->end.count ? &w->filter->prefixes[n->end.prefix] : NULL;
	const uint32_t from = w->jump_count, yes = w->labels++;

	if (!n->end.count && w->ops == FILTER_OPS_ALL && n->end.port >= 0 && n->end.port <= UINT16_MAX)
		return write_port(w, n->remote ? INET_DIAG_BC_D_EQ : INET_DIAG_BC_S_EQ, n->end.port, negated, no);
	if (!n->end.count)
		return write_prefix(w, n, &any, negated, no);
	for (uint32_t i = 0; i < n->end.count; i++) {
		const bool last = i + 1 == n->end.count;
		const uint32_t next = negated || last ? no : w->labels++, jumps = w->jump_count;

		write_prefix(w, n, &p[i], negated, next);
		if (negated || last)
			continue;
		write_jump(w, yes);
		set_label(w, next, jumps, w->code.len);
	}
	set_label(w, yes, from, w->code.len);
	return true;
}

/* Where nobody else judges, ss's judgement is here too: the range of ephemeral ports. Negated, neither may be true. */
static bool write_autobound(struct writer *w, bool negated, uint32_t no)
{
	const uint32_t below = w->labels++, from = w->jump_count;

	if (kernel_judges(w))
		write_op(w, INET_DIAG_BC_AUTO, "", 0, negated, no);
	if (w->left) {
		write_port(w, INET_DIAG_BC_S_GE, w->filter->port_low, false, negated ? below : no);
		write_port(w, INET_DIAG_BC_S_LE, w->filter->port_high, negated, no);
		set_label(w, below, from, w->code.len);
	}
	return true;
}

/*
 * What the kernel takes for true, ss does not have to, and the other way round. Where ss judges alone, code that lets less through than it is of no use: so a prefix is
 * judged only where it is negated, for the kernel finds it in no more sockets than ss does.
 */
static bool may_judge(const struct writer *w, const struct filter_node *n, bool negated)
{
	if (w->left || kernel_judges(w))
		return true;
	switch ((enum filter_kind)n->kind) {
	case FILTER_HOST: return !n->end.count || negated;
	case FILTER_PORT: return n->end.port >= 0 && n->end.port <= UINT16_MAX;
	case FILTER_AUTOBOUND: return false;
	default: return true;
	}
}

static bool write_predicate(struct writer *w, const struct filter_node *n, bool negated, uint32_t no)
{
	const struct inet_diag_markcond mark = {.mark = n->mark.value, .mask = n->mark.mask};
	const uint32_t device = (uint32_t)n->number;
	const bool all = w->ops == FILTER_OPS_ALL;

	if (!may_judge(w, n, negated))
		return false;
	switch ((enum filter_kind)n->kind) {
	case FILTER_HOST: return write_host(w, n, negated, no);
	case FILTER_PORT: return write_compared_port(w, n, negated, no);
	case FILTER_AUTOBOUND: return write_autobound(w, negated, no);
	case FILTER_DEVICE: return all && write_op(w, INET_DIAG_BC_DEV_COND, &device, sizeof(device), negated, no);
	case FILTER_MARK: return all && write_op(w, INET_DIAG_BC_MARK_COND, &mark, sizeof(mark), negated, no);
	case FILTER_CGROUP: return all && write_op(w, INET_DIAG_BC_CGROUP_COND, &n->number, sizeof(n->number), negated, no);
	default: return false;
	}
}

/* ---- the tree ---- */

/* True if any of them has anything to say. */
static bool write_all(struct writer *w, uint32_t first, bool negated, uint32_t no)
{
	bool says = false;

	for (uint32_t member = first; member; member = w->filter->nodes[member].next)
		says |= write_node(w, member, negated, no);
	return says;
}

/* A choice of which one member may always be right says nothing, and is taken back. */
static bool write_any(struct writer *w, uint32_t first, bool negated, uint32_t no)
{
	const size_t began = w->code.len;
	const uint32_t from = w->jump_count, yes = w->labels++;

	for (uint32_t member = first; member; member = w->filter->nodes[member].next) {
		const bool last = !w->filter->nodes[member].next;
		const uint32_t next = last ? no : w->labels++, jumps = w->jump_count;

		if (!write_node(w, member, negated, next)) {
			w->code.len = began;
			w->jump_count = from;
			return false;
		}
		if (last)
			break;
		write_jump(w, yes);
		set_label(w, next, jumps, w->code.len);
	}
	set_label(w, yes, from, w->code.len);
	return true;
}

/* Code that goes on behind itself where the node, or its negation, may be true, and to `no` where it is not. False if the kernel cannot say: then there is none. */
static bool write_node(struct writer *w, uint32_t node, bool negated, uint32_t no)
{
	const struct filter_node *n = &w->filter->nodes[node];
	const bool left = w->left;
	bool says;

	negated ^= n->negated;
	w->left |= n->left_to & JUDGE_BIT(JUDGE_KERNEL) && n->left_to & JUDGE_BIT(JUDGE_SS);
	if (n->kind != FILTER_GROUP)
		says = write_predicate(w, n, negated, no);
	else
		says = n->any != negated ? write_any(w, n->first, negated, no) : write_all(w, n->first, negated, no);
	w->left = left;
	return says;
}

void filter_compile(const struct filter *f, enum filter_ops ops, struct filter_code *out)
{
	struct writer w = {.filter = f, .ops = ops};
	const uint32_t no = w.labels++;

	*out = (struct filter_code){0};
	if (f->root && write_node(&w, f->root, false, no) && w.code.len <= CODE_MAX) {
		set_label(&w, no, 0, w.code.len + OP_BYTES);
		*out = (struct filter_code){.bytes = (unsigned char *)w.code.bytes, .length = w.code.len};
		w.code = (struct text){0};
	}
	text_fini(&w.code);
	free(w.jumps);
}

void filter_code_fini(struct filter_code *code)
{
	free(code->bytes);
	*code = (struct filter_code){0};
}
