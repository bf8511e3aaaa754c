/*
 * The real program on a terminal of the test's own, and all that terminals and people do to programs: every kind of terminal, keys at random, sizes that change without end,
 * garbage that is pasted, a line that hardly takes a byte, a terminal that is gone.
 */
#include "config.h"

#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sockets.h"
#include "vt.h"

#define PATIENCE_MS 30000
#define KEYS 100000

static char home[PATH_MAX];

static const char *const usual[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR", "SYNFIN_CONFIG=", NULL};
static const char *const live[] = {NULL};

/* ---- what is right ---- */

#define SETTLED_MS 2000
#define CLICK_HEARD 20 /* rounds of keys */
#define LOOKS 2

/* Cells that are another in two of the looks change by themselves. */
static bool is_still(struct vt_cell *const looks[LOOKS], unsigned i)
{
	for (unsigned n = 1; n < LOOKS; n++)
		if (memcmp(&looks[0][i], &looks[n][i], sizeof looks[0][i]))
			return false;
	return true;
}

/*
 * What stands on the screen from row `first` on is what a fresh draw puts there, but for what changes by itself meanwhile: ages. Returns how many cells are wrong; the first few
 * are printed. What changes once for all, just then, is taken for wrong.
 */
static unsigned stale_cells(struct vt *t, unsigned first)
{
	const unsigned count = t->rows * t->columns;
	struct vt_cell *before = memory_get_zeroed(count, sizeof *before), *looks[LOOKS];
	unsigned stale = 0;

	vt_take(t, 60, 2000);
	vt_cells(t, before);
	for (unsigned n = 0; n < LOOKS; n++) {
		looks[n] = memory_get_zeroed(count, sizeof *looks[n]);
		vt_keys(t, "\f");
		vt_take(t, 60, 2000);
		vt_cells(t, looks[n]);
		/* So that a clock has gone on. */
		if (n + 1 < LOOKS)
			vt_take(t, 1050, 1050);
	}
	for (unsigned i = first * t->columns; i < count; i++) {
		if (!is_still(looks, i) || memcmp(&before[i], &looks[0][i], sizeof before[i]) == 0)
			continue;
		if (stale++ < 8)
			print_message("row %u column %u: U+%04x on the screen, U+%04x drawn afresh\n", i / t->columns, i % t->columns, before[i].rune, looks[0][i].rune);
	}
	free(before);
	for (unsigned n = 0; n < LOOKS; n++)
		free(looks[n]);
	return stale;
}

/*
 * Once all there is to know of a quiet host is known. The top line is of the whole machine: other namespaces come and go. A minute that is full changes a digit of an age once
 * for all, but not twice in seconds.
 */
static bool is_drawn_right(struct vt *t)
{
	for (unsigned tries = 0; tries < 2; tries++) {
		vt_take(t, SETTLED_MS, SETTLED_MS);
		if (stale_cells(t, t->rows > 3) == 0)
			return true;
	}
	return false;
}

static void assert_ends(struct vt *t, int status)
{
	int ended = vt_wait_end(t, PATIENCE_MS);

	if (ended != status)
		print_message("%s", vt_text(t));
	assert_int_equal(ended, status);
}

/* Closes all boxes and goes back to the list. */
static void go_home(struct vt *t)
{
	vt_take(t, 60, 1000);
	for (unsigned i = 0; i < 10; i++) {
		vt_keys(t, "\033");
		vt_take(t, 80, 200);
	}
	vt_keys(t, "1");
	if (!vt_wait(t, "1 List", PATIENCE_MS))
		fail_msg("it does not go home: %s", vt_text(t));
}

static void quit(struct vt *t)
{
	go_home(t);
	vt_keys(t, "q");
	assert_ends(t, 0);
}

/* ---- terminals ---- */

struct kind {
	const char *term, *locale;
	unsigned rows, columns;
	const char *shows;
};

static void start_kind(struct vt *t, const struct kind *kind)
{
	char term[64], locale[64];
	const char *const environment[] = {term, locale, "LANG", "LC_CTYPE", "NO_COLOR", "SYNFIN_CONFIG=", NULL};

	snprintf(term, sizeof term, "TERM=%s", kind->term);
	snprintf(locale, sizeof locale, "LC_ALL=%s", kind->locale);
	vt_start(t, kind->rows, kind->columns, environment, live);
}

static void test_kinds(void **state)
{
	static const struct kind kinds[] = {
		{"xterm-256color", "C.UTF-8", 30, 100, "1 List"},
		{"xterm-direct", "C.UTF-8", 30, 100, "1 List"},
		{"xterm", "C.UTF-8", 24, 80, "1 List"},
		{"linux", "C.UTF-8", 25, 80, "1 List"},
		{"linux", "C", 25, 80, "1 List"},
		{"vt100", "C", 24, 80, "1 List"},
		{"vt100", "C.UTF-8", 24, 80, "1 List"},
		{"screen", "C.UTF-8", 30, 100, "1 List"},
		{"screen-256color", "C", 30, 100, "1 List"},
		{"tmux", "C.UTF-8", 30, 100, "1 List"},
		{"tmux-256color", "ko_KR.EUC-KR", 30, 100, "1 List"},
		{"xterm-256color", "ko_KR.EUC-KR", 24, 80, "1 List"},
		{"xterm-256color", "C.UTF-8", 10, 40, "1 List"},
		{"xterm-256color", "C.UTF-8", 3, 10, "synfin nee"},
		{"xterm-256color", "C.UTF-8", 1, 1, ""},
		{"xterm-256color", "C.UTF-8", 200, 500, "1 List"},
		{"xterm-256color", "C.UTF-8", 12, 500, "1 List"},
		{"xterm-256color", "C.UTF-8", 200, 40, "1 List"},
	};

	struct vt all[sizeof kinds / sizeof *kinds];

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		start_kind(&all[i], &kinds[i]);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!vt_wait(&all[i], kinds[i].shows, PATIENCE_MS))
			fail_msg("%s, %s, %ux%u: %s", kinds[i].term, kinds[i].locale, kinds[i].columns, kinds[i].rows, vt_text(&all[i]));
	poll(NULL, 0, SETTLED_MS);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct vt *t = &all[i];

		if (stale_cells(t, t->rows > 3) && !is_drawn_right(t))
			fail_msg("%s, %s, %ux%u: the screen is not what it should be", kinds[i].term, kinds[i].locale, kinds[i].columns, kinds[i].rows);
		if (strcmp(kinds[i].locale, "C.UTF-8") != 0)
			for (const char *c = vt_text(t); *c; c++)
				assert_true((unsigned char)*c < 0x80);
		vt_keys(t, "q");
		assert_ends(t, 0);
		vt_end(t);
	}
}

