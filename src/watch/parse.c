/* Messages of sock_diag read as samples: see watch/parse.h. */
#include "config.h"

#include "watch/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* include/net/tcp_states.h: a request socket, which has only three of a socket's many fields. */
#define KERNEL_NEW_SYN_RECV 12
/* net/ipv4/inet_diag.c: what it calls timers. */
#define TIMER_LAST 4
/* include/net/sock.h: RCV_SHUTDOWN and SEND_SHUTDOWN. */
#define SHUT_READ_BIT 1
#define SHUT_WRITE_BIT 2

#define INFO_REACHES(len, field) ((len) >= offsetof(struct tcp_info, field) + sizeof(((struct tcp_info *)0)->field))

static uint8_t parse_state(uint8_t kernel_state)
{
	if (kernel_state == KERNEL_NEW_SYN_RECV)
		return STATE_SYN_RECV;
	return kernel_state > STATE_NONE && kernel_state < STATE_COUNT ? kernel_state : STATE_NONE;
}

static void parse_tuple(const struct inet_diag_msg *m, struct tuple *t)
{
	uint16_t local_port = ntohs(m->id.idiag_sport), remote_port = ntohs(m->id.idiag_dport);

	if (m->idiag_family == AF_INET) {
		endpoint_set_v4(&t->local, m->id.idiag_src, local_port);
		endpoint_set_v4(&t->remote, m->id.idiag_dst, remote_port);
	} else {
		endpoint_set_v6(&t->local, m->id.idiag_src, local_port);
		endpoint_set_v6(&t->remote, m->id.idiag_dst, remote_port);
	}
	t->family = m->idiag_family;
	t->ifindex = m->id.idiag_if;
}

/* A field of the kernel's tcp_info, which is aligned to four bytes only. */
#define INFO_FIELD(bytes, field, out) memcpy(&(out), (bytes) + offsetof(struct tcp_info, field), sizeof(((struct tcp_info *)0)->field))

/* Kernels differ in how much of tcp_info they have; bytes_received came with 4.1, bytes_retrans with 4.19. */
static void parse_info(const unsigned char *bytes, size_t len, struct sample *s)
{
	struct tcp_numbers *n = &s->numbers;

	/* On a listener it has the accept queue only, which rqueue and wqueue say already. */
	if (s->state == STATE_LISTEN || !INFO_REACHES(len, tcpi_bytes_received))
		return;
	INFO_FIELD(bytes, tcpi_bytes_acked, n->bytes_acked);
	INFO_FIELD(bytes, tcpi_bytes_received, n->bytes_received);
	INFO_FIELD(bytes, tcpi_rtt, n->rtt_us);
	INFO_FIELD(bytes, tcpi_snd_cwnd, n->cwnd);
	INFO_FIELD(bytes, tcpi_total_retrans, n->total_retrans);
	INFO_FIELD(bytes, tcpi_unacked, n->unacked);
	INFO_FIELD(bytes, tcpi_last_data_sent, n->last_data_sent_ms);
	INFO_FIELD(bytes, tcpi_last_data_recv, n->last_data_recv_ms);
	INFO_FIELD(bytes, tcpi_last_ack_recv, n->last_ack_recv_ms);
	INFO_FIELD(bytes, tcpi_retransmits, n->retransmits);
	INFO_FIELD(bytes, tcpi_probes, n->probes);
	s->has |= SAMPLE_HAS_NUMBERS;
	if (INFO_REACHES(len, tcpi_segs_in)) {
		INFO_FIELD(bytes, tcpi_segs_out, n->segs_out);
		INFO_FIELD(bytes, tcpi_segs_in, n->segs_in);
	}
	if (INFO_REACHES(len, tcpi_bytes_retrans)) {
		INFO_FIELD(bytes, tcpi_bytes_sent, n->bytes_sent);
		INFO_FIELD(bytes, tcpi_bytes_retrans, n->bytes_retrans);
		INFO_FIELD(bytes, tcpi_data_segs_in, n->data_segs_in);
		s->has |= SAMPLE_HAS_SENT;
	}
}

