/*
 * What rows are sorted by.
 *
 * Each row gets two 64-bit keys once, so that sorting never looks at a connection again. Smaller keys come first;
 * `inverted` turns their order round. What is not known comes last.
 */
#include "config.h"

#include "show/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "list_private.h"

/* Found within 2^27 ns, about an eighth of a second: in one dump. */
#define AGE_MOMENT_BITS 27
#define TIME_WAIT_NS (60 * NS_PER_SECOND)

int64_t list_last_step_ns(const struct connection *c)
{
	return c->history && c->history->count > 0 ? c->history->steps[c->history->count - 1].t_ns : 0;
}

int64_t list_opened_ns(const struct connection *c)
{
	const struct step *first;

	if (!c->history || c->history->count == 0)
		return 0;
	first = &c->history->steps[0];
	return first->from == STATE_CLOSED || first->from == STATE_LISTEN ? first->t_ns : 0;
}

/* Since when it certainly is in its state; 0: not known. */
static int64_t since_ns(const struct connection *c)
{
	return c->facts.knows & KNOWS_SINCE ? c->since1_ns : 0;
}

bool list_warns(const struct connection *c, int64_t now_ns)
{
	const int64_t age = since_ns(c) ? now_ns - since_ns(c) : 0;

	if (!c->live)
		return false;
	if (c->warned)
		return true;
	if (c->state == STATE_CLOSE_WAIT)
		return age >= LIST_CLOSE_WAIT_WARN_NS;
	if (c->state == STATE_LISTEN) /* its accept queue holds one more than the limit: then it is full */
		return c->facts.knows & KNOWS_QUEUES && !(c->facts.knows & KNOWS_NO_LIMIT) && c->facts.rqueue > c->facts.wqueue;
	return state_is_passing(c->state) && age >= LIST_STUCK_WARN_NS;
}

int64_t list_warns_at_ns(const struct connection *c)
{
	if (!c->live || !since_ns(c))
		return 0;
	if (c->state == STATE_CLOSE_WAIT)
		return since_ns(c) + LIST_CLOSE_WAIT_WARN_NS;
	return state_is_passing(c->state) ? since_ns(c) + LIST_STUCK_WARN_NS : 0;
}

/* States that deserve a look before those that are as they should be. */
static uint64_t attention_rank(enum tcp_state state)
{
	static const uint8_t ranks[STATE_COUNT] = {
		[STATE_SYN_SENT] = 1, [STATE_SYN_RECV] = 2, [STATE_FIN_WAIT1] = 3, [STATE_CLOSING] = 4, [STATE_LAST_ACK] = 5,
		[STATE_CLOSE_WAIT] = 6, [STATE_FIN_WAIT2] = 7, [STATE_ESTABLISHED] = 8, [STATE_LISTEN] = 9, [STATE_TIME_WAIT] = 10,
		[STATE_CLOSED] = 11,
	};

	return state < STATE_COUNT ? ranks[state] : 0;
}

int64_t list_entered_ns(const struct connection *c)
{
	const struct facts *f = &c->facts;

	/* what is left of its time says better when it began than when we came to see it */
	if (c->live && c->state == STATE_TIME_WAIT && f->knows & KNOWS_TIMER && f->timer == TIMER_TIME_WAIT)
		return c->updated_ns + (int64_t)f->timer_expires_ms * NS_PER_MS - TIME_WAIT_NS;
	return since_ns(c);
}

/*
 * The age that is printed, youngest first. Those that were there before we looked were all found at about the same
 * moment: they go by state, so that the order of the first dump does not matter.
 */
static void keys_of_age(const struct connection *c, uint64_t key[2])
{
	const uint64_t entered = (uint64_t)list_entered_ns(c), moment = ~entered >> AGE_MOMENT_BITS;

	key[0] = entered ? moment : UINT64_MAX;
	if (c->facts.knows & KNOWS_ATLEAST || !entered)
		key[1] = attention_rank(c->state) << 58;
	else
		key[1] = ~entered & ((1ull << AGE_MOMENT_BITS) - 1);
}

