#include "config.h"

#include "lab/private_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_file(const char *path, const char *content)
{
	size_t len = strlen(content);
	ssize_t written;
	int fd, result = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, content, len);
	if (written < 0)
		result = -errno;
	else if ((size_t)written != len)
		result = -EIO;
	close(fd);
	return result;
}

/* The user stays who it is, so that sock_diag reports true uids to a netlink socket opened here. */
static int map_self(uid_t uid, gid_t gid)
{
	char line[64];
	int error;

	snprintf(line, sizeof line, "%u %u 1", uid, uid);
	error = write_file("/proc/self/uid_map", line);
	if (error)
		return error;
	/* user_namespaces(7): without privilege outside, gid_map is refused until setgroups is given up. */
	error = write_file("/proc/self/setgroups", "deny");
	if (error && error != -ENOENT)
		return error;
	snprintf(line, sizeof line, "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", line);
}

static int loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd, result = 0;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		result = -errno;
	} else {
		request.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
			result = -errno;
	}
	close(fd);
	return result;
}

int private_net_enter(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int error;

	if (unshare(CLONE_NEWNET) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			return -errno;
		error = map_self(uid, gid);
		if (error)
			return error;
	}
	return loopback_up();
}

/* An alias ("lo:1") for each: the old ioctl knows one address an interface name. */
static int add_v4(int fd, struct in_addr address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};
	struct ifreq request = {0};

	/* The last two bytes tell our addresses apart, and "lo:" with four digits fits IFNAMSIZ. */
	snprintf(request.ifr_name, sizeof request.ifr_name, "lo:%x", (unsigned)(ntohl(address.s_addr) & 0xffff));
	memcpy(&request.ifr_addr, &in, sizeof in);
	if (ioctl(fd, SIOCSIFADDR, &request) < 0)
		return -errno;
	in.sin_addr.s_addr = INADDR_BROADCAST;
	memcpy(&request.ifr_netmask, &in, sizeof in);
	return ioctl(fd, SIOCSIFNETMASK, &request) < 0 ? -errno : 0;
}

static int add_v6(int fd, const struct in6_addr *address)
{
	struct in6_ifreq request = {.ifr6_addr = *address, .ifr6_prefixlen = 128};

	request.ifr6_ifindex = (int)if_nametoindex("lo");
	return ioctl(fd, SIOCSIFADDR, &request) < 0 ? -errno : 0;
}

int private_net_add_address(const char *address)
{
	struct in6_addr six;
	struct in_addr four;
	int fd, family, result;

	if (inet_pton(AF_INET, address, &four) == 1)
		family = AF_INET;
	else if (inet_pton(AF_INET6, address, &six) == 1)
		family = AF_INET6;
	else
		return -EINVAL;
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	result = family == AF_INET ? add_v4(fd, four) : add_v6(fd, &six);
	close(fd);
	return result;
}
