/*
 * The real synfin while the kernel refuses: strace lets system calls of its threads fail, any of them, at any time. The gap is told, it is over within two polls,
 * nothing is declared dead because of it, and no thread spins.
 *
 * First the calls that carry dumps, notices and waiting, one after the other; then runs with a schedule of their own each, drawn from a seed:
 * `real_injected SEED LAST` makes those by hand. They run side by side.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"
#include "sockets.h"
#include "stream.h"

#define PAIRS 20
#define SEEDS 6
#define SIDE_BY_SIDE 6
#define INJECTIONS_MAX 3
#define ENDS_MS 60000
/* Polls, receptions and requests in all, of some seconds at ten sweeps a second; a thread that spins makes as many in a moment. */
#define CALLS_MAX 4000

#define TRACED "socket,bind,setsockopt,getsockopt,sendto,sendmsg,recvmsg,recvmmsg,poll,ppoll,openat,getdents64"

struct run {
	const char *length; /* of --for; NULL: it lists, all namespaces */
	char injections[INJECTIONS_MAX][80];
	unsigned count;
	struct program program;
	struct stream stream;
	int log;            /* strace's */
	char *log_text;
	const char *errors; /* what it printed as such */
	int status;
};

/* ---- running ---- */

static void exec_traced(void *context)
{
	const struct run *r = context;
	const char *builddir = getenv("top_builddir");
	char path[4096], log[64], injected[INJECTIONS_MAX][100];
	const char *args[32] = {"strace", "-f", "-qq", "--seccomp-bpf", "-o", log, "-e", "trace=" TRACED, "-e", "signal=none"};
	unsigned n = 10;

	snprintf(log, sizeof log, "/proc/self/fd/%d", r->log);
	snprintf(path, sizeof path, "%s/src/synfin", builddir ? builddir : ".");
	for (unsigned i = 0; i < r->count; i++) {
		snprintf(injected[i], sizeof injected[i], "inject=%s", r->injections[i]);
		args[n++] = "-e";
		args[n++] = injected[i];
		/* Traced only where it has to be: it slows the main thread. */
		if (strncmp(r->injections[i], "epoll", 5) == 0)
			args[7] = "trace=" TRACED ",epoll_pwait";
	}
	for (const char *const *a = (const char *const[]){path, "list", "--json", "--all-netns", NULL}; *a && !r->length; a++)
		args[n++] = *a;
	for (const char *const *a = (const char *const[]){path, "events", "--json", "--interval", "100ms", "--budget", "100%", "--for", r->length, NULL}; *a && r->length; a++)
		args[n++] = *a;
	/* LeakSanitizer wants to trace the program itself. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	execvp("strace", (char *const *)(void *)args);
	_exit(127);
}

static void run_start(struct run *r)
{
	r->log = memfd_create("strace", 0);
	assert_true(r->log >= 0);
	program_start_by(&r->program, exec_traced, r);
}

static void run_end(struct run *r)
{
	off_t len;

	r->status = program_end(&r->program, 0, ENDS_MS);
	r->errors = program_errors(&r->program);
	len = lseek(r->log, 0, SEEK_END);
	r->log_text = calloc(1, (size_t)len + 1);
	assert_true(r->log_text && pread(r->log, r->log_text, (size_t)len, 0) == len);
	stream_read(&r->stream, program_output(&r->program));
}

static void run_fini(struct run *r)
{
	stream_fini(&r->stream);
	program_fini(&r->program);
	free(r->log_text);
	close(r->log);
}

static void describe(const struct run *r)
{
	print_message("# --for %s", r->length ? r->length : "(list)");
	for (unsigned i = 0; i < r->count; i++)
		print_message(" -e inject=%s", r->injections[i]);
	print_message("\n");
}

#define CHECK(r, condition) \
	do { \
		if (!(condition)) { \
			describe(r); \
			fail_msg("%s (exit %d, %s)", #condition, (r)->status, (r)->errors); \
		} \
	} while (0)

/* ---- what came of it ---- */

static unsigned count_words(const char *text, const char *word)
{
	unsigned count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

/* Without those that walk /proc. */
static unsigned count_calls(const struct run *r)
{
	return count_words(r->log_text, "poll(") + count_words(r->log_text, "recvmsg(") + count_words(r->log_text, "recvmmsg(") +
	       count_words(r->log_text, "sendto(");
}

static bool tells_error(const struct told *t, const char *source)
{
	const json_t *error;
	size_t i;

	json_array_foreach(json_object_get(t->object, "errors"), i, error)
		if (strcmp(json_string_value(json_object_get(error, "source")), source) == 0)
			return true;
	return false;
}

static json_int_t number(const struct told *t, const char *key)
{
	return json_integer_value(json_object_get(t->object, key));
}

static const struct told *next_coverage(const struct run *r, const struct told *from, const char *source, bool in_trouble)
{
	for (const struct told *t = from; t < r->stream.lines + r->stream.count; t++)
		if (told_is(t, "coverage") && tells_error(t, source) == in_trouble)
			return t;
	return NULL;
}

/* Nothing happens beside it: whatever is told to happen is invented. */
static void check_truth(const struct run *r)
{
	CHECK(r, r->stream.bad_line == 0);
	for (size_t i = 0; i < r->stream.count; i++) {
		const struct told *t = &r->stream.lines[i];

		CHECK(r, !told_is(t, "open") && !told_is(t, "transition") && !told_is(t, "close") && !told_is(t, "mark"));
	}
	CHECK(r, count_calls(r) < CALLS_MAX);
}

/* stands_in: /proc does, for sock_diag. */
static void check_recovery(const struct run *r, const char *source, bool stands_in)
{
	const struct told *gap, *over;

	CHECK(r, r->status == 0);
	check_truth(r);
	gap = next_coverage(r, r->stream.lines, source, true);
	CHECK(r, gap != NULL);
	over = next_coverage(r, gap, source, false);
	CHECK(r, over != NULL);
	if (stands_in) {
		/* There was no gap: /proc was read. Whether sock_diag is back is asked after 0, 1, 2 … seconds. */
		CHECK(r, strcmp(json_string_value(json_object_get(gap->object, "swept_by")), "proc") == 0);
		CHECK(r, number(over, "sweeps_not_whole") == number(gap, "sweeps_not_whole"));
		return;
	}
	/* Of the sweeps from the one that was told to have failed, all failed but the last two at most. */
	if (strcmp(source, "diag") == 0)
		CHECK(r, number(over, "sweeps") - number(gap, "sweeps") - (number(over, "sweeps_not_whole") - number(gap, "sweeps_not_whole")) <= 2);
	CHECK(r, !tells_error(&r->stream.lines[r->stream.count - 1], source));
}

/* ---- one call after the other ---- */

static void run_all(struct run *runs, unsigned count)
{
	for (unsigned at = 0; at < count; at += SIDE_BY_SIDE) {
		unsigned end = at + SIDE_BY_SIDE < count ? at + SIDE_BY_SIDE : count;

		for (unsigned i = at; i < end; i++)
			run_start(&runs[i]);
		for (unsigned i = at; i < end; i++)
			run_end(&runs[i]);
	}
}

static void test_a_gap_is_told_and_over_within_two_polls(void **state)
{
	static const struct {
		const char *source;
		struct run run;
		bool stands_in;
	} cases[] = {
		{"diag", {.length = "9s", .count = 1, .injections = {"sendto:error=EPERM:when=4..9"}}, true},
		{"diag", {.length = "3s", .count = 1, .injections = {"sendto:error=EBUSY:when=4..9"}}, false},
		{"diag", {.length = "3s", .count = 1, .injections = {"recvmsg:error=ENOBUFS:when=10..15"}}, false},
		{"diag", {.length = "3s", .count = 1, .injections = {"recvmsg:error=ENOMEM:when=11..16"}}, false},
		{"obituary", {.length = "4s", .count = 1, .injections = {"recvmmsg:error=EPERM:when=1..1"}}, false},
		{"obituary", {.length = "4s", .count = 1, .injections = {"recvmmsg:error=ENOMEM:when=1..2"}}, false},
	};
	struct run runs[sizeof cases / sizeof *cases];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		runs[i] = cases[i].run;
	run_all(runs, sizeof cases / sizeof *cases);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		check_recovery(&runs[i], cases[i].source, cases[i].stands_in);
		run_fini(&runs[i]);
	}
}

static void test_no_thread_spins_when_it_cannot_wait(void **state)
{
	struct run runs[] = {
		{.length = "1s", .count = 1, .injections = {"poll:error=ENOMEM:when=1+1"}},
		{.length = "1s", .count = 1, .injections = {"ppoll:error=ENOMEM:when=1+1"}},
		{.length = "1s", .count = 1, .injections = {"epoll_pwait:error=ENOMEM:when=2..20"}},
		{.length = "1s", .count = 1, .injections = {"recvmmsg:error=ENOBUFS:when=1+1"}},
		{.length = "1s", .count = 1, .injections = {"recvmmsg:error=ENOMEM:when=1+1"}},
	};

	(void)state;
	run_all(runs, sizeof runs / sizeof *runs);
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		CHECK(&runs[i], runs[i].status == 0 && strstr(runs[i].log_text, "(INJECTED)"));
		check_truth(&runs[i]);
		run_fini(&runs[i]);
	}
}

