/* dump and lookup, told lies: whatever the kernel answers, a dump that is not whole says so, and why. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "watch/dump.h"
#include "watch/lookup.h"
#include "watch_liar.h"

struct seen {
	unsigned count;
	uint64_t last_cookie;
	unsigned stop_after; /* receives; 0: never */
	unsigned receives;
};

static void see_sample(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct seen *seen = context;

	assert_true(t0_ns <= t1_ns);
	seen->count++;
	seen->last_cookie = sample->cookie;
}

static bool see_between(void *context)
{
	struct seen *seen = context;

	return ++seen->receives != seen->stop_after;
}

/* One dump from a liar. */
static struct dump_result dump_from(liar_answer *answer, struct seen *seen, unsigned *requests)
{
	const struct dump_sink sink = {.sample = see_sample, .between = see_between, .context = seen};
	struct dump_result result;
	struct dumper d;
	struct liar l;

	liar_start(&l, answer);
	assert_int_equal(dumper_init(&d, l.fd), 0);
	result = dumper_dump(&d, DUMP_ALL_STATES, true, &sink);
	dumper_fini(&d);
	liar_join(&l);
	*requests = atomic_load(&l.requests);
	return result;
}

static void put_socket(struct message *m, const struct nlmsghdr *request, uint32_t cookie)
{
	struct inet_diag_msg socket = message_socket_v4();

	socket.id.idiag_cookie[0] = cookie;
	socket.id.idiag_cookie[1] = 0;
	message_socket(m, request->nlmsg_type, request->nlmsg_seq, &socket);
}

static void send_whole_dump(struct liar *l, const struct nlmsghdr *request)
{
	struct message m = {0};

	put_socket(&m, request, 1);
	put_socket(&m, request, 2);
	liar_send(l, &m);
	m = (struct message){0};
	put_socket(&m, request, 3);
	message_control(&m, NLMSG_DONE, request->nlmsg_seq, 0);
	liar_send(l, &m);
}

static void send_control(struct liar *l, const struct nlmsghdr *request, uint16_t type, int error)
{
	struct message m = {0};

	message_control(&m, type, request->nlmsg_seq, error);
	liar_send(l, &m);
}

static void check_failed(liar_answer *answer, uint8_t why_not, int error, unsigned sockets, unsigned requests_expected)
{
	struct seen seen = {0};
	unsigned requests;
	struct dump_result result = dump_from(answer, &seen, &requests);

	assert_int_equal(result.why_not, why_not);
	assert_int_equal(result.error, error);
	assert_int_equal(result.sockets, sockets);
	assert_int_equal(seen.count, sockets);
	assert_int_equal(requests, requests_expected);
}

/* ---- what a good kernel says ---- */

static void answer_well(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	send_whole_dump(l, request);
}

static void test_whole(void **state)
{
	(void)state;
	check_failed(answer_well, SWEEP_WHOLE, 0, 3, 1);
}

/* ---- errors ---- */

static void answer_missing(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	send_control(l, request, NLMSG_DONE, -ENOENT);
}

/* libmnl's own loop takes this for an empty host. Both ways of asking are tried. */
static void test_error_in_done(void **state)
{
	(void)state;
	check_failed(answer_missing, SWEEP_FAILED, -ENOENT, 0, 2);
}

static void answer_not_allowed(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	send_control(l, request, NLMSG_ERROR, -EPERM);
}

static void test_error_message(void **state)
{
	(void)state;
	check_failed(answer_not_allowed, SWEEP_FAILED, -EPERM, 0, 2);
}

static void answer_busy(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	send_control(l, request, NLMSG_ERROR, -EBUSY);
}

static void test_busy_is_tried_a_few_times(void **state)
{
	(void)state;
	check_failed(answer_busy, SWEEP_FAILED, -EBUSY, 0, 3);
}

static void answer_busy_once(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	if (number == 1)
		send_control(l, request, NLMSG_ERROR, -EBUSY);
	else
		send_whole_dump(l, request);
}

static void test_busy_once(void **state)
{
	(void)state;
	check_failed(answer_busy_once, SWEEP_WHOLE, 0, 3, 2);
}

