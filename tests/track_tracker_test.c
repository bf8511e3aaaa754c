/* Stories for the tracker: what is seen, and what must be told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/clock.h"
#include "track_world.h"

static struct tuple client, server;
static struct sample listener;

static int begin(void **state)
{
	static struct world w;
	struct tuple any = world_tuple("0.0.0.0:80", "0.0.0.0:0");

	client = world_tuple("127.0.0.1:40000", "127.0.0.1:80");
	server = world_tuple("127.0.0.1:80", "127.0.0.1:40000");
	listener = world_socket(99, &any, STATE_LISTEN, true);
	world_start(&w);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	world_end(*state);
	return 0;
}

static void what_was_there_before_gets_a_row(void **state)
{
	struct world *w = *state;
	struct sample old = world_socket(1, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &listener, &old, NULL);
	assert_string_equal(world_told(w), "row 1 LISTEN\nrow 2 ESTABLISHED\n");
	assert_int_equal(model_find(w->model, 2)->opener, SIDE_LOCAL);
	assert_int_equal(model_find(w->model, 2)->opener_by, EVIDENCE_COUNTED);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &old, NULL);
	assert_string_equal(world_told(w), "");
}

static void each_state_that_is_seen_is_observed(void **state)
{
	static const enum tcp_state seen[] = {STATE_SYN_SENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2};
	struct world *w = *state;
	struct sample s;

	world_sweep(w, NULL);
	for (size_t i = 0; i < 4; i++) {
		world_pass_ms(w, 1000);
		s = world_socket(5, &client, seen[i], false);
		world_sweep(w, &s, NULL);
	}
	world_pass_ms(w, 1000);
	s = world_remnant(5, &client, STATE_TIME_WAIT, 59900);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "open 1 CLOSED>SYN_SENT observed opener=local/edge\n"
	                                   "step 1 SYN_SENT>ESTABLISHED observed\n"
	                                   "step 1 ESTABLISHED>FIN_WAIT1 observed\n"
	                                   "step 1 FIN_WAIT1>FIN_WAIT2 observed\n"
	                                   "step 1 FIN_WAIT2>TIME_WAIT observed\n");
	/* Each happened between two sweeps a second apart. */
	for (int i = 1; i < 5; i++) {
		const struct step *step = &model_find(w->model, 1)->history->steps[i];

		assert_in_range(step->t1_ns - step->t0_ns, 1000 * NS_PER_MS, 1001 * NS_PER_MS);
		assert_true(step->t0_ns);
	}
}

static void what_lies_between_is_inferred(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(6, &server, STATE_CLOSE_WAIT, true);

	world_sweep(w, &listener, NULL);
	world_told(w);
	world_sweep(w, &listener, &s, NULL);
	assert_string_equal(world_told(w), "open 2 LISTEN>SYN_RECV inferred opener=remote/counted\n"
	                                   "step 2 SYN_RECV>ESTABLISHED inferred\n"
	                                   "step 2 ESTABLISHED>CLOSE_WAIT observed\n");
	assert_int_equal(model_find(w->model, 2)->closer, SIDE_REMOTE);
}

static void two_ways_to_time_wait_are_ambiguous(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(6, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &s, NULL);
	world_told(w);
	s = world_remnant(6, &client, STATE_TIME_WAIT, 60000);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>FIN_WAIT1 inferred\n"
	                                   "step 1 FIN_WAIT1>FIN_WAIT2 ambiguous\n"
	                                   "step 1 FIN_WAIT2>TIME_WAIT ambiguous\n");
}

/* No notice comes when FIN_WAIT2 is left: the end of the other side says that it was. */
static void the_other_side_of_an_end_is_looked_at(void **state)
{
	struct world *w = *state;
	struct sample active = world_socket(5, &client, STATE_ESTABLISHED, false), passive = world_socket(6, &server, STATE_ESTABLISHED, true);
	struct sample remnant = world_remnant(5, &client, STATE_TIME_WAIT, 60000), notice = world_notice(6, &server, 1);

	world_sweep(w, &listener, &active, &passive, NULL);
	active.state = STATE_FIN_WAIT2;
	passive.state = STATE_CLOSE_WAIT;
	world_sweep(w, &listener, &active, &passive, NULL);
	world_drop_lookups(w);
	world_told(w);
	world_notify(w, &notice);
	assert_int_equal(world_answer(w, &remnant, NULL), 1);
	assert_non_null(strstr(world_told(w), "step 2 FIN_WAIT2>TIME_WAIT observed\n"));
	/* Of one that is in TIME_WAIT there is nothing more to be found out. */
	assert_int_equal(world_answer(w, NULL), 0);
}

/* A dump listed it before it died, and is read only after its notice. */
static void a_socket_listed_before_its_notice_does_not_come_back(void **state)
{
	struct world *w = *state;
	struct sample dying = world_socket(6, &server, STATE_LAST_ACK, true), notice = world_notice(6, &server, 1);
	int64_t listed_ns;

	world_sweep(w, &listener, NULL);
	world_pass_ms(w, 1000);
	world_sweep_begin(w);
	listed_ns = w->now_ns;
	world_notify_late(w, &notice, 900);
	world_drop_lookups(w);
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
	world_told(w);
	batch_add(w->batch, OBSERVED_SAMPLE, listed_ns, w->now_ns)->sample = dying;
	tracker_observe(w->tracker, w->batch, w->now_ns);
	w->batch->count = 0;
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_coverage(w->model)->illegal, 0);
}

/* It began before the dump that lists it did, and was read at its end: so its beginning is known to a second, not to a tick. */
static void a_remnant_read_late_in_a_dump_is_no_other(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(6, &client, 2), remnant = world_remnant(9, &client, STATE_TIME_WAIT, 60000);
	int64_t listed_ns;

	world_sweep(w, &listener, NULL);
	world_pass_ms(w, 500);
	world_notify_late(w, &notice, 400);
	world_drop_lookups(w);
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
	world_told(w);
	listed_ns = w->now_ns;
	world_pass_ms(w, 1000);
	batch_add(w->batch, OBSERVED_SAMPLE, listed_ns, w->now_ns)->sample = remnant;
	tracker_observe(w->tracker, w->batch, w->now_ns);
	w->batch->count = 0;
	assert_null(strstr(world_told(w), "open"));
	assert_int_equal(w->opens, 1);
	assert_int_equal(w->closes, 0);
}

