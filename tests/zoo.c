/*
 * zoo COUNT COMMAND [ARGUMENT]...
 *
 * For the tests in shell: enters a network namespace of its own, holds sockets in every state that can be held (COUNT connections, and some of each
 * other kind), and runs the command beside them. Ends with its exit status. Prints a TAP line that skips all where there is no namespace to be had.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sockets.h"

#define EACH 10

/* Where each connects to; the third is an IPv6 socket that serves IPv4. */
static const struct {
	const char *listen, *connect;
} families[] = {
	{ "127.0.0.1", "127.0.0.1" }, { "::1", "::1" }, { "::ffff:127.0.0.2", "127.0.0.2" }, { "0.0.0.0", "127.0.0.3" }, { "::", "::1" },
};
#define FAMILIES (sizeof families / sizeof *families)

static int listeners[FAMILIES], busy_listener;

/* A connection of the family that comes next; both ends are held by this process. */
static void make_pair(int *client, int *server)
{
	static unsigned next;
	unsigned family = next++ % FAMILIES;

	*client = sockets_connect(families[family].connect, sockets_port(listeners[family]));
	*server = sockets_accept(listeners[family]);
}

/* FIN_WAIT2 here, CLOSE_WAIT there. */
static void half_close(void)
{
	int client, server;

	make_pair(&client, &server);
	shutdown(client, SHUT_WR);
}

static void leave_time_wait(void)
{
	int client, server;
	char end;

	make_pair(&client, &server);
	close(client);
	if (read(server, &end, 1) == 0)
		close(server);
}

/* FIN_WAIT1 here; the peer does not hear of it. */
static void leave_fin_wait1(void)
{
	int client, server;

	make_pair(&client, &server);
	sockets_deafen(server);
	shutdown(client, SHUT_WR);
}

static void leave_last_ack(void)
{
	int client, server;
	char end;

	make_pair(&client, &server);
	shutdown(client, SHUT_WR);
	if (read(server, &end, 1) == 0) {
		sockets_deafen(client);
		close(server);
	}
}

/* SYN_SENT here, SYN_RECV there: the SYN+ACK is not heard. */
static void leave_syn_sent(void)
{
	int client = sockets_make("127.0.0.1");

	sockets_deafen(client);
	sockets_connect_fd(client, "127.0.0.1", sockets_port(listeners[0]));
}

int main(int argc, char *argv[])
{
	unsigned count = argc > 2 ? (unsigned)atoi(argv[1]) : 0;
	int client, server, status;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: zoo COUNT COMMAND [ARGUMENT]...\n");
		return 2;
	}
	sockets_enter_namespace();
	if (!sockets_allow(2 * count + 200)) {
		printf("1..0 # SKIP too few open files are allowed\n");
		return 0;
	}
	for (unsigned i = 0; i < FAMILIES; i++)
		listeners[i] = sockets_listen(families[i].listen, 0, 64);
	busy_listener = sockets_listen("127.0.0.1", 0, 64);
	for (unsigned i = 0; i < count; i++)
		make_pair(&client, &server);
	for (unsigned i = 0; i < EACH && count; i++) {
		half_close();
		leave_time_wait();
		leave_fin_wait1();
		leave_last_ack();
		leave_syn_sent();
		sockets_connect("127.0.0.1", sockets_port(busy_listener)); /* never accepted */
	}
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		perror("zoo");
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
