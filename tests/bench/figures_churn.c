/* What comes and goes: every end told or its loss shown, what the observer costs those who close, and memory afterwards. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench.h"
#include "result.h"

#define RATE "20000"
#define PORT 9000
#define PORT_WORD "9000"

/* ---- every end ---- */

struct tally {
	uint8_t *closed; /* a bit for each connection */
	size_t room;     /* in bits */
	uint64_t ends, lost, dropped, lines;
};

static uint64_t field(const char *line, size_t len, const char *name)
{
	const char *at = memmem(line, len, name, strlen(name));

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void tally_close(struct tally *t, uint64_t conn)
{
	if (conn >= t->room) {
		size_t room = (conn + 1) * 2;
		uint8_t *closed = calloc(room / 8 + 1, 1);

		if (!closed)
			abort();
		if (t->closed)
			memcpy(closed, t->closed, t->room / 8 + 1);
		free(t->closed);
		t->closed = closed;
		t->room = room;
	}
	if (t->closed[conn / 8] & 1u << conn % 8)
		return;
	t->closed[conn / 8] |= (uint8_t)(1u << conn % 8);
	t->ends++;
}

/* A connection closes when it enters TIME_WAIT or CLOSED, whichever comes first. */
static bool take_line(void *context, const char *line, size_t len)
{
	static const char transition[] = "{\"v\":1,\"ev\":\"transition\"", coverage[] = "{\"v\":1,\"ev\":\"coverage\"";
	struct tally *t = context;

	t->lines++;
	if (len > sizeof transition && !memcmp(line, transition, sizeof transition - 1)) {
		if ((memmem(line, len, "\"to\":\"TIME_WAIT\"", 16) || memmem(line, len, "\"to\":\"CLOSED\"", 13)) &&
		    memmem(line, len, ":" PORT_WORD "\"", sizeof PORT_WORD + 1) && !memmem(line, len, "\"from\":\"LISTEN\"", 15))
			tally_close(t, field(line, len, "\"conn\":"));
	} else if (len > sizeof coverage && !memcmp(line, coverage, sizeof coverage - 1)) {
		t->lost = field(line, len, "\"notices_lost\":") + field(line, len, "\"ends_unseen\":");
		t->dropped = field(line, len, "\"lookups_dropped\":");
	}
	return true;
}

#define AFTER_MS 5000

/* What churn made; what is read meanwhile goes to the tally. */
static double make_churn(struct bench *b, struct process *synfin, struct tally *t)
{
	char seconds[16];
	struct process churn;
	double made = 0;

	snprintf(seconds, sizeof seconds, "%.0f", b->seconds);
	process_start(&churn, (const char *const[]){bench_tool(b, "churn"), RATE, seconds, PORT_WORD, "1", NULL}, USER_SAME);
	while (waitpid(churn.pid, NULL, WNOHANG) == 0)
		process_lines(synfin, 100, take_line, t);
	if (sscanf(process_answer(&churn), "%lf", &made) != 1)
		exit(1);
	close(churn.in);
	close(churn.out);
	return made;
}

void figure_churn(struct bench *b)
{
	struct samples share = {0}, untold = {0};
	struct tally t = {0};
	struct process p;
	double made, ends, cpu_s, loss;
	uint64_t lines;

	process_start(&p, (const char *const[]){b->synfin, "events", "--json", "--no-owners", NULL}, USER_NOBODY);
	process_lines(&p, 1000, take_line, &t);
	made = make_churn(b, &p, &t);
	cpu_s = process_use(&p).cpu_s;
	/* It may be behind: until nothing more comes. */
	do {
		lines = t.lines;
		process_lines(&p, b->seconds < 10 ? 1000 : AFTER_MS, take_line, &t);
	} while (t.lines - lines > 1000);
	kill(p.pid, SIGTERM);
	while (process_lines(&p, 60000, take_line, &t))
		;
	process_stop(&p);
	ends = 2 * made;
	loss = ends - (double)t.ends - (double)t.lost;
	samples_add(&share, 100 * (double)t.ends / ends);
	samples_add(&untold, loss > 0 ? loss : 0);
	result_add("churn", RATE " connections a second, unprivileged: ends told", &share, "%", MUST_NOT, 0);
	result_note("connections_made", made);
	result_note("connections_a_second", made / b->seconds);
	result_note("synfin_cpu_s", cpu_s);
	result_add("churn", "ends neither told nor shown as lost", &untold, "ends", MUST_BE_AT_MOST, 0);
	result_note("ends_made", ends);
	result_note("ends_told", (double)t.ends);
	result_note("ends_shown_as_lost_or_unseen", (double)t.lost);
	result_note("lookups_shown_as_dropped", (double)t.dropped);
	free(t.closed);
}

/* ---- the observer's cost ---- */

static double saturated_rate(struct bench *b)
{
	char seconds[16], processes[16], line[64];
	double made, rate = 0;

	snprintf(seconds, sizeof seconds, "%.2f", b->seconds / 30);
	snprintf(processes, sizeof processes, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	process_run_line((const char *const[]){bench_tool(b, "churn"), "0", seconds, PORT_WORD, processes, NULL}, line, sizeof line);
	if (sscanf(line, "%lf %lf", &made, &rate) != 2 || rate <= 0) {
		fprintf(stderr, "bench: churn says '%s'\n", line);
		exit(1);
	}
	return rate;
}

void figure_slowdown(struct bench *b)
{
	struct samples ratio = {0}, alone = {0};

	saturated_rate(b); /* as many TIME_WAIT as there may be: from now on all rounds are alike */
	for (unsigned i = 0; i < b->rounds; i++) {
		double without = saturated_rate(b), with;
		struct process p;

		process_start_quiet(&p, (const char *const[]){b->synfin, "events", "--json", NULL});
		process_drain(&p, 500);
		with = saturated_rate(b);
		process_stop(&p);
		samples_add(&ratio, with / without);
		samples_add(&alone, without);
	}
	result_add("slowdown", "rate of a saturated loop beside synfin, by that without", &ratio, "x", MUST_NOT, 0);
	result_note("connections_a_second_without", samples_quantile(&alone, 0.5));
}

/* ---- memory afterwards ---- */

void figure_fold(struct bench *b)
{
	unsigned long count = b->sockets * 50ul < 10000000ul ? b->sockets * 50ul : 10000000ul;
	struct samples ratio = {0};
	char word[32], line[128];
	double early, late;

	snprintf(word, sizeof word, "%lu", count);
	process_run_line((const char *const[]){bench_tool(b, "fold"), word, NULL}, line, sizeof line);
	if (sscanf(line, "%lf %lf", &early, &late) != 2) {
		fprintf(stderr, "bench: fold says '%s'\n", line);
		exit(1);
	}
	samples_add(&ratio, late / early);
	result_add("fold", "memory after 10 million short connections, by that after 1", &ratio, "x", MUST_BE_AT_MOST, 1.05);
	result_note("connections", (double)count);
	result_note("resident_bytes_early", early);
	result_note("resident_bytes_late", late);
}
