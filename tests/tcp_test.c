/* The states, the edges, the endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "tcp/edge.h"
#include "tcp/endpoint.h"
#include "tcp/flags.h"
#include "tcp/observation.h"
#include "tcp/seq.h"
#include "tcp/state.h"

static void states_have_names_and_words(void **unused)
{
	(void)unused;
	for (int s = 1; s < STATE_COUNT; s++) {
		assert_int_equal(state_from_name(state_name(s)), s);
		assert_non_null(state_what(s));
		assert_non_null(state_end(s));
	}
	assert_string_equal(state_name(STATE_NONE), "?");
	assert_string_equal(state_name((enum tcp_state)99), "?");
	assert_null(state_what(STATE_COUNT));
	assert_int_equal(state_from_name("close-wait"), STATE_CLOSE_WAIT);
	assert_int_equal(state_from_name("estab"), STATE_ESTABLISHED);
	assert_int_equal(state_from_name("syn-rcvd"), STATE_SYN_RECV);
	assert_int_equal(state_from_name("fin-wait-1"), STATE_FIN_WAIT1);
	assert_int_equal(state_from_name(""), STATE_NONE);
	assert_int_equal(state_from_name("ESTABLISHEDX"), STATE_NONE);
}

static void every_state_lives_once_in_display_order(void **unused)
{
	unsigned seen = 0;

	(void)unused;
	for (int i = 0; i < STATE_LIFE_COUNT; i++)
		seen |= STATE_BIT(state_life_order[i]);
	assert_int_equal(__builtin_popcount(seen), STATE_LIFE_COUNT);
	assert_false(seen & (STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_NONE)));
}

static void edges_are_consistent(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < edge_count; i++) {
		const struct edge *e = &edge_table[i];

		assert_in_range(e->from, 1, STATE_COUNT - 1);
		assert_in_range(e->to, 1, STATE_COUNT - 1);
		assert_int_not_equal(e->from, e->to);
		assert_true(e->usual >= 1);
		/* A segment came exactly when that is the cause. */
		assert_int_equal(e->cause == ON_SEGMENT || e->cause == ON_RESET, e->on != 0);
		assert_int_equal(e->cause == ON_RESET, (e->on & FLAG_RST) != 0);
		/* RFC 9293 section 3.10.7: everything but a first SYN and a bare RST carries ACK. */
		if (e->send && e->send != FLAG_SYN)
			assert_true(e->send & FLAG_ACK);
		for (size_t j = 0; j < i; j++)
			assert_false(edge_table[j].from == e->from && edge_table[j].to == e->to && edge_table[j].cause == e->cause &&
			             edge_table[j].on == e->on);
	}
	assert_null(edge_find(STATE_TIME_WAIT, STATE_ESTABLISHED));
	assert_null(edge_find(STATE_CLOSE_WAIT, STATE_TIME_WAIT));
	assert_null(edge_find(STATE_LAST_ACK, STATE_TIME_WAIT));
	assert_int_equal(edge_find(STATE_SYN_SENT, STATE_ESTABLISHED)->on, FLAG_SYN | FLAG_ACK);
	assert_int_equal(edge_find(STATE_SYN_SENT, STATE_ESTABLISHED)->send, FLAG_ACK);
	assert_int_equal(edge_find_by(STATE_ESTABLISHED, STATE_CLOSED, ON_ABORT)->send, FLAG_RST | FLAG_ACK);
	assert_null(edge_find_by(STATE_ESTABLISHED, STATE_FIN_WAIT1, ON_TIMEOUT));
}

static void assert_path(enum tcp_state from, enum tcp_state to, unsigned avoid, const char *states)
{
	struct edge_path path;
	char text[256] = "";

	if (!edge_path(from, to, avoid, &path)) {
		assert_string_equal("no path", states);
		return;
	}
	for (int i = 0; i <= path.length; i++) {
		strcat(text, i ? " " : "");
		strcat(text, state_name(path.states[i]));
	}
	assert_string_equal(text, states);
}

