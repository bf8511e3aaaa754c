/* Stories for the tracker where the source knows no cookies (/proc/net/tcp): who is who, and what becomes of them when sock_diag comes or goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tcp/edge.h"
#include "track_world.h"

static struct tuple client, server;

static int begin(void **state)
{
	static struct world w;

	client = world_tuple("127.0.0.1:40000", "127.0.0.1:80");
	server = world_tuple("127.0.0.1:80", "127.0.0.1:40000");
	world_start(&w);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	world_end(*state);
	return 0;
}

/* As /proc/net/tcp has it. */
static struct sample bare(const struct tuple *tuple, enum tcp_state state, uint32_t inode)
{
	return (struct sample){.tuple = *tuple, .state = (uint8_t)state, .inode = inode, .uid = 1000};
}

static void sweep_and_forget(struct world *w, const struct sample *s)
{
	world_sweep(w, s, NULL);
	world_told(w);
	world_pass_ms(w, 1000);
}

static void a_life_is_followed_by_its_tuple(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&client, STATE_ESTABLISHED, 5);

	world_sweep(w, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	s = bare(&client, STATE_FIN_WAIT2, 0);
	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	s = world_remnant(0, &client, STATE_TIME_WAIT, 59000);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "open 1 CLOSED>SYN_SENT inferred opener=local/port_range\n"
	                                   "step 1 SYN_SENT>ESTABLISHED observed\n"
	                                   "step 1 ESTABLISHED>FIN_WAIT1 inferred\n"
	                                   "step 1 FIN_WAIT1>FIN_WAIT2 observed\n"
	                                   "step 1 FIN_WAIT2>TIME_WAIT observed\n");
	assert_int_equal(model_find(w->model, 1)->cookie, 0);
	world_pass_ms(w, 1000);
	s.expires_ms = 58000;
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "");
}

static void an_illegal_jump_is_another_connection(void **state)
{
	struct world *w = *state;
	struct sample s = world_remnant(0, &client, STATE_TIME_WAIT, 30000);

	sweep_and_forget(w, &s);
	s = bare(&client, STATE_ESTABLISHED, 6);
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "step 1 TIME_WAIT>CLOSED inferred\n"
	                                   "close 1 graceful\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/port_range\n"
	                                   "step 2 SYN_SENT>ESTABLISHED observed\n");
	assert_int_equal(w->illegal_edges, 0);
}

static void another_inode_is_another_connection(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&client, STATE_ESTABLISHED, 5);

	sweep_and_forget(w, &s);
	s.inode = 6;
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\n"
	                                   "close 1 replaced\n"
	                                   "open 2 CLOSED>SYN_SENT inferred opener=local/port_range\n"
	                                   "step 2 SYN_SENT>ESTABLISHED observed\n");
}

static void to_be_accepted_is_no_other_connection(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&server, STATE_ESTABLISHED, 0);

	sweep_and_forget(w, &s);
	s.inode = 6;
	world_sweep(w, &s, NULL);
	assert_string_equal(world_told(w), "update 1\n");
}

static void listeners_that_share_a_port_are_told_apart(void **state)
{
	struct world *w = *state;
	struct tuple any = world_tuple("0.0.0.0:80", "0.0.0.0:0");
	struct sample one = bare(&any, STATE_LISTEN, 1), two = bare(&any, STATE_LISTEN, 2);

	world_sweep(w, &one, &two, NULL);
	assert_string_equal(world_told(w), "row 1 LISTEN\nrow 2 LISTEN\n");
	world_pass_ms(w, 1000);
	world_sweep(w, &two, &one, NULL);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 1000);
	world_sweep(w, &two, NULL);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 1000);
	world_sweep(w, &two, NULL);
	assert_string_equal(world_told(w), "step 1 LISTEN>CLOSED observed\nclose 1 listener_closed\n");
	assert_int_equal(model_live(w->model), 1);
}

