/* The state map: where transitions belong, what is counted, where things stand, and tokens. */
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
#include "map_layouts.h"
#include "scene.h"
#include "tcp/edge.h"
#include "tcp/flags.h"

static struct scene scene;
static struct state_map map;
static const struct tempo usual = {.kind = TEMPO_COMPRESSED};

static void hear(void *context, const struct event *e)
{
	(void)context;
	state_map_event(&map, scene.model, e, true);
}

static void update(void)
{
	state_map_update(&map, scene.model, &usual, true, 21, 80, scene.now_ns);
}

static int start(void **state)
{
	(void)state;
	scene_start(&scene);
	scene.sink = hear;
	state_map_init(&map);
	scene_swept(&scene);
	update();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	scene_end(&scene);
	return 0;
}

/* ---- places ---- */

static void test_every_legal_edge_has_a_place(void **state)
{
	bool drawn[MAP_EDGES] = {false};

	(void)state;
	for (size_t i = 0; i < edge_count; i++) {
		const struct edge *e = &edge_table[i];
		enum state_map_edge edges[2];
		enum state_map_end end = MAP_END_KINDS;
		const int placed =
			state_map_place((enum tcp_state)e->from, (enum tcp_state)e->to, (uint8_t)(e->cause + 1), CERTAINTY_OBSERVED, edges, &end);

		assert_in_range(placed, 0, 2);
		if (placed == 0) {
			assert_int_equal(e->to, STATE_CLOSED);
			assert_int_equal(end, e->cause == ON_RESET || e->cause == ON_ABORT ? MAP_END_RESET : MAP_END_OTHER);
			continue;
		}
		assert_int_equal(state_map_edges[edges[0]].from, e->from);
		assert_int_equal(state_map_edges[edges[placed - 1]].to, e->to);
		assert_true(placed == 1 || state_map_edges[edges[0]].to == state_map_edges[edges[1]].from);
		for (int k = 0; k < placed; k++)
			drawn[edges[k]] = true;
		assert_false(e->to == STATE_CLOSED && (e->cause == ON_RESET || e->cause == ON_ABORT));
	}
	for (unsigned e = 0; e < MAP_EDGES; e++)
		assert_true(drawn[e]); /* and what is drawn is legal */
}

static void test_what_is_not_tcp_has_none(void **state)
{
	enum state_map_edge edges[2];
	enum state_map_end end;

	(void)state;
	for (unsigned from = 0; from <= STATE_COUNT; from++)
		for (unsigned to = 0; to <= STATE_COUNT; to++)
			assert_int_equal(state_map_place((enum tcp_state)from, (enum tcp_state)to, 0, CERTAINTY_OBSERVED, edges, &end) >= 0,
					 edge_find((enum tcp_state)from, (enum tcp_state)to) != NULL);
}

/* The flags that a label names are those of the edge, apart from the ACK that every segment but the first SYN has. */
static void test_labels_tell_what_the_edge_does(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MAP_EDGES; i++) {
		const struct edge *e = edge_find((enum tcp_state)state_map_edges[i].from, (enum tcp_state)state_map_edges[i].to);
		const char *label = state_map_edges[i].label, *slash = strchr(label, '/');

		assert_int_equal(slash != NULL, e->send != 0);
		assert_int_equal(slash && strstr(slash, "SYN") != NULL, (e->send & FLAG_SYN) != 0);
		assert_int_equal(slash && strstr(slash, "FIN") != NULL, (e->send & FLAG_FIN) != 0);
		if (e->cause == ON_CLOSE && state_map_edges[i].to != STATE_CLOSED)
			assert_int_equal(strncmp(label, "close", 5), 0);
		if (e->cause == ON_SEGMENT && (e->on & FLAG_SYN))
			assert_int_equal(strncmp(label, "SYN", 3), 0);
		if (e->cause == ON_SEGMENT && (e->on & FLAG_FIN))
			assert_int_equal(strncmp(label, "FIN", 3), 0);
		if (e->cause == ON_SEGMENT && e->on == FLAG_ACK)
			assert_int_equal(strncmp(label, "ACK of", 6), 0);
	}
}

