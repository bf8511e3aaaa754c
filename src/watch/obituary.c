/* Destroy notices: see watch/obituary.h. */
#include "config.h"

#include "watch/obituary.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "watch/parse.h"

/* A notice has some 450 bytes; each comes in a datagram of its own. */
#define LETTER_ROOM 2048
#define LETTERS 64
#define ROUNDS_MAX 64

struct obituary_letters {
	struct mmsghdr headers[LETTERS];
	struct iovec parts[LETTERS];
	struct sockaddr_nl from[LETTERS];
	_Alignas(NLMSG_ALIGNTO) char bytes[LETTERS][LETTER_ROOM];
};

void obituary_init(struct obituary *o, int fd, int buffer_bytes, struct outlet *out)
{
	*o = (struct obituary){
		.port = {.fd = fd, .own = fd < 0},
		.buffer_bytes = buffer_bytes,
		.letters = memory_get_zeroed(1, sizeof(*o->letters)),
		.out = out,
	};
	pthread_mutex_init(&o->lock, NULL);
	/* Whoever opened it joined the groups; nobody may want to listen now. */
	if (fd >= 0)
		netlink_listen_to_ends(fd, false);
	for (unsigned i = 0; i < LETTERS; i++) {
		struct obituary_letters *l = o->letters;

		l->parts[i] = (struct iovec){.iov_base = l->bytes[i], .iov_len = LETTER_ROOM};
		l->headers[i].msg_hdr.msg_iov = &l->parts[i];
		l->headers[i].msg_hdr.msg_iovlen = 1;
		l->headers[i].msg_hdr.msg_name = &l->from[i];
	}
}

void obituary_fini(struct obituary *o)
{
	netlink_port_fini(&o->port);
	pthread_mutex_destroy(&o->lock);
	free(o->letters);
	o->letters = NULL;
}

int obituary_fd(const struct obituary *o)
{
	return o->listening ? o->port.fd : -1;
}

/* A glance from the other thread may have been later than what this one knows. */
static void obituary_note_empty(struct obituary *o, int64_t when_ns)
{
	long long known_ns = atomic_load(&o->empty_ns);

	while (known_ns < when_ns && !atomic_compare_exchange_weak(&o->empty_ns, &known_ns, when_ns))
		;
}

/* ---- telling; what there is no room for is told at the next turn ---- */

static void obituary_tell_trouble(struct obituary *o, int64_t now_ns)
{
	struct observation *seen;

	if (o->error == o->told_error)
		return;
	seen = outlet_add(o->out, OBSERVED_TROUBLE, now_ns, now_ns);
	if (!seen)
		return;
	seen->trouble.source = SOURCE_OBITUARY;
	seen->trouble.error = o->error;
	o->told_error = o->error;
}

static void obituary_tell_loss(struct obituary *o, int64_t since_ns, int64_t now_ns)
{
	struct observation *seen;

	if (o->lost_untold == 0)
		return;
	seen = outlet_add(o->out, OBSERVED_LOSS, since_ns, now_ns);
	if (!seen)
		return;
	seen->loss.lost = o->lost_untold;
	o->lost_untold = 0;
}

/* When ends that waited together died is not known, only in which order: so which of a tuple was the last, only when all are told. */
static void obituary_tell_heard(struct obituary *o, int64_t empty_ns, int64_t now_ns)
{
	if (o->unheard && outlet_add(o->out, OBSERVED_HEARD, empty_ns, now_ns))
		o->unheard = false;
}

/* ---- listening ---- */

static int obituary_join(struct obituary *o)
{
	int error;

	/* Also throws away what came before anybody wanted it: when that was, cannot be said any more. */
	error = netlink_port_renew(&o->port);
	if (error < 0)
		return error;
	netlink_grow_buffer(o->port.fd, o->buffer_bytes);
	return netlink_listen_to_ends(o->port.fd, true);
}

static void obituary_leave(struct obituary *o)
{
	o->listening = false;
	if (o->port.own)
		netlink_port_fini(&o->port);
	else
		netlink_listen_to_ends(o->port.fd, false);
}

void obituary_listen(struct obituary *o, bool listen)
{
	if (listen == o->listening)
		return;
	pthread_mutex_lock(&o->lock);
	if (listen) {
		o->error = obituary_join(o);
		o->listening = o->error == 0;
		o->empty_ns = clock_now_ns();
	} else {
		obituary_leave(o);
	}
	pthread_mutex_unlock(&o->lock);
	if (!listen)
		return;
	o->overrun = false;
	if (!o->listening || netlink_drops(o->port.fd, &o->drops) < 0)
		o->drops = 0;
	obituary_tell_trouble(o, o->empty_ns);
}

/* ---- receiving ---- */