static void gone_is_what_two_readings_in_a_row_do_not_list(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&client, STATE_ESTABLISHED, 5);

	sweep_and_forget(w, &s);
	world_sweep(w, NULL);
	world_drop_lookups(w);
	world_pass_ms(w, 1000);
	/* The first of them missed it: a file is no snapshot. */
	world_sweep(w, &s, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_drop_lookups(w);
	assert_string_equal(world_told(w), "");
	world_pass_ms(w, 1000);
	world_sweep(w, NULL);
	world_drop_lookups(w);
	assert_string_equal(world_told(w), "step 1 ESTABLISHED>CLOSED ambiguous\nclose 1 ambiguous\n");
}

static void a_cookie_is_adopted_and_outlasts_its_source(void **state)
{
	struct world *w = *state;
	struct sample without = bare(&client, STATE_ESTABLISHED, 1005), with = world_socket(5, &client, STATE_ESTABLISHED, false);

	sweep_and_forget(w, &without);
	world_sweep(w, &with, NULL);
	assert_string_equal(world_told(w), "update 1\n");
	assert_int_equal(model_find(w->model, 1)->cookie, 5);
	assert_ptr_equal(model_find_cookie(w->model, model_netns(w->model, model_find(w->model, 1)), 5), model_find(w->model, 1));
	world_pass_ms(w, 1000);
	world_sweep(w, &without, NULL);
	world_pass_ms(w, 1000);
	world_sweep(w, &with, NULL);
	world_told(w);
	assert_int_equal(model_live(w->model), 1);
	assert_int_equal(w->opens + w->closes, 0);
	/* Two cookies are two sockets, whatever was seen in between. */
	with.cookie = 6;
	with.inode = 0;
	world_pass_ms(w, 1000);
	world_sweep(w, &with, NULL);
	world_told(w);
	assert_int_equal(w->opens, 1);
	assert_int_equal(w->closes, 1);
}

static void a_notice_ends_what_has_no_cookie(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&server, STATE_CLOSE_WAIT, 5), notice = world_notice(7, &server, 1);

	sweep_and_forget(w, &s);
	notice.numbers.last_ack_recv_ms = notice.numbers.last_data_recv_ms = notice.numbers.last_data_sent_ms = 0;
	world_notify(w, &notice);
	world_answer(w, NULL);
	world_pass_ms(w, 2000);
	assert_int_equal(w->opens, 0);
	assert_int_equal(w->closes, 1);
	assert_int_equal(model_live(w->model), 0);
	assert_int_equal(model_coverage(w->model)->unsampled_ends, 0);
}

static void what_was_read_before_the_end_is_old_news(void **state)
{
	struct world *w = *state;
	struct sample s = bare(&server, STATE_LAST_ACK, 0), notice = world_notice(7, &server, 2);

	sweep_and_forget(w, &s);
	world_sweep_begin(w);
	world_notify(w, &notice);
	world_answer(w, NULL);
	assert_int_equal(w->closes, 1);
	world_told(w);
	/* It was read before the notice came. */
	w->now_ns -= 500 * NS_PER_US;
	world_see(w, &s);
	w->now_ns += 500 * NS_PER_US;
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
	assert_string_equal(world_told(w), "");
	assert_int_equal(model_live(w->model), 0);
}

/* ---- a host that lives, looked at through the one source or the other ---- */

#define SOCKETS 300
#define ROUNDS 3000

struct host_socket {
	struct tuple tuple;
	uint8_t state; /* STATE_NONE: not there */
	uint64_t cookie;
	uint32_t inode;
};

static uint64_t roll(uint64_t *seed, uint64_t sides)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % sides;
}

