/*
 * Obituaries: the kernel's notice of each TCP socket that dies, however short it lived (SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY).
 *
 * Notices that the kernel could not deliver are counted exactly: the socket's own count of drops, read after each overrun.
 */
#ifndef WATCH_OBITUARY_H
#define WATCH_OBITUARY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "watch/netlink.h"
#include "watch/outlet.h"

/* 212,992 bytes, the usual default, hold 166 notices; this about 6,500. */
#define OBITUARY_BUFFER_BYTES (8 << 20)

struct obituary_letters;

struct obituary {
	struct netlink_port port;
	int buffer_bytes;
	bool listening;
	bool overrun;              /* drops are to be counted */
	bool unheard;              /* notices were told, and not yet that they were all */
	uint32_t drops;            /* counted so far */
	atomic_llong empty_ns;     /* when nothing was waiting: what is read from now on came after that */
	pthread_mutex_t lock;      /* of the socket, against its being replaced during a glance */
	uint64_t lost_untold;
	int error, told_error;
	struct obituary_letters *letters; /* receive buffers */
	struct outlet *out;        /* not ours; impatient */
};

/* Takes `fd` over (-1: opens its own when told to listen). */
void obituary_init(struct obituary *o, int fd, int buffer_bytes, struct outlet *out);
void obituary_fini(struct obituary *o);

/* Begins or ends to listen; tries again what failed before. Afterwards o->listening tells how it went. */
void obituary_listen(struct obituary *o, bool listen);
/* Nothing more comes from now on; what has come until then is for obituary_part to take. */
void obituary_hush(struct obituary *o);
/* Ends to listen, but takes what has come until then into the outlet; as obituary_drain. */
void obituary_part(struct obituary *o, bool *lost);
/* Takes what waits, a few thousand notices at most, into the outlet, and tells losses and trouble. Returns how many notices came; *lost is set when some
 * were lost since the last call. */
unsigned obituary_drain(struct obituary *o, bool *lost);
/* For another thread, without waking this one: whether nothing waits, as of *now_ns. Takes note of it: so a long quiet spell bounds the next notice well. */
bool obituary_glance(struct obituary *o, int64_t *now_ns);
/* -1 while not listening. */
int obituary_fd(const struct obituary *o);

#endif
