/* Cgroups, and what they are of: see watch/cgroup.h. */
#include "config.h"

#include "watch/cgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/memory.h"

#define WALK_PAUSE_NS (50 * NS_PER_MS)
/* Deeper than anybody nests them. */
#define DEPTH_MAX 24
#define PARTS_MAX DEPTH_MAX
#define ID_DIGITS 64
#define ID_SHOWN 12
/* include/linux/exportfs.h, FILEID_KERNFS: the handle is the id. */
#define HANDLE_IS_ID 0xfe

struct cgroup_entry {
	uint64_t id;
	bool told;
	char name[UNIT_ROOM];
};

/* ---- names ---- */

struct part {
	const char *text;
	size_t len;
};

static bool part_begins(struct part p, const char *prefix)
{
	return p.len >= strlen(prefix) && memcmp(p.text, prefix, strlen(prefix)) == 0;
}

static bool part_ends(struct part p, const char *suffix)
{
	return p.len >= strlen(suffix) && memcmp(p.text + p.len - strlen(suffix), suffix, strlen(suffix)) == 0;
}

static struct part part_without(struct part p, const char *prefix)
{
	return part_begins(p, prefix) ? (struct part){p.text + strlen(prefix), p.len - strlen(prefix)} : (struct part){p.text, 0};
}

/* A container's id: all of the part, or what follows the prefix, but for ".scope". */
static bool part_is_id(struct part p)
{
	size_t digits = 0;

	while (digits < p.len && isxdigit((unsigned char)p.text[digits]))
		digits++;
	return digits == ID_DIGITS && (digits == p.len || part_ends(p, ".scope"));
}

/* The id that ends in the part, after "docker-", "crio-", "cri-containerd-" and the like, or alone; length 0: none. */
static struct part part_id(struct part p)
{
	const char *dash = memrchr(p.text, '-', p.len);
	struct part id = dash ? (struct part){dash + 1, p.len - (size_t)(dash + 1 - p.text)} : p;

	return part_is_id(id) ? id : (struct part){p.text, 0};
}

static unsigned split(const char *path, struct part parts[PARTS_MAX])
{
	unsigned count = 0;

	while (*path) {
		size_t len = strcspn(path, "/");

		if (len > 0 && count < PARTS_MAX)
			parts[count++] = (struct part){path, len};
		path += len + (path[len] == '/');
	}
	return count;
}

static void put_name(char name[UNIT_ROOM], const char *kind, struct part what, const char *between, struct part more)
{
	char raw[2 * UNIT_ROOM];

	snprintf(raw, sizeof(raw), "%s%.*s%s%.*s", kind, (int)what.len, what.text, between, (int)more.len, more.text);
	clean_copy(name, UNIT_ROOM, raw, strlen(raw));
}

/* "pod" and its uid, in which systemd's names have _ for -. */
static struct part pod_of(const struct part *parts, unsigned count, char room[UNIT_ROOM])
{
	for (unsigned i = count; i-- > 0;) {
		const char *dash = part_ends(parts[i], ".slice") ? memrchr(parts[i].text, '-', parts[i].len) : NULL;
		struct part p = dash ? (struct part){dash + 1, parts[i].len - (size_t)(dash + 1 - parts[i].text) - strlen(".slice")} : parts[i];

		if (!part_begins(p, "pod") || p.len < strlen("podXXXXXXXX") || p.len >= UNIT_ROOM - 20)
			continue;
		for (size_t at = 0; at < p.len; at++)
			room[at] = p.text[at] == '_' ? '-' : p.text[at];
		return (struct part){room, p.len};
	}
	return (struct part){room, 0};
}

static bool name_pod(const struct part *parts, unsigned count, char name[UNIT_ROOM])
{
	struct part id = part_id(parts[count - 1]), pod;
	char room[UNIT_ROOM];
	bool is_pod = false;

	for (unsigned i = 0; i < count; i++)
		is_pod |= part_begins(parts[i], "kubepods");
	pod = pod_of(parts, count, room);
	if (!is_pod || pod.len == 0)
		return false;
	id.len = id.len > ID_SHOWN ? ID_SHOWN : id.len;
	put_name(name, "k8s:", pod, id.len > 0 ? "/" : "", id);
	return true;
}

