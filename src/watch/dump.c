/* Dumps of all sockets: see watch/dump.h. */
#include "config.h"

#include "watch/dump.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "watch/parse.h"

/* The kernel answers within the call; only one that has lost the thread is silent. */
#define SILENCE_MAX_MS 2000
#define ATTEMPTS_MAX 3
#define ATTEMPT_PAUSE_NS (5 * NS_PER_MS)

/* linux/tcp_states.h: a request socket. */
#define KERNEL_NEW_SYN_RECV_BIT (1u << 12)

struct dump_request {
	uint16_t type;     /* TCPDIAG_GETSOCK: both families */
	uint16_t family;   /* of SOCK_DIAG_BY_FAMILY */
	uint16_t local_port; /* 0: any */
	unsigned states;
	bool numbers;
	struct watch_code code;
};

/* Where a dump stands. */
struct dump {
	struct netlink_port *port;
	const struct dump_sink *sink;
	struct dump_result result;
	bool done;
	int64_t filled0_ns, filled1_ns; /* when the kernel filled the buffer that is read now */
};

static void dump_end(struct dump *d, enum sweep_why_not why_not, int error)
{
	d->result.why_not = (uint8_t)why_not;
	d->result.error = error;
	d->done = true;
}

/* Something is missing from it, but what still comes is worth having. */
static void dump_flaw(struct dump *d, int error)
{
	d->result.why_not = SWEEP_TRUNCATED;
	d->result.error = error;
}

static unsigned dump_kernel_states(unsigned states)
{
	return states & STATE_BIT(STATE_SYN_RECV) ? states | KERNEL_NEW_SYN_RECV_BIT : states;
}

static int dump_send(struct netlink_port *port, const struct dump_request *r)
{
	uint8_t extensions = r->numbers ? 1u << (INET_DIAG_INFO - 1) | 1u << (INET_DIAG_SHUTDOWN - 1) : 0;
	const size_t room = MNL_ALIGN(sizeof(struct nlmsghdr)) + MNL_ALIGN(sizeof(struct inet_diag_req_v2)) + MNL_ALIGN(sizeof(struct inet_diag_req)) +
	                    MNL_ATTR_HDRLEN + MNL_ALIGN(r->code.length);
	char *bytes = memory_get_zeroed(1, room);
	struct nlmsghdr *head = mnl_nlmsg_put_header(bytes);
	int error;

	head->nlmsg_type = r->type;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	head->nlmsg_seq = ++port->sequence;
	if (r->type == TCPDIAG_GETSOCK) {
		struct inet_diag_req *body = mnl_nlmsg_put_extra_header(head, sizeof(*body));

		body->idiag_ext = extensions;
		body->idiag_states = dump_kernel_states(r->states);
	} else {
		struct inet_diag_req_v2 *body = mnl_nlmsg_put_extra_header(head, sizeof(*body));

		body->sdiag_family = (uint8_t)r->family;
		body->sdiag_protocol = IPPROTO_TCP;
		body->idiag_ext = extensions;
		body->idiag_states = dump_kernel_states(r->states);
		body->id.idiag_sport = htons(r->local_port);
	}
	if (r->code.length)
		mnl_attr_put(head, INET_DIAG_REQ_BYTECODE, r->code.length, r->code.bytes);
	error = netlink_send(port->fd, head, head->nlmsg_len);
	free(bytes);
	return error;
}

/* What NLMSG_DONE and NLMSG_ERROR carry: 0 or -errno first thing. */
static int dump_control_error(const struct nlmsghdr *head)
{
	int32_t error;

	if (mnl_nlmsg_get_payload_len(head) < sizeof(error))
		return -EBADMSG;
	memcpy(&error, mnl_nlmsg_get_payload(head), sizeof(error));
	return error > 0 ? -EBADMSG : error;
}

static void dump_socket(struct dump *d, const struct nlmsghdr *head)
{
	struct sample sample;

	if (parse_sample(mnl_nlmsg_get_payload(head), mnl_nlmsg_get_payload_len(head), &sample) < 0) {
		dump_flaw(d, -EBADMSG);
		return;
	}
	d->result.sockets++;
	d->sink->sample(d->sink->context, &sample, d->filled0_ns, d->filled1_ns);
}

