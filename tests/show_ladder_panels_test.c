/* What is told beside a ladder: explanations of its arrows, timers, details, numbers, and which rows are in sight. In the language it was built for. */
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
#include "show/ladder_explain.h"
#include "show/ladder_lessons.h"
#include "tcp/flags.h"

#ifndef GOLDEN_LANGUAGE
#define GOLDEN_LANGUAGE "en"
#endif

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- explanations ---- */

static const struct ladder_info nobody = {.known = true};

static void explain_life(const struct life *life, struct text *out)
{
	struct ladder l;

	life_ladder(life->name, &l);
	text_addf(out, "==== %s\n", life->name);
	for (unsigned i = 0; i < l.count; i++) {
		const struct explanation e = explain_row(&l, i);
		char flags[FLAGS_TEXT_ROOM];
		struct canvas c;

		flags_format(l.rows[i].flags, flags);
		text_addf(out, "-- %u  %s %s  %s  [%s]\n", i + 1, flags, l.rows[i].from_local ? ">" : "<", _(e.title), e.source);
		canvas_init(&c, explain_rows(&l, i, &nobody, &glyphs_unicode, 72), 72, &glyphs_unicode);
		explain_paint(&l, i, &nobody, area_all(&c));
		canvas_to_text(&c, out);
		canvas_fini(&c);
	}
}

static void test_explanations(void **state)
{
	struct text text = {0};

	(void)state;
	for (const struct life *life = lives; life->name; life++)
		explain_life(life, &text);
	golden_check("ladder_explained_" GOLDEN_LANGUAGE, text_string(&text));
	text_fini(&text);
}

/* No arrow is left without a word, and each lesson has all of its parts. */
static void test_everything_is_explained(void **state)
{
	(void)state;
	for (const struct life *life = lives; life->name; life++) {
		struct ladder l;

		life_ladder(life->name, &l);
		for (unsigned i = 0; i < l.count; i++) {
			assert_true(*explain_row(&l, i).title);
			assert_true(*explain_row(&l, i).text);
		}
	}
	for (unsigned i = 0; i < lesson_count; i++)
		assert_true(lessons[i].title && *lessons[i].title && lessons[i].text && *lessons[i].text && lessons[i].source);
	for (unsigned part = PART_OPEN; part <= PART_AGAIN; part++) {
		struct ladder l = {.count = 1, .rows = {{.part = (uint8_t)part}}};

		assert_true(*explain_row(&l, 0).title);
	}
}

/* ---- timers ---- */

