/* Parts of tests in processes of their own: see child.h. */
#include "config.h"

#include "child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STATUS_UNEXPECTED 99

int child_run(void (*body)(const void *context), const void *context, struct text *errors)
{
	int pipe_fds[2], status;
	char part[4096];
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (errors)
			dup2(pipe_fds[1], STDERR_FILENO);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		body(context);
		/* Not exit(): what the parent had allocated is no leak of the child's. */
		fflush(NULL);
		_exit(0);
	}
	close(pipe_fds[1]);
	while ((got = read(pipe_fds[0], part, sizeof(part))) > 0)
		text_add_bytes(errors, part, (size_t)got);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_expect_string(const char *got, const char *expected)
{
	if (!strcmp(got, expected))
		return;
	fprintf(stderr, "\"%s\", expected \"%s\"\n", got, expected);
	_exit(STATUS_UNEXPECTED);
}

void child_expect_int(long long got, long long expected)
{
	if (got == expected)
		return;
	fprintf(stderr, "%lld, expected %lld\n", got, expected);
	_exit(STATUS_UNEXPECTED);
}
