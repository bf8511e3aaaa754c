/* A terminal for tests: see vt.h. */
#include "config.h"

#include "vt.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#define ARGS_MAX 15

static void set_environment(const char *const *environment)
{
	for (size_t i = 0; environment && environment[i]; i++) {
		const char *equals = strchr(environment[i], '=');
		char name[64];

		snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - environment[i]) : (int)strlen(environment[i]), environment[i]);
		if (equals)
			setenv(name, equals + 1, 1);
		else
			unsetenv(name);
	}
}

static _Noreturn void become_synfin(const char *const *environment, const char *const *args)
{
	const char *builddir = getenv("top_builddir");
	const char *argv[ARGS_MAX + 2] = {"synfin"};
	char path[4096];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; args && args[i] && i < ARGS_MAX; i++)
		argv[i + 1] = args[i];
	snprintf(path, sizeof path, "%s/src/synfin", builddir ? builddir : ".");
	set_environment(environment);
	execv(path, (char *const *)(void *)argv);
	_exit(127);
}

void vt_start(struct vt *t, unsigned rows, unsigned columns, const char *const *environment, const char *const *args)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	*t = (struct vt){.rows = rows, .columns = columns};
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0)
		abort();
	if (t->pid == 0)
		become_synfin(environment, args);
	t->term = vterm_new((int)rows, (int)columns);
	vterm_set_utf8(t->term, 1);
	t->screen = vterm_obtain_screen(t->term);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
}

void vt_type(struct vt *t, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0 && t->fd >= 0) {
		struct pollfd p = {.fd = t->fd, .events = POLLIN | POLLOUT};
		ssize_t wrote;

		/* Who writes to a program that writes must listen to it. */
		if (poll(&p, 1, 10000) <= 0)
			return;
		if (p.revents & POLLIN)
			vt_take_bytes(t, 65536, 0);
		if (t->fd < 0 || !(p.revents & POLLOUT))
			continue;
		wrote = write(t->fd, at, len < 256 ? len : 256);
		if (wrote < 0)
			return;
		at += wrote;
		len -= (size_t)wrote;
	}
}

void vt_keys(struct vt *t, const char *keys)
{
	vt_type(t, keys, strlen(keys));
}

void vt_resize(struct vt *t, unsigned rows, unsigned columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	t->rows = rows;
	t->columns = columns;
	vterm_set_size(t->term, (int)rows, (int)columns);
	ioctl(t->fd, TIOCSWINSZ, &size);
}

ssize_t vt_take_bytes(struct vt *t, size_t most, unsigned ms)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	char bytes[65536];
	ssize_t len;

	if (t->fd < 0)
		return -1;
	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	len = read(t->fd, bytes, most < sizeof bytes ? most : sizeof bytes);
	if (len <= 0) { /* EIO: nobody has the other end any more */
		close(t->fd);
		t->fd = -1;
		return -1;
	}
	t->bytes += (size_t)len;
	vterm_input_write(t->term, bytes, (size_t)len);
	/* What a terminal would answer is not asked for, and not wanted. */
	while (vterm_output_read(t->term, bytes, sizeof bytes) > 0)
		continue;
	return len;
}

bool vt_take(struct vt *t, unsigned quiet_ms, unsigned ms)
{
	const int64_t deadline_ns = clock_now_ns() + ms * NS_PER_MS;
	ssize_t len;

	do {
		len = vt_take_bytes(t, 65536, quiet_ms);
	} while (len > 0 && clock_now_ns() < deadline_ns);
	return len >= 0;
}

void vt_cells(const struct vt *t, struct vt_cell *cells)
{
	VTermScreenCell cell;

	for (unsigned row = 0; row < t->rows; row++)
		for (unsigned column = 0; column < t->columns; column++) {
			struct vt_cell *out = &cells[row * t->columns + column];

			vterm_screen_get_cell(t->screen, (VTermPos){.row = (int)row, .col = (int)column}, &cell);
			*out = (struct vt_cell){.rune = cell.chars[0] == 0 ? ' ' : cell.chars[0], .bold = cell.attrs.bold, .underline = cell.attrs.underline, .reverse = cell.attrs.reverse};
			memcpy(&out->fore, &cell.fg, sizeof out->fore);
			memcpy(&out->ground, &cell.bg, sizeof out->ground);
		}
}

const char *vt_text(struct vt *t)
{
	struct vt_cell *cells = memory_get_zeroed(t->rows * t->columns, sizeof *cells);
	struct text text = {0};

	vt_cells(t, cells);
	for (unsigned i = 0; i < t->rows * t->columns; i++) {
		if (cells[i].rune != UINT32_MAX) /* the right half of a wide one */
			text_add_rune(&text, cells[i].rune);
		if (i % t->columns == t->columns - 1)
			text_add_char(&text, '\n');
	}
	free(cells);
	free(t->text);
	t->text = memory_copy_string(text_string(&text));
	text_fini(&text);
	return t->text;
}

bool vt_wait(struct vt *t, const char *text, unsigned ms)
{
	const int64_t deadline_ns = clock_now_ns() + ms * NS_PER_MS;
	bool there = false;

	while (!(there = strstr(vt_text(t), text)) && clock_now_ns() < deadline_ns)
		if (vt_take_bytes(t, 65536, 100) < 0)
			return strstr(vt_text(t), text);
	return there;
}

int vt_wait_end(struct vt *t, unsigned ms)
{
	const int64_t deadline_ns = clock_now_ns() + ms * NS_PER_MS;
	int status;

	while (t->pid > 0) {
		if (waitpid(t->pid, &status, WNOHANG) == t->pid) {
			t->pid = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		if (clock_now_ns() >= deadline_ns)
			return -1;
		if (vt_take_bytes(t, 65536, 10) < 0)
			poll(NULL, 0, 10);
	}
	return -1;
}

void vt_end(struct vt *t)
{
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	if (t->fd >= 0)
		close(t->fd);
	if (t->term)
		vterm_free(t->term);
	free(t->text);
	*t = (struct vt){.fd = -1};
}
