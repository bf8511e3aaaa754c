/* The Wall's books: each opening and closing is either drawn or counted, exactly, whatever happens and whatever a person does. */
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
#include "scene.h"
#include "show/wall.h"

struct bench {
	struct scene scene;
	struct wall wall;
	struct tempo tempo;
	bool away, outside; /* nobody looks; a filter lets nothing through */
};

static void hear(void *context, const struct event *e)
{
	struct bench *b = context;

	if (b->away)
		wall_miss(&b->wall);
	else
		wall_event(&b->wall, b->scene.model, e, !b->outside);
}

/* An act, told the other way: by what the model has counted. */
static uint64_t acts_counted(const struct bench *b)
{
	const struct totals *t = model_totals(b->scene.model);

	return t->opens + t->closes;
}

static void start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	scene_start(&b->scene);
	wall_init(&b->wall, true);
	wall_resize(&b->wall, 3, false);
	b->scene.sink = hear;
	b->scene.context = b;
}

static void stop(struct bench *b)
{
	wall_fini(&b->wall);
	scene_end(&b->scene);
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

/* One step of a connection's life, or a new connection, or one of a local pair. */
static void something_happens(struct bench *b, uint64_t *seed, uint64_t *next)
{
	static const uint8_t to[] = {STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_TIME_WAIT, STATE_CLOSE_WAIT, STATE_LAST_ACK, STATE_CLOSING};
	const uint64_t conn = *next > 1 ? 1 + random_below(seed, (uint32_t)*next - 1) : 0;
	const struct connection *c = conn ? model_find(b->scene.model, conn) : NULL;
	const bool local = random_below(seed, 3) == 0;
	char ends[2][32];

	if (!c || !c->live || random_below(seed, 4) == 0) {
		snprintf(ends[0], sizeof(ends[0]), "10.0.0.1:%u", 1024 + (unsigned)(*next % 60000));
		snprintf(ends[1], sizeof(ends[1]), "10.0.0.%u:%u", local ? 1 : 9, 80 + random_below(seed, 5));
		scene_open(&b->scene, (*next)++, STATE_SYN_SENT, ends[0], ends[1], SIDE_LOCAL);
		if (local)
			scene_open(&b->scene, (*next)++, STATE_SYN_RECV, ends[1], ends[0], SIDE_REMOTE);
	} else if (random_below(seed, 4) == 0) {
		scene_close(&b->scene, conn, (enum cause)random_below(seed, CAUSE_NETNS_GONE + 1));
	} else if (c->state != STATE_TIME_WAIT) {
		scene_step(&b->scene, conn, to[random_below(seed, sizeof(to))]);
	}
}

static void person_does(struct bench *b, uint64_t *seed)
{
	switch (random_below(seed, 12)) {
	case 0:
		wall_resize(&b->wall, random_below(seed, 15), random_below(seed, 2));
		break;
	case 1:
		wall_pause(&b->wall, random_below(seed, 2), b->scene.now_ns);
		break;
	case 2:
		wall_step(&b->wall, random_below(seed, 2) ? 1 : -1, b->scene.now_ns);
		break;
	case 3:
		wall_live(&b->wall);
		break;
	case 4:
		b->wall.cursor = b->wall.count && random_below(seed, 2) ? random_below(seed, b->wall.count) : WALL_NOWHERE;
		break;
	case 5:
		b->wall.chosen = random_below(seed, 100);
		break;
	case 6:
		b->away = !b->away && random_below(seed, 3) == 0;
		break;
	case 7:
		b->outside = !b->outside && random_below(seed, 3) == 0;
		break;
	case 8:
		b->tempo.kind = (uint8_t)random_below(seed, 2);
		break;
	default:
		wall_pause(&b->wall, false, b->scene.now_ns);
		break;
	}
}

static void check_books(const struct bench *b, uint64_t heard)
{
	const struct wall *w = &b->wall;
	uint16_t in[WALL_GROUPS] = {0};

	assert_int_equal(w->total.drawn + wall_tally_not_drawn(&w->total) + w->total.outside + wall_pending(w), heard);
	assert_true(w->waiting <= WALL_WAITING_MAX && w->waiting <= WALL_QUEUE * w->count);
	for (uint32_t i = 0; i < w->waiting; i++) {
		in[w->queue[i].group]++;
		for (uint32_t k = 0; k < w->count; k++)
			assert_true(!w->lanes[k].conn || w->lanes[k].conn != w->queue[i].conn);
	}
	assert_memory_equal(in, w->waiting_in, sizeof(in));
	for (uint32_t i = 0; i < w->count; i++)
		for (uint32_t k = 0; k < i; k++)
			assert_true(!w->lanes[i].conn || (w->lanes[i].conn != w->lanes[k].conn && w->lanes[i].conn != w->lanes[k].peer));
	assert_true(w->cursor == WALL_NOWHERE || w->cursor < w->count || w->count == 0);
}

static void test_each_is_drawn_or_counted(void **state)
{
	static struct bench bench;
	struct bench *b = &bench;
	uint64_t outside = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		uint64_t random = seed, next = 1, heard = 0;

		start(b);
		for (unsigned round = 0; round < 300; round++) {
			const uint32_t burst = random_below(&random, 8) ? random_below(&random, 5) : random_below(&random, 150);
			const uint64_t before = acts_counted(b);

			for (uint32_t i = 0; i < burst; i++)
				something_happens(b, &random, &next);
			heard += b->away ? 0 : acts_counted(b) - before;
			check_books(b, heard);
			if (random_below(&random, 3))
				wall_turn(&b->wall, b->scene.model, &b->tempo, b->scene.now_ns);
			check_books(b, heard);
			if (random_below(&random, 5) == 0)
				person_does(b, &random);
			check_books(b, heard);
			scene_pass_ms(&b->scene, random_below(&random, 300));
		}
		assert_true(b->wall.total.drawn > 0);
		assert_true(wall_tally_not_drawn(&b->wall.total) > 0);
		outside += b->wall.total.outside;
		stop(b);
	}
	assert_true(outside > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_is_drawn_or_counted)};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
