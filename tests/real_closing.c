/* How connections close: who first, who waits for whom, what the kernel keeps, and what is said of sockets that are held open after. */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "program.h"
#include "sockets.h"
#include "tcp/flags.h"
#include "wire.h"
#include "witness.h"

#define HERE "127.0.0.1"
#define OPENED "CLOSED>SYN_SENT @(inferred|observed) seq=0\nSYN_SENT>ESTABLISHED observed seq=1 ack=1\n"
#define TAKEN "LISTEN>SYN_RECV @(inferred|observed) seq=0 ack=1\nSYN_RECV>ESTABLISHED observed\n"

/* The kernel counts in ticks of up to 10 ms. */
#define CLOCKS_DIFFER_NS (20 * NS_PER_MS)
/* So long may a busy host take from one look to the next. */
#define SLOW_NS (5 * NS_PER_SECOND)

static int listener;

struct pair {
	int client, server;
	struct tuple t, mirrored; /* the client's, the server's */
};

static struct pair open_pair(void)
{
	struct pair p = {.client = sockets_connect(HERE, sockets_port(listener))};

	p.server = sockets_accept(listener);
	p.t = sockets_tuple(p.client);
	p.mirrored = tuple_mirrored(&p.t);
	witness_await(&p.t, STATE_ESTABLISHED);
	witness_await(&p.mirrored, STATE_ESTABLISHED);
	return p;
}

static void say(int from, int to, size_t len)
{
	char bytes[256] = {0};

	assert_true(len <= sizeof bytes);
	assert_int_equal(send(from, bytes, len, MSG_NOSIGNAL), len);
	assert_int_equal(recv(to, bytes, len, MSG_WAITALL), len);
}

static void set_sysctl(const char *name, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(value, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Every state that can be held is, with data both ways, so that each FIN and ACK has its number. */
static void test_four_way_with_data(void **state)
{
	struct pair p = open_pair();

	(void)state;
	say(p.client, p.server, 100);
	say(p.server, p.client, 30);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	say(p.server, p.client, 12);
	close(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await(&p.t, STATE_TIME_WAIT);
	close(p.client);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred?( seq=101)|observed?( seq=101))\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>TIME_WAIT observed?( seq=102)?( ack=44)\n"
	               "by local:@(counted|edge) local:edge\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=102\n"
	               "CLOSE_WAIT>LAST_ACK @(inferred|observed) seq=43 ack=102\nLAST_ACK>CLOSED inferred by segment\n"
	               "close graceful inferred\nby remote:@(counted|edge) remote:edge\n");
}

/* The program is gone, the kernel waits for the peer's FIN alone, with a remnant that has no inode. */
static void test_orphan_fin_wait2(void **state)
{
	struct pair p = open_pair();

	(void)state;
	say(p.client, p.server, 100);
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await_key(&p.t, "timer", "time_wait");
	close(p.server);
	witness_await(&p.t, STATE_TIME_WAIT);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred?( seq=101)|observed?( seq=101))\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>TIME_WAIT observed seq=102 ack=2\n"
	               "by local:@(counted|edge) local:edge\n");
	witness_know(&p.mirrored);
}

/* And no longer than tcp_fin_timeout. */
static void test_orphan_times_out(void **state)
{
	struct pair p;

	(void)state;
	set_sysctl("tcp_fin_timeout", "1");
	p = open_pair();
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	witness_await(&p.t, STATE_CLOSED);
	set_sysctl("tcp_fin_timeout", "60");
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred?( seq=1)|observed?( seq=1))\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED ambiguous by timeout\n"
	               "close timed_out ambiguous\nby local:@(counted|edge) local:edge\n");
	/* Nobody is there to take this end's FIN. */
	close(p.server);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_know(&p.mirrored);
}

