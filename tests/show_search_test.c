/* Searching the list: what of a row is searched, the way round, marks in the picture, and 200,000 rows in slices. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "scene.h"
#include "show/search.h"

#define HEIGHT 20
#define MANY 200000u

struct bench {
	struct scene scene;
	struct list list;
	struct search search;
};

static int start(void **state)
{
	static struct bench b;

	scene_start(&b.scene);
	list_init(&b.list);
	list_resize(&b.list, HEIGHT);
	*state = &b;
	return 0;
}

static int stop(void **state)
{
	struct bench *b = *state;

	list_fini(&b->list);
	scene_end(&b->scene);
	return 0;
}

static void update(struct bench *b)
{
	list_update(&b->list, b->scene.model, b->scene.now_ns);
}

/* The id of the connection found, 0 if none is. */
static uint64_t find(struct bench *b, const char *text, uint32_t from, bool backward)
{
	enum search_answer answer;

	search_set(&b->search, text);
	search_begin(&b->search, &b->list, from, backward);
	if (!b->search.on)
		return 0;
	do
		answer = search_turn(&b->search, &b->list, b->scene.model, b->scene.now_ns);
	while (answer == SEARCH_GOES_ON);
	assert_false(b->search.on);
	return answer == SEARCH_FOUND ? list_conn(&b->list, b->scene.model, b->search.next) : 0;
}

static bool fits(struct bench *b, const char *text, uint64_t conn)
{
	search_set(&b->search, text);
	return search_fits(&b->search, &b->list, b->scene.model, model_find(b->scene.model, conn));
}

static void test_what_is_searched(void **state)
{
	struct bench *b = *state;

	scene_office(&b->scene);
	update(b);
	assert_true(fits(b, "close_w", 10) && fits(b, "CLOSE_", 10) && !fits(b, "close_w", 30));
	assert_true(fits(b, "10.0.0.9:51700", 10) && fits(b, ":51700", 10) && !fits(b, ":51701", 10));
	assert_true(fits(b, "2001:DB8::5", 30) && fits(b, "[2001", 30));
	assert_true(fits(b, "java", 10) && fits(b, "JAVA", 10) && fits(b, "2210", 10) && !fits(b, "2211", 10));
	assert_true(fits(b, "불여우", 32) && !fits(b, "여우불", 32));
	assert_true(fits(b, "0.0.0.0:22", 1));
	assert_false(fits(b, "0.0.0.0:0", 1)); /* a listener's other end is not printed */
	assert_false(fits(b, "", 1));
	assert_false(fits(b, "51700 java", 10)); /* cells are searched, not lines */
}

static const char *host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	(void)context;
	(void)ifindex;
	return e->address[15] == 34 ? "example.com" : NULL;
}

static const char *service(void *context, uint16_t port)
{
	(void)context;
	return port == 443 ? "https" : NULL;
}

static void test_names_and_numbers(void **state)
{
	static const struct names names = {.host = host, .service = service};
	struct bench *b = *state;

	scene_office(&b->scene);
	update(b);
	assert_false(fits(b, "example", 32));
	list_set_names(&b->list, &names);
	assert_true(fits(b, "Example.com:https", 32) && fits(b, "93.184.216.34:443", 32));
	list_set_names(&b->list, NULL);
}

static const char *no_host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	(void)context;
	(void)e;
	(void)ifindex;
	fail_msg("a search asks for a name");
	return NULL;
}

static const char *no_service(void *context, uint16_t port)
{
	(void)port;
	return no_host(context, NULL, 0);
}

static void test_no_name_is_asked_for(void **state)
{
	static const struct names kept = {.host = host, .service = service}, names = {.host = no_host, .service = no_service, .kept = &kept};
	struct bench *b = *state;

	scene_office(&b->scene);
	update(b);
	list_set_names(&b->list, &names);
	assert_true(fits(b, "example.com:https", 32));
	assert_int_equal(find(b, "nothing has this", 0, false), 0);
	list_set_names(&b->list, NULL);
}