static uint64_t key_of_age(const struct connection *c)
{
	return list_entered_ns(c) ? ~(uint64_t)list_entered_ns(c) : UINT64_MAX;
}

uint64_t list_bytes_as_key(const void *bytes)
{
	uint64_t key = 0;

	for (unsigned i = 0; i < 8; i++)
		key = key << 8 | ((const uint8_t *)bytes)[i];
	return key;
}

/* IPv4 by address and port; IPv6 by its 16 bytes, after IPv4. */
static void keys_of_endpoint(const struct endpoint *e, uint64_t key[2])
{
	const uint64_t low = list_bytes_as_key(e->address + 8);

	if (endpoint_is_v4(e)) {
		key[0] = (low & UINT32_MAX) << 16 | e->port;
		return;
	}
	key[0] = 1ull << 63 | list_bytes_as_key(e->address) >> 1;
	key[1] = low ^ e->port;
}

static void keys_of_program(const struct model *m, const struct connection *c, uint64_t key[2])
{
	char comm[16] = {0};
	struct holder h;

	if (!model_holder(m, c, 0, &h)) {
		key[0] = UINT64_MAX;
		return;
	}
	memcpy(comm, h.comm, strnlen(h.comm, sizeof(comm)));
	key[0] = list_bytes_as_key(comm);
	key[1] = list_bytes_as_key(comm + 8);
}

static uint64_t key_of_pid(const struct model *m, const struct connection *c)
{
	struct holder h;

	return model_holder(m, c, 0, &h) ? h.pid : UINT64_MAX;
}

/* Largest first. */
static uint64_t largest(const struct connection *c, uint32_t known, uint64_t n)
{
	return c->facts.knows & known ? UINT64_MAX - 1 - n : UINT64_MAX;
}

static uint64_t key_of_netns(const struct model *m, const struct connection *c)
{
	char name[8] = "";

	if (!model_netns_name(m, c))
		return UINT64_MAX;
	memcpy(name, model_netns_name(m, c), strnlen(model_netns_name(m, c), sizeof(name)));
	return list_bytes_as_key(name);
}

static void keys_of_unit(const struct model *m, const struct connection *c, uint64_t key[2])
{
	const char *unit = model_unit(m, c);
	char text[16] = {0};

	if (!unit) {
		key[0] = UINT64_MAX;
		return;
	}
	memcpy(text, unit, strnlen(unit, sizeof(text)));
	key[0] = list_bytes_as_key(text);
	key[1] = list_bytes_as_key(text + 8);
}

static void set_keys(const struct list *l, const struct model *m, const struct connection *c, uint64_t key[2])
{
	const struct tuple tuple = connection_tuple(c);
	const struct facts *f = &c->facts;

	key[1] = key_of_age(c);
	switch ((enum list_column)l->sort) {
	case LIST_STATE:
		key[0] = state_life_place((enum tcp_state)c->state);
		break;
	case LIST_LOCAL:
		keys_of_endpoint(&tuple.local, key);
		break;
	case LIST_PEER:
		keys_of_endpoint(&tuple.remote, key);
		break;
	case LIST_RECVQ:
		key[0] = largest(c, KNOWS_QUEUES, f->rqueue);
		break;
	case LIST_SENDQ:
		key[0] = largest(c, KNOWS_QUEUES, f->wqueue);
		break;
	case LIST_RTT:
		key[0] = largest(c, KNOWS_RTT, f->rtt_us);
		break;
	case LIST_SENT:
		key[0] = largest(c, KNOWS_BYTES, f->bytes_sent);
		break;
	case LIST_RECEIVED:
		key[0] = largest(c, KNOWS_BYTES, f->bytes_received);
		break;
	case LIST_PID:
		key[0] = key_of_pid(m, c);
		break;
	case LIST_NETNS:
		key[0] = key_of_netns(m, c);
		break;
	case LIST_PROGRAM:
		keys_of_program(m, c, key);
		break;
	case LIST_UNIT:
		keys_of_unit(m, c, key);
		break;
	case LIST_AGE:
		keys_of_age(c, key);
		break;
	case LIST_COLUMN_COUNT:
		key[0] = 0;
		break;
	}
}

