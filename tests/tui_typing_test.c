/* What a person types and asks for: searching, the filter's line, names, the clipboard, ss, and destroying. No terminal, but everything up to it. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "tui/clipboard.h"
#include "tui/key.h"
#include "tui_scene.h"

#define ROWS 30
#define COLUMNS 100

static struct lookup doomed;
static unsigned destroyed;
static int destroy_answer;

static int destroy(void *context, const struct lookup *which)
{
	(void)context;
	doomed = *which;
	destroyed++;
	return destroy_answer;
}

static int refuse(void *context, const struct lookup *which)
{
	(void)context;
	(void)which;
	return -EPERM;
}

static const char *host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	(void)context;
	(void)ifindex;
	return e->address[15] == 34 ? "www.rather-long.example.com" : NULL;
}

static const char *service(void *context, uint16_t port)
{
	(void)context;
	return port == 443 ? "https" : port == 22 ? "ssh" : NULL;
}

static const struct names names = {.host = host, .service = service};
static const struct filter_names no_names = {0};

static int start(void **state)
{
	static struct stage t;

	stage_start(&t, &glyphs_ascii);
	t.ui.means = (struct ui_means){.names = &names, .destroy = destroy, .clipboard = true};
	t.ui.filter_names = &no_names;
	t.ui.owners = true;
	destroyed = 0;
	destroy_answer = 0;
	stage_paint(&t, ROWS, COLUMNS);
	scene_office(&t.scene);
	stage_play_ms(&t, 200, ROWS, COLUMNS);
	*state = &t;
	return 0;
}

static int stop(void **state)
{
	stage_end(*state);
	return 0;
}

static const char *keys(struct stage *t, const char *key_names)
{
	return stage_keys(t, key_names, ROWS, COLUMNS);
}

static const char *play(struct stage *t, int64_t ms)
{
	return stage_play_ms(t, ms, ROWS, COLUMNS);
}

static const char *type(struct stage *t, const char *text)
{
	for (; *text; text++)
		ui_key(&t->ui, (unsigned char)*text, t->scene.now_ns);
	return stage_paint(t, ROWS, COLUMNS);
}

static bool shows(const char *picture, const char *words)
{
	return strstr(picture, words) != NULL;
}

static uint64_t cursor(const struct stage *t)
{
	return t->ui.list.cursor;
}

/* ---- searching ---- */

static void test_search_jumps_while_typing(void **state)
{
	struct stage *t = *state;

	assert_true(t->ui.following);
	assert_true(shows(keys(t, "/"), " Search: "));
	type(t, "10.0.0.9:5170");
	assert_int_equal(t->scene.model ? model_find(t->scene.model, cursor(t))->state : 0, STATE_CLOSE_WAIT);
	type(t, "9");
	assert_int_equal(cursor(t), 19);
	keys(t, "Backspace");
	assert_int_not_equal(cursor(t), 19);
	type(t, "9");
	keys(t, "Enter");
	assert_int_equal(cursor(t), 19);
	assert_false(t->ui.following);
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), " Search: "));
}

static void test_search_goes_back(void **state)
{
	struct stage *t = *state;
	uint64_t before;

	keys(t, "j j");
	before = cursor(t);
	keys(t, "/");
	type(t, "sshd");
	assert_int_equal(cursor(t), 1);
	keys(t, "Esc");
	assert_int_equal(cursor(t), before);
	keys(t, "F");
	assert_true(t->ui.following);
	keys(t, "/");
	type(t, "sshd");
	assert_false(t->ui.following);
	keys(t, "Esc");
	assert_true(t->ui.following);
	keys(t, "/ Backspace"); /* an empty line stays */
	assert_false(ui_top(&t->ui) == &view_list);
	keys(t, "Esc");
	assert_true(ui_top(&t->ui) == &view_list);
}