static void answer_error_in_the_middle(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	put_socket(&m, request, 1);
	message_control(&m, NLMSG_DONE, request->nlmsg_seq, -ENOMEM);
	liar_send(l, &m);
}

/* Sockets were told already: it is not begun again, only not whole. */
static void test_error_in_the_middle(void **state)
{
	(void)state;
	check_failed(answer_error_in_the_middle, SWEEP_FAILED, -ENOMEM, 1, 1);
}

static void answer_hung_up(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	put_socket(&m, request, 1);
	liar_send(l, &m);
	liar_hang_up(l);
}

static void test_hung_up(void **state)
{
	(void)state;
	check_failed(answer_hung_up, SWEEP_FAILED, -EPIPE, 1, 1);
}

static void answer_nothing(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)l;
	(void)request;
	(void)number;
}

static void test_silence_ends(void **state)
{
	(void)state;
	check_failed(answer_nothing, SWEEP_FAILED, -ETIMEDOUT, 0, 1);
}

/* ---- cut short ---- */

static void answer_too_long(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	size_t len = NETLINK_RECEIVE_ROOM + 8;
	char *bytes = calloc(1, len);
	struct message m = {0};

	(void)number;
	if (!bytes)
		abort();
	put_socket(&m, request, 1);
	memcpy(bytes, m.bytes, m.len);
	liar_send_bytes(l, bytes, len);
	free(bytes);
}

static void test_datagram_that_does_not_fit(void **state)
{
	(void)state;
	check_failed(answer_too_long, SWEEP_TRUNCATED, -EMSGSIZE, 0, 1);
}

static void answer_cut(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	put_socket(&m, request, 1);
	put_socket(&m, request, 2);
	liar_send_bytes(l, m.bytes, m.len - 8);
}

static void test_message_that_is_cut(void **state)
{
	(void)state;
	check_failed(answer_cut, SWEEP_TRUNCATED, -EBADMSG, 1, 1);
}

static void answer_interrupted(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};

	(void)number;
	message_begin(&m, request->nlmsg_type, NLM_F_MULTI | NLM_F_DUMP_INTR, request->nlmsg_seq);
	message_add(&m, &socket, sizeof(socket));
	put_socket(&m, request, 2);
	message_control(&m, NLMSG_DONE, request->nlmsg_seq, 0);
	liar_send(l, &m);
}

/* All of it is told, but it is not whole. */
static void test_interrupted(void **state)
{
	(void)state;
	check_failed(answer_interrupted, SWEEP_TRUNCATED, -EINTR, 2, 1);
}

static void answer_unreadable_socket(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};

	(void)number;
	socket.idiag_state = 99;
	message_socket(&m, request->nlmsg_type, request->nlmsg_seq, &socket);
	put_socket(&m, request, 2);
	message_control(&m, NLMSG_DONE, request->nlmsg_seq, 0);
	liar_send(l, &m);
}

static void test_unreadable_socket(void **state)
{
	(void)state;
	check_failed(answer_unreadable_socket, SWEEP_TRUNCATED, -EBADMSG, 1, 1);
}

static void answer_short_done(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	message_begin(&m, NLMSG_DONE, 0, request->nlmsg_seq);
	liar_send(l, &m);
}

static void test_done_that_says_nothing(void **state)
{
	(void)state;
	check_failed(answer_short_done, SWEEP_FAILED, -EBADMSG, 0, 1);
}

static void answer_overrun(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct message m = {0};

	(void)number;
	put_socket(&m, request, 1);
	message_begin(&m, NLMSG_OVERRUN, 0, request->nlmsg_seq);
	liar_send(l, &m);
}

static void test_overrun(void **state)
{
	(void)state;
	check_failed(answer_overrun, SWEEP_TRUNCATED, -ENOBUFS, 1, 1);
}

/* ---- not for us ---- */

static void answer_another_sequence(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct nlmsghdr before = *request;
	struct message m = {0};

	(void)number;
	before.nlmsg_seq--;
	put_socket(&m, &before, 77);
	message_control(&m, NLMSG_DONE, before.nlmsg_seq, -EIO);
	liar_send(l, &m);
	send_whole_dump(l, request);
}