static void a_life_never_sampled_is_told_from_its_notices(void **state)
{
	struct world *w = *state;
	struct sample active = world_notice(10, &client, 2), passive = world_notice(11, &server, 1);
	struct sample remnant = world_remnant(12, &client, STATE_TIME_WAIT, 60000);
	const struct connection *c;

	world_sweep(w, &listener, NULL);
	world_told(w);
	world_pass_ms(w, 300);
	world_notify(w, &active);
	world_notify(w, &passive);
	assert_string_equal(world_told(w), "");
	assert_int_equal(world_answer(w, &remnant, NULL), 2);
	assert_string_equal(world_told(w), "open 2 CLOSED>SYN_SENT inferred opener=local/counted\n"
	                                   "step 2 SYN_SENT>ESTABLISHED inferred\n"
	                                   "step 2 ESTABLISHED>FIN_WAIT1 inferred\n"
	                                   "step 2 FIN_WAIT1>FIN_WAIT2 ambiguous\n"
	                                   "step 2 FIN_WAIT2>TIME_WAIT ambiguous\n"
	                                   "open 3 LISTEN>SYN_RECV inferred opener=remote/peer\n"
	                                   "step 3 SYN_RECV>ESTABLISHED inferred\n"
	                                   "step 3 ESTABLISHED>CLOSE_WAIT inferred\n"
	                                   "step 3 CLOSE_WAIT>LAST_ACK inferred\n"
	                                   "step 3 LAST_ACK>CLOSED inferred\n"
	                                   "close 3 graceful\n");
	c = model_find(w->model, 2);
	assert_ptr_equal(model_pair(w->model, c), model_find(w->model, 3));
	assert_int_equal(connection_remnant_cookie(c), 12);
	assert_int_equal(model_population(w->model, STATE_TIME_WAIT), 1);
	/* The remnant in later sweeps is this connection, until it goes; then it was a time-out and no riddle. */
	world_pass_ms(w, 700);
	world_sweep(w, &listener, &remnant, NULL);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 60000);
	world_sweep(w, &listener, NULL);
	assert_string_equal(world_told(w), "");
	assert_int_equal(world_answer(w, NULL), 1);
	assert_string_equal(world_told(w), "step 2 TIME_WAIT>CLOSED observed\nclose 2 graceful\n");
	assert_int_equal(w->opens, w->closes);
}

/* A dump met it in the middle of tcp_done(): closed, and its port already given back. */
static void a_socket_seen_dying_is_still_itself(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_LAST_ACK, true), dying = s, notice = world_notice(5, &server, 1);

	world_sweep(w, &listener, &s, NULL);
	world_told(w);
	world_pass_ms(w, 50);
	dying.state = STATE_CLOSED;
	dying.tuple.local.port = 0;
	world_sweep(w, &listener, &dying, NULL);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 2 LAST_ACK>CLOSED inferred\nclose 2 graceful\n");
}

/* Read between the state and the numbers, the ACK of the FIN counts in the numbers of a socket that is said to wait for it. */
static void numbers_read_later_than_the_state_prove_no_opener(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_FIN_WAIT1, true);

	world_sweep(w, &listener, NULL);
	world_told(w);
	world_pass_ms(w, 50);
	s.wqueue = 1;
	s.numbers.unacked = 0;
	s.numbers.bytes_acked = s.numbers.bytes_sent + 1;
	world_sweep(w, &listener, &s, NULL);
	assert_int_equal(model_find(w->model, 2)->opener, SIDE_REMOTE);
}

/* Its TIME_WAIT entry was seen, and taken over by a new connection, before the notice came: a host too busy to make it. */
static void a_notice_later_than_its_remnant_tells_nothing_twice(void **state)
{
	struct world *w = *state;
	struct sample remnant = world_remnant(12, &client, STATE_TIME_WAIT, 60000), notice = world_notice(10, &client, 2);
	struct sample next = world_socket(20, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &listener, NULL);
	world_pass_ms(w, 50);
	world_sweep(w, &listener, &remnant, NULL);
	world_pass_ms(w, 250);
	world_sweep(w, &listener, &next, NULL);
	world_told(w);
	notice.numbers.last_ack_recv_ms = notice.numbers.last_data_recv_ms = notice.numbers.last_data_sent_ms = 270;
	world_pass_ms(w, 20);
	world_notify_late(w, &notice, 10);
	world_answer(w, &next, NULL);
	assert_null(strstr(world_told(w), "open"));
	assert_true(model_find_cookie(w->model, w->batch->netns, 20)->live);
}

/* The full socket was looked at, so its own notice will have its cookie; this one is of the connection after it, which nobody saw. */
static void a_notice_with_another_cookie_is_another_connection(void **state)
{
	struct world *w = *state;
	struct sample full = world_socket(5, &client, STATE_ESTABLISHED, false), remnant = world_remnant(5, &client, STATE_TIME_WAIT, 60000);
	struct sample notice = world_notice(6, &client, 1);

	world_sweep(w, &listener, NULL);
	world_pass_ms(w, 50);
	world_sweep(w, &listener, &full, NULL);
	world_pass_ms(w, 50);
	world_sweep(w, &listener, &remnant, NULL);
	world_told(w);
	world_pass_ms(w, 100);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_non_null(strstr(world_told(w), "open 3 "));
}

/* A sweep between a socket's death and the reading of its notice did not see it either. */
static void a_sweep_before_the_notice_was_read_bounds_nothing(void **state)
{
	struct world *w = *state;
	struct sample passive = world_notice(11, &server, 1);
	int64_t before_ns;

	world_sweep(w, &listener, NULL);
	before_ns = w->now_ns;
	world_pass_ms(w, 100);
	world_sweep(w, &listener, NULL);
	world_pass_ms(w, 2);
	world_notify_late(w, &passive, 10);
	world_answer(w, NULL);
	assert_in_range(model_find(w->model, 2)->history->steps[0].t0_ns, before_ns - NS_PER_MS, before_ns);
}

static void a_remnant_seen_before_its_notice_is_the_same_connection(void **state)
{
	struct world *w = *state;
	struct sample remnant = world_remnant(12, &client, STATE_TIME_WAIT, 60000), notice = world_notice(10, &client, 2);

	world_sweep(w, NULL);
	world_sweep(w, &remnant, NULL);
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "update 1\n");
	assert_int_equal(model_find(w->model, 1)->facts.bytes_sent, 100);
	assert_int_equal(model_live(w->model), 1);
}

static void a_port_that_comes_round_is_another_connection(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(10, &client, 2), remnant = world_remnant(12, &client, STATE_TIME_WAIT, 60000);

	world_sweep(w, NULL);
	world_notify(w, &notice);
	world_answer(w, &remnant, NULL);
	world_told(w);
	world_pass_ms(w, 1500);
	notice = world_notice(20, &client, 2);
	remnant = world_remnant(22, &client, STATE_TIME_WAIT, 60000);
	world_notify(w, &notice);
	world_answer(w, &remnant, NULL);
	assert_string_equal(world_told(w), "step 1 TIME_WAIT>CLOSED inferred\nclose 1 graceful\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/counted\n"
	                                   "step 2 SYN_SENT>ESTABLISHED inferred\n"
	                                   "step 2 ESTABLISHED>FIN_WAIT1 inferred\n"
	                                   "step 2 FIN_WAIT1>FIN_WAIT2 ambiguous\n"
	                                   "step 2 FIN_WAIT2>TIME_WAIT ambiguous\n");
	assert_int_equal(model_live(w->model), 1);
}

