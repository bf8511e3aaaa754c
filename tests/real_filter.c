/*
 * Filters against ss(8), on real sockets held still in every state that can be held: random filters that ss takes let the same sockets through, whether the kernel helps or
 * not; what ss refuses is refused here too, but for what is our own.
 */
#include "config.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "filter_draw.h"
#include "program.h"
#include "sockets.h"
#include "ss.h"
#include "stream.h"
#include "track/filter.h"
#include "watch/dump.h"

#define FILTERS 400
#define FILTERS_OF_PROGRAM 60
#define FILTERS_SAID 200
#define DAMAGED 800
#define TRIES_MAX 20
#define MARK 5

static const char *hosts[] = {
	"127.0.0.1", "127.0.0.2", "127.0.0.0/8", "127.0.0.3/31", "0.0.0.0", "0.0.0.0/0", "[::1]", "[::]", "::/0", "[::ffff:127.0.0.2]", "[::ffff:127.0.0.0/104]", "10/8",
	"any", "*", "inet:127.0.0.1", "inet6:[::1]", "0/1", "localhost", "127/8", "128.0.0.0/1", "::/32", "[fe80::/10]", "inet6:any", NULL,
};
static const char *ports[16]; /* those of the listeners, and others that there are none of */
static char listener_ports[4][8];

/* ---- names, as synfin finds them ---- */

static int find_service(void *context, const char *name)
{
	const struct servent *service = getservbyname(name, "tcp");

	(void)context;
	return service ? ntohs((uint16_t)service->s_port) : -1;
}

static unsigned find_host(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	struct in_addr v4;

	(void)context;
	/* inet_aton() takes more than ss itself does, and so do resolvers. */
	if (family == AF_INET6 || !inet_aton(strcmp(name, "localhost") == 0 ? "127.0.0.1" : name, &v4))
		return 0;
	out[0] = (struct filter_address){.family = AF_INET};
	memcpy(out[0].bytes, &v4, sizeof v4);
	return 1;
}

static uint32_t find_device(void *context, const char *name)
{
	(void)context;
	return if_nametoindex(name);
}

static const struct filter_names names = {
	.service = find_service, .host = find_host, .device = find_device, .port_low = 32768, .port_high = 60999, .kernel = true,
};

/* ---- the sockets ---- */

static void set_mark(int fd)
{
	const int mark = MARK;

	/* Not for everybody; then there is one mark less to be told apart. */
	(void)setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
}

static void bind_to_loopback(int fd)
{
	(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
}

/* One connection of each kind, by what is done to it. */
static void hold_states(int listener, const char *connect_to)
{
	const uint16_t port = sockets_port(listener);
	int client[5], server[5];
	char end;

	for (int i = 0; i < 5; i++) {
		client[i] = sockets_connect(connect_to, port);
		server[i] = sockets_accept(listener);
	}
	set_mark(client[0]);
	bind_to_loopback(server[0]);
	shutdown(client[1], SHUT_WR); /* FIN_WAIT2 and CLOSE_WAIT */
	close(client[2]);             /* TIME_WAIT alone */
	if (read(server[2], &end, 1) == 0)
		close(server[2]);
	sockets_deafen(server[3]); /* FIN_WAIT1: its FIN is not heard */
	shutdown(client[3], SHUT_WR);
	shutdown(client[4], SHUT_WR); /* LAST_ACK: the client hears nothing more */
	if (read(server[4], &end, 1) == 0) {
		sockets_deafen(client[4]);
		shutdown(server[4], SHUT_WR);
	}
}

static void hold_handshakes(int listener)
{
	int deaf = sockets_listen("127.0.0.1", 0, 5), client = sockets_make("127.0.0.1");

	sockets_deafen(deaf);
	sockets_connect_begin("127.0.0.1", sockets_port(deaf)); /* SYN_SENT */
	sockets_deafen(client);
	sockets_connect_fd(client, "127.0.0.1", sockets_port(listener)); /* SYN_SENT and SYN_RECV */
	sockets_connect("127.0.0.1", sockets_port(listener)); /* never accepted */
}

static int hold_sockets(void **state)
{
	static const struct {
		const char *listen_on, *connect_to;
	} kinds[] = {{"127.0.0.1", "127.0.0.1"}, {"::1", "::1"}, {"::ffff:127.0.0.2", "127.0.0.2"}, {"::", "127.0.0.3"}};
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		int listener = sockets_listen(kinds[i].listen_on, 0, 16);

		snprintf(listener_ports[i], sizeof listener_ports[i], "%u", sockets_port(listener));
		ports[count++] = listener_ports[i];
		hold_states(listener, kinds[i].connect_to);
		if (i == 0)
			hold_handshakes(listener);
	}
	sockets_listen("0.0.0.0", 80, 5);
	ports[count++] = "80";
	ports[count++] = "http";
	ports[count++] = "0";
	ports[count++] = "32768";
	ports[count++] = "70000";
	ports[count++] = "-1";
	ports[count++] = "65535";
	ports[count++] = "*";
	return 0;
}