/* No cell shows it, so whoever asks is told. */
static void test_units(void **state)
{
	struct bench *b = *state;
	struct event e = {.kind = EVENT_UPDATE, .conn = 30, .unit = "shop.service"};

	scene_office(&b->scene);
	e.t_ns = b->scene.now_ns;
	e.facts = model_find(b->scene.model, 30)->facts;
	scene_tell(&b->scene, &e);
	update(b);
	assert_true(fits(b, "SHOP.serv", 30));
	assert_string_equal(search_unit(&b->search, &b->list, b->scene.model, model_find(b->scene.model, 30)), "shop.service");
	assert_null(search_unit(&b->search, &b->list, b->scene.model, model_find(b->scene.model, 31)));
	assert_true(fits(b, "nginx", 30));
	assert_null(search_unit(&b->search, &b->list, b->scene.model, model_find(b->scene.model, 30)));
}

static void test_long_texts(void **state)
{
	struct bench *b = *state;
	char text[3 * SEARCH_ROOM + 1] = "";

	for (unsigned i = 0; i < SEARCH_ROOM; i++)
		memcpy(text + 3 * i, "\xed\x95\x9c", 4);
	search_set(&b->search, text);
	assert_int_equal(strlen(b->search.text), SEARCH_ROOM - 1);
	text[0] = 'x';
	for (unsigned i = 0; i < SEARCH_ROOM; i++)
		memcpy(text + 1 + 2 * i, "\xcc\x81", 3); /* takes no column */
	search_set(&b->search, text);
	assert_int_equal(strlen(b->search.text), SEARCH_ROOM - 1);
}

static void test_way_round(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;
	uint32_t rows[4], count = 0;

	scene_office(&b->scene);
	update(b);
	for (uint32_t row = 0; row < b->list.count; row++)
		if (list_at(&b->list, m, row)->state == STATE_CLOSE_WAIT)
			rows[count++] = row;
	assert_int_equal(count, 4);
	assert_int_equal(find(b, "close_wait", 0, false), list_conn(&b->list, m, rows[0]));
	assert_false(b->search.around);
	assert_int_equal(find(b, "close_wait", rows[0] + 1, false), list_conn(&b->list, m, rows[1]));
	assert_int_equal(find(b, "close_wait", rows[3] + 1, false), list_conn(&b->list, m, rows[0]));
	assert_true(b->search.around);
	assert_int_equal(find(b, "close_wait", b->list.count, false), list_conn(&b->list, m, rows[0]));
	assert_true(b->search.around);
	assert_int_equal(find(b, "close_wait", rows[2] - 1, true), list_conn(&b->list, m, rows[1]));
	assert_false(b->search.around);
	assert_int_equal(find(b, "close_wait", UINT32_MAX, true), list_conn(&b->list, m, rows[3]));
	assert_true(b->search.around);
	assert_int_equal(find(b, "sshd", 0, false), 1);
	assert_int_equal(find(b, "nothing has this", 5, false), 0);
	assert_int_equal(find(b, "", 0, false), 0);
}

static void test_empty_list(void **state)
{
	struct bench *b = *state;

	update(b);
	assert_int_equal(find(b, "x", 0, false), 0);
	assert_int_equal(find(b, "x", UINT32_MAX, true), 0);
}

/* The list may become shorter while it is searched. */
static void test_rows_go_away(void **state)
{
	struct bench *b = *state;

	scene_office(&b->scene);
	update(b);
	search_set(&b->search, "nowhere");
	search_begin(&b->search, &b->list, b->list.count - 1, false);
	b->list.count = b->list.sorted = 2;
	assert_int_equal(search_turn(&b->search, &b->list, b->scene.model, b->scene.now_ns), SEARCH_NOT_FOUND);
	search_begin(&b->search, &b->list, 1, false);
	b->list.count = b->list.sorted = 0;
	assert_int_equal(search_turn(&b->search, &b->list, b->scene.model, b->scene.now_ns), SEARCH_NOT_FOUND);
}

