#include "config.h"

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
}

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "tests/program.c: %s: %s\n", what, strerror(errno));
	_exit(99);
}

void program_start_by(struct program *p, void (*run)(void *context), void *context)
{
	*p = (struct program){.out = memfd_create("out", MFD_CLOEXEC), .err = memfd_create("err", MFD_CLOEXEC)};
	if (p->out < 0 || p->err < 0)
		fail("memfd_create");
	fflush(NULL);
	p->pid = fork();
	if (p->pid < 0)
		fail("fork");
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails must not leave it behind */
		dup2(p->out, STDOUT_FILENO);
		dup2(p->err, STDERR_FILENO);
		run(context);
		_exit(99);
	}
}

static int open_synfin(void)
{
	const char *builddir = getenv("top_builddir");
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/src/synfin", builddir ? builddir : ".");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

_Noreturn static void exec_fd(int fd, const char *const args[])
{
	const char *argv[PROGRAM_ARGS_MAX + 2] = {"synfin"};

	for (unsigned i = 0; args[i]; i++) {
		if (i == PROGRAM_ARGS_MAX)
			fail("too many arguments");
		argv[i + 1] = args[i];
	}
	fexecve(fd, (char *const *)(void *)argv, environ);
	fail("fexecve");
}

void program_exec(const char *const args[])
{
	exec_fd(open_synfin(), args);
}

struct start {
	uid_t uid;
	const char *const *args;
};

static void run_as(void *context)
{
	const struct start *s = context;
	/* Opened before: another user may have no way to it through the directories. */
	int fd = open_synfin();

	if (s->uid && geteuid() == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(s->uid, s->uid, s->uid) < 0 || setresuid(s->uid, s->uid, s->uid) < 0)
			fail("setresuid");
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* the change of user has cleared it */
	}
	exec_fd(fd, s->args);
}

void program_start(struct program *p, uid_t uid, const char *const args[])
{
	struct start s = {.uid = uid, .args = args};

	program_start_by(p, run_as, &s);
}

static const char *read_all(int fd, char **text)
{
	struct stat st;
	size_t len;

	if (fstat(fd, &st) < 0)
		fail("fstat");
	free(*text);
	len = (size_t)st.st_size;
	*text = malloc(len + 1);
	if (!*text || pread(fd, *text, len, 0) != (ssize_t)len)
		fail("pread");
	(*text)[len] = '\0';
	return *text;
}

const char *program_output(struct program *p)
{
	return read_all(p->out, &p->out_text);
}

const char *program_errors(struct program *p)
{
	return read_all(p->err, &p->err_text);
}

bool program_wait(struct program *p, bool (*enough)(const char *output, void *context), void *context, unsigned ms)
{
	int64_t deadline = clock_now_ns() + ms * NS_PER_MS;

	for (;;) {
		siginfo_t ended = {0};

		/* Asked first: what it printed before it ended counts. */
		waitid(P_PID, (id_t)p->pid, &ended, WEXITED | WNOHANG | WNOWAIT);
		if (enough(program_output(p), context))
			return true;
		if (ended.si_pid || clock_now_ns() > deadline)
			return false;
		rest();
	}
}

int program_end(struct program *p, int signal, unsigned ms)
{
	int64_t deadline = clock_now_ns() + ms * NS_PER_MS;
	int status;

	if (signal)
		kill(p->pid, signal);
	while (waitpid(p->pid, &status, WNOHANG) == 0) {
		if (clock_now_ns() > deadline) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, &status, 0);
			p->pid = 0;
			return -1;
		}
		rest();
	}
	p->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void keep_output(struct program *p, const char *directory)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.out", directory, program_invocation_short_name);
	f = fopen(path, "ae");
	if (!f)
		fail(path);
	fputs(program_output(p), f);
	fclose(f);
}

void program_fini(struct program *p)
{
	if (p->pid)
		program_end(p, SIGKILL, 1000);
	if (getenv("KEEP_OUTPUT"))
		keep_output(p, getenv("KEEP_OUTPUT"));
	close(p->out);
	close(p->err);
	free(p->out_text);
	free(p->err_text);
}

bool program_is_watching(const char *output, void *unused)
{
	const char *first = strstr(output, "\"keyframe\"");

	(void)unused;
	/* Its begin and its end, and the newline after it. */
	first = first ? strstr(first + 1, "\"keyframe\"") : NULL;
	return first && strchr(first, '\n');
}