/* The namespace of the first process is another one, and its sockets cannot be made ready; nor can anybody be asked whether output can be written. */
static void test_what_cannot_be_listed_is_said(void **state)
{
	struct run runs[] = {
		{.count = 1, .injections = {"bind:error=ENOMEM:when=3+"}},
		{.count = 1, .injections = {"poll:error=ENOMEM:when=1+"}},
		{.count = 1, .injections = {"getdents64:error=ENOMEM:when=1"}},
	};

	(void)state;
	run_all(runs, sizeof runs / sizeof *runs);
	CHECK(&runs[0], runs[0].status == 1 && strstr(runs[0].errors, "not every network namespace could be entered"));
	CHECK(&runs[0], runs[0].stream.count >= 2 * PAIRS);
	CHECK(&runs[1], count_words(runs[1].log_text, "poll(") < CALLS_MAX);
	CHECK(&runs[2], runs[2].status == 1 && strstr(runs[2].errors, "not every network namespace could be entered"));
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
		run_fini(&runs[i]);
}

/* ---- any call, at any time ---- */

static unsigned draw(uint64_t *random, unsigned n)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (unsigned)((*random * 0x2545f4914f6cdd1du) >> 33) % n;
}

static void draw_injection(uint64_t *random, char out[80])
{
	/* first, at most: before that the loader opens libraries. last: each second only one of these is made again. */
	static const struct {
		const char *call;
		unsigned first, most, last;
	} calls[] = {
		{"socket", 1, 8, 2}, {"bind", 1, 6, 2}, {"setsockopt", 1, 10, 2}, {"getsockopt", 1, 30, 10}, {"sendto", 1, 20, 8},
		{"recvmsg", 1, 30, 8}, {"recvmmsg", 1, 3, 2}, {"poll", 1, 20, 20}, {"ppoll", 1, 20, 20}, {"epoll_pwait", 1, 20, 20}, {"openat", 80, 300, 50},
		{"getdents64", 1, 100, 20},
	};
	static const char *const errors[] = {"EPERM", "EBUSY", "ENOBUFS", "ENOMEM"};
	unsigned c = draw(random, sizeof calls / sizeof *calls), first = calls[c].first + draw(random, calls[c].most);

	snprintf(out, 80, "%s:error=%s:when=%u..%u", calls[c].call, errors[draw(random, 4)], first, first + draw(random, calls[c].last));
}

