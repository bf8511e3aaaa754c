/* parse: right numbers from good messages, and no harm from bad ones. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "watch/parse.h"
#include "watch_message.h"

#define MUTATIONS 150000

/* The payload in a block of exactly its size, so that a sanitizer sees each byte that is read beyond it. */
static int parse_exactly(const unsigned char *payload, size_t len, struct sample *out)
{
	unsigned char *copy = malloc(len ? len : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, payload, len);
	result = parse_sample(copy, len, out);
	free(copy);
	return result;
}

static int parse_last(const struct message *m, struct sample *out)
{
	size_t from = m->last + sizeof(struct nlmsghdr);

	return parse_exactly(m->bytes + from, m->len - from, out);
}

static struct tcp_info info_of_connection(void)
{
	struct tcp_info info = {
		.tcpi_retransmits = 1,
		.tcpi_unacked = 2,
		.tcpi_last_data_sent = 3,
		.tcpi_last_data_recv = 4,
		.tcpi_last_ack_recv = 5,
		.tcpi_rtt = 11800,
		.tcpi_snd_cwnd = 10,
		.tcpi_total_retrans = 7,
		.tcpi_bytes_acked = 518,
		.tcpi_bytes_received = 49255,
		.tcpi_segs_out = 40,
		.tcpi_segs_in = 41,
		.tcpi_bytes_sent = 600,
		.tcpi_bytes_retrans = 83,
	};

	return info;
}

static struct message message_with_info(size_t info_len)
{
	struct inet_diag_msg socket = message_socket_v4();
	unsigned char info[512] = {0};
	struct tcp_info known = info_of_connection();
	struct message m = {0};

	memcpy(info, &known, sizeof(known));
	message_socket(&m, 20, 1, &socket);
	message_add_attribute(&m, INET_DIAG_SHUTDOWN, "\2", 1);
	message_add_attribute(&m, INET_DIAG_INFO, info, info_len);
	return m;
}

static void test_base(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	static const uint8_t local[16] = {[10] = 0xff, 0xff, 10, 0, 0, 5}, remote[16] = {[10] = 0xff, 0xff, 93, 184, 216, 34};
	struct message m = {0};
	struct sample s;

	(void)state;
	message_socket(&m, 20, 1, &socket);
	assert_int_equal(parse_last(&m, &s), 0);
	assert_int_equal(s.tuple.family, AF_INET);
	assert_memory_equal(s.tuple.local.address, local, 16);
	assert_memory_equal(s.tuple.remote.address, remote, 16);
	assert_int_equal(s.tuple.local.port, 41812);
	assert_int_equal(s.tuple.remote.port, 443);
	assert_int_equal(s.tuple.ifindex, 3);
	assert_int_equal(s.cookie, 0x100000025b);
	assert_int_equal(s.inode, 4711);
	assert_int_equal(s.uid, 1000);
	assert_int_equal(s.rqueue, 11);
	assert_int_equal(s.wqueue, 12);
	assert_int_equal(s.state, STATE_ESTABLISHED);
	assert_int_equal(s.timer, 1);
	assert_int_equal(s.expires_ms, 204);
	assert_int_equal(s.retransmits, 2);
	assert_int_equal(s.has, 0);
}

static void test_v6(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};
	struct message m = {0};
	struct sample s;

	(void)state;
	socket.idiag_family = AF_INET6;
	memcpy(socket.id.idiag_src, address, 16);
	message_socket(&m, 18, 1, &socket);
	assert_int_equal(parse_last(&m, &s), 0);
	assert_int_equal(s.tuple.family, AF_INET6);
	assert_memory_equal(s.tuple.local.address, address, 16);
}

static void test_numbers(void **state)
{
	struct message m = message_with_info(sizeof(struct tcp_info));
	struct sample s;

	(void)state;
	assert_int_equal(parse_last(&m, &s), 0);
	assert_int_equal(s.has, SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT | SAMPLE_SHUT_WRITE);
	assert_int_equal(s.numbers.bytes_acked, 518);
	assert_int_equal(s.numbers.bytes_received, 49255);
	assert_int_equal(s.numbers.bytes_sent, 600);
	assert_int_equal(s.numbers.bytes_retrans, 83);
	assert_int_equal(s.numbers.rtt_us, 11800);
	assert_int_equal(s.numbers.cwnd, 10);
	assert_int_equal(s.numbers.total_retrans, 7);
	assert_int_equal(s.numbers.unacked, 2);
	assert_int_equal(s.numbers.segs_out, 40);
	assert_int_equal(s.numbers.segs_in, 41);
	assert_int_equal(s.numbers.last_data_sent_ms, 3);
	assert_int_equal(s.numbers.last_data_recv_ms, 4);
	assert_int_equal(s.numbers.last_ack_recv_ms, 5);
	assert_int_equal(s.numbers.retransmits, 1);
}

