/* Lines on their way to a descriptor: see out/output.h. */
#include "config.h"

#include "out/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* Linux's Documentation/admin-guide/devices.txt. */
#define MEMORY_DEVICES 1

void output_init(struct output *o, int fd)
{
	struct stat st;

	*o = (struct output){ .fd = fd };
	/* Nor does /dev/null. */
	o->regular = !fstat(fd, &st) && (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && major(st.st_rdev) == MEMORY_DEVICES));
}

void output_fini(struct output *o)
{
	text_fini(&o->text);
}

size_t output_waiting(const struct output *o)
{
	return o->text.len - o->sent;
}

/* Writes one piece. POLLOUT on a pipe promises room for PIPE_BUF bytes and no more. Returns 0 or -errno. */
static int write_piece(struct output *o)
{
	size_t len = output_waiting(o);
	ssize_t written;

	if (!o->regular && len > PIPE_BUF)
		len = PIPE_BUF;
	written = write(o->fd, o->text.bytes + o->sent, len);
	if (written >= 0)
		o->sent += (size_t)written;
	else if (errno != EINTR && errno != EAGAIN)
		o->error = -errno;
	return o->error;
}

/* As poll(2): more than 0 if a write would not wait. An error counts, for write() will tell which. */
static int poll_writable(const struct output *o, int wait_ms)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	return o->regular ? 1 : poll(&p, 1, wait_ms);
}

/* What was sent goes away, so that a reader who never quite catches up does not make it grow. */
static void forget_sent(struct output *o)
{
	if (o->error || !output_waiting(o)) {
		text_clear(&o->text);
		o->sent = 0;
	} else if (o->sent >= OUTPUT_ENOUGH) {
		o->text.len -= o->sent;
		memmove(o->text.bytes, o->text.bytes + o->sent, o->text.len + 1);
		o->sent = 0;
	}
}

int output_try(struct output *o)
{
	if (o->ascii)
		text_make_ascii(&o->text, o->seen);
	while (!o->error && output_waiting(o) && poll_writable(o, 0) > 0)
		write_piece(o);
	forget_sent(o);
	o->seen = o->text.len;
	return o->error;
}

/* Where poll() is refused: write() may wait for longer, but it goes on. */
static void write_unasked(struct output *o)
{
	static const struct timespec pause = { .tv_nsec = 20000000 };
	const size_t before = o->sent;

	write_piece(o);
	if (o->sent == before && !o->error)
		nanosleep(&pause, NULL);
}

int output_flush(struct output *o, int patience_ms)
{
	while (!output_try(o) && output_waiting(o)) {
		const int ready = poll_writable(o, patience_ms);

		if (ready == 0)
			o->error = -ETIMEDOUT;
		else if (ready < 0 && errno != EINTR && patience_ms >= 0)
			o->error = -errno;
		else if (ready < 0 && errno != EINTR)
			write_unasked(o);
	}
	return o->error;
}
