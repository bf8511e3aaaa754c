/*
 * Random walks of a simulated host (walk_host.h) through the tracker, judged by an oracle that knows the truth (walk_judge.h).
 *
 * The host has many sockets on few ports, and some walks have thousands. Whatever of it is shown, then: every edge told is legal; what is called observed was so,
 * and what is inferred too, but for what is called ambiguous; no life is told twice or merged with another; none is closed that lives; opens less closes are
 * what is live; and when the host holds still, the model is the host.
 *
 * A walk is named by its seed. A failing one is cut down to the fewest steps that fail in the same way, and these are printed with all that happened:
 * `track_walk_test SEED` does so again, `track_walk_test SEED LAST` walks all those seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "walk_judge.h"

/* WALK_OBSERVATIONS, how many there must be at least, comes from Makefile.am. Every so many seeds a walk has thousands of sockets. */
#define LARGE_EVERY 8
#define HOLD_EVERY 3000
#define HOLD_MAX_US 4000000
#define SHRINK_NS (60 * NS_PER_SECOND)

struct script {
	struct walk_step *steps;
	size_t count, room;
};

struct walk {
	uint64_t seed;
	struct walk_config config;
	unsigned long_every; /* so often, time passes by the minute */
	struct script script;
};

struct outcome {
	const char *wrong;
	uint32_t place;     /* where */
	size_t steps;       /* until it was */
	uint64_t observations;
	uint32_t lives;
};

/* ---- writing a script ---- */

static uint64_t draw(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (*random * 0x2545f4914f6cdd1du) >> 32;
}

static void write_step(struct script *s, enum step_kind kind, uint64_t place, uint64_t random)
{
	if (s->count == s->room) {
		s->room += s->room / 2 + 1024;
		s->steps = memory_resize(s->steps, s->room, sizeof(*s->steps));
	}
	s->steps[s->count++] = (struct walk_step){(uint8_t)kind, (uint32_t)place, (uint32_t)random};
}

/* Something happens, and time passes. */
static void write_life(struct walk *w, uint64_t *random, uint64_t places)
{
	static const uint8_t kinds[] = {
		STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE, STEP_CHANGE,
		STEP_OPEN, STEP_OPEN, STEP_OPEN, STEP_POKE, STEP_POKE, STEP_RECONNECT,
	};
	uint64_t each = places / w->config.namespaces;

	write_step(&w->script, STEP_PASS, draw(random) % (draw(random) % w->long_every ? 2000 : 70000000), draw(random));
	write_step(&w->script, (enum step_kind)kinds[draw(random) % sizeof(kinds)], draw(random) % places, draw(random));
	if (draw(random) % 200 == 0)
		write_step(&w->script, STEP_LISTEN, draw(random) % w->config.namespaces * each + each - 1 - draw(random) % LISTENERS, draw(random));
	if (draw(random) % 50 == 0)
		write_step(&w->script, STEP_OWNER, draw(random) % places, draw(random));
	/* Not both: of what was lost meanwhile nobody knows when it would have come. */
	if (draw(random) % HOLD_EVERY == 0 && !w->config.lose)
		write_step(&w->script, STEP_HOLD, draw(random) % HOLD_MAX_US, draw(random));
	if (draw(random) % 4 == 0)
		write_step(&w->script, STEP_ANSWER, 0, draw(random));
	if (draw(random) % 3 == 0)
		write_step(&w->script, STEP_DELIVER, 0, draw(random));
}

static void write_script(struct walk *w, unsigned rounds, unsigned lives_between, unsigned lives_within)
{
	uint64_t random = w->seed * 0x9e3779b97f4a7c15u + 1, places = (2 * w->config.ports + LISTENERS) * w->config.namespaces;

	for (unsigned i = 0; i < rounds; i++) {
		for (unsigned k = 0; k < lives_between; k++)
			write_life(w, &random, places);
		write_step(&w->script, STEP_SWEEP, draw(&random) % places, draw(&random));
		/* Pieces hold half of the most on average. */
		for (unsigned k = 0; k < places / w->config.namespaces / 24 + 4; k++) {
			for (unsigned l = 0; l < lives_within; l++)
				write_life(w, &random, places);
			write_step(&w->script, STEP_PIECE, 0, draw(&random));
		}
	}
}