static void test_countdowns(void **state)
{
	static const struct {
		uint8_t timer, state;
		uint32_t expires_ms;
		int64_t passed_ms;
		const char *en;
	} cases[] = {
		{TIMER_TIME_WAIT, STATE_TIME_WAIT, 41000, 0, "forgotten in 41s"},
		{TIMER_TIME_WAIT, STATE_TIME_WAIT, 41000, 999, "forgotten in 41s"},
		{TIMER_TIME_WAIT, STATE_TIME_WAIT, 41000, 1000, "forgotten in 40s"},
		{TIMER_TIME_WAIT, STATE_TIME_WAIT, 41000, 42000, "forgotten in 0s"},
		{TIMER_TIME_WAIT, STATE_TIME_WAIT, 41000, 50000, "forgotten any moment"},
		{TIMER_TIME_WAIT, STATE_FIN_WAIT2, 41000, 0, "gives up in 41s"},
		{TIMER_RETRANSMIT, STATE_SYN_SENT, 3000, 500, "repeats its SYN in 3s"},
		{TIMER_RETRANSMIT, STATE_SYN_RECV, 3000, 0, "repeats its SYN+ACK in 3s"},
		{TIMER_RETRANSMIT, STATE_LAST_ACK, 200, 0, "repeats its FIN in 1s"},
		{TIMER_RETRANSMIT, STATE_ESTABLISHED, 120000, 0, "repeats a segment in 2m00s"},
		{TIMER_KEEPALIVE, STATE_ESTABLISHED, 7199000, 0, "keepalive probe in 1h59m"},
		{TIMER_KEEPALIVE, STATE_ESTABLISHED, 1000, 90000, "sends keepalive probes"},
		{TIMER_PROBE, STATE_ESTABLISHED, 5000, 0, "window probe in 5s"},
		{TIMER_NONE, STATE_ESTABLISHED, 0, 0, ""},
		{77, STATE_ESTABLISHED, 1000, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct ladder_info info = {
			.known = true, .live = true, .state = cases[i].state, .facts_ns = LIFE_MINUTE,
			.facts = {.knows = KNOWS_TIMER, .timer = cases[i].timer, .timer_expires_ms = cases[i].expires_ms},
		};
		const int64_t now_ns = LIFE_MINUTE + cases[i].passed_ms * NS_PER_MS, wake_ns = info_countdown_wake_ns(&info, now_ns);
		struct ladder_countdown before, after;

		info_countdown(&info, now_ns, &before);
		if (strcmp(GOLDEN_LANGUAGE, "en") == 0)
			assert_string_equal(before.words, cases[i].en);
		assert_true(before.left <= before.of);
		if (wake_ns == INT64_MAX || !before.words[0])
			continue;
		info_countdown(&info, wake_ns - 1, &after); /* it changes when it says so, and not before */
		assert_string_equal(before.words, after.words);
		info_countdown(&info, wake_ns, &after);
		assert_true(strcmp(before.words, after.words) != 0 || cases[i].expires_ms >= 3600000);
	}
}

static void test_no_countdown(void **state)
{
	struct ladder_info info = {.known = true, .live = false, .facts = {.knows = KNOWS_TIMER, .timer = TIMER_RETRANSMIT}};
	struct ladder_countdown c;

	(void)state;
	info_countdown(&info, 0, &c);
	assert_string_equal(c.words, "");
	assert_true(info_countdown_wake_ns(&info, 0) == INT64_MAX);
	info.live = true;
	info.known = false;
	info_countdown(&info, 0, &c);
	assert_string_equal(c.words, "");
}

/* Under the rows, at the lifeline whose state it will end. */
static void test_countdowns_painted(void **state)
{
	static const struct ladder_countdown both[2] = {
		{.words = "repeats its FIN in 3s", .brief = "3s", .left = 3000, .of = 4000}, {.words = "forgotten in 15s", .brief = "15s", .left = 15000, .of = 60000},
	};
	static const struct ladder_countdown one[2] = {{.words = ""}, {.words = "forgotten in 15s", .brief = "15s", .left = 15000, .of = 60000}};
	static const unsigned widths[] = {120, 80, 40, 20};
	struct text text = {0};
	struct ladder l;

	(void)state;
	life_ladder("close_wait", &l);
	for (size_t i = 0; i < COUNT(widths); i++)
		for (unsigned rows = 7; rows < 11; rows += 3) {
			text_addf(&text, "%u columns, %u rows\n", widths[i], rows);
			life_paint(&l, &(struct life_picture){.rows = rows, .columns = widths[i], .style = {.show_how = true, .countdown = both}, .ascii = i % 2}, &text);
		}
	life_paint(&l, &(struct life_picture){.rows = 8, .columns = 120, .style = {.show_how = true, .countdown = one}}, &text);
	golden_check("ladder_countdowns", text_string(&text));
	text_fini(&text);
}

/* ---- details ---- */

static void test_details(void **state)
{
	static const unsigned widths[] = {110, 70, 38};
	struct ladder_info infos[] = {
		{
			.known = true, .live = true, .state = STATE_ESTABLISHED, .opener = SIDE_LOCAL, .opener_by = EVIDENCE_COUNTED, .cookie = 0x25b, .netns = 1,
			.unit = "shop.service", .opened0_ns = LIFE_AT(1), .opened1_ns = LIFE_AT(2), .since0_ns = LIFE_AT(2), .since1_ns = LIFE_AT(2),
			.holder_count = 6, .holders = {{.pid = 1, .fd = 2, .comm = "nginx"}, {.pid = 3, .fd = 4, .comm = "nginx"}, {.pid = 5, .fd = 6, .comm = "nginx"},
						       {.pid = 7, .fd = 8, .comm = "불여우 웹브라우저"}},
			.facts = {.knows = KNOWS_BYTES | KNOWS_RTT | KNOWS_RETRANS | KNOWS_CWND | KNOWS_QUEUES | KNOWS_INODE | KNOWS_UID | KNOWS_TIMER | KNOWS_SINCE | KNOWS_MPTCP,
				  .bytes_sent = 1200, .bytes_received = 48100, .inode = 48213, .uid = 1000, .rtt_us = 11800, .total_retrans = 7, .cwnd = 10, .retransmits = 2,
				  .timer = TIMER_RETRANSMIT},
		},
		{
			.known = true, .live = true, .state = STATE_LISTEN, .holders_former = true, .holder_count = 1, .holders = {{.pid = 1, .fd = 2, .comm = "java"}},
			.facts = {.knows = KNOWS_QUEUES, .rqueue = 51, .wqueue = 50},
		},
		{
			.known = true, .state = STATE_CLOSED, .cause = CAUSE_RESET, .opener = SIDE_REMOTE, .opener_by = EVIDENCE_LISTENER, .closer = SIDE_REMOTE,
			.closer_by = EVIDENCE_EDGE, .owner_hidden = true, .netns_name = "docker:3f2a9c0d11ee",
		},
		{
			.known = true, .live = true, .state = STATE_CLOSE_WAIT, .since1_ns = LIFE_AT(2),
			.facts = {.knows = KNOWS_SINCE | KNOWS_ATLEAST | KNOWS_QUEUES, .rqueue = 5}, /* the peer's FIN is one of them */
		},
	};
	struct text text = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(infos); i++)
		for (size_t k = 0; k < COUNT(widths); k++) {
			struct canvas c;

			text_addf(&text, "==== %s, %u columns\n", state_name(infos[i].state), widths[k]);
			canvas_init(&c, info_rows(&infos[i], &glyphs_unicode, widths[k]), widths[k], &glyphs_unicode);
			assert_int_equal(info_paint(&infos[i], area_all(&c), LIFE_AT(50)), c.rows);
			canvas_to_text(&c, &text);
			canvas_fini(&c);
		}
	golden_check("ladder_details_" GOLDEN_LANGUAGE, text_string(&text));
	text_fini(&text);
}

