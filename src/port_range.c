/* The host's ephemeral ports: see port_range.h. */
#include "config.h"

#include "port_range.h"

#include <stdio.h>

bool port_range_read(struct port_range *range)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned low, high;
	bool told;

	*range = (struct port_range){ 32768, 60999 };
	if (!f)
		return false;
	told = fscanf(f, "%u %u", &low, &high) == 2 && low <= high && high <= UINT16_MAX;
	if (told)
		*range = (struct port_range){ (uint16_t)low, (uint16_t)high };
	fclose(f);
	return told;
}
