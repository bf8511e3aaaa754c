/* The kernel's count of sockets: see watch/sockstat.h. */
#include "config.h"

#include "watch/sockstat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind `name` in the line that begins with `protocol`; 0 if there is none. */
static uint32_t sockstat_number(const char *line, const char *protocol, const char *name)
{
	const char *at = strncmp(line, protocol, strlen(protocol)) == 0 ? strstr(line, name) : NULL;

	return at ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

static uint32_t sockstat_read(const char *path, const char *protocol)
{
	FILE *f = fopen(path, "re");
	uint32_t sockets = 0;
	char line[128];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		sockets += sockstat_number(line, protocol, " inuse ") + sockstat_number(line, protocol, " tw ");
	fclose(f);
	return sockets;
}

/* net/ipv4/proc.c, sockstat_seq_show; net/ipv6/proc.c, sockstat6_seq_show. */
uint32_t sockstat_tcp_sockets(void)
{
	return sockstat_read("/proc/thread-self/net/sockstat", "TCP:") + sockstat_read("/proc/thread-self/net/sockstat6", "TCP6:");
}