static void a_guessed_time_wait_meets_its_remnant(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(10, &client, 2), remnant = world_remnant(12, &client, STATE_TIME_WAIT, 59000);

	world_sweep(w, NULL);
	world_notify(w, &notice);
	world_drop_lookups(w);
	assert_int_equal(model_coverage(w->model)->lookups_dropped, 1);
	assert_int_equal(model_find(w->model, 1)->state, STATE_TIME_WAIT);
	world_told(w);
	world_pass_ms(w, 1000);
	world_sweep(w, &remnant, NULL);
	assert_string_equal(world_told(w), "update 1\n");
	assert_int_equal(model_live(w->model), 1);
}

static void an_unanswered_look_up_does_not_hold_an_end_up(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_CLOSE_WAIT, true), notice = world_notice(5, &server, 1);
	struct tuple other = world_tuple("127.0.0.1:40001", "127.0.0.1:80");
	struct sample stranger = world_notice(6, &other, 2);

	world_sweep(w, &s, NULL);
	world_told(w);
	/* A passive end leaves no remnant: nobody need be asked. */
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 CLOSE_WAIT>LAST_ACK inferred\nstep 1 LAST_ACK>CLOSED inferred\nclose 1 graceful\n");
	world_notify(w, &stranger);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 2500);
	assert_string_equal(world_told(w), "open 2 CLOSED>SYN_SENT inferred opener=local/counted\nstep 2 SYN_SENT>ESTABLISHED inferred\nstep 2 ESTABLISHED>FIN_WAIT1 ambiguous\n"
	                                   "step 2 FIN_WAIT1>FIN_WAIT2 ambiguous\nstep 2 FIN_WAIT2>TIME_WAIT ambiguous\n");
	assert_int_equal(model_find(w->model, 2)->closer, SIDE_UNKNOWN);
}

/* Neither the answer nor the notice that it waits for will come. */
static void what_waits_when_nothing_more_comes_is_told_with_what_is_known(void **state)
{
	struct world *w = *state;
	struct tuple other = world_tuple("127.0.0.1:40001", "127.0.0.1:80");
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), stranger = world_notice(6, &other, 2);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	assert_int_equal(world_answer(w, NULL), 1);
	world_notify(w, &stranger);
	assert_string_equal(world_told(w), "");
	tracker_finish(w->tracker, w->now_ns);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/counted\nstep 2 SYN_SENT>ESTABLISHED inferred\nstep 2 ESTABLISHED>FIN_WAIT1 ambiguous\n"
	                                   "step 2 FIN_WAIT1>FIN_WAIT2 ambiguous\nstep 2 FIN_WAIT2>TIME_WAIT ambiguous\n");
	assert_int_equal(tracker_due(w->tracker), INT64_MAX);
}

/* Two threads look: a dump under way can still list the TIME_WAIT entry whose place the dead socket had taken. */
static void a_remnant_of_the_life_before_decides_nothing(void **state)
{
	struct world *w = *state;
	struct sample first = world_notice(5, &server, 1), remnant = world_remnant(6, &server, STATE_TIME_WAIT, 59999), second = world_notice(7, &server, 1);
	int64_t listed_ns;

	world_sweep(w, NULL);
	world_notify(w, &first);
	world_answer(w, &remnant, NULL);
	world_pass_ms(w, 1000);
	remnant.expires_ms -= 1000;
	listed_ns = w->now_ns;
	world_pass_ms(w, 1000);
	world_notify_late(w, &second, 1);
	world_told(w);
	batch_add(w->batch, OBSERVED_SAMPLE, listed_ns, listed_ns)->sample = remnant;
	tracker_observe(w->tracker, w->batch, w->now_ns);
	w->batch->count = 0;
	assert_string_equal(world_told(w), "");
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "open 2 LISTEN>SYN_RECV inferred opener=remote/port_range\nstep 2 SYN_RECV>ESTABLISHED inferred\n"
	                                   "step 2 ESTABLISHED>CLOSE_WAIT ambiguous\nstep 2 CLOSE_WAIT>LAST_ACK ambiguous\n"
	                                   "step 2 LAST_ACK>CLOSED ambiguous\nclose 2 graceful\n");
}

/* Nor does one that nobody knows by its cookie, when it was seen before the notice. */
static void a_remnant_seen_before_the_notice_decides_nothing(void **state)
{
	struct world *w = *state;
	struct sample remnant = world_remnant(6, &server, STATE_TIME_WAIT, 59900), notice = world_notice(7, &server, 1);
	int64_t listed_ns;

	world_sweep(w, NULL);
	listed_ns = w->now_ns;
	world_pass_ms(w, 100);
	world_notify_late(w, &notice, 1);
	batch_add(w->batch, OBSERVED_SAMPLE, listed_ns, w->now_ns)->sample = remnant;
	tracker_observe(w->tracker, w->batch, w->now_ns);
	w->batch->count = 0;
	assert_string_equal(world_told(w), "");
	world_answer(w, NULL);
	assert_non_null(strstr(world_told(w), "close 1 graceful\n"));
	assert_int_equal(w->opens, 1);
}

/* The port has come round before the look-up was answered. */
static void a_remnant_younger_than_the_notice_is_anothers(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(5, &server, 1), remnant = world_remnant(6, &server, STATE_TIME_WAIT, 59900);
	const char *told;

	world_sweep(w, NULL);
	world_notify(w, &notice);
	world_pass_ms(w, 1000);
	world_told(w);
	world_answer(w, &remnant, NULL);
	told = world_told(w);
	assert_non_null(strstr(told, "step 1 ESTABLISHED>FIN_WAIT1 ambiguous\n"));
	assert_non_null(strstr(told, "close 1 graceful\n"));
	assert_non_null(strstr(told, "open 2 LISTEN>SYN_RECV inferred"));
	assert_non_null(strstr(told, "step 2 FIN_WAIT2>TIME_WAIT ambiguous\n"));
	assert_int_equal(model_find(w->model, 2)->state, STATE_TIME_WAIT);
}

static void resets_are_told_apart(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 reset\n");
	/* Closed with unread data: the kernel sends a RST. */
	s.cookie = 6;
	world_sweep(w, &s, NULL);
	notice.cookie = 6;
	notice.rqueue = 7;
	notice.numbers.segs_in = s.numbers.segs_in;
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 2 ESTABLISHED>CLOSED inferred\nclose 2 aborted\n");
	/* SO_LINGER 0: the notice is scrubbed. */
	s.cookie = 7;
	world_sweep(w, &s, NULL);
	notice = (struct sample){.cookie = 7, .tuple = client, .state = STATE_CLOSED};
	notice.tuple.remote = (struct endpoint){.port = 0};
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 3 ESTABLISHED>CLOSED inferred\nclose 3 aborted\n");
	/* The same for a SYN_SENT of a moment ago: refused, or opened since and thrown away. */
	s = world_socket(8, &client, STATE_SYN_SENT, false);
	world_sweep(w, &s, NULL);
	notice.cookie = 8;
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 4 SYN_SENT>CLOSED ambiguous\nclose 4 refused\n");
	assert_int_equal(model_totals(w->model)->resets, 4);
}

