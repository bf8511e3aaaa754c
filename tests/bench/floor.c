/* One dump whose bytes are thrown away, as a program: what a program that lists every socket costs at the least. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "dump_floor.h"

int main(void)
{
	int fd = dump_floor_open();
	int64_t bytes = fd < 0 ? fd : dump_floor(fd);

	if (bytes >= 0)
		return 0;
	fprintf(stderr, "floor: %s\n", strerror((int)-bytes));
	return 1;
}
