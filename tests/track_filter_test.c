/*
 * Filters: what is taken and what is refused, where a mistake is, what fits, and that the kernel's judgement by bytecode, as a small interpreter of it here passes it, is
 * the same as ours.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/message.h"
#include "filter_draw.h"
#include "track/filter.h"

#define NOW_NS (1000000 * NS_PER_SECOND)

/* ---- names ---- */

static int find_service(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "http") == 0 ? 80 : strcmp(name, "https") == 0 ? 443 : -1;
}

static unsigned find_host(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	unsigned count = 0;

	(void)context;
	if (strcmp(name, "two.example") != 0)
		return 0;
	if (family != AF_INET6)
		out[count++] = (struct filter_address){.family = AF_INET, .bytes = {10, 0, 0, 1}};
	if (family != AF_INET)
		out[count++] = (struct filter_address){.family = AF_INET6, .bytes = {[15] = 1}};
	return count;
}

static uint32_t find_device(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "lo") == 0 ? 1 : strcmp(name, "eth0") == 0 ? 2 : 0;
}

static bool find_user(void *context, const char *name, uint32_t *uid)
{
	(void)context;
	*uid = strcmp(name, "www") == 0 ? 33 : 0;
	return strcmp(name, "www") == 0 || strcmp(name, "root") == 0;
}

static bool find_cgroup(void *context, const char *path, uint64_t *id)
{
	(void)context;
	*id = 4711;
	return strcmp(path, "user.slice") == 0;
}

static struct filter_names names = {
	.service = find_service, .host = find_host, .device = find_device, .user = find_user, .cgroup = find_cgroup, .port_low = 32768, .port_high = 60999,
	.kernel = true,
};

/* ---- what is taken ---- */

static struct filter *must_parse(const char *text)
{
	struct filter_error error;
	struct filter *f = filter_parse(text, &names, &error);
	struct text message = {0};

	if (!f) {
		filter_error_tell(&error, &message);
		fail_msg("%s: %s", text, text_string(&message));
	}
	return f;
}

