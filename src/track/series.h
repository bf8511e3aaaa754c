/* What happened in each of the last SERIES_SECONDS seconds. A second that saw nothing costs nothing. */
#ifndef TRACK_SERIES_H
#define TRACK_SERIES_H

#include "track/model.h"

struct series {
	struct {
		int64_t second; /* since 1970 */
		struct second counts;
	} ring[SERIES_SECONDS];
};

/* The counts of the second that t_ns lies in, to be changed. */
struct second *series_at(struct series *s, int64_t t_ns);
struct second series_get(const struct series *s, int64_t now_ns, unsigned ago);

#endif