static void test_resets_and_other_ends(void **state)
{
	(void)state;
	scene_was_there(&scene, 1, STATE_ESTABLISHED, "10.0.0.5:80", "10.0.0.9:5000", 5000);
	scene_was_there(&scene, 2, STATE_FIN_WAIT2, "10.0.0.5:80", "10.0.0.9:5001", 5000);
	scene_was_there(&scene, 3, STATE_TIME_WAIT, "10.0.0.5:80", "10.0.0.9:5002", 5000);
	scene_close(&scene, 1, CAUSE_RESET);
	scene_close(&scene, 2, CAUSE_TIMED_OUT);
	scene_close(&scene, 3, CAUSE_GRACEFUL);
	assert_int_equal(state_map_ended(&map, STATE_ESTABLISHED, MAP_END_RESET, scene.now_ns), 1);
	assert_int_equal(state_map_ended(&map, STATE_FIN_WAIT2, MAP_END_OTHER, scene.now_ns), 1);
	assert_int_equal(state_map_taken(&map, MAP_TIME_WAIT_CLOSED, scene.now_ns), 1);
	assert_int_equal(state_map_entered(&map, STATE_CLOSED, scene.now_ns), 3);
	assert_int_equal(state_map_left(&map, STATE_CLOSED, scene.now_ns), 0);
}

/* ---- rates ---- */

static void test_rates_are_exact(void **state)
{
	uint32_t values[5], in = 0;

	(void)state;
	for (unsigned i = 0; i < 40; i++) { /* ten a second */
		scene_open(&scene, 100 + i, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
		if (i % 2)
			scene_step(&scene, 100 + i, STATE_ESTABLISHED);
		scene_pass_ms(&scene, 100);
	}
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns - 1), 40);
	assert_int_equal(state_map_taken(&map, MAP_SYN_SENT_ESTABLISHED, scene.now_ns - 1), 20);
	assert_int_equal(state_map_entered(&map, STATE_SYN_SENT, scene.now_ns - 1), 40);
	assert_int_equal(state_map_left(&map, STATE_SYN_SENT, scene.now_ns - 1), 20);
	scene_pass_ms(&scene, 1000);
	state_map_history(&map, STATE_SYN_SENT, true, scene.now_ns, values, 5);
	for (unsigned i = 0; i < 5; i++)
		in += values[i];
	assert_int_equal(in, 40);
	assert_int_equal(values[2], 10);
	scene_pass_ms(&scene, 3000);
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns), 0);
	scene_pass_ms(&scene, MAP_BINS * MAP_BIN_NS / NS_PER_MS); /* the ring has come round */
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns), 0);
}

/* What was there before, or is told again, is no transition. */
static void test_rows_are_no_transitions(void **state)
{
	(void)state;
	scene_office(&scene);
	scene_queues(&scene, 3, 1, 2);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		assert_int_equal(state_map_taken(&map, (enum state_map_edge)e, scene.now_ns), 0);
	assert_false(state_map_moves(&map));
}

