/* loop: timers, descriptors and signals, and callbacks that change what is being waited for. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/text.h"

/* Callbacks write letters here: what ran, in order. */
static struct text said;
static struct loop *loop;
static int pipes[2][2];

static void say(char letter)
{
	text_add_char(&said, letter);
}

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	for (int i = 0; i < 2; i++)
		if (pipe(pipes[i]))
			return -1;
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	loop_free(NULL);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	text_fini(&said);
	return 0;
}

static void on_timer(void *letter)
{
	say(*(const char *)letter);
	if (*(const char *)letter == '!')
		loop_stop(loop, 7);
}

static int at(int64_t offset_ns, const char *letter)
{
	/* The callbacks only read it. */
	return loop_at(loop, clock_now_ns() + offset_ns, on_timer, (void *)(uintptr_t)letter);
}

static void test_timers_in_order(void **state)
{
	int64_t now = clock_now_ns();
	int id;

	(void)state;
	at(8 * NS_PER_MS, "!");
	at(4 * NS_PER_MS, "c");
	loop_at(loop, now - 5, on_timer, (void *)(uintptr_t)"b");
	loop_at(loop, now - 5, on_timer, (void *)(uintptr_t)"B");
	at(-NS_PER_SECOND, "a");
	loop_at(loop, INT64_MAX, on_timer, (void *)(uintptr_t)"x");
	id = at(0, "x");
	assert_true(id > 0);
	loop_cancel_timer(loop, id);
	loop_cancel_timer(loop, id);
	loop_cancel_timer(loop, 0);
	assert_int_equal(loop_run(loop), 7);
	assert_string_equal(text_string(&said), "abBc!");
	assert_true(clock_now_ns() >= now + 8 * NS_PER_MS);
}

static int turns;

/* Sets itself for a time long past, again and again. */
static void on_greedy_timer(void *context)
{
	(void)context;
	say('g');
	turns++;
	loop_at(loop, 0, on_greedy_timer, NULL);
}

static void on_readable_stop(void *context, uint32_t events)
{
	(void)context;
	assert_true(events & EPOLLIN);
	say('r');
	if (turns >= 3)
		loop_stop(loop, 0);
}

static void test_timers_starve_nobody(void **state)
{
	(void)state;
	turns = 0;
	assert_int_equal(write(pipes[0][1], "x", 1), 1);
	assert_int_equal(loop_add_fd(loop, pipes[0][0], EPOLLIN, on_readable_stop, NULL), 0);
	loop_at(loop, 0, on_greedy_timer, NULL);
	loop_run(loop);
	assert_string_equal(text_string(&said), "rgrgrgr");
}

static int other_timer;

static void on_timer_that_cancels(void *context)
{
	(void)context;
	say('c');
	loop_cancel_timer(loop, other_timer);
	at(0, "!");
}

static void test_timer_cancels_another_that_is_due(void **state)
{
	(void)state;
	loop_at(loop, 1, on_timer_that_cancels, NULL);
	other_timer = loop_at(loop, 2, on_timer, (void *)(uintptr_t)"x");
	loop_run(loop);
	assert_string_equal(text_string(&said), "c!");
}

static void on_never(void *context, uint32_t events)
{
	(void)context;
	(void)events;
	say('X');
}

static void on_drain(void *fd, uint32_t events)
{
	char c;

	(void)events;
	assert_int_equal(read(*(int *)fd, &c, 1), 1);
	say(c);
	if (c == '!')
		loop_stop(loop, 0);
}

/* Both pipes are readable at once: whoever comes first takes the other away, or puts another watch in its place. */
static void on_first_removes_other(void *context, uint32_t events)
{
	int mine = *(int *)context, other = mine == pipes[0][0] ? pipes[1][0] : pipes[0][0];

	(void)events;
	say('1');
	loop_remove_fd(loop, other);
	loop_remove_fd(loop, mine);
	at(0, "!");
}

static void test_removed_in_the_same_turn(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
		assert_int_equal(loop_add_fd(loop, pipes[i][0], EPOLLIN, on_first_removes_other, &pipes[i][0]), 0);
	}
	loop_run(loop);
	assert_string_equal(text_string(&said), "1!");
}

