/* What runs on: the screen and the stream of events, beside nothing and beside the load. */
#include "config.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench.h"
#include "result.h"

/* A short run only shows that all works. */
static bool is_short(const struct bench *b)
{
	return b->seconds < 10;
}

static int settle_step_ms(const struct bench *b)
{
	return is_short(b) ? 100 : 1000;
}

/* ---- idle ---- */

#define FEW_SOCKETS 10
#define START_MS 5000 /* the first sweep, the first frames */

/* CPU in per cent of a core, wakeups and bytes to the terminal a second, in `rounds` slices of the time. */
static void watch_use(struct process *p, double seconds, unsigned rounds, struct samples *cpu, struct samples *wakeups, struct samples *bytes)
{
	const double slice_s = seconds / rounds;

	for (unsigned i = 0; i < rounds; i++) {
		int64_t began_ns = clock_now_ns();
		struct use before = process_use(p), after;
		double took_s;
		size_t written = process_drain(p, (int)(slice_s * 1000));

		after = process_use(p);
		took_s = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
		samples_add(cpu, 100 * (after.cpu_s - before.cpu_s) / took_s);
		samples_add(wakeups, (double)(after.wakeups - before.wakeups) / took_s);
		samples_add(bytes, (double)written / took_s);
	}
}

void figure_idle(struct bench *b)
{
	struct samples cpu = {0}, wakeups = {0}, bytes = {0};
	struct process p;

	process_start_terminal(&p, (const char *const[]){b->synfin, NULL});
	process_drain(&p, is_short(b) ? START_MS / 5 : START_MS);
	watch_use(&p, b->seconds / 2, b->rounds, &cpu, &wakeups, &bytes);
	process_stop(&p);
	result_add("idle", "the screen on an idle host", &cpu, "% of a core", MUST_BE_AT_MOST, 0.5);
	result_add("idle", "the same: wakeups of all threads", &wakeups, "a second", MUST_BE_AT_MOST, 3);
}

/* ---- calm ---- */

struct calm {
	const char *what;
	const char *const *argv;
	const char *keys;             /* pressed at first */
	double cpu_most, bytes_most;  /* 0: nothing is asked of it */
};

static void measure_calm(struct bench *b, const struct calm *c)
{
	struct samples cpu = {0}, wakeups = {0}, bytes = {0};
	struct process p;

	process_start_terminal(&p, c->argv);
	process_drain(&p, is_short(b) ? START_MS / 5 : START_MS);
	if (write(p.in, c->keys, strlen(c->keys)) < 0)
		perror("bench: a key");
	process_drain(&p, 500);
	watch_use(&p, b->seconds / 4, b->rounds, &cpu, &wakeups, &bytes);
	process_stop(&p);
	result_add("calm", c->what, &cpu, "% of a core", c->cpu_most > 0 ? MUST_BE_AT_MOST : MUST_NOT, c->cpu_most);
	result_add("calm", "  wakeups of all threads", &wakeups, "a second", MUST_NOT, 0);
	result_add("calm", "  to the terminal", &bytes, "bytes a second", c->bytes_most > 0 ? MUST_BE_AT_MOST : MUST_NOT, c->bytes_most);
}

/* One after the other, in the same empty namespace: synfin in its moods, and what else people leave open. Others are measured where they are installed. */
void figure_calm(struct bench *b)
{
	const char *const live[] = {b->synfin, NULL}, *const demo[] = {b->synfin, "--demo", NULL};
	static const char *const htop[] = {"htop", NULL}, *const btop[] = {"btop", "--utf-force", NULL}, *const mtr[] = {"mtr", "127.0.0.1", NULL};
	const struct calm all[] = {
		{.what = "synfin, nothing happens", .argv = live, .keys = ""},
		{.what = "synfin, paused", .argv = live, .keys = " "},
		{.what = "synfin --demo, the list", .argv = demo, .keys = ""},
		{.what = "synfin --demo, the Wall", .argv = demo, .keys = "2", .cpu_most = 5, .bytes_most = 65536},
		{.what = "synfin --demo, the Map", .argv = demo, .keys = "4"},
		{.what = "htop", .argv = htop, .keys = ""},
		{.what = "btop", .argv = btop, .keys = ""},
		{.what = "mtr 127.0.0.1", .argv = mtr, .keys = ""},
	};
	char command[64];

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(command, sizeof command, "command -v %.40s >/dev/null", all[i].argv[0]);
		if (all[i].argv[0] == b->synfin || system(command) == 0)
			measure_calm(b, &all[i]);
	}
}

/* ---- memory ---- */