static void dump_message(struct dump *d, const struct nlmsghdr *head)
{
	int error;

	if (head->nlmsg_flags & NLM_F_DUMP_INTR)
		dump_flaw(d, -EINTR);
	switch (head->nlmsg_type) {
	case TCPDIAG_GETSOCK:
	case SOCK_DIAG_BY_FAMILY:
		dump_socket(d, head);
		break;
	case NLMSG_DONE:
		error = dump_control_error(head);
		if (error < 0)
			dump_end(d, SWEEP_FAILED, error);
		d->done = true;
		break;
	case NLMSG_ERROR:
		error = dump_control_error(head);
		if (error < 0)
			dump_end(d, SWEEP_FAILED, error);
		break;
	case NLMSG_OVERRUN:
		dump_end(d, SWEEP_TRUNCATED, -ENOBUFS);
		break;
	default:
		break;
	}
}

static void dump_datagram(struct dump *d, const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const void *)bytes;
	int left = (int)len;

	for (; !d->done && mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left))
		/* What a request before this one left behind is not for us. */
		if (mnl_nlmsg_seq_ok(head, d->port->sequence))
			dump_message(d, head);
	if (!d->done && left > 0)
		dump_end(d, SWEEP_TRUNCATED, -EBADMSG);
}

/* One receive, with the silence of a kernel that has lost the thread bounded. */
static ssize_t dump_receive(struct dump *d, char *buffer)
{
	ssize_t n = netlink_receive(d->port->fd, buffer, NETLINK_RECEIVE_ROOM);
	int error;

	if (n != -EAGAIN)
		return n;
	error = netlink_wait(d->port->fd, SILENCE_MAX_MS);
	n = error < 0 ? error : netlink_receive(d->port->fd, buffer, NETLINK_RECEIVE_ROOM);
	/* It was not there yet after the call before this one: it can be as new as now. */
	d->filled1_ns = clock_now_ns();
	return n;
}

static struct dump_result dump_once(struct netlink_port *port, const struct dump_request *request, const struct dump_sink *sink, char *buffer)
{
	struct dump d = {.port = port, .sink = sink, .filled0_ns = clock_now_ns()};
	int error = dump_send(port, request);

	d.filled1_ns = clock_now_ns();
	if (error < 0)
		dump_end(&d, SWEEP_FAILED, error);
	while (!d.done) {
		int64_t before_ns = clock_now_ns(), after_ns;
		ssize_t n = dump_receive(&d, buffer);

		after_ns = clock_now_ns();
		if (n < 0)
			dump_end(&d, n == -EMSGSIZE ? SWEEP_TRUNCATED : SWEEP_FAILED, (int)n);
		else
			dump_datagram(&d, buffer, (size_t)n);
		d.filled0_ns = before_ns;
		d.filled1_ns = after_ns;
		if (!d.done && sink->between && !sink->between(sink->context))
			dump_end(&d, SWEEP_STOPPED, 0);
	}
	/* The kernel may be in the middle still, and would refuse the next request as busy. */
	if (d.result.why_not != SWEEP_WHOLE && d.result.why_not != SWEEP_STOPPED)
		netlink_port_renew(port);
	return d.result;
}

static bool dump_may_pass(int error)
{
	return error == -EBUSY || error == -EINTR || error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM;
}

static struct dump_result dump_repeatedly(struct netlink_port *port, const struct dump_request *request, const struct dump_sink *sink, char *buffer)
{
	static const struct timespec pause = {.tv_nsec = ATTEMPT_PAUSE_NS};
	struct dump_result result;

	for (unsigned attempt = 1;; attempt++) {
		result = dump_once(port, request, sink, buffer);
		if (attempt == ATTEMPTS_MAX || result.sockets > 0 || result.why_not == SWEEP_WHOLE || !dump_may_pass(result.error))
			return result;
		nanosleep(&pause, NULL);
	}
}