static void test_search_on_and_round(void **state)
{
	struct stage *t = *state;
	uint64_t first;

	assert_true(shows(keys(t, "n"), "Nothing has been searched for yet"));
	keys(t, "/");
	type(t, "CLOSE_w");
	keys(t, "Enter");
	first = cursor(t);
	keys(t, "n");
	assert_int_not_equal(cursor(t), first);
	assert_false(shows(keys(t, "n n"), "from the top"));
	assert_true(shows(keys(t, "n"), "Searched on from the top."));
	assert_int_equal(cursor(t), first);
	assert_true(shows(keys(t, "N"), "Searched on from the end."));
	keys(t, "N N N");
	assert_int_equal(cursor(t), first);
	keys(t, "F3");
	type(t, "no such");
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "in no row"));
	assert_int_equal(cursor(t), first);
	assert_true(shows(keys(t, "Enter"), "'no such' is in no row."));
	assert_int_equal(cursor(t), first);
	keys(t, "/ Up Up"); /* what was searched for before */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "Search: CLOSE_w"));
	keys(t, "F3 Enter");
	assert_int_not_equal(cursor(t), first);
}

static unsigned marked(const struct stage *t)
{
	unsigned count = 0;

	for (unsigned i = 0; i < t->canvas.rows * t->canvas.columns; i++)
		count += (t->canvas.cells[i].flags & CELL_REVERSE) != 0;
	return count;
}

static void test_marks_stay_until_escape(void **state)
{
	struct stage *t = *state;

	keys(t, "/");
	type(t, "java");
	keys(t, "Enter");
	assert_true(marked(t) >= 4 * 4);
	keys(t, "j j");
	assert_true(marked(t) >= 4 * 4);
	keys(t, "Esc");
	assert_int_equal(marked(t), 0);
	assert_true(ui_top(&t->ui) == &view_list);
	keys(t, "n"); /* the same once more */
	assert_true(marked(t) >= 4 * 4);
}

static void test_search_takes_what_is_pasted(void **state)
{
	struct stage *t = *state;

	keys(t, "/");
	for (const char *c = "nginx\n"; *c; c++)
		ui_pasted(&t->ui, (unsigned char)*c, t->scene.now_ns);
	assert_true(ui_top(&t->ui) == &view_search); /* the end of the line is no Enter */
	assert_string_equal(t->ui.typing.search.line.text, "nginx ");
}

/* A frame does one slice; in between everything else goes on. */
static void test_search_in_slices(void **state)
{
	struct stage *t = *state;
	unsigned frames = 0;

	for (uint32_t i = 1000; i < 120000; i++) {
		char local[32];

		snprintf(local, sizeof(local), "10.%u.%u.%u:80", i >> 16, i >> 8 & 255, i & 255);
		scene_was_there(&t->scene, i, STATE_ESTABLISHED, local, "10.0.0.1:5000", 1000000);
	}
	scene_holder(&t->scene, 1000, 4242, 3, "needle");
	play(t, 4000);
	keys(t, "/");
	type(t, "needl");
	assert_true(t->ui.typing.search.search.on);
	assert_true(ui_wake_ns(&t->ui) <= t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "searching"));
	while (t->ui.typing.search.search.on && frames++ < 100)
		stage_paint(t, ROWS, COLUMNS);
	assert_in_range(frames, 1, 20);
	assert_int_equal(cursor(t), 1000);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "4242 needle"));
}

/* ---- the filter's line ---- */

static void test_filter_while_typing(void **state)
{
	struct stage *t = *state;

	keys(t, "f");
	type(t, "state close-wait");
	assert_null(t->ui.list.filter);
	play(t, 200);
	assert_non_null(t->ui.list.filter);
	assert_int_equal(t->ui.list.count, 4);
	type(t, " and");
	play(t, 200);
	assert_int_equal(t->ui.list.count, 4); /* half a filter changes nothing, and is no mistake yet */
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "nothing stands behind"));
	type(t, " pid = x and");
	assert_true(shows(play(t, 200), "'x' is no whole number"));
	assert_int_equal(t->ui.list.count, 4);
	keys(t, "Esc");
	assert_null(t->ui.list.filter);
	assert_true(ui_top(&t->ui) == &view_list);
	play(t, 4000);
	assert_int_equal(t->ui.list.count, 18);
}

