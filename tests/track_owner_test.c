/* Holders and units: whom the tracker asks for, and what it makes of the answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
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

/* The inodes asked for, and their hints. */
static const char *asked(struct world *w)
{
	static struct text text;
	struct owner_ask ask;

	text_clear(&text);
	while (tracker_want_owner(w->tracker, &ask))
		text_addf(&text, "%u(%u) ", ask.inode, ask.hint);
	return text_string(&text);
}

static void each_socket_is_asked_for_once(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), remnant = world_remnant(6, &client, STATE_TIME_WAIT, 1000);

	world_sweep(w, &s, &remnant, NULL);
	assert_string_equal(asked(w), "1005(0) ");
	s.rqueue = 10;
	world_sweep(w, &s, &remnant, NULL);
	s.numbers.bytes_received = 4711;
	world_sweep(w, &s, NULL);
	assert_string_equal(asked(w), "");
}

static void an_accepted_socket_is_asked_for_when_it_has_an_inode(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	s.inode = 0;
	world_sweep(w, &listener, &s, NULL);
	assert_string_equal(asked(w), "1099(0) ");
	world_owner(w, 1099, 80, "nginx");
	s.inode = 1005;
	world_sweep(w, &listener, &s, NULL);
	/* The one that listens is likely to have it. */
	assert_string_equal(asked(w), "1005(80) ");
}

static void whoever_had_the_port_is_likely(void **state)
{
	struct world *w = *state;
	struct tuple another = world_tuple("127.0.0.1:40001", "127.0.0.1:80");
	struct sample s = world_socket(5, &client, STATE_ESTABLISHED, false), next = world_socket(6, &another, STATE_ESTABLISHED, false);

	world_sweep(w, &s, NULL);
	assert_string_equal(asked(w), "1005(0) ");
	world_owner(w, 1005, 412, "curl");
	world_sweep(w, &s, &next, NULL);
	assert_string_equal(asked(w), "1006(412) ");
}

static void what_is_gone_or_answered_is_not_asked_for(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), gone = world_socket(6, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &s, &gone, NULL);
	world_owner(w, 1005, 412, "nginx");
	world_sweep(w, &s, NULL);
	world_answer(w, NULL);
	world_pass_ms(w, 5000);
	assert_int_equal(w->closes, 1);
	assert_string_equal(asked(w), "");
}

static void too_many_to_ask_for_are_all_asked_for(void **state)
{
	struct world *w = *state;

	w->quiet = true;
	world_sweep_begin(w);
	for (unsigned i = 0; i < 5000; i++) {
		struct sample s;

		client.local.port = (uint16_t)(10000 + i);
		s = world_socket(10 + i, &client, STATE_ESTABLISHED, false);
		world_see(w, &s);
	}
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
	assert_string_equal(asked(w), "0(0) ");
}

static void holders_come_as_updates(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_owner(w, 1005, 412, "nginx");
	assert_string_equal(world_told(w), "update 1 nginx[412]\n");
	/* Told again each time that everything is searched. */
	world_owner(w, 1005, 412, "nginx");
	assert_string_equal(world_told(w), "");
	/* It has executed another program. */
	world_owner(w, 1005, 412, "worker");
	assert_string_equal(world_told(w), "update 1 worker[412]\n");
	world_owner(w, 1005, 413, "worker");
	assert_string_equal(world_told(w), "update 1 worker[413]\n");
}

static void several_holders_are_compared_in_full(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_sweep(w, &s, NULL);
	world_told(w);
	for (int i = 0; i < 3; i++) {
		struct batch *b = batch_new();
		struct observation *o = batch_add(b, OBSERVED_OWNER, w->now_ns, w->now_ns);

		o->owner.inode = 1005;
		o->owner.count = 2;
		o->owner.several = memory_get_zeroed(2, sizeof(struct holder));
		o->owner.several[0] = (struct holder){.pid = 412, .fd = 5, .comm = "nginx"};
		o->owner.several[1] = (struct holder){.pid = 413, .fd = i < 2 ? 5 : 6, .comm = "nginx"};
		tracker_observe(w->tracker, b, w->now_ns);
		batch_free(b);
		assert_string_equal(world_told(w), i == 1 ? "" : "update 1 nginx[412]\n");
	}
	/* One of them has ended. */
	world_owner(w, 1005, 412, "nginx");
	assert_string_equal(world_told(w), "update 1 nginx[412]\n");
}