/* ---- numbers ---- */

static void apply_exact(struct model *m, unsigned conn, unsigned from, unsigned to, uint32_t seq, uint32_t ack, bool has_ack)
{
	static int64_t t_ns = LIFE_MINUTE;
	const struct connection *c = model_find(m, conn);
	struct event e = {
		.kind = c ? EVENT_TRANSITION : EVENT_OPEN, .from = (uint8_t)from, .to = (uint8_t)to, .certainty = CERTAINTY_EXACT, .when = CERTAINTY_EXACT,
		.numbers = CERTAINTY_EXACT, .has_seq = true, .seq = seq, .has_ack = has_ack, .ack = ack, .conn = conn,
	};

	e.t_ns = e.t0_ns = e.t1_ns = t_ns += NS_PER_MS;
	model_apply(m, &e);
}

/* Numbers that were reported as they are on the wire are shown from the SYN, or as they are. */
static void test_absolute_numbers(void **state)
{
	struct model *m = model_new(1);
	struct ladder_row row;
	struct ladder l;

	(void)state;
	apply_exact(m, CLIENT, STATE_CLOSED, STATE_SYN_SENT, 4294967290u, 0, false);
	apply_exact(m, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, 4294967291u, 778, true);
	apply_exact(m, CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, 100, 778, true);
	ladder_lay_out(&l, m, model_find(m, CLIENT));
	assert_true(l.isn_known[0]);
	assert_int_equal(l.isn[0], 4294967290u);
	assert_int_equal(l.rows[0].seq, 0);
	row = ladder_absolute(&l, &l.rows[0]);
	assert_int_equal(row.seq, 4294967290u);
	for (unsigned i = 0; i < l.count; i++) {
		row = ladder_absolute(&l, &l.rows[i]);
		if (l.rows[i].part == PART_FIN)
			assert_int_equal(l.rows[i].seq, 106); /* round the end of the numbers */
		if (l.rows[i].part == PART_FIN)
			assert_int_equal(row.seq, 100);
	}
	model_free(m);
	life_ladder("graceful_pair", &l); /* relative ones, as ever */
	assert_false(l.isn_known[0] || l.isn_known[1]);
	row = ladder_absolute(&l, &l.rows[0]);
	assert_int_equal(row.seq, l.rows[0].seq);
}

/* ---- what was sent again ---- */

static void test_sent_again(void **state)
{
	static const struct {
		uint8_t timer, retransmits;
		uint32_t total;
	} cases[] = {{TIMER_NONE, 0, 3}, {TIMER_RETRANSMIT, 2, 5}, {TIMER_RETRANSMIT, 2, 2}, {TIMER_KEEPALIVE, 4, 0}, {TIMER_PROBE, 1, 0}};
	struct text text = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct life *life = lives;
		struct model *m = model_new(1);
		struct event e = {.kind = EVENT_UPDATE, .t_ns = LIFE_AT(90), .conn = CLIENT,
				  .facts = {.knows = KNOWS_TIMER | KNOWS_RETRANS, .timer = cases[i].timer, .retransmits = cases[i].retransmits, .total_retrans = cases[i].total}};
		struct ladder l;

		while (strcmp(life->name, "close_wait") != 0)
			life++;
		life_tell(m, life->steps, life->count);
		model_apply(m, &e);
		ladder_lay_out(&l, m, model_find(m, CLIENT));
		life_paint(&l, &(struct life_picture){.columns = 100, .style = {.show_how = true}}, &text);
		life_paint(&l, &(struct life_picture){.columns = 40, .style = {.show_how = true}, .ascii = true}, &text);
		model_free(m);
	}
	golden_check("ladder_again", text_string(&text));
	text_fini(&text);
}

