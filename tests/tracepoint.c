#include "config.h"

#include "tracepoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static char mount_point[] = "/tmp/synfin-trace-XXXXXX";
static char instance[128];
static bool mounted, made;

static bool put(const char *name, const char *content)
{
	char path[256];
	int fd;
	bool done;

	snprintf(path, sizeof path, "%s/%s", instance, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, content, strlen(content)) == (ssize_t)strlen(content);
	close(fd);
	return done;
}

/* In a mount namespace of our own, so that nothing is left mounted. */
static bool mount_tracefs(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !mkdtemp(mount_point))
		return false;
	mounted = mount("tracefs", mount_point, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
	return mounted;
}

const char *tracepoint_start(uint16_t port, uint16_t other_port)
{
	char filter[128];

	if (!mount_tracefs())
		return strerror(errno);
	snprintf(instance, sizeof instance, "%s/instances/synfin-%d", mount_point, (int)getpid());
	made = mkdir(instance, 0700) == 0;
	if (!made)
		return strerror(errno);
	atexit(tracepoint_stop); /* the instance would outlive a test that fails in the middle */
	snprintf(filter, sizeof filter, "sport == %u || dport == %u || sport == %u || dport == %u", port, port, other_port, other_port);
	if (!put("trace_clock", "mono") || !put("buffer_size_kb", "4096") || !put("events/sock/inet_sock_set_state/filter", filter) ||
	    !put("events/sock/inet_sock_set_state/enable", "1"))
		return strerror(errno);
	return NULL;
}

void tracepoint_stop(void)
{
	if (made) {
		put("events/sock/inet_sock_set_state/enable", "0");
		rmdir(instance);
	}
	if (mounted)
		umount2(mount_point, MNT_DETACH);
	rmdir(mount_point);
	made = mounted = false;
}

/* "TCP_FIN_WAIT1" and so on; the kernel has no TIME_WAIT sockets, and CLOSE is CLOSED. */
static enum tcp_state state_of(const char *word)
{
	return strcmp(word, "TCP_CLOSE") == 0 ? STATE_CLOSED : state_from_name(word + 4);
}

static bool read_event(const char *line, int64_t offset_ns, struct traced *out)
{
	const char *event = strstr(line, ": inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP"), *time = event;
	char local[64], remote[64], from[32], to[32];
	unsigned sport, dport;
	struct in_addr four;
	double seconds;

	if (!event || sscanf(event, ": inet_sock_set_state: family=%*s protocol=%*s sport=%u dport=%u saddr=%63s daddr=%63s saddrv6=%*s daddrv6=%*s "
	                            "oldstate=%31s newstate=%31s", &sport, &dport, local, remote, from, to) != 6)
		return false;
	while (time > line && time[-1] != ' ')
		time--;
	if (sscanf(time, "%lf", &seconds) != 1)
		return false;
	*out = (struct traced){.tuple.family = AF_INET, .from = (uint8_t)state_of(from), .to = (uint8_t)state_of(to)};
	out->t_ns = offset_ns + (int64_t)(seconds * 1e6) * NS_PER_US;
	if (inet_pton(AF_INET, local, &four) == 1)
		endpoint_set_v4(&out->tuple.local, &four, (uint16_t)sport);
	if (inet_pton(AF_INET, remote, &four) == 1)
		endpoint_set_v4(&out->tuple.remote, &four, (uint16_t)dport);
	return true;
}

struct traced *tracepoint_read(size_t *count)
{
	size_t room = 0;
	struct traced *all = NULL;
	int64_t offset_ns = -clock_to_monotonic_ns(0);
	char path[256], line[1024];
	FILE *f;

	snprintf(path, sizeof path, "%s/trace", instance);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	*count = 0;
	while (fgets(line, sizeof line, f)) {
		if (strstr(line, "LOST")) {
			free(all);
			fclose(f);
			return NULL;
		}
		if (*count == room) {
			room = room ? room * 2 : 1024;
			all = realloc(all, room * sizeof *all);
			if (!all)
				abort();
		}
		*count += read_event(line, offset_ns, &all[*count]);
	}
	fclose(f);
	return all;
}
