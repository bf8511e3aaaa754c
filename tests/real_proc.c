/*
 * A host that has no sock_diag for us (a seccomp filter refuses its sockets): synfin reads /proc/net/tcp instead, and says so.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "no_diag.h"
#include "program.h"
#include "sockets.h"
#include "stream.h"

#define HELD 200
#define PATIENCE_MS 20000

struct refusal {
	int error;
	const char *const *args;
};

static void run_refused(void *context)
{
	const struct refusal *r = context;

	if (no_diag(r->error))
		_exit(99);
	program_exec(r->args);
}

static void run_list(struct stream *stream, struct program *p, int refuse)
{
	static const char *const args[] = {"list", "--json", NULL};
	struct refusal r = {refuse, args};

	if (refuse)
		program_start_by(p, run_refused, &r);
	else
		program_start(p, 0, args);
	assert_int_equal(program_end(p, 0, PATIENCE_MS), 0);
	stream_read(stream, program_output(p));
	assert_string_equal(stream->bad_why, "");
}

static const struct told *same_ends(const struct stream *s, const struct told *t)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->lines[i].has_tuple && tuple_equal(&s->lines[i].tuple, &t->tuple))
			return &s->lines[i];
	return NULL;
}

static void compare_member(const struct told *a, const struct told *b, const char *name)
{
	const json_t *x = json_object_get(a->object, name), *y = json_object_get(b->object, name);

	if ((x || y) && !json_equal(x, y))
		fail_msg("%s differs: %s / %s", name, json_dumps(a->object, 0), json_dumps(b->object, 0));
}

/* What both sources know they know alike: states, ends, queues, inodes and who holds them. */
static void compare_lists(int error)
{
	static const char *const names[] = {"state", "inode", "uid", "pid", "fd", "comm", "rqueue", "timer"};
	struct stream by_diag, by_proc;
	struct program diag, proc;

	run_list(&by_diag, &diag, 0);
	run_list(&by_proc, &proc, error);
	assert_non_null(strstr(program_errors(&proc), "/proc/net/tcp"));
	assert_string_equal(program_errors(&diag), "");
	assert_true(by_diag.count > HELD);
	assert_int_equal(by_diag.count, by_proc.count);
	for (size_t i = 0; i < by_proc.count; i++) {
		const struct told *t = &by_proc.lines[i], *other = same_ends(&by_diag, t);

		assert_non_null(other);
		for (size_t n = 0; n < sizeof names / sizeof *names; n++)
			compare_member(t, other, names[n]);
		if (t->to != STATE_LISTEN)
			compare_member(t, other, "wqueue");
		else
			assert_null(json_object_get(t->object, "wqueue"));
		assert_null(json_object_get(t->object, "cookie"));
	}
	stream_fini(&by_diag);
	stream_fini(&by_proc);
	program_fini(&diag);
	program_fini(&proc);
}

/* Until every FIN is acknowledged, which a kernel may put off for a moment. */
static void await_stillness(void)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_MS * NS_PER_MS;
	int diag = sockets_diag_open();
	unsigned passing;

	do {
		struct sockets_seen *seen;
		size_t count;

		assert_true(clock_now_ns() < deadline_ns);
		passing = 0;
		seen = sockets_diag_dump(diag, &count);
		for (size_t i = 0; i < count; i++)
			passing += state_is_passing((enum tcp_state)seen[i].state);
		free(seen);
	} while (passing > 0);
	close(diag);
}

static void test_list_is_the_same(void **state)
{
	int listener = sockets_listen("127.0.0.1", 0, HELD), listener6 = sockets_listen("::1", 0, HELD), fd;

	(void)state;
	for (unsigned i = 0; i < HELD; i++) {
		fd = i % 2 ? sockets_connect("::1", sockets_port(listener6)) : sockets_connect("127.0.0.1", sockets_port(listener));
		if (i % 3 == 0)
			assert_int_equal(send(fd, "unread", 6, 0), 6);
		if (i % 4 == 0)
			sockets_accept(listener);
		if (i % 7 == 0)
			shutdown(fd, SHUT_WR);
	}
	await_stillness();
	compare_lists(EPERM);
	compare_lists(EPROTONOSUPPORT);
	compare_lists(EACCES);
}

static bool has_line(const char *output, void *context)
{
	const char *const *words = context;

	for (const char *line = output; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *end = strchrnul(line, '\n'), *first = strstr(line, words[0]), *second = strstr(line, words[1]);

		if (first && second && first < end && second < end)
			return true;
	}
	return false;
}

static void await(struct program *p, const char *kind, const char *word)
{
	const char *words[] = {kind, word};

	if (!program_wait(p, has_line, words, PATIENCE_MS))
		fail_msg("no %s with %s in: %s%s", kind, word, program_output(p), program_errors(p));
}

static bool names_source(const struct told *t, const char *member, const char *word)
{
	const json_t *sources = json_object_get(t->object, member);

	for (size_t i = 0; i < json_array_size(sources); i++)
		if (strcmp(json_string_value(json_array_get(sources, i)), word) == 0)
			return true;
	return false;
}

static void test_opens_and_closes_are_seen(void **state)
{
	static const char *const args[] = {"events", "--json", "--interval", "50ms", "--budget", "100%", NULL};
	struct refusal r = {EPERM, args};
	int listener = sockets_listen("127.0.0.1", 0, 8), client, server;
	char local[40], remote[40];
	struct program p;
	struct stream s;

	(void)state;
	program_start_by(&p, run_refused, &r);
	assert_true(program_wait(&p, program_is_watching, NULL, PATIENCE_MS));
	client = sockets_connect("127.0.0.1", sockets_port(listener));
	server = sockets_accept(listener);
	snprintf(local, sizeof local, "\"local\":\"127.0.0.1:%u\"", sockets_port(client));
	snprintf(remote, sizeof remote, "\"remote\":\"127.0.0.1:%u\"", sockets_port(client));
	await(&p, "\"to\":\"ESTABLISHED\"", local);
	close(client);
	await(&p, "\"to\":\"FIN_WAIT2\"", local);
	close(server);
	await(&p, "\"to\":\"TIME_WAIT\"", local);
	await(&p, "\"ev\":\"close\"", remote);
	assert_int_equal(program_end(&p, SIGTERM, PATIENCE_MS), 0);
	stream_read(&s, program_output(&p));
	assert_string_equal(s.bad_why, "");
	assert_true(told_is(&s.lines[0], "header"));
	assert_true(names_source(&s.lines[0], "sources", "proc"));
	assert_false(names_source(&s.lines[0], "sources", "diag"));
	for (size_t i = 0; i < s.count; i++)
		assert_null(json_object_get(s.lines[i].object, "cookie"));
	assert_true(told_is(&s.lines[s.count - 1], "coverage"));
	assert_string_equal(json_string_value(json_object_get(s.lines[s.count - 1].object, "swept_by")), "proc");
	stream_fini(&s);
	program_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_is_the_same),
		cmocka_unit_test(test_opens_and_closes_are_seen),
	};

	sockets_enter_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
