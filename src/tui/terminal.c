/* Taking and giving back the terminal. */
#include "terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "clipboard.h"
#include "crash.h"

#undef columns /* macros of term.h */
#undef lines

#include "input.h"

/* Longer than a slow line takes between the bytes of one key, shorter than a person notices. */
#define ESCAPE_MS 50

/*
 * newterm() puts handlers of its own on those of these that have none. They write from within a signal, and exit: not
 * what we want.
 */
static const int taken_by_ncurses[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGQUIT};
#define TAKEN_COUNT (sizeof(taken_by_ncurses) / sizeof(taken_by_ncurses[0]))

/* ---- can it be done at all? ---- */

static const char *capability(const char *name)
{
	const char *value = tigetstr(name);

	return value == (char *)-1 ? NULL : value;
}

static int check_type(int fd)
{
	const char *term = getenv("TERM");
	int found = 0, result = 0;

	if (!term || !*term) {
		log_line("%s", _("TERM is not set, so the way to draw on this terminal is unknown. Set it (for instance TERM=xterm-256color), or use: synfin list"));
		return -ENXIO;
	}
	if (setupterm(NULL, fd, &found) != OK) {
		if (found < 0)
			log_line("%s", _("the terminal database (terminfo) is missing. Install it (package ncurses-base), or use: synfin list"));
		else
			log_line(_("the terminal type TERM=%s is not known here. Set another (for instance TERM=xterm-256color), or use: synfin list"), term);
		return -ENXIO;
	}
	if (!capability("cup") || (!capability("clear") && !capability("ed"))) {
		log_line(_("the terminal type TERM=%s cannot place its cursor. Set another (for instance TERM=xterm-256color), or use: synfin list"), term);
		result = -ENXIO;
	}
	del_curterm(cur_term);
	return result;
}

int terminal_colors(int fd, bool *direct)
{
	const char *term = getenv("TERM");
	int found = 0, colors;

	*direct = false;
	if (!term || !*term || setupterm(NULL, fd, &found) != OK)
		return 8;
	colors = tigetnum("colors");
	*direct = tigetflag("RGB") > 0;
	del_curterm(cur_term);
	return colors > 0 ? colors : 0;
}

static int find_devices(struct terminal *t)
{
	t->output_fd = STDOUT_FILENO;
	if (!isatty(t->output_fd)) {
		log_line("%s", _("standard output is not a terminal. Use: synfin list"));
		return -ENOTTY;
	}
	t->input_fd = STDIN_FILENO;
	if (!isatty(t->input_fd)) {
		t->input = fopen("/dev/tty", "r+e");
		if (!t->input) {
			const int result = -errno;

			log_line(_("there is no terminal to read keys from: %s"), strerror(-result));
			return result;
		}
		t->input_fd = fileno(t->input);
	}
	return tcgetattr(t->output_fd, &t->modes) ? -errno : 0;
}

/* ---- what a terminal is asked to report ---- */

/* As xterm has them: pasted text in brackets; buttons and wheel, in decimals. */
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char mouse_on[] = "\033[?1000h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1000l";

/*
 * Past ncurses, whose buffer does not have to be kept in order with these. A terminal that does not take them is found
 * out by the next frame.
 */
static void send(const struct terminal *t, const char *bytes)
{
	size_t left = strlen(bytes);

	while (left > 0) {
		const ssize_t wrote = write(t->output_fd, bytes, left);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return;
		bytes += wrote;
		left -= (size_t)wrote;
	}
}

void terminal_copy(const struct terminal *t, const char *text)
{
	char sequence[CLIPBOARD_SEQUENCE_ROOM];

	if (t->entered && clipboard_is_known(getenv("TERM")) && clipboard_sequence(text, sequence))
		send(t, sequence);
}

static void ask_reports(const struct terminal *t, bool wanted)
{
	if (t->paste)
		send(t, wanted ? paste_on : paste_off);
	if (t->mouse)
		send(t, wanted ? mouse_on : mouse_off);
}

/* ---- what a crash has to write ---- */

/* Appends a capability without its padding ("$<5>"). */
static void append(char bytes[CRASH_BYTES_ROOM], size_t *len, const char *s)
{
	while (s && *s && *len + 1 < CRASH_BYTES_ROOM) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>') + 1;
		else
			bytes[(*len)++] = *s++;
	}
}

static void arm(struct terminal *t)
{
	char bytes[CRASH_BYTES_ROOM];
	size_t len = 0;

	if (t->paste)
		append(bytes, &len, paste_off);
	if (t->mouse)
		append(bytes, &len, mouse_off);
	append(bytes, &len, capability("sgr0"));
	append(bytes, &len, capability("op"));
	append(bytes, &len, capability("rmkx"));
	append(bytes, &len, capability("cnorm"));
	append(bytes, &len, capability("rmcup") ? capability("rmcup") : "\r\n");
	crash_arm(t->output_fd, &t->modes, bytes, len);
}