/* ---- what is let through ---- */

struct taking {
	const struct filter *filter;
	struct ss_rows *rows;
};

static void take_sample(void *context, const struct sample *s, int64_t t0_ns, int64_t t1_ns)
{
	static const struct facts nothing;
	const struct taking *t = context;
	const struct filter_row row = {.tuple = s->tuple, .facts = &nothing, .state = s->state};

	(void)t0_ns;
	if (filter_matches(t->filter, &row, t1_ns))
		ss_rows_add(t->rows, STATE_NONE, &s->tuple);
}

enum help { HELP_NONE, HELP_FIRST, HELP_ALL };

/* What a filter lets through with so much help by the kernel, sorted. */
static void list(const struct filter *f, enum help help, struct ss_rows *out)
{
	struct taking taking = {.filter = f, .rows = out};
	const struct dump_sink sink = {.sample = take_sample, .context = &taking};
	struct filter_code code = {0};
	struct dump_result result;
	struct dumper d;

	assert_int_equal(dumper_init(&d, -1), 0);
	if (help == HELP_NONE) {
		result = dumper_dump(&d, DUMP_ALL_STATES, true, &sink);
	} else {
		filter_compile(f, help == HELP_ALL ? FILTER_OPS_ALL : FILTER_OPS_FIRST, &code);
		result = dumper_dump_filtered(
			&d, &(struct watch_filter){.states = filter_states(f), .codes = {{code.bytes, code.length}}, .needed = code.length > 0}, true, &sink);
	}
	assert_int_equal(result.why_not, SWEEP_WHOLE);
	filter_code_fini(&code);
	dumper_fini(&d);
	ss_rows_sort(out);
}

static void forget_states(struct ss_rows *r)
{
	for (size_t i = 0; i < r->count; i++)
		r->rows[i].state = STATE_NONE;
	ss_rows_sort(r);
}

/*
 * What ss lists before and after `run`, which lists for synfin. A socket may time out in between: then the two are not the same, and all three are taken once more.
 * False if ss refuses the filter.
 */
static bool list_between(const char *filter, void (*run)(void *context, struct ss_rows *out), void *context, struct ss_rows *by_ss, struct ss_rows *by_synfin)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		struct ss_rows after = {0};
		bool settled;

		if (ss_list(by_ss, filter) != 0) {
			ss_rows_clear(by_ss);
			return false;
		}
		forget_states(by_ss);
		run(context, by_synfin);
		assert_int_equal(ss_list(&after, filter), 0);
		forget_states(&after);
		settled = ss_rows_same(by_ss, &after);
		ss_rows_clear(&after);
		if (settled)
			return true;
		ss_rows_clear(by_ss);
		ss_rows_clear(by_synfin);
	}
	fail_msg("%s: the sockets do not hold still", filter);
	return false;
}

struct listing {
	const struct filter *filter;
	enum help help;
};

static void run_list(void *context, struct ss_rows *out)
{
	const struct listing *l = context;

	list(l->filter, l->help, out);
}

/* False if ss refuses it. */
static bool check_like_ss(const char *text, const struct filter *f, size_t *listed)
{
	for (int help = filter_needs_kernel(f) ? HELP_ALL : HELP_NONE; help <= HELP_ALL; help++) {
		struct listing listing = {.filter = f, .help = (enum help)help};
		struct ss_rows by_ss = {0}, by_synfin = {0};

		if (!list_between(text, run_list, &listing, &by_ss, &by_synfin))
			return false;
		if (ss_rows_differ(&by_ss, &by_synfin) > 0)
			fail_msg("'%s', help %d: ss lists %zu, synfin %zu", text, help, by_ss.count, by_synfin.count);
		*listed = by_ss.count;
		ss_rows_clear(&by_ss);
		ss_rows_clear(&by_synfin);
	}
	return true;
}