static void what_the_first_search_does_not_find_is_hidden(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), found = world_socket(6, &client, STATE_ESTABLISHED, false);

	world_sweep(w, &s, &found, NULL);
	world_told(w);
	assert_false(tracker_owners_known(w->tracker));
	world_owners(w, OWNERS_BEGUN);
	world_owner(w, 1006, 412, "curl");
	world_told(w);
	world_owners(w, OWNERS_WHOLE);
	assert_string_equal(world_told(w), "update 1 hidden\n");
	assert_true(tracker_owners_known(w->tracker));
	assert_true(model_find(w->model, 1)->owner_hidden);
	assert_false(model_find(w->model, 2)->owner_hidden);
	/* Once. */
	asked(w);
	for (int i = 0; i < 3; i++) {
		world_owners(w, OWNERS_BEGUN);
		world_owner(w, 1006, 412, "curl");
		world_owners(w, OWNERS_WHOLE);
		world_sweep(w, &s, &found, NULL);
	}
	assert_string_equal(world_told(w), "");
	assert_string_equal(asked(w), "");
	/* And it can come to light. */
	world_owner(w, 1005, 413, "vault");
	assert_string_equal(world_told(w), "update 1 vault[413]\n");
	assert_false(model_find(w->model, 1)->owner_hidden);
}

static void a_search_that_stopped_says_nothing_of_the_rest(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_sweep(w, &s, NULL);
	world_told(w);
	world_owners(w, OWNERS_BEGUN);
	world_owners(w, OWNERS_STOPPED);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "");
}

static void what_comes_during_a_search_is_not_missed_by_it(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_owners(w, OWNERS_BEGUN);
	world_sweep(w, &s, NULL);
	world_told(w);
	world_owners(w, OWNERS_WHOLE);
	assert_string_equal(world_told(w), "");
	world_owners(w, OWNERS_BEGUN);
	world_owners(w, OWNERS_WHOLE);
	world_pass_ms(w, 1);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "update 1 hidden\n");
}

static void holders_that_let_go_are_former_ones(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);
	struct holder h;

	world_sweep(w, &s, NULL);
	world_owners(w, OWNERS_BEGUN);
	world_owner(w, 1005, 412, "nginx");
	world_owners(w, OWNERS_WHOLE);
	world_owners(w, OWNERS_BEGUN);
	world_owners(w, OWNERS_WHOLE);
	world_told(w);
	/* It may be that it was closed since the last sweep. */
	world_pass_ms(w, 1);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "update 1 hidden\n");
	assert_true(model_find(w->model, 1)->holders_former);
	assert_true(model_holder(w->model, model_find(w->model, 1), 0, &h));
	assert_int_equal(h.pid, 412);
	/* The same process has it again. */
	world_owner(w, 1005, 412, "nginx");
	assert_string_equal(world_told(w), "update 1 nginx[412]\n");
	assert_false(model_find(w->model, 1)->holders_former);
}

static void a_socket_closed_during_a_search_is_not_hidden(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), orphan = world_socket(5, &server, STATE_FIN_WAIT1, true);

	world_sweep(w, &s, NULL);
	world_owners(w, OWNERS_BEGUN);
	world_owner(w, 1005, 412, "nginx");
	world_owners(w, OWNERS_WHOLE);
	world_owners(w, OWNERS_BEGUN);
	world_owners(w, OWNERS_WHOLE);
	world_told(w);
	orphan.inode = 0;
	world_pass_ms(w, 1);
	world_sweep(w, &orphan, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>FIN_WAIT1 observed\n");
	assert_false(model_find(w->model, 1)->owner_hidden);
}