static void test_another_sequence_is_not_ours(void **state)
{
	(void)state;
	check_failed(answer_another_sequence, SWEEP_WHOLE, 0, 3, 1);
}

/* ---- two requests where one is refused ---- */

static void answer_by_family_only(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	if (request->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		send_control(l, request, NLMSG_ERROR, -EOPNOTSUPP);
	else
		send_whole_dump(l, request);
}

static void test_falls_back_to_families_and_remembers(void **state)
{
	struct seen seen = {0};
	const struct dump_sink sink = {.sample = see_sample, .context = &seen};
	struct dump_result result;
	struct dumper d;
	struct liar l;

	(void)state;
	liar_start(&l, answer_by_family_only);
	assert_int_equal(dumper_init(&d, l.fd), 0);
	result = dumper_dump(&d, DUMP_ALL_STATES, true, &sink);
	assert_int_equal(result.why_not, SWEEP_WHOLE);
	assert_int_equal(result.sockets, 6);
	assert_int_equal(atomic_load(&l.requests), 3);
	result = dumper_dump(&d, DUMP_ALL_STATES, true, &sink);
	assert_int_equal(result.why_not, SWEEP_WHOLE);
	assert_int_equal(atomic_load(&l.requests), 5);
	dumper_fini(&d);
	liar_join(&l);
}

static void answer_one_family(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	if (number == 2)
		send_whole_dump(l, request);
	else
		send_control(l, request, NLMSG_ERROR, -EOPNOTSUPP);
}

/* Half of it is not whole. */
static void test_one_family_fails(void **state)
{
	(void)state;
	check_failed(answer_one_family, SWEEP_FAILED, -EOPNOTSUPP, 3, 3);
}

static void answer_without_ipv6(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	if (number == 2)
		send_whole_dump(l, request);
	else
		send_control(l, request, NLMSG_ERROR, -ENOENT);
}

/* Unless the kernel has no IPv6: then there is no other half. */
static void test_no_ipv6_is_an_empty_family(void **state)
{
	(void)state;
	check_failed(answer_without_ipv6, SWEEP_FAILED, -ENOENT, 3, 3);
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 || mount("none", "/proc/net", "tmpfs", 0, NULL) < 0)
		skip();
	check_failed(answer_without_ipv6, SWEEP_WHOLE, 0, 3, 3);
	umount("/proc/net");
}

static void test_recovers(void **state)
{
	struct seen seen = {0};
	const struct dump_sink sink = {.sample = see_sample, .context = &seen};
	struct dumper d;
	struct liar l;

	(void)state;
	liar_start(&l, answer_one_family);
	assert_int_equal(dumper_init(&d, l.fd), 0);
	assert_int_equal(dumper_dump(&d, DUMP_ALL_STATES, true, &sink).why_not, SWEEP_FAILED);
	l.answer = answer_well;
	assert_int_equal(dumper_dump(&d, DUMP_ALL_STATES, true, &sink).why_not, SWEEP_WHOLE);
	dumper_fini(&d);
	liar_join(&l);
}

static void test_stops_between_receives(void **state)
{
	struct seen seen = {.stop_after = 1};
	unsigned requests;
	struct dump_result result = dump_from(answer_well, &seen, &requests);

	(void)state;
	assert_int_equal(result.why_not, SWEEP_STOPPED);
	assert_int_equal(result.sockets, 2);
}

/* ---- look-ups ---- */

#define LOOKUPS 4

static void look_up_from(liar_answer *answer, struct lookup_answer answers[LOOKUPS], int error)
{
	struct lookup asked[LOOKUPS] = {0};
	struct netlink_port port;
	struct liar l;

	for (unsigned i = 0; i < LOOKUPS; i++) {
		static const uint8_t local[4] = {10, 0, 0, 5}, remote[4] = {93, 184, 216, 34};

		endpoint_set_v4(&asked[i].tuple.local, local, 41812);
		endpoint_set_v4(&asked[i].tuple.remote, remote, 443);
		asked[i].tuple.family = AF_INET;
		asked[i].cookie = i + 1;
		asked[i].conn = 100 + i;
	}
	liar_start(&l, answer);
	assert_int_equal(netlink_port_init(&port, l.fd), 0);
	assert_int_equal(lookup_make(&port, asked, LOOKUPS, true, answers), error);
	netlink_port_fini(&port);
	liar_join(&l);
	for (unsigned i = 0; i < LOOKUPS; i++)
		assert_int_equal(answers[i].asked.conn, 100 + i);
}