static struct walk *walk_new(uint64_t seed)
{
	struct walk *w = memory_get_zeroed(1, sizeof(*w));
	bool large = seed % LARGE_EVERY == 0;

	w->seed = seed;
	w->config = (struct walk_config){
		.ports = large ? 2000 : 60,
		.namespaces = 1 + seed % NAMESPACES_MAX,
		.omit = seed % 3 ? 0.02 : 0,
		.lose = seed % 4 == 3 ? 0.05 : 0,
		.unanswered = seed % 5 ? 0.02 : 0,
	};
	w->long_every = large ? 20000 : 1000;
	if (large)
		write_script(w, 100, 1500, 4);
	else
		write_script(w, 60, 300, 3);
	return w;
}

static void walk_free(struct walk *w)
{
	free(w->script.steps);
	free(w);
}

/* ---- walking ---- */

static void come_to_rest(struct walk_host *h, struct walk_judge *j)
{
	walk_host_settle(h);
	for (int i = 0; i < 4 && !j->wrong; i++)
		walk_host_sweep_quietly(h);
	walk_host_find_owners(h);
	if (!j->wrong)
		walk_judge_model(j);
	if (!j->wrong)
		walk_judge_lives(j);
}

static struct outcome walk(const struct walk *w, const struct script *s, bool tell)
{
	const struct tracker_config config = {.seed = w->seed, .port_low = 32768, .port_high = 60999, .notices = true};
	struct walk_host h;
	struct walk_judge j;
	struct outcome out = {0};

	walk_host_init(&h, &w->config);
	walk_judge_init(&j, &h);
	h.tell = tell;
	tracker_free(h.world.tracker);
	h.world.tracker = tracker_new(h.world.model, &config, walk_judge_event, &j);
	walk_host_sweep_quietly(&h);
	while (out.steps < s->count && !j.wrong) {
		walk_host_step(&h, &s->steps[out.steps++]);
		walk_judge_count(&j);
	}
	if (!j.wrong)
		come_to_rest(&h, &j);
	out.wrong = j.wrong;
	out.place = j.place;
	out.observations = h.observations;
	out.lives = h.life_count;
	walk_judge_fini(&j);
	walk_host_fini(&h);
	return out;
}

/* ---- cutting down ---- */

static bool fails_alike(const struct walk *w, const struct script *s, const char *wrong)
{
	struct outcome o = walk(w, s, false);

	return o.wrong && strcmp(o.wrong, wrong) == 0;
}

/* The script without the steps from `at` on, `cut` of them; if `wait`, the time that they took passes all the same. */
static void leave_out(const struct script *s, size_t at, size_t cut, bool wait, struct script *less)
{
	uint64_t us = 0;

	less->count = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct walk_step *step = &s->steps[i];

		if (i < at || i >= at + cut)
			less->steps[less->count++] = *step;
		else if (step->kind == STEP_PASS)
			us += step->place;
		if (wait && i + 1 == at + cut)
			less->steps[less->count++] = (struct walk_step){STEP_PASS, (uint32_t)us, 1};
	}
}

/* What concerns no other place, if that is enough. */
static void shrink_to_place(const struct walk *w, struct script *s, const struct outcome *o)
{
	struct script less = {.steps = memory_resize(NULL, s->count + 1, sizeof(*s->steps))};

	for (size_t i = 0; i < s->count; i++) {
		enum step_kind kind = s->steps[i].kind;
		bool anywhere = kind == STEP_RECONNECT || kind == STEP_PASS || kind >= STEP_SWEEP;

		if (anywhere || s->steps[i].place == o->place)
			less.steps[less.count++] = s->steps[i];
	}
	if (fails_alike(w, &less, o->wrong)) {
		memcpy(s->steps, less.steps, less.count * sizeof(*s->steps));
		s->count = less.count;
	}
	free(less.steps);
}

