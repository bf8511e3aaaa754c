/* proc_net: right samples from the kernel's lines, no harm from others, and the same as what sock_diag tells. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sockets.h"
#include "watch/proc_net.h"

#define MUTATIONS 200000
#define HELD 300

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define LISTENER "   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     7        0 29866019 1 00000000c0 100 0 0 10 0"
#define KEPT "  12: 0100007F:C84C 0200007F:1B58 01 0000000A:00000005 02:00000016 00000003  1000        4 29866021 2 00000000c0 20 4 30 10 -1"
#define WAITING "   4: 0100007F:C852 0100007F:1B58 06 00000000:00000000 03:000016F3 00000000     0        0 0 3 00000000c0"
#define REQUEST "   5: 0100007F:1B58 0100007F:C852 0C 00000000:00000000 01:00000064 00000002  1000        0 0 0 00000000c0"
#define SIX                                                                                                                           \
	"   1: 00000000000000000000000001000000:1B59 0000000000000000FFFF00000100007F:ACFA 08 00000000:00000001 04:FFFFFFFFFFFF 00000001" \
	" 4294967295        9 4294967295 1 00000000c0 20 4 30 10 -1"

struct case_good {
	const char *line;
	bool six;
	const char *local, *remote;
	uint8_t state, timer, retransmits;
	uint32_t rqueue, wqueue, expires_ms, uid, inode;
};

/* The words of an address are printed as the host reads them, so these lines are of a little-endian one. */
static void test_lines(void **state)
{
	static const struct case_good cases[] = {
		{LISTENER, false, "127.0.0.1:7000", "0.0.0.0:0", STATE_LISTEN, TIMER_NONE, 0, 2, 0, 0, 7, 29866019},
		{KEPT, false, "127.0.0.1:51276", "127.0.0.2:7000", STATE_ESTABLISHED, TIMER_KEEPALIVE, 4, 5, 10, 220, 1000, 29866021},
		{WAITING, false, "127.0.0.1:51282", "127.0.0.1:7000", STATE_TIME_WAIT, TIMER_TIME_WAIT, 0, 0, 0, 58750, 0, 0},
		{REQUEST, false, "127.0.0.1:7000", "127.0.0.1:51282", STATE_SYN_RECV, TIMER_RETRANSMIT, 2, 0, 0, 1000, 1000, 0},
		{SIX, true, "[::1]:7001", "[::ffff:127.0.0.1]:44282", STATE_CLOSE_WAIT, TIMER_PROBE, 9, 1, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX},
	};

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct case_good *c = &cases[i];
		struct endpoint local, remote;
		uint16_t family;
		uint32_t ifindex;
		struct sample s;

		assert_int_equal(proc_net_parse(c->line, c->six, &s), 0);
		assert_int_equal(endpoint_parse(c->local, &local, &family, &ifindex), 0);
		assert_int_equal(endpoint_parse(c->remote, &remote, &family, &ifindex), 0);
		assert_memory_equal(&s.tuple.local, &local, sizeof local);
		assert_memory_equal(&s.tuple.remote, &remote, sizeof remote);
		assert_int_equal(s.tuple.family, c->six ? AF_INET6 : AF_INET);
		assert_int_equal(s.tuple.ifindex, 0);
		assert_int_equal(s.cookie, 0);
		assert_int_equal(s.state, c->state);
		assert_int_equal(s.timer, c->timer);
		assert_int_equal(s.retransmits, c->retransmits);
		assert_int_equal(s.rqueue, c->rqueue);
		assert_int_equal(s.wqueue, c->wqueue);
		assert_int_equal(s.expires_ms, c->expires_ms);
		assert_int_equal(s.uid, c->uid);
		assert_int_equal(s.inode, c->inode);
		assert_int_equal(s.has, c->state == STATE_LISTEN ? SAMPLE_NO_LIMIT : 0);
	}
}

