/* Sockets from /proc/net/tcp and tcp6: see watch/proc_net.h. */
#include "config.h"

#include "watch/proc_net.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* Longer than any line; the kernel gives a page at most in one read. */
#define READ_ROOM 65536
/* include/net/tcp_states.h: a request socket. */
#define KERNEL_NEW_SYN_RECV 12
/* net/ipv4/tcp_ipv4.c, get_tcp4_sock: 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero window probe, as in sock_diag. */
#define TIMER_LAST 4
/* Times in these files are in ticks of USER_HZ, which is 100 wherever there is glibc or musl. */
#define TICK_MS 10u

/* ---- a line ---- */

/* What is still to be read of a line; at is NULL once it turned out to be none. */
struct cursor {
	const char *at;
};

static void skip_spaces(struct cursor *c)
{
	while (c->at && *c->at == ' ')
		c->at++;
}

static void expect(struct cursor *c, char mark)
{
	if (c->at)
		c->at = *c->at == mark ? c->at + 1 : NULL;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : UINT_MAX;
}

/* A number of one digit or more that is at most `most`. */
static uint64_t take_number(struct cursor *c, unsigned base, uint64_t most)
{
	uint64_t number = 0;
	const char *begin = c->at;

	while (c->at && digit_value(*c->at) < base) {
		number = number * base + digit_value(*c->at++);
		if (number > most)
			c->at = NULL;
	}
	if (c->at == begin)
		c->at = NULL;
	return number;
}

/* Eight hexadecimal digits: a word of an address as the host reads it from memory, so that it goes back there as it was. */
static void take_word(struct cursor *c, uint8_t *bytes)
{
	uint32_t word = 0;

	for (int i = 0; c->at && i < 8; i++) {
		unsigned value = digit_value(*c->at);

		word = word << 4 | (value & 15);
		c->at = value < 16 ? c->at + 1 : NULL;
	}
	memcpy(bytes, &word, sizeof(word));
}

static void take_endpoint(struct cursor *c, bool six, struct endpoint *e)
{
	uint8_t address[16] = {0};
	uint16_t port;

	skip_spaces(c);
	for (unsigned at = 0; at < (six ? 16u : 4u); at += 4)
		take_word(c, address + at);
	expect(c, ':');
	port = (uint16_t)take_number(c, 16, UINT16_MAX);
	if (six)
		endpoint_set_v6(e, address, port);
	else
		endpoint_set_v4(e, address, port);
}

static uint8_t take_state(struct cursor *c)
{
	uint64_t state;

	skip_spaces(c);
	state = take_number(c, 16, UINT8_MAX);
	if (state == KERNEL_NEW_SYN_RECV)
		return STATE_SYN_RECV;
	return state < STATE_COUNT ? (uint8_t)state : STATE_NONE;
}

static void take_timer(struct cursor *c, struct sample *s)
{
	uint64_t timer, ticks;

	skip_spaces(c);
	timer = take_number(c, 16, UINT8_MAX);
	expect(c, ':');
	ticks = take_number(c, 16, UINT64_MAX >> 4);
	s->timer = timer <= TIMER_LAST ? (uint8_t)timer : TIMER_NONE;
	if (s->timer != TIMER_NONE)
		s->expires_ms = ticks < UINT32_MAX / TICK_MS ? (uint32_t)ticks * TICK_MS : UINT32_MAX;
}

/* Two counts, of which the second is meant while the timer is that of keepalive or of probes (idiag_retrans in net/ipv4/inet_diag.c). */
static uint8_t retransmits(enum timer timer, uint64_t sent_again, uint64_t probes)
{
	uint64_t count = timer == TIMER_KEEPALIVE || timer == TIMER_PROBE ? probes : sent_again;

	return count < UINT8_MAX ? (uint8_t)count : UINT8_MAX;
}