/* The segment that came may have been the RST: then it was reset, and closed with what nobody had read. */
static void unread_bytes_tell_nothing_after_a_segment(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	notice.rqueue = 7;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_UNKNOWN);
}

/* No RST came. */
static void what_no_segment_ended_was_not_reset(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	notice.numbers.segs_in = s.numbers.segs_in;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n");
	s.cookie = notice.cookie = 6;
	world_sweep(w, &s, NULL);
	world_told(w);
	notice.numbers.retransmits = 1;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 2 ESTABLISHED>CLOSED ambiguous\nclose 2 timed_out\n");
	/* Bytes that nobody read do not make it an abort. */
	s.cookie = notice.cookie = 7;
	world_sweep(w, &s, NULL);
	world_told(w);
	notice.rqueue = 100;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 3 ESTABLISHED>CLOSED ambiguous\nclose 3 timed_out\n");
	s.cookie = notice.cookie = 8;
	world_sweep(w, &s, NULL);
	world_told(w);
	notice.numbers.retransmits = 0;
	notice.numbers.probes = 9;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 4 ESTABLISHED>CLOSED ambiguous\nclose 4 ambiguous\n");
	/* They do where nothing else can have ended it; also behind the peer's FIN, which the count of bytes has in it. */
	s.cookie = notice.cookie = 9;
	world_sweep(w, &s, NULL);
	world_told(w);
	notice.numbers.probes = 0;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 5 ESTABLISHED>CLOSED inferred\nclose 5 aborted\n");
	s.cookie = notice.cookie = 10;
	s.state = STATE_CLOSE_WAIT;
	s.rqueue = notice.rqueue = 101;
	s.numbers.bytes_received = notice.numbers.bytes_received = 101;
	world_sweep(w, &s, NULL);
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 6 CLOSE_WAIT>CLOSED inferred\nclose 6 aborted\n");
}

/*
 * A remnant that is not there is no proof that the peer closed first: a RST ends those of FIN_WAIT2 and of TIME_WAIT at once. A FIN that is counted is, and so is
 * one that cannot have come.
 */
static void a_remnant_that_is_gone_tells_little(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), notice = world_notice(5, &server, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	/* It may have been the FIN, or the last of the data. */
	notice.numbers.bytes_received += 20;
	notice.numbers.data_segs_in++;
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSE_WAIT ambiguous\nstep 1 CLOSE_WAIT>LAST_ACK ambiguous\n"
	                                   "step 1 LAST_ACK>CLOSED ambiguous\nclose 1 graceful\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_UNKNOWN);
	/* So one of the bytes may be no byte. */
	assert_true(model_departed(w->model, 0)->facts.knows & KNOWS_MAYBE_FIN);
	/* Nothing but an acknowledgement. */
	s.cookie = 6;
	world_sweep(w, &s, NULL);
	world_told(w);
	notice = world_notice(6, &server, 1);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 2 ESTABLISHED>FIN_WAIT1 inferred\nstep 2 FIN_WAIT1>FIN_WAIT2 inferred\n"
	                                   "step 2 FIN_WAIT2>CLOSED ambiguous\nclose 2 ambiguous\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_LOCAL);
	assert_false(model_departed(w->model, 0)->facts.knows & KNOWS_MAYBE_FIN);
	/* The FIN of a stranger that never sent any data; but which of us opened is a guess by the ports. */
	notice = world_notice(7, &server, 1);
	notice.numbers.bytes_received = 1;
	notice.numbers.data_segs_in = 0;
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "open 3 LISTEN>SYN_RECV inferred opener=remote/port_range\nstep 3 SYN_RECV>ESTABLISHED inferred\n"
	                                   "step 3 ESTABLISHED>CLOSE_WAIT ambiguous\nstep 3 CLOSE_WAIT>LAST_ACK ambiguous\n"
	                                   "step 3 LAST_ACK>CLOSED ambiguous\nclose 3 graceful\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_UNKNOWN);
	/* With a listener it is more than that. */
	world_sweep(w, &listener, NULL);
	world_told(w);
	notice.cookie = 8;
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "open 5 LISTEN>SYN_RECV inferred opener=remote/listener\nstep 5 SYN_RECV>ESTABLISHED inferred\n"
	                                   "step 5 ESTABLISHED>CLOSE_WAIT inferred\nstep 5 CLOSE_WAIT>LAST_ACK inferred\n"
	                                   "step 5 LAST_ACK>CLOSED inferred\nclose 5 graceful\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_REMOTE);
}

/* Half closed, and then let go while the peer still has its half open. */
static void a_socket_let_go_in_fin_wait2_stays_there(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_FIN_WAIT2, false), notice = world_notice(5, &client, 2);
	struct sample remnant = world_remnant(5, &client, STATE_FIN_WAIT2, 60000);
	struct holder holder;

	world_sweep(w, &s, NULL);
	world_owner(w, s.inode, 412, "nc");
	world_told(w);
	world_notify(w, &notice);
	world_answer(w, &remnant, NULL);
	assert_string_equal(world_told(w), "update 1\n");
	assert_int_equal(model_find(w->model, 1)->state, STATE_FIN_WAIT2);
	assert_true(model_find(w->model, 1)->holders_former);
	assert_int_equal(model_find(w->model, 1)->facts.timer, TIMER_TIME_WAIT);
	assert_true(model_holder(w->model, model_find(w->model, 1), 0, &holder));
	assert_int_equal(holder.pid, 412);
	/* The FIN comes at last. */
	remnant.state = STATE_TIME_WAIT;
	world_pass_ms(w, 1000);
	world_sweep(w, &remnant, NULL);
	assert_string_equal(world_told(w), "step 1 FIN_WAIT2>TIME_WAIT observed\n");
}

/* Its notice is scrubbed however it ended. */
static void a_scrubbed_subflow_need_not_be_aborted(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = {.cookie = 5, .tuple = client, .state = STATE_CLOSED};

	s.has |= SAMPLE_MPTCP;
	notice.tuple.remote = (struct endpoint){.port = 0};
	world_sweep(w, &s, NULL);
	world_told(w);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n");
}