static void test_what_is_no_line(void **state)
{
	static const char *const lines[] = {
		"",
		" ",
		"garbage",
		"0:",
		"   0: 0100007F:1B58",
		"   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0",        /* no inode */
		"   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 12x",    /* inode with a tail */
		"   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 -1",
		"   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 4294967296",
		"   0: 0100007F:1B58 00000000:0000 00 00000000:00000002 00:00000000 00000000     0        0 1",      /* no state */
		"   0: 0100007F:1B58 00000000:0000 0D 00000000:00000002 00:00000000 00000000     0        0 1",
		"   0: 0100007F:1B58 00000000:0000 FF 00000000:00000002 00:00000000 00000000     0        0 1",
		"   0: 0100007F:10000 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1",     /* no port */
		"   0: 0100007F: 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1",
		"   0: 010007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1",       /* a digit is missing */
		"   0: 0100007G:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1",
		"   0: 0100007F:1B58 00000000:0000 0A 00000000 00000002 00:00000000 00000000     0        0 1",
		"   0: 0100007F:1B58 00000000:0000 0A 100000000:00000002 00:00000000 00000000     0        0 1",
		"   0: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:FFFFFFFFFFFFFFFFF 00000000     0        0 1",
		"99999999999999999999: 0100007F:1B58 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1",
		SIX, /* of the other file */
	};
	struct sample s;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (proc_net_parse(lines[i], false, &s) != -EBADMSG)
			fail_msg("taken for a line: %s", lines[i]);
	assert_int_equal(proc_net_parse(KEPT, true, &s), -EBADMSG);
}

/* Whatever comes is read within its bounds (the sanitizer sees), and what is accepted is in range. */
static void test_mutations(void **state)
{
	static const char *const seeds[] = {LISTENER, KEPT, WAITING, REQUEST, SIX};
	uint64_t random = 88172645463325252u;
	unsigned accepted = 0;

	(void)state;
	for (unsigned i = 0; i < MUTATIONS; i++) {
		const char *seed = seeds[i % 5];
		size_t len = strlen(seed);
		struct sample s;
		char *line;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		len = random % 3 == 0 ? random / 3 % (len + 1) : len;
		line = strndup(seed, len);
		assert_non_null(line);
		for (unsigned hits = random / 1000 % 4; hits > 0 && len > 0; hits--)
			line[(random >> (8 * hits)) % len] = "0123456789ABCDEF: -xZ\1\xff\0"[(random >> (7 * hits)) % 24];
		if (proc_net_parse(line, i % 5 == 4, &s) == 0) {
			accepted++;
			assert_in_range(s.state, 1, STATE_COUNT - 1);
			assert_in_range(s.timer, 0, TIMER_COUNT - 1);
		}
		free(line);
	}
	assert_in_range(accepted, 1000, MUTATIONS - 1000);
}

/* ---- files ---- */

struct taken {
	struct sample samples[4096];
	unsigned count;
	unsigned stop_after; /* reads; 0: never */
};

static void take(void *context, const struct sample *s, int64_t t0_ns, int64_t t1_ns)
{
	struct taken *t = context;

	assert_true(t0_ns > 0 && t0_ns <= t1_ns);
	assert_true(t->count < sizeof t->samples / sizeof *t->samples);
	t->samples[t->count++] = *s;
}

static bool goes_on(void *context)
{
	struct taken *t = context;

	return !t->stop_after || --t->stop_after > 0;
}

static struct taken taken;

static struct dump_result dump(const char *directory, unsigned states)
{
	const struct dump_sink sink = {.sample = take, .between = goes_on, .context = &taken};

	taken.count = 0;
	return proc_net_dump(directory, states, &sink);
}

