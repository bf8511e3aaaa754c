#include "config.h"

#include "witness.h"

#include <fnmatch.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "program.h"
#include "tcp/edge.h"

#define PATIENCE_NS (30 * NS_PER_SECOND)
#define EXPECTED_MAX 200

struct expected {
	struct tuple tuple;
	unsigned life;
	const char *pattern; /* NULL: any life of this tuple, whatever is told of it */
};

static struct program synfin;
static struct stream stream;
static size_t stream_len; /* of the text it was read from */
static struct expected expected[EXPECTED_MAX];
static unsigned expected_count;

static int start_as(uid_t uid)
{
	static const char *const args[] = {"events", "--json", "--interval", "100ms", "--budget", "20%", NULL};

	program_start(&synfin, uid, args);
	if (program_wait(&synfin, program_is_watching, NULL, 20000))
		return 0;
	fprintf(stderr, "no keyframe; it printed: %s\n%s", program_output(&synfin), program_errors(&synfin));
	return -1;
}

int witness_start(void **state)
{
	(void)state;
	return start_as(65534);
}

int witness_start_as_self(void **state)
{
	(void)state;
	return start_as(0);
}

int witness_stop(void **state)
{
	(void)state;
	stream_fini(&stream);
	program_fini(&synfin);
	return 0;
}

const struct stream *witness_stream(void)
{
	const char *text = program_output(&synfin);
	size_t len = strlen(text);

	if (len == stream_len)
		return &stream;
	stream_fini(&stream);
	stream_read(&stream, text);
	stream_len = len;
	assert_string_equal(stream.bad_why, "");
	return &stream;
}

/* ---- one connection ---- */

/* Its number; 0: there is none. */
static uint64_t conn_of(const struct tuple *t, unsigned life)
{
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if ((told_is(line, "open") || told_is(line, "connection")) && tuple_equal(&line->tuple, t) && life-- == 0)
			return line->conn;
	}
	return 0;
}

static uint64_t newest_conn(const struct tuple *t)
{
	uint64_t conn = 0;

	for (unsigned life = 0; conn_of(t, life); life++)
		conn = conn_of(t, life);
	return conn;
}

static const char *word_of(const struct told *line, const char *key)
{
	const char *word = json_string_value(json_object_get(line->object, key));

	return word ? word : "-";
}

static void add_number(struct text *tale, const struct told *line, const char *key)
{
	const json_t *number = json_object_get(line->object, key);

	if (number)
		text_addf(tale, " %s=%lld", key, (long long)json_integer_value(number));
}

static void add_line(struct text *tale, const struct told *line)
{
	if (told_is(line, "open") || told_is(line, "transition")) {
		text_addf(tale, "%s>%s %s", state_name(line->from), state_name(line->to), line->certainty);
		if (json_object_get(line->object, "edge"))
			text_addf(tale, " by %s", word_of(line, "edge"));
		add_number(tale, line, "seq");
		add_number(tale, line, "ack");
		text_add_char(tale, '\n');
	} else if (told_is(line, "close")) {
		text_addf(tale, "close %s %s\n", line->cause ? line->cause : "-", line->certainty);
	} else if (told_is(line, "mark")) {
		text_addf(tale, "mark %s\n", word_of(line, "mark"));
	} else if (told_is(line, "connection")) {
		text_addf(tale, "there %s\n", state_name(line->to));
	} else if (line->cause) {
		text_addf(tale, "cause %s\n", line->cause);
	}
}

/* Valid until the next call. */
static const char *tale_of(uint64_t conn)
{
	static struct text tale;
	const char *opener = "-", *opener_by = "-", *closer = "-", *closer_by = "-";

	text_clear(&tale);
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if (!conn || line->conn != conn)
			continue;
		add_line(&tale, line);
		if (line->opener) {
			opener = line->opener;
			opener_by = word_of(line, "opener_by");
		}
		if (line->closer) {
			closer = line->closer;
			closer_by = word_of(line, "closer_by");
		}
	}
	text_addf(&tale, "by %s:%s %s:%s\n", opener, opener_by, closer, closer_by);
	return text_string(&tale);
}

/* ---- waiting ---- */

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
}

_Noreturn static void fail_tuple(const struct tuple *t, const char *what)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(t, local);
	tuple_format_remote(t, remote);
	for (unsigned life = 0; conn_of(t, life); life++)
		print_message("# conn %ju:\n%s", (uintmax_t)conn_of(t, life), tale_of(conn_of(t, life)));
	fail_msg("%s %s: %s", local, remote, what);
	abort();
}

static bool is_in(uint64_t conn, enum tcp_state state)
{
	enum tcp_state now = STATE_NONE;
	bool closed = false;

	for (size_t i = 0; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if (!conn || line->conn != conn)
			continue;
		closed = closed || told_is(line, "close");
		if (told_is(line, "open") || told_is(line, "transition") || told_is(line, "connection"))
			now = line->to;
	}
	return state == STATE_CLOSED ? closed : !closed && now == state;
}