static void test_filter_kept_changed_and_cleared(void **state)
{
	struct stage *t = *state;

	keys(t, "F4");
	type(t, "pid = 811");
	keys(t, "Enter"); /* not waited for */
	assert_int_equal(t->ui.list.count, 2);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "filter: pid = 811  2/18"));
	assert_true(shows(keys(t, "f"), "Filter: pid = 811"));
	type(t, " or pid = 702");
	keys(t, "Enter");
	assert_int_equal(t->ui.list.count, 3);
	keys(t, "f Up Up"); /* what was there before */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "Filter: pid = 811\n"));
	keys(t, "Esc");
	assert_int_equal(t->ui.list.count, 3);
	keys(t, "f Ctrl-U");
	play(t, 200);
	keys(t, "Enter");
	assert_null(t->ui.list.filter);
	assert_null(t->ui.filter_text);
}

static void test_filter_mistake(void **state)
{
	struct stage *t = *state;
	const char *picture;

	keys(t, "f");
	type(t, "dport = :443 and zzz = 5 ");
	picture = play(t, 200);
	assert_true(shows(picture, "Filter: dport = :443 and zzz = 5"));
	assert_true(shows(picture, "\n                          ^~~ 'zzz' is no word of a filter"));
	keys(t, "Enter");
	assert_true(ui_top(&t->ui) == &view_filter);
	assert_true(t->ui.typing.filter.loud);
	keys(t, "Backspace");
	assert_false(t->ui.typing.filter.loud);
	keys(t, "Ctrl-U");
	type(t, "comm = \"sh and");
	assert_false(shows(play(t, 200), "quote")); /* it may be closed yet */
	keys(t, "Home");
	picture = play(t, 200);
	assert_true(shows(picture, "Filter: comm = \"sh and"));
	assert_true(shows(picture, "\n                ^ a quote is not closed"));
	keys(t, "Esc");
	assert_null(t->ui.list.filter);
	t->ui.owners = false;
	keys(t, "f");
	type(t, "pid = 811");
	assert_true(shows(play(t, 200), "'--no-owners'"));
	keys(t, "Esc");
}

static void test_completion(void **state)
{
	struct stage *t = *state;

	assert_true(shows(keys(t, "f"), "| state   |"));
	assert_false(shows(type(t, "sta"), "dport"));
	type(t, "\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state ");
	type(t, " fin"); /* the space is there already */
	assert_string_equal(t->ui.typing.filter.line.text, "state fin");
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "| fin-wait-1 |"));
	type(t, "\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-1");
	type(t, "\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-2");
	type(t, "\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-1");
	keys(t, "Shift-Tab");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-2");
	type(t, " or dp\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-2 or dport ");
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "| != |"));
	type(t, "= :1 and (\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-2 or dport = :1 and ( state");
	type(t, "\t");
	assert_string_equal(t->ui.typing.filter.line.text, "state fin-wait-2 or dport = :1 and ( dport");
	keys(t, "Esc");
}

static uint32_t found_host(const struct ui *ui)
{
	return ui->list.count;
}

/* One that was read with more than can be looked up here is kept, and comes back. */
/* Where there is no room for a candidate the line stays as it is, however often Tab is pressed. */
static void test_completion_of_a_full_line(void **state)
{
	struct stage *t = *state;
	char full[PROMPT_ROOM];

	keys(t, "f");
	for (size_t len = PROMPT_ROOM - 12; len < PROMPT_ROOM; len++) {
		memset(full, ' ', sizeof(full));
		full[len - 1] = 's';
		full[len] = '\0';
		prompt_set(&t->ui.typing.filter.line, full);
		type(t, "x");
		keys(t, "Backspace");
		for (unsigned i = 0; i < 8; i++) {
			type(t, "\t");
			assert_int_equal(strlen(t->ui.typing.filter.line.text), t->ui.typing.filter.line.len);
		}
	}
	assert_false(prompt_replace(&t->ui.typing.filter.line, 3, 2, ""));
	assert_false(prompt_replace(&t->ui.typing.filter.line, 0, PROMPT_ROOM, ""));
	keys(t, "Esc");
}

static void test_filter_of_the_command_line(void **state)
{
	struct stage *t = *state;
	struct filter_error error;
	struct filter *given = filter_parse("dport = :443", &no_names, &error);

	assert_non_null(given);
	/* As on the command line, with a host's name in it. */
	t->ui.given_filter = given;
	t->ui.given_text = strdup("dst www.example and dport = :443");
	assert_true(ui_set_filter(&t->ui, t->ui.given_text, &error));
	play(t, 200);
	assert_int_equal(found_host(&t->ui), 1);
	assert_true(shows(keys(t, "f"), "Filter: dst www.example and dport = :443"));
	keys(t, "Ctrl-U");
	play(t, 200);
	assert_int_equal(found_host(&t->ui), 18);
	keys(t, "Esc");
	play(t, 200);
	assert_int_equal(found_host(&t->ui), 1);
	assert_ptr_equal(t->ui.list.filter, given);
	keys(t, "f Ctrl-U Enter");
	play(t, 200);
	assert_null(t->ui.list.filter);
	filter_free(given);
}