/* ---- open and close ---- */

static void no_handler(int signal)
{
	(void)signal;
}

/*
 * With a handler on each signal ncurses leaves them alone for good: else it would also ignore SIGTSTP during each
 * refresh, and a Ctrl-Z that comes just then would be lost. They are blocked meanwhile, so that none is lost here.
 */
static SCREEN *start_ncurses(struct terminal *t)
{
	struct sigaction taken = {.sa_handler = no_handler}, before[TAKEN_COUNT];
	sigset_t set, mask;
	SCREEN *screen;

	sigemptyset(&set);
	for (size_t i = 0; i < TAKEN_COUNT; i++)
		sigaddset(&set, taken_by_ncurses[i]);
	pthread_sigmask(SIG_BLOCK, &set, &mask);
	for (size_t i = 0; i < TAKEN_COUNT; i++)
		sigaction(taken_by_ncurses[i], &taken, &before[i]);
	screen = newterm(NULL, stdout, t->input ? t->input : stdin);
	for (size_t i = 0; i < TAKEN_COUNT; i++)
		sigaction(taken_by_ncurses[i], &before[i], NULL);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return screen;
}

static void set_modes(struct terminal *t)
{
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	t->mouse = t->mouse && capability("kmous");
	/* A terminal with ANSI's sequences passes over a mode that it does not know. */
	t->paste = strncmp(capability("cup"), "\033[", 2) == 0;
	input_prepare(t->mouse);
	ask_reports(t, true);
}

int terminal_open(struct terminal *t, bool mouse)
{
	int result;

	*t = (struct terminal){.mouse = mouse};
	result = find_devices(t);
	if (result == 0)
		result = check_type(t->output_fd);
	if (result == 0 && !start_ncurses(t)) {
		log_line("%s", _("the terminal cannot be used for drawing. Use: synfin list"));
		result = -ENXIO;
	}
	if (result) {
		if (t->input)
			fclose(t->input);
		return result;
	}
	t->open = t->entered = true;
	set_modes(t);
	arm(t);
	memory_on_exhausted(crash_restore);
	log_hold(true);
	return 0;
}

void terminal_leave(struct terminal *t)
{
	if (!t->entered)
		return;
	t->entered = false;
	curs_set(1);
	ask_reports(t, false);
	endwin();
	tcsetattr(t->output_fd, TCSANOW, &t->modes);
	crash_disarm();
	log_hold(false);
}

void terminal_enter(struct terminal *t)
{
	if (t->entered || !t->open)
		return;
	t->entered = true;
	log_hold(true);
	tcgetattr(t->output_fd, &t->modes);
	reset_prog_mode();
	curs_set(0);
	ask_reports(t, true);
	arm(t);
	clearok(curscr, TRUE);
	refresh();
}

void terminal_close(struct terminal *t)
{
	terminal_leave(t);
	memory_on_exhausted(NULL);
	if (t->input)
		fclose(t->input);
	*t = (struct terminal){0};
}

/*
 * The signal is raised again with its usual effect. Where no shell could continue us (an orphaned process group) the
 * kernel ignores it, which is right.
 */
void terminal_suspend(struct terminal *t)
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, before;
	sigset_t stop, mask;

	terminal_leave(t);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &usual, &before);
	pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
	kill(getpid(), SIGTSTP);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	terminal_enter(t);
}

/* ---- what it is like now ---- */

void terminal_size(struct terminal *t, unsigned *rows, unsigned *columns)
{
	struct winsize size;

	if (ioctl(t->output_fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 && is_term_resized(size.ws_row, size.ws_col))
		resizeterm(size.ws_row, size.ws_col);
	*rows = LINES > 0 ? (unsigned)LINES : 1;
	*columns = COLS > 0 ? (unsigned)COLS : 1;
}

bool terminal_is_writable(const struct terminal *t)
{
	struct pollfd p = {.fd = t->output_fd, .events = POLLOUT};

	/* Who cannot ask writes: it may take longer. */
	return poll(&p, 1, 0) < 0 || p.revents & POLLOUT;
}

bool terminal_is_gone(const struct terminal *t)
{
	struct pollfd p = {.fd = t->input_fd, .events = POLLIN};
	int waiting = 0;

	/* Of one that is gone poll() tells; a kernel that refuses to look has not said so. */
	if (poll(&p, 1, 0) < 0)
		return false;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	return p.revents & POLLIN && ioctl(t->input_fd, FIONREAD, &waiting) == 0 && waiting == 0;
}
