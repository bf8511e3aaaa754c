/* Namespaces, found and entered: see watch/netns.h. */
#include "config.h"

#include "watch/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "watch/netlink.h"

#define PATH_ROOM 320
#define CONTAINER_DIGITS 12 /* as docker ps shows them */
#define CONTAINER_DIGITS_LEAST 32

static const char named_folder[] = "/run/netns";

bool netns_id_equal(const struct netns_id *a, const struct netns_id *b)
{
	return a->inode == b->inode && a->device == b->device;
}

int netns_id_of(const char *path, struct netns_id *id)
{
	struct stat file;

	*id = (struct netns_id){0};
	if (stat(path, &file) < 0)
		return -errno;
	*id = (struct netns_id){.device = file.st_dev, .inode = file.st_ino};
	return 0;
}

/* ---- finding ---- */

void netns_list_fini(struct netns_list *l)
{
	free(l->found);
	*l = (struct netns_list){0};
}

struct netns_found *netns_list_find(const struct netns_list *l, const struct netns_id *id)
{
	for (unsigned i = 0; i < l->count; i++)
		if (netns_id_equal(&l->found[i].id, id))
			return &l->found[i];
	return NULL;
}

static void netns_list_add(struct netns_list *l, const struct netns_id *id, uint32_t pid)
{
	struct netns_found *known = netns_list_find(l, id);

	if (known) {
		known->pid = pid < known->pid ? pid : known->pid;
		return;
	}
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->found = memory_resize(l->found, l->room, sizeof(*l->found));
	}
	l->found[l->count++] = (struct netns_found){.id = *id, .pid = pid};
}

/* 0; or why nobody can say whether the process is in a namespace that was not found. One that is over is in none, and others may be hidden from us. */
static int netns_find_of(struct netns_list *l, const char *pid)
{
	char path[PATH_ROOM];
	struct netns_id id;
	int error;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	error = netns_id_of(path, &id);
	if (error == 0)
		netns_list_add(l, &id, (uint32_t)strtoul(pid, NULL, 10));
	return error == -ENOENT || error == -ESRCH || error == -EACCES || error == -EPERM ? 0 : error;
}

int netns_find(struct netns_list *l)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int error = 0;

	l->count = 0;
	if (!processes)
		return -errno;
	while (error == 0 && (errno = 0, entry = readdir(processes)))
		if (isdigit((unsigned char)*entry->d_name))
			error = netns_find_of(l, entry->d_name);
	/* An error ends the list as its end does. */
	if (error == 0)
		error = -errno;
	closedir(processes);
	return error;
}

/* ---- names ---- */

static void netns_name_by_ip(struct netns_list *l)
{
	DIR *names = opendir(named_folder);
	struct dirent *entry;

	if (!names)
		return;
	while ((entry = readdir(names))) {
		struct netns_found *found;
		char path[PATH_ROOM];
		struct netns_id id;

		snprintf(path, sizeof(path), "%s/%s", named_folder, entry->d_name);
		if (*entry->d_name == '.' || netns_id_of(path, &id) < 0)
			continue;
		found = netns_list_find(l, &id);
		if (found && !*found->name)
			clean_copy(found->name, sizeof(found->name), entry->d_name, strlen(entry->d_name));
	}
	closedir(names);
}

/* How the managers of containers call a container's cgroup: by its id or by its name. */
static const struct {
	const char *before, *label;
	bool by_id;
} containers[] = {
	{"/docker-", "docker", true},   {"/docker/", "docker", true},        {"/libpod-", "podman", true},
	{"/crio-", "kube", true},       {"/cri-containerd-", "kube", true},  {"/lxc.payload.", "lxc", false},
	{"/lxc/", "lxc", false},        {"/machine-", "machine", false},
};

