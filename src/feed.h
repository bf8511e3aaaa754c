/* Where what is seen comes from: this host, or the demo's crowd; opened as the options say, with the loop that drives it. */
#ifndef FEED_H
#define FEED_H

#include <errno.h>

#include "base/clock.h"
#include "base/loop.h"
#include "lab/demo.h"
#include "live.h"
#include "options.h"
#include "out/json_event.h"

/* Between looks at the states that pass, while something changes. */
#define FEED_FAST_INTERVAL_NS (50 * NS_PER_MS)

struct feed {
	struct loop *loop;
	struct live *live;
	struct demo *demo; /* NULL: this host */
	struct watch_netns netns; /* that was asked for */
	int destroy_fd;    /* of the namespace that is watched, for watch/destroy.h; -1: none has been opened */
	int destroy_error; /* why there is none for a namespace that was asked for: -errno */
	uint32_t kinds;    /* bits 1 << enum source (tcp/observation.h) */
	uint32_t settled;  /* slots of the model before it wait for no owner any more */
};
/* One that is not open. */
#define FEED_NONE ((struct feed){ .destroy_fd = -1, .destroy_error = -EXDEV })

/* What a command wants of it. */
struct feed_use {
	int64_t interval_ns;
	double budget;                  /* share of one CPU */
	bool notices;
	bool destroys;                  /* feed_destroy may be asked for */
	const struct watch_filter *filter, *halves; /* of the plan: as there */
	event_sink *sink;               /* these four as in struct live_config */
	bool passing;
	void (*turn)(void *context);
	void *context;
};

/* 0; or -errno, with a line on standard error that says what failed. Call once, before there are threads. */
int feed_open(struct feed *f, const struct options *o, const struct feed_use *use);
/* What is open of it; of one that was never opened, FEED_NONE, nothing. */
void feed_close(struct feed *f);
/* sock_diag is refused: the last sweep read /proc/net/tcp. */
bool feed_is_proc(const struct feed *f);
/* Who tells, for the head of a stream. What the sources are is known after the first sweep. */
void feed_describe(const struct feed *f, struct json_header *h);
/* Whether every socket that was seen has had its owner looked for. Quick: all calls together walk the model once. */
bool feed_owners_found(struct feed *f);
/* Destroys a socket: as destroy_socket() answers. And what that would say, as far as it is known beforehand. */
int feed_destroy(struct feed *f, const struct lookup *which);
int feed_may_destroy(struct feed *f, const struct lookup *which);
/* Why dumps fail, or NULL if they do not: a line for a person. */
const char *feed_trouble(const struct feed *f);

#endif
