/*
 * Two dumps side by side, on sockets and in threads of their own. Each walks the whole table, so together they take the kernel a third more work than one; but on
 * two cores the half of the messages that each fills is there in some two thirds of the time.
 */
#ifndef WATCH_TWIN_H
#define WATCH_TWIN_H

#include <stdatomic.h>

#include "watch/dump.h"
#include "watch/outlet.h"

/* Where the second dump's sockets go, and when it is to end early. All of it must outlive the call. */
struct twin_use {
	struct queue *queue;
	uint64_t netns;
	const atomic_bool *stopping;
};

/*
 * Dumps what halves[0] lets through into the sink, from the calling thread and by its dumper, and what halves[1] lets through into the queue. In the namespace of the
 * calling thread, of which the dumper must be too. The result is of both, as if they were one; where there is no second thread to be had, all comes into the sink.
 */
struct dump_result twin_dump(struct dumper *d, const struct watch_filter halves[2], bool numbers, const struct dump_sink *sink, const struct twin_use *use);

#endif
