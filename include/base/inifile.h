/*
 * INI files that people write, read with inih: on which line a key stands, every line with a mistake, and nothing of what is no text file. Lines may be
 * indented. A comment is a line that begins with ';' or '#', and what stands behind a blank and ';'.
 */
#ifndef BASE_INIFILE_H
#define BASE_INIFILE_H

#include <stddef.h>

/* A file larger than this was not written by hand. */
#define INIFILE_BYTES_MAX (64 * 1024)

struct inifile_taker {
	void (*section)(void *context, const char *name, unsigned line); /* may be NULL */
	/* Before the first section, `section` is empty. */
	void (*key)(void *context, const char *section, const char *key, const char *value, unsigned line);
	/* What is wrong with the line is a message id. The line counts as not written. */
	void (*mistake)(void *context, const char *what, unsigned line);
	void *context;
};

/* Hands over what stands in a text, line by line. */
void inifile_take(const char *text, const struct inifile_taker *taker);

/*
 * The whole file, ended by a NUL; the caller's to free. -errno; in particular -EISDIR, -EINVAL (no regular file: it is not waited for), -EFBIG, -EILSEQ (no
 * UTF-8, or a NUL in it: *line tells where; else that is 0).
 */
int inifile_load(const char *path, char **text, unsigned *line);

#endif
