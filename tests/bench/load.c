/*
 * A host's load: SOCKETS idle established sockets (each connection is two of them) held by processes of at most PER_PROCESS each, in the network
 * namespace it is started in, for at most LIFE seconds.
 *
 * "ready SOCKETS" on standard output says that they stand. Then it takes commands, a line each, and answers "done SOCKETS" with how many were changed:
 *   send PERCENT     a byte goes through that share of the connections
 *   reopen PERCENT   that share of the connections is closed by a FIN each way, and made anew
 *   one              one connection is, and no more
 *   away             the descriptors are put in flight (SCM_RIGHTS, to nobody yet): the sockets live on, but no process shows them in /proc
 *   back             they are received again; nothing else can be asked for before
 * It ends with standard input, with its parent, or when its life is over; its sockets end by RSTs, which leave no TIME_WAIT behind.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT 7000
#define BACKLOG 64
#define OTHER_FDS 64
#define WORKERS_MAX 1024
#define BUILD_PATIENCE_MS 300000

enum order {
	ORDER_SEND,
	ORDER_REOPEN,
	ORDER_REOPEN_ONE, /* of the first process */
	ORDER_AWAY,
	ORDER_BACK,
};

struct command {
	uint8_t order;
	double share;
};

struct answer {
	uint32_t sockets; /* built or changed */
};

struct connection_ends {
	int client, server;
};

struct worker {
	struct sockaddr_in address;
	int listener, commands, answers;
	uint32_t connections, next; /* next: the one to change next, so that all get their turn */
	struct connection_ends *ends;
	int flight[2];    /* a pair of UNIX sockets */
	uint32_t flying; /* so many of the first ends are in it */
};

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* The parent may have ended before this was asked for. */
static void end_with_parent(pid_t parent, unsigned life_seconds)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	alarm(life_seconds);
}

static void allow_fds(uint32_t count)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= count)
		return;
	limit.rlim_cur = count;
	if (limit.rlim_max < count)
		limit.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("setrlimit(RLIMIT_NOFILE)");
}

/* ---- a process with its sockets ---- */

static void set_linger(int fd, bool reset)
{
	const struct linger linger = {.l_onoff = reset};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void worker_listen(struct worker *w)
{
	const int on = 1;

	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->listener < 0)
		fail("socket");
	setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(w->listener, (struct sockaddr *)&w->address, sizeof w->address) < 0)
		fail("bind");
	if (listen(w->listener, BACKLOG) < 0)
		fail("listen");
}

static void worker_connect(struct worker *w, struct connection_ends *ends)
{
	ends->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ends->client < 0)
		fail("socket");
	if (connect(ends->client, (struct sockaddr *)&w->address, sizeof w->address) < 0)
		fail("connect");
	ends->server = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
	if (ends->server < 0)
		fail("accept");
	set_linger(ends->client, true);
	set_linger(ends->server, true);
}

static void worker_send(const struct connection_ends *ends)
{
	char byte = 'x';

	if (send(ends->client, &byte, 1, MSG_NOSIGNAL) != 1 || recv(ends->server, &byte, 1, 0) != 1)
		fail("sending a byte");
}

static void worker_reopen(struct worker *w, struct connection_ends *ends)
{
	set_linger(ends->client, false);
	set_linger(ends->server, false);
	close(ends->client);
	close(ends->server);
	worker_connect(w, ends);
}

/* ---- in flight ---- */

/* The most that the kernel takes at once is 253 (SCM_MAX_FD, include/net/scm.h). */
#define FLIGHT_CONNECTIONS 100u
#define FLIGHT_BYTES (16 * 1024 * 1024)

union flight_control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(FLIGHT_CONNECTIONS * sizeof(struct connection_ends))];
};

