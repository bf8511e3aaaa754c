/*
 * The real synfin, run by a test: what it prints goes to files in memory, so that it never waits for the test, and the test can look at any time.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	int out, err;
	char *out_text, *err_text;
};

#define PROGRAM_ARGS_MAX 15

/* Starts top_builddir/src/synfin with these arguments (NULL ends them; 0 for argv[0] is not among them). `uid` not 0: as that user, with no group and no
 * capability. Started as somebody who is not root, it stays who it is. */
void program_start(struct program *p, uid_t uid, const char *const args[]);
/* Forks and runs `run` (which does not return) with the program's files as standard output and error. */
void program_start_by(struct program *p, void (*run)(void *context), void *context);
/* For `run` of program_start_by: becomes synfin. */
_Noreturn void program_exec(const char *const args[]);

/* All that it has printed so far; valid until the next call. */
const char *program_output(struct program *p);
const char *program_errors(struct program *p);
/* Waits until its output satisfies `enough`; false if the program ends before, or after so many milliseconds. */
bool program_wait(struct program *p, bool (*enough)(const char *output, void *context), void *context, unsigned ms);
/* Sends the signal (0: none) and waits for the end: its exit status, 128 + signal, or -1 if it did not end within `ms` and was killed. */
int program_end(struct program *p, int signal, unsigned ms);
/* With KEEP_OUTPUT=DIRECTORY in the environment, what it printed is added to DIRECTORY/<test>.out, to be looked into. */
void program_fini(struct program *p);

/* For program_wait: the first keyframe is told, the watch is on. */
bool program_is_watching(const char *output, void *unused);

#endif
