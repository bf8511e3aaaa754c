/*
 * What it costs to watch one connection: COUNT exact look-ups, one after the other, of one end of a connection that it makes itself. Prints the CPU time of
 * one (all threads, the folding included), in ns.
 */
#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "watching.h"

#define WARM_UP 200

static struct lookup lookup; /* of the connection's one end */

static int64_t cpu_ns(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * NS_PER_SECOND + t.tv_nsec;
}

static void make_connection(void)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, remote;
	socklen_t len = sizeof local;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&local, sizeof local) || listen(listener, 1) || getsockname(listener, (struct sockaddr *)&local, &len)) {
		perror("lookups: listen");
		exit(1);
	}
	remote = local;
	if (connect(client, (struct sockaddr *)&remote, sizeof remote) || getsockname(client, (struct sockaddr *)&local, &len) ||
	    accept(listener, NULL, NULL) < 0) {
		perror("lookups: connect");
		exit(1);
	}
	lookup.tuple.family = AF_INET;
	endpoint_set_v4(&lookup.tuple.local, &local.sin_addr, ntohs(local.sin_port));
	endpoint_set_v4(&lookup.tuple.remote, &remote.sin_addr, ntohs(remote.sin_port));
	lookup.why = LOOKUP_WATCHED;
}

static void look_up(struct watching *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t before = w->answers;

		if (!watch_look_up(w->watch, &lookup)) {
			fprintf(stderr, "lookups: refused\n");
			exit(1);
		}
		while (w->answers == before)
			if (!watching_turn(w)) {
				fprintf(stderr, "lookups: no answer\n");
				exit(1);
			}
	}
}

int main(int argc, char *argv[])
{
	unsigned count = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct watching w;
	int64_t began_ns;

	if (count == 0) {
		fprintf(stderr, "usage: lookups COUNT\n");
		return 2;
	}
	make_connection();
	watching_start(&w, false, false);
	look_up(&w, WARM_UP);
	began_ns = cpu_ns();
	look_up(&w, count);
	printf("%" PRId64 "\n", (cpu_ns() - began_ns) / count);
	watching_stop(&w);
	return 0;
}