static void test_filter_and_search_together(void **state)
{
	struct stage *t = *state;

	keys(t, "/");
	type(t, "java");
	keys(t, "Enter f");
	type(t, "pid = 811");
	keys(t, "Enter");
	assert_true(shows(keys(t, "n"), "'java' is in no row."));
}

/* ---- names ---- */

static void test_names(void **state)
{
	struct stage *t = *state;

	keys(t, "v");
	assert_false(shows(stage_paint(t, 60, 200), "https"));
	assert_true(shows(keys(t, "d"), "Names of hosts and services"));
	assert_true(shows(stage_paint(t, 60, 200), " www.rather-long.example.com:https "));
	assert_true(shows(stage_paint(t, 60, 200), " 0.0.0.0:ssh "));
	assert_true(shows(stage_paint(t, 60, 80), "~:https ")); /* the port stays whatever goes */
	keys(t, "/");
	type(t, "rather");
	assert_int_equal(cursor(t), 32);
	keys(t, "Enter d");
	assert_false(shows(stage_paint(t, 60, 200), "https"));
	t->ui.means.names = NULL;
	assert_true(shows(keys(t, "d"), "There are no names to be had here."));
}

/* ---- the clipboard ---- */

static void test_copy(void **state)
{
	struct stage *t = *state;

	assert_true(shows(keys(t, "y"), "There is no connection at the cursor"));
	assert_string_equal(t->ui.copy, "");
	keys(t, "/");
	type(t, ":41812");
	assert_true(shows(keys(t, "Enter y"), "Copied: 10.0.0.5:41812 93.184.216.34:443"));
	assert_string_equal(t->ui.copy, "10.0.0.5:41812 93.184.216.34:443");
	assert_true(shows(keys(t, "Enter y"), "Copied: 10.0.0.5:41812 93.184.216.34:443")); /* in the ladder as well */
	keys(t, "1 /");
	type(t, "sshd");
	keys(t, "Enter y");
	assert_true(strchr(t->ui.copy, ' ') == NULL); /* a listener has one end */
	t->ui.means.clipboard = false;
	t->ui.copy[0] = '\0';
	assert_true(shows(keys(t, "y"), "This terminal has no clipboard: "));
	assert_string_equal(t->ui.copy, "");
}

static void test_clipboard_sequence(void **state)
{
	char sequence[CLIPBOARD_SEQUENCE_ROOM], text[CLIPBOARD_TEXT_ROOM + 1];

	(void)state;
	assert_true(clipboard_sequence("", sequence));
	assert_string_equal(sequence, "\033]52;c;\a");
	assert_true(clipboard_sequence("f", sequence));
	assert_string_equal(sequence, "\033]52;c;Zg==\a");
	assert_true(clipboard_sequence("fo", sequence));
	assert_string_equal(sequence, "\033]52;c;Zm8=\a");
	assert_true(clipboard_sequence("foobar", sequence));
	assert_string_equal(sequence, "\033]52;c;Zm9vYmFy\a");
	memset(text, 'x', sizeof(text));
	text[CLIPBOARD_TEXT_ROOM] = '\0';
	assert_false(clipboard_sequence(text, sequence));
	assert_string_equal(sequence, "");
	text[CLIPBOARD_TEXT_ROOM - 1] = '\0';
	assert_true(clipboard_sequence(text, sequence));
	assert_int_equal(strlen(sequence), 8 + 1364);
	assert_true(clipboard_is_known("xterm-256color") && clipboard_is_known("tmux-256color") && clipboard_is_known("screen"));
	assert_false(clipboard_is_known("linux") || clipboard_is_known("dumb") || clipboard_is_known("vt100") || clipboard_is_known("") || clipboard_is_known(NULL));
}

/* ---- ss ---- */

