/* Names looked up beside the main thread: asked once, never waited for, clean, bounded, let go of at the end. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "names.h"

#define LATEST_NS (20 * NS_PER_SECOND)

static atomic_int asked;
static int gate[2]; /* a byte for each question that may be answered */
static atomic_bool gated;

static int ask(const struct endpoint *e, uint32_t ifindex, bool host, char *name, size_t room)
{
	char byte;

	(void)ifindex;
	atomic_fetch_add(&asked, 1);
	if (atomic_load(&gated) && read(gate[0], &byte, 1) != 1)
		return 1;
	if (!host)
		snprintf(name, room, e->port == 443 ? "https" : "%u", e->port);
	else if (e->address[15] == 1)
		snprintf(name, room, "one.example");
	else if (e->address[15] == 2)
		snprintf(name, room, "evil\033[2J\xe2\x80\xae.example");
	else
		return 1;
	return 0;
}

struct bench {
	struct loop *loop;
	struct name_book *book;
	unsigned came;
};

static void came(void *context)
{
	struct bench *b = context;

	b->came++;
	loop_stop(b->loop, 0);
}

static int start(void **state)
{
	static struct bench b;

	b = (struct bench){.loop = loop_new()};
	atomic_store(&asked, 0);
	atomic_store(&gated, false);
	b.book = name_book_new(b.loop, ask, came, &b);
	*state = &b;
	return b.book ? 0 : -1;
}

static int stop(void **state)
{
	struct bench *b = *state;

	name_book_free(b->book);
	loop_free(b->loop);
	return 0;
}

static struct endpoint end(unsigned last, uint16_t port)
{
	const uint8_t bytes[4] = {10, 0, (uint8_t)(last >> 8), (uint8_t)last};
	struct endpoint e;

	endpoint_set_v4(&e, bytes, port);
	return e;
}

static const char *host(struct bench *b, unsigned last)
{
	const struct names *n = name_book_names(b->book);
	const struct endpoint e = end(last, 0);

	return n->host(n->context, &e, 0);
}

static void too_late(void *context)
{
	(void)context;
	fail_msg("no name has come");
}

static void await(struct bench *b)
{
	const int timer = loop_at(b->loop, clock_now_ns() + LATEST_NS, too_late, NULL);

	loop_run(b->loop);
	loop_cancel_timer(b->loop, timer);
}

static void test_comes_later_and_is_kept(void **state)
{
	struct bench *b = *state;

	assert_null(host(b, 1));
	await(b);
	assert_string_equal(host(b, 1), "one.example");
	assert_string_equal(host(b, 1), "one.example");
	assert_int_equal(atomic_load(&asked), 1);
	assert_null(host(b, 9));
	await(b);
	assert_null(host(b, 9)); /* that there is none is kept too */
	assert_int_equal(atomic_load(&asked), 2);
}

static void test_what_is_kept_is_not_asked_for(void **state)
{
	struct bench *b = *state;
	const struct names *n = name_book_names(b->book), *kept = n->kept;
	const struct endpoint one = end(1, 443);

	assert_null(kept->host(kept->context, &one, 0));
	assert_null(kept->service(kept->context, 443));
	assert_null(host(b, 1));
	await(b);
	assert_int_equal(atomic_load(&asked), 1);
	assert_string_equal(kept->host(kept->context, &one, 0), "one.example");
	assert_null(kept->service(kept->context, 443));
	assert_int_equal(atomic_load(&asked), 1);
}

static void test_services(void **state)
{
	struct bench *b = *state;
	const struct names *n = name_book_names(b->book);

	assert_null(n->service(n->context, 443));
	await(b);
	assert_string_equal(n->service(n->context, 443), "https");
	assert_null(n->service(n->context, 41812));
	await(b);
	assert_null(n->service(n->context, 41812)); /* its number is no name */
}

static void test_whole_ends(void **state)
{
	struct bench *b = *state;
	struct tuple t = {.local = end(9, 41812), .remote = end(1, 443), .family = 2};
	char text[NAMES_ENDPOINT_ROOM];

	while (!names_endpoint(name_book_names(b->book), &t, true, text) || strcmp(text, "one.example:https") != 0)
		await(b);
	assert_false(names_endpoint(name_book_names(b->book), &t, false, text));
	assert_string_equal(text, "10.0.0.9:41812");
}

static void test_foreign_text_is_cleaned(void **state)
{
	struct bench *b = *state;

	host(b, 2);
	await(b);
	assert_string_equal(host(b, 2), "evil?[2J?.example");
}

/* While nothing is answered so many questions wait, and no more; the end waits for none of them. */
static void test_bounded_and_never_waited_for(void **state)
{
	struct bench *b = *state;

	assert_int_equal(pipe(gate), 0);
	atomic_store(&gated, true);
	for (unsigned i = 0; i < 5000; i++)
		assert_null(host(b, i));
	assert_null(host(b, 1));
	assert_true(atomic_load(&asked) <= 1);
	atomic_store(&gated, false);
	assert_int_equal(write(gate[1], "", 1), 1);
	while (!host(b, 257))
		await(b);
	assert_true(atomic_load(&asked) <= 40); /* whoever asks next does not wait for all of them */
	atomic_store(&gated, true);
	for (unsigned i = 0; i < 5000; i++)
		host(b, i);
	name_book_free(b->book);
	b->book = NULL;
	close(gate[1]); /* the thread goes, and frees what is left */
}

static void test_old_ones_give_way(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < NAMES_KEPT + 300; i++) {
		while (host(b, i), atomic_load(&asked) <= (int)i)
			await(b);
	}
	while (!host(b, 1))
		await(b);
	assert_string_equal(host(b, 1), "one.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_comes_later_and_is_kept),
		TEST(test_what_is_kept_is_not_asked_for),
		TEST(test_services),
		TEST(test_whole_ends),
		TEST(test_foreign_text_is_cleaned),
		TEST(test_old_ones_give_way),
		TEST(test_bounded_and_never_waited_for),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