int proc_net_parse(const char *line, bool six, struct sample *out)
{
	struct cursor c = {line};
	struct sample s = {.tuple.family = six ? AF_INET6 : AF_INET};
	uint64_t sent_again, probes;

	skip_spaces(&c);
	take_number(&c, 10, UINT64_MAX >> 4);
	expect(&c, ':');
	take_endpoint(&c, six, &s.tuple.local);
	take_endpoint(&c, six, &s.tuple.remote);
	s.state = take_state(&c);
	skip_spaces(&c);
	s.wqueue = (uint32_t)take_number(&c, 16, UINT32_MAX);
	expect(&c, ':');
	s.rqueue = (uint32_t)take_number(&c, 16, UINT32_MAX);
	take_timer(&c, &s);
	skip_spaces(&c);
	sent_again = take_number(&c, 16, UINT32_MAX);
	skip_spaces(&c);
	s.uid = (uint32_t)take_number(&c, 10, UINT32_MAX);
	skip_spaces(&c);
	probes = take_number(&c, 10, UINT32_MAX);
	skip_spaces(&c);
	s.inode = (uint32_t)take_number(&c, 10, UINT32_MAX);
	if (!c.at || (*c.at != ' ' && *c.at != '\0') || s.state == STATE_NONE)
		return -EBADMSG;
	s.retransmits = retransmits((enum timer)s.timer, sent_again, probes);
	if (s.state == STATE_LISTEN)
		s.has |= SAMPLE_NO_LIMIT;
	*out = s;
	return 0;
}

/* ---- a file ---- */

struct reading {
	const struct dump_sink *sink;
	struct dump_result *result;
	unsigned states;
	bool six, headed;
	int64_t filled0_ns, filled1_ns; /* when the kernel filled what is read now */
};

static void read_line(struct reading *r, const char *line)
{
	struct sample sample;

	if (!r->headed) {
		r->headed = true;
		return;
	}
	if (proc_net_parse(line, r->six, &sample) < 0) {
		r->result->why_not = SWEEP_TRUNCATED;
		r->result->error = -EBADMSG;
		return;
	}
	if (!(r->states & STATE_BIT(sample.state)))
		return;
	r->result->sockets++;
	r->sink->sample(r->sink->context, &sample, r->filled0_ns, r->filled1_ns);
}

/* Hands on all whole lines; what is left behind them moves to the front. Returns how much that is. */
static size_t read_lines(struct reading *r, char *buffer, size_t len)
{
	char *line = buffer, *end;

	while ((end = memchr(line, '\n', len - (size_t)(line - buffer)))) {
		*end = '\0';
		read_line(r, line);
		line = end + 1;
	}
	len -= (size_t)(line - buffer);
	memmove(buffer, line, len);
	return len;
}

static ssize_t read_some(struct reading *r, int fd, char *buffer, size_t room)
{
	ssize_t n;

	r->filled0_ns = clock_now_ns();
	do
		n = read(fd, buffer, room);
	while (n < 0 && errno == EINTR);
	r->filled1_ns = clock_now_ns();
	return n < 0 ? -errno : n;
}

static void read_file(struct reading *r, int fd, char *buffer)
{
	struct dump_result *result = r->result;
	size_t left = 0;
	ssize_t n;

	while ((n = read_some(r, fd, buffer + left, READ_ROOM - left)) > 0) {
		left = read_lines(r, buffer, left + (size_t)n);
		if (left == READ_ROOM) {
			/* No line of the kernel's is so long. */
			n = -EBADMSG;
			break;
		}
		if (r->sink->between && !r->sink->between(r->sink->context)) {
			result->why_not = SWEEP_STOPPED;
			return;
		}
	}
	if (n < 0) {
		result->why_not = result->sockets > 0 ? SWEEP_TRUNCATED : SWEEP_FAILED;
		result->error = (int32_t)n;
	} else if (left > 0) {
		result->why_not = SWEEP_TRUNCATED;
		result->error = -EBADMSG;
	}
}

static int open_file(const char *directory, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool proc_net_is_there(const char *directory)
{
	int fd = open_file(directory, "tcp");

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

struct dump_result proc_net_dump(const char *directory, unsigned states, const struct dump_sink *sink)
{
	static const char *const names[] = {"tcp", "tcp6"};
	struct dump_result result = {0};
	char *buffer = memory_get(READ_ROOM);

	for (int i = 0; i < 2 && result.why_not != SWEEP_STOPPED && result.why_not != SWEEP_FAILED; i++) {
		struct reading r = {.sink = sink, .result = &result, .states = states, .six = i == 1};
		int fd = open_file(directory, names[i]);

		if (fd == -ENOENT && r.six)
			break;
		if (fd < 0) {
			result.why_not = result.sockets > 0 ? SWEEP_TRUNCATED : SWEEP_FAILED;
			result.error = fd;
			break;
		}
		read_file(&r, fd, buffer);
		close(fd);
	}
	free(buffer);
	return result;
}