static void test_ss(void **state)
{
	struct stage *t = *state;

	assert_true(shows(keys(t, "!"), "> ss -Htan "));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "There is none."));
	keys(t, "! f");
	type(t, "state estab and dport = :443 and comm ~ web");
	keys(t, "Enter !");
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "> ss -Htan state established 'dport = :443'"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "ss has no words for all of the filter: it lists more."));
	keys(t, "y");
	assert_string_equal(t->ui.copy, "ss -Htan state established 'dport = :443'");
	assert_true(ui_top(&t->ui) == &view_list);
	keys(t, "f Ctrl-U Enter /");
	type(t, "2001");
	assert_true(shows(keys(t, "Enter ! j"), "> ss -Htan 'src [2001:db8::5]:443 and dst"));
	keys(t, "Enter");
	assert_string_equal(t->ui.copy, "ss -Htan 'src [2001:db8::5]:443 and dst [2001:db8:1:2:3:4:5:77]:50112'");
	t->ui.means.netns = "1234";
	assert_true(shows(keys(t, "!"), "> nsenter -t 1234 -n ss -Htan"));
	t->ui.means.netns = "blue";
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "> ss -N blue -Htan"));
	t->ui.means.netns = "/run/it's here";
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "> nsenter --net='/run/it'\\''s here' ss -Htan"));
	t->ui.means.hidden_netns = true;
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "The demo has a network namespace of its own"));
	keys(t, "Esc");
	assert_true(ui_top(&t->ui) == &view_list);
}

/* ---- destroying ---- */

/* The cursor on a connection that has a cookie. */
static void choose(struct stage *t, const char *text, enum tcp_state state)
{
	struct event e = {
		.kind = EVENT_CONNECTION, .to = (uint8_t)state, .t_ns = t->scene.now_ns, .conn = 500 + state, .cookie = 0xabc0 + state, .netns = 77,
		.since1_ns = t->scene.now_ns,
	};
	uint16_t family;

	endpoint_parse("10.7.7.7:1000", &e.tuple.local, &e.tuple.family, &e.tuple.ifindex);
	e.tuple.local.port = (uint16_t)(1000 + state);
	endpoint_parse(state == STATE_LISTEN ? "0.0.0.0:0" : "10.8.8.8:443", &e.tuple.remote, &family, &e.tuple.ifindex);
	scene_tell(&t->scene, &e);
	scene_holder(&t->scene, e.conn, 6000, 4, "victim");
	play(t, 4000);
	keys(t, "/");
	type(t, text);
	keys(t, "Enter");
	assert_int_equal(cursor(t), e.conn);
}

static void test_destroy_is_asked_for_by_name(void **state)
{
	struct stage *t = *state;
	const char *picture;

	choose(t, "10.7.7.7:1001", STATE_ESTABLISHED);
	picture = keys(t, "K");
	assert_true(shows(picture, "Destroy this socket?"));
	assert_true(shows(picture, "10.7.7.7:1001 > 10.8.8.8:443"));
	assert_true(shows(picture, "ESTABLISHED  victim[6000]"));
	assert_true(shows(picture, "[ No ]"));
	assert_true(shows(keys(t, "Enter"), "Nothing has been destroyed."));
	keys(t, "K n K Esc K Right Left Enter");
	assert_int_equal(destroyed, 0);
	keys(t, "K");
	ui_pasted(&t->ui, 'y', t->scene.now_ns); /* is no answer */
	assert_int_equal(destroyed, 0);
	assert_true(shows(keys(t, "y"), "Destroyed: 10.7.7.7:1001 10.8.8.8:443"));
	assert_int_equal(destroyed, 1);
	assert_int_equal(doomed.cookie, 0xabc0 + STATE_ESTABLISHED);
	assert_int_equal(doomed.netns, 77);
	assert_int_equal(doomed.tuple.local.port, 1001);
	keys(t, "K Tab Enter");
	assert_int_equal(destroyed, 2);
	keys(t, "K ㅛ"); /* y, on a Korean keyboard */
	assert_int_equal(destroyed, 3);
}

