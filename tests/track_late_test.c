/*
 * Stories of a watcher that was held up for a while: the ends of several lives of one port come at once, and nobody can be asked any more about what all but the last
 * have left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "track_world.h"

#define HELD_MS 2000

static struct tuple client, server;

static int begin(void **state)
{
	static struct world w;

	client = world_tuple("127.0.0.1:40000", "127.0.0.1:80");
	server = world_tuple("127.0.0.1:80", "127.0.0.1:40000");
	world_start(&w);
	world_sweep(&w, NULL);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	world_end(*state);
	return 0;
}

/* Time passes in which nothing is read; the notices that came meanwhile are read from now on. */
static void be_held_up(struct world *w)
{
	world_pass_ms(w, HELD_MS);
	w->unheard = true;
	world_told(w);
}

static void a_remnant_is_of_the_last_that_ended(void **state)
{
	struct world *w = *state;
	struct sample first = world_notice(5, &server, 1), last = world_notice(7, &server, 1);
	struct sample remnant = world_remnant(8, &server, STATE_TIME_WAIT, 59500);
	const char *told;

	be_held_up(w);
	world_notify_late(w, &first, HELD_MS);
	world_answer(w, &remnant, NULL);
	assert_string_equal(world_told(w), "");
	world_notify_late(w, &last, HELD_MS);
	world_heard(w);
	told = world_told(w);
	assert_non_null(strstr(told, "step 1 FIN_WAIT2>TIME_WAIT ambiguous\n"));
	assert_non_null(strstr(told, "step 1 TIME_WAIT>CLOSED ambiguous\n"));
	assert_int_equal(model_find(w->model, 1)->closer, SIDE_UNKNOWN);
	world_answer(w, &remnant, NULL);
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
	assert_int_equal(model_find(w->model, 2)->closer, SIDE_LOCAL);
	assert_int_equal(connection_remnant_cookie(model_find(w->model, 2)), 8);
}

static void a_remnant_seen_first_is_of_the_last_that_ended(void **state)
{
	struct world *w = *state;
	struct sample remnant = world_remnant(8, &server, STATE_TIME_WAIT, 59500), first = world_notice(5, &server, 1), last = world_notice(7, &server, 1);

	last.numbers.bytes_received = 70;
	be_held_up(w);
	world_sweep(w, &remnant, NULL);
	world_told(w);
	world_notify_late(w, &first, HELD_MS);
	assert_string_equal(world_told(w), "");
	world_notify_late(w, &last, HELD_MS);
	assert_non_null(strstr(world_told(w), "step 2 TIME_WAIT>CLOSED ambiguous\nclose 2 graceful\n"));
	world_heard(w);
	assert_string_equal(world_told(w), "update 1\n");
	assert_in_range(model_find(w->model, 1)->facts.bytes_received, 69, 70);
	assert_int_equal(model_live(w->model), 1);
	assert_int_equal(w->opens, 2);
}

/* It closed first, and what it left was taken over by a life that this end threw away; of that the notice does not tell who it was. */
static void what_is_not_there_may_have_been_taken_away(void **state)
{
	struct world *w = *state;
	struct sample first = world_socket(5, &server, STATE_ESTABLISHED, true), gone = world_notice(5, &server, 1), scrubbed = world_notice(7, &server, 0);

	world_sweep(w, &first, NULL);
	be_held_up(w);
	gone.numbers.bytes_received++;
	gone.numbers.segs_in++;
	scrubbed.tuple.remote = (struct endpoint){.port = 0};
	world_notify_late(w, &gone, HELD_MS);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "");
	world_notify_late(w, &scrubbed, HELD_MS);
	world_heard(w);
	assert_non_null(strstr(world_told(w), "step 1 LAST_ACK>CLOSED ambiguous\n"));
	assert_int_equal(model_find(w->model, 1)->closer, SIDE_UNKNOWN);
}

/* A connection that never opened has left none. */
static void a_remnant_is_not_of_what_cannot_have_left_it(void **state)
{
	struct world *w = *state;
	struct sample refused = world_notice(5, &client, 0), remnant = world_remnant(8, &client, STATE_TIME_WAIT, 59990);

	refused.numbers = (struct tcp_numbers){.segs_in = 1};
	be_held_up(w);
	world_notify_late(w, &refused, HELD_MS);
	world_answer(w, &remnant, NULL);
	world_heard(w);
	assert_int_equal(model_find(w->model, 1)->cause, CAUSE_REFUSED);
	assert_false(model_find(w->model, 1)->live);
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
}

static void an_older_end_leaves_a_remnant_alone(void **state)
{
	struct world *w = *state;
	struct sample refused = world_notice(5, &client, 0), remnant = world_remnant(8, &client, STATE_TIME_WAIT, 59990);

	refused.numbers = (struct tcp_numbers){.segs_in = 1};
	be_held_up(w);
	world_sweep(w, &remnant, NULL);
	world_notify_late(w, &refused, HELD_MS);
	world_heard(w);
	assert_true(model_find(w->model, 1)->live);
	assert_int_equal(model_find(w->model, 2)->cause, CAUSE_REFUSED);
}