static double empty_events_bytes, empty_screen_bytes;

static double events_bytes(struct bench *b)
{
	struct process p;
	double bytes;

	process_start(&p, (const char *const[]){b->synfin, "events", "--json", NULL}, USER_SAME);
	process_settle(&p, settle_step_ms(b));
	bytes = process_use(&p).resident_bytes;
	process_stop(&p);
	return bytes;
}

static double screen_bytes(struct bench *b)
{
	struct process p;
	double bytes;

	process_start_terminal(&p, (const char *const[]){b->synfin, NULL});
	process_settle(&p, settle_step_ms(b));
	bytes = process_use(&p).resident_bytes;
	process_stop(&p);
	return bytes;
}

void figure_memory_empty(struct bench *b)
{
	empty_events_bytes = events_bytes(b);
	empty_screen_bytes = screen_bytes(b);
}

static void tell_memory(const struct bench *b, const char *what, double bytes, double empty_bytes)
{
	struct samples each = {0};

	/* Not the time of anything: a second run gives the same. */
	samples_add(&each, bytes / b->sockets);
	result_add("memory", what, &each, "bytes", MUST_BE_AT_MOST, 200);
	result_note("resident_bytes", bytes);
	result_note("resident_bytes_in_an_empty_namespace", empty_bytes);
	result_note("difference_a_socket", (bytes - empty_bytes) / b->sockets);
}

void figure_memory(struct bench *b)
{
	tell_memory(b, "resident a socket: synfin events --json, with owners", events_bytes(b), empty_events_bytes);
	tell_memory(b, "resident a socket: the screen, with owners", screen_bytes(b), empty_screen_bytes);
}

/* ---- keys ---- */

#define KEYS_MOST 400u
#define KEY_PATIENCE_NS (2 * NS_PER_SECOND)
#define KEY_APART_MS 20

#define KEY_DOWN "\033OB" /* as a terminal sends it in application mode */
#define KEY_UP "\033OA"

/* From the key until the mark of the row under the cursor, '>', is drawn anew: nothing else draws one. */
static double key_ms(struct process *p, const char *key)
{
	struct pollfd ready = {.fd = p->out, .events = POLLIN};
	int64_t began_ns = clock_now_ns();

	if (write(p->in, key, strlen(key)) < 0)
		return 0;
	while (clock_now_ns() - began_ns < KEY_PATIENCE_NS && poll(&ready, 1, (int)(KEY_PATIENCE_NS / NS_PER_MS)) > 0) {
		char bytes[16384];
		ssize_t n = read(p->out, bytes, sizeof bytes);

		if (n <= 0)
			break;
		if (memchr(bytes, '>', (size_t)n))
			return (double)(clock_now_ns() - began_ns) / NS_PER_MS;
	}
	fprintf(stderr, "bench: the screen does not answer a key\n");
	exit(1);
}

static struct samples keys_beside_few;

/* Returns how many cores it used meanwhile. */
static double press_keys(struct bench *b, unsigned sockets, struct samples *ms)
{
	const unsigned keys = b->seconds * 7 < KEYS_MOST ? (unsigned)(b->seconds * 7) : KEYS_MOST;
	double began_cpu_s, took_s;
	int64_t began_ns;
	struct process p;

	/* All of a CPU for looking, and no pause: a sweep runs nearly all the time. */
	process_start_terminal(&p, (const char *const[]){b->synfin, "--budget", "100%", "--interval", "10ms", "--no-owners", NULL});
	/* The rows must be there, three of them above the cursor: then each key moves it. */
	process_drain(&p, is_short(b) ? 1000 : START_MS + (int)(sockets / 100));
	for (unsigned i = 0; i < 3; i++)
		key_ms(&p, KEY_DOWN);
	began_ns = clock_now_ns();
	began_cpu_s = process_use(&p).cpu_s;
	for (unsigned i = 0; i < keys; i++) {
		samples_add(ms, key_ms(&p, i % 2 ? KEY_UP : KEY_DOWN));
		/* Not in step with anything. */
		process_drain(&p, KEY_APART_MS + (int)(i * 7 % 31));
	}
	took_s = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
	began_cpu_s = process_use(&p).cpu_s - began_cpu_s;
	process_stop(&p);
	return began_cpu_s / took_s;
}

void figure_keys_empty(struct bench *b)
{
	struct process load;

	bench_start_load(b, &load, FEW_SOCKETS);
	press_keys(b, FEW_SOCKETS, &keys_beside_few);
	bench_stop_load(&load);
}