bool witness_is_in(const struct tuple *t, enum tcp_state state)
{
	witness_stream();
	return is_in(newest_conn(t), state);
}

void witness_await(const struct tuple *t, enum tcp_state state)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	for (;;) {
		if (witness_is_in(t, state))
			return;
		if (clock_now_ns() > deadline_ns)
			fail_tuple(t, state_name(state));
		rest();
	}
}

void witness_await_life(const struct tuple *t, unsigned life)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	for (;;) {
		witness_stream();
		if (conn_of(t, life))
			return;
		if (clock_now_ns() > deadline_ns)
			fail_tuple(t, "no new connection is told");
		rest();
	}
}

static bool has_key(const struct tuple *t, const char *key, const char *word)
{
	uint64_t conn = newest_conn(t);

	for (size_t i = 0; i < stream.count; i++) {
		const json_t *value = conn && stream.lines[i].conn == conn ? json_object_get(stream.lines[i].object, key) : NULL;

		if (value && (!word || (json_is_string(value) && strcmp(json_string_value(value), word) == 0)))
			return true;
	}
	return false;
}

void witness_await_key(const struct tuple *t, const char *key, const char *word)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	while (witness_stream(), !has_key(t, key, word)) {
		if (clock_now_ns() > deadline_ns)
			fail_tuple(t, word ? word : key);
		rest();
	}
}

static bool is_held_by(const struct told *line, pid_t pid)
{
	const json_t *holders = json_object_get(line->object, "holders");
	size_t i;
	json_t *one;

	json_array_foreach(holders, i, one)
		if (json_integer_value(json_object_get(one, "pid")) == pid)
			return true;
	return json_integer_value(json_object_get(line->object, "pid")) == pid;
}

void witness_await_holders(const struct tuple *t, pid_t one, pid_t other, bool former)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	for (;;) {
		uint64_t conn;

		witness_stream();
		conn = newest_conn(t);
		for (size_t i = 0; i < stream.count; i++) {
			const struct told *line = &stream.lines[i];
			size_t count = json_array_size(json_object_get(line->object, "holders"));

			if (conn && line->conn == conn && is_held_by(line, one) && (other ? is_held_by(line, other) && count == 2 : count == 0) &&
			    (json_object_get(line->object, "former") != NULL) == former)
				return;
		}
		if (clock_now_ns() > deadline_ns)
			fail_tuple(t, "its holders are others");
		rest();
	}
}

void witness_await_number(const struct tuple *t, const char *key, int64_t number)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	for (;;) {
		uint64_t conn;

		witness_stream();
		conn = newest_conn(t);
		for (size_t i = 0; i < stream.count; i++) {
			const json_t *value = conn && stream.lines[i].conn == conn ? json_object_get(stream.lines[i].object, key) : NULL;

			if (value && json_integer_value(value) == number)
				return;
		}
		if (clock_now_ns() > deadline_ns)
			fail_tuple(t, key);
		rest();
	}
}

bool witness_lacks(const struct tuple *t, const char *key)
{
	witness_stream();
	return newest_conn(t) && !has_key(t, key, NULL);
}

unsigned witness_count(const struct tuple *t, const char *ev)
{
	unsigned count = 0;
	uint64_t conn;

	witness_stream();
	conn = newest_conn(t);
	for (size_t i = 0; i < stream.count; i++)
		count += conn && stream.lines[i].conn == conn && told_is(&stream.lines[i], ev);
	return count;
}

unsigned witness_lives(const struct tuple *t)
{
	unsigned lives = 0;

	witness_stream();
	while (conn_of(t, lives))
		lives++;
	return lives;
}

const char *witness_word(const struct tuple *t, const char *key)
{
	uint64_t conn;

	witness_stream();
	conn = newest_conn(t);
	for (size_t i = stream.count; i-- > 0;)
		if (conn && stream.lines[i].conn == conn && json_object_get(stream.lines[i].object, key))
			return json_string_value(json_object_get(stream.lines[i].object, key));
	return NULL;
}

unsigned witness_cookies(const struct tuple *t)
{
	const char *seen[8];
	unsigned count = 0;
	uint64_t conn;

	witness_stream();
	conn = newest_conn(t);
	for (size_t i = 0; i < stream.count; i++) {
		const char *cookie = word_of(&stream.lines[i], "cookie");
		bool known = !conn || stream.lines[i].conn != conn;

		for (unsigned j = 0; j < count; j++)
			known = known || strcmp(seen[j], cookie) == 0;
		if (!known && count < 8)
			seen[count++] = cookie;
	}
	return count;
}

uint64_t witness_coverage(const char *key)
{
	witness_stream();
	for (size_t i = stream.count; i-- > 0;)
		if (told_is(&stream.lines[i], "coverage"))
			return (uint64_t)json_integer_value(json_object_get(stream.lines[i].object, key));
	return 0;
}

