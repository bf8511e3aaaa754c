/* The floor: see dump_floor.h. */
#include "config.h"

#include "dump_floor.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BYTES (64 * 1024)
/* Every state but bound-inactive, which synfin leaves out as well; request sockets (bit 12) with them. */
#define STATES 0x1ffeu

struct dump_request {
	struct nlmsghdr head;
	struct inet_diag_req body;
};

int dump_floor_open(void)
{
	struct sockaddr_nl any_port = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&any_port, sizeof any_port) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static int ask(int fd)
{
	const struct dump_request request = {
		.head = {.nlmsg_len = sizeof request, .nlmsg_type = TCPDIAG_GETSOCK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1},
		.body = {.idiag_ext = 1u << (INET_DIAG_INFO - 1) | 1u << (INET_DIAG_SHUTDOWN - 1), .idiag_states = STATES},
	};

	return send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request ? 0 : -errno;
}

/* NLMSG_DONE comes alone or as the last message of a datagram: no need to walk through those before it. Its word, or 1 where it is not there. */
static int done_word(const char *bytes, size_t len)
{
	struct nlmsghdr head;
	int32_t error;
	const size_t last = NLMSG_LENGTH(sizeof error);

	if (len < last)
		return -EBADMSG;
	memcpy(&head, bytes, sizeof head);
	if (head.nlmsg_type == NLMSG_ERROR) {
		memcpy(&error, bytes + NLMSG_HDRLEN, sizeof error);
		return error < 0 ? error : -EBADMSG;
	}
	memcpy(&head, bytes + len - last, sizeof head);
	if (head.nlmsg_type != NLMSG_DONE || head.nlmsg_len != last)
		return 1;
	memcpy(&error, bytes + len - sizeof error, sizeof error);
	return error < 0 ? error : 0;
}

int64_t dump_floor(int fd)
{
	static _Alignas(NLMSG_ALIGNTO) char waste[RECEIVE_BYTES];
	int64_t total = 0;
	int result = ask(fd);

	if (result < 0)
		return result;
	do {
		ssize_t n = recv(fd, waste, sizeof waste, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		total += n;
		result = done_word(waste, (size_t)n);
	} while (result > 0);
	return result < 0 ? result : total;
}
