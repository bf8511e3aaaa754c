/*
 * The list on random walks: whatever is done and whatever happens, its rows are the connections that are there or have just gone and that the filter
 * lets through, each once, in order as far as they stand in order; groups count what is in them; and the cursor stays on its connection.
 *
 * Once the list is built anew whenever something has changed; and once never unless asked for, so that all that happens is merged.
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

#include "base/clock.h"
#include "base/memory.h"
#include "base/message.h"
#include "scene.h"
#include "show/list.h"
#include "show/list_private.h"

#define WALKS 24
#define STEPS 500
#define CONNS_MAX 160

struct walk {
	struct scene scene;
	struct list list;
	struct filter *filter;
	uint64_t seed, next_conn;
	uint64_t conns[CONNS_MAX]; /* that live; 0: none */
};

static uint32_t draw(struct walk *w, uint32_t below)
{
	w->seed = w->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(w->seed >> 33) % below;
}

static void hear(void *context, const struct event *e)
{
	list_event(context, e);
}

static void start(struct walk *w, uint64_t seed)
{
	scene_start(&w->scene);
	list_init(&w->list);
	list_set_seed(&w->list, 0x5f3759df5f3759df);
	list_resize(&w->list, 6);
	w->seed = seed;
	w->next_conn = 1;
	w->scene.sink = hear;
	w->scene.context = &w->list;
	w->list.sorted_least = 8;
	w->list.slice = 7;
	if (seed % 2) {
		w->list.merged_from = 0;
		w->list.pace_ns = 3600 * NS_PER_SECOND;
	}
}

static void stop(struct walk *w)
{
	list_fini(&w->list);
	filter_free(w->filter);
	scene_end(&w->scene);
}

/* ---- what happens ---- */

static void come(struct walk *w, uint32_t place)
{
	static const enum tcp_state states[] = {STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LISTEN, STATE_TIME_WAIT, STATE_FIN_WAIT2};
	const uint64_t conn = w->next_conn++;
	const enum tcp_state state = states[draw(w, 5)];
	char local[32], remote[32];

	snprintf(local, sizeof(local), "10.0.0.%u:%u", 1 + draw(w, 3), 1000 + (unsigned)(conn % 30000));
	snprintf(remote, sizeof(remote), "10.9.9.%u:%u", 1 + draw(w, 6), draw(w, 2) ? 443 : 5432);
	if (draw(w, 3) == 0)
		scene_was_there(&w->scene, conn, state, local, state == STATE_LISTEN ? "0.0.0.0:0" : remote, draw(w, 90000));
	else
		scene_open(&w->scene, conn, draw(w, 2) ? STATE_SYN_SENT : STATE_SYN_RECV, local, remote, draw(w, 2) ? SIDE_LOCAL : SIDE_REMOTE);
	w->conns[place] = conn;
}

/* More that is found out of it. */
static void learn(struct walk *w, uint64_t conn)
{
	struct event e = {.kind = EVENT_UPDATE, .conn = conn, .t_ns = w->scene.now_ns};

	switch (draw(w, 3)) {
	case 0:
		e.owner_hidden = true;
		break;
	case 1:
		if (draw(w, 60) == 0)
			e.unit = draw(w, 2) ? "ssh.service" : "web.service";
		break;
	default:
		e.tuple = connection_tuple(model_find(w->scene.model, conn));
		e.facts.knows = KNOWS_TIMER;
		e.facts.timer = TIMER_TIME_WAIT;
		e.facts.timer_expires_ms = draw(w, 60000);
		break;
	}
	scene_tell(&w->scene, &e);
}

static void live(struct walk *w, uint32_t place)
{
	static const char *const programs[] = {"nginx", "curl", "java", "postgres", "sshd"};
	const uint64_t conn = w->conns[place];
	uint32_t program;

	switch (draw(w, 6)) {
	case 0:
		scene_step(&w->scene, conn, (enum tcp_state)(1 + draw(w, 6)));
		break;
	case 1:
		scene_queues(&w->scene, conn, draw(w, 3) * 100, draw(w, 4));
		break;
	case 2:
		program = draw(w, 5);
		scene_holder(&w->scene, conn, 100 + program, 3, programs[program]);
		break;
	case 3:
		learn(w, conn);
		break;
	default:
		scene_close(&w->scene, conn, draw(w, 2) ? CAUSE_GRACEFUL : CAUSE_RESET);
		w->conns[place] = 0;
		break;
	}
}

static void happen(struct walk *w)
{
	const uint32_t place = draw(w, CONNS_MAX);

	if (w->conns[place])
		live(w, place);
	else
		come(w, place);
}

/* So many that the model forgets what has gone, and their slots are taken again. */
static void rush(struct walk *w)
{
	for (unsigned i = 0; i < MODEL_DEPARTED_MAX + 50; i++) {
		const uint64_t conn = w->next_conn++;

		scene_open(&w->scene, conn, STATE_SYN_SENT, "10.0.0.9:4000", "10.9.9.9:80", SIDE_LOCAL);
		scene_close(&w->scene, conn, CAUSE_REFUSED);
	}
}

