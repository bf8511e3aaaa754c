/* The filter of the command line: see filtering.h. */
#include "config.h"

#include "filtering.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "port_range.h"

#define USUAL_COLUMNS 80

/* ---- names ---- */

static int find_service(void *context, const char *name)
{
	const struct servent *service = getservbyname(name, "tcp");

	(void)context;
	return service ? ntohs((uint16_t)service->s_port) : -1;
}

static bool is_among(const struct filter_address *all, unsigned count, const struct filter_address *one)
{
	for (unsigned i = 0; i < count; i++)
		if (all[i].family == one->family && memcmp(all[i].bytes, one->bytes, sizeof one->bytes) == 0)
			return true;
	return false;
}

static unsigned resolve(const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	unsigned count = 0;

	if (getaddrinfo(name, NULL, &hints, &found))
		return 0;
	for (const struct addrinfo *a = found; a && count < FILTER_ADDRESSES_MAX; a = a->ai_next) {
		struct filter_address address = { .family = (uint16_t)a->ai_family };
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;

		if (a->ai_family == AF_INET) {
			memcpy(&v4, a->ai_addr, sizeof v4);
			memcpy(address.bytes, &v4.sin_addr, sizeof v4.sin_addr);
		} else if (a->ai_family == AF_INET6) {
			memcpy(&v6, a->ai_addr, sizeof v6);
			memcpy(address.bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
		} else {
			continue;
		}
		if (!is_among(out, count, &address))
			out[count++] = address;
	}
	freeaddrinfo(found);
	return count;
}

/* Those of one family, or of both, among what is known of a host. */
static unsigned find_known(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	const struct filtering *f = context;
	unsigned count = 0;

	for (const struct known_host *h = f->hosts; h; h = h->next)
		for (unsigned i = 0; i < h->count && strcmp(h->name, name) == 0 && count < FILTER_ADDRESSES_MAX; i++)
			if ((family == AF_UNSPEC || family == h->addresses[i].family) && !is_among(out, count, &h->addresses[i]))
				out[count++] = h->addresses[i];
	return count;
}

static unsigned find_host(void *context, const char *name, uint16_t family, struct filter_address out[FILTER_ADDRESSES_MAX])
{
	struct filtering *f = context;
	struct known_host *h = memory_get_zeroed(1, sizeof *h);

	h->name = memory_copy_string(name);
	h->count = resolve(name, family, h->addresses);
	h->next = f->hosts;
	f->hosts = h;
	memcpy(out, h->addresses, h->count * sizeof *out);
	return h->count;
}

static uint32_t find_device(void *context, const char *name)
{
	(void)context;
	return if_nametoindex(name);
}

static bool find_user(void *context, const char *name, uint32_t *uid)
{
	const struct passwd *user = getpwnam(name);

	(void)context;
	if (user)
		*uid = user->pw_uid;
	return user;
}

/* Only of those in the host's own file: directories of users elsewhere would have to be waited for. */
static bool find_own_user(void *context, const char *name, uint32_t *uid)
{
	FILE *users = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;

	(void)context;
	if (!users)
		return false;
	while ((user = fgetpwent(users)) && strcmp(user->pw_name, name))
		continue;
	if (user)
		*uid = user->pw_uid;
	fclose(users);
	return user;
}

/* A directory's handle in a cgroup file system is the cgroup's id. */
static bool cgroup_id(int directory, const char *path, uint64_t *id)
{
	_Alignas(struct file_handle) char bytes[sizeof(struct file_handle) + sizeof *id];
	struct file_handle *handle = (void *)bytes;
	int mount;

	handle->handle_bytes = sizeof *id;
	if (name_to_handle_at(directory, path, handle, &mount, 0) || handle->handle_bytes != sizeof *id)
		return false;
	memcpy(id, handle->f_handle, sizeof *id);
	return true;
}

/* Where cgroup2 is mounted; -1: nowhere. */
static int open_cgroups(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	int fd = -1;

	if (!mounts)
		return -1;
	while (fd < 0 && (m = getmntent(mounts)))
		if (strcmp(m->mnt_type, "cgroup2") == 0)
			fd = open(m->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	endmntent(mounts);
	return fd;
}

/* As ss does: a path of this file system first, then one from the root of cgroup2. */
static bool find_cgroup(void *context, const char *path, uint64_t *id)
{
	bool found;
	int fd;

	(void)context;
	if (cgroup_id(AT_FDCWD, path, id))
		return true;
	path += strspn(path, "/");
	fd = *path ? open_cgroups() : -1;
	if (fd < 0)
		return false;
	found = cgroup_id(fd, path, id);
	close(fd);
	return found;
}

/* ---- reading ---- */

/* Where nobody says how wide a line is, it is of the usual width: what is wrong is found in a log, too, without all of a filter that a program has made. */
static unsigned error_columns(void)
{
	struct winsize size;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : USUAL_COLUMNS;
}

static void tell(const struct filter_error *e, const char *text)
{
	struct text message = {0}, place = {0};

	filter_error_tell(e, &message);
	filter_error_show(e, text, error_columns(), &place);
	log_line(_("filter: %s (try 'synfin --help')"), text_string(&message));
	fputs(text_string(&place), stderr);
	text_fini(&message);
	text_fini(&place);
}

static void compile(struct filtering *f)
{
	static const enum filter_ops ops[] = { FILTER_OPS_ALL, FILTER_OPS_FIRST };

	f->watch = (struct watch_filter){ .states = filter_states(f->filter), .needed = filter_needs_kernel(f->filter) };
	for (int i = 0; i < 2; i++) {
		filter_compile(f->filter, ops[i], &f->codes[i]);
		f->watch.codes[i] = (struct watch_code){ f->codes[i].bytes, f->codes[i].length };
	}
}

void filtering_screen_names(struct filtering *f, struct filter_names *names)
{
	struct port_range range;

	port_range_read(&range);
	*names = (struct filter_names){
		.service = find_service, .host = find_known, .device = find_device, .user = find_own_user, .port_low = range.low, .port_high = range.high,
		.context = f,
	};
}

int filtering_open(struct filtering *f, const struct options *o, bool kernel)
{
	struct filter_names names;
	struct filter_error error;

	*f = (struct filtering){0};
	if (!o->filter.len)
		return 0;
	filtering_screen_names(f, &names);
	names.host = find_host;
	names.user = find_user;
	names.cgroup = find_cgroup;
	names.kernel = kernel;
	f->filter = filter_parse(text_string(&o->filter), &names, &error);
	if (!f->filter) {
		tell(&error, text_string(&o->filter));
		filtering_close(f);
		return -EINVAL;
	}
	if (!o->owners && filter_asks_owners(f->filter)) {
		log_line(_("the filter speaks of processes, which '%s' does not look for (try 'synfin --help')"), "--no-owners");
		filtering_close(f);
		return -EINVAL;
	}
	compile(f);
	return 0;
}

void filtering_close(struct filtering *f)
{
	filter_free(f->filter);
	for (int i = 0; i < 2; i++)
		filter_code_fini(&f->codes[i]);
	while (f->hosts) {
		struct known_host *h = f->hosts;

		f->hosts = h->next;
		free(h->name);
		free(h);
	}
	*f = (struct filtering){0};
}