/* Leaves out ever smaller runs of steps, while what is left fails in the same way (Zeller and Hildebrandt, ddmin). */
static void shrink(const struct walk *w, struct script *s, const char *wrong)
{
	struct script less = {.steps = memory_resize(NULL, s->count + 1, sizeof(*s->steps))};
	int64_t end_ns = clock_now_ns() + SHRINK_NS;

	for (size_t size = s->count / 2; size > 0 && clock_now_ns() < end_ns;) {
		size_t before = s->count;

		for (size_t at = 0; at < s->count && clock_now_ns() < end_ns;) {
			size_t cut = size < s->count - at ? size : s->count - at;
			bool found = false;

			for (int wait = 0; wait < (cut > 1 ? 2 : 1) && !found; wait++) {
				leave_out(s, at, cut, wait, &less);
				found = fails_alike(w, &less, wrong);
			}
			if (found) {
				memcpy(s->steps, less.steps, less.count * sizeof(*s->steps));
				s->count = less.count;
			} else {
				at += cut;
			}
		}
		/* What was left out may have let other steps go: once more, until nothing does. */
		size = s->count < before && size <= 4 ? 4 : size / 2;
	}
	free(less.steps);
}

static void print_script(const struct script *s)
{
	for (size_t i = 0; i < s->count; i++)
		printf("# step %s place %u random %u\n", walk_step_name(s->steps[i].kind), s->steps[i].place, s->steps[i].random);
}

/* Returns what is wrong, after telling all about it. */
static const char *walk_and_tell(uint64_t seed, struct outcome *out)
{
	struct walk *w = walk_new(seed);

	*out = walk(w, &w->script, false);
	if (out->wrong) {
		printf("# seed %llu: it %s, after %zu steps; cutting them down\n", (unsigned long long)seed, out->wrong, out->steps);
		fflush(stdout);
		w->script.count = out->steps;
		shrink_to_place(w, &w->script, out);
		shrink(w, &w->script, out->wrong);
		print_script(&w->script);
		walk(w, &w->script, true);
		printf("# seed %llu: it %s, by these %zu steps\n", (unsigned long long)seed, out->wrong, w->script.count);
	}
	walk_free(w);
	return out->wrong;
}

/* ---- tests ---- */

static void random_walks_are_told_truly(void **unused)
{
	uint64_t observations = 0, lives = 0, seed;

	(void)unused;
	for (seed = 1; observations < WALK_OBSERVATIONS; seed++) {
		struct outcome o;

		if (walk_and_tell(seed, &o))
			fail_msg("seed %llu: it %s", (unsigned long long)seed, o.wrong);
		/* A walk that shows nothing would go on for ever. */
		assert_true(o.observations > 1000);
		observations += o.observations;
		lives += o.lives;
	}
	printf("# %llu observations of %llu lives in %llu walks\n", (unsigned long long)observations, (unsigned long long)lives,
	       (unsigned long long)seed - 1);
	assert_true(observations >= WALK_OBSERVATIONS);
}

static int walk_by_hand(uint64_t first, uint64_t last)
{
	int failed = 0;

	for (uint64_t seed = first; seed <= last; seed++) {
		struct outcome o;

		failed += walk_and_tell(seed, &o) != NULL;
	}
	printf("# %d of %llu walks failed\n", failed, (unsigned long long)(last - first + 1));
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_walks_are_told_truly)};

	if (argc > 1)
		return walk_by_hand(strtoull(argv[1], NULL, 10), strtoull(argv[argc - 1], NULL, 10));
	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