/* Container `at` of the path, if it is one. */
static bool name_container(const struct part *parts, unsigned at, char name[UNIT_ROOM])
{
	const struct part none = {"", 0}, p = parts[at];
	struct part id = part_id(p), lxc = part_without(p, "lxc.payload.");
	bool docker = part_begins(p, "docker-") || (at > 0 && parts[at - 1].len == 6 && part_begins(parts[at - 1], "docker"));
	bool podman = part_begins(p, "libpod-");

	if (lxc.len == 0 && at > 0 && parts[at - 1].len == 3 && part_begins(parts[at - 1], "lxc"))
		lxc = p;
	if (lxc.len > 0) {
		put_name(name, "lxc:", lxc, "", none);
		return true;
	}
	/* What podman keeps beside each container is none itself. */
	if (id.len == 0 || part_begins(p, "libpod-conmon-"))
		return false;
	id.len = ID_SHOWN;
	put_name(name, docker ? "docker:" : podman ? "podman:" : "container:", id, "", none);
	return true;
}

static bool part_is_unit(struct part p)
{
	return part_ends(p, ".service") || part_ends(p, ".scope") || part_ends(p, ".socket") || part_ends(p, ".mount") || part_ends(p, ".swap");
}

static bool name_unit(const struct part *parts, unsigned count, char name[UNIT_ROOM])
{
	const struct part none = {"", 0};
	unsigned last = count, manager = count;

	for (unsigned i = 0; i < count; i++) {
		if (!part_is_unit(parts[i]))
			continue;
		last = i;
		if (part_begins(parts[i], "user@"))
			manager = i;
	}
	if (last == count)
		return false;
	if (manager < last)
		put_name(name, "", parts[manager], "/", parts[last]);
	else
		put_name(name, "", parts[last], "", none);
	return true;
}

void cgroup_name(const char *path, char name[UNIT_ROOM])
{
	struct part parts[PARTS_MAX];
	unsigned count = split(path, parts);

	name[0] = '\0';
	if (count == 0 || name_pod(parts, count, name))
		return;
	for (unsigned at = count; at-- > 0;)
		if (name_container(parts, at, name))
			return;
	if (!name_unit(parts, count, name))
		put_name(name, "", parts[count - 1], "", (struct part){"", 0});
}

/* ---- what is known ---- */

void cgroups_init(struct cgroups *c, const char *mount, uint64_t seed)
{
	*c = (struct cgroups){.seed = seed, .sought = mount != NULL, .mount = mount ? memory_copy_string(mount) : NULL};
}

void cgroups_fini(struct cgroups *c)
{
	free(c->mount);
	free(c->entries);
	map_fini(&c->by_id);
}

struct cgroup_key {
	const struct cgroup_entry *entries;
	uint64_t id;
};

static bool cgroup_match(const void *context, uint32_t at)
{
	const struct cgroup_key *key = context;

	return key->entries[at].id == key->id;
}

static struct cgroup_entry *cgroups_find(const struct cgroups *c, uint64_t id)
{
	const struct cgroup_key key = {c->entries, id};
	uint32_t at = c->count > 0 ? map_find(&c->by_id, map_hash_u64(id, c->seed), cgroup_match, &key) : MAP_NONE;

	return at == MAP_NONE ? NULL : &c->entries[at];
}

static void cgroups_add(struct cgroups *c, uint64_t id, const char *path)
{
	struct cgroup_entry *e;

	if (c->count == CGROUPS_MAX || cgroups_find(c, id))
		return;
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->entries = memory_resize(c->entries, c->room, sizeof(*c->entries));
	}
	e = &c->entries[c->count];
	e->id = id;
	cgroup_name(path, e->name);
	e->told = e->name[0] == '\0';
	map_add(&c->by_id, map_hash_u64(id, c->seed), c->count++);
}

static void cgroups_forget(struct cgroups *c)
{
	c->count = 0;
	map_clear(&c->by_id);
	memset(c->recent, 0, sizeof(c->recent));
}

/* ---- where they are ---- */