/* Data for an orphan is answered with an RST. */
static void test_orphan_is_spoken_to(void **state)
{
	struct pair p = open_pair();

	(void)state;
	close(p.client);
	witness_await(&p.t, STATE_FIN_WAIT2);
	witness_await_key(&p.t, "timer", "time_wait");
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	assert_int_equal(send(p.server, "late", 4, MSG_NOSIGNAL), 4);
	witness_await(&p.t, STATE_CLOSED);
	witness_await(&p.mirrored, STATE_CLOSED);
	close(p.server);
	witness_await_sweeps(1);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 @(inferred?( seq=1)|observed?( seq=1))\nFIN_WAIT1>FIN_WAIT2 observed\n"
	               "FIN_WAIT2>CLOSED ambiguous*\n"
	               "close ambiguous ambiguous\nby local:@(counted|edge) local:edge\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>CLOSED ambiguous by reset\n"
	               "close @(ambiguous|reset) ambiguous\n?(cause reset\n)"
	               "by remote:@(counted|edge) remote:edge\n");
}

/* Shut down both ways, and held: the kernel forgets the connection, the program has the socket still. Its late notice adds nothing. */
static void test_shut_down_but_held_open(void **state)
{
	struct pair p = open_pair();
	const char *second = TAKEN "ESTABLISHED>CLOSE_WAIT * ack=2\nCLOSE_WAIT>LAST_ACK @(observed|inferred)*\n"
	               "LAST_ACK>CLOSED inferred by segment\nclose graceful inferred\n"
	               "by remote:@(counted|edge) remote:edge\n";
	uint64_t told;

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_RDWR), 0);
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	assert_int_equal(shutdown(p.server, SHUT_RDWR), 0);
	witness_await(&p.t, STATE_TIME_WAIT);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_expect(&p.mirrored, 0, second);
	told = witness_count(&p.mirrored, "transition");
	close(p.server);
	close(p.client);
	witness_await_sweeps(2);
	assert_int_equal(witness_count(&p.mirrored, "transition"), told);
	assert_true(witness_is_in(&p.t, STATE_TIME_WAIT));
	witness_expect(&p.mirrored, 0, second);
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 * seq=1\nFIN_WAIT1>FIN_WAIT2 *\nFIN_WAIT2>TIME_WAIT *\n"
	               "by local:@(counted|edge) local:edge\n");
}

/* What a program that comes late says of the age of a CLOSE_WAIT holds the time of the FIN, and that it is a bound; it is no wider than what the kernel tells: since
 * the last data at most, since the last ACK at least. */
static void check_age(const struct tuple *t, int64_t fin0_ns, int64_t fin1_ns, const struct tcp_info *info, int64_t asked_ns)
{
	const int64_t data_ns = asked_ns - info->tcpi_last_data_recv * NS_PER_MS, ack_ns = asked_ns - info->tcpi_last_ack_recv * NS_PER_MS;

	static const char *const args[] = {"list", "--json", "--no-owners", NULL};
	struct program list;
	struct stream rows;
	unsigned found = 0;

	program_start(&list, 65534, args);
	assert_int_equal(program_end(&list, 0, 20000), 0);
	stream_read(&rows, program_output(&list));
	for (size_t i = 0; i < rows.count; i++) {
		const struct told *row = &rows.lines[i];

		if (!row->has_tuple || !tuple_equal(&row->tuple, t))
			continue;
		found++;
		assert_true(json_is_true(json_object_get(row->object, "at_least")));
		assert_true(row->since0_ns <= fin1_ns + CLOCKS_DIFFER_NS && row->since1_ns >= fin0_ns - CLOCKS_DIFFER_NS);
		assert_in_range(row->since0_ns, data_ns - SLOW_NS, data_ns + CLOCKS_DIFFER_NS);
		assert_true(row->since1_ns >= ack_ns - CLOCKS_DIFFER_NS);
	}
	assert_int_equal(found, 1);
	stream_fini(&rows);
	program_fini(&list);
}