/* Each length that a kernel's tcp_info may have, shorter and longer than ours. */
static void test_lengths_of_info(void **state)
{
	(void)state;
	for (size_t len = 0; len <= sizeof(struct tcp_info) + 64; len++) {
		struct message m = message_with_info(len);
		bool has_numbers = len >= offsetof(struct tcp_info, tcpi_bytes_received) + 8;
		bool has_sent = len >= offsetof(struct tcp_info, tcpi_bytes_retrans) + 8;
		struct sample s;

		assert_int_equal(parse_last(&m, &s), 0);
		assert_int_equal(!!(s.has & SAMPLE_HAS_NUMBERS), has_numbers);
		assert_int_equal(!!(s.has & SAMPLE_HAS_SENT), has_sent);
		assert_int_equal(s.numbers.bytes_acked, has_numbers ? 518 : 0);
		assert_int_equal(s.numbers.bytes_sent, has_sent ? 600 : 0);
		assert_int_equal(s.numbers.segs_in, len >= offsetof(struct tcp_info, tcpi_segs_in) + 4 ? 41 : 0);
	}
}

static void check_state(uint8_t kernel, int result, enum tcp_state expected)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};
	struct sample s;

	socket.idiag_state = kernel;
	message_socket(&m, 20, 1, &socket);
	assert_int_equal(parse_last(&m, &s), result);
	if (result == 0)
		assert_int_equal(s.state, expected);
}

static void test_states(void **state)
{
	(void)state;
	for (uint8_t kernel = 1; kernel <= 11; kernel++)
		check_state(kernel, 0, kernel);
	check_state(12, 0, STATE_SYN_RECV);
	check_state(0, -EBADMSG, STATE_NONE);
	check_state(13, -EBADMSG, STATE_NONE);
	check_state(255, -EBADMSG, STATE_NONE);
}

static void test_timer_says_nothing_without_kind(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};
	struct sample s;

	(void)state;
	socket.idiag_timer = 0;
	message_socket(&m, 20, 1, &socket);
	assert_int_equal(parse_last(&m, &s), 0);
	assert_int_equal(s.expires_ms, 0);
}

static void test_listener_has_no_numbers(void **state)
{
	struct message m = message_with_info(sizeof(struct tcp_info));
	struct sample s;

	(void)state;
	m.bytes[sizeof(struct nlmsghdr) + offsetof(struct inet_diag_msg, idiag_state)] = STATE_LISTEN;
	assert_int_equal(parse_last(&m, &s), 0);
	assert_int_equal(s.has & SAMPLE_HAS_NUMBERS, 0);
}

static void test_other_protocols_are_refused(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	static const unsigned char tcp = IPPROTO_TCP, udp = IPPROTO_UDP;
	struct message m = {0};
	struct sample s;

	(void)state;
	message_socket(&m, 20, 1, &socket);
	message_add_attribute(&m, INET_DIAG_PROTOCOL, &tcp, 1);
	assert_int_equal(parse_last(&m, &s), 0);
	message_add_attribute(&m, INET_DIAG_PROTOCOL, &udp, 1);
	assert_int_equal(parse_last(&m, &s), -EBADMSG);
}

/* As the kernel nests it: the name of what lies upon TCP, then what that has to say. */
static void add_upper_layer(struct message *m, const char *name)
{
	struct message inner = {0};
	static const uint32_t token = 7;

	message_begin(&inner, 0, 0, 0);
	message_add_attribute(&inner, INET_ULP_INFO_NAME, name, strlen(name) + 1);
	message_add_attribute(&inner, INET_ULP_INFO_MPTCP | NLA_F_NESTED, &token, sizeof(token));
	message_add_attribute(m, INET_DIAG_ULP_INFO | NLA_F_NESTED, inner.bytes + sizeof(struct nlmsghdr), inner.len - sizeof(struct nlmsghdr));
}

static void test_mptcp_is_known_by_its_name(void **state)
{
	static const struct {
		const char *name;
		bool is;
	} cases[] = {{"mptcp", true}, {"tls", false}, {"mptcp2", false}, {"mptc", false}, {"", false}};
	struct inet_diag_msg socket = message_socket_v4();

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct message m = {0};
		struct sample s;

		message_socket(&m, 20, 1, &socket);
		add_upper_layer(&m, cases[i].name);
		assert_int_equal(parse_last(&m, &s), 0);
		assert_int_equal((s.has & SAMPLE_MPTCP) != 0, cases[i].is);
	}
}