/* ---- keys ---- */

static unsigned long long random_state;

static unsigned draw(unsigned below)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(random_state >> 33) % below;
}

/* All that a keyboard and a mouse can send, but for what quits, stops or asks the shell: q, F10, Ctrl-C, Ctrl-\, Ctrl-Z and what the line discipline holds. */
static size_t draw_key(char out[64])
{
	static const char *const named[] = {
		"\033[A", "\033[B", "\033[C", "\033[D", "\033OA", "\033OB", "\033[5~", "\033[6~", "\033[H", "\033[F", "\033OP", "\033OQ", "\033OR", "\033OS", "\033[15~", "\033[17~",
		"\033[18~", "\033[19~", "\033[20~", "\033[23~", "\033[24~", "\033[3~", "\033[Z", "\033", "\r", "\t", "\177", "\b", "\f", " ", "\033[200~", "\033[201~", "\033[99q", "\033[<64;5;5M",
		"\033[<65;5;5M", "1", "2", "3", "4", "5", "\033\033", "\033]0;x\a",
	};
	static const char plain[] = "jkgGnNfstIvFmywK!deTricbauxhlpo/?,.[]0:;'\"=<>-+ABCDEHLMOPRSUVWXYZ";
	unsigned what = draw(100);

	if (what < 50)
		return (size_t)snprintf(out, 64, "%c", plain[draw(sizeof plain - 1)]);
	if (what < 85)
		return (size_t)snprintf(out, 64, "%s", named[draw(sizeof named / sizeof *named)]);
	if (what < 95) /* Hangul jamo and syllables: not those with a q in them */
		return (size_t)snprintf(out, 64, "%s", (const char *[]){"ㅓ", "ㅏ", "ㅎ", "ㄷ", "한", "글", "ㄴ", "ㅡ"}[draw(8)]);
	if (what < 98)
		return (size_t)snprintf(out, 64, "\033[200~%c%c%c\033[201~", (char)(32 + draw(95)), (char)(1 + draw(26)), (char)(0x80 + draw(0x80)));
	out[0] = (char)(0x80 + draw(0x80));
	return 1;
}

static bool may_be_sent(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("\003\032\034\021\023\026\017\031q", bytes[i]) && bytes[i])
			return false;
	return true;
}