/* ---- what a person does ---- */

static void choose_filter(struct walk *w)
{
	static const struct filter_names nothing = {0};
	static const char *const texts[] = {"state established", "dport = :443", "not state syn-sent"};
	struct filter *old = w->filter;
	struct filter_error error;

	w->filter = draw(w, 2) ? filter_parse(texts[draw(w, 3)], &nothing, &error) : NULL;
	list_set_filter(&w->list, w->filter);
	filter_free(old);
}

static void act(struct walk *w)
{
	struct list *l = &w->list;
	const struct model *m = w->scene.model;
	const int64_t now_ns = w->scene.now_ns;

	switch (draw(w, 14)) {
	case 0:
		list_move_to(l, m, draw(w, 3) ? draw(w, 40) : UINT32_MAX, now_ns);
		break;
	case 1:
	case 2:
		list_move(l, m, (int64_t)draw(w, 9) - 4, now_ns);
		break;
	case 3:
		list_sort(l, (enum list_column)draw(w, LIST_COLUMN_COUNT), draw(w, 2));
		break;
	case 4:
		list_sort_usual(l);
		break;
	case 5:
		list_group_by(l, (enum list_grouping)draw(w, LIST_GROUPING_COUNT));
		break;
	case 6:
		list_group_by(l, LIST_BY_NOTHING);
		break;
	case 7:
	case 8:
		list_fold(l, draw(w, 3) > 0);
		break;
	case 9:
		list_mark_toggle(l);
		break;
	case 10:
		list_pause(l, m, !l->paused && draw(w, 2), now_ns);
		break;
	case 11:
		list_move_to_group(l, m, now_ns);
		break;
	case 12:
		choose_filter(w);
		break;
	default:
		list_resize(l, 1 + draw(w, 12));
		break;
	}
}

/* ---- what must be ---- */

static bool lately_gone(const struct walk *w, const struct connection *c)
{
	return !c->live && list_last_step_ns(c) + LIST_GONE_NS > w->scene.now_ns;
}

/* The rows that there have to be, by slot. */
static uint32_t expect(const struct walk *w, bool *wanted)
{
	const struct model *m = w->scene.model;
	const struct connection *c;
	uint32_t place = 0, count = 0;

	for (uint32_t slot = 0; slot < model_slots(m); slot++) {
		c = model_at(m, slot);
		wanted[slot] = c && c->live && list_lets(&w->list, m, c, w->scene.now_ns);
		count += wanted[slot];
	}
	for (uint32_t i = 0; i < LIST_GONE_MAX && (c = model_departed_next(m, &place)) != NULL;) {
		if (!lately_gone(w, c))
			break;
		if (!list_lets(&w->list, m, c, w->scene.now_ns))
			continue;
		wanted[c->slot] = true;
		count++;
		i++;
	}
	return count;
}

/* Holds always: no connection twice, what is in sight is in order, the cursor is where it says. */
static void check_shape(const struct walk *w)
{
	const struct list *l = &w->list;
	const struct model *m = w->scene.model;
	uint8_t *seen = memory_get_zeroed(model_slots(m) + 1u, 1);

	assert_true(l->sorted <= l->count);
	assert_true(l->count == 0 || l->top < l->count);
	assert_true(l->sorted == l->count || l->top + l->height <= l->sorted);
	for (uint32_t row = 0; row < l->count; row++) {
		const struct connection *c = list_at(l, m, row);

		assert_false(c && list_group_at(l, row));
		if (!c)
			continue;
		assert_int_equal(seen[c->slot], 0);
		seen[c->slot] = 1;
		if (row >= l->sorted && !l->grouping)
			assert_int_equal(l->places[c->slot], row);
	}
	for (uint32_t slot = 0; slot < l->places_room; slot++)
		assert_true(l->places[slot] == MAP_NONE || (l->places[slot] >= l->sorted && l->slots[l->places[slot]] == slot));
	for (uint32_t i = 0; i < l->touched_room; i++)
		assert_int_equal(l->touched[i], 0);
	if (l->built_ns && l->cursor && !l->following && model_find(m, l->cursor) && l->cursor <= l->newest)
		assert_int_equal(list_conn(l, m, l->cursor_row), l->cursor);
	if (l->built_ns && l->on_group)
		assert_non_null(list_group_at(l, l->cursor_row));
	free(seen);
}

/* Where a row that is in order has its place. */
static void row_of(const struct walk *w, uint32_t at, struct list_row *row)
{
	const struct list *l = &w->list;
	const struct list_group *group = list_group_at(l, at);
	const struct connection *c = list_at(l, w->scene.model, at);
	uint64_t key[2];
	uint32_t rank = 0;

	if (group) {
		*row = (struct list_row){.order = group->rank * LIST_ORDERS};
		return;
	}
	assert_non_null(c);
	if (l->grouping) {
		list_group_key((enum list_grouping)l->grouping, w->scene.model, c, key);
		rank = l->groups.at[list_groups_find(&l->groups, key)].rank;
	}
	list_row_set(l, w->scene.model, c, rank, l->order_ns, row);
}

