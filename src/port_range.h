/* The host's ephemeral ports. */
#ifndef PORT_RANGE_H
#define PORT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct port_range {
	uint16_t low, high;
};

/* net.ipv4.ip_local_port_range of our namespace. False where it is not told: then it is the range that the kernel begins with (net/ipv4/af_inet.c, inet_init_net). */
bool port_range_read(struct port_range *range);

#endif