void witness_await_coverage(const char *key, uint64_t count)
{
	int64_t deadline_ns = clock_now_ns() + PATIENCE_NS;

	while (witness_coverage(key) < count) {
		if (clock_now_ns() > deadline_ns)
			fail_msg("%s: %ju, and not %ju", key, (uintmax_t)witness_coverage(key), (uintmax_t)count);
		rest();
	}
}

void witness_pause(void)
{
	assert_int_equal(kill(synfin.pid, SIGSTOP), 0);
	assert_int_equal(waitpid(synfin.pid, NULL, WUNTRACED), synfin.pid);
}

void witness_resume(void)
{
	assert_int_equal(kill(synfin.pid, SIGCONT), 0);
}

/* ---- what is expected ---- */

static bool is_as_expected(const struct expected *e)
{
	uint64_t conn = conn_of(&e->tuple, e->life);

	return conn && fnmatch(e->pattern, tale_of(conn), FNM_EXTMATCH) == 0;
}

static void check_tale(const struct expected *e)
{
	if (!e->pattern || is_as_expected(e))
		return;
	print_message("# expected:\n%s", e->pattern);
	fail_tuple(&e->tuple, "the tale is another");
}

static void expect(const struct expected *e)
{
	for (unsigned i = 0; i < expected_count; i++)
		if (expected[i].life == e->life && expected[i].pattern && e->pattern && tuple_equal(&expected[i].tuple, &e->tuple)) {
			expected[i] = *e;
			return;
		}
	assert_true(expected_count < EXPECTED_MAX);
	expected[expected_count++] = *e;
}

void witness_expect(const struct tuple *t, unsigned life, const char *pattern)
{
	struct expected e = {*t, life, pattern};

	witness_stream();
	expect(&e);
	check_tale(&e);
}

void witness_know(const struct tuple *t)
{
	struct expected e = {.tuple = *t};

	expect(&e);
}

void witness_know_listener(int fd)
{
	struct tuple t = sockets_tuple(fd);

	if (t.family == AF_INET)
		endpoint_set_v4(&t.remote, &(struct in_addr){0}, 0);
	witness_know(&t);
	witness_await(&t, STATE_LISTEN);
}

static bool is_known(const struct told *line)
{
	for (unsigned i = 0; i < expected_count; i++) {
		const struct expected *e = &expected[i];

		if (tuple_equal(&e->tuple, &line->tuple) && (!e->pattern || conn_of(&e->tuple, e->life) == line->conn))
			return true;
	}
	return false;
}

/* ---- the whole stream ---- */

static void check_life(const struct told *first, size_t index)
{
	enum tcp_state state = first->to;
	bool closed = false;

	for (size_t i = index + 1; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if (line->conn != first->conn)
			continue;
		if (told_is(line, "open"))
			fail_tuple(&first->tuple, "opened twice");
		if (closed && !told_is(line, "update"))
			fail_tuple(&first->tuple, "something is told after the close");
		closed = closed || told_is(line, "close");
		if (!told_is(line, "transition"))
			continue;
		if (line->from != state || !edge_find(line->from, line->to))
			fail_tuple(&first->tuple, "an edge that is not legal, or does not go on from the one before");
		if (!tuple_equal(&line->tuple, &first->tuple))
			fail_tuple(&first->tuple, "its ends change");
		state = line->to;
	}
	if (closed && state != STATE_CLOSED)
		fail_tuple(&first->tuple, "closed without the edge to CLOSED");
}

/* Only a full sweep lists a connection that stays established: one for each that is opened after the one before it is told, but the first may be under way. */
void witness_await_sweeps(unsigned count)
{
	int listener = sockets_listen("127.0.0.99", 0, 5);

	witness_know_listener(listener);
	for (unsigned i = 0; i <= count; i++) {
		int client = sockets_connect("127.0.0.99", sockets_port(listener));
		struct tuple t = sockets_tuple(client), mirrored = tuple_mirrored(&t);

		witness_know(&t);
		witness_know(&mirrored);
		witness_await(&t, STATE_ESTABLISHED);
	}
}

void witness_check_all(void **state)
{
	static const char *const losses[] = {"sweeps_not_whole", "notices_lost", "late_notices", "lookups_dropped", "illegal"};

	(void)state;
	assert_int_equal(program_end(&synfin, SIGTERM, 20000), 0);
	assert_string_equal(program_errors(&synfin), "");
	witness_stream();
	for (unsigned i = 0; i < expected_count; i++)
		check_tale(&expected[i]);
	for (size_t i = 0; i < stream.count; i++) {
		const struct told *line = &stream.lines[i];

		if (!told_is(line, "open") && !told_is(line, "connection"))
			continue;
		if (!is_known(line))
			fail_tuple(&line->tuple, "nobody made this connection");
		check_life(line, i);
	}
	for (unsigned i = 0; i < sizeof losses / sizeof *losses; i++)
		if (witness_coverage(losses[i]))
			fail_msg("%s: %ju", losses[i], (uintmax_t)witness_coverage(losses[i]));
}