/* Each end was in FIN_WAIT1, so each closed before it heard of the other. */
static void two_ends_that_both_closed_first_did_so_at_once(void **state)
{
	struct world *w = *state;
	struct sample a = world_socket(5, &client, STATE_ESTABLISHED, false), b = world_socket(6, &server, STATE_ESTABLISHED, true);
	struct sample a_notice = world_notice(5, &client, 2), b_notice = world_notice(6, &server, 1);
	struct sample a_remnant = world_remnant(5, &client, STATE_TIME_WAIT, 60000), b_remnant = world_remnant(6, &server, STATE_TIME_WAIT, 60000);

	world_sweep(w, &a, &b, NULL);
	world_told(w);
	world_notify(w, &a_notice);
	world_answer(w, &a_remnant, NULL);
	world_told(w);
	assert_int_equal(model_find(w->model, 1)->closer, SIDE_LOCAL);
	world_notify(w, &b_notice);
	world_answer(w, &b_remnant, NULL);
	assert_string_equal(world_told(w), "step 2 ESTABLISHED>FIN_WAIT1 inferred\nstep 2 FIN_WAIT1>TIME_WAIT ambiguous\nupdate 1\n");
	assert_int_equal(model_find(w->model, 1)->closer, SIDE_BOTH);
	assert_int_equal(model_find(w->model, 2)->closer, SIDE_BOTH);
	assert_int_equal(model_find(w->model, 1)->facts.timer, TIMER_TIME_WAIT);
}

static void a_socket_can_connect_to_itself(void **state)
{
	struct world *w = *state;
	const struct tuple tuple = world_tuple("127.0.0.1:40000", "127.0.0.1:40000");
	struct sample s = world_socket(5, &tuple, STATE_ESTABLISHED, false), notice = world_notice(5, &tuple, 2);
	struct sample remnant = world_remnant(5, &tuple, STATE_TIME_WAIT, 60000);

	world_sweep(w, NULL);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "open 1 CLOSED>SYN_SENT inferred opener=both/peer\nstep 1 SYN_SENT>SYN_RECV inferred\n"
	                                   "step 1 SYN_RECV>ESTABLISHED observed\n");
	world_notify(w, &notice);
	world_answer(w, &remnant, NULL);
	assert_int_equal(model_find(w->model, 1)->state, STATE_TIME_WAIT);
	assert_int_equal(model_find(w->model, 1)->closer, SIDE_BOTH);
}

static void absence_is_asked_about_before_it_is_believed(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	assert_string_equal(world_told(w), "");
	/* The dump had missed it. */
	assert_int_equal(world_answer(w, &s, NULL), 1);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 1000);
	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	/* It is not there; its notice may be on the way, and says how it ended. */
	assert_int_equal(world_answer(w, NULL), 1);
	assert_string_equal(world_told(w), "");
	notice.rqueue = 9;
	notice.numbers.segs_in = s.numbers.segs_in;
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED inferred\nclose 1 aborted\n");
}

static void a_socket_reset_but_held_open_closes_once(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 1);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_answer(w, NULL);
	world_pass_ms(w, 500);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n");
	world_pass_ms(w, 5000);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "update 1 reset\n");
	assert_int_equal(w->closes, 1);
}

static void the_end_that_aborts_tells_why_the_other_was_reset(void **state)
{
	struct world *w = *state;
	struct sample a = world_socket(5, &client, STATE_ESTABLISHED, false), b = world_socket(6, &server, STATE_ESTABLISHED, true);
	struct sample scrubbed = {.cookie = 5, .tuple = client, .state = STATE_CLOSED}, notice = world_notice(6, &server, 0);

	world_sweep(w, &a, &b, NULL);
	world_told(w);
	/* The kernel leaves the address and takes the port. */
	scrubbed.tuple.remote.port = 0;
	world_notify(w, &scrubbed);
	world_notify(w, &notice);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED inferred\nclose 1 aborted\n"
	                                   "step 2 ESTABLISHED>CLOSED inferred\nclose 2 reset\n");
	assert_int_equal(model_departed(w->model, 0)->closer, SIDE_REMOTE);
	assert_int_equal(model_departed(w->model, 1)->closer, SIDE_LOCAL);
}

static void the_same_socket_on_the_same_tuple_is_a_new_connection(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_answer(w, NULL);
	world_pass_ms(w, 500);
	world_told(w);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "open 2 CLOSED>SYN_SENT inferred opener=local/counted\nstep 2 SYN_SENT>ESTABLISHED observed\n");
	assert_int_equal(w->opens, 1);
}

static void the_end_of_a_socket_that_connected_again_is_of_its_new_connection(void **state)
{
	struct world *w = *state;
	struct tuple other = world_tuple("127.0.0.1:40001", "127.0.0.1:80");
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &other, 1);
	struct sample late = world_socket(5, &other, STATE_ESTABLISHED, false);
	struct batch *dump = batch_new();

	world_sweep(w, &s, NULL);
	world_told(w);
	dump->netns = 1;
	batch_add(dump, OBSERVED_SAMPLE, w->now_ns, w->now_ns)->sample = late;
	world_pass_ms(w, 5);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 replaced\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/port_range\n"
	                                   "step 2 SYN_SENT>ESTABLISHED inferred\n"
	                                   "step 2 ESTABLISHED>CLOSED ambiguous\nclose 2 reset\n");
	/* Both are over, and both had the cookie: what a dump had read before is old news. */
	tracker_observe(w->tracker, dump, w->now_ns);
	assert_string_equal(world_told(w), "");
	batch_free(dump);
}

static void a_socket_that_begins_again_is_a_new_connection(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), again = world_socket(5, &client, STATE_SYN_SENT, false);

	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_told(w);
	world_sweep(w, &again, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 replaced\n"
	                                   "open 2 CLOSED>SYN_SENT observed opener=local/edge\n");
}

static void a_late_notice_of_the_life_before_changes_nothing(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), old = world_notice(4, &server, 1);

	world_sweep(w, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_pass_ms(w, 1000);
	old.numbers.last_ack_recv_ms = old.numbers.last_data_recv_ms = old.numbers.last_data_sent_ms = 300;
	world_sweep(w, &s, NULL);
	world_told(w);
	world_notify(w, &old);
	assert_int_equal(model_find(w->model, 1)->state, STATE_ESTABLISHED);
	assert_int_equal(w->opens, 2);
	assert_int_equal(w->closes, 1);
}

static void a_time_wait_that_goes_early_is_no_timeout(void **state)
{
	struct world *w = *state;
	struct sample s = world_remnant(5, &client, STATE_TIME_WAIT, 50000);

	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_told(w);
	world_sweep(w, NULL);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 1 TIME_WAIT>CLOSED ambiguous\nclose 1 graceful\n");
}

static void numbers_are_given_only_where_they_are_final(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);
	const struct step *step;

	world_sweep(w, &s, NULL);
	s = world_socket(5, &server, STATE_CLOSE_WAIT, true);
	world_sweep(w, &s, NULL);
	step = &model_find(w->model, 1)->history->steps[0];
	assert_int_equal(step->to, STATE_CLOSE_WAIT);
	/* We may send on, so our number is not known; all of the peer's has come. */
	assert_false(step->has_seq);
	assert_true(step->has_ack);
	assert_int_equal(step->ack, 1 + 50 + 1);
	s = world_socket(5, &server, STATE_LAST_ACK, true);
	s.wqueue = 1;
	world_sweep(w, &s, NULL);
	step = &model_find(w->model, 1)->history->steps[1];
	assert_true(step->has_seq);
	assert_int_equal(step->seq, 1 + 100);
}