/* A FIN that waits behind data is not what is sent again. */
static void test_data_before_a_fin(void **state)
{
	static const struct life_step fin[] = {
		{CLIENT, STATE_NONE, STATE_ESTABLISHED, CERTAINTY_OBSERVED, 41.0, 41.05, 0, 0, 0},
		{CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, CERTAINTY_OBSERVED, 43.0, 43.05, 0, 0, 0},
	};

	(void)state;
	for (uint32_t unacked = 1; unacked < 3; unacked++) {
		const struct event e = {.kind = EVENT_UPDATE, .t_ns = LIFE_AT(90), .conn = CLIENT,
					.facts = {.knows = KNOWS_TIMER | KNOWS_QUEUES, .timer = TIMER_RETRANSMIT, .retransmits = 4, .wqueue = unacked}};
		struct model *m = model_new(1);
		struct ladder_countdown c;
		struct ladder_info info;
		struct ladder l;

		life_tell(m, fin, COUNT(fin));
		model_apply(m, &e);
		ladder_lay_out(&l, m, model_find(m, CLIENT));
		assert_int_equal(l.rows[l.count - 1].part, PART_AGAIN);
		assert_int_equal(l.rows[l.count - 1].repeats, 4);
		assert_int_equal((l.rows[l.count - 1].flags & FLAG_FIN) != 0, unacked == 1);
		info_take(&info, m, model_find(m, CLIENT));
		info_countdown(&info, LIFE_AT(90), &c);
		assert_int_equal(strstr(c.words, "FIN") != NULL, unacked == 1);
		model_free(m);
	}
}

/* ---- the window ---- */

/* Whatever the size and the selection: the selected row is in sight, else the newest. */
static void test_window(void **state)
{
	struct ladder l;

	(void)state;
	life_ladder("graceful_pair", &l);
	for (unsigned rows = 1; rows < 20; rows++)
		for (unsigned whole = 0; whole <= l.count; whole++)
			for (unsigned selected = 0; selected <= whole; selected++) {
				const struct ladder_style style = {.show_how = true, .selected = (uint16_t)selected};
				const struct ladder_window w = ladder_window(&l, rows, 80, (struct ladder_moment){.whole = (uint16_t)whole}, &style, &glyphs_unicode);

				assert_true(w.line + (w.end - w.first) + (w.below > 0 && rows > 2) <= rows);
				assert_true(w.end <= whole && w.first <= w.end);
				assert_int_equal(w.end + w.below, whole);
				if (selected && rows > 1)
					assert_in_range(selected, w.first + 1, w.end);
				if (!selected)
					assert_int_equal(w.end, whole);
			}
}

static void test_scrolled(void **state)
{
	static const uint16_t selections[] = {0, 1, 2, 4, 8, 10};
	struct text text = {0};
	struct ladder l;

	(void)state;
	life_ladder("graceful_pair", &l);
	for (size_t i = 0; i < COUNT(selections); i++) {
		text_addf(&text, "row %u selected\n", selections[i]);
		life_paint(&l, &(struct life_picture){.rows = 6, .columns = 80, .style = {.show_how = true, .selected = selections[i]}, .ascii = i % 2}, &text);
	}
	golden_check("ladder_scrolled", text_string(&text));
	text_fini(&text);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_explanations),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_countdowns),
		cmocka_unit_test(test_everything_is_explained),
		cmocka_unit_test(test_no_countdown),
		cmocka_unit_test(test_countdowns_painted),
		cmocka_unit_test(test_absolute_numbers),
		cmocka_unit_test(test_sent_again),
		cmocka_unit_test(test_data_before_a_fin),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_scrolled),
	};
	const struct CMUnitTest translated[] = {
		cmocka_unit_test(test_explanations),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_countdowns),
	};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init(GOLDEN_LANGUAGE, catalogues) != 0)
		return EXIT_FAILURE;
	if (strcmp(GOLDEN_LANGUAGE, "en") != 0)
		return cmocka_run_group_tests(translated, NULL, NULL);
	return cmocka_run_group_tests(all, NULL, NULL);
}
