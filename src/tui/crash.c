/* Restoring the terminal from a signal handler. */
#include "crash.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Faults, and all signals that end a process and that nobody else here listens to. */
static const int fatal[] = {
	SIGSEGV, SIGABRT, SIGBUS,    SIGFPE,  SIGILL, SIGTRAP, SIGSYS,  SIGUSR1,   SIGUSR2,
	SIGALRM, SIGPROF, SIGVTALRM, SIGXCPU, SIGIO,  SIGPWR,  SIGXFSZ, SIGSTKFLT,
};
#define FATAL_COUNT (sizeof(fatal) / sizeof(fatal[0]))

static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios modes;
	size_t len;
	char bytes[CRASH_BYTES_ROOM];
	struct sigaction before[FATAL_COUNT];
} crash;

void crash_restore(void)
{
	const char *at = crash.bytes;
	size_t left = crash.len;

	if (!crash.armed)
		return;
	crash.armed = 0;
	while (left > 0) {
		const ssize_t wrote = write(crash.fd, at, left);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			break;
		at += wrote;
		left -= (size_t)wrote;
	}
	tcsetattr(crash.fd, TCSANOW, &crash.modes);
}

/*
 * What was in force before is put back. A true fault happens again as soon as this returns, and meets it with all
 * that belongs to it; a signal that was sent has to be raised again, and comes when this handler's mask is lifted.
 */
static void on_fatal(int signal, siginfo_t *info, void *context)
{
	const int error = errno;

	(void)context;
	crash_restore();
	for (size_t i = 0; i < FATAL_COUNT; i++)
		if (fatal[i] == signal)
			sigaction(signal, &crash.before[i], NULL);
	if (info->si_code <= 0)
		raise(signal);
	errno = error;
}

void crash_arm(int fd, const struct termios *modes, const char *bytes, size_t len)
{
	struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	crash.fd = fd;
	crash.modes = *modes;
	crash.len = len < sizeof(crash.bytes) ? len : sizeof(crash.bytes);
	memcpy(crash.bytes, bytes, crash.len);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < FATAL_COUNT && !crash.armed; i++) {
		sigaction(fatal[i], &action, &crash.before[i]);
		if (crash.before[i].sa_handler == SIG_IGN) /* whoever started us wanted it so */
			sigaction(fatal[i], &crash.before[i], NULL);
	}
	crash.armed = 1;
}

void crash_disarm(void)
{
	if (!crash.armed)
		return;
	crash.armed = 0;
	for (size_t i = 0; i < FATAL_COUNT; i++)
		sigaction(fatal[i], &crash.before[i], NULL);
}