/* One that is there takes one legal step, or ends; one that is not comes to be. */
static void live_on(struct host_socket *s, uint64_t *seed, uint64_t *next_cookie)
{
	static const uint8_t first[] = {STATE_SYN_SENT, STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_TIME_WAIT};
	uint8_t to = (uint8_t)(1 + roll(seed, STATE_COUNT - 1));

	if (s->state == STATE_NONE) {
		s->state = first[roll(seed, 4)];
		s->cookie = ++*next_cookie;
		s->inode = s->state == STATE_TIME_WAIT ? 0 : (uint32_t)s->cookie + 1000;
	} else if (roll(seed, 8) == 0) {
		s->state = STATE_NONE;
	} else if (to != STATE_LISTEN && to != STATE_CLOSED && edge_find((enum tcp_state)s->state, (enum tcp_state)to)) {
		s->state = to;
		if (to == STATE_TIME_WAIT || to == STATE_LAST_ACK || to == STATE_FIN_WAIT1)
			s->inode = 0;
	}
}

static struct sample seen_of(const struct host_socket *s, bool cookies)
{
	struct sample sample = bare(&s->tuple, (enum tcp_state)s->state, s->inode);

	if (s->state == STATE_TIME_WAIT)
		sample.timer = 3;
	if (cookies)
		sample.cookie = s->cookie;
	return sample;
}

struct alive_search {
	unsigned live;
	uint8_t state;
};

static bool count_live(void *context, const struct connection *c)
{
	struct alive_search *search = context;

	search->live += c->live;
	if (c->live)
		search->state = (uint8_t)c->state;
	return false;
}

static void look(struct world *w, const struct host_socket *sockets, bool cookies)
{
	world_pass_ms(w, 1000);
	world_sweep_begin(w);
	for (unsigned i = 0; i < SOCKETS; i++) {
		struct sample s = seen_of(&sockets[i], cookies);

		if (sockets[i].state != STATE_NONE)
			world_see(w, &s);
	}
	world_sweep_end(w, SWEEP_WHOLE, ~0u, 0);
	world_drop_lookups(w);
}

static void whoever_looks_the_host_is_known_as_it_is(void **state)
{
	struct world *w = *state;
	static struct host_socket sockets[SOCKETS];
	uint64_t seed = 20261127, next_cookie = 0;
	bool cookies = false;

	memset(sockets, 0, sizeof(sockets));
	w->quiet = true;
	for (unsigned i = 0; i < SOCKETS; i++) {
		sockets[i].tuple = client;
		sockets[i].tuple.local.port = (uint16_t)(40000 + i);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (roll(&seed, 10) == 0)
			cookies = !cookies;
		for (unsigned i = 0; i < SOCKETS; i++)
			if (roll(&seed, 4) == 0)
				live_on(&sockets[i], &seed, &next_cookie);
		look(w, sockets, cookies);
		for (unsigned i = 0; i < SOCKETS; i++) {
			struct alive_search search = {0};

			if (sockets[i].state == STATE_NONE)
				continue;
			model_find_tuple(w->model, w->batch->netns, &sockets[i].tuple, count_live, &search);
			if (search.live != 1 || search.state != sockets[i].state)
				fail_msg("round %u, socket %u: %u live, %s for %s", round, i, search.live, state_name(search.state),
				         state_name(sockets[i].state));
		}
	}
	for (unsigned i = 0; i < SOCKETS; i++)
		sockets[i].state = STATE_NONE;
	look(w, sockets, cookies);
	look(w, sockets, cookies);
	assert_int_equal(model_live(w->model), 0);
	assert_int_equal(w->illegal_edges, 0);
	assert_int_equal(model_coverage(w->model)->illegal, 0);
	/* Nobody was there at the first look. */
	assert_true(w->opens > 1000);
	assert_in_range(w->closes - w->opens, 0, SOCKETS);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		STORY(a_life_is_followed_by_its_tuple),
		STORY(an_illegal_jump_is_another_connection),
		STORY(another_inode_is_another_connection),
		STORY(to_be_accepted_is_no_other_connection),
		STORY(listeners_that_share_a_port_are_told_apart),
		STORY(gone_is_what_two_readings_in_a_row_do_not_list),
		STORY(a_cookie_is_adopted_and_outlasts_its_source),
		STORY(a_notice_ends_what_has_no_cookie),
		STORY(what_was_read_before_the_end_is_old_news),
		STORY(whoever_looks_the_host_is_known_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
