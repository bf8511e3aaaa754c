/*
 * `make bench`: the driver. It moves into a network namespace of its own and takes the figures in three parts: in the empty namespace, beside the load of
 * idle sockets, and after it, with loads of their own.
 */
#ifndef BENCH_H
#define BENCH_H

#include <limits.h>
#include <stdbool.h>

#include "process.h"

struct bench {
	unsigned sockets;
	unsigned rounds;
	double seconds;    /* of the longest figure; the others take a part of it */
	bool all_owners;   /* owners of all sockets too: ss needs minutes */
	char tools[PATH_MAX], synfin[PATH_MAX];
	struct process load; /* in its part */
};

/* The path of a program of the bench. Valid until the next but three. */
const char *bench_tool(const struct bench *b, const char *name);
/* Starts that load, and waits until it stands. */
void bench_start_load(const struct bench *b, struct process *load, unsigned sockets);
/* Ends it, and waits until its sockets are gone. */
void bench_stop_load(struct process *load);
/* Has the load change: "send 1", "reopen 1", "away" and "back" (load.c). */
void bench_change(struct process *load, const char *command);

/* figures_dump.c: what lists or sweeps, against the floor and ss */
void figure_sweep(struct bench *b);
void figure_list(struct bench *b);
void figure_owners(struct bench *b);
/* figures_live.c: what runs on */
void figure_idle(struct bench *b);
void figure_calm(struct bench *b);
void figure_memory_empty(struct bench *b);
void figure_memory(struct bench *b);
void figure_keys_empty(struct bench *b);
void figure_keys(struct bench *b);
void figure_budget(struct bench *b);
void figure_ends(struct bench *b);
void figure_watched_empty(struct bench *b);
void figure_watched(struct bench *b);
/* figures_churn.c: what comes and goes */
void figure_churn(struct bench *b);
void figure_slowdown(struct bench *b);
void figure_fold(struct bench *b);

#endif
