/*
 * The list: what is in it, its order, the cursor that holds on, the order that stands still, columns that fit,
 * 200,000 rows.
 */
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
#include "show/list.h"

#define HEIGHT 5

struct bench {
	struct scene scene;
	struct list list;
};

static void hear(void *list, const struct event *e)
{
	list_event(list, e);
}

static int start(void **state)
{
	static struct bench b;

	scene_start(&b.scene);
	b.scene.sink = hear;
	b.scene.context = &b.list;
	list_init(&b.list);
	list_set_seed(&b.list, 0x5f3759df5f3759df);
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

static void pass_and_update(struct bench *b, int64_t ms)
{
	scene_pass_ms(&b->scene, ms);
	update(b);
}

/* Connection ids in the order of the rows: "3 1 2". */
static void assert_order(const struct bench *b, const char *wanted)
{
	struct text t = {0};

	for (uint32_t i = 0; i < b->list.count; i++)
		text_addf(&t, "%s%llu", i ? " " : "", (unsigned long long)list_conn(&b->list, b->scene.model, i));
	assert_string_equal(text_string(&t), wanted);
	text_fini(&t);
}

static void three_connections(struct bench *b)
{
	for (unsigned i = 1; i <= 3; i++) {
		char local[32];

		snprintf(local, sizeof(local), "10.0.0.%u:%u", 4 - i, 2000 + i);
		scene_open(&b->scene, i, STATE_SYN_SENT, local, "10.9.9.9:443", SIDE_LOCAL);
		scene_pass_ms(&b->scene, 200);
	}
	update(b);
}

static void test_newest_change_first(void **state)
{
	struct bench *b = *state;

	scene_was_there(&b->scene, 9, STATE_LISTEN, "0.0.0.0:22", "0.0.0.0:0", 0);
	scene_was_there(&b->scene, 8, STATE_ESTABLISHED, "10.0.0.1:22", "10.0.0.2:4000", 0);
	scene_was_there(&b->scene, 7, STATE_CLOSE_WAIT, "10.0.0.1:22", "10.0.0.2:4001", 0);
	three_connections(b);
	assert_order(b, "3 2 1 7 8 9");
	scene_step(&b->scene, 1, STATE_ESTABLISHED);
	pass_and_update(b, 200);
	assert_order(b, "1 3 2 7 8 9");
	list_sort(&b->list, LIST_AGE, true);
	update(b);
	assert_order(b, "9 8 7 2 3 1");
}

/*
 * In the order at first warnings lead; an order that was chosen is what its heading says, also for the time that is
 * left.
 */
static void test_warnings_lead_until_an_order_is_chosen(void **state)
{
	struct bench *b = *state;

	scene_was_there(&b->scene, 7, STATE_CLOSE_WAIT, "10.0.0.1:22", "10.0.0.2:4001", 120000);
	three_connections(b);
	update(b);
	assert_order(b, "7 3 2 1");
	list_sort(&b->list, LIST_AGE, false);
	update(b);
	assert_order(b, "3 2 1 7");
	list_sort_usual(&b->list);
	update(b);
	assert_order(b, "7 3 2 1");
	pass_and_update(b, LIST_STUCK_WARN_NS / NS_PER_MS + 1000); /* time alone makes a row move up */
	for (uint32_t i = 0; i < 4; i += 3)
		assert_true(list_warns(list_at(&b->list, b->scene.model, i), b->scene.now_ns));
}

static void test_every_column_sorts(void **state)
{
	struct bench *b = *state;

	three_connections(b);
	scene_holder(&b->scene, 1, 30, 3, "bash");
	scene_holder(&b->scene, 2, 10, 3, "zsh");
	scene_queues(&b->scene, 1, 5, 7);
	scene_queues(&b->scene, 2, 9, 1);
	scene_pass_ms(&b->scene, 200);
	list_sort(&b->list, LIST_LOCAL, false);
	update(b);
	assert_order(b, "3 2 1");
	list_sort(&b->list, LIST_PID, false); /* what is not known comes last */
	update(b);
	assert_order(b, "2 1 3");
	list_sort(&b->list, LIST_PROGRAM, false);
	update(b);
	assert_order(b, "1 2 3");
	list_sort(&b->list, LIST_RECVQ, false);
	update(b);
	assert_order(b, "2 1 3");
	list_sort(&b->list, LIST_SENDQ, false);
	update(b);
	assert_order(b, "1 2 3");
	scene_step(&b->scene, 2, STATE_ESTABLISHED);
	list_sort(&b->list, LIST_STATE, false);
	update(b);
	assert_order(b, "3 1 2");
}

static void test_departed_rows_stay_a_while(void **state)
{
	struct bench *b = *state;

	three_connections(b);
	scene_close(&b->scene, 2, CAUSE_REFUSED);
	pass_and_update(b, 200);
	assert_order(b, "2 3 1");
	assert_false(list_at(&b->list, b->scene.model, 0)->live);
	assert_int_equal(list_mark(list_at(&b->list, b->scene.model, 0), b->scene.now_ns), '-');
	pass_and_update(b, 2000);
	assert_order(b, "2 3 1");
	assert_true(list_due(&b->list, b->scene.model) <= b->scene.now_ns + LIST_GONE_NS);
	pass_and_update(b, 1000);
	assert_order(b, "3 1");
}

static void test_cursor_holds_on_to_its_connection(void **state)
{
	struct bench *b = *state;

	three_connections(b);
	list_move(&b->list, b->scene.model, 1, b->scene.now_ns);
	list_move(&b->list, b->scene.model, 1, b->scene.now_ns);
	assert_int_equal(b->list.cursor, 2);
	scene_open(&b->scene, 4, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	pass_and_update(b, 200);
	assert_order(b, "3 2 1"); /* held */
	assert_true(list_is_held(&b->list, b->scene.now_ns));
	assert_int_equal(list_waiting(&b->list, b->scene.model), 1);
	pass_and_update(b, 2900);
	assert_false(list_is_held(&b->list, b->scene.now_ns));
	assert_order(b, "4 3 2 1");
	assert_int_equal(b->list.cursor, 2);
	assert_int_equal(b->list.cursor_row, 2);
	scene_close(&b->scene, 2, CAUSE_RESET);
	pass_and_update(b, 200);
	assert_int_equal(b->list.cursor, 2); /* dimmed, and still under the cursor */
	pass_and_update(b, 3000);
	assert_order(b, "4 3 1");
	assert_int_equal(b->list.cursor_row, 0); /* the row it had moved to when it ended */
	assert_int_equal(b->list.cursor, 4);
}

static void test_pause_holds_until_it_ends(void **state)
{
	struct bench *b = *state;

	three_connections(b);
	list_pause(&b->list, b->scene.model, true, b->scene.now_ns);
	scene_step(&b->scene, 1, STATE_ESTABLISHED);
	pass_and_update(b, 20000);
	assert_order(b, "3 2 1");
	list_pause(&b->list, b->scene.model, false, b->scene.now_ns);
	update(b);
	assert_order(b, "1 3 2");
}

static void many(struct bench *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char local[40];

		snprintf(local, sizeof(local), "10.%u.%u.%u:80", i >> 16, i >> 8 & 255, i & 255);
		scene_was_there(&b->scene, i + 1, STATE_ESTABLISHED, local, "10.9.9.9:443", 0);
	}
}

static void test_scrolling(void **state)
{
	struct bench *b = *state;

	many(b, 20);
	update(b);
	list_move(&b->list, b->scene.model, 0, b->scene.now_ns);
	assert_int_equal(b->list.cursor_row, 0);
	list_move(&b->list, b->scene.model, HEIGHT, b->scene.now_ns);
	assert_int_equal(b->list.top, 1);
	list_move_to(&b->list, b->scene.model, UINT32_MAX, b->scene.now_ns);
	assert_int_equal(b->list.cursor_row, 19);
	assert_int_equal(b->list.top, 20 - HEIGHT);
	list_move(&b->list, b->scene.model, -100, b->scene.now_ns);
	assert_int_equal(b->list.top, 0);
	list_move_to(&b->list, b->scene.model, 10, b->scene.now_ns);
	list_resize(&b->list, 2);
	assert_true(b->list.cursor_row >= b->list.top && b->list.cursor_row < b->list.top + 2);
	list_resize(&b->list, 0);
	list_move(&b->list, b->scene.model, 1, b->scene.now_ns);
	update(b);
}

static void test_following_does_not_scroll(void **state)
{
	struct bench *b = *state;

	many(b, 20);
	update(b);
	list_point(&b->list, list_conn(&b->list, b->scene.model, 18));
	scene_open(&b->scene, 100, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	pass_and_update(b, 300);
	assert_int_equal(b->list.top, 0);
	list_move(&b->list, b->scene.model, 1, b->scene.now_ns); /* it was out of sight: the cursor appears at the top */
	assert_int_equal(b->list.cursor_row, 0);
}

static void test_empty_list(void **state)
{
	struct bench *b = *state;

	update(b);
	list_move(&b->list, b->scene.model, 1, b->scene.now_ns);
	list_move_to(&b->list, b->scene.model, 7, b->scene.now_ns);
	assert_int_equal(b->list.cursor, 0);
	assert_null(list_at(&b->list, b->scene.model, 0));
}

/* Nothing is built anew while nothing has changed, and not too often when it has. */
static void test_pace(void **state)
{
	struct bench *b = *state;

	many(b, 1000);
	update(b);
	assert_int_equal(list_due(&b->list, b->scene.model), INT64_MAX);
	scene_open(&b->scene, 5000, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	assert_true(list_due(&b->list, b->scene.model) > b->scene.now_ns);
	pass_and_update(b, 50);
	assert_int_equal(b->list.count, 1000);
	pass_and_update(b, 100);
	assert_int_equal(b->list.count, 1001);
}

static uint64_t local_key(const struct bench *b, uint32_t row)
{
	const struct tuple tuple = connection_tuple(list_at(&b->list, b->scene.model, row));
	uint64_t key = 0;

	for (unsigned i = 12; i < 16; i++)
		key = key << 8 | tuple.local.address[i];
	return key << 16 | tuple.local.port;
}

/* By the local end, which no two share. */
static void assert_in_order(const struct bench *b, uint32_t rows)
{
	for (uint32_t i = 1; i < rows; i++)
		assert_true(local_key(b, i - 1) < local_key(b, i));
}

static void test_two_hundred_thousand(void **state)
{
	struct bench *b = *state;

	many(b, 200000);
	update(b);
	assert_int_equal(b->list.count, 200000);
	list_move_to(&b->list, b->scene.model, UINT32_MAX, b->scene.now_ns);
	assert_int_equal(b->list.cursor_row, 199999);
	list_sort(&b->list, LIST_LOCAL, false);
	update(b);
	assert_in_order(b, b->list.sorted);
}

/* Of very many rows those that can be seen are in order, and the rest when somebody goes there. */
static void test_only_the_first_are_sorted(void **state)
{
	struct bench *b = *state;

	many(b, 200000);
	for (unsigned inverted = 0; inverted < 2; inverted++) {
		uint64_t first[100];

		list_sort(&b->list, LIST_LOCAL, inverted);
		b->list.following = true;
		update(b);
		assert_int_equal(b->list.count, 200000);
		assert_in_range(b->list.sorted, 1000, 100000);
		if (!inverted)
			assert_in_order(b, b->list.sorted);
		for (uint32_t i = 0; i < 100; i++)
			first[i] = list_conn(&b->list, b->scene.model, i);
		list_move_to(&b->list, b->scene.model, 150000, b->scene.now_ns);
		assert_int_equal(b->list.sorted, 200000);
		if (!inverted)
			assert_in_order(b, 200000);
		for (uint32_t i = 0; i < 100; i++)
			assert_int_equal(first[i], list_conn(&b->list, b->scene.model, i));
	}
}

/* While the order is held the rest is put in order behind what is, and nobody comes or goes. */
static void test_a_held_order_is_only_completed(void **state)
{
	struct bench *b = *state;
	uint64_t first[50];

	many(b, 50000);
	list_sort(&b->list, LIST_LOCAL, false);
	b->list.following = true;
	update(b);
	for (uint32_t i = 0; i < 50; i++)
		first[i] = list_conn(&b->list, b->scene.model, i);
	list_pause(&b->list, b->scene.model, true, b->scene.now_ns);
	/* Before all the others, were they let in. */
	for (unsigned i = 1; i <= 5; i++)
		scene_open(&b->scene, 100000 + i, STATE_SYN_SENT, "9.0.0.1:80", "10.9.9.9:443", SIDE_LOCAL);
	pass_and_update(b, 1000);
	list_move_to(&b->list, b->scene.model, UINT32_MAX, b->scene.now_ns);
	assert_int_equal(b->list.count, 50000);
	assert_int_equal(b->list.cursor_row, 49999);
	assert_int_equal(list_waiting(&b->list, b->scene.model), 5);
	assert_in_order(b, 50000);
	for (uint32_t i = 0; i < 50; i++)
		assert_int_equal(first[i], list_conn(&b->list, b->scene.model, i));
	list_pause(&b->list, b->scene.model, false, b->scene.now_ns);
	pass_and_update(b, 5000);
	assert_int_equal(b->list.count, 50005);
}

/* Columns never overlap nor leave the screen, at any width, and more room never takes one away. */
static void check_columns(const struct bench *b, unsigned most)
{
	unsigned before = 0;

	for (unsigned columns = 1; columns < 260; columns++) {
		struct list_layout layout;
		unsigned end = 0;

		list_lay_out(&b->list, columns, &glyphs_ascii, &layout);
		assert_true(layout.count >= 1);
		for (unsigned i = 0; i < layout.count; i++) {
			assert_true(layout.shown[i].at >= end + (i ? 1 : LIST_MARK_COLUMNS));
			end = layout.shown[i].at + layout.shown[i].width;
		}
		if (columns >= 40) {
			assert_true(end <= columns);
			if (columns != 60) /* from there on IPv4 addresses are shown whole */
				assert_true(layout.count >= before);
		}
		before = layout.count;
	}
	assert_int_equal(before, most);
}

static void test_columns_fit(void **state)
{
	struct bench *b = *state;

	scene_office(&b->scene);
	list_resize(&b->list, 60);
	update(b);
	check_columns(b, LIST_COLUMN_COUNT - 2);
	/* With several namespaces there is one more, and with units. */
	b->list.several_netns = true;
	check_columns(b, LIST_COLUMN_COUNT - 1);
	b->list.has_unit = true;
	check_columns(b, LIST_COLUMN_COUNT);
}

static void assert_cell(struct bench *b, uint64_t conn, enum list_column column, unsigned width, const char *wanted)
{
	struct list_cell cell;

	list_cell(b->scene.model, model_find(b->scene.model, conn), column, width, &glyphs_unicode, b->scene.now_ns, &cell);
	assert_string_equal(cell.text, wanted);
}

static void test_cells(void **state)
{
	struct bench *b = *state;
	struct event former = {.kind = EVENT_UPDATE, .conn = 31, .holder_count = 1, .holders_former = true};
	const struct holder java = {.pid = 2210, .comm = "java"};

	scene_office(&b->scene);
	former.holders = &java;
	former.facts = model_find(b->scene.model, 31)->facts;
	former.t_ns = b->scene.now_ns;
	scene_tell(&b->scene, &former);
	assert_cell(b, 10, LIST_AGE, 9, "≥2:14:00");
	assert_cell(b, 31, LIST_AGE, 9, "41s left");
	scene_pass_ms(&b->scene, 1500);
	assert_cell(b, 31, LIST_AGE, 9, "40s left");
	assert_cell(b, 31, LIST_PROGRAM, 20, "java (was)");
	assert_cell(b, 31, LIST_RECVQ, 5, "-");
	assert_cell(b, 30, LIST_PEER, 40, "[2001:db8:1:2:3:4:5:77]:50112");
	assert_cell(b, 30, LIST_PEER, 20, "[2001:db8:1:…]:50112");
	assert_cell(b, 3, LIST_PEER, 20, "*");
	assert_cell(b, 3, LIST_RTT, 8, "-");
	scene_open(&b->scene, 90, STATE_SYN_RECV, "10.0.0.5:80", "10.0.0.6:1", SIDE_REMOTE);
	assert_cell(b, 90, LIST_PROGRAM, 20, "(kernel)");
	assert_cell(b, 90, LIST_PID, 7, "-");
	scene_open(&b->scene, 91, STATE_SYN_SENT, "10.0.0.5:81", "10.0.0.6:1", SIDE_LOCAL);
	scene_close(&b->scene, 91, CAUSE_REFUSED);
	assert_cell(b, 91, LIST_AGE, 9, "refused");
}

static void test_marks(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;

	scene_office(&b->scene);
	assert_int_equal(list_mark(model_find(m, 3), b->scene.now_ns), '!'); /* its accept queue is full */
	assert_int_equal(list_mark(model_find(m, 1), b->scene.now_ns), ' ');
	assert_int_equal(list_mark(model_find(m, 10), b->scene.now_ns), '!');
	assert_int_equal(list_mark(model_find(m, 13), b->scene.now_ns), '-');
	scene_pass_ms(&b->scene, 60000);
	assert_int_equal(list_mark(model_find(m, 13), b->scene.now_ns), '!');
	scene_open(&b->scene, 90, STATE_SYN_SENT, "10.0.0.5:80", "10.0.0.6:1", SIDE_LOCAL);
	scene_step(&b->scene, 90, STATE_ESTABLISHED);
	assert_int_equal(list_mark(model_find(m, 90), b->scene.now_ns), '+');
	scene_pass_ms(&b->scene, 3000);
	assert_int_equal(list_mark(model_find(m, 90), b->scene.now_ns), ' ');
	scene_step(&b->scene, 90, STATE_FIN_WAIT1);
	scene_pass_ms(&b->scene, 30000);
	assert_int_equal(list_mark(model_find(m, 90), b->scene.now_ns), '!'); /* it ought to have passed */
}

/* ---- groups ---- */

/* The rows: "+java 13" a closed group, "-java 13" an open one, else a connection. */
static void assert_tree(const struct bench *b, const char *wanted)
{
	struct text t = {0};

	for (uint32_t i = 0; i < b->list.count; i++) {
		const struct list_group *group = list_group_at(&b->list, i);
		char name[LIST_GROUP_NAME_ROOM];

		if (group)
			text_addf(&t, "%s%c%s %u", i ? ", " : "", group->open ? '-' : '+', list_group_name(&b->list, b->scene.model, group, name), group->count);
		else
			text_addf(&t, "%s%llu", i ? ", " : "", (unsigned long long)list_conn(&b->list, b->scene.model, i));
	}
	assert_string_equal(text_string(&t), wanted);
	text_fini(&t);
}

static void group_by(struct bench *b, enum list_grouping grouping)
{
	list_group_by(&b->list, grouping);
	update(b);
}

static void test_groupings(void **state)
{
	struct bench *b = *state;

	scene_office(&b->scene);
	scene_curl(&b->scene, 100);
	update(b);
	group_by(b, LIST_BY_PROGRAM);
	assert_tree(b, "+java 13, +nginx 3, +curl 1, +sshd 1, +불여우 웹브 1, +(no program) 1");
	assert_int_equal(b->list.connections, 20);
	group_by(b, LIST_BY_PORT); /* of the curl both ends are the same service */
	assert_tree(b, "+:8080 14, +:443 2, +:7779 2, +:22 1, +:41812 1");
	group_by(b, LIST_BY_PEER);
	assert_tree(b, "+10.0.0.9 13, +(listening) 3, +127.0.0.1 2, +93.184.216.34 1, +2001:db8:1:2:3:4:5:77 1");
	group_by(b, LIST_BY_STATE);
	assert_tree(b, "+ESTABLISHED 12, +CLOSE_WAIT 4, +LISTEN 3, +TIME_WAIT 1");
	list_sort(&b->list, LIST_STATE, false); /* then in the order of a life */
	update(b);
	assert_tree(b, "+LISTEN 3, +ESTABLISHED 12, +CLOSE_WAIT 4, +TIME_WAIT 1");
	list_sort(&b->list, LIST_STATE, true);
	update(b);
	assert_tree(b, "+TIME_WAIT 1, +CLOSE_WAIT 4, +ESTABLISHED 12, +LISTEN 3");
	group_by(b, LIST_BY_NETNS);
	assert_tree(b, "+(not known) 20");
	group_by(b, LIST_BY_NOTHING);
	assert_int_equal(b->list.count, 20);
}

/* Where all rows fit nothing is closed; and what is closed or open stays so. */
static void test_folding(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;

	three_connections(b);
	scene_holder(&b->scene, 1, 30, 3, "bash");
	scene_holder(&b->scene, 2, 10, 3, "zsh");
	scene_holder(&b->scene, 3, 10, 4, "zsh");
	group_by(b, LIST_BY_PROGRAM);
	assert_tree(b, "-zsh 2, 3, 2, -bash 1, 1");
	list_move_to(&b->list, m, 1, b->scene.now_ns);
	assert_int_equal(b->list.cursor, 3);
	assert_false(list_fold(&b->list, false)); /* it is not on a group */
	assert_true(list_move_to_group(&b->list, m, b->scene.now_ns));
	assert_true(b->list.on_group);
	assert_int_equal(b->list.cursor, 0);
	assert_true(list_fold(&b->list, false));
	assert_false(list_fold(&b->list, false));
	update(b);
	assert_tree(b, "+zsh 2, -bash 1, 1");
	assert_true(b->list.on_group);
	scene_open(&b->scene, 4, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	scene_holder(&b->scene, 4, 30, 5, "bash");
	scene_open(&b->scene, 5, STATE_SYN_SENT, "10.0.0.7:2005", "10.9.9.9:443", SIDE_LOCAL);
	scene_holder(&b->scene, 5, 30, 6, "bash");
	pass_and_update(b, 4000);
	assert_tree(b, "-bash 3, 5, 4, 1, +zsh 2");
	assert_int_equal(b->list.cursor_row, 4); /* it holds on to its group */
	assert_true(list_fold(&b->list, true));
	update(b);
	assert_tree(b, "-bash 3, 5, 4, 1, -zsh 2, 3, 2");
	list_move(&b->list, m, 1, b->scene.now_ns);
	assert_int_equal(b->list.cursor, 3);
	group_by(b, LIST_BY_STATE); /* seven rows do not fit: closed, and the cursor is on the group that it is in */
	assert_tree(b, "+SYN_SENT 5");
	assert_true(b->list.on_group);
}

static void test_groups_add_up(void **state)
{
	struct bench *b = *state;
	const struct list_group *java;

	scene_office(&b->scene);
	group_by(b, LIST_BY_PROGRAM);
	java = list_group_at(&b->list, 0);
	assert_int_equal(java->states[STATE_ESTABLISHED], 8);
	assert_int_equal(java->states[STATE_CLOSE_WAIT], 4);
	assert_int_equal(java->states[STATE_LISTEN], 1);
	assert_int_equal(java->warned, 3);
	assert_int_equal(java->rqueue, 1); /* that of the listener counts connections, not bytes */
	scene_queues(&b->scene, 12, 1000, 30);
	pass_and_update(b, 200);
	java = list_group_at(&b->list, 0);
	assert_int_equal(java->rqueue, 1001);
	assert_int_equal(java->wqueue, 30);
	/* Those that have just gone are in it, dimmed. */
	scene_close(&b->scene, 12, CAUSE_RESET);
	pass_and_update(b, 200);
	assert_int_equal(list_group_at(&b->list, 0)->states[STATE_CLOSED], 1);
	pass_and_update(b, LIST_GONE_NS / NS_PER_MS);
	assert_int_equal(list_group_at(&b->list, 0)->count, 12);
}

static void test_many_groups(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < LIST_GROUPS_MAX + 100; i++) {
		char remote[40];

		snprintf(remote, sizeof(remote), "10.%u.%u.%u:80", i >> 16, i >> 8 & 255, i & 255);
		scene_was_there(&b->scene, i + 1, STATE_ESTABLISHED, "10.0.0.1:4000", remote, 0);
	}
	update(b);
	list_group_by(&b->list, LIST_BY_PEER);
	for (unsigned i = 0; i < 40 && b->list.built_ns == 0; i++)
		update(b);
	assert_int_equal(b->list.groups.count, LIST_GROUPS_MAX + 1);
	assert_int_equal(list_group_at(&b->list, 0)->count, 100); /* what is left, together, and so the largest */
}

/* ---- marks, and the newest ---- */

static void test_marked_ones_lead(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;

	scene_was_there(&b->scene, 7, STATE_CLOSE_WAIT, "10.0.0.1:22", "10.0.0.2:4001", 120000);
	three_connections(b);
	assert_order(b, "7 3 2 1");
	assert_false(list_mark_toggle(&b->list)); /* there is no cursor */
	list_move_to(&b->list, m, 3, b->scene.now_ns);
	assert_true(list_mark_toggle(&b->list));
	assert_true(list_is_marked(&b->list, 1));
	update(b);
	assert_order(b, "7 3 2 1"); /* held */
	pass_and_update(b, 4000);
	assert_order(b, "1 7 3 2");
	assert_int_equal(b->list.cursor, 1);
	list_sort(&b->list, LIST_AGE, false);
	update(b);
	assert_order(b, "3 2 1 7"); /* an order that was chosen is what its heading says */
	list_sort_usual(&b->list);
	update(b);
	assert_order(b, "1 7 3 2");
	assert_true(list_mark_toggle(&b->list));
	pass_and_update(b, 4000);
	assert_order(b, "7 3 2 1");
}

static void test_marks_are_bounded_and_go_with_their_connection(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;

	many(b, LIST_MARKS_MAX + 10);
	update(b);
	for (uint32_t i = 0; i < LIST_MARKS_MAX + 10; i++) {
		list_move_to(&b->list, m, i, b->scene.now_ns);
		assert_int_equal(list_mark_toggle(&b->list), i < LIST_MARKS_MAX);
	}
	assert_int_equal(b->list.mark_count, LIST_MARKS_MAX);
	list_move_to(&b->list, m, 0, b->scene.now_ns);
	scene_close(&b->scene, b->list.cursor, CAUSE_RESET);
	pass_and_update(b, 3100);
	assert_int_equal(b->list.mark_count, LIST_MARKS_MAX - 1);
	list_mark_clear(&b->list);
	assert_int_equal(b->list.mark_count, 0);
}

static void test_tail_stays_on_the_newest(void **state)
{
	struct bench *b = *state;
	const struct model *m = b->scene.model;

	three_connections(b);
	list_tail(&b->list, true);
	update(b);
	assert_int_equal(b->list.cursor, 3);
	scene_open(&b->scene, 4, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	pass_and_update(b, 200);
	assert_int_equal(b->list.cursor, 3); /* not that soon */
	pass_and_update(b, 200);
	assert_int_equal(b->list.cursor, 4);
	scene_step(&b->scene, 1, STATE_ESTABLISHED); /* newer changes are not newer connections */
	pass_and_update(b, 400);
	assert_order(b, "1 4 3 2");
	assert_int_equal(b->list.cursor, 4);
	list_move(&b->list, m, 1, b->scene.now_ns);
	assert_false(b->list.tail);
	scene_open(&b->scene, 5, STATE_SYN_SENT, "10.0.0.7:2005", "10.9.9.9:443", SIDE_LOCAL);
	pass_and_update(b, 5000);
	assert_int_equal(b->list.cursor, 3);
}

/* ---- very many ---- */

/* What happens among very many rows is there within a third of a second, though the index is not built anew so soon; so are ends, and their going. */
static void test_changes_are_merged(void **state)
{
	struct bench *b = *state;
	int64_t built_ns;

	many(b, 100000);
	update(b);
	built_ns = b->list.built_ns;
	scene_open(&b->scene, 200000, STATE_SYN_SENT, "10.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	assert_true(list_due(&b->list, b->scene.model) <= b->scene.now_ns + 100 * NS_PER_MS);
	pass_and_update(b, 120);
	assert_int_equal(list_conn(&b->list, b->scene.model, 0), 200000);
	assert_int_equal(b->list.count, 100001);
	scene_step(&b->scene, 77777, STATE_CLOSE_WAIT); /* from behind the rows in order */
	scene_close(&b->scene, 200000, CAUSE_REFUSED);
	pass_and_update(b, 120);
	assert_int_equal(b->list.count, 100001);
	assert_int_equal(list_conn(&b->list, b->scene.model, 0), 200000);
	assert_int_equal(list_conn(&b->list, b->scene.model, 1), 77777);
	assert_int_equal(b->list.built_ns, built_ns);
	for (unsigned i = 0; i < 8; i++) { /* a sweep each second */
		scene_step(&b->scene, 77778 + i, STATE_CLOSE_WAIT);
		b->list.built_ns = built_ns = b->scene.now_ns;
		pass_and_update(b, 500);
	}
	assert_int_equal(b->list.count, 100000);
	assert_int_equal(b->list.connections, 100000);
}

/* Most updates move no row, and what moves is merged; but a column that has something to tell comes. */
static void test_nothing_is_built_anew_without_need(void **state)
{
	struct bench *b = *state;
	struct event unit = {.kind = EVENT_UPDATE, .conn = 7, .unit = "ssh.service"}, name = {.kind = EVENT_NETNS, .netns = 1, .netns_name = "web"};
	int64_t built_ns;

	many(b, 20000);
	update(b);
	built_ns = b->list.built_ns;
	for (unsigned i = 0; i < 100; i++) {
		scene_holder(&b->scene, i + 1, 100, 3, "nginx");
		scene_queues(&b->scene, 19000, i, 0);
		pass_and_update(b, 1000);
	}
	assert_false(b->list.has_unit);
	unit.tuple = connection_tuple(model_find(b->scene.model, unit.conn));
	scene_tell(&b->scene, &unit);
	pass_and_update(b, 200);
	assert_true(b->list.has_unit);
	assert_int_equal(b->list.built_ns, built_ns);
	assert_int_equal(list_due(&b->list, b->scene.model), INT64_MAX);
	scene_tell(&b->scene, &name);
	pass_and_update(b, 60000);
	assert_true(b->list.built_ns > built_ns);
}

/* More than can be told apart: then it is looked at again, soon. */
static void test_too_many_changes(void **state)
{
	struct bench *b = *state;

	many(b, 20000);
	update(b);
	for (unsigned i = 0; i <= LIST_CHANGES_MAX; i++)
		scene_step(&b->scene, i + 1, STATE_CLOSE_WAIT);
	assert_true(b->list.fresh.lost);
	assert_true(list_due(&b->list, b->scene.model) <= b->scene.now_ns + 150 * NS_PER_MS);
	pass_and_update(b, 150);
	assert_false(b->list.fresh.lost);
	assert_int_equal(list_at(&b->list, b->scene.model, 0)->state, STATE_CLOSE_WAIT);
}

/* Very many slots are looked through over several frames; until then the old order is there, and what happens meanwhile is not lost. */
static void test_slices(void **state)
{
	struct bench *b = *state;
	unsigned frames = 0;

	many(b, 5000);
	b->list.slice = 100;
	b->list.merged_from = 0;
	update(b); /* the first time at once: there is nothing else to be seen */
	assert_int_equal(b->list.count, 5000);
	list_sort(&b->list, LIST_LOCAL, true);
	update(b);
	scene_open(&b->scene, 6000, STATE_SYN_SENT, "200.0.0.7:2004", "10.9.9.9:443", SIDE_LOCAL);
	scene_step(&b->scene, 1, STATE_CLOSE_WAIT);
	assert_int_equal(b->list.count, 5000);
	for (; b->list.built_ns == 0; frames++) {
		assert_int_equal(list_due(&b->list, b->scene.model), 0);
		pass_and_update(b, 40);
	}
	assert_in_range(frames, 10, 40);
	assert_int_equal(b->list.count, 5001);
	assert_int_equal(list_conn(&b->list, b->scene.model, 0), 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_newest_change_first),
		TEST(test_warnings_lead_until_an_order_is_chosen),
		TEST(test_every_column_sorts),
		TEST(test_departed_rows_stay_a_while),
		TEST(test_cursor_holds_on_to_its_connection),
		TEST(test_pause_holds_until_it_ends),
		TEST(test_scrolling),
		TEST(test_following_does_not_scroll),
		TEST(test_empty_list),
		TEST(test_pace),
		TEST(test_two_hundred_thousand),
		TEST(test_only_the_first_are_sorted),
		TEST(test_a_held_order_is_only_completed),
		TEST(test_columns_fit),
		TEST(test_cells),
		TEST(test_marks),
		TEST(test_groupings),
		TEST(test_folding),
		TEST(test_groups_add_up),
		TEST(test_many_groups),
		TEST(test_marked_ones_lead),
		TEST(test_marks_are_bounded_and_go_with_their_connection),
		TEST(test_tail_stays_on_the_newest),
		TEST(test_changes_are_merged),
		TEST(test_nothing_is_built_anew_without_need),
		TEST(test_too_many_changes),
		TEST(test_slices),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