static void on_first_replaces_other(void *context, uint32_t events)
{
	int mine = *(int *)context, other = mine == pipes[0][0] ? 1 : 0;
	int fd = pipes[other][0], fresh[2];

	(void)events;
	say('1');
	loop_remove_fd(loop, mine);
	loop_remove_fd(loop, fd);
	close(fd);
	/* A descriptor just opened gets the lowest free number: the same. Nothing is in this one. */
	assert_int_equal(pipe(fresh), 0);
	assert_int_equal(fresh[0], fd);
	assert_int_equal(loop_add_fd(loop, fd, EPOLLIN, on_never, NULL), 0);
	close(pipes[other][1]);
	pipes[other][1] = fresh[1];
	at(0, "!");
}

static void test_number_reused_in_the_same_turn(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
		assert_int_equal(loop_add_fd(loop, pipes[i][0], EPOLLIN, on_first_replaces_other, &pipes[i][0]), 0);
	}
	loop_run(loop);
	assert_string_equal(text_string(&said), "1!");
}

static void test_watch_is_replaced(void **state)
{
	(void)state;
	assert_int_equal(loop_add_fd(loop, pipes[0][0], 0, on_never, NULL), 0);
	assert_int_equal(loop_add_fd(loop, pipes[0][0], EPOLLIN, on_drain, &pipes[0][0]), 0);
	assert_int_equal(write(pipes[0][1], "abc!", 4), 4);
	loop_run(loop);
	assert_string_equal(text_string(&said), "abc!");
	loop_remove_fd(loop, pipes[0][0]);
	loop_remove_fd(loop, pipes[0][0]);
	loop_remove_fd(loop, -1);
	loop_remove_fd(loop, 12345);
}

static void test_bad_descriptors(void **state)
{
	FILE *plain = tmpfile();

	(void)state;
	assert_non_null(plain);
	assert_int_equal(loop_add_fd(loop, -1, EPOLLIN, on_never, NULL), -EBADF);
	assert_int_equal(loop_add_fd(loop, 12345, EPOLLIN, on_never, NULL), -EBADF);
	assert_int_equal(loop_add_fd(loop, fileno(plain), EPOLLIN, on_never, NULL), -EPERM);
	fclose(plain);
}

static void test_stop_ends_the_turn(void **state)
{
	(void)state;
	loop_at(loop, 1, on_timer, (void *)(uintptr_t)"!");
	loop_at(loop, 2, on_timer, (void *)(uintptr_t)"l");
	assert_int_equal(loop_run(loop), 7);
	assert_string_equal(text_string(&said), "!");
	/* Again: what was due is still there. Stopped beforehand: nothing runs. */
	loop_stop(loop, 3);
	assert_int_equal(loop_run(loop), 3);
	assert_string_equal(text_string(&said), "!");
	at(NS_PER_MS, "!");
	loop_run(loop);
	assert_string_equal(text_string(&said), "!l!");
}

static void on_readable_stop_at_once(void *context, uint32_t events)
{
	(void)context;
	(void)events;
	say('r');
	loop_stop(loop, 0);
}

static void test_stop_between_descriptors(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
		assert_int_equal(loop_add_fd(loop, pipes[i][0], EPOLLIN, on_readable_stop_at_once, NULL), 0);
	}
	loop_run(loop);
	assert_string_equal(text_string(&said), "r");
}

static void on_signal(void *context, int signal)
{
	say(*(const char *)context);
	assert_int_equal(signal, SIGUSR1);
	loop_stop(loop, signal);
}

static volatile sig_atomic_t handled_before;

static void handle_before(int signal)
{
	(void)signal;
	handled_before = 1;
}

static void test_signal_waits_for_the_loop(void **state)
{
	char letter = 's';

	(void)state;
	signal(SIGUSR1, handle_before);
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	raise(SIGUSR1);
	assert_int_equal(said.len, 0);
	assert_int_equal(loop_run(loop), SIGUSR1);
	assert_string_equal(text_string(&said), "s");
	/* Once each; and the callback can be replaced. */
	letter = 't';
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(loop), SIGUSR1);
	assert_string_equal(text_string(&said), "st");

	assert_int_equal(handled_before, 0);
	loop_free(loop);
	loop = loop_new();
	raise(SIGUSR1);
	assert_int_equal(handled_before, 1);
	signal(SIGUSR1, SIG_DFL);
	assert_int_equal(loop_on_signal(loop, SIGKILL, on_signal, &letter), -EINVAL);
}