static void what_ss_takes_is_taken(void **state)
{
	static const char *const texts[] = {
		"", " ", "\t", "state established", "state ESTABLISHED state Close-Wait", "exclude listening", "excl listening", "state syn-rcv state unknown",
		"state all exclude time-wait dport = :443", "state connected", "state synchronized", "state bucket", "state big", "state unconnected", "state close",
		"state fin-wait-1 state fin-wait-2 state last-ack state closing state syn-sent", "exclude all",
		"src 10.0.0.1", "src = 10.0.0.1", "src == 10.0.0.0/8", "src eq 10/8", "src 10.1/16", "src 10", "src 0x7f.0.0.1", "src 010.0.0.1",
		"src 1.2.3.4/255.255.0.0", "src 1.2.3.4/0x8", "src 1.2.3.4/+8", "src 1.2.3.4:80", "src 1.2.3.4/8:http", "src 1.2.3.4:", "src 1.2.3.4:*",
		"src 1.2.3.4:*junk", "src :80", "src :", "src *", "src *:80", "src *80", "src any", "src all", "src default", "src default:80", "src 0/0",
		"src [::1]", "src [::1]:80", "src [::1/64]:80", "src ::/0", "src 2001:db8::/32", "src 2001:db8::/32:80", "src [::ffff:1.2.3.4]", "src []", "src []:22",
		"src [::1]80", "src inet:1.2.3.4", "src inet6:[::1]", "src inet6:any", "src inet:default", "src two.example", "src two.example:80",
		"src inet6:two.example", "src unix:/run/x", "src link:*", "src netlink:*", "src vsock:1:2", "src vsock:*",
		"sport = :80", "sport 80", "sport :http", "sport == https", "sport eq 0x50", "sport 0120", "sport = :70000", "sport :-1", "sport = :*", "sport = :",
		"sport = *x", "sport [:22]", "sport inet:80", "sport inet6::80", "sport != :80", "sport ne 80", "sport neq 80", "sport > 80", "sport gt 80",
		"sport < 80", "sport lt 80", "sport >= 80", "sport ge 80", "sport geq 80", "sport <= 80", "sport le 80", "sport leq 80", "dport 2147483647",
		"dev lo", "dev = eth0", "dev != lo", "dev ne 3", "dev 0x10", "dev +0", "fwmark 1", "fwmark = 0x1/0x3", "fwmark != 1", "fwmark 1x", "fwmark 1/2x",
		"cgroup user.slice", "cgroup = user.slice", "cgroup != user.slice", "autobound", "not autobound", "! ! autobound", "autobound autobound",
		"( sport = :1 )", "( ( sport = :1 ) )", "! ( sport = :1 ) or sport = :2", "sport = :1 & dport = :2 && autobound", "sport = :1 | dport = :2 || sport 3",
		"sport = :1 or dport = :2 and dport = :3", "\\( autobound \\)", "sport \\= :22", "sport = \\:22",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		filter_free(must_parse(texts[i]));
}

static void our_own_words_are_taken(void **state)
{
	static const char *const texts[] = {
		"state = close-wait", "state != close-wait", "state CLOSE_WAIT", "state FIN_WAIT1", "state listen", "state estab",
		"dport = :443 state established", "dport = :443 and state established state listening", "not state time-wait", "( state listening or dport = :22 )",
		"state established or state listening", "state established and dport = :443", "exclude time-wait or pid = 5",
		"src != 10.0.0.1", "dst ne 10.0.0.0/8", "pid 5", "pid = 5", "pid != 5", "pid 0", "comm nginx", "comm = nginx", "comm != nginx", "comm ~ ngi",
		"comm my\\ prog", "comm 한글", "user root", "user = 1000", "user != www", "age > 2h", "age >= 1.5s", "age < 5m", "age <= 10", "recvq > 0", "recvq 0",
		"sendq >= 1000", "sendq != 0", "opener local", "opener = remote", "opener != both", "closer = local", "holder 5", "holder = nginx", "holder != nginx",
		"holder ~ ng", "unit ssh.service", "unit = ssh.service", "unit ~ ssh", "unit != x", "comm state", "unit pid", "comm = \"tmux: server\"", "comm 'Isolated Web Co'", "comm = 'and'",
		"( comm ~ \"( x\" ) and unit != 'a b'", "user = 'www'", "holder \"a b\"", "age > '2h'", "comm = it's", "comm = \\\"x", "comm = '\\''",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		filter_free(must_parse(texts[i]));
}

/* The place is what stands between « and ». */
static void mistakes_are_found_where_they_are(void **state)
{
	static const struct {
		const char *text;
		enum filter_problem problem;
		const char *about;
	} mistakes[] = {
		{"«dprt» = :443", FILTER_NO_WORD, "dport"},
		{"dport = :443 «xyzzy»", FILTER_NO_WORD, NULL},
		{"dport = :443 and «10.0.0.1»", FILTER_NO_WORD, NULL},
		{"«=» :443", FILTER_NO_WORD, NULL},
		{"«State» established", FILTER_NO_WORD, "state"},
		{"«AND» autobound", FILTER_NO_WORD, NULL},
		{"«(sport» = :22 )", FILTER_NOT_PARTED, NULL},
		{"«sport=:22»", FILTER_NOT_PARTED, NULL},
		{"«()»", FILTER_NOT_PARTED, NULL},
		{"«and» autobound", FILTER_NOTHING_BEFORE, NULL},
		{"autobound or «or» autobound", FILTER_NOTHING_BEFORE, NULL},
		{"( «or» autobound )", FILTER_NOTHING_BEFORE, NULL},
		{"autobound «and»", FILTER_NOTHING_BEHIND, NULL},
		{"( autobound «&&» )", FILTER_NOTHING_BEHIND, NULL},
		{"«not»", FILTER_NOTHING_BEHIND, NULL},
		{"( «not» )", FILTER_NOTHING_BEHIND, NULL},
		{"«sport»", FILTER_NOTHING_BEHIND, NULL},
		{"sport «=»", FILTER_NOTHING_BEHIND, NULL},
		{"«state»", FILTER_NOTHING_BEHIND, NULL},
		{"state established «exclude»", FILTER_NOTHING_BEHIND, NULL},
		{"«(» sport = :1", FILTER_NOT_CLOSED, NULL},
		{"( ( sport = :1 ) or «(»", FILTER_NOT_CLOSED, NULL},
		{"sport = :1 «)»", FILTER_NOT_OPENED, NULL},
		{"«)»", FILTER_NOT_OPENED, NULL},
		{"( «)»", FILTER_EMPTY, NULL},
		{"src «>» 1.2.3.4", FILTER_NO_OPERATOR, "src"},
		{"dev «>=» 1", FILTER_NO_OPERATOR, "dev"},
		{"pid «>» 5", FILTER_NO_OPERATOR, "pid"},
		{"age «=» 5s", FILTER_NO_OPERATOR, "age"},
		{"age «5s»", FILTER_NO_OPERATOR, "age"},
		{"pid «~» 5", FILTER_NO_OPERATOR, "pid"},
		{"state «>» established", FILTER_NO_OPERATOR, "state"},
		{"exclude «=» established", FILTER_NO_OPERATOR, "exclude"},
		{"src = «=» 1.2.3.4", FILTER_NO_VALUE, "src"},
		{"sport «(» 1 )", FILTER_NO_VALUE, "sport"},
		{"src «and» dst", FILTER_NO_VALUE, "src"},
		{"comm = «)»", FILTER_NO_VALUE, "comm"},
		{"src = «dst» 1.2.3.4", FILTER_NO_VALUE, "src"},
		{"state «close-wat»", FILTER_NO_STATE, "close-wait"},
		{"state established state «bogus»", FILTER_NO_STATE, NULL},
		{"src «1.2.3.4/33»", FILTER_NO_ADDRESS, "src"},
		{"src «1.2.3.4.5»", FILTER_NO_ADDRESS, "src"},
		{"src «1.2.3.4/08»", FILTER_NO_ADDRESS, "src"},
		{"src «256.0.0.1»", FILTER_NO_ADDRESS, "src"},
		{"src «::1»", FILTER_NO_ADDRESS, "src"},
		{"src «[::1»", FILTER_NO_ADDRESS, "src"},
		{"src «any/8»", FILTER_NO_ADDRESS, "src"},
		{"src «inet6:1.2.3.4»", FILTER_NO_ADDRESS, "src"},
		{"src «inet:[::1]»", FILTER_NO_ADDRESS, "src"},
		{"src inet:10.0.0.1 or dst «[::1]»", FILTER_NO_ADDRESS, "dst"},
		{"src inet6:any or dst inet:1.2.3.4 or dst «[::1]»", FILTER_NO_ADDRESS, "dst"},
		{"src vsock:1 or dst «10.0.0.1»", FILTER_NO_ADDRESS, "dst"},
		{"src «vsock:x»", FILTER_NO_ADDRESS, "src"},
		{"src «nowhere.example»", FILTER_NO_ADDRESS, "src"},
		{"src «[::1]/128»", FILTER_NO_PORT, "src"},
		{"src «[::1]x»", FILTER_NO_PORT, "src"},
		{"src «*x»", FILTER_NO_PORT, "src"},
		{"sport «:22x»", FILTER_NO_PORT, "sport"},
		{"sport «:HTTP»", FILTER_NO_PORT, "sport"},
		{"sport «1.2.3.4:22»", FILTER_NO_PORT, "sport"},
		{"sport «99999999999»", FILTER_NO_PORT, "sport"},
		{"sport «GE» 1", FILTER_NO_PORT, "sport"},
		{"sport «=>» 1", FILTER_NO_PORT, "sport"},
		{"sport «[22»", FILTER_NO_PORT, "sport"},
		{"dev «eth9»", FILTER_NO_DEVICE, "dev"},
		{"dev «4294967296»", FILTER_NO_DEVICE, "dev"},
		{"fwmark «x»", FILTER_NO_MARK, "fwmark"},
		{"fwmark «1/»", FILTER_NO_MARK, "fwmark"},
		{"fwmark «1x/1»", FILTER_NO_MARK, "fwmark"},
		{"fwmark «/1»", FILTER_NO_MARK, "fwmark"},
		{"cgroup «nope.slice»", FILTER_NO_CGROUP, "cgroup"},
		{"user «nobody-here»", FILTER_NO_USER, "user"},
		{"user «-1»", FILTER_NO_USER, "user"},
		{"pid «x»", FILTER_NO_NUMBER, "pid"},
		{"pid «-1»", FILTER_NO_NUMBER, "pid"},
		{"pid «99999999999»", FILTER_NO_NUMBER, "pid"},
		{"recvq > «1k»", FILTER_NO_NUMBER, "recvq"},
		{"age > «soon»", FILTER_NO_DURATION, "age"},
		{"opener = «me»", FILTER_NO_SIDE, "opener"},
		{"comm = «\"»tmux: server", FILTER_QUOTE_OPEN, NULL},
		{"pid = 5 and ( unit ~ «'»x )", FILTER_QUOTE_OPEN, NULL},
		{"comm «'»", FILTER_QUOTE_OPEN, NULL},
		{"comm = «\"»x\\\" and pid = 5", FILTER_QUOTE_OPEN, NULL},
		{"( comm = \"tmux: server\"«)»", FILTER_QUOTE_NOT_PARTED, NULL},
		{"comm = 'a b'«c» and pid = 5", FILTER_QUOTE_NOT_PARTED, NULL},
		{"comm = «''»", FILTER_NO_VALUE, "comm"},
		{"comm = x «'y»", FILTER_NO_WORD, NULL},
		{"pid = «'a b'»", FILTER_NO_NUMBER, "pid"},
		{"user = «'a b'» and pid = 5", FILTER_NO_USER, "user"},
		/* What ss has knows no quotes. */
		{"state «'established'»", FILTER_NO_STATE, "established"},
		{"src «\"10.0.0.1»", FILTER_NO_ADDRESS, "src"},
		{"src = «'a» b'", FILTER_NO_ADDRESS, "src"},
		{"«fwmark» = 1 or pid = 5", FILTER_MIXED, NULL},
		{"pid = 5 or ( dport = :1 and «autobound» )", FILTER_MIXED, NULL},
		{"not ( «cgroup» user.slice and pid = 5 )", FILTER_MIXED, NULL},
		{"«autobound» pid = 5 or pid = 6", FILTER_MIXED, NULL}, /* to the left of an operator stands all that is to the left of it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		const char *open = strstr(mistakes[i].text, "«"), *close = strstr(mistakes[i].text, "»");
		struct filter_error error;
		char text[100];

		snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(open - mistakes[i].text), mistakes[i].text, (int)(close - open - 2), open + 2, close + 2);
		if (filter_parse(text, &names, &error))
			fail_msg("%s is taken", text);
		if (error.problem != mistakes[i].problem || error.at != (size_t)(open - mistakes[i].text) || error.length != (size_t)(close - open - 2))
			fail_msg("%s: problem %d at %zu+%zu", text, error.problem, error.at, error.length);
		if (mistakes[i].about ? !error.about || strcmp(error.about, mistakes[i].about) != 0 : error.problem == FILTER_NO_WORD && error.about)
			fail_msg("%s: about %s", text, error.about ? error.about : "nothing");
	}
}

static void what_only_the_kernel_knows_is_asked_of_it_alone(void **state)
{
	static const char *const fine[] = {
		"fwmark = 1 and pid = 5", "not ( fwmark = 1 and dport = :5 ) pid = 5", "( autobound or fwmark = 1 ) and comm = x", "( state listening ( autobound ) )",
		"cgroup user.slice",
	};
	struct filter_names without = names;
	struct filter_error error;

	(void)state;
	without.kernel = false;
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		struct filter *f = must_parse(fine[i]);

		assert_true(filter_needs_kernel(f));
		filter_free(f);
		assert_null(filter_parse(fine[i], &without, &error));
		assert_int_equal(error.problem, FILTER_FOR_KERNEL);
	}
}

static const char *shown(const char *text, unsigned columns)
{
	static struct text out;
	struct filter_error error;

	assert_null(filter_parse(text, &names, &error));
	text_clear(&out);
	filter_error_show(&error, text, columns, &out);
	return text_string(&out);
}

static void the_place_is_marked(void **state)
{
	(void)state;
	assert_string_equal(shown("dprt = :443", 80), "  dprt = :443\n  ^~~~\n");
	assert_string_equal(shown("dport = :443 )", 80), "  dport = :443 )\n               ^\n");
	/* Two columns each; and what a terminal must not get. */
	assert_string_equal(shown("comm = 한글 and 값 = 1", 0), "  comm = 한글 and 값 = 1\n                  ^~\n");
	assert_string_equal(shown("comm\t=\tx and \x1b[31m = 1", 80), "  comm = x and ?[31m = 1\n               ^~~~~\n");
	assert_string_equal(shown("comm = \xff and y = 1", 80), "  comm = ? and y = 1\n               ^\n");
	/* The line is 40 columns wide. */
	assert_string_equal(shown("src 10.0.0.1 or src 10.0.0.2 or src 10.0.0.3 or srd 10.0.0.4 or src 10.0.0.5", 40),
			    "  ...0.0.3 or srd 10.0.0.4 or src 10....\n"
			    "              ^~~\n");
	assert_string_equal(shown("comm = 한글과_이모지_😀😀😀 or comm = 나눔고딕 or 값 = 1 or comm = 바탕체와_굴림체", 40),
			    "  ...눔고딕 or 값 = 1 or comm = 바탕...\n"
			    "               ^~\n");
	assert_string_equal(shown("srd 10.0.0.1 or src 10.0.0.2 or src 10.0.0.3 or src 10.0.0.4", 40), "  srd 10.0.0.1 or src 10.0.0.2 or src...\n  ^~~\n");
}

/* Every problem has its sentence, and none a full stop. */
static void mistakes_are_told(void **state)
{
	(void)state;
	for (int problem = FILTER_NO_WORD; problem <= FILTER_TOO_LONG; problem++)
		for (int about = 0; about < 2; about++) {
			const struct filter_error e = {.problem = (uint8_t)problem, .quote = "QUOTE", .about = "ABOUT"};
			struct text out = {0};

			filter_error_tell(&e, &out);
			assert_true(out.len > 10 && out.bytes[out.len - 1] != '.');
			text_fini(&out);
		}
}

/* ---- noise ---- */

static const char *const hosts[] = {
	"10.0.0.1", "10.0.0.0/8", "127.0.0.1", "0.0.0.0", "0.0.0.0/0", "[::1]", "[::]", "::/0", "[::ffff:10.0.0.1]", "2001:db8::/32", "[2001:db8::5]", "10/7",
	"32.1.13.184", "any", "*", "inet:10.0.0.1", "inet6:[::1]", "0/1", "[a00::/8]", "two.example", NULL,
};
static const char *const ports[] = {"80", "443", "8080", "40000", "0", "65535", "70000", "-1", "-5", "http", "*", NULL};

static void check_error(const char *text, const struct filter_error *e)
{
	struct text out = {0};

	if (e->problem == FILTER_FINE || e->at >= strlen(text) || !e->length || e->at + e->length > strlen(text))
		fail_msg("'%s': problem %d at %zu+%zu", text, e->problem, e->at, e->length);
	filter_error_tell(e, &out);
	filter_error_show(e, text, 60, &out);
	text_fini(&out);
}

static void noise_is_refused_with_a_place(void **state)
{
	static const char *const pieces[] = {
		"state", "exclude", "(", ")", "not", "and", "or", "!", "=", "!=", ">", "<=", "~", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound",
		"pid", "comm", "user", "age", "recvq", "opener", "holder", "unit", "10.0.0.1", ":80", "close-wait", "5", "2h", "local", "\\", "\xff\xfe", "한", "", "[", "\"", "'", "'a", "b'",
	};
	struct filter_draw d = {.random = 4711, .hosts = hosts, .ports = ports, .ours = true, .marks = true};
	struct filter_error error;
	unsigned refused = 0, taken = 0;

	(void)state;
	for (unsigned i = 0; i < 30000; i++) {
		struct text text = {0};
		struct filter *f;

		if (i % 3 == 0) {
			for (uint64_t n = filter_draw_number(&d, 60); n > 0; n--)
				text_add_char(&text, (char)(1 + filter_draw_number(&d, 255)));
		} else if (i % 3 == 1) {
			for (uint64_t n = filter_draw_number(&d, 12); n > 0; n--)
				text_addf(&text, "%s ", pieces[filter_draw_number(&d, sizeof(pieces) / sizeof(*pieces))]);
		} else {
			filter_draw(&d, &text);
			filter_draw_damage(&d, &text);
		}
		f = filter_parse(text_string(&text), &names, &error);
		if (f)
			taken++;
		else
			check_error(text_string(&text), &error);
		refused += !f;
		filter_free(f);
		text_fini(&text);
	}
	assert_true(refused > 15000 && taken > 1000);
}

static void depth_and_length_are_bounded(void **state)
{
	struct text text = {0};
	struct filter_error error;
	struct filter_code code;
	struct filter *f;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		text_add(&text, "( ");
	assert_null(filter_parse(text_string(&text), &names, &error));
	assert_int_equal(error.problem, FILTER_TOO_DEEP);
	text_clear(&text);
	text_add(&text, "sport 1");
	for (unsigned i = 0; i < 100000; i++)
		text_add(&text, i % 2 ? " or sport 1" : " and sport 1");
	assert_null(filter_parse(text_string(&text), &names, &error));
	assert_int_equal(error.problem, FILTER_TOO_DEEP);
	/* Alike, they are as many as you like; but the kernel gets no code that is longer than its attribute. */
	text_clear(&text);
	for (unsigned i = 0; i < 20000; i++)
		text_addf(&text, "%ssrc 10.0.%u.%u", i ? " or " : "", i >> 8, i & 0xff);
	f = must_parse(text_string(&text));
	filter_compile(f, FILTER_OPS_ALL, &code);
	assert_int_equal(code.length, 0);
	filter_free(f);
	text_add(&text, " or fwmark 1");
	assert_null(filter_parse(text_string(&text), &names, &error));
	assert_int_equal(error.problem, FILTER_TOO_LONG);
	text_clear(&text);
	for (unsigned i = 0; i < 100000; i++)
		text_add(&text, "not ");
	text_add(&text, "sport 1");
	filter_free(must_parse(text_string(&text)));
	text_clear(&text);
	for (unsigned i = 0; i < 100000; i++)
		text_add(&text, "state != listening ");
	filter_free(must_parse(text_string(&text)));
	text_fini(&text);
}

/* ---- what fits ---- */

static struct facts all_known(void)
{
	return (struct facts){.knows = KNOWS_INODE | KNOWS_UID | KNOWS_QUEUES | KNOWS_SINCE, .inode = 5, .uid = 1000, .rqueue = 7, .wqueue = 100};
}

static struct tuple tuple_of(const char *local, const char *remote)
{
	struct tuple t = {0};
	uint16_t family;
	uint32_t ifindex;

	assert_int_equal(endpoint_parse(local, &t.local, &t.family, &t.ifindex), 0);
	assert_int_equal(endpoint_parse(remote, &t.remote, &family, &ifindex), 0);
	return t;
}

static bool fits(const char *text, const struct filter_row *row)
{
	struct filter *f = must_parse(text);
	const bool result = filter_matches(f, row, NOW_NS);

	filter_free(f);
	return result;
}

static void facts_fit(void **state)
{
	static const struct holder holders[] = {{.pid = 7, .comm = "nginx"}, {.pid = 8, .comm = "curl"}, {.pid = 10, .comm = "tmux: \"1\" \\"}};
	struct facts facts = all_known();
	struct filter_row row = {
		.tuple = tuple_of("10.0.0.1:443", "10.9.9.9:40000"), .facts = &facts, .since0_ns = NOW_NS - 3 * 3600 * NS_PER_SECOND,
		.since1_ns = NOW_NS - 2 * 3600 * NS_PER_SECOND - NS_PER_SECOND, .state = STATE_CLOSE_WAIT, .opener = SIDE_REMOTE, .unit = "web.service",
		.holders = holders, .holder_count = 3,
	};
	static const char *const yes[] = {
		"", "state close-wait", "state = close-wait", "state != listening", "state established state close-wait", "exclude listening", "not state listening",
		"sport = :https", "dport > 1024", "src 10.0.0.0/8 dst != 10.0.0.0/9 or pid 7", "pid = 7", "pid = 8", "pid != 9", "comm = nginx", "comm ~ ngi", "comm != x",
		"user = 1000", "user != root", "age > 2h", "age < 4h", "age >= 7200s", "recvq = 7", "recvq > 6", "recvq <= 7", "sendq != 99", "opener = remote",
		"opener != local", "holder = 8", "holder = curl", "unit = web.service", "unit ~ web", "unit != x", "not closer = local", "not closer != local",
		"state close-wait or pid = 99", "pid = 99 or state close-wait", "dport = :1 or sport = :443 and state close-wait",
		"state close-wait dport = :1 or sport = :443", "not ( pid = 99 )", "! ! pid = 7", "dev 0", "sport = :1 sport = :2 or sport = :443",
		"comm = 'nginx'", "comm = 'tmux: \"1\" \\\\'", "comm = \"tmux: \\\"1\\\" \\\\\"", "comm = tmux:\\ \"1\"\\ \\\\", "( holder ~ ': \"' )", "user '1000' unit \"web.service\"",
	};
	static const char *const no[] = {
		"state listening", "state != close-wait", "exclude close-wait", "pid = 9", "pid != 7", "comm = ngin", "comm != curl", "user = root", "user != 1000",
		"age > 2.5h", "age < 2.5h", "age <= 2h", "recvq > 7", "opener = local", "opener != remote", "closer = local", "closer != local", "closer both",
		"holder = 9", "holder != 7", "unit = web", "unit != web.service", "not pid = 7", "state listening dport = :1 or sport = :443",
		"sport = :443 or state close-wait and dport = :1", "state listening or dport = :1", "src inet6:any", "src unix:x", "not src unix:x", "dev lo",
		"comm = 'tmux:'", "comm = ' nginx'", "comm = \"'nginx'\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (!fits(yes[i], &row))
			fail_msg("%s does not fit", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (fits(no[i], &row))
			fail_msg("%s fits", no[i]);
	/* Those who held it are holders, but it is no longer theirs. */
	row.holders_former = true;
	assert_true(fits("holder = nginx", &row));
	assert_true(fits("holder = 8", &row));
	assert_false(fits("comm = nginx", &row));
	assert_false(fits("pid != 9", &row));
}

/* Neither a comparison nor its contrary fits what is not known; their negations do. */
static void what_is_not_known_fits_nothing(void **state)
{
	static const char *const predicates[] = {
		"pid = 5", "pid != 5", "comm = x", "comm != x", "comm ~ x", "user = 0", "user != 0", "age > 1s", "age < 1s", "recvq = 0", "recvq != 0", "sendq >= 0",
		"opener = local", "opener != local", "closer = both", "closer != both", "holder = x", "holder != x", "unit = x", "unit != x", "unit ~ x",
	};
	struct facts facts = {0};
	const struct filter_row row = {.tuple = tuple_of("10.0.0.1:443", "10.9.9.9:40000"), .facts = &facts, .state = STATE_ESTABLISHED};
	char negated[40];

	(void)state;
	for (size_t i = 0; i < sizeof(predicates) / sizeof(*predicates); i++) {
		snprintf(negated, sizeof(negated), "not ( %s )", predicates[i]);
		if (fits(predicates[i], &row) || !fits(negated, &row))
			fail_msg("%s", predicates[i]);
	}
	/* Of an age only the lower bound is known, and of a listener only its queue, not the limit. */
	facts.knows = KNOWS_SINCE | KNOWS_ATLEAST | KNOWS_QUEUES | KNOWS_NO_LIMIT;
	assert_false(fits("age < 1h", &row));
	assert_true(fits("recvq = 0", &row));
	assert_false(fits("sendq = 0", &row));
}

static void states_are_known_beforehand(void **state)
{
	static const struct {
		const char *text;
		uint32_t states;
	} cases[] = {
		{"", (1u << STATE_COUNT) - 1},
		{"dport = :1", (1u << STATE_COUNT) - 1},
		{"state listening dport = :1", STATE_BIT(STATE_LISTEN)},
		{"state listening state established and pid = 5", STATE_BIT(STATE_LISTEN) | STATE_BIT(STATE_ESTABLISHED)},
		{"state listening or pid = 5", (1u << STATE_COUNT) - 1},
		{"not ( not state listening or pid = 5 )", STATE_BIT(STATE_LISTEN)},
		{"state listening and not state listening", 0},
		{"exclude listening", ((1u << STATE_COUNT) - 1) & ~STATE_BIT(STATE_LISTEN)},
		{"not exclude listening", STATE_BIT(STATE_LISTEN)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter *f = must_parse(cases[i].text);

		if (filter_states(f) != cases[i].states)
			fail_msg("%s: %x", cases[i].text, filter_states(f));
		filter_free(f);
	}
}

/* ---- the kernel ---- */

/* What the kernel holds the code against: struct inet_diag_entry. */
struct entry {
	uint16_t family, sport, dport;
	uint8_t source[16], destination[16];
	uint32_t device, mark;
	uint64_t cgroup;
	bool port_locked;
};

static bool bits_match(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	for (unsigned i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool run_hostcond(const unsigned char *about, const uint8_t *address, uint16_t port, uint16_t family)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct inet_diag_hostcond cond;
	uint8_t bytes[16] = {0};

	memcpy(&cond, about, sizeof(cond));
	memcpy(bytes, about + sizeof(cond), cond.family == AF_INET6 ? 16 : cond.family == AF_INET ? 4 : 0);
	if (cond.port != -1 && cond.port != port)
		return false;
	if (cond.family != AF_UNSPEC && cond.family != family)
		return family == AF_INET6 && cond.family == AF_INET && memcmp(address, mapped, 12) == 0 && bits_match(address + 12, bytes, cond.prefix_len);
	return bits_match(address, bytes, cond.prefix_len);
}

/* net/ipv4/inet_diag.c, inet_diag_bc_audit: is the code one that the kernel takes? */
static void audit(const struct filter_code *code, const char *text)
{
	static const unsigned char about[] = {
		[INET_DIAG_BC_S_GE] = 4, [INET_DIAG_BC_S_LE] = 4, [INET_DIAG_BC_D_GE] = 4, [INET_DIAG_BC_D_LE] = 4, [INET_DIAG_BC_S_EQ] = 4,
		[INET_DIAG_BC_D_EQ] = 4, [INET_DIAG_BC_S_COND] = sizeof(struct inet_diag_hostcond), [INET_DIAG_BC_D_COND] = sizeof(struct inet_diag_hostcond),
		[INET_DIAG_BC_DEV_COND] = 4, [INET_DIAG_BC_MARK_COND] = 8, [INET_DIAG_BC_CGROUP_COND] = 8,
	};
	bool *begins = calloc(code->length + 5, 1);
	size_t at = 0;

	assert_non_null(begins);
	for (struct inet_diag_bc_op op; at < code->length; at += op.yes) {
		memcpy(&op, code->bytes + at, sizeof(op));
		begins[at] = true;
		if (op.code > INET_DIAG_BC_CGROUP_COND || op.yes < 4u + about[op.code] || op.yes & 3)
			fail_msg("%s: a bad instruction at %zu", text, at);
	}
	assert_int_equal(at, code->length);
	begins[at] = begins[at + 4] = true;
	at = 0;
	for (struct inet_diag_bc_op op; at < code->length; at += op.yes) {
		memcpy(&op, code->bytes + at, sizeof(op));
		if (op.no < 4 || at + op.no > code->length + 4 || !begins[at + op.no])
			fail_msg("%s: a bad jump at %zu", text, at);
	}
	free(begins);
}

/* inet_diag_bc_run. */
static bool run(const struct filter_code *code, const struct entry *e)
{
	size_t at = 0;

	while (at < code->length) {
		const unsigned char *about = code->bytes + at + sizeof(struct inet_diag_bc_op);
		struct inet_diag_bc_op op, next;
		struct inet_diag_markcond mark;
		uint32_t device;
		uint64_t cgroup;
		bool yes = true;

		memcpy(&op, code->bytes + at, sizeof(op));
		if (op.code != INET_DIAG_BC_JMP && op.code != INET_DIAG_BC_AUTO)
			memcpy(&next, about, sizeof(next));
		switch (op.code) {
		case INET_DIAG_BC_JMP: yes = false; break;
		case INET_DIAG_BC_S_GE: yes = e->sport >= next.no; break;
		case INET_DIAG_BC_S_LE: yes = e->sport <= next.no; break;
		case INET_DIAG_BC_S_EQ: yes = e->sport == next.no; break;
		case INET_DIAG_BC_D_GE: yes = e->dport >= next.no; break;
		case INET_DIAG_BC_D_LE: yes = e->dport <= next.no; break;
		case INET_DIAG_BC_D_EQ: yes = e->dport == next.no; break;
		case INET_DIAG_BC_AUTO: yes = !e->port_locked; break;
		case INET_DIAG_BC_S_COND: yes = run_hostcond(about, e->source, e->sport, e->family); break;
		case INET_DIAG_BC_D_COND: yes = run_hostcond(about, e->destination, e->dport, e->family); break;
		case INET_DIAG_BC_DEV_COND:
			memcpy(&device, about, sizeof(device));
			yes = device == e->device;
			break;
		case INET_DIAG_BC_MARK_COND:
			memcpy(&mark, about, sizeof(mark));
			yes = (e->mark & mark.mask) == mark.mark;
			break;
		case INET_DIAG_BC_CGROUP_COND:
			memcpy(&cgroup, about, sizeof(cgroup));
			yes = cgroup == e->cgroup;
			break;
		default: fail_msg("instruction %d", op.code);
		}
		at += yes ? op.yes : op.no;
	}
	return at == code->length;
}

static struct tuple draw_tuple(struct filter_draw *d)
{
	static const char *const v4[] = {"10.0.0.1", "10.200.3.4", "127.0.0.1", "0.0.0.0", "32.1.13.184", "11.0.0.1", NULL};
	static const char *const v6[] = {
		"[::1]", "[::]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[2001:db8::5]", "[a00:1::1]", "[::ffff:0.0.0.0]", NULL,
	};
	static const uint16_t some_ports[] = {80, 443, 8080, 40000, 0, 65535, 1, 4464, 65531, 32768, 60999, 61000};
	const bool six = filter_draw_number(d, 2);
	char ends[2][ENDPOINT_TEXT_ROOM];
	struct tuple t;

	for (int i = 0; i < 2; i++)
		snprintf(ends[i], sizeof(ends[i]), "%s:%u", filter_draw_of(d, six ? v6 : v4), some_ports[filter_draw_number(d, 12)]);
	t = tuple_of(ends[0], ends[1]);
	t.family = six ? AF_INET6 : AF_INET;
	t.ifindex = (uint32_t)filter_draw_number(d, 3);
	return t;
}

static struct entry entry_of(const struct tuple *t, struct filter_draw *d)
{
	const size_t skip = t->family == AF_INET ? 12 : 0;
	struct entry e = {
		.family = t->family, .sport = t->local.port, .dport = t->remote.port, .device = t->ifindex, .mark = (uint32_t)filter_draw_number(d, 2) * 5,
		.cgroup = 4711, .port_locked = filter_draw_number(d, 2),
	};

	memcpy(e.source, t->local.address + skip, 16 - skip);
	memcpy(e.destination, t->remote.address + skip, 16 - skip);
	return e;
}

struct row_facts {
	struct facts facts;
	struct holder holders[2];
};

static struct filter_row draw_row(struct filter_draw *d, const struct tuple *t, struct row_facts *f)
{
	static const char *const comms[] = {"nginx", "curl", "x", NULL};

	*f = (struct row_facts){.facts = all_known()};
	f->facts.knows &= (uint16_t)filter_draw_number(d, 0x10000);
	f->facts.uid = (uint32_t)filter_draw_number(d, 2) * 1000;
	f->facts.rqueue = (uint32_t)filter_draw_number(d, 2);
	for (int i = 0; i < 2; i++) {
		f->holders[i].pid = 7 + (uint32_t)filter_draw_number(d, 2);
		snprintf(f->holders[i].comm, sizeof(f->holders[i].comm), "%s", filter_draw_of(d, comms));
	}
	return (struct filter_row){
		.tuple = *t,
		.facts = &f->facts,
		.since0_ns = NOW_NS - (int64_t)filter_draw_number(d, 20000) * NS_PER_SECOND,
		.since1_ns = NOW_NS - (int64_t)filter_draw_number(d, 10000) * NS_PER_SECOND,
		.state = (uint8_t)(1 + filter_draw_number(d, STATE_COUNT - 1)),
		.opener = (uint8_t)filter_draw_number(d, 4),
		.closer = (uint8_t)filter_draw_number(d, 4),
		.holders_former = filter_draw_number(d, 4) == 0,
		.unit = filter_draw_number(d, 2) ? "ssh.service" : NULL,
		.holders = f->holders,
		.holder_count = (uint32_t)filter_draw_number(d, 3),
	};
}

/*
 * For what the kernel lets through a filter says the same whichever code it was; and what it does not let through would not have fitted. Where nothing but the
 * kernel's predicates stands in it, the kernel lets through no more than it has to: the filter, but for what ss itself judges in another way.
 */
static void the_kernel_and_we_agree(void **state)
{
	struct filter_draw d = {.random = 42, .hosts = hosts, .ports = ports};
	unsigned coded = 0, through = 0, kept = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct filter_code codes[2];
		struct text text = {0};
		struct filter_error error;
		struct filter *f;

		d.ours = i % 2;
		d.marks = i % 5 == 0;
		filter_draw(&d, &text);
		f = filter_parse(text_string(&text), &names, &error);
		if (!f) { /* a family that was named is that of the addresses behind it, too */
			assert_true(error.problem == FILTER_MIXED || error.problem == FILTER_NO_ADDRESS || error.problem == FILTER_NO_PORT);
			text_fini(&text);
			continue;
		}
		for (int ops = 0; ops < 2; ops++) {
			filter_compile(f, (enum filter_ops)ops, &codes[ops]);
			audit(&codes[ops], text_string(&text));
		}
		coded += codes[0].length > 0;
		for (unsigned j = 0; j < 40; j++) {
			const struct tuple t = draw_tuple(&d);
			const struct entry e = entry_of(&t, &d);
			struct row_facts facts;
			const struct filter_row row = draw_row(&d, &t, &facts);
			const bool ours = filter_matches(f, &row, NOW_NS), newest = run(&codes[0], &e), first = run(&codes[1], &e);

			/* What the older code leaves out it takes for true. */
			if (newest && !first)
				fail_msg("%s: the first instructions let less through", text_string(&text));
			/* Rows that the kernel alone can judge are asked about only when it let them through. */
			if (ours && !newest && !filter_needs_kernel(f))
				fail_msg("%s: fits, and the kernel leaves it out", text_string(&text));
			if (ours && !(filter_states(f) & STATE_BIT(row.state)))
				fail_msg("%s: fits in a state that was not asked for", text_string(&text));
			through += newest;
			kept += ours && newest;
		}
		for (int ops = 0; ops < 2; ops++)
			filter_code_fini(&codes[ops]);
		filter_free(f);
		text_fini(&text);
	}
	/* None of it says anything about nothing. */
	assert_true(coded > 8000 && through > 100000 && kept > 50000);
}

/* In a choice with a mark the kernel judges the rest in ss's stead too. */
static void a_choice_with_a_mark_is_judged_as_by_ss(void **state)
{
	static const struct {
		const char *filter, *local;
		uint32_t mark, device;
		bool port_locked, through;
	} cases[] = {
		{"fwmark 5 or autobound", "10.0.0.1:80", 5, 0, true, true},
		{"fwmark 5 or autobound", "10.0.0.1:32768", 0, 0, false, true},
		{"fwmark 5 or autobound", "10.0.0.1:60999", 0, 0, true, false},
		{"fwmark 5 or autobound", "10.0.0.1:61000", 0, 0, false, false},
		{"not ( fwmark 5 or autobound )", "10.0.0.1:80", 0, 0, true, true},
		{"not ( fwmark 5 or autobound )", "10.0.0.1:80", 0, 0, false, false},
		{"not ( fwmark 5 or autobound )", "10.0.0.1:40000", 0, 0, true, false},
		{"not ( fwmark 5 or autobound )", "10.0.0.1:61000", 0, 0, true, true},
		{"fwmark 5 or sport >= 70000", "10.0.0.1:5000", 0, 0, false, false},
		{"fwmark 5 or sport >= 70000", "10.0.0.1:5000", 5, 0, false, true},
		{"fwmark 5 or sport < 70000", "10.0.0.1:4463", 0, 0, false, true},
		{"fwmark 5 or dev lo sport < 70000", "10.0.0.1:5000", 0, 1, false, true},
		{"dev eth0 or fwmark 5 or src 10.0.0.1", "10.0.0.1:80", 0, 1, false, true},
		{"dev eth0 or fwmark 5 or src 10.0.0.1", "10.0.0.2:80", 0, 1, false, false},
		{"dev eth0 or fwmark 5 or src 10.0.0.1", "10.0.0.2:80", 0, 2, false, true},
		{"dev lo and ( dev eth0 or fwmark 5 or autobound )", "10.0.0.1:40000", 0, 1, true, true},
		{"dev lo and ( dev eth0 or fwmark 5 or autobound )", "10.0.0.1:61000", 0, 1, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter *f = must_parse(cases[i].filter);
		struct filter_draw d = {.random = 1};
		struct tuple t = tuple_of(cases[i].local, "10.9.9.9:1");
		struct facts facts = all_known();
		const struct filter_row row = {.tuple = t, .facts = &facts, .state = STATE_ESTABLISHED};
		struct entry e = entry_of(&t, &d);
		struct filter_code code;

		e.mark = cases[i].mark;
		e.device = cases[i].device;
		e.port_locked = cases[i].port_locked;
		filter_compile(f, FILTER_OPS_ALL, &code);
		audit(&code, cases[i].filter);
		if (run(&code, &e) != cases[i].through)
			fail_msg("%s, case %zu", cases[i].filter, i);
		/* Nobody else has anything to say of the choice. */
		if (!strstr(cases[i].filter, "and"))
			assert_true(filter_needs_kernel(f) && filter_matches(f, &row, NOW_NS));
		filter_code_fini(&code);
		filter_free(f);
	}
}

/* Of predicates that are all the kernel's, where ss judges alike, it does the whole work. */
static void the_kernel_does_what_it_can(void **state)
{
	static const char *const good_hosts[] = {"10.0.0.1", "10.0.0.0/8", "127.0.0.1", "[::1]", "[2001:db8::5]", "two.example", "*", NULL};
	static const char *const good_ports[] = {"80", "443", "40000", "0", "65535", NULL};
	struct filter_draw d = {.random = 99, .hosts = good_hosts, .ports = good_ports};
	unsigned asked = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		struct text text = {0};
		struct filter_code code;
		struct filter *f;

		filter_draw(&d, &text);
		if (strstr(text_string(&text), "stat") || strstr(text_string(&text), "excl") || strstr(text_string(&text), "not") || strchr(text_string(&text), '!') ||
		    strstr(text_string(&text), "ne") || strstr(text_string(&text), "auto") || strstr(text_string(&text), "dev")) {
			text_fini(&text);
			continue;
		}
		f = must_parse(text_string(&text));
		filter_compile(f, FILTER_OPS_ALL, &code);
		for (unsigned j = 0; j < 40; j++) {
			const struct tuple t = draw_tuple(&d);
			const struct entry e = entry_of(&t, &d);
			struct row_facts facts;
			const struct filter_row row = draw_row(&d, &t, &facts);

			if (run(&code, &e) != filter_matches(f, &row, NOW_NS))
				fail_msg("%s", text_string(&text));
			asked++;
		}
		filter_code_fini(&code);
		filter_free(f);
		text_fini(&text);
	}
	assert_true(asked > 10000);
}

/* What a code of the first instructions has none of. */
static void older_kernels_get_what_they_know(void **state)
{
	struct filter *f = must_parse("dport = :443 and fwmark 1 and src 10.0.0.0/8");
	struct filter_code code;
	size_t at = 0;
	unsigned count = 0;

	(void)state;
	filter_compile(f, FILTER_OPS_FIRST, &code);
	for (struct inet_diag_bc_op op; at < code.length; at += op.yes, count++) {
		memcpy(&op, code.bytes + at, sizeof(op));
		assert_true(op.code <= INET_DIAG_BC_D_COND);
	}
	assert_int_equal(count, 2);
	filter_code_fini(&code);
	filter_free(f);
}

/* ---- a stream ---- */

static struct event step(uint64_t conn, enum tcp_state from, enum tcp_state to, int64_t t_ns)
{
	return (struct event){.kind = EVENT_TRANSITION, .conn = conn, .from = (uint8_t)from, .to = (uint8_t)to, .t_ns = t_ns, .t0_ns = t_ns, .t1_ns = t_ns,
			      .when = CERTAINTY_OBSERVED, .certainty = CERTAINTY_OBSERVED};
}

static bool told(struct filter_stream *s, struct model *m, const struct event *e)
{
	model_apply(m, e);
	return filter_stream_event(s, m, e);
}

static void a_state_is_entered_and_left(void **state)
{
	struct filter *f = must_parse("state close-wait");
	struct model *m = model_new(1);
	struct event e = {.kind = EVENT_OPEN, .conn = 1, .cookie = 9, .to = STATE_SYN_RECV, .tuple = tuple_of("10.0.0.1:443", "10.9.9.9:40000"), .t_ns = NOW_NS};
	struct filter_stream s;

	(void)state;
	filter_stream_init(&s, f);
	assert_false(told(&s, m, &e));
	e = step(1, STATE_SYN_RECV, STATE_ESTABLISHED, NOW_NS + 1);
	assert_false(told(&s, m, &e));
	e = step(1, STATE_ESTABLISHED, STATE_CLOSE_WAIT, NOW_NS + 2);
	assert_true(told(&s, m, &e));
	e = (struct event){.kind = EVENT_UPDATE, .conn = 1, .t_ns = NOW_NS + 3};
	assert_true(told(&s, m, &e));
	e = step(1, STATE_CLOSE_WAIT, STATE_LAST_ACK, NOW_NS + 4);
	assert_true(told(&s, m, &e));
	e = step(1, STATE_LAST_ACK, STATE_CLOSED, NOW_NS + 5);
	assert_false(told(&s, m, &e));
	e = (struct event){.kind = EVENT_CLOSE, .conn = 1, .t_ns = NOW_NS + 6};
	assert_false(told(&s, m, &e));
	e = (struct event){.kind = EVENT_COVERAGE, .t_ns = NOW_NS + 7};
	assert_true(filter_stream_event(&s, m, &e));
	filter_stream_fini(&s);
	filter_free(f);
	model_free(m);
}

/* Nothing happened to it when it came to be two hours old; its end is told. */
static void what_has_become_old_is_told_when_it_ends(void **state)
{
	struct filter *f = must_parse("age > 2h");
	struct model *m = model_new(1);
	struct event e = {.kind = EVENT_CONNECTION, .conn = 1, .cookie = 9, .to = STATE_ESTABLISHED, .tuple = tuple_of("10.0.0.1:443", "10.9.9.9:40000"),
			  .t_ns = NOW_NS, .since0_ns = NOW_NS, .since1_ns = NOW_NS, .facts.knows = KNOWS_SINCE};
	struct filter_stream s;

	(void)state;
	filter_stream_init(&s, f);
	model_apply(m, &e);
	assert_false(filter_stream_row(&s, m, model_find(m, 1), NOW_NS));
	e = step(1, STATE_ESTABLISHED, STATE_CLOSE_WAIT, NOW_NS + 3 * 3600 * NS_PER_SECOND);
	assert_true(told(&s, m, &e));
	e = step(1, STATE_CLOSE_WAIT, STATE_LAST_ACK, NOW_NS + 3 * 3600 * NS_PER_SECOND + 1);
	assert_false(told(&s, m, &e));
	filter_stream_fini(&s);
	filter_free(f);
	model_free(m);
}

/* Who holds it can be found out late, and be over with the last step. */
static void a_holder_counts_while_it_is_known(void **state)
{
	static const struct holder nginx = {.pid = 7, .comm = "nginx"};
	struct filter *f = must_parse("comm = nginx");
	struct model *m = model_new(1);
	struct event e = {.kind = EVENT_OPEN, .conn = 1, .cookie = 9, .to = STATE_ESTABLISHED, .tuple = tuple_of("10.0.0.1:443", "10.9.9.9:40000"), .t_ns = NOW_NS};
	struct filter_stream s;

	(void)state;
	filter_stream_init(&s, f);
	assert_false(told(&s, m, &e));
	e = (struct event){.kind = EVENT_UPDATE, .conn = 1, .t_ns = NOW_NS, .holders = &nginx, .holder_count = 1, .facts.knows = KNOWS_HOLDERS};
	assert_true(told(&s, m, &e));
	e = (struct event){.kind = EVENT_UPDATE, .conn = 1, .t_ns = NOW_NS, .holders_former = true, .holders = &nginx, .holder_count = 1, .facts.knows = KNOWS_HOLDERS};
	assert_true(told(&s, m, &e));
	e = step(1, STATE_ESTABLISHED, STATE_CLOSED, NOW_NS + 1);
	assert_false(told(&s, m, &e));
	filter_stream_fini(&s);
	filter_free(f);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ss_takes_is_taken),
		cmocka_unit_test(our_own_words_are_taken),
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(what_only_the_kernel_knows_is_asked_of_it_alone),
		cmocka_unit_test(the_place_is_marked),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(noise_is_refused_with_a_place),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(facts_fit),
		cmocka_unit_test(what_is_not_known_fits_nothing),
		cmocka_unit_test(states_are_known_beforehand),
		cmocka_unit_test(the_kernel_and_we_agree),
		cmocka_unit_test(a_choice_with_a_mark_is_judged_as_by_ss),
		cmocka_unit_test(the_kernel_does_what_it_can),
		cmocka_unit_test(older_kernels_get_what_they_know),
		cmocka_unit_test(a_state_is_entered_and_left),
		cmocka_unit_test(what_has_become_old_is_told_when_it_ends),
		cmocka_unit_test(a_holder_counts_while_it_is_known),
	};

	message_init("en", NULL);
	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