/* What was named is what is asked for, wherever the cursor is meanwhile. */
static void test_what_was_named_is_destroyed(void **state)
{
	struct stage *t = *state;

	choose(t, "10.7.7.7:1001", STATE_ESTABLISHED);
	keys(t, "K");
	scene_close(&t->scene, cursor(t), CAUSE_RESET);
	play(t, 10000);
	assert_int_not_equal(cursor(t), 501);
	destroy_answer = -ENOENT;
	assert_true(shows(keys(t, "y"), "It was no longer there: nothing has been destroyed."));
	assert_int_equal(doomed.cookie, 0xabc0 + STATE_ESTABLISHED);
}

static void test_listener_is_asked_for_twice(void **state)
{
	struct stage *t = *state;

	choose(t, "10.7.7.7:1010", STATE_LISTEN);
	assert_true(shows(keys(t, "K"), "Nobody can connect to it any more"));
	assert_true(shows(keys(t, "y"), "It listens. Really destroy it?"));
	assert_int_equal(destroyed, 0);
	keys(t, "Enter"); /* no, once more, is what Enter gives */
	assert_int_equal(destroyed, 0);
	assert_true(ui_top(&t->ui) == &view_list);
	keys(t, "K y y");
	assert_int_equal(destroyed, 1);
}

static void test_why_not(void **state)
{
	static const struct {
		int answer;
		const char *words;
	} answers[] = {
		{-EPERM, "CAP_NET_ADMIN is needed"},
		{-EOPNOTSUPP, "this kernel cannot (it has no CONFIG_INET_DIAG_DESTROY)"},
		{-EXDEV, "it is in another network namespace"},
		{-EIO, "Not destroyed: Input/output error"},
	};
	struct stage *t = *state;

	assert_true(shows(keys(t, "K"), "There is no connection at the cursor"));
	assert_true(shows(keys(t, "j K"), "without sock_diag no socket can be told from another"));
	choose(t, "10.7.7.7:1001", STATE_ESTABLISHED);
	for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		destroy_answer = answers[i].answer;
		assert_true(shows(keys(t, "K y"), answers[i].words));
	}
	destroyed = 0;
	t->ui.means.may_destroy = refuse;
	assert_true(shows(keys(t, "K"), "to destroy a socket CAP_NET_ADMIN is needed (try sudo)."));
	t->ui.means.may_destroy = NULL;
	t->ui.means.destroy = NULL;
	assert_true(shows(keys(t, "K"), "No socket can be destroyed from here."));
	t->ui.means.destroy = destroy;
	scene_close(&t->scene, 501, CAUSE_RESET);
	assert_true(shows(keys(t, "K"), "It is over already"));
	keys(t, "F");
	t->ui.list.cursor = 10;
	assert_true(shows(keys(t, "K"), "choose it with the arrow keys first"));
	assert_int_equal(destroyed, 0);
	assert_true(ui_top(&t->ui) == &view_list);
}

/* Every size there is, with each of these on the screen. */
static void test_every_size(void **state)
{
	static const char *const opened[] = {"/ a", "/ z z z", "f", "f z z Enter", "f d Tab Tab", "!", "! j", "K", "K y"};
	struct stage *t = *state;

	choose(t, "10.7.7.7:1010", STATE_LISTEN);
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		keys(t, opened[i]);
		for (unsigned rows = 1; rows < 34; rows++)
			for (unsigned columns = 1; columns < 160; columns += columns < 50 ? 3 : 17)
				stage_paint(t, rows, columns);
		keys(t, "Esc Esc");
		assert_true(ui_top(&t->ui) == &view_list);
	}
	assert_int_equal(destroyed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_search_jumps_while_typing),
		TEST(test_search_goes_back),
		TEST(test_search_on_and_round),
		TEST(test_marks_stay_until_escape),
		TEST(test_search_takes_what_is_pasted),
		TEST(test_search_in_slices),
		TEST(test_filter_while_typing),
		TEST(test_filter_kept_changed_and_cleared),
		TEST(test_filter_mistake),
		TEST(test_completion),
		TEST(test_completion_of_a_full_line),
		TEST(test_filter_of_the_command_line),
		TEST(test_filter_and_search_together),
		TEST(test_names),
		TEST(test_copy),
		TEST(test_clipboard_sequence),
		TEST(test_ss),
		TEST(test_destroy_is_asked_for_by_name),
		TEST(test_what_was_named_is_destroyed),
		TEST(test_listener_is_asked_for_twice),
		TEST(test_why_not),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
