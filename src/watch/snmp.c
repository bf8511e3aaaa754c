/* The kernel's count of opened sockets: see watch/snmp.h. */
#include "config.h"

#include "watch/snmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number in the column of this name: a line of names stands above one of numbers (net/ipv4/proc.c, snmp_seq_show_ipstats and below). */
static uint64_t snmp_number(const char *names, const char *numbers, const char *name)
{
	size_t len = strlen(name);

	while (*names && *numbers) {
		size_t names_step = strcspn(names, " \n"), numbers_step = strcspn(numbers, " \n");

		if (names_step == len && memcmp(names, name, len) == 0)
			return strtoull(numbers, NULL, 10);
		names += names_step + (names[names_step] != '\0');
		numbers += numbers_step + (numbers[numbers_step] != '\0');
	}
	return UINT64_MAX;
}

uint64_t snmp_tcp_opens(void)
{
	FILE *f = fopen("/proc/thread-self/net/snmp", "re");
	uint64_t active = UINT64_MAX, passive = UINT64_MAX;
	char names[1024], numbers[1024];

	if (!f)
		return UINT64_MAX;
	while (fgets(names, sizeof(names), f) && fgets(numbers, sizeof(numbers), f)) {
		if (strncmp(names, "Tcp:", 4) != 0)
			continue;
		active = snmp_number(names, numbers, "ActiveOpens");
		passive = snmp_number(names, numbers, "PassiveOpens");
		break;
	}
	fclose(f);
	return active == UINT64_MAX || passive == UINT64_MAX ? UINT64_MAX : active + passive;
}
