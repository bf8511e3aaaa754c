/* The filter of the command line: names looked up on this host, mistakes told, and what the kernel is asked to do of it. */
#ifndef FILTERING_H
#define FILTERING_H

#include "options.h"
#include "track/filter.h"
#include "watch/watch.h"

/* A host whose name was looked up for the command line. */
struct known_host {
	char *name;
	unsigned count;
	struct filter_address addresses[FILTER_ADDRESSES_MAX];
	struct known_host *next;
};

struct filtering {
	struct filter *filter;      /* NULL: there is none, all is let through */
	struct filter_code codes[2];
	struct watch_filter watch;  /* of these codes: for a plan */
	struct known_host *hosts;
};

/* Reads it. 0; or -EINVAL, with the mistake told on standard error. `kernel`: sweeps will be filtered by it. */
int filtering_open(struct filtering *f, const struct options *o, bool kernel);
void filtering_close(struct filtering *f);
/*
 * For filters that are typed while everything goes on: of host names only those of the command line, of users only those of /etc/passwd, and no cgroups, for
 * others would have to be waited for. Valid until filtering_close.
 */
void filtering_screen_names(struct filtering *f, struct filter_names *names);

/* Whether a connection of the model is let through. */
static inline bool filtering_lets(const struct filtering *f, const struct model *m, const struct connection *c, int64_t now_ns)
{
	struct filter_row row;

	if (!f->filter)
		return true;
	row = filter_row_of(m, c);
	return filter_matches(f->filter, &row, now_ns);
}

/* The same for a CONNECTION event. */
static inline bool filtering_lets_row(const struct filtering *f, const struct event *row)
{
	struct filter_row read;

	if (!f->filter)
		return true;
	read = filter_row_of_event(row);
	return filter_matches(f->filter, &read, row->t_ns);
}

#endif
