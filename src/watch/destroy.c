/* SOCK_DESTROY: see watch/destroy.h. */
#include "config.h"

#include "watch/destroy.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "watch/lookup.h"
#include "watch/netlink.h"
#include "watch/parse.h"
#include "watch/watch.h"

/* The kernel answers while the request is being sent. */
#define SILENCE_MAX_MS 500

int destroy_open(void)
{
	return netlink_open(0);
}

int destroy_open_in(int netns_fd)
{
	struct watch_sockets sockets;
	int error = watch_open_sockets_in(netns_fd, &sockets), fd = sockets.lookup;

	if (error < 0)
		return error;
	sockets.lookup = -1;
	watch_close_sockets(&sockets);
	return fd;
}

static int destroy_ask(struct netlink_port *port, const struct lookup *which)
{
	_Alignas(NLMSG_ALIGNTO) char bytes[MNL_ALIGN(sizeof(struct nlmsghdr)) + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] = {0};
	struct nlmsghdr *head = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *body = mnl_nlmsg_put_extra_header(head, sizeof(*body));

	head->nlmsg_type = SOCK_DESTROY;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head->nlmsg_seq = ++port->sequence;
	body->sdiag_family = (uint8_t)which->tuple.family;
	body->sdiag_protocol = IPPROTO_TCP;
	parse_put_identity(&which->tuple, which->cookie, &body->id);
	return netlink_send(port->fd, head, head->nlmsg_len);
}

/* The answer in a datagram, or 1 if it is none to this. */
static int destroy_read(const struct netlink_port *port, const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const void *)bytes;
	int left = (int)len;
	int32_t error;

	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left)) {
		if (head->nlmsg_seq != port->sequence || head->nlmsg_type != NLMSG_ERROR)
			continue;
		if (mnl_nlmsg_get_payload_len(head) < sizeof(error))
			return -EBADMSG;
		memcpy(&error, mnl_nlmsg_get_payload(head), sizeof(error));
		/* Some kernels say ESTALE for another cookie. */
		return error == -ESTALE ? -ENOENT : error > 0 ? -EBADMSG : error;
	}
	return 1;
}

static int destroy_hear(struct netlink_port *port)
{
	_Alignas(NLMSG_ALIGNTO) char buffer[NETLINK_RECEIVE_ROOM];
	int result = 1;

	while (result == 1) {
		const ssize_t n = netlink_receive(port->fd, buffer, sizeof(buffer));

		if (n >= 0)
			result = destroy_read(port, buffer, (size_t)n);
		else if (n != -EAGAIN)
			result = (int)n;
		else if (netlink_wait(port->fd, SILENCE_MAX_MS))
			result = -ETIMEDOUT;
	}
	return result;
}

int destroy_reaches(int fd, const struct lookup *which)
{
	const uint64_t netns = netlink_netns_cookie(fd);

	if (!which->cookie)
		return -ENODATA;
	return which->netns && netns && which->netns != netns ? -EXDEV : 0;
}

int destroy_socket(int fd, const struct lookup *which)
{
	struct lookup_answer found;
	struct netlink_port port;
	int error = destroy_reaches(fd, which);

	if (!error)
		error = netlink_port_init(&port, fd);
	port.own = false; /* it stays the caller's, whatever goes wrong */
	if (!error)
		error = lookup_make(&port, which, 1, false, &found);
	if (!error)
		error = found.error;
	if (!error)
		error = destroy_ask(&port, which);
	return error ? error : destroy_hear(&port);
}