/* The requests of one datagram, answered in the opposite order: found, another one's socket, ESTALE, ENOENT. */
static void answer_lookups_backwards(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	uint32_t first = request->nlmsg_seq;
	struct nlmsghdr third = *request;
	struct message m = {0};

	(void)number;
	message_control(&m, NLMSG_ERROR, first + 3, -ENOENT);
	third.nlmsg_seq = first + 2;
	put_socket(&m, &third, 99);
	liar_send(l, &m);
	m = (struct message){0};
	message_control(&m, NLMSG_ERROR, first + 1, -ESTALE);
	put_socket(&m, request, 1);
	liar_send(l, &m);
}

static void test_lookup_answers_in_any_order(void **state)
{
	struct lookup_answer answers[LOOKUPS];

	(void)state;
	look_up_from(answer_lookups_backwards, answers, 0);
	assert_int_equal(answers[0].error, 0);
	assert_int_equal(answers[0].sample.cookie, 1);
	for (unsigned i = 1; i < LOOKUPS; i++)
		assert_int_equal(answers[i].error, -ENOENT);
}

static void answer_lookups_partly(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	(void)number;
	send_control(l, request, NLMSG_ERROR, -ENOENT);
}

/* What was not answered is neither found nor absent. */
static void test_lookup_without_answer(void **state)
{
	struct lookup_answer answers[LOOKUPS];

	(void)state;
	look_up_from(answer_lookups_partly, answers, -ETIMEDOUT);
	assert_int_equal(answers[0].error, -ENOENT);
	for (unsigned i = 1; i < LOOKUPS; i++)
		assert_int_equal(answers[i].error, -ETIMEDOUT);
}

static void answer_lookups_with_garbage(struct liar *l, const struct nlmsghdr *request, unsigned number)
{
	struct inet_diag_msg socket = message_socket_v4();
	struct message m = {0};

	(void)number;
	message_begin(&m, SOCK_DIAG_BY_FAMILY, 0, request->nlmsg_seq);
	message_add(&m, &socket, 20);
	message_begin(&m, NLMSG_ERROR, 0, request->nlmsg_seq + 1);
	message_control(&m, NLMSG_ERROR, request->nlmsg_seq + 2, 5);
	message_control(&m, NLMSG_ERROR, request->nlmsg_seq + 3, -EACCES);
	liar_send(l, &m);
}

static void test_lookup_garbage(void **state)
{
	struct lookup_answer answers[LOOKUPS];

	(void)state;
	look_up_from(answer_lookups_with_garbage, answers, -EBADMSG);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(answers[i].error, -EBADMSG);
	assert_int_equal(answers[3].error, -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_error_in_done),
		cmocka_unit_test(test_error_message),
		cmocka_unit_test(test_busy_is_tried_a_few_times),
		cmocka_unit_test(test_busy_once),
		cmocka_unit_test(test_error_in_the_middle),
		cmocka_unit_test(test_hung_up),
		cmocka_unit_test(test_silence_ends),
		cmocka_unit_test(test_datagram_that_does_not_fit),
		cmocka_unit_test(test_message_that_is_cut),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_unreadable_socket),
		cmocka_unit_test(test_done_that_says_nothing),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_another_sequence_is_not_ours),
		cmocka_unit_test(test_falls_back_to_families_and_remembers),
		cmocka_unit_test(test_one_family_fails),
		cmocka_unit_test(test_no_ipv6_is_an_empty_family),
		cmocka_unit_test(test_recovers),
		cmocka_unit_test(test_stops_between_receives),
		cmocka_unit_test(test_lookup_answers_in_any_order),
		cmocka_unit_test(test_lookup_without_answer),
		cmocka_unit_test(test_lookup_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
