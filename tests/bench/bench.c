/* The driver of `make bench`: see bench.h and doc/bench.md. */
#include "config.h"

#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/private_net.h"
#include "result.h"

#define PER_PROCESS "19000"
#define LOAD_LIFE_SECONDS "7200"

struct figure {
	const char *name;
	void (*empty)(struct bench *);  /* before there is a load */
	void (*loaded)(struct bench *); /* beside it */
	void (*after)(struct bench *);  /* after it */
};

static const struct figure figures[] = {
	{.name = "idle", .empty = figure_idle},
	{.name = "calm", .empty = figure_calm},
	{.name = "fold", .empty = figure_fold},
	{.name = "sweep", .loaded = figure_sweep},
	{.name = "list", .loaded = figure_list},
	{.name = "memory", .empty = figure_memory_empty, .loaded = figure_memory},
	{.name = "keys", .empty = figure_keys_empty, .loaded = figure_keys},
	{.name = "budget", .loaded = figure_budget},
	{.name = "ends", .loaded = figure_ends},
	{.name = "watched", .empty = figure_watched_empty, .loaded = figure_watched},
	{.name = "owners", .after = figure_owners},
	/* They leave all the TIME_WAIT behind that there may be. */
	{.name = "churn", .after = figure_churn},
	{.name = "slowdown", .after = figure_slowdown},
};
#define FIGURES (sizeof figures / sizeof *figures)

const char *bench_tool(const struct bench *b, const char *name)
{
	static char paths[4][PATH_MAX + 32];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", b->tools, name);
	return path;
}

void bench_start_load(const struct bench *b, struct process *load, unsigned sockets)
{
	char count[16];
	unsigned standing;

	snprintf(count, sizeof count, "%u", sockets);
	process_start(load, (const char *const[]){bench_tool(b, "load"), count, PER_PROCESS, LOAD_LIFE_SECONDS, NULL}, USER_SAME);
	if (sscanf(process_answer(load), "ready %u", &standing) != 1 || standing != sockets) {
		fprintf(stderr, "bench: the load does not stand: %s\n", load->line);
		exit(1);
	}
}

void bench_stop_load(struct process *load)
{
	close(load->in);
	load->in = -1;
	while (waitpid(load->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(load->out);
}

void bench_change(struct process *load, const char *command)
{
	process_tell(load, command);
	if (strncmp(process_answer(load), "done ", 5)) {
		fprintf(stderr, "bench: the load says '%s'\n", load->line);
		exit(1);
	}
}

static bool wanted(const char *only, const struct figure *f)
{
	return !only || !strcmp(only, f->name);
}

static void take_figures(struct bench *b, const char *only)
{
	bool loaded = false;

	for (size_t i = 0; i < FIGURES; i++) {
		if (wanted(only, &figures[i]) && figures[i].empty)
			figures[i].empty(b);
		loaded |= wanted(only, &figures[i]) && figures[i].loaded;
	}
	if (loaded)
		bench_start_load(b, &b->load, b->sockets);
	for (size_t i = 0; i < FIGURES; i++)
		if (wanted(only, &figures[i]) && figures[i].loaded) {
			figures[i].loaded(b);
			bench_change(&b->load, "send 0"); /* it still stands */
		}
	if (loaded)
		bench_stop_load(&b->load);
	for (size_t i = 0; i < FIGURES; i++)
		if (wanted(only, &figures[i]) && figures[i].after)
			figures[i].after(b);
}

/* A command of the user's beside the load, for a profiler or a look. */
static int run_beside_load(struct bench *b, char *argv[])
{
	int status;
	pid_t pid;

	bench_start_load(b, &b->load, b->sockets);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = 1;
	bench_stop_load(&b->load);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void find_programs(struct bench *b, const char *self)
{
	char copy[PATH_MAX], *real = realpath(self, NULL);

	if (!real) {
		fprintf(stderr, "bench: %s: %s\n", self, strerror(errno));
		exit(1);
	}
	snprintf(copy, sizeof copy, "%s", real);
	free(real);
	snprintf(b->tools, sizeof b->tools, "%s", dirname(copy));
	if ((size_t)snprintf(b->synfin, sizeof b->synfin, "%.*s/../../src/synfin", (int)(sizeof b->synfin - 32), b->tools) >= sizeof b->synfin)
		exit(1);
}

static unsigned number(const char *word, unsigned long least, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (!*word || *end || n < least || n > most) {
		fprintf(stderr, "bench: '%s' is no whole number from %lu to %lu\n", word, least, most);
		exit(2);
	}
	return (unsigned)n;
}

static void check_figure(const char *only)
{
	bool known = false;

	for (size_t i = 0; i < FIGURES; i++)
		known |= wanted(only, &figures[i]);
	if (known)
		return;
	fprintf(stderr, "bench: no figure '%s'; there are:", only);
	for (size_t i = 0; i < FIGURES; i++)
		fprintf(stderr, " %s", figures[i].name);
	fprintf(stderr, "\n");
	exit(2);
}

static const char usage[] =
	"usage: bench [--sockets N] [--rounds N] [--seconds N] [--only FIGURE] [--json FILE] [--all-owners]\n"
	"       bench [--sockets N] --with COMMAND [ARGUMENT]...   runs it beside the load\n";

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{"sockets", required_argument, NULL, 'n'}, {"rounds", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
		{"only", required_argument, NULL, 'o'}, {"json", required_argument, NULL, 'j'}, {"all-owners", no_argument, NULL, 'a'},
		{"with", no_argument, NULL, 'w'}, {0},
	};
	struct bench b = {.sockets = 200000, .rounds = 9, .seconds = 60};
	const char *only = NULL, *json = "bench.json";
	bool with = false;
	int option, error;

	setenv("SYNFIN_CONFIG", "", 1); /* as it is built, whatever somebody has set for good */
	while (!with && (option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		switch (option) {
		case 'n': b.sockets = number(optarg, 100, 2000000) / 2 * 2; break;
		case 'r': b.rounds = number(optarg, 1, 1000); break;
		case 's': b.seconds = number(optarg, 1, 3600); break;
		case 'o': only = *optarg ? optarg : NULL; break;
		case 'j': json = optarg; break;
		case 'a': b.all_owners = true; break;
		case 'w': with = true; break;
		default: fputs(usage, stderr); return 2;
		}
	if (with ? optind == argc : optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	check_figure(only);
	find_programs(&b, "/proc/self/exe");
	error = private_net_enter();
	if (error) {
		fprintf(stderr, "bench: no network namespace of our own: %s\n", strerror(-error));
		return 77;
	}
	if (with)
		return run_beside_load(&b, argv + optind);
	result_begin(json, b.sockets, b.rounds);
	take_figures(&b, only);
	result_end();
	return 0;
}