static void test_net(void **state)
{
	int64_t net;
	bool grows;

	(void)state;
	assert_false(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
	for (unsigned second = 0; second < 60; second++) {
		if (second % 6 == 0)
			scene_was_there(&scene, 100 + second, STATE_CLOSE_WAIT, "10.0.0.5:80", "10.0.0.9:5000", 10);
		scene_swept(&scene);
		scene_pass_ms(&scene, 1000);
		if (second == 29) {
			assert_true(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
			assert_int_equal(net, 10); /* five in half a minute */
			assert_true(grows);
		}
		if (second == 19) {
			assert_true(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
			assert_false(grows); /* that is too soon to say */
		}
	}
	assert_true(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
	assert_int_equal(net, 10);
	assert_true(grows);
	assert_true(state_map_net(&map, scene.model, STATE_LAST_ACK, scene.now_ns, &net, &grows));
	assert_int_equal(net, 0);
	assert_false(grows);
	scene_close(&scene, 100, CAUSE_RESET); /* one goes: that is no leak that only grows */
	assert_true(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
	assert_int_equal(net, 9);
	assert_false(grows);
	scene_pass_ms(&scene, 3600000); /* nobody looked for an hour */
	assert_false(state_map_net(&map, scene.model, STATE_CLOSE_WAIT, scene.now_ns, &net, &grows));
}

/* ---- layout ---- */

static void test_layouts(void **state)
{
	(void)state;
	map_layouts_check();
}

/* From every box every other can be reached with the four arrows, and a step has a way back in the same line. */
static void test_cursor_reaches_all(void **state)
{
	static const int ways[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
	static const unsigned sizes[][2] = {{20, 80}, {21, 80}, {27, 100}, {57, 200}, {190, 480}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned reached = STATE_BIT(STATE_ESTABLISHED), before = 0;
		struct state_map_layout l;

		state_map_lay_out(&l, sizes[i][0], sizes[i][1]);
		while (reached != before) {
			before = reached;
			for (unsigned s = 1; s < STATE_COUNT; s++)
				for (unsigned w = 0; w < 4 && (before & STATE_BIT(s)); w++)
					reached |= STATE_BIT(state_map_next(&l, (enum tcp_state)s, ways[w][0], ways[w][1]));
		}
		assert_int_equal(reached, STATE_BIT(STATE_COUNT) - 2);
		assert_int_equal(state_map_next(&l, STATE_ESTABLISHED, 1, 0), STATE_CLOSE_WAIT);
		assert_int_equal(state_map_next(&l, STATE_CLOSE_WAIT, 1, 0), STATE_LAST_ACK);
		assert_int_equal(state_map_next(&l, STATE_LAST_ACK, 1, 0), STATE_LAST_ACK);
		assert_int_equal(state_map_next(&l, STATE_LAST_ACK, 0, -1), STATE_FIN_WAIT2);
		assert_int_equal(state_map_next(&l, STATE_FIN_WAIT2, 0, -1), STATE_TIME_WAIT);
		assert_int_equal(state_map_next(&l, STATE_TIME_WAIT, -1, 0), STATE_CLOSING);
		assert_int_equal(state_map_next(&l, STATE_SYN_RECV, 0, 1), STATE_ESTABLISHED);
		assert_int_equal(state_map_next(&l, STATE_ESTABLISHED, -1, 0), STATE_SYN_SENT);
		assert_int_equal(state_map_next(&l, STATE_SYN_SENT, -1, 0), STATE_CLOSED);
	}
}

static void test_boxes_are_found_by_their_cells(void **state)
{
	(void)state;
	for (unsigned s = 1; s < STATE_COUNT; s++) {
		const struct map_box *b = &map.layout.boxes[s];

		assert_int_equal(state_map_at(&map, b->row, b->column), s);
		assert_int_equal(state_map_at(&map, b->row + b->rows - 1u, b->column + b->columns - 1u), s);
	}
	assert_int_equal(state_map_at(&map, 0, 0), STATE_NONE);
	assert_int_equal(state_map_at(&map, 1000, 1000), STATE_NONE);
}

static void test_table_keeps_the_cursor_in_sight(void **state)
{
	(void)state;
	for (int way = 1; way >= -1; way -= 2)
		for (unsigned i = 0; i < 14; i++) {
			bool shown = false;

			state_map_update(&map, scene.model, &usual, true, 7, 40, scene.now_ns);
			for (unsigned row = 0; row <= 8; row++)
				shown |= state_map_at(&map, row, 3) == (enum tcp_state)map.selected;
			assert_true(shown);
			state_map_move(&map, way, 0);
		}
	assert_int_equal(map.selected, STATE_LISTEN);
	update();
	map.selected = STATE_CLOSED; /* it has no row */
	state_map_update(&map, scene.model, &usual, true, 7, 40, scene.now_ns);
	assert_int_equal(map.selected, STATE_LISTEN);
}

/* ---- tokens ---- */

static void test_token_travels(void **state)
{
	(void)state;
	scene_open(&scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	assert_int_equal(map.token_count, 1);
	assert_int_equal(map.tokens[0].edge, MAP_CLOSED_SYN_SENT);
	assert_int_equal(map.tokens[0].ends_ns - map.tokens[0].starts_ns, MAP_FLIGHT_NS);
	assert_true(state_map_moves(&map));
	scene_pass_ms(&scene, MAP_FLIGHT_NS / NS_PER_MS - 1);
	update();
	assert_true(state_map_moves(&map));
	scene_pass_ms(&scene, 1);
	update();
	assert_false(state_map_moves(&map));
}

/* What happened to one connection at once is seen one after the other. */
static void test_tokens_of_a_connection_follow(void **state)
{
	(void)state;
	scene_open(&scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	scene_step(&scene, 100, STATE_ESTABLISHED);
	scene_step(&scene, 100, STATE_FIN_WAIT1);
	assert_int_equal(map.token_count, 3);
	for (unsigned i = 1; i < 3; i++)
		assert_int_equal(map.tokens[i].starts_ns, map.tokens[i - 1].ends_ns);
}

static void test_tokens_are_bounded_and_the_rest_is_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		scene_open(&scene, 100 + i, i % 2 ? STATE_SYN_SENT : STATE_SYN_RECV, "10.0.0.5:5000", "10.0.0.9:80", i % 2 ? SIDE_LOCAL : SIDE_REMOTE);
	assert_in_range(map.token_count, 10, MAP_TOKENS_MAX);
	assert_int_equal(map.missed_ns[MAP_CLOSED_SYN_SENT], scene.now_ns);
	assert_int_equal(map.missed_ns[MAP_SYN_SENT_ESTABLISHED], 0);
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns), 2500);
	for (unsigned i = 0; i < map.token_count; i++)
		assert_true(map.tokens[i].starts_ns <= scene.now_ns + 5 * MAP_FLIGHT_NS);
}

static void test_pause_holds_tokens(void **state)
{
	int64_t left;

	(void)state;
	scene_open(&scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	scene_pass_ms(&scene, 200);
	left = map.tokens[0].ends_ns - scene.now_ns;
	state_map_pause(&map, true, scene.now_ns);
	assert_false(state_map_moves(&map));
	scene_pass_ms(&scene, 5000);
	update();
	scene_open(&scene, 101, STATE_SYN_SENT, "10.0.0.5:5001", "10.0.0.9:80", SIDE_LOCAL);
	assert_int_equal(map.token_count, 1);
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns), 1);
	state_map_pause(&map, false, scene.now_ns);
	assert_int_equal(map.tokens[0].ends_ns - scene.now_ns, left);
	assert_true(state_map_moves(&map));
}

static void test_no_tokens_without_animation_or_unseen(void **state)
{
	const struct event open = {.kind = EVENT_OPEN, .from = STATE_CLOSED, .to = STATE_SYN_SENT, .conn = 7, .t_ns = scene.now_ns};

	(void)state;
	state_map_event(&map, scene.model, &open, false);
	assert_int_equal(map.token_count, 0);
	state_map_update(&map, scene.model, &usual, false, 21, 80, scene.now_ns);
	state_map_event(&map, scene.model, &open, true);
	assert_int_equal(map.token_count, 0);
	assert_int_equal(state_map_taken(&map, MAP_CLOSED_SYN_SENT, scene.now_ns), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_every_legal_edge_has_a_place),
		TEST(test_what_is_not_tcp_has_none),
		TEST(test_labels_tell_what_the_edge_does),
		TEST(test_resets_and_other_ends),
		TEST(test_rates_are_exact),
		TEST(test_rows_are_no_transitions),
		TEST(test_net),
		TEST(test_layouts),
		TEST(test_cursor_reaches_all),
		TEST(test_boxes_are_found_by_their_cells),
		TEST(test_table_keeps_the_cursor_in_sight),
		TEST(test_token_travels),
		TEST(test_tokens_of_a_connection_follow),
		TEST(test_tokens_are_bounded_and_the_rest_is_told),
		TEST(test_pause_holds_tokens),
		TEST(test_no_tokens_without_animation_or_unseen),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