static void obituary_read(struct obituary *o, unsigned i, int64_t since_ns, int64_t now_ns)
{
	const struct obituary_letters *l = o->letters;
	const struct nlmsghdr *head = (const void *)l->bytes[i];
	int left = (int)l->headers[i].msg_len;

	if (l->from[i].nl_pid != 0)
		return;
	if (l->headers[i].msg_hdr.msg_flags & MSG_TRUNC) {
		o->lost_untold++;
		return;
	}
	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left)) {
		struct observation *seen;
		struct sample sample;

		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			continue;
		if (parse_sample(mnl_nlmsg_get_payload(head), mnl_nlmsg_get_payload_len(head), &sample) < 0) {
			o->lost_untold++;
			continue;
		}
		seen = outlet_add(o->out, OBSERVED_END, since_ns, now_ns);
		if (!seen) {
			o->lost_untold++;
			continue;
		}
		sample.state = STATE_CLOSED;
		seen->sample = sample;
	}
}

/* How many datagrams came, or -errno. */
static int obituary_receive(struct obituary *o)
{
	struct obituary_letters *l = o->letters;
	int n;

	for (unsigned i = 0; i < LETTERS; i++)
		l->headers[i].msg_hdr.msg_namelen = sizeof(l->from[i]);
	do
		n = recvmmsg(o->port.fd, l->headers, LETTERS, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void obituary_count_drops(struct obituary *o)
{
	uint32_t drops;

	/* Without the count: one is certain. */
	if (netlink_drops(o->port.fd, &drops) < 0)
		drops = o->drops + 1;
	o->lost_untold += drops - o->drops;
	o->drops = drops;
}

/* The socket does not work: own ones are opened again by the next obituary_listen. */
static void obituary_fail(struct obituary *o, int error)
{
	pthread_mutex_lock(&o->lock);
	o->error = error;
	o->listening = false;
	if (o->port.own)
		netlink_port_fini(&o->port);
	pthread_mutex_unlock(&o->lock);
}

/* poll() leaves an overrun's error for the thread that counts it; recv() would take it away. */
bool obituary_glance(struct obituary *o, int64_t *now_ns)
{
	struct pollfd waiting = {.events = POLLIN};
	bool empty;

	*now_ns = clock_now_ns();
	pthread_mutex_lock(&o->lock);
	/* Whoever does not listen has taken what came before. */
	waiting.fd = o->listening ? o->port.fd : -1;
	empty = waiting.fd < 0 || poll(&waiting, 1, 0) == 0;
	if (waiting.fd >= 0 && empty)
		obituary_note_empty(o, *now_ns);
	pthread_mutex_unlock(&o->lock);
	return empty;
}

unsigned obituary_drain(struct obituary *o, bool *lost)
{
	int64_t since_ns = o->empty_ns, now_ns = since_ns, before_ns = since_ns;
	unsigned received = 0;
	bool empty = false;

	for (unsigned round = 0; o->listening && !empty && round < ROUNDS_MAX; round++) {
		int n;

		before_ns = clock_now_ns();
		n = obituary_receive(o);
		now_ns = clock_now_ns();
		if (n == -ENOBUFS)
			o->overrun = true;
		else if (n < 0 && n != -EAGAIN)
			obituary_fail(o, n);
		for (int i = 0; i < n; i++)
			obituary_read(o, (unsigned)i, since_ns, now_ns);
		received += n > 0 ? (unsigned)n : 0;
		o->unheard |= n > 0;
		/* Fewer than there was room for: no more were there, unless an error cut it short, which comes at the next call. */
		empty = n == -EAGAIN || (n >= 0 && n < LETTERS && !o->overrun);
	}
	if (o->overrun && o->listening)
		obituary_count_drops(o);
	if (empty) {
		obituary_note_empty(o, before_ns);
		/* Until it was empty once the kernel drops on without another word. */
		o->overrun = false;
	}
	*lost = o->lost_untold > 0;
	obituary_tell_loss(o, since_ns, now_ns);
	if (empty || !o->listening)
		obituary_tell_heard(o, before_ns, now_ns);
	obituary_tell_trouble(o, now_ns);
	return received;
}

/* The kernel lets nobody leave a group while it is sending to it: what others who listen have heard, this socket has too. */
void obituary_hush(struct obituary *o)
{
	if (o->listening)
		netlink_listen_to_ends(o->port.fd, false);
}

void obituary_part(struct obituary *o, bool *lost)
{
	bool more_lost = false;

	if (!o->listening)
		return;
	/* So this has an end. */
	obituary_hush(o);
	while (obituary_drain(o, &more_lost) > 0) {
		*lost |= more_lost;
		outlet_flush(o->out);
	}
	obituary_listen(o, false);
}
