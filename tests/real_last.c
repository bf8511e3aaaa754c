/*
 * The last words of `synfin events`: what ended before its time was up, or before the signal to end came, is told, however short before; and it ends without being
 * waited for.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"

#define HERE "127.0.0.1"
#define ROUNDS 6
#define PAIRS 20
#define MANY 400
#define FOR_NS (200 * NS_PER_MS)
#define PATIENCE_MS 20000

static int listener, diag;

static void start(struct program *p, const char *const args[])
{
	program_start(p, 0, args);
	if (!program_wait(p, program_is_watching, NULL, PATIENCE_MS))
		fail_msg("it printed: %s\n%s", program_output(p), program_errors(p));
}

static void open_pairs(struct sockets_pair *pairs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		pairs[i] = sockets_open_pair(HERE, listener);
}

/* In good order, the client first: it goes to TIME_WAIT, and of the server's end nothing is left. */
static void close_pair(const struct sockets_pair *p)
{
	close(p->client);
	close(p->server);
}

static bool is_told(const struct stream *s, const struct tuple *t, enum tcp_state to)
{
	for (size_t i = 0; i < s->count; i++)
		if (told_is(&s->lines[i], "transition") && s->lines[i].to == to && tuple_equal(&s->lines[i].tuple, t))
			return true;
	return false;
}

static void check_told(struct program *p, const struct sockets_pair *pairs, unsigned count)
{
	struct stream s;

	stream_read(&s, program_output(p));
	assert_int_equal(s.bad_line, 0);
	for (unsigned i = 0; i < count; i++)
		if (!is_told(&s, &pairs[i].t, STATE_TIME_WAIT) || !is_told(&s, &pairs[i].mirrored, STATE_CLOSED))
			fail_msg("pair %u of %u is not told, in %zu lines", i, count, s.count);
	/* And nothing after this. */
	assert_true(told_is(&s.lines[s.count - 1], "coverage"));
	stream_fini(&s);
}

/* Pairs that it had seen, and pairs that nobody had looked at. */
static void test_before_a_signal(void **state)
{
	static const char *const args[] = {"events", "--json", "--no-owners", "--interval", "1h", NULL};
	static const int signals[] = {SIGINT, SIGTERM};

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sockets_pair pairs[2 * PAIRS];
		struct program p;

		open_pairs(pairs, PAIRS);
		start(&p, args);
		open_pairs(pairs + PAIRS, PAIRS);
		for (unsigned k = 0; k < 2 * PAIRS; k++)
			close_pair(&pairs[k]);
		assert_int_equal(program_end(&p, signals[i % 2], PATIENCE_MS), 0);
		check_told(&p, pairs, 2 * PAIRS);
		program_fini(&p);
	}
}

/* The server lets go: what is left of its end makes us look at the client's, which has heard of it. */
static void test_the_other_end_before_a_signal(void **state)
{
	static const char *const args[] = {"events", "--json", "--no-owners", "--interval", "1h", NULL};

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sockets_pair pair = sockets_open_pair(HERE, listener);
		struct program p;
		struct stream s;

		start(&p, args);
		close(pair.server);
		/* Before, it may wait for its FIN to be acknowledged, and nothing has been told. */
		while (sockets_diag_state(diag, &pair.mirrored) != STATE_FIN_WAIT2)
			;
		assert_int_equal(program_end(&p, SIGINT, PATIENCE_MS), 0);
		stream_read(&s, program_output(&p));
		assert_true(is_told(&s, &pair.mirrored, STATE_FIN_WAIT2));
		assert_true(is_told(&s, &pair.t, STATE_CLOSE_WAIT));
		stream_fini(&s);
		program_fini(&p);
		close(pair.client);
	}
}

static int64_t keyframe_ns(struct program *p)
{
	int64_t t_ns = 0;
	struct stream s;

	stream_read(&s, program_output(p));
	for (size_t i = 0; i < s.count && !t_ns; i++)
		if (told_is(&s.lines[i], "keyframe"))
			t_ns = s.lines[i].t_ns;
	stream_fini(&s);
	return t_ns;
}

/* The time runs from the keyframe. What was closed by then is told. */
static void test_before_the_time_is_up(void **state)
{
	static const char *const args[] = {"events", "--json", "--no-owners", "--interval", "1h", "--for", "200ms", NULL};
	static struct sockets_pair pairs[MANY];
	unsigned closed = 0;
	int64_t up_ns;
	struct program p;

	(void)state;
	open_pairs(pairs, MANY);
	start(&p, args);
	up_ns = keyframe_ns(&p) + FOR_NS;
	while (closed < MANY) {
		close_pair(&pairs[closed]);
		if (clock_now_ns() >= up_ns)
			break;
		closed++;
		nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS / 2}, NULL);
	}
	assert_int_equal(program_end(&p, 0, PATIENCE_MS), 0);
	check_told(&p, pairs, closed);
	/* Those that were left, for the next test: nobody looks. */
	for (unsigned i = closed + 1; i < MANY; i++)
		close_pair(&pairs[i]);
	program_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_a_signal),
		cmocka_unit_test(test_the_other_end_before_a_signal),
		cmocka_unit_test(test_before_the_time_is_up),
	};

	sockets_enter_namespace();
	if (!sockets_allow(2 * MANY + 64))
		return 99;
	listener = sockets_listen(HERE, 0, MANY);
	diag = sockets_diag_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
