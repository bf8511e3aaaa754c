#include "config.h"

#include "lab/crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lab/private_net.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

struct place {
	uint8_t member;       /* who serves it */
	bool listens, deaf;
	const char *address;  /* in a namespace of its own */
	uint16_t port;
	const char *client;   /* where its clients come from there */
	const char *loopback; /* elsewhere, with any port */
};

static const struct place places[PLACE_COUNT] = {
	[PLACE_HTTP] = {CROWD_WEB, true, false, "10.0.0.5", 80, "10.0.0.9", "127.0.0.1"},
	[PLACE_HTTPS] = {CROWD_WEB, true, false, "10.0.0.5", 443, "10.0.0.9", "127.0.0.1"},
	[PLACE_HTTPS6] = {CROWD_WEB, true, false, "2001:db8::5", 443, "2001:db8::9", "::1"},
	[PLACE_MAPPED] = {CROWD_WEB, true, false, "::ffff:10.0.0.5", 8443, "10.0.0.9", "::ffff:127.0.0.1"},
	[PLACE_SHOP] = {CROWD_SHOP, true, false, "10.0.0.6", 8080, "10.0.0.9", "127.0.0.1"},
	[PLACE_DB] = {CROWD_DB, true, false, "10.0.0.7", 5432, "10.0.0.6", "127.0.0.1"},
	[PLACE_LEAKY] = {CROWD_LEAKY, true, false, "10.0.0.8", 9000, "10.0.0.9", "127.0.0.1"},
	[PLACE_CLOSED] = {CROWD_DB, false, false, "10.0.0.7", 5433, "10.0.0.6", "127.0.0.1"},
	[PLACE_FIREWALL] = {CROWD_WEB, true, true, "10.0.0.5", 8081, "10.0.0.9", "127.0.0.1"},
};

static const char *const private_addresses[] = {
	"10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9", "2001:db8::5", "2001:db8::9",
};

/* The words that scripts are written in. */
#define CONNECT {STEP_CONNECT, 0}
#define OPEN {STEP_OPEN, 0}
#define SEND(bytes) {STEP_SEND, bytes}
#define AWAIT(bytes) {STEP_AWAIT, bytes}
#define AWAIT_END {STEP_AWAIT, STEP_UNTIL_END}
#define SLEEP(ms) {STEP_SLEEP, ms}
#define AGAIN(steps) {STEP_AGAIN, steps}
#define SHUT {STEP_SHUT, 0}
#define RESET {STEP_RESET, 0}
#define KEEP(bound) {STEP_KEEP, bound}
#define DEAF {STEP_DEAF, 0}
#define HEAR {STEP_HEAR, 0}
#define END {STEP_END, 0}

#define QUICK_CLIENT {CONNECT, OPEN, SEND(517), AWAIT(1400), SLEEP(3)}
#define QUICK_SERVER {SLEEP(4), SEND(1400), AWAIT_END}