static void worker_open_flight(struct worker *w)
{
	const int bytes = FLIGHT_BYTES;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w->flight) < 0)
		fail("socketpair");
	if (setsockopt(w->flight[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
		setsockopt(w->flight[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

/* False if the kernel lets no more be in flight: as many as a process may have open, of a user without privilege. */
static bool send_away(const struct worker *w, const struct connection_ends *ends, uint32_t count)
{
	const size_t bytes = count * sizeof *ends;
	char word = 'x';
	struct iovec part = {.iov_base = &word, .iov_len = 1};
	union flight_control control = {.bytes = {0}};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(bytes)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(head), ends, bytes);
	if (sendmsg(w->flight[0], &message, MSG_DONTWAIT) < 0) {
		if (errno == ETOOMANYREFS)
			return false;
		fail("putting descriptors in flight");
	}
	for (uint32_t i = 0; i < count; i++) {
		close(ends[i].client);
		close(ends[i].server);
	}
	return true;
}

static void take_back(const struct worker *w, struct connection_ends *ends, uint32_t count)
{
	const size_t bytes = count * sizeof *ends;
	char word;
	struct iovec part = {.iov_base = &word, .iov_len = 1};
	union flight_control control;
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *head;

	if (recvmsg(w->flight[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		fail("receiving descriptors");
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(bytes)) {
		errno = EBADMSG;
		fail("receiving descriptors");
	}
	memcpy(ends, CMSG_DATA(head), bytes);
}

static uint32_t part_of(uint32_t all, uint32_t at)
{
	return all - at < FLIGHT_CONNECTIONS ? all - at : FLIGHT_CONNECTIONS;
}

static uint32_t worker_fly_away(struct worker *w)
{
	while (w->flying < w->connections && send_away(w, &w->ends[w->flying], part_of(w->connections, w->flying)))
		w->flying += part_of(w->connections, w->flying);
	return 2 * w->flying;
}

static uint32_t worker_come_back(struct worker *w)
{
	const uint32_t flown = w->flying;

	for (uint32_t at = 0; at < flown; at += FLIGHT_CONNECTIONS)
		take_back(w, &w->ends[at], part_of(flown, at));
	w->flying = 0;
	return 2 * flown;
}

static uint32_t worker_change(struct worker *w, const struct command *c)
{
	uint32_t count = c->order == ORDER_REOPEN_ONE ? 1 : (uint32_t)(c->share * w->connections + 0.5);

	for (uint32_t i = 0; i < count; i++) {
		struct connection_ends *ends = &w->ends[w->next];

		w->next = (w->next + 1) % w->connections;
		if (c->order == ORDER_SEND)
			worker_send(ends);
		else
			worker_reopen(w, ends);
	}
	return 2 * count;
}

static uint32_t worker_obey(struct worker *w, const struct command *c)
{
	switch (c->order) {
	case ORDER_AWAY: return worker_fly_away(w);
	case ORDER_BACK: return worker_come_back(w);
	default: return worker_change(w, c);
	}
}

static void worker_answer(const struct worker *w, uint32_t sockets)
{
	const struct answer answer = {sockets};

	if (write(w->answers, &answer, sizeof answer) != (ssize_t)sizeof answer)
		fail("answering");
}

_Noreturn static void worker_run(struct worker *w)
{
	struct command command;

	allow_fds(2 * w->connections + OTHER_FDS);
	w->ends = calloc(w->connections, sizeof *w->ends);
	if (!w->ends)
		fail("memory");
	worker_open_flight(w);
	worker_listen(w);
	for (uint32_t i = 0; i < w->connections; i++)
		worker_connect(w, &w->ends[i]);
	worker_answer(w, 2 * w->connections);
	while (read(w->commands, &command, sizeof command) == (ssize_t)sizeof command)
		worker_answer(w, worker_obey(w, &command));
	_exit(0);
}

/* ---- the parent of all ---- */

struct load {
	unsigned workers;
	pid_t pids[WORKERS_MAX];
	int commands[WORKERS_MAX];
	int answers;
};

/* An address of its own for each, so that none runs out of ports. */
static struct sockaddr_in worker_address(unsigned index)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (1u << 16) + (index << 4)),
	};
}

static void start_worker(struct load *l, uint32_t connections, int answers, unsigned life_seconds)
{
	struct worker w = {.address = worker_address(l->workers), .connections = connections, .answers = answers};
	pid_t parent = getpid(), pid;
	int ends[2];

	if (pipe(ends) < 0)
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		end_with_parent(parent, life_seconds);
		close(ends[1]);
		w.commands = ends[0];
		worker_run(&w);
	}
	close(ends[0]);
	l->pids[l->workers] = pid;
	l->commands[l->workers++] = ends[1];
}

/* Adds up the answers of so many; ends the program when one of them has failed. */
static uint32_t gather(const struct load *l, unsigned workers)
{
	struct pollfd ready = {.fd = l->answers, .events = POLLIN};
	struct answer answer;
	uint32_t total = 0;

	for (unsigned i = 0; i < workers; i++) {
		if (poll(&ready, 1, BUILD_PATIENCE_MS) <= 0 || read(l->answers, &answer, sizeof answer) != (ssize_t)sizeof answer) {
			fprintf(stderr, "load: a process with sockets does not answer\n");
			_exit(1);
		}
		total += answer.sockets;
	}
	return total;
}

static bool parse_command(const char *line, struct command *c)
{
	double percent = 0;

	if (sscanf(line, "send %lf", &percent) == 1)
		c->order = ORDER_SEND;
	else if (sscanf(line, "reopen %lf", &percent) == 1)
		c->order = ORDER_REOPEN;
	else if (!strcmp(line, "one\n"))
		c->order = ORDER_REOPEN_ONE;
	else if (!strcmp(line, "away\n"))
		c->order = ORDER_AWAY;
	else if (!strcmp(line, "back\n"))
		c->order = ORDER_BACK;
	else
		return false;
	c->share = percent / 100;
	return c->share >= 0 && c->share <= 1;
}

static void serve(const struct load *l)
{
	struct command command = {0};
	char line[64];
	unsigned asked;

	while (fgets(line, sizeof line, stdin)) {
		if (!parse_command(line, &command)) {
			fprintf(stderr, "load: no such command: %s", line);
			_exit(2);
		}
		asked = command.order == ORDER_REOPEN_ONE ? 1 : l->workers;
		for (unsigned i = 0; i < asked; i++)
			if (write(l->commands[i], &command, sizeof command) != (ssize_t)sizeof command)
				fail("a process with sockets");
		printf("done %u\n", gather(l, asked));
		fflush(stdout);
	}
}

_Noreturn static void say_and_end(const char *line)
{
	ssize_t ignored = write(STDERR_FILENO, line, strlen(line));

	(void)ignored;
	_exit(1);
}

/* None of them ends by itself: what is left of the load is no load. */
static void on_child(int signal_number)
{
	int status;

	(void)signal_number;
	if (waitpid(-1, &status, WNOHANG) > 0)
		say_and_end(WIFSIGNALED(status) ? "load: a process with sockets was killed\n" : "load: a process with sockets has ended\n");
}

/* Who waits for our end may want to make the same sockets again. */
static void end_all(const struct load *l)
{
	signal(SIGCHLD, SIG_DFL);
	for (unsigned i = 0; i < l->workers; i++)
		kill(l->pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

static unsigned long number(const char *word, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*end || end == word || n < 1 || n > most) {
		fprintf(stderr, "load: '%s' is no number from 1 to %lu\n", word, most);
		exit(2);
	}
	return n;
}

int main(int argc, char *argv[])
{
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
	struct load l = {0};
	uint32_t sockets, per_process, connections;
	unsigned life_seconds;
	int answers[2];

	if (argc != 4) {
		fprintf(stderr, "usage: load SOCKETS PER_PROCESS LIFE-SECONDS\n");
		return 2;
	}
	sockets = (uint32_t)number(argv[1], 4000000);
	per_process = (uint32_t)number(argv[2], 1000000);
	life_seconds = (unsigned)number(argv[3], 86400);
	end_with_parent(getppid(), life_seconds);
	sigaction(SIGCHLD, &action, NULL);
	if (pipe(answers) < 0)
		fail("pipe");
	l.answers = answers[0];
	for (connections = sockets / 2; connections > 0 && l.workers < WORKERS_MAX;) {
		uint32_t most = per_process > 1 ? per_process / 2 : 1, some = connections < most ? connections : most;

		start_worker(&l, some, answers[1], life_seconds);
		connections -= some;
	}
	close(answers[1]);
	printf("ready %u\n", gather(&l, l.workers));
	fflush(stdout);
	serve(&l);
	end_all(&l);
	return 0;
}
