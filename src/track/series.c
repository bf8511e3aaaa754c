/* A ring indexed by the second itself, so that nothing has to tick. */
#include "series.h"

#include "base/clock.h"

struct second *series_at(struct series *s, int64_t t_ns)
{
	int64_t second = t_ns / NS_PER_SECOND;
	size_t index = (size_t)((uint64_t)second % SERIES_SECONDS);

	if (s->ring[index].second != second) {
		s->ring[index].second = second;
		s->ring[index].counts = (struct second){0};
	}
	return &s->ring[index].counts;
}

struct second series_get(const struct series *s, int64_t now_ns, unsigned ago)
{
	int64_t second = now_ns / NS_PER_SECOND - ago;
	size_t index = (size_t)((uint64_t)second % SERIES_SECONDS);

	if (ago >= SERIES_SECONDS || s->ring[index].second != second)
		return (struct second){0};
	return s->ring[index].counts;
}
