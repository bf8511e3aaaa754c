/* Exact look-ups: see watch/lookup.h. */
#include "config.h"

#include "watch/lookup.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "watch/dump.h"
#include "watch/parse.h"

/* The kernel answers while the request is being sent; only one that has lost the thread is silent. */
#define SILENCE_MAX_MS 500
#define NOT_ANSWERED (-EINPROGRESS)

#define REQUEST_BYTES (MNL_ALIGN(sizeof(struct nlmsghdr)) + MNL_ALIGN(sizeof(struct inet_diag_req_v2)))

static bool lookup_is_listener(const struct lookup *l)
{
	return l->tuple.remote.port == 0 && endpoint_is_unspecified(&l->tuple.remote);
}

static bool lookup_is_found(const struct lookup *l, const struct sample *s)
{
	return tuple_equal(&l->tuple, &s->tuple) && (l->cookie == 0 || l->cookie == s->cookie);
}

/* ---- listeners ---- */

static void lookup_see_listener(void *context, const struct sample *sample, int64_t t0_ns, int64_t t1_ns)
{
	struct lookup_answer *a = context;

	if (a->error == 0 || sample->tuple.family != a->asked.tuple.family || !lookup_is_found(&a->asked, sample))
		return;
	a->sample = *sample;
	a->t0_ns = t0_ns;
	a->t1_ns = t1_ns;
	a->error = 0;
}

static void lookup_listener(struct netlink_port *port, bool numbers, struct lookup_answer *a)
{
	const struct dump_sink sink = {.sample = lookup_see_listener, .context = a};
	int64_t t0_ns = clock_now_ns();
	struct dump_result result;

	a->error = -ENOENT;
	result = dump_listeners(port, a->asked.tuple.family, a->asked.tuple.local.port, numbers, &sink);
	if (a->error == 0)
		return;
	a->t0_ns = t0_ns;
	a->t1_ns = clock_now_ns();
	if (result.why_not != SWEEP_WHOLE)
		a->error = result.error ? result.error : -EIO;
}

/* ---- connections ---- */

static void lookup_put_request(struct nlmsghdr *head, uint32_t sequence, const struct lookup *l, bool numbers)
{
	struct inet_diag_req_v2 *body;

	head->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	head->nlmsg_flags = NLM_F_REQUEST;
	head->nlmsg_seq = sequence;
	body = mnl_nlmsg_put_extra_header(head, sizeof(*body));
	body->sdiag_family = (uint8_t)l->tuple.family;
	body->sdiag_protocol = IPPROTO_TCP;
	body->idiag_ext = numbers ? 1u << (INET_DIAG_INFO - 1) | 1u << (INET_DIAG_SHUTDOWN - 1) : 0;
	body->idiag_states = DUMP_ALL_STATES;
	parse_put_identity(&l->tuple, l->cookie, &body->id);
}

/* Sends a request for each answer that waits for one, numbered first_sequence + its index. Returns how many, or -errno. */
static int lookup_send(struct netlink_port *port, uint32_t first_sequence, bool numbers, const struct lookup_answer *answers, unsigned count)
{
	_Alignas(NLMSG_ALIGNTO) char bytes[LOOKUP_CHUNK * REQUEST_BYTES];
	int sent = 0, error;

	for (unsigned i = 0; i < count; i++)
		if (answers[i].error == NOT_ANSWERED)
			lookup_put_request(mnl_nlmsg_put_header(bytes + (size_t)sent++ * REQUEST_BYTES), first_sequence + i, &answers[i].asked,
			                   numbers);
	if (sent == 0)
		return 0;
	error = netlink_send(port->fd, bytes, (size_t)sent * REQUEST_BYTES);
	return error < 0 ? error : sent;
}

static int lookup_read_socket(const struct nlmsghdr *head, struct lookup_answer *a)
{
	if (parse_sample(mnl_nlmsg_get_payload(head), mnl_nlmsg_get_payload_len(head), &a->sample) < 0)
		return -EBADMSG;
	/* A listener of the port stands in for a connection that is gone. */
	return lookup_is_found(&a->asked, &a->sample) ? 0 : -ENOENT;
}

