/* map: random changes against a plain list; and the hash. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"

#define VALUES 3000

/* The things that the map is about: each value is in the map or not, and has a key. */
struct world {
	struct map map;
	uint32_t keys[VALUES];
	bool in[VALUES];
	uint32_t count;
	uint32_t (*hash)(uint32_t key);
};

struct wanted {
	const struct world *world;
	uint32_t key;
};

static bool has_key(const void *context, uint32_t value)
{
	const struct wanted *w = context;

	assert_true(value < VALUES);
	return w->world->keys[value] == w->key;
}

static uint32_t hash_well(uint32_t key)
{
	return map_hash_u64(key, 7);
}

static uint32_t hash_badly(uint32_t key)
{
	return key % 5;
}

/* All homes at the end of the table, so that chains go round it. */
static uint32_t hash_at_the_end(uint32_t key)
{
	return UINT32_MAX - key % 3;
}

static uint32_t find(const struct world *w, uint32_t key)
{
	const struct wanted wanted = {w, key};

	return map_find(&w->map, w->hash(key), has_key, &wanted);
}

static void check_world(const struct world *w, uint32_t keys)
{
	assert_int_equal(w->map.count, w->count);
	if (w->map.entries)
		assert_true((uint64_t)w->count * 8 <= ((uint64_t)w->map.mask + 1) * 7);
	for (uint32_t key = 0; key < keys; key++) {
		uint32_t found = find(w, key);
		bool there = false;

		for (uint32_t value = 0; value < VALUES && !there; value++)
			there = w->in[value] && w->keys[value] == key;
		assert_int_equal(found != MAP_NONE, there);
		if (there)
			assert_true(w->in[found] && w->keys[found] == key);
	}
}

static void change(struct world *w, uint32_t keys, unsigned *seed, unsigned growing)
{
	uint32_t value = (uint32_t)rand_r(seed) % VALUES;
	bool add = (unsigned)rand_r(seed) % 100 < growing;

	if (w->in[value] != add) {
		if (add) {
			w->keys[value] = (uint32_t)rand_r(seed) % keys;
			map_add(&w->map, w->hash(w->keys[value]), value);
			w->count++;
		} else {
			assert_true(map_remove(&w->map, w->hash(w->keys[value]), value));
			w->count--;
		}
		w->in[value] = add;
	} else if (!add) {
		/* Not there: neither under its old key nor under another. */
		assert_false(map_remove(&w->map, w->hash(w->keys[value]), value));
	}
}

static void run_world(uint32_t (*hash)(uint32_t), uint32_t keys, unsigned rounds)
{
	struct world *w = test_calloc(1, sizeof(*w));
	unsigned seed = keys;

	w->hash = hash;
	for (unsigned phase = 0; phase < 6; phase++) {
		for (unsigned i = 0; i < rounds; i++)
			change(w, keys, &seed, phase % 2 ? 10 : 80);
		check_world(w, keys);
	}
	for (uint32_t value = 0; value < VALUES; value++)
		if (w->in[value]) {
			assert_true(map_remove(&w->map, hash(w->keys[value]), value));
			w->in[value] = false;
			w->count--;
		}
	check_world(w, keys);
	map_fini(&w->map);
	test_free(w);
}

static void test_distinct_keys(void **state)
{
	(void)state;
	run_world(hash_well, 1000000, 0);
	run_world(hash_well, 20000, 5000);
}

static void test_equal_keys(void **state)
{
	(void)state;
	run_world(hash_well, 50, 5000);
}

static void test_colliding_keys(void **state)
{
	(void)state;
	run_world(hash_badly, 300, 1000);
	run_world(hash_at_the_end, 300, 1000);
}

static void test_empty(void **state)
{
	struct world w = {.hash = hash_well};

	(void)state;
	assert_int_equal(find(&w, 1), MAP_NONE);
	assert_false(map_remove(&w.map, 1, 1));
	assert_false(map_remove(&w.map, 1, MAP_NONE));
	map_clear(&w.map);
	map_fini(&w.map);
}

static void test_clear(void **state)
{
	struct world w = {.hash = hash_well};

	(void)state;
	for (uint32_t value = 0; value < 100; value++) {
		w.keys[value] = value;
		map_add(&w.map, hash_well(value), value);
	}
	map_clear(&w.map);
	assert_int_equal(w.map.count, 0);
	for (uint32_t value = 0; value < 100; value++)
		assert_int_equal(find(&w, value), MAP_NONE);
	map_add(&w.map, hash_well(5), 5);
	assert_int_equal(find(&w, 5), 5);
	map_fini(&w.map);
}

/* Room follows the count in both directions, without flapping at one size. */
static void test_room(void **state)
{
	struct map m = {0};
	uint32_t room;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		map_add(&m, map_hash_u64(i, 3), i);
	assert_int_equal(m.mask, 131071);
	for (uint32_t i = 99999; i >= 10; i--)
		assert_true(map_remove(&m, map_hash_u64(i, 3), i));
	assert_true(m.mask < 128);
	room = m.mask;
	for (unsigned i = 0; i < 100; i++) {
		map_add(&m, map_hash_u64(10, 3), 10);
		assert_true(map_remove(&m, map_hash_u64(10, 3), 10));
	}
	assert_int_equal(m.mask, room);
	map_fini(&m);
	assert_null(m.entries);
}

static void test_hash_depends_on_everything(void **state)
{
	unsigned char bytes[48];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37);
	for (size_t len = 0; len < 40; len++) {
		uint32_t hash = map_hash(bytes, len, 1);
		char moved[64];

		memcpy(moved + 3, bytes, len);
		assert_int_equal(map_hash(moved + 3, len, 1), hash);
		assert_int_not_equal(map_hash(bytes, len, 2), hash);
		assert_int_not_equal(map_hash(bytes, len + 1, 1), hash);
		for (size_t bit = 0; bit < len * 8; bit++) {
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_not_equal(map_hash(bytes, len, 1), hash);
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
	}
	assert_int_not_equal(map_hash("\0", 1, 1), map_hash("\0\0", 2, 1));
}

/* What is most alike in practice, consecutive ports, spreads over the low bits as chance would have it. */
static void test_hash_spreads(void **state)
{
	static uint8_t places[2][65536];

	(void)state;
	for (uint32_t port = 0; port < 65536; port++) {
		struct {
			uint8_t address[16];
			uint32_t port;
		} end = {.port = port};

		places[0][map_hash(&end, sizeof(end), 42) & 0xffff]++;
		places[1][map_hash_u64(port, 42) & 0xffff]++;
	}
	for (int kind = 0; kind < 2; kind++) {
		unsigned empty = 0;

		for (unsigned i = 0; i < 65536; i++) {
			empty += places[kind][i] == 0;
			assert_true(places[kind][i] < 13);
		}
		/* 65536/e is 24109; the deviation is about 80. */
		assert_in_range(empty, 23500, 24700);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_distinct_keys),
		cmocka_unit_test(test_equal_keys),
		cmocka_unit_test(test_colliding_keys),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_hash_depends_on_everything),
		cmocka_unit_test(test_hash_spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
