/* Control bits in words, in the order in which people say them: SYN+ACK, FIN+ACK, RST+ACK. */
#include "tcp/flags.h"

#include <string.h>

static const struct {
	unsigned flag;
	char name[4];
} flag_names[] = {
	{FLAG_SYN, "SYN"}, {FLAG_FIN, "FIN"}, {FLAG_RST, "RST"}, {FLAG_PSH, "PSH"}, {FLAG_ACK, "ACK"},
	{FLAG_URG, "URG"}, {FLAG_ECE, "ECE"}, {FLAG_CWR, "CWR"}, {FLAG_AE, "AE"},
};

size_t flags_format(unsigned flags, char out[FLAGS_TEXT_ROOM])
{
	size_t len = 0;

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++) {
		size_t name_len = strlen(flag_names[i].name);

		if (!(flags & flag_names[i].flag))
			continue;
		if (len)
			out[len++] = '+';
		memcpy(out + len, flag_names[i].name, name_len);
		len += name_len;
	}
	if (!len)
		out[len++] = '-';
	out[len] = '\0';
	return len;
}
