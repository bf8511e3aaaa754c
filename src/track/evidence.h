/*
 * Who opened, from what the kernel's numbers and the host's sockets say. Pure: reads the scene.
 *
 * tcp_info's bytes_acked counts our SYN when we opened and our FIN once it is acknowledged (net/ipv4/tcp_input.c, tcp_snd_una_update); what it
 * exceeds the bytes sent by tells them. In order of trust: a state only one side passes, the count, the other end, a listener, the port range.
 */
#ifndef TRACK_EVIDENCE_H
#define TRACK_EVIDENCE_H

#include "base/clock.h"
#include "scene.h"

/* A TIME_WAIT entry lives this long (TCP_TIMEWAIT_LEN, include/net/tcp.h). */
#define TIME_WAIT_NS (60 * NS_PER_SECOND)

/* The kernel counts the times in tcp_info in ticks of up to 10 ms, and its timers run a little late. */
#define EVIDENCE_TICK_NS (20 * NS_PER_MS)

struct side_evidence {
	uint8_t side; /* enum side */
	uint8_t by;   /* enum evidence */
};

/* bytes_acked less the payload sent, each byte counted once; negative while data is not acknowledged. False without the numbers. */
bool evidence_excess(const struct sample *s, int64_t *excess);
/* How long the socket had neither sent nor heard anything, when the kernel read the numbers. */
int64_t evidence_quiet_ns(const struct sample *s);
/*
 * A socket was alive until this at least, by its destroy notice alone. The notice was not there at its t0, but a busy host can need long to make it: the
 * kernel does so in a workqueue (sock_diag_broadcast_destroy, net/core/sock_diag.c), where it reads the numbers too. So their quiet time holds that delay.
 */
int64_t evidence_alive_until_ns(const struct observation *end);
/* When it last heard or sent anything: not after this. */
int64_t evidence_last_activity_ns(const struct observation *end);
/* A socket that has connected to itself: its SYNs and its FINs cross (RFC 9293, section 3.5), so that both sides do what one does. */
bool evidence_is_own_peer(const struct tuple *tuple);
/* The opener of a live socket. */
struct side_evidence evidence_opener(const struct scene *scene, const struct sample *s);
/* The same from the other end, a listener or the port range alone. */
struct side_evidence evidence_opener_by_place(const struct scene *scene, const struct tuple *tuple);
/* The side that a state says closed first. */
struct side_evidence evidence_closer(enum tcp_state state);

/*
 * Whether a socket that nobody knows by its cookie, heard of at some moment in [t0, t1], is the child of the request socket c. A child has its request's cookie, but for one that is made in
 * the very moment in which a dump gives the request its cookie. Nobody connects from the same port again so soon after.
 */
bool evidence_is_child(const struct scene *scene, const struct connection *c, int64_t t0_ns, int64_t t1_ns);

/* What a sample in this state lets us know. */
struct facts evidence_facts(const struct sample *s, enum tcp_state state);

#endif
