/*
 * The namespaces that are watched, each with its sockets: a host of its own, as TCP sees it.
 *
 * The sweeping thread alone changes the list, so it reads it as it likes. The thread for notices holds the lock while it goes through it. A host's sockets pin its
 * namespace (DESIGN.md fact 20): letting go of it closes them.
 */
#ifndef WATCH_HOSTS_H
#define WATCH_HOSTS_H

#include <pthread.h>
#include <stdbool.h>

#include "watch/dump.h"
#include "watch/obituary.h"
#include "watch/outlet.h"
#include "watch/watch.h"

struct host {
	uint64_t netns;                 /* SO_NETNS_COOKIE; 0: not known */
	struct netns_id id;             /* {0}: not known */
	char name[NETNS_NAME_ROOM];
	struct dumper dumper;           /* these three for the sweeping thread */
	struct netlink_port lookup_port;
	int dump_error, lookup_error, told_error;
	const char *proc;               /* directory of tcp and tcp6, to read where sock_diag is refused; NULL: it tells of another namespace, or of none */
	int64_t diag_again_ns;          /* until when sock_diag is not asked again; 0: it answers */
	int64_t diag_pause_ns;          /* the last pause */
	int diag_error;                 /* why it is refused */
	unsigned absences;              /* looks in a row that found no process in it */
	struct obituary obituary;       /* under the lock */
};

struct hosts {
	pthread_mutex_t lock;
	struct host **all;
	unsigned count;
	struct outlet notices_out;      /* under the lock */
};

void hosts_init(struct hosts *h, struct queue *queue);
void hosts_fini(struct hosts *h);
/* Takes over the sockets (-1: opens its own when needed). *error: 0, or -errno if the dump socket cannot be had now (each dump tries again). */
struct host *hosts_add(struct hosts *h, struct watch_sockets sockets, int *error);
/* Closes a host's sockets, having told the notices that waited. The thread for notices may sleep on them still: wake it afterwards. */
void hosts_remove(struct hosts *h, struct host *host);
/* NULL if it is not watched. netns 0: the first. */
struct host *hosts_find(const struct hosts *h, uint64_t netns);
struct host *hosts_find_id(const struct hosts *h, const struct netns_id *id);

#endif
