/*
 * ladders: lives told to a model as events, laid out and painted at fixed times, and compared with golden pictures
 * (tests/golden/ladder_*). The first picture of each is followed by the grid of its roles.
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

#include "base/message.h"
#include "golden.h"
#include "ladder_lives.h"
#include "tcp/edge.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct ladder_style full = {.show_how = true}, compact = {.show_how = true, .compact = true}, wall = {.show_how = true, .absolute_time = true};

static void check_text(const char *name, struct text *picture)
{
	char file[64];

	snprintf(file, sizeof(file), "ladder_%s", name);
	golden_check(file, text_string(picture));
	text_fini(picture);
}

/* Paints a ladder at the usual widths, in both glyph sets. */
static void check_widths(const char *name, const struct ladder *l)
{
	const struct life_picture pictures[] = {
		{.columns = 100, .style = full, .roles = true}, {.columns = 80, .style = full},
		{.columns = 80, .style = full, .ascii = true},  {.columns = 40, .style = full},
		{.columns = 200, .style = wall},                {.columns = 100, .style = compact},
	};
	struct text text = {0};

	for (size_t i = 0; i < COUNT(pictures); i++) {
		const struct life_picture *p = &pictures[i];

		text_addf(&text, "%u columns%s%s\n", p->columns, p->ascii ? ", ASCII" : "", p->style.compact ? ", compact" : "");
		life_paint(l, p, &text);
	}
	check_text(name, &text);
}

/* One of lives[], as told by cmocka's state. */
static void test_life(void **state)
{
	const struct life *life = *state;
	struct ladder l;

	life_ladder(life->name, &l);
	check_widths(life->name, &l);
}

/* A segment that was sent again and again, and nothing came. */
static void check_unanswered(const char *name, const struct life_step *steps, size_t count, unsigned sender)
{
	const struct event again = {
		.kind = EVENT_UPDATE,
		.t_ns = LIFE_AT(47.0),
		.conn = sender,
		.facts = {.knows = KNOWS_TIMER, .timer = 1, .retransmits = 3},
	};
	struct model *m = model_new(1);
	struct ladder l;

	life_tell(m, steps, count);
	model_apply(m, &again);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	check_widths(name, &l);
	model_free(m);
}