/* Keepalive renews the last ACK received, but not the state: the age of a CLOSE_WAIT does not begin again with each probe. */
static void test_keepalive_on_close_wait(void **state)
{
	struct pair p = open_pair();
	int one = 1;
	int64_t since_ns, fin0_ns = clock_now_ns(), fin1_ns, asked_ns;
	struct tcp_info info;
	socklen_t len = sizeof info;

	(void)state;
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	fin1_ns = clock_now_ns();
	witness_await(&p.mirrored, STATE_CLOSE_WAIT);
	assert_int_equal(setsockopt(p.server, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof one), 0);
	assert_int_equal(setsockopt(p.server, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof one), 0);
	assert_int_equal(setsockopt(p.server, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one), 0);
	witness_await_key(&p.mirrored, "timer", "keepalive");
	since_ns = clock_now_ns();
	while (clock_now_ns() - since_ns < 2500 * NS_PER_MS)
		witness_await_sweeps(0);
	assert_int_equal(witness_count(&p.mirrored, "transition"), 2);
	asked_ns = clock_now_ns();
	assert_int_equal(getsockopt(p.server, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	/* Probes were answered. */
	assert_true(asked_ns - info.tcpi_last_ack_recv * NS_PER_MS > fin1_ns + NS_PER_SECOND / 2);
	assert_true(asked_ns - info.tcpi_last_data_recv * NS_PER_MS < fin1_ns + CLOCKS_DIFFER_NS);
	check_age(&p.mirrored, fin0_ns, fin1_ns, &info, asked_ns);
	close(p.server);
	close(p.client);
	witness_await(&p.mirrored, STATE_CLOSED);
	witness_await(&p.t, STATE_TIME_WAIT);
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>CLOSE_WAIT observed ack=2\nCLOSE_WAIT>LAST_ACK @(inferred|observed) seq=1 ack=2\n"
	               "LAST_ACK>CLOSED inferred by segment\n"
	               "close graceful inferred\nby remote:@(counted|edge) remote:edge\n");
	witness_know(&p.t);
}

/* Both FINs on their way at once (RFC 9293, figure 13): neither end hears anything but the other's first FIN, which acknowledges none. */
static void test_simultaneous_close(void **state)
{
	int tap = wire_tap();
	struct pair p = open_pair();
	struct segment fin, mirrored_fin;

	(void)state;
	say(p.client, p.server, 50);
	say(p.server, p.client, 100);
	wire_hear_only_sent(p.client);
	wire_hear_only_sent(p.server);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	assert_int_equal(shutdown(p.server, SHUT_WR), 0);
	fin = wire_hear(tap, &p.t, FLAG_FIN, FLAG_FIN);
	mirrored_fin = wire_hear(tap, &p.mirrored, FLAG_FIN, FLAG_FIN);
	witness_await(&p.t, STATE_FIN_WAIT1);
	witness_await(&p.mirrored, STATE_FIN_WAIT1);
	wire_send(tap, &fin);
	wire_send(tap, &mirrored_fin);
	witness_await(&p.t, STATE_CLOSING);
	witness_await(&p.mirrored, STATE_CLOSING);
	sockets_undeafen(p.client);
	sockets_undeafen(p.server);
	witness_await(&p.t, STATE_TIME_WAIT);
	witness_await(&p.mirrored, STATE_TIME_WAIT);
	close(p.client);
	close(p.server);
	/* While anything but the FIN is not acknowledged, its number is not sure. */
	witness_expect(&p.t, 0, OPENED "ESTABLISHED>FIN_WAIT1 observed?( seq=51)\nFIN_WAIT1>CLOSING observed?( seq=52) ack=102\n"
	               "CLOSING>TIME_WAIT observed\n"
	               "by local:@(counted|edge) both:edge\n");
	witness_expect(&p.mirrored, 0, TAKEN "ESTABLISHED>FIN_WAIT1 observed?( seq=101)\nFIN_WAIT1>CLOSING observed?( seq=102) ack=52\n"
	               "CLOSING>TIME_WAIT observed\n"
	               "by remote:@(counted|edge) both:edge\n");
	close(tap);
}

static int start(void **state)
{
	int error = witness_start(state);

	if (error)
		return error;
	listener = sockets_listen(HERE, 0, 20);
	return 0;
}

static void test_listener_is_told(void **state)
{
	(void)state;
	witness_know_listener(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listener_is_told),
		cmocka_unit_test(test_four_way_with_data),
		cmocka_unit_test(test_orphan_fin_wait2),
		cmocka_unit_test(test_orphan_times_out),
		cmocka_unit_test(test_orphan_is_spoken_to),
		cmocka_unit_test(test_shut_down_but_held_open),
		cmocka_unit_test(test_keepalive_on_close_wait),
		cmocka_unit_test(test_simultaneous_close),
		cmocka_unit_test(witness_check_all),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, start, witness_stop);
}
