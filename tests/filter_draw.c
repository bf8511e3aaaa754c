/* Random filters: see filter_draw.h. */
#include "config.h"

#include "filter_draw.h"

#include <string.h>

#define DEPTH_MAX 3u

static const char *const states[] = {
	"established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "closed", "close-wait", "last-ack", "listening", "closing", "all",
	"connected", "synchronized", "bucket", "big", "ESTABLISHED", "Time-Wait", "unconnected", NULL,
};
static const char *const equal[] = {"=", "==", "eq", "", NULL}, *const unequal[] = {"!=", "ne", "neq", NULL};
static const char *const orders[] = {">", "gt", "<", "lt", ">=", "ge", "geq", "<=", "le", "leq", NULL};
static const char *const ands[] = {"and", "&", "&&", "", NULL}, *const ors[] = {"or", "|", "||", NULL}, *const nots[] = {"not", "!", NULL};

uint64_t filter_draw_number(struct filter_draw *d, uint64_t below)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return ((d->random * 0x2545f4914f6cdd1du) >> 32) % below;
}

const char *filter_draw_of(struct filter_draw *d, const char *const *list)
{
	uint64_t count = 0;

	while (list[count])
		count++;
	return list[filter_draw_number(d, count)];
}

static void add(struct text *out, const char *word)
{
	if (!*word)
		return;
	if (out->len)
		text_add_char(out, ' ');
	text_add(out, word);
}

static void add_host(struct filter_draw *d, struct text *out)
{
	struct text host = {0};

	add(out, filter_draw_of(d, (const char *const[]){"src", "dst", NULL}));
	add(out, filter_draw_of(d, equal));
	text_add(&host, filter_draw_of(d, d->hosts));
	if (filter_draw_number(d, 4) == 0)
		text_addf(&host, ":%s", filter_draw_of(d, d->ports));
	add(out, text_string(&host));
	text_fini(&host);
}

static void add_port(struct filter_draw *d, struct text *out)
{
	struct text port = {0};

	add(out, filter_draw_of(d, (const char *const[]){"sport", "dport", NULL}));
	add(out, filter_draw_of(d, filter_draw_number(d, 2) ? orders : filter_draw_number(d, 2) ? equal : unequal));
	text_addf(&port, "%s%s", filter_draw_number(d, 3) ? ":" : "", filter_draw_of(d, d->ports));
	add(out, text_string(&port));
	text_fini(&port);
}

static void add_ours(struct filter_draw *d, struct text *out)
{
	static const char *const own[] = {
		"state = close-wait", "state != listening", "state established state listening", "exclude time-wait", "pid = 7", "pid != 7", "comm = nginx",
		"comm != nginx", "comm ~ gin", "user = 1000", "user != 0", "age > 2h", "age < 5m", "recvq > 0", "recvq = 0", "sendq <= 100", "opener = local",
		"opener != remote", "closer both", "holder = 7", "holder = curl", "holder ~ u", "holder != 8", "unit = ssh.service", "unit ~ ssh", "unit != x",
		"comm = 'tmux: server'", "holder \"a (b)\"", NULL,
	};

	add(out, filter_draw_of(d, own));
}

static void add_predicate(struct filter_draw *d, struct text *out)
{
	switch (filter_draw_number(d, 12)) {
	case 0:
		add(out, "dev");
		add(out, filter_draw_of(d, filter_draw_number(d, 2) ? equal : unequal));
		add(out, filter_draw_of(d, (const char *const[]){"lo", "0", "1", NULL}));
		break;
	case 1:
		add(out, "autobound");
		break;
	case 2:
		if (!d->marks) {
			add_port(d, out);
			break;
		}
		add(out, "fwmark");
		add(out, filter_draw_of(d, filter_draw_number(d, 2) ? equal : unequal));
		add(out, filter_draw_of(d, (const char *const[]){"0", "5", "0x4/0x4", "1/3", "0x10", NULL}));
		break;
	case 3:
	case 4:
	case 5:
		if (d->ours)
			add_ours(d, out);
		else
			add_host(d, out);
		break;
	case 6:
	case 7:
	case 8:
		add_host(d, out);
		break;
	default:
		add_port(d, out);
	}
}

static void add_list(struct filter_draw *d, struct text *out, unsigned depth);

static void add_term(struct filter_draw *d, struct text *out, unsigned depth)
{
	while (filter_draw_number(d, 4) == 0)
		add(out, filter_draw_of(d, nots));
	if (depth < DEPTH_MAX && !d->simple && filter_draw_number(d, 4) == 0) {
		add(out, "(");
		add_list(d, out, depth + 1);
		add(out, ")");
	} else {
		add_predicate(d, out);
	}
}

static void add_list(struct filter_draw *d, struct text *out, unsigned depth)
{
	const uint64_t more = filter_draw_number(d, d->simple ? 2 : 4);

	add_term(d, out, depth);
	for (uint64_t i = 0; i < more; i++) {
		add(out, filter_draw_of(d, filter_draw_number(d, 2) ? ands : ors));
		add_term(d, out, depth);
	}
}

void filter_draw(struct filter_draw *d, struct text *out)
{
	const uint64_t words = filter_draw_number(d, 3) ? 0 : filter_draw_number(d, 4);

	for (uint64_t i = 0; i < words; i++) {
		add(out, filter_draw_number(d, 3) ? "state" : filter_draw_number(d, 3) ? "exclude" : "excl");
		add(out, filter_draw_of(d, states));
	}
	if (!words || filter_draw_number(d, 4))
		add_list(d, out, 0);
}

void filter_draw_damage(struct filter_draw *d, struct text *t)
{
	static const char odd[] = " \t\\\"()!&|=<>~:/[]*.-+0aAn\x7f\x01\xed\x95\x9c\xff\xc2";
	const uint64_t times = 1 + filter_draw_number(d, d->simple ? 1 : 3);

	for (uint64_t i = 0; i < times && t->len; i++) {
		const size_t at = filter_draw_number(d, t->len);
		const char with = odd[filter_draw_number(d, sizeof(odd) - 1)];

		switch (filter_draw_number(d, 3)) {
		case 0:
			t->bytes[at] = with;
			break;
		case 1:
			memmove(t->bytes + at, t->bytes + at + 1, t->len - at);
			t->len--;
			break;
		default:
			text_add_char(t, ' ');
			memmove(t->bytes + at + 1, t->bytes + at, t->len - 1 - at);
			t->bytes[at] = with;
		}
	}
}
