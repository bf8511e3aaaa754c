/* Too many notices: see watch/shed.h. */
#include "config.h"

#include "watch/shed.h"

#include "base/clock.h"

#define WINDOW_NS NS_PER_SECOND
#define PROBE_NS (NS_PER_SECOND / 4)
#define LOOK_EVERY_NS NS_PER_SECOND
/* A probe is a quarter of a second at most: about one hundredth of the time. */
#define PAUSE_FIRST_NS (20 * NS_PER_SECOND)
#define PAUSE_MAX_NS (60 * NS_PER_SECOND)
/* So much lower must the rate be than the one at which it began, or it would begin again at once. */
#define OVER_SHARE 2

static int64_t shed_window(const struct shed *s)
{
	return s->probing ? PROBE_NS : WINDOW_NS;
}

bool shed_count(struct shed *s, uint64_t ends, int64_t now_ns)
{
	int64_t window_ns;

	if (s->limit == 0 || ends == 0)
		return false;
	if (s->window_ns == 0 || s->counted_ns - s->window_ns >= shed_window(s)) {
		/* A probe that came to its end found less than too much. */
		s->probing = s->probing && s->window_ns == 0;
		s->window_ns = s->window_ns ? s->counted_ns : now_ns;
		s->ends = 0;
	}
	s->ends += ends;
	s->counted_ns = now_ns;
	/* Who was kept from counting finds those of all the time meanwhile at once. */
	window_ns = now_ns - s->window_ns > shed_window(s) ? now_ns - s->window_ns : shed_window(s);
	return (double)s->ends > (double)s->limit * (double)window_ns / (double)NS_PER_SECOND;
}

void shed_begin(struct shed *s, uint64_t opened, int64_t now_ns)
{
	int64_t longer_ns = 2 * s->pause_ns < PAUSE_MAX_NS ? 2 * s->pause_ns : PAUSE_MAX_NS;

	s->pause_ns = s->probing && s->pause_ns ? longer_ns : PAUSE_FIRST_NS;
	s->deaf = true;
	s->since_ns = s->opened_ns = now_ns;
	s->opened_first = s->opened = opened;
	s->look_ns = now_ns + (opened == SHED_NOT_COUNTED ? s->pause_ns : LOOK_EVERY_NS);
}

static bool shed_rate_is_low(const struct shed *s, uint64_t opened, int64_t now_ns)
{
	double seconds = (double)(now_ns - s->opened_ns) / (double)NS_PER_SECOND;

	/* Of counters that went back nothing can be said: then it is tried. */
	return opened < s->opened || (double)(opened - s->opened) < seconds * s->limit / OVER_SHARE;
}

bool shed_is_over(struct shed *s, uint64_t opened, int64_t now_ns)
{
	bool counted = opened != SHED_NOT_COUNTED && s->opened != SHED_NOT_COUNTED, over;

	if (!s->deaf || (s->limit > 0 && now_ns < s->look_ns))
		return false;
	over = s->limit == 0 || !counted || shed_rate_is_low(s, opened, now_ns);
	s->opened = opened;
	s->opened_ns = now_ns;
	s->look_ns = now_ns + LOOK_EVERY_NS;
	if (!over)
		return false;
	s->deaf = false;
	s->probing = !counted;
	s->window_ns = 0;
	return true;
}

void shed_note_opened(struct shed *s, uint64_t opened)
{
	if (s->deaf)
		s->opened = opened;
}

uint64_t shed_opened(const struct shed *s)
{
	bool counted = s->opened_first != SHED_NOT_COUNTED && s->opened != SHED_NOT_COUNTED && s->opened >= s->opened_first;

	return counted ? s->opened - s->opened_first : SHED_NOT_COUNTED;
}