static void a_child_thrown_away_does_not_end_its_twin(void **state)
{
	struct world *w = *state;
	struct sample request = world_socket(5, &server, STATE_SYN_RECV, true), child = world_socket(5, &server, STATE_ESTABLISHED, true);
	struct sample notice = world_notice(5, &server, 0);

	world_sweep(w, NULL);
	world_sweep(w, &request, NULL);
	world_told(w);
	world_notify(w, &notice);
	world_pass_ms(w, 1);
	assert_int_equal(world_answer(w, &child, NULL), 1);
	assert_string_equal(world_told(w), "step 1 SYN_RECV>ESTABLISHED observed\n");
	/* The one that lived has a notice of its own. */
	notice.numbers.bytes_acked++;
	notice.numbers.bytes_received++;
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSE_WAIT inferred\nstep 1 CLOSE_WAIT>LAST_ACK inferred\n"
	                                   "step 1 LAST_ACK>CLOSED inferred\nclose 1 graceful\n");
}

static void two_whole_sweeps_end_what_cannot_be_asked_for(void **state)
{
	struct world *w = *state;

	world_sweep(w, &listener, NULL);
	world_told(w);
	world_sweep(w, NULL);
	assert_int_equal(world_answer(w, NULL), 0);
	assert_string_equal(world_told(w), "");
	world_sweep(w, NULL);
	assert_string_equal(world_told(w), "step 1 LISTEN>CLOSED observed\nclose 1 listener_closed\n");
	assert_int_equal(model_totals(w->model)->closes, 0);
}

static void a_sweep_that_is_not_whole_ends_nothing(void **state)
{
	static const struct {
		enum sweep_why_not why_not;
		int error;
	} cases[] = {{SWEEP_FAILED, -ENOENT}, {SWEEP_FAILED, -EINTR}, {SWEEP_FAILED, -EBUSY}, {SWEEP_TRUNCATED, 0}, {SWEEP_STOPPED, 0}};
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &s, &listener, NULL);
	world_told(w);
	for (size_t round = 0; round < 5; round++)
		for (size_t i = 0; i < 5; i++) {
			world_pass_ms(w, 1000);
			world_sweep_begin(w);
			world_sweep_end(w, cases[i].why_not, ~0u, cases[i].error);
			assert_int_equal(world_answer(w, NULL), 0);
			assert_int_equal(model_coverage(w->model)->errors[SOURCE_DIAG], cases[i].error);
		}
	/* One for passing states says nothing of an established one. */
	world_sweep_begin(w);
	world_sweep_end(w, SWEEP_MASKED, STATE_BIT(STATE_SYN_SENT), 0);
	assert_int_equal(world_answer(w, NULL), 0);
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_live(w->model), 2);
	assert_int_equal(model_coverage(w->model)->sweeps_not_whole, 20);
}

static void a_passing_state_missing_from_a_fast_sweep_is_asked_for(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_SYN_SENT, false), open = world_socket(5, &client, STATE_ESTABLISHED, false);

	world_sweep(w, NULL);
	world_sweep(w, &s, NULL);
	world_told(w);
	world_pass_ms(w, 50);
	world_sweep_begin(w);
	world_sweep_end(w, SWEEP_MASKED, STATE_BIT(STATE_SYN_SENT) | STATE_BIT(STATE_FIN_WAIT1), 0);
	assert_int_equal(world_answer(w, &open, NULL), 1);
	assert_string_equal(world_told(w), "step 1 SYN_SENT>ESTABLISHED observed\n");
}

static void a_socket_that_connects_again_is_a_new_connection(void **state)
{
	struct world *w = *state;
	struct tuple other = world_tuple("127.0.0.1:40001", "127.0.0.1:80");
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), again = world_socket(5, &other, STATE_ESTABLISHED, false);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_owner(w, 1005, 412, "curl");
	assert_string_equal(world_told(w), "update 1 curl[412]\n");
	world_sweep(w, &again, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 replaced\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/counted\n"
	                                   "step 2 SYN_SENT>ESTABLISHED observed\n");
	world_sweep(w, &again, NULL);
	assert_string_equal(world_told(w), "");
	/* The same socket, and so the same program; but nobody has said so of this connection yet. */
	world_owner(w, 1005, 412, "curl");
	assert_string_equal(world_told(w), "update 2 curl[412]\n");
}

static void stale_samples_change_nothing(void **state)
{
	struct world *w = *state;
	struct sample before = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 2);
	struct sample remnant = world_remnant(5, &client, STATE_TIME_WAIT, 60000);
	int64_t dumped_ns;
	struct batch *late = batch_new();

	world_sweep(w, &before, NULL);
	dumped_ns = w->now_ns;
	world_pass_ms(w, 5);
	world_notify(w, &notice);
	world_told(w);
	late->netns = 1;
	batch_add(late, OBSERVED_SAMPLE, dumped_ns, dumped_ns + 1)->sample = before;
	tracker_observe(w->tracker, late, w->now_ns);
	assert_string_equal(world_told(w), "");
	world_answer(w, &remnant, NULL);
	assert_int_equal(model_find(w->model, 1)->state, STATE_TIME_WAIT);
	world_told(w);
	tracker_observe(w->tracker, late, w->now_ns);
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_find(w->model, 1)->state, STATE_TIME_WAIT);
	batch_free(late);
}

static void a_sweep_that_listed_it_does_not_bound_its_beginning(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 2);
	struct batch *late = batch_new();
	int64_t first_ns = w->now_ns;

	late->netns = 1;
	world_sweep(w, NULL);
	world_pass_ms(w, 1000);
	world_sweep_begin(w);
	batch_add(late, OBSERVED_SAMPLE, w->now_ns, w->now_ns)->sample = s;
	batch_add(late, OBSERVED_SWEEP_END, w->now_ns, w->now_ns)->sweep.states = ~0u;
	world_pass_ms(w, 500);
	world_notify(w, &notice);
	tracker_observe(w->tracker, late, w->now_ns);
	world_answer(w, NULL);
	assert_int_equal(w->opens, 1);
	assert_int_equal(model_departed(w->model, 0)->history->steps[0].t0_ns, first_ns);
	batch_free(late);
}

static void a_sweep_does_not_miss_what_became_of_a_socket_that_it_listed(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 2);
	struct batch *late = batch_new();

	late->netns = 1;
	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_drop_lookups(w);
	world_pass_ms(w, 1000);
	world_sweep_begin(w);
	batch_add(late, OBSERVED_SAMPLE, w->now_ns, w->now_ns)->sample = s;
	world_pass_ms(w, 5);
	world_notify(w, &notice);
	tracker_observe(w->tracker, late, w->now_ns);
	world_drop_lookups(w);
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
	assert_int_equal(model_find(w->model, 1)->state, STATE_TIME_WAIT);
	assert_int_equal(w->closes, 0);
	batch_free(late);
}

