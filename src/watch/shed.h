/*
 * When to stop listening to destroy notices, and when to listen again. Pure: times and counts come in.
 *
 * Each notice costs the program that closes. So beyond a rate of ends that the user sets they are done without for a while; sweeps still see what lives longer
 * than their interval. While deaf the rate is that of sockets opened, which the kernel counts; where that count cannot be had (of another namespace), listening for
 * a short while tells.
 */
#ifndef WATCH_SHED_H
#define WATCH_SHED_H

#include <stdbool.h>
#include <stdint.h>

#define SHED_NOT_COUNTED UINT64_MAX

struct shed {
	uint32_t limit;           /* ends a second; 0: never deaf */
	bool deaf;
	/* listening */
	int64_t window_ns;        /* since when those came that are counted in `ends` */
	int64_t counted_ns;       /* up to when */
	uint64_t ends;
	bool probing;             /* only to see how many there are */
	/* deaf */
	int64_t since_ns, look_ns; /* look_ns: when to see whether it is over */
	int64_t pause_ns;         /* of the last blind wait */
	uint64_t opened_first, opened; /* at since_ns, and when last looked; SHED_NOT_COUNTED */
	int64_t opened_ns;
};

/* So many ends were told (or lost) since the last call. True: it is too much, stop listening and call shed_begin. */
bool shed_count(struct shed *s, uint64_t ends, int64_t now_ns);
/* Deaf from now on. opened: sockets opened so far, as the kernel counts them. */
void shed_begin(struct shed *s, uint64_t opened, int64_t now_ns);
/* Whether to listen again now; then it is no longer deaf. Asks nothing of the clock before look_ns. */
bool shed_is_over(struct shed *s, uint64_t opened, int64_t now_ns);
/* So many are opened by now. */
void shed_note_opened(struct shed *s, uint64_t opened);
/* Sockets opened while deaf; SHED_NOT_COUNTED. */
uint64_t shed_opened(const struct shed *s);

#endif