/*
 * Ours, and not ss's: words about states that are not in front, or with an operator, or by the names that synfin shows; `src` and `dst` with "!="; sockets of other kinds,
 * whose names we do not look up, for none of them is a TCP socket.
 */
static bool is_our_own(const char *text)
{
	static const char *const ours[] = {"stat", "excl", "!=", "ne", "link:", "netlink:"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strstr(text, ours[i]))
			return true;
	return false;
}

/* What ss takes is taken, and lists the same; what it refuses is refused. */
static void check_taken_alike(const char *text, const struct filter *f, const struct filter_error *error, size_t *listed)
{
	struct ss_rows by_ss = {0};

	if (f && !check_like_ss(text, f, listed) && !is_our_own(text))
		fail_msg("ss refuses '%s'", text);
	if (!f && ss_list(&by_ss, text) == 0)
		fail_msg("ss takes '%s', problem %d at %zu", text, error->problem, error->at);
	ss_rows_clear(&by_ss);
}

/*
 * A mark that every row has to have, or a choice with one in it. There the kernel judges all that stands in the choice, in ss's stead too: but for an IPv4 prefix that
 * is negated, as ss does (synfin(1), FILTER).
 */
static void add_mark(struct filter_draw *d, struct text *text)
{
	static const char *const marks[] = {
		"fwmark 5", "fwmark != 5", "fwmark = 0", "fwmark 0x4/0x4", "not fwmark = 1/3", "fwmark != 0x10", "( fwmark 5 or autobound )",
		"( fwmark != 5 or not autobound )", "( fwmark 5 or sport >= 70000 )", "not ( fwmark 5 or sport > 70000 or dst [::1] )", "( dev lo or fwmark 5 )",
		"( fwmark 5 or dev 0 sport 80 or src 127.0.0.2 )", "( dev != lo and fwmark 5 or not autobound )", NULL,
	};

	if (filter_draw_number(d, 2) == 0)
		text_addf(text, " %s", filter_draw_of(d, marks));
}

/* ---- the tests ---- */

static void like_ss_with_the_kernel_and_without(void **state)
{
	struct filter_draw d = {.random = 20, .hosts = hosts, .ports = ports};
	unsigned empty = 0, some = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < FILTERS; i++) {
		struct text text = {0};
		struct filter_error error;
		struct filter *f;
		size_t listed = 0;

		filter_draw(&d, &text);
		add_mark(&d, &text);
		f = filter_parse(text_string(&text), &names, &error);
		check_taken_alike(text_string(&text), f, &error, &listed);
		refused += !f;
		empty += f && !listed;
		some += f && listed;
		filter_free(f);
		text_fini(&text);
	}
	/* A family that was named is that of the addresses behind it, too, so some are refused. */
	assert_true(refused < FILTERS / 4 && empty > FILTERS / 10 && some > FILTERS / 4);
}

/* By the command, with what it adds: one argument or several. */
struct command {
	const char *filter;
	bool quoted;
};