static void a_late_notice_of_a_stranger_is_counted_not_told(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(10, &client, 2);

	for (int i = 0; i < 3; i++) {
		world_sweep(w, NULL);
		world_pass_ms(w, 1000);
	}
	notice.numbers.last_ack_recv_ms = notice.numbers.last_data_recv_ms = notice.numbers.last_data_sent_ms = 60000;
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_coverage(w->model)->late_notices, 1);
}

static void owners_come_as_updates_and_are_remembered(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), orphan;
	struct holder h;

	world_sweep(w, &s, NULL);
	world_told(w);
	world_owner(w, 1005, 412, "nginx");
	assert_string_equal(world_told(w), "update 1 nginx[412]\n");
	world_owner(w, 4711, 413, "stranger");
	assert_string_equal(world_told(w), "");
	orphan = world_socket(5, &server, STATE_FIN_WAIT2, true);
	orphan.inode = 0;
	world_sweep(w, &orphan, NULL);
	assert_true(model_find(w->model, 1)->holders_former);
	assert_true(model_holder(w->model, model_find(w->model, 1), 0, &h));
	assert_string_equal(h.comm, "nginx");
	assert_false(model_find(w->model, 1)->facts.knows & (KNOWS_INODE | KNOWS_UID));
}

static void a_close_wait_of_before_has_both_bounds(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_CLOSE_WAIT, true);
	const struct connection *c;

	s.numbers.last_ack_recv_ms = 1000;
	s.numbers.last_data_recv_ms = 5000;
	world_sweep(w, &s, NULL);
	c = model_find(w->model, 1);
	assert_true(c->facts.knows & KNOWS_ATLEAST);
	assert_int_equal((c->since1_ns - c->since0_ns) / NS_PER_MS, 4000);
}

static void seconds_count_what_happened(void **state)
{
	struct world *w = *state;
	struct sample notice = world_notice(10, &server, 1);

	world_sweep(w, &listener, NULL);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_int_equal(model_second(w->model, w->now_ns, 0).opens, 1);
	assert_int_equal(model_second(w->model, w->now_ns, 0).closes, 1);
	assert_int_equal(model_second(w->model, w->now_ns + NS_PER_SECOND, 1).closes, 1);
	assert_int_equal(model_second(w->model, w->now_ns + NS_PER_SECOND, 0).closes, 0);
	assert_int_equal(model_second(w->model, w->now_ns + 1000 * NS_PER_SECOND, 0).closes, 0);
}

static void what_nobody_could_see_is_counted(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(6, &client, STATE_ESTABLISHED, false), other = world_socket(7, &server, STATE_ESTABLISHED, true);

	world_sweep(w, &listener, NULL);
	world_shed(w, true, 0);
	assert_true(model_coverage(w->model)->shedding);
	assert_int_equal(model_coverage(w->model)->notices_shed, 1);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, NULL);
	/* A sweep that began before it was over says nothing of those opened after its turn. */
	world_sweep_begin(w);
	world_pass_ms(w, 10);
	world_shed(w, false, 10);
	world_see(w, &listener);
	world_see(w, &s);
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
	assert_false(model_coverage(w->model)->shedding);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 0);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, &other, NULL);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 8);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, &other, NULL);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 8);
	/* Nobody counted. */
	world_shed(w, true, UINT64_MAX);
	world_pass_ms(w, 1000);
	world_shed(w, false, UINT64_MAX);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, &other, NULL);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 8);
	assert_int_equal(model_coverage(w->model)->notices_shed, 2);
	/* As it goes on; and what is left when it begins again at once. */
	world_shed(w, true, 0);
	world_pass_ms(w, 1000);
	world_shed(w, true, 20);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, &other, NULL);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 28);
	world_shed(w, true, 25);
	world_pass_ms(w, 1000);
	world_sweep(w, &listener, &s, &other, NULL);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 33);
	assert_int_equal(model_coverage(w->model)->notices_shed, 3);
	world_shed(w, false, 30);
	world_shed(w, true, 0);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 38);
	assert_int_equal(model_coverage(w->model)->notices_shed, 4);
	/* And when no sweep comes any more. */
	world_shed(w, true, 7);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 38);
	tracker_finish(w->tracker, w->now_ns);
	assert_int_equal(model_coverage(w->model)->ends_unseen, 45);
}

static void memory_is_bounded_by_the_living_and_a_fixed_history(void **state)
{
	struct world *w = *state;

	w->quiet = true;
	world_sweep(w, &listener, NULL);
	for (unsigned i = 0; i < 50000; i++) {
		struct sample notice;

		client.local.port = (uint16_t)(32768 + i % 20000);
		notice = world_notice(1000 + i, &client, 0);
		world_notify(w, &notice);
	}
	assert_int_equal(w->opens, 50000);
	assert_int_equal(w->closes, 50000);
	assert_in_range(model_slots(w->model), MODEL_DEPARTED_MAX, MODEL_DEPARTED_MAX + 16);
	assert_int_equal(model_departed(w->model, 0)->id, 50001);
	assert_null(model_departed(w->model, MODEL_DEPARTED_MAX));
}

/* The second namespace has the same ends, and the same cookie even. */
static void a_namespace_has_its_own_sockets_and_sweeps(void **state)
{
	struct world *w = *state;
	struct tuple other_end = tuple_mirrored(&client);
	struct sample one = world_socket(5, &client, STATE_ESTABLISHED, false), other = world_socket(6, &other_end, STATE_ESTABLISHED, true);
	struct sample notice = world_notice(5, &client, 2);
	uint64_t first = w->batch->netns;
	struct holder holders[MODEL_TELL_HOLDERS];

	world_sweep(w, &one, NULL);
	w->batch->netns = 77;
	world_netns(w, NETNS_WATCHED, "blue");
	world_sweep(w, &one, &other, NULL);
	/* No life is made up for what was there before its own first sweep; and no pair across. */
	assert_string_equal(world_told(w), "row 1 ESTABLISHED\nrow 2 ESTABLISHED\nrow 3 ESTABLISHED\n");
	assert_null(model_pair(w->model, model_find(w->model, 1)));
	assert_int_equal(model_pair(w->model, model_find(w->model, 2))->id, 3);
	assert_null(model_netns_name(w->model, model_find(w->model, 1)));
	assert_string_equal(model_row(w->model, model_find(w->model, 2), w->now_ns, holders).netns_name, "blue");
	/* Sweeps of one say nothing of the other. */
	w->batch->netns = first;
	for (unsigned i = 0; i < 3; i++)
		world_sweep(w, &one, NULL);
	assert_string_equal(world_told(w), "");
	/* The look-up of a remnant goes where the notice came from. */
	w->batch->netns = 77;
	world_notify(w, &notice);
	w->batch->netns = first;
	world_sweep(w, &one, NULL);
	{
		struct lookup wanted;

		assert_true(tracker_want(w->tracker, &wanted));
		assert_int_equal(wanted.netns, 77);
		assert_int_equal(wanted.why, LOOKUP_REMNANT);
		tracker_lookup_dropped(w->tracker, &wanted, w->now_ns);
	}
	assert_int_equal(model_find(w->model, 1)->state, STATE_ESTABLISHED);
	assert_int_not_equal(model_find(w->model, 2)->state, STATE_ESTABLISHED);
}

