/* What lists or sweeps, against the floor and ss. Each round runs all of them once, one after the other; what counts is the ratio within the round. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "result.h"

/* ---- sweeps ---- */

struct sweep_cost {
	double floor_ns, floor_cpu_ns, wall_ns, cpu_ns, main_ns;
	unsigned sockets;
};

static struct sweep_cost read_round(const char *line)
{
	struct sweep_cost c;

	if (sscanf(line, "round %lf %lf %lf %lf %lf %u", &c.floor_ns, &c.floor_cpu_ns, &c.wall_ns, &c.cpu_ns, &c.main_ns, &c.sockets) == 6)
		return c;
	fprintf(stderr, "bench: sweep says '%s'\n", line);
	exit(1);
}

/* change: what the load does before each sweep; NULL: nothing. */
static void sweep_rounds(struct bench *b, struct process *p, const char *change, const char *what, double limit)
{
	struct samples ratio = {0}, cpu = {0}, thread = {0}, main_thread = {0}, floor = {0};

	for (unsigned i = 0; i < b->rounds; i++) {
		struct sweep_cost c;

		if (change)
			bench_change(&b->load, change);
		process_tell(p, "");
		c = read_round(process_answer(p));
		samples_add(&ratio, c.wall_ns / c.floor_ns);
		samples_add(&floor, c.floor_ns / c.sockets);
		samples_add(&cpu, c.cpu_ns / c.floor_cpu_ns);
		samples_add(&thread, (c.cpu_ns - c.main_ns) / c.sockets);
		samples_add(&main_thread, c.main_ns / c.sockets);
	}
	result_add("sweep", what, &ratio, "x floor", MUST_BE_AT_MOST, limit);
	result_note("floor_ns_a_socket", samples_quantile(&floor, 0.5));
	result_note("sweep_thread_cpu_ns_a_socket", samples_quantile(&thread, 0.5));
	result_note("main_thread_cpu_ns_a_socket", samples_quantile(&main_thread, 0.5));
	result_note("cpu_by_floor", samples_quantile(&cpu, 0.5));
}

void figure_sweep(struct bench *b)
{
	struct process p;

	process_start(&p, (const char *const[]){bench_tool(b, "sweep"), NULL}, USER_SAME);
	process_answer(&p); /* the first */
	sweep_rounds(b, &p, NULL, "full sweep and fold, nothing changed", 1.2);
	sweep_rounds(b, &p, "send 1", "the same, 1 % of the sockets sent or received", 1.3);
	sweep_rounds(b, &p, "reopen 1", "the same, 1 % of the sockets closed and opened anew", 1.3);
	process_stop(&p);
	process_start(&p, (const char *const[]){bench_tool(b, "sweep"), "owners", NULL}, USER_SAME);
	process_answer(&p);
	sweep_rounds(b, &p, NULL, "nothing changed, owners looked for as well", 1.2);
	process_stop(&p);
}

/* ---- lists ---- */

void figure_list(struct bench *b)
{
	struct samples by_floor = {0}, by_ss = {0}, by_ss_info = {0}, floor_s = {0}, list_s = {0}, list_cpu_s = {0}, ss_s = {0}, ss_info_s = {0};

	/* Whoever reads everybody's descriptors now and then takes some of two cores, and none from who needs one. */
	bench_change(&b->load, "away");
	for (unsigned i = 0; i < b->rounds; i++) {
		struct cost floor = process_run((const char *const[]){bench_tool(b, "floor"), NULL});
		struct cost list = process_run((const char *const[]){b->synfin, "list", "--json", "--no-owners", NULL});
		struct cost ss = process_run((const char *const[]){"ss", "-Htan", NULL});
		struct cost ss_info = process_run((const char *const[]){"ss", "-Htani", NULL});

		samples_add(&by_floor, list.wall_s / floor.wall_s);
		samples_add(&by_ss, ss.wall_s / list.wall_s);
		samples_add(&by_ss_info, ss_info.wall_s / list.wall_s);
		samples_add(&floor_s, floor.wall_s);
		samples_add(&list_s, list.wall_s);
		samples_add(&list_cpu_s, list.cpu_s);
		samples_add(&ss_s, ss.wall_s);
		samples_add(&ss_info_s, ss_info.wall_s);
	}
	bench_change(&b->load, "back");
	result_add("list", "synfin list --json --no-owners", &by_floor, "x floor", MUST_BE_AT_MOST, 1.3);
	result_note("floor_s", samples_quantile(&floor_s, 0.5));
	result_note("list_s", samples_quantile(&list_s, 0.5));
	result_note("list_cpu_s", samples_quantile(&list_cpu_s, 0.5));
	result_add("list", "the same: as many times faster than ss -Htan", &by_ss, "x", MUST_BE_AT_LEAST, 2.3);
	result_note("ss_s", samples_quantile(&ss_s, 0.5));
	result_add("list", "the same: as many times faster than ss -Htani", &by_ss_info, "x", MUST_BE_AT_LEAST, 5);
	result_note("ss_info_s", samples_quantile(&ss_info_s, 0.5));
}

/* ---- owners ---- */

#define OWNERS_SOCKETS 190000u

struct owner_count {
	unsigned rows, without; /* rows of established connections; those of them that nobody holds, as far as it was found */
};

static bool count_owner(void *context, const char *line, size_t len)
{
	struct owner_count *c = context;

	if (!memmem(line, len, "\"ESTABLISHED\"", 13))
		return true;
	c->rows++;
	c->without += !memmem(line, len, "\"pid\":", 6);
	return true;
}

/* A list that gave up would be fast. */
static double share_without_owner(struct bench *b)
{
	struct owner_count c = {0};
	struct process p;

	process_start(&p, (const char *const[]){b->synfin, "list", "--json", NULL}, USER_SAME);
	while (process_lines(&p, 60000, count_owner, &c))
		;
	process_stop(&p);
	return c.rows ? (double)c.without / c.rows : 1;
}

static void compare_owners(struct bench *b, unsigned sockets, unsigned rounds, const char *what, double limit)
{
	struct samples ratio = {0}, list_s = {0}, ss_s = {0};
	struct process load;

	bench_start_load(b, &load, sockets);
	for (unsigned i = 0; i < rounds; i++) {
		struct cost list = process_run((const char *const[]){b->synfin, "list", NULL});
		struct cost ss = process_run((const char *const[]){"ss", "-Htanp", NULL});

		samples_add(&ratio, ss.wall_s / list.wall_s);
		samples_add(&list_s, list.wall_s);
		samples_add(&ss_s, ss.wall_s);
	}
	result_add("owners", what, &ratio, "x", MUST_BE_AT_LEAST, limit);
	result_note("list_s", samples_quantile(&list_s, 0.5));
	result_note("ss_s", samples_quantile(&ss_s, 0.5));
	result_note("share_of_rows_without_owner", share_without_owner(b));
	bench_stop_load(&load);
}

void figure_owners(struct bench *b)
{
	compare_owners(b, b->sockets < OWNERS_SOCKETS ? b->sockets : OWNERS_SOCKETS, b->rounds, "synfin list: as many times faster than ss -Htanp", 10);
	/* ss takes minutes: once is enough for a factor of a hundred. */
	if (b->all_owners)
		compare_owners(b, b->sockets, 1, "the same beside all sockets", 100);
}