static void the_first_search_tells_how_far_it_is(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_sweep(w, &s, NULL);
	for (int search = 0; search < 2; search++) {
		struct batch *b = batch_new();
		struct observation *o = batch_add(b, OBSERVED_OWNERS, w->now_ns, w->now_ns);

		o->owners.state = OWNERS_READING;
		o->owners.done = 40;
		o->owners.total = 100;
		world_owners(w, OWNERS_BEGUN);
		assert_int_equal(model_coverage(w->model)->owner_scan_total, 0);
		tracker_observe(w->tracker, b, w->now_ns);
		batch_free(b);
		assert_int_equal(model_coverage(w->model)->owner_scan_done, search ? 0 : 40);
		assert_int_equal(model_coverage(w->model)->owner_scan_total, search ? 0 : 100);
		world_owners(w, OWNERS_WHOLE);
		assert_int_equal(model_coverage(w->model)->owner_scan_total, 0);
	}
}

static void units_are_told_with_the_first_event(void **state)
{
	struct world *w = *state;
	struct sample s = world_socket(5, &server, STATE_ESTABLISHED, true), other = world_socket(6, &client, STATE_ESTABLISHED, false);

	s.cgroup = 77;
	other.cgroup = 78;
	world_unit(w, 77, "nginx.service");
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "row 1 ESTABLISHED in nginx.service\n");
	s.rqueue = 5;
	world_sweep(w, &s, &other, NULL);
	assert_string_equal(world_told(w), "update 1\nopen 2 CLOSED>SYN_SENT inferred opener=local/counted\nstep 2 SYN_SENT>ESTABLISHED observed\n");
	assert_string_equal(model_unit(w->model, model_find(w->model, 1)), "nginx.service");
	assert_null(model_unit(w->model, model_find(w->model, 2)));
	/* It is told in rows as long as the connection is remembered. */
	assert_string_equal(model_row(w->model, model_find(w->model, 1), w->now_ns, (struct holder[MODEL_TELL_HOLDERS]){0}).unit, "nginx.service");
}

static void a_request_gets_its_unit_when_it_is_a_socket(void **state)
{
	struct world *w = *state;
	struct sample request = world_socket(5, &server, STATE_SYN_RECV, true), child = world_socket(5, &server, STATE_ESTABLISHED, true);

	world_unit(w, 77, "docker:0123456789ab");
	world_sweep(w, &listener, NULL);
	world_sweep(w, &listener, &request, NULL);
	world_told(w);
	child.cgroup = 77;
	world_sweep(w, &listener, &child, NULL);
	assert_string_equal(world_told(w), "step 2 SYN_RECV>ESTABLISHED observed in docker:0123456789ab\n");
}

static void units_are_forgotten_with_their_connections(void **state)
{
	struct world *w = *state;

	w->quiet = true;
	world_sweep(w, NULL);
	for (unsigned i = 0; i < 70000; i++) {
		struct sample s, notice;
		char name[UNIT_ROOM];

		client.local.port = (uint16_t)(10000 + i % 20000);
		s = world_socket(10 + i, &client, STATE_ESTABLISHED, false);
		notice = world_notice(10 + i, &client, 1);
		s.cgroup = 100 + i;
		snprintf(name, sizeof(name), "run-%u.scope", i);
		world_unit(w, s.cgroup, name);
		world_see(w, &s);
		world_notify(w, &notice);
		world_answer(w, NULL);
	}
	/* More than there is room for at once have come, and the last has its name. */
	assert_string_equal(model_unit(w->model, model_departed(w->model, 0)), "run-69999.scope");
}

int main(void)
{
#define story(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		story(each_socket_is_asked_for_once),
		story(an_accepted_socket_is_asked_for_when_it_has_an_inode),
		story(whoever_had_the_port_is_likely),
		story(what_is_gone_or_answered_is_not_asked_for),
		story(too_many_to_ask_for_are_all_asked_for),
		story(holders_come_as_updates),
		story(several_holders_are_compared_in_full),
		story(what_the_first_search_does_not_find_is_hidden),
		story(a_search_that_stopped_says_nothing_of_the_rest),
		story(what_comes_during_a_search_is_not_missed_by_it),
		story(holders_that_let_go_are_former_ones),
		story(a_socket_closed_during_a_search_is_not_hidden),
		story(the_first_search_tells_how_far_it_is),
		story(units_are_told_with_the_first_event),
		story(a_request_gets_its_unit_when_it_is_a_socket),
		story(units_are_forgotten_with_their_connections),
	};

	return cmocka_run_group_tests_name("owners", tests, NULL, NULL);
}
