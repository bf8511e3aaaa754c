/* track: rows that are told once and not kept. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "track_world.h"

static struct sample listener;

static struct tuple tuple_of(unsigned port, bool server)
{
	char local[32];

	snprintf(local, sizeof local, "127.0.0.1:%u", port);
	return server ? world_tuple("127.0.0.1:80", local) : world_tuple(local, "127.0.0.1:80");
}

static void test_a_row_is_told_once(void **state)
{
	struct tuple t = tuple_of(40000, false), other = tuple_of(40001, false);
	struct sample s = world_socket(5, &t, STATE_ESTABLISHED, false), later = world_socket(5, &t, STATE_FIN_WAIT2, false);
	struct sample again = world_socket(5, &other, STATE_SYN_SENT, false), taken_over = world_socket(6, &t, STATE_ESTABLISHED, false);
	struct world w;

	(void)state;
	world_start_passing(&w);
	world_sweep_begin(&w);
	world_see(&w, &listener);
	world_see(&w, &s);
	world_see(&w, &s);
	world_see(&w, &later);
	/* The socket has connected again meanwhile; another one has its ends. */
	world_see(&w, &again);
	world_see(&w, &taken_over);
	world_see(&w, &listener);
	world_sweep_end(&w, SWEEP_WHOLE, ~0u, 0);
	assert_string_equal(world_told(&w), "row 1 LISTEN\nrow 2 ESTABLISHED\nrow 3 SYN_SENT\nrow 4 ESTABLISHED\n");
	/* Of these only the listener is kept. */
	assert_int_equal(model_live(w.model), 1);
	assert_int_equal(model_population(w.model, STATE_LISTEN), 1);
	assert_true(tracker_ready(w.tracker));
	assert_int_equal(model_coverage(w.model)->sweeps, 1);
	world_end(&w);
}

/* Many, in an order of their own: the table grows, and each is found again. */
static void test_many_are_told_once(void **state)
{
	enum { MANY = 20000 };
	struct world w;
	unsigned rows = 0;

	(void)state;
	world_start_passing(&w);
	world_sweep_begin(&w);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < MANY; i++) {
			unsigned n = (i * 7919u) % MANY;
			struct tuple t = tuple_of(40000 + n / 2, n % 2);
			struct sample s = world_socket(100 + n, &t, STATE_ESTABLISHED, n % 2);

			world_see(&w, &s);
		}
	world_sweep_end(&w, SWEEP_WHOLE, ~0u, 0);
	for (const char *at = world_told(&w); (at = strstr(at, "row ")); at++)
		rows++;
	assert_int_equal(rows, MANY);
	assert_int_equal(model_live(w.model), 0);
	world_end(&w);
}

struct heard {
	struct event rows[8];
	unsigned count;
};

static void hear(void *context, const struct event *e)
{
	struct heard *h = context;

	if (e->kind == EVENT_CONNECTION && h->count < 8)
		h->rows[h->count++] = *e;
}

static void observe(struct tracker *t, struct batch *b, const struct sample *s)
{
	batch_add(b, OBSERVED_SAMPLE, 1000, 2000)->sample = *s;
	tracker_observe(t, b, 3000);
	b->count = 0;
}

/* Who has no good evidence of its own learns from its other end, a listener or the ports, whatever was kept. */
static void test_who_opened(void **state)
{
	static const struct {
		bool other_told, other_opened;
		const char *local, *remote;
		enum side opener;
		enum evidence by;
	} cases[] = {
		{true, true, "127.0.0.1:40000", "127.0.0.1:41000", SIDE_REMOTE, EVIDENCE_PEER},
		{true, false, "127.0.0.1:40000", "127.0.0.1:41000", SIDE_LOCAL, EVIDENCE_PEER},
		{true, false, "127.0.0.1:41000", "127.0.0.1:40000", SIDE_LOCAL, EVIDENCE_PEER},
		{true, true, "127.0.0.1:41000", "127.0.0.1:40000", SIDE_REMOTE, EVIDENCE_PEER},
		{true, true, "[2001:db8::1]:40000", "[2001:db8::2]:40000", SIDE_REMOTE, EVIDENCE_PEER},
		{true, false, "[2001:db8::2]:40000", "[2001:db8::1]:40000", SIDE_LOCAL, EVIDENCE_PEER},
		{true, false, "[::ffff:127.0.0.1]:40000", "[::ffff:127.0.0.1]:41000", SIDE_LOCAL, EVIDENCE_PEER},
		{false, false, "127.0.0.1:80", "127.0.0.1:41000", SIDE_REMOTE, EVIDENCE_LISTENER},
		{false, false, "127.0.0.1:41000", "127.0.0.1:22", SIDE_LOCAL, EVIDENCE_PORT_RANGE},
		{false, false, "127.0.0.1:41000", "127.0.0.1:40000", SIDE_UNKNOWN, EVIDENCE_NONE},
	};
	const struct tracker_config config = {.seed = 3, .port_low = 32768, .port_high = 60999, .passing = true};
	const struct tuple listens = world_tuple("127.0.0.1:80", "0.0.0.0:0");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heard h = {.count = 0};
		struct model *m = model_new(3);
		struct tracker *t = tracker_new(m, &config, hear, &h);
		struct batch *b = batch_new();
		struct tuple own = world_tuple(cases[i].local, cases[i].remote), mirrored = tuple_mirrored(&own);
		struct sample server = world_socket(1, &listens, STATE_LISTEN, false), other = world_socket(2, &mirrored, STATE_ESTABLISHED, !cases[i].other_opened);
		struct sample s = world_socket(3, &own, STATE_ESTABLISHED, false);

		s.has = 0;
		observe(t, b, &server);
		if (cases[i].other_told)
			observe(t, b, &other);
		observe(t, b, &s);
		assert_int_equal(h.count, 2u + cases[i].other_told);
		assert_int_equal(h.rows[h.count - 1].opener, cases[i].opener);
		assert_int_equal(h.rows[h.count - 1].opener_by, cases[i].by);
		batch_free(b);
		tracker_free(t);
		model_free(m);
	}
}

/* /proc/net/tcp tells no cookies: what it lists is kept, or the same socket could not be told from another. */
static void test_what_has_no_cookie_is_kept(void **state)
{
	struct tuple t = tuple_of(40000, false);
	struct sample s = world_socket(0, &t, STATE_ESTABLISHED, false);
	struct world w;

	(void)state;
	world_start_passing(&w);
	world_sweep_begin(&w);
	world_see(&w, &s);
	world_see(&w, &s);
	world_sweep_end(&w, SWEEP_WHOLE, ~0u, 0);
	assert_string_equal(world_told(&w), "row 1 ESTABLISHED\n");
	assert_int_equal(model_live(w.model), 1);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_is_told_once),
		cmocka_unit_test(test_many_are_told_once),
		cmocka_unit_test(test_who_opened),
		cmocka_unit_test(test_what_has_no_cookie_is_kept),
	};
	struct tuple t = world_tuple("127.0.0.1:80", "0.0.0.0:0");

	listener = world_socket(1, &t, STATE_LISTEN, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