static void draw_run(struct run *r, uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15u + 1;

	*r = (struct run){.length = "4s", .count = INJECTIONS_MAX};
	for (unsigned i = 0; i < r->count; i++) {
		/* strace takes the last of two for the same call; that is a schedule too. */
		draw_injection(&random, r->injections[i]);
	}
}

/* Whether the call was made so often after the last that was made to fail. */
static bool went_on(const struct run *r, const char *call, unsigned times)
{
	const char *rest = r->log_text, *next;

	while ((next = strstr(rest, "(INJECTED)")))
		rest = next + 1;
	return count_words(rest, call) >= times;
}

static void check_random(const struct run *r)
{
	const struct told *last = r->stream.count ? &r->stream.lines[r->stream.count - 1] : NULL;

	/* One that cannot even begin says so. */
	if (r->status == 1 && r->errors[0])
		return;
	CHECK(r, r->status == 0);
	check_truth(r);
	CHECK(r, last && told_is(last, "coverage"));
	/* Some last until the end. */
	if (went_on(r, "sendto(", 4))
		CHECK(r, !tells_error(last, "diag"));
	if (went_on(r, "recvmmsg(", 1))
		CHECK(r, !tells_error(last, "obituary"));
}

static void walk_seeds(uint64_t first, uint64_t last)
{
	while (first <= last) {
		struct run runs[SIDE_BY_SIDE];
		unsigned count = 0;

		for (; count < SIDE_BY_SIDE && first <= last; count++)
			draw_run(&runs[count], first++);
		run_all(runs, count);
		for (unsigned i = 0; i < count; i++) {
			check_random(&runs[i]);
			run_fini(&runs[i]);
		}
	}
}

static uint64_t first_seed = 1, last_seed = SEEDS;

static void test_any_call_may_fail_at_any_time(void **state)
{
	(void)state;
	walk_seeds(first_seed, last_seed);
}

/* ---- the host ---- */

static int hold_connections(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, 64);

	(void)state;
	for (unsigned i = 0; i < PAIRS; i++) {
		sockets_connect("127.0.0.1", sockets_port(listener));
		sockets_accept(listener);
	}
	return 0;
}

static void need_strace(void)
{
	if (system("strace -f -qq --seccomp-bpf -o /dev/null -e trace=none true") == 0)
		return;
	printf("1..0 # SKIP strace may not trace here, or is not installed\n");
	exit(0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_gap_is_told_and_over_within_two_polls),
		cmocka_unit_test(test_no_thread_spins_when_it_cannot_wait),
		cmocka_unit_test(test_what_cannot_be_listed_is_said),
		cmocka_unit_test(test_any_call_may_fail_at_any_time),
	};
	const struct CMUnitTest by_hand[] = {cmocka_unit_test(test_any_call_may_fail_at_any_time)};

	need_strace();
	sockets_enter_namespace();
	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 10);
		last_seed = strtoull(argv[argc - 1], NULL, 10);
		return cmocka_run_group_tests(by_hand, hold_connections, NULL);
	}
	return cmocka_run_group_tests(tests, hold_connections, NULL);
}
