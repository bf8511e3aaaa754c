/*
 * Cgroups by their ids, and the systemd unit or the container that a cgroup is of.
 *
 * The id of a cgroup is the inode number of its directory in cgroup2 (kernel: cgroup_id(), kernfs_ino()); sockets tell that of the process that made
 * them. Ids are never used again.
 */
#ifndef WATCH_CGROUP_H
#define WATCH_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "watch/outlet.h"

#define CGROUP_RECENT 16
/* When more are known, all are forgotten, and told again when they are seen. */
#define CGROUPS_MAX 4096u

struct cgroups {
	char *mount;                 /* where cgroup2 is mounted; NULL: nowhere, or not looked for yet */
	bool sought;
	bool has_handles;            /* it is a mount of cgroup2 */
	struct cgroup_entry *entries;
	uint32_t count, room;
	struct map by_id;
	uint64_t seed;
	uint64_t recent[CGROUP_RECENT]; /* ids that need no telling, by their lowest bits */
	int64_t walked_ns;           /* when the directories were last walked; 0: never */
};

/* `mount`: a tree of directories to be walked as that of cgroup2 is; NULL: where cgroup2 is mounted. */
void cgroups_init(struct cgroups *c, const char *mount, uint64_t seed);
void cgroups_fini(struct cgroups *c);
/*
 * A socket of this cgroup was seen (0: not known). True if it has a name that was not told yet: it is in `name`, sanitized. Quick for those seen lately;
 * a new one can need a walk over all cgroups' directories, but not twice within 50 ms.
 */
bool cgroups_see(struct cgroups *c, uint64_t id, char name[UNIT_ROOM]);
/* Tells it, if there is something to tell: before a socket of that cgroup is told of. The outlet is a patient one. */
void cgroups_tell(struct cgroups *c, uint64_t id, struct outlet *out);

/*
 * The name that a person gives to the cgroup of this path (below the mount, "/system.slice/nginx.service"): a unit ("nginx.service",
 * "user@1000.service/app.scope"), a container ("docker:" or "podman:" and 12 digits of its id, "lxc:NAME", "k8s:podUID/" and 12 digits), or else its last
 * part. Empty for the root.
 */
void cgroup_name(const char *path, char name[UNIT_ROOM]);

#endif