/* Lives last a few seconds at most, but for the pool's: so there are never more than some dozen at a time, and the TIME_WAIT they leave. */
const struct life crowd_lives[] = {
	/* The first one a newcomer sees: everything in order, and slow enough to follow. */
	{"slow page", CROWD_CURL, PLACE_HTTPS,
	 {CONNECT, OPEN, SEND(517), AWAIT(48000), SLEEP(400)},
	 {SLEEP(1200), SEND(48000), AWAIT_END, SLEEP(300)}},
	{"quick page", CROWD_CURL, PLACE_HTTPS, QUICK_CLIENT, QUICK_SERVER},
	{"quick page again", CROWD_CURL, PLACE_HTTPS, QUICK_CLIENT, QUICK_SERVER},
	{"IPv6", CROWD_CURL, PLACE_HTTPS6, QUICK_CLIENT, QUICK_SERVER},
	{"IPv4 client of an IPv6 socket", CROWD_CURL, PLACE_MAPPED,
	 {CONNECT, OPEN, SEND(517), AWAIT(1400), SLEEP(120)},
	 {SLEEP(180), SEND(1400), AWAIT_END}},
	{"server closes first", CROWD_CURL, PLACE_HTTP,
	 {CONNECT, OPEN, SEND(120), AWAIT_END, SLEEP(250)},
	 {SLEEP(80), SEND(4000)}},
	{"slow request", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(900), AWAIT(2000)},
	 {SLEEP(3200), SEND(2000), AWAIT_END}},
	{"half-closed", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(900), SHUT, AWAIT_END},
	 {AWAIT_END, SLEEP(2500), SEND(2000)}},
	{"reset by the client", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(300), SLEEP(700), RESET},
	 {AWAIT_END}},
	{"reset by the server", CROWD_CLIENT, PLACE_HTTP,
	 {CONNECT, OPEN, SEND(300), AWAIT_END},
	 {SLEEP(600), RESET}},
	{"refused", CROWD_SHOP, PLACE_CLOSED, {CONNECT, OPEN}, {END}},
	{"refused again", CROWD_SHOP, PLACE_CLOSED, {CONNECT, OPEN}, {END}},
	{"no answer", CROWD_CLIENT, PLACE_FIREWALL, {CONNECT, SLEEP(5000)}, {END}},
	{"lost SYN+ACK", CROWD_CLIENT, PLACE_HTTP,
	 {DEAF, CONNECT, SLEEP(700), HEAR, OPEN, SEND(120), AWAIT_END},
	 {SLEEP(200), SEND(4000)}},
	{"lost FIN", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(300), AWAIT(2000), SLEEP(300)},
	 {SEND(2000), SLEEP(250), DEAF, SLEEP(900), HEAR, AWAIT_END}},
	{"lost last ACK", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(300), AWAIT(2000), SHUT, SLEEP(200), DEAF, SLEEP(1000),
	  HEAR, AWAIT_END},
	 {SEND(2000), AWAIT_END, SLEEP(400)}},
	{"both close at once", CROWD_CLIENT, PLACE_SHOP,
	 {CONNECT, OPEN, SEND(300), AWAIT(2000), DEAF, SLEEP(300), SHUT, SLEEP(400),
	  HEAR, AWAIT_END, SLEEP(500)},
	 {SEND(2000), SLEEP(100), DEAF, SLEEP(200), SHUT, SLEEP(900), HEAR,
	  AWAIT_END}},
	{"leak", CROWD_CLIENT, PLACE_LEAKY,
	 {CONNECT, OPEN, SEND(200), AWAIT(800)},
	 {SEND(800), AWAIT_END, KEEP(CROWD_LEAK_BOUND)}},
	{"leak again", CROWD_CURL, PLACE_LEAKY,
	 {CONNECT, OPEN, SEND(200), AWAIT(800), SLEEP(500)},
	 {SEND(800), AWAIT_END, KEEP(CROWD_LEAK_BOUND)}},
	{"pool", CROWD_SHOP, PLACE_DB,
	 {CONNECT, OPEN, SEND(150), AWAIT(1), SLEEP(9000), SEND(150), AWAIT(1),
	  SLEEP(9000), SEND(150), AWAIT(1), SLEEP(9000), SHUT, AWAIT_END},
	 {SEND(3000), AWAIT(1), AGAIN(2)}},
};
const unsigned crowd_life_count = sizeof crowd_lives / sizeof crowd_lives[0];

#define LIVES (sizeof crowd_lives / sizeof crowd_lives[0])

/* splitmix64: enough to shuffle twenty lives. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

unsigned crowd_life_at(uint64_t seed, uint64_t turn)
{
	uint64_t round = turn / LIVES, state = seed + round * 0x632be59bd9b4e019;
	unsigned order[LIVES], first = round == 0; /* the very first life is always the one made for it */

	for (unsigned i = 0; i < LIVES; i++)
		order[i] = i;
	for (unsigned i = LIVES - 1; i > first; i--) {
		unsigned j = first + (unsigned)(next_random(&state) % (i - first + 1)), kept = order[i];

		order[i] = order[j];
		order[j] = kept;
	}
	return order[turn % LIVES];
}

static socklen_t make_address(struct sockaddr_storage *out, const char *text, uint16_t port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		return sizeof *four;
	}
	inet_pton(AF_INET6, text, &six->sin6_addr);
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	return sizeof *six;
}

static int open_place(struct crowd *c, const struct place *p, struct sockaddr_storage *address)
{
	socklen_t len = make_address(address, c->private ? p->address : p->loopback, c->private ? p->port : 0);
	int fd, yes = 1;

	fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	/* An IPv6 address just added is tentative for a moment, even on loopback. */
	setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)address, len) < 0 || (p->listens && listen(fd, 32) < 0) ||
	    getsockname(fd, (struct sockaddr *)address, &len) < 0 || (p->deaf && actor_deafen(fd) < 0)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

int crowd_open(struct crowd *c)
{
	int error = 0;

	for (unsigned i = 0; i < PLACE_COUNT; i++)
		c->fds[i] = -1;
	for (unsigned i = 0; c->private && i < sizeof private_addresses / sizeof private_addresses[0]; i++)
		private_net_add_address(private_addresses[i]); /* without IPv6 some fail, and so do their places */
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		int fd = open_place(c, &places[i], &c->addresses[i]);

		c->fds[i] = fd < 0 ? -1 : fd;
		if (fd >= 0)
			continue;
		if (c->addresses[i].ss_family == AF_INET)
			error = fd;
		c->addresses[i].ss_family = AF_UNSPEC;
	}
	if (error)
		crowd_close(c);
	return error;
}

