/*
 * Programs that are measured: run to their end, or started, watched in /proc, and stopped. All of them end with the driver (PR_SET_PDEATHSIG). What
 * cannot be started or fails ends the driver, with a line on standard error.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_ARGS_MAX 8

struct cost {
	double wall_s, cpu_s;
};

/* What a process and all its threads have used so far. */
struct use {
	double cpu_s, main_cpu_s; /* main: of the thread that owns the model and draws */
	uint64_t wakeups; /* times a thread went to sleep; being pushed aside by others does not count */
	double resident_bytes;
};

struct process {
	pid_t pid;
	int in, out; /* ends of pipes, or of a terminal (the same fd); -1: none */
	char line[256];
	size_t have;
	char buffer[65536]; /* read, not yet handed out */
};

/* As which user. */
#define USER_SAME 0u
#define USER_NOBODY 65534u

/* Runs argv with its output in /dev/null. */
struct cost process_run(const char *const argv[]);
/* Runs argv and keeps the first line that it prints (without newline). */
void process_run_line(const char *const argv[], char *line, size_t room);

/* With pipes to its standard input and from its standard output. */
void process_start(struct process *p, const char *const argv[], uid_t user);
/* With its output in /dev/null. */
void process_start_quiet(struct process *p, const char *const argv[]);
/* In a terminal of its own, of 100 by 30. */
void process_start_terminal(struct process *p, const char *const argv[]);
/* SIGTERM, then its end; its pipes are closed. */
void process_stop(struct process *p);

/* Sends a line, and reads the answer's. */
void process_tell(struct process *p, const char *line);
const char *process_answer(struct process *p);
/* Throws away what it writes, for so long. Returns the bytes thrown away. */
size_t process_drain(struct process *p, int ms);
/* Calls `take` with each line (without newline) that it writes in the next `ms`, until `take` returns false. False when it has ended. */
bool process_lines(struct process *p, int ms, bool (*take)(void *context, const char *line, size_t len), void *context);

struct use process_use(const struct process *p);
/* Drains, step by step, until its resident memory has not grown for some steps, in which it used little CPU; gives up after 90 steps. */
void process_settle(struct process *p, int step_ms);

#endif