/* Nothing is left to be done: then it is exactly what is there. */
static void check_rows(const struct walk *w)
{
	const struct list *l = &w->list;
	bool *wanted = memory_get_zeroed(model_slots(w->scene.model) + 1u, sizeof(*wanted));
	const uint32_t count = expect(w, wanted);
	uint32_t shown = 0, in_closed = 0, groups = 0;
	struct list_row before, row;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct list_group *group = list_group_at(l, i);

		groups += group != NULL;
		in_closed += group && !group->open ? group->count : 0;
		shown += !group;
		if (!group && (!list_at(l, w->scene.model, i) || !wanted[list_at(l, w->scene.model, i)->slot]))
			fail_msg("row %u ought not to be there", i);
		if (i >= l->sorted)
			continue;
		row_of(w, i, &row);
		if (i > 0)
			assert_true(list_row_compare(&before, &row, l->inverted) < 0);
		before = row;
	}
	assert_int_equal(shown + in_closed, count);
	assert_int_equal(l->connections, count);
	assert_int_equal(groups, l->grouping ? l->groups.count : 0);
	free(wanted);
}

/* A column that has something to tell is there; and what the top line says is true. */
static void check_facts(const struct walk *w)
{
	const struct model *m = w->scene.model;
	uint32_t hidden = 0;

	for (uint32_t slot = 0; slot < model_slots(m); slot++) {
		const struct connection *c = model_at(m, slot);

		if (!c || !c->live)
			continue;
		hidden += c->owner_hidden;
		if (model_unit(m, c) && list_lets(&w->list, m, c, w->scene.now_ns))
			assert_true(w->list.has_unit);
	}
	assert_int_equal(model_owners_hidden(m), hidden);
}

/* Of each group: as many as it says, in each state. */
static void check_groups(const struct walk *w)
{
	const struct list *l = &w->list;

	for (uint32_t i = 0; l->grouping && i < l->groups.count; i++) {
		const struct list_group *g = &l->groups.at[i];
		uint32_t in_states = 0;

		for (unsigned state = 0; state < STATE_COUNT; state++)
			in_states += g->states[state];
		assert_true(g->count > 0);
		assert_int_equal(in_states, g->count);
		assert_true(g->warned <= g->count);
	}
}

static void update(struct walk *w)
{
	struct list *l = &w->list;
	const struct model *m = w->scene.model;
	const uint64_t cursor = l->following || l->tail ? 0 : l->cursor;
	const bool was_listed = cursor && l->built_ns && list_conn(l, m, l->cursor_row) == cursor;
	const struct connection *c;

	list_update(l, m, w->scene.now_ns);
	check_shape(w);
	c = model_find(m, cursor);
	if (was_listed && c && c->live && list_lets(l, m, c, w->scene.now_ns) && l->built_ns)
		assert_true(l->cursor == cursor || (l->on_group && l->grouping));
}

/* Until there is nothing to be done. */
static void settle(struct walk *w)
{
	const int64_t pace_ns = w->list.pace_ns;

	if (w->list.grouping) /* nothing is merged into a tree */
		w->list.pace_ns = NS_PER_SECOND / 10;
	list_pause(&w->list, w->scene.model, false, w->scene.now_ns);
	scene_pass_ms(&w->scene, LIST_HOLD_NS / NS_PER_MS + 1);
	for (unsigned i = 0; i < 4000 && (i == 0 || w->list.fresh.lost || list_due(&w->list, w->scene.model) <= w->scene.now_ns + 2 * NS_PER_SECOND); i++) {
		if (w->list.fresh.lost) /* what nobody knows of is looked for at that pace too */
			w->list.pace_ns = NS_PER_SECOND / 10;
		update(w);
		scene_pass_ms(&w->scene, 5);
	}
	update(w);
	w->list.pace_ns = pace_ns;
	check_rows(w);
	check_facts(w);
	check_groups(w);
}

static void walk(uint64_t seed)
{
	struct walk w = {0};

	start(&w, seed);
	for (unsigned step = 0; step < STEPS; step++) {
		for (uint32_t n = draw(&w, 6); n > 0; n--)
			happen(&w);
		if (draw(&w, 3) == 0)
			act(&w);
		if (draw(&w, 300) == 0)
			rush(&w);
		if (draw(&w, 40) == 0)
			list_tail(&w.list, draw(&w, 2));
		scene_pass_ms(&w.scene, draw(&w, 200));
		update(&w);
		if (draw(&w, 20) == 0)
			settle(&w);
	}
	settle(&w);
	stop(&w);
}

static void test_walks(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= WALKS; seed++)
		walk(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