static void a_namespace_let_go_takes_its_connections_along(void **state)
{
	struct world *w = *state;
	struct sample one = world_socket(5, &client, STATE_ESTABLISHED, false), left = world_remnant(6, &client, STATE_TIME_WAIT, 60000);
	uint64_t first = w->batch->netns;

	world_sweep(w, &one, NULL);
	w->batch->netns = 77;
	world_netns(w, NETNS_WATCHED, "blue");
	world_sweep(w, &left, NULL);
	world_told(w);
	world_netns(w, NETNS_GONE, "blue");
	assert_string_equal(world_told(w), "step 2 TIME_WAIT>CLOSED ambiguous\nclose 2 netns_gone\n");
	assert_true(model_find(w->model, 1)->live);
	/* The age of the picture is that of what is still watched. */
	w->batch->netns = first;
	world_sweep(w, &one, NULL);
	assert_true(model_coverage(w->model)->last_whole_ns > w->now_ns - NS_PER_MS);
	assert_string_equal(world_told(w), "");
}

/* Two threads tell of it, and the one for notices can be the later. */
static void what_comes_after_a_namespace_was_let_go_makes_nothing(void **state)
{
	struct world *w = *state;
	struct sample one = world_socket(5, &client, STATE_ESTABLISHED, false), notice = world_notice(5, &client, 2), strange = world_notice(9, &server, 2);
	uint64_t late = model_coverage(w->model)->late_notices;

	w->batch->netns = 77;
	world_netns(w, NETNS_WATCHED, "blue");
	world_sweep(w, &one, NULL);
	world_netns(w, NETNS_GONE, "blue");
	world_told(w);
	world_notify(w, &notice);
	world_notify(w, &strange);
	assert_int_equal(world_answer(w, NULL), 0);
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_live(w->model), 0);
	/* It comes to be watched again, under the same cookie: what is there is there. */
	world_netns(w, NETNS_WATCHED, "blue");
	assert_int_equal(model_coverage(w->model)->late_notices, late + 2);
	world_sweep(w, &one, NULL);
	assert_int_equal(model_live(w->model), 1);
}

static void a_trouble_of_one_namespace_is_not_healed_by_another(void **state)
{
	struct world *w = *state;
	uint64_t first = w->batch->netns;

	world_sweep_begin(w);
	world_sweep_end(w, SWEEP_FAILED, ~0u, -ENOBUFS);
	w->batch->netns = 77;
	world_sweep(w, NULL);
	assert_int_equal(model_coverage(w->model)->errors[SOURCE_DIAG], -ENOBUFS);
	w->batch->netns = first;
	world_sweep(w, NULL);
	assert_int_equal(model_coverage(w->model)->errors[SOURCE_DIAG], 0);
}

int main(void)
{
#define story(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		story(what_was_there_before_gets_a_row),
		story(each_state_that_is_seen_is_observed),
		story(what_lies_between_is_inferred),
		story(two_ways_to_time_wait_are_ambiguous),
		story(the_other_side_of_an_end_is_looked_at),
		story(a_socket_listed_before_its_notice_does_not_come_back),
		story(a_remnant_read_late_in_a_dump_is_no_other),
		story(a_life_never_sampled_is_told_from_its_notices),
		story(a_socket_seen_dying_is_still_itself),
		story(numbers_read_later_than_the_state_prove_no_opener),
		story(a_notice_later_than_its_remnant_tells_nothing_twice),
		story(a_notice_with_another_cookie_is_another_connection),
		story(a_sweep_before_the_notice_was_read_bounds_nothing),
		story(a_remnant_seen_before_its_notice_is_the_same_connection),
		story(a_port_that_comes_round_is_another_connection),
		story(a_guessed_time_wait_meets_its_remnant),
		story(an_unanswered_look_up_does_not_hold_an_end_up),
		story(what_waits_when_nothing_more_comes_is_told_with_what_is_known),
		story(a_remnant_of_the_life_before_decides_nothing),
		story(a_remnant_seen_before_the_notice_decides_nothing),
		story(a_remnant_younger_than_the_notice_is_anothers),
		story(resets_are_told_apart),
		story(unread_bytes_tell_nothing_after_a_segment),
		story(a_socket_can_connect_to_itself),
		story(two_ends_that_both_closed_first_did_so_at_once),
		story(a_scrubbed_subflow_need_not_be_aborted),
		story(a_socket_let_go_in_fin_wait2_stays_there),
		story(what_no_segment_ended_was_not_reset),
		story(a_remnant_that_is_gone_tells_little),
		story(absence_is_asked_about_before_it_is_believed),
		story(a_socket_reset_but_held_open_closes_once),
		story(the_end_that_aborts_tells_why_the_other_was_reset),
		story(the_same_socket_on_the_same_tuple_is_a_new_connection),
		story(the_end_of_a_socket_that_connected_again_is_of_its_new_connection),
		story(a_socket_that_begins_again_is_a_new_connection),
		story(a_late_notice_of_the_life_before_changes_nothing),
		story(a_time_wait_that_goes_early_is_no_timeout),
		story(numbers_are_given_only_where_they_are_final),
		story(a_child_thrown_away_does_not_end_its_twin),
		story(two_whole_sweeps_end_what_cannot_be_asked_for),
		story(a_sweep_that_is_not_whole_ends_nothing),
		story(a_passing_state_missing_from_a_fast_sweep_is_asked_for),
		story(a_socket_that_connects_again_is_a_new_connection),
		story(stale_samples_change_nothing),
		story(a_sweep_that_listed_it_does_not_bound_its_beginning),
		story(a_sweep_does_not_miss_what_became_of_a_socket_that_it_listed),
		story(a_late_notice_of_a_stranger_is_counted_not_told),
		story(owners_come_as_updates_and_are_remembered),
		story(a_close_wait_of_before_has_both_bounds),
		story(seconds_count_what_happened),
		story(what_nobody_could_see_is_counted),
		story(a_namespace_has_its_own_sockets_and_sweeps),
		story(a_namespace_let_go_takes_its_connections_along),
		story(what_comes_after_a_namespace_was_let_go_makes_nothing),
		story(a_trouble_of_one_namespace_is_not_healed_by_another),
		story(memory_is_bounded_by_the_living_and_a_fixed_history),
	};

	return cmocka_run_group_tests_name("tracker", tests, NULL, NULL);
}