static void test_marks(void **state)
{
	struct bench *b = *state;
	struct text picture = {0}, marks = {0};
	struct canvas c;

	scene_office(&b->scene);
	update(b);
	canvas_init(&c, HEIGHT + 1, 100, &glyphs_ascii);
	list_paint(&b->list, b->scene.model, area_all(&c), b->scene.now_ns);
	search_set(&b->search, "10.0.0.9:5170");
	search_paint(&b->search, &b->list, area_all(&c));
	for (unsigned i = 0; i < c.rows * c.columns; i++)
		if (c.cells[i].flags & CELL_REVERSE)
			text_add_rune(&marks, c.cells[i].rune);
	/* Ten of its eleven peers, each whole. */
	assert_int_equal(marks.len, 10 * strlen("10.0.0.9:5170"));
	assert_int_equal(strncmp(text_string(&marks), "10.0.0.9:517010.0.0.9:5170", 26), 0);
	canvas_clear(&c);
	list_paint(&b->list, b->scene.model, area_all(&c), b->scene.now_ns);
	search_set(&b->search, "여우 웹");
	search_paint(&b->search, &b->list, area_all(&c));
	text_clear(&marks);
	for (unsigned i = 0; i < c.rows * c.columns; i++)
		if (c.cells[i].flags & CELL_REVERSE && c.cells[i].rune)
			text_add_rune(&marks, c.cells[i].rune);
	assert_string_equal(text_string(&marks), "여우 웹");
	text_fini(&picture);
	text_fini(&marks);
	canvas_fini(&c);
}

static void many(struct bench *b)
{
	model_expect(b->scene.model, MANY);
	for (uint32_t i = 1; i <= MANY; i++) {
		char local[32], remote[32];

		snprintf(local, sizeof(local), "10.%u.%u.%u:8080", i >> 16 & 255, i >> 8 & 255, i & 255);
		snprintf(remote, sizeof(remote), "172.16.%u.%u:%u", i >> 8 & 255, i & 255, 1024 + i % 60000);
		scene_was_there(&b->scene, i, STATE_ESTABLISHED, local, remote, i);
	}
	scene_holder(&b->scene, 77, 4242, 3, "needle");
	update(b);
}

/* Every row is looked at once, none is missed, and the order that is made on the way is that of the whole. */
static void test_two_hundred_thousand(void **state)
{
	struct bench *b = *state;
	int64_t longest_ns = 0, whole_ns = 0;
	unsigned turns = 0;
	uint64_t *ids;
	bool backward;

	many(b);
	for (backward = false;; backward = true) {
		enum search_answer answer;

		b->list.built_ns = 0;
		update(b);
		assert_true(b->list.sorted < MANY);
		search_set(&b->search, "needle");
		search_begin(&b->search, &b->list, backward ? UINT32_MAX : 0, backward);
		do {
			const int64_t began_ns = clock_now_ns();
			int64_t took_ns;

			answer = search_turn(&b->search, &b->list, b->scene.model, b->scene.now_ns);
			took_ns = clock_now_ns() - began_ns;
			longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
			whole_ns += took_ns;
			turns++;
		} while (answer == SEARCH_GOES_ON);
		assert_int_equal(answer, SEARCH_FOUND);
		assert_int_equal(list_conn(&b->list, b->scene.model, b->search.next), 77);
		if (backward)
			break;
	}
	print_message("# 2 x %u rows: %u slices, the longest %.1f ms, all %.1f ms\n", MANY, turns, (double)longest_ns / NS_PER_MS, (double)whole_ns / NS_PER_MS);
	assert_true(turns > 4);
	assert_int_equal(b->list.sorted, MANY);
	ids = calloc(MANY, sizeof(*ids));
	assert_non_null(ids);
	for (uint32_t row = 0; row < MANY; row++)
		ids[row] = list_conn(&b->list, b->scene.model, row);
	b->list.built_ns = 0;
	update(b);
	list_sort_some(&b->list, b->scene.model, b->scene.now_ns, UINT32_MAX);
	for (uint32_t row = 0; row < MANY; row++)
		assert_int_equal(ids[row], list_conn(&b->list, b->scene.model, row));
	free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_what_is_searched),
		TEST(test_names_and_numbers),
		TEST(test_no_name_is_asked_for),
		TEST(test_units),
		TEST(test_long_texts),
		TEST(test_way_round),
		TEST(test_empty_list),
		TEST(test_rows_go_away),
		TEST(test_marks),
		TEST(test_two_hundred_thousand),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
