/* The map of 4-byte cells, against a plain array that knows all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slotmap.h"

#define VALUES 20000u

struct world {
	uint64_t keys[VALUES];
	bool there[VALUES];
	uint32_t hash_mask; /* few bits: many keys share a hash */
	uint32_t base;      /* values begin here */
	struct slotmap map;
};

static uint32_t hash_key(const struct world *w, uint64_t key)
{
	return map_hash_u64(key, 7) & w->hash_mask;
}

static uint32_t hash_value(const void *context, uint32_t value)
{
	const struct world *w = context;

	return hash_key(w, w->keys[value - w->base]);
}

static void touch_value(const void *context, uint32_t value)
{
	const struct world *w = context;

	assert_in_range(value - w->base, 0, VALUES - 1);
}

struct wanted {
	const struct world *world;
	uint64_t key;
};

static bool is_wanted(const void *context, uint32_t value)
{
	const struct wanted *wanted = context;

	return wanted->world->keys[value - wanted->world->base] == wanted->key;
}

static bool find(struct world *w, uint64_t key)
{
	struct wanted wanted = {w, key};

	return slotmap_find(&w->map, hash_key(w, key), is_wanted, &wanted) != MAP_NONE;
}

static struct world *world_new(uint32_t hash_mask, uint32_t base)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->hash_mask = hash_mask;
	w->base = base;
	for (uint32_t i = 0; i < VALUES; i++)
		w->keys[i] = (uint64_t)i * 0x9e3779b97f4a7c15u;
	slotmap_init(&w->map, hash_value, touch_value, w);
	return w;
}

static void world_free(struct world *w)
{
	slotmap_fini(&w->map);
	free(w);
}

static void check_all(struct world *w, uint32_t values)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < values; i++) {
		assert_int_equal(find(w, w->keys[i]), w->there[i]);
		count += w->there[i];
	}
	assert_int_equal(w->map.count, count);
}

/* Adds and removes by chance, more of the one and then more of the other. */
static void walk(struct world *w, uint32_t values, uint32_t steps)
{
	uint64_t random = 88172645463325252u;

	for (uint32_t step = 0; step < steps; step++) {
		uint32_t i;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		i = (uint32_t)(random >> 20) % values;
		if (w->there[i] && (random & 7) >= (step / (steps / 4) % 2 ? 2 : 5)) {
			assert_true(slotmap_remove(&w->map, hash_key(w, w->keys[i]), i + w->base));
			w->there[i] = false;
		} else if (!w->there[i]) {
			assert_false(slotmap_remove(&w->map, hash_key(w, w->keys[i]), i + w->base));
			slotmap_add(&w->map, hash_key(w, w->keys[i]), i + w->base);
			w->there[i] = true;
		}
		if (step % (steps / 16) == 0)
			check_all(w, values);
	}
	check_all(w, values);
}

static void test_walks(void **state)
{
	static const uint32_t masks[] = {UINT32_MAX, 0xffff0000u, 0xff000000u};

	(void)state;
	for (unsigned i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		struct world *w = world_new(masks[i], 0);

		walk(w, i == 2 ? VALUES / 8 : VALUES, 200000);
		world_free(w);
	}
}

/* A port that comes round again and again: thousands of entries with one key. Then distances pass what a cell can hold. */
static void test_equal_hashes(void **state)
{
	struct world *w = world_new(0, 0);

	(void)state;
	walk(w, 6000, 20000);
	world_free(w);
}

/* Large values leave few bits for the distance. */
static void test_large_values(void **state)
{
	static const uint32_t bases[] = {(1u << 20) - 1000, (1u << 24) + 5, (1u << 28), (1u << 31) - VALUES};

	(void)state;
	for (unsigned i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		struct world *w = world_new(UINT32_MAX, bases[i]);

		walk(w, i == 3 ? 300 : VALUES / 4, 20000);
		world_free(w);
	}
}

/* A map that is full of small values when the first large one comes. */
static void test_grows_wider_when_full(void **state)
{
	struct world *w = world_new(UINT32_MAX, (1u << 20) - VALUES / 2);

	(void)state;
	for (uint32_t i = 0; i < VALUES; i++) {
		slotmap_add(&w->map, hash_key(w, w->keys[i]), i + w->base);
		w->there[i] = true;
	}
	check_all(w, VALUES);
	walk(w, VALUES, 20000);
	world_free(w);
}

static void test_reserve(void **state)
{
	struct world *w = world_new(UINT32_MAX, 0);
	const uint32_t *cells;

	(void)state;
	slotmap_add(&w->map, hash_key(w, w->keys[0]), 0);
	slotmap_reserve(&w->map, VALUES);
	cells = w->map.cells;
	for (uint32_t i = 1; i < VALUES; i++)
		slotmap_add(&w->map, hash_key(w, w->keys[i]), i);
	assert_ptr_equal(w->map.cells, cells);
	memset(w->there, true, sizeof(w->there));
	check_all(w, VALUES);
	/* Never more than half empty by much. */
	for (uint32_t i = 0; i < VALUES; i++)
		assert_true(slotmap_remove(&w->map, hash_key(w, w->keys[i]), i));
	memset(w->there, false, sizeof(w->there));
	check_all(w, VALUES);
	world_free(w);
}

static void test_empty(void **state)
{
	struct world *w = world_new(UINT32_MAX, 0);

	(void)state;
	assert_false(find(w, 1));
	assert_false(slotmap_remove(&w->map, 5, 5));
	slotmap_prefetch(&w->map, 5);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),   cmocka_unit_test(test_equal_hashes), cmocka_unit_test(test_large_values),
		cmocka_unit_test(test_grows_wider_when_full), cmocka_unit_test(test_reserve), cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