/* A kernel without IPv6 has no sockets of it, and nobody who could say so. */
static bool dump_has_no_family(const struct dump_result *v6)
{
	return v6->why_not == SWEEP_FAILED && (v6->error == -ENOENT || v6->error == -EAFNOSUPPORT) && access("/proc/net/if_inet6", F_OK) < 0;
}

/* One family after the other, as if they were one dump. */
static struct dump_result dump_by_family(struct dumper *d, struct dump_request request, const struct dump_sink *sink)
{
	struct dump_result v4, v6;

	request.type = SOCK_DIAG_BY_FAMILY;
	request.family = AF_INET;
	v4 = dump_repeatedly(&d->port, &request, sink, d->buffer);
	if (v4.why_not != SWEEP_WHOLE)
		return v4;
	request.family = AF_INET6;
	v6 = dump_repeatedly(&d->port, &request, sink, d->buffer);
	if (dump_has_no_family(&v6))
		return v4;
	v6.sockets += v4.sockets;
	return v6;
}

struct dump_result dump_result_join(const struct dump_result *one, const struct dump_result *other)
{
	struct dump_result both = one->why_not != SWEEP_WHOLE ? *one : *other;

	both.sockets = one->sockets + other->sockets;
	return both;
}

int dumper_init(struct dumper *d, int fd)
{
	*d = (struct dumper){.buffer = memory_get(NETLINK_RECEIVE_ROOM)};
	return netlink_port_init(&d->port, fd);
}

void dumper_fini(struct dumper *d)
{
	netlink_port_fini(&d->port);
	free(d->buffer);
	d->buffer = NULL;
}

static bool dump_is_refused(const struct dump_result *result)
{
	return result->why_not == SWEEP_FAILED && result->sockets == 0 &&
	       (result->error == -ENOENT || result->error == -EINVAL || result->error == -EOPNOTSUPP || result->error == -EPERM ||
	        result->error == -EACCES);
}

/* `both`: TCPDIAG_GETSOCK. */
static struct dump_result dumper_request(struct dumper *d, const struct dump_request *both, const struct dump_sink *sink)
{
	struct dump_result result;
	int error;

	if (d->port.fd < 0) {
		error = netlink_port_renew(&d->port);
		if (error < 0)
			return (struct dump_result){.why_not = SWEEP_FAILED, .error = error};
	}
	if (!d->by_family) {
		result = dump_repeatedly(&d->port, both, sink, d->buffer);
		if (!dump_is_refused(&result))
			return result;
		d->by_family = true;
	}
	result = dump_by_family(d, *both, sink);
	/* Refused too: not the old request is the trouble. The next dump starts from the cheaper one again. */
	if (dump_is_refused(&result))
		d->by_family = false;
	return result;
}

struct dump_result dumper_dump(struct dumper *d, unsigned states, bool numbers, const struct dump_sink *sink)
{
	const struct dump_request both = {.type = TCPDIAG_GETSOCK, .states = states, .numbers = numbers};

	return dumper_request(d, &both, sink);
}

struct dump_result dumper_dump_filtered(struct dumper *d, const struct watch_filter *filter, bool numbers, const struct dump_sink *sink)
{
	struct dump_request both = {.type = TCPDIAG_GETSOCK, .states = filter->states, .numbers = numbers};
	struct dump_result result;

	for (size_t i = 0; i < sizeof(filter->codes) / sizeof(*filter->codes); i++) {
		if (!filter->codes[i].length)
			continue;
		both.code = filter->codes[i];
		result = dumper_request(d, &both, sink);
		if (!dump_is_refused(&result) || filter->needed)
			return result;
	}
	both.code = (struct watch_code){0};
	return dumper_request(d, &both, sink);
}

struct dump_result dump_listeners(struct netlink_port *port, uint16_t family, uint16_t local_port, bool numbers, const struct dump_sink *sink)
{
	struct dump_request request = {
		.type = SOCK_DIAG_BY_FAMILY,
		.family = family,
		.local_port = local_port,
		.states = STATE_BIT(STATE_LISTEN),
		.numbers = numbers,
	};
	_Alignas(NLMSG_ALIGNTO) char buffer[NETLINK_RECEIVE_ROOM];

	return dump_repeatedly(port, &request, sink, buffer);
}