/* A click anywhere but on what quits. */
static void click(struct vt *t)
{
	const unsigned row = draw(t->rows), column = draw(t->columns);
	char bytes[64];
	const char *line;
	size_t len;

	vt_take(t, 15, 100);
	line = vt_text(t);
	for (unsigned i = 0; i < row; i++)
		line = strchr(line, '\n') + 1;
	len = strcspn(line, "\n");
	snprintf(bytes, sizeof bytes, "\033[<0;%u;%uM", column + 1, row + 1);
	if (!memmem(line, len, "Quit", 4) && !memmem(line, len, "leave", 5))
		vt_keys(t, bytes);
}

/* A directory of its own: exports write files. */
static void enter_scratch(char path[64])
{
	snprintf(path, 64, "/tmp/synfin-keys-XXXXXX");
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
}

static void leave_scratch(const char *path)
{
	char command[128];

	assert_int_equal(chdir(home), 0);
	snprintf(command, sizeof command, "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
}

static void start_demo(struct vt *t)
{
	vt_start(t, 30, 100, usual, (const char *const[]){"--demo", NULL});
	assert_true(vt_wait(t, "1 List", PATIENCE_MS));
}

/* `clicked`: it was clicked just before. True: so lately that it may be about to quit. */
static bool press_at_random(struct vt *t, unsigned count, bool clicked)
{
	unsigned since_click = clicked ? 0 : CLICK_HEARD;
	int status;

	for (unsigned sent = 0; sent < count;) {
		char bytes[4096], key[64];
		size_t len = 0;

		for (unsigned burst = 1 + draw(60); burst > 0; burst--, sent++) {
			size_t one = draw_key(key);

			if (!may_be_sent(key, one))
				continue;
			memcpy(bytes + len, key, one);
			len += one;
		}
		vt_type(t, bytes, len);
		since_click++;
		if (draw(6) == 0) {
			click(t);
			since_click = 0;
		}
		if (draw(20) == 0)
			vt_resize(t, 1 + draw(60), 1 + draw(200));
		vt_take(t, 0, 50);
		status = vt_wait_end(t, 0);
		/* What is clicked may have become another thing since it was looked at, Quit among them; and a busy program hears of it later. */
		if (status == 0 && since_click < CLICK_HEARD) {
			vt_end(t);
			start_demo(t);
		} else if (status >= 0)
			fail_msg("it ended with %d after %u keys of these (SEED, see above): %s", status, sent, vt_text(t));
	}
	return since_click < CLICK_HEARD;
}

/* Below the figures of the whole host, the demo's list holds still. What happens to one of its rows just then is not to be told from a mistake: so a few looks are allowed. */
static bool demo_is_drawn_right(struct vt *t, bool clicked)
{
	for (unsigned tries = 0; tries < 4; tries++) {
		clicked = press_at_random(t, 300, clicked);
		vt_resize(t, 30, 100);
		/* An unfinished paste or sequence is over after a while. */
		vt_take(t, 2500, 2600);
		if (clicked && vt_wait_end(t, 0) == 0) {
			vt_end(t);
			start_demo(t);
		}
		clicked = false;
		vt_keys(t, "\033[201~");
		go_home(t);
		if (!strstr(vt_text(t), "paused"))
			vt_keys(t, " ");
		assert_true(vt_wait(t, "paused", PATIENCE_MS));
		if (stale_cells(t, 5) == 0)
			return true;
	}
	return false;
}

static void test_random_keys(void **state)
{
	const char *seed = getenv("SEED"), *keys = getenv("KEYS");
	const unsigned count = keys ? (unsigned)atoi(keys) : KEYS;
	char scratch[64];
	struct vt t;

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : 20261127;
	print_message("SEED=%llu KEYS=%u\n", random_state, count);
	enter_scratch(scratch);
	start_demo(&t);
	assert_true(demo_is_drawn_right(&t, press_at_random(&t, count, false)));
	quit(&t);
	vt_end(&t);
	leave_scratch(scratch);
}

/* ---- sizes ---- */

static void test_storm_of_sizes(void **state)
{
	struct vt t;

	(void)state;
	random_state = 7;
	vt_start(&t, 30, 100, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	for (unsigned i = 0; i < 200; i++) {
		vt_resize(&t, 1 + draw(200), 1 + draw(500));
		vt_take(&t, 10, 10);
	}
	vt_resize(&t, 24, 80);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	assert_true(is_drawn_right(&t));
	quit(&t);
	vt_end(&t);
}

/* ---- what is pasted ---- */

static void test_pasted_garbage(void **state)
{
	static char garbage[65536];
	struct vt t;

	(void)state;
	random_state = 11;
	vt_start(&t, 30, 100, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	for (unsigned i = 0; i < sizeof garbage; i++) {
		do
			garbage[i] = (char)(1 + draw(255));
		while (!may_be_sent(&garbage[i], 1) || garbage[i] == '\033');
	}
	vt_keys(&t, "\033[200~");
	vt_type(&t, garbage, sizeof garbage);
	vt_keys(&t, "\033[201~");
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	/* Without brackets too: keys, whatever they mean, and never the end. */
	vt_type(&t, garbage, sizeof garbage / 4);
	vt_take(&t, 300, 3000);
	assert_int_equal(vt_wait_end(&t, 0), -1);
	go_home(&t);
	assert_true(is_drawn_right(&t));
	quit(&t);
	vt_end(&t);
}

/* A byte that is no text costs itself alone. */
static void test_bytes_that_are_no_text(void **state)
{
	struct vt t;

	(void)state;
	vt_start(&t, 30, 100, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	vt_keys(&t, "f");
	assert_true(vt_wait(&t, "Filter:", PATIENCE_MS));
	vt_keys(&t, "ab\xff\xfe cde\xed\x95\x9c\xea\xb0" "de");
	assert_true(vt_wait(&t, " cde\xed\x95\x9c", PATIENCE_MS));
	assert_true(vt_wait(&t, "de ", PATIENCE_MS));
	vt_keys(&t, "\033");
	quit(&t);
	vt_end(&t);
}

/* ---- lines that are slow, stopped, gone ---- */

static double cpu_seconds(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system), 2);
	fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* 2,000 bytes a second: frames are skipped, keys are heard. */
static void test_slow_line(void **state)
{
	const int64_t began_ns = clock_now_ns();
	struct vt t;
	int64_t asked_ns;

	(void)state;
	vt_start(&t, 30, 100, usual, live);
	while (clock_now_ns() - began_ns < 5 * NS_PER_SECOND) {
		vt_take_bytes(&t, 200, 100);
		poll(NULL, 0, 100);
	}
	assert_true(cpu_seconds(t.pid) < 4);
	vt_keys(&t, "q");
	asked_ns = clock_now_ns();
	while (vt_wait_end(&t, 0) < 0 && t.pid > 0) {
		vt_take_bytes(&t, 200, 50);
		assert_true(clock_now_ns() - asked_ns < PATIENCE_MS * NS_PER_MS);
	}
	vt_end(&t);
}

/* Nobody reads at all for a while. */
static void test_line_that_stands(void **state)
{
	struct vt t;
	double cpu_s;

	(void)state;
	vt_start(&t, 50, 200, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	cpu_s = cpu_seconds(t.pid);
	poll(NULL, 0, 3000);
	assert_true(cpu_seconds(t.pid) - cpu_s < 1.5);
	vt_take(&t, 200, 5000);
	assert_true(is_drawn_right(&t));
	quit(&t);
	vt_end(&t);
}

static void test_terminal_that_is_gone(void **state)
{
	struct rusage used;
	struct vt t;
	int status;

	(void)state;
	vt_start(&t, 30, 100, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	close(t.fd);
	t.fd = -1;
	/* It must not spin until somebody comes by. */
	for (unsigned i = 0; i < PATIENCE_MS / 10; i++) {
		if (wait4(t.pid, &status, WNOHANG, &used) == t.pid)
			break;
		poll(NULL, 0, 10);
		if (i == PATIENCE_MS / 10 - 1)
			fail_msg("it goes on without a terminal");
	}
	t.pid = 0;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	vt_end(&t);
}

static void test_stopped_for_a_while(void **state)
{
	struct vt t;

	(void)state;
	vt_start(&t, 30, 100, usual, live);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	kill(t.pid, SIGSTOP);
	vt_take(&t, 3000, 3000);
	vt_resize(&t, 24, 80);
	kill(t.pid, SIGCONT);
	assert_true(vt_wait(&t, "1 List", PATIENCE_MS));
	assert_true(is_drawn_right(&t));
	quit(&t);
	vt_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_random_keys),
		cmocka_unit_test(test_storm_of_sizes),
		cmocka_unit_test(test_pasted_garbage),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_slow_line),
		cmocka_unit_test(test_line_that_stands),
		cmocka_unit_test(test_terminal_that_is_gone),
		cmocka_unit_test(test_stopped_for_a_while),
	};

	const char *builddir = getenv("top_builddir");
	char whole[PATH_MAX];

	int listener;

	assert_non_null(getcwd(home, sizeof home));
	if (builddir && realpath(builddir, whole))
		setenv("top_builddir", whole, 1);
	signal(SIGPIPE, SIG_IGN);
	/* A host on which nothing happens, but that has something to show. */
	sockets_enter_namespace();
	listener = sockets_listen("127.0.0.1", 7000, 8);
	for (unsigned i = 0; i < 3; i++) {
		sockets_connect("127.0.0.1", 7000);
		sockets_accept(listener);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