/* The protocol that lies upon TCP, by its name in a nested attribute. */
static void parse_upper_layer(const unsigned char *at, size_t left, struct sample *s)
{
	static const char mptcp[] = "mptcp";
	struct nlattr head;

	for (; left >= sizeof(head); at += NLA_ALIGN(head.nla_len), left -= NLA_ALIGN(head.nla_len)) {
		memcpy(&head, at, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left)
			return;
		if ((head.nla_type & NLA_TYPE_MASK) == INET_ULP_INFO_NAME && head.nla_len == sizeof(head) + sizeof(mptcp) &&
		    memcmp(at + sizeof(head), mptcp, sizeof(mptcp)) == 0)
			s->has |= SAMPLE_MPTCP;
		if ((size_t)NLA_ALIGN(head.nla_len) > left)
			return;
	}
}

/* False for a socket of another protocol. */
static bool parse_attribute(unsigned type, const unsigned char *bytes, size_t len, struct sample *s)
{
	switch (type & NLA_TYPE_MASK) {
	case INET_DIAG_INFO:
		parse_info(bytes, len, s);
		return true;
	case INET_DIAG_SHUTDOWN:
		if (len > 0 && bytes[0] & SHUT_READ_BIT)
			s->has |= SAMPLE_SHUT_READ;
		if (len > 0 && bytes[0] & SHUT_WRITE_BIT)
			s->has |= SAMPLE_SHUT_WRITE;
		return true;
	case INET_DIAG_ULP_INFO:
		parse_upper_layer(bytes, len, s);
		return true;
	case INET_DIAG_CGROUP_ID:
		if (len >= sizeof(s->cgroup))
			memcpy(&s->cgroup, bytes, sizeof(s->cgroup));
		return true;
	case INET_DIAG_PROTOCOL:
		return len > 0 && bytes[0] == IPPROTO_TCP;
	default:
		return true;
	}
}

static int parse_attributes(const unsigned char *at, size_t left, struct sample *s)
{
	/* Padding behind the last attribute is shorter than a header. */
	while (left >= sizeof(struct nlattr)) {
		struct nlattr head;
		size_t step;

		memcpy(&head, at, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left)
			return -EBADMSG;
		if (!parse_attribute(head.nla_type, at + sizeof(head), head.nla_len - sizeof(head), s))
			return -EBADMSG;
		step = NLA_ALIGN(head.nla_len);
		if (step >= left)
			break;
		at += step;
		left -= step;
	}
	return 0;
}

int parse_sample(const void *payload, size_t len, struct sample *out)
{
	const unsigned char *bytes = payload;
	struct sample s = {0};
	struct inet_diag_msg m;

	if (len < sizeof(m))
		return -EBADMSG;
	memcpy(&m, bytes, sizeof(m));
	s.state = parse_state(m.idiag_state);
	if ((m.idiag_family != AF_INET && m.idiag_family != AF_INET6) || s.state == STATE_NONE)
		return -EBADMSG;
	parse_tuple(&m, &s.tuple);
	s.cookie = (uint64_t)m.id.idiag_cookie[1] << 32 | m.id.idiag_cookie[0];
	s.inode = m.idiag_inode;
	s.uid = m.idiag_uid;
	s.rqueue = m.idiag_rqueue;
	s.wqueue = m.idiag_wqueue;
	s.timer = m.idiag_timer <= TIMER_LAST ? m.idiag_timer : 0;
	s.expires_ms = s.timer ? m.idiag_expires : 0;
	s.retransmits = m.idiag_retrans;
	if (parse_attributes(bytes + sizeof(m), len - sizeof(m), &s) < 0)
		return -EBADMSG;
	*out = s;
	return 0;
}

void parse_put_identity(const struct tuple *tuple, uint64_t cookie, struct inet_diag_sockid *id)
{
	bool v4 = tuple->family == AF_INET;
	size_t skip = v4 ? 12 : 0;

	*id = (struct inet_diag_sockid){
		.idiag_sport = htons(tuple->local.port),
		.idiag_dport = htons(tuple->remote.port),
		.idiag_if = tuple->ifindex,
		.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE},
	};
	memcpy(id->idiag_src, tuple->local.address + skip, 16 - skip);
	memcpy(id->idiag_dst, tuple->remote.address + skip, 16 - skip);
	if (cookie != 0) {
		id->idiag_cookie[0] = (uint32_t)cookie;
		id->idiag_cookie[1] = (uint32_t)(cookie >> 32);
	}
}