static void test_bad_family(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};
	struct sample s;

	(void)state;
	socket.idiag_family = AF_UNIX;
	message_socket(&m, 20, 1, &socket);
	assert_int_equal(parse_last(&m, &s), -EBADMSG);
}

static void set_attribute_len(struct message *m, uint16_t len)
{
	memcpy(m->bytes + sizeof(struct nlmsghdr) + sizeof(struct inet_diag_msg), &len, sizeof(len));
}

/* An attribute that reaches beyond the message, or is shorter than its own head. What could not be read leaves *out alone. */
static void test_wrong_attribute_lengths(void **state)
{
	struct message good = message_with_info(sizeof(struct tcp_info)), m;
	static const uint16_t wrong[] = {0, 1, 3, 1000, UINT16_MAX};
	struct sample s = {.cookie = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		m = good;
		set_attribute_len(&m, wrong[i]);
		assert_int_equal(parse_last(&m, &s), -EBADMSG);
		assert_int_equal(s.cookie, 77);
	}
}

/* Cut anywhere: either refused, or (between attributes) fewer of them. */
static void test_every_truncation(void **state)
{
	struct message m = message_with_info(sizeof(struct tcp_info));
	const unsigned char *payload = m.bytes + sizeof(struct nlmsghdr);
	size_t len = m.len - sizeof(struct nlmsghdr);
	unsigned accepted = 0;
	struct sample s;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		if (parse_exactly(payload, cut, &s) != 0)
			continue;
		accepted++;
		assert_true(cut >= sizeof(struct inet_diag_msg));
		assert_int_equal(s.has & SAMPLE_HAS_NUMBERS, 0);
		assert_int_equal(s.cookie, 0x100000025b);
	}
	/* After the base (and up to three bytes that could be padding), and the same after SHUTDOWN with its padding. */
	assert_in_range(accepted, 2, 11);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void check_sane(const struct sample *s)
{
	assert_true(s->state > STATE_NONE && s->state < STATE_COUNT);
	assert_true(s->tuple.family == AF_INET || s->tuple.family == AF_INET6);
	assert_true(s->timer <= 4);
	assert_true(s->timer != 0 || s->expires_ms == 0);
	assert_true(s->has & SAMPLE_HAS_NUMBERS || !(s->has & SAMPLE_HAS_SENT));
}

static void test_mutations(void **state)
{
	struct message good = message_with_info(sizeof(struct tcp_info));
	size_t len = good.len - sizeof(struct nlmsghdr);
	uint64_t seed = 0x9e3779b97f4a7c15;
	unsigned accepted = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < MUTATIONS; i++) {
		unsigned char bytes[MESSAGE_ROOM];
		size_t cut = next_random(&seed) % 4 ? len : next_random(&seed) % (len + 1);
		struct sample s;

		memcpy(bytes, good.bytes + sizeof(struct nlmsghdr), len);
		for (unsigned flips = 1 + (unsigned)(next_random(&seed) % 4); flips > 0; flips--) {
			/* Half of them where lengths and types stand. */
			size_t from = next_random(&seed) % 2 ? 0 : sizeof(struct inet_diag_msg);
			size_t within = from ? 12 : len;

			bytes[from + next_random(&seed) % within] = (unsigned char)next_random(&seed);
		}
		if (parse_exactly(bytes, cut, &s) == 0) {
			accepted++;
			check_sane(&s);
		} else {
			refused++;
		}
	}
	/* Both ways were gone. */
	assert_true(accepted > MUTATIONS / 20);
	assert_true(refused > MUTATIONS / 20);
}

static void test_identity_there_and_back(void **state)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct inet_diag_sockid id;
	struct message m = {0};
	struct sample s;

	(void)state;
	message_socket(&m, 20, 1, &socket);
	assert_int_equal(parse_last(&m, &s), 0);
	parse_put_identity(&s.tuple, s.cookie, &id);
	assert_memory_equal(&id, &socket.id, sizeof(id));
	parse_put_identity(&s.tuple, 0, &id);
	assert_int_equal(id.idiag_cookie[0], INET_DIAG_NOCOOKIE);
	assert_int_equal(id.idiag_cookie[1], INET_DIAG_NOCOOKIE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_lengths_of_info),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_timer_says_nothing_without_kind),
		cmocka_unit_test(test_listener_has_no_numbers),
		cmocka_unit_test(test_other_protocols_are_refused),
		cmocka_unit_test(test_mptcp_is_known_by_its_name),
		cmocka_unit_test(test_bad_family),
		cmocka_unit_test(test_wrong_attribute_lengths),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_identity_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