static char directory[] = "/tmp/proc_net_test.XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	unlink(path);
	if (!text)
		return;
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_files(void **state)
{
	struct dump_result r;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_false(proc_net_is_there(directory));
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_FAILED);
	assert_int_equal(r.error, -ENOENT);

	/* A kernel without IPv6. */
	write_file("tcp", HEAD LISTENER "\n" KEPT "\n");
	assert_true(proc_net_is_there(directory));
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_WHOLE);
	assert_int_equal(r.sockets, 2);

	write_file("tcp6", HEAD SIX "\n");
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_WHOLE);
	assert_int_equal(r.sockets, 3);
	assert_int_equal(taken.samples[2].tuple.family, AF_INET6);
	r = dump(directory, STATE_BIT(STATE_LISTEN));
	assert_int_equal(r.why_not, SWEEP_WHOLE);
	assert_int_equal(r.sockets, 1);

	/* A line nobody can read is a flaw, and the rest is worth having. */
	write_file("tcp", HEAD "what is this\n" KEPT "\n");
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_TRUNCATED);
	assert_int_equal(r.error, -EBADMSG);
	assert_int_equal(r.sockets, 2);

	/* Cut off in the middle of a line. */
	write_file("tcp", HEAD KEPT "\n" LISTENER);
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_TRUNCATED);
	assert_int_equal(r.sockets, 2);

	taken.stop_after = 1;
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_STOPPED);
	taken.stop_after = 0;
}

static void test_a_line_without_end(void **state)
{
	char *endless = malloc(200001);
	struct dump_result r;

	(void)state;
	assert_non_null(endless);
	memset(endless, 'A', 200000);
	endless[200000] = '\0';
	write_file("tcp", endless);
	write_file("tcp6", NULL);
	r = dump(directory, DUMP_ALL_STATES);
	assert_int_equal(r.why_not, SWEEP_FAILED);
	assert_int_equal(r.error, -EBADMSG);
	write_file("tcp", "");
	assert_int_equal(dump(directory, DUMP_ALL_STATES).sockets, 0);
	write_file("tcp", NULL);
	free(endless);
	rmdir(directory);
}

/* ---- the kernel's own ---- */

static bool has_sample(const struct sockets_seen *seen)
{
	for (unsigned i = 0; i < taken.count; i++)
		if (taken.samples[i].state == seen->state && tuple_equal(&taken.samples[i].tuple, &seen->tuple))
			return true;
	return false;
}

static bool has_seen(const struct sockets_seen *all, size_t count, const struct sockets_seen *one)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].state == one->state && tuple_equal(&all[i].tuple, &one->tuple))
			return true;
	return false;
}

/* What sock_diag says, once it says the same before and after /proc was read: FINs may still be on their way. */
static struct sockets_seen *dump_both(int diag, struct dump_result *r, size_t *count)
{
	int64_t deadline_ns = clock_now_ns() + 20 * NS_PER_SECOND;

	for (;;) {
		struct sockets_seen *before = sockets_diag_dump(diag, count), *after;
		size_t after_count, same = 0;

		*r = dump(PROC_NET_DIRECTORY, DUMP_ALL_STATES);
		after = sockets_diag_dump(diag, &after_count);
		while (same < *count && has_seen(after, after_count, &before[same]))
			same++;
		free(after);
		if (same == *count && after_count == *count)
			return before;
		free(before);
		assert_true(clock_now_ns() < deadline_ns);
	}
}

static void test_same_as_sock_diag(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, HELD), listener6 = sockets_listen("::", 0, HELD), diag = sockets_diag_open(), fds[HELD];
	struct sockets_seen *seen;
	struct dump_result r;
	size_t count;

	(void)state;
	for (unsigned i = 0; i < HELD; i++) {
		static const char *const addresses[] = {"127.0.0.1", "::1", "127.0.0.1"};

		fds[i] = sockets_connect(addresses[i % 3], sockets_port(i % 3 ? listener6 : listener));
		if (i % 10 == 9)
			shutdown(fds[i], SHUT_WR);
	}
	for (unsigned i = 0; i < 10; i++)
		close(sockets_accept(listener));
	for (unsigned i = 0; i < 10; i++)
		close(fds[3 * i]);
	seen = dump_both(diag, &r, &count);
	assert_int_equal(r.why_not, SWEEP_WHOLE);
	assert_int_equal(r.sockets, count);
	assert_true(count > 2 * HELD - 20);
	for (size_t i = 0; i < count; i++)
		assert_true(has_sample(&seen[i]));
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_what_is_no_line),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_files), /* before the next, which uses its directory and removes it */
		cmocka_unit_test(test_a_line_without_end),
		cmocka_unit_test(test_same_as_sock_diag),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
