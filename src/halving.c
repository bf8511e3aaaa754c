/* Halves by port: see halving.h. */
#include "config.h"

#include "halving.h"

#include <assert.h>
#include <stdio.h>

#include "port_range.h"

static void halving_compile(struct halving *h, int half, unsigned middle)
{
	const struct filter_names names = { .kernel = true };
	struct filter_error error;
	struct filter *filter;
	char text[160];

	/* One of the two ports is beyond the middle, and only one; or not so. */
	if (half == 0)
		snprintf(text, sizeof text, "( sport le :%u and dport gt :%u ) or ( sport gt :%u and dport le :%u )", middle, middle, middle, middle);
	else
		snprintf(text, sizeof text, "( sport le :%u and dport le :%u ) or ( sport gt :%u and dport gt :%u )", middle, middle, middle, middle);
	filter = filter_parse(text, &names, &error);
	assert(filter);
	filter_compile(filter, FILTER_OPS_ALL, &h->codes[half]);
	filter_free(filter);
	/* Needed: a kernel that does not take it would list everything twice. */
	h->halves[half] = (struct watch_filter){
		.states = (STATE_BIT(STATE_COUNT) - 2) & ~STATE_BIT(STATE_LISTEN), .codes = { { h->codes[half].bytes, h->codes[half].length } }, .needed = true,
	};
}

void halving_open(struct halving *h)
{
	struct port_range range;

	port_range_read(&range);
	for (int half = 0; half < 2; half++)
		halving_compile(h, half, (unsigned)(range.low + range.high) / 2);
}

void halving_close(struct halving *h)
{
	for (int half = 0; half < 2; half++)
		filter_code_fini(&h->codes[half]);
	*h = (struct halving){0};
}