static int lookup_read_error(const struct nlmsghdr *head)
{
	int32_t error;

	if (mnl_nlmsg_get_payload_len(head) < sizeof(error))
		return -EBADMSG;
	memcpy(&error, mnl_nlmsg_get_payload(head), sizeof(error));
	/* ESTALE: the tuple is there with another cookie; some kernels say so. */
	if (error == -ESTALE)
		return -ENOENT;
	return error < 0 ? error : -EBADMSG;
}

/* Returns how many answers were in it. */
static int lookup_datagram(uint32_t first_sequence, struct lookup_answer *answers, unsigned count, const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const void *)bytes;
	int left = (int)len, answered = 0;

	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left)) {
		uint32_t i = head->nlmsg_seq - first_sequence;

		/* What an earlier request left behind is not for us. */
		if (i >= count || answers[i].error != NOT_ANSWERED)
			continue;
		if (head->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			answers[i].error = lookup_read_socket(head, &answers[i]);
		else if (head->nlmsg_type == NLMSG_ERROR)
			answers[i].error = lookup_read_error(head);
		else
			continue;
		answered++;
	}
	return answered;
}

static int lookup_receive(struct netlink_port *port, uint32_t first_sequence, struct lookup_answer *answers, unsigned count, int waiting)
{
	_Alignas(NLMSG_ALIGNTO) char buffer[NETLINK_RECEIVE_ROOM];
	int error = 0;

	while (waiting > 0 && error == 0) {
		ssize_t n = netlink_receive(port->fd, buffer, sizeof(buffer));

		if (n >= 0)
			waiting -= lookup_datagram(first_sequence, answers, count, buffer, (size_t)n);
		else if (n == -EAGAIN)
			error = netlink_wait(port->fd, SILENCE_MAX_MS);
		else
			error = (int)n;
	}
	return error;
}

/* Looks all connections among the answers up. */
static int lookup_connections(struct netlink_port *port, bool numbers, struct lookup_answer *answers, unsigned count)
{
	uint32_t first_sequence = port->sequence + 1;
	int64_t t0_ns = clock_now_ns();
	int sent = lookup_send(port, first_sequence, numbers, answers, count), error = sent < 0 ? sent : 0;

	port->sequence += count;
	if (sent > 0)
		error = lookup_receive(port, first_sequence, answers, count, sent);
	for (unsigned i = 0; i < count; i++) {
		if (lookup_is_listener(&answers[i].asked))
			continue;
		if (answers[i].error == NOT_ANSWERED)
			answers[i].error = error ? error : -EIO;
		answers[i].t0_ns = t0_ns;
		answers[i].t1_ns = clock_now_ns();
	}
	return error;
}

int lookup_make(struct netlink_port *port, const struct lookup *asked, unsigned count, bool numbers, struct lookup_answer *answers)
{
	int error = port->fd < 0 ? netlink_port_renew(port) : 0, first_error = error;
	int64_t now_ns = clock_now_ns();

	assert(count <= LOOKUP_CHUNK);
	for (unsigned i = 0; i < count; i++) {
		answers[i].asked = asked[i];
		answers[i].t0_ns = answers[i].t1_ns = now_ns;
		answers[i].error = error < 0 ? error : lookup_is_listener(&asked[i]) ? -EAGAIN : NOT_ANSWERED;
	}
	if (error < 0)
		return error;
	error = lookup_connections(port, numbers, answers, count);
	if (error < 0)
		netlink_port_renew(port);
	for (unsigned i = 0; i < count; i++) {
		if (lookup_is_listener(&asked[i]))
			lookup_listener(port, numbers, &answers[i]);
		if (answers[i].error != 0 && answers[i].error != -ENOENT && first_error == 0)
			first_error = answers[i].error;
	}
	return first_error;
}
