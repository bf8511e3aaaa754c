/*
 * Sweeps against the floor, in one process. After a first sweep, which makes the model, it waits for lines on standard input; for each it takes one floor
 * and one full sweep, folded to its end, and answers with a line of numbers: wall and CPU time of the floor, wall and CPU time of the sweep (all threads),
 * CPU time of the main thread in it, all in ns, and the sockets in the sweep.
 * usage: sweep [owners]
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "dump_floor.h"
#include "watching.h"

#define NOTICES_MS 50
#define SETTLE_MS 300 /* answers and owners that are still on their way belong to no sweep */

struct cost {
	int64_t wall_ns, cpu_ns, main_ns;
};

static int64_t read_clock(clockid_t id)
{
	struct timespec t = {0};

	clock_gettime(id, &t);
	return t.tv_sec * NS_PER_SECOND + t.tv_nsec;
}

static void cost_begin(struct cost *c)
{
	*c = (struct cost){read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_PROCESS_CPUTIME_ID), read_clock(CLOCK_THREAD_CPUTIME_ID)};
}

static void cost_end(struct cost *c)
{
	*c = (struct cost){
		read_clock(CLOCK_MONOTONIC) - c->wall_ns, read_clock(CLOCK_PROCESS_CPUTIME_ID) - c->cpu_ns,
		read_clock(CLOCK_THREAD_CPUTIME_ID) - c->main_ns,
	};
}

static struct cost take_floor(int fd)
{
	struct cost c;
	int64_t bytes;

	cost_begin(&c);
	bytes = dump_floor(fd);
	cost_end(&c);
	if (bytes < 0) {
		fprintf(stderr, "sweep: the floor: %s\n", strerror((int)-bytes));
		exit(1);
	}
	return c;
}

static struct cost take_sweep(struct watching *w)
{
	struct cost c;
	bool whole;

	cost_begin(&c);
	whole = watching_sweep(w);
	cost_end(&c);
	if (!whole) {
		fprintf(stderr, "sweep: a sweep was not whole\n");
		exit(1);
	}
	return c;
}

int main(int argc, char *argv[])
{
	struct watching w;
	struct cost floor, sweep;
	int fd = dump_floor_open();
	char line[64];

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "owners"))) {
		fprintf(stderr, "usage: sweep [owners]\n");
		return 2;
	}
	if (fd < 0) {
		fprintf(stderr, "sweep: %s\n", strerror(-fd));
		return 1;
	}
	memory_tune();
	watching_start(&w, argc == 2, true);
	sweep = take_sweep(&w);
	watching_settle(&w, SETTLE_MS);
	printf("first %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu32 "\n", sweep.wall_ns, sweep.cpu_ns, sweep.main_ns, w.last.sockets);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		/* Notices are taken as they come, sweep or no sweep. */
		watching_settle(&w, NOTICES_MS);
		floor = take_floor(fd);
		sweep = take_sweep(&w);
		printf("round %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu32 "\n", floor.wall_ns, floor.cpu_ns, sweep.wall_ns,
		       sweep.cpu_ns, sweep.main_ns, w.last.sockets);
		fflush(stdout);
		watching_settle(&w, SETTLE_MS);
	}
	watching_stop(&w);
	return 0;
}