static void test_unanswered(void **state)
{
	static const struct life_step syn[] = {{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0}};
	static const struct life_step fin[] = {
		{CLIENT, STATE_NONE, STATE_CLOSE_WAIT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
		{CLIENT, STATE_CLOSE_WAIT, STATE_LAST_ACK, CERTAINTY_OBSERVED, 43.0, 43.05, 0, 0, 0},
	};
	static const struct life_step syn_ack[] = {
		{CLIENT, STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
		{SERVER, STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
	};

	(void)state;
	check_unanswered("unanswered_syn", syn, COUNT(syn), CLIENT);
	check_unanswered("unanswered_fin", fin, COUNT(fin), CLIENT);
	check_unanswered("unanswered_syn_ack", syn_ack, COUNT(syn_ack), SERVER);
}

/* Moments of an animation, as the eye sees them one after the other. */
static void check_moments(const char *name, const char *life, const struct ladder_moment *moments, size_t count, bool roles)
{
	struct text text = {0};
	struct ladder l;

	life_ladder(life, &l);
	for (size_t i = 0; i < count; i++) {
		const struct life_picture p = {.columns = 80, .style = compact, .moment = moments[i], .ascii = i % 2, .roles = roles};

		text_addf(&text, "%u whole, the next at %.2f\n", moments[i].whole, moments[i].progress);
		life_paint(&l, &p, &text);
	}
	check_text(name, &text);
}

static void test_moments(void **state)
{
	static const struct ladder_moment opening[] = {{0, 0.01}, {0, 0.1}, {0, 0.5}, {0, 0.95}, {0, 1}, {1, 0.02}, {1, 0.5}, {1, 0.97}, {2, 0.5}, {3, 0}};
	static const struct ladder_moment closing[] = {{3, 0.3}, {4, 0.6}, {7, 1}, {8, 0.5}, {8, 1}};
	static const struct ladder_moment crossing[] = {{4, 0.4}, {4, 1}, {5, 0.6}, {6, 0.4}, {6, 0.99}, {7, 0.5}};

	(void)state;
	check_moments("moments_opening", "graceful_pair", opening, COUNT(opening), true);
	check_moments("moments_closing", "graceful_pair", closing, COUNT(closing), false);
	check_moments("moments_crossing", "simultaneous_close", crossing, COUNT(crossing), false);
}

static void test_heights(void **state)
{
	static const unsigned heights[] = {13, 12, 11, 8, 5, 4, 3, 2, 1};
	struct text text = {0};
	struct ladder l;

	(void)state;
	life_ladder("graceful_pair", &l);
	for (size_t i = 0; i < COUNT(heights); i++) {
		text_addf(&text, "%u rows\n", heights[i]);
		life_paint(&l, &(struct life_picture){.rows = heights[i], .columns = 80, .style = full}, &text);
	}
	text_add(&text, "6 rows, in the middle of an animation\n");
	life_paint(&l, &(struct life_picture){.rows = 6, .columns = 80, .style = full, .moment = {5, 0.5}}, &text);
	check_text("heights", &text);
}

static void test_narrow(void **state)
{
	static const unsigned widths[] = {120, 99, 90, 79, 70, 66, 60, 50, 45, 39, 34, 30, 27, 24, 16, 9, 4, 3, 2, 1};
	struct text text = {0};
	struct ladder l;

	(void)state;
	life_ladder("remote_deduced", &l);
	for (size_t i = 0; i < COUNT(widths); i++) {
		text_addf(&text, "%u columns\n", widths[i]);
		life_paint(&l, &(struct life_picture){.columns = widths[i], .style = full}, &text);
	}
	check_text("narrow", &text);
}

/* Without the column that says how, its place goes to the others. */
static void test_without_how(void **state)
{
	struct text text = {0};
	struct ladder l;

	(void)state;
	life_ladder("remote_deduced", &l);
	life_paint(&l, &(struct life_picture){.columns = 100, .style = {.absolute_time = true, .utc_offset_s = 9 * 3600}}, &text);
	check_text("without_how", &text);
}

/* ---- properties of any ladder ---- */

static uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* A random legal walk of one end, told as events. Returns the number of steps. */
static unsigned walk(struct model *m, uint64_t *seed, unsigned conn, double *t, uint8_t *states, uint8_t *first)
{
	uint8_t state = random_next(seed) % 2 ? STATE_CLOSED : STATE_LISTEN;
	unsigned count = 0, wanted = 1 + (unsigned)random_next(seed) % 10;

	if (random_next(seed) % 4 == 0) {
		struct life_step found = {(uint8_t)conn, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, *t, *t + 0.05, 0, 5, 6};

		life_tell(m, &found, 1);
		state = STATE_ESTABLISHED;
	}
	*first = state;
	while (count < wanted) {
		const struct edge *e = &edge_table[random_next(seed) % edge_count];
		bool known = random_next(seed) % 2;
		struct life_step s = {(uint8_t)conn, e->from, e->to, (uint8_t)(1 + random_next(seed) % 4), *t, *t + 0.05, 0, -1, -1};

		if (e->from != state || (e->to == STATE_LISTEN))
			continue;
		if (s.certainty == CERTAINTY_EXACT)
			s.t1 = s.t0;
		if (random_next(seed) % 8 == 0)
			s.t0 = 0;
		s.edge_cause = (uint8_t)(e->cause + 1);
		s.sent = s.received = known ? (int64_t)random_next(seed) : -1;
		life_tell(m, &s, 1);
		states[count++] = state = e->to;
		*t += (double)(random_next(seed) % 1000) / 5000;
		if (state == STATE_CLOSED)
			break;
	}
	return count;
}

/* The lifeline of an end shows its states, all of them and in its own order. */
static void assert_lifeline(const struct ladder *l, bool local, const uint8_t *states, unsigned count)
{
	unsigned next = 0;

	for (unsigned i = 0; i < l->count; i++) {
		const struct ladder_end *end = local ? &l->rows[i].local : &l->rows[i].remote;

		if (!end->state || end->deduced)
			continue;
		assert_true(next < count);
		assert_int_equal(end->state, states[next]);
		next++;
	}
	assert_int_equal(next, count);
}

static void paint_everywhere(const struct ladder *l, uint64_t *seed)
{
	struct text picture = {0};

	for (unsigned i = 0; i < 8; i++) {
		struct life_picture p = {
			.rows = 1 + (unsigned)random_next(seed) % 20,
			.columns = 1 + (unsigned)random_next(seed) % 130,
			.ascii = random_next(seed) % 2,
			.style = {.absolute_time = random_next(seed) % 2, .show_how = random_next(seed) % 2, .compact = random_next(seed) % 2},
			.moment = {(uint16_t)(random_next(seed) % (l->count + 2u)), (double)(random_next(seed) % 101) / 100},
		};

		life_paint(l, &p, &picture);
		text_clear(&picture);
	}
	text_fini(&picture);
}

static void test_any_life(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct model *m = model_new(1);
		uint8_t states[2][16], first[2] = {0};
		double t = 10;
		unsigned count[2] = {0}, both = random_next(&seed) % 2;
		struct ladder l;

		count[0] = walk(m, &seed, CLIENT, &t, states[0], &first[0]);
		if (both) {
			t = 10.01;
			count[1] = walk(m, &seed, SERVER, &t, states[1], &first[1]);
		}
		ladder_lay_out(&l, m, model_find(m, CLIENT));
		assert_int_equal(l.first_local, first[0]);
		assert_lifeline(&l, true, states[0], count[0]);
		if (l.peer && first[0] != STATE_ESTABLISHED && first[1] != STATE_ESTABLISHED)
			assert_lifeline(&l, false, states[1], count[1]);
		assert_int_equal(l.peer != 0, both && model_pair(m, model_find(m, CLIENT)));
		paint_everywhere(&l, &seed);
		model_free(m);
	}
}

/*
 * A damaged recording can tell more steps than TCP has, of both ends: the ladder is cut, and its end is still the end.
 */
static void test_too_many_steps(void **state)
{
	struct model *m = model_new(1);
	struct text text = {0};
	struct ladder l;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		const struct life_step steps[] = {
			{CLIENT, i ? STATE_ESTABLISHED : STATE_CLOSED, STATE_SYN_SENT, CERTAINTY_OBSERVED, 1 + i, 1.05 + i, 0, 1, 1},
			{SERVER, i ? STATE_ESTABLISHED : STATE_LISTEN, STATE_SYN_RECV, CERTAINTY_OBSERVED, 1.1 + i, 1.15 + i, 0, 1, 1},
			{CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 1.2 + i, 1.25 + i, 0, 1, 1},
			{SERVER, STATE_SYN_RECV, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 1.3 + i, 1.35 + i, 0, 1, 1},
		};
		const struct life_step end = {CLIENT, STATE_ESTABLISHED, STATE_CLOSED, CERTAINTY_OBSERVED, 500, 500, ON_ABORT + 1, 1, 1};

		life_tell(m, steps, COUNT(steps));
		if (i == 99)
			life_tell(m, &end, 1);
	}
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	assert_in_range(l.count, 32, LADDER_ROWS_MAX);
	assert_int_equal(l.rows[l.count - 1].part, PART_RESET);
	assert_int_equal(l.rows[l.count - 1].local.state, STATE_CLOSED);
	life_paint(&l, &(struct life_picture){.rows = 20, .columns = 80, .style = full}, &text);
	text_fini(&text);
	model_free(m);
}

#define TESTS_MAX 64

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_unanswered), cmocka_unit_test(test_moments),     cmocka_unit_test(test_heights),
		cmocka_unit_test(test_narrow),     cmocka_unit_test(test_without_how), cmocka_unit_test(test_any_life),
		cmocka_unit_test(test_too_many_steps),
	};
	struct CMUnitTest tests[TESTS_MAX];
	size_t count = 0;

	for (const struct life *life = lives; life->name && count < TESTS_MAX - COUNT(others); life++)
		tests[count++] = (struct CMUnitTest){.name = life->name, .test_func = test_life, .initial_state = (void *)(uintptr_t)life};
	memcpy(&tests[count], others, sizeof(others));
	count += COUNT(others);
	message_init("en", "");
	return _cmocka_run_group_tests("ladders", tests, count, NULL, NULL);
}