static void on_signal_say(void *context, int signal)
{
	(void)signal;
	say(*(const char *)context);
}

static void test_signal_comes_once(void **state)
{
	char letter = 's';

	(void)state;
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal_say, &letter), 0);
	raise(SIGUSR1);
	/* Some turns more. */
	for (int i = 1; i < 4; i++)
		at(i * NS_PER_MS, ".");
	at(4 * NS_PER_MS, "!");
	loop_run(loop);
	assert_string_equal(text_string(&said), "s...!");
}

/* What a parent had blocked comes through in the loop, and is blocked again afterwards. */
static void test_signal_blocked_before(void **state)
{
	char letter = 's';
	sigset_t set, now;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop_free(loop);
	loop = loop_new();
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(loop), SIGUSR1);
	assert_string_equal(text_string(&said), "s");
	loop_free(loop);
	loop = loop_new();
	sigprocmask(SIG_UNBLOCK, &set, &now);
	assert_true(sigismember(&now, SIGUSR1));
}

static void on_timer_that_raises(void *context)
{
	(void)context;
	say('(');
	raise(SIGUSR1);
	say(')');
}

static void test_signal_never_runs_in_between(void **state)
{
	char letter = 's';

	(void)state;
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	loop_at(loop, 0, on_timer_that_raises, NULL);
	loop_run(loop);
	assert_string_equal(text_string(&said), "()s");
}

/* From outside, while the loop sleeps with nothing else to wake it. */
static void test_signal_wakes(void **state)
{
	char letter = 's';
	pid_t parent = getpid(), child;

	(void)state;
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	child = fork();
	if (child == 0) {
		kill(parent, SIGUSR1);
		_exit(0);
	}
	assert_int_equal(loop_run(loop), SIGUSR1);
	assert_string_equal(text_string(&said), "s");
}

/* Readable for ever, and nobody reads: at the thousandth call it gives up. */
static void never_read(void *context, uint32_t events)
{
	unsigned *count = context;

	(void)events;
	if (*count == 0)
		raise(SIGUSR1);
	if (++*count == 1000)
		loop_stop(loop, -1);
}

static void test_signal_comes_past_what_is_always_ready(void **state)
{
	char letter = 'a';
	unsigned count = 0;

	(void)state;
	assert_int_equal(write(pipes[0][1], &letter, 1), 1);
	assert_int_equal(loop_add_fd(loop, pipes[0][0], EPOLLIN, never_read, &count), 0);
	assert_int_equal(loop_on_signal(loop, SIGUSR1, on_signal, &letter), 0);
	assert_int_equal(loop_run(loop), SIGUSR1);
	assert_in_range(count, 1, 200);
}

static void test_ignored_stays_ignored(void **state)
{
	char letter = 'X';

	(void)state;
	signal(SIGINT, SIG_IGN);
	assert_int_equal(loop_on_signal(loop, SIGINT, on_signal, &letter), 0);
	raise(SIGINT);
	at(NS_PER_MS, "!");
	assert_int_equal(loop_run(loop), 7);
	assert_string_equal(text_string(&said), "!");
	assert_ptr_equal(signal(SIGINT, SIG_DFL), SIG_IGN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_timers_in_order),
		TEST(test_timers_starve_nobody),
		TEST(test_timer_cancels_another_that_is_due),
		TEST(test_removed_in_the_same_turn),
		TEST(test_number_reused_in_the_same_turn),
		TEST(test_watch_is_replaced),
		TEST(test_bad_descriptors),
		TEST(test_stop_ends_the_turn),
		TEST(test_stop_between_descriptors),
		TEST(test_signal_waits_for_the_loop),
		TEST(test_signal_comes_once),
		TEST(test_signal_blocked_before),
		TEST(test_signal_never_runs_in_between),
		TEST(test_signal_comes_past_what_is_always_ready),
		TEST(test_signal_wakes),
		TEST(test_ignored_stays_ignored),
	};

	/* A loop that never wakes is a failure, not a wait for ever. */
	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