static void run_command(void *context, struct ss_rows *out)
{
	static char words[2048];
	const struct command *c = context;
	const char *args[PROGRAM_ARGS_MAX + 1] = {"list", "--json", "--no-owners", "--"};
	unsigned count = 4;
	struct program synfin;
	struct stream stream;
	char *rest = NULL;

	snprintf(words, sizeof words, "%s", c->filter);
	if (c->quoted)
		args[count++] = words;
	for (char *word = c->quoted ? NULL : strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		args[count++] = word;
	program_start(&synfin, 0, args);
	if (program_end(&synfin, 0, 20000) != 0 || *program_errors(&synfin))
		fail_msg("'%s': %s", c->filter, program_errors(&synfin));
	stream_read(&stream, program_output(&synfin));
	assert_string_equal(stream.bad_why, "");
	for (size_t i = 0; i < stream.count; i++) {
		assert_true(told_is(&stream.lines[i], "connection"));
		ss_rows_add(out, STATE_NONE, &stream.lines[i].tuple);
	}
	stream_fini(&stream);
	program_fini(&synfin);
	ss_rows_sort(out);
}

static unsigned words_in(const char *text)
{
	unsigned count = 1;

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

static void list_is_like_ss(void **state)
{
	struct filter_draw d = {.random = 77, .hosts = hosts, .ports = ports};

	(void)state;
	for (unsigned i = 0; i < FILTERS_OF_PROGRAM; i++) {
		struct ss_rows by_ss = {0}, by_synfin = {0};
		struct text text = {0};
		struct command command;

		filter_draw(&d, &text);
		add_mark(&d, &text);
		if (strstr(text_string(&text), "inet")) { /* it can make what follows wrong */
			text_fini(&text);
			continue;
		}
		command = (struct command){.filter = text_string(&text), .quoted = words_in(text_string(&text)) > PROGRAM_ARGS_MAX - 4 || i % 2};
		if (!list_between(command.filter, run_command, &command, &by_ss, &by_synfin))
			fail_msg("ss refuses '%s'", command.filter);
		if (ss_rows_differ(&by_ss, &by_synfin) > 0)
			fail_msg("'%s': ss lists %zu, synfin %zu", command.filter, by_ss.count, by_synfin.count);
		ss_rows_clear(&by_ss);
		ss_rows_clear(&by_synfin);
		text_fini(&text);
	}
}

/* Without the quotes, which are for a shell. */
static void unquote(struct text *t)
{
	char *to = t->bytes;

	for (const char *from = text_string(t); *from; from++)
		if (*from != '\'')
			*to++ = *from;
	if (to)
		text_ends(t, to);
}

/*
 * What synfin says that ss be asked lists the same, or, when it says so, more. (But where `dev` is among what has to be left out: with it ss judges alone, without it
 * the kernel judges too.)
 */
static void ss_is_asked_for_the_same(void **state)
{
	struct filter_draw d = {.random = 99, .hosts = hosts, .ports = ports, .ours = true};
	unsigned same = 0, more = 0;

	(void)state;
	for (unsigned i = 0; i < FILTERS_SAID; i++) {
		struct ss_rows by_ss = {0}, by_synfin = {0};
		struct text text = {0}, said = {0};
		struct filter_error error;
		struct filter *f;

		d.ours = i % 2;
		filter_draw(&d, &text);
		f = strstr(text_string(&text), "inet") ? NULL : filter_parse(text_string(&text), &names, &error);
		if (f && !filter_needs_kernel(f)) {
			struct listing listing = {.filter = f, .help = HELP_NONE};
			const bool whole = filter_ss(f, &said);
			unsigned different;

			unquote(&said);
			if (!whole && strstr(text_string(&text), "dev"))
				goto next;
			if (!list_between(text_string(&said), run_list, &listing, &by_ss, &by_synfin))
				fail_msg("'%s': ss refuses '%s'", text_string(&text), text_string(&said));
			different = ss_rows_differ(&by_ss, &by_synfin);
			if (whole ? different : different != by_ss.count - by_synfin.count)
				fail_msg("'%s': ss lists %zu by '%s', synfin %zu", text_string(&text), by_ss.count, text_string(&said), by_synfin.count);
			same += whole;
			more += !whole;
		}
next:
		ss_rows_clear(&by_ss);
		ss_rows_clear(&by_synfin);
		filter_free(f);
		text_fini(&text);
		text_fini(&said);
	}
	assert_true(same > FILTERS_SAID / 8 && more > FILTERS_SAID / 16);
}

static void what_ss_refuses_is_refused(void **state)
{
	struct filter_draw d = {.random = 4, .hosts = hosts, .ports = ports, .simple = true};
	unsigned refused = 0, taken = 0;

	(void)state;
	for (unsigned i = 0; i < DAMAGED; i++) {
		struct text text = {0};
		struct filter_error error;
		struct filter *f;
		size_t listed;

		filter_draw(&d, &text);
		filter_draw_damage(&d, &text);
		f = filter_parse(text_string(&text), &names, &error);
		check_taken_alike(text_string(&text), f, &error, &listed);
		refused += !f;
		taken += f != NULL;
		filter_free(f);
		text_fini(&text);
	}
	if (refused < DAMAGED / 4 || taken < DAMAGED / 10)
		fail_msg("refused %u, taken %u", refused, taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_ss_with_the_kernel_and_without),
		cmocka_unit_test(list_is_like_ss),
		cmocka_unit_test(ss_is_asked_for_the_same),
		cmocka_unit_test(what_ss_refuses_is_refused),
	};

	if (system("command -v ss >/dev/null") != 0) {
		puts("1..0 # SKIP no ss(8) to compare with");
		return 0;
	}
	message_init("en", NULL);
	sockets_enter_namespace();
	return cmocka_run_group_tests_name("filter", tests, hold_sockets, NULL);
}
