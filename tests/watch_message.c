#include "config.h"

#include "watch_message.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct inet_diag_msg message_socket_v4(void)
{
	struct inet_diag_msg s = {
		.idiag_family = AF_INET,
		.idiag_state = 1,
		.idiag_timer = 1,
		.idiag_retrans = 2,
		.id = {
			.idiag_sport = htons(41812),
			.idiag_dport = htons(443),
			.idiag_src = {htonl(0x0a000005)},
			.idiag_dst = {htonl(0x5db8d822)},
			.idiag_if = 3,
			.idiag_cookie = {0x25b, 0x10},
		},
		.idiag_expires = 204,
		.idiag_rqueue = 11,
		.idiag_wqueue = 12,
		.idiag_uid = 1000,
		.idiag_inode = 4711,
	};

	return s;
}

static struct nlmsghdr message_head(const struct message *m)
{
	struct nlmsghdr head;

	memcpy(&head, m->bytes + m->last, sizeof(head));
	return head;
}

static void message_pad(struct message *m)
{
	while (m->len % NLMSG_ALIGNTO)
		m->bytes[m->len++] = 0;
}

void message_add(struct message *m, const void *bytes, size_t len)
{
	struct nlmsghdr head;

	if (m->len + len > sizeof(m->bytes))
		abort();
	if (len > 0)
		memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
	head = message_head(m);
	head.nlmsg_len = (uint32_t)(m->len - m->last);
	memcpy(m->bytes + m->last, &head, sizeof(head));
}

void message_begin(struct message *m, uint16_t type, uint16_t flags, uint32_t sequence)
{
	struct nlmsghdr head = {.nlmsg_len = sizeof(head), .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = sequence};

	message_pad(m);
	if (m->len + sizeof(head) > sizeof(m->bytes))
		abort();
	m->last = m->len;
	memcpy(m->bytes + m->len, &head, sizeof(head));
	m->len += sizeof(head);
}

void message_add_attribute(struct message *m, uint16_t type, const void *bytes, size_t len)
{
	struct nlattr head = {.nla_len = (uint16_t)(sizeof(head) + len), .nla_type = type};

	message_pad(m);
	message_add(m, &head, sizeof(head));
	message_add(m, bytes, len);
}

void message_control(struct message *m, uint16_t type, uint32_t sequence, int32_t error)
{
	message_begin(m, type, 0, sequence);
	message_add(m, &error, sizeof(error));
}

void message_socket(struct message *m, uint16_t type, uint32_t sequence, const struct inet_diag_msg *socket)
{
	message_begin(m, type, NLM_F_MULTI, sequence);
	message_add(m, socket, sizeof(*socket));
}
