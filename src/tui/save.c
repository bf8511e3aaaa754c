/* Writing new files. */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const struct text *text)
{
	size_t done = 0;

	while (done < text->len) {
		const ssize_t written = write(fd, text->bytes + done, text->len - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int save_new(const struct text *text, save_name *name, void *context, unsigned *nth)
{
	const char *path;
	int fd = -1, result;

	for (*nth = 1; *nth <= SAVE_NAMES_MAX; (*nth)++) {
		path = name(context, *nth);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd < 0)
		return *nth > SAVE_NAMES_MAX ? -EEXIST : -errno;
	result = write_all(fd, text);
	if (close(fd) && !result)
		result = -errno;
	if (result)
		unlink(path);
	return result;
}