static void paths_are_the_likeliest(void **unused)
{
	(void)unused;
	assert_path(STATE_CLOSED, STATE_ESTABLISHED, 0, "CLOSED SYN_SENT ESTABLISHED");
	assert_path(STATE_LISTEN, STATE_ESTABLISHED, 0, "LISTEN SYN_RECV ESTABLISHED");
	assert_path(STATE_LISTEN, STATE_CLOSE_WAIT, 0, "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT");
	assert_path(STATE_CLOSED, STATE_TIME_WAIT, 0, "CLOSED SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_path(STATE_FIN_WAIT1, STATE_TIME_WAIT, 0, "FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_path(STATE_FIN_WAIT1, STATE_TIME_WAIT, STATE_BIT(STATE_FIN_WAIT2), "FIN_WAIT1 TIME_WAIT");
	assert_path(STATE_ESTABLISHED, STATE_CLOSING, 0, "ESTABLISHED FIN_WAIT1 CLOSING");
	assert_path(STATE_ESTABLISHED, STATE_LAST_ACK, 0, "ESTABLISHED CLOSE_WAIT LAST_ACK");
	assert_path(STATE_SYN_SENT, STATE_CLOSE_WAIT, 0, "SYN_SENT ESTABLISHED CLOSE_WAIT");
	assert_path(STATE_TIME_WAIT, STATE_TIME_WAIT, 0, "TIME_WAIT");
	assert_path(STATE_TIME_WAIT, STATE_ESTABLISHED, 0, "no path");
	assert_path(STATE_CLOSE_WAIT, STATE_FIN_WAIT1, 0, "no path");
}

static void every_path_is_made_of_edges(void **unused)
{
	(void)unused;
	for (int from = 1; from < STATE_COUNT; from++)
		for (int to = 1; to < STATE_COUNT; to++)
			for (unsigned avoid = 0; avoid < 1u << STATE_COUNT; avoid += 2) {
				struct edge_path path;

				if (!edge_path(from, to, avoid, &path))
					continue;
				assert_in_range(path.length, 0, EDGE_PATH_MAX);
				assert_int_equal(path.states[0], from);
				assert_int_equal(path.states[path.length], to);
				for (int i = 0; i < path.length; i++)
					assert_non_null(edge_find(path.states[i], path.states[i + 1]));
				for (int i = 1; i < path.length; i++)
					assert_false(avoid & STATE_BIT(path.states[i]));
			}
}

static void flags_read_as_people_say_them(void **unused)
{
	char text[FLAGS_TEXT_ROOM];

	(void)unused;
	flags_format(FLAG_SYN | FLAG_ACK, text);
	assert_string_equal(text, "SYN+ACK");
	flags_format(FLAG_FIN | FLAG_ACK, text);
	assert_string_equal(text, "FIN+ACK");
	flags_format(0, text);
	assert_string_equal(text, "-");
	assert_int_equal(flags_format(0x1ff, text), strlen("SYN+FIN+RST+PSH+ACK+URG+ECE+CWR+AE"));
}

static void sequence_numbers_wrap(void **unused)
{
	(void)unused;
	assert_true(seq_before(1, 2));
	assert_true(seq_before(0xfffffff0u, 5));
	assert_true(seq_after(5, 0xfffffff0u));
	assert_false(seq_before(7, 7));
}

static void endpoints_print_and_parse(void **unused)
{
	static const char *const good[] = {
		"10.0.0.5:443", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[::]:0", "[2001:db8:1::77]:50112",
		"[::ffff:10.0.0.5]:443", "[fe80::1%3]:22",
	};
	static const char *const bad[] = {
		"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4: 1", "1.2.3:5", "::1:80", "[::1]", "[::1:80", "[]:1", "[:1",
		"[::1%x]:1", "[::1%]:1", "[1.2.3.4]:1", "1.2.3.4:80x",
		"[1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111]:1",
	};
	char text[ENDPOINT_TEXT_ROOM];
	struct endpoint e;
	uint16_t family;
	uint32_t ifindex;

	(void)unused;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(endpoint_parse(good[i], &e, &family, &ifindex), 0);
		endpoint_format(&e, family, ifindex, text);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(endpoint_parse(bad[i], &e, &family, &ifindex), -EINVAL);
}

static void mapped_and_plain_addresses_match(void **unused)
{
	struct tuple client = {.family = AF_INET}, server = {.family = AF_INET6};
	uint16_t family;
	uint32_t scope;

	(void)unused;
	endpoint_parse("127.0.0.1:40000", &client.local, &family, &scope);
	endpoint_parse("127.0.0.1:80", &client.remote, &family, &scope);
	endpoint_parse("[::ffff:127.0.0.1]:80", &server.local, &family, &scope);
	endpoint_parse("[::ffff:127.0.0.1]:40000", &server.remote, &family, &scope);
	assert_true(tuple_mirrors(&client, &server));
	assert_false(tuple_equal(&client, &server));
	server = tuple_mirrored(&server);
	assert_true(tuple_equal(&client, &server));
	client.ifindex = 2;
	assert_true(tuple_equal(&client, &server));
	server.ifindex = 3;
	assert_false(tuple_equal(&client, &server));
	assert_true(endpoint_is_loopback(&client.local));
	assert_true(endpoint_is_v4(&server.local));
	endpoint_parse("0.0.0.0:1", &client.local, &family, &scope);
	assert_true(endpoint_is_unspecified(&client.local));
}

static void batches_fill_and_free_what_they_own(void **unused)
{
	struct batch *b = batch_new();

	(void)unused;
	for (int i = 0; i < BATCH_ROOM; i++) {
		struct observation *o = batch_add(b, OBSERVED_SAMPLE, 1, 2);

		assert_non_null(o);
		assert_int_equal(o->sample.cookie, 0);
		assert_int_equal(o->t1_ns, 2);
	}
	assert_null(batch_add(b, OBSERVED_SAMPLE, 1, 2));
	batch_free(b);
	batch_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_names_and_words),
		cmocka_unit_test(every_state_lives_once_in_display_order),
		cmocka_unit_test(edges_are_consistent),
		cmocka_unit_test(paths_are_the_likeliest),
		cmocka_unit_test(every_path_is_made_of_edges),
		cmocka_unit_test(flags_read_as_people_say_them),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(endpoints_print_and_parse),
		cmocka_unit_test(mapped_and_plain_addresses_match),
		cmocka_unit_test(batches_fill_and_free_what_they_own),
	};

	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