bool netns_container(const char *cgroup, char name[NETNS_NAME_ROOM])
{
	for (size_t i = 0; i < sizeof(containers) / sizeof(*containers); i++) {
		const char *at = strstr(cgroup, containers[i].before);
		size_t len, prefix;

		if (!at)
			continue;
		at += strlen(containers[i].before);
		len = containers[i].by_id ? strspn(at, "0123456789abcdef") : strcspn(at, "/\n");
		if (containers[i].by_id ? len < CONTAINER_DIGITS_LEAST : len == 0)
			continue;
		if (!containers[i].by_id && len > 6 && !strncmp(at + len - 6, ".scope", 6))
			len -= 6;
		prefix = (size_t)snprintf(name, NETNS_NAME_ROOM, "%s:", containers[i].label);
		clean_copy(name + prefix, NETNS_NAME_ROOM - prefix, at, containers[i].by_id ? CONTAINER_DIGITS : len);
		return true;
	}
	return false;
}

static bool netns_name_by_container(struct netns_found *found)
{
	char path[PATH_ROOM], line[1024];
	bool named = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", (unsigned)found->pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!named && fgets(line, sizeof(line), f))
		named = netns_container(line, found->name);
	fclose(f);
	return named;
}

void netns_name_all(struct netns_list *l)
{
	struct netns_found *first;
	struct netns_id id;

	first = netns_id_of("/proc/1/ns/net", &id) == 0 ? netns_list_find(l, &id) : NULL;
	if (first && !*first->name)
		snprintf(first->name, sizeof(first->name), "host");
	netns_name_by_ip(l);
	for (unsigned i = 0; i < l->count; i++)
		if (!*l->found[i].name && !netns_name_by_container(&l->found[i]))
			snprintf(l->found[i].name, sizeof(l->found[i].name), "net:[%llu]", (unsigned long long)l->found[i].id.inode);
}

/* ---- one that was asked for ---- */

static void netns_path_of(const char *asked, char path[WATCH_PATH_ROOM])
{
	size_t digits = strspn(asked, "0123456789");

	if (strchr(asked, '/'))
		snprintf(path, WATCH_PATH_ROOM, "%s", asked);
	else if (digits && !asked[digits])
		snprintf(path, WATCH_PATH_ROOM, "/proc/%s/ns/net", asked);
	else
		snprintf(path, WATCH_PATH_ROOM, "%s/%s", named_folder, asked);
}

int watch_find_netns(const char *asked, struct watch_netns *out, const char **where)
{
	struct netns_id own;

	*out = (struct watch_netns){.fd = -1};
	netns_path_of(asked, out->path);
	clean_copy(out->name, sizeof(out->name), asked, strlen(asked));
	*where = N_("cannot open it");
	out->fd = open(out->path, O_RDONLY | O_CLOEXEC);
	if (out->fd < 0 || netns_id_of(out->path, &out->id) < 0)
		return -errno;
	if (ioctl(out->fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		*where = N_("it is no network namespace");
		return -EINVAL;
	}
	out->own = netns_id_of("/proc/thread-self/ns/net", &own) == 0 && netns_id_equal(&own, &out->id);
	return 0;
}

/* ---- entering ---- */

struct netns_visit {
	int netns_fd, error;
	struct watch_sockets *sockets; /* NULL: only to see whether we may */
};

static void *netns_visit_run(void *context)
{
	struct netns_visit *v = context;

	if (setns(v->netns_fd, CLONE_NEWNET) < 0)
		v->error = -errno;
	else if (v->sockets)
		v->error = watch_open_sockets(v->sockets);
	return NULL;
}

/* By a thread that ends there: who may leave our namespace may not always come back. */
static int netns_visit(int netns_fd, struct watch_sockets *sockets)
{
	struct netns_visit v = {.netns_fd = netns_fd, .sockets = sockets};
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, netns_visit_run, &v);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return -error;
	pthread_join(thread, NULL);
	return v.error;
}

int watch_open_sockets_in(int netns_fd, struct watch_sockets *sockets)
{
	int error;

	*sockets = WATCH_SOCKETS_OWN;
	error = netns_visit(netns_fd, sockets);
	if (error == 0 && (sockets->lookup < 0 || sockets->notices < 0))
		error = -EMFILE;
	if (error == 0 && !netlink_netns_cookie(sockets->dump))
		error = -ENOTSUP;
	if (error < 0) {
		watch_close_sockets(sockets);
		*sockets = WATCH_SOCKETS_OWN;
	}
	return error;
}

int watch_may_enter_netns(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = netns_visit(fd, NULL);
	close(fd);
	return error;
}
