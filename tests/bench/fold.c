/*
 * Memory after many short connections have come and gone, in no time: invented observations go straight through the tracker. Each connection is made,
 * seen by a sweep or not, and ends; each end's remnant is looked up and is not there. Prints the resident bytes after 1 million and after COUNT.
 */
#include "config.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "track/model.h"
#include "track/tracker.h"

#define APART_NS (25 * NS_PER_US) /* 40,000 connections a second */
#define LASTS_NS (2 * NS_PER_MS)
#define ENDPOINTS 28000u          /* ports that come round again */
#define SEEN_EACH 4u              /* every so many was there when a sweep passed */
#define SWEEP_EACH 40000u
#define BEGAN_NS (1700000000 * NS_PER_SECOND)

struct fold {
	struct model *model;
	struct tracker *tracker;
	struct batch *batch;
	int64_t now_ns;
};

static int64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long size, resident;

	if (!f || fscanf(f, "%lld %lld", &size, &resident) != 2) {
		fprintf(stderr, "fold: /proc/self/statm\n");
		exit(1);
	}
	fclose(f);
	return resident * sysconf(_SC_PAGESIZE);
}

static void hand_over(struct fold *f)
{
	tracker_observe(f->tracker, f->batch, f->now_ns);
	f->batch->count = 0;
	tracker_turn(f->tracker, f->now_ns);
}

static struct observation *add(struct fold *f, enum observation_kind kind)
{
	struct observation *o = batch_add(f->batch, kind, f->now_ns, f->now_ns);

	if (o)
		return o;
	hand_over(f);
	return batch_add(f->batch, kind, f->now_ns, f->now_ns);
}

/* No remnant is ever there. */
static void answer(struct fold *f)
{
	struct lookup lookup;

	while (tracker_want(f->tracker, &lookup))
		add(f, OBSERVED_ABSENT)->asked = lookup;
}

static struct sample invent(uint64_t number, enum tcp_state state)
{
	static const uint8_t local[4] = {10, 0, 0, 1}, remote[4] = {10, 0, 0, 2};
	struct sample s = {.cookie = number + 1, .state = (uint8_t)state};

	s.tuple.family = AF_INET;
	endpoint_set_v4(&s.tuple.local, local, (uint16_t)(32768 + number % ENDPOINTS));
	endpoint_set_v4(&s.tuple.remote, remote, 443);
	s.has = SAMPLE_HAS_NUMBERS | SAMPLE_HAS_SENT;
	s.numbers.bytes_acked = state == STATE_CLOSED ? 102 : 101;
	s.numbers.bytes_sent = 100;
	s.numbers.bytes_received = state == STATE_CLOSED ? 1001 : 1000;
	return s;
}

static void sweep(struct fold *f, enum observation_kind kind)
{
	struct observation *o = add(f, kind);

	o->sweep.states = ~0u;
	o->sweep.why_not = SWEEP_WHOLE;
}

static void live_and_die(struct fold *f, uint64_t number)
{
	bool swept = number % SWEEP_EACH == 0;

	f->now_ns += APART_NS;
	if (swept)
		sweep(f, OBSERVED_SWEEP_BEGIN);
	if (number % SEEN_EACH == 0)
		add(f, OBSERVED_SAMPLE)->sample = invent(number, STATE_ESTABLISHED);
	if (swept)
		sweep(f, OBSERVED_SWEEP_END);
	f->now_ns += LASTS_NS / 100;
	add(f, OBSERVED_END)->sample = invent(number, STATE_CLOSED);
	if (f->batch->count > BATCH_ROOM / 2) {
		hand_over(f);
		answer(f);
	}
}

int main(int argc, char *argv[])
{
	const struct tracker_config config = {.seed = 7, .port_low = 32768, .port_high = 60999, .notices = true};
	uint64_t count = argc == 2 ? strtoull(argv[1], NULL, 10) : 0, early = count / 10;
	struct fold f = {.now_ns = BEGAN_NS, .batch = batch_new()};
	int64_t early_bytes = 0;

	if (count < 10) {
		fprintf(stderr, "usage: fold COUNT\n");
		return 2;
	}
	memory_tune();
	f.model = model_new(config.seed);
	f.tracker = tracker_new(f.model, &config, NULL, NULL);
	for (uint64_t i = 0; i < count; i++) {
		live_and_die(&f, i);
		if (i + 1 == early)
			early_bytes = resident_bytes();
	}
	printf("%" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu64 "\n", early_bytes, resident_bytes(), model_live(f.model), model_totals(f.model)->closes);
	tracker_free(f.tracker);
	model_free(f.model);
	batch_free(f.batch);
	return 0;
}
