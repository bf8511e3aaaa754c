#include "config.h"

#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE_MS 20000
#define IP_AT ETH_HLEN
#define IP_LEN 20
#define TCP_AT (IP_AT + IP_LEN)
#define URGENT_OFFSET 18
#define URGENT_AT (TCP_AT + URGENT_OFFSET)
/* Nobody looks at the urgent pointer of a segment without URG: there it tells ours from others. */
#define MARK 0x7a7a

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "tests/wire.c: %s: %s\n", what, strerror(errno));
	exit(99);
}

static struct sockaddr_ll loopback(void)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex("lo"), .sll_halen = ETH_ALEN,
	};
}

int wire_tap(void)
{
	struct sockaddr_ll lo = loopback();
	int tap = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_IP));

	if (tap < 0 || bind(tap, (struct sockaddr *)&lo, sizeof lo) < 0)
		fail("AF_PACKET");
	return tap;
}

static uint16_t port_at(const struct segment *s, size_t at)
{
	return (uint16_t)(s->bytes[at] << 8 | s->bytes[at + 1]);
}

static bool goes_from_to(const struct segment *s, const struct tuple *t)
{
	return s->len >= TCP_AT + 20 && s->bytes[IP_AT] == 0x45 && s->bytes[IP_AT + 9] == IPPROTO_TCP &&
	       memcmp(s->bytes + IP_AT + 12, t->local.address + 12, 4) == 0 && memcmp(s->bytes + IP_AT + 16, t->remote.address + 12, 4) == 0 &&
	       port_at(s, TCP_AT) == t->local.port && port_at(s, TCP_AT + 2) == t->remote.port;
}

struct segment wire_hear(int tap, const struct tuple *t, uint8_t mask, uint8_t flags)
{
	for (;;) {
		struct pollfd ready = {.fd = tap, .events = POLLIN};
		struct segment s;
		ssize_t len;

		if (poll(&ready, 1, PATIENCE_MS) <= 0)
			fail("nothing is heard");
		len = recv(tap, s.bytes, sizeof s.bytes, 0);
		if (len < 0)
			fail("recv");
		s.len = (size_t)len;
		if (goes_from_to(&s, t) && (s.bytes[TCP_AT + 13] & mask) == flags)
			return s;
	}
}

static uint32_t add_up(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	return len % 2 ? sum + (uint32_t)(bytes[len - 1] << 8) : sum;
}

/* Loopback leaves the checksum (RFC 9293 section 3.1) for a network card to fill in. */
static void fill_in_checksum(struct segment *s)
{
	size_t len = port_at(s, IP_AT + 2) - (size_t)IP_LEN;
	uint8_t *checksum = s->bytes + TCP_AT + 16;
	uint32_t sum = IPPROTO_TCP + (uint32_t)len;

	checksum[0] = checksum[1] = 0;
	sum = add_up(sum, s->bytes + IP_AT + 12, 8);
	sum = add_up(sum, s->bytes + TCP_AT, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	checksum[0] = (uint8_t)(~sum >> 8);
	checksum[1] = (uint8_t)~sum;
}

void wire_send(int tap, const struct segment *s)
{
	struct sockaddr_ll lo = loopback();
	struct segment whole = *s;

	whole.bytes[URGENT_AT] = MARK >> 8;
	whole.bytes[URGENT_AT + 1] = MARK & 0xff;
	fill_in_checksum(&whole);
	if (sendto(tap, whole.bytes, whole.len, 0, (struct sockaddr *)&lo, sizeof lo) != (ssize_t)whole.len)
		fail("sendto");
}

void wire_hear_only_sent(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, URGENT_OFFSET), /* the packet begins with the TCP header */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
		fail("SO_ATTACH_FILTER");
}
