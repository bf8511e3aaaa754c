/* A terminal of the test's own: a pty with the real synfin on it, and what a person would see (libvterm). */
#ifndef TESTS_VT_H
#define TESTS_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <vterm.h>

struct vt_cell {
	uint32_t rune;
	uint32_t fore, ground;  /* as libvterm has them */
	bool bold, underline, reverse;
};

struct vt {
	pid_t pid;
	int fd;               /* the master's end; -1: closed */
	unsigned rows, columns;
	VTerm *term;
	VTermScreen *screen;
	size_t bytes;         /* that came from the program */
	char *text;           /* of vt_text() */
};

/*
 * Starts top_builddir/src/synfin with these arguments (NULL ends them) on a terminal of that size. `environment`: "NAME=value", "NAME" to unset, NULL ends them; the rest is
 * the test's own. In a session of its own.
 */
void vt_start(struct vt *t, unsigned rows, unsigned columns, const char *const *environment, const char *const *args);
void vt_type(struct vt *t, const void *bytes, size_t len);
void vt_keys(struct vt *t, const char *keys);
void vt_resize(struct vt *t, unsigned rows, unsigned columns);
/* Takes what the program writes, until it has written nothing for quiet_ms, or for ms at most. False: the program is gone. */
bool vt_take(struct vt *t, unsigned quiet_ms, unsigned ms);
/* Takes at most so many bytes, waiting for some for ms at most. Returns how many came; -1: the program is gone. */
ssize_t vt_take_bytes(struct vt *t, size_t most, unsigned ms);
/* The screen as text, a line each; valid until the next call. */
const char *vt_text(struct vt *t);
/* Takes until the screen has that text, for ms at most. */
bool vt_wait(struct vt *t, const char *text, unsigned ms);
/* All cells, rows × columns. */
void vt_cells(const struct vt *t, struct vt_cell *cells);
/* Waits for its end for ms at most, taking what it writes. Its exit status, 128 + signal, or -1: it goes on. */
int vt_wait_end(struct vt *t, unsigned ms);
/* Kills the program if it still is there, and frees all. */
void vt_end(struct vt *t);

#endif