void crowd_close(struct crowd *c)
{
	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		if (c->fds[i] >= 0)
			close(c->fds[i]);
		c->fds[i] = -1;
	}
}

const char *crowd_member_comm(enum crowd_member member)
{
	static const char *const comms[] = {
#define X(name, comm) [CROWD_##name] = comm,
		CROWD_MEMBERS(X)
#undef X
	};

	return comms[member];
}

/* A member at work. */
struct player {
	const struct crowd *crowd;
	struct loop *loop;
	uint64_t turn; /* of the next life that is its own */
	uint8_t member;
};

/* The client's own address, its port left to connect(): so the kernel can tell even a refused one's address at its end. */
static void bind_client(int fd, const struct crowd *c, const struct place *p)
{
	struct sockaddr_storage address;
	socklen_t len = make_address(&address, c->private ? p->client : p->loopback, 0);
	int yes = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
	/* If it fails, the kernel chooses an address, which does as well. */
	(void)bind(fd, (struct sockaddr *)&address, len);
}

static void begin_life(struct player *p, unsigned index)
{
	const struct life *life = &crowd_lives[index];
	struct sockaddr_storage to = p->crowd->addresses[life->place];
	int fd;

	/* An IPv4 client of the IPv4-mapped place: the two ends are in different families. */
	if (life->place == PLACE_MAPPED) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&p->crowd->addresses[PLACE_MAPPED];

		make_address(&to, p->crowd->private ? "10.0.0.5" : "127.0.0.1", ntohs(six->sin6_port));
	}
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	bind_client(fd, p->crowd, &places[life->place]);
	actor_play(p->loop, fd, life->client, &to, (uint8_t)index);
}

static int64_t turn_ns(const struct crowd *c, uint64_t turn)
{
	return c->start_ns + (CROWD_FIRST_MS + (int64_t)turn * CROWD_PACE_MS) * NS_PER_MS;
}

static bool is_mine(const struct player *p, uint64_t turn)
{
	const struct life *life = &crowd_lives[crowd_life_at(p->crowd->seed, turn)];

	return life->member == p->member && p->crowd->addresses[life->place].ss_family;
}

static void on_turn(void *context);

/* Those whose time has passed while the process was stopped are left out: a crowd, not a burst. */
static void plan_turn(struct player *p)
{
	int64_t late_ns = clock_now_ns() - turn_ns(p->crowd, p->turn);

	if (late_ns > CROWD_PACE_MS * NS_PER_MS)
		p->turn += (uint64_t)(late_ns / (CROWD_PACE_MS * NS_PER_MS));
	/* Two whole rounds hold each life that there is. */
	for (unsigned i = 0; i < 2 * LIVES; i++, p->turn++) {
		if (is_mine(p, p->turn)) {
			loop_at(p->loop, turn_ns(p->crowd, p->turn), on_turn, p);
			return;
		}
	}
}

static void on_turn(void *context)
{
	struct player *p = context;

	begin_life(p, crowd_life_at(p->crowd->seed, p->turn));
	p->turn++;
	plan_turn(p);
}

static const struct step *choose_script(uint8_t first)
{
	return first < LIVES ? crowd_lives[first].server : NULL;
}

struct server {
	struct loop *loop;
	int fd;
};

static void on_connection(void *context, uint32_t events)
{
	struct server *s = context;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		actor_serve(s->loop, fd, choose_script);
	else if (errno == EMFILE || errno == ENFILE)
		loop_remove_fd(s->loop, s->fd); /* a stranger took them all; without this the loop would spin */
}

void crowd_play(struct crowd *c, enum crowd_member member, struct loop *loop)
{
	struct player *p = memory_get_zeroed(1, sizeof *p);

	for (unsigned i = 0; i < PLACE_COUNT; i++) {
		struct server *s;

		if (c->fds[i] < 0)
			continue;
		if (places[i].member != member) {
			close(c->fds[i]);
			c->fds[i] = -1;
			continue;
		}
		if (!places[i].listens)
			continue;
		s = memory_get_zeroed(1, sizeof *s);
		s->loop = loop;
		s->fd = c->fds[i];
		if (loop_add_fd(loop, s->fd, EPOLLIN, on_connection, s) < 0)
			free(s);
	}
	p->crowd = c;
	p->loop = loop;
	p->member = (uint8_t)member;
	plan_turn(p);
}