/* proc(5), mountinfo: "36 35 98:0 ROOT MOUNT options … - TYPE SOURCE …", with blanks in paths as \040. */
static char *find_mount(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *mount = NULL;
	size_t room = 0;

	while (f && !mount && getline(&line, &room, f) > 0) {
		char *type = strstr(line, " - cgroup2 "), *save, *field = type ? strtok_r(line, " ", &save) : NULL;

		for (unsigned i = 1; field && i < 5; i++)
			field = strtok_r(NULL, " ", &save);
		if (field && !strchr(field, '\\'))
			mount = memory_copy_string(field);
	}
	free(line);
	if (f)
		fclose(f);
	return mount;
}

/* At once, for those who may (CAP_DAC_READ_SEARCH). False if they may not. */
static bool find_by_handle(struct cgroups *c, uint64_t id)
{
	_Alignas(struct file_handle) char bytes[sizeof(struct file_handle) + sizeof(id)] = {0};
	struct file_handle *handle = (void *)bytes;
	int mount_fd = open(c->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	size_t skip = strlen(c->mount);
	char link[32], path[PATH_MAX];
	ssize_t len;

	if (mount_fd < 0)
		return false;
	handle->handle_bytes = sizeof(id);
	handle->handle_type = HANDLE_IS_ID;
	memcpy(handle->f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, handle, O_RDONLY | O_PATH | O_CLOEXEC);
	close(mount_fd);
	/* ESTALE: there is none any more, and a walk would not find it either. */
	if (fd < 0)
		return errno == ESTALE;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (len < 0 || (size_t)len < skip || memcmp(path, c->mount, skip) != 0)
		return false;
	path[len] = '\0';
	cgroups_add(c, id, path + skip);
	return true;
}

/* `path`: of the directory, with room for those below it. The inode numbers stand in the listing: nothing else is looked at. */
static void walk(struct cgroups *c, int at_fd, const char *name, char path[PATH_MAX], size_t len, unsigned depth)
{
	int fd = depth < DEPTH_MAX ? openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(directory))) {
		int added;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		added = snprintf(path + len, PATH_MAX - len, "/%s", e->d_name);
		if (added < 0 || (size_t)added >= PATH_MAX - len)
			continue;
		cgroups_add(c, e->d_ino, path);
		walk(c, dirfd(directory), e->d_name, path, len + (size_t)added, depth + 1);
	}
	closedir(directory);
}

/* False if it is too early for it. */
static bool find_by_walk(struct cgroups *c)
{
	int64_t now_ns = clock_now_ns();
	char path[PATH_MAX] = "";

	if (c->walked_ns && now_ns - c->walked_ns < WALK_PAUSE_NS && now_ns >= c->walked_ns)
		return false;
	c->walked_ns = now_ns;
	walk(c, AT_FDCWD, c->mount, path, 0, 0);
	return true;
}

/* False: ask again at the next sight. */
static bool cgroups_learn(struct cgroups *c, uint64_t id)
{
	if (c->count == CGROUPS_MAX)
		cgroups_forget(c);
	if (!c->sought) {
		c->mount = find_mount();
		c->has_handles = true;
	}
	c->sought = true;
	if (c->mount && !(c->has_handles && find_by_handle(c, id)) && !find_by_walk(c))
		return false;
	/* The root's, one that is gone, or one outside of what we see. */
	cgroups_add(c, id, "");
	return true;
}

bool cgroups_see(struct cgroups *c, uint64_t id, char name[UNIT_ROOM])
{
	struct cgroup_entry *e;

	if (id == 0 || c->recent[id % CGROUP_RECENT] == id)
		return false;
	e = cgroups_find(c, id);
	if (!e && cgroups_learn(c, id))
		e = cgroups_find(c, id);
	if (!e)
		return false;
	c->recent[id % CGROUP_RECENT] = id;
	if (e->told)
		return false;
	e->told = true;
	memcpy(name, e->name, UNIT_ROOM);
	return true;
}

void cgroups_tell(struct cgroups *c, uint64_t id, struct outlet *out)
{
	char name[UNIT_ROOM];
	struct observation *seen;

	if (!cgroups_see(c, id, name))
		return;
	seen = outlet_add(out, OBSERVED_UNIT, 0, 0);
	seen->unit.cgroup = id;
	memcpy(seen->unit.name, name, sizeof(name));
}