uint32_t list_row_order(const struct list *l, const struct connection *c, uint32_t rank, int64_t order_ns)
{
	const uint32_t first = rank * LIST_ORDERS + 1;

	if (!l->warnings_first)
		return first;
	if (l->mark_count > 0 && list_is_marked(l, c->id))
		return first;
	return list_warns(c, order_ns) ? first + 1 : first + 2;
}

void list_row_set(const struct list *l, const struct model *m, const struct connection *c, uint32_t rank, int64_t order_ns, struct list_row *row)
{
	row->conn = c->id;
	row->slot = c->slot;
	row->order = list_row_order(l, c, rank, order_ns);
	row->key[1] = 0;
	set_keys(l, m, c, row->key);
}

/* ---- putting them in order ---- */

#define SORTED_BY_INSERTION 12u

static void insert_sort(struct list_row *rows, uint32_t count, bool inverted)
{
	for (uint32_t i = 1; i < count; i++) {
		const struct list_row row = rows[i];
		uint32_t at = i;

		for (; at > 0 && list_row_compare(&row, &rows[at - 1], inverted) < 0; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

/* Two runs, one behind the other, from `rows` to `out`. */
static void merge(const struct list_row *rows, uint32_t middle, uint32_t count, struct list_row *out, bool inverted)
{
	uint32_t left = 0, right = middle;

	while (left < middle && right < count)
		*out++ = list_row_compare(&rows[right], &rows[left], inverted) < 0 ? rows[right++] : rows[left++];
	memcpy(out, rows + left, (middle - left) * sizeof(*rows));
	memcpy(out + middle - left, rows + right, (count - right) * sizeof(*rows));
}

void list_rows_sort(struct list_row *rows, uint32_t count, bool inverted)
{
	struct list_row *from = rows, *to, *room;

	for (uint32_t i = 0; i < count; i += SORTED_BY_INSERTION)
		insert_sort(rows + i, count - i < SORTED_BY_INSERTION ? count - i : SORTED_BY_INSERTION, inverted);
	if (count <= SORTED_BY_INSERTION)
		return;
	to = room = memory_resize(NULL, count, sizeof(*room));
	for (uint32_t run = SORTED_BY_INSERTION; run < count; run *= 2) {
		struct list_row *moved = from;

		for (uint32_t i = 0; i < count; i += 2 * run) {
			const uint32_t both = count - i < 2 * run ? count - i : 2 * run;

			merge(from + i, run < both ? run : both, both, to + i, inverted);
		}
		from = to;
		to = moved;
	}
	if (from != rows)
		memcpy(rows, from, count * sizeof(*rows));
	free(room);
}

/* Quickselect, Hoare's. No two rows are equal. */
void list_rows_select(struct list_row *rows, uint32_t count, uint32_t wanted, bool inverted)
{
	uint32_t low = 0, high = count;

	while (high - low > 1 && wanted > low && wanted < high) {
		const struct list_row pivot = rows[low + (high - low - 1) / 2];
		int64_t i = (int64_t)low - 1, j = high;

		for (;;) {
			do
				i++;
			while (list_row_compare(&rows[i], &pivot, inverted) < 0);
			do
				j--;
			while (list_row_compare(&rows[j], &pivot, inverted) > 0);
			if (i >= j)
				break;
			const struct list_row moved = rows[i];

			rows[i] = rows[j];
			rows[j] = moved;
		}
		if (wanted <= (uint32_t)j + 1)
			high = (uint32_t)j + 1;
		else
			low = (uint32_t)j + 1;
	}
}
