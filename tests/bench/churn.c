/*
 * Connections on loopback that are made, and closed at once by a FIN each way: RATE a second for SECONDS, by PROCESSES that share it; RATE 0: as fast as
 * they can. Those of process number i go to port PORT + i. Prints how many were made in all, and how many a second.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define PROCESSES_MAX 16
#define ADDRESSES 200u /* that they go to in turn: a port in TIME_WAIT is free for the others */
#define TICK_NS NS_PER_MS

struct churn {
	double rate; /* of one process; 0: no limit */
	double seconds;
	int port, listener;
};

static int64_t now(void)
{
	return clock_now_ns();
}

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "churn: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void begin_listening(struct churn *c)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port)};
	const int on = 1;

	c->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(c->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(c->listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(c->listener, 64) < 0)
		fail("listen");
}

static void open_and_close(const struct churn *c, uint64_t number)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (2u << 16) + number % ADDRESSES),
	};
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), server;

	if (client < 0)
		fail("socket");
	if (connect(client, (struct sockaddr *)&to, sizeof to) < 0)
		fail("connect");
	server = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0)
		fail("accept");
	close(client);
	close(server);
}

/* Returns how many. With a rate: as many as are due by each tick, so that a delay is made good. */
static uint64_t run(const struct churn *c)
{
	const int64_t began_ns = now(), until_ns = began_ns + (int64_t)(c->seconds * (double)NS_PER_SECOND);
	uint64_t made = 0;

	for (;;) {
		int64_t now_ns = now();
		uint64_t due = c->rate > 0 ? (uint64_t)((double)(now_ns - began_ns) / (double)NS_PER_SECOND * c->rate) : made + 64;

		if (now_ns >= until_ns)
			return made;
		while (made < due && now() < until_ns)
			open_and_close(c, made++);
		if (c->rate > 0)
			nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
	}
}

_Noreturn static void run_process(struct churn *c, pid_t parent, uint64_t *made)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	alarm((unsigned)c->seconds + 60);
	begin_listening(c);
	*made = run(c);
	_exit(0);
}

int main(int argc, char *argv[])
{
	uint64_t *made = mmap(NULL, PROCESSES_MAX * sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), total = 0;
	struct churn c = {0};
	int processes, status, failed = 0;
	pid_t self = getpid();

	if (argc != 5) {
		fprintf(stderr, "usage: churn RATE SECONDS PORT PROCESSES\n");
		return 2;
	}
	processes = atoi(argv[4]);
	if (made == MAP_FAILED || processes < 1 || processes > PROCESSES_MAX)
		return 2;
	c.rate = strtod(argv[1], NULL) / processes;
	c.seconds = strtod(argv[2], NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < processes; i++) {
		c.port = atoi(argv[3]) + i;
		if (fork() == 0)
			run_process(&c, self, &made[i]);
	}
	while (wait(&status) > 0)
		failed |= status;
	for (int i = 0; i < processes; i++)
		total += made[i];
	printf("%" PRIu64 " %.1f\n", total, (double)total / c.seconds);
	return failed ? 1 : 0;
}
