/* Comparing with golden files, and telling where they differ. */
#include "golden.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void path_of(const char *name, struct text *path)
{
	const char *top = getenv("top_srcdir");

	text_addf(path, "%s/tests/golden/%s", top ? top : ".", name);
}

/* 0 or -errno. */
static int read_all(const char *path, struct text *out)
{
	FILE *f = fopen(path, "r");
	char part[4096];
	size_t got;
	int result;

	if (!f)
		return -errno;
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		text_add_bytes(out, part, got);
	result = ferror(f) ? -EIO : 0;
	fclose(f);
	return result;
}

static int write_all(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	int result;

	if (!f)
		return -errno;
	result = fputs(text, f) == EOF ? -errno : 0;
	if (fclose(f) != 0 && result == 0)
		result = -errno;
	return result;
}

static unsigned first_difference(const char *a, const char *b)
{
	unsigned line = 1;

	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	return line;
}

/* As TAP comments, line by line: cmocka cuts what is long. */
static void print_picture(const char *title, const char *text)
{
	print_error("# %s\n", title);
	while (*text) {
		size_t len = strcspn(text, "\n");

		print_error("# %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void golden_check(const char *name, const char *text)
{
	struct text path = {0}, wanted = {0};
	int error;

	path_of(name, &path);
	if (getenv("UPDATE_GOLDEN")) {
		error = write_all(text_string(&path), text);
		if (error)
			fail_msg("cannot write %s: %s", text_string(&path), strerror(-error));
	} else {
		error = read_all(text_string(&path), &wanted);
		if (error)
			fail_msg("cannot read %s: %s (UPDATE_GOLDEN=1 makes it)", text_string(&path), strerror(-error));
		if (strcmp(text_string(&wanted), text) != 0) {
			print_picture("wanted:", text_string(&wanted));
			print_picture("is:", text);
			fail_msg("%s differs from line %u on", text_string(&path), first_difference(text_string(&wanted), text));
		}
	}
	text_fini(&path);
	text_fini(&wanted);
}
