/* Output to a pipe that is slow, full or gone, and to a device that is full: never a wait where none is wanted, never a byte lost or twice. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/message.h"
#include "out/output.h"

#define LINES 200000

static void add_lines(struct output *o, unsigned from, unsigned to)
{
	for (; from < to; from++)
		text_addf(&o->text, "%07u\n", from);
}

static void a_slow_reader_gets_every_line_once(void **state)
{
	struct output o;
	unsigned added = 0, read_lines = 0;
	int fds[2];
	char line[9] = "", expected[16];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	output_init(&o, fds[1]);
	while (read_lines < LINES) {
		if (added < LINES) {
			unsigned more = added + 1000 < LINES ? added + 1000 : LINES;

			add_lines(&o, added, more);
			added = more;
		}
		assert_int_equal(output_try(&o), 0);
		if (added == LINES && !output_waiting(&o))
			assert_true(added > read_lines);
		/* Slower than it is written: the buffer grows, and is forgotten from its front. */
		for (unsigned i = 0; i < 500 && read_lines < added; i++, read_lines++) {
			assert_int_equal(read(fds[0], line, 8), 8);
			snprintf(expected, sizeof expected, "%07u\n", read_lines);
			assert_string_equal(line, expected);
		}
	}
	assert_int_equal(output_waiting(&o), 0);
	output_fini(&o);
	close(fds[0]);
	close(fds[1]);
}

/* Whatever is written when, no byte of it is beyond ASCII. */
static void ascii_comes_out_of_it_however_slowly(void **state)
{
	static char got[300000];
	struct output o;
	size_t len = 0;
	ssize_t more;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	output_init(&o, fds[1]);
	o.ascii = true;
	for (unsigned i = 0; i < 20000; i++) {
		text_add(&o.text, "한글: é\n");
		if (i % 1000 == 0)
			assert_int_equal(output_try(&o), 0);
		if (i % 5000 == 0)
			len += (size_t)read(fds[0], got + len, sizeof(got) - len);
	}
	while (!output_try(&o) && output_waiting(&o))
		len += (size_t)read(fds[0], got + len, sizeof(got) - len);
	close(fds[1]);
	while ((more = read(fds[0], got + len, sizeof(got) - len)) > 0)
		len += (size_t)more;
	for (size_t at = 0; at < len; at += 8)
		assert_memory_equal(got + at, "????: ?\n", 8);
	assert_int_equal(len, 20000 * 8);
	output_fini(&o);
	close(fds[0]);
}

/* With no descriptors allowed poll() refuses to look at one. */
static void who_cannot_be_asked_is_written_to(void **state)
{
	struct rlimit before, none;
	struct output o;
	char line[9] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	output_init(&o, fds[1]);
	add_lines(&o, 0, 2000);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	alarm(10); /* lest it ask for ever */
	assert_int_equal(output_flush(&o, -1), 0);
	alarm(0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(output_waiting(&o), 0);
	assert_int_equal(read(fds[0], line, 8), 8);
	assert_string_equal(line, "0000000\n");
	output_fini(&o);
	close(fds[0]);
	close(fds[1]);
}

static void a_reader_that_does_not_read_is_not_waited_for(void **state)
{
	struct output o;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	output_init(&o, fds[1]);
	add_lines(&o, 0, LINES);
	assert_int_equal(output_try(&o), 0);
	assert_true(output_waiting(&o) > 0);
	assert_int_equal(output_flush(&o, 1), -ETIMEDOUT);
	assert_int_equal(output_waiting(&o), 0);
	output_fini(&o);
	close(fds[0]);
	close(fds[1]);
}

static void a_reader_that_is_gone_is_told(void **state)
{
	struct output o;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	output_init(&o, fds[1]);
	assert_int_equal(output_try(&o), 0);
	add_lines(&o, 0, 1);
	assert_int_equal(output_try(&o), -EPIPE);
	/* For good, and without growing. */
	add_lines(&o, 0, 1);
	assert_int_equal(output_flush(&o, -1), -EPIPE);
	assert_int_equal(output_waiting(&o), 0);
	output_fini(&o);
	close(fds[1]);
}

static void a_full_device_is_told(void **state)
{
	struct output o;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	output_init(&o, fd);
	add_lines(&o, 0, 1);
	assert_int_equal(output_flush(&o, -1), -ENOSPC);
	output_fini(&o);
	close(fd);
}

static void a_descriptor_that_cannot_be_written_is_told(void **state)
{
	struct output o;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	output_init(&o, fd);
	add_lines(&o, 0, 1);
	assert_int_equal(output_try(&o), -EBADF);
	output_fini(&o);
	close(fd);
	output_init(&o, fd);
	add_lines(&o, 0, 1);
	assert_int_equal(output_try(&o), -EBADF);
	output_fini(&o);
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_reader_gets_every_line_once),
		cmocka_unit_test(ascii_comes_out_of_it_however_slowly),
		cmocka_unit_test(who_cannot_be_asked_is_written_to),
		cmocka_unit_test(a_reader_that_does_not_read_is_not_waited_for),
		cmocka_unit_test(a_reader_that_is_gone_is_told),
		cmocka_unit_test(a_full_device_is_told),
		cmocka_unit_test(a_descriptor_that_cannot_be_written_is_told),
	};
	message_init("en", NULL); /* how wide characters are */
	return cmocka_run_group_tests_name("out/output", tests, set_up, NULL);
}