/* The request is younger than the end, though it was seen before that was read. */
static void an_older_end_is_not_of_a_request(void **state)
{
	struct world *w = *state;
	struct sample request = world_socket(8, &server, STATE_SYN_RECV, true), older = world_notice(5, &server, 0);

	be_held_up(w);
	world_sweep(w, &request, NULL);
	world_notify_late(w, &older, HELD_MS);
	world_heard(w);
	assert_true(model_find(w->model, 1)->live);
	assert_int_equal(w->opens, 2);
	assert_int_equal(w->closes, 1);
}

/* A whole life on both ends: this one closed first. */
static void live_and_leave(struct world *w)
{
	struct sample one = world_notice(1, &client, 2), other = world_notice(2, &server, 1), remnant = world_remnant(3, &client, STATE_TIME_WAIT, 60000);

	one.numbers.bytes_received = 101;
	other.numbers.bytes_received = 101;
	world_notify(w, &one);
	world_answer(w, &remnant, NULL);
	world_notify(w, &other);
	world_answer(w, &remnant, NULL);
	assert_ptr_equal(model_pair(w->model, model_find(w->model, 1)), model_find(w->model, 2));
}

/* The client of the life before closed first, and its remnant was still there. */
static void the_other_end_of_another_life_tells_nothing(void **state)
{
	struct world *w = *state;
	struct sample peer = world_notice(5, &client, 2), first = world_notice(6, &server, 1), last = world_notice(7, &server, 1);

	live_and_leave(w);
	world_pass_ms(w, 1000);
	be_held_up(w);
	world_notify_late(w, &peer, HELD_MS);
	world_notify_late(w, &first, HELD_MS);
	world_notify_late(w, &last, HELD_MS);
	/* `first` is told, now that another has followed. */
	assert_non_null(strstr(world_told(w), "open 3 LISTEN>SYN_RECV"));
	assert_int_equal(model_find(w->model, 3)->closer, SIDE_UNKNOWN);
}

static void abort_unread(struct world *w, uint64_t cookie)
{
	struct sample alive = world_socket(cookie, &client, STATE_ESTABLISHED, false), gone = world_notice(cookie, &client, 1);

	world_sweep(w, &alive, NULL);
	gone.rqueue = 5;
	gone.numbers.segs_in = alive.numbers.segs_in;
	world_notify_late(w, &gone, 1);
}

static void one_of_two_other_ends_tells_nothing(void **state)
{
	struct world *w = *state;
	struct sample broken = world_notice(6, &server, 0);

	abort_unread(w, 1);
	world_pass_ms(w, 10);
	world_notify(w, &broken);
	world_answer(w, NULL);
	assert_non_null(strstr(world_told(w), "step 2 ESTABLISHED>CLOSED inferred\nclose 2 reset\n"));
	world_pass_ms(w, 1000);
	abort_unread(w, 2);
	world_pass_ms(w, 500);
	abort_unread(w, 3);
	be_held_up(w);
	broken.cookie = 7;
	world_notify_late(w, &broken, HELD_MS + 2000);
	world_heard(w);
	world_answer(w, NULL);
	assert_non_null(strstr(world_told(w), "step 5 ESTABLISHED>CLOSED ambiguous\nclose 5 reset\n"));
}

/* Its own remnant, with its own cookie, has been seen already. */
static void a_second_remnant_is_not_the_expected_one(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(5, &client, 2), own = world_remnant(5, &client, STATE_TIME_WAIT, 60000);
	struct sample other = world_remnant(9, &client, STATE_TIME_WAIT, 60000);

	world_notify(w, &notice);
	world_answer(w, &own, NULL);
	world_pass_ms(w, 10);
	world_sweep(w, &other, NULL);
	assert_false(model_find(w->model, 1)->live);
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
}

static void what_is_over_is_not_the_other_end_of_what_lives(void **state)
{
	struct world *w = *state;
	struct sample one = world_notice(1, &client, 2), remnant = world_remnant(3, &client, STATE_TIME_WAIT, 60000);
	struct sample alive = world_socket(6, &server, STATE_ESTABLISHED, true), peer = world_socket(7, &client, STATE_ESTABLISHED, false);

	world_notify(w, &one);
	world_answer(w, &remnant, NULL);
	world_pass_ms(w, 1500);
	world_sweep(w, &alive, &peer, NULL);
	assert_int_equal(model_find(w->model, 1)->pair_slot, MAP_NONE);
	assert_ptr_equal(model_pair(w->model, model_find(w->model, 2)), model_find(w->model, 3));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		STORY(a_remnant_is_of_the_last_that_ended),
		STORY(a_remnant_seen_first_is_of_the_last_that_ended),
		STORY(what_is_not_there_may_have_been_taken_away),
		STORY(a_remnant_is_not_of_what_cannot_have_left_it),
		STORY(an_older_end_leaves_a_remnant_alone),
		STORY(an_older_end_is_not_of_a_request),
		STORY(the_other_end_of_another_life_tells_nothing),
		STORY(one_of_two_other_ends_tells_nothing),
		STORY(a_second_remnant_is_not_the_expected_one),
		STORY(what_is_over_is_not_the_other_end_of_what_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