void figure_keys(struct bench *b)
{
	struct samples ms = {0}, again;
	double cores = press_keys(b, b->sockets, &ms);

	again = ms;
	result_add("keys", "key to screen while sweeps run, p50", &ms, "ms", MUST_NOT, 0);
	result_note("p50_ms_beside_10", samples_quantile(&keys_beside_few, 0.5));
	result_note("cores_used_meanwhile", cores);
	result_add_quantile("keys", "key to screen while sweeps run, p99", &again, 0.99, "ms", MUST_BE_AT_MOST, 50);
	result_note("p99_ms_beside_10", samples_quantile(&keys_beside_few, 0.99));
}

/* ---- budget ---- */

void figure_budget(struct bench *b)
{
	struct samples cpu = {0}, wakeups = {0}, bytes = {0};
	int64_t began_ns = clock_now_ns();
	double start_s;
	struct use start, end;
	struct process p;

	process_start_terminal(&p, (const char *const[]){b->synfin, NULL});
	process_settle(&p, settle_step_ms(b));
	start = process_use(&p);
	start_s = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
	/* In one piece: sweeps may be tens of seconds apart. */
	watch_use(&p, b->seconds, 1, &cpu, &wakeups, &bytes);
	end = process_use(&p);
	process_stop(&p);
	result_add("budget", "the screen beside the load, default budget", &cpu, "% of a core", MUST_BE_AT_MOST, 5);
	result_note("wakeups_a_second", wakeups.values[0]);
	result_note("main_thread_percent_of_a_core", 100 * (end.main_cpu_s - start.main_cpu_s) / b->seconds);
	result_note("cpu_s_at_the_start", start.cpu_s);
	result_note("seconds_at_the_start", start_s);
}

/* ---- ends ---- */

#define ENDS 50u
#define END_PATIENCE_MS 5000

static bool is_no_close(void *context, const char *line, size_t len)
{
	static const char close_event[] = "\"ev\":\"close\"";
	bool *seen = context;

	*seen = memmem(line, len, close_event, sizeof close_event - 1);
	return !*seen;
}

static bool ignore_line(void *context, const char *line, size_t len)
{
	(void)context;
	(void)line;
	(void)len;
	return true;
}

void figure_ends(struct bench *b)
{
	struct samples ms = {0}, again;
	unsigned missed = 0;
	struct process p;

	process_start(&p, (const char *const[]){b->synfin, "events", "--json", "--no-owners", NULL}, USER_SAME);
	process_settle(&p, settle_step_ms(b));
	for (unsigned i = 0; i < ENDS && i < b->seconds; i++) {
		int64_t began_ns;
		bool seen = false;

		process_lines(&p, 50 + (int)(i * 7 % 31), ignore_line, NULL);
		began_ns = clock_now_ns();
		bench_change(&b->load, "one");
		process_lines(&p, END_PATIENCE_MS, is_no_close, &seen);
		if (seen)
			samples_add(&ms, (double)(clock_now_ns() - began_ns) / NS_PER_MS);
		missed += !seen;
	}
	process_stop(&p);
	again = ms;
	result_add("ends", "from a close to its event beside the load, p50", &ms, "ms", MUST_NOT, 0);
	result_note("never_seen", missed);
	result_add_quantile("ends", "from a close to its event beside the load, p99", &again, 0.99, "ms", MUST_BE_AT_MOST, 100);
}

/* ---- one connection watched ---- */

static struct samples lookup_ns_beside_few;

static void measure_lookups(struct bench *b, struct samples *ns)
{
	char line[64];

	for (unsigned i = 0; i < b->rounds; i++) {
		process_run_line((const char *const[]){bench_tool(b, "lookups"), is_short(b) ? "200" : "10000", NULL}, line, sizeof line);
		samples_add(ns, strtod(line, NULL));
	}
}

void figure_watched_empty(struct bench *b)
{
	struct process load;

	bench_start_load(b, &load, FEW_SOCKETS);
	measure_lookups(b, &lookup_ns_beside_few);
	bench_stop_load(&load);
}

void figure_watched(struct bench *b)
{
	struct samples many = {0}, ratio = {0};
	double few = samples_quantile(&lookup_ns_beside_few, 0.5);

	measure_lookups(b, &many);
	for (unsigned i = 0; i < many.count; i++)
		samples_add(&ratio, many.values[i] / few);
	result_add("watched", "CPU of an exact look-up beside the load, by that beside 10", &ratio, "x", MUST_BE_AT_MOST, 1.2);
	result_note("lookup_cpu_ns", samples_quantile(&many, 0.5));
	result_note("lookup_cpu_ns_beside_10", few);
}
